//! Finds the paths of places, for many places in one tree: large collections are searched by place, not from their start. Knows no spec.

use super::tree::{Entry, Node, Value};
use crate::support::pointer;
use crate::support::source::Span;
use std::collections::HashMap;
use std::rc::Rc;

/// The most children that are searched one by one.
const SMALL: usize = 16;

/// Finds the paths of places in one document.
#[derive(Debug)]
pub struct Paths {
    root: Rc<Node>,
    /// For each large collection visited, the indices of its children that are written in it, in the order of the text.
    children: HashMap<*const Node, Vec<u32>>,
}

impl Paths {
    /// For a document.
    #[must_use]
    pub fn new(root: Rc<Node>) -> Paths {
        Paths { root, children: HashMap::new() }
    }

    /// The RFC 6901 path of the deepest value whose key or bytes contain a span.
    #[must_use]
    pub fn of(&mut self, span: Span) -> String {
        let mut path = String::new();
        let mut node = Rc::clone(&self.root);
        loop {
            let Some(index) = self.child(&node, span) else { return path };
            path.push('/');
            match &node.value {
                Value::Map(entries) => {
                    let Some(entry) = entries.get(index) else { return path };
                    path.push_str(&pointer::part(&entry.key));
                    if entry.key_span.contains(span) {
                        return path;
                    }
                    let next = Rc::clone(&entry.node);
                    node = next;
                }
                Value::Seq(items) => {
                    let Some(item) = items.get(index) else { return path };
                    path.push_str(&index.to_string());
                    let next = Rc::clone(item);
                    node = next;
                }
                _ => return path,
            }
        }
    }

    /// The child that contains a span, among those written in this collection and not brought by an alias.
    fn child(&mut self, node: &Rc<Node>, span: Span) -> Option<usize> {
        let count = node.entries().len().max(node.items().len());
        if count <= SMALL {
            return written_children(node).map(|(index, _)| index).find(|index| holds(node, *index, span));
        }
        let children = self
            .children
            .entry(Rc::as_ptr(node))
            .or_insert_with(|| written_children(node).filter_map(|(index, _)| u32::try_from(index).ok()).collect());
        let after =
            children.partition_point(|index| bytes(node, *index as usize).is_some_and(|own| own.start <= span.start));
        let index = *children.get(after.checked_sub(1)?)? as usize;
        holds(node, index, span).then_some(index)
    }
}

/// Whether a child's key or value contains a span.
fn holds(node: &Node, index: usize, span: Span) -> bool {
    let key_or_value = |entry: &Entry| entry.key_span.contains(span) || entry.node.span.contains(span);
    node.entries().get(index).is_some_and(key_or_value)
        || node.items().get(index).is_some_and(|item| item.span.contains(span))
}

/// A child's bytes, its key included.
fn bytes(node: &Node, index: usize) -> Option<Span> {
    match &node.value {
        Value::Map(entries) => {
            entries.get(index).map(|entry| Span { end: entry.node.span.end.max(entry.key_span.end), ..entry.key_span })
        }
        Value::Seq(items) => items.get(index).map(|item| item.span),
        _ => None,
    }
}

/// The children that are written here, in the order of the text. An aliased child is written elsewhere: an entry
/// remembers its alias, an item begins before the one above it ends.
fn written_children(node: &Node) -> impl Iterator<Item = (usize, Span)> {
    let aliased = |index: usize| node.entries().get(index).is_some_and(|entry| entry.via.is_some());
    let count = node.entries().len().max(node.items().len());
    let mut reached = node.span.start;
    (0..count).filter(move |index| !aliased(*index)).filter_map(move |index| {
        let span = bytes(node, index)?;
        let here = span.start >= reached && span.end <= node.span.end;
        here.then(|| {
            reached = span.end;
            (index, span)
        })
    })
}
