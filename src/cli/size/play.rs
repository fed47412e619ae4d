//! Results about a choice besides its thresholds: requests, the best fixed number, and the load played for the page. Chooses nothing.

use super::requests::RequestedResource;
use super::requests::{self, FieldTexts};
use super::subject::{Sizer, SizingSubject};
use crate::cli::price::Price;
use crate::cli::simulate;
use crate::cli::simulate::loads::Recording;
use crate::cli::{Failure, display_path};
use scalegen::change::size::{Grid, Tune};
use scalegen::model::Service;
use scalegen::plan::scenario::AutoscalerKind;
use scalegen::report::{LoadView, SizedService, Trial};
use scalegen::simulate::jobs;
use scalegen::simulate::search::{Evaluation, PolicySearch};

impl Sizer<'_> {
    /// Requests that `--tune` asks for, with what is said of them.
    pub(super) fn requests(&self, tuned: &Service, kind: AutoscalerKind) -> (Vec<String>, FieldTexts) {
        let (mut notes, mut fields) = (Vec::new(), Vec::new());
        let own = self.metrics.iter().filter(|metric| *metric.service == *tuned.name);
        for metrics in own {
            let asked = match metrics.resource {
                RequestedResource::Cpu => Tune::Cpu,
                RequestedResource::Memory => Tune::Memory,
            };
            if self.asked.tune.contains(&asked) {
                fields.extend(requests::advice(tuned, kind, metrics).fields);
            }
        }
        let follows = tuned.autoscaling.signal.value == scalegen::model::Signal::Cpu && kind.has_hpa();
        if self.asked.tune.contains(&Tune::Cpu) && follows {
            match requests::jointly(tuned) {
                Ok((note, all)) => {
                    notes.push(note);
                    fields.extend(all);
                }
                Err(why) => notes.push(why),
            }
        }
        (notes, fields)
    }

    /// The whole load under the present policy and the choice, for the page.
    pub(super) fn trials(
        &self,
        sized: &SizedService,
        subject: &SizingSubject<'_>,
        recording: &Recording,
        grid: &Grid,
    ) -> Result<Vec<Trial>, Failure> {
        if self.args.report.is_none() {
            return Ok(Vec::new());
        }
        let mut services = vec![(format!("present ({})", subject.kind.title()), subject.service.clone(), true)];
        if let Some(winner) = &sized.found.winner {
            services.push(("chosen".to_owned(), grid.apply(subject.service, winner.index), false));
        }
        services
            .into_iter()
            .map(|(title, service, is_present)| {
                let mut scenario = subject.scenario(&service, subject.kind)?;
                scenario.service.record = true;
                let run = jobs::run(&scenario.service, &recording.trace, self.args.runs.seed);
                let mut results = scalegen::simulate::results::Results::new(&recording.trace);
                results.add(&run, self.asked.price.map(|price: Price| price.of(&service)));
                let thresholds = simulate::thresholds(&service, subject.kind);
                Ok(Trial {
                    existing: Vec::new(),
                    service: service.name.to_string(),
                    profile: self.args.profile.clone(),
                    policy: title,
                    present: is_present,
                    results,
                    run,
                    schedule: scenario.service.schedule.clone(),
                    rollouts: Vec::new(),
                    slots: service.slots_each(),
                    thresholds,
                    verdicts: Vec::new(),
                    assumptions: scenario.assumptions,
                    limits: scenario.limits,
                    backtest: None,
                })
            })
            .collect()
    }
}

/// The smallest fixed number that meets everything. More replicas never make jobs wait longer, so a binary search finds it.
pub(super) fn best_fixed(
    subject: &SizingSubject<'_>,
    search: &PolicySearch<'_>,
    runs: u64,
) -> Result<Option<(u32, Evaluation)>, Failure> {
    let (mut low, mut high) = (1, subject.service.replicas.max.value);
    let mut best = None;
    while low <= high {
        let count = low + (high - low) / 2;
        let fixed = subject.scenario(subject.service, AutoscalerKind::Fixed(Some(count)))?;
        if let Some(evaluation) = search.evaluate_if_holds(0, &fixed.service, runs) {
            best = Some((count, evaluation));
            high = count - 1;
        } else {
            low = count + 1;
        }
    }
    Ok(best)
}

pub(super) fn view(recording: &Recording) -> LoadView {
    LoadView {
        service: recording.service.clone(),
        kind: recording.kind,
        file: display_path(&recording.path),
        samples: recording.samples,
        trace: recording.trace.clone(),
        guessed: recording.guessed,
    }
}
