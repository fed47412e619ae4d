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
    /// Every service, profile and policy that was played; those of one service and profile are together, and the first
    /// of them is what the others are compared with.
    pub trials: Vec<Trial>,
    /// Demand that capacity cut does not leave a verdict open.
    pub accept_capped: bool,
    /// Of a service, every candidate of a sizing.
    pub frontier: Vec<(String, Vec<Candidate>)>,
    /// Every profile and policy, summed over its services; those of one profile are together.
    pub together: Vec<Together>,
    /// Of a shard, what of it is summed when all shards are joined, with what is asserted of the sums.
    pub parts: (Vec<TogetherParts>, Vec<String>),
    /// Which part of the recordings this is; `None` for all of them.
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
    /// The file, as it was named.
    pub file: String,
    /// How many samples it has.
    pub samples: usize,
    /// What it came to.
    pub trace: Trace,
    /// Whether capped time is a guess.
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
    /// Whether this is what the spec's targets do now.
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
    /// Thresholds of load, in billionths, where the policy has them.
    pub thresholds: Option<(u64, u64)>,
    /// What was asserted of it.
    pub verdicts: Vec<(Assertion, AssertionVerdict)>,
    /// What was assumed, as name and value.
    pub assumptions: Vec<(&'static str, String)>,
    /// What is not modelled.
    pub limits: Vec<&'static str>,
    /// How it compares with what really ran.
    pub backtest: Option<Backtest>,
}

/// Simulated replicas against those that really ran.
#[derive(Clone, Debug, PartialEq)]
pub struct Backtest {
    /// The file, as it was named.
    pub file: String,
    /// How long both are known.
    pub compared: Nanos,
    /// Replica-hours that ran.
    pub observed_hours: f64,
    /// Replica-hours of the first seed in the same time.
    pub simulated_hours: f64,
    /// The mean of the absolute differences, in replicas.
    pub difference: f64,
    /// The share of time with at most one replica of difference.
    pub within_one: f64,
    /// What ran, for the chart.
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
/// What writing gives.
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
/// What making its JSON gives.
pub fn simulation_page(simulation: &Simulation<'_>) -> io::Result<String> {
    html::page(simulation)
}

impl Simulation<'_> {
    /// Trials of one service and profile together.
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
