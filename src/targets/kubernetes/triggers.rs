//! The triggers of a ScaledObject. Knows what each asks, not what is made of the answers.

use super::LoweredPlan;
use super::autoscaler_parts::percent;
use super::autoscalers::{Trigger, TriggerMetadata as Metadata};
use super::unit::WorkloadUnit;
use super::weekly::Weekly;
use crate::plan::{Prometheus, Signal, Val};

/// How often KEDA looks whether a workload at 0 has work, in seconds; its default of 30 doubles the wait. A
/// HorizontalPodAutoscaler looks as often.
pub(super) const POLL: u64 = 15;

/// Trigger names are variables of the formula.
pub(super) fn unique(word: &str, before: &[Trigger]) -> String {
    let taken = |name: &str| before.iter().any(|trigger| trigger.name.as_deref() == Some(name));
    let numbered = (2u32..).map(|number| format!("{word}_{number}"));
    std::iter::once(word.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}

/// A trigger that the formula can name.
pub(super) fn named(kind: &'static str, name: String, metadata: Metadata) -> Trigger {
    Trigger { kind, name: Some(name), metric_type: None, metadata }
}

/// A query; `sleeps` says whether there may be no replica that serves its series.
pub(super) fn ask(name: &str, prometheus: &Prometheus, query: &str, sleeps: bool) -> Trigger {
    let metadata = Metadata::Prometheus {
        server_address: prometheus.server.value.clone(),
        query: query.to_owned(),
        threshold: "1".to_owned(),
        // a series that is gone is not a load of 0; but a fault of one trigger is one of the formula, and wakes nobody
        ignore_null_values: if sleeps { "true" } else { "false" },
    };
    named("prometheus", name.to_owned(), metadata)
}

/// A window, open while the trigger asks for this many.
pub(super) fn cron(name: String, weekly: &Weekly, desired: u32) -> Trigger {
    let metadata = Metadata::Cron {
        timezone: weekly.zone.clone(),
        start: weekly.start().cron(),
        end: weekly.end().cron(),
        desired_replicas: desired.to_string(),
    };
    named("cron", name, metadata)
}

/// A target of cpu or memory.
pub(super) fn resource(unit: &WorkloadUnit<'_>, signal: Val<Signal>, out: &mut LoweredPlan) -> Trigger {
    let value = percent(unit.workload.autoscaling.up.threshold, out).to_string();
    let metadata = Metadata::Resource { value };
    Trigger { kind: signal.value.word(), name: None, metric_type: Some("Utilization"), metadata }
}
