//! `scalegen size`: the cheapest policy that meets what must hold. Reads files, prints and writes; chooses nothing itself.

mod choose;
mod play;
mod requests;
mod subject;

use super::args::Size;
use super::given::GivenSpec;
use super::price::Price;
use super::simulate::{self, loads};
use super::{Exit, Failure, complain, read, suggestion, write};
use requests::Metrics;
use scalegen::change::size::Tune;
use scalegen::check::rules::LoadFacts;
use scalegen::model::Spec;
use scalegen::plan::scenario::AutoscalerKind;
use scalegen::report::{self, Simulation, Sizing, TextStyle};
use scalegen::simulate::assertion::Assertion;
use std::io::Write;
use std::path::PathBuf;
use std::thread::available_parallelism;
use subject::Sizer;

/// The arguments of the command line, parsed.
pub(super) struct SizeQuestion {
    pub tune: Vec<Tune>,
    pub policy: Option<AutoscalerKind>,
    pub asserted: Vec<Assertion>,
    pub stress: f64,
    pub price: Option<Price>,
    pub threads: usize,
}

/// Sizes every service that has a load. Exit code 1 if one has no policy that holds.
pub fn run(args: &Size, style: TextStyle, stderr: TextStyle, out: &mut dyn Write) -> Result<Exit, Failure> {
    let asked = question(args)?;
    let spec = GivenSpec::read_spec(args.spec.as_deref())?;
    let profiles: Vec<String> = args.profile.iter().cloned().collect();
    let models = simulate::models(&spec.name, &spec.bytes, &spec.folder, &profiles, &args.runs.set)?;
    if simulate::failed(&spec, &profiles, &args.config, stderr)? {
        return Ok(Exit::Findings);
    }
    let Some((_, model)) = models.first() else { return Err(Failure("the spec holds nothing to size".to_owned())) };
    of_one_service(&asked.asserted, model)?;
    let Some(metrics) = requests::read(&args.metrics, model, stderr)? else { return Ok(Exit::Findings) };
    let Some(measured) = loads::service_times(&args.runs.service_times, model, stderr)? else {
        return Ok(Exit::Findings);
    };
    loads::known_once(&args.load, model)?;
    let Some(recordings) = loads::read(&args.load, &measured, model, args.runs.arrivals.as_deref(), stderr)? else {
        return Ok(Exit::Findings);
    };
    let facts = facts(model, &recordings, &metrics, asked.policy)?;
    simulate::warned(&spec, &profiles, &args.config, facts, stderr)?;
    let files = recordings.iter().map(|recording| &recording.path).chain(measured.iter().map(|metrics| &metrics.path));
    let inputs: Vec<PathBuf> = files.cloned().chain([spec.path.clone()]).collect();
    if let Some(report) = &args.report {
        read::refuse_overwrite("--report", report, &inputs).map_err(Failure)?;
    }
    if recordings.is_empty() {
        return advise(model, &metrics, &asked, out);
    }
    let text = String::from_utf8(spec.bytes.clone()).map_err(|_| Failure("the spec is not UTF-8".to_owned()))?;
    let mut sizer = Sizer { args, asked: &asked, spec: &spec, model, metrics: &metrics, measured: &measured, text };
    let mut sizing = Sizing { version: env!("SCALEGEN_VERSION"), name: &model.name.value, services: Vec::new() };
    let mut trials = Vec::new();
    for recording in &recordings {
        let (sized, drawn) = sizer.service(recording)?;
        sizing.services.push(sized);
        trials.push(drawn);
    }
    report::sizing(&sizing, args.format.form(), style, out)?;
    if let Some(file) = &args.report {
        let (loads, trials): (Vec<_>, Vec<_>) = trials.into_iter().map(|drawn| (drawn.load, drawn.trials)).unzip();
        let trials = trials.into_iter().flatten().collect();
        let frontier = sizing.services.iter().map(|service| (service.service.clone(), service.frontier())).collect();
        let drawn = Simulation {
            version: sizing.version,
            name: sizing.name,
            loads,
            trials,
            accept_capped: args.runs.accept_capped,
            frontier,
            together: Vec::new(),
            parts: (Vec::new(), Vec::new()),
            shard: None,
        };
        simulate::page(file, args.force, &drawn)?;
    }
    finish(args, &spec, &sizer.text, sizing.holds())
}

/// Whether each assertion is about one service, which the spec has.
fn of_one_service(asserted: &[Assertion], model: &Spec) -> Result<(), Failure> {
    if let Some(one) = asserted.iter().find(|one| one.name.is_together()) {
        let why = "`size` looks at one service at a time; what services take together is a hard limit that lint checks of each candidate. Ask `simulate`";
        return Err(Failure(format!("--assert '{}': {why}", one.text)));
    }
    for service in asserted.iter().filter_map(|assertion| assertion.service.as_ref()) {
        simulate::find_service(service, model)?;
    }
    Ok(())
}

/// Recordings and metrics of each service, for rules.
fn facts(
    model: &Spec,
    recordings: &[loads::Recording],
    metrics: &[Metrics],
    policy: Option<AutoscalerKind>,
) -> Result<Vec<LoadFacts>, Failure> {
    let mut names: Vec<&str> = recordings.iter().map(|recording| recording.service.as_str()).collect();
    names.extend(metrics.iter().map(|metric| metric.service.as_str()));
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| {
            let service = simulate::find_service(name, model)?;
            let kind = policy.unwrap_or_else(|| simulate::present_autoscaler(model, service));
            let recording = recordings.iter().find(|recording| recording.service == name);
            let none = LoadFacts { service: name.to_owned(), has_hpa: kind.has_hpa(), ..LoadFacts::default() };
            let mut facts = recording.map_or(none, |one| loads::facts(one, kind));
            let own = metrics.iter().filter(|metric| metric.service == name);
            facts.requests = own.filter_map(requests::recommended).collect();
            Ok(facts)
        })
        .collect()
}

/// Writes the chosen policies, if everything holds.
fn finish(args: &Size, spec: &GivenSpec, text: &str, holds: bool) -> Result<Exit, Failure> {
    if !holds {
        if args.write {
            complain(&format!("{} is left as it was: not everything holds", report::clean(&spec.name)));
        }
        return Ok(Exit::Findings);
    }
    if args.write {
        if spec.is_stdin() {
            return Err(Failure("--write needs a file: standard input cannot be written".to_owned()));
        }
        let changes = text.as_bytes() != spec.bytes;
        if changes {
            write::replace(&spec.path, &spec.bytes, text.as_bytes()).map_err(Failure)?;
        }
        let _ = writeln!(std::io::stderr(), "{}", write::outcome(&report::clean(&spec.name), changes));
    }
    Ok(Exit::Clean)
}

/// Requests alone, without a load.
fn advise(model: &Spec, metrics: &[Metrics], asked: &SizeQuestion, out: &mut dyn Write) -> Result<Exit, Failure> {
    for metric in metrics {
        let service = simulate::find_service(&metric.service, model)?;
        let kind = asked.policy.unwrap_or_else(|| simulate::present_autoscaler(model, service));
        let advice = requests::advice(service, kind, metric);
        writeln!(out, "{}", report::clean(&format!("{}: {}", service.name, advice.text)))?;
    }
    writeln!(out, "nothing is chosen without --load")?;
    Ok(Exit::Clean)
}

fn question(args: &Size) -> Result<SizeQuestion, Failure> {
    let tune = args.tune.iter().map(|word| {
        Tune::parse(word).ok_or_else(|| {
            let words = Tune::ALL.into_iter().map(|(word, _)| word);
            Failure(format!("--tune: unknown field `{word}`; {}", suggestion(word, words)))
        })
    });
    let tune: Vec<Tune> = tune.collect::<Result<_, _>>()?;
    if tune.contains(&Tune::Memory) && args.metrics.is_empty() {
        return Err(Failure("--tune memory needs what pods use: --metrics memory:FILE".to_owned()));
    }
    let policies: Vec<String> = args.policy.iter().cloned().collect();
    let policy = simulate::policies(&policies)?.first().copied();
    if matches!(policy, Some(AutoscalerKind::Fixed(_))) {
        return Err(Failure("--policy fixed has nothing to tune; the best fixed number is always told".to_owned()));
    }
    let stress = args.stress.parse::<f64>().ok().filter(|factor| (1.0..=100.0).contains(factor));
    let stress =
        stress.ok_or_else(|| Failure(format!("--stress takes a factor from 1 to 100, not `{}`", args.stress)))?;
    Ok(SizeQuestion {
        tune,
        policy,
        asserted: simulate::asserted(&args.assert)?,
        stress,
        price: args.runs.price.as_deref().map(Price::parse).transpose()?,
        threads: available_parallelism().map_or(1, usize::from),
    })
}
