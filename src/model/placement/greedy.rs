//! First-fit over classes of equal nodes. Near linear in items, whatever the counts.

use super::{Bin, Load, Nodes, Placement, PlacementItem, Supply};
use std::cmp::Reverse;

/// Steps that one run may take for each item; items beyond that are left over.
const STEPS_EACH: u64 = 1000;

/// Steps that one look among opened nodes may take while a fresh one would do.
const LOOK: u64 = 64;

/// The order in which items are placed and nodes are opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    by: SortKey,
    large_nodes_first: bool,
}

#[derive(Clone, Copy, Debug)]
enum SortKey {
    /// The largest share of any resource.
    Dominant,
    /// All shares together.
    Sum,
    /// GPUs, then cores.
    Cpu,
    /// GPUs, then memory.
    Memory,
}

impl Order {
    pub(super) const ALL: &[Order] = &[
        Order { by: SortKey::Dominant, large_nodes_first: false },
        Order { by: SortKey::Sum, large_nodes_first: false },
        Order { by: SortKey::Cpu, large_nodes_first: false },
        Order { by: SortKey::Memory, large_nodes_first: false },
        Order { by: SortKey::Dominant, large_nodes_first: true },
        Order { by: SortKey::Sum, large_nodes_first: true },
    ];

    fn key(self, supply: &Supply, each: Load) -> (u128, u128) {
        let [cpu, memory, gpu] = supply.shares(each);
        match self.by {
            SortKey::Dominant => (cpu.max(memory).max(gpu), cpu + memory + gpu),
            SortKey::Sum => (cpu + memory + gpu, 0),
            SortKey::Cpu => (gpu, cpu),
            SortKey::Memory => (gpu, memory),
        }
    }
}

/// Equal nodes with equal contents.
#[derive(Clone, Copy, Debug)]
struct Class {
    group: usize,
    nodes: u64,
    free: Load,
    /// The item that was put in last, as an index into the run's `held`.
    last: Option<usize>,
}

struct GreedyRun<'i> {
    items: &'i [PlacementItem],
    /// Opened classes, then fresh ones.
    classes: Vec<Option<Class>>,
    opened: FreeTree,
    fresh: FreeTree,
    /// Index of the first fresh class.
    first_fresh: usize,
    /// What was put in before, item, count: contents are chains, so that splitting a class copies nothing.
    held: Vec<(Option<usize>, usize, u64)>,
    next: usize,
    steps: u64,
}

pub(super) fn run(items: &[PlacementItem], nodes: &[Nodes], supply: &Supply, order: Order) -> (Placement, u64) {
    let mut sorted: Vec<usize> = (0..items.len()).collect();
    let key = |index: &usize| items.get(*index).map(|item| Reverse(order.key(supply, item.each)));
    sorted.sort_by_cached_key(|index| (key(index), *index));
    let mut groups: Vec<(usize, &Nodes)> = nodes.iter().enumerate().filter(|(_, group)| group.count > 0).collect();
    groups.sort_by_key(|(index, group)| {
        let size = (group.free.gpu, supply.shares(group.free).into_iter().sum::<u128>());
        (if order.large_nodes_first { (u64::MAX - size.0, u128::MAX - size.1) } else { size }, *index)
    });
    // each item opens at most two classes
    let first_fresh = items.len() * 2 + 1;
    let mut run = GreedyRun {
        items,
        classes: vec![None; first_fresh + groups.len()],
        opened: FreeTree::new(first_fresh),
        fresh: FreeTree::new(groups.len()),
        first_fresh,
        held: Vec::new(),
        next: 0,
        steps: 0,
    };
    for (position, (group, nodes)) in groups.into_iter().enumerate() {
        run.set(first_fresh + position, Some(Class { group, nodes: nodes.count, free: nodes.free, last: None }));
    }
    let limit = 10_000 + STEPS_EACH * u64::try_from(items.len()).unwrap_or(u64::MAX / STEPS_EACH);
    let mut left = Vec::new();
    for index in sorted {
        let Some(item) = items.get(index).filter(|item| !item.each.is_nothing()) else { continue };
        let rest = run.put(index, *item, limit);
        if rest > 0 {
            left.push((index, rest));
        }
    }
    left.sort_unstable();
    (Placement { bins: run.bins(), left }, run.steps)
}

impl GreedyRun<'_> {
    fn set(&mut self, at: usize, class: Option<Class>) {
        let free = class.map_or(Load::default(), |class| class.free);
        self.steps += match at.checked_sub(self.first_fresh) {
            Some(at) => self.fresh.set(at, free),
            None => self.opened.set(at, free),
        };
        if let Some(slot) = self.classes.get_mut(at) {
            *slot = class;
        }
    }

    fn open(&mut self, class: Class) {
        self.set(self.next, Some(class));
        self.next += 1;
    }

    fn with(&mut self, class: Class, item: usize, each: Load, count: u64, nodes: u64) -> Class {
        self.held.push((class.last, item, count));
        Class { nodes, free: class.free.minus(each, count), last: Some(self.held.len() - 1), ..class }
    }

    /// A class with space for one: an opened one if it is found quickly, else a fresh one, else any.
    fn find(&mut self, each: Load) -> Option<usize> {
        let quick = self.opened.first(each, LOOK, &mut self.steps);
        quick
            .or_else(|| self.fresh.first(each, u64::MAX, &mut self.steps).map(|at| at + self.first_fresh))
            .or_else(|| self.opened.first(each, u64::MAX, &mut self.steps))
    }

    /// Places as many as fit; returns the number left over.
    fn put(&mut self, index: usize, item: PlacementItem, limit: u64) -> u64 {
        let mut count = item.count;
        while count > 0 && self.steps < limit {
            let Some(at) = self.find(item.each) else { break };
            let Some(class) = self.classes.get(at).copied().flatten() else { break };
            let each_node = class.free.times(item.each).max(1);
            let full = (count / each_node).min(class.nodes);
            count -= full * each_node;
            // the rest goes on one node more, if the class has one
            let rest = if full < class.nodes { count } else { 0 };
            count -= rest;
            let untouched = class.nodes - full - u64::from(rest > 0);
            let mut changed = Vec::with_capacity(2);
            if full > 0 {
                changed.push(self.with(class, index, item.each, each_node, full));
            }
            if rest > 0 {
                changed.push(self.with(class, index, item.each, rest, 1));
            }
            let stays = if untouched > 0 { Some(Class { nodes: untouched, ..class }) } else { changed.pop() };
            self.set(at, stays);
            for class in changed {
                self.open(class);
            }
        }
        count
    }

    fn bins(&self) -> Vec<Bin> {
        let mut bins = Vec::new();
        for class in self.classes.iter().flatten() {
            let mut holds = Vec::new();
            let mut next = class.last;
            while let Some((before, item, count)) = next.and_then(|at| self.held.get(at)) {
                holds.push((*item, *count));
                next = *before;
            }
            if !holds.is_empty() {
                holds.sort_unstable();
                bins.push(Bin { group: class.group, nodes: class.nodes, holds });
            }
        }
        debug_assert!(bins.iter().all(|bin| bin.holds.iter().all(|(item, _)| *item < self.items.len())));
        bins.sort_by_key(|bin| bin.group);
        bins
    }
}

/// The largest free amounts below each node of a binary tree: finds the first class with space for all three amounts.
struct FreeTree {
    leaves: usize,
    most: Vec<Load>,
}

impl FreeTree {
    fn new(size: usize) -> FreeTree {
        let leaves = size.next_power_of_two();
        FreeTree { leaves, most: vec![Load::default(); 2 * leaves] }
    }

    fn set(&mut self, at: usize, free: Load) -> u64 {
        let mut node = self.leaves + at;
        if let Some(leaf) = self.most.get_mut(node) {
            *leaf = free;
        }
        let mut steps = 1;
        while node > 1 {
            node /= 2;
            let child = |side: usize| self.most.get(2 * node + side).copied().unwrap_or_default();
            let (a, b) = (child(0), child(1));
            let most = Load { cpu: a.cpu.max(b.cpu), memory: a.memory.max(b.memory), gpu: a.gpu.max(b.gpu) };
            if let Some(slot) = self.most.get_mut(node) {
                *slot = most;
            }
            steps += 1;
        }
        steps
    }

    fn first(&self, each: Load, limit: u64, steps: &mut u64) -> Option<usize> {
        let mut stack = vec![1];
        let mut looked = 0;
        while let Some(node) = stack.pop() {
            *steps += 1;
            looked += 1;
            if looked > limit {
                return None;
            }
            if !self.most.get(node).is_some_and(|most| most.fits(each)) {
                continue;
            }
            if node >= self.leaves {
                return Some(node - self.leaves);
            }
            stack.push(2 * node + 1);
            stack.push(2 * node);
        }
        None
    }
}
