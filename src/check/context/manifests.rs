//! What several rules on manifests ask alike: ports of machines, amounts of pods. Knows no rule.

use super::Context;
use crate::inputs::kubernetes::{ManifestSet, ManifestWorkload, PodContainer};
use crate::model::{Backing, Service, ServiceField, Val};
use std::collections::HashMap;

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

/// How many pods of the workloads of a set run.
#[derive(Debug)]
pub struct RunningPods<'a> {
    set: &'a ManifestSet,
    of_spec: HashMap<&'a str, &'a Service>,
}

impl RunningPods<'_> {
    /// Least and most, with the places that set them; none where that is not known.
    #[must_use]
    pub fn of(&self, workload: usize) -> Option<(Val<u32>, Val<u32>)> {
        let Some(service) = self.service(workload).filter(|service| service.replicas_of_spec().is_some()) else {
            return self.set.running(workload);
        };
        let known = !service.broken.has(ServiceField::Replicas);
        known.then_some((service.replicas.min, service.replicas.max))
    }

    /// The effective service of a workload, where there is a spec.
    #[must_use]
    pub fn service(&self, workload: usize) -> Option<&Service> {
        let name = self.set.names.get(workload)?.as_deref()?;
        self.of_spec.get(name).copied()
    }
}

impl<'a> Context<'a> {
    /// The manifests that are checked without a spec: their workloads are judged object by object.
    #[must_use]
    pub fn manifests(&self) -> Option<&'a ManifestSet> {
        self.base_manifests().filter(|_| self.foreign)
    }

    /// The manifests that are checked, or that a spec is laid over.
    #[must_use]
    pub fn base_manifests(&self) -> Option<&'a ManifestSet> {
        self.base?.manifests.as_deref()
    }

    /// How many pods of each workload run, by its place in the set: with what a spec says, where there is one.
    #[must_use]
    pub fn running(&self, set: &'a ManifestSet) -> RunningPods<'a> {
        let of_spec = self.spec.services().filter(|_| !self.foreign);
        RunningPods { set, of_spec: of_spec.map(|service| (service.name.as_str(), service)).collect() }
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
        let Some(set) = self.base_manifests() else { return Vec::new() };
        let running = self.running(set);
        let mut all = Vec::new();
        for (index, workload) in set.workloads.iter().enumerate() {
            let Some((_, replicas)) = running.of(index) else { continue };
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
