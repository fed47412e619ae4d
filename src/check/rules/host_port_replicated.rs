//! More replicas than machines for a port of the machine. Looks at manifests; the machines stand in the spec.

use super::{Context, Group, Meta, Report};
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;

pub(super) const META: Meta = Meta {
    id: "host-port-replicated",
    severity: Severity::Error,
    group: Group::Network,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(nodes) = context.nodes() else { return };
    for port in context.host_ports_replicated() {
        if u64::from(port.most) <= nodes {
            continue;
        }
        let (most, number) = (port.most, port.port.value);
        let message = format!(
            "{} of `{}`{} each take port {number} of a machine, but there are {}",
            plural(most, "replica"),
            port.name,
            port.with_surge(),
            plural(u32::try_from(nodes).unwrap_or(u32::MAX), "machine"),
        );
        let finding = report
            .at(port.port.at.place(), message)
            .label(port.replicas.place(), plural(port.replicas.value, "replica"))
            .help("take `hostPort` out and put a Service in front, or run fewer replicas")
            .rank(most);
        report.push(finding);
    }
}
