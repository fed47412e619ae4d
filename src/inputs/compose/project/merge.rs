//! Merges one compose model over another, as compose does. Knows the keys with merge rules of their own, and no file.
//!
//! Source: compose-go `override/`. Both sides are in normal form ([`super::forms`]).

use super::MAX_MERGED;
use super::ports;
use super::tags::{is_override, is_reset};
use crate::inputs::text::scalar;
use crate::inputs::tree::{list, map, with_node};
use crate::support::source::FileSpan;
use crate::syntax::{Entry, Node, Value};
use std::collections::hash_map::Entry as MapEntry;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The budget of merging one project, and what was found on the way.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
    /// Values that cannot be merged because their kinds differ: the places of both, and the kind below.
    pub(super) clashes: Vec<(FileSpan, FileSpan, &'static str)>,
}

impl Budget {
    pub(super) fn new() -> Budget {
        Budget { left: MAX_MERGED, clashes: Vec::new() }
    }

    /// Takes this many entries from the budget; whether it still lasts.
    fn take(&mut self, entries: usize) -> bool {
        self.left = self.left.saturating_sub(entries);
        self.left > 0
    }

    /// Whether the budget is used up, so that later results lack parts.
    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }
}

/// Lays one service over another. The tags of `over` stay in the result, so that it can be laid over a third.
pub(super) fn service(base: &Rc<Node>, over: &Rc<Node>, budget: &mut Budget) -> Rc<Node> {
    merge(base, over, &mut Vec::new(), budget)
}

/// Lays one mapping of named items over another, merging each item with `one`.
pub(super) fn named(
    base: &[Entry],
    over: &[Entry],
    budget: &mut Budget,
    one: fn(&Rc<Node>, &Rc<Node>, &mut Budget) -> Rc<Node>,
) -> Vec<Entry> {
    let mut entries: Vec<Option<Entry>> = base.iter().cloned().map(Some).collect();
    let index: HashMap<&str, usize> = base.iter().enumerate().map(|(index, entry)| (&*entry.key, index)).collect();
    if budget.take(base.len() + over.len()) {
        for entry in over {
            match index.get(&*entry.key).and_then(|index| entries.get_mut(*index)) {
                Some(slot) if is_reset(&entry.node) => *slot = None,
                Some(slot) if is_override(&entry.node) => *slot = Some(entry.clone()),
                Some(slot) => {
                    if let Some(old) = slot {
                        old.node = one(&old.node, &entry.node, budget);
                    }
                }
                None if is_reset(&entry.node) => {}
                None => entries.push(Some(entry.clone())),
            }
        }
    }
    entries.into_iter().flatten().collect()
}

/// Lays a service over the one it extends. The result has the place of `over`.
pub(super) fn extended(base: &Rc<Node>, over: &Rc<Node>, budget: &mut Budget) -> Rc<Node> {
    let merged = service(&settled(base), over, budget);
    match &merged.value {
        Value::Map(entries) => map(over, entries.iter().filter(|entry| &*entry.key != "extends").cloned().collect()),
        _ => merged,
    }
}

/// Lays a network or a volume over another.
pub(super) fn resource(base: &Rc<Node>, over: &Rc<Node>, budget: &mut Budget) -> Rc<Node> {
    // no key of a service has this path
    merge(base, over, &mut vec!["(resource)"], budget)
}

fn merge<'n>(base: &Rc<Node>, over: &'n Rc<Node>, path: &mut Vec<&'n str>, budget: &mut Budget) -> Rc<Node> {
    if is_override(over) || is_reset(over) || replaces(path) {
        return Rc::clone(over);
    }
    if over.is_null() {
        return Rc::clone(base);
    }
    match (&base.value, &over.value) {
        (Value::Null | Value::Unknown, _) | (_, Value::Unknown) => Rc::clone(over),
        (Value::Map(old), Value::Map(new)) if !other_driver(path, base, over) => {
            map(base, entries(old, new, path, budget))
        }
        (Value::Map(_), Value::Map(_)) => Rc::clone(over),
        (Value::Seq(old), Value::Seq(new)) => {
            if !budget.take(old.len() + new.len()) {
                return Rc::clone(base);
            }
            let all = list(base, joined(old, new));
            // the tag of the whole list still applies
            let all = Rc::new(Node { tag: over.tag.clone(), ..(*all).clone() });
            unique_at(path, &all)
        }
        (Value::Map(_) | Value::Seq(_), _) if !path.is_empty() => {
            budget.clashes.push((over.at().place(), base.at().place(), base.kind()));
            Rc::clone(over)
        }
        _ => Rc::clone(over),
    }
}

/// Appends the items of one list that another lacks: an item that is there already, in the same form, is not added again
/// (docker compose 5.6; equal items of one list stay). It gets the later place.
fn joined(old: &[Rc<Node>], new: &[Rc<Node>]) -> Vec<Rc<Node>> {
    let mut all = old.to_vec();
    let mut known: HashMap<String, usize> =
        old.iter().enumerate().map(|(index, item)| (identity(item), index)).collect();
    for item in new {
        match known.entry(identity(item)) {
            MapEntry::Occupied(index) => all.get_mut(*index.get()).into_iter().for_each(|old| *old = Rc::clone(item)),
            MapEntry::Vacant(free) => {
                free.insert(all.len());
                all.push(Rc::clone(item));
            }
        }
    }
    all
}

/// A text that equal values share, whatever the order of their keys.
fn identity(node: &Node) -> String {
    match &node.value {
        Value::Map(entries) => {
            let mut parts: Vec<String> =
                entries.iter().map(|entry| format!("{:?}:{}", entry.key, identity(&entry.node))).collect();
            parts.sort_unstable();
            format!("{{{}}}", parts.join(","))
        }
        Value::Seq(items) => {
            let parts: Vec<String> = items.iter().map(|item| identity(item)).collect();
            format!("[{}]", parts.join(","))
        }
        Value::Str => format!("{:?}", node.text),
        other => format!("{other:?}"),
    }
}

fn entries<'n>(old: &[Entry], new: &'n [Entry], path: &mut Vec<&'n str>, budget: &mut Budget) -> Vec<Entry> {
    if !budget.take(old.len() + new.len()) {
        return old.to_vec();
    }
    let over: HashMap<&str, &'n Entry> = new.iter().map(|entry| (&*entry.key, entry)).collect();
    let known: HashSet<&str> = old.iter().map(|entry| &*entry.key).collect();
    let mut entries = Vec::with_capacity(old.len() + new.len());
    for entry in old {
        let Some(over) = over.get(&*entry.key) else {
            // a removal below only matters for what is laid over; this is the result
            entries.push(entry.clone());
            continue;
        };
        path.push(&over.key);
        let node = merge(&entry.node, &over.node, path, budget);
        path.pop();
        // a merged value keeps its place, a replaced one has the place of the later file
        let stays = (node.file, node.span) == (entry.node.file, entry.node.span);
        entries.push(with_node(if stays { entry } else { over }, node));
    }
    entries.extend(new.iter().filter(|entry| !known.contains(&*entry.key)).cloned());
    entries
}

/// Whether the value at a path is replaced even by a null.
fn replaces(path: &[&str]) -> bool {
    match path {
        ["command" | "entrypoint"] | ["healthcheck", "test"] | ["ulimits", _] => true,
        // `NAME` alone is a variable that is passed through
        ["environment" | "labels" | "annotations" | "sysctls", _] => true,
        ["build", "args" | "labels", _] | ["deploy", "labels", _] => true,
        _ => false,
    }
}

/// Options of a log driver apply to that driver only.
fn other_driver(path: &[&str], base: &Node, over: &Node) -> bool {
    let driver = |node: &Node| node.get("driver").map(|entry| entry.node.text.clone());
    *path == ["logging"] && driver(base).zip(driver(over)).is_some_and(|(old, new)| old != new)
}

/// The list of a service's key with one item of each name: a later one takes the place of an earlier one.
pub(super) fn unique(key: &str, node: &Rc<Node>, budget: &mut Budget) -> Rc<Node> {
    budget.take(node.items().len());
    unique_at(&[key], node)
}

fn unique_at(path: &[&str], node: &Rc<Node>) -> Rc<Node> {
    let Value::Seq(items) = &node.value else { return Rc::clone(node) };
    let name: fn(&Node) -> Option<String> = match path {
        ["ports"] => |item| match &item.value {
            Value::Map(_) => Some(ports::key(item)),
            _ => Some(item.text.to_string()),
        },
        ["volumes" | "devices"] => |item| text_of(item, "target"),
        ["secrets" | "configs"] => |item| text_of(item, "target").or_else(|| text_of(item, "source")),
        ["env_file"] => |item| text_of(item, "path"),
        ["expose"] => |item| scalar(item).map(str::to_owned),
        ["cap_add" | "cap_drop" | "dns" | "dns_opt" | "dns_search" | "links" | "profiles" | "tmpfs"]
        | ["networks", _, "aliases" | "link_local_ips"] => {
            |item| scalar(item).map(|text| text.split('=').next().unwrap_or_default().to_owned())
        }
        ["extra_hosts"] => |item| scalar(item).map(str::to_owned),
        _ => return Rc::clone(node),
    };
    let mut kept: Vec<Rc<Node>> = Vec::with_capacity(items.len());
    let mut index: HashMap<String, usize> = HashMap::new();
    for item in items.iter().filter(|item| !is_reset(item)) {
        match name(item) {
            None => kept.push(Rc::clone(item)),
            Some(name) => match index.get(&name).and_then(|index| kept.get_mut(*index)) {
                Some(old) => *old = Rc::clone(item),
                None => {
                    index.insert(name, kept.len());
                    kept.push(Rc::clone(item));
                }
            },
        }
    }
    list(node, kept)
}

fn text_of(item: &Node, key: &str) -> Option<String> {
    item.get(key).and_then(|entry| scalar(&entry.node)).map(str::to_owned)
}

/// The tree without what `!reset` takes away and without the tags of merging.
pub(super) fn settled(node: &Rc<Node>) -> Rc<Node> {
    let tag = node.tag.clone().filter(|tag| !["!override", "!reset"].contains(&&**tag));
    let value = match &node.value {
        Value::Map(entries) => {
            let kept = entries.iter().filter(|entry| !is_reset(&entry.node));
            let kept: Vec<Entry> = kept.map(|entry| with_node(entry, settled(&entry.node))).collect();
            let same =
                kept.len() == entries.len() && kept.iter().zip(entries).all(|(a, b)| Rc::ptr_eq(&a.node, &b.node));
            if same && tag == node.tag {
                return Rc::clone(node);
            }
            Value::Map(kept)
        }
        Value::Seq(items) => {
            let kept: Vec<Rc<Node>> = items.iter().filter(|item| !is_reset(item)).map(settled).collect();
            let same = kept.len() == items.len() && kept.iter().zip(items).all(|(a, b)| Rc::ptr_eq(a, b));
            if same && tag == node.tag {
                return Rc::clone(node);
            }
            Value::Seq(kept)
        }
        _ if tag == node.tag => return Rc::clone(node),
        _ => return Rc::new(Node { tag, ..(**node).clone() }),
    };
    let shell = Node { value, tag, text: Rc::clone(&node.text), ..shell(node) };
    Rc::new(shell)
}

fn shell(node: &Node) -> Node {
    let (file, span, style, weight) = (node.file, node.span, node.style, node.weight);
    Node { file, span, value: Value::Null, text: crate::syntax::no_text(), style, tag: None, weight }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::settled;
    use crate::support::source::{FileId, Source};
    use crate::syntax::{ParseMode, parse};

    #[test]
    fn a_settled_tree_has_no_tags_of_merging() {
        let source = Source::new("", "a: !override { b: 1 }\nc: !reset null\nd: !override [1]\ne: !other { f: 1 }\n");
        let root = settled(&parse(FileId::default(), &source, ParseMode::Base).root.unwrap());
        let tags: Vec<(&str, Option<&str>)> =
            root.entries().iter().map(|entry| (&*entry.key, entry.node.tag.as_deref())).collect();
        assert_eq!(tags, [("a", None), ("d", None), ("e", Some("!other"))]);
    }
}
