//! The planted faults of the comparison with peers (`tests/bench/peers.sh`): scalegen finds each, and not in its clean
//! twin, and the README's short table says what the committed long one says.

use scalegen::{CheckOptions, Files};
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

const FOLDER: &str = "tests/bench/peers";

/// The files of one deployment, by name.
#[derive(Clone)]
struct Deployment(BTreeMap<String, String>);

impl Files for Deployment {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.get(path).map(|text| text.clone().into_bytes()).ok_or_else(|| format!("no {path}"))
    }
}

impl Deployment {
    fn clean() -> Deployment {
        let names = ["scalegen.yaml", "overlay.scalegen.yaml", "docker-compose.yml", "kubernetes.yaml", "values.yaml"];
        let read = |name: &str| {
            let folder = if name == "values.yaml" { "chart/" } else { "" };
            (name.to_owned(), fs::read_to_string(format!("{FOLDER}/clean/{folder}{name}")).unwrap())
        };
        Deployment(names.into_iter().map(read).collect())
    }

    /// Puts one fault into every form that can say it.
    fn plant(&mut self, fault: &Value) {
        for (name, text) in &mut self.0 {
            let Some(Value::Sequence(change)) = fault.get(name.as_str()) else { continue };
            let changes = if change[0].is_sequence() { change.clone() } else { vec![Value::Sequence(change.clone())] };
            for change in changes {
                let (out, into) = (change[0].as_str().unwrap(), change[1].as_str().unwrap());
                assert_eq!(text.matches(out).count(), 1, "{fault:?}: {out:?} in {name}");
                *text = text.replace(out, into);
            }
        }
    }

    /// The rules that report something in the spec that reads these files.
    fn rules(&self, fault: &Value) -> BTreeSet<String> {
        let spec = if fault.get("base").is_some() { "overlay.scalegen.yaml" } else { "scalegen.yaml" };
        let checked = scalegen::lint(spec, self.0[spec].as_bytes(), self, &CheckOptions::default());
        checked.findings.iter().map(|finding| finding.rule.to_string()).collect()
    }
}

fn faults() -> Vec<Value> {
    serde_yaml::from_str(&fs::read_to_string(format!("{FOLDER}/faults.yaml")).unwrap()).unwrap()
}

#[test]
fn each_planted_fault_is_found_and_not_in_its_clean_twin() {
    let faults = faults();
    assert!(faults.len() >= 15);
    for fault in &faults {
        let rule = fault["rule"].as_str().unwrap();
        let clean = Deployment::clean();
        assert!(!clean.rules(fault).contains(rule), "the clean twin has {rule}");
        let mut planted = clean;
        planted.plant(fault);
        let found = planted.rules(fault);
        assert!(found.contains(rule), "{rule} is not found, but {found:?}");
    }
}

/// The cells of a Markdown table's rows, the line of dashes left out.
fn rows(table: &str) -> Vec<Vec<&str>> {
    let lines = table.lines().filter(|line| line.starts_with("| "));
    lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn the_readme_says_what_the_committed_run_found() {
    let found = fs::read_to_string(format!("{FOLDER}/found.md")).unwrap();
    let found = rows(&found);
    let (head, body) = found.split_first().unwrap();
    let planted: Vec<String> = faults().iter().map(|fault| fault["fault"].as_str().unwrap().to_owned()).collect();
    let listed: Vec<&str> = body.iter().map(|row| row[0]).collect();
    assert_eq!(listed, planted, "run tests/bench/peers.sh --update");
    let readme = fs::read_to_string("tests/README.md").unwrap();
    let short = readme.split("<!-- peers -->").nth(1).and_then(|rest| rest.split("<!-- /peers -->").next()).unwrap();
    let short = rows(short);
    assert_eq!(short.len(), head.len(), "run tests/bench/peers.sh --update");
    for (column, row) in (1..).zip(&short[1..]) {
        let cells: Vec<&str> = body.iter().map(|row| row[column]).collect();
        let count = |wanted: fn(&str) -> bool| cells.iter().filter(|cell| wanted(cell)).count().to_string();
        assert_eq!(row[0], head[column]);
        assert_eq!((row[2], row[3]), (&*count(|cell| cell == "found"), &*count(|cell| !cell.is_empty())), "{}", row[0]);
    }
    // all of them, which the other test holds true
    assert_eq!(short[1][2], planted.len().to_string());
    // what the README says of files that others read too
    let found = |tool: &str| short.iter().find(|row| row[0] == tool).map(|row| (row[2], row[3])).unwrap();
    let (compose, manifests) = (found("scalegen lint, compose file alone"), found("scalegen lint, manifests alone"));
    let (engine, linter) = (found("docker compose config"), found("compose-lint"));
    let sentence = format!(
        "Of {} scaling faults planted in a compose file it finds {} in that file alone, docker compose {}, compose-lint {}; of {} in manifests {}, and with its spec all {}",
        compose.1,
        compose.0,
        engine.0,
        linter.0,
        manifests.1,
        manifests.0,
        planted.len()
    );
    let words = fs::read_to_string("README.md").unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&sentence), "{sentence}");
}
