//! The shapes of the HorizontalPodAutoscaler (autoscaling/v2) and of KEDA's ScaledObject. Knows no plan.

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reference {
    pub api_version: String,
    pub kind: String,
    pub name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HpaSpec {
    pub scale_target_ref: Reference,
    pub min_replicas: u32,
    pub max_replicas: u32,
    pub metrics: Vec<HpaMetric>,
    pub behavior: HpaBehavior,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub(super) enum HpaMetric {
    External { external: ExternalMetric },
    Resource { resource: ResourceMetric },
}

#[derive(Serialize)]
pub(super) struct ExternalMetric {
    pub metric: MetricName,
    pub target: MetricTarget,
}

#[derive(Serialize)]
pub(super) struct MetricName {
    pub name: String,
}

#[derive(Serialize)]
pub(super) struct ResourceMetric {
    pub name: &'static str,
    pub target: MetricTarget,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub(super) enum MetricTarget {
    AverageValue { average_value: String },
    Utilization { average_utilization: u64 },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HpaBehavior {
    pub scale_up: Direction,
    pub scale_down: Direction,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Direction {
    pub stabilization_window_seconds: u64,
    /// From Kubernetes 1.35 on; a quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<String>,
    pub select_policy: &'static str,
    /// None if no step is taken: the API then fills in its own, which have no effect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<HpaScalingPolicy>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HpaScalingPolicy {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub value: u32,
    pub period_seconds: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScaledObjectSpec {
    pub scale_target_ref: Reference,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polling_interval: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown_period: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_cooldown_period: Option<u64>,
    pub min_replica_count: u32,
    pub max_replica_count: u32,
    pub advanced: Advanced,
    pub triggers: Vec<Trigger>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Advanced {
    pub horizontal_pod_autoscaler_config: HpaConfig,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaling_modifiers: Option<ScalingModifiers>,
}

/// One metric made of the triggers, in the place of them all.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScalingModifiers {
    pub formula: String,
    /// A string, as the API wants it.
    pub target: &'static str,
    pub metric_type: &'static str,
}

#[derive(Serialize)]
pub(super) struct HpaConfig {
    pub behavior: HpaBehavior,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Trigger {
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric_type: Option<&'static str>,
    pub metadata: TriggerMetadata,
}

/// Every value is a string: the API refuses a bare number here.
#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub(super) enum TriggerMetadata {
    Prometheus { server_address: String, query: String, threshold: String, ignore_null_values: &'static str },
    Workload { pod_selector: String, value: String },
    Cron { timezone: String, start: String, end: String, desired_replicas: String },
    Resource { value: String },
}
