//! Lays values over values as helm does, each keeping its place, and looks values up by path. Knows no key.

use crate::support::source::{FileSpan, Span};
use crate::syntax::{Entry, Node, Value};
use std::rc::Rc;

/// Mappings deeper than this are laid over each other whole.
const MAX_DEPTH: usize = 64;

/// `over` laid over `base`: mappings by key, null removes, all else replaces.
pub(super) fn laid(base: &Rc<Node>, over: &Rc<Node>) -> Rc<Node> {
    lay(base, over, 0)
}

fn lay(base: &Rc<Node>, over: &Rc<Node>, depth: usize) -> Rc<Node> {
    let (Value::Map(below), Value::Map(above)) = (&base.value, &over.value) else { return Rc::clone(over) };
    if depth >= MAX_DEPTH {
        return Rc::clone(over);
    }
    let mut entries: Vec<Entry> = Vec::with_capacity(below.len().max(above.len()));
    for entry in below {
        match over.get(&entry.key) {
            None => entries.push(entry.clone()),
            Some(own) if own.node.is_null() => {}
            Some(own) => entries.push(Entry { node: lay(&entry.node, &own.node, depth + 1), ..own.clone() }),
        }
    }
    entries.extend(above.iter().filter(|own| base.get(&own.key).is_none()).cloned());
    Rc::new(Node { value: Value::Map(entries), ..Node::clone(over) })
}

/// The value at the end of these keys, unless it is null.
pub(super) fn at<'n>(root: &'n Node, keys: &[&str]) -> Option<&'n Entry> {
    let (first, rest) = keys.split_first()?;
    let found = root.get(first).filter(|entry| !entry.node.is_null())?;
    if rest.is_empty() { Some(found) } else { at(&found.node, rest) }
}

/// The bytes of a section in each of these layers that has it.
pub(super) fn sections(layers: &[Rc<Node>], keys: &[&str]) -> Vec<FileSpan> {
    let section = |entry: &Entry| FileSpan {
        file: entry.file,
        span: Span { start: entry.key_span.start, end: entry.node.span.end.max(entry.key_span.end) },
    };
    layers.iter().filter_map(|layer| at(layer, keys)).map(section).collect()
}

/// Whether a template's `if` takes a value for true; `None` if something fills it in first.
pub(super) fn is_true(value: Option<&Entry>) -> Option<bool> {
    let Some(entry) = value else { return Some(false) };
    Some(match &entry.node.value {
        Value::Unknown => return None,
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Int(value) => *value != 0,
        Value::Float(value) => *value != 0.0,
        Value::Str if entry.node.text.is_empty() => false,
        // a mark of another tool, or the word `false` in quotes, which is true to a template and probably not meant so
        Value::Str => return None,
        Value::Seq(items) => !items.is_empty(),
        Value::Map(entries) => !entries.is_empty(),
    })
}
