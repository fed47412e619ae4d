//! Makes nodes from nodes: a value in another form keeps the place of the original. Knows no format.

use crate::syntax::{Entry, Node, Style, Value, no_text};
use std::rc::Rc;

/// A node with another value, at the place of `node`, with its tag.
pub(super) fn with_value(node: &Node, value: Value) -> Rc<Node> {
    let value = value.shrunk();
    let collection = matches!(value, Value::Seq(_) | Value::Map(_));
    let style = if collection && node.style == Style::Plain { Style::Flow } else { node.style };
    let (file, span, weight, tag) = (node.file, node.span, node.weight, node.tag.clone());
    Rc::new(Node { file, span, value, text: no_text(), style, tag, weight })
}

/// A string at the place of `node`, with its tag.
pub(super) fn with_text(node: &Node, text: &str) -> Rc<Node> {
    let (file, span, style, tag) = (node.file, node.span, node.style, node.tag.clone());
    Rc::new(Node { file, span, value: Value::Str, text: Rc::from(text), style, tag, weight: 1 })
}

/// A mapping at the place of `node`, with its tag.
pub(super) fn map(node: &Node, entries: Vec<Entry>) -> Rc<Node> {
    with_value(node, Value::Map(entries))
}

/// A list at the place of `node`, with its tag.
pub(super) fn list(node: &Node, items: Vec<Rc<Node>>) -> Rc<Node> {
    with_value(node, Value::Seq(items))
}

/// An entry with key and value at the place of `node`.
pub(super) fn field(key: &str, node: &Node, value: Rc<Node>) -> Entry {
    Entry { key: Rc::from(key), key_span: node.span, file: node.file, node: value, via: None }
}

/// The entry with another value.
pub(super) fn with_node(entry: &Entry, node: Rc<Node>) -> Entry {
    Entry { node, ..entry.clone() }
}
