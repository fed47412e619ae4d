//! One tree laid over another: maps merge by key, other values replace, an explicit null removes. Knows no field.

use crate::syntax::{Entry, Node, Style, Value, no_text};
use std::collections::HashMap;
use std::rc::Rc;

/// Lays `over` on `base`: maps merge, scalars and lists replace, an explicit null removes; it stays where `kept` (here) or `below`
/// (in maps further down) says so.
pub(super) fn merge(base: &Rc<Node>, over: &Rc<Node>, kept: bool, below: bool) -> Rc<Node> {
    let (Value::Map(old), Value::Map(new)) = (&base.value, &over.value) else { return Rc::clone(over) };
    if new.is_empty() {
        return Rc::clone(base);
    }
    let laid = Index::of(new);
    let mut entries = Vec::with_capacity(old.len() + new.len());
    for entry in old {
        match laid.get(&entry.key) {
            None => entries.push(entry.clone()),
            Some(over) if removes(&over.node) => entries.extend(kept.then(|| over.clone())),
            Some(over) => {
                let node = merge(&entry.node, &over.node, below, below);
                // a merged map stays where the base has it; a replaced value stands where the overlay wrote it
                let merged = matches!((&entry.node.value, &over.node.value), (Value::Map(_), Value::Map(_)));
                let at = if merged { entry } else { over };
                entries.push(Entry { node, ..at.clone() });
            }
        }
    }
    // a table of all that is there pays only where much is laid over it
    let known = if new.len() <= FEW { Index::Few(old) } else { Index::of(old) };
    for entry in new {
        if known.get(&entry.key).is_none() && (kept || !removes(&entry.node)) {
            let node = if below { Rc::clone(&entry.node) } else { strip(&entry.node) };
            entries.push(Entry { node, ..entry.clone() });
        }
    }
    entries.shrink_to_fit();
    map_like(base, entries)
}

/// Up to so many entries, looking through them is faster than a table.
const FEW: usize = 16;

/// Entries by key: a table if there are many, the list itself where looking through it is faster.
enum Index<'e> {
    Few(&'e [Entry]),
    Many(HashMap<&'e str, &'e Entry>),
}

impl<'e> Index<'e> {
    fn of(entries: &'e [Entry]) -> Index<'e> {
        if entries.len() <= FEW {
            return Index::Few(entries);
        }
        Index::Many(entries.iter().map(|entry| (&*entry.key, entry)).collect())
    }

    fn get(&self, key: &str) -> Option<&'e Entry> {
        match self {
            Index::Few(entries) => entries.iter().find(|entry| &*entry.key == key),
            Index::Many(table) => table.get(key).copied(),
        }
    }
}

/// An explicit `null` or `~`; an empty value is an empty map or a value left out, not a removal.
fn removes(node: &Node) -> bool {
    node.is_null() && !node.text.is_empty()
}

/// A subtree that lies over nothing: its removals remove nothing.
fn strip(node: &Rc<Node>) -> Rc<Node> {
    let Value::Map(entries) = &node.value else { return Rc::clone(node) };
    let kept = entries.iter().filter(|entry| !removes(&entry.node));
    let kept: Vec<Entry> = kept.map(|entry| Entry { node: strip(&entry.node), ..entry.clone() }).collect();
    let same =
        kept.len() == entries.len() && kept.iter().zip(entries).all(|(new, old)| Rc::ptr_eq(&new.node, &old.node));
    // most have no removal: they are shared, not copied
    if same { Rc::clone(node) } else { map_like(node, kept) }
}

pub(super) fn without(node: &Rc<Node>, keys: &[&str]) -> Rc<Node> {
    if keys.iter().all(|key| node.get(key).is_none()) {
        return Rc::clone(node);
    }
    map_like(node, node.entries().iter().filter(|entry| !keys.contains(&&*entry.key)).cloned().collect())
}

/// A map that stands where `node` stands.
pub(super) fn map_like(node: &Node, entries: Vec<Entry>) -> Rc<Node> {
    like(node, Value::Map(entries))
}

/// A map or list that stands where `node` stands.
pub(super) fn like(node: &Node, value: Value) -> Rc<Node> {
    let style = if node.style == Style::Plain { Style::Flow } else { node.style };
    let (file, span, weight) = (node.file, node.span, node.weight);
    Rc::new(Node { file, span, value, text: no_text(), style, tag: None, weight })
}
