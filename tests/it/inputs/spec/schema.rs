//! The published schema, the fixture that sets everything, and the model hold the same fields with the same defaults.

use crate::targets::support::{nodes, set, yaml};
use scalegen::support::source::{FileId, Source};
use scalegen::syntax::{ParseMode, parse};
use serde_json::{Value, json};

/// What the model makes of the base and every profile of a spec, without places.
fn meaning(spec: &Value) -> String {
    let source = Source::new("spec.yaml", spec.to_string());
    let root = parse(FileId(0), &source, ParseMode::Spec).root.unwrap();
    let mut findings = Vec::new();
    let mut all = String::new();
    for laid in scalegen::inputs::spec::profiles::lay(&root, &mut findings) {
        let lowered = scalegen::model::lower(&laid.tree, &mut Default::default());
        all.push_str(&format!("{:?} {:?}\n", laid.profile, lowered.spec));
    }
    bare(&all)
}

/// A `Debug` text without spans and without who wrote what: two texts are equal where the values are.
fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("FieldSpan { ") {
        out.push_str(&rest[..at]);
        let end = rest[at..].find('}').unwrap();
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    out.replace("written: true", "").replace("written: false", "")
}

/// Faults of shape of the base of a spec.
fn faults(spec: &Value) -> usize {
    let source = Source::new("spec.yaml", spec.to_string());
    let root = parse(FileId(0), &source, ParseMode::Spec).root.unwrap();
    let base = scalegen::inputs::spec::profiles::lay(&root, &mut Vec::new()).next().unwrap();
    scalegen::inputs::spec::schema::ShapeChecker::default().check(&base.tree).len()
}

/// Takes a leaf away wherever it stands; gives how often it stood.
fn remove(node: &mut Value, path: &str) -> usize {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    let (key, list) = head.strip_suffix("[]").map_or((head, false), |key| (key, true));
    let Value::Object(fields) = node else { return 0 };
    let Some(rest) = rest else {
        let names: Vec<String> = fields.keys().filter(|name| key == "*" || *name == key).cloned().collect();
        let scalars: Vec<&String> = names.iter().filter(|name| !fields[*name].is_object()).collect();
        return scalars.into_iter().map(|name| fields.shift_remove(name)).collect::<Vec<_>>().len();
    };
    let mut count = 0;
    for (_, value) in fields.iter_mut().filter(|(name, _)| key == "*" || *name == key) {
        count += match value {
            Value::Array(items) if list => items.iter_mut().map(|item| remove(item, rest)).sum(),
            value => remove(value, rest),
        };
    }
    count
}

#[test]
fn everything_sets_every_leaf() {
    let spec = yaml("fixtures/everything.yaml");
    let mut missing = Vec::new();
    for (path, _) in nodes() {
        let mut changed = spec.clone();
        // a field that is a map is set by another
        let mut other = |value| set(&mut changed, &path, "", &value).is_empty();
        if other(json!("no field has this value")) && other(json!({ "no field": "has this value" })) {
            missing.push(path);
        }
    }
    assert!(missing.is_empty(), "fixtures/everything.yaml does not set {missing:?}");
    assert_eq!(faults(&spec), 0);
}

#[test]
fn every_leaf_has_words_and_two_examples() {
    let mut faults = Vec::new();
    for (path, node) in nodes() {
        if node["description"].as_str().unwrap_or_default().is_empty() {
            faults.push(format!("{path} has no description"));
        }
        if node["examples"].as_array().map_or(0, Vec::len) != 2 {
            faults.push(format!("{path} has not two examples"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_leaf_reaches_the_model() {
    let spec = yaml("fixtures/everything.yaml");
    let before = meaning(&spec);
    let mut lost = Vec::new();
    let mut changed_any = 0;
    for (path, node) in nodes() {
        // only the schema reads it: another number is refused there
        if path == "version" {
            continue;
        }
        let mut changed = spec.clone();
        let places = set(&mut changed, &path, "", &node["examples"][1]);
        if places.is_empty() {
            continue;
        }
        changed_any += 1;
        if meaning(&changed) == before {
            lost.push(path);
        }
    }
    assert!(changed_any > 100, "only {changed_any} leaves were changed");
    assert!(lost.is_empty(), "the model does not read {lost:?}");
}

#[test]
fn the_model_fills_in_the_schemas_defaults() {
    /// The default depends on another field; the description says so.
    const DEPENDS: &[&str] = &[
        "backingServices.*.reservedConnections",
        "services.*.autoscaling.scaleDown.delay",
        "services.*.autoscaling.scaleDown.threshold",
        "services.*.autoscaling.scaleUp.delay",
        "services.*.autoscaling.scaleUp.threshold",
        "services.*.update.surge",
    ];
    let spec = yaml("fixtures/everything.yaml");
    let mut differ = Vec::new();
    let mut compared = 0;
    for (path, node) in nodes() {
        let Some(default) = node.get("default").filter(|_| !DEPENDS.contains(&path.as_str())) else { continue };
        // options mean something to their target only, which knows their defaults
        if path.starts_with("targets.") {
            continue;
        }
        let (mut written, mut left_out) = (spec.clone(), spec.clone());
        set(&mut written, &path, "", default);
        if remove(&mut left_out, &path) == 0 || faults(&left_out) > 0 {
            continue;
        }
        compared += 1;
        let (written, left_out) = (meaning(&written), meaning(&left_out));
        if written != left_out {
            let at = written.bytes().zip(left_out.bytes()).position(|(a, b)| a != b).unwrap_or(0);
            let near = |text: &str| text[at.saturating_sub(80)..].chars().take(160).collect::<String>();
            differ.push(format!(
                "{path}: default {default}\n  written  {}\n  left out {}",
                near(&written),
                near(&left_out)
            ));
        }
    }
    assert!(compared >= 10, "only {compared} defaults were compared");
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
