//! The trials of one call: which service is played under which policy and load, and how. Reads and prints nothing.

use super::asked::{BEFORE, MANY, MOST, USUAL, arrivals, thresholds};
use super::loads::{self, Recording, TrialRequest};
use crate::cli::args::PlayArgs;
use crate::cli::price::Price;
use crate::cli::progress::Progress;
use crate::cli::{Failure, display_path};
use scalegen::model::{Service, ServiceField, Spec};
use scalegen::plan::scenario::{AutoscalerKind, Scenario, TrialInputs, scenario};
use scalegen::report::{self, LoadView, Trial};
use scalegen::simulate::assertion::Assertion;
use scalegen::simulate::jobs::{self, SeedRun, Start};
use scalegen::simulate::results::Results;
use scalegen::support::threads;
use scalegen::targets;
use std::io::Write;
use std::thread::available_parallelism;

/// Everything that every trial shares.
pub(in crate::cli) struct Setup<'a> {
    pub args: &'a PlayArgs,
    pub policies: Vec<AutoscalerKind>,
    pub asserted: Vec<Assertion>,
    pub recordings: Vec<Recording>,
    pub observed: Vec<loads::Observed>,
    pub measured: Vec<loads::ServiceTimes>,
    pub price: Option<Price>,
}

/// Refuses to play what is not all known of the autoscaler that the files of a base have: another one would be played.
fn known_autoscaler(spec: &Spec, service: &Service) -> Result<(), Failure> {
    let name = &service.name;
    if spec.scaler(name).is_none() || !service.broken.has(ServiceField::Autoscaling) {
        return Ok(());
    }
    Err(Failure(format!(
        "{name}: its autoscaler has a metric or a step that is not simulated; play another rule with --policy hpa, keda or foundry, or write a spec over it"
    )))
}

impl Setup<'_> {
    /// The recordings, for reports.
    pub fn views(&self) -> Vec<LoadView> {
        let view = |one: &Recording| LoadView {
            service: one.service.clone(),
            kind: one.kind,
            file: display_path(&one.path),
            samples: one.samples,
            trace: one.trace.clone(),
            guessed: one.guessed,
        };
        self.recordings.iter().map(view).collect()
    }

    /// Every trial to be played, those of one service and profile together.
    pub fn requests<'s>(&'s self, models: &'s [(Option<String>, Spec)]) -> Result<Vec<TrialRequest<'s>>, Failure> {
        let mut requests = Vec::new();
        for recording in &self.recordings {
            for (profile, spec) in models {
                let cluster = targets::cluster(&spec.targets);
                // a profile may be without it
                let Some(service) = spec.services().find(|service| *service.name == *recording.service) else {
                    continue;
                };
                let present = AutoscalerKind::present(spec, cluster.as_ref(), service);
                let mut kinds = self.policies.clone();
                let backtested = self.observed.iter().any(|observed| *observed.service == *service.name);
                if kinds.is_empty() || (backtested && !kinds.contains(&present)) {
                    kinds.insert(0, present);
                }
                let inputs = TrialInputs {
                    time: (recording.trace.from() - BEFORE, recording.trace.to()),
                    service_times: loads::measured_of(&self.measured, service),
                    rollouts: loads::rollouts(&self.args.rollout_at, spec, recording)?,
                };
                for kind in kinds {
                    if kind == present {
                        known_autoscaler(spec, service)?;
                    }
                    let mut scenario = scenario(service, cluster.as_ref(), kind, &inputs).map_err(Failure)?;
                    self.adjust(&mut scenario)?;
                    let is_present = kind == present;
                    requests.push(TrialRequest {
                        recording,
                        service,
                        profile: profile.as_deref(),
                        kind,
                        is_present,
                        scenario,
                    });
                }
            }
        }
        Ok(requests)
    }

    /// The options of the command line that apply to every trial.
    fn adjust(&self, scenario: &mut Scenario) -> Result<(), Failure> {
        scenario.service.start =
            match self.args.start.as_str() {
                "steady" => Start::Steady,
                count => Start::Count(count.parse().ok().filter(|count| *count >= 0).ok_or_else(|| {
                    Failure(format!("--start takes a number of replicas or `steady`, not `{count}`"))
                })?),
            };
        scenario.service.arrivals = arrivals(self.args.runs.arrivals.as_deref())?;
        let start = match scenario.service.start {
            Start::Steady => "what the first load needs, then a warm-up that is not scored".to_owned(),
            Start::Count(count) => format!("{count} replicas, then a warm-up that is not scored"),
        };
        scenario.assumptions.push(("at the beginning", start));
        let form = self.args.runs.arrivals.as_deref().unwrap_or(USUAL);
        scenario.assumptions.push(("arrivals within a step", form.to_owned()));
        Ok(())
    }

    /// Prints the cost before the work begins, if it is large.
    pub fn announce(&self, requests: &[TrialRequest<'_>]) -> Result<(), Failure> {
        let runs = u32::try_from(self.args.runs.count).unwrap_or(u32::MAX);
        let jobs: f64 =
            requests.iter().map(|request| request.recording.trace.expected_jobs()).sum::<f64>() * f64::from(runs);
        if jobs > MOST {
            let text = format!(
                "{jobs:.1e} jobs are to be played, above {MOST:.0e}; lower --runs, or check what the load's values are"
            );
            return Err(Failure(text));
        }
        if jobs > MANY {
            let minutes = jobs * 150e-9 / 60.0;
            let text =
                format!("about {:.0} million jobs are to be played, some {minutes:.0} minutes of one core", jobs / 1e6);
            writeln!(std::io::stderr(), "scalegen: {text}")?;
        }
        Ok(())
    }

    /// Plays every seed of one trial and judges it.
    pub fn play(&self, request: &TrialRequest<'_>) -> Trial {
        let trace = &request.recording.trace;
        let seeds: Vec<u64> =
            (self.args.runs.seed..).take(usize::try_from(self.args.runs.count).unwrap_or(usize::MAX)).collect();
        let cores = available_parallelism().map_or(1, usize::from);
        let progress = Progress::start("simulating, runs of one policy", seeds.len());
        // the threads share no service of the spec
        let (simulated, first) = (&request.scenario.service, self.args.runs.seed);
        let play = |seed: &u64| {
            let mut service = simulated.clone();
            service.record = *seed == first;
            let run = jobs::run(&service, trace, *seed);
            progress.step();
            run
        };
        let price = self.price.map(|price| price.of(request.service));
        let mut results = Results::new(trace);
        let mut recorded = SeedRun::default();
        let mut existing = Vec::new();
        // no more runs are kept than there are threads
        for part in seeds.chunks(cores) {
            for mut run in threads::map(part, cores, play) {
                results.add(&run, price);
                existing.push(std::mem::take(&mut run.existing));
                if run.seed == self.args.runs.seed {
                    recorded = run;
                    // the warm-up is neither scored nor drawn
                    recorded.series.retain(|now| now.at >= trace.from());
                }
            }
        }
        let about = |one: &&Assertion| {
            !one.name.is_together() && one.service.as_ref().is_none_or(|name| **name == *request.service.name)
        };
        let judged = self.asserted.iter().filter(about);
        let verdicts = judged
            .map(|assertion| (assertion.clone(), assertion.judge(&results, self.args.runs.accept_capped)))
            .collect();
        let observed =
            self.observed.iter().find(|observed| *observed.service == *request.service.name && request.is_present);
        let backtest =
            observed.and_then(|observed| report::backtest(display_path(&observed.path), &observed.replicas, &recorded));
        Trial {
            service: request.service.name.to_string(),
            profile: request.profile.map(str::to_owned),
            policy: request.kind.title(),
            present: request.is_present,
            results,
            existing,
            run: recorded,
            schedule: request.scenario.service.schedule.clone(),
            rollouts: request.scenario.service.rollouts.clone(),
            slots: request.service.slots_each(),
            thresholds: thresholds(request.service, request.kind),
            verdicts,
            assumptions: request.scenario.assumptions.clone(),
            limits: request.scenario.limits.clone(),
            backtest,
        }
    }
}
