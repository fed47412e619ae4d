//! YAML tokens for templates: every value becomes one scalar that YAML 1.1 and 1.2 readers both read as that value.

use serde_json::Value as Json;
use std::fmt::Write;

/// One line of YAML that reads back as the value: a plain or quoted scalar, or a flow collection of quoted ones.
pub(super) fn token(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(flag) => flag.to_string(),
        Json::Number(number) => number.to_string(),
        Json::String(text) => scalar(text),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(in_flow).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(key, value)| format!("{}: {}", quoted(key), in_flow(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// Inside brackets a plain scalar could be cut by a comma or a bracket, so every string is quoted.
fn in_flow(value: &Json) -> String {
    match value {
        Json::String(text) => quoted(text),
        other => token(other),
    }
}

/// A string on one line: plain where every reader takes it as that string, else in double quotes.
pub(super) fn scalar(text: &str) -> String {
    if needs_escape(text) {
        return quoted(text);
    }
    match serde_saphyr::to_string(&text) {
        Ok(written) => {
            let written = written.strip_suffix('\n').unwrap_or(&written);
            if written.contains(['\n', '\r']) { quoted(text) } else { written.to_owned() }
        }
        Err(_) => quoted(text),
    }
}

fn needs_escape(text: &str) -> bool {
    text.chars().any(is_hidden)
}

/// Characters that YAML readers fold, refuse, or take for a line end, and those that nobody sees.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
}

/// A double-quoted scalar, with everything escaped that is not plainly visible.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_hidden(c) => {
                let code = u32::from(c);
                let _ = if code > 0xffff { write!(out, "\\U{code:08x}") } else { write!(out, "\\u{code:04x}") };
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A whole value as block YAML below a key: each line indented, a line end in front; empty collections stay on the line.
pub(super) fn block(value: &Json, indent: usize) -> String {
    let mut out = String::new();
    block_into(&mut out, value, indent);
    out
}

fn block_into(out: &mut String, value: &Json, indent: usize) {
    match value {
        Json::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                let _ = write!(out, "\n{:indent$}{}:", "", scalar(key));
                below(out, value, indent + 2);
            }
        }
        Json::Array(items) if !items.is_empty() => {
            for item in items {
                let _ = write!(out, "\n{:indent$}-", "");
                // a map's first key stands on the line of its dash
                let mut text = String::new();
                below(&mut text, item, indent + 2);
                let text =
                    text.strip_prefix(&format!("\n{:width$}", "", width = indent + 2)).unwrap_or(text.trim_start());
                let _ = write!(out, " {text}");
            }
        }
        other => {
            let _ = write!(out, " {}", token(other));
        }
    }
}

fn below(out: &mut String, value: &Json, indent: usize) {
    match value {
        Json::Object(fields) if !fields.is_empty() => block_into(out, value, indent),
        Json::Array(items) if !items.is_empty() => block_into(out, value, indent),
        Json::String(text) if is_plain_lines(text) => {
            out.push_str(" |-");
            for line in text.split('\n') {
                let _ = write!(out, "\n{:indent$}{line}", "");
            }
        }
        other => {
            let _ = write!(out, " {}", token(other));
        }
    }
}

/// Several lines that stand in a block as they are: none empty, none with a space at its ends, nothing hidden in them.
fn is_plain_lines(text: &str) -> bool {
    let plain = |line: &str| !line.is_empty() && line.trim() == line && !line.contains(is_hidden);
    text.contains('\n') && text.split('\n').all(plain)
}
