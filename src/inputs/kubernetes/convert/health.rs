//! The probes of a container as checks of the spec. Knows no other field of a container.

use crate::inputs::kubernetes::access;
use crate::inputs::kubernetes::pod::PodContainer;
use crate::inputs::leaf;
use crate::model::Val;
use crate::model::time::Duration;
use crate::syntax::{Entry, Node};
use std::rc::Rc;

/// Kubernetes' defaults for a probe's period and number of failures.
const PERIOD: u32 = 10;
const FAILURES: u32 = 3;

/// Each probe with the field of the spec that says it.
pub const PROBES: [(&str, &str); 3] =
    [("readinessProbe", "health"), ("livenessProbe", "liveness"), ("startupProbe", "startup")];

/// The checks: `health` is the readiness probe, which decides whether a replica gets requests.
///
/// A startup probe that asks what the readiness probe asks, only more often, is its start period; any other is a check of its own.
pub(super) fn of(item: &Node, container: &PodContainer) -> Vec<Entry> {
    let period = start_period(item);
    let checks = PROBES.iter().filter_map(|(key, field)| {
        if *field == "startup" && period.is_some() {
            return None;
        }
        let probe = written(item, key)?;
        let mut fields = action_and_port(&probe.node, container)?;
        fields.extend(numbers(&probe.node, *field == "health"));
        if *field == "health" {
            fields.extend(period.clone());
        }
        Some(leaf::mapping(field, probe.at(), fields))
    });
    checks.collect()
}

fn written<'n>(item: &'n Node, key: &str) -> Option<&'n Entry> {
    access::entry(item, key).filter(|probe| !probe.node.is_null())
}

/// The action with its port; `None` for one that the spec has no word for.
fn action_and_port(probe: &Node, container: &PodContainer) -> Option<Vec<Entry>> {
    let port = |action: &Entry| {
        let port = access::entry(&action.node, "port")?;
        let named = || {
            let own = container.ports.iter().find(|own| Some(own.name.as_str()) == port.node.as_str())?;
            Some(i64::from(own.port.value))
        };
        let number = port.node.as_whole().or_else(named).filter(|port| (1..=65_535).contains(port))?;
        Some(leaf::number("port", port.at(), number))
    };
    let mut fields = Vec::new();
    if let Some(http) = access::entry(probe, "httpGet") {
        let path =
            access::text(access::entry(&http.node, "path")).unwrap_or_else(|| Val::new(String::new(), http.at()));
        // the kubelet puts the slash before a path without one
        let slash = if path.value.starts_with('/') { "" } else { "/" };
        fields.push(leaf::text("http", path.at, &format!("{slash}{}", path.value)));
        fields.extend(port(http));
    } else if let Some(tcp) = access::entry(probe, "tcpSocket") {
        fields.push(leaf::flag("tcp", tcp.at(), true));
        fields.extend(port(tcp));
    } else {
        let command = access::path(probe, &["exec", "command"]).filter(|command| !command.node.items().is_empty())?;
        fields.push(command.clone());
    }
    Some(fields)
}

/// The times and the number of failures.
fn numbers(probe: &Node, delays: bool) -> Vec<Entry> {
    let seconds =
        [("periodSeconds", "interval"), ("timeoutSeconds", "timeout"), ("initialDelaySeconds", "startPeriod")];
    let mut fields = Vec::new();
    for (key, own) in seconds.iter().take(if delays { 3 } else { 2 }) {
        let value = access::count(access::entry(probe, key)).filter(|value| value.value > 0);
        fields.extend(value.map(|value| leaf::text(own, value.at, &format!("{}s", value.value))));
    }
    let retries = access::count(access::entry(probe, "failureThreshold")).filter(|value| value.value > 0);
    fields.extend(retries.map(|value| leaf::number("retries", value.at, value.value.into())));
    fields
}

/// The failures that a startup probe allows beyond those of the readiness probe whose question it asks, as a duration.
fn start_period(item: &Node) -> Option<Entry> {
    let (startup, readiness) = (&written(item, "startupProbe")?.node, &written(item, "readinessProbe")?.node);
    let of = |probe: &Rc<Node>, key: &str| access::count(access::entry(probe, key)).map(|value| value.value);
    let delayed = of(readiness, "initialDelaySeconds").is_some_and(|delay| delay > 0);
    let counted = |key: &&Entry| !["failureThreshold", "initialDelaySeconds"].contains(&&*key.key);
    let same = |one: &Rc<Node>, other: &Rc<Node>| {
        one.entries()
            .iter()
            .filter(counted)
            .all(|own| other.get(&own.key).is_some_and(|there| says(&own.node, &there.node)))
    };
    if delayed || !same(startup, readiness) || !same(readiness, startup) {
        return None;
    }
    let failures = access::count(access::entry(startup, "failureThreshold"))?;
    let counted = of(readiness, "failureThreshold").unwrap_or(FAILURES);
    let free = failures.value.checked_sub(counted).filter(|free| *free > 0)?;
    let seconds = u64::from(free) * u64::from(of(startup, "periodSeconds").unwrap_or(PERIOD));
    Some(leaf::text("startPeriod", failures.at, &Duration::seconds(seconds).to_string()))
}

/// Whether two nodes say the same, wherever they are.
fn says(one: &Node, other: &Node) -> bool {
    let entries = (one.entries(), other.entries());
    let items = (one.items(), other.items());
    one.text == other.text
        && entries.0.len() == entries.1.len()
        && items.0.len() == items.1.len()
        && entries.0.iter().all(|own| other.get(&own.key).is_some_and(|there| says(&own.node, &there.node)))
        && items.0.iter().zip(items.1).all(|(own, there)| says(own, there))
}

/// The fields of a probe, and of its action, that a check of the spec can say.
const SAID: [&str; 6] = ["httpGet", "tcpSocket", "exec", "periodSeconds", "timeoutSeconds", "failureThreshold"];
const SAID_OF_ACTION: [&str; 3] = ["path", "port", "command"];
/// What the API takes where nothing is written.
const DEFAULTS: [(&str, &str); 4] =
    [("scheme", "HTTP"), ("successThreshold", "1"), ("initialDelaySeconds", "0"), ("host", "")];

/// What the spec has no word for in the probes of a container: the path below the container, and its entry.
#[must_use]
pub fn unsaid(item: &Node) -> Vec<(String, &Entry)> {
    let mut all = Vec::new();
    let usual = |entry: &Entry| DEFAULTS.contains(&(&*entry.key, &*entry.node.text)) || entry.node.is_null();
    for (key, field) in PROBES {
        for entry in written(item, key).map_or(&[][..], |probe| probe.node.entries()) {
            let path = format!("{key}.{}", entry.key);
            let delay = field == "health" && &*entry.key == "initialDelaySeconds";
            if !SAID.contains(&&*entry.key) {
                all.extend((!delay && !usual(entry)).then_some((path, entry)));
                continue;
            }
            let below = entry.node.entries().iter();
            let below = below.filter(|below| !SAID_OF_ACTION.contains(&&*below.key) && !usual(below));
            all.extend(below.map(|below| (format!("{path}.{}", below.key), below)));
        }
    }
    all
}
