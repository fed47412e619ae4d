//! Parts of every autoscaler, as they are rendered: metrics, steps and tolerances.

use super::{nanos, whole};
use crate::model::quantity::Share;
use crate::model::time::Duration;
use crate::model::{ClusterAutoscaler, ClusterOptions, Service, Signal, Step, StepAmount, StepRate, StepSelect};
use crate::simulate::hpa::{
    self, Behavior, ExternalTarget, Metric, PodResource, PolicyKind, ResourceTarget, Rules, ScalingPolicy as RatePolicy,
};
use crate::simulate::policy::MetricSource as Read;
use crate::simulate::{Nanos, SECOND};

/// The longest stabilization window and the longest period of a policy: the API refuses longer ones, so these are rendered.
const WINDOW: Nanos = 3600 * SECOND;

const PERIOD: Nanos = 1800 * SECOND;

#[expect(clippy::cast_precision_loss, reason = "a share has at most eleven digits")]
pub(super) fn part(share: Share) -> f64 {
    share.0 as f64 / Share::ONE as f64
}

/// Jobs that run for each replica, in milli-units rounded up as the API reads a quantity.
fn load_target(service: &Service) -> i64 {
    let nano = service.autoscaling.up.threshold.value.0.saturating_mul(u64::from(service.slots_each()));
    i64::try_from(nano.div_ceil(Share::ONE / 1000)).unwrap_or(i64::MAX)
}

/// A share as whole percent of the request.
fn percent(share: Share) -> i32 {
    i32::try_from(share.percent()).unwrap_or(i32::MAX)
}

/// The metrics and their signals.
pub(super) fn metrics(service: &Service) -> Result<(Vec<Metric>, Vec<Read>), String> {
    service.autoscaling.signals().map(|signal| metric(service, signal.value)).collect()
}

/// One metric and its signal.
pub(super) fn metric(service: &Service, signal: Signal) -> Result<(Metric, Read), String> {
    let scaling = &service.autoscaling;
    match signal {
        Signal::Load if scaling.up.threshold.value.0 == 0 => Err("a threshold of 0 is not a target".to_owned()),
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

/// The spec does not say how much memory jobs take, so the autoscaler's metric is unknown.
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
pub(super) fn behavior(service: &Service, tolerances: bool, exact: bool) -> Behavior {
    let exact = exact && service.autoscaling.signal.value == Signal::Load;
    let rules = |step: &Step, tolerance: Option<f64>| {
        let policies = step.rates().into_iter().map(rate_policy).collect::<Vec<_>>();
        let select = match step.size.select.value {
            _ if policies.is_empty() => hpa::Select::Disabled,
            StepSelect::Max => hpa::Select::Max,
            StepSelect::Min => hpa::Select::Min,
        };
        let policies = Some(policies).filter(|policies| !policies.is_empty());
        let window = nanos(Duration::seconds(step.window(exact).as_seconds())).min(WINDOW);
        Rules { window: Some(window), select: Some(select), policies, tolerance }
    };
    let scaling = &service.autoscaling;
    let (up, down) = (scaling.up.threshold.value, scaling.down.threshold);
    if tolerances && down.written && down.value < up {
        let upper = match scaling.signal.value {
            Signal::Load => up.0,
            _ => u64::from(percent(up).unsigned_abs()) * (Share::ONE / 100),
        };
        let tolerance = part(Share(upper.saturating_sub(down.value.0))) / part(Share(upper.max(1)));
        return Behavior { scale_up: rules(&scaling.up, Some(0.0)), scale_down: rules(&scaling.down, Some(tolerance)) };
    }
    let usual = (tolerances && scaling.is_load_alone()).then_some(0.0);
    let own = |step: &Step| step.tolerance.filter(|_| tolerances).map(|tolerance| part(tolerance.value)).or(usual);
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

/// Whether an autoscaler has tolerances in the releases that a target names, if there is one.
pub(super) fn tolerates(cluster: Option<&ClusterOptions>, autoscaler: ClusterAutoscaler) -> bool {
    cluster.is_some_and(|cluster| cluster.tolerates_by(autoscaler))
}
