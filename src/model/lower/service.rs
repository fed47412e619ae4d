//! One service of the merged tree, lowered field by field.

use super::is_plain_name;
use super::read::{ValueReader, get};
use super::unknown::is_unknown;
use super::variable::check_variable;
use super::{expose, pod, rollout};
use crate::model::placement::Load;
use crate::model::quantity::MUCH_MEMORY;
use crate::model::time::Day;
use crate::model::{
    Amounts, Broken, BrokenWindow, Concurrency, Connections, EnvVar, Kind, Port, Protocol, RareOfService, Replicas,
    RequestsAndLimits, Resources, Service, ServiceField, Spread, Val, Volume, Window,
};
use crate::support::rare::Rare;
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node, Value};
use std::rc::Rc;

/// Reads the service under one key.
pub(super) fn lower(reader: &mut ValueReader, entry: &Entry) -> Service {
    use ServiceField as Field;
    let at = entry.at();
    let mut parts = PartsReader { reader, service: entry, broken: Broken::default() };
    let kind = parts.read(Field::Kind, |reader, map| reader.word(get(map, "kind"), &Kind::WORDS));
    let kind = kind.unwrap_or_else(|| Val::default_at(Kind::Stateless, at));
    let (image, command, args) = parts.read(Field::Image, image);
    let (schedule, broken_windows) = parts.read(Field::Schedule, schedule);
    let (update, stop_grace_period) = parts.read(Field::Update, |reader, map| {
        (
            get(map, "update").map(|written| rollout::update(reader, written, kind.value)),
            reader.duration(get(map, "stopGracePeriod")),
        )
    });
    let service = Service {
        name: Rc::clone(&entry.key),
        at,
        broken: Broken::default(),
        kind,
        image: image.map(Box::new),
        env: parts.read(Field::Env, |reader, map| env(reader, get(map, "env"))).into(),
        ports: parts.read(Field::Ports, |reader, _| ports(reader, entry)).into(),
        replicas: parts.read(Field::Replicas, |reader, map| replicas(reader, get(map, "replicas"), at)),
        concurrency: parts
            .read(Field::Concurrency, |reader, map| concurrency(reader, get(map, "concurrency")))
            .map(Box::new),
        resources: parts.read(Field::Resources, |reader, map| resources(reader, get(map, "resources"), at)),
        autoscaling: parts.read(Field::Autoscaling, |reader, map| {
            let written = reader.formed(get(map, "autoscaling"), false);
            super::autoscaling::read(reader, written, at)
        }),
        schedule: schedule.into(),
        connections: parts.read(Field::Connections, connections).into(),
        health: parts.read(Field::Health, |reader, map| pod::probe(reader, get(map, "health")?)).map(Box::new),
        rare: Rare::default(),
    };
    let rare = RareOfService {
        command: command.map(Box::new),
        args: args.map(Box::new),
        broken_windows: broken_windows.into(),
        partitioned_by: parts
            .read(Field::PartitionedBy, |reader, map| reader.text(get(map, "partitionedBy")))
            .map(Box::new),
        shared_secrets: parts.read(Field::SharedSecrets, shared_secrets).into(),
        expose: parts.read(Field::Expose, |reader, map| Some(Box::new(expose::read(reader, get(map, "expose")?)))),
        volumes: parts.read(Field::Volumes, volumes).into(),
        written_update: update.map(Box::new),
        stop_grace_period,
        disruption: parts.read(Field::Disruption, |reader, map| rollout::disruption(reader, get(map, "disruption")?)),
        spread: parts.read(Field::Spread, |reader, map| reader.word(get(map, "spread"), &Spread::WORDS)),
        work: parts.read(Field::Workload, |reader, map| super::work::read(reader, get(map, "workload"))),
        pod: parts.read(Field::Pod, |reader, _| pod::read(reader, entry)),
        beside: Load::default(),
    };
    // a service that is not a mapping has no readable part
    let formed = entry.node.is_null() || matches!(entry.node.value, Value::Map(_));
    Service { broken: if formed { parts.broken } else { Broken::all() }, rare: rare.into(), ..service }
}

/// Reads a service part by part, and notes which parts could not be read.
struct PartsReader<'r> {
    reader: &'r mut ValueReader,
    service: &'r Entry,
    broken: Broken,
}

impl<'r> PartsReader<'r> {
    /// The value of a part. If it cannot be read and no fault was reported, it may depend on a variable.
    fn read<T>(&mut self, part: ServiceField, read: impl FnOnce(&mut ValueReader, Option<&'r Entry>) -> T) -> T {
        let before = self.reader.findings.len();
        self.reader.broken = false;
        let value = read(self.reader, Some(self.service));
        if std::mem::take(&mut self.reader.broken) {
            let is_reported = self.reader.findings.len() > before;
            if !is_reported && is_unknown(Some(self.service), part) {
                self.broken.set_unknown(part);
            } else {
                self.broken.set(part);
            }
        }
        value
    }
}

/// The image, its command and its arguments.
type ImageParts = (Option<Val<Rc<str>>>, Option<Val<Vec<String>>>, Option<Val<Vec<String>>>);

fn image(reader: &mut ValueReader, service: Option<&Entry>) -> ImageParts {
    (reference_of_image(reader, service), reader.texts(get(service, "command")), reader.texts(get(service, "args")))
}

/// The windows that can be read, and the others.
fn schedule(reader: &mut ValueReader, service: Option<&Entry>) -> (Vec<Window>, Vec<BrokenWindow>) {
    let written = reader.formed(get(service, "schedule"), true);
    // ten thousand services may have one window each: no space is reserved for more
    let (mut whole, mut broken) = (Vec::with_capacity(items(written).count()), Vec::new());
    for read in items(written).map(|item| window(reader, item)) {
        match read.whole(None) {
            Some(window) => whole.push(window),
            None => broken.push(read),
        }
    }
    reader.broken |= !broken.is_empty();
    (whole, broken)
}

fn volumes(reader: &mut ValueReader, service: Option<&Entry>) -> Vec<Volume> {
    items(get(service, "volumes")).filter_map(|item| volume(reader, item)).collect()
}

fn items(entry: Option<&Entry>) -> impl Iterator<Item = &Node> {
    entry.map_or(&[][..], |entry| entry.node.items()).iter().map(|item| &**item)
}

/// The reference of an image, which is not copied out of the tree. It holds no other characters (distribution's reference grammar),
/// whatever registry it names.
pub(super) fn reference_of_image(reader: &mut ValueReader, of: Option<&Entry>) -> Option<Val<Rc<str>>> {
    let entry = get(of, "image")?;
    let Value::Str = entry.node.value else { return reader.no_string(&entry.node, entry.at()) };
    let (text, at) = (Rc::clone(&entry.node.text), entry.at());
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | '@');
    if text.is_empty() || !text.chars().all(inside) || !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        let message = format!("`{}` is not a reference of an image", text.escape_debug());
        let help = match text.contains('$') || text.contains("{{") {
            true => {
                "write the tag itself: no variable is read in a spec; what differs from stage to stage is written under `profiles`"
            }
            false => "write it like `registry.example.com/team/web:1.4.2`",
        };
        reader.report("invalid-value", at.place(), message, help);
    }
    Some(Val::new(text, at))
}

fn env(reader: &mut ValueReader, entry: Option<&Entry>) -> Vec<EnvVar> {
    let mut vars = Vec::with_capacity(entry.map_or(0, |entry| entry.node.entries().len()));
    for entry in entry.map_or(&[][..], |entry| entry.node.entries()) {
        if check_variable(reader, &entry.key, entry.at())
            && let Some(value) = reader.env_value(entry)
        {
            vars.push(EnvVar { name: entry.key.to_string(), value });
        }
    }
    vars
}

fn ports(reader: &mut ValueReader, service: &Entry) -> Vec<Port> {
    let mut ports = Vec::with_capacity(items(service.node.get("ports")).count());
    for item in items(service.node.get("ports")) {
        let name = reader.text(item.get("name"));
        if let Some(name) = &name
            && !is_plain_name(&name.value)
        {
            let message = format!("`{}` cannot name a port", name.value.escape_debug());
            reader.report("invalid-value", name.at.place(), message, "use letters, digits, `-`, `_` and `.`");
        }
        let protocols = [("tcp", Protocol::Tcp), ("udp", Protocol::Udp)];
        let protocol = reader.word(item.get("protocol"), &protocols);
        let publish = reader.port(item.get("publish"));
        let port = reader.port(item.get("port"));
        let Some(port) = reader.or_lost(port) else { continue };
        let protocol = protocol.unwrap_or_else(|| Val::default_at(Protocol::Tcp, port.at));
        ports.push(Port { at: item.at(), name, port, protocol, publish });
    }
    // `publish` next to `port` belongs to that port
    if let Some(entry) = service.node.get("publish") {
        let publish = reader.port(Some(entry));
        match ports.as_mut_slice() {
            [only] if only.publish.is_none() => only.publish = publish,
            [] if reader.broken => {}
            [] => {
                reader.report(
                    "missing-field",
                    entry.at().key(),
                    "`publish` without `port`: no port to publish".into(),
                    "add `port`, the container's port",
                );
            }
            [only] => {
                let own = only.publish.map_or(0, |own| own.value);
                let message = format!("`publish` beside a port that has `publish: {own}` of its own");
                reader.report("invalid-value", entry.at().key(), message, "remove one of the two");
            }
            _ => {
                let message = "`publish` beside several `ports` belongs to none of them".into();
                reader.report(
                    "invalid-value",
                    entry.at().key(),
                    message,
                    "write `publish` inside the port it belongs to",
                );
            }
        }
    }
    ports
}

fn replicas(reader: &mut ValueReader, entry: Option<&Entry>, service: FieldSpan) -> Replicas {
    let default = |at| Val::default_at(1, at);
    let Some(entry) = entry else {
        return Replicas { at: service, written: false, min: default(service), max: default(service) };
    };
    let at = entry.at();
    let min = reader.int(get(Some(entry), "min"));
    let max = reader.int(get(Some(entry), "max"));
    reader.broken |= min.is_none() || max.is_none();
    Replicas { at, written: true, min: min.unwrap_or_else(|| default(at)), max: max.unwrap_or_else(|| default(at)) }
}

fn concurrency(reader: &mut ValueReader, entry: Option<&Entry>) -> Option<Concurrency> {
    let entry = entry?;
    let limit = reader.int(get(Some(entry), "limit"));
    let env = reader.text(get(Some(entry), "env"));
    if let Some(env) = &env {
        check_variable(reader, &env.value, env.at);
    }
    let limit = reader.or_lost(limit.filter(|limit| limit.value > 0))?;
    Some(Concurrency { at: entry.at(), limit, env })
}

fn resources(reader: &mut ValueReader, entry: Option<&Entry>, service: FieldSpan) -> Resources {
    let entry = reader.formed(entry, false);
    let requests = amounts(reader, get(entry, "requests"));
    let limits = amounts(reader, get(entry, "limits"));
    let amounts = entry.map(|_| RequestsAndLimits { requests, limits });
    Resources::new(entry.map_or(service, Entry::at), entry.is_some(), amounts)
}

pub(super) fn amounts(reader: &mut ValueReader, entry: Option<&Entry>) -> Amounts {
    let entry = reader.formed(entry, false);
    let memory = reader.bytes(get(entry, "memory"), "memory");
    let gpu: Option<Val<u32>> = reader.int(get(entry, "gpu"));
    // with devices, or this much memory, a hundred cores are plausible
    let large = gpu.is_some_and(|gpu| gpu.value > 0) || memory.is_some_and(|own| own.value.bytes >= MUCH_MEMORY);
    let cpu = get(entry, "cpu");
    Amounts {
        at: entry.map(Entry::at),
        cpu: if large { reader.cpu(cpu) } else { reader.cores(cpu) },
        memory,
        ephemeral_storage: reader.bytes(get(entry, "ephemeralStorage"), "storage"),
        gpu,
        pids: reader.int(get(entry, "pids")),
    }
}

fn window(reader: &mut ValueReader, item: &Node) -> BrokenWindow {
    let days = item.get("days").and_then(|entry| {
        let days: Option<Vec<Day>> = entry.node.items().iter().map(|day| day.as_str().and_then(Day::parse)).collect();
        days.filter(|days| !days.is_empty()).map(|days| Val::new(days, entry.at()))
    });
    let from = reader.time(item.get("from"));
    let to = reader.time(item.get("to"));
    let timezone = reader.text(item.get("timezone"));
    let replicas = item.get("replicas");
    // lists replace as a whole, so a short form inside one arrives as written
    let (min, max) = match replicas.and_then(|entry| entry.node.as_whole()) {
        Some(_) => (replicas, replicas),
        _ => (get(replicas, "min"), get(replicas, "max")),
    };
    let (min, max) = (reader.int(min), reader.int(max));
    let zone = timezone.as_ref().map(|zone| zone.value.clone()).unwrap_or_default();
    let timezone = timezone.map(|zone| {
        let known = crate::model::states::known_zone(&zone.value);
        Val::new(known.then_some(zone.value), zone.at)
    });
    BrokenWindow { at: item.at(), days, from, to, timezone, zone, min, max }
}

fn connections(reader: &mut ValueReader, service: Option<&Entry>) -> Vec<Connections> {
    let entry = reader.formed(get(service, "connections"), false);
    let mut all = Vec::with_capacity(entry.map_or(0, |entry| entry.node.entries().len()));
    for entry in entry.map_or(&[][..], |entry| entry.node.entries()) {
        let at = entry.at();
        if entry.node.entries().is_empty() {
            reader.broken = true;
            continue;
        }
        let per_replica = reader.int(get(Some(entry), "perReplica")).unwrap_or_else(|| Val::default_at(0, at));
        let per_slot = reader.int(get(Some(entry), "perSlot")).unwrap_or_else(|| Val::default_at(0, at));
        all.push(Connections { at, to: entry.key.to_string(), per_replica, per_slot });
    }
    all
}

fn shared_secrets(reader: &mut ValueReader, service: Option<&Entry>) -> Vec<Val<String>> {
    let mut names = Vec::new();
    for item in items(get(service, "sharedSecrets")) {
        match item.as_str() {
            Some(name) if check_variable(reader, name, item.at()) => {
                names.push(Val::new(name.to_owned(), item.at()));
            }
            Some(_) => {}
            None => {
                reader.no_string::<()>(item, item.at());
            }
        }
    }
    names
}

fn volume(reader: &mut ValueReader, item: &Node) -> Option<Volume> {
    let name = reader.text(item.get("name"));
    if let Some(name) = &name
        && !is_plain_name(&name.value)
    {
        let message = format!("`{}` cannot name a volume", name.value.escape_debug());
        reader.report("invalid-value", name.at.place(), message, "use letters, digits, `-`, `_` and `.`");
    }
    let mount = reader.text(item.get("mount"));
    let size = reader.bytes(item.get("size"), "storage");
    let storage_class = reader.text(item.get("storageClass"));
    let whole = (|| Some(Volume { at: item.at(), name: name?, mount: mount?, size: size?, storage_class }))();
    reader.or_lost(whole)
}
