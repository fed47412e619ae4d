//! Lowers `expose` of a service: its load balancing. Knows no other field.

use super::read::{ValueReader, get};
use crate::model::{Expose, GatewayRef, Method, ProxyTimeouts, Val};
use crate::syntax::Entry;

/// Reads `expose` of a service.
pub(super) fn read(reader: &mut ValueReader, entry: &Entry) -> Expose {
    let map = Some(entry);
    Expose {
        at: entry.at(),
        host: reader.text(get(map, "host")),
        path: reader.text(get(map, "path")),
        method: reader
            .word(get(map, "method"), &Method::WORDS)
            .unwrap_or_else(|| Val::default_at(Method::RoundRobin, entry.at())),
        keepalive: reader.int(get(map, "keepalive")),
        websocket: reader.flag(get(map, "websocket")).unwrap_or_else(|| Val::default_at(false, entry.at())),
        timeouts: timeouts(reader, get(map, "timeouts")),
        class: reader.text(get(map, "class")),
        tls: reader.text(get(map, "tls")),
        annotations: super::pod::texts(reader, get(map, "annotations")),
        gateway: get(map, "gateway").and_then(|entry| gateway(reader, entry)),
    }
}

fn gateway(reader: &mut ValueReader, entry: &Entry) -> Option<GatewayRef> {
    let map = reader.formed(Some(entry), false);
    let namespace = reader.text(get(map, "namespace"));
    let listener = reader.text(get(map, "listener"));
    let name = reader.text(get(map, "name"));
    Some(GatewayRef { at: entry.at(), name: reader.or_lost(name)?, namespace, listener })
}

fn timeouts(reader: &mut ValueReader, entry: Option<&Entry>) -> ProxyTimeouts {
    let mut time = |key: &str| {
        let time = reader.duration(get(entry, key))?;
        if time.value.0 == 0 {
            // a balancer takes 0 for no time at all, or for its default
            let message = format!("a {key} timeout of {} leaves a replica no time to answer", time.value);
            reader.report("invalid-value", time.at.place(), message, "write `1s` or more, or take it out");
        }
        Some(time)
    };
    ProxyTimeouts { connect: time("connect"), send: time("send"), read: time("read") }
}
