//! `scalegen size`: the cheapest policy that meets what must hold. Reads files, prints and writes; chooses nothing itself.

mod choose;
mod play;
mod requests;
mod subject;

use super::args::{SimulateFormat, Size};
use super::simulate::{self, loads};
use super::{Exit, Failure, complain, read, suggestion, write};
use requests::{Metrics, RequestedResource};
use scalegen::change::size::Tune;
use scalegen::model::Spec;
use scalegen::plan::scenario::AutoscalerKind;
use scalegen::report::{self, Simulation, SimulationForm, Sizing, TextStyle};
use scalegen::simulate::assertion::Assertion;
use std::io::Write;
use std::path::PathBuf;
use std::thread::available_parallelism;
use subject::Sizer;

/// What the command line asks, read.
pub(super) struct SizeQuestion {
    pub tune: Vec<Tune>,
    pub policy: Option<AutoscalerKind>,
    pub asserted: Vec<Assertion>,
    pub stress: f64,
    pub price: Option<Price>,
    pub threads: usize,
}

/// What an hour of a replica's requests costs.
#[derive(Clone, Copy)]
pub(super) struct Price {
    pub core: f64,
    pub gibibyte: f64,
}

/// Sizes every service that has a load. Exit code 1 where one has no policy that holds.
pub fn run(args: &Size, style: TextStyle, stderr: TextStyle, out: &mut dyn Write) -> Result<Exit, Failure> {
    let asked = asked(args)?;
    let spec = read::GivenSpec::read(Some(&args.spec))?;
    let profiles: Vec<String> = args.profile.iter().cloned().collect();
    let models = simulate::models(&spec.bytes, &profiles, &args.set)?;
    if simulate::failed(&args.spec, &spec.bytes, &profiles, &args.config, stderr)? {
        return Ok(Exit::Findings);
    }
    let Some((_, model)) = models.first() else { return Err(Failure("the spec holds nothing to size".to_owned())) };
    for service in asked.asserted.iter().filter_map(|one| one.service.as_ref()) {
        simulate::known(service, model)?;
    }
    let Some(metrics) = requests::read(&args.metrics, model, stderr)? else { return Ok(Exit::Findings) };
    let Some(recordings) = loads::read(&args.load, model, stderr)? else { return Ok(Exit::Findings) };
    let inputs: Vec<PathBuf> = recordings.iter().map(|one| one.path.clone()).chain([args.spec.clone()]).collect();
    if let Some(report) = &args.report {
        read::apart("--report", report, &inputs).map_err(Failure)?;
    }
    if recordings.is_empty() {
        return advise(model, &metrics, &asked, out);
    }
    let text = String::from_utf8(spec.bytes.clone()).map_err(|_| Failure("the spec is no UTF-8".to_owned()))?;
    let mut sizer = Sizer { args, asked: &asked, spec: &spec, model, metrics: &metrics, text };
    let mut sizing = Sizing { version: env!("SCALEGEN_VERSION"), name: &model.name.value, services: Vec::new() };
    let mut trials = Vec::new();
    for recording in &recordings {
        let (sized, drawn) = sizer.service(recording)?;
        sizing.services.push(sized);
        trials.push(drawn);
    }
    let form = match args.format {
        SimulateFormat::Table => SimulationForm::Table,
        SimulateFormat::Json => SimulationForm::Json,
        SimulateFormat::Markdown => SimulationForm::Markdown,
    };
    report::sizing(&sizing, form, style, out)?;
    if let Some(file) = &args.report {
        let (loads, trials): (Vec<_>, Vec<_>) = trials.into_iter().map(|drawn| (drawn.load, drawn.trials)).unzip();
        let trials = trials.into_iter().flatten().collect();
        let frontier = sizing.services.iter().map(|one| (one.service.clone(), one.frontier())).collect();
        let drawn = Simulation {
            version: sizing.version,
            name: sizing.name,
            loads,
            trials,
            accept_capped: args.accept_capped,
            frontier,
        };
        simulate::page(file, args.force, &drawn)?;
    }
    finish(args, &spec, &sizer.text, sizing.holds())
}

/// Writes what was chosen, where everything holds.
fn finish(args: &Size, spec: &read::GivenSpec, text: &str, holds: bool) -> Result<Exit, Failure> {
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
    for one in metrics {
        let service = simulate::known(&one.service, model)?;
        let kind = asked.policy.unwrap_or_else(|| AutoscalerKind::present(model, service));
        let advice = requests::advice(service, kind, one);
        writeln!(out, "{}", report::clean(&format!("{}: {}", service.name, advice.text)))?;
    }
    writeln!(out, "nothing is chosen without --load")?;
    Ok(Exit::Clean)
}

fn asked(args: &Size) -> Result<SizeQuestion, Failure> {
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
        price: args.price.as_deref().map(price).transpose()?,
        threads: available_parallelism().map_or(1, usize::from),
    })
}

/// Reads `cpu=0.03,memory=0.004`.
pub(super) fn price(text: &str) -> Result<Price, Failure> {
    let fault = || Failure(format!("--price {text}: write cpu=0.03,memory=0.004: an hour of a core, and of a GiB"));
    let mut price = Price { core: 0.0, gibibyte: 0.0 };
    for part in text.split(',') {
        let (name, number) = part.split_once('=').ok_or_else(fault)?;
        let number = number.parse::<f64>().ok().filter(|number| (0.0..1e9).contains(number)).ok_or_else(fault)?;
        match name.trim() {
            "cpu" => price.core = number,
            "memory" => price.gibibyte = number,
            _ => return Err(fault()),
        }
    }
    Ok(price)
}

impl Price {
    /// What an hour of one replica costs by its requests.
    #[expect(clippy::cast_precision_loss, reason = "a machine has far fewer than 2^53 of either")]
    pub fn of(self, service: &scalegen::model::Service) -> f64 {
        let cores = service.reserved_cpu().map_or(0.0, |cpu| cpu.value.0 as f64 / 1e9);
        let bytes = service.reserved_memory().map_or(0.0, |memory| memory.value.bytes as f64);
        cores * self.core + bytes / f64::from(1u32 << 30) * self.gibibyte
    }
}
