//! Writes values of the schema as a person would in a spec. Knows scalars, lists and maps, no schema.

use crate::syntax::ambiguous_text;
use serde_json::Value as Json;

/// A value in block style: maps over several lines, lists of scalars in brackets. No line end at the end.
///
/// Made for the schema's examples and defaults, which a test reads back; not a writer for arbitrary text.
#[must_use]
pub fn yaml(value: &Json) -> String {
    let mut out = String::new();
    block(value, 0, &mut out);
    out
}

/// A value on one line.
#[must_use]
pub fn line(value: &Json) -> String {
    match value {
        Json::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Json::Object(fields) => {
            let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{key}: {}", line(value))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Json::Array(items) => format!("[{}]", items.iter().map(line).collect::<Vec<_>>().join(", ")),
        Json::String(text) if !is_plain(text) => value.to_string(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn block(value: &Json, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        Json::Object(fields) if !fields.is_empty() => {
            for (index, (key, value)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push_str(&format!("\n{pad}"));
                }
                out.push_str(&format!("{key}:"));
                if is_nested(value) {
                    out.push_str(&format!("\n{pad}  "));
                    block(value, indent + 2, out);
                } else {
                    out.push_str(&format!(" {}", line(value)));
                }
            }
        }
        Json::Array(items) if is_nested(value) => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(&format!("\n{pad}"));
                }
                out.push_str("- ");
                block(item, indent + 2, out);
            }
        }
        other => out.push_str(&line(other)),
    }
}

/// Whether a value takes lines of its own.
fn is_nested(value: &Json) -> bool {
    match value {
        Json::Object(fields) => !fields.is_empty(),
        Json::Array(items) => items.iter().any(is_nested),
        _ => false,
    }
}

/// Whether a text needs no quotes, in brackets too.
fn is_plain(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    let number = text.parse::<f64>().is_ok() || matches!(text, "true" | "false" | "null");
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/')
        // an address, a path, an image with its tag
        && text.split(':').all(|part| !part.is_empty() && part.chars().all(inner))
        && !number
        && ambiguous_text(text).is_none()
}
