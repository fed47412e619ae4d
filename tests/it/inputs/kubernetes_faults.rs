//! The scaling faults of the comparison with peers, planted into manifests: each is found, and none in the clean twin.

use crate::common::sets::{FoundInSet, found_in_manifests};
use scalegen::Files;
use scalegen::support::source::{FileId, Source};
use scalegen::syntax;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// What only a spec can say is wrong; passwords are another tool's subject.
const BEYOND: [&str; 4] =
    ["connections-exhausted", "replicas-above-partitions", "replicated-singleton", "secret-in-env"];

struct Given(String);

impl Files for Given {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if path == "kubernetes.yaml" { Ok(self.0.clone().into_bytes()) } else { Err("no such file".to_owned()) }
    }
}

fn found(text: &str) -> Vec<FoundInSet> {
    found_in_manifests(&["kubernetes.yaml".to_owned()], &Given(text.to_owned()))
}

/// The faults that can be said in manifests: the rule, and what is put in the place of what.
fn faults() -> Vec<(String, Vec<(String, String)>)> {
    let peers = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/bench/peers");
    let text = fs::read_to_string(peers.join("faults.yaml")).unwrap();
    let parsed = syntax::parse(FileId::default(), &Source::new("faults.yaml", text), syntax::ParseMode::Base);
    let all: Json = parsed.root.unwrap().to_json();
    let mut faults = Vec::new();
    for fault in all.as_array().unwrap() {
        let Some(change) = fault["kubernetes.yaml"].as_array() else { continue };
        let pair = |pair: &[Json]| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned());
        let changes = match change[0].as_array() {
            Some(_) => change.iter().map(|one| pair(one.as_array().unwrap())).collect(),
            None => vec![pair(change)],
        };
        let rule = fault["in_manifests"].as_str().or(fault["rule"].as_str()).unwrap();
        faults.push((rule.to_owned(), changes));
    }
    faults
}

#[test]
fn every_fault_that_manifests_can_say_is_found_and_none_in_the_clean_twin() {
    let peers = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/bench/peers");
    let clean = fs::read_to_string(peers.join("clean/kubernetes.yaml")).unwrap();
    assert_eq!(found(&clean), []);
    let faults = faults();
    let (mut met, mut missed) = (0, BTreeSet::new());
    for (rule, changes) in &faults {
        let mut text = clean.clone();
        for (out, into) in changes {
            assert_eq!(text.matches(out).count(), 1, "{rule}: {out}");
            text = text.replace(out, into);
        }
        let found = found(&text);
        let is_beyond = BEYOND.contains(&rule.as_str());
        match found.iter().any(|one| one.rule == *rule) {
            true if !is_beyond => met += 1,
            false if is_beyond => {}
            _ => {
                missed.insert(format!("{rule}: {found:#?}"));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    assert_eq!((faults.len(), met), (20, 16));
}

#[test]
fn a_dump_of_a_cluster_gives_no_false_finding() {
    let peers = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/bench/peers");
    let clean = fs::read_to_string(peers.join("clean/kubernetes.yaml")).unwrap();
    // what a server adds: the number that runs beside the autoscaler, its defaults, a status
    let server = "uid: 0b7c5d0e-4a52-4b0f-9d2a-8f1d2a6a7b11, resourceVersion: \"4711\", generation: 2, creationTimestamp: \"2026-01-05T08:00:00Z\"";
    let live = clean
        .replace("metadata: { name: api, labels", &format!("metadata: {{ name: api, {server}, labels"))
        .replace("metadata: { name: api }", &format!("metadata: {{ name: api, {server} }}"))
        .replace("  selector: { matchLabels: { app: api } }\n  template:", "  replicas: 3\n  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 25%, maxUnavailable: 25% } }\n  progressDeadlineSeconds: 600\n  revisionHistoryLimit: 10\n  selector: { matchLabels: { app: api } }\n  template:");
    assert!(live.contains("replicas: 3\n  strategy"));
    let items: String = live
        .split("\n---\n")
        .map(|document| {
            document
                .lines()
                .filter(|line| !line.starts_with('#'))
                .enumerate()
                .map(|(index, line)| format!("{}{line}\n", if index == 0 { "- " } else { "  " }))
                .collect::<String>()
        })
        .collect();
    assert_eq!(found(&format!("apiVersion: v1\nkind: List\nitems:\n{items}")), []);
}
