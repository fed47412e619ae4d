//! Layers: compose projects in the vocabulary of the spec, facts beside it, and a spec laid over both.

use super::compose_projects::{Args, Disk, project, projects};
use scalegen::inputs::compose::convert::layer;
use scalegen::inputs::compose::project::{NamedFile, ProjectRequest, read};
use scalegen::inputs::merge::{MergeCache, Merged, lay_over, over_nothing};
use scalegen::inputs::spec::profiles::Removals;
use scalegen::inputs::spec::{profiles, schema};
use scalegen::inputs::{EnvOrigin, InputFiles, Layer, MountKind, Network, Origin};
use scalegen::model::{self, LoweredBefore};
use scalegen::support::source::{FileId, Source};
use scalegen::syntax::{Node, ParseMode, parse};
use serde_json::{Value as Json, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A spec, in its base part, with the id that specs have.
fn spec(text: &str) -> Rc<Node> {
    let source = Source::new("scalegen.yaml", text);
    let root = parse(FileId(0), &source, ParseMode::Spec).root.unwrap();
    profiles::lay_with(&root, Removals::Kept, &mut Vec::new()).next().unwrap().tree
}

/// The last profile of a spec.
fn profile(text: &str) -> Rc<Node> {
    let source = Source::new("scalegen.yaml", text);
    let root = parse(FileId(0), &source, ParseMode::Spec).root.unwrap();
    profiles::lay_with(&root, Removals::Kept, &mut Vec::new()).last().unwrap().tree
}

/// The layer of one compose file.
fn of(text: &str) -> Layer {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("compose.yml"), text).unwrap();
    let files = vec![NamedFile { path: "compose.yml".to_owned(), at: None }];
    let request = ProjectRequest { files, origin: Origin::Base(0), ..ProjectRequest::default() };
    // the spec is the first file of every run
    let mut into = InputFiles::default();
    into.add(scalegen::inputs::InputFile::new(
        Source::new("scalegen.yaml", ""),
        scalegen::inputs::InputFormat::SPEC,
        Origin::Spec,
    ));
    let project = read(&request, &Disk(folder.path().to_owned()), &mut into);
    assert!(project.findings.is_empty(), "{:?}", project.findings);
    layer(&project, false)
}

fn merged<'l>(layer: &'l Layer, text: &str) -> Merged<'l> {
    lay_over(layer, &spec(text), &mut MergeCache::default())
}

/// What is wrong with an effective spec.
fn faults(tree: &Node) -> Vec<String> {
    let mut faults = schema::ShapeChecker::default().check(tree);
    faults.extend(model::lower(tree, &mut LoweredBefore::default()).findings);
    faults.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect()
}

#[test]
fn what_a_file_says_stands_in_the_words_of_the_spec() {
    let layer = of(r#"
services:
  web:
    image: registry.example.com/web:1.2
    entrypoint: [/start]
    command: serve --threads 4 "two words"
    environment: { A: 1, B: "x y", PASSED: , EMPTY: "${NOBODY:-}", UNKNOWN: "a${NOBODY}", "odd name": 1 }
    ports: ["8080:80", "9000-9002:90", "127.0.0.1::91/udp", "92", "93:93/sctp"]
    expose: [80, "94", "95-96/udp"]
    stop_grace_period: 1m30s
    healthcheck: { test: curl -f localhost, interval: 90s, timeout: 500ms, retries: 4, start_period: 0s }
    deploy:
      replicas: 4
      resources:
        limits: { cpus: "1.50", memory: 512m, pids: 100 }
        reservations: { cpus: 0.25, memory: "1073741824", devices: [{ capabilities: [gpu], count: 2 }] }
      update_config: { parallelism: 2, order: start-first }
  old: { image: x, scale: 2, mem_limit: 1.5g, mem_reservation: 100k, cpus: 0.5, pids_limit: -1 }
"#);
    let tree = merged(&layer, "version: 1\nname: x\n").tree;
    assert_eq!(faults(&tree), Vec::<String>::new());
    let services = tree.to_json()["services"].clone();
    assert_eq!(
        services["web"],
        json!({
            "image": "registry.example.com/web:1.2",
            "command": ["/start"],
            "args": ["serve", "--threads", "4", "two words"],
            "env": { "A": 1, "B": "x y", "EMPTY": "", "UNKNOWN": null },
            "ports": [
                { "port": 80, "publish": 8080 }, { "port": 90, "publish": 9000 }, { "port": 91, "protocol": "udp" },
                { "port": 92 }, { "port": 94 }, { "port": 95, "protocol": "udp" }, { "port": 96, "protocol": "udp" },
            ],
            "replicas": { "min": 4, "max": 4 },
            "resources": {
                "limits": { "cpu": "1.5", "memory": "512Mi", "pids": 100 },
                "requests": { "cpu": "0.25", "memory": "1Gi", "gpu": 2 },
            },
            "health": {
                "command": ["/bin/sh", "-c", "curl -f localhost"], "interval": "1m30s", "timeout": "500ms", "retries": 4,
            },
            "update": { "surge": 2, "unavailable": 0 },
            "stopGracePeriod": "1m30s",
        })
    );
    assert_eq!(
        services["old"],
        json!({
            "image": "x", "replicas": { "min": 2, "max": 2 },
            "resources": {
                "limits": { "cpu": "0.5", "memory": "1536Mi" }, "requests": { "memory": "100Ki" },
            },
        })
    );
    // unknown is not absent
    let unknown = tree.get("services").unwrap().node.get("web").unwrap().node.get("env").unwrap();
    assert!(unknown.node.get("UNKNOWN").unwrap().node.is_unknown());
}

#[test]
fn what_has_no_field_is_a_fact() {
    let layer = of(r#"
services:
  a:
    image: postgres:16
    container_name: the-a
    hostname: ${NOBODY}
    command: postgres -c max_connections=200 -c shared_buffers=256MB
    ports: ["8080-8082:80", "${PORT}:81", "90", { target: 91, published: "91", mode: host }]
    volumes: ["data:/var/lib/postgresql/data", "./conf:/conf:ro", /anon, "${DIR}:/x"]
    tmpfs: /run
    networks: { n: { ipv4_address: 172.16.0.10 } }
    mac_address: "02:42:ac:11:65:43"
    environment: { A: 1, B: , C: "${C:-}", D: "${D}" }
    mem_limit: 1g
    memswap_limit: 2g
    deploy: { mode: global, placement: { max_replicas_per_node: 2 } }
    profiles: [debug]
    devices: ["/dev/a:/dev/b"]
    gpus: [{ device_ids: ["0", "1"] }]
  b: { network_mode: "service:a", build: . }
  c: { network_mode: host, image: x }
volumes: { data: }
networks: { n: }
"#);
    let a = &layer.service("a").unwrap().facts;
    assert_eq!(a.container_name.as_ref().unwrap().value.as_deref(), Some("the-a"));
    assert_eq!(a.hostname.as_ref().unwrap().value, None, "unknown is not absent");
    let ports: Vec<_> =
        a.host_ports.iter().map(|port| (port.host, port.unknown, port.container, port.per_machine)).collect();
    assert_eq!(
        ports,
        [
            (Some((8080, 8082)), false, (80, 80), false),
            (None, true, (81, 81), false),
            (Some((91, 91)), false, (91, 91), true),
        ]
    );
    let mounts: Vec<_> =
        a.mounts.iter().map(|m| (m.kind, m.source.as_deref(), m.target.as_deref(), m.read_only)).collect();
    assert_eq!(
        mounts,
        [
            (MountKind::Volume, Some("data"), Some("/var/lib/postgresql/data"), false),
            (MountKind::Bind, Some("conf"), Some("/conf"), true),
            (MountKind::Anonymous, None, Some("/anon"), false),
            (MountKind::Other, None, Some("/x"), false),
            (MountKind::Tmpfs, None, Some("/run"), false),
        ]
    );
    let addresses: Vec<_> = a.addresses.iter().map(|a| (a.network.as_deref(), a.address.as_deref().unwrap())).collect();
    assert_eq!(addresses, [(None, "02:42:ac:11:65:43"), (Some("n"), "172.16.0.10")]);
    let variables: Vec<_> = a.variables.iter().map(|v| (v.name.as_str(), v.origin)).collect();
    assert_eq!(
        variables,
        [
            ("A", EnvOrigin::Written),
            ("B", EnvOrigin::PassedThrough),
            ("C", EnvOrigin::EmptyUnlessSet),
            ("D", EnvOrigin::EmptyUnlessSet),
        ]
    );
    assert_eq!(a.memory_and_swap.unwrap().value, Some(2 << 30));
    assert_eq!(a.most_per_machine.unwrap().value, Some(2));
    assert!(a.image.unwrap().data.contains(&"/var/lib/postgresql/data"));
    assert!(!a.starts && a.runnable && a.mode.is_some());
    assert_eq!(a.devices.len(), 2);
    assert!(a.devices[1].gpu && a.devices[1].ids == ["0", "1"]);
    let backing = layer.service("a").unwrap().backing.as_ref().unwrap().node.to_json();
    let expected = json!({
        "kind": "postgres", "image": "postgres:16", "memory": "1Gi", "maxConnections": 200, "sharedBuffers": "256Mi",
    });
    assert_eq!(backing, expected);
    assert!(layer.service("a").unwrap().service.node.get("replicas").is_none(), "one on each node");
    assert_eq!(layer.service("b").unwrap().facts.network.as_ref().unwrap().value, Network::Service("a".to_owned()));
    assert_eq!(layer.service("c").unwrap().facts.network.as_ref().unwrap().value, Network::Host);
    assert!(layer.service("b").unwrap().facts.runnable);
}

#[test]
fn a_stack_is_told_from_a_project_of_one_machine() {
    assert!(
        !of("services:\n  a: { image: x, deploy: { replicas: 2, resources: { limits: { memory: 64m } } } }\n").swarm
    );
    for key in [
        "endpoint_mode: dnsrr",
        "update_config: { parallelism: 2 }",
        "placement: { constraints: [node.role == worker] }",
    ] {
        assert!(of(&format!("services:\n  a: {{ image: x, deploy: {{ {key} }} }}\n")).swarm, "{key}");
    }
}

/// A layer alone, under an empty spec, has no fault that the file does not have.
fn sound(what: &str, layer: &Layer, wrong: &mut Vec<String>) {
    let merged = merged(layer, "version: 1\nname: x\n");
    wrong.extend(faults(&merged.tree).into_iter().map(|fault| format!("{what}: {fault}")));
    assert!(merged.dropped.is_empty() && merged.services.iter().all(|service| service.base_only));
}

#[test]
fn every_project_is_a_sound_layer() {
    let mut wrong = Vec::new();
    for folder in projects() {
        let (project, _) = project(&folder, &Args::of(&folder));
        sound(&folder.display().to_string(), &layer(&project, false), &mut wrong);
    }
    if let Some(folder) = std::env::var_os("SCALEGEN_CORPUS").map(PathBuf::from) {
        let folder = if folder.join("compose").is_dir() { folder.join("compose") } else { folder };
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
            let name = path.file_name().unwrap().to_str().unwrap();
            let args = Args { files: vec![name.to_owned()], env_file: None };
            let (project, _) = project(&folder, &args);
            sound(name, &layer(&project, false), &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

const BASE: &str = r#"
services:
  web:
    image: web:1
    ports: ["8080:80", "9090:90"]
    environment: { A: 1, B: 2 }
    healthcheck: { test: [CMD, check], interval: 5s }
    deploy: { replicas: 4, resources: { limits: { memory: 512m, cpus: "1" } } }
  db: { image: "mysql:8", mem_limit: 2g, command: --max-connections=300 }
  other: { image: other, scale: 2 }
"#;

fn over(text: &str) -> (Json, Vec<String>) {
    let layer = of(BASE);
    let merged = merged(&layer, &format!("version: 1\nname: x\n{text}"));
    let dropped = merged.dropped.iter().map(|dropped| {
        assert_eq!((dropped.was.file, dropped.by.file), (FileId(1), FileId(0)));
        format!("{}{}", dropped.path.join("/"), if dropped.replaced { " replaced" } else { "" })
    });
    let dropped = dropped.collect();
    (merged.tree.to_json(), dropped)
}

#[test]
fn a_default_never_beats_a_written_value() {
    let (tree, dropped) = over("services:\n  web: {}\n");
    assert_eq!(tree["services"]["web"]["replicas"], json!({ "min": 4, "max": 4 }));
    assert_eq!(tree["services"]["web"]["resources"]["limits"]["memory"], "512Mi");
    assert_eq!(tree["services"]["other"]["replicas"], json!({ "min": 2, "max": 2 }));
    let names: Vec<&String> = tree["services"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["web", "db", "other"], "the spec's services first");
    assert!(dropped.is_empty());
}

#[test]
fn a_spec_over_a_base() {
    let (tree, dropped) = over(
        "services:\n  web:\n    replicas: { min: 2, max: 8 }\n    env: { B: 3, C: 4 }\n    \
         ports: [{ port: 80, publish: 8000 }, { port: 70 }]\n    health: { tcp: true }\n    \
         resources: { limits: { memory: 1Gi }, requests: { memory: 256Mi } }\n",
    );
    let web = &tree["services"]["web"];
    assert_eq!(web["replicas"], json!({ "min": 2, "max": 8 }));
    assert_eq!(web["env"], json!({ "A": 1, "B": 3, "C": 4 }));
    let ports = json!([{ "port": 80, "publish": 8000 }, { "port": 90, "publish": 9090 }, { "port": 70 }]);
    assert_eq!(web["ports"], ports);
    assert_eq!(web["health"], json!({ "tcp": true }), "an exclusive form replaces the other whole");
    let resources = json!({ "limits": { "memory": "1Gi", "cpu": "1" }, "requests": { "memory": "256Mi" } });
    assert_eq!(web["resources"], resources);
    assert_eq!(dropped, ["services/web/replicas replaced", "services/web/health replaced"]);
}

#[test]
fn a_port_of_the_spec_keeps_what_the_base_says_of_it() {
    let (tree, _) = over("services:\n  web: { port: 80 }\n");
    assert_eq!(tree["services"]["web"]["ports"][0], json!({ "port": 80, "publish": 8080 }));
}

#[test]
fn a_partial_range_over_a_fixed_number_needs_its_other_end() {
    let layer = of(BASE);
    let tree = merged(&layer, "version: 1\nname: x\nservices:\n  web: { replicas: { max: 6 } }\n").tree;
    let found = faults(&tree);
    assert!(found.iter().any(|fault| fault.starts_with("missing-field") && fault.contains("min")), "{found:?}");
}

#[test]
fn a_service_with_a_backing_services_name_is_its_layer() {
    let layer = of(BASE);
    let text = "version: 1\nname: x\nservices:\n  web: {}\nbackingServices:\n  db: { maxConnections: 400 }\n";
    let merged = merged(&layer, text);
    let tree = merged.tree.to_json();
    let db = json!({ "kind": "mysql", "image": "mysql:8", "memory": "2Gi", "maxConnections": 400 });
    assert_eq!(tree["backingServices"]["db"], db);
    assert_eq!(tree["services"].get("db"), None);
    assert_eq!(faults(&merged.tree), Vec::<String>::new());
    let services: Vec<_> = merged.services.iter().map(|s| (&*s.name, s.base_only, s.backing)).collect();
    assert_eq!(services, [("web", false, false), ("db", false, true), ("other", true, false)]);
    let (tree, dropped) = over("backingServices:\n  db: { kind: mysql, external: { urlEnv: DB } }\n");
    assert_eq!(tree["backingServices"]["db"].get("image"), None, "what runs elsewhere has no image here");
    assert_eq!(dropped, ["backingServices/db/image replaced"]);
}

#[test]
fn every_value_has_the_place_of_the_file_that_says_it() {
    let layer = of(BASE);
    let tree = merged(&layer, "version: 1\nname: x\nservices:\n  web: { resources: { limits: { cpu: 2 } } }\n").tree;
    let find = |path: &[&str]| {
        let mut node = Rc::clone(&tree);
        let mut at = node.at();
        for key in path {
            let entry = node.get(key).unwrap().clone();
            (at, node) = (entry.at(), entry.node);
        }
        at.file
    };
    assert_eq!(find(&["services", "web"]), FileId(0), "the spec's key wins");
    assert_eq!(find(&["services", "web", "resources", "limits", "cpu"]), FileId(0));
    assert_eq!(find(&["services", "web", "resources", "limits", "memory"]), FileId(1));
    assert_eq!(find(&["services", "web", "replicas", "max"]), FileId(1));
    assert_eq!(find(&["services", "other"]), FileId(1));
}

#[test]
fn profiles_share_what_was_merged_before() {
    let layer = of(BASE);
    let mut cache = MergeCache::default();
    let overlay = spec("version: 1\nname: x\nservices:\n  web: { replicas: 2 }\n");
    let (one, two) = (lay_over(&layer, &overlay, &mut cache).tree, lay_over(&layer, &overlay, &mut cache).tree);
    let services = |tree: &Rc<Node>| tree.get("services").unwrap().node.entries().to_vec();
    for (one, two) in services(&one).iter().zip(services(&two)) {
        assert!(Rc::ptr_eq(&one.node, &two.node), "{} is merged again", one.key);
    }
}

#[test]
fn text_of_a_file_of_variables_is_not_in_a_layer() {
    let folder = Path::new("fixtures/inputs/compose/dot-env");
    let (project, _) = project(folder, &Args::of(folder));
    let layer = layer(&project, false);
    let tree = merged(&layer, "version: 1\nname: x\n").tree;
    let web = tree.to_json()["services"]["web"].clone();
    assert_eq!(web["replicas"], json!({ "min": 4, "max": 4 }), "numbers count");
    assert_eq!(web["resources"]["limits"]["memory"], "512Mi");
    assert_eq!(web["env"]["WITH"], Json::Null, "text is unknown");
    assert!(!web.to_string().contains("4-web"), "{web}");
}

#[test]
fn a_null_of_spec_or_profile_removes_what_the_base_says() {
    let (tree, dropped) = over(
        "services:\n  web: { health: null, env: { A: null }, ports: ~, resources: { limits: { cpu: null, gpu: null } } }\n  other: null\n",
    );
    let web = &tree["services"]["web"];
    assert_eq!((web.get("health"), web.get("ports")), (None, None));
    assert_eq!(web["env"], json!({ "B": 2 }));
    assert_eq!(web["resources"]["limits"], json!({ "memory": "512Mi" }));
    assert_eq!(tree["services"].get("other"), None);
    let expected = [
        "services/web/env/A",
        "services/web/ports",
        "services/web/resources/limits/cpu",
        "services/web/health",
        "services/other",
    ];
    assert_eq!(dropped, expected, "a null over nothing takes nothing away");

    let layer = of(BASE);
    let text = "version: 1\nname: x\nservices:\n  web: { env: { A: 5, C: 1 }, replicas: 2 }\n\
                profiles:\n  p: { services: { web: { env: { A: null, C: null }, replicas: ~ } } }\n";
    let overlay = profile(text);
    let merged = lay_over(&layer, &overlay, &mut MergeCache::default());
    let web = merged.tree.to_json()["services"]["web"].clone();
    assert_eq!(web["env"], json!({ "B": 2 }), "what spec and base say is gone");
    assert_eq!(web.get("replicas"), None, "the base's number is not uncovered");
    let alone = over_nothing(&overlay);
    assert_eq!(alone.to_json()["services"]["web"], json!({ "env": {} }));
    assert_eq!(faults(&alone), Vec::<String>::new());
}

#[test]
fn a_spec_over_nothing_is_what_it_is_without_layers() {
    for name in ["everything.yaml", "scenarios/flow-like/scalegen.yaml"] {
        let text = fs::read_to_string(Path::new("fixtures").join(name)).unwrap();
        let source = Source::new("scalegen.yaml", text);
        let root = parse(FileId(0), &source, ParseMode::Spec).root.unwrap();
        let plain = profiles::lay(&root, &mut Vec::new());
        let kept = profiles::lay_with(&root, Removals::Kept, &mut Vec::new());
        for (plain, kept) in plain.zip(kept) {
            assert_eq!(plain.tree.to_json(), over_nothing(&kept.tree).to_json(), "{name} {:?}", plain.profile);
        }
    }
}

/// Values of every kind, right nowhere and anywhere.
const ODD: &[&str] = &[
    "1",
    "-1",
    "1.5",
    "1e400",
    ".nan",
    "true",
    "null",
    "\"\"",
    "x",
    "\"\\0\"",
    "\"${X}\"",
    "\"${X:-1}${Y}\"",
    "\"$$\"",
    "[]",
    "[~]",
    "[[1], {a: b}, null, x]",
    "{}",
    "{a: [1]}",
    "{a: {b: }}",
    "!reset null",
    "!override [a]",
    "!override {a: b}",
    "99999999999999999999",
    "\"1-65535:1-65535\"",
    "[\"1-65535\", \"0:0\", \":\", \"::::\", \"/\"]",
    "[{target: }]",
    "[{target: {}, published: []}]",
];

#[test]
fn odd_values_make_nothing_stumble() {
    let below = ["deploy.resources", "deploy.resources.limits", "deploy.resources.limits.memory", "deploy.replicas"];
    let more =
        ["healthcheck.test", "healthcheck.interval", "build.args", "networks.n", "environment.A", "extends.file"];
    let keys = scalegen::inputs::compose::verdicts::KEYS.iter().map(|key| key.name);
    let mut count = 0;
    for key in keys.chain(below).chain(more) {
        for value in ODD {
            let line = key.rsplit('.').fold((*value).to_owned(), |value, key| format!("{{{key}: {value}}}"));
            let text = format!("services:\n  a: {line}\n  b: {{ image: x, extends: a }}\n  c: {line}\n");
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("a.yml"), &text).unwrap();
            fs::write(folder.path().join("b.yml"), format!("services:\n  a: {line}\n  b: {line}\n")).unwrap();
            let args = Args { files: vec!["a.yml".to_owned(), "b.yml".to_owned()], env_file: None };
            let (project, _) = project(folder.path(), &args);
            assert!(project.services.iter().any(|service| &*service.entry.key == "b"), "{text}");
            let layer = layer(&project, false);
            let merged = merged(&layer, "version: 1\nname: x\nservices: { a: { port: 80, health: { tcp: true } } }\n");
            let _ = faults(&merged.tree);
            count += 1;
        }
    }
    assert!(count > 2500, "{count}");
}
