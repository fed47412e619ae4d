//! A drain delay that leaves a replica no time to end. Knows the grace and the delay, not who stops replicas.

use super::{Context, Group, Meta, Report};
use crate::model::time::Duration;
use crate::model::{Service, ServiceField};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "drain-above-grace",
    severity: Severity::Warning,
    group: Group::Disruption,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services() {
        let unread = [ServiceField::Pod, ServiceField::Update].iter().any(|part| service.broken.has(*part));
        let Some(delay) = service.pod.as_deref().and_then(|pod| pod.drain_delay).filter(|_| !unread) else { continue };
        let grace = service.grace();
        if delay.value < grace {
            continue;
        }
        let usual = if service.stop_grace_period.is_none() { " (the default of Kubernetes)" } else { "" };
        let message = format!(
            "a drain delay of {} is all of the {grace}{usual} that a replica has to end: it is told to stop and killed at once",
            delay.value
        );
        let enough = Duration(delay.value.0.saturating_add(Service::USUAL_GRACE.0));
        let finding = report.at(delay.place(), message).rank(i128::from(delay.value.0) - i128::from(grace.0));
        let finding = finding.help(format!("write `stopGracePeriod: {enough}`, or a shorter delay"));
        report.push(match service.stop_grace_period {
            Some(grace) => finding.label(grace.place(), format!("{} in all", grace.value)),
            None => finding,
        });
    }
}
