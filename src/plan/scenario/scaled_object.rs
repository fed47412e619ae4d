//! A ScaledObject, as it is rendered: votes on load, targets of cpu with floors by cron, numbers that the clock sets.

use super::autoscaler_parts::{behavior, metric, metrics, tolerates};
use super::{AutoscalerKind, nanos};
use crate::model::quantity::Share;
use crate::model::time::Duration;
use crate::model::{ClusterAutoscaler, ClusterOptions, Service, Signal, Window, releases};
use crate::simulate::hpa::{self, Behavior, ExternalTarget, PolicyKind, Rules, ScalingPolicy as RatePolicy};
use crate::simulate::policy::{Gauges, MetricSource as Read, ReplicaPolicy, TriggerFormula};
use crate::simulate::schedule::Schedule;
use crate::simulate::{Bounds, Nanos, SECOND, keda};
use std::sync::Arc;

/// The polling interval that is rendered where a formula votes.
const POLL: Nanos = 15 * SECOND;

/// Milli-units of one.
const ONE: i64 = 1000;

/// By how much of its target a metric of a ScaledObject must be exceeded before replicas are added.
fn up_tolerance(service: &Service, cluster: Option<&ClusterOptions>) -> Share {
    let (up, down) = (&service.autoscaling.up, &service.autoscaling.down);
    match up.tolerance {
        _ if !tolerates(cluster, ClusterAutoscaler::Keda) => releases::USUAL_TOLERANCE,
        _ if down.threshold.written && down.threshold.value < up.threshold.value => Share(0),
        written => written.map_or(releases::USUAL_TOLERANCE, |tolerance| tolerance.value),
    }
}

pub(super) fn policy(
    service: &Service,
    cluster: Option<&ClusterOptions>,
    schedule: &Schedule,
) -> Result<ReplicaPolicy, String> {
    let (scaling, tolerates) = (&service.autoscaling, tolerates(cluster, ClusterAutoscaler::Keda));
    let reach = schedule
        .windows()
        .iter()
        .map(|window| window.bounds)
        .fold(schedule.default_bounds(), |all, one| Bounds { min: all.min.min(one.min), max: all.max.max(one.max) });
    let base = keda::KedaSetup {
        polling: POLL,
        min: reach.min,
        max: reach.max,
        behavior: Some(behavior(service, scaling.signal.value != Signal::Load && tolerates, true)),
        ..keda::KedaSetup::default()
    };
    if service.is_moved_by_clock() {
        return Ok(keda_by_clock(schedule, base, tolerates));
    }
    if scaling.signal.value != Signal::Load {
        return keda_on_resource(service, cluster, schedule, base);
    }
    not_modelled(service, schedule)?;
    let idle =
        if reach.min == 0 { nanos(Duration::seconds(scaling.down.delay.value.as_seconds())) } else { 300 * SECOND };
    let external = keda::KedaTrigger::External { target: ExternalTarget::Value(ONE), activation: 0.0 };
    let mut config = keda::KedaSetup {
        cooldown: idle,
        initial_cooldown: if reach.min == 0 { idle } else { 0 },
        triggers: vec![external; 5],
        formula: Some(keda::Formula { target: ExternalTarget::Value(ONE), activation: 0.0 }),
        ..base
    };
    let (least, most) = (schedule.clone(), schedule.clone());
    let gauge =
        |function: fn(&Gauges) -> i64| Read::Custom(Arc::new(move |gauges: &Gauges| Some(float(function(gauges)))));
    let mut signals = vec![
        Read::Running,
        Read::Queued,
        gauge(|gauges| i64::from(gauges.existing)),
        Read::Custom(Arc::new(move |gauges: &Gauges| Some(f64::from(least.at(gauges.at).min)))),
        Read::Custom(Arc::new(move |gauges: &Gauges| Some(f64::from(most.at(gauges.at).max)))),
    ];
    // the formula replaces external metrics only: cpu is a metric next to it, and the larger proposal wins
    for further in &scaling.further {
        let (own, read) = metric(service, further.value)?;
        config.triggers.push(keda::KedaTrigger::Resource(own));
        signals.push(read);
    }
    let slots = u64::from(service.slots_each());
    let votes = ThresholdVotes {
        up: scaling.up.threshold.value.0.saturating_mul(slots),
        down: scaling.down.threshold.value.0.saturating_mul(slots),
        most: reach.max.max(2),
    };
    let formula = TriggerFormula(Arc::new(move |values: &[f64]| votes.vote(values)));
    Ok(ReplicaPolicy::Keda { config, signals, formula: Some(formula) })
}

/// Parts of a ScaledObject on load that cannot be simulated.
fn not_modelled(service: &Service, schedule: &Schedule) -> Result<(), String> {
    let scaling = &service.autoscaling;
    if !(schedule.windows().is_empty() || scaling.up.size.is_one() && scaling.down.size.is_one()) {
        return Err(
            "steps of several replicas with windows are not modelled for a ScaledObject; simulate `hpa`".to_owned()
        );
    }
    if scaling.prometheus.is_none() {
        return Err("a ScaledObject on load needs `autoscaling.metrics.prometheus`".to_owned());
    }
    Ok(())
}

/// A formula names the number of each hour. Without a tolerance of its own it asks for twice the largest number and for 1 as the least,
/// which the bounds cut.
fn keda_by_clock(schedule: &Schedule, base: keda::KedaSetup, tolerates: bool) -> ReplicaPolicy {
    let (least, most) = (base.min, base.max);
    let rules = |kind, value| {
        let policies = Some(vec![RatePolicy { kind, value, period: POLL }]);
        Rules { window: Some(0), select: Some(hpa::Select::Max), policies, tolerance: tolerates.then_some(0.0) }
    };
    let behavior = Behavior { scale_up: rules(PolicyKind::Pods, most), scale_down: rules(PolicyKind::Percent, 100) };
    let config = keda::KedaSetup {
        cooldown: if least == 0 { 0 } else { 300 * SECOND },
        triggers: vec![keda::KedaTrigger::External { target: ExternalTarget::AverageValue(ONE), activation: 0.0 }],
        formula: Some(keda::Formula { target: ExternalTarget::AverageValue(ONE), activation: 0.0 }),
        behavior: Some(behavior),
        ..base
    };
    let numbers = schedule.clone();
    let asked = move |gauges: &Gauges| {
        let number = numbers.at(gauges.at).min;
        Some(f64::from(match number {
            _ if tolerates || number == 0 => number,
            _ if number == most => number.saturating_mul(2),
            _ if number == least => 1,
            _ => number,
        }))
    };
    let formula = TriggerFormula(Arc::new(|values: &[f64]| values.first().copied()));
    ReplicaPolicy::Keda { config, signals: vec![Read::Custom(Arc::new(asked))], formula: Some(formula) }
}

/// A target of cpu, with a cron trigger for each window that raises the floor: the largest of several metrics wins.
fn keda_on_resource(
    service: &Service,
    cluster: Option<&ClusterOptions>,
    schedule: &Schedule,
    base: keda::KedaSetup,
) -> Result<ReplicaPolicy, String> {
    let (metrics, mut signals) = metrics(service)?;
    let Bounds { min, max } = schedule.default_bounds();
    let triggers = metrics.into_iter().map(keda::KedaTrigger::Resource).collect();
    let mut config = keda::KedaSetup { triggers, polling: 30 * SECOND, min, max, ..base };
    let tolerance = up_tolerance(service, cluster);
    let reached = move |floor: i32| releases::reaches_floor(u32::try_from(floor).unwrap_or(0), tolerance);
    let raises = move |bounds: Bounds| bounds.max == max && bounds.min > min && reached(bounds.min);
    if schedule.windows().iter().any(|window| raises(window.bounds)) {
        config
            .triggers
            .push(keda::KedaTrigger::External { target: ExternalTarget::AverageValue(ONE), activation: 0.0 });
        let windows = schedule.clone();
        let floor = move |gauges: &Gauges| {
            let bounds = windows.at(gauges.at);
            Some(if raises(bounds) { f64::from(bounds.min) } else { 0.0 })
        };
        signals.push(Read::Custom(Arc::new(floor)));
    }
    Ok(ReplicaPolicy::Keda { config, signals, formula: None })
}

/// Whether a ScaledObject holds a window of this service: with cpu and memory it can only raise the floor.
pub(super) fn drops_windows(service: &Service, cluster: Option<&ClusterOptions>, kind: AutoscalerKind) -> bool {
    let (min, max) = (service.replicas.min.value.max(1), service.replicas.max.value);
    let tolerance = up_tolerance(service, cluster);
    let held = |window: &Window| {
        let least = window.min.value.max(1);
        window.max.value == max && least >= min && releases::reaches_floor(least, tolerance)
    };
    kind == AutoscalerKind::Keda
        && service.autoscaling.signal.value != Signal::Load
        && !service.is_moved_by_clock()
        && service.schedule.iter().any(|window| !held(window))
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn float(count: i64) -> f64 {
    count as f64
}

/// The rendered formula: one more far above the target, one fewer far below, otherwise the present number.
#[derive(Clone, Copy, Debug)]
struct ThresholdVotes {
    /// Billionths of a job that runs for each replica.
    up: u64,
    down: u64,
    /// The proposal of a vote for more.
    most: i32,
}

impl ThresholdVotes {
    /// Takes running jobs, waiting jobs, replicas, and the bounds.
    #[expect(clippy::cast_possible_truncation, reason = "they are whole numbers")]
    fn vote(self, values: &[f64]) -> Option<f64> {
        let [running, queued, replicas, min, max, ..] = values else { return None };
        let [running, queued, count, min, max] = [running, queued, replicas, min, max].map(|value| *value as i128);
        let work = running * i128::from(Share::ONE);
        let more = f64::from(self.most);
        Some(if count == 0 {
            if max > 0 && (queued > 0 || min > 0) { 1.0 } else { 0.0 }
        } else if count < min {
            more
        } else if max == 0 && count == 1 {
            0.0
        } else if count > max {
            0.01
        } else if work >= i128::from(self.up) * count && count < max {
            more
        } else if self.down > 0 && work < i128::from(self.down) * count && count > min.max(1) {
            0.01
        } else if min == 0 && self.down > 0 && count == 1 && running + queued == 0 {
            0.0
        } else {
            1.0
        })
    }
}
