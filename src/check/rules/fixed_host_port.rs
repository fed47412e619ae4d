//! Host ports of the base file that several replicas cannot share. Compose writes fixed numbers, so ranges do not matter.

use super::{Context, Group, Meta, Report};
use crate::inputs::compose::{BasePort, range_text};
use crate::model::Part;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "fixed-host-port",
    severity: Severity::Warning,
    group: Group::Network,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(base) = context.base else { return };
    for service in context.spec.services() {
        let replicas = service.fixed();
        let broken = service.broken.has(Part::Replicas) || service.broken.has(Part::Ports);
        let Some(in_base) = base.service(&service.name).filter(|_| !broken) else { continue };
        let going: Vec<&BasePort> = in_base
            .ports
            .iter()
            .filter(|port| shared_by(port).is_some_and(|most| most < replicas))
            .filter(|port| !service.publishes(port.container, port.protocol))
            .collect();
        let Some(first) = going.first() else { continue };
        let texts: Vec<String> = going.iter().map(|port| text(port)).collect();
        let (plural, go) = if going.len() == 1 { ("", "lets it go") } else { ("s", "lets them go") };
        let message = format!(
            "{replicas} replicas cannot share host port{plural} {} of {}: the override {go}",
            texts.join(", "),
            base.path
        );
        let mut finding = report
            .at(service.fixed_place(), message)
            .help(format!(
                "write `publish` at port {} of `{}`, the first host port of a range of {replicas}",
                first.container.0, service.name
            ))
            .rank(replicas);
        for port in going {
            finding = finding.label(port.at.place(), format!("host port {}", text(port)));
        }
        report.push(finding);
    }
}

/// How many replicas can have one of its host ports each; `None` if it asks for no host port.
fn shared_by(port: &BasePort) -> Option<u32> {
    // a range to a range is bound one to one; what hangs on a variable is one port for all that is known
    match port.host {
        Some((first, last)) if port.container.0 == port.container.1 => Some(u32::from(last - first) + 1),
        Some(_) => Some(1),
        None => port.unknown_host.then_some(1),
    }
}

fn text(port: &BasePort) -> String {
    port.host.map_or_else(|| format!("${{…}}:{}", range_text(port.container)), range_text)
}
