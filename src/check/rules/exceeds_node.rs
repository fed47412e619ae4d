//! One replica larger than every node. What it reports is left out of the other capacity rules.

use super::{Context, Group, Meta, Report};
use crate::check::sums::{group_name, load_text};
use crate::model::demand::{self, DemandClaim};
use crate::model::placement::{Load, Nodes};
use crate::model::{Capacity, ServiceField};
use crate::support::diagnostic::{Finding, Severity};

pub(super) const META: Meta = Meta {
    id: "exceeds-node",
    severity: Severity::Error,
    group: Group::Capacity,
    suppressible: true,
    check: Some(check),
};

/// Groups of nodes that a message names and labels.
const MAX_GROUPS: usize = 4;

fn check(context: &Context<'_>, report: &mut Report) {
    let (Some(nodes), Some(capacity)) = (demand::nodes(context.spec), &context.spec.capacity) else { return };
    for service in context.spec.services() {
        let broken = [ServiceField::Resources, ServiceField::Replicas, ServiceField::Schedule];
        if broken.iter().any(|part| service.broken.has(*part)) {
            continue;
        }
        let claim = demand::of_service(service, context.peak(service));
        if claim.count == 0 || demand::fits_a_node(claim.each, &nodes) {
            continue;
        }
        let resources = if service.resources.written { service.resources.at.place() } else { service.at.key() };
        let (what, help) = describe(&claim, capacity, &nodes);
        let mut finding = report.at(resources, format!("one replica needs {what}"));
        let (cpu, memory, gpu) = (service.reserved_cpu(), service.reserved_memory(), service.reserved_gpu());
        let written = [
            cpu.map(|cpu| (cpu.place(), load_text(Load { cpu: cpu.value.0, ..Load::default() }))),
            memory.map(|memory| (memory.place(), memory.value.to_string())),
            gpu.map(|gpu| (gpu.place(), format!("{} gpu", gpu.value))),
        ];
        for (place, text) in written.into_iter().flatten() {
            finding = finding.label(place, format!("each replica {text}"));
        }
        report.push(label_groups(finding.help(help).rank(size(claim.each)), capacity, &nodes));
    }
    for claim in demand::of_backing(context.spec).filter(|claim| !demand::fits_a_node(claim.each, &nodes)) {
        let (what, help) = describe(&claim, capacity, &nodes);
        let finding = report.at(claim.at, format!("`{}` needs {what}", claim.name)).help(help);
        report.push(label_groups(finding.rank(size(claim.each)), capacity, &nodes));
    }
}

fn size(each: Load) -> i128 {
    i128::from(each.cpu) + i128::from(each.memory) + i128::from(each.gpu)
}

fn describe(claim: &DemandClaim<'_>, capacity: &Capacity, nodes: &[Nodes]) -> (String, String) {
    let size =
        |(index, group): (usize, &Nodes)| format!("{} has {}", group_name(capacity, index), load_text(group.free));
    let existing = nodes.iter().enumerate().filter(|(_, group)| group.count > 0);
    let mut sizes: Vec<String> = existing.clone().map(size).take(MAX_GROUPS).collect();
    let more = existing.count().saturating_sub(sizes.len());
    if more > 0 {
        sizes.push(format!("{more} more groups have no room either"));
    }
    if sizes.is_empty() {
        let needs = if claim.each == Load::default() { "a node".to_owned() } else { load_text(claim.each) };
        return (
            format!("{needs}; there are no nodes"),
            "write a `count` of 1 or more for a group of nodes".to_owned(),
        );
    }
    // cores, memory and GPUs may each fit somewhere, only not together
    let most =
        nodes.iter().filter(|group| group.count > 0).map(|group| group.free).fold(Load::default(), |most, size| Load {
            cpu: most.cpu.max(size.cpu),
            memory: most.memory.max(size.memory),
            gpu: most.gpu.max(size.gpu),
        });
    let help = if most.fits(claim.each) {
        format!("add a node with {} together", load_text(claim.each))
    } else {
        format!("ask for less than {}, or add a node that has it", load_text(claim.each))
    };
    (format!("{}; {}", load_text(claim.each), sizes.join(", ")), help)
}

fn label_groups(mut finding: Finding, capacity: &Capacity, nodes: &[Nodes]) -> Finding {
    for (group, nodes) in capacity.nodes.iter().zip(nodes).take(MAX_GROUPS) {
        let text = format!("room for {} on each of {}", load_text(nodes.free), nodes.count);
        finding = finding.label(group.at.place(), text);
    }
    finding
}
