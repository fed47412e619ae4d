//! KEDA's ScaledObject: votes if running work can be queried, else cpu or memory with a cron trigger for a raised floor.

use super::autoscaler_parts::{
    Cut, behavior, bounds_text, load_slots, lost_prometheus, lost_steps, lost_to_floor, lost_tolerances, reference,
    up_tolerance, with_tolerances,
};
use super::autoscalers::{
    Advanced, HpaBehavior, HpaConfig, HpaScalingPolicy, ScaledObjectSpec, ScalingModifiers, Trigger,
    TriggerMetadata as Metadata,
};
use super::objects::Object;
use super::triggers::{POLL, ask, cron, named, resource, unique};
use super::unit::WorkloadUnit;
use super::votes::{VoteBound, Votes};
use super::weekly::Weekly;
use super::{KubernetesOutput, LoweredPlan, clock, nights};
use crate::plan::{Cpu, Duration, Prometheus, Share, Signal, Val, Window, releases};

/// Writes the ScaledObject of a service whose number changes.
pub(super) fn lower(unit: &WorkloadUnit<'_>, out: &mut KubernetesOutput) {
    let scaling = &unit.workload.autoscaling;
    let lowered = &mut out.lowered;
    let spec = match (scaling.signal.value, &scaling.prometheus) {
        _ if unit.workload.by_clock => clock::spec(unit, lowered),
        (Signal::Load, Some(prometheus)) => by_votes(unit, prometheus, lowered),
        (Signal::Load, None) => {
            let message = "signal load has no metric to ask for: `metrics.prometheus` is missing";
            lowered.refused(scaling.signal.at, message, "add `metrics: {prometheus: {server, running}}`");
            return;
        }
        _ => by_resource(unit, lowered),
    };
    let metadata = unit.metadata(unit.object_name());
    let object = Object { api_version: "keda.sh/v1alpha1", kind: "ScaledObject", metadata, spec };
    out.object(unit.path("scaledobject"), &object);
}

/// Thresholds, delays and windows as in the spec: the formula decides, the policies limit it to one replica a step.
fn by_votes(unit: &WorkloadUnit<'_>, prometheus: &Prometheus, out: &mut LoweredPlan) -> ScaledObjectSpec {
    let scaling = &unit.workload.autoscaling;
    load_slots(unit, out);
    if scaling.predictive.value {
        out.lost(scaling.predictive.at, "a ScaledObject follows the load, it does not predict it", "remove it");
    }
    lag(scaling.up.delay, out);
    lost_tolerances(unit, out);
    let mut behavior = behavior(unit, Cut::Refused, out);
    let (votes, crons) = votes(unit, prometheus, out);
    let reach = votes.reach();
    one_at_a_time(unit, &votes, &mut behavior, out);
    let labels = unit.selected();
    let selector = labels.iter().map(|(label, value)| format!("{label}={value}")).collect::<Vec<_>>().join(",");
    let replicas = Metadata::Workload { pod_selector: selector, value: "1".to_owned() };
    let mut triggers = vec![
        ask("running", prometheus, &prometheus.running.value, votes.known),
        named("kubernetes-workload", "replicas".to_owned(), replicas),
    ];
    if let Some(queued) = &prometheus.queued {
        if votes.queued {
            triggers.push(ask("queued", prometheus, &queued.value, votes.known));
            lost_memory(unit, out);
        } else {
            let least = reach.min.max(1);
            let message = format!(
                "queued is not written: with work to do the service never goes below {least}, so nothing waits for it"
            );
            out.lost(queued.at, message, "write `min: 0`, or remove `queued`");
        }
    }
    if votes.known {
        let count = format!("count({})", prometheus.running.value);
        triggers.push(ask("known", prometheus, &count, true));
    }
    triggers.extend(crons);
    triggers.extend(scaling.further.iter().map(|signal| resource(unit, *signal, out)));
    // the last step, from 1 to 0, is KEDA's own: it takes as long as the others
    let idle = (reach.min == 0).then(|| scaling.down.delay.value.as_seconds());
    ScaledObjectSpec {
        scale_target_ref: reference(unit),
        polling_interval: Some(POLL),
        cooldown_period: idle,
        initial_cooldown_period: idle,
        min_replica_count: reach.min,
        max_replica_count: reach.max,
        advanced: Advanced {
            horizontal_pod_autoscaler_config: HpaConfig { behavior },
            scaling_modifiers: Some(ScalingModifiers { formula: votes.formula(), target: "1", metric_type: "Value" }),
        },
        triggers,
    }
}

/// The triggers of the formula, and a cron trigger for each window.
fn votes(unit: &WorkloadUnit<'_>, prometheus: &Prometheus, out: &mut LoweredPlan) -> (Votes, Vec<Trigger>) {
    let (replicas, scaling) = (&unit.workload.replicas, &unit.workload.autoscaling);
    let slots = u64::from(unit.workload.slots_each());
    let work = |share: Share| Cpu(share.0.saturating_mul(slots));
    let mut base = vote_bound(unit, replicas.min, replicas.max, out);
    let (mut windows, mut crons) = (Vec::new(), Vec::new());
    for window in &unit.workload.schedule {
        let Some(weekly) = Weekly::of(window) else { continue };
        let bound = vote_bound(unit, window.min, window.max, out);
        if weekly.always() {
            // the base has no time of its own to begin
            base = bound;
            continue;
        }
        let name = unique(&weekly.word(), &crons);
        windows.push((name.clone(), bound));
        // inactive it is 1 up to KEDA 2.17 and 0 from 2.18 on, so active must be above both
        crons.push(cron(name, &weekly, 2));
    }
    let sleeps = |bound: &VoteBound| bound.min == 0 && bound.max > 0;
    let queued = prometheus.queued.is_some() && (sleeps(&base) || windows.iter().any(|(_, bound)| sleeps(bound)));
    let (up, down) = (work(scaling.up.threshold.value), work(scaling.down.threshold.value));
    let known = std::iter::once(&base).chain(windows.iter().map(|(_, bound)| bound)).any(|bound| bound.min == 0);
    (Votes { base, windows, up, down, queued, known }, crons)
}

/// At 0 the autoscaler is off and keeps no record, so nothing delays the second replica.
fn lost_memory(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) {
    let windows = unit.workload.schedule.iter().map(|window| window.min);
    let mut mins = std::iter::once(unit.workload.replicas.min).chain(windows);
    let Some(min) = mins.find(|min| min.value == 0) else { return };
    let message = format!(
        "from 0 the second replica comes without the delay of {}: the autoscaler remembers nothing of a service that slept",
        unit.workload.autoscaling.up.delay.value
    );
    out.lost(min.at, message, "write `min: 1` where the second replica must wait");
}

/// A delay shorter than the sampling period has no effect, and one between two looks ends at the next.
fn lag(delay: Val<Duration>, out: &mut LoweredPlan) {
    let looks = Duration::seconds(POLL);
    if delay.value < looks {
        let message = format!("a delay of {} is below the {looks} between two looks at the load", delay.value);
        out.refused(delay.at, message, format!("write at least {looks}"));
    } else if delay.value > looks && delay.value < Duration::seconds(2 * POLL) {
        let message = format!(
            "a delay of {} ends between two looks at the load, {looks} apart: steps come up to {looks} late",
            delay.value
        );
        out.lost(delay.at, message, format!("write {looks} or {}", Duration::seconds(2 * POLL)));
    }
}

/// 0 only if something wakes the workload again, or if it is switched off.
fn vote_bound(unit: &WorkloadUnit<'_>, min: Val<u32>, max: Val<u32>, out: &mut LoweredPlan) -> VoteBound {
    let queued = unit.workload.autoscaling.prometheus.as_ref().is_some_and(|prometheus| prometheus.queued.is_some());
    let mut bound = VoteBound { min: min.value, max: max.value };
    if bound.min == 0 && bound.max > 0 && !queued {
        let message = "min 0 is not written: without a `queued` metric nothing wakes the service again, so 1 is";
        out.lost(min.at, message, "write `min: 1`, or add a `queued` metric");
        bound.min = 1;
    }
    bound
}

/// A step of several replicas could exceed the bounds of a window: only those of the whole week stop it.
fn one_at_a_time(unit: &WorkloadUnit<'_>, votes: &Votes, behavior: &mut HpaBehavior, out: &mut LoweredPlan) {
    let (scaling, reach) = (&unit.workload.autoscaling, votes.reach());
    let bounds = || std::iter::once(&votes.base).chain(votes.windows.iter().map(|(_, bound)| bound));
    let up = (&scaling.up, bounds().all(|bound| bound.max == reach.max), &mut behavior.scale_up);
    let down = (&scaling.down, bounds().all(|bound| bound.min == reach.min), &mut behavior.scale_down);
    for (step, same, direction) in [up, down] {
        if step.size.is_one() || step.size.is_none() || same {
            continue;
        }
        let message = format!(
            "a step of {} is not written: it could pass the bounds of a window, so 1 replica is",
            step.size.text()
        );
        out.lost(step.size.at, message, "write `step: 1`, or the same bounds for every window");
        let period_seconds = direction.policies.first().map_or(POLL, |policy| policy.period_seconds);
        direction.policies = vec![HpaScalingPolicy { kind: "Pods", value: 1, period_seconds }];
    }
}

/// One target of cpu or memory, which KEDA passes on to its HorizontalPodAutoscaler.
fn by_resource(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> ScaledObjectSpec {
    let replicas = &unit.workload.replicas;
    lost_steps(unit, out);
    lost_prometheus(unit, out);
    if let Some(spec) = nights::spec(unit, out) {
        return spec;
    }
    if replicas.min.value == 0 {
        let message = "min 0 is not written: on cpu and memory alone nothing wakes the service again, so 1 is";
        out.lost(replicas.min.at, message, "write `min: 1`, or use `signal: load` with a `queued` metric");
    }
    let base = VoteBound { min: replicas.min.value.max(1), max: replicas.max.value };
    lost_tolerances(unit, out);
    let mut triggers: Vec<Trigger> =
        unit.workload.autoscaling.signals().map(|signal| resource(unit, signal, out)).collect();
    for window in &unit.workload.schedule {
        let Some(weekly) = Weekly::of(window) else { continue };
        if let Some(floor) = raised(window, &weekly, base, up_tolerance(unit), out) {
            lost_to_floor(unit, window, floor, out);
            let name = unique(&weekly.word(), &triggers);
            triggers.push(cron(name, &weekly, floor));
        }
    }
    ScaledObjectSpec {
        scale_target_ref: reference(unit),
        polling_interval: None,
        cooldown_period: None,
        initial_cooldown_period: None,
        min_replica_count: base.min,
        max_replica_count: base.max,
        advanced: Advanced {
            horizontal_pod_autoscaler_config: HpaConfig {
                behavior: with_tolerances(unit, behavior(unit, Cut::Lost, out)),
            },
            scaling_modifiers: None,
        },
        triggers,
    }
}

/// The floor of a window that a cron trigger can hold: the largest of several metrics wins, so it can only raise.
fn raised(window: &Window, weekly: &Weekly, base: VoteBound, tolerance: Share, out: &mut LoweredPlan) -> Option<u32> {
    let VoteBound { min, max } = base;
    let mut lost = |at, why: String| {
        let label = window.label();
        let message = format!("{} is not written: {why}, {min} to {max} stays", bounds_text(window));
        out.lost(at, format!("{label}: {message}"), "use `signal: load` with `metrics`, or `autoscaler: hpa`");
        None
    };
    let (least, most) = (window.min.value.max(1), window.max.value);
    if weekly.always() {
        return lost(window.at, "the window never begins or ends".to_owned());
    }
    if most != max {
        return lost(window.at, format!("a cron trigger sets no most, {most} is not {max}"));
    }
    if least < min {
        return lost(window.at, format!("a cron trigger only raises the least, {least} is below {min}"));
    }
    if !releases::reaches_floor(least, tolerance) {
        let why =
            format!("from {} to a floor of {least} nothing is added, within a tolerance of {tolerance}", least - 1);
        return lost(window.at, why);
    }
    (least > min).then_some(least)
}
