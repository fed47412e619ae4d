//! The published schema says under `targets` what each target's own folder says: `src/targets/<t>/<t>.schema.json`, with `shape`
//! (the options) and `whole` (what must stand there once a profile is merged in). A target without that file has no options.

use crate::common::golden::golden;
use scalegen::targets::{ALL, Target};
use serde_json::{Value, json};
use std::fs;

const PUBLISHED: &str = "schemas/spec.schema.json";

/// The parts that a target's folder gives, as their lines, without a level of indentation.
fn parts(target: &Target) -> Vec<(String, Vec<String>)> {
    let path = format!("src/targets/{0}/{0}.schema.json", target.meta.name);
    let text = fs::read_to_string(&path).unwrap_or_else(|_| without_options(target));
    let value: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    let known: Vec<&String> =
        value.as_object().unwrap().keys().filter(|key| *key != "shape" && *key != "whole").collect();
    assert!(known.is_empty() && value.get("shape").is_some(), "{path} has `shape` and may have `whole`, not {known:?}");
    let mut parts: Vec<(String, Vec<String>)> = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("  ")).map(|line| &line[2..]) {
        if let Some((key, rest)) = line.strip_prefix('"').and_then(|line| line.split_once("\": ")) {
            parts.push((key.to_owned(), vec![rest.to_owned()]));
        } else {
            parts.last_mut().unwrap_or_else(|| panic!("{path}: a part begins with its key")).1.push(line.to_owned());
        }
    }
    for (_, lines) in &mut parts {
        let last = lines.last_mut().unwrap();
        *last = last.trim_end_matches(',').to_owned();
    }
    parts
}

fn without_options(target: &Target) -> String {
    let description = target.summary().replace('\n', " ");
    let shape = json!({
        "description": description, "type": ["object", "null"], "properties": {}, "additionalProperties": false,
        "examples": [{}, null],
    });
    serde_json::to_string_pretty(&json!({ "shape": shape })).unwrap()
}

/// The entries of all targets for one part, as a block whose lines start at this column.
fn block(part: &str, column: usize) -> Vec<String> {
    let indent = " ".repeat(column);
    let mut lines = Vec::new();
    for target in ALL {
        let Some((_, value)) = parts(target).into_iter().find(|(key, _)| key == part) else { continue };
        for (index, line) in value.iter().enumerate() {
            let key = if index == 0 { format!("\"{}\": ", target.meta.name) } else { String::new() };
            lines.push(format!("{indent}{key}{line}"));
        }
        lines.last_mut().unwrap().push(',');
    }
    let last = lines.last_mut().unwrap();
    last.truncate(last.len() - 1);
    lines
}

/// The published text with the lines between `open` and its closing brace replaced, where `open` is the first such line after
/// those of `after` in their order.
fn replaced(text: &str, after: &[&str], open: &str, block: &[String]) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    for wanted in after.iter().chain([&open]) {
        let found = lines[at..].iter().position(|line| line == wanted);
        at += found.unwrap_or_else(|| panic!("{PUBLISHED} has no line `{wanted}`")) + 1;
    }
    let close = format!("{}}}", " ".repeat(open.len() - open.trim_start().len()));
    let end = at + lines[at..].iter().position(|line| line.trim_end_matches(',') == close).expect("a closing brace");
    let kept = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    [kept(&lines[..at]), block.to_vec(), kept(&lines[end..])].concat().join("\n") + "\n"
}

#[test]
fn the_published_schema_has_the_options_of_each_target_from_its_folder() {
    let text = fs::read_to_string(PUBLISHED).unwrap();
    let text = replaced(&text, &["    \"targets\": {"], "      \"properties\": {", &block("shape", 8));
    let whole = ["    \"whole\": {", "        \"targets\": {"];
    let text = replaced(&text, &whole, "          \"properties\": {", &block("whole", 12));
    has_the_parts_of_the_folders(&serde_json::from_str(&text).unwrap());
    golden(PUBLISHED, &text);
}

/// What is written by line is held by value too: each target's parts stand in the published schema, and no others do.
fn has_the_parts_of_the_folders(schema: &Value) {
    for (part, path) in
        [("shape", "/$defs/targets/properties"), ("whole", "/$defs/whole/properties/targets/properties")]
    {
        let of = |target: &Target| Some((target.meta.name.to_owned(), own(target, part)?));
        let folders: serde_json::Map<String, Value> = ALL.iter().filter_map(of).collect();
        assert_eq!(schema.pointer(path), Some(&Value::Object(folders)), "{path}");
    }
}

fn own(target: &Target, part: &str) -> Option<Value> {
    let path = format!("src/targets/{0}/{0}.schema.json", target.meta.name);
    let text = fs::read_to_string(&path).unwrap_or_else(|_| without_options(target));
    serde_json::from_str::<Value>(&text).unwrap().get_mut(part).map(Value::take)
}
