//! Steps that are a percentage alone, from 0: a percentage of none is none. Knows the autoscaler of Kubernetes that sleeps.

use super::{Context, Group, Meta, Report};
use crate::model::{ClusterAutoscaler, ServiceField, Signal, releases};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "percent-only-from-zero",
    severity: Severity::Warning,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let plain = context.target_facts.cluster.filter(|own| own.autoscaler == ClusterAutoscaler::Hpa);
    if !plain.is_some_and(|cluster| releases::has(cluster.release, releases::SCALE_TO_ZERO)) {
        return;
    }
    for service in context.spec.services().filter(|service| service.autoscaling.written) {
        let scaling = &service.autoscaling;
        let unread = [ServiceField::Autoscaling, ServiceField::Replicas].iter().any(|part| service.broken.has(*part));
        let size = &scaling.up.size;
        let (None, Some(percent)) = (size.replicas, size.percent) else { continue };
        let asleep = service.ranges().find(|range| range.min.value == 0 && range.max.value > 0);
        let Some(range) = asleep.filter(|_| !unread && scaling.watches(Signal::Load)) else { continue };
        let finding = report
            .at(
                percent.place(),
                format!("{} % of 0 replicas are 0: from `min: 0` no step leads up again", percent.value),
            )
            .label(range.min.place(), "at least 0")
            .help(format!("write `step: {{ replicas: 1, percent: {} }}`", percent.value));
        report.push(finding);
    }
}
