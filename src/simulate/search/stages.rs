//! Plays many services with many seeds: the jobs of a seed are drawn once for all of them, and what has failed is played no
//! further where nobody asks for its numbers.

use super::stops::{RunWholes, limits_of};
use super::{Evaluation, PolicySearch, Screened};
use crate::simulate::assertion::{AssertionOutcome, AssertionVerdict};
use crate::simulate::jobs::{self, DrawnJobs, JobForm, SimulatedService};
use crate::simulate::results::{Results, Statistic};
use crate::simulate::trace::Trace;
use crate::support::threads;

/// The most jobs that are kept drawn at once. A trace with more of them draws each run's own.
const DRAWN: f64 = 4e6;
/// Runs for each thread between two looks at what has failed.
const TURN: usize = 8;

/// Services that are played, each on every load.
pub(super) struct PlayedServices<'a, 's> {
    search: &'a PolicySearch<'s>,
    loads: Vec<&'a Trace>,
    services: Vec<SimulatedService>,
    /// The distinct forms of their jobs, by the first service of each, and the form of each service.
    forms: (Vec<usize>, Vec<usize>),
    /// Whether one that fails is played to the end as well.
    complete: bool,
}

/// The runs of one service on each load; `None` once it has failed.
type CandidateRuns = Option<Vec<Results>>;

impl<'a, 's> PlayedServices<'a, 's> {
    pub(super) fn new(
        search: &'a PolicySearch<'s>,
        loads: Vec<&'a Trace>,
        services: Vec<SimulatedService>,
        complete: bool,
    ) -> Self {
        let forms = forms(&services);
        PlayedServices { search, loads, services, forms, complete }
    }

    /// The runs of each service with the first so many seeds.
    pub(super) fn play(&self, runs: u64) -> Vec<CandidateRuns> {
        let fresh = || self.loads.iter().map(|trace| Results::new(trace)).collect();
        let mut all: Vec<CandidateRuns> = self.services.iter().map(|_| Some(fresh())).collect();
        let seeds = (self.search.seed..).take(usize::try_from(runs).unwrap_or(usize::MAX));
        // the last load is the hardest: what fails is played with few of the others
        let turns: Vec<(usize, u64)> =
            seeds.flat_map(|seed| (0..self.loads.len()).rev().map(move |load| (load, seed))).collect();
        let mut rest = turns.as_slice();
        while !rest.is_empty() {
            let alive: Vec<usize> =
                (0..all.len()).filter(|index| all.get(*index).is_some_and(Option::is_some)).collect();
            if alive.is_empty() {
                break;
            }
            let (turn, later) = rest.split_at(self.turns_at_once(alive.len()).min(rest.len()));
            rest = later;
            self.take_turn(turn, &alive, &mut all);
        }
        all
    }

    /// As many as keep every thread busy, and keep not too many jobs in memory.
    fn turns_at_once(&self, alive: usize) -> usize {
        let each = self.jobs_each() * f64::from(u32::try_from(self.forms.0.len()).unwrap_or(u32::MAX));
        let busy = (TURN * self.search.threads).div_ceil(alive.max(1));
        (1..=busy)
            .rev()
            .find(|turns| *turns == 1 || each * f64::from(u32::try_from(*turns).unwrap_or(0)) <= DRAWN)
            .unwrap_or(1)
    }

    fn jobs_each(&self) -> f64 {
        self.loads.iter().map(|trace| trace.expected_jobs()).fold(0.0, f64::max)
    }

    fn take_turn(&self, turn: &[(usize, u64)], alive: &[usize], all: &mut [CandidateRuns]) {
        let drawn = self.draw(turn);
        let items: Vec<(usize, usize)> =
            (0..turn.len()).flat_map(|at| alive.iter().map(move |index| (at, *index))).collect();
        let played = threads::map(&items, self.search.threads, |(at, index)| {
            let (load, seed) = turn.get(*at)?;
            let form = self.forms.1.get(*index)?;
            let drawn = drawn.get(at * self.forms.0.len() + form)?.as_ref();
            let results = self.one(self.services.get(*index)?, self.loads.get(*load)?, *seed, drawn);
            (self.search.played)();
            results
        });
        for ((at, index), results) in items.into_iter().zip(played) {
            let Some(progress) = all.get_mut(index) else { continue };
            let known = turn.get(at).and_then(|(load, _)| progress.as_mut()?.get_mut(*load));
            match (known, results) {
                (Some(known), Some(results)) => known.append(results),
                _ => *progress = None,
            }
        }
    }

    /// The jobs of each turn, for each form.
    fn draw(&self, turn: &[(usize, u64)]) -> Vec<Option<DrawnJobs>> {
        let wanted: Vec<(usize, u64, usize)> =
            turn.iter().flat_map(|(load, seed)| self.forms.0.iter().map(move |first| (*load, *seed, *first))).collect();
        threads::map(&wanted, self.search.threads, |(load, seed, first)| {
            let trace = self.loads.get(*load).filter(|trace| trace.expected_jobs() <= DRAWN)?;
            Some(DrawnJobs::new(self.services.get(*first)?, trace, *seed))
        })
    }

    /// One run; `None` if it fails and nobody asks for its numbers.
    fn one(&self, service: &SimulatedService, trace: &Trace, seed: u64, drawn: Option<&DrawnJobs>) -> Option<Results> {
        let run = match drawn {
            None => jobs::run(service, trace, seed),
            Some(drawn) if self.complete => jobs::run_drawn(service, trace, drawn),
            Some(drawn) => {
                let scored = trace.scored().into_iter().map(|(from, to)| i128::from(to - from)).sum();
                let wholes = RunWholes { arrived: i128::from(drawn.arrived()), scored };
                jobs::run_within(service, trace, drawn, &limits_of(self.search.assertions, wholes))?
            }
        };
        let mut results = Results::new(trace);
        results.add_last(run, None);
        // each run must hold, so one that does not settles it
        (self.complete || self.search.holds(&results)).then_some(results)
    }
}

/// Services with the same jobs under the same seed share a form.
fn forms(services: &[SimulatedService]) -> (Vec<usize>, Vec<usize>) {
    let (mut known, mut firsts): (Vec<JobForm>, Vec<usize>) = (Vec::new(), Vec::new());
    let of = |(index, service)| {
        let form = JobForm::of(service);
        let at = known.iter().position(|known_form| *known_form == form);
        at.unwrap_or_else(|| {
            known.push(form);
            firsts.push(index);
            known.len() - 1
        })
    };
    let each = services.iter().enumerate().map(of).collect();
    (firsts, each)
}

impl PolicySearch<'_> {
    /// The first stage alone: every candidate with one seed of the stressed load.
    #[must_use]
    pub fn screen(&self, candidates: &[usize]) -> Vec<Screened> {
        let stressed = self.trace.scaled(self.stress);
        let services = candidates.iter().map(|index| (self.service)(*index)).collect();
        let played = PlayedServices::new(self, vec![&stressed], services, self.complete).play(1);
        let screened = |(index, progress): (&usize, Option<Vec<Results>>)| {
            let Some(results) = progress.and_then(|loads| loads.into_iter().next()) else {
                return Screened { index: *index, holds: false, hours: None, wait_p95: None };
            };
            Screened {
                index: *index,
                holds: self.holds(&results),
                hours: results.across("replica_hours", None).map(|across| across.median),
                wait_p95: results.across("wait", Some(Statistic::P95)).map(|across| across.median),
            }
        };
        candidates.iter().zip(played).map(screened).collect()
    }

    fn holds(&self, results: &Results) -> bool {
        self.judge(results).iter().all(|verdict| verdict.outcome == AssertionOutcome::Ok)
    }

    pub(super) fn judge(&self, results: &Results) -> Vec<AssertionVerdict> {
        self.assertions.iter().map(|assertion| assertion.judge(results, self.accept_capped)).collect()
    }

    /// Plays these candidates with this many seeds on both loads. Those that fail are in the answer only if they are wanted in full.
    #[must_use]
    pub fn evaluate_all(&self, indexes: &[usize], runs: u64, complete: bool) -> Vec<Evaluation> {
        let services = indexes.iter().map(|index| (self.service)(*index)).collect();
        self.evaluate_services(indexes, services, runs, complete)
    }

    fn evaluate_services(
        &self,
        indexes: &[usize],
        services: Vec<SimulatedService>,
        runs: u64,
        complete: bool,
    ) -> Vec<Evaluation> {
        let stressed = (self.stress > 1.0).then(|| self.trace.scaled(self.stress));
        let loads = std::iter::once(self.trace).chain(&stressed).collect();
        let played = PlayedServices::new(self, loads, services, complete).play(runs);
        let evaluation = |(index, progress): (&usize, CandidateRuns)| {
            let mut loads = progress?.into_iter();
            let results = loads.next()?;
            let stressed = loads.next().map_or_else(Vec::new, |stressed| self.judge(&stressed));
            Some(Evaluation { index: *index, verdicts: self.judge(&results), results, stressed })
        };
        indexes.iter().zip(played).filter_map(evaluation).collect()
    }

    /// Plays one service with this many seeds on both loads. `index` is the number of the result.
    #[must_use]
    pub fn evaluate(&self, index: usize, service: &SimulatedService, runs: u64) -> Evaluation {
        let all = self.evaluate_services(&[index], vec![service.clone()], runs, true);
        let nothing = Results::new(self.trace);
        all.into_iter().next().unwrap_or_else(|| Evaluation {
            index,
            verdicts: self.judge(&nothing),
            results: nothing,
            stressed: Vec::new(),
        })
    }

    /// Like [`PolicySearch::evaluate`]; `None` if it does not hold, which takes less time to know.
    #[must_use]
    pub fn evaluate_if_holds(&self, index: usize, service: &SimulatedService, runs: u64) -> Option<Evaluation> {
        self.evaluate_services(&[index], vec![service.clone()], runs, false).into_iter().next()
    }

    /// Plays one service on another load, without stress.
    #[must_use]
    pub fn on(&self, service: &SimulatedService, trace: &Trace) -> Evaluation {
        let played = PlayedServices::new(self, vec![trace], vec![service.clone()], true).play(self.runs);
        let results = played.into_iter().flatten().flatten().next().unwrap_or_else(|| Results::new(trace));
        Evaluation { index: 0, verdicts: self.judge(&results), results, stressed: Vec::new() }
    }
}
