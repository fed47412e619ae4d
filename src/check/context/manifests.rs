//! What several rules on manifests ask alike: ports of machines, amounts of pods. Knows no rule.

use super::Context;
use crate::inputs::kubernetes::{ManifestSet, ManifestWorkload, PodContainer};
use crate::model::{Backing, Service, ServiceField, Val};
use crate::support::source::FieldSpan;
use std::collections::HashMap;

/// A workload of which no two pods may share a machine.
#[derive(Clone, Copy, Debug)]
pub struct ApartWorkload<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where the rule is.
    pub rule: FieldSpan,
    /// The most replicas, without a rollout.
    pub replicas: Val<u32>,
    /// How many machines must be there, so that none waits forever.
    pub machines: u64,
}

/// Ports of the machine that several replicas of one workload take.
#[derive(Clone, Debug)]
pub struct ReplicatedHostPorts<'a> {
    /// The workload's name.
    pub name: &'a str,
    /// The ports, at least one.
    pub ports: Vec<Val<u16>>,
    /// The most replicas, without a rollout.
    pub replicas: Val<u32>,
    /// How many machines must be there, so that none waits forever.
    pub machines: u64,
    /// What makes them ports of the machine: `hostNetwork` of the pod, if no container writes a `hostPort`.
    pub field: &'static str,
}

impl ReplicatedHostPorts<'_> {
    /// For messages: who takes a port.
    #[must_use]
    pub fn words(&self, port: Val<u16>) -> String {
        let (name, replicas) = (self.name, self.replicas.value);
        let who = match replicas {
            1 => format!("the replica of `{name}` takes"),
            _ => format!("{replicas} replicas of `{name}` each take"),
        };
        let waits = if self.is_surge() { ", and a rollout waits for a new one before an old one stops" } else { "" };
        format!("{who} port {} of a machine{waits}", port.value)
    }

    /// Whether a rollout needs a machine more than the replicas do.
    #[must_use]
    pub fn is_surge(&self) -> bool {
        self.machines > u64::from(self.replicas.value)
    }

    /// What helps without another machine.
    #[must_use]
    pub fn help(&self) -> String {
        let or = if self.is_surge() { ", or write a `maxUnavailable` of 1" } else { "" };
        format!("take `{}` out and put a Service in front{or}", self.field)
    }
}

/// How many pods of the workloads of a set run.
#[derive(Debug)]
pub struct RunningPods<'a> {
    set: &'a ManifestSet,
    of_spec: HashMap<&'a str, &'a Service>,
}

impl RunningPods<'_> {
    /// Least and most, with the places that set them; `None` if that is not known.
    #[must_use]
    pub fn of(&self, workload: usize) -> Option<(Val<u32>, Val<u32>)> {
        let Some(service) = self.service(workload).filter(|service| service.replicas_of_spec().is_some()) else {
            return self.set.running(workload);
        };
        let known = !service.broken.has(ServiceField::Replicas);
        known.then_some((service.replicas.min, service.replicas.max))
    }

    /// The effective service of a workload, if there is a spec.
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

    /// How many pods of each workload run, by its place in the set: with what a spec says, if there is one.
    #[must_use]
    pub fn running(&self, set: &'a ManifestSet) -> RunningPods<'a> {
        let of_spec = self.spec.services().filter(|_| !self.foreign);
        RunningPods { set, of_spec: of_spec.map(|service| (&*service.name, service)).collect() }
    }

    /// What services depend on: those of the spec, or what the files of another tool run for it.
    pub fn backing(&self) -> impl Iterator<Item = &'a Backing> {
        let foreign = self.base.filter(|_| self.foreign).map_or(&[][..], |base| &base.services);
        self.spec.backing.iter().chain(foreign.iter().filter_map(|member| member.backing.as_deref()))
    }

    /// How many machines there are, as the spec counts them, or a dump of a cluster lists them; `None` if neither does.
    #[must_use]
    pub fn nodes(&self) -> Option<u64> {
        let Some(capacity) = self.spec.capacity.as_ref().filter(|capacity| !capacity.broken) else {
            let all = self.manifests()?.manifests.iter();
            let nodes =
                all.filter(|manifest| manifest.live && manifest.kind == "Node" && manifest.group.is_empty()).count();
            return u64::try_from(nodes).ok().filter(|nodes| *nodes > 0);
        };
        Some(capacity.nodes.iter().map(|group| u64::from(group.count.value)).sum())
    }

    /// Workloads of which no two pods may share a machine: their name, the rule, the most replicas and how many machines they need.
    #[must_use]
    pub fn apart(&self) -> Vec<ApartWorkload<'a>> {
        let Some(set) = self.manifests() else { return Vec::new() };
        let over = self.laid_over();
        let spread = |(index, workload): (usize, &'a ManifestWorkload)| {
            let rule = workload.pod.one_per_node?;
            let replicas = self.most_of(set, index, &over)?;
            let machines = machines(workload, replicas.value);
            Some(ApartWorkload { name: &workload.object.name, rule, replicas, machines })
        };
        set.workloads.iter().enumerate().filter_map(spread).collect()
    }

    /// The services of a spec that is laid over the manifests, by name.
    fn laid_over(&self) -> HashMap<&'a str, &'a Service> {
        let spec = self.spec;
        let all = spec.services().filter(|service| !self.foreign && !service.is_base_only());
        all.map(|service| (&*service.name, service)).collect()
    }

    /// The most replicas of a workload, by the spec that is laid over it if there is one.
    fn most_of(&self, set: &ManifestSet, index: usize, over: &HashMap<&str, &Service>) -> Option<Val<u32>> {
        let (_, replicas) = set.running(index)?;
        let name = set.workloads.get(index)?.object.name.as_str();
        Some(over.get(name).map_or(replicas, |service| self.peak(service)))
    }

    /// Workloads whose replicas take ports of the machine and need more than one machine at some time.
    ///
    /// A rollout that may stop an old replica first goes through on as many machines as there are replicas: the port that it frees is
    /// the new one's. One that may not stops if no machine is free, and goes through with a single one more.
    #[must_use]
    pub fn host_ports_replicated(&self) -> Vec<ReplicatedHostPorts<'a>> {
        let Some(set) = self.base_manifests() else { return Vec::new() };
        let (mut all, over) = (Vec::new(), self.laid_over());
        for (index, workload) in set.workloads.iter().enumerate() {
            let Some(replicas) = self.most_of(set, index, &over) else { continue };
            let name = workload.object.name.as_str();
            let machines = machines(workload, replicas.value);
            let ports = if machines < 2 { Vec::new() } else { host_ports(workload) };
            if !ports.is_empty() {
                let field = if writes_host_port(workload) { "hostPort" } else { "hostNetwork" };
                all.push(ReplicatedHostPorts { name, ports, replicas, machines, field });
            }
        }
        all
    }
}

/// How many machines replicas need of which each takes one for itself: one more where a rollout waits for a new one first.
fn machines(workload: &ManifestWorkload, replicas: u32) -> u64 {
    let (surge, unavailable) = workload.strategy.at_once(replicas);
    let waits = workload.strategy.rolling && replicas > 0 && surge > 0 && unavailable == 0;
    u64::from(replicas) + u64::from(waits)
}

fn writes_host_port(workload: &ManifestWorkload) -> bool {
    workload.pod.running().flat_map(|container| &container.ports).any(|port| port.host.is_some())
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
