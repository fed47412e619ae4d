//! Compose's `${NAME:-default}`, with the variables that a named file sets. Knows no compose key; never asks the environment.
//!
//! The grammar is compose-go's (`template/template.go`): a `$` that begins neither a name nor `{` is text.

use super::tags;
use crate::inputs::compose::keys::forms::whole_of_go;
use crate::inputs::text::{PRIVATE, UNKNOWN};
use crate::inputs::tree::{with_text, with_value};
use crate::support::secrets;
use crate::syntax::{Entry, Node, Style, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// Defaults inside defaults that are followed; deeper ones are unknown.
const MAX_DEPTH: usize = 16;

/// The variable that compose itself sets, to the name of the project.
pub(super) const PROJECT_NAME: &str = "COMPOSE_PROJECT_NAME";

/// The variables of a file: several sets in order, of which the first that has a name wins.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables {
    sets: Vec<Rc<HashMap<String, String>>>,
    /// The name that compose gives the project, if it is read as compose starts it; [`UNKNOWN`] if no file gives one.
    project: Option<Rc<str>>,
}

/// The value of a variable.
#[derive(Clone, Copy, Debug)]
pub(super) struct VariableValue<'v> {
    pub(super) text: &'v str,
    /// Whether it came from a file of variables.
    pub(super) private: bool,
}

impl Variables {
    /// These, with the name of the project, which compose sets before any default.
    pub(super) fn of_project(self, name: &str) -> Variables {
        Variables { project: Some(name.into()), ..self }
    }

    /// These, with other sets as fallback.
    pub(super) fn with_fallback(&self, more: HashMap<String, String>) -> Variables {
        let mut all = self.clone();
        all.sets.push(Rc::new(more));
        all
    }

    /// The value of a variable, if a file or compose itself sets it.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.value(name).map(|value| value.text)
    }

    fn value(&self, name: &str) -> Option<VariableValue<'_>> {
        if let Some(project) = self.project.as_deref().filter(|_| name == PROJECT_NAME) {
            return Some(VariableValue { text: project, private: false });
        }
        let set = self.sets.iter().find_map(|set| set.get(name));
        set.map(|text| VariableValue { text, private: true })
    }
}

/// A text with its references replaced.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FilledText {
    /// The text; [`UNKNOWN`] stands for what depends on a variable that is not set.
    pub(super) text: String,
    /// Whether part of it came from a file of variables.
    pub(super) private: bool,
    /// Whether compose refuses the text: `${` without a name or an end.
    pub(super) invalid: bool,
}

/// Gives the value of a variable, if one is set.
type Lookup<'l, 'v> = &'l dyn Fn(&str) -> Option<VariableValue<'v>>;

/// Replaces the references of a text.
pub(super) fn fill(text: &str, variables: &Variables) -> FilledText {
    fill_with(text, &|name| variables.value(name))
}

/// Like `fill`, with any function that looks a variable up.
pub(super) fn fill_with(text: &str, lookup: Lookup<'_, '_>) -> FilledText {
    let mut out = FilledText { text: String::with_capacity(text.len()), private: false, invalid: false };
    fill_into(text, lookup, MAX_DEPTH, &mut out);
    out
}

fn fill_into(text: &str, lookup: Lookup<'_, '_>, depth: usize, out: &mut FilledText) {
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        out.text.push_str(before);
        let after = after.get(1..).unwrap_or_default();
        if let Some(tail) = after.strip_prefix('$') {
            out.text.push('$');
            rest = tail;
        } else if let Some(inner) = after.strip_prefix('{') {
            let Some((reference, tail)) = braced(inner) else {
                out.invalid = true;
                out.text.push(UNKNOWN);
                rest = inner;
                continue;
            };
            reference_into(reference, lookup, depth, out);
            rest = tail;
        } else {
            let (name, tail) = after.split_at(name_length(after));
            if name.is_empty() {
                out.text.push('$');
            } else {
                value_into(name, lookup, out);
            }
            rest = tail;
        }
    }
    out.text.push_str(rest);
}

/// The text between the braces whose `${` is just before it, and the rest after them.
fn braced(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.split_at(name_length(text));
    if name.is_empty() {
        return None;
    }
    if let Some(tail) = after.strip_prefix('}') {
        return Some((name, tail));
    }
    after.strip_prefix(':').unwrap_or(after).strip_prefix(['-', '+', '?'])?;
    // a default ends on its own line; it is the longest text whose braces are balanced
    let line = text.split('\n').next().unwrap_or_default();
    let last = line.rfind('}')?;
    let end = closing(line).filter(|end| *end <= last).unwrap_or(last);
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// The byte of the `}` that closes the brace just before the text. As compose counts: the byte after a `{` is skipped.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1usize;
    let mut bytes = text.bytes().enumerate();
    // the first byte follows the opening brace
    bytes.next();
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'}' => {
                open -= 1;
                if open == 0 {
                    return Some(index);
                }
            }
            b'{' => {
                open += 1;
                bytes.next();
            }
            _ => {}
        }
    }
    None
}

fn reference_into(reference: &str, lookup: Lookup<'_, '_>, depth: usize, out: &mut FilledText) {
    let (name, operator) = reference.split_at(name_length(reference));
    let value = lookup(name);
    let (counts_empty, operator) = match operator.strip_prefix(':') {
        Some(operator) => (true, operator),
        None => (false, operator),
    };
    let set = value.is_some_and(|value| !(counts_empty && value.text.is_empty()));
    let word = operator.get(1..).unwrap_or_default();
    match operator.as_bytes().first() {
        Some(b'-') if !set && depth > 0 => fill_into(word, lookup, depth - 1, out),
        Some(b'+') if set && depth > 0 => fill_into(word, lookup, depth - 1, out),
        // unset or empty: it stays empty
        Some(b'+') if !set => {}
        _ => value_into(name, lookup, out),
    }
}

fn value_into(name: &str, lookup: Lookup<'_, '_>, out: &mut FilledText) {
    match lookup(name) {
        // no message may show it, and no sum needs it
        Some(value) if value.private && !value.text.is_empty() && secrets::is_likely(name, value.text) => {
            out.text.push(UNKNOWN);
            out.private = true;
        }
        Some(value) => {
            out.text.push_str(value.text);
            out.private |= value.private;
        }
        None => out.text.push(UNKNOWN),
    }
}

/// How many bytes of the text are a variable's name.
fn name_length(text: &str) -> usize {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// The tree with the references of every string replaced, and every whole number as compose's reader takes it; what does not
/// change is shared. `invalid` gets the strings compose refuses.
///
/// The original text of a string stays the slice of its span.
pub(super) fn fill_tree(node: &Rc<Node>, variables: &Variables, invalid: &mut Vec<Rc<Node>>) -> Rc<Node> {
    let value = match &node.value {
        Value::Str if node.text.contains('$') => {
            let filled = fill(&node.text, variables);
            if filled.invalid {
                invalid.push(Rc::clone(node));
            }
            let tag = if filled.private { Some(PRIVATE.into()) } else { node.tag.clone() };
            return Rc::new(Node { text: Rc::from(filled.text), tag, ..(**node).clone() });
        }
        Value::Seq(items) => {
            let filled: Vec<Rc<Node>> = items.iter().map(|item| fill_tree(item, variables, invalid)).collect();
            if filled.iter().zip(items).all(|(new, old)| Rc::ptr_eq(new, old)) {
                return Rc::clone(node);
            }
            Value::Seq(filled)
        }
        Value::Map(entries) => {
            let filled: Vec<Rc<Node>> =
                entries.iter().map(|entry| fill_tree(&entry.node, variables, invalid)).collect();
            if filled.iter().zip(entries).all(|(new, old)| Rc::ptr_eq(new, &old.node)) {
                return Rc::clone(node);
            }
            let pairs = filled.into_iter().zip(entries);
            Value::Map(pairs.map(|(node, entry)| Entry { node, ..entry.clone() }).collect())
        }
        // a plain value under a tag of compose is text to its reader, even `null` or nothing
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) if tags::is_override(node) => {
            return with_text(node, &node.text);
        }
        Value::Int(_) if node.style == Style::Plain => match whole_of_go(&node.text) {
            Some(number) => {
                let text = Rc::from(number.to_string());
                return Rc::new(Node { value: Value::Int(number), text, ..(**node).clone() });
            }
            None => return Rc::clone(node),
        },
        _ => return Rc::clone(node),
    };
    with_value(node, value)
}

#[cfg(test)]
mod tests {
    use super::{Variables, fill};
    use crate::inputs::text::UNKNOWN;

    fn known_text(text: &str) -> Option<String> {
        let filled = fill(text, &Variables::default());
        (!filled.text.contains(UNKNOWN)).then_some(filled.text)
    }

    #[test]
    fn references_become_their_defaults() {
        let cases = [
            ("plain", Some("plain")),
            ("${PORT:-8080}:80", Some("8080:80")),
            ("${PORT-8080}", Some("8080")),
            ("a$$b", Some("a$b")),
            ("$$$$", Some("$$")),
            ("${A:-${B:-${C-3}}}x", Some("3x")),
            ("${A:-}", Some("")),
            ("${A:+set}", Some("")),
            ("${A+set}", Some("")),
            ("${A:-a}${B:-b}", Some("ab")),
            ("${A:-{\"x\": 1}} y", Some("{\"x\": 1} y")),
            ("${A:-{}}", Some("{}")),
            ("50$ $1 $(date) $", Some("50$ $1 $(date) $")),
            ("$NAME", None),
            ("${NAME}", None),
            ("${NAME:?needed}", None),
            ("${NAME?needed}", None),
            ("${A:-$B}", None),
            ("${unclosed", None),
            ("${}", None),
            ("${1:-x}", None),
        ];
        for (text, expected) in cases {
            assert_eq!(known_text(text).as_deref(), expected, "{text}");
        }
        assert_eq!(fill("${PORT}:80", &Variables::default()).text, "\0:80");
        let deep = format!("{}x{}", "${A:-".repeat(5000), "}".repeat(5000));
        assert_eq!(known_text(&deep), None);
    }

    #[test]
    fn variables_of_a_file_count_and_are_private() {
        let pairs = [("A", "1"), ("E", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let variables = Variables::default().with_fallback(pairs.into());
        let cases = [
            ("$A", "1", true),
            ("${A:-2}", "1", true),
            ("${A:+x}", "x", false),
            ("${E:-2}", "2", false),
            ("${E-2}", "", true),
            ("${E+x}", "x", false),
            ("${E:+x}", "", false),
            ("${A:?no}", "1", true),
            ("${B:-${A}}", "1", true),
        ];
        for (text, expected, private) in cases {
            let filled = fill(text, &variables);
            assert_eq!((filled.text.as_str(), filled.private), (expected, private), "{text}");
        }
    }

    #[test]
    fn the_name_of_the_project_is_set_whatever_a_default_says() {
        let named = Variables::default().of_project("shop");
        let unnamed = Variables::default().of_project("\0");
        let cases = [
            ("${COMPOSE_PROJECT_NAME:-other}_x", "shop_x", "\0_x"),
            ("${COMPOSE_PROJECT_NAME:+set}", "set", "set"),
            ("$COMPOSE_PROJECT_NAME", "shop", "\0"),
        ];
        for (text, known, unknown) in cases {
            assert_eq!((fill(text, &named).text.as_str(), fill(text, &named).private), (known, false), "{text}");
            assert_eq!(fill(text, &unnamed).text, unknown, "{text}");
        }
    }
}
