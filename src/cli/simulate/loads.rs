//! `--load` and `--observed`: which file is the load of which service, read and turned into demand.

use super::asked::find_service;
use crate::cli::{Failure, display_path, lint, read, suggestion};
use scalegen::CheckResult;
use scalegen::check::rules::LoadFacts;
use scalegen::inputs::load::{self, RecordedLoad};
use scalegen::model::instant::Instant;
use scalegen::model::work::ServiceTime;
use scalegen::model::{Service, Spec};
use scalegen::plan::scenario::{AutoscalerKind, MeasuredTimes, Scenario};
use scalegen::report::TextStyle;
use scalegen::simulate::demand::{Recorded, demand};
use scalegen::simulate::krr::PodSeries;
use scalegen::simulate::trace::Trace;
use scalegen::simulate::{HOUR, MILLISECOND, Nanos, SECOND};
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

/// Measured service times of one service.
pub(in crate::cli) struct ServiceTimes {
    pub service: String,
    pub path: PathBuf,
    pub measured: MeasuredTimes,
}

/// Replicas that ran.
pub(in crate::cli) struct Observed {
    pub service: String,
    pub path: PathBuf,
    pub replicas: Vec<(Nanos, f64)>,
}

/// One trial to be played.
pub(in crate::cli) struct TrialRequest<'s> {
    pub recording: &'s Recording,
    pub service: &'s Service,
    pub profile: Option<&'s str>,
    pub kind: AutoscalerKind,
    pub is_present: bool,
    pub scenario: Scenario,
}

/// The recordings; none if one of them has errors, which are printed.
pub(in crate::cli) fn read(
    values: &[String],
    measured: &[ServiceTimes],
    spec: &Spec,
    arrivals: Option<&str>,
    style: TextStyle,
) -> Result<Option<Vec<Recording>>, Failure> {
    let mut all: Vec<Recording> = Vec::new();
    let mut sound = true;
    for value in values {
        let (service, kind, file) = named(value, spec)?;
        let path = PathBuf::from(file);
        let Some(load) = samples(&path, style)? else {
            sound = false;
            continue;
        };
        let recorded = recorded(kind, service, measured)?;
        let days = length(&load) / (24 * HOUR);
        if days > MOST_DAYS {
            let path = display_path(&path);
            return Err(Failure(format!("{path} is {days} days long, above {MOST_DAYS}: are its times Unix seconds?")));
        }
        let mut made = demand(&load.samples, recorded);
        made.trace.is_arrival_form_given = arrivals.is_some();
        all.push(Recording {
            service: service.name.to_string(),
            kind,
            path,
            samples: load.samples.len(),
            trace: made.trace,
            guessed: made.guessed,
        });
    }
    Ok(sound.then_some(all))
}

/// The service, the kind and the file of one `--load`.
fn named<'s, 'v>(value: &'v str, spec: &'s Spec) -> Result<(&'s Service, &'static str, &'v str), Failure> {
    let (left, file) = value.split_once(':').ok_or_else(|| form(value))?;
    let (service, kind) = match left.split_once('=') {
        Some((service, kind)) => (find_service(service, spec)?, kind),
        None => (only(spec, value)?, left),
    };
    let kind = KINDS.into_iter().find(|known| *known == kind).ok_or_else(|| {
        Failure(format!("--load {value}: `{kind}` is not a kind of load; {}", suggestion(kind, KINDS.into_iter())))
    })?;
    Ok((service, kind, file))
}

/// The services of all loads, including those that this shard does not play. Each must be in the spec and have one load.
pub(in crate::cli) fn known_once(values: &[String], spec: &Spec) -> Result<Vec<String>, Failure> {
    let mut names: Vec<String> = Vec::new();
    for value in values {
        let (service, ..) = named(value, spec)?;
        if names.iter().any(|name| **name == *service.name) {
            return Err(Failure(format!("two loads for `{}`; give it one", service.name)));
        }
        names.push(service.name.to_string());
    }
    Ok(names)
}

/// The replicas that ran; none if a file has errors, which are printed.
pub(super) fn observed(values: &[String], spec: &Spec, style: TextStyle) -> Result<Option<Vec<Observed>>, Failure> {
    let mut all: Vec<Observed> = Vec::new();
    let mut sound = true;
    for value in values {
        let (service, file) = match value.split_once('=') {
            Some((service, file)) => (find_service(service, spec)?, file),
            None => (only(spec, value)?, value.as_str()),
        };
        let path = PathBuf::from(file);
        let Some(load) = samples(&path, style)? else {
            sound = false;
            continue;
        };
        let replicas = load.samples.iter().map(|sample| (sample.at, sample.replicas.unwrap_or(sample.value))).collect();
        all.push(Observed { service: service.name.to_string(), path, replicas });
    }
    Ok(sound.then_some(all))
}

/// What pods used, of one service and resource; none if a file has errors, which are printed.
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
        (None, _) => Err(Failure(format!("`{value}` is the load of nothing: there is no such service"))),
        _ => {
            let names: Vec<&str> = spec.services().map(|service| &*service.name).collect();
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
        Failure(format!("{}: byte {} is not UTF-8", display_path(path), bad.utf8_error().valid_up_to()))
    })?;
    Ok(Source::new(display_path(path), text))
}

/// Prints the findings of a recording.
fn tell(source: Source, findings: Vec<Finding>, style: TextStyle) -> Result<(), Failure> {
    let paths = vec![String::new(); findings.len()];
    let checked = CheckResult { sources: vec![source], findings, paths, ..CheckResult::default() };
    lint::print_text(&mut [checked], style, &mut std::io::stderr())
}

/// The service times of the command line; none if a file has errors, which are printed.
pub(in crate::cli) fn service_times(
    values: &[String],
    spec: &Spec,
    style: TextStyle,
) -> Result<Option<Vec<ServiceTimes>>, Failure> {
    let mut all: Vec<ServiceTimes> = Vec::new();
    let mut sound = true;
    for value in values {
        let (service, file) = match value.split_once('=') {
            Some((service, file)) => (find_service(service, spec)?, file),
            None => (only(spec, value)?, value.as_str()),
        };
        if all.iter().any(|load| *load.service == *service.name) {
            return Err(Failure(format!("two files of service times for `{}`; give it one", service.name)));
        }
        let path = PathBuf::from(file);
        let source = source(&path)?;
        let load::MeasuredDurations { times, findings } = load::read_durations(&source);
        if !findings.is_empty() {
            sound = false;
            tell(source, findings, style)?;
            continue;
        }
        let measured = MeasuredTimes { source: display_path(&path), times: times.into() };
        all.push(ServiceTimes { service: service.name.to_string(), path, measured });
    }
    Ok(sound.then_some(all))
}

/// The service times of one service, if they were measured.
pub(in crate::cli) fn measured_of(all: &[ServiceTimes], service: &Service) -> Option<MeasuredTimes> {
    all.iter().find(|load| *load.service == *service.name).map(|load| load.measured.clone())
}

/// The rollouts of the command line that are about a service, in order.
pub(in crate::cli) fn rollouts(values: &[String], spec: &Spec, recording: &Recording) -> Result<Vec<Nanos>, Failure> {
    let mut all = Vec::new();
    for value in values {
        let (service, time) = match value.split_once('=') {
            Some((service, time)) => (Some(find_service(service, spec)?), time),
            None => (None, value.as_str()),
        };
        let read = Instant::parse(time).map_err(|why| Failure(format!("--rollout-at {value}: {why}")))?;
        if service.is_some_and(|service| *service.name != *recording.service) {
            continue;
        }
        let (from, to) = (recording.trace.from(), recording.trace.to());
        let shown = |at: Nanos| Instant::at_second(at.div_euclid(SECOND)).map_or_else(String::new, |at| at.rfc3339());
        let at = read.nanoseconds().filter(|at| (from..to).contains(at)).ok_or_else(|| {
            let (file, from, to) = (display_path(&recording.path), shown(from), shown(to));
            Failure(format!("--rollout-at {value}: {file} goes from {from} to {to}"))
        })?;
        all.push(at);
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// The recording of a service under a policy, for rules.
pub(in crate::cli) fn facts(recording: &Recording, kind: AutoscalerKind) -> LoadFacts {
    let milliseconds = |length: Nanos| u64::try_from(length / MILLISECOND).unwrap_or(0);
    LoadFacts {
        service: recording.service.clone(),
        has_hpa: kind.has_hpa(),
        file: display_path(&recording.path),
        outages: recording
            .trace
            .gaps()
            .into_iter()
            .map(|(from, to)| (from.div_euclid(SECOND), milliseconds(to - from)))
            .collect(),
        requests: Vec::new(),
    }
}

/// The meaning of a recording's values, with what the service says of its jobs.
fn recorded(kind: &str, service: &Service, measured: &[ServiceTimes]) -> Result<Recorded, Failure> {
    let name = &service.name;
    let work = service.work.as_deref();
    let mean = || {
        if let Some(one) = measured_of(measured, service) {
            return Ok(mean_of(&one.times));
        }
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

/// The mean, at least a nanosecond.
fn mean_of(times: &[Nanos]) -> Nanos {
    let sum: i128 = times.iter().map(|time| i128::from(*time)).sum();
    let count = i128::try_from(times.len()).unwrap_or(i128::MAX).max(1);
    i64::try_from(sum / count).unwrap_or(i64::MAX).max(1)
}

#[expect(clippy::cast_precision_loss, reason = "a machine has far fewer than 2^53 billionths of a core")]
fn cores(cpu: scalegen::plan::Cpu) -> f64 {
    cpu.0 as f64 / 1e9
}
