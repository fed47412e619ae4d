//! One merged compose service, typed: what bounds how many of it can run. Wrong-typed parts are passed over, never refused.
//!
//! In an amount the inner option is none where the value hangs on a variable, or is none that compose reads.

use super::{amounts, words};
use crate::inputs::text::{UNKNOWN, is_unknown, known, scalar};
use crate::model::Val;
use crate::support::source::At;
use crate::syntax::{Entry, Node, Value};

/// An amount that was written; none inside where it is unknown.
pub type Amount<T> = Option<Val<Option<T>>>;

/// A text that was written; none inside where it is unknown.
pub type Text = Amount<String>;

/// One service.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Its image.
    pub image: Text,
    /// Where it is built.
    pub build: Option<At>,
    /// How many: `deploy.replicas`, or `scale` where it is written.
    pub replicas: Amount<u32>,
    /// The keys of the older style that are written, with their places: `scale`, `mem_limit`, …
    pub older: Vec<(&'static str, At)>,
    /// `limits` under `deploy`, or the older keys.
    pub limits: Amounts,
    /// `reservations` under `deploy`, or the older keys.
    pub reservations: Amounts,
    /// `memswap_limit`, in bytes; −1 for no limit.
    pub memory_and_swap: Amount<i64>,
    /// Devices that the engine is asked for: `gpus`, `deploy.resources.reservations.devices`.
    pub requests: Vec<Request>,
    /// Ports, those of a range one by one as far as compose parts them.
    pub ports: Vec<Port>,
    /// Health check.
    pub health: Option<Health>,
    /// Keys that hold one word, by key: `container_name`, `network_mode`, `restart`, …
    pub words: Vec<(&'static str, Val<Option<String>>)>,
    /// Networks, by key, with the addresses asked for.
    pub networks: Vec<Network>,
    /// Mounts.
    pub mounts: Vec<Mount>,
    /// What replaces the entry point of the image.
    pub entrypoint: Amount<Vec<String>>,
    /// What replaces the command of the image.
    pub command: Amount<Vec<String>>,
    /// Variables by name: the value as it reaches the container, none for one that is passed through or unknown.
    pub environment: Vec<(String, Val<Option<String>>)>,
    /// `deploy.mode`.
    pub mode: Text,
    /// `deploy.endpoint_mode`.
    pub endpoint_mode: Text,
    /// The profiles of the project that start it.
    pub profiles: Vec<Val<Option<String>>>,
    /// Devices of the machine, by the path there.
    pub devices: Vec<(Option<String>, At)>,
}

/// Limits or reservations.
#[derive(Clone, Debug, Default)]
pub struct Amounts {
    /// Cores, as a decimal number.
    pub cpus: Amount<f64>,
    /// Bytes.
    pub memory: Amount<i64>,
    /// Processes.
    pub pids: Amount<i64>,
}

/// Devices that the engine is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where it stands.
    pub at: At,
    /// What each must be able to do.
    pub capabilities: Vec<String>,
    /// How many, −1 for all; none where single ones are named.
    pub count: Amount<i64>,
    /// The ids of single ones.
    pub ids: Vec<String>,
}

/// One port.
#[derive(Clone, Debug)]
pub struct Port {
    /// Where it stands.
    pub at: At,
    /// First and last port inside; none where unknown.
    pub target: Option<(u16, u16)>,
    /// The machine's ports as written: `8080`, `8080-8082`; none where the engine picks one.
    pub published: Text,
    /// The machine's address.
    pub host_ip: Text,
    /// `tcp`, `udp`, `sctp`.
    pub protocol: String,
    /// `ingress`, `host`.
    pub mode: String,
}

/// A health check.
#[derive(Clone, Debug)]
pub struct Health {
    /// Where it stands.
    pub at: At,
    /// `CMD` and words, `CMD-SHELL` and one line, `NONE`.
    pub test: Amount<Vec<String>>,
    /// Nanoseconds.
    pub interval: Amount<u64>,
    /// Nanoseconds.
    pub timeout: Amount<u64>,
    /// Nanoseconds.
    pub start_period: Amount<u64>,
    /// Nanoseconds.
    pub start_interval: Amount<u64>,
    /// How many fail in a row.
    pub retries: Amount<u32>,
    /// Whether it is switched off.
    pub disable: Amount<bool>,
}

/// One network that a service is part of.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its key.
    pub name: String,
    /// Where it stands.
    pub at: At,
    /// Addresses asked for there, by key: `ipv4_address`, `ipv6_address`, `mac_address`, `link_local_ips`.
    pub addresses: Vec<(&'static str, Val<Option<String>>)>,
    /// Other names of the service there.
    pub aliases: Vec<String>,
}

/// One mount.
#[derive(Clone, Debug)]
pub struct Mount {
    /// Where it stands.
    pub at: At,
    /// `volume`, `bind`, `tmpfs`, …; none where unknown.
    pub kind: Option<String>,
    /// The volume or the machine's path.
    pub source: Text,
    /// The path inside.
    pub target: Text,
    /// Whether nothing can be written there.
    pub read_only: bool,
}

/// Keys that hold one word.
pub const WORDS: [&str; 16] = [
    "container_name",
    "hostname",
    "domainname",
    "network_mode",
    "pid",
    "ipc",
    "uts",
    "userns_mode",
    "cgroup",
    "mac_address",
    "restart",
    "user",
    "runtime",
    "platform",
    "stop_signal",
    "stop_grace_period",
];

/// Keys of the older style, and the path under `deploy` that says the same.
pub const OLDER: [(&str, &[&str]); 5] = [
    ("scale", &["replicas"]),
    ("mem_limit", &["resources", "limits", "memory"]),
    ("mem_reservation", &["resources", "reservations", "memory"]),
    ("cpus", &["resources", "limits", "cpus"]),
    ("pids_limit", &["resources", "limits", "pids"]),
];

impl View {
    /// Reads a merged service.
    #[must_use]
    pub fn of(service: &Node) -> View {
        let deploy = service.get("deploy").map(|entry| &*entry.node);
        let resources = deploy.and_then(|deploy| below(deploy, "resources"));
        let amounts = |part: &str| resources.and_then(|resources| below(resources, part));
        let (limits, reservations) = (amounts("limits"), amounts("reservations"));
        // compose refuses both styles with different values
        let either = |older: &str, node: Option<&'_ Node>, key: &str| -> Option<Entry> {
            let new = node.and_then(|node| node.get(key)).filter(|entry| !entry.node.is_null());
            new.or_else(|| written(service, older)).cloned()
        };
        let (cpus, memory) = (either("cpus", limits, "cpus"), either("mem_limit", limits, "memory"));
        let limit_pids = either("pids_limit", limits, "pids");
        let reserved = either("mem_reservation", reservations, "memory");
        let replicas = written(service, "scale").or_else(|| written(deploy?, "replicas"));
        View {
            image: text(service, "image"),
            build: written(service, "build").map(Entry::at),
            replicas: amount(replicas, |text| amounts::decimal(text).and_then(whole)),
            older: OLDER.iter().filter_map(|(key, _)| Some((*key, written(service, key)?.at()))).collect(),
            limits: Amounts {
                cpus: amount(cpus.as_ref(), amounts::decimal),
                memory: amount(memory.as_ref(), amounts::bytes),
                pids: amount(limit_pids.as_ref(), |text| text.parse().ok()),
            },
            reservations: Amounts {
                cpus: amount(reservations.and_then(|node| written(node, "cpus")), amounts::decimal),
                memory: amount(reserved.as_ref(), amounts::bytes),
                pids: None,
            },
            memory_and_swap: amount(written(service, "memswap_limit"), amounts::bytes),
            requests: requests(service, reservations),
            ports: items(service, "ports").iter().map(|item| port(item)).collect(),
            health: written(service, "healthcheck").map(health),
            words: WORDS.iter().filter_map(|key| Some((*key, text(service, key)?))).collect(),
            networks: service.get("networks").map_or(&[][..], |list| list.node.entries()).iter().map(network).collect(),
            mounts: mounts(service),
            entrypoint: command(service, "entrypoint"),
            command: command(service, "command"),
            environment: environment(service),
            mode: deploy.and_then(|deploy| text(deploy, "mode")),
            endpoint_mode: deploy.and_then(|deploy| text(deploy, "endpoint_mode")),
            profiles: items(service, "profiles").iter().map(|item| text_of(item)).collect(),
            devices: items(service, "devices").iter().map(|item| (text_in(item, "source"), item.at())).collect(),
        }
    }

    /// The word of a key.
    #[must_use]
    pub fn word(&self, key: &str) -> Option<&Val<Option<String>>> {
        self.words.iter().find(|(own, _)| *own == key).map(|(_, word)| word)
    }
}

/// The entry with this key, unless it holds nothing.
pub(super) fn written<'n>(node: &'n Node, key: &str) -> Option<&'n Entry> {
    node.get(key).filter(|entry| !entry.node.is_null())
}

fn below<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    written(node, key).map(|entry| &*entry.node)
}

fn items<'n>(node: &'n Node, key: &str) -> &'n [std::rc::Rc<Node>] {
    node.get(key).map_or(&[], |entry| entry.node.items())
}

fn amount<T>(entry: Option<&Entry>, read: impl Fn(&str) -> Option<T>) -> Amount<T> {
    let entry = entry?;
    Some(Val::new(known(&entry.node).and_then(read), entry.at()))
}

/// The text of a key; an empty one is to compose as good as none.
fn text(node: &Node, key: &str) -> Text {
    amount(written(node, key), |text| Some(text.to_owned())).filter(|text| text.value.as_deref() != Some(""))
}

fn text_in(node: &Node, key: &str) -> Option<String> {
    text(node, key).and_then(|text| text.value)
}

fn text_of(item: &Node) -> Val<Option<String>> {
    Val::new(known(item).map(str::to_owned), item.at())
}

fn whole(number: f64) -> Option<u32> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and within bounds")]
    (number >= 0.0 && number <= f64::from(u32::MAX) && number.fract() == 0.0).then_some(number as u32)
}

/// The texts of a list; unknown ones are left out.
fn texts(node: Option<&Node>) -> Vec<String> {
    let items = node.map_or(&[][..], Node::items);
    items.iter().filter_map(|item| known(item)).map(str::to_owned).collect()
}

fn requests(service: &Node, reservations: Option<&Node>) -> Vec<Request> {
    let one = |item: &Node, gpu: bool| {
        let mut capabilities = texts(below(item, "capabilities"));
        if gpu && capabilities.is_empty() {
            capabilities.push("gpu".to_owned());
        }
        let count = |text: &str| if text == "all" { Some(-1) } else { text.parse().ok() };
        let ids = texts(below(item, "device_ids"));
        // all of them, where nothing is said
        let all = || (written(item, "device_ids").is_none()).then(|| Val::default_at(Some(-1), item.at()));
        Request { at: item.at(), capabilities, count: amount(written(item, "count"), count).or_else(all), ids }
    };
    let devices = reservations.map_or(&[][..], |node| items(node, "devices"));
    let gpus = items(service, "gpus");
    gpus.iter().map(|item| one(item, true)).chain(devices.iter().map(|item| one(item, false))).collect()
}

fn port(item: &Node) -> Port {
    let word = |key: &str, default: &str| text_in(item, key).unwrap_or_else(|| default.to_owned());
    let short = scalar(item).is_some();
    let unknown = || Some(Val::new(None, item.at()));
    Port {
        at: item.at(),
        target: known_child(item, "target").and_then(super::ports::range),
        // a short form that cannot be read may ask for anything
        published: if short { unknown() } else { text(item, "published") },
        host_ip: if short { unknown() } else { text(item, "host_ip") },
        protocol: word("protocol", "tcp"),
        mode: word("mode", "ingress"),
    }
}

fn known_child<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key).and_then(|entry| known(&entry.node))
}

fn health(entry: &Entry) -> Health {
    let node = &*entry.node;
    let time = |key: &str| amount(written(node, key), amounts::duration);
    let says = |test: &&Entry| !matches!(&test.node.value, Value::Seq(items) if items.is_empty());
    let test = written(node, "test").filter(says).map(|test| {
        let words = match known(&test.node) {
            Some(line) => Some(vec!["CMD-SHELL".to_owned(), line.to_owned()]),
            None => all_known(&test.node),
        };
        Val::new(words, test.at())
    });
    Health {
        at: entry.at(),
        test,
        interval: time("interval"),
        timeout: time("timeout"),
        start_period: time("start_period"),
        start_interval: time("start_interval"),
        retries: amount(written(node, "retries"), |text| amounts::decimal(text).and_then(whole)),
        disable: amount(written(node, "disable"), flag),
    }
}

fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "y" | "yes" | "on" => Some(true),
        "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// The texts of a list; none where one is unknown, or it is no list.
fn all_known(node: &Node) -> Option<Vec<String>> {
    let Value::Seq(items) = &node.value else { return None };
    items.iter().map(|item| known(item).map(str::to_owned)).collect()
}

fn network(entry: &Entry) -> Network {
    let keys = ["ipv4_address", "ipv6_address", "mac_address"];
    let mut addresses: Vec<(&'static str, Val<Option<String>>)> =
        keys.into_iter().filter_map(|key| Some((key, text(&entry.node, key)?))).collect();
    for item in items(&entry.node, "link_local_ips") {
        addresses.push(("link_local_ips", text_of(item)));
    }
    let aliases = texts(below(&entry.node, "aliases"));
    Network { name: entry.key.to_string(), at: entry.at(), addresses, aliases }
}

fn mounts(service: &Node) -> Vec<Mount> {
    let long = |item: &Node| Mount {
        at: item.at(),
        kind: text_in(item, "type"),
        source: text(item, "source"),
        target: text(item, "target").or_else(|| Some(Val::new(None, item.at()))),
        read_only: known_child(item, "read_only").and_then(flag) == Some(true),
    };
    let memory = |item: &Node| Mount {
        at: item.at(),
        kind: Some("tmpfs".to_owned()),
        source: None,
        target: scalar(item).map(|text| {
            let path = text.split(':').next().unwrap_or_default();
            Val::new((!path.contains(UNKNOWN)).then(|| path.to_owned()), item.at())
        }),
        read_only: false,
    };
    let volumes = items(service, "volumes").iter().map(|item| long(item));
    volumes.chain(items(service, "tmpfs").iter().map(|item| memory(item))).collect()
}

fn command(service: &Node, key: &str) -> Amount<Vec<String>> {
    let entry = written(service, key)?;
    let words = match scalar(&entry.node) {
        Some(_) => known(&entry.node).and_then(words::split),
        None => all_known(&entry.node),
    };
    Some(Val::new(words, entry.at()))
}

fn environment(service: &Node) -> Vec<(String, Val<Option<String>>)> {
    let entries = service.get("environment").map_or(&[][..], |entry| entry.node.entries());
    let one = |entry: &Entry| {
        let value = if is_unknown(&entry.node) { None } else { known(&entry.node).map(str::to_owned) };
        (entry.key.to_string(), Val::new(value, entry.at()))
    };
    entries.iter().map(one).collect()
}
