//! A spec with misspelt keys, checked as it was meant: each of them is told, and so is every other fault of the file, in one
//! run. Knows which findings rename a key, no field.
//!
//! Read as it is written, `limit: { memory: 1GB }` has one fault, and `backing-services` leaves every name unknown that it
//! holds. So the keys whose meaning is certain are renamed in the tree, and the run begins again.

use super::Files;
use super::run::SpecRun;
use super::run_parts::MeantKeys;
use crate::support::diagnostic::{Finding, SPEC};
use crate::syntax::{Entry, Node, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// How often a run begins again: a misspelt key may hold others.
const MOST_RUNS: usize = 4;

/// The key that a finding renames, if that is all its fix does.
fn renamed(finding: &Finding) -> Option<(u32, Rc<str>)> {
    let [edit] = finding.fix.as_ref()?.edits.as_slice() else { return None };
    let is_key = finding.rule == "unknown-field" && finding.at.file == SPEC && edit.file_for(SPEC) == SPEC;
    let is_name = !edit.text.is_empty() && edit.text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_key && is_name && edit.span == finding.at.span).then(|| (edit.span.start, Rc::from(edit.text.as_str())))
}

impl SpecRun<'_> {
    /// The run again with misspelt keys read as they were meant, as often as it finds more of them.
    pub(super) fn read_as_meant(mut self, files: &dyn Files) -> Self {
        for _ in 1..MOST_RUNS {
            let new: MeantKeys = self.collector.all().filter_map(renamed).collect();
            let is_known = |key: &u32| self.meant.contains_key(key);
            if new.keys().all(is_known) {
                break;
            }
            let Some(spec) = self.inputs.all().first() else { break };
            let (name, text) = (spec.source.name.clone(), spec.source.text.clone());
            let mut again = SpecRun::idle(&name, text.into_bytes(), self.wanted, self.writes);
            again.meant = std::mem::take(&mut self.meant);
            again.meant.extend(new);
            again.read(files);
            let meant = &again.meant;
            let is_told = |finding: &Finding| renamed(finding).is_some_and(|(key, _)| meant.contains_key(&key));
            again.collector.take_from(&self.collector, is_told);
            self = again;
        }
        self
    }

    /// The tree with the keys as they were meant.
    pub(super) fn with_meant_keys(&self, root: &Rc<Node>) -> Rc<Node> {
        match self.meant.is_empty() {
            true => Rc::clone(root),
            false => Renaming { meant: &self.meant, done: HashMap::new() }.node(root),
        }
    }
}

/// Renames keys; what an alias shares stays shared.
struct Renaming<'m> {
    meant: &'m MeantKeys,
    done: HashMap<*const Node, Rc<Node>>,
}

impl Renaming<'_> {
    fn node(&mut self, node: &Rc<Node>) -> Rc<Node> {
        if node.entries().is_empty() && node.items().is_empty() {
            return Rc::clone(node);
        }
        if let Some(known) = self.done.get(&Rc::as_ptr(node)) {
            return Rc::clone(known);
        }
        let value = match &node.value {
            Value::Seq(items) => Value::Seq(items.iter().map(|item| self.node(item)).collect()),
            Value::Map(entries) => Value::Map(entries.iter().map(|entry| self.entry(entry, node)).collect()),
            other => other.clone(),
        };
        let new = Rc::new(Node { value, ..Node::clone(node) });
        self.done.insert(Rc::as_ptr(node), Rc::clone(&new));
        new
    }

    fn entry(&mut self, entry: &Entry, owner: &Node) -> Entry {
        let meant = self.meant.get(&entry.key_span.start).filter(|_| entry.file == SPEC && entry.via.is_none());
        // no key is in a mapping twice
        let meant = meant.filter(|meant| owner.get(meant).is_none());
        let key = meant.map_or_else(|| Rc::clone(&entry.key), Rc::clone);
        Entry { key, node: self.node(&entry.node), ..entry.clone() }
    }
}
