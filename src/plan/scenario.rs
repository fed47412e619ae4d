//! One service under one policy, ready to be simulated: the model in the words of the simulator.
//!
//! The policies are those that scalegen renders: Foundry's own rule, the HorizontalPodAutoscaler and the ScaledObject of
//! the kubernetes target, a fixed number. Knows no load and no file.

mod assumed;
mod autoscaler_parts;
mod autoscalers;
mod scaled_object;
mod shared;

pub use shared::{places, shared};

use crate::model::instant::Instant;
use crate::model::quantity::Cpu;
use crate::model::time::Duration;
use crate::model::work::{Dispatch, Distribution, ServiceTime, StartTime, Work};
use crate::model::{Amount, BaseScaler, ClusterAutoscaler, ClusterOptions, Service, Spec, Strategy};
use crate::simulate::jobs;
use crate::simulate::policy::ReplicaPolicy;
use crate::simulate::schedule::{BoundsWindow, Schedule};
use crate::simulate::workload::{self as work, ServiceWork};
use crate::simulate::{Bounds, MILLISECOND, MINUTE, Nanos, SECOND};
use std::sync::Arc;

/// A scaling policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoscalerKind {
    /// The rule of Foundry's compute modules.
    Foundry,
    /// The HorizontalPodAutoscaler that the kubernetes target writes.
    Hpa,
    /// The ScaledObject that the kubernetes target writes.
    Keda,
    /// A fixed number; `None`: the one that a target without an autoscaler writes.
    Fixed(Option<u32>),
}

impl AutoscalerKind {
    /// The words that choose one.
    pub const WORDS: [&'static str; 4] = ["foundry", "hpa", "keda", "fixed"];

    /// Reads `foundry`, `hpa`, `keda`, `fixed` or `fixed:4`.
    #[must_use]
    pub fn parse(text: &str) -> Option<AutoscalerKind> {
        match text {
            "foundry" => Some(AutoscalerKind::Foundry),
            "hpa" => Some(AutoscalerKind::Hpa),
            "keda" => Some(AutoscalerKind::Keda),
            "fixed" => Some(AutoscalerKind::Fixed(None)),
            _ => text.strip_prefix("fixed:")?.parse().ok().map(|count| AutoscalerKind::Fixed(Some(count))),
        }
    }

    /// What a spec's own targets make of a service: the autoscaler of the cluster that one of them writes for, or nothing that scales; what scales it in the files
    /// of a base, where no target says which; Foundry's rule, which the language follows, where no target is named.
    #[must_use]
    pub fn present(spec: &Spec, cluster: Option<&ClusterOptions>, service: &Service) -> AutoscalerKind {
        if !service.scales() && service.schedule.is_empty() {
            return AutoscalerKind::Fixed(None);
        }
        let named = cluster.filter(|own| own.names_autoscaler).map(|own| own.autoscaler);
        match (named, spec.scaler(&service.name)) {
            (Some(ClusterAutoscaler::Keda), _) | (None, Some(BaseScaler::Keda)) => AutoscalerKind::Keda,
            (Some(ClusterAutoscaler::None), _) => AutoscalerKind::Fixed(None),
            (Some(ClusterAutoscaler::Hpa), _) | (None, Some(BaseScaler::Horizontal)) => AutoscalerKind::Hpa,
            (None, None) if cluster.is_some() => AutoscalerKind::Hpa,
            (None, None) if spec.targets.is_empty() => AutoscalerKind::Foundry,
            (None, None) => AutoscalerKind::Fixed(None),
        }
    }

    /// Whether a HorizontalPodAutoscaler decides, its own or that of a ScaledObject.
    #[must_use]
    pub fn has_hpa(self) -> bool {
        matches!(self, AutoscalerKind::Hpa | AutoscalerKind::Keda)
    }

    /// Its name in reports.
    #[must_use]
    pub fn title(self) -> String {
        match self {
            AutoscalerKind::Foundry => "foundry".to_owned(),
            AutoscalerKind::Hpa => "hpa".to_owned(),
            AutoscalerKind::Keda => "keda".to_owned(),
            AutoscalerKind::Fixed(None) => "fixed".to_owned(),
            AutoscalerKind::Fixed(Some(count)) => format!("fixed:{count}"),
        }
    }
}

/// One service under one policy.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The input of the simulator.
    pub service: jobs::SimulatedService,
    /// The assumptions, as name and value with its source.
    pub assumptions: Vec<(&'static str, String)>,
    /// What the simulation leaves out of the real system, one sentence each.
    pub limits: Vec<&'static str>,
}

/// Minutes of a quarter of an hour.
const QUARTER: i64 = 15;

/// Whether a policy reads the threshold of scale-down. An HPA only if its release has a tolerance for that direction.
#[must_use]
pub fn reads_down_threshold(service: &Service, cluster: Option<&ClusterOptions>, kind: AutoscalerKind) -> bool {
    autoscalers::reads_down(service, cluster, kind)
}

/// Why nothing can be simulated.
const UNKNOWN: &str = "nothing says how long a job takes";

/// Inputs of a trial besides the model.
#[derive(Clone, Debug, Default)]
pub struct TrialInputs {
    /// The period for which bounds are needed, in nanoseconds since 1970.
    pub time: (Nanos, Nanos),
    /// Measured service times, which replace `workload.serviceTime`.
    pub service_times: Option<MeasuredTimes>,
    /// When rollouts begin, in order.
    pub rollouts: Vec<Nanos>,
}

/// Service times that were measured.
#[derive(Clone, Debug)]
pub struct MeasuredTimes {
    /// Their source, for people.
    pub source: String,
    /// The times, in the order in which they were measured.
    pub times: Arc<[Nanos]>,
}

/// Makes a scenario from a service, a policy and the inputs of a trial.
///
/// # Errors
/// Why this policy cannot be simulated for this service, and what would help: a message, lowercase, no full stop.
pub fn scenario(
    service: &Service,
    cluster: Option<&ClusterOptions>,
    kind: AutoscalerKind,
    inputs: &TrialInputs,
) -> Result<Scenario, String> {
    let name = &service.name;
    let written = service.work.as_deref().and_then(|work| work.service_time);
    let (time, time_text) = match (&inputs.service_times, written) {
        (Some(measured), _) => {
            (work::JobDuration::Observed(Arc::clone(&measured.times)), assumed::measured_text(measured))
        }
        (None, Some(time)) => (service_time(&time), assumed::service_time_text(&time)),
        (None, None) => {
            return Err(format!(
                "{name}: {UNKNOWN}; say --set {name}.serviceTime=30s, or give measured ones with --service-times, or write `workload: {{ serviceTime: 30s }}` in a spec"
            ));
        }
    };
    let workload = workload(service, time);
    let least = i32::from(!autoscalers::sleeps(service, cluster, kind));
    let schedule = schedule(service, kind, least, inputs.time);
    let policy = autoscalers::policy(service, cluster, kind, &schedule).map_err(|why| format!("{name}: {why}"))?;
    let assumptions = assumed::assumptions(service, &workload, time_text, kind, inputs);
    let limits = assumed::limits(kind, service, cluster, &workload, inputs);
    let schedule = match (&policy, kind) {
        // a fixed number has no bounds of its own
        (ReplicaPolicy::Fixed(count), AutoscalerKind::Fixed(_)) => {
            Schedule::always(Bounds { min: *count, max: *count })
        }
        _ => schedule,
    };
    let mut played = jobs::SimulatedService::new(workload, schedule, policy);
    played.rollouts.clone_from(&inputs.rollouts);
    Ok(Scenario { service: played, assumptions, limits })
}

fn nanos(duration: Duration) -> Nanos {
    i64::try_from(duration.0).unwrap_or(i64::MAX / MILLISECOND).saturating_mul(MILLISECOND)
}

/// Thousandths of a core, rounded up as Kubernetes does.
fn millis(cpu: Cpu) -> i64 {
    i64::try_from(cpu.millis()).unwrap_or(i64::MAX)
}

fn whole(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn service_time(time: &ServiceTime) -> work::JobDuration {
    let mean = nanos(time.mean.value);
    match (time.distribution.value, time.p95) {
        (Distribution::Lognormal, Some(p95)) => work::JobDuration::LogNormal { mean, p95: nanos(p95.value) },
        (Distribution::Fixed, _) => work::JobDuration::Fixed(mean),
        _ => work::JobDuration::Exponential { mean },
    }
}

/// How a new version replaces the old one.
fn rollout(service: &Service) -> work::RolloutMethod {
    let part = |amount: Amount| match amount {
        Amount::Count(count) => work::PartOfReplicas::Count(count),
        Amount::Percent(percent) => work::PartOfReplicas::Percent(percent),
    };
    match service.update().strategy.value {
        Strategy::Recreate => work::RolloutMethod::Recreate,
        Strategy::Rolling => work::RolloutMethod::Rolling {
            surge: part(service.update().surge.value),
            unavailable: service.update().unavailable.map_or(work::PartOfReplicas::Count(0), |one| part(one.value)),
        },
    }
}

fn workload(service: &Service, service_time: work::JobDuration) -> ServiceWork {
    let mut workload = ServiceWork::new(service_time);
    workload.concurrency = service.slots_each();
    workload.dispatch = dispatch(service);
    workload.replica.rollout = rollout(service);
    if let Some(grace) = service.stop_grace_period {
        workload.replica.grace = nanos(grace.value);
    }
    if let Some(drain) = service.pod.as_deref().and_then(|pod| pod.drain_delay) {
        workload.replica.drain = nanos(drain.value).min(workload.replica.grace);
    }
    let Some(own) = service.work.as_deref() else { return workload };
    workload.cpu = cpu(service, own);
    workload.queue_limit = own.queue_limit.map(|limit| u64::from(limit.value));
    workload.patience = own.patience.map(|patience| nanos(patience.value));
    workload.deadline = own.deadline.map(|deadline| nanos(deadline.value));
    workload.retry = own.retry.is_some_and(|retry| retry.value);
    if let Some(StartTime { p50, p95, .. }) = own.start {
        workload.replica.start = match p95 {
            Some(p95) => work::ReadyTime::LogNormal { p50: nanos(p50.value), p95: nanos(p95.value) },
            None => work::ReadyTime::Fixed(nanos(p50.value)),
        };
    }
    workload
}

/// Services that are called by HTTP have their jobs pushed to them (W5).
fn dispatch(service: &Service) -> work::JobDispatch {
    let written = service.work.as_deref().and_then(|work| work.dispatch).map(|dispatch| dispatch.value);
    let usual = if service.expose.is_some() { Dispatch::Least } else { Dispatch::Pull };
    match written.unwrap_or(usual) {
        Dispatch::Pull => work::JobDispatch::Pull,
        Dispatch::Random => work::JobDispatch::Push(work::Choice::Random),
        Dispatch::RoundRobin => work::JobDispatch::Push(work::Choice::RoundRobin),
        Dispatch::Least => work::JobDispatch::Push(work::Choice::Least),
    }
}

fn cpu(service: &Service, own: &Work) -> Option<work::ReplicaCpu> {
    let per_job = millis(own.cpu_per_job?.value);
    let request = service.reserved_cpu().map_or(0, |cpu| millis(cpu.value));
    let limit = service.resources.limits.cpu.map(|cpu| millis(cpu.value));
    Some(work::ReplicaCpu { per_job, idle: own.idle.map_or(0, |idle| millis(idle.value)), request, limit })
}

/// Bounds over time. A HorizontalPodAutoscaler that cannot hold 0 keeps 1 (as it is rendered).
fn schedule(service: &Service, kind: AutoscalerKind, least: i32, (from, to): (Nanos, Nanos)) -> Schedule {
    // a service that is switched off stays so
    let bounds = |min: u32, max: u32| Bounds { min: whole(min).max(least).min(whole(max)), max: whole(max) };
    let default = bounds(service.replicas.min.value, service.replicas.max.value);
    if service.schedule.is_empty() || matches!(kind, AutoscalerKind::Fixed(_)) {
        return Schedule::always(default);
    }
    let mut windows: Vec<BoundsWindow> = Vec::new();
    // windows begin and end at whole minutes of a zone, zones differ from UTC by quarters of an hour, and a window that begins in a
    // skipped hour begins after it: no other minutes need to be checked
    let edges = service.schedule.iter().flat_map(|window| [window.from.value.0, window.to.value.0]);
    let mut quarter: Vec<i64> = edges.map(|minute| i64::from(minute) % QUARTER).chain([0]).collect();
    quarter.sort_unstable();
    quarter.dedup();
    let first = from.div_euclid(MINUTE * QUARTER) * QUARTER;
    let quarters = (0..).map(|count| first + count * QUARTER);
    let minutes = quarters.flat_map(|begin| quarter.iter().map(move |minute| begin + minute));
    let mut before = first;
    for minute in minutes.take_while(|minute| *minute <= to.div_euclid(MINUTE)) {
        let at = minute * MINUTE;
        if let Some(last) = windows.last_mut().filter(|last| last.to == before * MINUTE + MINUTE) {
            // the bounds of the last check hold until this one
            last.to = at;
        }
        before = minute;
        let open = Instant::at_second(at / SECOND)
            .and_then(|instant| instant.window(service).map(|window| bounds(window.min.value, window.max.value)));
        if let Some(bounds) = open {
            match windows.last_mut() {
                Some(last) if last.to == at && last.bounds == bounds => last.to = at + MINUTE,
                _ => windows.push(BoundsWindow { from: at, to: at + MINUTE, bounds }),
            }
        }
    }
    if let Some(last) = windows.last_mut().filter(|last| last.to == before * MINUTE + MINUTE) {
        last.to = last.to.max(to + MINUTE);
    }
    Schedule::new(default, windows)
}
