//! The `ports` list of one service: ranges as wide as the replicas, and what becomes of the base's own ports. Knows no other key.

use super::super::Lowered;
use super::Under;
use crate::inputs::compose::BasePort;
use crate::plan::{Port, Protocol, Workload};
use serde_json::Value as Json;

/// The whole list, or none where the file below can keep what it has.
///
/// An override replaces the list (`!override`), because compose appends ports: a fixed port of the base would stay.
pub(super) fn lower(out: &mut Lowered, workload: &Workload, under: Under<'_>) -> Option<Vec<Json>> {
    let mut published: Vec<(&Port, (u16, u16))> = Vec::new();
    for port in &workload.ports {
        published.extend(range(out, workload, port).map(|range| (port, range)));
    }
    let base = under.known();
    let mut list = Vec::new();
    let mut changed = false;
    for old in base.map_or(&[][..], |base| &base.ports) {
        let ours = published.iter().position(|(port, _)| is_same(old, port));
        let new = match ours.map(|index| published.remove(index)) {
            Some((_, host)) if old.host == Some(host) => old.written.clone(),
            Some((port, host)) => rewrite(old, Some(&text(host)), (port.port.value, port.port.value)),
            None if workload.fixed > 1 && is_narrow(old, workload.fixed) => rewrite(old, None, old.container),
            None => old.written.clone(),
        };
        changed |= new != old.written;
        push(&mut list, new);
    }
    // what could not be read is kept word for word
    base.map_or(&[][..], |base| &base.unread_ports).iter().for_each(|item| push(&mut list, item.clone()));
    for (port, host) in published {
        changed = true;
        push(&mut list, short(None, Some(&text(host)), (port.port.value, port.port.value), port.protocol.value));
    }
    changed.then_some(list)
}

/// Container ports that are not published: they say what can be reached inside the network.
pub(super) fn exposed(workload: &Workload) -> Vec<String> {
    let inner = workload.ports.iter().filter(|port| port.publish.is_none());
    inner.map(|port| format!("{}{}", port.port.value, suffix(port.protocol.value))).collect()
}

/// The host ports of one published port, one for each replica written.
fn range(out: &mut Lowered, workload: &Workload, port: &Port) -> Option<(u16, u16)> {
    let publish = port.publish?;
    let replicas = workload.fixed.max(1);
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

fn is_same(old: &BasePort, port: &Port) -> bool {
    old.container == (port.port.value, port.port.value) && old.protocol == port.protocol.value
}

/// Whether so many replicas cannot share the base's host ports.
fn is_narrow(old: &BasePort, replicas: u32) -> bool {
    match old.host {
        Some((first, last)) => old.container.0 != old.container.1 || u32::from(last - first) + 1 < replicas,
        // a host port that hangs on an unset variable may be any one port
        None => match &old.written {
            Json::Object(fields) => fields.get("published").is_some(),
            Json::String(text) => *text != short_text(old.ip.as_deref(), None, old.container, old.protocol),
            _ => false,
        },
    }
}

/// The base's item with another host side or none; everything else it says stays.
fn rewrite(old: &BasePort, host: Option<&str>, container: (u16, u16)) -> Json {
    let Json::Object(fields) = &old.written else {
        return short(old.ip.as_deref(), host, container, old.protocol);
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

/// `[address:][host:]container[/udp]`. An address without a host port keeps it where it is bound.
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
