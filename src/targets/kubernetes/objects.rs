//! The shapes of the Kubernetes objects this target writes, field for field as their APIs name them. Knows no plan.

use super::pod_security::{ContainerSecurity, PodSecurity};
use crate::plan::Amount;
use serde::Serialize;
use std::collections::BTreeMap;

/// Any object: the four keys at its top.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Object<S> {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: Metadata,
    pub spec: S,
}

#[derive(Clone, Default, Serialize)]
pub(super) struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: Labels,
}

pub(super) type Labels = BTreeMap<String, String>;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Selector {
    pub match_labels: Labels,
}

/// A number or a percentage.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum CountOrPercent {
    Count(u32),
    Percent(String),
}

impl From<Amount> for CountOrPercent {
    fn from(amount: Amount) -> CountOrPercent {
        match amount {
            Amount::Count(count) => CountOrPercent::Count(count),
            Amount::Percent(_) => CountOrPercent::Percent(amount.to_string()),
        }
    }
}

/// What a Deployment and a StatefulSet share; each fills in its own.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WorkloadSpec {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<Selector>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<DeploymentStrategy>,
    pub template: Template,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volume_claim_templates: Vec<Claim>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeploymentStrategy {
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rolling_update: Option<RollingUpdate>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RollingUpdate {
    pub max_surge: CountOrPercent,
    pub max_unavailable: CountOrPercent,
}

#[derive(Default, Serialize)]
pub(super) struct Template {
    pub metadata: Metadata,
    pub spec: PodSpec,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodSpec {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart_policy: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_context: Option<PodSecurity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_grace_period_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,
    pub containers: Vec<Container>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TopologySpreadConstraint {
    pub max_skew: u32,
    pub topology_key: &'static str,
    pub when_unsatisfiable: &'static str,
    pub label_selector: Selector,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Container {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<ContainerPort>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<Env>,
    #[serde(skip_serializing_if = "ContainerResources::is_empty")]
    pub resources: ContainerResources,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_context: Option<ContainerSecurity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup_probe: Option<Probe>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness_probe: Option<Probe>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volume_mounts: Vec<VolumeMount>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContainerPort {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub container_port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Env {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_from: Option<ValueFrom>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ValueFrom {
    pub secret_key_ref: SecretKey,
}

#[derive(Serialize)]
pub(super) struct SecretKey {
    pub name: String,
    pub key: String,
}

/// Quantities by resource; strings, because a bare number is no quantity to a strict reader.
pub(super) type Quantities = BTreeMap<&'static str, String>;

#[derive(Default, Serialize)]
pub(super) struct ContainerResources {
    #[serde(skip_serializing_if = "Quantities::is_empty")]
    pub requests: Quantities,
    #[serde(skip_serializing_if = "Quantities::is_empty")]
    pub limits: Quantities,
}

impl ContainerResources {
    fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.limits.is_empty()
    }
}

#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Probe {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_get: Option<HttpGet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_socket: Option<TcpSocket>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<Exec>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_threshold: Option<u64>,
}

#[derive(Clone, Serialize)]
pub(super) struct HttpGet {
    pub path: String,
    pub port: u16,
}

#[derive(Clone, Serialize)]
pub(super) struct TcpSocket {
    pub port: u16,
}

#[derive(Clone, Serialize)]
pub(super) struct Exec {
    pub command: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VolumeMount {
    pub name: String,
    pub mount_path: String,
}

#[derive(Serialize)]
pub(super) struct Claim {
    pub metadata: Metadata,
    pub spec: ClaimSpec,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClaimSpec {
    pub access_modes: [&'static str; 1],
    pub resources: ContainerResources,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServiceSpec {
    #[serde(rename = "clusterIP", skip_serializing_if = "Option::is_none")]
    pub cluster_ip: Option<&'static str>,
    pub selector: Labels,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<ServicePort>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServicePort {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub port: u16,
    pub target_port: PortRef,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<&'static str>,
}

/// A container port by its name, or by its number where it has none.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum PortRef {
    Name(String),
    Number(u16),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DisruptionSpec {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_available: Option<CountOrPercent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<CountOrPercent>,
    pub selector: Selector,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CronJobSpec {
    pub schedule: String,
    pub time_zone: String,
    pub concurrency_policy: &'static str,
    pub starting_deadline_seconds: u64,
    pub successful_jobs_history_limit: u32,
    pub failed_jobs_history_limit: u32,
    pub job_template: Job,
}

#[derive(Serialize)]
pub(super) struct Job {
    pub spec: JobSpec,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JobSpec {
    pub active_deadline_seconds: u64,
    pub template: Template,
}

/// A ServiceAccount, a Role or a RoleBinding: objects without a `spec`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Access {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: Metadata,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RoleRule>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_ref: Option<RoleRef>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoleRule {
    pub api_groups: [&'static str; 1],
    pub resources: [&'static str; 1],
    pub resource_names: [String; 1],
    pub verbs: [&'static str; 2],
}

#[derive(Serialize)]
pub(super) struct Subject {
    pub kind: &'static str,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoleRef {
    pub api_group: &'static str,
    pub kind: &'static str,
    pub name: String,
}
