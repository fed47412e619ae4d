//! What several rules on manifests ask alike: ports of machines, amounts of pods. Knows no rule.

use super::Context;
use crate::inputs::kubernetes::{ManifestSet, ManifestWorkload, PodContainer};
use crate::model::{Backing, Val};

/// A port of the machine that several replicas take.
#[derive(Clone, Copy, Debug)]
pub struct ReplicatedHostPort<'a> {
    /// The workload's name.
    pub name: &'a str,
    /// The port.
    pub port: Val<u16>,
    /// The most replicas, without a rollout.
    pub replicas: Val<u32>,
    /// The most replicas, those of a rollout included.
    pub most: u32,
}

impl ReplicatedHostPort<'_> {
    /// For messages: what of the replicas a rollout adds.
    #[must_use]
    pub fn with_surge(&self) -> String {
        match self.most - self.replicas.value {
            0 => String::new(),
            surge => format!(" ({} and {surge} more in a rollout)", self.replicas.value),
        }
    }
}

impl<'a> Context<'a> {
    /// The manifests that are checked without a spec.
    #[must_use]
    pub fn manifests(&self) -> Option<&'a ManifestSet> {
        self.base?.manifests.as_deref()
    }

    /// What services lean on: those of the spec, or what the files of another tool run for it.
    pub fn backing(&self) -> impl Iterator<Item = &'a Backing> {
        let foreign = self.base.filter(|_| self.foreign).map_or(&[][..], |base| &base.services);
        self.spec.backing.iter().chain(foreign.iter().filter_map(|member| member.backing.as_ref()))
    }

    /// How many machines there are; none where nobody says so.
    #[must_use]
    pub fn nodes(&self) -> Option<u64> {
        let capacity = self.spec.capacity.as_ref().filter(|capacity| !capacity.broken)?;
        Some(capacity.nodes.iter().map(|group| u64::from(group.count.value)).sum())
    }

    /// Ports of the machine that more than one replica takes at some time.
    #[must_use]
    pub fn host_ports_replicated(&self) -> Vec<ReplicatedHostPort<'a>> {
        let Some(set) = self.manifests() else { return Vec::new() };
        let mut all = Vec::new();
        for (index, workload) in set.workloads.iter().enumerate() {
            let Some((_, replicas)) = set.running(index) else { continue };
            let rolling = workload.strategy.rolling && replicas.value > 0;
            let surge = if rolling { workload.strategy.at_once(replicas.value).0 } else { 0 };
            let most = replicas.value.saturating_add(surge);
            if most < 2 {
                continue;
            }
            let name = workload.object.name.as_str();
            all.extend(host_ports(workload).into_iter().map(|port| ReplicatedHostPort { name, port, replicas, most }));
        }
        all
    }
}

/// The ports of the machine that one pod takes, each once.
fn host_ports(workload: &ManifestWorkload) -> Vec<Val<u16>> {
    let network = workload.pod.host_network.is_some_and(|own| own.value);
    let ports = workload.pod.running().flat_map(|container: &PodContainer| &container.ports);
    // on the network of the machine each port of a container is one of the machine
    let own = ports.filter_map(|port| port.host.or(network.then_some(port.port)).map(|host| (host, port.protocol)));
    let mut known = Vec::new();
    let mut all = Vec::new();
    for (host, protocol) in own {
        if !known.contains(&(host.value, protocol)) {
            known.push((host.value, protocol));
            all.push(host);
        }
    }
    all
}
