//! The published numbers of runs, under their frozen names, and the worst of many seeds (W10).
//!
//! Every number is of scored time. Durations are whole nanoseconds here and seconds in JSON; shares are whole billionths
//! here and fractions in JSON. What has no value (a wait without jobs) is absent here and `null` in JSON.

mod json;

pub use json::{PolicyResults, VERSION};

use super::jobs::{self, SeedRun, SimulatedService};
use super::random::GENERATOR;
use super::trace::Trace;
use super::{HOUR, Nanos};
use std::collections::BTreeMap;

/// A billionth, the unit of shares and hours.
pub const UNIT: i128 = 1_000_000_000;

/// What a number counts, which decides its unit in assertions and in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberKind {
    /// Nanoseconds.
    Time,
    /// Billionths of a whole.
    Share,
    /// A whole number.
    Count,
    /// Billionths of a number without a unit: hours, costs, ratios.
    Number,
}

/// One name of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberName {
    /// As in JSON and assertions.
    pub name: &'static str,
    /// What it counts.
    pub kind: NumberKind,
    /// The statistics that can be asked of it: empty for a single number.
    pub statistics: &'static [Statistic],
    /// What it means.
    pub meaning: &'static str,
}

/// A statistic of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statistic {
    /// The median.
    P50,
    /// The 90th percentile.
    P90,
    /// The 95th percentile.
    P95,
    /// The 99th percentile.
    P99,
    /// The largest.
    Max,
    /// The mean.
    Mean,
}

impl Statistic {
    /// Every statistic.
    pub const ALL: [Statistic; 6] =
        [Statistic::P50, Statistic::P90, Statistic::P95, Statistic::P99, Statistic::Max, Statistic::Mean];

    /// As it is written after a name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Statistic::P50 => "p50",
            Statistic::P90 => "p90",
            Statistic::P95 => "p95",
            Statistic::P99 => "p99",
            Statistic::Max => "max",
            Statistic::Mean => "mean",
        }
    }

    /// The share of values at or below it, in thousandths; `None` for the mean.
    #[must_use]
    pub fn thousandths(self) -> Option<u64> {
        match self {
            Statistic::P50 => Some(500),
            Statistic::P90 => Some(900),
            Statistic::P95 => Some(950),
            Statistic::P99 => Some(990),
            Statistic::Max => Some(1000),
            Statistic::Mean => None,
        }
    }
}

const fn single(name: &'static str, kind: NumberKind, meaning: &'static str) -> NumberName {
    NumberName { name, kind, statistics: &[], meaning }
}

const fn spread(name: &'static str, kind: NumberKind, meaning: &'static str) -> NumberName {
    NumberName { name, kind, statistics: &Statistic::ALL, meaning }
}

/// Every number, in the order of reports.
pub const NAMES: &[NumberName] = &[
    spread(
        "wait",
        NumberKind::Time,
        "arrival to first start of jobs that arrived; those that gave up or still wait count",
    ),
    spread("latency", NumberKind::Time, "arrival to end of jobs that were served"),
    single("saturated", NumberKind::Share, "time in which a job waits or is refused"),
    single("busy", NumberKind::Share, "job-seconds of ready slot-seconds"),
    single("at_max", NumberKind::Share, "time at the maximum while more is wished"),
    single("throttled", NumberKind::Share, "pod-time with cpu at its limit"),
    single("cold", NumberKind::Count, "jobs that arrived at no ready replica"),
    spread("queue", NumberKind::Count, "jobs that wait, weighted by time"),
    single("steps", NumberKind::Count, "changes of spec.replicas"),
    single("flap", NumberKind::Count, "steps back soon after a step"),
    single("replica_hours", NumberKind::Number, "existing replicas over time"),
    single("spec_hours", NumberKind::Number, "spec.replicas over time"),
    single("cost", NumberKind::Number, "replica_hours by the price of a replica's requests"),
    single("ideal_hours", NumberKind::Number, "replica-hours if no job waited: the bound that nobody can beat"),
    single("over", NumberKind::Number, "replica_hours of ideal_hours"),
    single("lost", NumberKind::Count, "jobs rejected, given up or killed"),
    single("rejected", NumberKind::Count, "jobs refused at a full queue"),
    single("gave_up", NumberKind::Count, "jobs that left while they waited"),
    single("killed", NumberKind::Count, "jobs killed with their replica"),
    single("late", NumberKind::Count, "jobs that ended after their deadline"),
    single("lost_share", NumberKind::Share, "lost of arrivals"),
    single("rejected_share", NumberKind::Share, "rejected of arrivals"),
    single("gave_up_share", NumberKind::Share, "gave_up of arrivals"),
    single("killed_share", NumberKind::Share, "killed of arrivals"),
    single("late_share", NumberKind::Share, "late of arrivals"),
    single("arrivals", NumberKind::Count, "jobs that arrived"),
];

/// The name's entry, if there is one.
#[must_use]
pub fn name(name: &str) -> Option<&'static NumberName> {
    NAMES.iter().find(|one| one.name == name)
}

/// The numbers of one run. Each is a whole number of its kind's unit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunNumbers {
    /// By name and statistic; absent where there is none.
    pub values: BTreeMap<(&'static str, Option<Statistic>), i128>,
    /// Waits that are only known to be at least so long.
    pub censored: u64,
    /// How many waits there are.
    pub waits: u64,
}

impl RunNumbers {
    /// One number.
    #[must_use]
    pub fn get(&self, name: &str, statistic: Option<Statistic>) -> Option<i128> {
        let name = self::name(name)?.name;
        self.values.get(&(name, statistic)).copied()
    }

    /// The numbers of a run. `price` is what a replica's requests cost an hour, in any currency.
    #[must_use]
    pub fn of(run: &SeedRun, price: Option<f64>) -> Self {
        let mut numbers = RunNumbers::default();
        let tally = &run.tally;
        let mut wait = tally.wait.clone();
        let mut latency = tally.latency.clone();
        (numbers.censored, numbers.waits) = (wait.censored(), wait.count());
        for statistic in Statistic::ALL {
            let of = |values: &mut super::distribution::DurationDistribution| match statistic.thousandths() {
                Some(thousandths) => values.percentile(thousandths),
                None => values.mean(),
            };
            numbers.put("wait", Some(statistic), of(&mut wait).map(i128::from));
            numbers.put("latency", Some(statistic), of(&mut latency).map(i128::from));
            numbers.put("queue", Some(statistic), tally.queue(statistic));
        }
        numbers.shares(run);
        numbers.counts(run);
        numbers.hours(run, price);
        numbers
    }

    fn put(&mut self, name: &'static str, statistic: Option<Statistic>, value: Option<i128>) {
        if let Some(value) = value {
            self.values.insert((name, statistic), value);
        }
    }

    fn shares(&mut self, run: &SeedRun) {
        for (name, part, whole) in run.tally.shares() {
            self.put(name, None, share(part, whole));
        }
    }

    fn counts(&mut self, run: &SeedRun) {
        let tally = &run.tally;
        let lost = tally.rejected + tally.gave_up + tally.killed;
        let counts = [
            ("cold", tally.cold),
            ("steps", tally.steps),
            ("flap", tally.flaps),
            ("arrivals", tally.arrived),
            ("lost", lost),
            ("rejected", tally.rejected),
            ("gave_up", tally.gave_up),
            ("killed", tally.killed),
            ("late", tally.late),
        ];
        for (name, count) in counts {
            self.put(name, None, Some(i128::from(count)));
        }
        let shares = [
            ("lost_share", lost),
            ("rejected_share", tally.rejected),
            ("gave_up_share", tally.gave_up),
            ("killed_share", tally.killed),
            ("late_share", tally.late),
        ];
        for (name, count) in shares {
            self.put(name, None, share(i128::from(count), i128::from(tally.arrived)));
        }
    }

    fn hours(&mut self, run: &SeedRun, price: Option<f64>) {
        let (existing, spec, ideal) = run.tally.replica_times();
        let hours = |time: i128| time.saturating_mul(UNIT) / i128::from(HOUR);
        self.put("replica_hours", None, Some(hours(existing)));
        self.put("spec_hours", None, Some(hours(spec)));
        self.put("ideal_hours", None, Some(hours(ideal)));
        self.put("over", None, share(existing, ideal));
        self.put("cost", None, price.map(|price| times(hours(existing), price)));
    }
}

/// Billionths of a whole, rounded down; `None` of nothing.
fn share(part: i128, whole: i128) -> Option<i128> {
    part.saturating_mul(UNIT).checked_div(whole)
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a price has far fewer digits")]
fn times(value: i128, price: f64) -> i128 {
    (value as f64 * price).round() as i128
}

/// What one policy came to over several seeds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Results {
    /// The seeds, in order.
    pub seeds: Vec<u64>,
    /// The numbers of each.
    pub runs: Vec<RunNumbers>,
    /// The share of time that capacity cut, in billionths (W2).
    pub capped: i128,
    /// The share of time that was not recorded, in billionths (W3).
    pub gap: i128,
    /// Jobs that were played, of all seeds.
    pub jobs: u64,
    /// Evaluations that were played, of all seeds.
    pub ticks: u64,
}

/// The median, the lowest and the highest of a number over the runs that have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Across {
    /// The lower of the two in the middle, of an even number.
    pub median: i128,
    /// The lowest.
    pub lowest: i128,
    /// The highest.
    pub highest: i128,
}

impl Results {
    /// Plays a service with every seed from `first` on.
    #[must_use]
    pub fn play(service: &SimulatedService, trace: &Trace, first: u64, runs: u64, price: Option<f64>) -> Self {
        let mut results = Results::new(trace);
        for seed in (first..).take(usize::try_from(runs).unwrap_or(usize::MAX)) {
            results.add(&jobs::run(service, trace, seed), price);
        }
        results
    }

    /// No run yet.
    #[must_use]
    pub fn new(trace: &Trace) -> Self {
        Results { capped: billionths(trace.capped_share()), gap: billionths(trace.gap_share()), ..Results::default() }
    }

    /// Adds a run that was played elsewhere.
    pub fn add(&mut self, run: &SeedRun, price: Option<f64>) {
        self.seeds.push(run.seed);
        self.runs.push(RunNumbers::of(run, price));
        self.jobs += run.jobs;
        self.ticks += run.ticks;
    }

    /// A number over the runs; `None` where no run has it.
    #[must_use]
    pub fn across(&self, name: &str, statistic: Option<Statistic>) -> Option<Across> {
        let mut values: Vec<i128> = self.runs.iter().filter_map(|run| run.get(name, statistic)).collect();
        values.sort_unstable();
        let median = *values.get(values.len().checked_sub(1)? / 2)?;
        Some(Across { median, lowest: *values.first()?, highest: *values.last()? })
    }

    /// The generator's name (W10).
    #[must_use]
    pub fn generator(&self) -> &'static str {
        GENERATOR
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a share is from 0 to 1")]
fn billionths(share: f64) -> i128 {
    (share * 1e9).round() as i128
}

/// A number as people read it: seconds, percent, or plain.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "it is for reading")]
pub fn plain(kind: NumberKind, value: i128) -> f64 {
    match kind {
        NumberKind::Time | NumberKind::Share | NumberKind::Number => value as f64 / 1e9,
        NumberKind::Count => value as f64,
    }
}

/// A duration of so many nanoseconds, where it is one.
#[must_use]
pub fn time(value: i128) -> Option<Nanos> {
    i64::try_from(value).ok()
}
