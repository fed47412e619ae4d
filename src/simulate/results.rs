//! The published numbers of runs, under their frozen names, and the worst of many seeds (W10).
//!
//! Every number is of scored time. Durations are whole nanoseconds here and seconds in JSON; shares are whole billionths
//! here and fractions in JSON. What has no value (a wait without jobs) is absent here and `null` in JSON.

mod json;
mod names;

pub use super::distribution::Statistic;
pub use json::{NamedNumber, PolicyResults, SeedSpread, VERSION};
pub use names::{NAMES, NumberKind, NumberName, TOGETHER, name, names};

use super::distribution::DurationDistribution;
use super::jobs::{self, SeedRun, SimulatedService};
use super::random::GENERATOR;
use super::trace::Trace;
use super::{HOUR, Nanos};
use std::collections::BTreeMap;

/// A billionth, the unit of shares and hours.
pub const UNIT: i128 = 1_000_000_000;

/// The numbers of one run. Each is a whole number of its kind's unit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunNumbers {
    /// By name and statistic; absent if there is none.
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
        let mut durations = (run.tally.wait.clone(), run.tally.latency.clone());
        Self::measured(run, &mut durations, price)
    }

    /// The numbers of a run that nobody asks anything else of.
    #[must_use]
    pub fn of_last(mut run: SeedRun, price: Option<f64>) -> Self {
        let mut durations = (std::mem::take(&mut run.tally.wait), std::mem::take(&mut run.tally.latency));
        Self::measured(&run, &mut durations, price)
    }

    fn measured(
        run: &SeedRun,
        (wait, latency): &mut (DurationDistribution, DurationDistribution),
        price: Option<f64>,
    ) -> Self {
        let mut numbers = RunNumbers::default();
        let tally = &run.tally;
        (numbers.censored, numbers.waits) = (wait.censored(), wait.count());
        for statistic in Statistic::ALL {
            let of = |values: &mut DurationDistribution| match statistic.thousandths() {
                Some(thousandths) => values.percentile(thousandths),
                None => values.mean(),
            };
            numbers.put("wait", Some(statistic), of(wait).map(i128::from));
            numbers.put("latency", Some(statistic), of(latency).map(i128::from));
            numbers.put("queue", Some(statistic), tally.queue(statistic));
        }
        numbers.shares(run);
        numbers.counts(run);
        numbers.hours(run, price);
        numbers
    }

    pub(super) fn put(&mut self, name: &'static str, statistic: Option<Statistic>, value: Option<i128>) {
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

/// The results of one policy over several seeds.
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
    /// The step of the trace that hides bursts shorter than itself (W3).
    pub hidden_bursts: Option<Nanos>,
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
            results.add_last(jobs::run(service, trace, seed), price);
        }
        results
    }

    /// No run yet.
    #[must_use]
    pub fn new(trace: &Trace) -> Self {
        Results {
            capped: billionths(trace.capped_share()),
            gap: billionths(trace.gap_share()),
            hidden_bursts: trace.hidden_bursts(),
            ..Results::default()
        }
    }

    /// Adds a run that was played elsewhere.
    pub fn add(&mut self, run: &SeedRun, price: Option<f64>) {
        self.seeds.push(run.seed);
        self.runs.push(RunNumbers::of(run, price));
        self.jobs += run.jobs;
        self.ticks += run.ticks;
    }

    /// Adds a run that nobody asks anything else of.
    pub fn add_last(&mut self, run: SeedRun, price: Option<f64>) {
        self.seeds.push(run.seed);
        self.jobs += run.jobs;
        self.ticks += run.ticks;
        self.runs.push(RunNumbers::of_last(run, price));
    }

    /// Adds the runs of further seeds on the same trace.
    pub fn append(&mut self, later: Results) {
        self.seeds.extend(later.seeds);
        self.runs.extend(later.runs);
        self.jobs += later.jobs;
        self.ticks += later.ticks;
    }

    /// A number over the runs; `None` if no run has it.
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
pub fn readable(kind: NumberKind, value: i128) -> f64 {
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
