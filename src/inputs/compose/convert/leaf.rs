//! Values of the spec that stand where a compose file says them. Knows no key.

use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node, Style, Value, no_text};
use std::rc::Rc;

fn node(at: FieldSpan, value: Value, text: Rc<str>) -> Rc<Node> {
    let collection = matches!(value, Value::Seq(_) | Value::Map(_));
    let style = match (at.block, collection) {
        (true, true) => Style::Block,
        (true, false) => Style::BlockScalar,
        (false, true) => Style::Flow,
        (false, false) => Style::Plain,
    };
    Rc::new(Node { file: at.file, span: at.value, value, text, style, tag: None, weight: 1 })
}

fn entry(key: &str, at: FieldSpan, node: Rc<Node>) -> Entry {
    Entry { key: Rc::from(key), key_span: at.key, file: at.file, node, via: None }
}

/// A field that is there, with a value nobody knows.
pub(super) fn unknown(key: &str, at: FieldSpan) -> Entry {
    entry(key, at, node(at, Value::Unknown, no_text()))
}

/// A text.
pub(super) fn text(key: &str, at: FieldSpan, text: &str) -> Entry {
    entry(key, at, node(at, Value::Str, Rc::from(text)))
}

/// A whole number.
pub(super) fn number(key: &str, at: FieldSpan, number: i64) -> Entry {
    entry(key, at, node(at, Value::Int(number), Rc::from(number.to_string())))
}

/// A mapping.
pub(super) fn mapping(key: &str, at: FieldSpan, entries: Vec<Entry>) -> Entry {
    entry(key, at, node(at, Value::Map(entries), no_text()))
}

/// A mapping without a key, for a list.
pub(super) fn item(at: FieldSpan, entries: Vec<Entry>) -> Rc<Node> {
    node(at, Value::Map(entries), no_text())
}

/// A list.
pub(super) fn sequence(key: &str, at: FieldSpan, items: Vec<Rc<Node>>) -> Entry {
    entry(key, at, node(at, Value::Seq(items), no_text()))
}

/// An item of a list of which nothing is known.
pub(super) fn unknown_item(at: FieldSpan) -> Rc<Node> {
    node(at, Value::Unknown, no_text())
}

/// Words, each standing where the list of them does.
pub(super) fn words(key: &str, at: FieldSpan, words: &[String]) -> Entry {
    let word = |word: &String| node(at, Value::Str, Rc::from(word.as_str()));
    sequence(key, at, words.iter().map(word).collect())
}
