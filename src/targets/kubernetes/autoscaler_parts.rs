//! Fields that several autoscalers share, and the settings that each of them loses. Knows no single autoscaler.

use super::LoweredPlan;
use super::amounts::whole_seconds;
use super::autoscalers::{Direction, HpaBehavior, HpaScalingPolicy, Reference};
use super::settings::autoscaler_title;
use super::unit::WorkloadUnit;
use crate::plan::ClusterAutoscaler;
use crate::plan::{Cpu, Share, Signal, Step, StepAmount, StepRate, StepSelect, Val, Window, releases};
use crate::support::plural::plural;

/// The longest stabilization window and the longest period of a policy, in seconds: the API refuses longer ones.
const WINDOW: u64 = 3600;
const PERIOD: u64 = 1800;

/// `3 to 10 replicas`.
pub(super) fn bounds_text(window: &Window) -> String {
    match (window.min.value, window.max.value) {
        (min, max) if min == max => plural(min, "replica"),
        (min, max) => format!("{min} to {max} replicas"),
    }
}

/// Whether a plain autoscaler may go to 0 replicas: with an External metric, from a certain release on.
pub(super) fn sleeps(unit: &WorkloadUnit<'_>) -> bool {
    unit.settings.has(releases::SCALE_TO_ZERO) && unit.workload.autoscaling.signal.value == Signal::Load
}

/// Why 0 is not written if a plain autoscaler cannot hold it, and what would help.
pub(super) fn no_sleep(unit: &WorkloadUnit<'_>, bound: &str) -> (String, &'static str) {
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

pub(super) fn reference(unit: &WorkloadUnit<'_>) -> Reference {
    let api_version = unit.over.map_or("apps/v1", |over| over.api_version());
    Reference { api_version: api_version.to_owned(), kind: unit.kind().to_owned(), name: unit.object_name() }
}

/// An unset concurrency limit counts as 1 in the votes.
pub(super) fn load_slots(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) {
    let unknown = unknown_limit(unit);
    if !unknown.is_empty() {
        let at = unit.workload.autoscaling.signal.at;
        out.ignored(at, unknown.trim_start_matches("; "), "write `concurrency`");
    }
}

pub(super) fn unknown_limit(unit: &WorkloadUnit<'_>) -> &'static str {
    if unit.workload.concurrency.is_none() { "; the concurrency limit is unknown, 1 is taken" } else { "" }
}

/// A share as whole percent of the request.
pub(super) fn percent(threshold: Val<Share>, out: &mut LoweredPlan) -> u64 {
    let hundredth = Share::ONE / 100;
    let percent = threshold.value.percent();
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

/// How to handle a delay above the longest window.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Shorten it, and report the loss.
    Lost,
    /// Refuse it, because the votes rely on the delay.
    Refused,
}

/// Delays and steps, always written out: the API's defaults may change, and for load they double the number.
pub(super) fn behavior(unit: &WorkloadUnit<'_>, cut: Cut, out: &mut LoweredPlan) -> HpaBehavior {
    let scaling = &unit.workload.autoscaling;
    let load = scaling.signal.value == Signal::Load;
    let exact = is_exact(unit);
    HpaBehavior {
        scale_up: direction(&scaling.up, (load, exact), cut, out),
        scale_down: direction(&scaling.down, (load, exact), cut, out),
    }
}

/// Whether the rule of load decides at its very thresholds: votes do, and a target without tolerance.
pub(super) fn is_exact(unit: &WorkloadUnit<'_>) -> bool {
    unit.workload.autoscaling.signal.value == Signal::Load && (votes(unit) || unit.settings.tolerates())
}

/// One direction; whether it follows load, and whether exactly.
pub(super) fn direction(step: &Step, (load, exact): (bool, bool), cut: Cut, out: &mut LoweredPlan) -> Direction {
    let delay = step.delay;
    let seconds = whole_seconds(delay, "a window", out);
    if seconds > WINDOW && cut == Cut::Refused {
        let message = format!("{} is above 1h, the longest window", delay.value);
        out.refused(delay.at, message, "write at most 1h");
    } else if seconds > WINDOW {
        let message = format!("{} is above 1h, the longest window: 1h is written", delay.value);
        out.lost(delay.at, message, "write at most 1h");
    } else if seconds > PERIOD && load && step.every.is_none() {
        let message =
            format!("{} holds for the first step only: later ones come every 30m, the longest period", delay.value);
        out.lost(delay.at, message, "write at most 30m");
    }
    Direction {
        stabilization_window_seconds: step.window(exact).as_seconds().min(WINDOW),
        tolerance: None,
        select_policy: match step.size.select.value {
            _ if step.size.is_none() => "Disabled",
            StepSelect::Max => "Max",
            StepSelect::Min => "Min",
        },
        policies: policies(step, out),
    }
}

fn policies(step: &Step, out: &mut LoweredPlan) -> Vec<HpaScalingPolicy> {
    let every = step.every.filter(|every| every.written);
    if let Some(every) = every {
        let seconds = whole_seconds(every, "a period", out);
        if seconds > PERIOD {
            let message = format!("a step every {} is not written: 30m is the longest period", every.value);
            out.lost(every.at, message, "write at most 30m");
        } else if seconds == 0 {
            out.refused(every.at, "a step every 0s has no time to count in", "write at least 15s");
        }
    }
    let policy = |rate: StepRate| {
        let (kind, value) = match rate.amount {
            StepAmount::Replicas(count) => ("Pods", count),
            StepAmount::Percent(percent) => ("Percent", percent),
        };
        HpaScalingPolicy { kind, value, period_seconds: rate.every.as_seconds().clamp(1, PERIOD) }
    };
    step.rates().into_iter().map(policy).collect()
}

/// Reports written tolerances that cannot be rendered.
pub(super) fn lost_tolerances(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) {
    let scaling = &unit.workload.autoscaling;
    let both = two_thresholds(unit) && scaling.down.threshold.value < scaling.up.threshold.value;
    for tolerance in [scaling.up.tolerance, scaling.down.tolerance].into_iter().flatten() {
        let (why, help) = match unit.settings.autoscaler {
            _ if votes(unit) => ("the votes of a ScaledObject are outside of any", "remove it"),
            _ if both => ("both thresholds are written as tolerances", "remove it, or the lower of the two thresholds"),
            _ if unit.settings.tolerates() => continue,
            ClusterAutoscaler::Hpa => (
                "before Kubernetes 1.35 every HorizontalPodAutoscaler has the controller's",
                "remove it, or write `version: \"1.35\"` where that or a later one runs",
            ),
            _ => (
                "before Kubernetes 1.35 or KEDA 2.18 every ScaledObject has the controller's",
                "remove it, or write `version: \"1.35\"` and `kedaVersion: \"2.18\"` where those or later ones run",
            ),
        };
        out.lost(tolerance.at, format!("a tolerance of {} is not written: {why}", tolerance.value), help);
    }
}

/// Whether a formula decides, which handles both thresholds itself.
fn votes(unit: &WorkloadUnit<'_>) -> bool {
    unit.settings.autoscaler == ClusterAutoscaler::Keda && unit.workload.autoscaling.signal.value == Signal::Load
}

/// Whether the autoscaler handles both thresholds as tolerances around one target.
pub(super) fn two_thresholds(unit: &WorkloadUnit<'_>) -> bool {
    let scaling = &unit.workload.autoscaling;
    unit.settings.tolerates()
        && !votes(unit)
        && scaling.down.threshold.written
        && scaling.down.threshold.value != scaling.up.threshold.value
}

/// The behaviour with the tolerances of both directions.
pub(super) fn with_tolerances(unit: &WorkloadUnit<'_>, mut behavior: HpaBehavior) -> HpaBehavior {
    (behavior.scale_up.tolerance, behavior.scale_down.tolerance) = tolerances(unit);
    behavior
}

/// Both thresholds of one target, if its releases have the field: the target is the upper one without tolerance, and downwards it
/// waits until the ratio is below down ÷ up. Otherwise the tolerances of the spec; none for load, whose rule has none.
pub(super) fn tolerances(unit: &WorkloadUnit<'_>) -> (Option<String>, Option<String>) {
    let scaling = &unit.workload.autoscaling;
    if !unit.settings.tolerates() || votes(unit) {
        return (None, None);
    }
    let (up, down) = (scaling.up.threshold.value.0, scaling.down.threshold.value.0);
    if !(two_thresholds(unit) && down < up) {
        let usual = scaling.is_load_alone().then_some(Share(0));
        let written =
            |tolerance: Option<Val<Share>>| tolerance.map(|own| own.value).or(usual).map(|own| Cpu(own.0).to_string());
        return (written(scaling.up.tolerance), written(scaling.down.tolerance));
    }
    let up = match scaling.signal.value {
        Signal::Load => up,
        // the target is whole percent
        _ => scaling.up.threshold.value.percent() * (Share::ONE / 100),
    };
    // rounded up in billionths: exactly at the threshold nothing happens
    let part = u128::from(up.saturating_sub(down)) * u128::from(Share::ONE);
    let tolerance = part.div_ceil(u128::from(up.max(1)));
    (Some("0".to_owned()), Some(Cpu(u64::try_from(tolerance).unwrap_or(Share::ONE)).to_string()))
}

/// By how much of its target a metric must be exceeded before replicas are added.
pub(super) fn up_tolerance(unit: &WorkloadUnit<'_>) -> Share {
    let scaling = &unit.workload.autoscaling;
    match scaling.up.tolerance {
        _ if !unit.settings.tolerates() => releases::USUAL_TOLERANCE,
        _ if two_thresholds(unit) && scaling.down.threshold.value < scaling.up.threshold.value => Share(0),
        None if scaling.is_load_alone() => Share(0),
        written => written.map_or(releases::USUAL_TOLERANCE, |tolerance| tolerance.value),
    }
}

/// A cron floor is a metric like any other, so its tolerance applies too.
pub(super) fn lost_to_floor(unit: &WorkloadUnit<'_>, window: &Window, floor: u32, out: &mut LoweredPlan) {
    let scaling = &unit.workload.autoscaling;
    let (up, down) = (scaling.up.threshold.value, scaling.down.threshold.value);
    if !(two_thresholds(unit) && down < up && down.0 > 0) {
        return;
    }
    let most = u128::from(floor) * u128::from(up.0) / u128::from(down.0);
    let most = u32::try_from(most).unwrap_or(u32::MAX).min(unit.workload.replicas.max.value.max(window.max.value));
    if most > floor {
        let message = format!(
            "{}: up to {most} replicas stay in the window once there: the tolerance between {down} and {up} is one to its floor of {floor} too, {floor} ÷ {down} × {up}",
            window.label()
        );
        out.lost(window.min.at, message, "write one threshold, or `autoscaler: hpa`");
    }
}

/// Settings that neither autoscaler has.
pub(super) fn lost_steps(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) {
    let scaling = &unit.workload.autoscaling;
    let (up, down) = (scaling.up.threshold.value, scaling.down.threshold);
    let title = autoscaler_title(unit.settings.autoscaler);
    if down.written && down.value != up && !two_thresholds(unit) {
        let (before, releases) = match unit.settings.autoscaler {
            ClusterAutoscaler::Keda => (
                "before Kubernetes 1.35 or KEDA 2.18 ",
                ", or `version: \"1.35\"` and `kedaVersion: \"2.18\"` where those or later ones run: both are then written as tolerances",
            ),
            _ => (
                "before Kubernetes 1.35 ",
                ", or `version: \"1.35\"` where that or a later one runs: both are then written as tolerances",
            ),
        };
        let releases = if down.value < up { releases } else { "" };
        let message =
            format!("scale-down at {} is not written: {before}{title} has one target, {up} both ways", down.value);
        out.lost(down.at, message, format!("write {up}, or remove it{releases}"));
    }
    if scaling.predictive.value {
        out.lost(scaling.predictive.at, format!("{title} follows the load, it does not predict it"), "remove it");
    }
}

/// An HPA uses the cluster's metrics API, and so does KEDA for cpu and memory: no server and no query is written.
pub(super) fn lost_prometheus(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) {
    let scaling = &unit.workload.autoscaling;
    let Some(prometheus) = &scaling.prometheus else { return };
    let (asker, help) = match scaling.signal.value {
        Signal::Load => {
            (autoscaler_title(unit.settings.autoscaler), "configure the adapter with it, or write `autoscaler: keda`")
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
