//! Inlay hints: derived numbers behind written ones. Slots behind replicas, connections behind a pool size, shares behind
//! the machines.

use super::document::OpenDocument;
use super::effective::{self, percent};
use super::position::{self, Encoding};
use crate::plan::summary::{Fact, Formation};
use crate::report::summary::{cell, range};
use crate::support::source::{Source, Span};
use crate::syntax::{Entry, Node};
use gen_lsp_types::InlayHint;

/// The hints within a span.
pub(super) fn hints(document: &mut OpenDocument, within: Span, encoding: Encoding) -> Vec<InlayHint> {
    let Some(readable) = document.readable() else { return Vec::new() };
    let all = effective::formations(&readable.text);
    let source = Source::new("", readable.text.clone());
    let mut found = Vec::new();
    let base = all.iter().find(|model| model.profile.is_none());
    base.iter().for_each(|model| layer(&readable.root, model, &mut found));
    for profile in readable.root.get("profiles").map_or(&[][..], |profiles| profiles.node.entries()) {
        let own = all.iter().find(|model| model.profile.as_deref() == Some(&*profile.key));
        own.iter().for_each(|model| layer(&profile.node, model, &mut found));
    }
    let hint = |(offset, label): (u32, String)| InlayHint {
        position: position::position(&source, offset, encoding),
        label: label.into(),
        kind: None,
        text_edits: None,
        tooltip: None,
        padding_left: Some(true),
        padding_right: None,
        data: None,
    };
    found.into_iter().filter(|(offset, _)| within.start <= *offset && *offset <= within.end).map(hint).collect()
}

/// The hints of the base or of one profile, each with its offset.
fn layer(node: &Node, formation: &Formation, found: &mut Vec<(u32, String)>) {
    for service in children(node, "services") {
        let Some(line) = formation.services.iter().find(|line| line.name == *service.key) else { continue };
        let Some(bounds) = line.bounds.first() else { continue };
        if let (Some(replicas), Fact::Is(slots)) = (written_entry(&service.node, "replicas"), bounds.slots) {
            let unit = if slots.max == 1 { "slot" } else { "slots" };
            found.push((end(replicas), format!("= {} {unit}", range(slots))));
        }
        for connection in children(&service.node, "connections") {
            let pool = formation.pools.iter().zip(&bounds.connections).find(|(pool, _)| pool.to == *connection.key);
            let Some((pool, used)) = pool else { continue };
            if let Fact::Is(used) = used {
                found.push((end(connection), format!("= {used} of {}", cell(pool.max, |max| max.to_string()))));
            }
        }
    }
    for backing in children(node, "backingServices") {
        let pool = formation.pools.iter().find(|pool| pool.to == *backing.key);
        let (Some(pool), Some(max)) = (pool, written_entry(&backing.node, "maxConnections")) else { continue };
        if let (Fact::Is(used), Some(share)) = (pool.used, pool.permille()) {
            let reserved = if pool.reserved > 0 { format!(" + {} reserved", pool.reserved) } else { String::new() };
            found.push((end(max), format!("{used}{reserved} taken: {}", percent(share))));
        }
    }
    let (Some(capacity), Some(Fact::Is(machines))) = (written_entry(node, "capacity"), &formation.machines) else {
        return;
    };
    let shares = [("cpu", &machines.shares.cpu), ("memory", &machines.shares.memory), ("gpu", &machines.shares.gpu)];
    let shares = shares.iter().filter_map(|(name, share)| Some(format!("{name} {}", percent(share.permille()?))));
    let shares: Vec<String> = shares.collect();
    if !shares.is_empty() {
        found.push((capacity.key_span.end + 1, shares.join(", ")));
    }
}

fn children<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = &'n Entry> {
    let entries = written_entry(node, key).map_or(&[][..], |entry| entry.node.entries());
    entries.iter().filter(|entry| entry.via.is_none())
}

/// A field that is written here and not brought by an alias.
fn written_entry<'n>(node: &'n Node, key: &str) -> Option<&'n Entry> {
    node.get(key).filter(|entry| entry.via.is_none())
}

/// Behind a value on one line; behind the colon of a block.
fn end(entry: &Entry) -> u32 {
    if entry.node.is_block() || entry.node.span.end <= entry.key_span.end {
        entry.key_span.end + 1
    } else {
        entry.node.span.end
    }
}
