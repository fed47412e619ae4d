//! Profiles: short forms written out, overlays laid over the base, each value keeping the place that set it. Knows no schema and no model.

use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::At;
use crate::syntax::{Entry, Node, Style, Value, no_text};
use std::collections::HashMap;
use std::rc::Rc;

/// The base or one profile, merged.
#[derive(Clone, Debug)]
pub struct Laid {
    /// The profile's name; none for the base.
    pub profile: Option<String>,
    /// The whole spec with the profile laid over it, short forms written out, without `profiles`.
    pub tree: Rc<Node>,
}

/// Lays every profile over the base. The base comes first, then the profiles in the order written.
#[must_use]
pub fn lay(root: &Rc<Node>, findings: &mut Vec<Finding>) -> Vec<Laid> {
    let base = without(&normal(root, Position::Root, false), &["profiles"]);
    let mut all = vec![Laid { profile: None, tree: Rc::clone(&base) }];
    let Some(profiles) = root.get("profiles") else { return all };
    if !matches!(profiles.node.value, Value::Map(_) | Value::Null | Value::Unknown) {
        let message = format!("`profiles` is {}, expected a mapping of profiles", profiles.node.kind());
        let finding = Finding::new("wrong-type", Severity::Error, profiles.at().place(), message);
        findings.push(finding.help("name each profile: `large: { … }`"));
    }
    let overlays: Vec<Overlay<'_>> =
        profiles.node.entries().iter().map(|entry| Overlay::read(entry, findings)).collect();
    let chains = Chains { index: overlays.iter().enumerate().map(|(i, o)| (&*o.entry.key, i)).collect(), overlays };
    for (index, overlay) in chains.overlays.iter().enumerate() {
        let chain = chains.of(index, findings);
        let tree = chain.iter().fold(Rc::clone(&base), |tree, overlay| merge(&tree, overlay));
        all.push(Laid { profile: Some(overlay.entry.key.to_string()), tree });
    }
    all
}

/// The overlays that none of the chosen profiles lays over the base, itself or by `extends`.
#[must_use]
pub fn apart<'n>(root: &'n Node, chosen: &[Option<String>]) -> Vec<&'n Node> {
    let all = root.get("profiles").map_or(&[][..], |profiles| profiles.node.entries());
    let named = |name: &str| all.iter().find(|entry| *entry.key == *name);
    let mut laid: Vec<&Node> = Vec::new();
    for name in chosen.iter().flatten() {
        let mut next = named(name);
        while let Some(entry) = next.filter(|entry| laid.iter().all(|node| !std::ptr::eq(*node, &*entry.node))) {
            laid.push(&entry.node);
            next = entry.node.get("extends").and_then(|extends| named(extends.node.as_str()?));
        }
    }
    let nodes = all.iter().map(|entry| &*entry.node);
    nodes.filter(|node| laid.iter().all(|own| !std::ptr::eq(*own, *node))).collect()
}

struct Overlay<'n> {
    entry: &'n Entry,
    tree: Rc<Node>,
    extends: Option<&'n Entry>,
}

impl<'n> Overlay<'n> {
    fn read(entry: &'n Entry, findings: &mut Vec<Finding>) -> Overlay<'n> {
        if !matches!(entry.node.value, Value::Map(_) | Value::Null | Value::Unknown) {
            let message = format!("profile `{}` is {}, expected a mapping", entry.key, entry.node.kind());
            findings.push(
                Finding::new("wrong-type", Severity::Error, entry.at().place(), message)
                    .help("write the part of the spec that differs"),
            );
        }
        for key in ["version", "name", "profiles"] {
            if let Some(field) = entry.node.get(key) {
                let message = format!("`{key}` cannot stand in a profile: it is the same for all of them");
                findings.push(
                    Finding::new("unknown-field", Severity::Error, field.at().key(), message)
                        .help(format!("remove `{key}` here")),
                );
            }
        }
        let tree = match entry.node.value {
            Value::Map(_) => normal(&entry.node, Position::Root, true),
            _ => map_like(&entry.node, Vec::new()),
        };
        let tree = without(&tree, &["version", "name", "profiles", "extends"]);
        Overlay { entry, tree, extends: entry.node.get("extends") }
    }
}

struct Chains<'n> {
    overlays: Vec<Overlay<'n>>,
    index: HashMap<&'n str, usize>,
}

impl Chains<'_> {
    /// The overlays to lay for one profile, furthest ancestor first.
    fn of(&self, start: usize, findings: &mut Vec<Finding>) -> Vec<Rc<Node>> {
        let mut chain = Vec::new();
        let mut seen = Vec::new();
        let mut next = start;
        while let Some(overlay) = self.overlays.get(next) {
            chain.push(Rc::clone(&overlay.tree));
            seen.push(next);
            let Some(extends) = overlay.extends.filter(|extends| !extends.node.is_unknown()) else { break };
            let Some(name) = extends.node.as_str() else {
                let message = format!("`extends` is {}, expected the name of a profile", extends.node.kind());
                let finding = Finding::new("wrong-type", Severity::Error, extends.at().place(), message);
                findings.push(finding.help("name one profile, or remove `extends`"));
                break;
            };
            let Some(&index) = self.index.get(name) else {
                findings.push(self.unknown(name, &overlay.entry.key, extends.at()));
                break;
            };
            if seen.contains(&index) {
                let names: Vec<&str> =
                    seen.iter().filter_map(|index| self.overlays.get(*index)).map(|o| &*o.entry.key).collect();
                let message = format!("profiles extend each other in a circle: {} → {name}", names.join(" → "));
                let mut finding = Finding::new("invalid-value", Severity::Error, extends.at().place(), message)
                    .help("remove this `extends`");
                for overlay in seen.iter().filter_map(|index| self.overlays.get(*index)) {
                    if let Some(extends) = overlay.extends {
                        finding = finding.label(extends.at().place(), "part of the circle");
                    }
                }
                // the whole circle is one fault: its closing place is reported once, from its first profile in the file
                let first = seen.iter().skip_while(|seen| **seen != index).min();
                if first == Some(&start) {
                    findings.push(finding);
                }
                break;
            }
            next = index;
        }
        chain.reverse();
        chain
    }

    fn unknown(&self, name: &str, own: &str, at: At) -> Finding {
        let names = self.overlays.iter().map(|overlay| &*overlay.entry.key).filter(|name| *name != own);
        let message = format!("profile `{name}` does not exist");
        let finding = Finding::new("unknown-reference", Severity::Error, at.place(), message);
        match crate::support::suggest::closest(name, names.clone()) {
            Some(close) => finding.help(format!("did you mean `{close}`?")),
            None => {
                finding.help(format!("profiles are {}", names.map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")))
            }
        }
    }
}

/// Lays `over` on `base`: maps merge, scalars and lists replace, an explicit null removes.
fn merge(base: &Rc<Node>, over: &Rc<Node>) -> Rc<Node> {
    let (Value::Map(old), Value::Map(new)) = (&base.value, &over.value) else { return Rc::clone(over) };
    if new.is_empty() {
        return Rc::clone(base);
    }
    let laid = Index::of(new);
    let mut entries = Vec::with_capacity(old.len() + new.len());
    for entry in old {
        match laid.get(&entry.key) {
            None => entries.push(entry.clone()),
            Some(over) if removes(&over.node) => {}
            Some(over) => {
                let node = merge(&entry.node, &over.node);
                // a merged map stays where the base has it; a replaced value stands where the overlay wrote it
                let merged = matches!((&entry.node.value, &over.node.value), (Value::Map(_), Value::Map(_)));
                let at = if merged { entry } else { over };
                entries.push(Entry { node, ..at.clone() });
            }
        }
    }
    let known = Index::of(old);
    for entry in new {
        if known.get(&entry.key).is_none() && !removes(&entry.node) {
            entries.push(Entry { node: strip(&entry.node), ..entry.clone() });
        }
    }
    entries.shrink_to_fit();
    map_like(base, entries)
}

/// Entries by key: a table where there are many, the list itself where looking through it is faster.
enum Index<'e> {
    Few(&'e [Entry]),
    Many(HashMap<&'e str, &'e Entry>),
}

impl<'e> Index<'e> {
    fn of(entries: &'e [Entry]) -> Index<'e> {
        if entries.len() <= 16 {
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
    map_like(node, kept.map(|entry| Entry { node: strip(&entry.node), ..entry.clone() }).collect())
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
enum Position {
    Root,
    /// A map of named things, each at the given position.
    Named(Thing),
    One(Thing),
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
/// In the base (`overlay` false) an explicit null is a value left out, as in an overlay over nothing.
fn normal(node: &Rc<Node>, position: Position, overlay: bool) -> Rc<Node> {
    let Value::Map(entries) = &node.value else { return Rc::clone(node) };
    let mut out: Vec<Entry> = Vec::with_capacity(entries.len());
    // most maps have no short form: they are shared, not copied
    let mut same = true;
    for entry in entries {
        let child = child(position, &entry.key);
        let empty = entry.node.is_null() && entry.node.text.is_empty();
        let null = entry.node.is_null() && !empty;
        if null && !overlay && position != Position::Root {
            same = false;
            continue;
        }
        let whole = entry.node.as_whole().is_some();
        let (key, node): (&str, Rc<Node>) = match (position, &*entry.key, &entry.node.value) {
            (Position::One(Thing::Service), "replicas", _) if whole => ("replicas", pair(entry, &["min", "max"])),
            (Position::One(Thing::Service), "concurrency", _) if whole => ("concurrency", pair(entry, &["limit"])),
            (Position::Named(Thing::Connection), key, _) if whole => (key, pair(entry, &["perReplica"])),
            (Position::One(Thing::Service), "port", _) => {
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
            (_, key, Value::Null) if empty && child.is_some() => (key, map_like(&entry.node, Vec::new())),
            (_, key, _) => (key, normal(&entry.node, child.unwrap_or(Position::Deep), overlay)),
        };
        let kept = key == &*entry.key;
        same &= kept && Rc::ptr_eq(&node, &entry.node);
        let key = if kept { Rc::clone(&entry.key) } else { Rc::from(key) };
        out.push(Entry { key, node, ..entry.clone() });
    }
    if same { Rc::clone(node) } else { map_like(node, out) }
}

/// The position of a map under `key`; none where no map is expected.
fn child(position: Position, key: &str) -> Option<Position> {
    match (position, key) {
        (Position::Root, "services") => Some(Position::Named(Thing::Service)),
        (Position::Root, "backingServices") => Some(Position::Named(Thing::Backing)),
        (Position::Root, "targets") => Some(Position::Named(Thing::Target)),
        (Position::Root, "capacity" | "recommendations") => Some(Position::Deep),
        (Position::Named(Thing::Connection), _) => None,
        (Position::Named(thing), _) => Some(Position::One(thing)),
        (Position::One(Thing::Service), "connections") => Some(Position::Named(Thing::Connection)),
        (
            Position::One(Thing::Service),
            "env" | "resources" | "autoscaling" | "expose" | "update" | "replicas" | "concurrency" | "health"
            | "disruption",
        ) => Some(Position::Deep),
        (Position::Deep, "requests" | "limits" | "scaleUp" | "scaleDown" | "metrics" | "prometheus") => {
            Some(Position::Deep)
        }
        _ => None,
    }
}

/// `{min: 3, max: 3}` standing where `3` stands.
fn pair(entry: &Entry, keys: &[&str]) -> Rc<Node> {
    map_like(&entry.node, keys.iter().map(|key| Entry { key: Rc::from(*key), ..entry.clone() }).collect())
}
