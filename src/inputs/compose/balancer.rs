//! Whether nginx runs in a container of the project whose services it balances. Ports of the machine lead nowhere then. Knows no target.

use crate::inputs::base::{BaseMember, BaseProject};
use crate::inputs::facts::Network;
use crate::inputs::images;
use crate::model::{Protocol, Service};

/// Where the images of nginx keep what they read.
const FOLDER: &str = "/etc/nginx";

/// The service of a project that is nginx and reads files of the machine, or answers on this port of the machine.
#[must_use]
pub fn in_project(base: &BaseProject, listen: u16) -> Option<&BaseMember> {
    base.services.iter().find(|member| {
        let image = member.view().image.as_ref().and_then(|image| image.value.as_deref());
        let nginx = image.is_some_and(|image| images::nginx(image).is_some());
        // on the network of the machine it is where the published ports are
        let host = member.facts.network.as_ref().is_some_and(|network| network.value == Network::Host);
        nginx && !host && (reads_files(member) || answers(member, listen))
    })
}

fn reads_files(member: &BaseMember) -> bool {
    let inside = |path: &str| path == FOLDER || path.strip_prefix(FOLDER).is_some_and(|rest| rest.starts_with('/'));
    member.facts.mounts.iter().filter_map(|mount| mount.target.as_deref()).any(inside)
}

fn answers(member: &BaseMember, listen: u16) -> bool {
    member.facts.host_ports.iter().any(|port| port.host.is_some_and(|(first, last)| (first..=last).contains(&listen)))
}

/// Whether a service of a spec is nginx that answers on this port of the machine, and is not itself balanced.
#[must_use]
pub fn is_balancer(service: &Service, listen: u16) -> bool {
    let nginx = service.image.as_ref().is_some_and(|image| images::nginx(&image.value).is_some());
    let tcp = service.ports.iter().filter(|port| port.protocol.value == Protocol::Tcp);
    let answers = tcp.filter_map(|port| port.publish).any(|publish| publish.value == listen);
    nginx && service.expose.is_none() && answers
}

/// Whether two services of a project have a network in common, so that one finds the other by its name.
#[must_use]
pub fn share_network(one: &BaseMember, other: &BaseMember) -> bool {
    let networks = |member: &BaseMember| -> Vec<String> {
        let named: Vec<String> = member.view().networks.iter().map(|network| network.name.clone()).collect();
        if named.is_empty() { vec!["default".to_owned()] } else { named }
    };
    let others = networks(other);
    networks(one).iter().any(|network| others.contains(network))
}
