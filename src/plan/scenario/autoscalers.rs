//! The policies as scalegen renders them: thresholds, delays and bounds as Foundry, an HPA and a ScaledObject hold them.

use super::{AutoscalerKind, nanos, text_option, whole};
use crate::model::quantity::Share;
use crate::model::time::Duration;
use crate::model::{Service, Signal, Step, StepAmount, StepRate, StepSelect, TargetOptions, Val, Window, releases};
use crate::simulate::hpa::{
    self, Behavior, ExternalTarget, Metric, PodResource, PolicyKind, ResourceTarget, Rules, ScalingPolicy as RatePolicy,
};
use crate::simulate::policy::{Gauges, MetricSource as Read, ReplicaPolicy, TriggerFormula};
use crate::simulate::schedule::Schedule;
use crate::simulate::{Bounds, Nanos, SECOND, foundry, keda};
use std::sync::Arc;

/// The longest stabilization window and the longest period of a policy: above, the API refuses, and less is rendered.
const WINDOW: Nanos = 3600 * SECOND;
const PERIOD: Nanos = 1800 * SECOND;
/// The polling interval that is rendered where a formula votes.
const POLL: Nanos = 15 * SECOND;
/// Milli-units of one.
const ONE: i64 = 1000;

/// The policy of one service.
pub(super) fn policy(
    service: &Service,
    target: Option<&TargetOptions>,
    kind: AutoscalerKind,
    schedule: &Schedule,
) -> Result<ReplicaPolicy, String> {
    match kind {
        AutoscalerKind::Fixed(count) => Ok(ReplicaPolicy::Fixed(whole(count.unwrap_or_else(|| service.fixed())))),
        AutoscalerKind::Foundry => Ok(ReplicaPolicy::Foundry(foundry(service))),
        AutoscalerKind::Hpa => hpa(service, target),
        AutoscalerKind::Keda => keda(service, target, schedule),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share has at most eleven digits")]
fn part(share: Share) -> f64 {
    share.0 as f64 / Share::ONE as f64
}

fn foundry(service: &Service) -> foundry::FoundrySetup {
    let scaling = &service.autoscaling;
    // its own delays, whatever the signal's are elsewhere
    let or = |delay: Val<Duration>, own: Duration| if delay.written { delay.value } else { own };
    foundry::FoundrySetup {
        up: part(scaling.up.threshold.value),
        down: part(scaling.down.threshold.value),
        up_delay: nanos(or(scaling.up.delay, Duration::seconds(60))),
        down_delay: nanos(or(scaling.down.delay, Duration::seconds(1800))),
        concurrency: whole(service.slots_each()),
        outside: foundry::Outside::Jump,
    }
}

/// Jobs that run for each replica, in milli-units rounded up as the API reads a quantity.
fn load_target(service: &Service) -> i64 {
    let nano = service.autoscaling.up.threshold.value.0.saturating_mul(u64::from(service.slots_each()));
    i64::try_from(nano.div_ceil(Share::ONE / 1000)).unwrap_or(i64::MAX)
}

/// A share as whole percent of the request.
fn percent(share: Share) -> i32 {
    let hundredth = Share::ONE / 100;
    i32::try_from((share.0 + hundredth / 2) / hundredth).unwrap_or(i32::MAX)
}

/// The metrics and what they read.
fn metrics(service: &Service) -> Result<(Vec<Metric>, Vec<Read>), String> {
    service.autoscaling.signals().map(|signal| metric(service, signal.value)).collect()
}

/// One metric and what it reads.
fn metric(service: &Service, signal: Signal) -> Result<(Metric, Read), String> {
    let scaling = &service.autoscaling;
    match signal {
        Signal::Load if scaling.up.threshold.value.0 == 0 => Err("a threshold of 0 is no target".to_owned()),
        Signal::Load => Ok((Metric::External(ExternalTarget::AverageValue(load_target(service))), Read::Running)),
        Signal::Cpu => {
            if service.work.as_deref().is_none_or(|work| work.cpu_per_job.is_none()) {
                let name = &service.name;
                return Err(format!(
                    "signal cpu needs the cores of a job; say --set {name}.cpuPerJob=250m, or write `workload: {{ cpuPerJob: 250m }}` in a spec"
                ));
            }
            if service.reserved_cpu().is_none() {
                return Err("signal cpu is a share of the request, and none is written".to_owned());
            }
            let target = ResourceTarget::Utilization(percent(scaling.up.threshold.value).max(1));
            Ok((Metric::Resource(PodResource::Cpu, target), Read::Cpu))
        }
        Signal::Memory => Err(memory_is_unknown(service)),
    }
}

/// Nothing that is known of jobs says what memory they take, so nobody can say what the autoscaler would see.
fn memory_is_unknown(service: &Service) -> String {
    let name = &service.name;
    let way = match service.autoscaling.further.is_empty() {
        true => "play `--policy fixed:N` or `--policy foundry` in its place".to_owned(),
        false => "take `memory` out of the list in a copy of the spec: the largest proposal wins, so that plays the fewest replicas there can be".to_owned(),
    };
    format!(
        "signal memory cannot be played: what a replica uses does not follow from its jobs; {way}. What it needs, `scalegen size --metrics {name}=memory:FILE` says"
    )
}

/// Steps after the delay, as they are rendered.
fn behavior(service: &Service, target: Option<&TargetOptions>, plain: bool) -> Behavior {
    let rules = |step: &Step, tolerance: Option<f64>| {
        let policies = step.rates().into_iter().map(rate_policy).collect::<Vec<_>>();
        let select = match step.size.select.value {
            _ if policies.is_empty() => hpa::Select::Disabled,
            StepSelect::Max => hpa::Select::Max,
            StepSelect::Min => hpa::Select::Min,
        };
        let policies = Some(policies).filter(|policies| !policies.is_empty());
        let window = nanos(Duration::seconds(step.delay.value.as_seconds())).min(WINDOW);
        Rules { window: Some(window), select: Some(select), policies, tolerance }
    };
    let scaling = &service.autoscaling;
    let (up, down) = (scaling.up.threshold.value, scaling.down.threshold);
    let release = text_option(target, "version").and_then(releases::parse);
    let tolerances = plain && releases::has(release, releases::TOLERANCE);
    if tolerances && down.written && down.value < up {
        let upper = match scaling.signal.value {
            Signal::Load => up.0,
            _ => u64::from(percent(up).unsigned_abs()) * (Share::ONE / 100),
        };
        let tolerance = part(Share(upper.saturating_sub(down.value.0))) / part(Share(upper.max(1)));
        return Behavior { scale_up: rules(&scaling.up, Some(0.0)), scale_down: rules(&scaling.down, Some(tolerance)) };
    }
    let own = |step: &Step| step.tolerance.filter(|_| tolerances).map(|tolerance| part(tolerance.value));
    Behavior { scale_up: rules(&scaling.up, own(&scaling.up)), scale_down: rules(&scaling.down, own(&scaling.down)) }
}

fn rate_policy(rate: StepRate) -> RatePolicy {
    let period = nanos(Duration::seconds(rate.every.as_seconds())).clamp(SECOND, PERIOD);
    let (kind, value) = match rate.amount {
        StepAmount::Replicas(count) => (PolicyKind::Pods, whole(count)),
        StepAmount::Percent(percent) => (PolicyKind::Percent, whole(percent)),
    };
    RatePolicy { kind, value, period }
}

fn hpa(service: &Service, target: Option<&TargetOptions>) -> Result<ReplicaPolicy, String> {
    let (metrics, signals) = metrics(service)?;
    let mut config = hpa::HpaSetup::new(metrics).behavior(behavior(service, target, true));
    let release = text_option(target, "version").and_then(releases::parse);
    if releases::has(release, releases::SCALE_TO_ZERO) {
        config = config.release(hpa::Release::V1_37);
    }
    Ok(ReplicaPolicy::Hpa { config, signals })
}

/// Whether the threshold of scale-down has any effect.
pub(super) fn reads_down(service: &Service, target: Option<&TargetOptions>, kind: AutoscalerKind) -> bool {
    let release = text_option(target, "version").and_then(releases::parse);
    match kind {
        AutoscalerKind::Foundry => true,
        AutoscalerKind::Keda => service.autoscaling.signal.value == Signal::Load,
        AutoscalerKind::Hpa => releases::has(release, releases::TOLERANCE),
        AutoscalerKind::Fixed(_) => false,
    }
}

/// Whether the least number 0 is rendered as 0 for this autoscaler.
pub(super) fn sleeps(service: &Service, target: Option<&TargetOptions>, kind: AutoscalerKind) -> bool {
    let load = service.autoscaling.signal.value == Signal::Load;
    let release = text_option(target, "version").and_then(releases::parse);
    match kind {
        AutoscalerKind::Hpa => load && releases::has(release, releases::SCALE_TO_ZERO),
        AutoscalerKind::Keda => {
            load && service.autoscaling.prometheus.as_ref().is_some_and(|asked| asked.queued.is_some())
        }
        AutoscalerKind::Foundry | AutoscalerKind::Fixed(_) => true,
    }
}

fn keda(service: &Service, target: Option<&TargetOptions>, schedule: &Schedule) -> Result<ReplicaPolicy, String> {
    let scaling = &service.autoscaling;
    let reach = schedule
        .windows()
        .iter()
        .map(|window| window.bounds)
        .fold(schedule.default_bounds(), |all, one| Bounds { min: all.min.min(one.min), max: all.max.max(one.max) });
    let base = keda::KedaSetup {
        polling: POLL,
        min: reach.min,
        max: reach.max,
        behavior: Some(behavior(service, target, false)),
        ..keda::KedaSetup::default()
    };
    if scaling.signal.value != Signal::Load {
        return keda_on_resource(service, schedule, base);
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
    // the formula takes the place of external metrics alone: cpu stands beside it, and the larger proposal wins
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

/// What of a ScaledObject on load cannot be played.
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

/// A target of cpu, with a cron trigger for each window that raises the floor: the largest of several metrics counts.
fn keda_on_resource(service: &Service, schedule: &Schedule, base: keda::KedaSetup) -> Result<ReplicaPolicy, String> {
    let (metrics, mut signals) = metrics(service)?;
    let Bounds { min, max } = schedule.default_bounds();
    let triggers = metrics.into_iter().map(keda::KedaTrigger::Resource).collect();
    let mut config = keda::KedaSetup { triggers, polling: 30 * SECOND, min, max, ..base };
    let raises =
        move |bounds: Bounds| bounds.max == max && bounds.min > min && bounds.min < whole(releases::CRON_TOLERATED);
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

/// Whether a ScaledObject holds a window of this service: on cpu and memory it only raises the floor.
pub(super) fn drops_windows(service: &Service, kind: AutoscalerKind) -> bool {
    let (min, max) = (service.replicas.min.value.max(1), service.replicas.max.value);
    let held =
        |window: &Window| window.max.value == max && (min..releases::CRON_TOLERATED).contains(&window.min.value.max(1));
    kind == AutoscalerKind::Keda
        && service.autoscaling.signal.value != Signal::Load
        && service.schedule.iter().any(|window| !held(window))
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn float(count: i64) -> f64 {
    count as f64
}

/// The rendered formula: far above the target is one more, far below one less, the replicas themselves hold.
#[derive(Clone, Copy, Debug)]
struct ThresholdVotes {
    /// Billionths of a job that runs for each replica.
    up: u64,
    down: u64,
    /// What a vote for more asks for.
    most: i32,
}

impl ThresholdVotes {
    /// Of running jobs, waiting jobs, replicas, and the bounds that hold.
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
