//! The shapes of the Kubernetes objects this target writes, field for field as their APIs name them. Knows no plan.

use super::metadata::{Labels, Metadata, Selector};
use super::pod_objects::{ContainerResources, Template};
use crate::plan::Amount;
use serde::Serialize;

/// Any object: the four keys at its top.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Object<S> {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: Metadata,
    pub spec: S,
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

#[derive(Serialize)]
pub(super) struct Claim {
    pub metadata: Metadata,
    pub spec: ClaimSpec,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClaimSpec {
    pub access_modes: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class_name: Option<String>,
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

/// A container port by its name, or by its number if it has none.
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
