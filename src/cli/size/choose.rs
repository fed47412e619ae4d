//! Sizes one service: checks and plays its candidates, and judges the choice on the days that it did not see.

use super::play::{best_fixed, view};
use super::requests;
use super::subject::{SizedDrawing, Sizer, SizingSubject};
use crate::cli::progress::Progress;
use crate::cli::settings::{AppliedSettings, SettingsFiles};
use crate::cli::simulate::loads::{Recording, measured_of};
use crate::cli::simulate::{self, BEFORE};
use crate::cli::{Failure, display_path, read};
use scalegen::change::size::{Grid, Tune};
use scalegen::inputs::spec::edit::change;
use scalegen::model::Service;
use scalegen::plan::scenario::{AutoscalerKind, Scenario, TrialInputs, reads_down_threshold};
use scalegen::report::{ChosenPolicy, SizedRow, SizedService};
use scalegen::simulate::assertion::Assertion;
use scalegen::simulate::jobs;
use scalegen::simulate::search::{Evaluation, FoundPolicies, Parts, PolicySearch, is_day_met, parts};
use scalegen::support::diagnostic::Severity;
use scalegen::support::plural::plural;
use scalegen::support::threads;
use scalegen::support::unified;
use scalegen::targets;
use scalegen::{CheckOptions, CheckResult};

impl Sizer<'_> {
    /// Sizes one service and lays the choice over the text.
    pub fn service(&mut self, recording: &Recording) -> Result<(SizedService, SizedDrawing), Failure> {
        let (sized, drawn, text) = self.sized(recording)?;
        if let Some(text) = text {
            self.text = text;
        }
        Ok((sized, drawn))
    }

    /// Like `size`, with the new text if everything holds.
    fn sized(&self, recording: &Recording) -> Result<(SizedService, SizedDrawing, Option<String>), Failure> {
        let service = simulate::find_service(&recording.service, self.model)?;
        let subject = self.subject(service, recording)?;
        let asserted = self.asserted(service)?;
        let mut sized = self.frame(&subject, recording, &asserted)?;
        let grid =
            Grid::new(service, &self.asked.tune, reads_down_threshold(service, subject.cluster.as_ref(), subject.kind));
        self.describe(&grid, &mut sized);
        let view = view(recording);
        sized.refusal = self.unknown(recording, &asserted);
        if sized.refusal.is_some() {
            return Ok((sized, SizedDrawing { load: view, trials: Vec::new() }, None));
        }
        let split = match parts(&recording.trace, self.asked.tune.contains(&Tune::Windows)) {
            Ok(split) => split,
            Err(short) => {
                sized.refusal = Some(format!(
                    "the recording has {}, and {} are needed: the last ones are held out from the choice",
                    plural(short.days, "whole day"),
                    short.wanted
                ));
                return Ok((sized, SizedDrawing { load: view, trials: Vec::new() }, None));
            }
        };
        sized.days = (split.chosen_on.from(), split.held_out.from(), split.held_out.to());
        let (candidates, refused) = self.candidates(&grid, service)?;
        (sized.refused, sized.tried) = (refused, candidates.len());
        self.announce(&recording.trace, candidates.len())?;
        let services = candidates
            .iter()
            .map(|index| Ok((*index, subject.scenario(&grid.apply(service, *index), subject.kind)?.service)))
            .collect::<Result<std::collections::BTreeMap<usize, jobs::SimulatedService>, Failure>>()?;
        let present = subject.scenario(service, subject.kind)?;
        let progress = Progress::counting("trying policies, runs played");
        let of = |index: usize| services.get(&index).unwrap_or(&present.service).clone();
        let search = PolicySearch {
            service: &of,
            changed: &|index| grid.changed(index),
            neighbors: &|index| grid.neighbors(index),
            trace: &split.chosen_on,
            assertions: &asserted,
            accept_capped: self.args.runs.accept_capped,
            stress: self.asked.stress,
            seed: self.args.runs.seed,
            runs: self.args.runs.count,
            threads: self.asked.threads,
            complete: self.args.report.is_some(),
            played: &|| progress.step(),
        };
        let found = search.run(&candidates);
        self.rows(&mut sized, &subject, &search, &found, &grid)?;
        let text = match &found.winner {
            Some(winner) => self.judge(&mut sized, &subject, &search, winner, &split, &grid)?,
            None => None,
        };
        sized.found = found;
        let trials = self.trials(&sized, &subject, recording, &grid)?;
        Ok((sized, SizedDrawing { load: view, trials }, text))
    }

    fn subject<'s>(&'s self, service: &'s Service, recording: &Recording) -> Result<SizingSubject<'s>, Failure> {
        let kind = self.asked.policy.unwrap_or_else(|| simulate::present_autoscaler(self.model, service));
        if matches!(kind, AutoscalerKind::Fixed(_)) {
            let name = &service.name;
            return Err(Failure(format!(
                "{name}: no target of the spec scales it; say which policy is to be tuned: --policy hpa, keda or foundry"
            )));
        }
        Ok(SizingSubject {
            service,
            cluster: targets::cluster(&self.model.targets),
            kind,
            inputs: TrialInputs {
                time: (recording.trace.from() - BEFORE, recording.trace.to()),
                service_times: measured_of(self.measured, service),
                rollouts: Vec::new(),
            },
            arrivals: simulate::arrivals(self.args.runs.arrivals.as_deref())?,
        })
    }

    /// Why nothing can be chosen on a recording.
    fn unknown(&self, recording: &Recording, asserted: &[Assertion]) -> Option<String> {
        let capped = recording.trace.capped_share();
        if capped > 0.01 && !self.args.runs.accept_capped {
            return Some(format!(
                "capacity cut {:.1} % of the recorded demand, above 1 %: what would have arrived is not known; record arrivals, or say --accept-capped",
                capped * 100.0
            ));
        }
        let step = recording.trace.hidden_bursts();
        asserted.iter().find_map(|assertion| assertion.hidden_by(step).map(|why| format!("{}: {why}", assertion.text)))
    }

    /// The assertions that are about this service.
    fn asserted(&self, service: &Service) -> Result<Vec<Assertion>, Failure> {
        let is_about = |one: &&Assertion| one.service.as_ref().is_none_or(|name| **name == *service.name);
        let all: Vec<Assertion> = self.asked.asserted.iter().filter(is_about).cloned().collect();
        match all.is_empty() {
            true => Err(Failure(format!("{}: nothing must hold; say it with --assert 'wait.p95 < 2s'", service.name))),
            false => Ok(all),
        }
    }

    fn frame(
        &self,
        subject: &SizingSubject<'_>,
        recording: &Recording,
        asserted: &[Assertion],
    ) -> Result<SizedService, Failure> {
        let Scenario { assumptions, limits, .. } = subject.scenario(subject.service, subject.kind)?;
        let advice: Vec<String> = self
            .metrics
            .iter()
            .filter(|metric| *metric.service == *subject.service.name)
            .map(|metric| requests::advice(subject.service, subject.kind, metric).text)
            .collect();
        Ok(SizedService {
            service: subject.service.name.to_string(),
            profile: self.args.profile.clone(),
            policy: subject.kind.title(),
            load: format!("{} of {}", recording.kind, display_path(&recording.path)),
            samples: recording.samples,
            assertions: asserted.to_vec(),
            stress: self.asked.stress,
            runs: self.args.runs.count,
            seed: self.args.runs.seed,
            price: self.asked.price.map(|price| price.of(subject.service)),
            advice,
            assumptions,
            limits,
            ..SizedService::default()
        })
    }

    fn describe(&self, grid: &Grid, sized: &mut SizedService) {
        sized.axes = grid
            .axes
            .iter()
            .map(|axis| (axis.field.path(), axis.values.iter().map(ToString::to_string).collect()))
            .collect();
        sized.whole = grid.whole;
        sized.thinned = grid.thinned.iter().map(|field| field.path()).collect();
    }

    /// The candidates that mean something and raise no error of lint, and how many raise one.
    fn candidates(&self, grid: &Grid, service: &Service) -> Result<(Vec<usize>, usize), Failure> {
        let present = grid.present();
        let sensible: Vec<(usize, Option<String>)> = (0..grid.len())
            .filter(|index| grid.is_sensible(service, *index))
            .map(|index| (index, grid.text(&self.text, service, self.args.profile.as_deref(), index).ok()))
            .collect();
        let wanted = self.wanted()?;
        let (name, path) = (&self.spec.name, &self.spec.path);
        let sound = threads::map(&sensible, self.asked.threads, |(index, text)| {
            // a fault of editing is reported for the chosen candidate, with its place
            let has_errors = |text: &String| has_errors(name, text, &read::Folder::of(path), &wanted);
            *index == present || !text.as_ref().is_some_and(has_errors)
        });
        let kept: Vec<usize> =
            sensible.iter().zip(&sound).filter(|(_, sound)| **sound).map(|((index, _), _)| *index).collect();
        let refused = sensible.len() - kept.len();
        Ok((kept, refused))
    }

    /// The lint options of a candidate: those of the spec itself.
    fn wanted(&self) -> Result<CheckOptions, Failure> {
        let profiles = self.args.profile.iter().cloned().map(Some).collect();
        let wanted = CheckOptions { profiles, ..CheckOptions::default() };
        let AppliedSettings { wanted, .. } = SettingsFiles::for_spec(&self.args.config, &self.spec.path, &wanted)?;
        Ok(wanted)
    }

    /// Prints the cost before the work begins, if it is large.
    fn announce(&self, trace: &scalegen::simulate::trace::Trace, candidates: usize) -> Result<(), Failure> {
        let screened = u32::try_from(candidates).unwrap_or(u32::MAX);
        let last = 50.0 * f64::from(u32::try_from(self.args.runs.count).unwrap_or(u32::MAX)) * 2.0;
        let jobs = trace.expected_jobs() * (f64::from(screened) + last);
        if jobs > simulate::MOST {
            return Err(Failure(format!(
                "about {jobs:.1e} jobs would be played, above {:.0e}; let fewer fields change with --tune, or give fewer days",
                simulate::MOST
            )));
        }
        if jobs > simulate::MANY {
            let minutes = jobs * 150e-9 / 60.0;
            crate::cli::complain(&format!(
                "about {:.0} million jobs are to be played, some {minutes:.0} minutes of one core",
                jobs / 1e6
            ));
        }
        Ok(())
    }

    /// The present policy, the best fixed number, the choice and the lower bound of all policies.
    fn rows(
        &self,
        sized: &mut SizedService,
        subject: &SizingSubject<'_>,
        search: &PolicySearch<'_>,
        found: &FoundPolicies,
        grid: &Grid,
    ) -> Result<(), Failure> {
        let present = subject.scenario(subject.service, subject.kind)?;
        let row = |title: String, evaluation: Evaluation| SizedRow { title, evaluation };
        let evaluation = search.evaluate(grid.present(), &present.service, self.args.runs.count);
        sized.rows.push(row(format!("present ({})", subject.kind.title()), evaluation));
        if let Some((count, evaluation)) = best_fixed(subject, search, self.args.runs.count)? {
            sized.rows.push(row(format!("fixed:{count}"), evaluation));
        }
        if let Some(winner) = &found.winner {
            sized.rows.push(row("chosen".to_owned(), winner.clone()));
        }
        if let Some(edge) = &found.edge {
            sized.edge = Some((grid.differences(edge.neighbor.index), edge.neighbor.clone()));
            if let Some(safer) = &edge.safer {
                sized.safer = grid.differences(safer.index);
                sized.rows.push(row("off the edge".to_owned(), safer.clone()));
            }
        }
        Ok(())
    }

    /// The choice with its requests, on the days that it did not see: once.
    fn judge(
        &self,
        sized: &mut SizedService,
        subject: &SizingSubject<'_>,
        search: &PolicySearch<'_>,
        winner: &Evaluation,
        split: &Parts,
        grid: &Grid,
    ) -> Result<Option<String>, Failure> {
        let profile = self.args.profile.as_deref();
        let before = self.text.clone();
        let policy = grid.text(&before, subject.service, profile, winner.index);
        let text = policy.map_err(|refusal| Failure(crate::cli::scale::refused(&refusal, &self.spec.name, &before)))?;
        let tuned = grid.apply(subject.service, winner.index);
        let (notes, fields) = self.requests(&tuned, subject.kind);
        sized.advice.extend(notes);
        let edits = requests::changes(subject.service, profile, &fields);
        let text = change(&text, &edits)
            .map_err(|refusal| Failure(crate::cli::scale::refused(&refusal, &self.spec.name, &before)))?;
        if has_errors(&self.spec.name, &text, &self.spec.folder, &self.wanted()?) {
            sized.refusal = Some("with the requests that were asked for the spec would have errors of lint".to_owned());
            return Ok(None);
        }
        let final_service = self.final_service(&text, subject, &tuned)?;
        // a different request of cpu makes a different autoscaler, so it must also hold on the days it was chosen on
        let again = fields.iter().any(|(field, _)| field.ends_with("cpu") || field.ends_with("threshold"));
        if again && !search.evaluate(winner.index, &final_service, self.args.runs.count).holds() {
            sized.refusal = Some("with the requests that were asked for it no longer holds".to_owned());
            return Ok(None);
        }
        let held = search.on(&final_service, &split.held_out);
        let days = split.days.iter().map(|day| is_day_met(&search.on(&final_service, day))).collect();
        let shown = scalegen::report::clean(&self.spec.name);
        let mut differences = grid.differences(winner.index);
        differences.extend(fields.iter().map(|(field, value)| (*field, String::new(), value.clone())));
        sized.chosen =
            Some(ChosenPolicy { differences, held, days, diff: unified::named(&before, &text, &shown, &shown) });
        Ok(sized.holds().then_some(text))
    }

    /// The service as the new text has it; what `--set` laid over it stays.
    fn final_service(
        &self,
        text: &str,
        subject: &SizingSubject<'_>,
        tuned: &Service,
    ) -> Result<jobs::SimulatedService, Failure> {
        let profiles: Vec<String> = self.args.profile.iter().cloned().collect();
        let models =
            simulate::models(&self.spec.name, text.as_bytes(), &self.spec.folder, &profiles, &self.args.runs.set)?;
        let service = models.iter().find_map(|(_, spec)| spec.services().find(|service| service.name == tuned.name));
        Ok(subject.scenario(service.unwrap_or(tuned), subject.kind)?.service)
    }
}

fn has_errors(name: &str, text: &str, folder: &read::Folder, wanted: &CheckOptions) -> bool {
    let checked: CheckResult = scalegen::lint(name, text.as_bytes(), folder, wanted);
    checked.worst() == Some(Severity::Error)
}
