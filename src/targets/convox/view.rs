//! A `convox.yml` as typed data: only keys that Convox reads, in the types it keeps. Knows no plan.

use serde::Serialize;
use serde_json::{Map, Value as Json};

/// A service.
#[derive(Debug, Default, Serialize)]
pub(super) struct ConvoxService {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) command: Option<ContainerCommand>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) environment: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) port: Option<u16>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) ports: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) internal: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sticky: Option<bool>,
    /// Seconds to connect, write and read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeout: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) health: Option<ConvoxHealth>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) resources: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) singleton: Option<bool>,
    pub(super) scale: Scale,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deployment: Option<Deployment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) termination: Option<Termination>,
}

/// The command of the container: a line for a shell's rules (v3) or words (v2).
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum ContainerCommand {
    Line(String),
    Words(Vec<String>),
}

/// The check of the one port; times in seconds.
#[derive(Debug, Default, Serialize)]
pub(super) struct ConvoxHealth {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) disable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) grace: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) interval: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeout: Option<u64>,
}

/// Number and size of the processes; cpu in the generation's units, memory in MB.
#[derive(Debug, Default, Serialize)]
pub(super) struct Scale {
    pub(super) count: ProcessCount,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpu: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gpu: Option<Gpu>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit: Option<Limit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) targets: Option<Targets>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) keda: Option<Keda>,
}

/// A number, or `least-most`.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum ProcessCount {
    Fixed(u32),
    Range(String),
}

impl Default for ProcessCount {
    fn default() -> ProcessCount {
        ProcessCount::Fixed(1)
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Gpu {
    pub(super) count: u32,
    pub(super) vendor: &'static str,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Limit {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpu: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory: Option<u64>,
}

/// The utilization target, in percent of the request.
#[derive(Debug, Default, Serialize)]
pub(super) struct Targets {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpu: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory: Option<u64>,
}

/// The part of a KEDA ScaledObject that convox copies.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Keda {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cooldown_period: Option<u64>,
    pub(super) advanced: Json,
    pub(super) triggers: Vec<Json>,
}

/// Percent of the processes during a rollout.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Deployment {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) minimum: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) maximum: Option<u32>,
}

#[derive(Debug, Serialize)]
pub(super) struct Termination {
    pub(super) grace: u64,
}

/// A database or cache.
#[derive(Debug, Serialize)]
pub(super) struct Resource {
    pub(super) r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) image: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) options: Map<String, Json>,
}
