//! `convox.yml` read and checked as it is: what Convox drops or refuses is told where it stands, what it takes is summed up and judged.

use crate::cli::program::{scalegen, with_input};
use std::fs;
use tempfile::TempDir;

/// What lint says of one file: rule and line of each finding, sorted, with its message.
fn found(text: &str) -> Vec<(String, u64, String)> {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("convox.yml"), text).unwrap();
    let ran = scalegen(dir.path(), &["lint", "convox.yml", "--format", "json"]);
    let said: serde_json::Value =
        serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{why}: {}{}", ran.out, ran.err));
    let mut all: Vec<(String, u64, String)> = said["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            assert_eq!(one["file"], "convox.yml", "{one}");
            let line = one["start"]["line"].as_u64().unwrap_or_else(|| panic!("{one}"));
            (one["rule"].as_str().unwrap().to_owned(), line, one["message"].as_str().unwrap().to_owned())
        })
        .collect();
    all.sort();
    all
}

fn rules_at(text: &str) -> Vec<(String, u64)> {
    found(text).into_iter().map(|(rule, line, _)| (rule, line)).collect()
}

#[test]
fn what_convox_takes_is_silent() {
    let text = "environment:\n  - LOG=debug\nresources:\n  cache: { type: redis }\nservices:\n  web:\n    build: .\n    port: https:3000\n    \
        health: /check\n    environment: [A=1, B, \"C=${HOME}\"]\n    scale: { count: 2-10, cpu: 256, memory: 512, limit: { memory: 1024 }, targets: { cpu: 70 } }\n    \
        deployment: { minimum: 50, maximum: 200 }\n    termination: { grace: 45 }\n  worker:\n    image: shop/worker:1\n    \
        resources: [cache]\n    scale: { min: 0, max: 5, cpu: 250, memory: 512, autoscale: { queueDepth: { threshold: 10, query: q, prometheusUrl: http://p } } }\n  \
        agent:\n    image: shop/agent:1\n    agent: true\n    scale: { cpu: 100, memory: 64 }\n  timer:\n    image: shop/timer:1\n    scale: \"${COUNT}\"\n";
    let all: Vec<_> = found(text).into_iter().filter(|(rule, ..)| rule != "files-without-limits").collect();
    assert!(all.is_empty(), "{all:?}");
}

#[test]
fn what_convox_drops_or_refuses_is_told_at_its_line() {
    let text = "services:\n  web:\n    image: shop/web:1\n    scale:\n      count: 3+\n      cpu: \"250\"\n      memory: 512Mi\n  api:\n    image: shop/api:1\n    \
        scale: [1, 2]\n  worker:\n    image: shop/worker:1\n    scale: { count: 2, cpu: 0.5, memory: 512 }\n";
    let all = found(text);
    let wrong: Vec<u64> = all.iter().filter(|(rule, ..)| rule == "wrong-type").map(|(_, line, _)| *line).collect();
    assert_eq!(wrong, [5, 6, 7, 10, 13], "{all:?}");
    let said = |line: u64| {
        all.iter().find(|(rule, at, _)| rule == "wrong-type" && *at == line).map(|one| one.2.as_str()).unwrap()
    };
    assert!(said(5).contains("`3+` is not a number of replicas: Convox refuses the file"), "{}", said(5));
    assert!(said(7).contains("Convox drops `memory` without a word, and 512 holds"), "{}", said(7));
}

#[test]
fn the_arithmetic_of_rules_holds_for_it() {
    // more asked for than allowed, more at the least than at the most, and a heap above the memory
    let text = "services:\n  web:\n    image: shop/web:1\n    scale: { count: 2, cpu: 500, memory: 1024, limit: { cpu: 250, memory: 512 } }\n  \
        api:\n    image: shop/api:1\n    scale: { min: 4, max: 2, memory: 256 }\n";
    let all = rules_at(text);
    for wanted in [("request-above-limit", 4), ("min-above-max", 7)] {
        assert!(all.contains(&(wanted.0.to_owned(), wanted.1)), "{wanted:?}: {all:?}");
    }
}

#[test]
fn hostile_files_are_findings() {
    for text in [
        "services: [\n",
        "services:\n  web: &a { scale: *a }\n",
        "- 1\n",
        "services: 3\n",
        "services:\n  web: ~\n",
        "\u{0}",
    ] {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("convox.yml"), text).unwrap();
        let ran = scalegen(dir.path(), &["lint", "convox.yml"]);
        assert!([0, 1].contains(&ran.code), "{text:?}: {} {}", ran.code, ran.err);
    }
    let many: String = (0..5000).map(|number| format!("  s{number}: {{ image: a, scale: {{ cpu: x }} }}\n")).collect();
    assert!(found(&format!("services:\n{many}")).len() <= 500);
    let piped = with_input(&std::env::temp_dir(), &["lint", "-"], "services:\n  web:\n    build: .\n    scale: 2\n");
    assert!([0, 1].contains(&piped.code), "{}", piped.err);
}

/// A file with most keys that a release of either generation takes, each at its depth.
const EVERY_DEPTH: &str = "\
x-common: &common
  internal: true
appSettings: { awsLogs: { cwRetention: 7 } }
labels: { anything: at-all }
params: { Any: thing }
environment: [LOG=debug]
resources:
  db: { type: postgres, image: postgres:16, options: { storage: 100, anything: goes } }
balancers:
  front:
    service: web
    ports: { 80: { port: 3000, protocol: TCP }, 443: 3000 }
    whitelist: [10.0.0.0/8]
timers:
  tidy: { command: bin/tidy, schedule: 0 3 * * ?, service: web, concurrency: forbid }
services:
  web:
    <<: *common
    build: { path: ., manifest: Dockerfile.web }
    environment: [A=1]
    labels: { coutn: x }
    annotations: [a.b/c=d]
    nodeAffinityLabels: [{ label: a, value: b, weight: 3 }]
    port: { port: 3000, scheme: https }
    health: { path: /up, interval: 5, timeout: 3, grace: 10, disable: false, port: 3001 }
    liveness: { path: /live, failureThreshold: 3 }
    startupProbe: { tcpSocketPort: 3000, grace: 5 }
    lifecycle: { preStop: sleep 5 }
    securityContext: { capabilities: { drop: [ALL] } }
    volumeOptions: [{ emptyDir: { id: tmp, mountPath: /tmp, sizeLimit: 1Gi } }]
    deployment: { minimum: 50, maximum: 200 }
    termination: { grace: 45 }
    scale:
      count: { min: 1, max: 5 }
      cpu: 256
      memory: 512
      limit: { cpu: 512, memory: 1024 }
      gpu: { count: 1, vendor: nvidia }
      targets:
        cpu: 70
        external: [{ name: q, averageValue: 5, matchLabels: { any: thing } }]
        custom: { AWS/SQS/Age: { aggregate: max, dimensions: { Any: thing }, value: 5 } }
      keda: { PollingInterval: 30, triggers: [{ type: cron, metadata: { any: thing } }] }
      vpa: { updateMode: Initial, minCpu: 100m }
";

/// Keys dropped without a word, by line, with the help.
fn dropped(text: &str) -> Vec<(u64, String, String)> {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("convox.yml"), text).unwrap();
    let ran = scalegen(dir.path(), &["lint", "convox.yml", "--format", "json"]);
    let said: serde_json::Value = serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{why}: {}", ran.out));
    let word = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let all = said["findings"].as_array().unwrap().iter().filter(|one| one["rule"] == "dead-setting");
    all.map(|one| (one["start"]["line"].as_u64().unwrap(), word(one, "message"), word(one, "help"))).collect()
}

#[test]
fn a_key_that_convox_drops_is_told_at_each_depth() {
    assert_eq!(dropped(EVERY_DEPTH), []);
    // (what is written, what it becomes, the key that is meant)
    let slips = [
        ("balancers:", "balancer:", "balancers"),
        ("timers:", "timer:", "timers"),
        ("type: postgres", "typ: postgres", "type"),
        ("options:", "option:", "options"),
        ("protocol: TCP", "protocl: TCP", "protocol"),
        ("whitelist: [10", "whitelists: [10", "whitelist"),
        ("schedule:", "shedule:", "schedule"),
        ("cwRetention", "cwretention", "cwRetention"),
        ("manifest:", "manifst:", "manifest"),
        ("environment: [A", "enviroment: [A", "environment"),
        ("weight:", "wieght:", "weight"),
        ("scheme:", "schema:", "scheme"),
        ("health: {", "heath: {", "health"),
        ("path: /up", "pth: /up", "path"),
        ("failureThreshold", "failurethreshold", "failureThreshold"),
        ("tcpSocketPort", "tcpsocketPort", "tcpSocketPort"),
        ("preStop", "prestop", "preStop"),
        ("drop: [ALL]", "dorp: [ALL]", "drop"),
        ("sizeLimit", "sizelimit", "sizeLimit"),
        ("minimum: 50", "minimun: 50", "minimum"),
        ("grace: 45", "graec: 45", "grace"),
        ("count: { min", "coutn: { min", "count"),
        ("max: 5 }", "mx: 5 }", "max"),
        ("memory: 1024", "memmory: 1024", "memory"),
        ("vendor", "vender", "vendor"),
        ("averageValue", "averagevalue", "averageValue"),
        ("aggregate", "agregate", "aggregate"),
        ("PollingInterval", "pollInginterva", "pollingInterval"),
        ("updateMode", "updatemode", "updateMode"),
    ];
    for (right, wrong, meant) in slips {
        assert_eq!(EVERY_DEPTH.matches(right).count(), 1, "{right}");
        let before: &str = EVERY_DEPTH.split(right).next().unwrap();
        let line = before.lines().count() as u64 + u64::from(before.ends_with('\n'));
        let found = dropped(&EVERY_DEPTH.replace(right, wrong));
        let [(at, message, help)] = &found[..] else { panic!("{wrong}: {found:?}") };
        let key = wrong.split(':').next().unwrap().trim();
        assert!(message.contains(key) && message.contains("it is dropped without a word"), "{message}");
        assert_eq!((*at, help.starts_with(&format!("did you mean `{meant}`"))), (line, true), "{wrong}: {help}");
    }
}

#[test]
fn words_of_other_tools_and_of_other_depths_are_answered() {
    let service = |line: &str| format!("services:\n  web:\n    image: shop/web:1\n    {line}\n");
    for (line, help) in [
        ("replicas: 3", "write `scale: {count: …}`"),
        ("env: [A=1]", "write `environment: [NAME=value]`"),
        ("count: 3", "write `scale: {count: …}`"),
        ("memory: 512", "write `scale: {memory: …}`"),
        ("preStop: sleep 5", "write `lifecycle: {preStop: …}`"),
        ("nonsense: 1", "remove it, or move it to where it belongs"),
    ] {
        let found = dropped(&service(line));
        assert!(matches!(&found[..], [(4, _, own)] if own == help), "{line}: {found:?}");
    }
    // a value that nobody reads may be a secret
    let found = dropped(&service("passwrd: hunter2"));
    assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
    // keys of one generation alone are known, and a fix writes the key
    assert_eq!(dropped(&service("links: [db]\n    nlb: [{ port: 3000 }]\n    internalAndExternal: true")), []);
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("convox.yml"), service("scale: { coutn: 3 }")).unwrap();
    scalegen(dir.path(), &["lint", "convox.yml", "--fix", "--unsafe-fixes"]);
    assert_eq!(fs::read_to_string(dir.path().join("convox.yml")).unwrap(), service("scale: { count: 3 }"));
}

#[test]
fn variables_of_the_file_reach_each_service() {
    let heap = |shared: &str, own: &str| {
        let text = format!(
            "environment: [{shared}]\nservices:\n  web:\n    image: shop/web:1\n    environment: [{own}]\n    scale: {{ count: 2, memory: 512 }}\n"
        );
        rules_at(&text).into_iter().filter(|(rule, _)| rule == "heap-above-memory").collect::<Vec<_>>()
    };
    assert_eq!(heap("JAVA_TOOL_OPTIONS=-Xmx1g", "A=1"), [("heap-above-memory".to_owned(), 1)]);
    // the service's own value holds, and a name alone takes what is set elsewhere
    assert_eq!(heap("JAVA_TOOL_OPTIONS=-Xmx1g", "JAVA_TOOL_OPTIONS=-Xmx256m"), []);
    assert_eq!(heap("JAVA_TOOL_OPTIONS=-Xmx1g", "JAVA_TOOL_OPTIONS"), []);
    assert_eq!(heap("JAVA_TOOL_OPTIONS=-Xmx256m", "JAVA_TOOL_OPTIONS=-Xmx1g"), [("heap-above-memory".to_owned(), 5)]);
}

/// What lint says of the shapes of a file's values: severity and message.
fn shapes(text: &str) -> Vec<(String, String)> {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("convox.yml"), text).unwrap();
    let ran = scalegen(dir.path(), &["lint", "convox.yml", "--format", "json"]);
    let said: serde_json::Value = serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{why}: {}", ran.out));
    let all = said["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| ["wrong-type", "ignored-by-consumer"].iter().any(|rule| one["rule"] == *rule));
    let word = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let said = all.map(|one| (word(one, "severity"), word(one, "message")));
    // a number out of its bounds has the right shape
    said.filter(|(_, message)| !message.contains(", not from ")).collect()
}

/// Where a key of each type with a shape of its own stands, by type in the table.
const PLACES: [(&str, &str); 39] = [
    ("Manifest", ""),
    ("AppSettings", "appSettings"),
    ("AwsLogs", "appSettings.awsLogs"),
    ("Balancer", "balancers.front"),
    ("BalancerPort", "balancers.front.ports.80"),
    ("Budget", "budget"),
    ("Config", "configs[]"),
    ("Resource", "resources.db"),
    ("Timer", "timers.tidy"),
    ("Service", "services.web"),
    ("AccessControl", "services.web.accessControl"),
    ("AwsPodIdentity", "services.web.accessControl.awsPodIdentity"),
    ("Build", "services.web.build"),
    ("Certificate", "services.web.certificate"),
    ("ConfigMount", "services.web.configMounts[]"),
    ("Deployment", "services.web.deployment"),
    ("DnsConfig", "services.web.dnsConfig"),
    ("Health", "services.web.health"),
    ("ImagePullSecret", "services.web.imagePullSecrets[]"),
    ("InitContainer", "services.web.initContainer"),
    ("Lifecycle", "services.web.lifecycle"),
    ("Liveness", "services.web.liveness"),
    ("StartupProbe", "services.web.startupProbe"),
    ("NlbPort", "services.web.nlb[]"),
    ("Affinity", "services.web.nodeAffinityLabels[]"),
    ("SecurityContext", "services.web.securityContext"),
    ("Capabilities", "services.web.securityContext.capabilities"),
    ("Termination", "services.web.termination"),
    ("Tls", "services.web.tls"),
    ("VolumeOption", "services.web.volumeOptions[]"),
    ("AwsEfs", "services.web.volumeOptions[].awsEfs"),
    ("AzureFiles", "services.web.volumeOptions[].azureFiles"),
    ("EmptyDir", "services.web.volumeOptions[].emptyDir"),
    ("Gpu", "services.web.scale.gpu"),
    ("Limit", "services.web.scale.limit"),
    ("Targets", "services.web.scale.targets"),
    ("Metric", "services.web.scale.targets.custom.q"),
    ("ExternalMetric", "services.web.scale.targets.external[]"),
    ("Vpa", "services.web.scale.vpa"),
];

/// A file with one value at a path.
fn file_of(path: &str, value: &str) -> String {
    path.split('.').rev().fold(value.to_owned(), |inner, part| match part.strip_suffix("[]") {
        Some(list) => format!("{{ {list}: [{inner}] }}"),
        None => format!("{{ {part}: {inner} }}"),
    })
}

/// Values that a type takes, and values that it refuses or drops.
fn values_of(kind: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        "text" => (&["a", "3", "true", "~", "\"${A}\""], &["[a]", "{ a: b }"]),
        "text?" => (&["a", "\"3\""], &["3", "[a]", "{ a: b }"]),
        "int" => (&["3", "1_000", "2.5", "~", "${A}"], &["\"3\"", "3s", "true", "[3]", "{ a: 3 }"]),
        "int?" => (&["3", "${A}"], &["\"3\"", "3s", "2.5", "[3]"]),
        "float" => (&["3", "0.5"], &["\"0.5\"", "80%", "[3]"]),
        "bool" | "bool?" => (&["true", "yes", "off"], &["\"true\"", "1", "[true]"]),
        "command" => (&["bin/web", "3"], &["[bin/web]", "{ a: b }"]),
        "environment" => (&["[A=1, B]", "[[A=1], B]"], &["{ A: b }", "A=1", "[{ A: b }]", "[3]"]),
        "annotations" => (&["[a=b, { c: d }]"], &["a=b", "{ a: b }"]),
        "text-or-texts" => (&["a", "[a, b]"], &["3", "{ a: b }", "[[a]]"]),
        "[]text" => (&["[a, 3]"], &["a", "{ a: b }", "[[a]]"]),
        "{}text" => (&["{ a: b, c: 3 }"], &["a", "[a=b]", "{ a: [b] }"]),
        "[]port" => (&["[3000, 53/udp, \"3000\"]"], &["3000", "[\"3000:3000\"]", "[{ port: 3000 }]", "[http]"]),
        "Port" => (&["3000", "https:3000", "{ port: 3000 }"], &["http:abc", "[3000]", "2.5"]),
        "Health" | "Build" => (&["/up", "{ path: /up }"], &["[/up]", "3"]),
        "Agent" => (&["true", "no"], &["3", "enabled", "{ ports: [80] }"]),
        "Gpu" => (&["1", "{ count: 1 }"], &["[1]", "nvidia"]),
        "BalancerPort" => (&["3000", "{ port: 3000 }"], &["\"3000\"", "[3000]"]),
        kind if kind.starts_with("[]") => (&["[]", "~"], &["a", "{ a: b }", "[a]"]),
        kind if kind.starts_with("{}") => (&["{}", "~"], &["a", "[a]"]),
        _ => (&["{}", "~"], &["a", "[a]", "3"]),
    }
}

#[test]
fn each_key_takes_the_shapes_that_convox_takes() {
    let table = include_str!("../../../src/inputs/convox/keys.txt");
    let (mut place, mut judged) = (None, 0);
    for line in table.lines() {
        if let Some(of) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            place = PLACES.iter().find(|(known, _)| *known == of).map(|(_, path)| *path);
        }
        let mut words = line.split(' ');
        let (Some(key), Some(kind), Some(path)) = (words.next(), words.next(), place) else { continue };
        // these are judged with the amounts of `scale`, or not looked into
        if ["any", "Scale"].contains(&kind) || line.starts_with('#') {
            continue;
        }
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        let (takes, refuses) = values_of(kind);
        for value in takes {
            assert_eq!(shapes(&file_of(&path, value)), [], "{path}: {value}");
        }
        for value in refuses {
            let found = shapes(&file_of(&path, value));
            let [(_, message)] = &found[..] else { panic!("{path}: {value}: {found:?}") };
            assert!(message.contains("without a word") || message.contains("refuses the file"), "{message}");
        }
        judged += 1;
    }
    assert!(judged > 140, "{judged}");
    // what v2 alone takes is no fault of a file of v2
    let of_v2 = |text: &str| shapes(text).into_iter().map(|(severity, _)| severity).collect::<Vec<_>>();
    assert_eq!(of_v2("services: { web: { command: [bin/web] }, all: { agent: { ports: [80] } } }"), ["note", "note"]);
    assert_eq!(of_v2("services: { web: { command: { a: b } }, all: { agent: 3 } }"), ["error", "error"]);
    // a mapping merged in quotes is merged all the same
    let merged = "services:\n  web: &web { image: shop/web:1, scale: { count: 2 } }\n  api: { \"<<\": *web }\n";
    assert_eq!(dropped(merged), []);
}

/// A file that Convox v3 takes, with a value of each kind that its validation looks at.
const VALIDATED: &str = "\
appSettings: { awsLogs: { cwRetention: 7 } }
configs: [{ id: settings, value: a }]
labels: { team: shop }
resources:
  main-db: { type: postgres }
balancers:
  front: { service: web, ports: { 80: 3000 } }
timers:
  tidy: { command: bin/tidy, schedule: \"*/5 0-6 1,15 * ?\", service: web }
  early: { command: bin/early, schedule: \"@daily\", service: web }
services:
  web:
    image: shop/web:1
    resources: [main-db, \"main-db:ADDRESS\"]
    internal: true
    deployment: { minimum: 50, maximum: 200 }
    configMounts: [{ id: settings, dir: /etc, filename: app }]
    volumeOptions: [{ awsEfs: { id: data, mountPath: /data, accessMode: ReadWriteMany } }]
    securityContext: { runAsUser: 0, seccompProfile: RuntimeDefault, capabilities: { add: [NET_ADMIN] } }
    scale: { min: 1, max: 3, autoscale: { cpu: { threshold: 70 } }, vpa: { updateMode: Initial } }
  edge: { image: shop/edge:1, scale: { count: 1 } }
";

/// Rules by which the validation of Convox is told: rule, line, message.
fn refused(text: &str) -> Vec<(String, u64, String)> {
    let rules = ["refused-by-target", "unknown-reference", "missing-field", "ignored-by-consumer"];
    found(text).into_iter().filter(|(rule, ..)| rules.contains(&rule.as_str())).collect()
}

#[test]
fn what_the_validation_of_convox_refuses_is_told_where_it_stands() {
    assert_eq!(refused(VALIDATED), []);
    // (what is written, what it becomes, the rule, part of the message)
    let faults = [
        ("  web:\n", "  Web:\n", "refused-by-target", "the name `Web` of a service"),
        ("main-db: {", "main_db: {", "refused-by-target", "the name `main_db` of a resource"),
        ("tidy: {", "tidy_up: {", "refused-by-target", "the name `tidy_up` of a timer"),
        ("{ type: postgres }", "{ options: { a: b } }", "missing-field", "`main-db` has no `type`"),
        ("{ team: shop }", "{ app: shop }", "refused-by-target", "Convox sets the label `app` itself"),
        ("[main-db,", "[maindb,", "unknown-reference", "`maindb` is not one of `resources`"),
        ("service: web, ports", "service: wbe, ports", "unknown-reference", "`wbe` is not one of `services`"),
        (", ports: { 80: 3000 }", "", "missing-field", "balancer `front` has no ports"),
        ("ports: { 80:", "ports: { http:", "refused-by-target", "`http` is not a port"),
        ("?\", service: web", "?\", service: worker", "unknown-reference", "`worker` is not one of `services`"),
        ("?\", service: web", "?\"", "missing-field", "timer `tidy` has no `service`"),
        ("*/5 0-6 1,15", "*/5 0-6", "refused-by-target", "has 4 fields, not five"),
        ("0-6 1,15", "0-24 1,15", "refused-by-target", "has 24 for the hour, which is from 0 to 23"),
        ("1,15 * ?", "1,15 * ?/2", "refused-by-target", "has a `?` beside something else"),
        ("minimum: 50", "minimum: 101", "refused-by-target", "`deployment.minimum` is 101, not from 0 to 100"),
        ("maximum: 200", "maximum: 99", "refused-by-target", "`deployment.maximum` is 99, not from 100 to 200"),
        ("internal: true", "internal: true\n    internalRouter: true", "refused-by-target", "are both true"),
        ("{ id: settings, dir", "{ id: setings, dir", "unknown-reference", "`setings` is not one of `configs`"),
        ("dir: /etc, ", "", "missing-field", "the mount has no `dir`"),
        ("mountPath: /data, ", "", "missing-field", "`awsEfs` has no `mountPath`"),
        ("ReadWriteMany", "ReadWrite", "refused-by-target", "`accessMode` is `ReadWrite`"),
        ("seccompProfile: RuntimeDefault", "seccompProfile: Localhost", "refused-by-target", "`seccompProfile`"),
        ("[NET_ADMIN]", "[CAP_NET_ADMIN]", "refused-by-target", "capability `CAP_NET_ADMIN` has `CAP_`"),
        ("runAsUser: 0", "runAsUser: 0, runAsNonRoot: true", "refused-by-target", "`runAsUser` is 0"),
        ("max: 3", "max: 1", "refused-by-target", "`max` is 1 and `min` too"),
        ("threshold: 70", "threshold: 170", "refused-by-target", "the threshold `170` of `cpu`"),
        ("updateMode: Initial", "updateMode: Auto", "refused-by-target", "`updateMode` is `Auto`"),
        ("updateMode: Initial", "minCpu: 100m", "missing-field", "`vpa` has no `updateMode`"),
    ];
    for (right, wrong, rule, words) in faults {
        let before = VALIDATED.split(right).next().unwrap();
        let line = before.lines().count() as u64 + u64::from(before.is_empty() || before.ends_with('\n'));
        let all = refused(&VALIDATED.replacen(right, wrong, 1));
        let told = all.iter().any(|(own, at, message)| {
            own == rule && message.contains(words) && at.abs_diff(line) <= 1 && message.contains("refuses the file")
        });
        assert!(told, "{wrong} at {line}: {all:#?}");
    }
    // a value that hangs on a variable is not judged
    for open in
        [("{ type: postgres }", "{ type: \"${TYPE}\" }"), ("service: web, ports", "service: \"${NAME}\", ports")]
    {
        assert_eq!(refused(&VALIDATED.replace(open.0, open.1)), [], "{open:?}");
    }
    // what v2 takes is no fault of a file that may be v2's
    let old = "services:\n  web: { image: shop/web:1, deployment: { maximum: 300 } }\n";
    assert_eq!(refused(old).into_iter().map(|one| one.0).collect::<Vec<_>>(), ["ignored-by-consumer"]);
}

#[test]
fn listeners_of_a_shared_balancer_are_checked_as_v2_does() {
    let file = |web: &str, api: &str| {
        let text = format!("services:\n  web: {{ image: a, nlb: [{web}] }}\n  api: {{ image: a, nlb: [{api}] }}\n");
        refused(&text).into_iter().map(|(_, line, message)| (line, message)).collect::<Vec<_>>()
    };
    assert_eq!(file("{ port: 8443, protocol: TLS, certificate: arn }", "{ port: 8444, scheme: internal }"), []);
    for (web, api, line, words) in [
        ("{ port: 8443 }", "{ port: 8443 }", 3, "`nlb` port 8443 of `api` is one of `web`, too"),
        ("{ port: 0 }", "{ port: 1 }", 2, "`port` is 0"),
        ("{ port: 1, containerPort: 65536 }", "{ port: 2 }", 2, "`containerPort` is 65536"),
        ("{ port: 1, protocol: udp }", "{ port: 2 }", 2, "`protocol` is `udp`"),
        ("{ port: 1 }", "{ port: 2, scheme: private }", 3, "`scheme` is `private`"),
        ("{ port: 1, protocol: tls }", "{ port: 2 }", 2, "a `tls` listener has no `certificate`"),
    ] {
        let all = file(web, api);
        assert!(matches!(&all[..], [(at, message)] if *at == line && message.contains(words)), "{web} {api}: {all:?}");
    }
}
