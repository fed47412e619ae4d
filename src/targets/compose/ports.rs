//! The `ports` list of one service: ranges as wide as the replicas, and the base's own ports. Knows no other key.

use super::super::LoweredPlan;
use super::{ComposeContext, Under};
use crate::inputs::Network;
use crate::inputs::base::BaseMember;
use crate::inputs::compose::project::view;
use crate::plan::{Port, Protocol, Workload};
use crate::support::diagnostic::{Finding, Severity};
use serde_json::Value as Json;

/// One item of the base's list.
struct OldPort<'b> {
    /// Word for word, its variables included.
    written: &'b Json,
    /// The machine's ports; `None` if the engine picks one, or they are unknown.
    host: Option<(u16, u16)>,
    /// Whether it requests a port of the machine.
    asks: bool,
    address: Option<String>,
    /// The container's ports; `None` if they cannot be read.
    container: Option<(u16, u16)>,
    protocol: Option<Protocol>,
}

/// The whole list; `None` if the base can keep its own.
///
/// An override replaces the list (`!override`), because compose appends ports: a fixed port of the base would stay.
pub(super) fn lower(
    out: &mut LoweredPlan,
    context: &ComposeContext<'_>,
    workload: &Workload,
    under: Under<'_>,
) -> Option<Vec<Json>> {
    let mut published: Vec<(&Port, (u16, u16))> = Vec::new();
    for port in workload.ports.iter().filter(|port| port.publish.is_some_and(|publish| under.says(publish.at))) {
        shared_network(out, context, port, under);
        published.extend(range(out, context, workload, port).map(|range| (port, range)));
    }
    if context.stack {
        return appended(out, context, under, published);
    }
    let base = under.member();
    // a base that contradicts itself stays as it is
    let several = workload.fixed > 1 && base.is_some_and(|base| base.changes_replicas(workload));
    let mut list = Vec::new();
    let mut changed = false;
    for old in base.map_or_else(Vec::new, old_ports) {
        if let Some(items) = divided(&old, &mut published, several) {
            changed = true;
            items.into_iter().for_each(|item| push(&mut list, item));
            continue;
        }
        let ours = published.iter().position(|(port, _)| is_same(&old, port));
        let new = match ours.map(|index| published.remove(index)) {
            Some((_, host)) if old.host == Some(host) => old.written.clone(),
            Some((port, host)) => rewrite(&old, Some(&text(host)), (port.port.value, port.port.value)),
            None => match old.container {
                Some(container) if several && is_narrow(&old, workload.fixed) => rewrite(&old, None, container),
                // what could not be read is kept word for word
                _ => old.written.clone(),
            },
        };
        changed |= new != *old.written;
        push(&mut list, new);
    }
    for (port, host) in published {
        changed = true;
        push(&mut list, short(None, Some(&text(host)), (port.port.value, port.port.value), port.protocol.value));
    }
    changed.then_some(list)
}

/// A range of the base of which the spec publishes a port. Compose splits it into single ports, so the others stay.
fn divided(old: &OldPort<'_>, published: &mut Vec<(&Port, (u16, u16))>, several: bool) -> Option<Vec<Json>> {
    let (first, last) = old.container.filter(|(first, last)| first < last)?;
    let protocol = old.protocol?;
    let is_in = |port: &Port| port.protocol.value == protocol && (first..=last).contains(&port.port.value);
    if !published.iter().any(|(port, _)| is_in(port)) || (old.asks && old.host.is_none()) {
        return None;
    }
    let item = |container: u16| {
        let one = (container, container);
        if let Some(index) = published.iter().position(|(port, _)| is_in(port) && port.port.value == container) {
            let (_, host) = published.remove(index);
            return rewrite(old, Some(&text(host)), one);
        }
        // both ranges are equally wide
        let host = old.host.filter(|_| !several).map(|(begin, _)| (begin + (container - first)).to_string());
        rewrite(old, host.as_deref(), one)
    };
    Some((first..=last).map(item).collect())
}

/// The list for Swarm over the base's list: Swarm appends each item that differs.
fn appended(
    out: &mut LoweredPlan,
    context: &ComposeContext<'_>,
    under: Under<'_>,
    published: Vec<(&Port, (u16, u16))>,
) -> Option<Vec<Json>> {
    let old = under.member().map_or_else(Vec::new, old_ports);
    let mut list = Vec::new();
    for (port, host) in published {
        let own: Vec<&OldPort<'_>> = old.iter().filter(|old| old.asks && is_same(old, port)).collect();
        if own.iter().any(|own| own.host == Some(host)) {
            continue;
        }
        if let (Some(own), Some(publish)) = (own.first(), port.publish) {
            let beside =
                own.host.map_or_else(|| "another host port".to_owned(), |host| format!("host port {}", text(host)));
            let message =
                format!("a stack file appends ports: {beside} of {} stays beside {}", context.base_name(), text(host));
            out.lost(publish.at, message, format!("take it out of {}", context.base_name()));
        }
        push(&mut list, short(None, Some(&text(host)), (port.port.value, port.port.value), port.protocol.value));
    }
    (!list.is_empty()).then_some(list)
}

/// The items of the base's list, those of a range joined as they are written.
fn old_ports(base: &BaseMember) -> Vec<OldPort<'_>> {
    // the ports of a range have one place, one after the other
    let mut parts = base.view().ports.chunk_by(|one, next| one.at == next.at).peekable();
    let mut all = Vec::with_capacity(base.written_ports.len());
    for (at, written) in &base.written_ports {
        let own = parts.next_if(|parts| parts.first().is_some_and(|first| first.at == *at));
        all.push(old_port(own.unwrap_or_default(), written));
    }
    all
}

fn old_port<'b>(parts: &[view::ComposePort], written: &'b Json) -> OldPort<'b> {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return OldPort { written, host: None, asks: false, address: None, container: None, protocol: None };
    };
    let span = |a: Option<(u16, u16)>, b: Option<(u16, u16)>| a.zip(b).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1)));
    let host = |port: &view::ComposePort| port.published.as_ref()?.value.as_deref().and_then(port_range);
    OldPort {
        written,
        host: span(host(first), host(last)),
        asks: first.published.is_some(),
        address: first.host_ip.as_ref().and_then(|address| address.value.clone()),
        container: span(first.target, last.target),
        protocol: match first.protocol.as_str() {
            "tcp" => Some(Protocol::Tcp),
            "udp" => Some(Protocol::Udp),
            _ => None,
        },
    }
}

fn port_range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last && first > 0).then_some((first, last))
}

/// Ports belong to the container that owns the network.
fn shared_network(out: &mut LoweredPlan, context: &ComposeContext<'_>, port: &Port, under: Under<'_>) {
    let network = under.member().and_then(|base| base.facts.network.as_ref());
    let (Some(network), Some(publish)) = (network, port.publish) else { return };
    let (mode, owner) = match &network.value {
        Network::Service(name) => (format!("service:{name}"), format!("publish it at `{name}`")),
        Network::Container(name) => {
            (format!("container:{name}"), "publish it where that container is started".to_owned())
        }
        Network::Host => ("host".to_owned(), "take `publish` out".to_owned()),
        Network::None => ("none".to_owned(), "take `publish` out".to_owned()),
        Network::Own | Network::Other(_) | Network::Unknown => return,
    };
    let message = format!("ports cannot be published under `network_mode: {mode}` of {}", context.base_name());
    let finding = Finding::new("refused-by-target", Severity::Error, publish.at.place(), message);
    let finding = finding.label(network.place(), "whose network it uses");
    out.findings.push(finding.help(format!("{owner}, or take `network_mode` out of the base")));
}

/// Container ports that are not published: they say what can be reached inside the network.
pub(super) fn exposed(workload: &Workload) -> Vec<String> {
    let inner = workload.ports.iter().filter(|port| port.publish.is_none());
    inner.map(|port| format!("{}{}", port.port.value, suffix(port.protocol.value))).collect()
}

/// The host ports of one published port, one for each replica written.
fn range(out: &mut LoweredPlan, context: &ComposeContext<'_>, workload: &Workload, port: &Port) -> Option<(u16, u16)> {
    let publish = port.publish?;
    // Swarm's own load balancer has the port on every machine, for all replicas
    let replicas = if context.stack { 1 } else { workload.fixed.max(1) };
    let last = u64::from(publish.value) + u64::from(replicas) - 1;
    match u16::try_from(last) {
        Ok(last) => Some((publish.value, last)),
        Err(_) => {
            let message = format!("{replicas} replicas from host port {} on end at {last}, above 65535", publish.value);
            out.refused(publish.at, message, "publish from a lower port on");
            None
        }
    }
}

fn is_same(old: &OldPort<'_>, port: &Port) -> bool {
    old.container == Some((port.port.value, port.port.value)) && old.protocol == Some(port.protocol.value)
}

/// Whether this many replicas cannot share the base's host ports.
fn is_narrow(old: &OldPort<'_>, replicas: u32) -> bool {
    let one_inside = old.container.is_some_and(|(first, last)| first == last);
    match old.host {
        Some((first, last)) => !one_inside || u32::from(last - first) + 1 < replicas,
        // a host port that depends on an unset variable may be any one port; port 0 is any free one
        None => old.asks && old.protocol.is_some(),
    }
}

/// The base's item with another host port, or none; all else stays.
fn rewrite(old: &OldPort<'_>, host: Option<&str>, container: (u16, u16)) -> Json {
    let Json::Object(fields) = old.written else {
        return short(old.address.as_deref(), host, container, old.protocol.unwrap_or(Protocol::Tcp));
    };
    let mut fields = fields.clone();
    match host {
        Some(host) => fields.insert("published".to_owned(), Json::from(host)),
        None => fields.shift_remove("published"),
    };
    Json::Object(fields)
}

fn short(ip: Option<&str>, host: Option<&str>, container: (u16, u16), protocol: Protocol) -> Json {
    Json::from(short_text(ip, host, container, protocol))
}

/// `[address:][host:]container[/udp]`. An address without a host port is kept.
fn short_text(ip: Option<&str>, host: Option<&str>, container: (u16, u16), protocol: Protocol) -> String {
    let ip = match ip {
        Some(ip) if ip.contains(':') => format!("[{ip}]:"),
        Some(ip) => format!("{ip}:"),
        None => String::new(),
    };
    let host = match host {
        Some(host) => format!("{host}:"),
        None if !ip.is_empty() => ":".to_owned(),
        None => String::new(),
    };
    format!("{ip}{host}{}{}", text(container), suffix(protocol))
}

fn suffix(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "",
        Protocol::Udp => "/udp",
    }
}

fn text((first, last): (u16, u16)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

/// Compose takes no item twice.
fn push(list: &mut Vec<Json>, item: Json) {
    if !list.contains(&item) {
        list.push(item);
    }
}
