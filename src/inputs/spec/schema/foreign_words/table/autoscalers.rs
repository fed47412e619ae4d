//! Fields of `HorizontalPodAutoscaler`, autoscaling/v1 and v2, and of KEDA's `ScaledObject`.

use super::super::convert;
use super::{To, WordAnswer, WordRow, bound, perhaps, row, to};

const AUTOSCALING: &str = "services/*/autoscaling";
const REPLICAS: &str = "services/*/replicas";
const UP: &str = "services/*/autoscaling/scaleUp";
const DOWN: &str = "services/*/autoscaling/scaleDown";
const KUBERNETES: &str = "Kubernetes";
const HELM: &str = "Helm";

const BEHAVIOR: WordAnswer = WordAnswer::Instead(
    "write steps and times beside the thresholds: `scaleUp: { step: { replicas: 4, percent: 100, select: max }, every: 15s, delay: 0s }`, and `scaleDown` likewise",
);

const STEPS: WordAnswer = WordAnswer::Instead(
    "write `step: { replicas: 4, percent: 100, select: max }` for the most that one step changes, and `every: 15s` for its time",
);

/// The rows, in the order in which they are looked up.
pub(super) const ROWS: &[WordRow] = &[
    // autoscalers
    row(KUBERNETES, AUTOSCALING, &["minReplicas", "min", "minReplicaCount"], bound(To::Above("replicas.min")), "2"),
    row(KUBERNETES, AUTOSCALING, &["maxReplicas", "max", "maxReplicaCount"], bound(To::Above("replicas.max")), "6"),
    row(
        KUBERNETES,
        AUTOSCALING,
        &["targetCPUUtilizationPercentage", "targetCPU", "cpu", "averageUtilization"],
        perhaps(To::With(convert::cpu_target), ""),
        "80",
    ),
    row(
        KUBERNETES,
        AUTOSCALING,
        &["targetMemoryUtilizationPercentage", "memory"],
        perhaps(To::With(convert::memory_target), ""),
        "80",
    ),
    row(
        HELM,
        AUTOSCALING,
        &["enabled"],
        WordAnswer::Remove(
            "a range such as `replicas: { min: 2, max: 6 }` in the service turns autoscaling on, a number turns it off",
        ),
        "true",
    ),
    row(
        "",
        AUTOSCALING,
        &["metric", "metricType", "metricName", "resource", "type", "on"],
        perhaps(To::With(convert::signal), ""),
        "cpu",
    ),
    row(
        "",
        AUTOSCALING,
        &["schedule", "schedules", "windows", "cron", "scheduled"],
        WordAnswer::Instead(
            "write `schedule` in the service: `schedule: [{ days: [mon, fri], from: \"08:00\", to: \"18:00\", timezone: UTC, replicas: 4 }]`",
        ),
        "[]",
    ),
    row(
        "",
        AUTOSCALING,
        &["cooldown", "cooldownSeconds", "cooldown_period"],
        to(To::Duration("scaleDown.delay")),
        "300",
    ),
    row(
        "",
        REPLICAS,
        &["minimum", "minReplicas", "minReplicaCount", "least", "low", "lower"],
        bound(To::Same("min")),
        "2",
    ),
    row(
        "",
        REPLICAS,
        &["maximum", "maxReplicas", "maxReplicaCount", "most", "high", "upper"],
        bound(To::Same("max")),
        "6",
    ),
    row(
        "",
        AUTOSCALING,
        &["threshold", "target", "targetUtilization", "utilization", "averageUtilizationPercentage"],
        perhaps(To::With(convert::threshold), ""),
        "0.8",
    ),
    row(KUBERNETES, AUTOSCALING, &["behavior", "policies", "selectPolicy"], BEHAVIOR, "{}"),
    row(KUBERNETES, UP, &["policies", "selectPolicy", "steps", "periodSeconds"], STEPS, "4"),
    row(KUBERNETES, DOWN, &["policies", "selectPolicy", "steps", "periodSeconds"], STEPS, "4"),
    row(KUBERNETES, UP, &["stabilizationWindowSeconds"], to(To::Duration("delay")), "60"),
    row(KUBERNETES, DOWN, &["stabilizationWindowSeconds"], to(To::Duration("delay")), "300"),
    row(
        KUBERNETES,
        AUTOSCALING,
        &["tolerance"],
        WordAnswer::Instead(
            "write it for each direction: `scaleUp: { tolerance: 0.05 }` and `scaleDown: { tolerance: 0.05 }`",
        ),
        "0.05",
    ),
    row(
        "KEDA",
        AUTOSCALING,
        &["triggers"],
        perhaps(To::With(convert::triggers), ""),
        "[{ type: cpu, metricType: Utilization, metadata: { value: 60 } }]",
    )
    .only(|node| convert::triggers(node).is_some()),
    row(
        "KEDA",
        AUTOSCALING,
        &["triggers"],
        WordAnswer::Instead(
            "write `schedule` in the service: `schedule: [{ days: [mon, fri], from: \"08:00\", to: \"18:00\", timezone: UTC, replicas: 4 }]`",
        ),
        "[{ type: cron }]",
    )
    .only(convert::is_clock),
    row(
        "KEDA",
        AUTOSCALING,
        &["fallback", "idleReplicas", "idleReplicaCount", "pollingInterval", "triggers"],
        WordAnswer::Remove(
            "the spec has no field for it; `replicas: { min: 0, max: 6 }` lets a service sleep, and the rest of a ScaledObject follows from `signal` and `metrics`",
        ),
        "{}",
    ),
    row("KEDA", AUTOSCALING, &["cooldownPeriod"], to(To::Duration("scaleDown.delay")), "300"),
    row(
        KUBERNETES,
        "services/*/autoscaling/metrics",
        &["cpu", "memory", "resource", "type"],
        WordAnswer::Instead(
            "write `signal: cpu` or `signal: memory` with `scaleUp: { threshold: 0.8 }` in `autoscaling`: one signal decides, and `metrics` is only for `signal: load`",
        ),
        "0.8",
    ),
];
