//! What scalegen renders, held before the programs that will read it: every scenario, its base and every profile, every target.
//!
//! A target that a scenario does not name may refuse it with an error; what it does write, the consumer must take.
//! The numbers the consumer read back are compared with the spec's own, computed in `meant`.

use crate::common::judge::{Call, Verdict, judge, not_tested};
use crate::common::meant::{bounds, bytes, cores, entries, fixed, lay, text, whole};
use crate::pipeline::scenarios::Folder;
use scalegen::support::diagnostic::{RuleId, Severity};
use scalegen::targets::OutputFile;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// One spec rendered for one target in one profile.
pub struct Case {
    /// For messages: `flow-like, profile large`.
    pub what: String,
    /// Where the spec and its base stand.
    pub folder: PathBuf,
    /// What the spec means.
    pub spec: Json,
    /// Whether the spec names the target; one it does not name gets no options.
    pub named: bool,
    /// What was written.
    pub files: Vec<OutputFile>,
    /// Fields reported lost or refused: RFC 6901 paths.
    pub said: Vec<(RuleId, String)>,
    /// The files on disk.
    pub out: TempDir,
}

impl Case {
    /// The one file of a target that writes one.
    fn only(&self) -> &OutputFile {
        assert_eq!(self.files.len(), 1, "{}: one file is wanted", self.what);
        &self.files[0]
    }

    fn path(&self, file: &str) -> String {
        self.out.path().join(file).to_str().unwrap().to_owned()
    }

    /// Whether a loss was reported at this field or above or below it.
    fn lost(&self, path: &str) -> bool {
        let near = |said: &str| said.starts_with(path) || path.starts_with(&format!("{said}/"));
        self.said.iter().any(|(rule, said)| *rule == "lost-in-target" && near(said))
    }
}

/// Other options of a target, laid over the spec of every field.
const VARIANTS: &[(&str, &str)] = &[
    ("compose", "{targets: {compose: {base: null}}}"),
    ("nginx", "{targets: {nginx: {maxConns: true}}}"),
    ("nginx", "{targets: {nginx: {from: network, version: \"1.22\"}}}"),
    ("nginx", "{targets: {nginx: {from: network, version: \"1.22\", maxConns: true}}}"),
    ("polyaxon", "{targets: {polyaxon: {chart: \"2.13.0\", redis: external}}}"),
    ("polyaxon", "{limitResources: false}"),
    ("kubernetes", "{targets: {kubernetes: {autoscaler: keda}}}"),
    ("kubernetes", "{targets: {kubernetes: {autoscaler: none, secretName: null}}}"),
    ("kubernetes", "{limitResources: false}"),
];

/// Every scenario and the spec of every field, in the base and every profile, for one target.
fn cases(target: &str) -> Vec<Case> {
    let mut specs: Vec<PathBuf> = fs::read_dir("fixtures/scenarios")
        .unwrap()
        .map(|entry| entry.unwrap().path().join("scalegen.yaml"))
        .chain([PathBuf::from("fixtures/everything.yaml")])
        .collect();
    specs.sort();
    let mut cases = Vec::new();
    for path in specs {
        let mut text = fs::read_to_string(&path).unwrap();
        let mut root: Json = serde_yaml::from_str(&text).unwrap();
        // some targets know only components of their own
        if let Ok(over) = fs::read_to_string(format!("fixtures/everything.{target}.yaml"))
            && path.ends_with("everything.yaml")
        {
            lay(&mut root, &serde_yaml::from_str(&over).unwrap());
            // its profiles change services that are no longer there
            root.as_object_mut().unwrap().shift_remove("profiles");
            text = root.to_string();
        }
        let named = root["targets"].get(target).is_some();
        let profiles = entries(&root, "profiles").map(|(name, _)| Some(name.to_owned()));
        for profile in std::iter::once(None).chain(profiles) {
            cases.extend(case(&path, &text, profile.as_deref(), target, named));
        }
        let variants = VARIANTS.iter().filter(|(of, _)| path.ends_with("everything.yaml") && *of == target);
        for (_, over) in variants {
            let mut root = root.clone();
            lay(&mut root, &serde_yaml::from_str(over).unwrap());
            let case = case(&path, &root.to_string(), None, target, true).unwrap();
            cases.push(Case { what: format!("{} with {over}", case.what), ..case });
        }
    }
    assert!(cases.iter().any(|case| case.named), "no scenario names the target {target}");
    cases
}

fn case(path: &Path, text: &str, profile: Option<&str>, target: &str, named: bool) -> Option<Case> {
    let folder = path.parent().unwrap().to_path_buf();
    let what = format!("{}, {target}, {}", path.display(), profile.unwrap_or("base"));
    let files = Folder(folder.clone());
    let rendered = scalegen::render("scalegen.yaml", text.as_bytes(), &files, profile, &[target.to_owned()])
        .unwrap_or_else(|bug| panic!("{what}: {bug}"));
    let checked = rendered.checked;
    let errors: Vec<String> = checked
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| format!("{}: {}", finding.rule, finding.message))
        .collect();
    if !errors.is_empty() {
        assert!(!named, "{what}: a scenario is a spec that works, but {errors:?}");
        return None;
    }
    let said = checked.findings.iter().map(|finding| finding.rule.clone()).zip(checked.paths).collect();
    let (_, files) = rendered.files.into_iter().next().unwrap();
    if files.is_empty() && !named {
        return None;
    }
    let out = TempDir::new().unwrap();
    for file in &files {
        let path = out.path().join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &file.text).unwrap();
    }
    Some(Case { what, folder, spec: whole(text, profile), named, files, said, out })
}

// compose

/// Names that stand in `${NAME:?…}`: compose does not start without them.
pub fn required(text: &str) -> Vec<String> {
    let names = text.split("${").skip(1).filter_map(|rest| rest.split_once(":?"));
    names.map(|(name, _)| name.to_owned()).filter(|name| !name.contains('}')).collect()
}

/// The files of a compose case in the order in which they are merged.
fn compose_files(case: &Case) -> Vec<String> {
    let file = case.only();
    let own = case.path(&file.path);
    let base = case.spec["targets"]["compose"]["base"].as_str().filter(|_| case.named);
    match base {
        Some(base) => vec![case.folder.join(base).to_str().unwrap().to_owned(), own],
        None if file.path == "compose.yaml" => vec![own],
        None => {
            let services: serde_json::Map<String, Json> = read(&file.text)["services"]
                .as_object()
                .unwrap()
                .keys()
                .map(|name| (name.clone(), json!({"image": "x"})))
                .collect();
            let base = case.path("base.json");
            fs::write(&base, json!({"services": services}).to_string()).unwrap();
            vec![base, own]
        }
    }
}

fn compose(files: &[String], required: &[String]) -> Option<Verdict> {
    let args = files.iter().map(String::as_str).collect();
    Call { args, env: required.iter().map(|name| (name.as_str(), "given")).collect(), input: "" }.ask("compose.sh")
}

/// A YAML text as JSON; local tags are skipped.
pub fn read(text: &str) -> Json {
    fn plain(value: serde_yaml::Value) -> Json {
        match value {
            serde_yaml::Value::Tagged(tagged) => plain(tagged.value),
            serde_yaml::Value::Sequence(items) => items.into_iter().map(plain).collect(),
            serde_yaml::Value::Mapping(fields) => Json::Object(
                fields
                    .into_iter()
                    .map(|(key, value)| {
                        (key.as_str().unwrap_or_else(|| panic!("the key {key:?}")).to_owned(), plain(value))
                    })
                    .collect(),
            ),
            scalar => serde_json::to_value(scalar).unwrap(),
        }
    }
    plain(serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}")))
}

/// First and last host port of each published port of each service: (service, protocol, address, first, last).
fn published(project: &Json) -> Vec<(String, String, String, u64, u64)> {
    let mut all = Vec::new();
    for (name, service) in entries(project, "services") {
        for port in service["ports"].as_array().into_iter().flatten() {
            let Some(range) = port["published"].as_str() else { continue };
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let word = |key: &str| port[key].as_str().unwrap_or_default().to_owned();
            all.push((
                name.to_owned(),
                word("protocol"),
                word("host_ip"),
                first.parse().unwrap(),
                last.parse().unwrap(),
            ));
        }
    }
    all
}

/// No host port is asked for twice, and no service has fewer than it has replicas.
pub fn check_host_ports(what: &str, project: &Json) {
    let all = published(project);
    for (index, (service, protocol, ip, first, last)) in all.iter().enumerate() {
        let replicas = project["services"][service]["deploy"]["replicas"].as_u64().unwrap_or(1);
        assert!(last - first + 1 >= replicas, "{what}: {replicas} replicas of {service} share {first}-{last}");
        for (other, other_protocol, other_ip, from, to) in &all[index + 1..] {
            let apart = protocol != other_protocol || (ip != other_ip && !ip.is_empty() && !other_ip.is_empty());
            assert!(
                apart || last < from || to < first,
                "{what}: {service} {first}-{last} and {other} {from}-{to} meet"
            );
        }
    }
}

fn check_compose_service(case: &Case, name: &str, service: &Json, merged: &Json, under: &Json) {
    let what = format!("{}: {name}", case.what);
    let deploy = &merged["deploy"];
    let replicas = fixed(service);
    assert_eq!(deploy["replicas"].as_u64().unwrap_or(1), replicas, "{what}: replicas");
    let limited = case.spec["limitResources"].as_bool().unwrap_or(true);
    for (from, to) in [("requests", "reservations"), ("limits", "limits")] {
        let amounts = match from == "limits" && !limited {
            true => Json::Null,
            false => service["resources"][from].clone(),
        };
        let (own, base) = (&deploy["resources"][to], &under["deploy"]["resources"][to]);
        let number = |value: &Json| value.as_f64().or_else(|| value.as_str()?.parse().ok());
        for (key, meant) in [("cpus", cores(&amounts["cpu"])), ("memory", bytes(&amounts["memory"]))] {
            assert_eq!(number(&own[key]), meant.or_else(|| number(&base[key])), "{what}: {to}.{key}");
        }
        if to == "limits" {
            assert_eq!(own["pids"].as_u64(), amounts["pids"].as_u64().or(base["pids"].as_u64()), "{what}: pids");
        }
    }
    if let Some(gpus) = service["resources"]["requests"]["gpu"].as_u64() {
        assert_eq!(deploy["resources"]["reservations"]["devices"][0]["count"], gpus, "{what}: GPUs");
    }
    if let Some(env) = service["concurrency"]["env"].as_str() {
        assert_eq!(text(&merged["environment"][env]), text(&service["concurrency"]["limit"]), "{what}: {env}");
    }
    for (variable, value) in entries(service, "env") {
        assert_eq!(text(&merged["environment"][variable]), text(value), "{what}: {variable}");
    }
    for secret in service["sharedSecrets"].as_array().into_iter().flatten() {
        assert_eq!(merged["environment"][secret.as_str().unwrap()], "given", "{what}: {secret}");
    }
    for port in service["ports"].as_array().into_iter().flatten() {
        let Some(publish) = port["publish"].as_u64() else { continue };
        let range = if replicas > 1 { format!("{publish}-{}", publish + replicas - 1) } else { publish.to_string() };
        let found = merged["ports"].as_array().unwrap().iter().find(|written| written["target"] == port["port"]);
        assert_eq!(found.unwrap()["published"], range, "{what}: port {}", port["port"]);
    }
}

#[test]
fn compose_takes_every_file_and_reads_the_specs_numbers() {
    let mut judged = 0;
    for case in cases("compose") {
        if case.only().path.starts_with("stack") {
            continue; // docker stack judges it
        }
        let files = compose_files(&case);
        let required = required(&case.only().text);
        let Some(verdict) = compose(&files, &required) else { return };
        let project = verdict.accepted(&case.what, &case.only().text).json();
        judged += 1;
        let under = match files.len() {
            2 => compose(&files[..1], &required).unwrap().accepted(&case.what, "").json(),
            _ => Json::Null,
        };
        check_host_ports(&case.what, &project);
        for (name, service) in entries(&case.spec, "services") {
            check_compose_service(&case, name, service, &project["services"][name], &under["services"][name]);
        }
        check_backing(&case, &project);
        for name in &required {
            let others: Vec<String> = required.iter().filter(|other| *other != name).cloned().collect();
            let verdict = compose(&files, &others).unwrap();
            assert!(
                !verdict.accepted && verdict.err.contains(name),
                "{}: {name} is not required: {}",
                case.what,
                verdict.err
            );
        }
    }
    assert!(judged > 5, "only {judged} compose files were judged");
}

fn check_backing(case: &Case, project: &Json) {
    for (name, backing) in entries(&case.spec, "backingServices") {
        let merged = &project["services"][name];
        if !backing["external"].is_null() {
            assert!(merged.is_null(), "{}: {name} is external, but a service of it is written", case.what);
            continue;
        }
        let words = [("maxConnections", "max_connections"), ("reservedConnections", "superuser_reserved_connections")];
        for (field, flag) in words.iter().filter(|_| backing["kind"] == "postgres") {
            let Some(number) = backing[field].as_u64() else { continue };
            let path = format!("/backingServices/{name}/{field}");
            let command: Vec<&str> =
                merged["command"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
            let written = command.contains(&format!("{flag}={number}").as_str());
            assert!(
                written || case.lost(&path) || case.lost(&format!("/backingServices/{name}")),
                "{}: {path} is lost without a word",
                case.what
            );
        }
        if let (Some(memory), false) = (bytes(&backing["memory"]), merged.is_null()) {
            let limit = merged["deploy"]["resources"]["limits"]["memory"].as_str().and_then(|text| text.parse().ok());
            let limited = case.spec["limitResources"].as_bool().unwrap_or(true);
            assert!(!limited || limit == Some(memory), "{}: {name} has {limit:?} bytes, not {memory}", case.what);
        }
    }
}

// nginx

#[test]
fn nginx_takes_every_configuration() {
    let mut judged = 0;
    for case in cases("nginx") {
        let file = case.only();
        let names: Vec<&str> = entries(&case.spec, "services").map(|(name, _)| name).collect();
        let by_name = !file.text.contains("127.0.0.1:") || file.text.contains("resolver");
        let path = case.path(&file.path);
        let mut args: Vec<&str> = Vec::new();
        if by_name {
            names.iter().for_each(|name| args.extend(["--name", name]));
        }
        args.push(&path);
        let servers: Vec<u64> = file
            .text
            .split("server 127.0.0.1:")
            .skip(1)
            .filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok())
            .collect();
        let mut meant = Vec::new();
        if case.spec["targets"]["nginx"]["from"] != "network" {
            for (_, service) in entries(&case.spec, "services").filter(|(_, service)| !service["expose"].is_null()) {
                let ports = service["ports"].as_array().into_iter().flatten();
                if let Some(publish) = ports.filter_map(|port| port["publish"].as_u64()).next() {
                    meant.extend((0..fixed(service)).map(|index| publish + index));
                }
            }
        }
        assert_eq!(servers, meant, "{}: not one server for each replica\n{}", case.what, file.text);
        let limits = case.named && case.spec["targets"]["nginx"]["maxConns"] == true;
        let limits = limits && !case.lost("/targets/nginx/maxConns");
        assert_eq!(file.text.contains("max_conns"), limits, "{}: max_conns", case.what);
        if let Some(verdict) = judge("nginx.sh", &args) {
            let known = verdict.accepted(&case.what, &file.text).json();
            assert_eq!(known["warnings"], json!([]), "{}\n{}", case.what, file.text);
            judged += 1;
        } else {
            return;
        }
    }
    assert!(judged > 2, "only {judged} configurations were judged");
}

// polyaxon

fn check_polyaxon_component(case: &Case, name: &str, service: &Json, config: &Json) {
    let what = format!("{}: {name}", case.what);
    let path = format!("/services/{name}");
    let written =
        [("replicas", Some(json!(fixed(service)))), ("concurrency", service["concurrency"].get("limit").cloned())];
    for (key, meant) in written {
        let at = format!("{path}/{key}");
        match (config[name].get(key), meant) {
            (Some(read), Some(meant)) => assert_eq!(*read, meant, "{what}: {key}"),
            (None, Some(meant)) => {
                // one replica is what the chart starts where nothing else is said
                let silent = key == "replicas" && meant == json!(1);
                assert!(silent || case.lost(&at), "{what}: {key} {meant} is lost without a word");
            }
            (_, None) => {}
        }
    }
    for part in ["requests", "limits"] {
        for (key, read) in [("cpu", cores as fn(&Json) -> Option<f64>), ("memory", bytes)] {
            let limited = case.spec["limitResources"].as_bool().unwrap_or(true);
            let meant = read(&service["resources"][part][key]).filter(|_| limited || part == "requests");
            let got = read(&config[name]["resources"][part][key]);
            let lost = case.lost(&format!("{path}/resources/{part}/{key}"));
            assert!(got == meant || (got.is_none() && lost), "{what}: {part}.{key} is {got:?}, not {meant:?}");
        }
    }
}

#[test]
fn polyaxons_own_reader_takes_every_values_file() {
    for case in cases("polyaxon") {
        let file = case.only();
        let chart = text(&case.spec["targets"]["polyaxon"]["chart"]).unwrap();
        let judge_of_chart = match chart.as_str() {
            old if old.starts_with("0.") => "polyaxon_v0.py",
            middle if middle.starts_with("1.") => {
                not_tested(&format!("the values of chart {middle}: no reader of its time can be installed"));
                continue;
            }
            _ => "polyaxon.py",
        };
        let path = case.path(&file.path);
        if case.spec["targets"]["polyaxon"]["redis"] == "external" && read(&file.text)["broker"] == "redis" {
            // what the finding there says is to be added by hand
            assert!(case.lost("/targets/polyaxon/redis"), "{}", case.what);
            fs::write(&path, format!("{}\nexternalServices: {{redis: {{host: redis, port: 6379}}}}\n", file.text))
                .unwrap();
        }
        let Some(verdict) = judge(judge_of_chart, &[&path]) else { return };
        let verdict = verdict.accepted(&case.what, &file.text).json();
        assert_eq!(verdict["warnings"], json!([]), "{}\n{}", case.what, file.text);
        let config = &verdict["config"];
        let limited = case.spec["limitResources"].as_bool().unwrap_or(true);
        assert_eq!(config["limitResources"], limited, "{}", case.what);
        for (name, service) in entries(&case.spec, "services") {
            check_polyaxon_component(&case, name, service, config);
        }
    }
}

// kubernetes

#[test]
fn kubernetes_takes_every_manifest() {
    let mut judged = 0;
    for case in cases("kubernetes") {
        let options = case.spec["targets"]["kubernetes"].clone();
        let version = text(&options["version"]).filter(|_| case.named);
        let mut args: Vec<String> =
            version.iter().flat_map(|version| ["--kubernetes".to_owned(), version.clone()]).collect();
        args.push("-".to_owned());
        let built = match build(&case) {
            Some(built) => built,
            None => return,
        };
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let Some(verdict) = (Call { args, env: Vec::new(), input: &built }).ask("k8s.py") else { return };
        verdict.accepted(&case.what, &built);
        judged += 1;
        let objects: Vec<Json> = serde_yaml::Deserializer::from_str(&built)
            .map(|document| serde::Deserialize::deserialize(document).unwrap())
            .collect();
        let over = case.spec["targets"]["kubernetes"]["base"].is_string() && case.named;
        // what is laid over a base has names and amounts of the base too
        let own = entries(&case.spec, "services").filter(|(_, service)| !over || !service["image"].is_null());
        for (name, service) in own {
            check_workload(&case, name, service, &objects);
        }
    }
    assert!(judged > 5, "only {judged} sets of manifests were judged");
}

/// What kustomize makes of the folder; patches are laid over workloads that stand beside them.
fn build(case: &Case) -> Option<String> {
    let all: String = case.files.iter().map(|file| format!("# {}\n{}", file.path, file.text)).collect();
    let kustomization = case.files.iter().find(|file| file.path == "kustomization.yaml").map(|file| read(&file.text));
    let mut folder = case.out.path().to_path_buf();
    let outer = TempDir::new().unwrap();
    if kustomization.is_some_and(|root| root["kind"] == "Component") {
        let under: String = case
            .files
            .iter()
            .filter(|file| file.path.ends_with("-patch.yaml"))
            .map(|file| format!("---\n{}\n", under_patch(&read(&file.text))))
            .collect();
        let base = case.spec["targets"]["kubernetes"]["base"].as_str().filter(|_| case.named);
        let base = base.map(|base| fs::read_to_string(case.folder.join(base)).unwrap());
        fs::write(outer.path().join("base.yaml"), base.unwrap_or(under)).unwrap();
        std::os::unix::fs::symlink(case.out.path(), outer.path().join("scale")).unwrap();
        let root = json!({
            "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
            "resources": ["base.yaml"], "components": ["scale"],
        });
        fs::write(outer.path().join("kustomization.yaml"), root.to_string()).unwrap();
        folder = outer.path().to_path_buf();
    }
    let verdict = judge("kustomize.sh", &[folder.to_str().unwrap()])?;
    Some(verdict.accepted(&case.what, &all).out)
}

/// A workload as small as one can be, for a patch to be laid over: it has an image, and a probe and limits of its own.
fn under_patch(patch: &Json) -> Json {
    let name = &patch["metadata"]["name"];
    let mut under = json!({
        "apiVersion": "apps/v1", "kind": patch["kind"], "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{
                    "name": name, "image": "example/image:1",
                    "readinessProbe": {"tcpSocket": {"port": 1}},
                }]},
            },
        },
    });
    if patch["kind"] == "StatefulSet" {
        under["spec"]["serviceName"] = name.clone();
    }
    under
}

fn check_workload(case: &Case, name: &str, service: &Json, objects: &[Json]) {
    let what = format!("{}: {name}", case.what);
    let mut workloads = objects.iter().filter(|object| {
        ["Deployment", "StatefulSet"].contains(&object["kind"].as_str().unwrap_or_default())
            && object["metadata"]["name"] == name
    });
    let workload = workloads.next().unwrap_or_else(|| panic!("{what}: no workload"));
    let scaler = objects.iter().find(|object| object["spec"]["scaleTargetRef"]["name"] == name);
    let (min, max) = bounds(service);
    match scaler {
        Some(scaler) => {
            assert!(workload["spec"].get("replicas").is_none(), "{what}: `replicas` beside an autoscaler");
            let peak =
                service["schedule"].as_array().into_iter().flatten().map(|window| bounds(window).1).fold(max, u64::max);
            let peak = if case.lost(&format!("/services/{name}/schedule")) { max } else { peak };
            if scaler["kind"] == "ScaledObject" {
                let windows = service["schedule"].as_array().into_iter().flatten();
                let least = windows.map(|window| bounds(window).0).fold(min, u64::min);
                assert_eq!(scaler["spec"]["minReplicaCount"], least, "{what}");
                assert_eq!(scaler["spec"]["maxReplicaCount"], peak, "{what}");
            } else {
                assert_eq!(scaler["spec"]["minReplicas"], min.max(1), "{what}");
                assert_eq!(scaler["spec"]["maxReplicas"], max, "{what}");
            }
        }
        // a patch says nothing where the spec says nothing
        None => assert_eq!(workload["spec"]["replicas"].as_u64().unwrap_or(1), fixed(service), "{what}: replicas"),
    }
    let container = &workload["spec"]["template"]["spec"]["containers"][0];
    let limited = case.spec["limitResources"].as_bool().unwrap_or(true);
    for part in ["requests", "limits"] {
        for (key, read) in [("cpu", cores as fn(&Json) -> Option<f64>), ("memory", bytes)] {
            let meant = read(&service["resources"][part][key]).filter(|_| limited || part == "requests");
            assert_eq!(read(&container["resources"][part][key]), meant, "{what}: {part}.{key}");
        }
    }
    let ports: BTreeSet<u64> =
        container["ports"].as_array().into_iter().flatten().filter_map(|port| port["containerPort"].as_u64()).collect();
    let meant: BTreeSet<u64> =
        service["ports"].as_array().into_iter().flatten().filter_map(|port| port["port"].as_u64()).collect();
    assert_eq!(ports, meant, "{what}: ports");
}
