//! Lowers the fields of a service that only a cluster has, and its probes. Knows no other field.

use super::read::{ValueReader, get};
use crate::model::{Check, Health, NamedText, PodSecurity, PodSettings, SecurityProfile, TaintEffect, Toleration, Val};
use crate::syntax::{Entry, Node};
use std::cell::Cell;

/// Reads them; `None` if the service sets none of them.
pub(super) fn read(reader: &mut ValueReader, service: &Entry) -> Option<Box<PodSettings>> {
    let set = Cell::new(false);
    let field = |name: &str| get(Some(service), name).inspect(|_| set.set(true));
    let tolerations = reader.formed(field("tolerations"), true).map_or(&[][..], |entry| entry.node.items());
    let settings = PodSettings {
        liveness: field("liveness").and_then(|entry| probe(reader, entry)),
        startup: field("startup").and_then(|entry| probe(reader, entry)),
        drain_delay: reader.duration(field("drainDelay")),
        node_selector: texts(reader, field("nodeSelector")),
        tolerations: tolerations.iter().map(|item| toleration(reader, item)).collect(),
        service_account: reader.text(field("serviceAccount")),
        labels: texts(reader, field("labels")),
        annotations: texts(reader, field("annotations")),
        security: field("podSecurity").map(|entry| security(reader, entry)),
    };
    set.get().then(|| Box::new(settings))
}

/// A map of texts, in the order written.
pub(super) fn texts(reader: &mut ValueReader, entry: Option<&Entry>) -> Vec<NamedText> {
    let entries = reader.formed(entry, false).map_or(&[][..], |entry| entry.node.entries());
    let text = |entry: &Entry| reader.text(Some(entry)).map(|value| NamedText { name: entry.key.to_string(), value });
    entries.iter().filter_map(text).collect()
}

fn toleration(reader: &mut ValueReader, item: &Node) -> Toleration {
    Toleration {
        at: item.at(),
        key: reader.text(item.get("key")),
        value: reader.text(item.get("value")),
        effect: reader.word(item.get("effect"), &TaintEffect::WORDS),
        seconds: reader.int(item.get("seconds")),
    }
}

fn security(reader: &mut ValueReader, entry: &Entry) -> PodSecurity {
    let map = reader.formed(Some(entry), false);
    PodSecurity {
        at: entry.at(),
        profile: reader
            .word(get(map, "profile"), &SecurityProfile::WORDS)
            .unwrap_or_else(|| Val::default_at(SecurityProfile::Restricted, entry.at())),
        user: reader.int(get(map, "user")),
        group: reader.int(get(map, "group")),
        volume_group: reader.int(get(map, "volumeGroup")),
        read_only: reader.flag(get(map, "readOnly")).unwrap_or_else(|| Val::default_at(false, entry.at())),
    }
}

/// Reads one probe with its timing: `health`, `liveness` or `startup`.
pub(super) fn probe(reader: &mut ValueReader, entry: &Entry) -> Option<Health> {
    let map = Some(entry);
    let http = reader.text(get(map, "http")).map(|path| Val::new(Check::Http(path.value), path.at));
    let tcp = reader.flag(get(map, "tcp")).filter(|tcp| tcp.value).map(|tcp| Val::new(Check::Tcp, tcp.at));
    let command = reader.texts(get(map, "command")).map(|list| Val::new(Check::Command(list.value), list.at));
    if let Some(Val { value: Check::Http(path), at, .. }) = &http
        && path.chars().any(|c| c.is_control() || c.is_whitespace())
    {
        let message = format!("`{}` is not a path: it holds a blank or a control character", path.escape_debug());
        reader.report("invalid-value", at.place(), message, "write it like `/healthz`, with `%20` for a blank");
    } else if let Some(Val { value: Check::Http(path), at, .. }) = &http
        && !path.starts_with('/')
    {
        // behind a host and port it would become part of the port
        let message = format!("`{path}` is not a path: it does not begin with `/`");
        let help = if path.contains("://") {
            let path = path.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|start| rest.get(start..)));
            format!("write the path alone: `{}`", path.unwrap_or("/"))
        } else {
            // the quotes of word processors are letters of the value
            let bare = path.trim_matches(['\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{201e}']);
            format!("write `/{}`", bare.trim_start_matches('/'))
        };
        reader.report("invalid-value", at.place(), message, help);
    }
    let port = reader.port(get(map, "port"));
    let health = http.or(tcp).or(command);
    let interval = reader.duration(get(map, "interval"));
    let timeout = reader.duration(get(map, "timeout"));
    let retries = reader.int(get(map, "retries"));
    let start_period = reader.duration(get(map, "startPeriod"));
    // `tcp: false` is not a check at all, which is not a fault
    let none_asked = get(map, "tcp").is_some() && !reader.broken;
    let check = if health.is_none() && none_asked { return None } else { reader.or_lost(health)? };
    Some(Health { at: entry.at(), check, port, interval, timeout, retries, start_period })
}
