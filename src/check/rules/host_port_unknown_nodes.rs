//! Several replicas that each take a port of the machine, where nobody says how many machines there are. Looks at manifests.

use super::{Context, Group, Meta, Report};
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;

pub(super) const META: Meta = Meta {
    id: "host-port-unknown-nodes",
    severity: Severity::Note,
    group: Group::Network,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    if context.nodes().is_some() {
        return;
    }
    for port in context.host_ports_replicated() {
        let (most, number) = (port.most, port.port.value);
        let message = format!(
            "{} of `{}`{} each take port {number} of a machine: with fewer than {most} machines one waits for ever",
            plural(most, "replica"),
            port.name,
            port.with_surge(),
        );
        let finding = report
            .at(port.port.at.place(), message)
            .label(port.replicas.place(), plural(port.replicas.value, "replica"))
            .help("take `hostPort` out and put a Service in front, or write a `maxSurge` of 0");
        report.push(finding);
    }
}
