//! Several replicas in one network namespace. Reads the base's facts.

use super::{Context, Group, Meta, Report};
use crate::inputs::Network;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "host-network-replicated",
    severity: Severity::Error,
    group: Group::Network,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for replicated in context.replicated_on_machines() {
        let Some(network) = &replicated.member.facts.network else { continue };
        let (whose, key) = match &network.value {
            Network::Host => ("the host's network".to_owned(), "host".to_owned()),
            Network::Service(name) => (format!("the network of `{name}`"), format!("service:{name}")),
            Network::Container(name) => (format!("the network of the container `{name}`"), format!("container:{name}")),
            _ => continue,
        };
        let replicas = replicated.replicas;
        let message = format!("{replicas} replicas share {whose}, where each would bind the same ports");
        let (name, path) = (&replicated.member.name, &replicated.base.name);
        let finding = report
            .at(replicated.place, message)
            .label(network.place(), whose)
            .help(format!("remove `network_mode: {key}` from `{name}` in {path}, or run one replica"))
            .rank(replicas);
        report.push(finding);
    }
}
