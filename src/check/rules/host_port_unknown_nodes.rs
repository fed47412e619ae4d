//! Several replicas that each take a port of the machine, if the number of machines is unknown. Looks at manifests.

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
    for taken in context.host_ports_replicated() {
        let short = if taken.machines == 2 { "one machine" } else { "fewer" };
        let than = if taken.machines == 2 { String::new() } else { format!(" than {} machines", taken.machines) };
        for port in &taken.ports {
            let message = format!("{}: with {short}{than} one waits forever", taken.words(*port));
            let finding = report
                .at(port.at.place(), message)
                .label(taken.replicas.place(), plural(taken.replicas.value, "replica"))
                .help(taken.help());
            report.push(finding);
        }
    }
}
