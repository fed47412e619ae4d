//! Entries by key and values by JSON pointer. Large mappings are indexed, so that a fault in each of many entries costs no linear search. Knows no schema.

use crate::support::pointer;
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node, Value};
use std::cell::RefCell;
use std::collections::HashMap;

/// Up to this many entries are compared one by one.
const SMALL: usize = 16;

/// A node found by its JSON pointer, with the entry that holds it.
pub(super) struct Found<'t> {
    pub node: &'t Node,
    pub at: FieldSpan,
    pub name: String,
}

/// The entries of one tree by their mapping and key.
#[derive(Debug, Default)]
pub(super) struct Keys<'t> {
    index: RefCell<HashMap<*const Node, HashMap<&'t str, &'t Entry>>>,
}

impl<'t> Keys<'t> {
    /// As `Node::get`.
    pub fn get(&self, node: &'t Node, key: &str) -> Option<&'t Entry> {
        let entries = node.entries();
        if entries.len() <= SMALL {
            return node.get(key);
        }
        let mut index = self.index.borrow_mut();
        let keys = index
            .entry(std::ptr::from_ref(node))
            .or_insert_with(|| entries.iter().map(|entry| (&*entry.key, entry)).collect());
        keys.get(key).copied()
    }

    /// The value that a JSON pointer names, as far as it leads.
    pub fn locate(&self, tree: &'t Node, pointer: &str) -> Found<'t> {
        let mut found = Found { node: tree, at: tree.at(), name: String::new() };
        for key in pointer::keys(pointer) {
            match &found.node.value {
                Value::Map(_) => {
                    let Some(entry) = self.get(found.node, &key) else { break };
                    found = Found { node: &entry.node, at: Entry::at(entry), name: key };
                }
                Value::Seq(items) => {
                    let Some(item) = key.parse::<usize>().ok().and_then(|index| items.get(index)) else { break };
                    // `port: 80` is a list of one at the place of the 80
                    let at = if item.span == found.at.value { found.at } else { item.at() };
                    // `ports` that came from `port: 80` is still that field to a person
                    let name = if item.span == found.at.value { found.name } else { format!("{}[{key}]", found.name) };
                    found = Found { node: item, at, name };
                }
                _ => break,
            }
        }
        found
    }
}
