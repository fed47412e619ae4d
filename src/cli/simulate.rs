//! `scalegen simulate`: policies tried on a recording of load. Reads files and prints; plays and judges nothing itself.

pub(super) mod loads;
pub(super) mod overrides;

use super::args::{SettingsArgs, Simulate, SimulateFormat};
use super::progress::Progress;
use super::settings::{AppliedSettings, SettingsFiles};
use super::{Exit, Failure, display_path, existing, plan, read, suggestion, write};
use loads::{Recording, TrialRequest};
use scalegen::CheckOptions;
use scalegen::model::{Service, Spec};
use scalegen::plan::scenario::{AutoscalerKind, Scenario, scenario};
use scalegen::report::{self, LoadView, Simulation, SimulationForm, TextStyle, Trial};
use scalegen::simulate::assertion::{self, Assertion};
use scalegen::simulate::jobs::{self, SeedRun, Start};
use scalegen::simulate::results::Results;
use scalegen::simulate::trace::{Arrivals, Jobs, Trace};
use scalegen::simulate::{HOUR, Nanos};
use scalegen::support::threads;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

/// From so many jobs on the cost is said before it begins.
pub(super) const MANY: f64 = 2e8;
/// More jobs are not played: an hour of one core.
pub(super) const MOST: f64 = 2e10;
/// How long before the load bounds are worked out: the longest warm-up is a window of an hour.
pub(super) const BEFORE: Nanos = 4 * HOUR;

/// Simulates, prints and judges. Exit code 1 where an assertion does not hold or the spec has errors.
pub fn run(args: &Simulate, style: TextStyle, stderr: TextStyle, out: &mut dyn Write) -> Result<Exit, Failure> {
    let asserted = asserted(&args.assert)?;
    let policies = policies(&args.policy)?;
    let stdin = args.spec.as_os_str() == "-";
    let bytes = if stdin { read::stdin() } else { read::file(&args.spec) };
    let bytes = bytes.map_err(|why| Failure(format!("cannot read {}: {why}", args.spec.display())))?;
    let models = models(&bytes, &args.profile, &args.set)?;
    if failed(&args.spec, &bytes, &args.profile, &args.config, stderr)? {
        return Ok(Exit::Findings);
    }
    let Some((_, first)) = models.first() else { return Err(Failure("the spec holds nothing to simulate".to_owned())) };
    for assertion in &asserted {
        if let Some(service) = &assertion.service {
            known(service, first)?;
        }
    }
    let Some(recordings) = loads::read(&args.load, first, stderr)? else { return Ok(Exit::Findings) };
    let Some(observed) = loads::observed(&args.observed, first, stderr)? else { return Ok(Exit::Findings) };
    let inputs: Vec<PathBuf> = recordings.iter().map(|one| one.path.clone()).chain([args.spec.clone()]).collect();
    if let Some(report) = &args.report {
        read::apart("--report", report, &inputs).map_err(Failure)?;
    }
    let setup = Setup { args, policies, asserted, recordings, observed };
    let mut simulation = Simulation {
        version: env!("SCALEGEN_VERSION"),
        name: &first.name.value,
        loads: setup.views(),
        trials: Vec::new(),
        accept_capped: args.accept_capped,
        frontier: Vec::new(),
    };
    let requests = setup.requests(&models)?;
    setup.announce(&requests)?;
    simulation.trials = requests.iter().map(|request| setup.play(request)).collect();
    let form = match args.format {
        SimulateFormat::Table => SimulationForm::Table,
        SimulateFormat::Json => SimulationForm::Json,
        SimulateFormat::Markdown => SimulationForm::Markdown,
    };
    report::simulation(&simulation, form, style, out)?;
    if let Some(file) = &args.report {
        page(file, args.force, &simulation)?;
    }
    Ok(if simulation.holds() { Exit::Clean } else { Exit::Findings })
}

/// Writes the HTML file, over nothing that somebody else wrote.
pub(super) fn page(file: &Path, force: bool, simulation: &Simulation<'_>) -> Result<(), Failure> {
    let text = report::simulation_page(simulation)?;
    if !force {
        let wanted =
            [write::FileToWrite { path: file.file_name().map(PathBuf::from).unwrap_or_default(), text: text.clone() }];
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.map_or_else(|| PathBuf::from("."), PathBuf::from);
        existing::owned(&folder, &wanted, |start| start.starts_with(report::SIMULATION_MARK.as_bytes()))
            .map_err(Failure)?;
    }
    let written = write::one(file, &text).map_err(Failure)?;
    let _ = writeln!(std::io::stderr(), "{}", write::outcome(&display_path(file), written));
    Ok(())
}

pub(super) fn asserted(texts: &[String]) -> Result<Vec<Assertion>, Failure> {
    let read = |text: &String| {
        assertion::parse(text).map_err(|fault| Failure(format!("--assert '{text}': {}; {}", fault.message, fault.help)))
    };
    texts.iter().map(read).collect()
}

pub(super) fn policies(words: &[String]) -> Result<Vec<AutoscalerKind>, Failure> {
    let mut kinds: Vec<AutoscalerKind> = Vec::new();
    for word in words {
        let kind = AutoscalerKind::parse(word).ok_or_else(|| {
            Failure(format!("unknown policy `{word}`; {}", suggestion(word, AutoscalerKind::WORDS.into_iter())))
        })?;
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

/// The wanted profiles with their models, the base without any; overridden by `--set`.
pub(super) fn models(
    bytes: &[u8],
    profiles: &[String],
    set: &[String],
) -> Result<Vec<(Option<String>, Spec)>, Failure> {
    let mut models = scalegen::models(bytes);
    let names: Vec<String> = models.iter().filter_map(|(profile, _)| profile.clone()).collect();
    for profile in profiles {
        if !names.contains(profile) && !models.is_empty() {
            let names = names.iter().map(String::as_str);
            return Err(Failure(format!("unknown profile `{profile}`; {}", suggestion(profile, names))));
        }
    }
    models.retain(|(profile, _)| match profile {
        None => profiles.is_empty(),
        Some(profile) => profiles.contains(profile),
    });
    for (_, spec) in &mut models {
        overrides::apply(spec, set)?;
    }
    Ok(models)
}

/// Whether the spec has errors; they are printed.
pub(super) fn failed(
    spec: &Path,
    bytes: &[u8],
    profiles: &[String],
    config: &SettingsArgs,
    style: TextStyle,
) -> Result<bool, Failure> {
    let profiles = profiles.iter().cloned().map(Some).collect();
    let wanted = CheckOptions { profiles, ..CheckOptions::default() };
    let AppliedSettings { wanted, mut reported, .. } = SettingsFiles::one(config, spec, &wanted)?;
    let stdin = spec.as_os_str() == "-";
    let name = if stdin { "<stdin>".into() } else { spec.to_string_lossy() };
    reported.push(scalegen::lint(&name, bytes, &read::Folder::of(spec), &wanted));
    plan::errors(reported, style)
}

/// How jobs lie in a step.
pub(super) fn arrivals(word: &str) -> Result<Arrivals, Failure> {
    match word {
        "poisson" => Ok(Arrivals::Poisson),
        "even" => Ok(Arrivals::Even),
        word => {
            let size = word.strip_prefix("batch:").and_then(|size| size.parse().ok()).filter(|size| *size > 0);
            let fault = || Failure(format!("--arrivals takes `poisson`, `even` or `batch:N`, not `{word}`"));
            size.map(Arrivals::Batch).ok_or_else(fault)
        }
    }
}

/// A service of the spec, or why there is none.
pub(super) fn known<'s>(name: &str, spec: &'s Spec) -> Result<&'s Service, Failure> {
    spec.services().find(|service| service.name == name).ok_or_else(|| {
        let names = spec.services().map(|service| service.name.as_str());
        Failure(format!("the spec has no service `{name}`; {}", suggestion(name, names)))
    })
}

/// Everything that every trial shares.
struct Setup<'a> {
    args: &'a Simulate,
    policies: Vec<AutoscalerKind>,
    asserted: Vec<Assertion>,
    recordings: Vec<Recording>,
    observed: Vec<loads::Observed>,
}

impl Setup<'_> {
    fn views(&self) -> Vec<LoadView> {
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
    fn requests<'s>(&'s self, models: &'s [(Option<String>, Spec)]) -> Result<Vec<TrialRequest<'s>>, Failure> {
        let mut requests = Vec::new();
        for recording in &self.recordings {
            for (profile, spec) in models {
                let service = known(&recording.service, spec)?;
                let present = AutoscalerKind::present(spec, service);
                let mut kinds = self.policies.clone();
                let backtested = self.observed.iter().any(|one| one.service == service.name);
                if kinds.is_empty() || (backtested && !kinds.contains(&present)) {
                    kinds.insert(0, present);
                }
                let target = spec.targets.iter().find(|target| target.name == "kubernetes");
                let time = (recording.trace.from() - BEFORE, recording.trace.to());
                for kind in kinds {
                    let mut scenario = scenario(service, target, kind, time).map_err(Failure)?;
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

    /// What the command line says of every trial.
    fn adjust(&self, scenario: &mut Scenario) -> Result<(), Failure> {
        scenario.service.start =
            match self.args.start.as_str() {
                "steady" => Start::Steady,
                count => Start::Count(count.parse().ok().filter(|count| *count >= 0).ok_or_else(|| {
                    Failure(format!("--start takes a number of replicas or `steady`, not `{count}`"))
                })?),
            };
        scenario.service.arrivals = arrivals(&self.args.arrivals)?;
        let start = match scenario.service.start {
            Start::Steady => "what the first load needs, then a warm-up that is not scored".to_owned(),
            Start::Count(count) => format!("{count} replicas, then a warm-up that is not scored"),
        };
        scenario.assumptions.push(("at the beginning", start));
        scenario.assumptions.push(("arrivals within a step", self.args.arrivals.clone()));
        Ok(())
    }

    /// Says the cost before it begins, where it is large.
    fn announce(&self, requests: &[TrialRequest<'_>]) -> Result<(), Failure> {
        let runs = u32::try_from(self.args.runs).unwrap_or(u32::MAX);
        let jobs: f64 =
            requests.iter().map(|request| expected(&request.recording.trace)).sum::<f64>() * f64::from(runs);
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

    fn play(&self, request: &TrialRequest<'_>) -> Trial {
        let trace = &request.recording.trace;
        let seeds: Vec<u64> = (self.args.seed..).take(usize::try_from(self.args.runs).unwrap_or(usize::MAX)).collect();
        let cores = available_parallelism().map_or(1, usize::from);
        let progress = Progress::start("simulating, runs of one policy", seeds.len());
        let play = |seed: &u64| {
            let mut service = request.scenario.service.clone();
            service.record = *seed == self.args.seed;
            let run = jobs::run(&service, trace, *seed);
            progress.step();
            run
        };
        let mut results = Results::new(trace);
        let mut recorded = SeedRun::default();
        // no more runs are held than there are threads
        for part in seeds.chunks(cores) {
            for run in threads::each(part, cores, play) {
                results.add(&run, None);
                if run.seed == self.args.seed {
                    recorded = run;
                    // the warm-up is not scored, and not drawn
                    recorded.series.retain(|now| now.at >= trace.from());
                }
            }
        }
        let about =
            |assertion: &&Assertion| assertion.service.as_ref().is_none_or(|name| *name == request.service.name);
        let judged = self.asserted.iter().filter(about);
        let verdicts = judged.map(|one| (one.clone(), one.judge(&results, self.args.accept_capped))).collect();
        let observed = self.observed.iter().find(|one| one.service == request.service.name && request.is_present);
        let backtest = observed.and_then(|one| report::backtest(display_path(&one.path), &one.replicas, &recorded));
        Trial {
            service: request.service.name.clone(),
            profile: request.profile.map(str::to_owned),
            policy: request.kind.title(),
            present: request.is_present,
            results,
            run: recorded,
            schedule: request.scenario.service.schedule.clone(),
            slots: request.service.slots_each(),
            thresholds: thresholds(request.service, request.kind),
            verdicts,
            assumptions: request.scenario.assumptions.clone(),
            limits: request.scenario.limits.clone(),
            backtest,
        }
    }
}

/// The thresholds of load that the policy looks at.
pub(super) fn thresholds(service: &Service, kind: AutoscalerKind) -> Option<(u64, u64)> {
    let scaling = &service.autoscaling;
    let load = scaling.signal.value == scalegen::model::Signal::Load;
    let scales = !matches!(kind, AutoscalerKind::Fixed(_));
    (scales && (load || kind == AutoscalerKind::Foundry))
        .then_some((scaling.up.threshold.value.0, scaling.down.threshold.value.0))
}

/// The jobs that a trace brings on average.
#[expect(clippy::cast_precision_loss, reason = "it is for an estimate")]
pub(super) fn expected(trace: &Trace) -> f64 {
    let jobs = |jobs: Jobs| match jobs {
        Jobs::Counted(count) => count as f64,
        Jobs::Expected(mean) => mean,
    };
    trace.steps.iter().map(|step| jobs(step.jobs)).sum()
}
