//! Looks for the cheapest of many candidates that meets every assertion: screening, more seeds for fewer, the last runs,
//! and the neighbours of the winner. Knows no field of a spec: a candidate is a number, and the caller makes its service.
//!
//! Every stage plays the first of the seeds that the next one plays as well, so what fails early fails at last: nothing is
//! lost by screening but the order of candidates that are nearly as cheap. The result is the same on any number of cores.

mod parts;
mod plateau;
mod stages;
mod stops;

pub use parts::{Parts, TooShort, is_day_met, parts};
pub use plateau::{Edge, OFF};
pub use stops::{RunWholes, limits_of};

use super::assertion::{Assertion, AssertionOutcome, AssertionVerdict};
use super::jobs::SimulatedService;
use super::results::Results;
use super::trace::Trace;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// How many of the cheapest that pass the screening go on together.
pub const KEPT: usize = 200;
/// Seeds of the second stage.
pub const SECOND: u64 = 4;
/// How many are played with all seeds at once, cheapest first, until one of them holds.
pub const BATCH: usize = 10;

/// The question.
pub struct PolicySearch<'a> {
    /// A candidate's service.
    pub service: &'a (dyn Fn(usize) -> SimulatedService + Sync),
    /// Fields in which a candidate differs from the present spec, which decides between equal ones.
    pub changed: &'a (dyn Fn(usize) -> usize + Sync),
    /// Candidates one step away on one axis.
    pub neighbors: &'a (dyn Fn(usize) -> Vec<usize> + Sync),
    /// The load to choose on.
    pub trace: &'a Trace,
    /// The assertions, which must hold in every run.
    pub assertions: &'a [Assertion],
    /// Demand that capacity cut does not leave a verdict open.
    pub accept_capped: bool,
    /// Everything must also hold with the load times this; 1 asks nothing more.
    pub stress: f64,
    /// The first seed.
    pub seed: u64,
    /// How many seeds.
    pub runs: u64,
    /// How many threads play.
    pub threads: usize,
    /// Candidates that fail the screening are played to the end, so that a chart can draw all of them.
    pub complete: bool,
    /// Called after each run, on whatever thread it was played.
    pub played: &'a (dyn Fn() + Sync),
}

/// One candidate, played with one seed of the stressed load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screened {
    /// The candidate.
    pub index: usize,
    /// Whether every assertion holds.
    pub holds: bool,
    /// Replica-hours, in billionths; `None` where it was stopped once it had failed.
    pub hours: Option<i128>,
    /// The 95th percentile of the wait in nanoseconds, where any job came and it was not stopped.
    pub wait_p95: Option<i128>,
}

/// One candidate, played with many seeds.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The candidate.
    pub index: usize,
    /// The numbers on the load as it is.
    pub results: Results,
    /// The verdicts on it, in the order of the assertions.
    pub verdicts: Vec<AssertionVerdict>,
    /// The verdicts on the stressed load; empty without stress.
    pub stressed: Vec<AssertionVerdict>,
}

impl Evaluation {
    /// Whether every assertion holds on both loads.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.verdicts.iter().chain(&self.stressed).all(|verdict| verdict.outcome == AssertionOutcome::Ok)
    }

    /// The median of the replica-hours, in billionths.
    #[must_use]
    pub fn hours(&self) -> i128 {
        self.results.across("replica_hours", None).map_or(0, |across| across.median)
    }

    fn flaps(&self) -> i128 {
        self.results.across("flap", None).map_or(0, |across| across.median)
    }
}

/// The answer.
#[derive(Debug, Clone, Default)]
pub struct FoundPolicies {
    /// Every candidate as it was screened, in the order of candidates.
    pub screened: Vec<Screened>,
    /// Those that hold with all seeds, as far as they were played, cheapest first.
    pub finalists: Vec<Evaluation>,
    /// The cheapest that meets everything.
    pub winner: Option<Evaluation>,
    /// Its neighbour that fails by far, and the cheapest winner without one.
    pub edge: Option<Edge>,
}

impl PolicySearch<'_> {
    /// Looks among these candidates.
    #[must_use]
    pub fn run(&self, candidates: &[usize]) -> FoundPolicies {
        let screened = self.screen(candidates);
        let mut passed: Vec<Screened> = screened.iter().filter(|candidate| candidate.holds).copied().collect();
        passed.sort_by_key(|candidate| (candidate.hours, (self.changed)(candidate.index), candidate.index));
        let mut known: BTreeMap<usize, Evaluation> = BTreeMap::new();
        let mut winner = None;
        for part in passed.chunks(KEPT) {
            let indexes: Vec<usize> = part.iter().map(|candidate| candidate.index).collect();
            let second = self.evaluate_all(&indexes, self.runs.min(SECOND), false);
            let mut left: Vec<Evaluation> = second.into_iter().filter(Evaluation::holds).collect();
            left.sort_by(|one, other| self.compare(one, other));
            for batch in left.chunks(BATCH) {
                let indexes: Vec<usize> = batch.iter().map(|candidate| candidate.index).collect();
                for done in self.evaluate_all(&indexes, self.runs, false) {
                    known.insert(done.index, done);
                }
                winner = self.cheapest(known.values().filter(|candidate| candidate.holds()));
                if winner.is_some() {
                    break;
                }
            }
            if winner.is_some() {
                break;
            }
        }
        let mut finalists: Vec<Evaluation> = known.values().cloned().collect();
        finalists.sort_by(|one, other| self.compare(one, other));
        let edge = winner.as_ref().and_then(|winner| self.edge(winner, candidates, &finalists, &mut known));
        FoundPolicies { screened, finalists, winner, edge }
    }

    /// Fewer hours, then fewer flaps, then fewer changes.
    fn compare(&self, one: &Evaluation, other: &Evaluation) -> Ordering {
        let key = |one: &Evaluation| (one.hours(), one.flaps(), (self.changed)(one.index), one.index);
        key(one).cmp(&key(other))
    }

    fn cheapest<'e>(&self, all: impl Iterator<Item = &'e Evaluation>) -> Option<Evaluation> {
        all.min_by(|one, other| self.compare(one, other)).cloned()
    }
}
