//! What `scalegen simulate` shows: a table with a chart, JSON, Markdown for pull requests, and one HTML file.
//!
//! Knows results and runs of the simulator, no spec and no file.

mod chart;
mod html;
mod json;
mod json_parts;
mod lines;
mod merge;
mod numbers;
mod page_parts;
mod sizing;
mod table;
mod together;

use super::words::{TextStyle, json_text};
use crate::simulate::assertion::{Assertion, AssertionVerdict};
use crate::simulate::jobs::SeedRun;
use crate::simulate::results::Results;
use crate::simulate::schedule::Schedule;
use crate::simulate::trace::Trace;
use crate::simulate::{Nanos, SECOND};
use std::io::{self, Write};

pub use html::MARK;
pub(super) use json::{SimulationDocument, document};
pub use merge::{MergedShards, Shard, merge};
pub use sizing::{ChosenPolicy, SizedRow, SizedService, Sizing, sizing};
pub use together::{Together, TogetherParts};

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimulationForm {
    /// Tables and charts for a terminal.
    Table,
    /// The frozen form.
    Json,
    /// For a pull request.
    Markdown,
}

/// One whole simulation.
#[derive(Debug)]
pub struct Simulation<'a> {
    /// scalegen's version.
    pub version: &'a str,
    /// The spec's name.
    pub name: &'a str,
    /// The recordings, one for each service.
    pub loads: Vec<LoadView>,
    /// Every simulated service, profile and policy. Those of one service and profile are adjacent, and the first
    /// of them is the reference for the others.
    pub trials: Vec<Trial>,
    /// Whether verdicts are reached even if capacity limited the demand.
    pub accept_capped: bool,
    /// For each service, every candidate of a sizing.
    pub frontier: Vec<(String, Vec<Candidate>)>,
    /// Every profile and policy, summed over its services; those of one profile are adjacent.
    pub together: Vec<Together>,
    /// In a shard, the parts that are summed when all shards are joined, with the assertions on the sums.
    pub parts: (Vec<TogetherParts>, Vec<String>),
    /// The shard of the recordings; `None` for all of them.
    pub shard: Option<Shard>,
}

/// One candidate of a sizing: replica-hours, wait p95 in seconds, and whether it holds.
pub type Candidate = (f64, f64, bool);

/// One recording as it was used.
#[derive(Debug)]
pub struct LoadView {
    /// The service.
    pub service: String,
    /// `arrivals`, `rate`, `running` or `cpu`.
    pub kind: &'static str,
    /// The file's name as given.
    pub file: String,
    /// How many samples it has.
    pub samples: usize,
    /// The demand made from it.
    pub trace: Trace,
    /// Whether the limited times are a guess.
    pub guessed: bool,
}

/// One service, profile and policy.
#[derive(Debug)]
pub struct Trial {
    /// The service.
    pub service: String,
    /// The profile; `None` for the base.
    pub profile: Option<String>,
    /// The policy's title.
    pub policy: String,
    /// Whether this is the present policy of the spec's targets.
    pub present: bool,
    /// The numbers of every seed.
    pub results: Results,
    /// Existing replicas of every seed, from each instant on.
    pub existing: Vec<Vec<(Nanos, u32)>>,
    /// The first seed, recorded.
    pub run: SeedRun,
    /// Bounds over time.
    pub schedule: Schedule,
    /// When rollouts began.
    pub rollouts: Vec<Nanos>,
    /// Jobs that a replica runs at once.
    pub slots: u32,
    /// Thresholds of load, in billionths, if the policy has them.
    pub thresholds: Option<(u64, u64)>,
    /// The assertions about it, with their verdicts.
    pub verdicts: Vec<(Assertion, AssertionVerdict)>,
    /// The assumptions, as name and value.
    pub assumptions: Vec<(&'static str, String)>,
    /// What is not modelled.
    pub limits: Vec<&'static str>,
    /// The comparison with what really ran.
    pub backtest: Option<Backtest>,
}

/// Simulated replicas against those that really ran.
#[derive(Clone, Debug, PartialEq)]
pub struct Backtest {
    /// The file's name as given.
    pub file: String,
    /// The time for which both are known.
    pub compared: Nanos,
    /// Observed replica-hours.
    pub observed_hours: f64,
    /// Replica-hours of the first seed in the same time.
    pub simulated_hours: f64,
    /// The mean of the absolute differences, in replicas.
    pub difference: f64,
    /// The share of time with at most one replica of difference.
    pub within_one: f64,
    /// The observed replicas, for the chart.
    pub observed: Vec<(Nanos, f64)>,
}

/// Compares a recorded run with replicas that were observed: each observation holds until the next one.
#[must_use]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "durations are far below 2^53 ns")]
pub fn backtest(file: String, observed: &[(Nanos, f64)], run: &SeedRun) -> Option<Backtest> {
    let (mut at, mut sums) = (0, [0.0; 5]);
    for pair in run.series.windows(2) {
        let [now, next] = pair else { continue };
        while observed.get(at + 1).is_some_and(|(time, _)| *time <= now.at) {
            at += 1;
        }
        let Some((begin, replicas)) = observed.get(at).filter(|(begin, _)| *begin <= now.at) else { continue };
        // the last observation holds as long as the one before it did
        let last = observed.len() == at + 1;
        let step = observed.get(at.saturating_sub(1)).map_or(0, |(before, _)| begin - before);
        if last && now.at >= begin + step.max(SECOND) {
            break;
        }
        let seconds = (next.at - now.at) as f64 / 1e9;
        let off = (f64::from(now.existing) - replicas).abs();
        let parts = [1.0, *replicas, f64::from(now.existing), off, f64::from(u8::from(off <= 1.0))];
        for (sum, part) in sums.iter_mut().zip(parts) {
            *sum += part * seconds;
        }
    }
    let [seconds, ran, simulated, off, near] = sums;
    (seconds > 0.0).then(|| Backtest {
        file,
        compared: (seconds * 1e9) as Nanos,
        observed_hours: ran / 3600.0,
        simulated_hours: simulated / 3600.0,
        difference: off / seconds,
        within_one: near / seconds,
        observed: observed.to_vec(),
    })
}

/// Writes a simulation in one form.
///
/// # Errors
/// An error of `out`.
pub fn simulation(
    simulation: &Simulation<'_>,
    form: SimulationForm,
    style: TextStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    match form {
        SimulationForm::Table => table::text(simulation, style, out),
        SimulationForm::Markdown => table::markdown(simulation, out),
        SimulationForm::Json => writeln!(out, "{}", json_text(&json::document(simulation))?),
    }
}

/// One HTML file that needs no network.
///
/// # Errors
/// An error of making its JSON.
pub fn simulation_page(simulation: &Simulation<'_>) -> io::Result<String> {
    html::page(simulation)
}

impl Simulation<'_> {
    /// Trials grouped by service and profile.
    fn groups(&self) -> impl Iterator<Item = &[Trial]> {
        self.trials.chunk_by(|one, other| one.service == other.service && one.profile == other.profile)
    }

    fn load(&self, service: &str) -> Option<&LoadView> {
        self.loads.iter().find(|load| load.service == service)
    }

    /// Whether every assertion holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        let verdicts = self.trials.iter().flat_map(|trial| &trial.verdicts);
        verdicts.into_iter().all(|(_, verdict)| verdict.outcome == crate::simulate::assertion::AssertionOutcome::Ok)
            && self.together.iter().all(Together::holds)
    }
}

impl Trial {
    /// `scorer`, or `scorer in large`.
    fn title(&self) -> String {
        match &self.profile {
            Some(profile) => format!("{} in {profile}", self.service),
            None => self.service.clone(),
        }
    }
}
