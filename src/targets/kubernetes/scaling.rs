//! What moves the number of replicas and what a drain may take of them. Knows the bounds of each autoscaler.

use super::autoscalers::{
    Advanced, Behavior, Direction, ExternalMetric, HpaConfig, HpaSpec, Metric, MetricName, MetricTarget, Policy,
    Reference, ResourceMetric, ScaledObjectSpec, Trigger, TriggerMetadata,
};
use super::objects::{DisruptionSpec, Object, Share as Part};
use super::pod::whole_seconds;
use super::settings::Autoscaler;
use super::unit::Unit;
use super::{Lowered, Output};
use crate::plan::{Cpu, Disruption, Duration, Share, Signal, Val};

/// The longest stabilization window and the longest period of a policy, in seconds: above, the API refuses.
const WINDOW: u64 = 3600;
const PERIOD: u64 = 1800;
/// How often KEDA asks whether a workload at 0 has work, in seconds: its default of 30 doubles the wait.
const POLL: u64 = 15;

/// Writes the autoscaler and the disruption budget of a service.
pub(super) fn lower(unit: &Unit<'_>, out: &mut Output) {
    lost_windows(unit, &mut out.lowered);
    match unit.settings.autoscaler {
        Autoscaler::None => lost_autoscaling(unit, &mut out.lowered),
        _ if !unit.workload.scales => {}
        Autoscaler::Hpa => hpa(unit, out),
        Autoscaler::Keda => scaled_object(unit, out),
    }
    disruption(unit, out);
}

fn disruption(unit: &Unit<'_>, out: &mut Output) {
    let Some(disruption) = unit.workload.disruption else { return };
    let (min_available, max_unavailable) = match disruption.value {
        Disruption::MinAvailable(amount) => (Some(Part::from(amount)), None),
        Disruption::MaxUnavailable(amount) => (None, Some(Part::from(amount))),
    };
    let object = Object {
        api_version: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: unit.metadata(unit.workload.name.clone()),
        spec: DisruptionSpec { min_available, max_unavailable, selector: unit.selector() },
    };
    out.object(unit.path("poddisruptionbudget"), &object);
}

fn lost_windows(unit: &Unit<'_>, out: &mut Lowered) {
    let replicas = &unit.workload.replicas;
    let all_week = if unit.autoscaled() {
        format!("{} to {}", replicas.min.value, replicas.max.value)
    } else {
        unit.workload.fixed.to_string()
    };
    for window in &unit.workload.schedule {
        let bounds = match (window.min.value, window.max.value) {
            (min, max) if min == max => min.to_string(),
            (min, max) => format!("{min} to {max}"),
        };
        let title = if unit.autoscaled() { unit.settings.autoscaler.title() } else { Autoscaler::None.title() };
        let message =
            format!("{bounds} replicas {} is not written: {title} knows no week, {all_week} stays", window.label());
        out.lost(window.at, message, "let `replicas` hold what every hour needs, or drop the window");
    }
}

/// Without an autoscaler one number is written.
fn lost_autoscaling(unit: &Unit<'_>, out: &mut Lowered) {
    let (replicas, fixed) = (&unit.workload.replicas, unit.workload.fixed);
    if !unit.workload.scales {
        return;
    }
    let help = "write `autoscaler: hpa` or `keda` under the target, or a single number of replicas";
    let message =
        format!("max {} is never reached: {fixed} replicas are written and nothing scales them", replicas.max.value);
    out.lost(replicas.max.at, message, help);
    if unit.workload.autoscaling.written {
        let message = format!("autoscaling is not written: {fixed} replicas stay");
        out.lost(unit.workload.autoscaling.at, message, help);
    }
}

fn hpa(unit: &Unit<'_>, out: &mut Output) {
    let workload = unit.workload;
    let (name, scaling) = (workload.name.clone(), &workload.autoscaling);
    let lowered = &mut out.lowered;
    let min = workload.replicas.min;
    if min.value == 0 {
        let message = "min 0 is not written: a HorizontalPodAutoscaler keeps at least 1, so 1 is";
        lowered.lost(min.at, message, "write `min: 1`, or `autoscaler: keda` with a `queued` metric");
    }
    lost_steps(unit, lowered);
    lost_prometheus(unit, lowered);
    let metric = match scaling.signal.value {
        Signal::Load => {
            // the names of series know no `-`
            let metric: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            let metric = format!("{metric}_running");
            let message = format!(
                "an adapter must serve the external metric `{metric}`, the work running in all replicas{}",
                unknown_limit(unit)
            );
            lowered.ignored(scaling.signal.at, message, "configure the adapter, or write `autoscaler: keda`");
            let average_value = load_target(unit, lowered).to_string();
            let target = MetricTarget::AverageValue { average_value };
            Metric::External { external: ExternalMetric { metric: MetricName { name: metric }, target } }
        }
        signal => {
            let target = MetricTarget::Utilization { average_utilization: percent(scaling.up.threshold, lowered) };
            Metric::Resource { resource: ResourceMetric { name: signal.word(), target } }
        }
    };
    let spec = HpaSpec {
        scale_target_ref: reference(unit),
        min_replicas: min.value.max(1),
        max_replicas: workload.replicas.max.value,
        metrics: [metric],
        behavior: behavior(unit, lowered),
    };
    let metadata = unit.metadata(name);
    let object = Object { api_version: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata, spec };
    out.object(unit.path("horizontalpodautoscaler"), &object);
}

fn scaled_object(unit: &Unit<'_>, out: &mut Output) {
    let workload = unit.workload;
    let scaling = &workload.autoscaling;
    let lowered = &mut out.lowered;
    lost_steps(unit, lowered);
    let min = keda_min(unit, lowered);
    let triggers = match scaling.signal.value {
        Signal::Load => load_triggers(unit, min, lowered),
        signal => {
            lost_prometheus(unit, lowered);
            let value = percent(scaling.up.threshold, lowered).to_string();
            let metadata = TriggerMetadata::Resource { value };
            vec![Trigger { kind: signal.word(), name: None, metric_type: "Utilization", metadata }]
        }
    };
    let behavior = behavior(unit, lowered);
    // the way to and from 0 is KEDA's own; above 0 the HorizontalPodAutoscaler it makes decides
    let idle = (min == 0).then(|| scaling.down.delay.value.as_seconds());
    let spec = ScaledObjectSpec {
        scale_target_ref: reference(unit),
        polling_interval: idle.map(|_| POLL),
        cooldown_period: idle,
        initial_cooldown_period: idle,
        min_replica_count: min,
        max_replica_count: workload.replicas.max.value,
        advanced: Advanced { horizontal_pod_autoscaler_config: HpaConfig { behavior } },
        triggers,
    };
    let metadata = unit.metadata(workload.name.clone());
    let object = Object { api_version: "keda.sh/v1alpha1", kind: "ScaledObject", metadata, spec };
    out.object(unit.path("scaledobject"), &object);
}

/// 0 only where something wakes the workload again: at 0 replicas no work runs and no CPU is used.
fn keda_min(unit: &Unit<'_>, out: &mut Lowered) -> u32 {
    let (min, scaling) = (unit.workload.replicas.min, &unit.workload.autoscaling);
    let load = scaling.signal.value == Signal::Load;
    let wakes = load && scaling.prometheus.as_ref().is_some_and(|prometheus| prometheus.queued.is_some());
    if min.value > 0 {
        return min.value;
    }
    if wakes {
        let delay = scaling.down.delay.value;
        let message =
            format!("once no work is left for {delay}, KEDA goes to 0 in one step, not one replica at a time");
        out.lost(min.at, message, "write `min: 1` to keep the steps");
        return 0;
    }
    let why = if load { "without a `queued` metric" } else { "on cpu and memory alone" };
    let message = format!("min 0 is not written: {why} nothing wakes the service again, so 1 is");
    out.lost(min.at, message, "write `min: 1`, or use `signal: load` with a `queued` metric");
    1
}

fn load_triggers(unit: &Unit<'_>, min: u32, out: &mut Lowered) -> Vec<Trigger> {
    let scaling = &unit.workload.autoscaling;
    let Some(prometheus) = &scaling.prometheus else {
        let message = "signal load has no metric to ask for: `metrics.prometheus` is missing";
        out.refused(scaling.signal.at, message, "add `metrics: {prometheus: {server, running}}`");
        return Vec::new();
    };
    let trigger = |name, query: &Val<String>, threshold| Trigger {
        kind: "prometheus",
        name: Some(name),
        metric_type: "AverageValue",
        metadata: TriggerMetadata::Prometheus {
            server_address: prometheus.server.value.clone(),
            query: query.value.clone(),
            threshold,
            // a series that is gone is no load of 0
            ignore_null_values: "false",
        },
    };
    let unknown = unknown_limit(unit);
    if !unknown.is_empty() {
        out.ignored(scaling.signal.at, unknown.trim_start_matches("; "), "write `concurrency`");
    }
    let mut triggers = vec![trigger("running", &prometheus.running, load_target(unit, out).cores())];
    match &prometheus.queued {
        // out of reach as a target, so that it only wakes the service from 0 and keeps it from going back
        Some(queued) if min == 0 => triggers.push(trigger("queued", queued, "1000000000".to_owned())),
        Some(queued) => {
            let message = format!("queued is not written: the service never goes below {min}, so nothing waits for it");
            out.lost(queued.at, message, "write `min: 0`, or remove `queued`");
        }
        None => {}
    }
    triggers
}

fn reference(unit: &Unit<'_>) -> Reference {
    Reference { api_version: "apps/v1", kind: unit.kind(), name: unit.workload.name.clone() }
}

fn unknown_limit(unit: &Unit<'_>) -> &'static str {
    if unit.workload.concurrency.is_none() { "; the concurrency limit is unknown, 1 is taken" } else { "" }
}

/// Running work for each replica at which one more is wanted: up × limit.
fn load_target(unit: &Unit<'_>, out: &mut Lowered) -> Cpu {
    let threshold = unit.workload.autoscaling.up.threshold;
    if threshold.value.0 == 0 {
        out.refused(threshold.at, "a threshold of 0 is no target: any load is above it", "write a share above 0");
    }
    // a count in billionths prints as a quantity exactly as cores do
    Cpu(threshold.value.0.saturating_mul(u64::from(unit.workload.slots_each())))
}

/// A share as whole percent of the request.
fn percent(threshold: Val<Share>, out: &mut Lowered) -> u64 {
    let hundredth = Share::ONE / 100;
    let percent = (threshold.value.0 + hundredth / 2) / hundredth;
    if percent == 0 {
        let message = format!("{} of the request is below 1%, the least target", threshold.value);
        out.refused(threshold.at, message, "write a share of at least 0.01");
    } else if percent * hundredth != threshold.value.0 {
        let message =
            format!("{} of the request is not written: a target is whole percent, {percent}%", threshold.value);
        out.lost(threshold.at, message, format!("write {}", Share(percent * hundredth)));
    }
    percent
}

/// One replica a step, and only after the whole delay: the policies are written out, because the API's own double the number.
fn behavior(unit: &Unit<'_>, out: &mut Lowered) -> Behavior {
    let mut direction = |delay: Val<Duration>| {
        let seconds = whole_seconds(delay, "a window", out);
        if seconds > WINDOW {
            let message = format!("{} is above 1h, the longest window: 1h is written", delay.value);
            out.lost(delay.at, message, "write at most 1h");
        } else if seconds > PERIOD {
            let message =
                format!("{} holds for the first step only: later ones come every 30m, the longest period", delay.value);
            out.lost(delay.at, message, "write at most 30m");
        }
        Direction {
            stabilization_window_seconds: seconds.min(WINDOW),
            select_policy: "Max",
            policies: [Policy { kind: "Pods", value: 1, period_seconds: seconds.clamp(1, PERIOD) }],
        }
    };
    let scaling = &unit.workload.autoscaling;
    Behavior { scale_up: direction(scaling.up.delay), scale_down: direction(scaling.down.delay) }
}

/// What neither autoscaler holds.
fn lost_steps(unit: &Unit<'_>, out: &mut Lowered) {
    let scaling = &unit.workload.autoscaling;
    let (up, down) = (scaling.up.threshold.value, scaling.down.threshold);
    let title = unit.settings.autoscaler.title();
    if down.written && down.value != up {
        let message = format!("scale-down at {} is not written: {title} has one target, {up} both ways", down.value);
        out.lost(down.at, message, format!("write {up}, or remove it"));
    }
    if scaling.predictive.value {
        out.lost(scaling.predictive.at, format!("{title} follows the load, it does not predict it"), "remove it");
    }
}

/// An HPA asks the cluster's metrics API, and so does KEDA for cpu and memory: no server and no query is written.
fn lost_prometheus(unit: &Unit<'_>, out: &mut Lowered) {
    let scaling = &unit.workload.autoscaling;
    let Some(prometheus) = &scaling.prometheus else { return };
    let (asker, help) = match scaling.signal.value {
        Signal::Load => {
            (unit.settings.autoscaler.title(), "configure the adapter with it, or write `autoscaler: keda`")
        }
        Signal::Cpu => ("signal cpu", "remove it, or write `signal: load`"),
        Signal::Memory => ("signal memory", "remove it, or write `signal: load`"),
    };
    for (what, value) in [("server", &prometheus.server), ("query", &prometheus.running)] {
        let message = format!("the {what} is not written: {asker} asks the cluster's metrics API");
        out.lost(value.at, message, help);
    }
    if let Some(queued) = &prometheus.queued {
        out.lost(queued.at, format!("queued is not written: {asker} does not see waiting work"), help);
    }
}
