//! Reads one merged compose service into its view. Knows the keys, and no file.

use super::amounts;
use super::view::{
    ComposeHealth, ComposeMount, ComposeNetwork, ComposePort, DeviceRequest, OLDER, RareKeys, ServiceAmounts,
    ServiceView, WORDS, WrittenAmount, WrittenText,
};
use crate::inputs::compose::keys::words;
use crate::inputs::text::{UNKNOWN, is_unknown, known_text, scalar};
use crate::model::Val;
use crate::syntax::{Entry, Node, Value};

impl ServiceView {
    /// Reads a merged service.
    #[must_use]
    pub fn of(service: &Node) -> ServiceView {
        let deploy = service.get("deploy").map(|entry| &*entry.node);
        let resources = deploy.and_then(|deploy| below(deploy, "resources"));
        let amounts = |part: &str| resources.and_then(|resources| below(resources, part));
        let (limits, reservations) = (amounts("limits"), amounts("reservations"));
        // compose refuses both styles with different values
        let either = |older: &str, node: Option<&'_ Node>, key: &str| -> Option<Entry> {
            // a number as memory has a finding already
            let refused = |entry: &Entry| key == "memory" && !matches!(entry.node.value, Value::Str);
            let new = node.and_then(|node| node.get(key)).filter(|entry| !entry.node.is_null() && !refused(entry));
            new.or_else(|| size(service, older)).cloned()
        };
        let (cpus, memory) = (either("cpus", limits, "cpus"), either("mem_limit", limits, "memory"));
        let limit_pids = either("pids_limit", limits, "pids");
        let reserved = either("mem_reservation", reservations, "memory");
        let replicas = written(service, "scale").or_else(|| written(deploy?, "replicas"));
        let rare = RareKeys {
            build: written(service, "build").map(Entry::at),
            replicas: amount(replicas, |text| amounts::decimal(text).and_then(whole)),
            limits: ServiceAmounts {
                cpus: amount(cpus.as_ref(), amounts::decimal),
                memory: amount(memory.as_ref(), amounts::bytes),
                pids: amount(limit_pids.as_ref(), |text| text.parse().ok()),
            },
            reservations: ServiceAmounts {
                cpus: amount(reservations.and_then(|node| written(node, "cpus")), amounts::decimal),
                memory: amount(reserved.as_ref(), amounts::bytes),
                pids: None,
            },
            memory_and_swap: amount(size(service, "memswap_limit"), amounts::bytes),
            entrypoint: command(service, "entrypoint"),
            command: command(service, "command"),
            mode: deploy.and_then(|deploy| text(deploy, "mode")),
            endpoint_mode: deploy.and_then(|deploy| text(deploy, "endpoint_mode")),
        };
        ServiceView {
            image: text(service, "image"),
            older: OLDER.iter().filter_map(|(key, _)| Some((*key, written(service, key)?.at()))).collect(),
            requests: requests(service, reservations).into(),
            ports: items(service, "ports").iter().map(|item| port(item)).collect(),
            health: written(service, "healthcheck").map(health).map(Box::new),
            words: WORDS.iter().filter_map(|key| Some((*key, text(service, key)?))).collect(),
            networks: service.get("networks").map_or(&[][..], |list| list.node.entries()).iter().map(network).collect(),
            mounts: mounts(service).into(),
            environment: environment(service).into(),
            profiles: items(service, "profiles").iter().map(|item| text_of(item)).collect(),
            devices: items(service, "devices").iter().map(|item| (text_in(item, "source"), item.at())).collect(),
            rare: rare.into(),
        }
    }
}

/// The entry with this key, unless it holds nothing.
pub(super) fn written<'n>(node: &'n Node, key: &str) -> Option<&'n Entry> {
    node.get(key).filter(|entry| !entry.node.is_null())
}

/// Like `written`, without the amounts that compose drops: it reads no bytes from a number with a point or an exponent.
fn size<'n>(node: &'n Node, key: &str) -> Option<&'n Entry> {
    let dropped = |entry: &&Entry| matches!(entry.node.value, Value::Float(_)) && key.starts_with("mem");
    written(node, key).filter(|entry| !dropped(entry))
}

fn below<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    written(node, key).map(|entry| &*entry.node)
}

fn items<'n>(node: &'n Node, key: &str) -> &'n [std::rc::Rc<Node>] {
    node.get(key).map_or(&[], |entry| entry.node.items())
}

fn amount<T>(entry: Option<&Entry>, read: impl Fn(&str) -> Option<T>) -> WrittenAmount<T> {
    let entry = entry?;
    Some(Val::new(known_text(&entry.node).and_then(read), entry.at()))
}

/// The text of a key; compose treats an empty one as absent.
fn text(node: &Node, key: &str) -> WrittenText {
    amount(written(node, key), |text| Some(text.to_owned())).filter(|text| text.value.as_deref() != Some(""))
}

fn text_in(node: &Node, key: &str) -> Option<String> {
    text(node, key).and_then(|text| text.value)
}

fn text_of(item: &Node) -> Val<Option<String>> {
    Val::new(known_text(item).map(str::to_owned), item.at())
}

fn whole(number: f64) -> Option<u32> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and within bounds")]
    (number >= 0.0 && number <= f64::from(u32::MAX) && number.fract() == 0.0).then_some(number as u32)
}

/// The texts of a list; unknown ones are left out.
fn texts(node: Option<&Node>) -> Vec<String> {
    let items = node.map_or(&[][..], Node::items);
    items.iter().filter_map(|item| known_text(item)).map(str::to_owned).collect()
}

fn requests(service: &Node, reservations: Option<&Node>) -> Vec<DeviceRequest> {
    let request = |item: &Node, gpu: bool| {
        let mut capabilities = texts(below(item, "capabilities"));
        if gpu && capabilities.is_empty() {
            capabilities.push("gpu".to_owned());
        }
        let count = |text: &str| if text == "all" { Some(-1) } else { text.parse().ok() };
        let ids = texts(below(item, "device_ids"));
        // all of them, by default
        let all = || (written(item, "device_ids").is_none()).then(|| Val::default_at(Some(-1), item.at()));
        DeviceRequest { at: item.at(), capabilities, count: amount(written(item, "count"), count).or_else(all), ids }
    };
    let devices = reservations.map_or(&[][..], |node| items(node, "devices"));
    let gpus = items(service, "gpus");
    gpus.iter().map(|item| request(item, true)).chain(devices.iter().map(|item| request(item, false))).collect()
}

fn port(item: &Node) -> ComposePort {
    let word = |key: &str, default: &str| text_in(item, key).unwrap_or_else(|| default.to_owned());
    let short = scalar(item).is_some();
    let unknown = || Some(Val::new(None, item.at()));
    ComposePort {
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
    node.get(key).and_then(|entry| known_text(&entry.node))
}

fn health(entry: &Entry) -> ComposeHealth {
    let node = &*entry.node;
    let time = |key: &str| amount(written(node, key), amounts::duration);
    let says = |test: &&Entry| !matches!(&test.node.value, Value::Seq(items) if items.is_empty());
    let test = written(node, "test").filter(says).map(|test| {
        let words = match known_text(&test.node) {
            Some(line) => Some(vec!["CMD-SHELL".to_owned(), line.to_owned()]),
            None => all_known(&test.node),
        };
        Val::new(words, test.at())
    });
    ComposeHealth {
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

/// The texts of a list; `None` if one is unknown, or it is not a list.
fn all_known(node: &Node) -> Option<Vec<String>> {
    let Value::Seq(items) = &node.value else { return None };
    items.iter().map(|item| known_text(item).map(str::to_owned)).collect()
}

fn network(entry: &Entry) -> ComposeNetwork {
    let keys = ["ipv4_address", "ipv6_address", "mac_address"];
    let mut addresses: Vec<(&'static str, Val<Option<String>>)> =
        keys.into_iter().filter_map(|key| Some((key, text(&entry.node, key)?))).collect();
    for item in items(&entry.node, "link_local_ips") {
        addresses.push(("link_local_ips", text_of(item)));
    }
    let aliases = texts(below(&entry.node, "aliases"));
    ComposeNetwork { name: entry.key.to_string(), at: entry.at(), addresses, aliases }
}

fn mounts(service: &Node) -> Vec<ComposeMount> {
    let long = |item: &Node| ComposeMount {
        at: item.at(),
        kind: text_in(item, "type"),
        source: text(item, "source"),
        target: text(item, "target").or_else(|| Some(Val::new(None, item.at()))),
        read_only: known_child(item, "read_only").and_then(flag) == Some(true),
    };
    let memory = |item: &Node| ComposeMount {
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

fn command(service: &Node, key: &str) -> WrittenAmount<Vec<String>> {
    let entry = written(service, key)?;
    let words = match scalar(&entry.node) {
        Some(_) => known_text(&entry.node).and_then(words::split),
        None => all_known(&entry.node),
    };
    Some(Val::new(words, entry.at()))
}

fn environment(service: &Node) -> Vec<(String, Val<Option<String>>)> {
    let entries = service.get("environment").map_or(&[][..], |entry| entry.node.entries());
    let variable = |entry: &Entry| {
        let value = if is_unknown(&entry.node) { None } else { known_text(&entry.node).map(str::to_owned) };
        (entry.key.to_string(), Val::new(value, entry.at()))
    };
    entries.iter().map(variable).collect()
}
