//! Results as JSON, in a form that stays.
//!
//! ```json
//! {"version": 1, "generator": "xoshiro256++", "seeds": [1, 2], "jobs": 60000, "ticks": 11520,
//!  "capped": 0.0, "gap": 0.0, "censored": 0,
//!  "results": {"wait": {"p95": {"median": 13.1, "lowest": 11.9, "highest": 15.0, "runs": [13.1, 11.9]}},
//!              "killed": {"median": 3.0, "lowest": 1.0, "highest": 4.0, "runs": [3.0, 1.0]}}}
//! ```
//!
//! Times are seconds, shares fractions of 1. `runs` has one entry for each seed, `null` if it has no value.

use super::{NAMES, NumberName, Results, Statistic, readable};
use serde::Serialize;
use std::collections::BTreeMap;

/// The form's number. It rises only when a field changes its meaning or goes.
pub const VERSION: u32 = 1;

/// Results of one policy and service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PolicyResults {
    /// [`VERSION`].
    pub version: u32,
    /// The random generator's name.
    pub generator: &'static str,
    /// The seeds, in the order of `runs`.
    pub seeds: Vec<u64>,
    /// Jobs played, of all seeds, warm-up included.
    pub jobs: u64,
    /// Evaluations played, of all seeds.
    pub ticks: u64,
    /// The share of recorded time that capacity cut.
    pub capped: f64,
    /// The share of time that was not recorded.
    pub gap: f64,
    /// Waits known only to be at least so long, of all seeds.
    pub censored: u64,
    /// The numbers, by name.
    pub results: BTreeMap<&'static str, NamedNumber>,
}

/// One name.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum NamedNumber {
    /// A single number.
    One(SeedSpread),
    /// Statistics of a distribution.
    Several(BTreeMap<&'static str, SeedSpread>),
}

/// One number over the seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SeedSpread {
    /// The median of the runs.
    pub median: Option<f64>,
    /// The lowest.
    pub lowest: Option<f64>,
    /// The highest.
    pub highest: Option<f64>,
    /// Each run.
    pub runs: Vec<Option<f64>>,
}

impl Results {
    /// The frozen form.
    #[must_use]
    pub fn document(&self) -> PolicyResults {
        PolicyResults {
            version: VERSION,
            generator: self.generator(),
            seeds: self.seeds.clone(),
            jobs: self.jobs,
            ticks: self.ticks,
            capped: readable(super::NumberKind::Share, self.capped),
            gap: readable(super::NumberKind::Share, self.gap),
            censored: self.runs.iter().map(|run| run.censored).sum(),
            results: NAMES.iter().map(|name| (name.name, self.spreads(name))).collect(),
        }
    }

    /// One name: its one number, or its statistics by their words.
    #[must_use]
    pub fn spreads(&self, name: &'static NumberName) -> NamedNumber {
        if name.statistics.is_empty() {
            return NamedNumber::One(self.spread(name, None));
        }
        let several = name.statistics.iter().map(|statistic| (statistic.word(), self.spread(name, Some(*statistic))));
        NamedNumber::Several(several.collect())
    }

    fn spread(&self, name: &NumberName, statistic: Option<Statistic>) -> SeedSpread {
        let across = self.across(name.name, statistic);
        let shown = |value: i128| readable(name.kind, value);
        SeedSpread {
            median: across.map(|across| shown(across.median)),
            lowest: across.map(|across| shown(across.lowest)),
            highest: across.map(|across| shown(across.highest)),
            runs: self.runs.iter().map(|run| run.get(name.name, statistic).map(shown)).collect(),
        }
    }
}
