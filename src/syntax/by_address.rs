//! Results that are remembered by the nodes they were made from. Knows no result.

use super::tree::Node;
use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;

/// Results by keys that hold the addresses of nodes. Each node of a key is kept alive, so that no other takes its address.
#[derive(Debug)]
pub struct ByAddress<K, V> {
    values: HashMap<K, V>,
    kept: Vec<Rc<Node>>,
}

impl<K, V> Default for ByAddress<K, V> {
    fn default() -> ByAddress<K, V> {
        ByAddress { values: HashMap::new(), kept: Vec::new() }
    }
}

impl<K: Eq + Hash, V> ByAddress<K, V> {
    /// The result for a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.values.get(key)
    }

    /// Remembers a result; `nodes` are those whose addresses are in the key.
    pub fn insert(&mut self, key: K, value: V, nodes: impl IntoIterator<Item = Rc<Node>>) {
        self.kept.extend(nodes);
        self.values.insert(key, value);
    }

    /// Adds what was remembered elsewhere.
    pub fn append(&mut self, other: ByAddress<K, V>) {
        if self.values.is_empty() {
            self.values = other.values;
        } else {
            self.values.extend(other.values);
        }
        self.kept.extend(other.kept);
    }
}
