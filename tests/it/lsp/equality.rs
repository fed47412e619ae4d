//! What the server shows is what `scalegen lint --format json` says, for every fixture, through the real program.

use super::session::Session;
use crate::cli::program::scalegen;
use scalegen::inputs::recognise;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Every YAML file below a folder that is text and has a known format.
fn texts(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        let yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        if let (true, Ok(text)) = (yaml && path.is_file(), fs::read_to_string(&path)) {
            // of any other the command line says that it is none
            let beside = |name: &str| fs::read_to_string(path.with_file_name(name)).ok();
            if recognise::recognise(&path.to_string_lossy(), &text, &beside).is_some() {
                found.push((path, text));
            }
        }
    }
    found
}

/// A 1-based line and column of the report as a position: columns there count characters, and a byte order mark is none.
fn position(text: &str, at: &Json, wide: bool) -> Json {
    let (line, column) = (at["line"].as_u64().unwrap() as usize - 1, at["column"].as_u64().unwrap() as usize - 1);
    let mut lines: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(end) = rest.find(['\n', '\r']) {
        lines.push(&rest[..end]);
        rest = &rest[end..];
        rest = rest.strip_prefix("\r\n").unwrap_or_else(|| &rest[1..]);
    }
    lines.push(rest);
    let own = lines.get(line).copied().unwrap_or_default();
    let mark = usize::from(line == 0 && own.starts_with('\u{feff}'));
    let character: usize =
        own.chars().take(column + mark).map(|c| if wide { c.len_utf16() } else { c.len_utf8() }).sum();
    json!({ "line": line, "character": character })
}

/// The findings of a report, by file, as the server should show them.
fn wanted(
    report: &Json,
    folder: &Path,
    texts: &BTreeMap<PathBuf, String>,
    wide: bool,
) -> BTreeMap<PathBuf, BTreeSet<String>> {
    let mut all: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
    let path = |file: &Json| folder.join(file.as_str().unwrap());
    let text = |path: &Path| texts.get(path).cloned().or_else(|| fs::read_to_string(path).ok()).unwrap_or_default();
    let range = |one: &Json| {
        let text = text(&path(&one["file"]));
        json!({ "start": position(&text, &one["start"], wide), "end": position(&text, &one["end"], wide) })
    };
    for one in report["findings"].as_array().unwrap() {
        let clean = |json: &Json| scalegen::report::clean(json.as_str().unwrap());
        let mut message = clean(&one["message"]);
        let profiles: Vec<&str> = one["profiles"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
        if !profiles.is_empty() {
            let s = if profiles.len() == 1 { "" } else { "s" };
            message.push_str(&format!("\nin profile{s} {}", scalegen::report::clean(&profiles.join(", "))));
        }
        if !one["help"].is_null() {
            message.push_str(&format!("\nhelp: {}", clean(&one["help"])));
        }
        let related: Vec<Json> = one["related"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| json!({ "file": path(&part["file"]), "range": range(part), "message": part["label"] }))
            .collect();
        let severity = match one["severity"].as_str().unwrap() {
            "error" => 1,
            "warning" => 2,
            _ => 3,
        };
        let shown = json!({
            "code": one["rule"], "severity": severity, "message": message, "range": range(one), "related": related,
            "help": one["help"], "profiles": one["profiles"],
        });
        all.entry(path(&one["file"])).or_default().insert(shown.to_string());
    }
    all
}

/// What the server showed, in the same form.
fn shown(diagnostics: &BTreeMap<String, Vec<Json>>) -> BTreeMap<PathBuf, BTreeSet<String>> {
    let path = |uri: &Json| scalegen::support::uri::to_path(uri.as_str().unwrap()).unwrap();
    let one = |found: &Json| {
        assert_eq!(found["source"], "scalegen");
        let related: Vec<Json> = found["relatedInformation"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|part| {
                let location = &part["location"];
                json!({ "file": path(&location["uri"]), "range": location["range"], "message": part["message"] })
            })
            .collect();
        json!({
            "code": found["code"], "severity": found["severity"], "message": found["message"], "range": found["range"],
            "related": related, "help": found["data"]["help"], "profiles": found["data"]["profiles"],
        })
        .to_string()
    };
    let all = diagnostics.iter().filter(|(_, found)| !found.is_empty());
    all.map(|(uri, found)| (path(&json!(uri)), found.iter().map(one).collect())).collect()
}

fn compare(folder: &Path, encodings: &[&str]) -> usize {
    let folder = folder.canonicalize().unwrap();
    let texts: BTreeMap<PathBuf, String> = texts(&folder).into_iter().collect();
    let mut args = vec!["lint".to_owned(), "--format".to_owned(), "json".to_owned()];
    args.extend(texts.keys().map(|path| path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned()));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let ran = scalegen(&folder, &args);
    let report: Json = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
    let wanted = wanted(&report, &folder, &texts, !encodings.contains(&"utf-8"));
    let mut session = Session::start(&folder, encodings);
    for (path, text) in &texts {
        session.open(path, text);
    }
    session.settle();
    let shown = shown(&session.shown);
    session.end();
    let files: BTreeSet<&PathBuf> = wanted.keys().chain(shown.keys()).collect();
    let none = BTreeSet::new();
    for file in files {
        let (wanted, shown) = (wanted.get(file).unwrap_or(&none), shown.get(file).unwrap_or(&none));
        let missing: Vec<&String> = wanted.difference(shown).collect();
        let extra: Vec<&String> = shown.difference(wanted).collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "{}\nlint alone: {missing:#?}\nlsp alone: {extra:#?}",
            file.display()
        );
    }
    report["findings"].as_array().unwrap().len()
}

#[test]
fn every_fixture_has_the_findings_of_lint() {
    assert!(compare(Path::new("fixtures"), &["utf-16"]) > 500);
}

#[test]
fn positions_in_utf_8_are_the_same_places() {
    compare(Path::new("fixtures/broken"), &["utf-8", "utf-16"]);
    compare(Path::new("fixtures/edges"), &["utf-8", "utf-16"]);
}

#[test]
fn real_files_have_the_findings_of_lint() {
    let Some(folder) = std::env::var_os("SCALEGEN_CORPUS") else {
        println!("SCALEGEN_CORPUS names no folder: no real files were shown");
        return;
    };
    compare(Path::new(&folder), &["utf-16"]);
}
