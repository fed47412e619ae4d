//! Makes values of the spec at the places of another tool's values. Knows no key and no format.

use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node, Style, Value, no_text};
use std::rc::Rc;

fn node(at: FieldSpan, value: Value, text: Rc<str>) -> Rc<Node> {
    let value = value.shrunk();
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

/// A field that is set to an unknown value.
pub(super) fn unknown(key: &str, at: FieldSpan) -> Entry {
    entry(key, at, node(at, Value::Unknown, no_text()))
}

/// A text.
pub(super) fn text(key: &str, at: FieldSpan, text: &str) -> Entry {
    entry(key, at, node(at, Value::Str, Rc::from(text)))
}

/// A text under the key that it has in a file. Where the file says it in these words, its own value is shared, not copied.
pub(super) fn shared(written: &Entry, at: FieldSpan, text: &str) -> Entry {
    let own = &written.node;
    let is_same = own.as_str() == Some(text) && own.tag.is_none() && !at.block && own.span == at.value;
    let node = if is_same { Rc::clone(own) } else { node(at, Value::Str, Rc::from(text)) };
    Entry { key: Rc::clone(&written.key), key_span: at.key, file: at.file, node, via: None }
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

/// An unknown item of a list.
pub(super) fn unknown_item(at: FieldSpan) -> Rc<Node> {
    node(at, Value::Unknown, no_text())
}

/// A list of words, all at the place of the whole list.
pub(super) fn words(key: &str, at: FieldSpan, words: &[String]) -> Entry {
    let word = |word: &String| node(at, Value::Str, Rc::from(word.as_str()));
    sequence(key, at, words.iter().map(word).collect())
}

/// A share, as a decimal.
pub(super) fn share(key: &str, at: FieldSpan, percent: i64) -> Entry {
    #[expect(clippy::cast_precision_loss, reason = "a percentage is a small number")]
    let value = percent as f64 / 100.0;
    let text = format!("{}.{:02}", percent / 100, percent.rem_euclid(100));
    entry(key, at, node(at, Value::Float(value), Rc::from(text)))
}

/// A decimal, out of billionths.
pub(super) fn decimal(key: &str, at: FieldSpan, billionths: u64) -> Entry {
    const ONE: u64 = 1_000_000_000;
    let digits = format!("{:09}", billionths % ONE);
    let text = format!("{}.{:0<1}", billionths / ONE, digits.trim_end_matches('0'));
    #[expect(clippy::cast_precision_loss, reason = "a share is a small number")]
    let value = billionths as f64 / ONE as f64;
    entry(key, at, node(at, Value::Float(value), Rc::from(text)))
}

/// A boolean.
pub(super) fn flag(key: &str, at: FieldSpan, value: bool) -> Entry {
    entry(key, at, node(at, Value::Bool(value), Rc::from(if value { "true" } else { "false" })))
}

/// A whole number if the text is one, else the text: `25%`.
pub(super) fn text_or_number(key: &str, at: FieldSpan, written: &str) -> Entry {
    written.parse::<i64>().map_or_else(|_| text(key, at, written), |value| number(key, at, value))
}
