//! Autoscalers and disruption budgets: which ones a service gets, and the HorizontalPodAutoscaler.

use super::autoscaler_parts::{
    Cut, behavior, bounds_text, lost_prometheus, lost_steps, lost_tolerances, no_sleep, percent, reference, sleeps,
    unknown_limit, up_tolerance, with_tolerances,
};
use super::autoscalers::{ExternalMetric, HpaMetric, HpaSpec, MetricName, MetricTarget, ResourceMetric};
use super::objects::{CountOrPercent, DisruptionSpec, Object};
use super::settings::autoscaler_title;
use super::unit::WorkloadUnit;
use super::{KubernetesOutput, LoweredPlan, cronjobs, keda};
use crate::plan::ClusterAutoscaler;
use crate::plan::{Cpu, Disruption, Share, Signal, Val};

/// Writes the autoscaler and the disruption budget of a service.
pub(super) fn lower(unit: &WorkloadUnit<'_>, out: &mut KubernetesOutput) {
    if unit.autoscaled() {
        scaler(unit, out);
    } else {
        lost_without(unit, &mut out.lowered);
    }
    disruption(unit, out);
}

/// Writes the autoscaler of a service that has one.
pub(super) fn scaler(unit: &WorkloadUnit<'_>, out: &mut KubernetesOutput) {
    match unit.settings.autoscaler {
        ClusterAutoscaler::Hpa => {
            hpa(unit, out);
            cronjobs::lower(unit, out);
        }
        ClusterAutoscaler::Keda => keda::lower(unit, out),
        ClusterAutoscaler::None => {}
    }
}

/// Reports settings that have no effect without an autoscaler.
pub(super) fn lost_without(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) {
    lost_windows(unit, out);
    lost_autoscaling(unit, out);
}

pub(super) fn disruption(unit: &WorkloadUnit<'_>, out: &mut KubernetesOutput) {
    let Some(disruption) = unit.workload.disruption else { return };
    let (min_available, max_unavailable) = match disruption.value {
        Disruption::MinAvailable(amount) => (Some(CountOrPercent::from(amount)), None),
        Disruption::MaxUnavailable(amount) => (None, Some(CountOrPercent::from(amount))),
    };
    let object = Object {
        api_version: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: unit.metadata(unit.object_name()),
        spec: DisruptionSpec { min_available, max_unavailable, selector: unit.selector() },
    };
    out.object(unit.path("poddisruptionbudget"), &object);
}

fn lost_windows(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) {
    let fixed = unit.workload.fixed;
    for window in &unit.workload.schedule {
        let message = format!(
            "{} {} is not written: {} knows no week, {fixed} stays",
            bounds_text(window),
            window.label(),
            autoscaler_title(ClusterAutoscaler::None)
        );
        let help = match unit.settings.autoscaler {
            ClusterAutoscaler::Hpa => "let `replicas` hold what every hour needs, or drop the window",
            _ => "write `autoscaler: hpa`, whose bounds CronJobs set, or let `replicas` hold what every hour needs",
        };
        out.lost(window.at, message, help);
    }
}

/// Without an autoscaler one number is written.
fn lost_autoscaling(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) {
    let (replicas, fixed) = (&unit.workload.replicas, unit.workload.fixed);
    if !unit.workload.scales {
        return;
    }
    let help = "write `autoscaler: hpa` or `keda` under the target, or a single number of replicas";
    let message = format!("max {} is never reached: {fixed} is written and nothing scales it", replicas.max.value);
    out.lost(replicas.max.at, message, help);
    if unit.workload.autoscaling.written {
        let message = format!("autoscaling is not written: the number stays {fixed}");
        out.lost(unit.workload.autoscaling.at, message, help);
    }
}

fn hpa(unit: &WorkloadUnit<'_>, out: &mut KubernetesOutput) {
    let workload = unit.workload;
    let scaling = &workload.autoscaling;
    let lowered = &mut out.lowered;
    let min = workload.replicas.min;
    let least = if sleeps(unit) { 0 } else { 1 };
    if min.value < least {
        let (message, help) = no_sleep(unit, "min");
        lowered.lost(min.at, message, help);
    }
    if workload.is_moved_by_windows() && workload.reserved_cpu().is_none() && scaling.watches(Signal::Cpu) {
        let message = format!(
            "no cpu request is written for {}: its autoscaler reports FailedGetResourceMetric, and holds the number of each window anyway",
            workload.name
        );
        lowered.ignored(scaling.at, message, "write `resources: { requests: { cpu: 100m } }`");
    }
    lost_steps(unit, lowered);
    lost_prometheus(unit, lowered);
    lost_tolerances(unit, lowered);
    let sleeps = min.value < 1 && least == 0;
    let metrics = scaling.signals().map(|signal| metric(unit, signal, sleeps, lowered)).collect();
    let spec = HpaSpec {
        scale_target_ref: reference(unit),
        min_replicas: min.value.max(least),
        max_replicas: workload.replicas.max.value,
        metrics,
        behavior: with_tolerances(unit, behavior(unit, Cut::Lost, lowered)),
    };
    let metadata = unit.metadata(unit.object_name());
    let object = Object { api_version: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata, spec };
    out.object(unit.path("horizontalpodautoscaler"), &object);
}

pub(super) fn metric(unit: &WorkloadUnit<'_>, signal: Val<Signal>, sleeps: bool, out: &mut LoweredPlan) -> HpaMetric {
    let scaling = &unit.workload.autoscaling;
    if signal.value != Signal::Load {
        let target = MetricTarget::Utilization { average_utilization: percent(scaling.up.threshold, out) };
        return HpaMetric::Resource { resource: ResourceMetric { name: signal.value.word(), target } };
    }
    // names of series have no `-`
    let name = unit.workload.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
    let name = format!("{}_running", name.collect::<String>());
    // at 0 replicas nothing runs
    let wake = if sleeps { " and, because nothing runs at min 0, the work that waits" } else { "" };
    let message = format!(
        "an adapter must serve the external metric `{name}`, the work running in all replicas{wake}{}{}",
        calmer(unit),
        unknown_limit(unit)
    );
    out.ignored(signal.at, message, "configure the adapter, or write `autoscaler: keda`");
    let target = MetricTarget::AverageValue { average_value: load_target(unit, out).to_string() };
    HpaMetric::External { external: ExternalMetric { metric: MetricName { name }, target } }
}

/// How replicas computed from one threshold differ from the steps that the rule of load takes at it.
fn calmer(unit: &WorkloadUnit<'_>) -> String {
    let (scaling, scales) = (&unit.workload.autoscaling, unit.workload.scales);
    let up = scaling.up.threshold.value;
    if !scales || !scaling.is_load_alone() || scaling.down.threshold.value != up {
        return String::new();
    }
    if up_tolerance(unit) == Share(0) {
        format!("; a replica goes only where the others stay at {up} or below")
    } else {
        format!("; loads within {} % of {up} change nothing", up_tolerance(unit).percent())
    }
}

/// The running work per replica above which one more is added: up × limit.
fn load_target(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> Cpu {
    let threshold = unit.workload.autoscaling.up.threshold;
    if threshold.value.0 == 0 {
        out.refused(threshold.at, "a threshold of 0 is not a target: any load is above it", "write a share above 0");
    }
    // a count in billionths prints as a quantity exactly as cores do
    Cpu(threshold.value.0.saturating_mul(u64::from(unit.workload.slots_each())))
}
