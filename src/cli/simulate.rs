//! `scalegen simulate`: policies tried on a recording of load. Reads files and prints; plays and judges nothing itself.

mod asked;
pub(super) mod loads;
pub(super) mod overrides;
pub(super) mod setup;
pub(super) mod sums;

use super::args::{SettingsArgs, Simulate, SimulateFormat};
use super::given::GivenSpec;
use super::price::Price;
use super::read;
use super::settings::{AppliedSettings, SettingsFiles};
use super::{Exit, Failure, display_path, existing, lint, plan, suggestion, write};
pub(super) use asked::{BEFORE, MANY, MOST, arrivals, find_service, present_autoscaler, thresholds};
use scalegen::check::rules::{self, LoadFacts};
use scalegen::model::Spec;
use scalegen::plan::scenario::{AutoscalerKind, places};
use scalegen::report::{self, Shard, Simulation, TextStyle, Together};
use scalegen::simulate::assertion::{self, Assertion};
use scalegen::support::diagnostic::Severity;
use scalegen::{CheckOptions, Files};
use setup::Setup;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Simulates, prints and judges. Exit code 1 where an assertion does not hold or the spec has errors.
pub fn run(args: &Simulate, style: TextStyle, stderr: TextStyle, out: &mut dyn Write) -> Result<Exit, Failure> {
    if !args.merge.is_empty() {
        return merged(&args.merge, out);
    }
    let shard = args.shard.as_deref().map(|text| shard(text, args.format)).transpose()?;
    let asserted = asserted(&args.assert)?;
    let policies = policies(&args.policy)?;
    let spec = GivenSpec::read(args.spec.as_deref())?;
    let models = chosen(&spec.bytes, &args.profile, &args.play.runs.set, |take| {
        spec.each_model(&CheckOptions::default(), take);
    })?;
    if failed(&spec, &args.profile, &args.config, stderr)? {
        return Ok(Exit::Findings);
    }
    let Some((_, first)) = models.first() else { return Err(Failure("the spec holds nothing to simulate".to_owned())) };
    let loaded = loads::known_once(&args.load, first)?;
    of_something(&asserted, first, &loaded)?;
    let Some(measured) = loads::service_times(&args.play.runs.service_times, first, stderr)? else {
        return Ok(Exit::Findings);
    };
    let own = args.load.iter().enumerate().filter(|(number, _)| shard.is_none_or(|shard| shard.has(*number)));
    let own: Vec<String> = own.map(|(_, value)| value.clone()).collect();
    let Some(recordings) = loads::read(&own, &measured, first, args.play.runs.arrivals.as_deref(), stderr)? else {
        return Ok(Exit::Findings);
    };
    let Some(observed) = loads::observed(&args.observed, first, stderr)? else { return Ok(Exit::Findings) };
    let files = recordings.iter().map(|recording| &recording.path).chain(measured.iter().map(|metrics| &metrics.path));
    let inputs: Vec<PathBuf> = files.cloned().chain([spec.path.clone()]).collect();
    if let Some(report) = &args.report {
        read::refuse_overwrite("--report", report, &inputs).map_err(Failure)?;
    }
    let price = args.play.runs.price.as_deref().map(Price::parse).transpose()?;
    let setup = Setup { args: &args.play, policies, asserted, recordings, observed, measured, price };
    let mut simulation = Simulation {
        version: env!("SCALEGEN_VERSION"),
        name: &first.name.value,
        loads: setup.views(),
        trials: Vec::new(),
        accept_capped: args.play.runs.accept_capped,
        frontier: Vec::new(),
        together: Vec::new(),
        parts: (Vec::new(), Vec::new()),
        shard,
    };
    let requests = setup.requests(&models)?;
    setup.announce(&requests)?;
    let facts = requests.iter().filter(|request| request.is_present);
    let facts = facts.map(|request| loads::facts(request.recording, request.kind)).collect();
    warned(&spec, &args.profile, &args.config, facts, stderr)?;
    simulation.trials = requests.iter().map(|request| setup.play(request)).collect();
    sum(&mut simulation, &setup, &models, &loaded);
    report::simulation(&simulation, args.format.form(), style, out)?;
    if let Some(file) = &args.report {
        page(file, args.force, &simulation)?;
    }
    Ok(if simulation.holds() { Exit::Clean } else { Exit::Findings })
}

/// Sums what services take together; of a shard it keeps what `--merge` sums.
fn sum(simulation: &mut Simulation<'_>, setup: &Setup<'_>, models: &[(Option<String>, Spec)], loaded: &[String]) {
    let played = simulation.trials.iter().filter(|trial| trial.present || !setup.policies.is_empty());
    let parts = sums::parts(setup, models, loaded, &played.collect::<Vec<_>>());
    if simulation.shard.is_some() {
        let texts = setup
            .asserted
            .iter()
            .filter(|assertion| assertion.name.is_together())
            .map(|assertion| assertion.text.clone());
        simulation.parts = (parts, texts.collect());
    } else {
        let sum = |parts| Together::of(parts, &setup.asserted, &places);
        simulation.together = parts.into_iter().map(sum).collect();
    }
}

/// Whether each assertion names a service of the spec, or something that services share.
fn of_something(asserted: &[Assertion], spec: &Spec, loaded: &[String]) -> Result<(), Failure> {
    for assertion in asserted {
        match &assertion.service {
            _ if assertion.name.is_together() => sums::known_shared(assertion, &sums::shared_of(spec, loaded))?,
            Some(service) => drop(find_service(service, spec)?),
            None => {}
        }
    }
    Ok(())
}

/// Which part of the loads is played.
fn shard(text: &str, format: SimulateFormat) -> Result<Shard, Failure> {
    if !matches!(format, SimulateFormat::Json) {
        return Err(Failure("--shard prints JSON for --merge alone; add --format json".to_owned()));
    }
    let form = || Failure(format!("--shard {text}: write K/N, as in 2/8, with K from 1 to N"));
    Shard::parse(text).ok_or_else(form)
}

/// Prints the whole run that shards make. Exit code 1 where an assertion of one does not hold.
fn merged(files: &[PathBuf], out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut texts = Vec::new();
    for file in files {
        let bytes = read::file(file).map_err(|why| Failure(format!("cannot read {}: {why}", file.display())))?;
        let name = display_path(file);
        let text = String::from_utf8(bytes).map_err(|_| Failure(format!("{name} is not UTF-8")))?;
        texts.push((name, text));
    }
    let merged = report::merge_shards(&texts, &places).map_err(|why| Failure(format!("--merge: {why}")))?;
    writeln!(out, "{}", merged.json)?;
    Ok(if merged.holds { Exit::Clean } else { Exit::Findings })
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
    let written = write::write_file(file, &text).map_err(Failure)?;
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

/// The wanted profiles with their models, each over the base files of the spec, the spec itself without any profile;
/// overridden by `--set`.
pub(super) fn models(
    name: &str,
    bytes: &[u8],
    files: &dyn Files,
    profiles: &[String],
    set: &[String],
) -> Result<Vec<(Option<String>, Spec)>, Failure> {
    chosen(bytes, profiles, set, |take| {
        scalegen::each_effective_model(name, bytes, files, &CheckOptions::default(), take);
    })
}

/// A function that takes each model with the names of all profiles and its own.
type TakeModel<'t> = &'t mut dyn FnMut(&[Option<String>], Option<String>, Spec);

/// The requested ones among the models that `each` produces.
fn chosen(
    bytes: &[u8],
    profiles: &[String],
    set: &[String],
    each: impl FnOnce(TakeModel<'_>),
) -> Result<Vec<(Option<String>, Spec)>, Failure> {
    let mut known: Vec<String> = Vec::new();
    let mut models = Vec::new();
    each(&mut |names, profile, spec| {
        if profile.is_none() {
            known = names.iter().flatten().cloned().collect();
        }
        let asked = match &profile {
            None => profiles.is_empty(),
            Some(profile) => profiles.contains(profile),
        };
        if asked {
            models.push((profile, spec));
        }
    });
    for profile in profiles {
        if !known.contains(profile) && (!known.is_empty() || !scalegen::models(bytes).is_empty()) {
            let known = known.iter().map(String::as_str);
            return Err(Failure(format!("unknown profile `{profile}`; {}", suggestion(profile, known))));
        }
    }
    for (_, spec) in &mut models {
        overrides::apply(spec, set)?;
    }
    Ok(models)
}

/// Whether errors keep the spec from being played; they are printed. Files of another tool run as they are: only what is not of
/// their form keeps them.
pub(super) fn failed(
    spec: &GivenSpec,
    profiles: &[String],
    config: &SettingsArgs,
    style: TextStyle,
) -> Result<bool, Failure> {
    let profiles = profiles.iter().cloned().map(Some).collect();
    let wanted = CheckOptions { profiles, ..CheckOptions::default() };
    let AppliedSettings { wanted, mut reported, .. } = SettingsFiles::for_spec(config, &spec.path, &wanted)?;
    let checked = spec.lint(&wanted)?;
    let runs =
        spec.is_foreign() && checked.shaped && !reported.iter().any(|report| report.worst() == Some(Severity::Error));
    reported.push(checked);
    Ok(plan::errors(reported, style)? && !runs)
}

/// Prints findings that need a load: those of rules that run only in `simulate` and `size`.
pub(super) fn warned(
    spec: &GivenSpec,
    profiles: &[String],
    config: &SettingsArgs,
    loads: Vec<LoadFacts>,
    style: TextStyle,
) -> Result<(), Failure> {
    let profiles = profiles.iter().cloned().map(Some).collect();
    let wanted = CheckOptions { profiles, ..CheckOptions::default() };
    let AppliedSettings { mut wanted, .. } = SettingsFiles::for_spec(config, &spec.path, &wanted)?;
    wanted.loads = loads;
    let mut checked = spec.lint(&wanted)?;
    let kept: Vec<bool> =
        checked.findings.iter().map(|finding| rules::get(&finding.rule).is_some_and(|rule| rule.loaded)).collect();
    let mut of_finding = kept.iter();
    checked.findings.retain(|_| of_finding.next() == Some(&true));
    let mut of_path = kept.iter();
    checked.paths.retain(|_| of_path.next() == Some(&true));
    if checked.findings.is_empty() {
        return Ok(());
    }
    lint::print_text(&mut [checked], style, &mut std::io::stderr())
}
