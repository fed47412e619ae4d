//! Normalises a compose service: each key that compose takes in several forms gets the form that compose merges and prints.
//!
//! Source: compose-go `transform/` and `paths/`. A value with no readable form stays as it is.

use super::merge::{self, Budget};
use super::{ports, tags, volumes};
use crate::inputs::text::{is_unknown, scalar};
use crate::inputs::tree::{field, list, map, with_node, with_text, with_value};
use crate::syntax::{Entry, Node, Value, no_text};
use std::rc::Rc;

/// One service in normal form. `folder` is the base of its relative paths, itself relative to the project's folder.
pub(super) fn service(node: &Rc<Node>, folder: &str, budget: &mut Budget) -> Rc<Node> {
    let Value::Map(entries) = &node.value else { return Rc::clone(node) };
    let formed: Vec<Rc<Node>> = entries.iter().map(|entry| value(&entry.key, &entry.node, folder, budget)).collect();
    // most keys have one form only: what is written in it is shared, not copied
    if formed.iter().zip(entries).all(|(formed, entry)| Rc::ptr_eq(formed, &entry.node)) {
        return Rc::clone(node);
    }
    map(node, entries.iter().zip(formed).map(|(entry, formed)| with_node(entry, formed)).collect())
}

fn value(key: &str, node: &Rc<Node>, folder: &str, budget: &mut Budget) -> Rc<Node> {
    let formed = match key {
        "ports" => items(node, |item| match port_text(item) {
            Some(text) => ports::from_short(item, &text).unwrap_or_else(|| vec![Rc::clone(item)]),
            None => vec![Rc::clone(item)],
        }),
        "volumes" => items(node, |item| vec![mount(item, folder)]),
        "environment" | "labels" | "annotations" | "sysctls" => pairs(node),
        "env_file" => env_files(node, folder),
        "extra_hosts" => hosts(node),
        "label_file" => items(&one_or_more(node), |item| vec![placed(item, folder)]),
        "tmpfs" | "dns" | "dns_search" => one_or_more(node),
        "networks" | "models" => names(node, &[]),
        "depends_on" => names(node, &[("condition", "service_started"), ("required", "true")]),
        "secrets" | "configs" => items(node, |item| match scalar(item) {
            Some(text) => vec![map(item, vec![field("source", item, with_text(item, text))])],
            None => vec![Rc::clone(item)],
        }),
        "devices" => items(node, |item| vec![device(item)]),
        "build" => build(node, folder),
        "deploy" => child(node, "labels", pairs),
        _ => Rc::clone(node),
    };
    merge::unique(key, &formed, budget)
}

/// A service in the form that it has once its file is read. Until then `gpus: all` is text, which replaces a list of the
/// same file, and which compose refuses to lay over the list of another.
pub(super) fn of_read_file(service: &Rc<Node>) -> Rc<Node> {
    let Value::Map(entries) = &service.value else { return Rc::clone(service) };
    if !entries.iter().any(|entry| &*entry.key == "gpus" && scalar(&entry.node).is_some()) {
        return Rc::clone(service);
    }
    let formed = entries.iter().map(|entry| match &*entry.key {
        "gpus" if scalar(&entry.node).is_some() && !tags::is_reset(&entry.node) => {
            let all = map(&entry.node, vec![field("count", &entry.node, with_text(&entry.node, "all"))]);
            with_node(entry, list(&entry.node, vec![all]))
        }
        _ => entry.clone(),
    });
    map(service, formed.collect())
}

/// A network or a volume in the form that compose merges.
pub(super) fn resource(node: &Rc<Node>) -> Rc<Node> {
    child(node, "labels", pairs)
}

/// A port in the short form: text, or a number.
fn port_text(item: &Node) -> Option<String> {
    matches!(item.value, Value::Str | Value::Int(_)).then(|| item.text.to_string())
}

/// The list with each item in its form; anything else as it is.
fn items(node: &Rc<Node>, form: impl FnMut(&Rc<Node>) -> Vec<Rc<Node>>) -> Rc<Node> {
    match &node.value {
        Value::Seq(items) => list(node, items.iter().flat_map(form).collect()),
        _ => Rc::clone(node),
    }
}

/// A list of one for a single text.
fn one_or_more(node: &Rc<Node>) -> Rc<Node> {
    if scalar(node).is_none() { Rc::clone(node) } else { list(node, vec![untagged(node)]) }
}

/// The value without the tag that its list keeps.
fn untagged(node: &Rc<Node>) -> Rc<Node> {
    match node.tag.as_deref() {
        Some("!override" | "!reset") => Rc::new(Node { tag: None, ..(**node).clone() }),
        _ => Rc::clone(node),
    }
}

/// A list of `NAME=value` as a mapping; `NAME` alone has no value.
fn pairs(node: &Rc<Node>) -> Rc<Node> {
    let Value::Seq(items) = &node.value else { return Rc::clone(node) };
    let mut entries: Vec<Entry> = Vec::with_capacity(items.len());
    let mut index = std::collections::HashMap::new();
    for item in items {
        let Some(text) = scalar(item) else { continue };
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, with_text(item, value)),
            None => (text, empty(item)),
        };
        let entry = field(name, item, value);
        match index.get(name).and_then(|index: &usize| entries.get_mut(*index)) {
            Some(old) => *old = entry,
            None => {
                index.insert(name.to_owned(), entries.len());
                entries.push(entry);
            }
        }
    }
    map(node, entries)
}

/// A mapping of hosts as a list of `name=address`: a host may have several.
fn hosts(node: &Rc<Node>) -> Rc<Node> {
    let Value::Map(entries) = &node.value else { return Rc::clone(node) };
    let mut all = Vec::with_capacity(entries.len());
    for entry in entries {
        let host = |address: &Rc<Node>| Some(with_text(address, &format!("{}={}", entry.key, scalar(address)?)));
        match &entry.node.value {
            Value::Seq(items) => all.extend(items.iter().filter_map(host)),
            _ => all.extend(host(&entry.node)),
        }
    }
    list(node, all)
}

/// A null at the place of `node`.
fn empty(node: &Node) -> Rc<Node> {
    let mut nothing = (*with_value(node, Value::Null)).clone();
    (nothing.text, nothing.tag) = (no_text(), None);
    Rc::new(nothing)
}

/// A list of names as a mapping from names to these values, or to null.
fn names(node: &Rc<Node>, values: &[(&str, &str)]) -> Rc<Node> {
    let Value::Seq(items) = &node.value else { return Rc::clone(node) };
    let mut entries: Vec<Entry> = Vec::with_capacity(items.len());
    for item in items {
        let Some(name) = scalar(item).filter(|name| entries.iter().all(|entry| *entry.key != **name)) else { continue };
        let parts: Vec<Entry> = values.iter().map(|(key, text)| field(key, item, with_text(item, text))).collect();
        entries.push(field(name, item, if parts.is_empty() { empty(item) } else { map(item, parts) }));
    }
    map(node, entries)
}

fn mount(item: &Rc<Node>, folder: &str) -> Rc<Node> {
    if let Some(text) = item.as_str() {
        return volumes::from_short(item, text, folder).unwrap_or_else(|| Rc::clone(item));
    }
    let Value::Map(entries) = &item.value else { return Rc::clone(item) };
    let bind = item.get("type").is_some_and(|kind| &*kind.node.text == "bind");
    let formed = entries.iter().map(|entry| match (&*entry.key, scalar(&entry.node)) {
        ("source", Some(text)) if bind => with_node(entry, with_text(&entry.node, &volumes::place(folder, text))),
        ("target", Some(text)) => with_node(entry, with_text(&entry.node, &volumes::clean(text))),
        _ => entry.clone(),
    });
    map(item, formed.collect())
}

/// A path from its folder.
fn placed(node: &Rc<Node>, folder: &str) -> Rc<Node> {
    scalar(node).map_or_else(|| Rc::clone(node), |text| with_text(node, &volumes::place(folder, text)))
}

/// `env_file` as a list of mappings with `path` from its folder.
fn env_files(node: &Rc<Node>, folder: &str) -> Rc<Node> {
    let several = match &node.value {
        Value::Map(_) => list(node, vec![untagged(node)]),
        _ => one_or_more(node),
    };
    items(&several, |item| {
        let formed = match &item.value {
            Value::Map(_) => child(item, "path", |path| placed(path, folder)),
            _ => map(item, vec![field("path", item, placed(item, folder))]),
        };
        vec![formed]
    })
}

/// `source:target:permissions` as a mapping.
fn device(item: &Rc<Node>) -> Rc<Node> {
    let Some(text) = scalar(item) else { return Rc::clone(item) };
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, permissions) = match parts.as_slice() {
        [source] => (source, source, &"rwm"),
        [source, target] => (source, target, &"rwm"),
        [source, target, permissions] => (source, target, permissions),
        _ => return Rc::clone(item),
    };
    let part = |key: &str, text: &str| field(key, item, with_text(item, text));
    map(item, vec![part("source", source), part("target", target), part("permissions", permissions)])
}

fn build(node: &Rc<Node>, folder: &str) -> Rc<Node> {
    let context = |node: &Rc<Node>| match scalar(node) {
        Some(text) if text.contains("://") || text.starts_with("git@") || is_unknown(node) => Rc::clone(node),
        _ => placed(node, folder),
    };
    match &node.value {
        Value::Map(_) => {
            let node = child(node, "context", context);
            let node =
                ["args", "labels", "additional_contexts"].iter().fold(node, |node, key| child(&node, key, pairs));
            child(&node, "extra_hosts", hosts)
        }
        _ if scalar(node).is_some() => map(node, vec![field("context", node, context(node))]),
        _ => Rc::clone(node),
    }
}

/// The mapping with one value in another form.
fn child(node: &Rc<Node>, key: &str, form: impl Fn(&Rc<Node>) -> Rc<Node>) -> Rc<Node> {
    let Value::Map(entries) = &node.value else { return Rc::clone(node) };
    if node.get(key).is_none() {
        return Rc::clone(node);
    }
    let formed = entries.iter().map(|entry| match &*entry.key == key {
        true => with_node(entry, form(&entry.node)),
        false => entry.clone(),
    });
    map(node, formed.collect())
}
