//! The fields of the spec that a compose service sets. Knows no fact.

use crate::inputs::compose::project::view::{ComposeHealth, DeviceRequest, ServiceAmounts, ServiceView, WrittenAmount};
use crate::inputs::leaf;
use crate::inputs::text::{is_private, is_unknown, scalar};
use crate::model::is_variable_name;
use crate::model::quantity::{Memory, Unit};
use crate::model::time::Duration;
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node, Value};
use std::rc::Rc;

/// The most processes that the spec takes as a limit: the kernel's own.
const MOST_PIDS: i64 = 4_194_304;

/// The fields of a service, in the order of the spec.
pub(super) fn of(service: &Node, view: &ServiceView) -> Vec<Entry> {
    let mut fields = Vec::new();
    if let Some((image, written)) = view.image.as_ref().zip(service.get("image")) {
        fields.push(match image.value.as_deref().filter(|_| !is_private(&written.node)) {
            Some(text) => leaf::shared(written, image.at, text),
            None => leaf::unknown("image", image.at),
        });
    }
    fields.extend(words(service, "entrypoint", "command", &view.entrypoint));
    fields.extend(words(service, "command", "args", &view.command));
    fields.extend(env(service));
    fields.extend(ports(service, view));
    fields.extend(replicas(view));
    fields.extend(resources(service, view));
    fields.extend(view.health.as_deref().and_then(health));
    fields.extend(update(service));
    if let Some(period) = view.word("stop_grace_period") {
        let nanos = period.value.as_deref().and_then(super::super::project::amounts::duration);
        fields.push(match nanos {
            Some(nanos) => leaf::text("stopGracePeriod", period.at, &time(nanos)),
            None => leaf::unknown("stopGracePeriod", period.at),
        });
    }
    fields
}

/// A duration as the spec writes it; parts of a millisecond are rounded up.
fn time(nanos: u64) -> String {
    Duration(nanos.div_ceil(1_000_000)).to_string()
}

/// An amount as a field: unknown if the amount is, absent if it sets no bound.
fn amount<T: Copy>(
    key: &str,
    amount: &WrittenAmount<T>,
    bounds: impl Fn(T) -> bool,
    form: impl Fn(FieldSpan, T) -> Entry,
) -> Option<Entry> {
    let amount = amount.as_ref()?;
    match amount.value {
        Some(value) => bounds(value).then(|| form(amount.at, value)),
        None => Some(leaf::unknown(key, amount.at)),
    }
}

/// Words of an entry point or a command. An empty list takes the image's own away, which the spec cannot say.
fn words(service: &Node, from: &str, key: &str, words: &WrittenAmount<Vec<String>>) -> Option<Entry> {
    let words = words.as_ref()?;
    let node = &service.get(from)?.node;
    let private = is_private(node) || node.items().iter().any(|item| is_private(item));
    match words.value.as_deref().filter(|_| !private) {
        Some([]) => None,
        Some(all) if node.items().len() == all.len() => Some(leaf::sequence(key, words.at, node.items().to_vec())),
        Some(all) => Some(leaf::words(key, words.at, all)),
        None => Some(leaf::unknown(key, words.at)),
    }
}

/// Variables that have a value of their own, and names that the spec takes.
fn env(service: &Node) -> Option<Entry> {
    let written = service.get("environment")?;
    let mut entries = Vec::new();
    for entry in written.node.entries().iter().filter(|entry| is_variable_name(&entry.key)) {
        if is_unknown(&entry.node) || is_private(&entry.node) {
            entries.push(leaf::unknown(&entry.key, entry.at()));
        } else if scalar(&entry.node).is_some() {
            entries.push(entry.clone());
        }
    }
    (!entries.is_empty()).then(|| leaf::mapping("env", written.at(), entries))
}

/// Ports inside, each once, with the first port of the machine if one is asked for.
fn ports(service: &Node, view: &ServiceView) -> Option<Entry> {
    let mut items: Vec<Rc<Node>> = Vec::new();
    let mut known: Vec<(u16, String)> = Vec::new();
    let mut add = |at: FieldSpan, port: u16, protocol: &str, publish: Option<Entry>| {
        let same = known.contains(&(port, protocol.to_owned()));
        if port == 0 || same || !["tcp", "udp"].contains(&protocol) {
            return;
        }
        known.push((port, protocol.to_owned()));
        let mut entries = vec![leaf::number("port", at, port.into())];
        if protocol != "tcp" {
            entries.push(leaf::text("protocol", at, protocol));
        }
        entries.extend(publish);
        items.push(leaf::item(at, entries));
    };
    let mut unknown = None;
    for port in &view.ports {
        // a range that covers all ports names none of them
        let Some((first, _)) = port.target.filter(|(first, last)| first == last) else {
            unknown = unknown.or(port.target.is_none().then_some(port.at));
            continue;
        };
        let publish = port.published.as_ref().and_then(|published| match published.value.as_deref() {
            None => Some(leaf::unknown("publish", port.at)),
            Some(text) => super::facts::port_range(text)
                .filter(|(first, _)| *first > 0)
                .map(|(first, _)| leaf::number("publish", port.at, first.into())),
        });
        add(port.at, first, &port.protocol, publish);
    }
    for item in service.get("expose").map_or(&[][..], |entry| entry.node.items()) {
        let Some(text) = scalar(item) else { continue };
        let (range, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        if let Some((first, last)) = super::facts::port_range(range).filter(|(first, last)| last - first < 64) {
            (first..=last).for_each(|port| add(item.at(), port, protocol, None));
        }
    }
    items.extend(unknown.map(leaf::unknown_item));
    let written = service.get("ports").or_else(|| service.get("expose"))?;
    (!items.is_empty()).then(|| leaf::sequence("ports", written.at(), items))
}

/// A fixed number; `None` for a service that has one on each machine.
fn replicas(view: &ServiceView) -> Option<Entry> {
    let global = |mode: &str| mode.starts_with("global");
    if view.mode.as_ref().is_some_and(|mode| mode.value.as_deref().is_none_or(global)) {
        return None;
    }
    amount("replicas", &view.replicas, |_| true, |at, number| leaf::number("replicas", at, number.into()))
}

fn resources(service: &Node, view: &ServiceView) -> Option<Entry> {
    let gpus = gpus(&view.requests);
    let limits = amounts("limits", &view.limits, None);
    let requests = amounts("requests", &view.reservations, gpus);
    let parts: Vec<(Entry, &str)> = limits
        .map(|entry| (entry, "limits"))
        .into_iter()
        .chain(requests.map(|entry| (entry, "reservations")))
        .collect();
    let first = parts.first().map(|(entry, _)| entry.at())?;
    let deploy = service.get("deploy").and_then(|entry| entry.node.get("resources"));
    let entries = parts.into_iter().map(|(entry, part)| {
        // it is at its own key under `deploy`, or at the first of the older keys
        match deploy.and_then(|entry| entry.node.get(part)) {
            Some(written) => Entry {
                key: entry.key,
                node: crate::inputs::tree::map(&written.node, entry.node.entries().to_vec()),
                ..written.clone()
            },
            None => entry,
        }
    });
    let entries: Vec<Entry> = entries.collect();
    Some(match deploy {
        Some(written) => Entry { node: crate::inputs::tree::map(&written.node, entries), ..written.clone() },
        None => leaf::mapping("resources", first, entries),
    })
}

/// The amounts of requests or limits. For docker an absent amount, and one that is not above 0, sets no bound.
fn amounts(key: &str, amounts: &ServiceAmounts, gpus: Option<Entry>) -> Option<Entry> {
    let cpu = amount("cpu", &amounts.cpus, |cores| cores > 0.0, |at, cores| leaf::text("cpu", at, &cores.to_string()));
    let memory =
        amount("memory", &amounts.memory, |bytes| bytes > 0, |at, bytes| leaf::text("memory", at, &memory(bytes)));
    let pids = amount(
        "pids",
        &amounts.pids,
        |pids| (1..=MOST_PIDS).contains(&pids),
        |at, pids| leaf::number("pids", at, pids),
    );
    let entries: Vec<Entry> = [cpu, memory, gpus, pids].into_iter().flatten().collect();
    let first = entries.first()?.at();
    Some(leaf::mapping(key, first, entries))
}

/// Bytes as the spec writes them.
pub(super) fn memory(bytes: i64) -> String {
    let bytes = u64::try_from(bytes).unwrap_or_default();
    Memory { bytes, unit: Unit::Binary }.to_string()
}

/// How many graphics processors are asked for by number.
fn gpus(requests: &[DeviceRequest]) -> Option<Entry> {
    let mut numbered: Option<(FieldSpan, i64)> = None;
    let mut all = false;
    for request in requests.iter().filter(|request| request.is_gpu()) {
        match request.count.as_ref().map(|count| count.value) {
            Some(None) => return Some(leaf::unknown("gpu", request.at)),
            Some(Some(count)) if count >= 0 => {
                let (at, sum) = numbered.unwrap_or((request.at, 0));
                numbered = Some((at, sum.saturating_add(count)));
            }
            Some(Some(_)) => all = true,
            // single ones are facts
            None => {}
        }
    }
    // all of them are a fact too; beside a number they are more than it, and how many depends on the machine
    if let (Some((at, _)), true) = (numbered, all) {
        return Some(leaf::unknown("gpu", at));
    }
    numbered.map(|(at, sum)| leaf::number("gpu", at, sum))
}

/// A check with a test of its own; times alone belong to a check that the image has.
fn health(health: &ComposeHealth) -> Option<Entry> {
    let test = health.test.as_ref()?;
    if health.disable.is_some_and(|disable| disable.value != Some(false)) {
        return None;
    }
    let Some(words) = &test.value else { return Some(leaf::unknown("health", health.at)) };
    let command: Vec<String> = match words.split_first() {
        Some((first, rest)) if first == "CMD" => rest.to_vec(),
        Some((first, rest)) if first == "CMD-SHELL" => {
            vec!["/bin/sh".to_owned(), "-c".to_owned(), rest.join(" ")]
        }
        _ => return None,
    };
    if command.is_empty() {
        return None;
    }
    let mut entries = vec![leaf::words("command", test.at, &command)];
    // docker takes nothing for its own default
    let times = [("interval", &health.interval), ("timeout", &health.timeout)];
    let start = ("startPeriod", &health.start_period);
    for (key, value) in times.into_iter().chain([start]) {
        entries.extend(amount(key, value, |nanos| nanos > 0, |at, nanos| leaf::text(key, at, &time(nanos))));
    }
    entries.extend(amount(
        "retries",
        &health.retries,
        |retries| retries > 0,
        |at, retries| leaf::number("retries", at, retries.into()),
    ));
    Some(leaf::mapping("health", health.at, entries))
}

/// How Swarm replaces replicas: so many at a time, old ones first unless `start-first` is written.
fn update(service: &Node) -> Option<Entry> {
    let written = service.get("deploy").and_then(|entry| entry.node.get("update_config"))?;
    let parts = &written.node;
    if !matches!(parts.value, Value::Map(_)) {
        return None;
    }
    let order = parts.get("order");
    let parallel = parts.get("parallelism");
    if [order, parallel].iter().flatten().any(|entry| is_unknown(&entry.node)) {
        return Some(leaf::unknown("update", written.at()));
    }
    let count = parallel.map_or(Some(1), |entry| scalar(&entry.node)?.parse::<u32>().ok())?;
    let at = parallel.map_or(written.at(), Entry::at);
    let first = order.is_some_and(|entry| &*entry.node.text == "start-first");
    let entries = match (count, first) {
        (0, _) => vec![leaf::text("strategy", at, "recreate")],
        (_, true) => vec![leaf::number("surge", at, count.into()), leaf::number("unavailable", at, 0)],
        (_, false) => vec![leaf::number("surge", at, 0), leaf::number("unavailable", at, count.into())],
    };
    Some(leaf::mapping("update", written.at(), entries))
}
