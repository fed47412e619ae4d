//! Several replicas on the host's own network. Reads the base file's facts.

use super::{Context, Group, Meta, Report};
use crate::model::Part;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "host-network-replicated",
    severity: Severity::Error,
    group: Group::Network,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(base) = context.base else { return };
    for service in context.spec.services() {
        let replicas = service.fixed();
        let in_base = base.service(&service.name).filter(|_| replicas > 1 && !service.broken.has(Part::Replicas));
        let Some(at) = in_base.and_then(|service| service.host_network) else { continue };
        let message = format!("{replicas} replicas share the host's network, where each would bind the same ports");
        let finding = report
            .at(service.fixed_place(), message)
            .label(at.place(), "the host's own network")
            .help(format!("remove `network_mode: host` from `{}` in {}, or run one replica", service.name, base.path))
            .rank(replicas);
        report.push(finding);
    }
}
