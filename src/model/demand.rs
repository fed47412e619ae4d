//! What workloads request of the machines, and what the machines have. Knows no rule and no target.

use super::placement::{Load, Nodes};
use super::{Service, ServiceField, Spec, Val};
use crate::support::source::FileSpan;

/// What one service, or one backing service, takes.
#[derive(Clone, Copy, Debug)]
pub struct DemandClaim<'s> {
    /// Its key.
    pub name: &'s str,
    /// The service; `None` for a backing service.
    pub service: Option<&'s Service>,
    /// What one replica takes: requests, else limits, else nothing.
    pub each: Load,
    /// How many replicas.
    pub count: u32,
    /// The place that sets the count; for a backing service its `memory`.
    pub at: FileSpan,
    /// Whether neither a request nor a limit says how many cores.
    pub no_cpu: bool,
    /// Whether neither a request nor a limit says how much memory.
    pub no_memory: bool,
}

/// The claim of a service at this number of replicas.
#[must_use]
pub fn of_service(service: &Service, count: Val<u32>) -> DemandClaim<'_> {
    let (cpu, memory, gpu) = (service.reserved_cpu(), service.reserved_memory(), service.reserved_gpu());
    DemandClaim {
        name: &service.name,
        service: Some(service),
        each: Load {
            cpu: cpu.map_or(0, |cpu| cpu.value.0).saturating_add(service.beside.cpu),
            memory: memory.map_or(0, |memory| memory.value.bytes).saturating_add(service.beside.memory),
            gpu: gpu.map_or(0, |gpu| u64::from(gpu.value)),
        },
        count: count.value,
        at: count.place(),
        no_cpu: cpu.is_none(),
        no_memory: memory.is_none(),
    }
}

/// The claims of the backing services that run on the machines: their memory, once.
pub fn of_backing(spec: &Spec) -> impl Iterator<Item = DemandClaim<'_>> {
    spec.backing.iter().filter(|backing| backing.external.is_none()).filter_map(|backing| {
        let memory = backing.memory?;
        Some(DemandClaim {
            name: &backing.name,
            service: None,
            each: Load { memory: memory.value.bytes, ..Load::default() },
            count: 1,
            at: memory.place(),
            no_cpu: false,
            no_memory: false,
        })
    })
}

/// The groups of nodes, less what is reserved on each; `None` if the spec has none or a part of it is broken.
#[must_use]
pub fn nodes(spec: &Spec) -> Option<Vec<Nodes>> {
    let capacity = spec.capacity.as_ref().filter(|capacity| !capacity.broken && !capacity.nodes.is_empty())?;
    let free = |group: &super::NodeGroup| Load {
        cpu: group.cpu.value.0.saturating_sub(group.reserved_cpu.map_or(0, |cpu| cpu.value.0)),
        memory: group.memory.value.bytes.saturating_sub(group.reserved_memory.map_or(0, |memory| memory.value.bytes)),
        gpu: group.gpu.map_or(0, |gpu| u64::from(gpu.value)),
    };
    Some(capacity.nodes.iter().map(|group| Nodes { free: free(group), count: u64::from(group.count.value) }).collect())
}

/// Whether every part that a sum of claims needs could be read.
#[must_use]
pub fn whole(spec: &Spec) -> bool {
    let parts = [
        ServiceField::Replicas,
        ServiceField::Resources,
        ServiceField::Schedule,
        ServiceField::Update,
        ServiceField::Kind,
    ];
    let broken = |service: &Service| parts.iter().any(|part| service.broken.has(*part));
    !spec.services().any(broken) && !spec.backing.iter().any(|backing| backing.broken)
}

/// Whether one replica fits some node.
#[must_use]
pub fn fits_a_node(each: Load, nodes: &[Nodes]) -> bool {
    nodes.iter().any(|group| group.count > 0 && group.free.fits(each))
}
