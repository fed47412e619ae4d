//! Replicas that only the clock changes, with KEDA: a cron trigger for each window, and a formula that gives the number. Knows no load.
//!
//! An autoscaler changes nothing within its tolerance of a number. If releases have a field for it, it is 0, and the formula gives
//! the numbers themselves. Otherwise it gives twice the largest number, and 1 for the least, which the bounds cut: both are far outside
//! any tolerance, and so are numbers whose neighbours are far enough away.

use super::LoweredPlan;
use super::autoscaler_parts::{bounds_text, reference};
use super::autoscalers::{
    Advanced, Direction, HpaBehavior, HpaConfig, HpaScalingPolicy, ScaledObjectSpec, ScalingModifiers, Trigger,
};
use super::triggers::{POLL, cron, unique};
use super::unit::WorkloadUnit;
use super::votes::choice;
use super::weekly::Weekly;
use crate::plan::Window;

/// The period of both policies, in seconds: that of the autoscaler itself, and each policy allows every number at once.
const PERIOD: u64 = 15;

/// The ScaledObject of a service whose base and windows are one number each.
pub(super) fn spec(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> ScaledObjectSpec {
    let scaling = &unit.workload.autoscaling;
    if scaling.written {
        let message = "autoscaling is not read: every number is fixed, and the clock alone changes it";
        out.ignored(scaling.at, message, "remove it, or write a range of replicas");
    }
    let mut base = unit.workload.replicas.min.value;
    let (mut windows, mut triggers): (Vec<(String, &Window)>, Vec<Trigger>) = (Vec::new(), Vec::new());
    for window in &unit.workload.schedule {
        let Some(weekly) = Weekly::of(window) else { continue };
        if weekly.always() {
            // the base has no time of its own to begin
            base = window.min.value;
            continue;
        }
        let name = unique(&weekly.word(), &triggers);
        // inactive it is 1 up to KEDA 2.17 and 0 from 2.18 on, so active must be above both
        triggers.push(cron(name.clone(), &weekly, 2));
        windows.push((name, window));
    }
    let mut numbers: Vec<u32> = windows.iter().map(|(_, window)| window.min.value).chain([base]).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let tolerates = unit.settings.tolerates();
    for (_, window) in windows.iter().filter(|_| !tolerates) {
        lost_to_tolerance(window, &numbers, out);
    }
    let asked = |number: u32| if tolerates { number } else { number_asked(number, &numbers) };
    let named = windows.iter().map(|(name, window)| (name.as_str(), asked(window.min.value))).collect();
    let formula = choice(asked(base), named);
    let (min, max) = (numbers.first().copied().unwrap_or(base), numbers.last().copied().unwrap_or(base));
    let sleeps = min == 0;
    let direction = |kind, value| Direction {
        stabilization_window_seconds: 0,
        tolerance: tolerates.then(|| "0".to_owned()),
        select_policy: "Max",
        policies: vec![HpaScalingPolicy { kind, value, period_seconds: PERIOD }],
    };
    ScaledObjectSpec {
        scale_target_ref: reference(unit),
        polling_interval: sleeps.then_some(POLL),
        cooldown_period: sleeps.then_some(0),
        initial_cooldown_period: None,
        min_replica_count: min,
        max_replica_count: max.max(1),
        advanced: Advanced {
            horizontal_pod_autoscaler_config: HpaConfig {
                behavior: HpaBehavior {
                    scale_up: direction("Pods", max.max(1)),
                    scale_down: direction("Percent", 100),
                },
            },
            scaling_modifiers: Some(ScalingModifiers { formula, target: "1", metric_type: "AverageValue" }),
        },
        triggers,
    }
}

/// The number that the formula gives, such that no other number is within its tolerance.
fn number_asked(number: u32, numbers: &[u32]) -> u32 {
    match () {
        () if number == 0 || is_clear(number, numbers) => number,
        () if numbers.last() == Some(&number) => number.saturating_mul(2),
        () if numbers.first() == Some(&number) => 1,
        () => number,
    }
}

/// Whether a number is reached from every other, and from one that a rollout adds to it. From 0, KEDA starts the first replica.
fn is_clear(number: u32, numbers: &[u32]) -> bool {
    let (least, most) = stay(number);
    let other = |from: &u32| *from != number && (least..=most).contains(&(*from).max(1)) && (*from).max(1) != number;
    !numbers.iter().any(other) && (most == number || numbers.last() == Some(&number))
}

/// The numbers that do not change if one is requested: all whose ratio to it is within 10 % of 1.
fn stay(number: u32) -> (u32, u32) {
    let tenfold = u64::from(number) * 10;
    let whole = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    (whole(tenfold.div_ceil(11)), whole(tenfold / 9))
}

/// No bound is between the least and the largest number.
fn lost_to_tolerance(window: &Window, numbers: &[u32], out: &mut LoweredPlan) {
    let number = window.min.value;
    let ends = [numbers.first(), numbers.last()].contains(&Some(&number));
    if ends || is_clear(number, numbers) {
        return;
    }
    let (least, most) = stay(number);
    let message = format!(
        "{}: {} are not held: {least} to {most} stay as they are, within the tolerance of 10 %",
        window.label(),
        bounds_text(window)
    );
    let help =
        "write `version: \"1.35\"` and `kedaVersion: \"2.18\"` where those or later ones run, or `autoscaler: hpa`";
    out.lost(window.min.at, message, help);
}
