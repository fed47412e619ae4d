//! The assumptions of a scenario with their sources, and what it leaves out of the real system. Decides nothing.

use super::scaled_object::drops_windows;
use super::{AutoscalerKind, MeasuredTimes, TrialInputs};
use crate::model::instant::Instant;
use crate::model::work::{ServiceTime, StartTime};
use crate::model::{Amount, ClusterOptions, Service, Strategy};
use crate::simulate::workload::{self as work, ServiceWork};
use crate::simulate::{Nanos, SECOND};
use std::sync::Arc;

/// Names and values, in the order of reports.
pub(super) fn assumptions(
    service: &Service,
    workload: &ServiceWork,
    time: String,
    kind: AutoscalerKind,
    inputs: &TrialInputs,
) -> Vec<(&'static str, String)> {
    let or = |written: bool, text: String| if written { text } else { format!("{text} (not written)") };
    let own = service.work.as_deref();
    let mut all = vec![("service time", time)];
    all.push(("slots of a replica", or(service.concurrency.is_some(), workload.concurrency.to_string())));
    let dispatch = match workload.dispatch {
        work::JobDispatch::Pull => "pull: one queue, which is the best case",
        work::JobDispatch::Push(work::Choice::Random) => "pushed to any replica",
        work::JobDispatch::Push(work::Choice::RoundRobin) => "pushed to one replica after the other",
        work::JobDispatch::Push(work::Choice::Least) => "pushed to the replica with the fewest",
    };
    all.push(("dispatch", or(own.is_some_and(|own| own.dispatch.is_some()), dispatch.to_owned())));
    let start = match own.and_then(|own| own.start) {
        Some(StartTime { p50, p95: Some(p95), .. }) => format!("median {}, p95 {}", p50.value, p95.value),
        Some(StartTime { p50, .. }) => p50.value.to_string(),
        None => or(false, "30s".to_owned()),
    };
    all.push(("start of a replica", start));
    let grace = service.grace().to_string();
    all.push(("grace of a replica", or(service.stop_grace_period.is_some(), grace)));
    if let Some(drain) = service.pod.as_deref().and_then(|pod| pod.drain_delay) {
        let pulls = workload.dispatch == work::JobDispatch::Pull;
        let how = if pulls { "in which it goes on to take jobs" } else { "in which it gets no new job" };
        all.push(("drain delay of a replica", format!("{} of its grace, {how}", drain.value)));
    }
    let waits = match own.and_then(|own| own.patience) {
        Some(patience) => format!("up to {}", patience.value),
        None => "as long as it takes".to_owned(),
    };
    all.push(("a job waits", waits));
    if let Some(bounds) = bounds_text(service, kind) {
        all.push(("replicas", bounds));
    }
    all.push(("scrape, sync, poll", "every 15 s, at phases of the seed".to_owned()));
    if !inputs.rollouts.is_empty() {
        all.push(("rollouts", rollouts_text(service, inputs)));
    }
    all
}

/// The bounds of a policy, windows included.
fn bounds_text(service: &Service, kind: AutoscalerKind) -> Option<String> {
    if matches!(kind, AutoscalerKind::Fixed(_)) {
        return None;
    }
    let range = |min: u32, max: u32| if min == max { min.to_string() } else { format!("{min} to {max}") };
    let mut text = range(service.replicas.min.value, service.replicas.max.value);
    for window in &service.schedule {
        let days: Vec<&str> = window.days.value.iter().map(|day| day.word()).collect();
        let (from, to) = (window.from.value, window.to.value);
        let own = range(window.min.value, window.max.value);
        text.push_str(&format!("; {own} on {} {from} to {to} {}", days.join(","), window.zone));
    }
    Some(text)
}

/// When rollouts begin, and with how many replicas more and fewer.
fn rollouts_text(service: &Service, inputs: &TrialInputs) -> String {
    let at = |at: &Nanos| Instant::at_second(at.div_euclid(SECOND)).map(|at| at.rfc3339());
    let times: Vec<String> = inputs.rollouts.iter().filter_map(at).collect();
    let update = &service.update();
    let how = match update.strategy.value {
        Strategy::Recreate => "recreate".to_owned(),
        Strategy::Rolling => {
            let none = Amount::Count(0);
            let fewer = update.unavailable.map_or(none, |one| one.value);
            format!("rolling, {} more and {fewer} fewer", update.surge.value)
        }
    };
    let written = if update.written { "" } else { " (not written)" };
    format!("at {}: {how}{written}", times.join(", "))
}

pub(super) fn measured_text(measured: &MeasuredTimes) -> String {
    let mut sorted = measured.times.to_vec();
    sorted.sort_unstable();
    let mean = work::JobDuration::Observed(Arc::clone(&measured.times)).mean() / 1e9;
    let p95 = sorted.get((sorted.len() * 95).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0);
    let count = sorted.len();
    format!("drawn from {count} measured in {}, mean {mean:.3} s, p95 {:.3} s", measured.source, seconds(p95))
}

#[expect(clippy::cast_precision_loss, reason = "durations are far below 2^53 ns")]
fn seconds(time: Nanos) -> f64 {
    time as f64 / 1e9
}

/// The kind and the numbers of a written service time.
pub(super) fn service_time_text(time: &ServiceTime) -> String {
    let form = time.distribution.value.word();
    match time.p95 {
        Some(p95) => format!("{form}, mean {}, p95 {}", time.mean.value, p95.value),
        None => format!("{form}, mean {}", time.mean.value),
    }
}

/// What is not modelled and matters for this policy and service.
pub(super) fn limits(
    kind: AutoscalerKind,
    service: &Service,
    cluster: Option<&ClusterOptions>,
    workload: &ServiceWork,
    inputs: &TrialInputs,
) -> Vec<&'static str> {
    let mut all = vec![
        "nodes are not modelled: every replica finds room at once, and the node autoscaler's time is not in it",
        "metrics are ideal: no outage and no lag but the scrape's; holes of the recording are failed metrics",
    ];
    match kind {
        AutoscalerKind::Foundry => {
            all.push("Foundry documents neither its interval (15 s here) nor what restarts a delay: a step or a change of bounds does here");
            all.push("a count that a window leaves outside its bounds jumps to them: Foundry does not document it");
        }
        AutoscalerKind::Hpa => all.push("the controller is that of Kubernetes 1.36.2"),
        AutoscalerKind::Keda => all.push("KEDA is 2.20.2, its HorizontalPodAutoscaler that of Kubernetes 1.36.2"),
        AutoscalerKind::Fixed(_) => {}
    }
    if drops_windows(service, cluster, kind) {
        all.push("a window that a cron trigger cannot hold is not rendered, and the replicas outside of windows stay: `render` says which");
    }
    if service.autoscaling.predictive.value && !matches!(kind, AutoscalerKind::Fixed(_)) {
        all.push("predictive scaling cannot be reproduced: its model is not documented");
    }
    if service.health.is_some() || service.pod.as_deref().is_some_and(|pod| pod.startup.is_some()) {
        all.push("probes are not played: a replica is ready once its start is over, and stays so");
    }
    if !inputs.rollouts.is_empty() {
        all.push("rollouts go as a Deployment's; one that a change of count meets goes on with the new version first, where Kubernetes divides by proportion");
        if !matches!(kind, AutoscalerKind::Hpa | AutoscalerKind::Keda) {
            all.push("how other platforms replace replicas is not documented as closely: `update` of the spec is taken for it");
        }
    }
    if inputs.service_times.is_some() {
        all.push("measured service times are drawn independently: that slow jobs come together is not in it");
    }
    if workload.dispatch == work::JobDispatch::Pull {
        all.push(
            "one queue for all replicas is the best case: a balancer in front of queues of their own waits longer",
        );
    }
    if workload.cpu.is_none() {
        all.push("jobs do not slow each other down: no `cpuPerJob` is written");
    }
    all
}
