//! The schema as an editor shows it: what hovers, completes and complains there. Knows the annotations that language
//! servers read, above all yaml-language-server, and no spec.
//!
//! It refuses what the schema in `schemas/` does, and by pattern the quantities, durations and times that scalegen itself
//! reads without one; other than that only words and forms differ.

use super::{SCHEMA, sample};
use serde_json::{Map, Value as Json, json};

/// What the formats of the schema look like, and what to say of a text that does not: no narrower than the model reads them.
const FORMATS: &[(&str, &str, &str)] = &[
    ("scalegen-cpu", QUANTITY, "not a number of cores: write it like 500m or 2"),
    ("scalegen-memory", QUANTITY, "not an amount of memory: write it like 512Mi or 4Gi"),
    ("scalegen-duration", DURATION, "not a duration: write it like 90s, 1m or 1h30m"),
    ("scalegen-time", r"^(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)$", "not a time of day: write it like \"08:00\""),
    ("scalegen-percent", r"^\+?0*(100|[0-9]{1,2})%$", "neither a whole number nor a percentage up to 100%"),
];
const QUANTITY: &str = r"^\s*\+?([0-9]+\.?[0-9]*|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?\s*$";
const DURATION: &str = r"^\s*(0|(?=\S)([0-9.]+w)?([0-9.]+d)?([0-9.]+h)?([0-9.]+m)?([0-9.]+s)?([0-9.]+ms)?)\s*$";

/// The published schema, dressed for editors.
#[must_use]
pub fn for_editors() -> String {
    let mut schema: Json = serde_json::from_str(SCHEMA).unwrap_or_default();
    overlays(&mut schema);
    let mut dressed = schema.clone();
    dress(&mut dressed, &schema);
    let definitions = dressed.get_mut("$defs").and_then(Json::as_object_mut);
    for (_, definition) in definitions.into_iter().flatten().filter(|(name, _)| name.starts_with("whole")) {
        hush(definition);
    }
    // serializing a value cannot fail
    serde_json::to_string_pretty(&dressed).unwrap_or_default() + "\n"
}

/// How the definitions that only overlays use end.
const OVERLAID: &str = "InOverlay";

/// Gives overlays definitions of their own, in which every field may be null: that takes away what the base says.
fn overlays(schema: &mut Json) {
    let root = schema.clone();
    let Some(definitions) = schema.get_mut("$defs").and_then(Json::as_object_mut) else { return };
    let mut wanted = vec!["overlay".to_owned()];
    let mut index = 0;
    while let Some(name) = wanted.get(index).cloned() {
        let Some(mut definition) = root.pointer(&format!("/$defs/{name}")).cloned() else { return };
        nullable(&mut definition, &root, &mut wanted);
        let own = if index == 0 { name } else { name + OVERLAID };
        definitions.insert(own, definition);
        index += 1;
    }
}

/// Lets every field within be null. What a field refers to is put in its place, or in `wanted` if it has fields itself.
fn nullable(schema: &mut Json, root: &Json, wanted: &mut Vec<String>) {
    let Some(node) = schema.as_object_mut() else { return };
    let name =
        node.get("$ref").and_then(Json::as_str).and_then(|name| name.strip_prefix("#/$defs/")).map(str::to_owned);
    if let Some(name) = name {
        let target = root.pointer(&format!("/$defs/{name}")).and_then(Json::as_object);
        if target
            .is_some_and(|target| ["properties", "additionalProperties"].iter().any(|key| target.contains_key(*key)))
        {
            node.insert("$ref".to_owned(), format!("#/$defs/{name}{OVERLAID}").into());
            if !wanted.contains(&name) {
                wanted.push(name);
            }
        } else {
            node.shift_remove("$ref");
            for (key, value) in target.into_iter().flatten() {
                node.entry(key).or_insert_with(|| value.clone());
            }
        }
    }
    match node.get_mut("type") {
        Some(Json::Array(kinds)) if !kinds.contains(&json!("null")) => kinds.push("null".into()),
        Some(Json::String(kind)) => {
            let kind = std::mem::take(kind);
            node.insert("type".to_owned(), json!([kind, "null"]));
        }
        _ => {}
    }
    let more = [
        ("enum", Json::Null),
        ("enumDescriptions", "Takes away what the base says.".into()),
        ("oneOf", json!({ "type": "null" })),
    ];
    for (key, value) in more {
        if let Some(list) = node.get_mut(key).and_then(Json::as_array_mut) {
            list.push(value);
        }
    }
    for (_, field) in node.get_mut("properties").and_then(Json::as_object_mut).into_iter().flatten() {
        nullable(field, root, wanted);
    }
    if let Some(entry) = node.get_mut("additionalProperties") {
        nullable(entry, root, wanted);
    }
    // the forms of a field, each with fields of its own; the field itself may be null, no form need be
    for form in node.get_mut("oneOf").and_then(Json::as_array_mut).into_iter().flatten() {
        for (_, field) in form.get_mut("properties").and_then(Json::as_object_mut).into_iter().flatten() {
            nullable(field, root, wanted);
        }
    }
}

/// Dresses a schema and all within it; `root` is the whole as it was.
fn dress(schema: &mut Json, root: &Json) {
    let Some(node) = schema.as_object_mut() else { return };
    message(node);
    branches(node, root);
    format(node);
    words(node);
    for (key, inner) in node.iter_mut() {
        match key.as_str() {
            "properties" | "$defs" => {
                inner.as_object_mut().into_iter().flatten().for_each(|(_, schema)| dress(schema, root));
            }
            "allOf" | "anyOf" | "oneOf" => {
                inner.as_array_mut().into_iter().flatten().for_each(|schema| dress(schema, root));
            }
            "additionalProperties" | "items" => dress(inner, root),
            _ => {}
        }
    }
}

/// Puts our own words where a language server says "matches a schema that is not allowed": it lets nobody change those,
/// so what excludes each other is said by the last of the fields that may not be there.
fn message(node: &mut Map<String, Json>) {
    let Some(message) = node.get("x-message").cloned() else { return };
    for branch in node.get_mut("anyOf").and_then(Json::as_array_mut).into_iter().flatten() {
        branch["errorMessage"] = message.clone();
    }
    let last =
        node.get("not").and_then(|not| not.pointer("/required")?.as_array()?.last()?.as_str()).map(str::to_owned);
    if let (Some(last), Some(not)) = (last, node.shift_remove("not")) {
        node.insert("if".to_owned(), not);
        node.insert("then".to_owned(), json!({ "properties": { last: false }, "errorMessage": message }));
    }
}

/// A pattern for what only a format describes.
fn format(node: &mut Map<String, Json>) {
    let format = node.get("format").and_then(Json::as_str).unwrap_or_default().to_owned();
    let Some((_, pattern, message)) = FORMATS.iter().find(|(name, ..)| *name == format) else { return };
    node.insert("pattern".to_owned(), (*pattern).into());
    node.insert("patternErrorMessage".to_owned(), (*message).into());
    if format == "scalegen-duration" {
        node.insert("if".to_owned(), json!({ "type": "integer" }));
        node.insert("then".to_owned(), json!({ "const": 0, "errorMessage": "write the unit, as in 90s" }));
    }
}

/// Forms of one field: they keep no words of their own, or a hover would show those instead of the field's.
fn branches(node: &mut Map<String, Json>, root: &Json) {
    for branch in node.get_mut("oneOf").and_then(Json::as_array_mut).into_iter().flatten() {
        let Some(form) = branch.as_object_mut() else { continue };
        if let Some(Json::String(name)) = form.shift_remove("$ref") {
            let named = root.pointer(name.trim_start_matches('#')).and_then(Json::as_object).cloned();
            for (key, value) in named.into_iter().flatten() {
                form.entry(key).or_insert(value);
            }
        }
        form.shift_remove("description");
        let examples = form.shift_remove("examples");
        let Some(fields) = form.get("properties").and_then(Json::as_object) else { continue };
        let keys: Vec<&str> = fields.keys().map(String::as_str).collect();
        // the message for another form: expected "integer | min and max"
        let title = keys.join(" and ");
        if let Some(first) = examples.as_ref().and_then(|examples| examples.get(0)) {
            let snippet = json!([{ "label": sample::line(first), "body": first }]);
            form.insert("defaultSnippets".to_owned(), snippet);
        }
        form.insert("title".to_owned(), title.into());
    }
}

/// Defaults and examples that are maps, or hold some, become words, and for a map of entries one entry to insert.
///
/// A hover shows no default, and completing a mapping would write out all defaults within it; a map is offered as
/// "[object Object]".
fn words(node: &mut Map<String, Json>) {
    let mut text = escaped(node.get("description").and_then(Json::as_str).unwrap_or_default());
    let bare = text.len();
    let mut examples = node.get("examples").and_then(Json::as_array).cloned().unwrap_or_default();
    examples.retain(|example| example.as_object().is_none_or(|fields| !fields.is_empty()));
    if node.contains_key("enum") {
        // the words themselves are shown and offered
        node.shift_remove("examples");
        examples.clear();
    }
    if let Some(default) = node.shift_remove("default") {
        text.push_str(&format!("\n\nDefault: `{}`", sample::line(&default)));
        if !node.contains_key("enum") && !examples.contains(&default) {
            examples.insert(0, default);
        }
    }
    let (large, small): (Vec<Json>, Vec<Json>) = examples.into_iter().partition(holds_map);
    for example in &large {
        text.push_str(&format!("\n\n```yaml\n{}\n```", sample::yaml(example)));
    }
    if text.len() > bare {
        node.insert("markdownDescription".to_owned(), text.into());
    }
    if small.is_empty() {
        node.shift_remove("examples");
    } else {
        node.insert("examples".to_owned(), small.into());
    }
    let entries = node.get("additionalProperties").is_some_and(Json::is_object) && !node.contains_key("properties");
    if let (true, Some(first)) = (entries, large.first()) {
        node.insert("defaultSnippets".to_owned(), json!([{ "label": sample::line(first), "body": first }]));
    }
}

fn holds_map(value: &Json) -> bool {
    value.is_object() || value.as_array().is_some_and(|items| items.iter().any(holds_map))
}

/// Text as Markdown that shows it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// What only says which fields must be there offers none of its own: the shape does.
fn hush(schema: &mut Json) {
    for (key, inner) in schema.as_object_mut().into_iter().flatten() {
        match key.as_str() {
            "properties" => {
                for (_, property) in inner.as_object_mut().into_iter().flatten() {
                    if let Some(property) = property.as_object_mut() {
                        property.insert("doNotSuggest".to_owned(), true.into());
                    }
                    hush(property);
                }
            }
            "additionalProperties" => hush(inner),
            _ => {}
        }
    }
}
