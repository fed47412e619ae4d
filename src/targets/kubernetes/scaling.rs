//! What moves the number of replicas and what a drain may take of them. Knows the bounds of each autoscaler.

use super::autoscalers::{
    Behavior, Direction, ExternalMetric, HpaSpec, Metric, MetricName, MetricTarget, Policy, Reference, ResourceMetric,
};
use super::objects::{DisruptionSpec, Object, Share as Part};
use super::pod::whole_seconds;
use super::settings::Autoscaler;
use super::unit::Unit;
use super::{Lowered, Output, cronjobs, keda};
use crate::plan::{Cpu, Disruption, Duration, Share, Signal, Val, Window, plural, releases};

/// The longest stabilization window and the longest period of a policy, in seconds: above, the API refuses.
const WINDOW: u64 = 3600;
const PERIOD: u64 = 1800;

/// Writes the autoscaler and the disruption budget of a service.
pub(super) fn lower(unit: &Unit<'_>, out: &mut Output) {
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

/// `3 to 10 replicas`.
pub(super) fn bounds_text(window: &Window) -> String {
    match (window.min.value, window.max.value) {
        (min, max) if min == max => plural(min, "replica"),
        (min, max) => format!("{min} to {max} replicas"),
    }
}

fn lost_windows(unit: &Unit<'_>, out: &mut Lowered) {
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
fn lost_autoscaling(unit: &Unit<'_>, out: &mut Lowered) {
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

fn hpa(unit: &Unit<'_>, out: &mut Output) {
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
            Metric::External { external: ExternalMetric { metric: MetricName { name: metric }, target } }
        }
        signal => {
            let target = MetricTarget::Utilization { average_utilization: percent(scaling.up.threshold, lowered) };
            Metric::Resource { resource: ResourceMetric { name: signal.word(), target } }
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

/// Whether a plain autoscaler may hold 0 replicas: with an External metric, from the release on that has it.
pub(super) fn sleeps(unit: &Unit<'_>) -> bool {
    unit.settings.has(releases::SCALE_TO_ZERO) && unit.workload.autoscaling.signal.value == Signal::Load
}

/// Why 0 is not written where a plain autoscaler cannot hold it, and what would help.
pub(super) fn no_sleep(unit: &Unit<'_>, bound: &str) -> (String, &'static str) {
    if unit.workload.autoscaling.signal.value == Signal::Load {
        let message = format!(
            "{bound} 0 is not written: before Kubernetes 1.37 a HorizontalPodAutoscaler keeps at least 1, so 1 is"
        );
        (
            message,
            "write 1, `version: \"1.37\"` where that or a later one runs, or `autoscaler: keda` with a `queued` metric",
        )
    } else {
        let message = format!(
            "{bound} 0 is not written: a HorizontalPodAutoscaler keeps at least 1 on cpu or memory alone, in every release up to 1.37, so 1 is"
        );
        (message, "write 1, or use `signal: load` and `autoscaler: keda` with a `queued` metric")
    }
}

/// Both thresholds of a plain autoscaler, where its release can hold them: the target is the upper one without tolerance,
/// and downwards it waits until the ratio is below down ÷ up.
fn with_tolerances(unit: &Unit<'_>, mut behavior: Behavior) -> Behavior {
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

/// Whether a plain autoscaler takes both thresholds.
fn two_thresholds(unit: &Unit<'_>) -> bool {
    let scaling = &unit.workload.autoscaling;
    unit.settings.autoscaler == Autoscaler::Hpa
        && unit.settings.has(releases::TOLERANCE)
        && scaling.down.threshold.written
        && scaling.down.threshold.value != scaling.up.threshold.value
}

pub(super) fn reference(unit: &Unit<'_>) -> Reference {
    Reference { api_version: "apps/v1", kind: unit.kind(), name: unit.workload.name.clone() }
}

/// A limit nobody wrote is 1 in the votes.
pub(super) fn load_slots(unit: &Unit<'_>, out: &mut Lowered) {
    let unknown = unknown_limit(unit);
    if !unknown.is_empty() {
        let at = unit.workload.autoscaling.signal.at;
        out.ignored(at, unknown.trim_start_matches("; "), "write `concurrency`");
    }
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
pub(super) fn percent(threshold: Val<Share>, out: &mut Lowered) -> u64 {
    let hundredth = Share::ONE / 100;
    let percent = whole_percent(threshold.value);
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

fn whole_percent(share: Share) -> u64 {
    let hundredth = Share::ONE / 100;
    (share.0 + hundredth / 2) / hundredth
}

/// What a delay above the longest window is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Cut, with a loss.
    Lost,
    /// Refused: the votes promise the delay.
    Refused,
}

/// One replica a step, and only after the whole delay: the policies are written out, because the API's own double the number.
pub(super) fn behavior(unit: &Unit<'_>, cut: Cut, out: &mut Lowered) -> Behavior {
    let mut direction = |delay: Val<Duration>| {
        let seconds = whole_seconds(delay, "a window", out);
        if seconds > WINDOW && cut == Cut::Refused {
            let message = format!("{} is above 1h, the longest window", delay.value);
            out.refused(delay.at, message, "write at most 1h");
        } else if seconds > WINDOW {
            let message = format!("{} is above 1h, the longest window: 1h is written", delay.value);
            out.lost(delay.at, message, "write at most 1h");
        } else if seconds > PERIOD {
            let message =
                format!("{} holds for the first step only: later ones come every 30m, the longest period", delay.value);
            out.lost(delay.at, message, "write at most 30m");
        }
        Direction {
            stabilization_window_seconds: seconds.min(WINDOW),
            tolerance: None,
            select_policy: "Max",
            policies: [Policy { kind: "Pods", value: 1, period_seconds: seconds.clamp(1, PERIOD) }],
        }
    };
    let scaling = &unit.workload.autoscaling;
    Behavior { scale_up: direction(scaling.up.delay), scale_down: direction(scaling.down.delay) }
}

/// What neither autoscaler holds.
pub(super) fn lost_steps(unit: &Unit<'_>, out: &mut Lowered) {
    let scaling = &unit.workload.autoscaling;
    let (up, down) = (scaling.up.threshold.value, scaling.down.threshold);
    let title = unit.settings.autoscaler.title();
    if down.written && down.value != up && !two_thresholds(unit) {
        let hpa = unit.settings.autoscaler == Autoscaler::Hpa;
        let before = if hpa { "before Kubernetes 1.35 " } else { "" };
        let version = if hpa && down.value < up {
            ", or `version: \"1.35\"` where that or a later one runs: both are then written as tolerances"
        } else {
            ""
        };
        let message =
            format!("scale-down at {} is not written: {before}{title} has one target, {up} both ways", down.value);
        out.lost(down.at, message, format!("write {up}, or remove it{version}"));
    }
    if scaling.predictive.value {
        out.lost(scaling.predictive.at, format!("{title} follows the load, it does not predict it"), "remove it");
    }
}

/// An HPA asks the cluster's metrics API, and so does KEDA for cpu and memory: no server and no query is written.
pub(super) fn lost_prometheus(unit: &Unit<'_>, out: &mut Lowered) {
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
