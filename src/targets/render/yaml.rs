//! YAML tokens for templates: every value becomes one scalar that YAML 1.1 and 1.2 readers both read as that value.

use crate::support::pointer;
use serde_json::Value as Json;
use std::fmt::Write;

/// Texts that a consumer would replace before it reads YAML do not occur in the output, because their last
/// character is written as an escape of a double-quoted scalar.
pub(super) type Guarded = Option<&'static str>;

/// One line of YAML that reads back as the value: a plain or quoted scalar, or a flow collection of quoted ones.
pub(super) fn token(value: &Json, guarded: Guarded) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(flag) => flag.to_string(),
        Json::Number(number) => number.to_string(),
        Json::String(text) => scalar(text, guarded),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| in_flow(item, guarded)).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{}: {}", quoted(key, guarded), in_flow(value, guarded)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// Inside brackets a plain scalar could be cut by a comma or a bracket, so every string is quoted.
fn in_flow(value: &Json, guarded: Guarded) -> String {
    match value {
        Json::String(text) => quoted(text, guarded),
        other => token(other, guarded),
    }
}

/// A string on one line: plain if every reader takes it as that string, else in double quotes.
fn scalar(text: &str, guarded: Guarded) -> String {
    if is_word(text) {
        return text.to_owned();
    }
    if needs_escape(text) || is_guarded(text, guarded) {
        return quoted(text, guarded);
    }
    match serde_saphyr::to_string(&text) {
        Ok(written) => {
            let written = written.strip_suffix('\n').unwrap_or(&written);
            if written.contains(['\n', '\r']) { quoted(text, guarded) } else { written.to_owned() }
        }
        Err(_) => quoted(text, guarded),
    }
}

/// Words that some reader takes for a boolean, a null or a number, in any case.
const TAKEN: [&str; 13] =
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity", "none"];

/// A fast test for text that every reader takes as text: it begins with a letter, so it is not a number.
fn is_word(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'.');
    text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && text.len() <= 64
        && text.bytes().all(plain)
        && TAKEN.iter().all(|taken| !text.eq_ignore_ascii_case(taken))
}

fn needs_escape(text: &str) -> bool {
    text.chars().any(is_hidden)
}

/// Characters that YAML readers fold, refuse, or take for a line end, and invisible ones.
pub(in crate::targets) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
}

/// Whether a text contains a text that the consumer would replace.
fn is_guarded(text: &str, guarded: Guarded) -> bool {
    guarded.is_some_and(|sign| text.contains(sign))
}

/// A double-quoted scalar, in which everything is escaped that is not plainly visible, or must not occur literally.
fn quoted(text: &str, guarded: Guarded) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for (at, c) in text.char_indices() {
        let read = text.get(..at + c.len_utf8()).unwrap_or_default();
        if guarded.is_some_and(|sign| read.ends_with(sign)) {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
            continue;
        }
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

/// Local tags of values: their JSON pointers, and the position of the value that is written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LocalTags<'t> {
    /// The pointers of all tagged values of the document.
    pub(super) all: &'t [String],
    /// The pointer of the value that is written.
    pub(super) at: &'t str,
}

impl LocalTags<'_> {
    /// The tag of a value: a null removes, anything else replaces.
    fn tag(self, pointer: &str, value: &Json) -> Option<&'static str> {
        let tagged = self.all.iter().any(|tagged| tagged == pointer);
        tagged.then(|| if value.is_null() { " !reset" } else { " !override" })
    }
}

/// A whole value as block YAML below a key: each line indented, a line end in front; empty collections stay on the line.
pub(super) fn block(value: &Json, indent: usize, guarded: Guarded, tags: LocalTags<'_>) -> String {
    let mut out = String::new();
    block_into(&mut out, value, indent, guarded, tags);
    out
}

fn block_into(out: &mut String, value: &Json, indent: usize, guarded: Guarded, tags: LocalTags<'_>) {
    match value {
        Json::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                line(out, indent);
                out.push_str(&scalar(key, guarded));
                out.push(':');
                if tags.all.is_empty() {
                    below(out, value, indent + 2, guarded, tags);
                    continue;
                }
                let pointer = format!("{}/{}", tags.at, pointer::part(key));
                out.push_str(tags.tag(&pointer, value).unwrap_or_default());
                below(out, value, indent + 2, guarded, LocalTags { at: &pointer, ..tags });
            }
        }
        Json::Array(items) if !items.is_empty() => {
            for item in items {
                line(out, indent);
                out.push('-');
                let start = out.len();
                // no item of a list is tagged
                below(out, item, indent + 2, guarded, LocalTags::default());
                // a map's first key is on the line of its dash
                let written = out.get(start..).unwrap_or_default();
                let gap = written.len() - written.trim_start().len();
                out.replace_range(start..start + gap, " ");
            }
        }
        other => {
            out.push(' ');
            out.push_str(&token(other, guarded));
        }
    }
}

/// The start of a line.
fn line(out: &mut String, indent: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

fn below(out: &mut String, value: &Json, indent: usize, guarded: Guarded, tags: LocalTags<'_>) {
    match value {
        Json::Object(fields) if !fields.is_empty() => block_into(out, value, indent, guarded, tags),
        Json::Array(items) if !items.is_empty() => block_into(out, value, indent, guarded, tags),
        Json::String(text) if is_plain_lines(text) && !is_guarded(text, guarded) => {
            out.push_str(" |-");
            for text in text.split('\n') {
                line(out, indent);
                out.push_str(text);
            }
        }
        other => {
            out.push(' ');
            out.push_str(&token(other, guarded));
        }
    }
}

/// Whether several lines can be in a literal block: none empty, none with a space at its ends, nothing invisible in them.
fn is_plain_lines(text: &str) -> bool {
    let plain = |line: &str| !line.is_empty() && line.trim() == line && !line.contains(is_hidden);
    text.contains('\n') && text.split('\n').all(plain)
}

#[cfg(test)]
mod tests {
    use super::{TAKEN, is_word};

    #[test]
    fn what_passes_for_a_word_at_a_glance_is_one_to_the_writer_of_yaml_too() {
        for taken in TAKEN {
            assert!(!is_word(taken) && !is_word(&taken.to_uppercase()), "{taken}");
        }
        let long = "a".repeat(64);
        let words =
            ["registry.example.com/team/a", "no-op", "null_", "y/n", "false-1.5e3", "n_", "name", "kind", "e5", "x1"];
        for word in
            words.into_iter().chain([long.as_str(), "i", "z", "Nope", "a.b", "nul", "infinit", "ya", "o", "onn"])
        {
            assert!(is_word(word), "{word}");
            assert_eq!(serde_saphyr::to_string(&word).unwrap_or_default().trim_end(), word);
        }
        // every pair and triple of the characters that it accepts, in a text long enough
        let marks = ["-", "_", "/", ".", "0", "e", "E", "x", "y", "n"];
        for (a, b, c) in marks.iter().flat_map(|a| marks.iter().flat_map(move |b| marks.map(|c| (*a, *b, c)))) {
            for word in [format!("a{a}{b}{c}"), format!("no{a}{b}{c}"), format!("{a}{b}{c}")] {
                if is_word(&word) {
                    assert_eq!(serde_saphyr::to_string(&word).unwrap_or_default().trim_end(), word);
                }
            }
        }
    }
}
