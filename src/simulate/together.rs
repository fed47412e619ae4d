//! Sums the resources that several services share at each instant: connections, cores, memory and GPUs against their supply, and
//! whether every replica finds a node.
//!
//! Existing replicas count, those that start, leave or belong to a rollout's surge too: each of them holds connections and
//! reserves its requests. Services without a load count at their most. Everything can be written down and read again, so
//! that shards of a simulation are summed to the same numbers as the whole.

use super::Nanos;
use super::results::{Results, RunNumbers, Statistic, UNIT};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// A shared resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SharedKind {
    /// Connections to a backing service.
    Connections,
    /// Billionths of a core of all nodes.
    Cpu,
    /// Bytes of memory of all nodes.
    Memory,
    /// GPUs of all nodes.
    Gpu,
}

impl SharedKind {
    /// The name of its numbers in assertions and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        if self == SharedKind::Connections { "connections" } else { "capacity" }
    }
}

/// One shared resource with its demand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedResource {
    /// Its kind.
    pub kind: SharedKind,
    /// The backing service, or `cpu`, `memory`, `gpu`.
    pub of: String,
    /// The constant demand: reserved, by backing services, and by services without a load.
    pub steady: u64,
    /// The demand of one replica of each service with a load.
    pub each: BTreeMap<String, u64>,
    /// The supply, if the spec gives it.
    pub limit: Option<u64>,
}

/// Cores, memory and GPUs, in billionths of a core, bytes and pieces.
pub type NodeAmounts = [u64; 3];

/// Everything that the services of one spec share.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedResources {
    /// One for each backing service that is connected to, and each resource of the nodes.
    pub resources: Vec<SharedResource>,
    /// What equal nodes have for workloads, and how many there are.
    pub nodes: Vec<(NodeAmounts, u64)>,
    /// The requests of one replica of each service with a load.
    pub each: BTreeMap<String, NodeAmounts>,
    /// The constant replicas on the nodes: requests, and how many.
    pub steady: Vec<(NodeAmounts, u64)>,
    /// Services without a load, with the number of replicas assumed for them.
    pub others: BTreeMap<String, u32>,
}

/// One service as it was played.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name.
    pub service: String,
    /// The stretches of time that are scored.
    pub known: Vec<(Nanos, Nanos)>,
    /// The seeds, in the order of the lists below.
    pub seeds: Vec<u64>,
    /// Existing replicas of each run, from each instant on.
    pub existing: Vec<Vec<(Nanos, u32)>>,
    /// Billionths of a replica-hour of each run, of all scored time.
    pub hours: Vec<i64>,
    /// Billionths of what they cost, where prices are given.
    pub costs: Vec<Option<i64>>,
}

/// Whether replicas, given as amounts and how many, all find a place on such nodes.
pub type Placer<'a> = dyn Fn(&[(NodeAmounts, u64)], &[(NodeAmounts, u64)]) -> bool + 'a;

/// The sums.
#[derive(Debug, Clone, Default)]
pub struct TogetherResults {
    /// The time in which every service is scored.
    pub known: Vec<(Nanos, Nanos)>,
    /// The numbers of each resource, in the order of [`SharedResources::resources`].
    pub resources: Vec<SharedResults>,
    /// `unplaced`, `replica_hours` and `cost` of all together.
    pub all: Results,
}

/// The use of one resource.
#[derive(Debug, Clone, Default)]
pub struct SharedResults {
    /// `connections` or `capacity`, and `over_limit`, of every seed.
    pub results: Results,
    /// The most of all seeds.
    pub peak: Option<Peak>,
    /// The use in the first seed, from each instant on, of scored time.
    pub series: Vec<(Nanos, i128)>,
}

/// The largest use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peak {
    /// How much.
    pub taken: i128,
    /// Its first instant.
    pub at: Nanos,
    /// In which seed.
    pub seed: u64,
}

/// A number of replicas of each member for a time.
#[derive(Debug)]
struct Stretch {
    from: Nanos,
    length: Nanos,
    counts: Vec<u32>,
}

/// Sums the members' use. All of them have the same seeds.
#[must_use]
pub fn sum(shared: &SharedResources, members: &[Member], place: &Placer<'_>) -> TogetherResults {
    let seeds = members.first().map_or(&[][..], |first| first.seeds.as_slice());
    let known = known_together(members);
    let runs: Vec<Vec<Stretch>> = (0..seeds.len()).map(|run| stretches(members, run, &known)).collect();
    let resources = shared.resources.iter().map(|resource| resource_results(resource, members, seeds, &runs)).collect();
    let mut all = Results { seeds: seeds.to_vec(), ..Results::default() };
    let mut placing = Placing::new(shared, members, place, &runs);
    for (index, run) in runs.iter().enumerate() {
        let mut numbers = RunNumbers::default();
        if let Some(unplaced) = placing.unplaced(run) {
            numbers.put("unplaced", None, Some(unplaced));
        }
        let hours = members.iter().filter_map(|member| member.hours.get(index)).map(|hours| i128::from(*hours));
        numbers.put("replica_hours", None, Some(hours.sum()));
        let costs: Option<i128> =
            members.iter().map(|member| member.costs.get(index).copied().flatten().map(i128::from)).sum();
        numbers.put("cost", None, costs);
        all.runs.push(numbers);
    }
    TogetherResults { known, resources, all }
}

/// The time that every member knows.
fn known_together(members: &[Member]) -> Vec<(Nanos, Nanos)> {
    let Some((first, others)) = members.split_first() else { return Vec::new() };
    others.iter().fold(first.known.clone(), |known, other| {
        let cut = |(from, to): &(Nanos, Nanos)| {
            let (from, to) = (*from, *to);
            other.known.iter().map(move |(begin, end)| (from.max(*begin), to.min(*end))).filter(|(from, to)| from < to)
        };
        known.iter().flat_map(cut).collect()
    })
}

impl Member {
    /// Replicas at an instant.
    fn count(&self, run: usize, at: Nanos) -> u32 {
        let counts = self.existing.get(run).map_or(&[][..], Vec::as_slice);
        let begun = counts.partition_point(|(from, _)| *from <= at);
        begun.checked_sub(1).and_then(|last| counts.get(last)).map_or(0, |(_, count)| *count)
    }
}

/// The known time of one run, divided wherever a count changes.
fn stretches(members: &[Member], run: usize, known: &[(Nanos, Nanos)]) -> Vec<Stretch> {
    let mut changes: Vec<Nanos> =
        members.iter().filter_map(|member| member.existing.get(run)).flatten().map(|(at, _)| *at).collect();
    changes.sort_unstable();
    changes.dedup();
    let mut all = Vec::new();
    for (from, to) in known {
        let inside = changes.partition_point(|at| at <= from)..changes.partition_point(|at| at < to);
        let inside = changes.get(inside).unwrap_or(&[]);
        let begins = std::iter::once(from).chain(inside);
        let ends = inside.iter().chain(std::iter::once(to));
        all.extend(begins.zip(ends).map(|(begin, end)| Stretch {
            from: *begin,
            length: end - begin,
            counts: members.iter().map(|member| member.count(run, *begin)).collect(),
        }));
    }
    all
}

fn resource_results(
    resource: &SharedResource,
    members: &[Member],
    seeds: &[u64],
    runs: &[Vec<Stretch>],
) -> SharedResults {
    let each: Vec<i128> =
        members.iter().map(|member| resource.each.get(&member.service).map_or(0, |each| i128::from(*each))).collect();
    let amount = |stretch: &Stretch| {
        let parts = each.iter().zip(&stretch.counts).map(|(each, count)| each * i128::from(*count));
        i128::from(resource.steady) + parts.sum::<i128>()
    };
    let mut found =
        SharedResults { results: Results { seeds: seeds.to_vec(), ..Results::default() }, ..SharedResults::default() };
    for (seed, run) in seeds.iter().zip(runs) {
        let mut values: Vec<(i128, Nanos)> = Vec::with_capacity(run.len());
        for stretch in run {
            let taken = amount(stretch);
            values.push((taken, stretch.length));
            if found.peak.is_none_or(|peak| taken > peak.taken) {
                found.peak = Some(Peak { taken, at: stretch.from, seed: *seed });
            }
        }
        found.results.runs.push(numbers(resource, values));
    }
    found.series = runs.first().into_iter().flatten().map(|stretch| (stretch.from, amount(stretch))).collect();
    found
}

/// The numbers of one run from what was taken for how long.
fn numbers(resource: &SharedResource, mut values: Vec<(i128, Nanos)>) -> RunNumbers {
    let mut numbers = RunNumbers::default();
    values.sort_unstable();
    let whole: i128 = values.iter().map(|(_, length)| i128::from(*length)).sum();
    if whole == 0 {
        return numbers;
    }
    let limit = resource.limit.map(i128::from);
    let shown = |taken: i128| match resource.kind {
        SharedKind::Connections => Some(taken),
        _ => taken.saturating_mul(UNIT).checked_div(limit?),
    };
    for statistic in Statistic::ALL {
        let taken = match statistic.thousandths() {
            Some(thousandths) => {
                let mut below = 0;
                let reaches = |(_, length): &&(i128, Nanos)| {
                    below += i128::from(*length);
                    below * 1000 >= whole * i128::from(thousandths)
                };
                values.iter().find(reaches).map(|(taken, _)| *taken)
            }
            None => Some(values.iter().map(|(taken, length)| taken * i128::from(*length)).sum::<i128>() / whole),
        };
        numbers.put(resource.kind.name(), Some(statistic), taken.and_then(shown));
    }
    let over = |limit: i128| {
        let long: i128 = values.iter().filter(|(taken, _)| *taken > limit).map(|(_, length)| i128::from(*length)).sum();
        long.saturating_mul(UNIT) / whole
    };
    numbers.put("over_limit", None, limit.map(over));
    numbers
}

/// Placements by the counts of members: runs come back to the same ones again and again.
struct Placing<'a> {
    shared: &'a SharedResources,
    each: Vec<NodeAmounts>,
    place: &'a Placer<'a>,
    /// Whether even the most of every member together finds a place.
    all_fit: bool,
    known: HashMap<Vec<u32>, bool>,
}

impl<'a> Placing<'a> {
    fn new(shared: &'a SharedResources, members: &[Member], place: &'a Placer<'a>, runs: &[Vec<Stretch>]) -> Self {
        let each = members.iter().map(|member| shared.each.get(&member.service).copied().unwrap_or_default()).collect();
        let mut placing = Placing { shared, each, place, all_fit: false, known: HashMap::new() };
        let mut most = vec![0; members.len()];
        for stretch in runs.iter().flatten() {
            for (most, count) in most.iter_mut().zip(&stretch.counts) {
                *most = (*most).max(*count);
            }
        }
        placing.all_fit = !shared.nodes.is_empty() && placing.fits(&most);
        placing
    }

    fn fits(&self, counts: &[u32]) -> bool {
        let own = self.each.iter().zip(counts).map(|(each, count)| (*each, u64::from(*count)));
        let items: Vec<(NodeAmounts, u64)> = own.chain(self.shared.steady.iter().copied()).collect();
        (self.place)(&items, &self.shared.nodes)
    }

    /// The share of time in which some replica finds no node; `None` if the nodes are unknown.
    fn unplaced(&mut self, run: &[Stretch]) -> Option<i128> {
        let whole: i128 = run.iter().map(|stretch| i128::from(stretch.length)).sum();
        if self.shared.nodes.is_empty() || whole == 0 {
            return None;
        }
        if self.all_fit {
            return Some(0);
        }
        let mut without = 0;
        for stretch in run {
            let fits = match self.known.get(&stretch.counts) {
                Some(fits) => *fits,
                None => {
                    let fits = self.fits(&stretch.counts);
                    self.known.insert(stretch.counts.clone(), fits);
                    fits
                }
            };
            without += if fits { 0 } else { i128::from(stretch.length) };
        }
        Some(without.saturating_mul(UNIT) / whole)
    }
}
