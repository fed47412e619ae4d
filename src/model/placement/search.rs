//! Exhaustive search over counts of equal replicas, node by node, within a budget of steps.
//!
//! Of all complete placements, written as the counts on each node in turn, take the one that is last in lexicographic
//! order with equal nodes sorted downwards. In it every node is full (nothing placed later fits beside what it holds:
//! moving it there would come later in the order), and no node holds more than the equal one before it. So only such
//! fillings are tried, and when all have failed there is no placement.

use super::bounds::too_much;
use super::{Load, Nodes, PlacementVerdict, ReplicaKind};
use std::collections::HashMap;

/// The most kinds and nodes for which a search is begun: a larger one could not end within any budget.
const MAX_KINDS: usize = 64;
const MAX_NODES: u64 = 1024;
/// Numbers kept to remember states that failed: 4 MiB.
const MAX_MEMORY: usize = 500_000;

pub(super) struct SearchResult {
    pub(super) verdict: PlacementVerdict,
    /// Group and counts of each kind, node by node.
    pub(super) bins: Option<Vec<(usize, Vec<u64>)>>,
    pub(super) steps: u64,
}

/// One node being filled.
struct NodeFrame {
    /// Index among all nodes in a row.
    node: usize,
    /// The content of the equal node before it, which this one may not exceed.
    cap: Option<Vec<u64>>,
    /// Its present content; empty before the first filling.
    counts: Option<Vec<u64>>,
}

struct Search<'n> {
    kinds: Vec<ReplicaKind>,
    nodes: &'n [Nodes],
    /// The group of each node in a row.
    row: Vec<usize>,
    /// The node and the rest before it, and the cap under which it failed (`None`: any).
    failed: HashMap<(usize, Vec<u64>), Option<Vec<u64>>>,
    memory: usize,
}

pub(super) fn run(kinds: &[ReplicaKind], nodes: &[Nodes], budget: u64) -> SearchResult {
    let replicas: u128 = kinds.iter().map(|kind| u128::from(kind.count)).sum();
    // nodes beyond the number of replicas stay empty
    let needed = |group: &Nodes| u64::try_from(u128::from(group.count).min(replicas)).unwrap_or(u64::MAX);
    let total = nodes.iter().map(needed).fold(0u64, u64::saturating_add);
    if kinds.len() > MAX_KINDS || total > MAX_NODES {
        return SearchResult { verdict: PlacementVerdict::Unknown, bins: None, steps: 0 };
    }
    let row = nodes.iter().enumerate().flat_map(|(index, group)| (0..needed(group)).map(move |_| index)).collect();
    let search = Search { kinds: kinds.to_vec(), nodes, row, failed: HashMap::new(), memory: 0 };
    search.run(budget)
}

impl Search<'_> {
    /// `kinds[..].count` is what is left to place throughout.
    fn run(mut self, budget: u64) -> SearchResult {
        let mut steps = 0;
        if self.row.is_empty() {
            return SearchResult { verdict: PlacementVerdict::Impossible, bins: None, steps };
        }
        let mut stack = vec![NodeFrame { node: 0, cap: None, counts: None }];
        while let Some(mut frame) = stack.pop() {
            let next = match frame.counts.take() {
                None => Some(self.first(frame.node, frame.cap.as_deref())),
                Some(counts) => {
                    self.take_back(&counts);
                    self.next(frame.node, counts, &mut steps, budget)
                }
            };
            steps += 1;
            if steps > budget {
                return SearchResult { verdict: PlacementVerdict::Unknown, bins: None, steps };
            }
            let Some(counts) = next else {
                self.remember(frame.node, frame.cap);
                continue;
            };
            self.put(&counts);
            frame.counts = Some(counts.clone());
            let node = frame.node;
            stack.push(frame);
            if self.kinds.iter().all(|kind| kind.count == 0) {
                let bins = stack.into_iter().filter_map(|frame| Some((*self.row.get(frame.node)?, frame.counts?)));
                return SearchResult { verdict: PlacementVerdict::Fits, bins: Some(bins.collect()), steps };
            }
            let cap = (self.row.get(node) == self.row.get(node + 1)).then_some(counts);
            if node + 1 < self.row.len() && !self.hopeless(node + 1, cap.as_ref()) {
                stack.push(NodeFrame { node: node + 1, cap, counts: None });
            }
        }
        SearchResult { verdict: PlacementVerdict::Impossible, bins: None, steps }
    }

    fn free(&self, node: usize) -> Load {
        self.row.get(node).and_then(|group| self.nodes.get(*group)).map_or(Load::default(), |group| group.free)
    }

    fn put(&mut self, counts: &[u64]) {
        for (kind, count) in self.kinds.iter_mut().zip(counts) {
            kind.count -= count;
        }
    }

    fn take_back(&mut self, counts: &[u64]) {
        for (kind, count) in self.kinds.iter_mut().zip(counts) {
            kind.count += count;
        }
    }

    /// The filling that comes last in the order, no later than `cap`.
    fn first(&self, node: usize, cap: Option<&[u64]>) -> Vec<u64> {
        let mut free = self.free(node);
        let mut counts = Vec::with_capacity(self.kinds.len());
        // while all counts so far equal the cap's, the next may not be above the cap's either
        let mut tight = cap.is_some();
        for (index, kind) in self.kinds.iter().enumerate() {
            let mut count = kind.count.min(free.times(kind.each));
            if let (true, Some(most)) = (tight, cap.and_then(|cap| cap.get(index))) {
                count = count.min(*most);
                tight = count == *most;
            }
            free = free.minus(kind.each, count);
            counts.push(count);
        }
        counts
    }

    /// The full filling before `counts` in the order.
    fn next(&self, node: usize, mut counts: Vec<u64>, steps: &mut u64, budget: u64) -> Option<Vec<u64>> {
        loop {
            // the last kind always fills the rest, so one before it must be reduced
            if let Some(last) = counts.last_mut() {
                *last = 0;
            }
            let at = counts.iter().rposition(|count| *count > 0)?;
            let mut free = self.free(node);
            for (index, (count, kind)) in counts.iter_mut().zip(&self.kinds).enumerate() {
                if index == at {
                    *count -= 1;
                } else if index > at {
                    *count = kind.count.min(free.times(kind.each));
                }
                free = free.minus(kind.each, *count);
            }
            let full = |(count, kind): (&u64, &ReplicaKind)| *count == kind.count || !free.fits(kind.each);
            if counts.iter().zip(&self.kinds).all(full) {
                return Some(counts);
            }
            *steps += 1;
            if *steps > budget {
                return None;
            }
        }
    }

    /// Whether what is left cannot be on the nodes from `node` on.
    fn hopeless(&self, node: usize, cap: Option<&Vec<u64>>) -> bool {
        let group = self.row.get(node).copied().unwrap_or(0);
        let here = self.row.get(node..).unwrap_or_default().iter().take_while(|other| **other == group).count();
        let later = self.nodes.get(group + 1..).unwrap_or_default();
        let current = self.nodes.get(group).map(|nodes| Nodes { count: here as u64, ..*nodes });
        if too_much(self.kinds.iter(), current.iter().chain(later)) {
            return true;
        }
        let left: Vec<u64> = self.kinds.iter().map(|kind| kind.count).collect();
        match self.failed.get(&(node, left)) {
            None => false,
            Some(None) => true,
            Some(Some(under)) => cap.is_some_and(|cap| cap <= under),
        }
    }

    fn remember(&mut self, node: usize, cap: Option<Vec<u64>>) {
        let size = 2 * self.kinds.len() + 16;
        if self.memory + size <= MAX_MEMORY {
            self.memory += size;
            let left = self.kinds.iter().map(|kind| kind.count).collect();
            self.failed.insert((node, left), cap);
        }
    }
}
