//! Profiles: short forms written out, overlays laid over the base, each value keeping the place that set it. Knows no schema and no model.

mod chains;

use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, MAX_FINDINGS, Node, Style, Value, no_text};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The base or one profile, merged.
#[derive(Clone, Debug)]
pub struct MergedSpec {
    /// The profile's name; none for the base.
    pub profile: Option<String>,
    /// The whole spec with the profile laid over it, short forms written out, without `profiles`.
    pub tree: Rc<Node>,
    /// Which of all merged specs it is: a profile that changes nothing has the number of what it extends. The base is 0.
    pub number: usize,
    /// Where the profile stands; the base stands at the root.
    pub at: FieldSpan,
}

/// The base, then every profile in the order written. Each is merged when it is its turn, out of the merged spec that it
/// extends, and a merged spec is forgotten once nothing extends it any more.
#[derive(Debug)]
pub struct Layers<'n> {
    base: MergedSpec,
    overlays: Vec<Overlay<'n>>,
    /// What each profile extends, in a row that has no circle; none for the base.
    parents: Vec<Option<usize>>,
    /// Each profile's merged spec with its number, while something needs it.
    merged: Vec<Option<(Rc<Node>, usize)>>,
    /// How many turns still need each merged spec: its own, and those of the profiles that extend it.
    needed: Vec<usize>,
    turn: usize,
    removals: Removals,
}

/// What becomes of an explicit null below the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removals {
    /// It takes away what stands under it, and is gone.
    Done,
    /// It also stays, for what the merged spec is laid over (`inputs::merge`).
    Kept,
}

/// Reads the base and every profile, to be laid over each other one by one.
#[must_use]
pub fn lay<'n>(root: &'n Rc<Node>, findings: &mut Vec<Finding>) -> Layers<'n> {
    lay_with(root, Removals::Done, findings)
}

/// The same, for a spec that is laid over files of other tools or over nothing.
#[must_use]
pub fn lay_with<'n>(root: &'n Rc<Node>, removals: Removals, findings: &mut Vec<Finding>) -> Layers<'n> {
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
    let overlays: Vec<Overlay<'n>> = entries.iter().map(|entry| Overlay::read(entry, &mut said)).collect();
    let parents = chains::parents(&overlays, &mut said);
    let mut needed = vec![1; overlays.len()];
    for parent in parents.iter().flatten() {
        if let Some(needed) = needed.get_mut(*parent) {
            *needed += 1;
        }
    }
    Layers { base, merged: vec![None; overlays.len()], overlays, parents, needed, turn: 0, removals }
}

impl Layers<'_> {
    /// The names of the base (`None`) and of every profile, in the order written.
    pub fn names(&self) -> impl Iterator<Item = Option<&str>> {
        std::iter::once(None).chain(self.overlays.iter().map(|overlay| Some(&*overlay.entry.key)))
    }

    /// The merged spec of one profile. A chain may be as long as there are profiles: it is walked, not recursed into.
    fn merge(&mut self, index: usize) -> (Rc<Node>, usize) {
        let mut chain = Vec::new();
        let mut next = Some(index);
        let (mut tree, mut number) = loop {
            let Some(index) = next else { break (Rc::clone(&self.base.tree), self.base.number) };
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
        (tree, number)
    }

    /// One turn less needs a merged spec.
    fn used(&mut self, index: usize) {
        let (Some(needed), Some(merged)) = (self.needed.get_mut(index), self.merged.get_mut(index)) else { return };
        *needed = needed.saturating_sub(1);
        if *needed == 0 {
            *merged = None;
        }
    }
}

impl Iterator for Layers<'_> {
    type Item = MergedSpec;

    fn next(&mut self) -> Option<MergedSpec> {
        let turn = self.turn;
        self.turn += 1;
        let Some(index) = turn.checked_sub(1) else { return Some(self.base.clone()) };
        let entry = self.overlays.get(index)?.entry;
        let (tree, number) = self.merge(index);
        Some(MergedSpec { profile: Some(entry.key.to_string()), tree, number, at: entry.at() })
    }
}

/// What is wrong with profiles, up to a bound: a spec may have a fault in each of thousands.
struct ProfileFinding<'f> {
    findings: &'f mut Vec<Finding>,
    /// How many there were before the first of these.
    first: Option<usize>,
}

impl ProfileFinding<'_> {
    /// Whether the bound is met, and nothing more is looked for.
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

/// The overlays that none of the chosen profiles lays over the base, itself or by `extends`.
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
struct Overlay<'n> {
    entry: &'n Entry,
    tree: Rc<Node>,
    extends: Option<&'n Entry>,
}

impl<'n> Overlay<'n> {
    fn read(entry: &'n Entry, said: &mut ProfileFinding<'_>) -> Overlay<'n> {
        if !matches!(entry.node.value, Value::Map(_) | Value::Null | Value::Unknown) {
            let message = format!("profile `{}` is {}, expected a mapping", entry.key, entry.node.kind());
            said.push(
                Finding::new("wrong-type", Severity::Error, entry.at().place(), message)
                    .help("write the part of the spec that differs"),
            );
        }
        for key in ["version", "name", "profiles"] {
            if let Some(field) = entry.node.get(key) {
                let message = format!("`{key}` cannot stand in a profile: it is the same for all of them");
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
        Overlay { entry, tree, extends: entry.node.get("extends") }
    }
}

/// Lays `over` on `base`: maps merge, scalars and lists replace, an explicit null removes; it stays where `kept` (here) or `below`
/// (in maps further down) says so.
fn merge(base: &Rc<Node>, over: &Rc<Node>, kept: bool, below: bool) -> Rc<Node> {
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

/// Entries by key: a table where there are many, the list itself where looking through it is faster.
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

fn without(node: &Rc<Node>, keys: &[&str]) -> Rc<Node> {
    if keys.iter().all(|key| node.get(key).is_none()) {
        return Rc::clone(node);
    }
    map_like(node, node.entries().iter().filter(|entry| !keys.contains(&&*entry.key)).cloned().collect())
}

/// A map that stands where `node` stands.
fn map_like(node: &Node, entries: Vec<Entry>) -> Rc<Node> {
    like(node, Value::Map(entries))
}

/// A map or list that stands where `node` stands.
fn like(node: &Node, value: Value) -> Rc<Node> {
    let style = if node.style == Style::Plain { Style::Flow } else { node.style };
    let (file, span, weight) = (node.file, node.span, node.weight);
    Rc::new(Node { file, span, value, text: no_text(), style, tag: None, weight })
}

/// Where in a spec a map stands: decides which short forms its entries have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MapPosition {
    Root,
    /// A map of named things, each at the given position.
    Named(Thing),
    One(Thing),
    /// What is known of a service's jobs.
    Workload,
    /// A map somewhere below, whose empty values are left alone.
    Deep,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Thing {
    Service,
    Backing,
    Target,
    Connection,
}

/// Writes short forms out, so that maps can merge: `replicas: 3` is `{min: 3, max: 3}` at the place of the `3`.
///
/// In the base (`overlay` false) an explicit null is a value left out, as in an overlay over nothing. At the root, and for a
/// whole service, backing service, target or connection, it is an empty value: what was named must not vanish in silence.
fn normal(node: &Rc<Node>, position: MapPosition, overlay: bool) -> Rc<Node> {
    let Value::Map(entries) = &node.value else { return Rc::clone(node) };
    let mut out: Vec<Entry> = Vec::with_capacity(entries.len());
    // most maps have no short form: they are shared, not copied
    let mut same = true;
    for entry in entries {
        let child = child(position, &entry.key);
        let empty = entry.node.is_null() && entry.node.text.is_empty();
        let null = entry.node.is_null() && !empty;
        if null && !overlay && !matches!(position, MapPosition::Root | MapPosition::Named(_)) {
            same = false;
            continue;
        }
        let whole = entry.node.as_whole().is_some();
        let (key, node): (&str, Rc<Node>) = match (position, &*entry.key, &entry.node.value) {
            (MapPosition::One(Thing::Service), "replicas", _) if whole => ("replicas", pair(entry, &["min", "max"])),
            (MapPosition::One(Thing::Service), "concurrency", _) if whole => ("concurrency", pair(entry, &["limit"])),
            (MapPosition::Workload, key @ ("serviceTime" | "start"), Value::Str | Value::Int(_) | Value::Float(_)) => {
                (key, pair(entry, &[if key == "start" { "p50" } else { "mean" }]))
            }
            (MapPosition::Named(Thing::Connection), key, _) if whole => (key, pair(entry, &["perReplica"])),
            (MapPosition::One(Thing::Service), "port", _) => {
                if node.get("ports").is_some() {
                    // both forms: left for the schema to refuse
                    ("port", Rc::clone(&entry.node))
                } else if null {
                    // `port: null` takes away what `port: 80` wrote
                    ("ports", Rc::clone(&entry.node))
                } else {
                    ("ports", like(&entry.node, Value::Seq(vec![pair(entry, &["port"])])))
                }
            }
            (_, key, Value::Null) if (empty || !overlay) && child.is_some() => (key, map_like(&entry.node, Vec::new())),
            (_, key, _) => (key, normal(&entry.node, child.unwrap_or(MapPosition::Deep), overlay)),
        };
        let kept = key == &*entry.key;
        same &= kept && Rc::ptr_eq(&node, &entry.node);
        let key = if kept { Rc::clone(&entry.key) } else { Rc::from(key) };
        out.push(Entry { key, node, ..entry.clone() });
    }
    if same { Rc::clone(node) } else { map_like(node, out) }
}

/// The position of a map under `key`; none where no map is expected.
fn child(position: MapPosition, key: &str) -> Option<MapPosition> {
    match (position, key) {
        (MapPosition::Root, "services") => Some(MapPosition::Named(Thing::Service)),
        (MapPosition::Root, "backingServices") => Some(MapPosition::Named(Thing::Backing)),
        (MapPosition::Root, "targets") => Some(MapPosition::Named(Thing::Target)),
        (MapPosition::Root, "capacity" | "recommendations") => Some(MapPosition::Deep),
        (MapPosition::Named(Thing::Connection), _) => None,
        (MapPosition::Named(thing), _) => Some(MapPosition::One(thing)),
        (MapPosition::One(Thing::Service), "connections") => Some(MapPosition::Named(Thing::Connection)),
        (
            MapPosition::One(Thing::Service),
            "env" | "resources" | "autoscaling" | "expose" | "update" | "replicas" | "concurrency" | "health"
            | "disruption",
        ) => Some(MapPosition::Deep),
        (MapPosition::One(Thing::Service), "workload") => Some(MapPosition::Workload),
        (MapPosition::Workload, "serviceTime" | "start") | (MapPosition::One(Thing::Backing), "external") => {
            Some(MapPosition::Deep)
        }
        (MapPosition::Deep, "requests" | "limits" | "scaleUp" | "scaleDown" | "metrics" | "prometheus") => {
            Some(MapPosition::Deep)
        }
        _ => None,
    }
}

/// `{min: 3, max: 3}` standing where `3` stands.
fn pair(entry: &Entry, keys: &[&str]) -> Rc<Node> {
    map_like(&entry.node, keys.iter().map(|key| Entry { key: Rc::from(*key), ..entry.clone() }).collect())
}
