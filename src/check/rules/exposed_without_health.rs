//! Several replicas behind a route without a question whether each is ready. Looks at manifests.

use super::{Context, Group, Meta, Report};
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;

pub(super) const META: Meta = Meta {
    id: "exposed-without-health",
    severity: Severity::Note,
    group: Group::Network,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(set) = context.base_manifests() else { return };
    let running = context.running(set);
    for (index, (workload, links)) in set.workloads.iter().zip(&set.links).enumerate() {
        let Some(route) = links.routes.iter().find_map(|route| set.routes.get(*route)) else { continue };
        let Some((_, most)) = running.of(index) else { continue };
        let asked = workload.pod.running().any(|container| container.readiness.is_some())
            || running.service(index).is_some_and(|service| service.health.is_some());
        if most.value < 2 || asked {
            continue;
        }
        let name = &workload.object.name;
        let message = format!(
            "{} of `{name}` get requests from {}/{} before any is known to be ready",
            plural(most.value, "replica"),
            route.object.kind,
            route.object.name
        );
        let finding = report
            .at(workload.at.place(), message)
            .label(most.place(), plural(most.value, "replica"))
            .label(route.at.place(), "leads to it")
            .help("add a `readinessProbe` to its container");
        report.push(finding);
    }
}
