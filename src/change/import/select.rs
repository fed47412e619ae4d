//! Selects the fields of one service that a spec takes, those that stay in its file, and those that nothing can hold. Knows the fields that hold numbers.

use super::origin::Origins;
use super::outcome::{Imported, NotHeld, SelectedService, Stays, TakenValue};
use super::swarm::Reader;
use super::{ports, secret};
use crate::inputs::base::{BaseMember, BaseProject};
use crate::inputs::compose::project::view::DeviceRequest;
use crate::inputs::compose::verdicts::{KEYS, KeyEntry, KeyVerdict};
use crate::inputs::text::known_text;
use crate::inputs::{InputFormat, LayerService};
use crate::model::{BackingKind, is_plain_name};
use crate::support::source::FileSpan;
use crate::syntax::{Entry, Node, Value};
use std::collections::HashSet;
use std::rc::Rc;

/// The fields of a service that hold numbers, in the order in which a spec has them.
const SERVICE: [&str; 6] = ["ports", "replicas", "resources", "health", "update", "stopGracePeriod"];

/// The fields of a backing service that hold numbers.
const BACKING: [&str; 5] = ["kind", "maxConnections", "memory", "sharedBuffers", "workMem"];

/// Keys whose facts all replicas share by nature, or that only a rule checks.
const TOLD_ELSEWHERE: [&str; 3] = ["env_file", "volumes", "networks"];

/// One project, service by service.
pub(super) struct Selection<'a> {
    pub(super) project: &'a BaseProject,
    origins: &'a Origins<'a>,
    reader: Reader,
    /// Why a value is unknown.
    unknown: &'static str,
    /// The backing services that take a number of connections.
    databases: HashSet<&'a str>,
    pub(super) out: Imported,
}

impl<'a> Selection<'a> {
    pub(super) fn new(project: &'a BaseProject, origins: &'a Origins<'a>, reader: Reader) -> Selection<'a> {
        let databases = project.services.iter().filter(|member| is_backing(member) && asks_connections(member));
        let databases = databases.map(|member| &*member.name).collect();
        let unknown = match project.layer.format {
            InputFormat::KUBERNETES => "is said there in a form that a spec has no words for",
            _ => "depends on a variable that is not set",
        };
        Selection { project, origins, reader, unknown, databases, out: Imported::default() }
    }

    /// The services of the spec.
    pub(super) fn services(&mut self) -> Vec<SelectedService> {
        let project = self.project;
        let pairs = project.services.iter().zip(&project.layer.services);
        pairs.filter_map(|(member, layer)| self.service(member, layer)).collect()
    }

    /// Whether a spec can name a service.
    pub(super) fn has_name(&mut self, member: &BaseMember) -> bool {
        let plain = is_plain_name(&member.name);
        if !plain {
            let why = "its name has characters that a spec does not take".to_owned();
            self.lose(&member.name, why, member.facts.at.key());
        }
        plain
    }

    fn service(&mut self, member: &BaseMember, layer: &LayerService) -> Option<SelectedService> {
        if !self.has_name(member) {
            return None;
        }
        let backing = is_backing(member);
        let entry = layer.backing.as_deref().filter(|_| backing).unwrap_or(&layer.service);
        let section = if backing { "backingServices" } else { "services" };
        let names: &[&str] = if backing { &BACKING } else { &SERVICE };
        let mut fields = Vec::new();
        for name in names {
            let Some(field) = entry.node.get(name) else { continue };
            fields.extend(match *name {
                "ports" => ports::select(member, field, self.origins, self.reader, &mut self.out.not_held),
                "health" if field.node.get("command").is_some_and(|command| secret::is_in_words(&command.node)) => {
                    let why = "the test of `healthcheck` may hold a secret, so nothing of it is copied".to_owned();
                    self.lose(&member.name, why, field.at().place());
                    None
                }
                "resources" if !is_one_request(member) => self.without_gpus(member, field),
                // in the other modes an override writes no number
                "replicas" if member.facts.mode.is_some() => None,
                "update" => self.update(member, field),
                _ => self.known_field(&member.name, field),
            });
        }
        for field in &fields {
            self.record_taken(&format!("{section}.{}.{}", member.name, field.key), &field.node);
        }
        if backing && let Some(resources) = layer.service.node.get("resources") {
            self.not_of_backing(member, resources, "resources");
        }
        self.stays(member, &fields, backing);
        let leans_on: Vec<String> = self.leans_on(member);
        let questions = questions(member, &fields, backing, &leans_on);
        Some(SelectedService { name: member.name.to_string(), backing, fields, questions })
    }

    /// An update. Swarm has one number: if it starts new replicas first, none is unavailable, and a spec cannot change that.
    fn update(&mut self, member: &BaseMember, update: &Entry) -> Option<Entry> {
        let known = self.known_field(&member.name, update)?;
        let surge = known.node.get("surge").is_some_and(|surge| &*surge.node.text != "0");
        if self.project.layer.format != InputFormat::COMPOSE || !surge {
            return Some(known);
        }
        let kept = known.node.entries().iter().filter(|entry| &*entry.key != "unavailable").cloned().collect();
        Some(with_entries(&known, kept))
    }

    /// Reports the amounts for which a backing service has no field.
    fn not_of_backing(&mut self, member: &BaseMember, entry: &Entry, path: &str) {
        for below in entry.node.entries() {
            let path = format!("{path}.{}", below.key);
            match &below.node.value {
                Value::Map(_) => self.not_of_backing(member, below, &path),
                _ if path == "resources.limits.memory" => {}
                _ => self.lose(
                    &member.name,
                    format!("`{path}`: a backing service has no field for it"),
                    below.at().place(),
                ),
            }
        }
    }

    /// The resources without GPUs, which are in a form that one number cannot express.
    fn without_gpus(&mut self, member: &BaseMember, resources: &Entry) -> Option<Entry> {
        let part = |part: &Entry| {
            let kept = part.node.entries().iter().filter(|entry| &*entry.key != "gpu").cloned().collect();
            with_entries(part, kept)
        };
        let parts: Vec<Entry> = resources.node.entries().iter().map(part).collect();
        let gpu = |part: &Entry| part.node.get("gpu").cloned();
        if let Some(gpu) = resources.node.entries().iter().find_map(gpu) {
            let why = "a spec has one number of GPUs, and the devices here say more".to_owned();
            self.lose(&member.name, why, gpu.at().place());
        }
        self.known_field(&member.name, &with_entries(resources, parts))
    }

    pub(super) fn lose(&mut self, service: &str, why: String, place: FileSpan) {
        self.out.not_held.push(NotHeld { service: service.to_owned(), why, place });
    }

    /// A field without the values that depend on variables; `None` if nothing is left. The test of a health check is taken as a whole or not at all.
    pub(super) fn known_field(&mut self, service: &str, entry: &Entry) -> Option<Entry> {
        let place = entry.at().place();
        match &entry.node.value {
            Value::Unknown => {
                let why = format!("`{}` {}", entry.key, self.unknown);
                self.lose(service, why, place);
                None
            }
            Value::Map(entries) => {
                let kept: Vec<Entry> = entries.iter().filter_map(|entry| self.known_field(service, entry)).collect();
                let asks = |entry: &Entry| ["command", "http", "tcp"].contains(&&*entry.key);
                let check = ["health", "liveness", "startup"].contains(&&*entry.key);
                let whole = !check || kept.iter().any(asks);
                let node = Rc::new(Node { value: Value::Map(kept), ..(*entry.node).clone() });
                (whole && !node.entries().is_empty()).then(|| Entry { node, ..entry.clone() })
            }
            _ if self.origins.is_private(FileSpan { file: entry.node.file, span: entry.node.span }) => {
                let why = format!("`{}` may depend on the file of variables, of which nothing is copied", entry.key);
                self.lose(service, why, place);
                None
            }
            _ => Some(entry.clone()),
        }
    }

    /// Records the values below a field as taken.
    pub(super) fn record_taken(&mut self, path: &str, node: &Node) {
        match &node.value {
            Value::Map(entries) => {
                entries.iter().for_each(|entry| self.record_taken(&format!("{path}.{}", entry.key), &entry.node));
            }
            Value::Seq(items) if path.ends_with(".ports") => {
                items.iter().enumerate().for_each(|(index, item)| self.record_taken(&format!("{path}.{index}"), item));
            }
            _ => {
                let value = super::write::scalar(path, node);
                let place = FileSpan { file: node.file, span: node.span };
                self.out.taken.push(TakenValue { path: path.to_owned(), value, place });
            }
        }
    }

    /// Records the keys that stay, and those that bound replicas and have no field.
    fn stays(&mut self, member: &BaseMember, fields: &[Entry], backing: bool) {
        let mut keys = Vec::new();
        for (name, entry) in keys_of(&member.project.entry.node) {
            let Some(key) = KEYS.iter().find(|key| key.name == name) else { continue };
            if is_taken(key, fields) {
                continue;
            }
            let is_reported = match key.verdict {
                KeyVerdict::Fact(_) | KeyVerdict::Conflict(_) => bounds(member, key),
                _ => false,
            };
            if is_reported && !backing {
                self.lose(&member.name, format!("`{name}`: {}", key.why), entry.at().place());
            } else {
                keys.push(name);
            }
        }
        if !keys.is_empty() {
            self.out.stays.push(Stays { service: member.name.to_string(), keys });
        }
    }

    /// The databases that must start before a service.
    fn leans_on(&self, member: &BaseMember) -> Vec<String> {
        let after = member.project.entry.node.get("depends_on");
        let Some(after) = after else { return Vec::new() };
        let keys = after.node.entries().iter().map(|entry| &*entry.key);
        let items = after.node.items().iter().filter_map(|item| known_text(item));
        keys.chain(items).filter(|name| self.databases.contains(name)).map(str::to_owned).collect()
    }
}

/// The entry with other entries below it.
fn with_entries(entry: &Entry, entries: Vec<Entry>) -> Entry {
    Entry { node: Rc::new(Node { value: Value::Map(entries), ..(*entry.node).clone() }), ..entry.clone() }
}

/// Whether the requested devices are a number of GPUs and nothing else.
fn is_one_request(member: &BaseMember) -> bool {
    let plain = |item: &Rc<Node>| item.entries().iter().all(|entry| ["count", "capabilities"].contains(&&*entry.key));
    let node = &member.project.entry.node;
    let reservations = node.get("deploy").and_then(|deploy| deploy.node.get("resources")?.node.get("reservations"));
    let devices = reservations.and_then(|part| part.node.get("devices"));
    let items = devices.map_or(&[][..], |devices| devices.node.items());
    let bare = |request: &DeviceRequest| request.ids.is_empty() && request.capabilities.len() == 1;
    match &*member.view().requests {
        [] => true,
        [request] => bare(request) && items.len() == 1 && items.iter().all(plain),
        _ => false,
    }
}

/// The keys of a service with their places, those below `deploy` one by one.
fn keys_of(service: &Node) -> Vec<(String, &Entry)> {
    let mut all = Vec::new();
    for entry in service.entries().iter().filter(|entry| !entry.node.is_null()) {
        if &*entry.key == "deploy" {
            all.extend(entry.node.entries().iter().map(|below| (format!("deploy.{}", below.key), below)));
        } else {
            all.push((entry.key.to_string(), entry));
        }
    }
    all
}

/// Whether the spec now has a value of this key.
fn is_taken(key: &KeyEntry, fields: &[Entry]) -> bool {
    let KeyVerdict::Field(field) = key.verdict else { return false };
    let mut names = field.split('.');
    let first = names.next().unwrap_or_default();
    let Some(entry) = fields.iter().find(|entry| &*entry.key == first) else { return false };
    names.try_fold(entry, |entry, name| entry.node.get(name)).is_some()
}

/// Whether a key of this service bounds its replicas.
fn bounds(member: &BaseMember, key: &KeyEntry) -> bool {
    match key.name {
        "networks" => !member.facts.addresses.is_empty(),
        "deploy.mode" => member.facts.mode.is_some(),
        name => !TOLD_ELSEWHERE.contains(&name),
    }
}

/// Whether a service becomes a backing service of the spec: one server of a known kind, started as its image starts it.
fn is_backing(member: &BaseMember) -> bool {
    // of another kind a spec holds no numbers, and a service holds more of them
    let no_server = [BackingKind::Pgbouncer.word(), BackingKind::Other.word()];
    let known = member.facts.image.is_some_and(|image| !no_server.contains(&image.kind));
    let one = member.service.fixed() == 1 && member.facts.mode.is_none();
    known && one && member.view().build.is_none() && member.view().entrypoint.is_none()
}

/// Whether a server of this kind has a limit of connections that clients share.
fn asks_connections(member: &BaseMember) -> bool {
    let kind = member.facts.image.and_then(|image| BackingKind::named(image.kind));
    kind.is_some_and(|kind| kind.is_postgres() || matches!(kind, BackingKind::Mysql | BackingKind::Mariadb))
}

/// The questions about a service that only a person can answer, as comments.
pub(super) fn questions(member: &BaseMember, fields: &[Entry], backing: bool, leans_on: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    if backing {
        let asked = asks_connections(member) && !fields.iter().any(|entry| &*entry.key == "maxConnections");
        all.extend(asked.then(|| "maxConnections: ? the most connections that it takes".to_owned()));
        return all;
    }
    let resources = fields.iter().find(|entry| &*entry.key == "resources");
    let memory = resources.and_then(|entry| entry.node.get("limits")?.node.get("memory"));
    if memory.is_none() && member.view().limits.memory.is_none() {
        all.push("resources: { limits: { memory: ? } } the most memory of one replica".to_owned());
    }
    if !leans_on.is_empty() {
        let each: Vec<String> = leans_on.iter().map(|name| format!("{name}: ?")).collect();
        all.push(format!("connections: {{ {} }} how many one replica opens: the size of its pool", each.join(", ")));
    }
    all
}
