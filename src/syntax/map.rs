//! A mapping while it is read: duplicate keys and `<<` merges. Knows no events and makes no findings.

use super::tree::{Entry, Node, Value};
use crate::support::source::{FileId, Span};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;

/// Up to this many keys are compared one by one; more are hashed.
const SMALL: usize = 16;

/// A key whose value has not been read yet.
#[derive(Debug)]
pub(super) struct PendingKey {
    pub text: Rc<str>,
    pub span: Span,
    pub role: ValueRole,
}

/// What is done with the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueRole {
    /// It becomes an entry.
    Plain,
    /// The key is an unquoted `<<`: its entries are merged in at the end.
    Merge,
    /// The key has a fault: the value is read and dropped.
    Dropped,
}

/// The entries read so far.
#[derive(Debug, Default)]
pub(super) struct Pending {
    entries: Vec<Entry>,
    /// The entry of each key's hash, from the first entry beyond `SMALL` on.
    index: HashMap<u64, u32>,
    hasher: RandomState,
    merges: Vec<(Rc<Node>, Span)>,
    merge_key: Option<Span>,
    pub key: Option<PendingKey>,
    /// Whether part of it could not be read.
    pub lost: bool,
}

impl Pending {
    /// Whether nothing has been read yet, except keys with faults.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.merges.is_empty() && self.key.is_none()
    }

    /// Takes `<<`; returns the place of an earlier one.
    pub fn merge_key(&mut self, span: Span) -> Option<Span> {
        let earlier = self.merge_key;
        self.merge_key = earlier.or(Some(span));
        earlier
    }

    /// The place of an earlier entry with this key.
    pub fn first_key(&self, key: &str) -> Option<Span> {
        self.find(key).and_then(|index| self.entries.get(index)).map(|entry| entry.key_span)
    }

    /// Adds an entry whose key is new.
    pub fn push(&mut self, entry: Entry) {
        if self.entries.len() == SMALL {
            for index in 0..SMALL {
                self.note(index);
            }
        }
        self.entries.push(entry);
        if self.entries.len() > SMALL {
            self.note(self.entries.len() - 1);
        }
    }

    /// Takes the value of `<<`: a mapping or a list of mappings, merged when the mapping ends.
    ///
    /// # Errors
    /// The kind of the value that cannot be merged.
    pub fn merge(&mut self, value: &Rc<Node>, via: Span) -> Result<(), &'static str> {
        match &value.value {
            Value::Map(_) => self.merges.push((value.clone(), via)),
            Value::Seq(items) => {
                if let Some(wrong) = items.iter().find(|item| !matches!(item.value, Value::Map(_))) {
                    return Err(wrong.kind());
                }
                self.merges.extend(items.iter().map(|item| (item.clone(), via)));
            }
            _ => return Err(value.kind()),
        }
        Ok(())
    }

    /// All entries: its own, then the merged ones, of which the earlier win. Also the weight of the merged ones.
    ///
    /// Leaves this one empty but allocated, so that the next mapping can reuse its space.
    pub fn finish(&mut self, file: FileId) -> (Vec<Entry>, u32) {
        let mut weight = 0u32;
        for (map, via) in std::mem::take(&mut self.merges) {
            for entry in map.entries() {
                if self.find(&entry.key).is_none() {
                    weight = weight.saturating_add(entry.node.weight);
                    self.push(Entry { via: Some(via), file, ..entry.clone() });
                }
            }
        }
        let entries = if self.entries.len() > SMALL {
            self.index = HashMap::new();
            let mut entries = std::mem::take(&mut self.entries);
            entries.shrink_to_fit();
            entries
        } else {
            self.entries.drain(..).collect()
        };
        (self.merge_key, self.key, self.lost) = (None, None, false);
        (entries, weight)
    }

    /// Adds an entry to the index; of two keys with one hash the first stays.
    fn note(&mut self, index: usize) {
        if let (Some(entry), Ok(number)) = (self.entries.get(index), u32::try_from(index)) {
            self.index.entry(self.hasher.hash_one(&*entry.key)).or_insert(number);
        }
    }

    fn find(&self, key: &str) -> Option<usize> {
        let same = |entry: &Entry| &*entry.key == key;
        if self.entries.len() <= SMALL {
            return self.entries.iter().position(same);
        }
        let number = *self.index.get(&self.hasher.hash_one(key))? as usize;
        if self.entries.get(number).is_some_and(same) {
            return Some(number);
        }
        // Two keys with one hash: too rare to keep a chain for.
        self.entries.iter().position(same)
    }
}
