//! The polyaxon target over its chart generations. Its own validators judge the goldens elsewhere.

use crate::common::golden::golden;
use crate::common::judge::Call;
use scalegen::{CheckOptions, NoFiles, lint, render};

const WANTED: &[&str] = &["polyaxon"];

fn targets() -> Vec<String> {
    WANTED.iter().map(|&name| name.to_owned()).collect()
}

/// The findings of a spec as `rule path: message`.
fn findings(spec: &str) -> Vec<String> {
    let wanted = CheckOptions { targets: targets(), ..CheckOptions::default() };
    let checked = lint("spec.yaml", spec.as_bytes(), &NoFiles, &wanted);
    let paths = checked.paths.iter();
    checked.findings.iter().zip(paths).map(|(f, path)| format!("{} {path}: {}", f.rule, f.message)).collect()
}

fn text(spec: &str) -> String {
    let rendered = render("spec.yaml", spec.as_bytes(), &NoFiles, None, &targets()).expect("no bug of ours");
    let messages: Vec<&str> = rendered.checked.findings.iter().map(|finding| finding.message.as_str()).collect();
    let (_, files) = rendered.files.first().unwrap_or_else(|| panic!("refused: {messages:#?}"));
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].path, "values.yaml");
    files[0].text.clone()
}

/// The first finding that starts with these words.
fn found<'f>(findings: &'f [String], start: &str) -> &'f str {
    let found = findings.iter().find(|finding| finding.starts_with(start));
    found.unwrap_or_else(|| panic!("no `{start}…` in {findings:#?}"))
}

fn spec(chart: &str, services: &str) -> String {
    format!("version: 1\nname: polyaxon\nservices:\n{services}\ntargets:\n  polyaxon: {{ chart: \"{chart}\" }}\n")
}

#[test]
fn second_generation() {
    let spec = "
version: 1
name: ml
services:
  gateway:
    replicas: 3
    concurrency: 2
    image: registry.example.com:5000/polyaxon-api@sha256:0123
    resources:
      requests: { cpu: 1, memory: 2Gi }
      limits: { cpu: 6, memory: 8Gi }
  scheduler: { replicas: 2, concurrency: 10, resources: { limits: { memory: 4Gi, cpu: 10 } } }
  worker: { replicas: 2, concurrency: 4, resources: { requests: { cpu: 500m } } }
  compiler: { replicas: 0 }
  beat: { kind: singleton }
  operator: { kind: singleton, resources: { limits: { memory: 512Mi } } }
  flower: { replicas: 0 }
targets:
  polyaxon: { chart: \"2.15.1\", namespace: polyaxon }
";
    golden("fixtures/targets/polyaxon/2.15.1.yaml", &text(spec));
}

/// What only a cluster takes, in the generations that have keys for it; what has none is named.
#[test]
fn what_pods_have_is_written_where_the_chart_has_a_key() {
    let services = "  scheduler: { replicas: 1, nodeSelector: { disk: ssd }, tolerations: [{ key: batch, value: \"yes\" }], labels: { team: ml }, annotations: { note: x } }";
    let lost = |chart: &str| {
        let words = ["node selector", "tolerations", "labels", "annotations"];
        let all = findings(&spec(chart, services));
        let named =
            words.into_iter().filter(|word| all.iter().any(|one| one.contains(&format!("no key for the {word}"))));
        named.collect::<Vec<_>>()
    };
    let values = |chart: &str| -> serde_json::Value { serde_yaml::from_str(&text(&spec(chart, services))).unwrap() };
    for chart in ["2.15.1", "1.20.0"] {
        let written = &values(chart)["scheduler"];
        assert_eq!(written["nodeSelector"], serde_json::json!({ "disk": "ssd" }), "{chart}");
        assert_eq!(written["tolerations"], serde_json::json!([{ "key": "batch", "value": "yes" }]), "{chart}");
        assert_eq!((written.get("labels"), written.get("annotations")), (None, None), "{chart}");
        // the CLI refuses these two
        assert_eq!(lost(chart), ["labels", "annotations"]);
    }
    let call = Call { args: vec!["-"], input: &text(&spec("2.15.1", services)), ..Call::default() };
    if let Some(verdict) = call.ask("polyaxon.py") {
        assert!(verdict.accepted, "{}", verdict.err);
    }
    assert_eq!(values("0.6.1")["scheduler"].get("nodeSelector"), None);
    assert_eq!(lost("0.6.1").len(), 4);
}

/// No chart has a key for these, and each is named.
#[test]
fn what_the_chart_has_no_key_for_is_named() {
    let services = "  scheduler: { replicas: 1, command: [a], args: [b], env: { A: b }, stopGracePeriod: 30s, spread: node, \
                    disruption: { maxUnavailable: 1 }, update: { strategy: recreate } }";
    let words =
        ["command", "arguments", "environment", "update strategy", "stop grace period", "disruption budget", "spread"];
    for chart in ["2.15.1", "1.20.0"] {
        let all = findings(&spec(chart, services));
        for word in words {
            assert!(all.iter().any(|found| found.contains(&format!("no key for the {word}"))), "{word}: {all:#?}");
        }
    }
}

#[test]
fn generation_between() {
    let services = "
  api: { replicas: 2 }
  streams: { replicas: 3 }
  gateway: { image: registry.example.com/gateway }
  scheduler: { replicas: 2, concurrency: 8 }
  beat: {}";
    golden("fixtures/targets/polyaxon/1.20.0.yaml", &text(&spec("1.20.0", services)));
    // without a queue there is no broker
    assert!(!text(&spec("1.20.0", "  api: { replicas: 2 }")).contains("redis"));
}

#[test]
fn first_generation() {
    let services = "
  api: { replicas: 3 }
  scheduler: { replicas: 2, concurrency: 10 }
  hpsearch: { replicas: 3, resources: { limits: { memory: 600Mi, cpu: 350m } } }
  eventsHandlers: { replicas: 3 }
  k8sEventsHandlers: { replicas: 3 }
  eventMonitors: { kind: singleton }
  crons: { concurrency: 4 }";
    golden("fixtures/targets/polyaxon/0.6.1.yaml", &text(&spec("0.6.1", services)));
}

#[test]
fn external_redis() {
    let services = "  worker: { replicas: 2 }";
    let spec = spec("2.15.1", services).replace("\"2.15.1\"", "\"2.15.1\", redis: external");
    assert!(text(&spec).contains("broker: redis\nredis:\n  enabled: false\n"), "{}", text(&spec));
    found(&findings(&spec), "lost-in-target /targets/polyaxon/redis: the address of the external redis");
    let idle = spec.replace("worker", "gateway");
    found(&findings(&idle), "lost-in-target /targets/polyaxon/redis: polyaxon: no component that needs redis is on");
}

#[test]
fn every_service_of_another_generation_has_its_replacement() {
    let wanted = CheckOptions { targets: targets(), ..CheckOptions::default() };
    let help = |chart: &str, services: &str| {
        let checked = lint("spec.yaml", spec(chart, services).as_bytes(), &NoFiles, &wanted);
        let refused: Vec<_> = checked.findings.iter().filter(|f| f.rule == "refused-by-target").collect();
        assert_eq!(refused.len(), 1, "{services}: {:#?}", checked.findings);
        refused[0].help.clone().expect("a help").into_owned()
    };
    for (chart, old, new) in [
        ("2.15.1", "api", "gateway"),
        ("2.15.1", "streams", "gateway"),
        ("2.15.1", "hpsearch", "worker"),
        ("2.15.1", "eventsHandlers", "worker"),
        ("2.15.1", "k8sEventsHandlers", "worker"),
        ("2.15.1", "eventMonitors", "operator"),
        ("2.15.1", "crons", "beat"),
        ("1.20.0", "hpsearch", "worker"),
        ("1.4.0", "compiler", "worker"),
        ("0.6.1", "gateway", "api"),
        ("0.6.1", "worker", "eventsHandlers"),
        ("0.6.1", "compiler", "hpsearch"),
        ("0.6.1", "operator", "eventMonitors"),
    ] {
        let renamed = help(chart, &format!("  {old}: {{}}"));
        assert_eq!(renamed, format!("write `{new}`, which does its work in this chart"), "{old} in {chart}");
        let beside = help(chart, &format!("  {new}: {{}}\n  {old}: {{}}"));
        assert_eq!(beside, format!("remove `{old}`: in this chart `{new}` does its work"));
    }
    assert_eq!(help("2.15.1", "  schedular: {}"), "did you mean `scheduler`?");
    assert!(help("2.15.1", "  web: {}").starts_with("its components are gateway, "));
}

#[test]
fn what_must_stay_one() {
    for (chart, name) in [
        ("2.15.1", "beat"),
        ("2.15.1", "agent"),
        ("2.15.1", "operator"),
        ("0.6.1", "beat"),
        ("0.6.1", "eventMonitors"),
        ("0.6.1", "streams"),
        ("0.6.1", "crons"),
    ] {
        let services = format!("  {name}: {{ replicas: 2 }}");
        let findings = findings(&spec(chart, &services));
        found(&findings, &format!("refused-by-target /services/{name}/replicas: polyaxon: 2 replicas of {name}"));
        text(&spec(chart, &format!("  {name}: {{ replicas: 1 }}")));
    }
}

#[test]
fn amounts_beside_the_charts_own() {
    let limits = "  worker: { resources: { limits: { memory: 128Mi, cpu: 2 } } }";
    let findings_of_limits = findings(&spec("2.15.1", limits));
    let message = found(&findings_of_limits, "refused-by-target /services/worker/resources/limits/memory");
    assert!(message.contains("limits.memory 128Mi is below 200Mi, the chart's own request"), "{message}");
    let requests = "  worker: { resources: { requests: { cpu: 1500m } } }";
    let findings_of_requests = findings(&spec("2.15.1", requests));
    let message = found(&findings_of_requests, "refused-by-target /services/worker/resources/requests/cpu");
    assert!(message.contains("requests.cpu 1500m is above 1000m, the chart's own limit"), "{message}");
    // without limits there is nothing to meet, and none is written
    let free = spec("2.15.1", requests).replace("name:", "limitResources: false\nname:");
    assert!(text(&free).contains("limitResources: false"));
    let free = spec("2.15.1", limits).replace("name:", "limitResources: false\nname:");
    assert!(!text(&free).contains("limits"));
}

#[test]
fn a_range_is_written_as_its_least() {
    let services = "
  gateway:
    replicas: { min: 0, max: 4 }
    autoscaling: { signal: cpu }
    schedule:
      - { days: [mon], from: \"08:00\", to: \"18:00\", timezone: Europe/Berlin, replicas: 3 }";
    let spec = spec("2.15.1", services);
    assert!(text(&spec).contains("gateway:\n  replicas: 1\n"), "{}", text(&spec));
    assert!(!text(&spec).contains("hpa"));
    let findings = findings(&spec);
    for at in ["replicas/max", "autoscaling", "schedule/0"] {
        let message = found(&findings, &format!("lost-in-target /services/gateway/{at}: "));
        assert!(message.contains("1 written"), "{message}");
    }
}

#[test]
fn charts_that_were_not_read() {
    for (chart, known) in [("3.0.0", "2.15.1"), ("0.5.6", "0.6.1"), ("1.0.0", "1.1.8"), ("v2.16", "2.15.1")] {
        let findings = findings(&spec(chart, "  scheduler: {}"));
        let message = found(&findings, "lost-in-target /targets/polyaxon/chart: ");
        assert!(message.ends_with(&format!("written with the keys of {known}")), "{message}");
    }
    found(&findings(&spec("latest", "  scheduler: {}")), "invalid-value /targets/polyaxon/chart: polyaxon: `latest`");
    for chart in ["0.6.1", "1.1.8", "1.20.0", "1.22.0", "v2.0.6", "2.15.1"] {
        let findings = findings(&spec(chart, "  scheduler: {}"));
        assert!(findings.iter().all(|finding| !finding.contains("/targets/polyaxon/chart")), "{findings:#?}");
    }
    let without = "version: 1\nname: polyaxon\nservices:\n  scheduler: {}\n";
    found(&findings(without), "missing-field /name: the polyaxon target needs `chart`");
}

#[test]
fn concurrency_where_the_chart_has_none() {
    let ignored = findings(&spec("1.20.0", "  api: { concurrency: 4 }"));
    found(
        &ignored,
        "lost-in-target /services/api/concurrency: polyaxon: this chart has no concurrency for api; 4 is dropped",
    );
    assert!(text(&spec("2.15.1", "  gateway: { concurrency: 4 }")).contains("concurrency: 4\n  perCore: false\n"));
}
