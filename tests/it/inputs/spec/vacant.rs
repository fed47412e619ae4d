//! Places of a spec with nothing in them: a null, an empty value, an empty mapping or an empty list. Where leaving a field out
//! is a fault, each of these is one too; and whatever stands anywhere, there is a finding or a rendering, never a bug of ours.
//!
//! The places are all of `fixtures/everything.yaml`, one for each field of the schema; a test holds that every place at which
//! the schema requires something is among them.

use crate::targets::support::{Base, SCHEMA};
use scalegen::support::diagnostic::Severity;
use scalegen::{CheckOptions, lint, render, targets};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

const VACANT: [&str; 5] = ["null", "~", "", "{}", "[]"];
/// Stands in the JSON where a vacant value comes to stand: JSON has no empty value.
const MARK: &str = "vacant-here";

/// Keys of mappings and indices of lists, from the root.
type Place = Vec<String>;

fn everything() -> Json {
    serde_yaml::from_str(&std::fs::read_to_string("fixtures/everything.yaml").unwrap()).unwrap()
}

/// The place as the schema sees it: names that users give are one, as are items of a list.
fn general(place: &[String]) -> String {
    let named = |index: usize| {
        let above = index.checked_sub(1).map(|above| place[above].as_str());
        let listed = place[index].parse::<usize>().is_ok();
        listed
            || matches!(above, Some("services" | "backingServices" | "profiles" | "connections" | "env"))
            || (above == Some("recommendations") && index == 1)
            || (above == Some("paths"))
    };
    (0..place.len()).map(|index| if named(index) { "*" } else { place[index].as_str() }).collect::<Vec<_>>().join("/")
}

fn walk(value: &Json, place: &Place, all: &mut Vec<Place>) {
    let children: Vec<(String, &Json)> = match value {
        Json::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Json::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (key, child) in children {
        let below: Place = place.iter().cloned().chain([key]).collect();
        all.push(below.clone());
        walk(child, &below, all);
    }
}

/// One place for each field of the schema; of fields below profiles none, as a profile is laid in another way here.
fn places(spec: &Json) -> Vec<Place> {
    let mut all = Vec::new();
    walk(spec, &Vec::new(), &mut all);
    let mut seen = BTreeSet::new();
    all.retain(|place| (place[0] != "profiles" || place.len() < 3) && seen.insert(general(place)));
    all
}

/// The spec with something else at a place; with `None` nothing stands there.
fn with(spec: &Json, place: &[String], value: Option<Json>) -> Json {
    let mut spec = spec.clone();
    let (last, above) = place.split_last().unwrap();
    let parent = above.iter().fold(&mut spec, |node, key| match node {
        Json::Array(items) => &mut items[key.parse::<usize>().unwrap()],
        node => &mut node[key.as_str()],
    });
    match (parent, value) {
        (Json::Array(items), Some(value)) => items[last.parse::<usize>().unwrap()] = value,
        (Json::Array(items), None) => drop(items.remove(last.parse::<usize>().unwrap())),
        (parent, Some(value)) => parent[last.as_str()] = value,
        (parent, None) => drop(parent.as_object_mut().unwrap().remove(last.as_str())),
    }
    spec
}

/// The spec with one profile, which writes nothing but the mark at the place; none where a list is on the way.
fn overlaid(spec: &Json, place: &[String]) -> Option<Json> {
    let in_list = place.iter().any(|key| key.parse::<usize>().is_ok());
    if in_list || matches!(place[0].as_str(), "version" | "name" | "profiles") {
        return None;
    }
    let overlay = place.iter().rev().fold(json!(MARK), |inner, key| json!({ key: inner }));
    let mut spec = spec.clone();
    spec["profiles"] = json!({ "vacant": overlay });
    Some(spec)
}

fn text(spec: &Json, vacant: &str) -> String {
    spec.to_string().replace(&format!("\"{MARK}\""), vacant)
}

/// A spec with the targets that take every service of it.
struct Tried {
    spec: Json,
    targets: Vec<String>,
}

/// The whole spec for the targets that take it, and for each of the others what is left when the services that it refuses go.
fn tried() -> Vec<Tried> {
    let spec = everything();
    let names = targets::ALL.iter().map(|target| target.meta.name.to_owned());
    let is_taken = |name: &String| !is_refused(&spec.to_string(), None, std::slice::from_ref(name));
    let (whole, choosy): (Vec<String>, Vec<String>) = names.partition(is_taken);
    let mut all = vec![Tried { spec: spec.clone(), targets: whole }];
    for name in choosy {
        let mut spec = spec.clone();
        // these name services
        ["profiles", "recommendations", "claims", "from"]
            .iter()
            .for_each(|key| drop(spec.as_object_mut().unwrap().remove(*key)));
        let targets = vec![name];
        let wanted = CheckOptions { targets: targets.clone(), ..CheckOptions::default() };
        let checked = lint("scalegen.yaml", spec.to_string().as_bytes(), &Base, &wanted);
        for (finding, path) in checked.findings.iter().zip(&checked.paths) {
            if finding.severity == Severity::Error {
                spec["services"].as_object_mut().unwrap().remove(path.split('/').nth(2).unwrap());
            }
        }
        assert!(!is_refused(&spec.to_string(), None, &targets), "{targets:?}");
        all.push(Tried { spec, targets });
    }
    all
}

/// Whether an error is found in the base or, where one is asked for, in that profile.
fn is_refused(text: &str, profile: Option<&str>, targets: &[String]) -> bool {
    let profiles = vec![profile.map(str::to_owned)];
    let wanted = CheckOptions { profiles, targets: targets.to_vec(), ..CheckOptions::default() };
    lint("scalegen.yaml", text.as_bytes(), &Base, &wanted).worst() == Some(Severity::Error)
}

/// What is wrong with one text: a bug of ours, or nothing rendered where nothing was found.
fn wrong(text: &str, profile: Option<&str>, targets: &[String]) -> Option<String> {
    match render("scalegen.yaml", text.as_bytes(), &Base, profile, targets) {
        Err(bug) => Some(format!("our bug: {bug}")),
        Ok(rendered) => {
            let refused = rendered.checked.worst() == Some(Severity::Error);
            (!refused && rendered.files.is_empty()).then(|| "no file and no finding".to_owned())
        }
    }
}

#[test]
fn nothing_at_a_place_is_refused_where_leaving_it_out_is() {
    let Tried { spec, targets } = tried().remove(0);
    // what another part of the spec needs of a field is not a requirement of the field
    let is_required = |text: &str| {
        let wanted = CheckOptions { profiles: vec![None], targets: targets.clone(), ..CheckOptions::default() };
        let checked = lint("scalegen.yaml", text.as_bytes(), &Base, &wanted);
        checked.findings.iter().any(|finding| ["missing-field", "invalid-value"].contains(&finding.rule.as_str()))
    };
    let mut passed = Vec::new();
    let mut required = 0;
    for place in places(&spec) {
        let absent = is_required(&with(&spec, &place, None).to_string());
        required += usize::from(absent);
        for vacant in VACANT.iter().filter(|_| absent) {
            if !is_refused(&text(&with(&spec, &place, Some(json!(MARK))), vacant), None, &targets) {
                passed.push(format!("{}: {vacant}", place.join(".")));
            }
            // in a profile an empty value changes nothing, and a null takes away what the base has
            let overlaid = overlaid(&spec, &place).filter(|_| ["null", "~"].contains(vacant));
            if overlaid.is_some_and(|spec| !is_refused(&text(&spec, vacant), Some("vacant"), &targets)) {
                passed.push(format!("profile: {}: {vacant}", place.join(".")));
            }
        }
    }
    assert!(passed.is_empty(), "{} passed: {passed:#?}", passed.len());
    assert!(required >= 20, "only {required} places are required");
}

#[test]
fn nothing_at_any_place_is_no_bug_of_ours() {
    let mut all = Vec::new();
    for Tried { spec, targets } in tried() {
        // a target that takes part of the spec is tried where its part differs
        let part = targets.len() == 1;
        for place in places(&spec).into_iter().filter(|place| !part || place[0] == "targets" || place.len() < 3) {
            // each is rendered for every target, so the base and the profile share the values between them
            for (vacant, over) in [("null", "null"), ("{}", "")] {
                let base = text(&with(&spec, &place, Some(json!(MARK))), vacant);
                let profile = overlaid(&spec, &place).map(|spec| text(&spec, over));
                let tried = [(Some(base), None), (profile, Some("vacant"))];
                for (text, profile) in tried.into_iter().filter_map(|(text, profile)| Some((text?, profile))) {
                    let wrong = wrong(&text, profile, &targets);
                    all.extend(wrong.map(|wrong| format!("{profile:?} {}: {vacant}: {wrong}", place.join("."))));
                }
            }
        }
    }
    assert!(all.is_empty(), "{all:#?}");
}

/// Where the schema requires a key, an entry or an item: the place of the mapping or list, and what is required.
fn requirements(schema: &Json, node: &Json, place: &Place, depth: usize, all: &mut BTreeSet<String>) {
    let Some(fields) = node.as_object().filter(|_| depth < 14) else { return };
    let below = |key: &str| place.iter().cloned().chain([key.to_owned()]).collect::<Place>();
    let named = |key: &str| place.iter().map(String::as_str).chain([key]).collect::<Vec<_>>().join("/");
    for key in fields.get("required").and_then(Json::as_array).into_iter().flatten() {
        all.insert(named(key.as_str().unwrap()));
    }
    if ["minItems", "minProperties"].iter().any(|word| fields.contains_key(*word)) {
        all.insert(place.join("/"));
    }
    if let Some(name) = fields.get("$ref").and_then(Json::as_str) {
        requirements(schema, schema.pointer(&name[1..]).unwrap(), place, depth, all);
    }
    for word in ["allOf", "anyOf", "oneOf"] {
        for branch in fields.get(word).and_then(Json::as_array).into_iter().flatten() {
            requirements(schema, branch, place, depth, all);
        }
    }
    for (key, child) in fields.get("properties").and_then(Json::as_object).unwrap_or(&Map::new()) {
        requirements(schema, child, &below(key), depth + 1, all);
    }
    for word in ["items", "additionalProperties"] {
        if let Some(child) = fields.get(word) {
            requirements(schema, child, &below("*"), depth + 1, all);
        }
    }
}

#[test]
fn every_place_at_which_the_schema_requires_something_is_tried() {
    let schema: Json = serde_json::from_str(SCHEMA).unwrap();
    let mut required = BTreeSet::new();
    requirements(&schema, &schema, &Vec::new(), 0, &mut required);
    // an overlay is laid over the base here, place by place
    required.retain(|place| !place.starts_with("profiles/"));
    let tried: BTreeSet<String> = places(&everything()).iter().map(|place| general(place)).collect();
    let missed: Vec<&String> = required.iter().filter(|place| !tried.contains(*place)).collect();
    assert!(missed.is_empty() && required.len() > 20, "{missed:?} of {required:?}");
}
