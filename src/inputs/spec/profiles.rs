//! Profiles: short forms written out, overlays laid over the base, each value keeping the place that set it. Knows no schema and no model.

mod chains;
mod merge;
mod short_forms;

use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, MAX_FINDINGS, Node, Value};
use merge::{map_like, merge, without};
use short_forms::{MapPosition, normal};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The base or one profile, merged.
#[derive(Clone, Debug)]
pub struct MergedSpec {
    /// The profile's name; `None` for the base.
    pub profile: Option<String>,
    /// The whole spec with the profile laid over it, short forms written out, without `profiles`.
    pub tree: Rc<Node>,
    /// The number of the merged spec: a profile that changes nothing has the number of the one it extends. The base is 0.
    pub number: usize,
    /// Where the profile is; the base is at the root.
    pub at: FieldSpan,
}

/// The base, then every profile in the order written. Each is merged in its turn, from the merged spec that it
/// extends. A merged spec is dropped once nothing extends it any more.
#[derive(Debug)]
pub struct Layers {
    /// `None` once it was given away, where no profile is merged from it.
    base: Option<MergedSpec>,
    overlays: Vec<Overlay>,
    /// The index that each profile extends, without circles; `None` for the base.
    parents: Vec<Option<usize>>,
    /// Each profile's merged spec with its number, as long as something needs it.
    merged: Vec<Option<(Rc<Node>, usize)>>,
    /// How many turns still need each merged spec: its own, and those of the profiles that extend it.
    needed: Vec<usize>,
    turn: usize,
    removals: Removals,
}

/// The effect of an explicit null below the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removals {
    /// It removes the value below it, and disappears.
    Done,
    /// It stays as well, for the layer below the merged spec (`inputs::merge`).
    Kept,
}

/// Reads the base and every profile, to be merged one by one.
#[must_use]
pub fn lay(root: &Rc<Node>, findings: &mut Vec<Finding>) -> Layers {
    lay_with(root, Removals::Done, findings)
}

/// Like `read`, for a spec that is laid over files of other tools or over nothing.
#[must_use]
pub fn lay_with(root: &Rc<Node>, removals: Removals, findings: &mut Vec<Finding>) -> Layers {
    let tree = without(&normal(root, MapPosition::Root, removals == Removals::Kept), &["profiles"]);
    let base = MergedSpec { profile: None, tree, number: 0, at: root.at() };
    let mut said = ProfileFinding { findings, first: None };
    let profiles = root.get("profiles");
    if let Some(profiles) = profiles
        && !matches!(profiles.node.value, Value::Map(_) | Value::Null | Value::Unknown)
    {
        let message = format!("`profiles` is {}, expected a mapping of profiles", profiles.node.kind());
        let finding = Finding::new("wrong-type", Severity::Error, profiles.at().place(), message);
        said.push(finding.help("name each profile: `large: { … }`"));
    }
    let entries = profiles.map_or(&[][..], |profiles| profiles.node.entries());
    let overlays: Vec<Overlay> = entries.iter().map(|entry| Overlay::read(entry, &mut said)).collect();
    let parents = chains::parents(&overlays, &mut said);
    let mut needed = vec![1; overlays.len()];
    for parent in parents.iter().flatten() {
        if let Some(needed) = needed.get_mut(*parent) {
            *needed += 1;
        }
    }
    Layers { base: Some(base), merged: vec![None; overlays.len()], overlays, parents, needed, turn: 0, removals }
}

/// The names of the base (`None`) and of every profile of a spec, in the order written.
pub fn names(root: &Node) -> impl Iterator<Item = Option<&str>> {
    let profiles = root.get("profiles").map_or(&[][..], |profiles| profiles.node.entries());
    std::iter::once(None).chain(profiles.iter().map(|entry| Some(&*entry.key)))
}

impl Layers {
    /// The merged spec of one profile. A chain may be as long as there are profiles: it is walked, not recursed into.
    fn merge(&mut self, index: usize) -> Option<(Rc<Node>, usize)> {
        let mut chain = Vec::new();
        let mut next = Some(index);
        let (mut tree, mut number) = loop {
            let Some(index) = next else { break self.base.as_ref().map(|base| (Rc::clone(&base.tree), base.number))? };
            if let Some(Some(known)) = self.merged.get(index) {
                break known.clone();
            }
            chain.push(index);
            next = self.parents.get(index).copied().flatten();
        };
        while let Some(index) = chain.pop() {
            let Some(overlay) = self.overlays.get(index) else { continue };
            let over = merge(&tree, &overlay.tree, false, self.removals == Removals::Kept);
            if !Rc::ptr_eq(&over, &tree) {
                (tree, number) = (over, index + 1);
            }
            if let Some(merged) = self.merged.get_mut(index) {
                *merged = Some((Rc::clone(&tree), number));
            }
            if let Some(parent) = self.parents.get(index).copied().flatten() {
                self.used(parent);
            }
        }
        self.used(index);
        Some((tree, number))
    }

    /// Counts one turn that no longer needs a merged spec.
    fn used(&mut self, index: usize) {
        let (Some(needed), Some(merged)) = (self.needed.get_mut(index), self.merged.get_mut(index)) else { return };
        *needed = needed.saturating_sub(1);
        if *needed == 0 {
            *merged = None;
        }
    }
}

impl Iterator for Layers {
    type Item = MergedSpec;

    fn next(&mut self) -> Option<MergedSpec> {
        let turn = self.turn;
        self.turn += 1;
        let Some(index) = turn.checked_sub(1) else {
            return if self.overlays.is_empty() { self.base.take() } else { self.base.clone() };
        };
        let (tree, number) = self.merge(index)?;
        let entry = &self.overlays.get(index)?.entry;
        Some(MergedSpec { profile: Some(entry.key.to_string()), tree, number, at: entry.at() })
    }
}

/// The faults of profiles, up to a bound: a spec may have a fault in each of thousands.
struct ProfileFinding<'f> {
    findings: &'f mut Vec<Finding>,
    /// How many findings there were before the first of these.
    first: Option<usize>,
}

impl ProfileFinding<'_> {
    /// Whether the bound is reached, so that nothing more is searched.
    fn is_full(&self) -> bool {
        self.first.is_some_and(|first| self.findings.len() - first >= MAX_FINDINGS)
    }

    fn push(&mut self, finding: Finding) {
        if self.is_full() {
            return;
        }
        self.first.get_or_insert(self.findings.len());
        let (rule, at) = (finding.rule.clone(), finding.at);
        self.findings.push(finding);
        if self.is_full()
            && let Some(last) = self.findings.last_mut()
        {
            let message = format!("{MAX_FINDINGS} or more faults in profiles: the rest is not listed");
            *last = Finding::new(rule, Severity::Error, at, message);
        }
    }
}

/// The overlays that none of the chosen profiles uses, itself or by `extends`.
#[must_use]
pub fn apart<'n>(root: &'n Node, chosen: &[Option<String>]) -> Vec<&'n Node> {
    let all = root.get("profiles").map_or(&[][..], |profiles| profiles.node.entries());
    let named: HashMap<&str, &Entry> = all.iter().map(|entry| (&*entry.key, entry)).collect();
    let mut laid: HashSet<*const Node> = HashSet::new();
    for name in chosen.iter().flatten() {
        let mut next = named.get(name.as_str());
        while let Some(entry) = next.filter(|entry| laid.insert(Rc::as_ptr(&entry.node))) {
            next = entry.node.get("extends").and_then(|extends| named.get(extends.node.as_str()?));
        }
    }
    all.iter().map(|entry| &*entry.node).filter(|node| !laid.contains(&std::ptr::from_ref(*node))).collect()
}

#[derive(Debug)]
struct Overlay {
    entry: Entry,
    tree: Rc<Node>,
    extends: Option<Entry>,
}

impl Overlay {
    fn read(entry: &Entry, said: &mut ProfileFinding<'_>) -> Overlay {
        if !matches!(entry.node.value, Value::Map(_) | Value::Null | Value::Unknown) {
            let message = format!("profile `{}` is {}, expected a mapping", entry.key, entry.node.kind());
            said.push(
                Finding::new("wrong-type", Severity::Error, entry.at().place(), message)
                    .help("write the part of the spec that differs"),
            );
        }
        for key in ["version", "name", "profiles"] {
            if let Some(field) = entry.node.get(key) {
                let message = format!("`{key}` is not allowed in a profile: it is the same for all of them");
                said.push(
                    Finding::new("unknown-field", Severity::Error, field.at().key(), message)
                        .help(format!("remove `{key}` here")),
                );
            }
        }
        let tree = match entry.node.value {
            Value::Map(_) => normal(&entry.node, MapPosition::Root, true),
            _ => map_like(&entry.node, Vec::new()),
        };
        let tree = without(&tree, &["version", "name", "profiles", "extends"]);
        Overlay { entry: entry.clone(), tree, extends: entry.node.get("extends").cloned() }
    }
}
