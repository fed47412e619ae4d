//! What people reported of rendered Kubernetes files: small specs, each with the rules that must speak of it, and no other.

use scalegen::support::diagnostic::Finding;
use scalegen::{CheckOptions, NoFiles, lint};
use std::collections::BTreeSet;
use std::fs;

/// A spec by its file's name, and the rules that speak.
const CASES: &[(&str, &[&str])] = &[
    ("convox-interpolation", &["ignored-by-consumer"]),
    ("fixed-to-range-after", &[]),
    ("fixed-to-range-before", &[]),
    ("hpa-default-ramp", &[]),
    ("hpa-target-60", &[]),
    ("inexpressible", &["invalid-value", "unknown-field", "wrong-type"]),
    ("ingress-same-host-path", &["same-route-twice"]),
    ("k8s-host-ip", &["refused-by-target"]),
    ("k8s-to-autoscaler-after", &[]),
    ("k8s-to-autoscaler-before", &[]),
    ("keda-exact-threshold", &[]),
    ("keda-nights-zero-cpu", &["lost-in-target"]),
    ("keda-wake-from-zero", &["concurrency-above-cores", "lost-in-target"]),
    ("kustomize-namespace", &["ignored-by-consumer"]),
    ("lone-threshold", &[]),
    ("memory-512-bytes", &["ambiguous-unit"]),
    ("patch-missing-requests", &["missing-limits"]),
    ("polyaxon-flower", &["missing-limits", "refused-by-target"]),
    ("secret-in-args", &["secret-in-args"]),
    ("seldon-dataflow-9-of-12", &["lost-in-target"]),
    ("selector-name-only", &[]),
    ("tolerance", &["ignored-by-consumer", "rollout-raises-replicas"]),
    ("windows-hpa-after", &[]),
    ("windows-hpa-before", &[]),
];

fn findings(name: &str) -> Vec<Finding> {
    let text = fs::read(format!("fixtures/cases/kubernetes/{name}.yaml")).unwrap();
    lint("scalegen.yaml", &text, &NoFiles, &CheckOptions::default()).findings
}

#[test]
fn each_report_is_answered_by_its_rules_alone() {
    let mut wrong = Vec::new();
    for (name, expected) in CASES {
        let findings = findings(name);
        let rules: BTreeSet<String> = findings.iter().map(|finding| finding.rule.to_string()).collect();
        if rules.iter().ne(expected.iter()) {
            wrong.push(format!("{name}: expected {expected:?}, found {rules:?}"));
        }
        let mute = findings.iter().filter(|finding| finding.rule == "unknown-field" && finding.help.is_none());
        wrong.extend(mute.map(|finding| format!("{name}: no way out of {}", finding.message)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let files = fs::read_dir("fixtures/cases/kubernetes").unwrap().count();
    assert_eq!(files, CASES.len(), "each file has a line here");
}
