//! More replicas that each take a port of the machine than there are machines. Looks at manifests under a spec that counts the nodes.

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
    for taken in context.host_ports_replicated().iter().filter(|taken| taken.machines > nodes) {
        for port in &taken.ports {
            let message = format!(
                "{}: {} machines are needed, and there are {}, so one waits forever",
                taken.words(*port),
                taken.machines,
                plural(nodes, "node")
            );
            let finding = report
                .at(port.at.place(), message)
                .label(taken.replicas.place(), plural(taken.replicas.value, "replica"))
                .help(taken.help())
                .rank(taken.machines - nodes);
            report.push(finding);
        }
    }
}
