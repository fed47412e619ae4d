//! Fewer servers behind nginx than replicas. Knows what the host form of the nginx target lists: one published port each.

use super::{Context, Group, Meta, Report};
use crate::diagnostic::{Finding, Severity};
use crate::model::{Part, Port, Service};

pub(super) const META: Meta =
    Meta { id: "unbalanced-upstream", severity: Severity::Warning, group: Group::Network, check: Some(check) };

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(nginx) = context.target("nginx") else { return };
    let exposed: Vec<&Service> = context.spec.services().filter(|service| service.expose.is_some()).collect();
    let on_host = match nginx.text("from") {
        Some((from, _)) => from == "host",
        None => exposed.iter().any(|service| first_published(service).is_some()),
    };
    if !on_host {
        return;
    }
    for service in exposed {
        if [Part::Replicas, Part::Ports, Part::Schedule].iter().any(|part| service.broken.has(*part)) {
            continue;
        }
        let peak = context.peak(service);
        let servers = if first_published(service).is_some() { service.fixed() } else { 0 };
        if servers < peak.value {
            report.push(
                finding(report, service, servers, peak.value).label(peak.place(), format!("{} replicas", peak.value)),
            );
        }
    }
}

fn first_published(service: &Service) -> Option<&Port> {
    service.ports.iter().find(|port| port.publish.is_some())
}

fn finding(report: &Report, service: &Service, servers: u32, replicas: u32) -> Finding {
    let (name, plural) = (&service.name, if replicas == 1 { "replica" } else { "replicas" });
    let worst = replicas - servers;
    match first_published(service) {
        // the range ends before the replicas do
        Some(port) => report
            .at(
                service.replicas.max.place(),
                format!("nginx lists {servers} servers for up to {replicas} {plural} of `{name}`"),
            )
            .label(port.publish.unwrap_or(port.port).place(), format!("published for {servers} replicas"))
            .help("write a fixed number of replicas, or `from: network` for nginx"),
        None => report
            .at(
                service.ports.first().map_or(service.at.key(), |port| port.port.place()),
                format!("nginx on the host reaches no port of `{name}`: 0 servers for {replicas} {plural}"),
            )
            .help(format!("add `publish` to a port of `{name}`, or write `from: network` for nginx")),
    }
    .worst(worst)
}
