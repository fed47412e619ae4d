//! One compose service from its tree to its facts. Hostile and wrong-typed parts are passed over, never refused.

use super::interpolate::{empty_when_unset, fill, known};
use super::{BaseService, ports};
use crate::model::Val;
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node, Value};
use std::collections::HashMap;

/// Services that extend each other are followed so far.
const MAX_EXTENDS: usize = 32;

/// Settings of the old style that compose compares with values under `deploy`.
const OLD_STYLE: [&str; 5] = ["scale", "mem_limit", "cpus", "mem_reservation", "pids_limit"];

/// The text of a string, number or boolean.
pub(super) fn scalar(node: &Node) -> Option<&str> {
    let is = matches!(node.value, Value::Str | Value::Int(_) | Value::Float(_) | Value::Bool(_));
    is.then_some(&*node.text)
}

/// The entry with this key, unless `!reset` takes it away.
pub(super) fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Entry> {
    node.get(key).filter(|entry| entry.node.tag.as_deref() != Some("!reset"))
}

/// A scalar after interpolation by defaults; the inner option is none where a variable has no default.
fn value(entry: &Entry) -> Option<Val<Option<String>>> {
    scalar(&entry.node).map(|text| Val::new(known(text), entry.at()))
}

/// Reads a service, and what it extends in the same file.
pub(super) fn service(entry: &Entry, others: &HashMap<&str, &Entry>) -> BaseService {
    let mut service = one(entry);
    let mut parent = extends(&entry.node);
    for _ in 0..MAX_EXTENDS {
        let Some(extended) = parent else { break };
        let Extends::Here(name) = extended else {
            service.partial = true;
            break;
        };
        let Some(entry) = others.get(name) else { break };
        lay_under(&mut service, one(entry));
        parent = extends(&entry.node);
    }
    service
}

enum Extends<'n> {
    /// A service of the same file.
    Here(&'n str),
    /// A service of a file that was not read.
    Elsewhere,
}

fn extends(node: &Node) -> Option<Extends<'_>> {
    let entry = get(node, "extends")?;
    if let Some(name) = entry.node.as_str() {
        return Some(Extends::Here(name));
    }
    if get(&entry.node, "file").is_some() {
        return Some(Extends::Elsewhere);
    }
    get(&entry.node, "service").and_then(|entry| entry.node.as_str()).map(Extends::Here)
}

/// What the service does not say itself it has from the one it extends.
fn lay_under(service: &mut BaseService, parent: BaseService) {
    service.ports.extend(parent.ports);
    service.container_name = service.container_name.take().or(parent.container_name);
    service.host_network = service.host_network.or(parent.host_network);
    service.replicas = service.replicas.or(parent.replicas);
    service.memory_limit = service.memory_limit.or(parent.memory_limit);
    service.image = service.image.take().or(parent.image);
    service.runnable |= parent.runnable;
    service.command = service.command.or(parent.command);
    service.devices = service.devices.or(parent.devices);
    service.unread_ports.extend(parent.unread_ports);
    service.healthcheck = service.healthcheck.take().or(parent.healthcheck);
    service.mounts.extend(parent.mounts);
    add_missing(&mut service.old_style, parent.old_style);
    add_missing(&mut service.deploy, parent.deploy);
    let own: std::collections::HashSet<String> = service.env.iter().map(|(name, _)| name.clone()).collect();
    service.env.extend(parent.env.into_iter().filter(|(name, _)| !own.contains(name)));
    service.empty_defaults.extend(parent.empty_defaults.into_iter().filter(|(name, _)| !own.contains(name)));
}

fn add_missing<T>(own: &mut Vec<(String, T)>, parent: Vec<(String, T)>) {
    for (key, value) in parent {
        if own.iter().all(|(old, _)| *old != key) {
            own.push((key, value));
        }
    }
}

fn one(entry: &Entry) -> BaseService {
    let node = &*entry.node;
    let mut service = BaseService { name: entry.key.to_string(), at: entry.at(), ..BaseService::default() };
    if let Some(list) = get(node, "ports") {
        for item in list.node.items() {
            match ports::read(item) {
                Some(port) => service.ports.push(port),
                None => service.unread_ports.push(ports::word_for_word(item)),
            }
        }
    }
    service.container_name = get(node, "container_name")
        .and_then(|entry| scalar(&entry.node).map(|text| Val::new(text.to_owned(), entry.at())));
    let network = get(node, "network_mode");
    let host = network.filter(|entry| scalar(&entry.node).and_then(known).as_deref() == Some("host"));
    service.host_network = host.map(Entry::at);
    for key in OLD_STYLE {
        if let Some(value) = get(node, key).and_then(value) {
            service.old_style.push((key.to_owned(), value));
        }
    }
    service.memory_limit = get(node, "mem_limit").filter(|entry| !entry.node.is_null()).map(Entry::at);
    service.devices = get(node, "gpus").filter(|entry| !entry.node.is_null()).map(Entry::at);
    if let Some(entry) = get(node, "deploy") {
        deploy(&mut service, &entry.node);
    }
    if let Some(entry) = get(node, "environment") {
        environment(&mut service, &entry.node);
    }
    let written = |key: &str| get(node, key).filter(|entry| !entry.node.is_null());
    service.image = written("image").and_then(|entry| scalar(&entry.node).and_then(known));
    service.runnable = written("image").or_else(|| written("build")).is_some();
    service.command = written("command").map(Entry::at);
    service.healthcheck = written("healthcheck").and_then(|entry| healthcheck(&entry.node));
    service.mounts =
        written("volumes").map_or(&[][..], |entry| entry.node.items()).iter().filter_map(|v| mount(v)).collect();
    service
}

/// The words of a check's test; none where it only sets times or is switched off.
fn healthcheck(node: &Node) -> Option<Val<String>> {
    let test = get(node, "test")?;
    let words: Vec<&str> = match scalar(&test.node) {
        Some(text) => vec![text],
        None => test.node.items().iter().filter_map(|word| scalar(word)).collect(),
    };
    (!words.is_empty() && words != ["NONE"]).then(|| Val::new(words.join(" "), test.at()))
}

/// The container's side of `[source:]target[:mode]` or `{target}`.
fn mount(item: &Node) -> Option<String> {
    match scalar(item) {
        Some(text) => {
            let text = fill(text);
            let mut parts = text.split(':');
            let first = parts.next()?.to_owned();
            Some(parts.find(|part| part.starts_with('/')).map_or(first, str::to_owned))
        }
        None => get(item, "target").and_then(|entry| scalar(&entry.node)).map(fill),
    }
}

fn deploy(service: &mut BaseService, deploy: &Node) {
    let replicas = get(deploy, "replicas").and_then(value);
    service.replicas = replicas.and_then(|replicas| {
        let number = replicas.value.as_deref()?.parse().ok()?;
        Some(Val::new(number, replicas.at))
    });
    let Some(resources) = get(deploy, "resources") else { return };
    let reservations = get(&resources.node, "reservations");
    let devices = reservations.and_then(|entry| get(&entry.node, "devices")).filter(|entry| !entry.node.is_null());
    service.devices = service.devices.or(devices.map(Entry::at));
    for part in ["limits", "reservations"] {
        let Some(amounts) = get(&resources.node, part) else { continue };
        for key in ["cpus", "memory", "pids"] {
            let Some(entry) = get(&amounts.node, key) else { continue };
            let Some(value) = value(entry) else { continue };
            if (part, key) == ("limits", "memory") {
                service.memory_limit = Some(entry.at());
            }
            service.deploy.push((format!("{part}.{key}"), value));
        }
    }
}

/// A map of variables, or a list of `NAME=value`.
fn environment(service: &mut BaseService, node: &Node) {
    let mut add = |name: &str, text: Option<&str>, at: FieldSpan| {
        service.env.push((name.to_owned(), Val::new(text.and_then(known), at)));
        if text.is_some_and(empty_when_unset) {
            service.empty_defaults.push((name.to_owned(), at));
        }
    };
    for entry in node.entries() {
        // `NAME:` without a value is passed through from the environment
        add(&entry.key, scalar(&entry.node), entry.at());
    }
    for item in node.items() {
        let Some(text) = scalar(item) else { continue };
        match text.split_once('=') {
            Some((name, value)) => add(name, Some(value), item.at()),
            None => add(text, None, item.at()),
        }
    }
}
