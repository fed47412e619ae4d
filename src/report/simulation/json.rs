//! A simulation as JSON, in a stable form.
//!
//! `version` rises only when a field is removed or changes its meaning. `trials[].results` is the form of
//! [`crate::simulate::results::PolicyResults`]: times in seconds, shares as fractions of 1. Instants are Unix seconds.

use super::json_parts::{Asserted, asserted, seconds};
use super::numbers::{Row, difference_rows, paired};
use super::together::{TogetherEntry, entry};
use super::{Shard, Simulation, TogetherParts, Trial};
use crate::simulate::results::{PolicyResults, VERSION, name, readable};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub(in crate::report) struct SimulationDocument<'a> {
    version: u32,
    scalegen: &'a str,
    name: &'a str,
    holds: bool,
    /// Absent in a whole run.
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<Shard>,
    loads: Vec<LoadEntry<'a>>,
    trials: Vec<TrialEntry<'a>>,
    /// Absent if services share nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    together: Vec<TogetherEntry<'a>>,
    /// Input of `--merge`; absent in a whole run.
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<&'a (Vec<TogetherParts>, Vec<String>)>,
}

#[derive(Serialize)]
struct LoadEntry<'a> {
    service: &'a str,
    kind: &'a str,
    file: &'a str,
    samples: usize,
    from: f64,
    to: f64,
    capped: f64,
    capped_is_a_guess: bool,
    gap: f64,
}

#[derive(Serialize)]
struct TrialEntry<'a> {
    service: &'a str,
    profile: Option<&'a str>,
    policy: &'a str,
    present: bool,
    backtest: Option<Test<'a>>,
    assertions: Vec<Asserted<'a>>,
    results: PolicyResults,
    /// Differences from the first trial of the same service and profile, seed by seed; absent for that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<Differences<'a>>,
    assumptions: BTreeMap<&'static str, &'a str>,
    limits: &'a [&'static str],
}

#[derive(Serialize)]
struct Differences<'a> {
    from: &'a str,
    of: BTreeMap<String, Option<Difference>>,
}

#[derive(Serialize)]
struct Difference {
    median: f64,
    lowest: f64,
    highest: f64,
}

#[derive(Serialize)]
struct Test<'a> {
    file: &'a str,
    compared_seconds: f64,
    observed_replica_hours: f64,
    simulated_replica_hours: f64,
    mean_difference: f64,
    within_one: f64,
}

pub(in crate::report) fn document<'a>(simulation: &'a Simulation<'a>) -> SimulationDocument<'a> {
    let loads = simulation.loads.iter().map(|load| LoadEntry {
        service: &load.service,
        kind: load.kind,
        file: &load.file,
        samples: load.samples,
        from: seconds(load.trace.from()),
        to: seconds(load.trace.to()),
        capped: load.trace.capped_share(),
        capped_is_a_guess: load.guessed,
        gap: load.trace.gap_share(),
    });
    let trials = simulation.groups().flat_map(|group| group.iter().map(move |trial| trial_entry(trial, group)));
    SimulationDocument {
        version: VERSION,
        scalegen: simulation.version,
        name: simulation.name,
        holds: simulation.holds(),
        shard: simulation.shard,
        loads: loads.collect(),
        trials: trials.collect(),
        together: simulation.together.iter().map(entry).collect(),
        parts: simulation.shard.is_some().then_some(&simulation.parts),
    }
}

fn trial_entry<'a>(trial: &'a Trial, group: &'a [Trial]) -> TrialEntry<'a> {
    let other = group.first().filter(|first| !std::ptr::eq(*first, trial));
    TrialEntry {
        service: &trial.service,
        profile: trial.profile.as_deref(),
        policy: &trial.policy,
        present: trial.present,
        backtest: trial.backtest.as_ref().map(|test| Test {
            file: &test.file,
            compared_seconds: seconds(test.compared),
            observed_replica_hours: test.observed_hours,
            simulated_replica_hours: test.simulated_hours,
            mean_difference: test.difference,
            within_one: test.within_one,
        }),
        assertions: trial.verdicts.iter().map(|(assertion, verdict)| asserted(assertion, verdict)).collect(),
        results: trial.results.document(),
        differences: other.map(|other| Differences { from: &other.policy, of: differences(trial, other, group) }),
        assumptions: trial.assumptions.iter().map(|(name, value)| (*name, value.as_str())).collect(),
        limits: &trial.limits,
    }
}

fn differences(trial: &Trial, other: &Trial, group: &[Trial]) -> BTreeMap<String, Option<Difference>> {
    let entry = |(row, statistic, _): Row| {
        let kind = name(row)?.kind;
        let key = statistic.map_or_else(|| row.to_owned(), |statistic| format!("{row}.{}", statistic.word()));
        let numbers = paired(trial, other, row, statistic).map(|[median, lowest, highest]| Difference {
            median: readable(kind, median),
            lowest: readable(kind, lowest),
            highest: readable(kind, highest),
        });
        Some((key, numbers))
    };
    difference_rows(group).filter_map(entry).collect()
}
