//! Mistakes that people made in their first spec: what they are told, what they write next, and whether that lints.

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
];

fn findings(name: &str, text: &str) -> Vec<Finding> {
    lint(name, text.as_bytes(), &NoFiles, &CheckOptions::default()).findings
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
    assert_eq!(files.len(), NEXT.len(), "each mistake has its answer");
    let mut table =
        String::from("| mistake | what is said | what is written next | errors then |\n|---|---|---|---|\n");
    for (path, (name, changes)) in files.iter().zip(NEXT) {
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
        let asked = found.iter().filter(|finding| is_error(finding) || finding.rule == "ambiguous-unit");
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
