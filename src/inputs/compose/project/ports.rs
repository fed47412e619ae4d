//! Ports of a compose service in one form: a mapping with `target`, `published`, `host_ip`, `protocol`, `mode`.
//!
//! The grammar of the short form is that of docker/go-connections (`nat`).

use crate::inputs::text::UNKNOWN;
use crate::inputs::tree::{field, map, with_text};
use crate::syntax::Node;
use core::net::IpAddr;
use std::rc::Rc;

/// Ranges up to this width are written out port by port, as compose does; wider ones stay one entry.
const MAX_WIDTH: u16 = 64;

/// First and last port of `80` or `80-82`; `None` if it is neither.
pub(super) fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let port = |text: &str| text.parse::<u16>().ok().filter(|_| !text.starts_with('-'));
    let (first, last) = (port(first)?, port(last)?);
    (first <= last).then_some((first, last))
}

/// The short form, written out; `None` if it cannot be read: it is wrong, or its container port is unknown.
pub(super) fn from_short(node: &Node, text: &str) -> Option<Vec<Rc<Node>>> {
    let (before, container) = text.rsplit_once(':').unwrap_or(("", text));
    let (address, host) = before.rsplit_once(':').unwrap_or(("", before));
    let (container, protocol) = container.split_once('/').unwrap_or((container, "tcp"));
    let protocol = if protocol.is_empty() { "tcp".to_owned() } else { protocol.to_ascii_lowercase() };
    let known_protocol = protocol.contains(UNKNOWN) || ["tcp", "udp", "sctp"].contains(&&*protocol);
    let address = address.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(address);
    let (first, last) = range(container).filter(|(first, _)| *first > 0)?;
    let unknown_host = host.contains(UNKNOWN);
    let host_range = if host.is_empty() || unknown_host { None } else { Some(range(host)?) };
    let width = last - first;
    let several = width > 0;
    if !known_protocol || (several && host_range.is_some_and(|(first, last)| last - first != width)) {
        return None;
    }
    let port = |target: String, published: Option<String>| {
        let mut parts = vec![("mode", "ingress".to_owned()), ("target", target), ("protocol", protocol.clone())];
        parts.extend(published.map(|published| ("published", published)));
        if !address.is_empty() {
            parts.push(("host_ip", address.to_owned()));
        }
        map(node, parts.iter().map(|(key, text)| field(key, node, with_text(node, text))).collect())
    };
    let written = |(first, last): (u16, u16)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    if !several || width >= MAX_WIDTH {
        let published = if unknown_host { Some(host.to_owned()) } else { host_range.map(written) };
        return Some(vec![port(written((first, last)), published)]);
    }
    let published = |index: u16| {
        if unknown_host { Some(host.to_owned()) } else { host_range.map(|(first, _)| (first + index).to_string()) }
    };
    Some((0..=width).map(|index| port((first + index).to_string(), published(index))).collect())
}

/// Whether docker compose refuses the short form, which has no unknown part.
pub(super) fn is_refused(node: &Node, text: &str) -> bool {
    let address = |port: &Rc<Node>| port.get("host_ip").is_some_and(|entry| !is_address(&entry.node.text));
    from_short(node, text).is_none_or(|ports| ports.iter().any(address))
}

/// The identity of a port, as compose merges them.
pub(super) fn key(port: &Node) -> String {
    let text = |key: &str, default: &str| {
        let text = port.get(key).map(|entry| &*entry.node.text).filter(|text| !text.is_empty());
        text.unwrap_or(default).to_owned()
    };
    let (host, protocol) = (text("host_ip", "0.0.0.0"), text("protocol", "tcp"));
    format!("{host}:{}:{}/{protocol}", text("published", ""), text("target", ""))
}

/// Whether a text is an address, in brackets or not.
pub(in crate::inputs::compose) fn is_address(text: &str) -> bool {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    text.contains(UNKNOWN) || bare.parse::<IpAddr>().is_ok()
}
