//! Keys and values as the bytes of one YAML line. Knows no text around them.

use super::EditValue;
use crate::syntax;

/// A value on one line; text keeps the quotes it had.
pub(super) fn token(value: &EditValue, quote: Option<char>) -> String {
    match value {
        EditValue::Int(number) => number.to_string(),
        EditValue::Text(text) => match quote {
            Some('\'') if !text.contains(|c: char| c.is_control()) => format!("'{}'", text.replace('\'', "''")),
            Some(_) => quoted(text),
            None => scalar(text),
        },
        EditValue::Map(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{}: {}", key(name), token(value, None))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        EditValue::List(items) => {
            let items: Vec<String> = items.iter().map(|item| token(item, None)).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

/// A key: bare if every reader takes it as that text.
pub(super) fn key(name: &str) -> String {
    let word = matches!(name, "null" | "Null" | "NULL" | "true" | "True" | "TRUE" | "false" | "False" | "FALSE");
    let number = name.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-'));
    if word || number || syntax::ambiguous_text(name).is_some() { quoted(name) } else { scalar(name) }
}

fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'));
    if plain { text.to_owned() } else { quoted(text) }
}

/// In double quotes; the escapes of JSON are escapes of YAML too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `a: { b: value }` for the keys `a`, `b`; `padded` says whether the neighbours have blanks inside their braces.
pub(super) fn flow(path: &[String], value: &EditValue, padded: bool) -> String {
    match path {
        [] => token(value, None),
        [name] => format!("{}: {}", key(name), token(value, None)),
        [name, rest @ ..] => {
            let inner = flow(rest, value, padded);
            if padded { format!("{}: {{ {inner} }}", key(name)) } else { format!("{}: {{{inner}}}", key(name)) }
        }
    }
}

/// Block lines for the keys of `path`, each a step further in; without a line end at the end.
pub(super) fn block(path: &[String], value: &EditValue, indent: usize, step: usize, end: &str) -> String {
    let mut out = String::new();
    for (depth, name) in path.iter().enumerate() {
        out.push_str(end);
        out.extend(std::iter::repeat_n(' ', indent + depth * step));
        out.push_str(&key(name));
        out.push(':');
    }
    out.push(' ');
    out.push_str(&token(value, None));
    out
}
