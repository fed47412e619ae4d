//! Finds which replica goes on which node: exact within a budget of steps. Knows no service, no state and no rule.
//!
//! Equal replicas and equal nodes are numbers, never lists. First-fit in several orders finds a placement in the usual
//! case; where it fails, bounds and then an exhaustive search over counts prove that there is none.

mod bounds;
mod greedy;
mod search;

/// The demand of one replica, or the capacity of one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Load {
    /// Billionths of a core.
    pub cpu: u64,
    /// Bytes.
    pub memory: u64,
    /// Whole GPUs.
    pub gpu: u64,
}

impl Load {
    /// The three amounts, in the order of the fields.
    #[must_use]
    pub fn parts(self) -> [u64; 3] {
        [self.cpu, self.memory, self.gpu]
    }

    /// Whether `each` fits inside.
    #[must_use]
    pub fn fits(self, each: Load) -> bool {
        each.cpu <= self.cpu && each.memory <= self.memory && each.gpu <= self.gpu
    }

    /// How many of `each` fit inside; `u64::MAX` if `each` is zero.
    #[must_use]
    pub fn times(self, each: Load) -> u64 {
        let amounts = self.parts().into_iter().zip(each.parts());
        amounts.filter_map(|(free, each)| free.checked_div(each)).min().unwrap_or(u64::MAX)
    }

    /// What is left when `count` of `each` are taken out; never below zero.
    #[must_use]
    pub fn minus(self, each: Load, count: u64) -> Load {
        let left = |free: u64, each: u64| free.saturating_sub(each.saturating_mul(count));
        Load { cpu: left(self.cpu, each.cpu), memory: left(self.memory, each.memory), gpu: left(self.gpu, each.gpu) }
    }

    fn is_nothing(self) -> bool {
        self == Load::default()
    }
}

/// Equal replicas.
#[derive(Clone, Copy, Debug)]
pub struct PlacementItem {
    /// What one takes.
    pub each: Load,
    /// How many there are.
    pub count: u64,
}

/// Equal nodes.
#[derive(Clone, Copy, Debug)]
pub struct Nodes {
    /// What one has for workloads.
    pub free: Load,
    /// How many there are.
    pub count: u64,
}

/// Nodes of one group that hold the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bin {
    /// Index of the group of nodes.
    pub group: usize,
    /// How many nodes hold it.
    pub nodes: u64,
    /// What one of them holds: index of the item, count.
    pub holds: Vec<(usize, u64)>,
}

/// Replicas on nodes. Replicas without demand are in neither list.
#[derive(Clone, Debug, Default)]
pub struct Placement {
    /// What the nodes hold.
    pub bins: Vec<Bin>,
    /// What has no node: index of the item, count.
    pub left: Vec<(usize, u64)>,
}

/// The verdict on a placement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlacementVerdict {
    /// Every replica has a node.
    Fits,
    /// No placement of all replicas exists.
    Impossible,
    /// None was found within the budget, but one may exist.
    Unknown,
}

/// The answer, the best placement found, and its cost.
#[derive(Clone, Debug)]
pub struct PlacementOutcome {
    /// What is known.
    pub verdict: PlacementVerdict,
    /// The placement that leaves least over.
    pub best: Placement,
    /// Steps taken, greedy ones included.
    pub steps: u64,
}

/// Steps of the search that one question may cost.
pub const BUDGET: u64 = 200_000;

/// Whether all items fit on the nodes. `budget` bounds the steps of the search; the greedy part is near linear.
#[must_use]
pub fn place(items: &[PlacementItem], nodes: &[Nodes], budget: u64) -> PlacementOutcome {
    let supply = Supply::of(nodes);
    let mut steps = 0;
    let mut best: Option<(u128, Placement)> = None;
    for order in greedy::Order::ALL {
        let (placement, cost) = greedy::run(items, nodes, &supply, *order);
        steps += cost;
        if placement.left.is_empty() {
            return PlacementOutcome { verdict: PlacementVerdict::Fits, best: placement, steps };
        }
        let left = placement.left.iter().filter_map(|(item, count)| Some((items.get(*item)?, *count)));
        let left = left.map(|(item, count)| supply.share(item.each).saturating_mul(u128::from(count)));
        let left = left.fold(0u128, u128::saturating_add);
        if best.as_ref().is_none_or(|(least, _)| left < *least) {
            best = Some((left, placement));
        }
    }
    let best = best.map(|(_, placement)| placement).unwrap_or_default();
    let kinds = Kinds::of(items, &supply);
    if bounds::excluded(&kinds.list, nodes) {
        return PlacementOutcome { verdict: PlacementVerdict::Impossible, best, steps };
    }
    let found = search::run(&kinds.list, nodes, budget);
    steps += found.steps;
    match found.bins {
        Some(bins) => PlacementOutcome { verdict: PlacementVerdict::Fits, best: kinds.expand(bins), steps },
        None => PlacementOutcome { verdict: found.verdict, best, steps },
    }
}

/// What all nodes have together: the measure of how large a replica is.
struct Supply([u128; 3]);

impl Supply {
    fn of(nodes: &[Nodes]) -> Supply {
        let mut total = [0u128; 3];
        for group in nodes {
            for (sum, free) in total.iter_mut().zip(group.free.parts()) {
                *sum = sum.saturating_add(u128::from(free) * u128::from(group.count));
            }
        }
        Supply(total)
    }

    /// The shares of the supply that one replica takes, in 2^-40ths; a resource without supply counts as all of it.
    fn shares(&self, each: Load) -> [u128; 3] {
        let [cpu, memory, gpu] = each.parts();
        let [all_cpu, all_memory, all_gpu] = self.0;
        [(cpu, all_cpu), (memory, all_memory), (gpu, all_gpu)].map(|(part, all)| {
            let part = u128::from(part) << 40;
            if part == 0 { 0 } else { part.checked_div(all).map_or(1 << 40, |share| share.max(1)) }
        })
    }

    /// The largest of the shares.
    fn share(&self, each: Load) -> u128 {
        self.shares(each).into_iter().max().unwrap_or(0)
    }
}

/// Replicas of equal load, of whichever items.
#[derive(Clone, Copy, Debug)]
struct ReplicaKind {
    each: Load,
    count: u64,
}

struct Kinds {
    list: Vec<ReplicaKind>,
    /// For each kind: its items with their counts.
    members: Vec<Vec<(usize, u64)>>,
}

impl Kinds {
    /// The largest kinds first, because they are the hardest to place.
    fn of(items: &[PlacementItem], supply: &Supply) -> Kinds {
        let some = |item: &PlacementItem| item.count > 0 && !item.each.is_nothing();
        let mut order: Vec<(usize, &PlacementItem)> = items.iter().enumerate().filter(|(_, item)| some(item)).collect();
        order.sort_by_key(|(index, item)| (std::cmp::Reverse((supply.share(item.each), item.each)), *index));
        let mut kinds = Kinds { list: Vec::new(), members: Vec::new() };
        for (index, item) in order {
            match (kinds.list.last_mut(), kinds.members.last_mut()) {
                (Some(kind), Some(members)) if kind.each == item.each => {
                    kind.count = kind.count.saturating_add(item.count);
                    members.push((index, item.count));
                }
                _ => {
                    kinds.list.push(ReplicaKind { each: item.each, count: item.count });
                    kinds.members.push(vec![(index, item.count)]);
                }
            }
        }
        kinds
    }

    /// Nodes that hold kinds to nodes that hold items; equal neighbours become one.
    fn expand(mut self, nodes: Vec<(usize, Vec<u64>)>) -> Placement {
        let mut bins: Vec<Bin> = Vec::new();
        for (group, counts) in nodes {
            let mut holds = Vec::new();
            for (members, count) in self.members.iter_mut().zip(counts) {
                let mut wanted = count;
                while wanted > 0 {
                    let Some((item, has)) = members.last_mut() else { break };
                    let taken = wanted.min(*has);
                    holds.push((*item, taken));
                    wanted -= taken;
                    *has -= taken;
                    if *has == 0 {
                        members.pop();
                    }
                }
            }
            match bins.last_mut() {
                Some(bin) if bin.group == group && bin.holds == holds => bin.nodes += 1,
                _ => bins.push(Bin { group, nodes: 1, holds }),
            }
        }
        Placement { bins, left: Vec::new() }
    }
}
