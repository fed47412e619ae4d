//! `diff --load`: one spec before and after, each played on the same loads. Decides nothing.

use crate::cli::Failure;
use crate::cli::args::Diff;
use crate::cli::price::Price;
use crate::cli::simulate::loads;
use crate::cli::simulate::models;
use crate::cli::simulate::setup::Setup;
use crate::cli::simulate::sums;
use scalegen::Files;
use scalegen::model::Spec;
use scalegen::plan::scenario::places;
use scalegen::report::{Simulation, TextStyle, Together, TogetherParts, Trial};
use std::path::PathBuf;

/// One state of a spec: its models by profile.
type StateModels = Vec<(Option<String>, Spec)>;

/// A spec that is there on both sides.
pub struct BothStates {
    /// Its name.
    name: String,
    before: StateModels,
    after: StateModels,
}

impl BothStates {
    /// Reads both sides. Broken parts are marked in them; the comparison reports those.
    pub fn read(
        args: &Diff,
        before: (&str, &[u8], &dyn Files),
        after: (&str, &[u8], &dyn Files),
    ) -> Result<BothStates, Failure> {
        let read = |(name, bytes, files): (&str, &[u8], &dyn Files)| {
            models(name, bytes, files, &args.profile, &args.play.runs.set)
        };
        Ok(BothStates { name: after.0.to_owned(), before: read(before)?, after: read(after)? })
    }

    /// The spec as it is now.
    fn now(&self) -> Option<&Spec> {
        self.after.first().map(|(_, spec)| spec)
    }

    /// Whether a load can belong to it.
    fn may_have_load(&self, load: &str) -> bool {
        let named = load.split_once(':').and_then(|(left, _)| left.split_once('='));
        let Some(spec) = self.now() else { return false };
        named.is_none_or(|(service, _)| spec.services().any(|own| *own.name == *service))
    }
}

/// The files that are read for loads.
pub fn files(args: &Diff) -> Vec<PathBuf> {
    let loads = args.load.iter().filter_map(|value| value.split_once(':')).map(|(_, file)| file);
    let times = args.play.runs.service_times.iter();
    let times = times.map(|value| value.split_once('=').map_or(value.as_str(), |(_, file)| file));
    loads.chain(times).map(PathBuf::from).collect()
}

/// Plays both states of the one spec that the loads belong to; `None` if a load has errors, which are printed.
pub fn play<'s>(args: &Diff, specs: &'s [BothStates], stderr: TextStyle) -> Result<Option<Simulation<'s>>, Failure> {
    let mut matching = specs.iter().filter(|spec| args.load.iter().all(|load| spec.may_have_load(load)));
    let both = match (matching.next(), matching.next()) {
        (Some(both), None) => both,
        (None, _) => return Err(Failure("--load: no spec that is there on both sides has these services".to_owned())),
        (Some(one), Some(other)) => {
            let (one, other) = (&one.name, &other.name);
            return Err(Failure(format!(
                "--load: of {one} or of {other}? Name one spec, or SERVICE= before each load"
            )));
        }
    };
    let Some(now) = both.now() else { return Ok(None) };
    let loaded = loads::known_once(&args.load, now)?;
    let Some(measured) = loads::service_times(&args.play.runs.service_times, now, stderr)? else { return Ok(None) };
    let Some(recordings) = loads::read(&args.load, &measured, now, args.play.runs.arrivals.as_deref(), stderr)? else {
        return Ok(None);
    };
    let price = args.play.runs.price.as_deref().map(Price::parse).transpose()?;
    let (policies, asserted, observed) = (Vec::new(), Vec::new(), Vec::new());
    let setup = Setup { args: &args.play, policies, asserted, recordings, observed, measured, price };
    let before = setup.requests(&both.before).map_err(|Failure(why)| Failure(format!("before: {why}")))?;
    let after = setup.requests(&both.after).map_err(|Failure(why)| Failure(format!("after: {why}")))?;
    setup.announce(&before)?;
    setup.announce(&after)?;
    let mut trials = Vec::new();
    for request in &after {
        let subject = (&request.service.name, request.profile);
        let old = before.iter().find(|other| (&other.service.name, other.profile) == subject);
        for (side, word) in old.map(|old| (old, "before")).into_iter().chain([(request, "after")]) {
            let mut trial = setup.play(side);
            trial.policy = format!("{word} ({})", trial.policy);
            trial.present = false;
            trials.push(trial);
        }
    }
    let mut summed = together(&setup, &both.before, &loaded, &trials, "before");
    summed.extend(together(&setup, &both.after, &loaded, &trials, "after"));
    // those of one profile are together
    summed.sort_by_key(|one| both.after.iter().position(|(profile, _)| *profile == one.parts.profile));
    Ok(Some(Simulation {
        version: env!("SCALEGEN_VERSION"),
        name: &now.name.value,
        loads: setup.views(),
        trials,
        accept_capped: args.play.runs.accept_capped,
        frontier: Vec::new(),
        together: summed,
        parts: (Vec::new(), Vec::new()),
        shard: None,
    }))
}

/// What the services of one side take together.
fn together(setup: &Setup<'_>, models: &StateModels, loaded: &[String], trials: &[Trial], word: &str) -> Vec<Together> {
    let of_side: Vec<&Trial> = trials.iter().filter(|trial| trial.policy.starts_with(word)).collect();
    let parts = sums::parts(setup, models, loaded, &of_side);
    let named = |parts: TogetherParts| TogetherParts { policy: format!("{word} ({})", parts.policy), ..parts };
    parts.into_iter().map(|parts| Together::of(named(parts), &setup.asserted, &places)).collect()
}
