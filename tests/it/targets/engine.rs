//! A real Docker engine and a real nginx: containers with the spec's limits, and requests spread over all of them.
//!
//! Where no engine can start, one line on stderr says why and the test passes: what happened is in the log either way.

use super::engine_refusals::{ROWS, file};
use crate::common::judge::{Call, Verdict as Judged, judge, say};
use crate::pipeline::scenarios::Folder;
use scalegen::inputs::compose::verdicts::{KEYS, KeyVerdict};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::path::Path;

const REPLICAS: usize = 3;

/// `{n}` is a port; tests of two checkouts may run at once, so each run takes ports of its own.
const BASE: &str = "services:
  api:
    image: scalegen-test:1
    init: true
    ports: [\"127.0.0.1:{0}:80\"]
  worker:
    image: scalegen-test:1
    ports: [\"127.0.0.1:{10}:80\", \"127.0.0.1:{20}:8080\"]
";

const SPEC: &str = "version: 1
name: live
services:
  api:
    port: 80
    publish: {0}
    replicas: 3
    concurrency: { limit: 7, env: SLOTS }
    env: { GREETING: \"a $HOME b\" }
    sharedSecrets: [SIGNING_KEY]
    expose: { method: round-robin }
    resources:
      requests: { cpu: 100m, memory: 16Mi }
      limits: { cpu: 250m, memory: 64Mi, pids: 50 }
  worker:
    replicas: 2
    resources:
      limits: { cpu: 500m, memory: 32Mi }
targets:
  compose: { base: compose.yml }
  nginx: { listen: {29} }
";

/// The first of thirty ports on which nothing listens.
fn free_ports() -> u16 {
    let blocks = (0..400u16).map(|n| 18_100 + (n + u16::try_from(std::process::id() % 400).unwrap()) % 400 * 30);
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    blocks.into_iter().find(|first| (*first..first + 30).all(free)).expect("thirty free ports")
}

fn with_ports(text: &str, first: u16) -> String {
    [0, 10, 20, 29].iter().fold(text.to_owned(), |text, n| text.replace(&format!("{{{n}}}"), &(first + n).to_string()))
}

/// Takes the project down, and the engine if it was started here, however the test ends.
struct Running<'a> {
    files: &'a [String],
    ours: bool,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        live("down", self.files);
        if self.ours {
            judge("engine.sh", &["stop"]);
        }
    }
}

fn live(verb: &str, files: &[String]) -> Option<Judged> {
    let args = std::iter::once(verb).chain(files.iter().map(String::as_str)).collect();
    Call { args, env: vec![("SIGNING_KEY", "the same for all")], input: "" }.ask("live.sh")
}

fn render(dir: &Path, spec: &str, target: &str) -> String {
    let rendered =
        scalegen::render("scalegen.yaml", spec.as_bytes(), &Folder(dir.to_path_buf()), None, &[target.to_owned()])
            .unwrap();
    let findings: Vec<&str> = rendered.checked.findings.iter().map(|finding| finding.message.as_str()).collect();
    let file = &rendered.files.first().unwrap_or_else(|| panic!("{findings:?}")).1[0];
    let path = dir.join(&file.path);
    fs::write(&path, &file.text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn an_engine_runs_the_override_and_nginx_spreads_over_its_replicas() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().join("compose.yml");
    let first = free_ports();
    fs::write(&base, with_ports(BASE, first)).unwrap();
    let spec = with_ports(SPEC, first);
    let files = [base.to_str().unwrap().to_owned(), render(dir.path(), &spec, "compose")];
    let conf = render(dir.path(), &spec, "nginx");
    let written = fs::read_to_string(&files[1]).unwrap();

    let ours = judge("engine.sh", &["status"]).is_some_and(|status| !status.accepted);
    let Some(engine) = judge("engine.sh", &["start"]) else { return };
    say(&format!("live test: {}", engine.out.trim()));
    if !engine.accepted {
        return;
    }
    let running = Running { files: &files, ours };
    conflicts_are_refused(dir.path());
    cores_that_no_machine_has_are_refused(dir.path());
    rows_are_the_engine_s(dir.path());
    let up = live("up", running.files).unwrap().accepted("the override", &written).json();
    let names = check_containers(&up["containers"], first);

    let asked = live("ask", running.files).unwrap().accepted("the published ports", &written).json();
    let ports: BTreeSet<u16> = asked["answers"].as_object().unwrap().keys().map(|port| port.parse().unwrap()).collect();
    assert_eq!((0..3).filter(|n| ports.contains(&(first + n))).count(), REPLICAS, "{asked}");
    // two workers have two ports each; the host ports of the base, which they cannot share, are gone
    assert_eq!(ports.len(), REPLICAS + 4, "{asked}");
    assert!(!ports.contains(&(first + 10)) && !ports.contains(&(first + 20)), "{asked}");

    if let Some(verdict) = judge("live-nginx.sh", &[&conf, &format!("http://127.0.0.1:{}/", first + 29), "30"]) {
        let spread = verdict.accepted("nginx", &fs::read_to_string(&conf).unwrap()).json();
        assert_eq!(spread["status"]["200"], 30, "{spread}");
        let answered: BTreeSet<String> = spread["answers"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(answered, names, "not every replica answered: {spread}");
        say("live test: nginx spread 30 requests over 3 replicas");
    }
}

/// What the table of compose's keys calls a conflict with limits, the engine refuses beside them.
fn conflicts_are_refused(dir: &Path) {
    let mut count = 0;
    for key in KEYS.iter().filter(|key| matches!(key.verdict, KeyVerdict::Conflict(_))) {
        let path = dir.join(format!("{}.yml", key.name));
        let limits = "deploy: { resources: { limits: { cpus: \"0.5\", memory: 2g } } }";
        let text = format!(
            "name: conflict\nservices:\n  web:\n    image: scalegen-test:1\n    {}: {}\n    {limits}\n",
            key.name, key.example
        );
        fs::write(&path, text).unwrap();
        let files = [path.to_str().unwrap().to_owned()];
        let up = live("up", &files).unwrap();
        live("down", &files);
        let said = format!("{}{}", up.out, up.err);
        assert!(!up.accepted, "{}: the engine takes it beside limits", key.name);
        assert!(said.contains("Conflicting options") || said.contains("memoryswap"), "{}: {said}", key.name);
        count += 1;
    }
    assert_eq!(count, 3);
}

/// The engine's own word on each row of the table.
fn rows_are_the_engine_s(dir: &Path) {
    for (row, starts) in ROWS {
        let path = dir.join("refused.yml");
        fs::write(&path, file(row)).unwrap();
        let files = [path.to_str().unwrap().to_owned()];
        let up = live("up", &files).unwrap();
        live("down", &files);
        assert_eq!(up.accepted, starts, "{row}: {}{}", up.out, up.err);
    }
    say(&format!("live test: the engine agrees on {} values", ROWS.len()));
}

/// A limit of more cores than the machine has: refused by lint, and by the engine with the same number; as many are taken by both.
fn cores_that_no_machine_has_are_refused(dir: &Path) {
    let cores = std::thread::available_parallelism().unwrap().get();
    for (limit, good) in [(cores, true), (cores + 1, false)] {
        let spec = format!(
            "version: 1\nname: cores\ncapacity: {{ nodes: [{{ count: 1, cpu: {cores}, memory: 4Gi }}] }}\nservices:\n  web:\n    \
             image: scalegen-test:1\n    resources: {{ requests: {{ cpu: 100m, memory: 16Mi }}, limits: {{ cpu: {limit}, memory: 64Mi }} }}\n\
             targets: {{ compose: {{}} }}\n"
        );
        let linted = scalegen::lint("scalegen.yaml", spec.as_bytes(), &Folder(dir.to_path_buf()), &Default::default());
        let refused = linted.findings.iter().any(|finding| finding.rule == "refused-by-target");
        assert_eq!(refused, !good, "{limit} of {cores} cores: {:?}", linted.findings);

        let path = dir.join("cores.yml");
        let limits = format!("deploy: {{ resources: {{ limits: {{ cpus: \"{limit}\" }} }} }}");
        fs::write(&path, format!("name: cores\nservices:\n  web: {{ image: \"scalegen-test:1\", {limits} }}\n"))
            .unwrap();
        let files = [path.to_str().unwrap().to_owned()];
        let up = live("up", &files).unwrap();
        live("down", &files);
        let said = format!("{}{}", up.out, up.err);
        assert_eq!(up.accepted, good, "{limit} of {cores} cores: {said}");
        assert!(good || said.contains("CPUs available"), "{said}");
    }
}

/// The engine's own numbers are the spec's. Returns the host names of the replicas behind the balancer.
fn check_containers(containers: &Json, first: u16) -> BTreeSet<String> {
    let of = |service: &str| -> Vec<&Json> {
        containers.as_array().unwrap().iter().filter(|container| container["service"] == service).collect()
    };
    let (api, worker) = (of("api"), of("worker"));
    assert_eq!((api.len(), worker.len()), (REPLICAS, 2), "{containers}");
    let own = u64::from(first)..u64::from(first) + REPLICAS as u64;
    let mut hosts = BTreeSet::new();
    for container in &api {
        assert_eq!(container["running"], true);
        assert_eq!(container["NanoCpus"], 250_000_000, "{container}");
        assert_eq!(container["Memory"], 64 << 20, "{container}");
        assert_eq!(container["MemoryReservation"], 16 << 20, "{container}");
        assert_eq!(container["PidsLimit"], 50, "{container}");
        assert_eq!(container["env"]["SLOTS"], "7", "{container}");
        assert_eq!(container["env"]["GREETING"], "a $HOME b", "{container}");
        assert_eq!(container["env"]["SIGNING_KEY"], "the same for all", "{container}");
        let ports = container["ports"].as_array().unwrap();
        hosts.extend(ports.iter().filter_map(|port| port["host"].as_u64()));
    }
    assert_eq!(hosts, own.clone().collect(), "{containers}");
    for container in &worker {
        assert_eq!(container["NanoCpus"], 500_000_000, "{container}");
        assert_eq!(container["Memory"], 32 << 20, "{container}");
    }
    api.iter().map(|container| container["hostname"].as_str().unwrap().to_owned()).collect()
}
