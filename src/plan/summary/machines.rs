//! The machines: what they have for workloads, the used share, their cost, and the placement. Knows no service's
//! fields but the requests of one replica.

use super::sums::{self, Moment, Total};
use super::{Fact, PerResource};
use crate::model::placement::{BUDGET, Load, Nodes, PlacementItem, PlacementVerdict, place};
use crate::model::{Capacity, Spec, demand};

/// The machines and their use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machines {
    /// How many machines.
    pub nodes: u64,
    /// The capacity for workloads, and the most that is used.
    pub shares: PerResource<TakenShare>,
    /// The cost for a month, in billionths of the currency's unit, and how many machines have a price.
    pub price: Option<(u128, u64)>,
    /// One placement; `None` if a number it needs is unknown.
    pub placed: Option<Placed>,
}

/// The use of one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenShare {
    /// The capacity.
    pub of: u128,
    /// The most that is used.
    pub used: Fact<u128>,
    /// When that is; `None` outside every window.
    pub when: Option<String>,
}

impl TakenShare {
    /// The share in thousandths, rounded up; `None` if it is unknown, or there is no capacity.
    #[must_use]
    pub fn permille(&self) -> Option<u128> {
        let used = self.used.value()?;
        used.saturating_mul(1000).checked_add(self.of.saturating_sub(1))?.checked_div(self.of)
    }
}

/// One placement at the fullest moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The moment; `None` outside every window.
    pub when: Option<String>,
    /// Machines that hold the same, in the order of their groups.
    pub nodes: Vec<Holds>,
    /// Replicas without a machine: name and count.
    pub left: Vec<(String, u64)>,
    /// Whether it is proved that some replica has no machine.
    pub impossible: bool,
}

/// Equal machines that hold the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holds {
    /// Their group's name, or its place in the list.
    pub group: String,
    /// How many.
    pub count: u64,
    /// Name and count of the replicas that one holds.
    pub holds: Vec<(String, u64)>,
}

pub(super) fn machines(spec: &Spec, fullest: &Fullest, most: &Total) -> Option<Fact<Machines>> {
    let capacity = spec.capacity.as_ref()?;
    if capacity.broken {
        return Some(Fact::Unknown);
    }
    let nodes = demand::nodes(spec)?;
    let supply = supply(&nodes);
    let (all, when) = (most.all, most.when.clone());
    let share = |of, used, when| TakenShare { of, used, when };
    Some(Fact::Is(Machines {
        nodes: nodes.iter().map(|group| group.count).sum(),
        shares: PerResource {
            cpu: share(supply.cpu, all.cpu, when.cpu),
            memory: share(supply.memory, all.memory, when.memory),
            gpu: share(supply.gpu, all.gpu, when.gpu),
        },
        price: price(capacity),
        placed: placed(capacity, &nodes, fullest),
    }))
}

/// What the machines have together for workloads.
fn supply(nodes: &[Nodes]) -> PerResource<u128> {
    let sum = |pick: fn(Load) -> u64| {
        nodes.iter().map(|group| u128::from(pick(group.free)) * u128::from(group.count)).fold(0, u128::saturating_add)
    };
    PerResource { cpu: sum(|free| free.cpu), memory: sum(|free| free.memory), gpu: sum(|free| free.gpu) }
}

fn price(capacity: &Capacity) -> Option<(u128, u64)> {
    let priced = capacity.nodes.iter().filter_map(|group| Some((group.price?, group.count.value)));
    priced.fold(None, |sum, (price, count)| {
        let (total, nodes) = sum.unwrap_or((0, 0));
        Some((total + u128::from(price.value.0) * u128::from(count), nodes + u64::from(count)))
    })
}

/// Finds the shares, the moment, and the replicas to place.
type Full = ((u128, u128), Option<String>, Vec<(String, PlacementItem)>);

/// The moment with the largest share of any resource; among equals, the one that uses most of everything.
pub(super) struct Fullest {
    nodes: Option<Vec<Nodes>>,
    found: Option<Full>,
    /// Whether a number was unknown at some moment.
    unknown: bool,
}

impl Fullest {
    pub fn of(spec: &Spec) -> Fullest {
        Fullest { nodes: demand::nodes(spec), found: None, unknown: false }
    }

    pub fn raise(&mut self, spec: &Spec, moment: &Moment, backing: &[(String, Fact<u64>)]) {
        let Some(nodes) = self.nodes.as_ref().filter(|_| !self.unknown) else { return };
        let Some(items) = items(spec, moment, backing) else {
            self.unknown = true;
            return;
        };
        let share = fullness(&items, nodes);
        if self.found.as_ref().is_none_or(|(most, ..)| share > *most) {
            let items = items.into_iter().map(|(name, item)| (name.to_owned(), item)).collect();
            self.found = Some((share, moment.when.clone(), items));
        }
    }
}

fn placed(capacity: &Capacity, nodes: &[Nodes], fullest: &Fullest) -> Option<Placed> {
    let (_, when, named) = fullest.found.as_ref().filter(|_| !fullest.unknown)?;
    let items: Vec<PlacementItem> = named.iter().map(|(_, item)| *item).collect();
    let outcome = place(&items, nodes, BUDGET);
    let name = |(index, count): &(usize, u64)| Some((named.get(*index)?.0.clone(), *count));
    let names = |held: &[(usize, u64)]| {
        let mut held = held.to_vec();
        held.sort_unstable();
        held.iter().filter_map(name).collect::<Vec<_>>()
    };
    let holds = outcome.best.bins.iter().map(|bin| Holds {
        group: group_name(capacity, bin.group),
        count: bin.nodes,
        holds: names(&bin.holds),
    });
    Some(Placed {
        when: when.clone(),
        nodes: holds.filter(|node| !node.holds.is_empty()).collect(),
        left: names(&outcome.best.left),
        impossible: outcome.verdict == PlacementVerdict::Impossible,
    })
}

fn group_name(capacity: &Capacity, index: usize) -> String {
    let name = capacity.nodes.get(index).and_then(|group| group.name.as_ref());
    name.map_or_else(|| format!("nodes[{index}]"), |name| name.value.clone())
}

/// Everything to place at one moment; `None` if a number is unknown.
fn items<'s>(
    spec: &'s Spec,
    moment: &Moment,
    backing: &'s [(String, Fact<u64>)],
) -> Option<Vec<(&'s str, PlacementItem)>> {
    let part = |fact: Fact<u64>| match fact {
        Fact::Is(amount) => Some(amount),
        Fact::Unset => Some(0),
        Fact::Unknown => None,
    };
    let mut items = Vec::new();
    for (service, bounds) in spec.services.iter().zip(&moment.bounds) {
        let each = sums::reserved(service);
        let each = Load { cpu: part(each.cpu)?, memory: part(each.memory)?, gpu: part(each.gpu)? };
        items.push((&*service.name, PlacementItem { each, count: bounds.value()?.max }));
    }
    for (name, memory) in backing {
        let each = Load { memory: part(*memory)?, ..Load::default() };
        items.push((name.as_str(), PlacementItem { each, count: 1 }));
    }
    Some(items)
}

/// The largest share of anything and the sum of the shares, in 2^-20ths.
fn fullness(items: &[(&str, PlacementItem)], nodes: &[Nodes]) -> (u128, u128) {
    let mut used = [0u128; 3];
    for (_, item) in items {
        for (sum, each) in used.iter_mut().zip(item.each.parts()) {
            *sum = sum.saturating_add(u128::from(each) * u128::from(item.count));
        }
    }
    let PerResource { cpu, memory, gpu } = supply(nodes);
    let shares = used.into_iter().zip([cpu, memory, gpu]).map(|(used, total)| {
        match used.saturating_mul(1 << 20).checked_div(total) {
            Some(share) => share,
            None if used == 0 => 0,
            None => u128::MAX,
        }
    });
    shares.fold((0, 0), |(most, sum), share| (most.max(share), sum.saturating_add(share)))
}
