//! Autoscalers and disruption budgets: which ones a service gets, and the HorizontalPodAutoscaler.

use super::autoscaler_parts::{
    Cut, behavior, bounds_text, lost_prometheus, lost_steps, no_sleep, percent, reference, sleeps, two_thresholds,
    unknown_limit, whole_percent,
};
use super::autoscalers::{ExternalMetric, HpaBehavior, HpaMetric, HpaSpec, MetricName, MetricTarget, ResourceMetric};
use super::objects::{CountOrPercent, DisruptionSpec, Object};
use super::settings::Autoscaler;
use super::unit::WorkloadUnit;
use super::{KubernetesOutput, LoweredPlan, cronjobs, keda};
use crate::plan::{Cpu, Disruption, Share, Signal};

/// Writes the autoscaler and the disruption budget of a service.
pub(super) fn lower(unit: &WorkloadUnit<'_>, out: &mut KubernetesOutput) {
    match unit.settings.autoscaler {
        _ if !unit.autoscaled() => {
            lost_windows(unit, &mut out.lowered);
            lost_autoscaling(unit, &mut out.lowered);
        }
        Autoscaler::Hpa => {
            hpa(unit, out);
            cronjobs::lower(unit, out);
        }
        Autoscaler::Keda => keda::lower(unit, out),
        Autoscaler::None => {}
    }
    disruption(unit, out);
}

fn disruption(unit: &WorkloadUnit<'_>, out: &mut KubernetesOutput) {
    let Some(disruption) = unit.workload.disruption else { return };
    let (min_available, max_unavailable) = match disruption.value {
        Disruption::MinAvailable(amount) => (Some(CountOrPercent::from(amount)), None),
        Disruption::MaxUnavailable(amount) => (None, Some(CountOrPercent::from(amount))),
    };
    let object = Object {
        api_version: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: unit.metadata(unit.workload.name.clone()),
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
            Autoscaler::None.title()
        );
        out.lost(window.at, message, "let `replicas` hold what every hour needs, or drop the window");
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
    let (name, scaling) = (workload.name.clone(), &workload.autoscaling);
    let lowered = &mut out.lowered;
    let min = workload.replicas.min;
    let least = if sleeps(unit) { 0 } else { 1 };
    if min.value < least {
        let (message, help) = no_sleep(unit, "min");
        lowered.lost(min.at, message, help);
    }
    lost_steps(unit, lowered);
    lost_prometheus(unit, lowered);
    let metric = match scaling.signal.value {
        Signal::Load => {
            // the names of series know no `-`
            let metric: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            let metric = format!("{metric}_running");
            // at 0 replicas nothing runs
            let wake = if min.value < 1 && least == 0 {
                " and, because nothing runs at min 0, the work that waits"
            } else {
                ""
            };
            let message = format!(
                "an adapter must serve the external metric `{metric}`, the work running in all replicas{wake}{}",
                unknown_limit(unit)
            );
            lowered.ignored(scaling.signal.at, message, "configure the adapter, or write `autoscaler: keda`");
            let average_value = load_target(unit, lowered).to_string();
            let target = MetricTarget::AverageValue { average_value };
            HpaMetric::External { external: ExternalMetric { metric: MetricName { name: metric }, target } }
        }
        signal => {
            let target = MetricTarget::Utilization { average_utilization: percent(scaling.up.threshold, lowered) };
            HpaMetric::Resource { resource: ResourceMetric { name: signal.word(), target } }
        }
    };
    let spec = HpaSpec {
        scale_target_ref: reference(unit),
        min_replicas: min.value.max(least),
        max_replicas: workload.replicas.max.value,
        metrics: [metric],
        behavior: with_tolerances(unit, behavior(unit, Cut::Lost, lowered)),
    };
    let metadata = unit.metadata(name);
    let object = Object { api_version: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata, spec };
    out.object(unit.path("horizontalpodautoscaler"), &object);
}

/// Both thresholds of a plain autoscaler, where its release can hold them: the target is the upper one without tolerance,
/// and downwards it waits until the ratio is below down ÷ up.
fn with_tolerances(unit: &WorkloadUnit<'_>, mut behavior: HpaBehavior) -> HpaBehavior {
    let scaling = &unit.workload.autoscaling;
    let (up, down) = (scaling.up.threshold.value.0, scaling.down.threshold.value.0);
    if !(two_thresholds(unit) && down < up) {
        return behavior;
    }
    let up = match scaling.signal.value {
        Signal::Load => up,
        // the target is whole percent
        _ => whole_percent(scaling.up.threshold.value) * (Share::ONE / 100),
    };
    // rounded up in billionths: at the threshold itself nothing goes
    let part = u128::from(up.saturating_sub(down)) * u128::from(Share::ONE);
    let tolerance = part.div_ceil(u128::from(up.max(1)));
    behavior.scale_up.tolerance = Some("0".to_owned());
    behavior.scale_down.tolerance = Some(Cpu(u64::try_from(tolerance).unwrap_or(Share::ONE)).to_string());
    behavior
}

/// Running work for each replica at which one more is wanted: up × limit.
fn load_target(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> Cpu {
    let threshold = unit.workload.autoscaling.up.threshold;
    if threshold.value.0 == 0 {
        out.refused(threshold.at, "a threshold of 0 is no target: any load is above it", "write a share above 0");
    }
    // a count in billionths prints as a quantity exactly as cores do
    Cpu(threshold.value.0.saturating_mul(u64::from(unit.workload.slots_each())))
}
