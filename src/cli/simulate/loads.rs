//! `--load` and `--observed`: which file is the load of which service, read and turned into demand.

use super::known;
use crate::cli::{Failure, display_path, lint, read, suggestion};
use scalegen::CheckResult;
use scalegen::inputs::load::{self, RecordedLoad};
use scalegen::model::work::ServiceTime;
use scalegen::model::{Service, Spec};
use scalegen::plan::scenario::{AutoscalerKind, Scenario};
use scalegen::report::{Format, TextStyle};
use scalegen::simulate::demand::{Recorded, demand};
use scalegen::simulate::krr::PodSeries;
use scalegen::simulate::trace::Trace;
use scalegen::simulate::{HOUR, MILLISECOND, Nanos};
use scalegen::support::diagnostic::Finding;
use scalegen::support::source::Source;
use std::path::PathBuf;

/// The longest recording that is played.
const MOST_DAYS: i64 = 800;

const KINDS: [&str; 4] = ["arrivals", "rate", "running", "cpu"];

/// The load of one service.
pub(in crate::cli) struct Recording {
    pub service: String,
    pub kind: &'static str,
    pub path: PathBuf,
    pub samples: usize,
    pub trace: Trace,
    pub guessed: bool,
}

/// Replicas that ran.
pub(super) struct Observed {
    pub service: String,
    pub path: PathBuf,
    pub replicas: Vec<(Nanos, f64)>,
}

/// One trial to be played.
pub(super) struct TrialRequest<'s> {
    pub recording: &'s Recording,
    pub service: &'s Service,
    pub profile: Option<&'s str>,
    pub kind: AutoscalerKind,
    pub is_present: bool,
    pub scenario: Scenario,
}

/// The recordings; none where one of them has errors, which are printed.
pub(in crate::cli) fn read(
    values: &[String],
    spec: &Spec,
    style: TextStyle,
) -> Result<Option<Vec<Recording>>, Failure> {
    let mut all: Vec<Recording> = Vec::new();
    let mut sound = true;
    for value in values {
        let (left, file) = value.split_once(':').ok_or_else(|| form(value))?;
        let (service, kind) = match left.split_once('=') {
            Some((service, kind)) => (known(service, spec)?, kind),
            None => (only(spec, value)?, left),
        };
        let kind = KINDS.into_iter().find(|known| *known == kind).ok_or_else(|| {
            Failure(format!("--load {value}: `{kind}` is no kind of load; {}", suggestion(kind, KINDS.into_iter())))
        })?;
        if all.iter().any(|one| one.service == service.name) {
            return Err(Failure(format!("two loads for `{}`; give it one", service.name)));
        }
        let path = PathBuf::from(file);
        let Some(load) = samples(&path, style)? else {
            sound = false;
            continue;
        };
        let recorded = recorded(kind, service)?;
        let days = length(&load) / (24 * HOUR);
        if days > MOST_DAYS {
            let path = display_path(&path);
            return Err(Failure(format!("{path} is {days} days long, above {MOST_DAYS}: are its times Unix seconds?")));
        }
        let made = demand(&load.samples, recorded);
        all.push(Recording {
            service: service.name.clone(),
            kind,
            path,
            samples: load.samples.len(),
            trace: made.trace,
            guessed: made.guessed,
        });
    }
    Ok(sound.then_some(all))
}

/// The replicas that ran; none where a file has errors, which are printed.
pub(super) fn observed(values: &[String], spec: &Spec, style: TextStyle) -> Result<Option<Vec<Observed>>, Failure> {
    let mut all: Vec<Observed> = Vec::new();
    let mut sound = true;
    for value in values {
        let (service, file) = match value.split_once('=') {
            Some((service, file)) => (known(service, spec)?, file),
            None => (only(spec, value)?, value.as_str()),
        };
        let path = PathBuf::from(file);
        let Some(load) = samples(&path, style)? else {
            sound = false;
            continue;
        };
        let replicas = load.samples.iter().map(|sample| (sample.at, sample.replicas.unwrap_or(sample.value))).collect();
        all.push(Observed { service: service.name.clone(), path, replicas });
    }
    Ok(sound.then_some(all))
}

/// What pods used, of one service and resource; none where a file has errors, which are printed.
pub(in crate::cli) fn pods(path: &std::path::Path, style: TextStyle) -> Result<Option<Vec<PodSeries>>, Failure> {
    let source = source(path)?;
    let load::PodMetrics { series, findings } = load::read_pods(&source);
    if findings.is_empty() {
        return Ok(Some(series));
    }
    tell(source, findings, style)?;
    Ok(None)
}

/// From the first sample to the last.
fn length(load: &RecordedLoad) -> Nanos {
    let (first, last) = (load.samples.first(), load.samples.last());
    first.zip(last).map_or(0, |(first, last)| last.at - first.at)
}

fn form(value: &str) -> Failure {
    Failure(format!("--load {value}: write [SERVICE=]KIND:FILE, with a KIND of {}", KINDS.join(", ")))
}

pub(in crate::cli) fn only<'s>(spec: &'s Spec, value: &str) -> Result<&'s Service, Failure> {
    let mut services = spec.services();
    match (services.next(), services.next()) {
        (Some(service), None) => Ok(service),
        _ => {
            let names: Vec<&str> = spec.services().map(|service| service.name.as_str()).collect();
            Err(Failure(format!(
                "`{value}` is the load of which service? Write SERVICE={value}, with one of {}",
                names.join(", ")
            )))
        }
    }
}

/// The samples of a file; its findings are printed.
fn samples(path: &std::path::Path, style: TextStyle) -> Result<Option<RecordedLoad>, Failure> {
    let source = source(path)?;
    let mut load = load::read(&source);
    if load.findings.is_empty() {
        return Ok(Some(load));
    }
    let findings = std::mem::take(&mut load.findings);
    let sound = RecordedLoad { samples: Vec::new(), findings: findings.clone() }.is_sound();
    tell(source, findings, style)?;
    Ok(sound.then_some(load))
}

fn source(path: &std::path::Path) -> Result<Source, Failure> {
    let bytes = read::file(path).map_err(|why| Failure(format!("cannot read {}: {why}", path.display())))?;
    let text = String::from_utf8(bytes).map_err(|bad| {
        Failure(format!("{}: byte {} is no UTF-8", display_path(path), bad.utf8_error().valid_up_to()))
    })?;
    Ok(Source::new(display_path(path), text))
}

/// Prints the findings of a recording.
fn tell(source: Source, findings: Vec<Finding>, style: TextStyle) -> Result<(), Failure> {
    let paths = vec![String::new(); findings.len()];
    let checked = CheckResult { sources: vec![source], findings, paths, ..CheckResult::default() };
    lint::print(&mut [checked], Format::Text, style, &mut std::io::stderr())
}

/// What the values of a recording are, with what the service says of its jobs.
fn recorded(kind: &str, service: &Service) -> Result<Recorded, Failure> {
    let name = &service.name;
    let work = service.work.as_deref();
    let mean = || {
        let time: Option<ServiceTime> = work.and_then(|work| work.service_time);
        let time = time.ok_or_else(|| {
            Failure(format!("{name}: jobs follow from what ran only with their time; write `workload: {{ serviceTime: 30s }}`, or --set {name}.serviceTime=30s"))
        })?;
        Ok::<Nanos, Failure>(
            i64::try_from(time.mean.value.0).unwrap_or(i64::MAX / MILLISECOND).saturating_mul(MILLISECOND),
        )
    };
    Ok(match kind {
        "arrivals" => Recorded::Arrivals,
        "rate" => Recorded::Rate,
        "running" => Recorded::Running { service: mean()?, slots: service.slots_each() },
        _ => {
            let per_job = work.and_then(|work| work.cpu_per_job).filter(|cpu| cpu.value.0 > 0).ok_or_else(|| {
                Failure(format!("{name}: jobs follow from cpu only with the cores of one; write `workload: {{ cpuPerJob: 250m }}`, or --set {name}.cpuPerJob=250m"))
            })?;
            Recorded::Cpu {
                service: mean()?,
                per_job: cores(per_job.value),
                idle: work.and_then(|work| work.idle).map_or(0.0, |idle| cores(idle.value)),
                limit: service.resources.limits.cpu.map(|limit| cores(limit.value)),
            }
        }
    })
}

#[expect(clippy::cast_precision_loss, reason = "a machine has far fewer than 2^53 billionths of a core")]
fn cores(cpu: scalegen::plan::Cpu) -> f64 {
    cpu.0 as f64 / 1e9
}
