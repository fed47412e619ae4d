//! The sums fit, but no placement of replicas on nodes does. Also reports `placement-not-found`, its weaker form.

use super::{Context, Group, Meta, Report};
use crate::check::sums::{Demands, PlacingFailure};
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;

pub(super) const META: Meta = Meta {
    id: "unplaceable",
    severity: Severity::Error,
    group: Group::Capacity,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    one_per_node(context, report);
    let Some(demands) = Demands::of(context.scope(), |_, _| 0) else { return };
    let Some(failure) = PlacingFailure::of(&demands) else { return };
    let finding = if failure.is_proved() {
        failure.finding(|at, message| report.at(at, message), "")
    } else {
        failure.finding(|at, message| super::finding("placement-not-found", at, message), "")
    };
    report.push(finding);
}

/// Pods of a manifest that each need a machine of their own.
fn one_per_node(context: &Context<'_>, report: &mut Report) {
    let Some(nodes) = context.nodes() else { return };
    for workload in context.apart().iter().filter(|workload| workload.machines > nodes) {
        let replicas = u64::from(workload.replicas.value);
        let surge = if workload.machines > replicas { " and one more in a rollout, which waits for it" } else { "" };
        let message = format!(
            "no two of `{}` may share a machine: {}{surge} need {}, and there are {}",
            workload.name,
            plural(replicas, "replica"),
            plural(workload.machines, "machine"),
            plural(nodes, "node"),
        );
        let finding = report
            .at(workload.rule.key(), message)
            .label(workload.replicas.place(), plural(replicas, "replica"))
            .help("write `preferredDuringSchedulingIgnoredDuringExecution`, run fewer replicas, or write a `maxUnavailable` of 1")
            .rank(workload.machines - nodes);
        report.push(finding);
    }
}
