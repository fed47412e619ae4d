//! Resources that the services of a spec share, in the words of the simulator: connections of backing services and the machines.

use super::AutoscalerKind;
use crate::model::placement::{BUDGET, Load, Nodes, PlacementItem, PlacementVerdict, place};
use crate::model::{Backing, ClusterOptions, Connections, Service, Spec, demand};
use crate::simulate::together::{NodeAmounts, SharedKind, SharedThing, SharedThings};

/// The shared resources. Services without a load count at their most. If a part could not be read, nothing is summed.
#[must_use]
pub fn shared(spec: &Spec, cluster: Option<&ClusterOptions>, loaded: &[String]) -> SharedThings {
    if spec.services().any(|service| service.broken.any()) {
        return SharedThings::default();
    }
    let (played, others): (Vec<&Service>, Vec<&Service>) =
        spec.services().partition(|service| loaded.iter().any(|name| **name == *service.name));
    let is_fixed =
        |service: &Service| matches!(AutoscalerKind::present(spec, cluster, service), AutoscalerKind::Fixed(_));
    let most = |service: &Service| if is_fixed(service) { service.fixed() } else { service.peak() };
    let others: Vec<(&Service, u32)> = others.into_iter().map(|service| (service, most(service))).collect();
    let least = |service: &Service| if is_fixed(service) { service.fixed() } else { fewest(service) };
    let mut all = SharedThings::default();
    for backing in spec.backing.iter().filter(|backing| !backing.broken) {
        all.things.extend(connections(spec, backing, &played, (&others, &least)));
    }
    machines(spec, &played, &others, &mut all);
    if !all.things.is_empty() {
        all.others = others.iter().map(|(service, count)| (service.name.to_string(), *count)).collect();
    }
    all
}

/// Whether all replicas find a node.
#[must_use]
pub fn places(items: &[(NodeAmounts, u64)], nodes: &[(NodeAmounts, u64)]) -> bool {
    let load = |[cpu, memory, gpu]: NodeAmounts| Load { cpu, memory, gpu };
    let items: Vec<PlacementItem> =
        items.iter().map(|(each, count)| PlacementItem { each: load(*each), count: *count }).collect();
    let nodes: Vec<Nodes> = nodes.iter().map(|(free, count)| Nodes { free: load(*free), count: *count }).collect();
    place(&items, &nodes, BUDGET).verdict == PlacementVerdict::Fits
}

/// The fewest replicas that an autoscaler leaves.
fn fewest(service: &Service) -> u32 {
    service.ranges().map(|bounds| bounds.min.value).min().unwrap_or(0)
}

/// Services that are not played with their replicas, and the fewest replicas of a service.
type OtherServices<'a> = (&'a [(&'a Service, u32)], &'a dyn Fn(&Service) -> u32);

/// The connections of a backing service. `least` gives the fewest replicas of a service, which bound the connections of a pooler.
fn connections(
    spec: &Spec,
    backing: &Backing,
    played: &[&Service],
    (others, least): OtherServices<'_>,
) -> Option<SharedThing> {
    let each = |service: &Service| {
        let of = |entry: &Connections| {
            let slots = u64::from(entry.per_slot.value) * u64::from(service.slots_each());
            slots + u64::from(entry.per_replica.value)
        };
        service.connections.iter().filter(|entry| entry.to == backing.name).map(of).sum::<u64>()
    };
    let used = |service: &Service| service.connections.iter().any(|entry| entry.to == backing.name);
    if !spec.services().any(used) {
        return None;
    }
    let steady: u64 = others.iter().map(|(service, count)| each(service).saturating_mul(u64::from(*count))).sum();
    let poolers = spec.pooler(backing).map_or(1, |(_, service)| least(service).max(1));
    Some(SharedThing {
        kind: SharedKind::Connections,
        of: backing.name.clone(),
        steady: steady.saturating_add(u64::from(backing.reserved_connections.value)),
        each: played.iter().map(|service| (service.name.to_string(), each(service))).collect(),
        limit: backing.max_connections.map(|max| u64::from(max.value) * u64::from(poolers)),
    })
}

/// Cores, memory and GPUs of the nodes, each if some replica takes any.
fn machines(spec: &Spec, played: &[&Service], others: &[(&Service, u32)], all: &mut SharedThings) {
    let Some(nodes) = demand::nodes(spec).filter(|_| demand::whole(spec)) else { return };
    let amounts = |service: &Service| {
        let mut count = service.replicas.max;
        count.value = 1;
        demand::of_service(service, count).each.parts()
    };
    all.nodes = nodes.iter().map(|group| (group.free.parts(), group.count)).collect();
    all.each = played.iter().map(|service| (service.name.to_string(), amounts(service))).collect();
    all.steady = others.iter().map(|(service, count)| (amounts(service), u64::from(*count))).collect();
    all.steady.extend(demand::of_backing(spec).map(|claim| (claim.each.parts(), 1)));
    let kinds = [(SharedKind::Cpu, "cpu"), (SharedKind::Memory, "memory"), (SharedKind::Gpu, "gpu")];
    for (index, (kind, of)) in kinds.into_iter().enumerate() {
        let part = |amounts: &NodeAmounts| amounts.get(index).copied().unwrap_or(0);
        let sum = |list: &[(NodeAmounts, u64)]| {
            list.iter().map(|(each, count)| part(each).saturating_mul(*count)).fold(0, u64::saturating_add)
        };
        let thing = SharedThing {
            kind,
            of: of.to_owned(),
            steady: sum(&all.steady),
            each: all.each.iter().map(|(name, each)| (name.clone(), part(each))).collect(),
            limit: Some(sum(&all.nodes)),
        };
        if thing.steady > 0 || thing.each.values().any(|each| *each > 0) {
            all.things.push(thing);
        }
    }
}
