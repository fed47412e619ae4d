//! Proves without a search that no placement exists. Knows only loads and counts.

use super::{Load, Nodes, ReplicaKind};

/// Kinds × groups beyond which only the sums are compared.
const MAX_PAIRS: usize = 1_000_000;

/// Whether some bound shows that the kinds cannot all be on the nodes. `false` proves nothing.
pub(super) fn excluded(kinds: &[ReplicaKind], nodes: &[Nodes]) -> bool {
    if kinds.len().saturating_mul(nodes.len()) > MAX_PAIRS {
        return too_much(kinds.iter(), nodes.iter());
    }
    too_much(kinds.iter(), nodes.iter()) || (0..3).any(|resource| too_many(kinds, nodes, resource))
}

/// Whether the sum of some resource is above what the nodes can hold of it. The rest of a node beyond a multiple of the
/// greatest common divisor of all amounts is unusable.
pub(super) fn too_much<'k>(
    kinds: impl Iterator<Item = &'k ReplicaKind> + Clone,
    nodes: impl Iterator<Item = &'k Nodes> + Clone,
) -> bool {
    (0..3).any(|resource| {
        let mut demand = 0u128;
        let mut divisor = 0u64;
        for kind in kinds.clone().filter(|kind| kind.count > 0) {
            let amount = part(kind.each, resource);
            demand = demand.saturating_add(u128::from(amount) * u128::from(kind.count));
            divisor = common(divisor, amount);
        }
        let usable = |free: u64| free - free.checked_rem(divisor).unwrap_or(0);
        let supply =
            nodes.clone().map(|group| u128::from(usable(part(group.free, resource))) * u128::from(group.count));
        demand > supply.fold(0u128, u128::saturating_add)
    })
}

/// Looks at the kinds that take at least this much of one resource: whether they are more than the nodes can hold by number,
/// or more than the nodes with this much of it can hold by sum.
fn too_many(kinds: &[ReplicaKind], nodes: &[Nodes], resource: usize) -> bool {
    let mut sorted: Vec<&ReplicaKind> = kinds.iter().filter(|kind| part(kind.each, resource) > 0).collect();
    sorted.sort_by_key(|kind| std::cmp::Reverse(part(kind.each, resource)));
    let mut number = 0u128;
    let mut sums = [0u128; 3];
    let mut least = Load { cpu: u64::MAX, memory: u64::MAX, gpu: u64::MAX };
    for kind in sorted {
        number += u128::from(kind.count);
        for (sum, amount) in sums.iter_mut().zip(kind.each.parts()) {
            *sum = sum.saturating_add(u128::from(amount) * u128::from(kind.count));
        }
        least = Load {
            cpu: least.cpu.min(kind.each.cpu),
            memory: least.memory.min(kind.each.memory),
            gpu: least.gpu.min(kind.each.gpu),
        };
        let mut slots = 0u128;
        let mut supply = [0u128; 3];
        for group in nodes.iter().filter(|group| part(group.free, resource) >= part(kind.each, resource)) {
            slots = slots.saturating_add(u128::from(group.free.times(least)) * u128::from(group.count));
            for (sum, free) in supply.iter_mut().zip(group.free.parts()) {
                *sum = sum.saturating_add(u128::from(free) * u128::from(group.count));
            }
        }
        if number > slots || sums.iter().zip(supply).any(|(sum, supply)| *sum > supply) {
            return true;
        }
    }
    false
}

fn part(load: Load, resource: usize) -> u64 {
    load.parts().get(resource).copied().unwrap_or(0)
}

/// The greatest common divisor; of nothing and a number it is the number.
fn common(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}
