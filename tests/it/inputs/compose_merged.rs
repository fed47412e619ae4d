//! What docker compose reads only once all files are merged: a value that a later file replaces is no fault.

use crate::cli::program::{folder, scalegen};
use crate::common::judge::judge;

/// A key, a wrong value of it in the first file, and a right one in the file laid over it; whether compose then takes the project.
const CASES: [(&str, &str, &str, bool); 16] = [
    ("command", "\"sleep 'x\"", "sleep 1", true),
    ("entrypoint", "\"sleep 'x\"", "[sleep]", true),
    ("mem_limit", "abc", "1g", true),
    ("shm_size", "abc", "1g", true),
    ("stop_grace_period", "abc", "1s", true),
    ("healthcheck", "{ test: [CMD, a], interval: abc }", "{ interval: 1s }", true),
    ("healthcheck", "{ test: [WAT, a] }", "{ test: [CMD, a] }", true),
    ("deploy", "{ resources: { limits: { memory: abc } } }", "{ resources: { limits: { memory: 1g } } }", true),
    ("extra_hosts", "[abc]", "!override [\"a=1.1.1.1\"]", true),
    ("extra_hosts", "[abc]", "[\"a=1.1.1.1\"]", false),
    ("healthcheck", "{ test: [CMD, a], interval: abc }", "{ timeout: 1s }", false),
    ("deploy", "{ resources: { limits: { memory: abc } } }", "{ resources: { limits: { cpus: '1' } } }", false),
    ("cpus", "abc", "1", false),
    ("scale", "abc", "1", false),
    ("pull_policy", "abc", "always", false),
    ("ports", "[\"a:b\"]", "!override [\"80:80\"]", false),
];

#[test]
fn what_a_later_file_replaces_is_no_fault() {
    for (key, wrong, right, taken) in CASES {
        let base = format!("services:\n  web:\n    image: x:1\n    {key}: {wrong}\n");
        let over = format!("services:\n  web:\n    {key}: {right}\n");
        let dir = folder(&[("compose.yaml", base.as_str()), ("compose.override.yaml", over.as_str())]);
        let ran = scalegen(dir.path(), &["lint", ".", "--format", "concise"]);
        assert_eq!(!ran.out.contains("error["), taken, "{base}{over}{}", ran.out);
        let paths = ["compose.yaml", "compose.override.yaml"].map(|name| dir.path().join(name));
        let paths = paths.each_ref().map(|path| path.to_str().unwrap());
        let Some(verdict) = judge("compose.sh", &paths) else { continue };
        assert_eq!(verdict.accepted, taken, "{base}{over}{}", verdict.err);
        // alone each is a fault, for both
        let dir = folder(&[("compose.yaml", base.as_str())]);
        let ran = scalegen(dir.path(), &["lint", ".", "--format", "concise"]);
        assert!(ran.out.contains("error["), "{base}{}", ran.out);
    }
}

#[test]
fn a_directive_is_refused_where_its_reader_refuses_it() {
    for (line, taken) in [("%YAML 1.1", true), ("%YAML 1.2", false), ("%TAG ! tag:x,2000:", true), ("%FOO bar", false)]
    {
        let text = format!("# a comment\n{line}\n---\nservices:\n  web:\n    image: x:1\n");
        let dir = folder(&[("compose.yaml", text.as_str())]);
        let ran = scalegen(dir.path(), &["lint", "compose.yaml", "--format", "concise"]);
        assert_eq!(!ran.out.contains("compose.yaml:2:1: error[unsupported-yaml]"), taken, "{text}{}", ran.out);
        let path = dir.path().join("compose.yaml");
        if let Some(verdict) = judge("compose.sh", &[path.to_str().unwrap()]) {
            assert_eq!(verdict.accepted, taken, "{text}{}", verdict.err);
        }
        let text = format!("{line}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {{ name: a }}\n");
        let dir = folder(&[("ns.yaml", text.as_str())]);
        let ran = scalegen(dir.path(), &["lint", "ns.yaml", "--format", "concise"]);
        assert!(ran.out.contains("ns.yaml:1:1: error[unsupported-yaml]: kubectl refuses"), "{}", ran.out);
        // the cause is known: kubectl and kustomize take each document alone
        let kustomization = ("kustomization.yaml", "resources: [ns.yaml]\n");
        let dir = folder(&[("ns.yaml", text.as_str()), kustomization]);
        if let Some(verdict) = judge("kustomize.sh", &[dir.path().to_str().unwrap()]) {
            assert!(!verdict.accepted, "{text}");
        }
    }
}

#[test]
fn a_port_that_a_blank_parts_is_told_once() {
    let text = "services:\n  web:\n    image: x:1\n    mem_limit: 1g\n    ports:\n      - 80: 80\n";
    let dir = folder(&[("compose.yaml", text)]);
    let ran = scalegen(dir.path(), &["lint", "compose.yaml", "--format", "concise"]);
    assert_eq!(ran.out.lines().filter(|line| line.contains("error[")).count(), 1, "{}", ran.out);
    assert!(ran.out.contains("not `80: 80`"), "{}", ran.out);
}

#[test]
fn two_minios_on_one_folder_are_told() {
    let text = "services:\n  store:\n    image: quay.io/minio/minio:latest\n    mem_limit: 1g\n    scale: 2\n    \
                command: server /data\n    volumes: [\"data:/data\"]\nvolumes: { data: {} }\n";
    let dir = folder(&[("compose.yaml", text)]);
    let ran = scalegen(dir.path(), &["lint", "compose.yaml", "--format", "concise"]);
    assert!(ran.out.contains("error[shared-volume-replicated]"), "{}", ran.out);
}

#[test]
fn render_says_that_nothing_was_written() {
    let text =
        "version: 1\nname: shop\nservices:\n  web: { image: 'a:1', replicas: -1 }\ntargets: { kubernetes: {} }\n";
    let dir = folder(&[("scalegen.yaml", text)]);
    let ran = scalegen(dir.path(), &["render", "scalegen.yaml", "--out", "out"]);
    assert!(ran.err.contains("nothing was written"), "{}{}", ran.out, ran.err);
    assert!(!dir.path().join("out").exists());
}
