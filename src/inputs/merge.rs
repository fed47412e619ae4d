//! Lays a spec over a layer. Knows the fields of the spec that merge in a way of their own, and no format.

use super::facts::Facts;
use super::layer::Layer;
use super::tree::{list, map, with_node};
use crate::support::source::FieldSpan;
use crate::syntax::{ByAddress, Entry, Node, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// A spec (in one profile) over a layer.
#[derive(Debug)]
pub struct Merged<'l> {
    /// The effective spec, which the schema and the model read. It has no removals and no short forms.
    pub tree: Rc<Node>,
    /// The values that the spec removes from the layer, in the order of the merge.
    pub dropped: Vec<Dropped>,
    /// The services of the layer that are in the tree, in the order of the layer.
    pub services: Vec<EffectiveService<'l>>,
}

/// One service of the merged tree that the layer knows.
#[derive(Debug)]
pub struct EffectiveService<'l> {
    /// Its name.
    pub name: Rc<str>,
    /// Whether the spec does not name it. Sums count it, rules check it, no override writes it.
    pub base_only: bool,
    /// Whether it is a backing service.
    pub backing: bool,
    /// Facts of the layer that the tree cannot hold.
    pub facts: &'l Facts,
}

/// A value of the layer that the spec removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// The keys down to it, from the root of the spec: `services`, `web`, `health`.
    pub path: Vec<Rc<str>>,
    /// Its place in the layer.
    pub was: FieldSpan,
    /// The place in the spec that removes it: a `null`, or the form that replaces it.
    pub by: FieldSpan,
    /// Whether another value replaces it.
    pub replaced: bool,
}

/// A name, and the addresses of the layer's and the spec's node; the second is null for a service that the spec does not name.
type NodePair = (Rc<str>, *const Node, *const Node);

/// Services merged before, because profiles share most of them.
pub type MergeCache = ByAddress<NodePair, (Rc<Node>, Vec<Dropped>)>;

/// Lays a spec over a layer. `overlay` is the spec with its profile chain, short forms written out, removals kept as nulls
/// ([`Removals::Kept`](super::spec::profiles::Removals)).
#[must_use]
pub fn lay_over<'l>(layer: &'l Layer, overlay: &Rc<Node>, cache: &mut MergeCache) -> Merged<'l> {
    let mut merged = Merged { tree: Rc::clone(overlay), dropped: Vec::new(), services: Vec::new() };
    let services = overlay.get("services");
    let backing = overlay.get("backingServices");
    let table = |section: Option<&'_ Entry>| -> HashMap<Rc<str>, Entry> {
        let entries = section.map_or(&[][..], |entry| entry.node.entries());
        entries.iter().map(|entry| (Rc::clone(&entry.key), entry.clone())).collect()
    };
    let (own, own_backing) = (table(services), table(backing));
    let mut laid: [HashMap<Rc<str>, Entry>; 2] = [HashMap::new(), HashMap::new()];
    let mut base_only: Vec<Entry> = Vec::new();
    for service in &layer.services {
        let name = &service.service.key;
        let (over, backing) = match (own.get(name), own_backing.get(name), service.backing.as_deref()) {
            (None, Some(over), Some(base)) => (Some(over), Some(base)),
            (over, ..) => (over, None),
        };
        let base = backing.unwrap_or(&service.service);
        let section = if backing.is_some() { "backingServices" } else { "services" };
        let path = vec![Rc::from(section), Rc::clone(name)];
        match over {
            Some(over) if removes(&over.node) => {
                merged.dropped.push(Dropped { path, was: base.at(), by: over.at(), replaced: false });
                continue;
            }
            Some(over) => {
                let node = merged_service(base, Some(over), path, &mut merged.dropped, cache);
                if let Some(laid) = laid.get_mut(usize::from(backing.is_some())) {
                    laid.insert(Rc::clone(name), with_node(over, node));
                }
            }
            None => base_only.push(with_node(base, merged_service(base, None, path, &mut merged.dropped, cache))),
        }
        merged.services.push(EffectiveService {
            name: Rc::clone(name),
            base_only: over.is_none(),
            backing: backing.is_some(),
            facts: &service.facts,
        });
    }
    let [mut of_services, mut of_backing] = laid;
    let mut root = Vec::with_capacity(overlay.entries().len() + 1);
    for entry in overlay.entries() {
        root.push(match &*entry.key {
            // at the root it is an empty value: a required field that is null is a fault
            _ if removes(&entry.node) => entry.clone(),
            "services" => section(entry, &mut of_services, std::mem::take(&mut base_only)),
            "backingServices" => section(entry, &mut of_backing, Vec::new()),
            _ => with_node(entry, stripped(&entry.node)),
        });
    }
    if let Some(first) = base_only.first().cloned() {
        // the spec has no services of its own: the section gets the place of the first one
        let node = map(&first.node, base_only);
        root.push(Entry { key: Rc::from("services"), node, ..first });
    }
    merged.tree = map(overlay, root);
    merged
}

/// A section of the spec with its entries merged, and further entries after them.
fn section(written: &Entry, laid: &mut HashMap<Rc<str>, Entry>, more: Vec<Entry>) -> Entry {
    let own = written.node.entries().iter().filter(|entry| !removes(&entry.node));
    let own = own.map(|entry| laid.remove(&entry.key).unwrap_or_else(|| with_node(entry, stripped(&entry.node))));
    with_node(written, map(&written.node, own.chain(more).collect()))
}

/// One service of the layer, with the spec's laid over it if the spec has one.
fn merged_service(
    base: &Entry,
    over: Option<&Entry>,
    path: Vec<Rc<str>>,
    dropped: &mut Vec<Dropped>,
    cache: &mut MergeCache,
) -> Rc<Node> {
    let over_at = over.map_or(std::ptr::null(), |over| Rc::as_ptr(&over.node));
    let key = (Rc::clone(&base.key), Rc::as_ptr(&base.node), over_at);
    if let Some((node, known)) = cache.get(&key) {
        dropped.extend(known.iter().cloned());
        return Rc::clone(node);
    }
    let mut found = Vec::new();
    let node = match over {
        Some(over) => {
            let over = published(&base.node, &over.node);
            Merge { path, dropped: &mut found }.maps(&base.node, &over)
        }
        None => Rc::clone(&base.node),
    };
    let node = whole(&node);
    dropped.extend(found.iter().cloned());
    if over.is_none() && Rc::ptr_eq(&node, &base.node) {
        // it is found again without being remembered
        return node;
    }
    let nodes = std::iter::once(base).chain(over).map(|entry| Rc::clone(&entry.node));
    cache.insert(key, (Rc::clone(&node), found), nodes);
    node
}

/// A service whose `publish` moves to its one port, so that it merges with the port of the base. If it has no port of its own,
/// that is the base's only port.
fn published(base: &Node, over: &Rc<Node>) -> Rc<Node> {
    let Some(publish) = over.get("publish").filter(|publish| !publish.node.is_null()) else { return Rc::clone(over) };
    let ports = over.get("ports").or_else(|| base.get("ports"));
    let only = ports.and_then(|ports| match ports.node.items() {
        [only] => Some((ports, only)),
        _ => None,
    });
    let Some((ports, only)) = only else { return Rc::clone(over) };
    let own = over.get("ports").is_some();
    if !matches!(only.value, Value::Map(_)) || (own && only.get("publish").is_some()) {
        return Rc::clone(over);
    }
    let kept = only.entries().iter().filter(|entry| &*entry.key != "publish");
    let item = map(only, kept.cloned().chain([publish.clone()]).collect());
    let rest = over.entries().iter().filter(|entry| !["publish", "ports"].contains(&&*entry.key));
    let ports = with_node(ports, list(&ports.node, vec![item]));
    map(over, rest.cloned().chain([ports]).collect())
}

struct Merge<'d> {
    path: Vec<Rc<str>>,
    dropped: &'d mut Vec<Dropped>,
}

impl Merge<'_> {
    /// Lays a mapping over a mapping; any other value replaces the one below.
    fn maps(&mut self, base: &Rc<Node>, over: &Rc<Node>) -> Rc<Node> {
        let (Value::Map(old), Value::Map(new)) = (&base.value, &over.value) else { return stripped(over) };
        let index: HashMap<&str, &Entry> = new.iter().map(|entry| (&*entry.key, entry)).collect();
        let mut entries = Vec::with_capacity(old.len() + new.len());
        for entry in old {
            let by = index.get(&*entry.key).copied().or_else(|| self.exclusive(&entry.key, &index));
            self.path.push(Rc::clone(&entry.key));
            match by {
                None => entries.push(entry.clone()),
                Some(by) if by.key != entry.key => self.drop(entry, by, true),
                Some(by) if removes(&by.node) => self.drop(entry, by, false),
                Some(by) => entries.push(with_node(by, self.value(entry, by))),
            }
            self.path.pop();
        }
        let known: std::collections::HashSet<&str> = old.iter().map(|entry| &*entry.key).collect();
        let fresh = new.iter().filter(|entry| !known.contains(&*entry.key) && !removes(&entry.node));
        entries.extend(fresh.map(|entry| with_node(entry, stripped(&entry.node))));
        map(over, entries)
    }

    /// Removes the key of the layer that an entry of the spec excludes: a service that runs elsewhere has no image here.
    fn exclusive<'n>(&self, key: &str, over: &HashMap<&str, &'n Entry>) -> Option<&'n Entry> {
        let backing = self.path.first().is_some_and(|section| &**section == "backingServices");
        let other = over.get("external").filter(|external| !removes(&external.node))?;
        (backing && self.path.len() == 2 && key == "image").then_some(other)
    }

    fn value(&mut self, base: &Entry, over: &Entry) -> Rc<Node> {
        let below = self.path.get(2..).unwrap_or_default();
        let names: Vec<&str> = below.iter().map(|key| &**key).collect();
        match names.as_slice() {
            ["health" | "liveness" | "startup" | "disruption" | "external"] => {
                self.drop(base, over, true);
                stripped(&over.node)
            }
            // a fixed number does not become one end of a range
            ["replicas"] if matches!(over.node.value, Value::Map(_)) && !matches!(base.node.value, Value::Map(_)) => {
                self.drop(base, over, true);
                stripped(&over.node)
            }
            ["ports"] => keyed(&base.node, &over.node, port_key),
            ["volumes"] => keyed(&base.node, &over.node, mount_key),
            _ => self.maps(&base.node, &over.node),
        }
    }

    fn drop(&mut self, was: &Entry, by: &Entry, replaced: bool) {
        self.dropped.push(Dropped { path: self.path.clone(), was: was.at(), by: by.at(), replaced });
    }
}

/// Lays a list over a list: an item replaces the one with its key, but keeps the fields that it does not set.
fn keyed(base: &Rc<Node>, over: &Rc<Node>, key: fn(&Node) -> Option<String>) -> Rc<Node> {
    let (Value::Seq(old), Value::Seq(new)) = (&base.value, &over.value) else { return stripped(over) };
    let mut items = old.clone();
    let mut index: HashMap<String, usize> = HashMap::new();
    for (place, item) in old.iter().enumerate() {
        if let Some(key) = key(item) {
            index.entry(key).or_insert(place);
        }
    }
    for item in new {
        let place = key(item).and_then(|key| index.get(&key).copied());
        match place.and_then(|place| items.get_mut(place)) {
            Some(old) => *old = item_over(old, item),
            None => items.push(Rc::clone(item)),
        }
    }
    list(over, items)
}

fn item_over(base: &Rc<Node>, over: &Rc<Node>) -> Rc<Node> {
    let (Value::Map(old), Value::Map(new)) = (&base.value, &over.value) else { return Rc::clone(over) };
    let rest = old.iter().filter(|entry| over.get(&entry.key).is_none());
    let own = new.iter().filter(|entry| !removes(&entry.node));
    map(over, own.chain(rest).cloned().collect())
}

fn port_key(item: &Node) -> Option<String> {
    let port = item.get("port")?.node.as_whole()?;
    let protocol = item.get("protocol").map_or("tcp", |entry| &entry.node.text);
    Some(format!("{port}/{protocol}"))
}

fn mount_key(item: &Node) -> Option<String> {
    item.get("mount").and_then(|entry| entry.node.as_str()).map(str::to_owned)
}

/// An explicit `null` or `~`; an empty value removes nothing.
fn removes(node: &Node) -> bool {
    node.is_null() && !node.text.is_empty()
}

/// A subtree that is laid over nothing, so its removals have no effect.
fn stripped(node: &Rc<Node>) -> Rc<Node> {
    let Value::Map(entries) = &node.value else { return Rc::clone(node) };
    let kept = entries.iter().filter(|entry| !removes(&entry.node));
    let kept: Vec<Entry> = kept.map(|entry| with_node(entry, stripped(&entry.node))).collect();
    let same =
        kept.len() == entries.len() && kept.iter().zip(entries).all(|(new, old)| Rc::ptr_eq(&new.node, &old.node));
    // most have no removal: they are shared, not copied
    if same { Rc::clone(node) } else { map(node, kept) }
}

/// A service whose fixed number of replicas is written as both bounds, as the model reads it.
fn whole(service: &Rc<Node>) -> Rc<Node> {
    let fixed = |entry: &Entry| &*entry.key == "replicas" && entry.node.as_whole().is_some();
    if !service.entries().iter().any(fixed) {
        return Rc::clone(service);
    }
    let both = |entry: &Entry| {
        let bound = |key: &str| Entry { key: Rc::from(key), ..entry.clone() };
        with_node(entry, map(&entry.node, vec![bound("min"), bound("max")]))
    };
    let entries = service.entries().iter().map(|entry| if fixed(entry) { both(entry) } else { entry.clone() });
    map(service, entries.collect())
}

/// A spec that is laid over nothing, so its removals have no effect. At the root a null stays, as an empty value.
#[must_use]
pub fn over_nothing(overlay: &Rc<Node>) -> Rc<Node> {
    let Value::Map(entries) = &overlay.value else { return Rc::clone(overlay) };
    map(overlay, entries.iter().map(|entry| with_node(entry, stripped(&entry.node))).collect())
}
