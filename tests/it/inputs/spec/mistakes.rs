//! Mistakes that people made in their first spec: what they are told, what they write next, and whether that lints.

use super::newcomers;
use crate::common::golden::golden;
use scalegen::support::diagnostic::{Finding, Severity};
use scalegen::{CheckOptions, NoFiles, lint};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Each file with what a person who read the message changes in it, old and new text by turns. A file that is right, or only
/// warned of, changes too where the message asks for it.
const NEXT: &[(&str, &[&str])] = &[
    ("01-mem_limit", &["mem_limit: 512m", "resources: { limits: { memory: 512Mi } }"]),
    ("03-replicas-string", &["\"3\"", "3"]),
    ("04-ports-compose", &["\"8080:80\"", "{ port: 80, publish: 8080 }"]),
    ("05-env-list", &["env:\n      - LOG_LEVEL=info\n      - WORKERS=8", "env: { LOG_LEVEL: info, WORKERS: 8 }"]),
    ("06-environment", &["environment:\n      LOG_LEVEL: info", "env: { LOG_LEVEL: info }"]),
    ("08-units", &["512MB", "512Mi", "500mcpu", "500m"]),
    ("09-bare-numbers", &["512", "512Mi", "2000", "2000m"]),
    ("11-tabs", &["\t", "  "]),
    ("12-indent", &["  image", "    image", "  replicas", "    replicas"]),
    ("13-typo", &["replica:", "replicas:"]),
    ("15-threshold-80", &["80 }", "0.8 }"]),
    (
        "16-healthcheck",
        &[
            "healthcheck: { test: [\"CMD\", \"curl\", \"localhost\"], interval: 30 }",
            "health: { command: [\"curl\", \"localhost\"], interval: 30s }",
        ],
    ),
    ("17-duration-bare", &["30 }", "30s }"]),
    ("18-secret", &["env: { DB_PASSWORD: hunter2supersecret }", "sharedSecrets: [DB_PASSWORD]"]),
    ("19-no-version", &["services:", "version: 1\nname: my-app\nservices:"]),
    ("22-ref-typo", &["postgress", "postgres"]),
    (
        "23-compose-keys",
        &[
            "    depends_on: [db]\n",
            "",
            "    restart: always\n",
            "",
            "volumes: [\"data:/data\"]",
            "kind: stateful\n    volumes: [{ name: data, mount: /data, size: 1Gi }]",
        ],
    ),
    ("25-req-above-limit", &["requests: { cpu: 2, memory: 1Gi }", "requests: { cpu: 1, memory: 512Mi }"]),
    (
        "26-k8s-manifest",
        &[
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}",
            "version: 1\nname: web\nservices: { web: { replicas: 3 } }",
        ],
    ),
    ("28-cpu-2000", &["cpu: 2000", "cpu: 2000m"]),
    ("30-version-3", &["version: 3", "version: 1"]),
    ("31-anchor", &[]),
    ("32-dup", &["    replicas: 2\n", ""]),
    ("33-bad-dedent", &["   port", "    port"]),
    ("35-services-list", &["  - name: web\n    image", "  web:\n    image"]),
    ("36-name-space", &["My App", "my-app"]),
    ("38-target-k8s", &["k8s: {}", "kubernetes: {}"]),
    ("39-null-target", &[]),
    ("40-no-target", &[]),
    // of the same kinds, thought of by us
    (
        "50-deploy",
        &[
            "deploy:\n      replicas: 3\n      resources:\n        limits:\n          cpus: '0.5'\n          memory: 512M",
            "replicas: 3\n    resources: { limits: { cpu: 0.5, memory: 512Mi } }",
        ],
    ),
    ("51-cpu-memory", &["    cpu: 500m\n", "", "memory: 512Mi", "resources: { limits: { cpu: 500m, memory: 512Mi } }"]),
    (
        "52-hpa-keys",
        &[
            "autoscaling:\n      minReplicas: 2\n      maxReplicas: 10\n      targetCPUUtilizationPercentage: 80",
            "replicas: { min: 2, max: 10 }\n    autoscaling: { signal: cpu, scaleUp: { threshold: 0.8 } }",
        ],
    ),
    (
        "53-hpa-metrics",
        &[
            "metrics:\n        - type: Resource\n          resource: { name: cpu, target: { type: Utilization, averageUtilization: 60 } }",
            "signal: cpu\n      scaleUp: { threshold: 0.6 }",
        ],
    ),
    ("54-port-pair", &["port: 8080:80", "port: 80\n    publish: 8080"]),
    ("55-ports-long", &["target: 80", "port: 80", "published: 8080", "publish: 8080"]),
    ("56-expose-list", &["    expose: [\"80\"]\n", ""]),
    ("57-env-names", &["env:\n      - name: LOG_LEVEL\n        value: info", "env: { LOG_LEVEL: info }"]),
    (
        "58-health-command",
        &["health: [\"CMD\", \"curl\", \"localhost\"]", "health: { command: [\"curl\", \"localhost\"] }"],
    ),
    ("59-health-address", &["http://localhost:80/health", "{ http: /health }"]),
    ("60-backing-image", &["image: postgres:16", "image: postgres:16, kind: postgres"]),
    (
        "61-database-as-service",
        &[
            "  db: { image: postgres:16, resources: { limits: { memory: 1Gi } } }\n",
            "backingServices: { db: { image: postgres:16, kind: postgres } }\n",
        ],
    ),
    ("62-profile-flat", &["web: { replicas: 4 }", "services: { web: { replicas: 4 } }"]),
    ("63-profile-typo", &["wbe", "web"]),
    ("64-capacity-flat", &["cpu: 8, memory: 16Gi", "nodes: [{ count: 1, cpu: 8, memory: 16Gi }]"]),
    ("65-capacity-count", &["nodes: 3", "nodes: [{ count: 3, cpu: 4, memory: 8Gi }]"]),
    ("66-targets-list", &["[compose]", "{ compose: {} }"]),
    ("67-image-parts", &["{ repository: example/web, tag: 1 }", "\"example/web:1\""]),
    ("68-replicas-range", &["2-6", "{ min: 2, max: 6 }"]),
    ("69-replicas-list", &["[2, 6]", "{ min: 2, max: 6 }"]),
    ("70-only-min", &["min: 2", "min: 2, max: 6"]),
    ("71-schedule-times", &["Monday", "mon", "8am", "\"08:00\"", "to: 18", "to: \"18:00\""]),
    ("72-schedule-cron", &["cron: \"0 8 * * 1-5\"", "days: [mon, fri], from: \"08:00\", to: \"18:00\", timezone: UTC"]),
    ("73-signal-requests", &["signal: rps", "signal: load"]),
    ("74-threshold-flat", &["threshold: 80", "scaleUp: { threshold: 0.8 }"]),
    ("75-merge-marks", &["<<<<<<< HEAD\nversion: 1\n=======\nversion: 1\n>>>>>>> theirs\n", "version: 1\n"]),
    ("76-no-break-space", &["\u{a0}", " "]),
    ("77-values-of-helm", &["replicaCount: 2\n", "", "{ image: a }", "{ image: a, replicas: 2 }"]),
    ("78-same-field-twice", &["    scale: 3\n", "", "replicaCount: 4", "replicas: 4"]),
    ("79-cpu-percent", &["50%", "500m"]),
    (
        "80-environment-list",
        &["environment:\n      - LOG_LEVEL=info\n      - WORKERS=8", "env: { LOG_LEVEL: info, WORKERS: 8 }"],
    ),
    ("81-base-as-text", &["targets: { compose: docker-compose.yml }", "targets: { compose: {} }"]),
    ("82-memory-space", &["1 Gi", "1Gi"]),
    ("83-autoscaling-metric", &["metric: cpu", "signal: cpu", "target: 70%", "scaleUp: { threshold: 0.7 }"]),
    ("84-decimal-comma", &["cpu: \"0,5\", memory: 1Gi", "limits: { cpu: 0.5, memory: 1Gi }"]),
    ("85-minimum", &["minimum", "min", "maximum", "max"]),
    ("86-http-get", &["httpGet: { path: /healthz, port: 8080 }", "http: /healthz, port: 8080"]),
    ("87-kind-deployment", &["Deployment", "stateless"]),
    ("88-bare-thresholds", &["0.3", "{ threshold: 0.3 }", "70%", "{ threshold: 0.7 }"]),
    ("89-not-indented", &["web:\n  image", "  web:\n    image"]),
    ("90-port-too-high", &["\"99999:80\"", "{ port: 80, publish: 8080 }"]),
    ("91-instances", &["instances", "replicas"]),
    (
        "92-limits-flat",
        &["    cpu_limit: 1\n", "", "memory_limit: 512MB", "resources: { limits: { cpu: 1, memory: 512Mi } }"],
    ),
    (
        "93-windows",
        &[
            "autoscaling: { windows: [{ days: weekdays, from: 8:00, to: 18:00, min: 3 }] }",
            "schedule: [{ days: [mon, fri], from: \"08:00\", to: \"18:00\", timezone: UTC, replicas: 4 }]",
        ],
    ),
];

fn findings(name: &str, text: &str) -> Vec<Finding> {
    let mut checked = lint(name, text.as_bytes(), &NoFiles, &CheckOptions::default());
    // as a person sees it
    checked.keep_causes();
    checked.findings
}

/// A warning that asks what was meant.
fn is_asked(finding: &Finding) -> bool {
    matches!(&*finding.rule, "ambiguous-unit" | "ambiguous-scalar")
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}

#[test]
fn one_read_of_the_message_is_enough() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/first-touch");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    files.sort();
    let all: Vec<&(&str, &[&str])> = NEXT.iter().chain(newcomers::NEXT).collect();
    assert_eq!(files.len(), all.len(), "each mistake has its answer");
    let mut table =
        String::from("| mistake | what is said | what is written next | errors then |\n|---|---|---|---|\n");
    for (path, (name, changes)) in files.iter().zip(all) {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(file, format!("{name}.scalegen.yaml"));
        let text = std::fs::read_to_string(path).unwrap();
        let found = findings(&file, &text);
        let faults: Vec<&Finding> = found.iter().filter(|finding| is_error(finding)).collect();
        // errors come first, each with what to do about it
        assert!(found.iter().take(faults.len()).all(is_error), "{name}: {found:#?}");
        assert!(faults.iter().all(|finding| finding.help.is_some()), "{name}: {faults:#?}");
        let mut next = text.clone();
        for change in changes.chunks(2) {
            assert!(next.contains(change[0]), "{name}: {}", change[0]);
            next = next.replace(change[0], change[1]);
        }
        let left: Vec<Finding> = findings(&file, &next).into_iter().filter(is_error).collect();
        let told = |finding: &&Finding| {
            let help = finding.help.as_deref().map(|help| format!("; help: {help}")).unwrap_or_default();
            format!("{}: {}{help}", finding.severity.word(), finding.message)
        };
        let asked = found.iter().filter(|finding| is_error(finding) || is_asked(finding));
        let said: Vec<String> = asked.map(|finding| told(&finding)).collect();
        let written: Vec<&str> = changes.chunks(2).map(|change| change[1].trim()).collect();
        let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ⏎ ").replace('\t', "→");
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {} |",
            cell(&said.join("<br>")),
            cell(&written.join("<br>")),
            left.len()
        );
        assert!(left.is_empty(), "{name}: what is written next has errors\n{next}\n{left:#?}");
    }
    golden("fixtures/first-touch/mistakes.md", &table);
}
