//! Plausible specs from bytes: a spec of the fixtures with some fields changed, or one made up along the schema.
//!
//! Names come from small pools, so that references meet what they name; values are the schema's own examples, values
//! of the fixtures, and odd ones that readers take for something else.

use crate::files::fixtures;
use arbitrary::{Result, Unstructured};
use scalegen::support::source::{FileId, Source};
use scalegen::syntax::{ParseMode, parse};
use serde_json::{Map, Value as Json, json};
use std::sync::OnceLock;

const SERVICES: &[&str] = &["api", "worker", "gateway", "scheduler", "beat", "runtime", "envoy", "web-1"];
const BACKING: &[&str] = &["postgres", "redis", "kafka", "db"];
const PROFILES: &[&str] = &["small", "large", "medium", "prod"];

fn odd() -> &'static [Json] {
    static ODD: OnceLock<Vec<Json>> = OnceLock::new();
    ODD.get_or_init(|| {
        let texts = [
            "",
            " ",
            "no",
            "~",
            "1e3",
            "0x1F",
            "08",
            "12:30",
            "-0",
            "0",
            "0.0000000001",
            "99999999999999999999",
            "1e400",
            "9223372036854775807",
            "18446744073709551616",
            "1Ei",
            "8Ei",
            "16Ei",
            "1m",
            "16GB",
            "1.5Gi",
            "1e3Mi",
            "100%",
            "0%",
            "1000000%",
            "10y",
            "1h30m",
            "30m1h",
            "0s",
            "87600h",
            "24:00",
            "00:00",
            "25:00",
            "Europe/Berlin",
            "UTC",
            "Australia/Lord_Howe",
            "Mars/Base",
            "${VAR:-x}",
            "$$",
            "{{ value }}",
            "a: b",
            "- x",
            "é☕日本語",
            "\u{1b}[31mred",
            "\u{202e}abc",
            "two\nlines",
            "\u{2028}",
            "\u{85}",
            "../../etc/passwd",
            "/",
            "a/b",
            "*.x.org",
            "registry/x@sha256:00",
            "a;b{}",
            "\"q\"",
            "'",
            "\\",
            "#",
            "\u{feff}x",
            "0777",
            "1_000",
            ".nan",
            "-.inf",
        ];
        let mut all: Vec<Json> = texts.iter().map(|text| json!(text)).collect();
        all.extend([
            json!(null),
            json!(true),
            json!(false),
            json!(-1),
            json!(0),
            json!(1),
            json!(2),
            json!(3),
            json!(65535),
            json!(65536),
            json!(1_000_000),
            json!(1_000_001),
            json!(i64::MAX),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(0.1),
            json!(0.75),
            json!(1.0),
            json!(1e300),
            json!(-0.0),
            json!({}),
            json!([]),
            json!([null]),
            json!({"min": 3, "max": 1}),
            json!({"": 1}),
        ]);
        all
    })
}

fn schema() -> &'static Json {
    static SCHEMA: OnceLock<Json> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        serde_json::from_str(include_str!("../../../schemas/spec.schema.json")).expect("the schema is JSON")
    })
}

/// Fixtures as values, and every scalar that stands in them.
fn known() -> &'static (Vec<Json>, Vec<Json>) {
    static KNOWN: OnceLock<(Vec<Json>, Vec<Json>)> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut specs = Vec::new();
        for fixture in fixtures() {
            let parsed = parse(FileId(0), &Source::new("", fixture.text.as_str()), ParseMode::Spec);
            if let (Some(root), true) = (parsed.root, parsed.findings.is_empty()) {
                specs.push(root.to_json());
            }
        }
        let mut scalars = Vec::new();
        specs.iter().for_each(|spec| leaves(spec, &mut scalars));
        (specs, scalars)
    })
}

fn leaves(value: &Json, found: &mut Vec<Json>) {
    match value {
        Json::Object(fields) => fields.values().for_each(|value| leaves(value, found)),
        Json::Array(items) => items.iter().for_each(|value| leaves(value, found)),
        scalar if !found.contains(scalar) => found.push(scalar.clone()),
        _ => {}
    }
}

/// One spec as a value; fixtures in three of four cases.
pub fn spec(u: &mut Unstructured<'_>) -> Result<Json> {
    let mut spec = if u.ratio(3, 4)? { u.choose(&known().0)?.clone() } else { made_up(u)? };
    let edits = u.int_in_range(0..=5)?;
    for _ in 0..edits {
        edit(u, &mut spec)?;
    }
    Ok(spec)
}

fn count(value: &Json) -> usize {
    1 + match value {
        Json::Object(fields) => fields.values().map(count).sum(),
        Json::Array(items) => items.iter().map(count).sum(),
        _ => 0,
    }
}

/// Changes one place: another value, one more field along the schema, or one less.
fn edit(u: &mut Unstructured<'_>, spec: &mut Json) -> Result<()> {
    let mut left = u.int_in_range(0..=count(spec) - 1)?;
    let mut node = schema().pointer("/$defs/spec").unwrap_or(&Json::Null);
    change(u, spec, &mut left, &mut node)
}

fn change(u: &mut Unstructured<'_>, value: &mut Json, left: &mut usize, node: &mut &'static Json) -> Result<()> {
    let here = *node;
    if *left == 0 {
        return at(u, value, here);
    }
    *left -= 1;
    match value {
        Json::Object(fields) => {
            for (key, value) in fields.iter_mut() {
                let size = count(value);
                if *left < size {
                    *node = field(here, key);
                    return change(u, value, left, node);
                }
                *left -= size;
            }
        }
        Json::Array(items) => {
            for value in items.iter_mut() {
                let size = count(value);
                if *left < size {
                    *node = target(here.get("items").unwrap_or(&Json::Null));
                    return change(u, value, left, node);
                }
                *left -= size;
            }
        }
        _ => {}
    }
    Ok(())
}

fn at(u: &mut Unstructured<'_>, value: &mut Json, node: &'static Json) -> Result<()> {
    match value {
        Json::Object(fields) => match u.int_in_range(0..=4)? {
            0 if !fields.is_empty() => {
                let index = u.choose_index(fields.len())?;
                let key = fields.keys().nth(index).cloned().unwrap_or_default();
                fields.shift_remove(&key);
            }
            1 if !fields.is_empty() => {
                let index = u.choose_index(fields.len())?;
                let one = fields.values().nth(index).cloned().unwrap_or_default();
                let name = *u.choose(&[SERVICES, BACKING, PROFILES].concat())?;
                fields.insert(name.to_owned(), one);
            }
            _ => {
                let new = make(u, node, 0)?;
                match (new, fields) {
                    (Json::Object(new), fields) => fields.extend(new),
                    (new, _) => *value = new,
                }
            }
        },
        Json::Array(items) => match u.int_in_range(0..=2)? {
            0 if !items.is_empty() => {
                let index = u.choose_index(items.len())?;
                items.remove(index);
            }
            1 if !items.is_empty() => {
                let index = u.choose_index(items.len())?;
                items.push(items[index].clone());
            }
            _ => items.push(make(u, target(node.get("items").unwrap_or(&Json::Null)), 0)?),
        },
        scalar => {
            *scalar = match u.int_in_range(0..=3)? {
                0 => u.choose(odd())?.clone(),
                1 => u.choose(&known().1)?.clone(),
                _ => make(u, node, 0)?,
            }
        }
    }
    Ok(())
}

/// Follows `$ref`.
fn target(node: &'static Json) -> &'static Json {
    match node.get("$ref").and_then(Json::as_str) {
        Some(reference) => schema().pointer(reference.trim_start_matches('#')).unwrap_or(&Json::Null),
        None => node,
    }
}

/// The schema of a field, through unions.
fn field(node: &'static Json, key: &str) -> &'static Json {
    let own = node.get("properties").and_then(|all| all.get(key)).or_else(|| node.get("additionalProperties"));
    let found = own.or_else(|| {
        let branches = ["oneOf", "anyOf"].into_iter().filter_map(|word| node.get(word)?.as_array()).flatten();
        branches.map(target).map(|branch| field(branch, key)).find(|found| !found.is_null())
    });
    found.map_or(&Json::Null, target)
}

fn made_up(u: &mut Unstructured<'_>) -> Result<Json> {
    let node = schema().pointer("/$defs/spec").unwrap_or(&Json::Null);
    let mut spec = Map::new();
    spec.insert("version".to_owned(), json!(1));
    spec.insert("name".to_owned(), json!("shop"));
    spec.insert("services".to_owned(), make(u, field(node, "services"), 0)?);
    for key in ["backingServices", "capacity", "profiles", "targets", "recommendations", "limitResources"] {
        if u.ratio(2, 5)? {
            spec.insert(key.to_owned(), make(u, field(node, key), 0)?);
        }
    }
    Ok(Json::Object(spec))
}

/// A value along the schema.
fn make(u: &mut Unstructured<'_>, node: &'static Json, depth: usize) -> Result<Json> {
    let node = target(node);
    if u.is_empty() || depth > 8 || u.ratio(1, 40)? {
        return Ok(u.choose(odd())?.clone());
    }
    for word in ["oneOf", "anyOf"] {
        if let Some(branches) = node.get(word).and_then(Json::as_array) {
            let branch = u.choose(branches)?;
            return make(u, branch, depth + 1);
        }
    }
    if let Some(fields) = node.get("properties").and_then(Json::as_object) {
        let mut made = Map::new();
        for (key, node) in fields {
            if u.ratio(1, 3)? {
                made.insert(key.clone(), make(u, node, depth + 1)?);
            }
        }
        return Ok(Json::Object(made));
    }
    if let Some(values) = node.get("additionalProperties").filter(|node| node.is_object()) {
        let pool = match u.int_in_range(0..=5)? {
            0 | 1 => BACKING,
            2 => PROFILES,
            _ => SERVICES,
        };
        let mut made = Map::new();
        for _ in 0..u.int_in_range(1..=3)? {
            let key = (*u.choose(pool)?).to_owned();
            made.insert(key, make(u, values, depth + 1)?);
        }
        return Ok(Json::Object(made));
    }
    if let Some(items) = node.get("items") {
        let mut made = Vec::new();
        for _ in 0..u.int_in_range(0..=3)? {
            made.push(make(u, items, depth + 1)?);
        }
        return Ok(Json::Array(made));
    }
    let examples = node.get("examples").or_else(|| node.get("enum")).and_then(Json::as_array);
    match examples {
        Some(examples) if !examples.is_empty() && u.ratio(4, 5)? => Ok(u.choose(examples)?.clone()),
        _ if node.get("type") == Some(&json!("integer")) => Ok(json!(u.int_in_range(0..=20)?)),
        _ if node.get("type") == Some(&json!("boolean")) => Ok(json!(u.arbitrary::<bool>()?)),
        _ => Ok(u.choose(&known().1)?.clone()),
    }
}
