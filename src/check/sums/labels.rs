//! Words for loads, claims and nodes. Knows no sum.

use super::MAX_LABELS;
use crate::model::demand::DemandClaim;
use crate::model::placement::Load;
use crate::model::quantity::{bytes_text, cores_text};
use crate::model::{Capacity, Spec};
use crate::support::diagnostic::Finding;
use crate::support::plural::plural;

fn cores(nano: u128) -> String {
    let text = cores_text(nano);
    let unit = if text == "1" { "core" } else { "cores" };
    format!("{text} {unit}")
}

/// `2 cores, 4Gi, 1 gpu`: what is not zero of it.
#[must_use]
pub fn load_text(load: Load) -> String {
    let mut texts = Vec::new();
    if load.cpu > 0 {
        texts.push(cores(load.cpu.into()));
    }
    if load.memory > 0 {
        texts.push(bytes_text(load.memory.into()));
    }
    if load.gpu > 0 {
        texts.push(format!("{} gpu", load.gpu));
    }
    if texts.is_empty() { "nothing".to_owned() } else { texts.join(", ") }
}

/// The name of a group of nodes, or its number in the list.
#[must_use]
pub fn group_name(capacity: &Capacity, index: usize) -> String {
    let name = capacity.nodes.get(index).and_then(|group| group.name.as_ref());
    name.map_or_else(|| format!("nodes[{index}]"), |name| name.value.clone())
}

/// `; web counts 0 cores: no requests`: what the sums leave out, and why.
pub(super) fn uncounted(claims: &[DemandClaim<'_>]) -> String {
    let counted = claims.iter().filter(|claim| claim.count > 0 && (claim.no_cpu || claim.no_memory));
    let missing: Vec<&DemandClaim<'_>> = counted.collect();
    match missing.as_slice() {
        [] => String::new(),
        [one] => {
            let what = match (one.no_cpu, one.no_memory) {
                (true, true) => "0",
                (true, false) => "0 cores",
                _ => "0 memory",
            };
            format!("; {} counts {what}: no requests", one.name)
        }
        many => format!("; {} services count 0 cores or memory: no requests", many.len()),
    }
}

pub(super) fn label(claim: &DemandClaim<'_>) -> String {
    match claim.service {
        Some(_) if claim.count == 1 => format!("1 replica of {}", claim.name),
        Some(_) => format!("{} replicas of {}", claim.count, claim.name),
        None => format!("memory of {}", claim.name),
    }
}

pub(super) fn label_nodes(mut finding: Finding, spec: &Spec) -> Finding {
    for group in spec.capacity.iter().flat_map(|capacity| &capacity.nodes).take(MAX_LABELS) {
        finding = finding.label(group.count.place(), plural(group.count.value, "node"));
    }
    finding
}
