//! Places of a spec with nothing in them: a null, an empty value, an empty mapping or an empty list. Where leaving a field out
//! is a fault, each of these is one too; and whatever stands anywhere, there is a finding or a rendering, never a bug of ours.
//!
//! The places are all of `fixtures/everything.yaml`, one for each field of the schema; a test holds that every place at which
//! the schema requires something is among them.

use crate::support::{Base, SCHEMA};
use scalegen::diagnostic::Severity;
use scalegen::{Wanted, lint, render, targets};
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

/// Whether an error is found in the base or, where one is asked for, in that profile.
fn is_refused(text: &str, profile: Option<&str>) -> bool {
    let wanted = Wanted { profiles: vec![profile.map(str::to_owned)], ..Wanted::default() };
    lint("scalegen.yaml", text.as_bytes(), &Base, &wanted).worst() == Some(Severity::Error)
}

/// What is wrong with one text: a bug of ours, or nothing rendered where nothing was found.
fn wrong(text: &str, profile: Option<&str>) -> Vec<String> {
    let all: Vec<String> = targets::ALL.iter().map(|target| target.meta.name.to_owned()).collect();
    let run = |names: &[String]| match render("scalegen.yaml", text.as_bytes(), &Base, profile, names) {
        Err(bug) => Err(format!("{names:?}: our bug: {bug}")),
        Ok(rendered) => {
            let refused = rendered.checked.worst() == Some(Severity::Error);
            match refused || !rendered.files.is_empty() {
                true => Ok(refused.then(|| rendered.checked.shaped)),
                false => Err(format!("{names:?}: no file and no finding")),
            }
        }
    };
    match run(&all) {
        Err(wrong) => vec![wrong],
        // what one target refuses is not to hide the others
        Ok(Some(true)) => all.iter().filter_map(|name| run(std::slice::from_ref(name)).err()).collect(),
        Ok(_) => Vec::new(),
    }
}

#[test]
fn nothing_at_a_place_is_refused_where_leaving_it_out_is() {
    let spec = everything();
    assert!(!is_refused(&spec.to_string(), None));
    let mut passed = Vec::new();
    let mut required = 0;
    for place in places(&spec) {
        let absent = is_refused(&with(&spec, &place, None).to_string(), None);
        required += usize::from(absent);
        for vacant in VACANT.iter().filter(|_| absent) {
            if !is_refused(&text(&with(&spec, &place, Some(json!(MARK))), vacant), None) {
                passed.push(format!("{}: {vacant}", place.join(".")));
            }
            // in a profile an empty value changes nothing, and a null takes away what the base has
            let overlaid = overlaid(&spec, &place).filter(|_| ["null", "~"].contains(vacant));
            if overlaid.is_some_and(|spec| !is_refused(&text(&spec, vacant), Some("vacant"))) {
                passed.push(format!("profile: {}: {vacant}", place.join(".")));
            }
        }
    }
    assert!(passed.is_empty(), "{} passed: {passed:#?}", passed.len());
    assert!(required >= 30, "only {required} places are required");
}

#[test]
fn nothing_at_any_place_is_no_bug_of_ours() {
    let spec = everything();
    let mut all = Vec::new();
    for place in places(&spec) {
        // a null is one however it is written
        for vacant in VACANT.iter().filter(|vacant| **vacant != "~") {
            let said = |how: &str, wrong: Vec<String>| {
                wrong
                    .into_iter()
                    .map(|wrong| format!("{how}{}: {vacant}: {wrong}", place.join(".")))
                    .collect::<Vec<_>>()
            };
            all.extend(said("", wrong(&text(&with(&spec, &place, Some(json!(MARK))), vacant), None)));
            if let Some(spec) = overlaid(&spec, &place) {
                all.extend(said("profile: ", wrong(&text(&spec, vacant), Some("vacant"))));
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
