//! Scales processes by load: queries and steps, as a rack passes them to KEDA. Knows no resource.

use super::view::Keda;
use crate::plan::{Step, StepAmount, StepRate, StepSelect, Workload, cores_text};
use crate::targets::LoweredPlan;
use serde_json::json;

/// Longest time the autoscaling API looks back, in seconds.
const LONGEST_WINDOW: u64 = 3600;
/// Longest period of a scaling policy, in seconds.
const LONGEST_PERIOD: u64 = 1800;
/// The autoscaler's interval in seconds: a step cannot be shorter.
const LOOK: u64 = 15;

pub(super) fn one_threshold(workload: &Workload, out: &mut LoweredPlan) {
    let auto = &workload.autoscaling;
    for tolerance in [auto.up.tolerance, auto.down.tolerance].into_iter().flatten() {
        let message = format!("convox has no field for a tolerance: {} is not kept", tolerance.value);
        out.lost(tolerance.at, message, "remove it");
    }
    if auto.down.threshold.written && auto.down.threshold.value != auto.up.threshold.value {
        let message = format!(
            "convox has one target for both directions: processes leave below {}, not below {}",
            auto.up.threshold.value, auto.down.threshold.value
        );
        out.lost(auto.down.threshold.at, message, "remove `scaleDown.threshold`");
    }
}

/// Running work, and waiting work if it is counted, divided by what one process does at once.
pub(super) fn keda(workload: &Workload, out: &mut LoweredPlan) -> Option<Keda> {
    let auto = &workload.autoscaling;
    let prometheus = auto.prometheus.as_ref()?;
    let min = workload.replicas.min;
    out.ignored(
        auto.at,
        format!("a rack scales by KEDA only with `keda_enable`: without it {} stays at {}", workload.name, min.value),
        "run `convox rack params set keda_enable=true` (AWS)",
    );
    if workload.concurrency.is_none() {
        out.ignored(
            auto.signal.at,
            "load is counted against 1 unit of work a process: `concurrency` is not given",
            "write `concurrency`",
        );
    }
    if min.value == 0 && prometheus.queued.is_none() {
        out.refused(
            min.at,
            "nothing wakes the service from 0: `running` is 0 while no process runs",
            "give `metrics.prometheus.queued`, or write `min: 1`",
        );
    }
    one_threshold(workload, out);
    let share = auto.up.threshold.value.0;
    if share == 0 {
        out.refused(auto.up.threshold.at, "KEDA refuses a threshold of 0", "write a threshold above 0");
    }
    let each = cores_text(u128::from(share) * u128::from(workload.slots_each()));
    let queries = std::iter::once(&prometheus.running).chain(&prometheus.queued);
    let triggers = queries
        .map(|query| {
            let metadata = json!({
                "serverAddress": prometheus.server.value,
                "query": query.value,
                "threshold": each,
                "activationThreshold": "0",
            });
            json!({"type": "prometheus", "metadata": metadata})
        })
        .collect();
    let behavior = json!({
        "scaleUp": policy(&auto.up, out),
        "scaleDown": policy(&auto.down, out),
    });
    Some(Keda {
        cooldown_period: (min.value == 0).then(|| auto.down.delay.value.as_seconds()),
        advanced: json!({"horizontalPodAutoscalerConfig": {"behavior": behavior}}),
        triggers,
    })
}

/// Steps of processes, after the delay.
fn policy(step: &Step, out: &mut LoweredPlan) -> serde_json::Value {
    let delay = step.delay;
    let seconds = delay.value.as_seconds();
    if seconds > LONGEST_WINDOW {
        let message = format!(
            "the autoscaler looks back {LONGEST_WINDOW} s at most: {} is written as {LONGEST_WINDOW} s",
            delay.value
        );
        out.lost(delay.at, message, "write `1h` or less");
    }
    let policy = |rate: StepRate| {
        let (kind, value) = match rate.amount {
            StepAmount::Replicas(count) => ("Pods", count),
            StepAmount::Percent(percent) => ("Percent", percent),
        };
        json!({"type": kind, "value": value, "periodSeconds": rate.every.as_seconds().clamp(LOOK, LONGEST_PERIOD)})
    };
    let mut policies: Vec<_> = step.rates().into_iter().map(policy).collect();
    let size = &step.size;
    if policies.is_empty() {
        let replicas = size.replicas.map_or(size.at, |count| count.at);
        out.lost(
            replicas,
            "a step of 0 is not written: convox has no field that forbids steps, 1 is",
            "write `step: 1`",
        );
        let every = step.period().value.as_seconds().clamp(LOOK, LONGEST_PERIOD);
        policies.push(json!({"type": "Pods", "value": 1, "periodSeconds": every}));
    } else if policies.len() > 1 && size.select.value == StepSelect::Min {
        let message = format!("{} is not written: convox has no field for `select`, the larger holds", size.text());
        out.lost(size.select.at, message, "write one of the two");
    }
    json!({"stabilizationWindowSeconds": seconds.min(LONGEST_WINDOW), "policies": policies})
}
