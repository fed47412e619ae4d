//! Scaling policies of a run, and the numbers that they see (W9).

use super::{Nanos, SECOND, foundry, hpa, keda};
use std::fmt;
use std::sync::Arc;

/// A scaling policy.
#[derive(Debug, Clone)]
pub enum ReplicaPolicy {
    /// A fixed count.
    Fixed(i32),
    /// Foundry's rule.
    Foundry(foundry::FoundrySetup),
    /// An HPA.
    Hpa {
        /// Its configuration.
        config: hpa::HpaSetup,
        /// The signal of each of its metrics, in their order.
        signals: Vec<MetricSource>,
    },
    /// A ScaledObject with the HPA that KEDA makes for it.
    Keda {
        /// Its configuration; `min` and `max` are overruled by the schedule's bounds only where those are narrower.
        config: keda::KedaSetup,
        /// The signal of each of its triggers, in their order.
        signals: Vec<MetricSource>,
        /// The formula of `scalingModifiers` over the triggers' values; `None` is nil.
        formula: Option<TriggerFormula>,
    },
}

/// A function of the values of triggers.
pub type OfTriggers = dyn Fn(&[f64]) -> Option<f64> + Send + Sync;

/// A function of the values of a scrape.
pub type OfGauges = dyn Fn(&Gauges) -> Option<f64> + Send + Sync;

/// A formula over the values of triggers.
#[derive(Clone)]
pub struct TriggerFormula(pub Arc<OfTriggers>);

/// The signal of a metric or trigger.
#[derive(Clone)]
pub enum MetricSource {
    /// Jobs that run.
    Running,
    /// Jobs that wait.
    Queued,
    /// Both.
    InSystem,
    /// Jobs that run, of the slots of existing replicas: 1 is full.
    Load,
    /// Arrivals a second, as a mean over a range.
    ArrivalRate {
        /// The range.
        range: Nanos,
    },
    /// Cpu of each pod; for Resource metrics.
    Cpu,
    /// Jobs that each pod runs; for Pods metrics.
    RunningPerPod,
    /// Any function of the scraped values; `None` fails.
    Custom(Arc<OfGauges>),
}

/// The values of a scrape.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Gauges {
    /// The instant.
    pub at: Nanos,
    /// Jobs that run.
    pub running: i64,
    /// Jobs that wait.
    pub queued: i64,
    /// Jobs that have arrived since the beginning.
    pub arrived: i64,
    /// Replicas that exist and do not leave.
    pub existing: i32,
    /// Replicas that take jobs: ready, and not leaving but for a drain delay in which they pull them.
    pub ready: i32,
    /// `spec.replicas`.
    pub spec: i32,
    /// Slots of one replica.
    pub concurrency: u32,
}

/// How the numbers reach the autoscaler (W9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// Interval of scrapes; 15 s by default.
    pub scrape: Nanos,
    /// A tick uses the last scrape at least this old; 0 by default.
    pub lag: Nanos,
    /// The window that a pod's cpu is a mean of; 15 s by default.
    pub cpu_window: Nanos,
    /// How long after its start a pod has no cpu sample; 30 s by default.
    pub sample_delay: Nanos,
    /// Interval of the HPA's syncs and of Foundry's evaluations; 15 s by default (S1).
    pub sync: Nanos,
}

impl Default for Observation {
    fn default() -> Self {
        let fifteen = 15 * SECOND;
        Observation { scrape: fifteen, lag: 0, cpu_window: fifteen, sample_delay: 30 * SECOND, sync: fifteen }
    }
}

impl fmt::Debug for TriggerFormula {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Formula")
    }
}

impl fmt::Debug for MetricSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            MetricSource::Running => "Running",
            MetricSource::Queued => "Queued",
            MetricSource::InSystem => "InSystem",
            MetricSource::Load => "Load",
            MetricSource::ArrivalRate { .. } => "ArrivalRate",
            MetricSource::Cpu => "Cpu",
            MetricSource::RunningPerPod => "RunningPerPod",
            MetricSource::Custom(_) => "Custom",
        };
        formatter.write_str(name)
    }
}
