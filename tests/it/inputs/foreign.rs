//! Files of other tools checked without a spec: planted faults, and the corpus.

use crate::common::golden::golden;
use crate::common::judge::say;
use scalegen::inputs::recognise;
use scalegen::{CheckOptions, CheckResult, FileSet, Files, lint_set};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(self.0.join(path)).map_err(|error| error.to_string())
    }

    fn exists(&self, path: &str) -> bool {
        self.0.join(path).exists()
    }
}

/// One text under a name.
struct OneText<'t>(&'t str, &'t str);

impl Files for OneText<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if path == self.0 { Ok(self.1.as_bytes().to_vec()) } else { Err("no such file".to_owned()) }
    }
}

/// What is found in one file by itself.
fn check(name: &str, files: &dyn Files, text: &str) -> CheckResult {
    let beside = |path: &str| Some(String::from_utf8_lossy(&files.read(path).ok()?).into_owned());
    let format = recognise::recognise(name, text, &beside).unwrap_or_else(|| panic!("{name}: no known format"));
    let set = FileSet { format, paths: vec![name.to_owned()], name: name.to_owned() };
    lint_set(&set, files, &CheckOptions::default()).expect("the file is there")
}

fn rules_of(checked: &CheckResult) -> Vec<String> {
    checked.findings.iter().map(|finding| finding.rule.to_string()).collect()
}

/// The faults of `tests/bench/peers/faults.yaml` that a compose file can have, each planted alone.
#[test]
fn planted_faults_are_found_in_the_compose_file_alone() {
    // each needs a fact that stands in no compose file; passwords are another tool's subject
    let beyond = ["connections-exhausted", "replicas-above-partitions", "replicated-singleton", "secret-in-env"];
    let name = "docker-compose.yml";
    let clean = fs::read_to_string(format!("tests/bench/peers/clean/{name}")).unwrap();
    let twin = check(name, &OneText(name, &clean), &clean);
    assert!(twin.findings.is_empty(), "the clean twin: {:?}", rules_of(&twin));
    let faults = fs::read_to_string("tests/bench/peers/faults.yaml").unwrap();
    let faults: Vec<BTreeMap<String, serde_json::Value>> = serde_yaml::from_str(&faults).unwrap();
    let (mut planted, mut found) = (0, 0);
    let mut wrong = Vec::new();
    for fault in &faults {
        let Some(edits) = fault.get(name).and_then(|edits| edits.as_array()) else { continue };
        let edits = if edits[0].is_array() { edits.clone() } else { vec![edits.clone().into()] };
        let text = edits.iter().fold(clean.clone(), |text, edit| {
            let (old, new) = (edit[0].as_str().unwrap(), edit[1].as_str().unwrap());
            assert_eq!(text.matches(old).count(), 1, "{old:?}");
            text.replace(old, new)
        });
        let rule = fault.get("in_compose").or(fault.get("rule")).and_then(|rule| rule.as_str()).unwrap();
        let rules = rules_of(&check(name, &OneText(name, &text), &text));
        let is_found = rules.iter().any(|found| found == rule);
        planted += 1;
        found += usize::from(is_found);
        if is_found == beyond.contains(&rule) {
            wrong.push(format!("{}: {rule} among {rules:?}", fault["fault"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((planted, found), (17, 13));
}

/// Every finding in the compose files of the corpus, but for `files-without-limits`, which each file without limits has once.
#[test]
fn the_corpus_has_these_faults_and_no_others() {
    let Some(corpus) = super::corpus::folder() else {
        say("SCALEGEN_CORPUS names no folder: no real compose file was checked as it is");
        return;
    };
    let mut names: Vec<String> = fs::read_dir(&corpus)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yml") || name.ends_with(".yaml"))
        .collect();
    names.sort();
    assert!(!names.is_empty(), "no compose file in {}", corpus.display());
    let (mut table, mut without_limits) = (String::new(), 0);
    for name in &names {
        let text = fs::read_to_string(corpus.join(name)).unwrap();
        // the names of the corpus begin with that of their repository
        let Some(format) = recognise::recognise(name, &text, &|_| None) else { continue };
        let set = FileSet { format, paths: vec![name.clone()], name: name.clone() };
        let checked = lint_set(&set, &Folder(corpus.clone()), &CheckOptions::default()).unwrap();
        let notes = checked.findings.iter().filter(|finding| finding.rule == "files-without-limits").count();
        assert!(notes <= 1, "{name}: one note a file");
        without_limits += notes;
        for finding in checked.findings.iter().filter(|finding| finding.rule != "files-without-limits") {
            let source = &checked.sources[usize::from(finding.at.file.0)];
            let line = source.numbers(finding.at.span.start).line;
            table.push_str(&format!("{}:{line} {}\n", source.name, finding.rule));
        }
    }
    println!("{} files, {without_limits} without limits", names.len());
    golden("fixtures/inputs/corpus-compose.txt", &table);
}
