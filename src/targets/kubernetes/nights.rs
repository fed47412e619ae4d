//! Nights at zero on cpu or memory with KEDA: a cron trigger holds the service up while it is to run, and nothing else does.
//!
//! cpu and memory alone can hold no 0 (the webhook refuses it), because nobody measures a service that does not run. Beside a
//! cron trigger they can: KEDA is active while the window is, goes to 0 after it, and comes back with it.

use super::autoscaler_parts::{
    Cut, behavior, lost_to_floor, lost_tolerances, reference, up_tolerance, with_tolerances,
};
use super::autoscalers::{Advanced, HpaConfig, ScaledObjectSpec, Trigger};
use super::triggers::{cron, resource, unique};
use super::unit::WorkloadUnit;
use super::weekly::Weekly;
use super::{LoweredPlan, votes::VoteBound};
use crate::plan::{Window, releases};

/// The ScaledObject of a service that sleeps at some hours and runs at others; `None` if it does not, or cannot be held.
pub(super) fn spec(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> Option<ScaledObjectSpec> {
    let (replicas, scaling) = (&unit.workload.replicas, &unit.workload.autoscaling);
    let windows: Vec<(&Window, Weekly)> =
        unit.workload.schedule.iter().filter_map(|window| Some((window, Weekly::of(window)?))).collect();
    if windows.iter().any(|(_, weekly)| weekly.always()) {
        return None;
    }
    let base = VoteBound { min: replicas.min.value, max: replicas.max.value };
    let awake = if base.min == 0 { by_day(&windows)? } else { by_night(base, &windows)? };
    let max = awake.first().map(|(_, bound)| bound.max)?;
    let tolerance = up_tolerance(unit);
    let held = awake.iter().all(|(_, bound)| bound.max == max && releases::reaches_floor(bound.min, tolerance));
    if !held {
        return None;
    }
    said(unit, out);
    for (window, _) in windows.iter().filter(|(window, _)| window.min.value > 0) {
        lost_to_floor(unit, window, window.min.value, out);
    }
    let mut triggers: Vec<Trigger> = scaling.signals().map(|signal| resource(unit, signal, out)).collect();
    for (weekly, bound) in awake {
        let name = unique(&weekly.word(), &triggers);
        triggers.push(cron(name, &weekly, bound.min));
    }
    let idle = scaling.down.delay.value.as_seconds();
    lost_tolerances(unit, out);
    let behavior = with_tolerances(unit, behavior(unit, Cut::Lost, out));
    Some(ScaledObjectSpec {
        scale_target_ref: reference(unit),
        polling_interval: None,
        cooldown_period: Some(idle),
        initial_cooldown_period: None,
        min_replica_count: 0,
        max_replica_count: max,
        advanced: Advanced { horizontal_pod_autoscaler_config: HpaConfig { behavior }, scaling_modifiers: None },
        triggers,
    })
}

/// It sleeps but for windows with replicas.
fn by_day(windows: &[(&Window, Weekly)]) -> Option<Vec<(Weekly, VoteBound)>> {
    let awake = windows.iter().filter(|(window, _)| window.min.value > 0);
    let awake: Vec<_> = awake.map(|(window, weekly)| (weekly.clone(), bounds(window))).collect();
    (!awake.is_empty()).then_some(awake)
}

/// It runs but for one window of 0: what lies between two of its kind is a window too.
fn by_night(base: VoteBound, windows: &[(&Window, Weekly)]) -> Option<Vec<(Weekly, VoteBound)>> {
    match windows {
        [(window, weekly)] if window.min.value == 0 => Some(vec![(weekly.between(), base)]),
        _ => None,
    }
}

fn bounds(window: &Window) -> VoteBound {
    VoteBound { min: window.min.value, max: window.max.value }
}

/// What a window alone does not do.
fn said(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) {
    let replicas = &unit.workload.replicas;
    let windows = unit.workload.schedule.iter().map(|window| (window.min, window.max));
    let mut sleeping = std::iter::once((replicas.min, replicas.max)).chain(windows);
    let Some((min, max)) = sleeping.find(|(min, max)| min.value == 0 && max.value > 0) else { return };
    let signal = unit.workload.autoscaling.signal.value.word();
    let message = format!(
        "{} to {} replicas are 0 there, whatever the load: on {signal} only a window wakes the service",
        min.value, max.value
    );
    out.lost(min.at, message, "write `max: 0` for the hours of sleep, or use `signal: load` with a `queued` metric");
}
