//! The effective values of a spec in its base and in each profile: the value of a field with its place, and the sums.

use crate::change::diff;
use crate::inputs::spec::models::models;
use crate::inputs::spec::profiles::{self, MergedSpec};
use crate::plan::summary::{Fact, Formation, SummaryQuestion, bytes_text, cores_text, formation};
use crate::report::summary::{cell, range};
use crate::support::source::{Source, Span};
use crate::syntax::{Node, Value};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The most characters of a shown value.
const LONGEST: usize = 100;
/// The most places that are named for a value written in several.
const MOST_PLACES: usize = 3;

/// The value of one field in the base or in one profile.
pub(super) struct EffectiveValue {
    pub profile: Option<String>,
    /// The value; `None` if unset.
    pub value: Option<String>,
    /// Its place, for people.
    pub from: String,
}

/// The value at a path in the base and in every profile. The path is one in the merged spec.
pub(super) fn values(text: &str, root: &Rc<Node>, path: &[String]) -> Vec<EffectiveValue> {
    let source = Source::new("", text);
    let overlays = root.get("profiles").map_or(&[][..], |profiles| profiles.node.entries());
    let place = |span: Span| {
        let line = source.line_index(span.start) + 1;
        let overlay = overlays.iter().find(|overlay| overlay.node.span.contains(span));
        overlay.map_or_else(|| format!("line {line}"), |overlay| format!("line {line}, profile `{}`", overlay.key))
    };
    let each = |MergedSpec { profile, tree, .. }: MergedSpec| {
        let found = find(&tree, path);
        let mut places = Vec::new();
        found.iter().for_each(|node| written(node, &mut places));
        let lines: BTreeSet<usize> = places.iter().map(|span| source.line_index(span.start)).collect();
        let first = |line: &usize| places.iter().find(|span| source.line_index(span.start) == *line);
        let mut said: Vec<String> = lines.iter().filter_map(first).take(MOST_PLACES).map(|span| place(*span)).collect();
        if lines.len() > MOST_PLACES {
            said.push("…".to_owned());
        }
        EffectiveValue { profile, value: found.map(|node| value_text(&node)), from: said.join("; ") }
    };
    profiles::lay(root, &mut Vec::new()).map(each).collect()
}

/// The node at a path of a merged spec, in which short forms are expanded.
fn find(tree: &Rc<Node>, path: &[String]) -> Option<Rc<Node>> {
    let mut node = Rc::clone(tree);
    for key in path {
        let next = match &node.value {
            Value::Map(_) => match node.get(key) {
                Some(entry) => Rc::clone(&entry.node),
                // `port: 80` has become the first of `ports`
                None => {
                    let first = node.get("ports").and_then(|ports| ports.node.items().first())?;
                    Rc::clone(&first.get(key)?.node)
                }
            },
            Value::Seq(items) => Rc::clone(items.get(key.parse::<usize>().ok()?)?),
            // a short form that is not a mapping: the value itself
            _ => return None,
        };
        node = next;
    }
    Some(node)
}

/// The places of the scalars in a value.
fn written(node: &Node, places: &mut Vec<Span>) {
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => entries.iter().for_each(|entry| written(&entry.node, places)),
        Value::Seq(items) if !items.is_empty() => places.push(node.span),
        _ => places.push(node.span),
    }
}

/// A value on one line. A short form is shown as one.
fn value_text(node: &Node) -> String {
    let mut text = String::new();
    show(node, &mut text);
    if text.chars().count() > LONGEST {
        text = text.chars().take(LONGEST).chain(['…']).collect();
    }
    text
}

fn show(node: &Node, out: &mut String) {
    if out.len() > 4 * LONGEST {
        return;
    }
    match &node.value {
        Value::Map(entries) => {
            // a short form has the place of its parts
            if let Some(short) = entries.first().filter(|first| first.node.span == node.span && !node.span.is_empty()) {
                show(&short.node, out);
                return;
            }
            out.push_str("{ ");
            for (index, entry) in entries.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                out.push_str(&entry.key);
                out.push_str(": ");
                show(&entry.node, out);
            }
            out.push_str(" }");
        }
        Value::Seq(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                show(item, out);
            }
            out.push(']');
        }
        Value::Null | Value::Unknown => out.push_str("null"),
        _ => out.push_str(&node.text),
    }
}

/// The sums of the base and of every profile, as `scalegen plan` shows them.
pub(super) fn formations(text: &str) -> Vec<Formation> {
    let formation_of = |(profile, spec): (Option<String>, crate::model::Spec)| {
        let view = SummaryQuestion { profile: profile.as_deref(), instant: None, fixed: diff::fixed(&spec, &[]) };
        formation(&spec, &view)
    };
    models(text.as_bytes()).into_iter().map(formation_of).collect()
}

/// Thousandths as a percentage.
pub(super) fn percent(permille: u128) -> String {
    format!("{}.{} %", permille / 10, permille % 10)
}

/// The numbers of one service: replicas, slots, cpu, memory, and connections to each backing service.
pub(super) fn service_row(all: &Formation, name: &str) -> Option<Vec<String>> {
    let line = all.services.iter().find(|line| line.name == name)?;
    let base = line.bounds.first()?;
    let pools = all.pools.iter().zip(&base.connections).filter(|(_, used)| **used != Fact::Unset);
    let connections: Vec<String> =
        pools.map(|(pool, used)| format!("{} {}", cell(*used, |n| n.to_string()), pool.to)).collect();
    let connections = if connections.is_empty() { "–".to_owned() } else { connections.join(", ") };
    Some(vec![
        cell(base.replicas, range),
        cell(base.slots, range),
        cell(base.all.cpu, cores_text),
        cell(base.all.memory, bytes_text),
        connections,
    ])
}

/// The used connections of a backing service.
pub(super) fn pool_row(all: &Formation, name: &str) -> Option<Vec<String>> {
    let pool = all.pools.iter().find(|pool| pool.to == name)?;
    Some(vec![
        cell(pool.used, |n| n.to_string()),
        pool.reserved.to_string(),
        cell(pool.max, |n| n.to_string()),
        pool.permille().map_or_else(|| "–".to_owned(), percent),
    ])
}

/// The used share of the machines.
pub(super) fn capacity_row(all: &Formation) -> Option<Vec<String>> {
    let Some(Fact::Is(machines)) = &all.machines else { return None };
    let share = |share: &crate::plan::summary::TakenShare, text: fn(u128) -> String| {
        let of = text(share.of);
        match share.permille() {
            Some(permille) => format!("{} of {of} ({})", cell(share.used, text), percent(permille)),
            None => format!("{} of {of}", cell(share.used, text)),
        }
    };
    let count = |n: u128| n.to_string();
    Some(vec![
        share(&machines.shares.cpu, cores_text),
        share(&machines.shares.memory, bytes_text),
        share(&machines.shares.gpu, count),
    ])
}
