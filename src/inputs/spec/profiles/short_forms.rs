//! Short forms of a spec written out, so that trees can be merged by key. Knows where each form may be there, and nothing of what it means.

use super::merge::{like, map_like};
use crate::syntax::{Entry, Node, Value};
use std::rc::Rc;

/// Where in a spec a map stands: decides which short forms its entries have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum MapPosition {
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
pub(super) enum Thing {
    Service,
    Backing,
    Target,
    Connection,
}

/// Writes short forms out, so that maps can merge: `replicas: 3` is `{min: 3, max: 3}` at the place of the `3`.
///
/// In the base (`overlay` false) an explicit null is a value left out, as in an overlay over nothing. At the root, and for a
/// whole service, backing service, target or connection, it is an empty value: what was named must not vanish in silence.
pub(super) fn normal(node: &Rc<Node>, position: MapPosition, overlay: bool) -> Rc<Node> {
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
            (MapPosition::Deep, "step", _) if whole => ("step", pair(entry, &["replicas"])),
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

/// The position of a map under `key`; `None` if no map is expected.
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
            | "liveness" | "startup" | "disruption" | "nodeSelector" | "labels" | "annotations" | "podSecurity",
        ) => Some(MapPosition::Deep),
        (MapPosition::One(Thing::Service), "workload") => Some(MapPosition::Workload),
        (MapPosition::Workload, "serviceTime" | "start") | (MapPosition::One(Thing::Backing), "external") => {
            Some(MapPosition::Deep)
        }
        (
            MapPosition::Deep,
            "requests" | "limits" | "scaleUp" | "scaleDown" | "step" | "metrics" | "prometheus" | "timeouts"
            | "annotations" | "gateway",
        ) => Some(MapPosition::Deep),
        _ => None,
    }
}

/// `{min: 3, max: 3}` standing where `3` stands.
fn pair(entry: &Entry, keys: &[&str]) -> Rc<Node> {
    map_like(&entry.node, keys.iter().map(|key| Entry { key: Rc::from(*key), ..entry.clone() }).collect())
}
