//! A value as YAML in one of the ways people write it: block or flow, bare or quoted, with comments between.

use arbitrary::Unstructured;
use serde_json::Value as Json;

/// Rules that comments may name; one is not a rule.
const ALLOWED: &[&str] = &[
    "missing-limits",
    "lost-in-target",
    "ignored-by-consumer",
    "connections-exhausted",
    "request-above-limit",
    "flapping-thresholds",
    "invalid-quantity",
    "no-such-rule",
];

/// Writes a document; the ways come from `u`.
pub fn document(u: &mut Unstructured<'_>, value: &Json) -> String {
    let mut out = String::new();
    if u.ratio(1, 16).unwrap_or(false) {
        out.push('\u{feff}');
    }
    block(u, value, 0, &mut out);
    match u.int_in_range(0..=20).unwrap_or(0) {
        1 => out = out.replace('\n', "\r\n"),
        2 => out.truncate(out.trim_end().len()),
        3 => out.insert_str(0, "---\n"),
        _ => {}
    }
    out
}

fn comment(u: &mut Unstructured<'_>, out: &mut String) {
    if !u.ratio(1, 24).unwrap_or(false) {
        return;
    }
    let rule = u.choose(ALLOWED).copied().unwrap_or("missing-limits");
    match u.int_in_range(0..=4).unwrap_or(0) {
        0 => out.push_str(&format!(" # scalegen: allow {rule} (known)")),
        1 => out.push_str(&format!(" # scalegen: allow {rule}")),
        2 => out.push_str(&format!(" # scalegen: allow {rule}, missing-requests (né \u{1b}[31m) # more")),
        3 => out.push_str(" # é \u{2028} note"),
        _ => out.push_str(" # scalegen: deny"),
    }
}

fn block(u: &mut Unstructured<'_>, value: &Json, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        Json::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                if u.ratio(1, 40).unwrap_or(false) {
                    out.push_str(&pad);
                    comment(u, out);
                    out.push('\n');
                }
                out.push_str(&format!("{pad}{}:", scalar(u, &Json::from(key.as_str()))));
                entry(u, value, indent, out);
            }
        }
        Json::Array(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&format!("{pad}-"));
                entry(u, item, indent, out);
            }
        }
        other => {
            out.push_str(&format!("{pad}{}", flow(u, other)));
            comment(u, out);
            out.push('\n');
        }
    }
}

fn entry(u: &mut Unstructured<'_>, value: &Json, indent: usize, out: &mut String) {
    let filled = match value {
        Json::Object(fields) => !fields.is_empty(),
        Json::Array(items) => !items.is_empty(),
        _ => false,
    };
    if filled && !u.ratio(1, 6).unwrap_or(false) {
        comment(u, out);
        out.push('\n');
        block(u, value, indent + 2, out);
        return;
    }
    let text = flow(u, value);
    if !text.is_empty() {
        out.push(' ');
        out.push_str(&text);
    }
    comment(u, out);
    out.push('\n');
}

fn flow(u: &mut Unstructured<'_>, value: &Json) -> String {
    match value {
        Json::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{}: {}", scalar(u, &Json::from(key.as_str())), flow(u, value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(u, item)).collect();
            format!("[{}]", items.join(", "))
        }
        other => scalar(u, other),
    }
}

fn scalar(u: &mut Unstructured<'_>, value: &Json) -> String {
    let Json::String(text) = value else { return value.to_string() };
    let plain = !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '%'))
        && !text.starts_with(['-', '%', '.']);
    match u.int_in_range(0..=7).unwrap_or(0) {
        1 => value.to_string(),
        2 if !text.chars().any(char::is_control) => format!("'{}'", text.replace('\'', "''")),
        _ if plain => text.clone(),
        _ => value.to_string(),
    }
}
