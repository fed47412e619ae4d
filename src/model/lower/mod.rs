//! Turns the merged tree into the typed spec. Only this module fills in defaults. Never fails: broken parts are marked.

mod autoscaling;
mod digits;
mod expose;
mod pod;
mod read;
mod rollout;
mod service;
mod sizing_row;
mod unknown;
mod variable;
mod work;

use super::{Backing, BackingKind, Capacity, External, NodeGroup, Opt, Service, Spec, TargetOptions, Val};
use crate::support::diagnostic::{Finding, SPEC};
use crate::syntax::{ByAddress, Entry, Node, Value};
use read::{ValueReader, get};
use std::rc::Rc;

pub(super) use autoscaling::usual as usual_scaling;
pub(super) use rollout::usual_update;

/// The typed spec and what was found on the way.
#[derive(Debug)]
pub struct Lowered {
    /// The spec; broken parts are marked in it.
    pub spec: Spec,
    /// Faults the schema cannot see: quantities, durations, names.
    pub findings: Vec<Finding>,
}

/// Services lowered before without findings, because profiles share most of them.
#[derive(Debug, Default)]
pub struct LoweredBefore {
    services: ByAddress<*const Node, Rc<Service>>,
    /// Whether this is the last spec, so that nothing need be remembered.
    pub last: bool,
}

impl LoweredBefore {
    /// Adds what was lowered elsewhere.
    pub fn take_in(&mut self, other: LoweredBefore) {
        self.services.append(other.services);
    }
}

/// A name as a DNS label: lower case, and a hyphen for each run of other characters. `None` if nothing is left.
fn dns_label_like(name: &str) -> Option<String> {
    let small: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let parts: Vec<&str> = small.split('-').filter(|part| !part.is_empty()).collect();
    let meant = parts.join("-");
    (name.is_ascii() && is_dns_label(&meant) && meant.parse::<f64>().is_err()).then_some(meant)
}

/// Lowers one merged tree.
#[must_use]
pub fn lower(root: &Node, known: &mut LoweredBefore) -> Lowered {
    let mut reader = ValueReader { findings: Vec::new(), broken: false };
    let at = root.at();
    let name = reader.text(root.get("name"));
    if let Some(name) = &name
        && !is_dns_label(&name.value)
    {
        let message = format!("`{}` is not a DNS label", name.value.escape_debug());
        let rule = "use 1 to 63 lowercase letters, digits and `-`, starting and ending with a letter or digit";
        let meant = dns_label_like(&name.value);
        let help = meant.as_ref().map_or_else(|| rule.to_owned(), |meant| format!("write `{meant}`: {rule}"));
        reader.report("invalid-value", name.at.place(), message, help);
        let own = root.get("name").is_some_and(|entry| entry.via.is_none());
        if let (Some(meant), true) = (meant, own)
            && let Some(finding) = reader.findings.pop()
        {
            reader.findings.push(finding.fix(name.at.value, meant, false));
        }
    }
    let limit_resources = reader.flag(root.get("limitResources"));
    let services = named(&mut reader, root.get("services"), "service", |reader, entry| {
        if let Some(service) = known.services.get(&Rc::as_ptr(&entry.node)).filter(|old| old.at == entry.at()) {
            return Rc::clone(service);
        }
        let before = reader.findings.len();
        let service = Rc::new(service::lower(reader, entry));
        // its findings belong to each profile
        if !known.last && reader.findings.len() == before {
            known.services.insert(Rc::as_ptr(&entry.node), Rc::clone(&service), [Rc::clone(&entry.node)]);
        }
        service
    });
    let backing = named(&mut reader, root.get("backingServices"), "backing service", lower_backing);
    let capacity = root.get("capacity").map(|entry| lower_capacity(&mut reader, entry));
    let claims = reader.text(root.get("claims"));
    let recommendations =
        entries(root.get("recommendations")).iter().map(|row| sizing_row::lower(&mut reader, row)).collect();
    let targets = lower_targets(&mut reader, root);
    let spec = Spec {
        at,
        from: from(root),
        name: name.unwrap_or_else(|| Val::default_at("unnamed".to_owned(), at)),
        limit_resources: limit_resources.unwrap_or_else(|| Val::default_at(true, at)),
        services,
        backing,
        capacity,
        claims,
        recommendations,
        targets,
        scalers: Vec::new(),
    };
    Lowered { spec, findings: reader.findings }
}

/// The targets that a spec names, with their options. Needed before merging, to find the files below the spec.
#[must_use]
pub fn targets(root: &Node) -> Vec<TargetOptions> {
    lower_targets(&mut ValueReader { findings: Vec::new(), broken: false }, root)
}

/// The files below a spec, as far as it names them at the top. Needed before merging.
#[must_use]
pub fn from(root: &Node) -> Vec<Val<String>> {
    let Some(entry) = root.get("from") else { return Vec::new() };
    match entry.node.as_str() {
        Some(path) => vec![Val::new(path.to_owned(), entry.at())],
        None => {
            let items = entry.node.items().iter();
            items.filter_map(|item| Some(Val::new(item.as_str()?.to_owned(), item.at()))).collect()
        }
    }
}

fn lower_targets(reader: &mut ValueReader, root: &Node) -> Vec<TargetOptions> {
    entries(root.get("targets")).iter().map(|entry| lower_target(reader, entry)).collect()
}

fn entries(map: Option<&Entry>) -> &[Entry] {
    map.map_or(&[], |entry| entry.node.entries())
}

/// RFC 1123 label, which Kubernetes and nginx accept as a name.
#[must_use]
pub fn is_dns_label(text: &str) -> bool {
    let inside = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    (1..=63).contains(&text.len()) && inside && !text.starts_with('-') && !text.ends_with('-')
}

/// A name of a service, port or volume that every target can write without quotes.
#[must_use]
pub fn is_plain_name(text: &str) -> bool {
    let inside = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    (1..=63).contains(&text.len()) && inside && text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
}

/// Whether a text can name a variable: letters, digits, `_`, `.` and `-`, with a letter or `_` first.
#[must_use]
pub fn is_variable_name(name: &str) -> bool {
    let inside = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    inside && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}

/// The entries of a map with arbitrary names, each lowered.
fn named<T>(
    reader: &mut ValueReader,
    map: Option<&Entry>,
    what: &str,
    mut lower: impl FnMut(&mut ValueReader, &Entry) -> T,
) -> Vec<T> {
    let mut all = Vec::with_capacity(entries(map).len());
    for entry in entries(map) {
        // a bad name is an error of its own; the rest of the entry is still checked
        check_name(reader, entry, what);
        all.push(lower(reader, entry));
    }
    all
}

fn check_name(reader: &mut ValueReader, entry: &Entry, what: &str) {
    if !is_plain_name(&entry.key) {
        let message = format!("`{}` cannot name a {what}", entry.key.escape_debug());
        let help = "use 1 to 63 letters, digits, `-`, `_` and `.`, starting with a letter or digit";
        reader.report("invalid-value", entry.at().key(), message, help);
    }
}

fn lower_backing(reader: &mut ValueReader, entry: &Entry) -> Backing {
    reader.broken = false;
    // a field that depends on a variable of a base is unknown, which is not a fault
    let known = without_unknown(entry);
    let map = Some(known.as_ref().unwrap_or(entry));
    let words: Vec<(&str, BackingKind)> = BackingKind::WORDS.to_vec();
    let kind = reader.word(get(map, "kind"), &words);
    let reserved = if kind.is_some_and(|kind| kind.value.is_postgres()) { 3 } else { 0 };
    let external = get(map, "external").and_then(|entry| {
        let url_env = reader.text(get(Some(entry), "urlEnv"));
        let url_env = reader.or_lost(url_env)?;
        variable::check_variable(reader, &url_env.value, url_env.at);
        Some(External { at: entry.at(), url_env })
    });
    let mut backing = Backing {
        name: entry.key.to_string(),
        at: entry.at(),
        broken: false,
        kind,
        max_connections: reader.int(get(map, "maxConnections")),
        reserved_connections: reader
            .int(get(map, "reservedConnections"))
            .unwrap_or_else(|| Val::default_at(reserved, entry.at())),
        memory: reader.bytes(get(map, "memory"), "memory"),
        image: service::reference_of_image(reader, map),
        shared_buffers: reader.bytes(get(map, "sharedBuffers"), "memory"),
        work_mem: reader.bytes(get(map, "workMem"), "memory"),
        partitions: reader.int(get(map, "partitions")),
        replication_factor: reader.int(get(map, "replicationFactor")),
        brokers: reader.int(get(map, "brokers")),
        external,
    };
    backing.broken = reader.broken;
    backing
}

/// A backing service without the fields that depend on a variable of a base; `None` if all are known.
fn without_unknown(entry: &Entry) -> Option<Entry> {
    let known = |field: &&Entry| !(field.node.is_unknown() && field.file != SPEC);
    if entry.node.entries().iter().all(|field| known(&field)) {
        return None;
    }
    let fields = entry.node.entries().iter().filter(known).cloned().collect();
    let node = Node { value: Value::Map(fields), ..(*entry.node).clone() };
    Some(Entry { node: Rc::new(node), ..entry.clone() })
}

fn lower_capacity(reader: &mut ValueReader, entry: &Entry) -> Capacity {
    reader.broken = false;
    let mut nodes = Vec::new();
    for item in get(Some(entry), "nodes").map_or(&[][..], |entry| entry.node.items()) {
        let name = reader.text(item.get("name"));
        let count = reader.int(item.get("count"));
        let cpu = reader.cpu(item.get("cpu"));
        let memory = reader.bytes(item.get("memory"), "memory");
        let reserved = item.get("reserved");
        let group = (|| {
            Some(NodeGroup {
                at: item.at(),
                name,
                count: count?,
                cpu: cpu?,
                memory: memory?,
                gpu: reader.int(item.get("gpu")).or_else(|| Some(Val::default_at(0, item.at()))),
                reserved_cpu: reader.cpu(get(reserved, "cpu")),
                reserved_memory: reader.bytes(get(reserved, "memory"), "memory"),
                price: reader.price(item.get("price")),
            })
        })();
        nodes.extend(reader.or_lost(group));
    }
    Capacity { at: entry.at(), broken: reader.broken, nodes }
}

fn lower_target(reader: &mut ValueReader, entry: &Entry) -> TargetOptions {
    let options: Vec<(String, Val<Opt>)> = entry
        .node
        .entries()
        .iter()
        .filter_map(|option| reader.option(&option.node, option.at()).map(|value| (option.key.to_string(), value)))
        .collect();
    TargetOptions { name: entry.key.to_string(), at: entry.at(), options }
}
