//! Several replicas behind a route without a check that says whether each is ready. Looks at specs and manifests.

use super::{Context, Group, Meta, Report};
use crate::model::{Service, ServiceField};
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
    let Some(set) = context.manifests() else { return specs(context, report) };
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

/// Services of a spec. One without an image is a patch, whose base may ask.
fn specs(context: &Context<'_>, report: &mut Report) {
    let unread = [ServiceField::Expose, ServiceField::Health, ServiceField::Replicas];
    let read = |service: &&Service| !unread.iter().any(|part| service.broken.has(*part));
    for service in context.spec.services().filter(read) {
        let Some(expose) = service.expose.as_deref() else { continue };
        let most = context.peak(service);
        let unknown = service.image.is_none() && context.base.is_none();
        if most.value < 2 || service.health.is_some() || unknown {
            continue;
        }
        let message = format!(
            "{} of `{}` get requests from outside before any is known to be ready",
            plural(most.value, "replica"),
            service.name
        );
        let finding = report.at(expose.at.key(), message).label(most.place(), plural(most.value, "replica"));
        report.push(finding.help("write `health`, such as `health: { http: /ready }`"));
    }
}
