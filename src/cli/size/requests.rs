//! `--metrics`: reads what pods use, and computes requests from it.

use crate::cli::simulate::{find_service, loads};
use crate::cli::{Failure, display_path};
use scalegen::change::size::requests::{Joint, joint, megabytes};
use scalegen::check::rules::RecommendedRequest;
use scalegen::inputs::spec::edit::{EditValue, FieldChange};
use scalegen::model::{Service, Signal, Spec};
use scalegen::plan::scenario::AutoscalerKind;
use scalegen::report::TextStyle;
use scalegen::simulate::krr::{self, NoNumber, PodSeries};
use scalegen::simulate::{HOUR, Nanos};
use std::path::PathBuf;

/// Memory is not lowered on a shorter history.
const LOWERING: Nanos = 7 * 24 * HOUR;

/// What the pods of one service use of one resource.
pub(super) struct Metrics {
    pub service: String,
    pub resource: RequestedResource,
    pub path: PathBuf,
    pub series: Vec<PodSeries>,
}

/// What is requested.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestedResource {
    Cpu,
    Memory,
}

/// The result of reading metrics.
pub(super) struct RequestAdvice {
    /// For people.
    pub text: String,
    /// Fields below the service with their new values.
    pub fields: Vec<(&'static str, String)>,
}

/// The metrics of the command line; none if a file has errors, which are printed.
pub(super) fn read(values: &[String], spec: &Spec, style: TextStyle) -> Result<Option<Vec<Metrics>>, Failure> {
    let mut all: Vec<Metrics> = Vec::new();
    let mut sound = true;
    for value in values {
        let form = || Failure(format!("--metrics {value}: write [SERVICE=]cpu:FILE or [SERVICE=]memory:FILE"));
        let (left, file) = value.split_once(':').ok_or_else(form)?;
        let (service, resource) = match left.split_once('=') {
            Some((service, resource)) => (find_service(service, spec)?, resource),
            None => (loads::only(spec, value)?, left),
        };
        let resource = match resource {
            "cpu" => RequestedResource::Cpu,
            "memory" => RequestedResource::Memory,
            _ => return Err(form()),
        };
        let path = PathBuf::from(file);
        let Some(series) = loads::pods(&path, style)? else {
            sound = false;
            continue;
        };
        let series = of_one_container(series, &service.name, &path)?;
        all.push(Metrics { service: service.name.to_string(), resource, path, series });
    }
    Ok(sound.then_some(all))
}

/// The series of the service's own container: the only one there is, else the one of its name.
fn of_one_container(series: Vec<PodSeries>, service: &str, path: &std::path::Path) -> Result<Vec<PodSeries>, Failure> {
    let mut names: Vec<&str> = series.iter().map(|series| series.container.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() > 1 && !names.contains(&service) {
        let (names, path) = (names.join(", "), display_path(path));
        return Err(Failure(format!(
            "{path} has series of several containers ({names}) and none is called `{service}`; ask for one of them"
        )));
    }
    let several = names.len() > 1;
    Ok(series.into_iter().filter(|series| !several || series.container == service).collect())
}

/// The request that follows from metrics, or why none does.
pub(super) fn advice(service: &Service, kind: AutoscalerKind, metrics: &Metrics) -> RequestAdvice {
    let scales = kind.has_hpa();
    let signal = service.autoscaling.signal.value;
    let file = display_path(&metrics.path);
    let nothing = |text: String| RequestAdvice { text, fields: Vec::new() };
    match metrics.resource {
        RequestedResource::Cpu if scales && signal == Signal::Cpu => nothing(format!(
            "request-follows-target: no request of cpu from {file}: KRR refuses (\"HPA detected\"), for an HPA on cpu holds a pod at about target × request, so each run would shrink the request by the target; --tune cpu sets request and target together, from `cpuPerJob`"
        )),
        RequestedResource::Memory if scales && signal == Signal::Memory => nothing(format!(
            "request-follows-target: no request of memory from {file}: KRR refuses (\"HPA detected\"), for an HPA on memory holds a pod at about target × request"
        )),
        RequestedResource::Cpu => match krr::cpu(&metrics.series) {
            Ok(millis) => cpu(service, millis, &file),
            Err(why) => nothing(format!("no request of cpu from {file}: {}", refused(&why))),
        },
        RequestedResource::Memory => match krr::memory(&metrics.series) {
            Ok(bytes) => memory(service, bytes, metrics, &file),
            Err(why) => nothing(format!("no request of memory from {file}: {}", refused(&why))),
        },
    }
}

/// The amount that KRR's formula gives; `None` if it gives none.
pub(super) fn recommended(metrics: &Metrics) -> Option<RecommendedRequest> {
    let (resource, amount) = match metrics.resource {
        RequestedResource::Cpu => (Signal::Cpu, format!("{}m", krr::cpu(&metrics.series).ok()?)),
        RequestedResource::Memory => (Signal::Memory, megabytes(krr::memory(&metrics.series).ok()?)),
    };
    Some(RecommendedRequest { resource, file: display_path(&metrics.path), amount })
}

fn refused(why: &NoNumber) -> String {
    match why {
        NoNumber::NoData => "no data".to_owned(),
        NoNumber::TooFewPoints(points) => format!("{points} points over all pods, and KRR asks for {}", krr::POINTS),
        NoNumber::TooShort(length) => {
            format!(
                "the samples span {} min, and KRR asks for {} h",
                length / HOUR * 60 + length % HOUR / (HOUR / 60),
                krr::SHORTEST / HOUR
            )
        }
    }
}

fn cpu(service: &Service, millis: u64, file: &str) -> RequestAdvice {
    let now = service.reserved_cpu().map_or("none".to_owned(), |cpu| cpu.value.to_string());
    let text = format!(
        "request of cpu {now} → {millis}m by KRR's formula (the largest of the pods' 95th percentiles) from {file}"
    );
    let limit = service.resources.limits.cpu.map(|limit| limit.value);
    if let Some(limit) = limit.filter(|limit| limit.millis() < millis) {
        let text = format!("{text}, which is above the limit of {limit}: raise it first");
        return RequestAdvice { text, fields: Vec::new() };
    }
    RequestAdvice { text, fields: vec![("resources.requests.cpu", format!("{millis}m"))] }
}

fn memory(service: &Service, bytes: u64, metrics: &Metrics, file: &str) -> RequestAdvice {
    let shown = megabytes(bytes);
    let now = service.reserved_memory().map(|memory| memory.value);
    let before = now.map_or("none".to_owned(), |memory| memory.to_string());
    let text = format!(
        "request and limit of memory {before} → {shown} by KRR's formula (the largest sample and 15 %) from {file}"
    );
    let days = krr::history(&metrics.series);
    if days < LOWERING && now.is_some_and(|now| bytes < now.bytes) {
        let text = format!("{text}, but memory is not lowered on fewer than 7 days: these are {:.1}", float_days(days));
        return RequestAdvice { text, fields: Vec::new() };
    }
    RequestAdvice {
        text,
        fields: vec![("resources.requests.memory", shown.clone()), ("resources.limits.memory", shown)],
    }
}

#[expect(clippy::cast_precision_loss, reason = "durations are far below 2^53 ns")]
fn float_days(length: Nanos) -> f64 {
    length as f64 / (24 * HOUR) as f64
}

/// Changes of a service: the path below it and the new text.
pub(super) type FieldTexts = Vec<(&'static str, String)>;

/// Request and target of cpu together, where the signal is cpu.
pub(super) fn jointly(service: &Service) -> Result<(String, FieldTexts), String> {
    let Joint { request, up, down, trigger, trigger_before } = joint(service)?;
    let name = &service.name;
    let text = format!(
        "{name}: request of cpu → {request}m, the cores of all slots at once; the target follows to {up} %, so that the trigger stays: {trigger_before:.3} cores before, {trigger:.3} after rounding to whole percent"
    );
    let percent = |part: u32| format!("{}.{:02}", part / 100, part % 100);
    Ok((
        text,
        vec![
            ("resources.requests.cpu", format!("{request}m")),
            ("autoscaling.scaleUp.threshold", percent(up)),
            ("autoscaling.scaleDown.threshold", percent(down)),
        ],
    ))
}

/// Edits of a service's fields.
pub(super) fn changes(service: &Service, profile: Option<&str>, fields: &[(&str, String)]) -> Vec<FieldChange> {
    let edit = |(path, value): &(&str, String)| {
        scalegen::change::size::at(service, profile, path, EditValue::Text(value.clone()))
    };
    fields.iter().map(edit).collect()
}
