//! The order in which findings are told: causes before what follows from them. Knows which findings are of shape, no rule.

use crate::check::rules::{self, Group};
use crate::support::diagnostic::{Finding, SPEC, Severity};
use crate::support::source::{Place, Span};
use crate::syntax::Node;
use std::collections::{HashMap, HashSet};

/// Errors of shape come first, then other errors, then the rest; each by place.
///
/// A warning or note about a service that has an error of shape is left out: the field that it misses may be the one that
/// could not be read. What an amount was read as is told in the error at the same place, not beside it.
pub(super) fn arrange(findings: &mut Vec<Finding>, root: Option<&Node>) {
    let is_shape = |finding: &Finding| {
        let rule = rules::get(&finding.rule).filter(|_| finding.severity == Severity::Error);
        rule.is_some_and(|rule| matches!(rule.meta.group, Group::Shape | Group::Settings))
    };
    let faults = findings.iter().filter(|finding| is_shape(finding));
    let broken = root.map(|root| faulty_entries(root, faults)).unwrap_or_default();
    findings.retain(|finding| {
        let is_error = finding.severity == Severity::Error;
        is_error || finding.at.file != SPEC || holder(&broken, finding.at.span).is_none()
    });
    fold_readings(findings);
    let rank = |finding: &Finding| match finding.severity {
        Severity::Error if is_shape(finding) => 0,
        Severity::Error => 1,
        _ => 2,
    };
    findings.sort_by(|one, other| rank(one).cmp(&rank(other)).then_with(|| one.order(other)));
}

/// The services and backing services in which one of these findings stands, in the base and in profiles, with their keys.
fn faulty_entries<'f>(root: &Node, faults: impl Iterator<Item = &'f Finding>) -> Vec<Span> {
    let profiles = root.get("profiles").map_or(&[][..], |profiles| profiles.node.entries());
    let layers = std::iter::once(root).chain(profiles.iter().map(|profile| &*profile.node));
    let maps = layers.flat_map(|layer| ["services", "backingServices"].map(|map| layer.get(map)));
    let mut entries: Vec<Span> = maps
        .flatten()
        .flat_map(|map| map.node.entries())
        .map(|entry| Span::new(entry.key_span.start as usize, entry.node.span.end.max(entry.key_span.end) as usize))
        .collect();
    entries.sort();
    let faults = faults.filter(|fault| fault.at.file == SPEC);
    let mut faulty: Vec<Span> = faults.filter_map(|fault| holder(&entries, fault.at.span)).collect();
    faulty.sort();
    faulty.dedup();
    faulty
}

/// The one of these entries that holds some bytes. They are in order, and none holds another.
fn holder(entries: &[Span], bytes: Span) -> Option<Span> {
    let after = entries.partition_point(|entry| entry.start <= bytes.start);
    entries.get(after.checked_sub(1)?).filter(|entry| entry.contains(bytes)).copied()
}

/// `512m` of memory is refused because of what it was read as: one finding says both.
fn fold_readings(findings: &mut Vec<Finding>) {
    let readings: HashMap<Place, Finding> = findings
        .iter()
        .filter(|finding| finding.rule == "ambiguous-unit" && finding.severity < Severity::Error)
        .map(|finding| (finding.at, finding.clone()))
        .collect();
    if readings.is_empty() {
        return;
    }
    let mut told = HashSet::new();
    for finding in findings.iter_mut().filter(|finding| finding.severity == Severity::Error) {
        if let Some(reading) = readings.get(&finding.at) {
            finding.message = format!("{}; {}", reading.message, finding.message);
            finding.help = reading.help.clone();
            finding.fix = reading.fix.clone();
            told.insert(finding.at);
        }
    }
    findings.retain(|finding| finding.rule != "ambiguous-unit" || !told.contains(&finding.at));
}
