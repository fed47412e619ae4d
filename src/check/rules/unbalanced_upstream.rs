//! Fewer servers behind nginx than replicas. Knows what the host form of the nginx target lists: one published port each.

use super::{Context, Group, Meta, Report};
use crate::inputs::compose::balancer;
use crate::model::{Port, Protocol, Service, ServiceField};
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;

pub(super) const META: Meta = Meta {
    id: "unbalanced-upstream",
    severity: Severity::Warning,
    group: Group::Network,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(balancer) = context.target_facts.balancer else { return };
    let exposed: Vec<&Service> = context.spec.services().filter(|service| service.expose.is_some()).collect();
    // as the target chooses: the host only where nginx is not a container and reaches all of them
    let chosen = || !in_container(context, balancer.listen) && exposed.iter().all(|own| published(own).is_some());
    if !balancer.on_host.unwrap_or_else(chosen) {
        return;
    }
    for service in exposed {
        if [ServiceField::Replicas, ServiceField::Ports, ServiceField::Schedule]
            .iter()
            .any(|part| service.broken.has(*part))
        {
            continue;
        }
        // the target refuses a service that publishes nothing
        let Some(port) = published(service) else { continue };
        let (servers, peak) = (service.fixed(), context.peak(service));
        if servers >= peak.value {
            continue;
        }
        let message = format!(
            "nginx lists {} for up to {} replicas of `{}`",
            plural(servers, "server"),
            peak.value,
            service.name
        );
        report.push(
            report
                .at(service.replicas.max.place(), message)
                .label(port.publish.unwrap_or(port.port).place(), format!("published for {servers}"))
                .label(peak.place(), format!("{} replicas", peak.value))
                .help("write a fixed number of replicas, or `from: network` for nginx")
                .rank(peak.value - servers),
        );
    }
}

/// Whether nginx itself is a container of the project.
fn in_container(context: &Context<'_>, listen: u16) -> bool {
    context.target_facts.beside.is_some_and(|base| balancer::in_project(base, listen).is_some())
        || context.spec.services().any(|service| balancer::is_balancer(service, listen))
}

/// The port that the target lists: its servers speak http, so a TCP one.
fn published(service: &Service) -> Option<&Port> {
    service.ports.iter().find(|port| port.protocol.value == Protocol::Tcp && port.publish.is_some())
}
