//! No silent loss: every field of the spec and every target have one verdict, and what the target does bears it out.
//!
//! Each leaf of the schema is set, in `fixtures/everything.yaml`, to the second of its examples, at every place where it
//! stands; what the target then means to write is compared with what it meant before. Where the names of the services
//! there are not a target's, `fixtures/everything.<target>.yaml` is laid over it.

use scalegen::support::source::{FileId, Source};
use scalegen::syntax::{ParseMode, parse};
use scalegen::targets::{self, Target, Verdict};
use scalegen::{CheckOptions, Files, Lowering, lint, lower};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;

pub const SCHEMA: &str = include_str!("../../../schemas/spec.schema.json");

/// The base files of the compose target and of all others, and the chart of the helm target, under whatever name they are asked for.
pub struct Base;

impl Files for Base {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let chart = ["Chart.yaml", "values.yaml", "values.schema.json"].contains(&name);
        let path = if chart {
            format!("fixtures/charts/everything/{name}")
        } else if name.ends_with(".env") {
            "fixtures/everything.env".to_owned()
        } else if path.starts_with("k8s/") {
            format!("fixtures/inputs/kubernetes/plain/{name}")
        } else if name.contains("manifests") {
            "fixtures/everything.manifests.yaml".to_owned()
        } else if name.contains("common") {
            "fixtures/everything.common.yml".to_owned()
        } else {
            "fixtures/everything.compose.yml".to_owned()
        };
        fs::read(path).map_err(|error| error.to_string())
    }
}

/// The schema's leaves with what it says of each, in the order of the schema.
pub fn nodes() -> Vec<(String, Value)> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    nodes_of(&schema, &json!({ "$ref": "#/$defs/spec" }))
}

/// The same of any schema, from one of its nodes on.
pub fn nodes_of(schema: &Value, from: &Value) -> Vec<(String, Value)> {
    let mut leaves = Vec::new();
    walk(schema, from, "", &mut leaves);
    leaves
}

/// The schema's leaves with the value to set.
fn leaves() -> Vec<(String, Value)> {
    let second = |(path, node): (String, Value)| {
        let example = node.pointer("/examples/1").unwrap_or_else(|| panic!("{path} has no second example")).clone();
        (path, example)
    };
    nodes().into_iter().map(second).collect()
}

fn resolve(schema: &Value, node: &Value) -> Value {
    let mut node = node.clone();
    while let Some(reference) = node.get("$ref").and_then(Value::as_str) {
        let mut target = schema.pointer(reference.strip_prefix('#').unwrap()).unwrap().clone();
        // what stands beside a reference comes before what it names
        for (key, value) in node.as_object().unwrap().iter().filter(|(key, _)| *key != "$ref") {
            target[key] = value.clone();
        }
        node = target;
    }
    node
}

fn walk(schema: &Value, node: &Value, path: &str, leaves: &mut Vec<(String, Value)>) {
    let node = resolve(schema, node);
    if let Some(branches) = node.get("oneOf").and_then(Value::as_array) {
        return branches.iter().for_each(|branch| walk(schema, branch, path, leaves));
    }
    let mut children: Vec<(String, &Value)> = Vec::new();
    for (key, value) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
        children.push((if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, value));
    }
    children
        .extend(node.get("additionalProperties").filter(|value| value.is_object()).map(|v| (format!("{path}.*"), v)));
    let items = node.get("items").filter(|items| resolve(schema, items).get("properties").is_some());
    children.extend(items.map(|items| (format!("{path}[]"), items)));
    if children.is_empty() {
        return leaves.push((path.to_owned(), node));
    }
    // an overlay holds the same fields again, and one of its own
    for (path, child) in children.iter().filter(|(p, _)| !p.starts_with("profiles.*.") || p == "profiles.*.extends") {
        walk(schema, child, path, leaves);
    }
}

/// A fixture as JSON.
pub fn yaml(path: &str) -> Value {
    let source = Source::new(path, fs::read_to_string(path).unwrap());
    let parsed = parse(FileId(0), &source, ParseMode::Spec);
    assert!(parsed.findings.is_empty(), "{path}: {:#?}", parsed.findings);
    parsed.root.unwrap().to_json()
}

fn lay(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                match value {
                    Value::Null => drop(base.shift_remove(&key)),
                    value => lay(base.entry(key).or_insert(Value::Null), value),
                }
            }
        }
        (base, over) => *base = over,
    }
}

/// The spec that has everything, with names this target knows.
fn everything(target: &Target) -> Value {
    let mut spec = yaml("fixtures/everything.yaml");
    let over = format!("fixtures/everything.{}.yaml", target.meta.name);
    if fs::exists(&over).unwrap() {
        lay(&mut spec, yaml(&over));
    }
    spec
}

/// Sets a leaf wherever it stands with another value; gives the places as JSON pointers.
pub fn set(node: &mut Value, path: &str, at: &str, to: &Value) -> Vec<String> {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    let (key, list) = head.strip_suffix("[]").map_or((head, false), |key| (key, true));
    let Value::Object(fields) = node else { return Vec::new() };
    let mut places = Vec::new();
    for (name, value) in fields.iter_mut().filter(|(name, _)| key == "*" || *name == key) {
        let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        match (rest, value) {
            // a map is another form of the field, with leaves of its own
            (None, Value::Object(_)) if !to.is_object() => {}
            (None, value) if value == to => {}
            (None, value) => {
                *value = to.clone();
                places.push(at);
            }
            (Some(rest), Value::Array(items)) if list => {
                for (index, item) in items.iter_mut().enumerate() {
                    places.extend(set(item, rest, &format!("{at}/{index}"), to));
                }
            }
            (Some(rest), value) => places.extend(set(value, rest, &at, to)),
        }
    }
    places
}

fn run(spec: &Value, target: &Target) -> Lowering {
    lower("everything.yaml", spec.to_string().as_bytes(), &Base, None, target.meta.name)
}

/// What a target means to write, and the losses' paths.
fn views(lowering: &Lowering) -> Value {
    let views = lowering.views.iter().flat_map(|(_, views)| views);
    views.map(|view| json!([view.path, view.template, view.document, view.tags])).collect()
}

/// Whether a path is the other, above it or inside it.
fn meet(a: &str, b: &str) -> bool {
    let inside = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    a == b || inside(a, b) || inside(b, a)
}

/// Whether a loss is said at this place, above or inside it.
fn is_lost(lowering: &Lowering, place: &str) -> bool {
    lowering.checked.findings.iter().zip(&lowering.checked.paths).any(|(finding, path)| {
        ["lost-in-target", "ignored-by-consumer"].contains(&finding.rule.as_str())
            && !finding.message.starts_with("no target of this run")
            && meet(place, path)
    })
}

/// Faults of the reading, after which a service takes no part: then nothing would be proved.
const MISREAD: &[&str] = &["unknown-field", "missing-field", "wrong-type", "invalid-value", "invalid-quantity"];

/// The findings of these rules, for a person.
fn of_rules(lowering: &Lowering, rules: &[&str]) -> Vec<String> {
    let findings = lowering.checked.findings.iter().zip(&lowering.checked.paths);
    let found = findings.filter(|(finding, _)| rules.contains(&finding.rule.as_str()));
    found.map(|(finding, path)| format!("{} {path}: {}", finding.rule, finding.message)).collect()
}

/// The services without which the target would write something else: a field of the others cannot be lost in it.
fn subjects(target: &Target, spec: &Value, before: &Value) -> Vec<String> {
    let names = spec["services"].as_object().unwrap().keys();
    let matters = |name: &&String| {
        let mut without = spec.clone();
        without["services"].as_object_mut().unwrap().shift_remove(*name);
        views(&run(&without, target)) != *before
    };
    names.filter(matters).map(|name| format!("/services/{name}")).collect()
}

/// What the target does with a leaf; `checked` stands for `not its subject` too, which nothing seen tells apart.
fn seen(
    target: &Target,
    spec: &Value,
    before: &Value,
    subjects: &[String],
    leaf: &str,
    to: &Value,
) -> Result<(Verdict, String), String> {
    let mut changed = spec.clone();
    let places = set(&mut changed, leaf, "", to);
    if ["health", "liveness", "startup"].iter().any(|probe| leaf == format!("services.*.{probe}.tcp")) {
        // `tcp: false` is no question, so another must stand there
        places
            .iter()
            .for_each(|place| changed.pointer_mut(place.trim_end_matches("/tcp")).unwrap()["http"] = json!("/"));
    }
    if places.is_empty() && leaf != "version" {
        return Err("no place in the fixture where it is not the second example already".to_owned());
    }
    let after = run(&changed, target);
    let misread = of_rules(&after, MISREAD);
    if !misread.is_empty() {
        return Err(format!("the second example {to} breaks the fixture: {misread:#?}"));
    }
    if views(&after) != *before {
        return Ok((Verdict::Written, "the output changes".to_owned()));
    }
    let (lost, mut silent): (Vec<&String>, Vec<&String>) = places.iter().partition(|place| is_lost(&after, place));
    silent.retain(|place| !place.starts_with("/services/") || subjects.iter().any(|service| meet(service, place)));
    match (lost.first(), silent.first()) {
        (Some(lost), Some(silent)) => Err(format!("the output stays, a loss is said at {lost} and none at {silent}")),
        (Some(lost), None) => Ok((Verdict::Lost, format!("the output stays, and a loss is said at {lost}"))),
        (None, _) => Ok((Verdict::Checked, "the output stays, and no loss is said".to_owned())),
    }
}

/// The sections that every page has, in this order; the first of its own stand before them, and the support table ends it.
const SECTIONS: [&str; 3] = ["Options", "Traps", "Support"];

/// Lines of a page with the headings of its sections among them; what stands in a code block is not a heading.
fn headings(page: &str) -> Vec<(usize, &str)> {
    let mut code = false;
    let mut found = Vec::new();
    for (index, line) in page.lines().enumerate() {
        code ^= line.starts_with("```");
        found.extend(line.strip_prefix("## ").filter(|_| !code).map(|heading| (index, heading)));
    }
    found
}

/// What is wrong with a page, apart from its support table.
fn page_faults(name: &str, page: &str, summary: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines: Vec<&str> = page.lines().collect();
    if lines[..2] != [format!("# {name}").as_str(), ""] {
        wrong.push(format!("opens with {:?}, not with `# {name}` and an empty line", &lines[..2]));
    }
    if summary.lines().count() != 1 || summary.starts_with(['#', '|', '-', '`']) || summary.contains(" | ") {
        wrong.push(format!("its summary is not one line of text: {summary:?}"));
    }
    if !summary.ends_with('.') {
        wrong.push(format!("its summary does not end with a full stop: {summary:?}"));
    }
    let headings = headings(page);
    let titles: Vec<&str> = headings.iter().map(|(_, title)| *title).collect();
    let common: Vec<&str> = titles.iter().copied().filter(|title| SECTIONS.contains(title)).collect();
    if common != SECTIONS || titles.last() != SECTIONS.last() || titles.first() == SECTIONS.first() {
        wrong.push(format!(
            "its sections are {titles:?}; sections of its own come first, then {SECTIONS:?} in this order"
        ));
    }
    for (nth, (start, title)) in headings.iter().enumerate() {
        let end = headings.get(nth + 1).map_or(lines.len(), |(next, _)| *next);
        if lines[start + 1..end].iter().all(|line| line.trim().is_empty()) {
            wrong.push(format!("its section {title} is empty"));
        }
    }
    wrong
}

/// The options that a page's own table explains.
fn explained(page: &str) -> Vec<&str> {
    let section = page.split("\n## Options\n").nth(1).unwrap_or_default().split("\n## ").next().unwrap_or_default();
    section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect()
}

#[test]
fn every_page_says_what_the_target_does_before_its_table() {
    let mut wrong = Vec::new();
    for target in targets::ALL {
        let name = target.meta.name;
        wrong.extend(page_faults(name, target.page, target.summary()).iter().map(|fault| format!("{name}: {fault}")));
        let prefix = format!("targets.{name}.");
        let mut options: Vec<String> = Vec::new();
        for (leaf, _) in leaves() {
            let Some(option) = leaf.strip_prefix(&prefix) else { continue };
            let option = option.split('.').next().unwrap().trim_end_matches("[]").to_owned();
            options.extend((!options.contains(&option)).then_some(option));
        }
        let explained = explained(target.page);
        if explained != options {
            wrong.push(format!("{name}: its options are {options:?}, its page explains {explained:?}"));
        }
    }
    assert!(wrong.is_empty(), "the pages of targets:\n{}", wrong.join("\n"));
}

#[test]
fn a_page_that_lost_its_prose_is_seen() {
    let table = "## Support\n\n| field | verdict | note |\n|---|---|---|\n| `version` | checked | |\n";
    let good = format!("# x\n\nWrites x.\n\n## Form\n\na\n\n## Options\n\na\n\n## Traps\n\na\n\n{table}");
    let faults = |page: &str| page_faults("x", page, page.split("\n\n").nth(1).unwrap().trim());
    assert_eq!(faults(&good), Vec::<String>::new());
    assert_eq!(faults(&format!("\n{table}")).len(), 4);
    for (from, to) in [
        ("# x\n", "# y\n"),
        ("Writes x.", "Writes x"),
        ("Writes x.", "Writes\nx."),
        ("## Form\n\na\n\n", ""),
        ("## Form\n\na\n\n", "```\n## Form\n```\n\n"),
        ("## Traps\n\na", "## Traps"),
        ("## Traps", "## Pitfalls"),
        ("## Options", "## Support"),
    ] {
        assert_eq!(faults(&good.replacen(from, to, 1)).len(), 1, "{from:?} as {to:?}");
    }
}

#[test]
fn the_schema_has_the_leaves_that_the_tables_list() {
    let leaves = leaves();
    let mut wrong = Vec::new();
    for target in targets::ALL {
        let name = target.meta.name;
        let mut table: BTreeMap<&str, Verdict> = BTreeMap::new();
        for row in target.support() {
            match row.verdict {
                None => wrong.push(format!("{name}: {}: not a verdict", row.field)),
                Some(verdict) if table.insert(row.field, verdict).is_some() => {
                    wrong.push(format!("{name}: {}: a second row", row.field));
                }
                Some(_) if !leaves.iter().any(|(leaf, _)| leaf == row.field) => {
                    wrong.push(format!("{name}: {}: no field of the spec", row.field));
                }
                Some(_) => {}
            }
        }
        let missing = leaves.iter().filter(|(leaf, _)| !table.contains_key(leaf.as_str()));
        wrong.extend(missing.map(|(leaf, _)| format!("{name}: {leaf}: no row")));
    }
    assert!(wrong.is_empty(), "the support tables:\n{}", wrong.join("\n"));
}

#[test]
fn every_verdict_is_borne_out() {
    let mut wrong = Vec::new();
    for target in targets::ALL {
        let name = target.meta.name;
        let spec = everything(target);
        let unchanged = run(&spec, target);
        let refused = of_rules(&unchanged, &[MISREAD, &["refused-by-target"]].concat());
        assert!(refused.is_empty(), "{name} does not take everything: {refused:#?}");
        let before = views(&unchanged);
        let subjects = subjects(target, &spec, &before);
        assert!(!subjects.is_empty(), "{name} writes nothing of any service");
        let table: BTreeMap<&str, Verdict> =
            target.support().filter_map(|row| Some((row.field, row.verdict?))).collect();
        for (leaf, to) in leaves() {
            let Some(expected) = table.get(leaf.as_str()) else { continue };
            let borne_out = match seen(target, &spec, &before, &subjects, &leaf, &to) {
                Ok((Verdict::Checked, _)) if *expected == Verdict::NotItsSubject => continue,
                Ok((seen, _)) if seen == *expected => continue,
                Ok((seen, why)) => format!("seen {}: {why}", seen.word()),
                Err(why) => why,
            };
            wrong.push(format!("{leaf} in {name}: expected {}, {borne_out}", expected.word()));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} verdicts are wrong, or fixtures/everything.yaml has no service that shows them (then write fixtures/everything.<target>.yaml, \
         which is laid over it):\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn what_no_target_reads_is_said_once() {
    let spec = |targets: &str| {
        format!(
            "version: 1\nname: ml\nservices:\n  gateway:\n    expose: {{ host: ml.example.com, path: / }}\n  \
             scheduler:\n    expose: {{ path: /s }}\nprofiles:\n  large:\n    services:\n      gateway:\n        \
             expose: {{ keepalive: 4 }}\ntargets:\n  nginx: {{ listen: 80 }}\n  {targets}\n"
        )
    };
    let said = |spec: &str, wanted: &CheckOptions| {
        let checked = lint("spec.yaml", spec.as_bytes(), &Base, wanted);
        let findings = checked.findings.into_iter().zip(checked.paths);
        let said = findings.filter(|(finding, _)| finding.message.starts_with("no target of this run"));
        said.map(|(finding, path)| {
            (path, finding.profiles.iter().map(|name| name.to_string()).collect::<Vec<_>>(), finding.message)
        })
        .collect::<Vec<_>>()
    };
    let polyaxon = CheckOptions { targets: vec!["polyaxon".to_owned()], ..CheckOptions::default() };
    let everything = spec("polyaxon: { chart: \"2.15.1\" }");
    let message = "no target of this run (polyaxon) reads services.*.expose.host, services.*.expose.path (2 places)";
    assert_eq!(
        said(&everything, &polyaxon),
        [("/services/gateway/expose/host".to_owned(), Vec::<String>::new(), message.to_owned())]
    );
    let bare = everything.replace("    expose: { host: ml.example.com, path: / }\n", "    replicas: 2\n");
    let bare = bare.replace("    expose: { path: /s }\n", "    replicas: 2\n");
    let message = "no target of this run (polyaxon) reads services.*.expose.keepalive";
    assert_eq!(
        said(&bare, &polyaxon),
        [(
            "/profiles/large/services/gateway/expose/keepalive".to_owned(),
            vec!["large".to_owned()],
            message.to_owned()
        )]
    );
    let base = CheckOptions { profiles: vec![None], ..polyaxon.clone() };
    assert_eq!(said(&bare, &base), []);
    // where another target of the run writes it, nothing is lost
    if targets::get("nginx").is_some() {
        let both = CheckOptions { targets: vec!["polyaxon".to_owned(), "nginx".to_owned()], ..CheckOptions::default() };
        assert_eq!(said(&everything, &both), []);
    }
}
