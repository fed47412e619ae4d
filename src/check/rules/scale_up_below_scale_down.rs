//! A scale-up threshold below the scale-down threshold. Knows thresholds, no replicas.

use super::{Context, Group, Meta, Report, TwoThresholds};
use crate::model::ServiceField;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "scale-up-below-scale-down",
    severity: Severity::Error,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services().filter(|service| service.autoscaling.written) {
        let (up, down) = (service.autoscaling.up.threshold, service.autoscaling.down.threshold);
        let one_target = context.two_thresholds(service) == TwoThresholds::None;
        if service.broken.has(ServiceField::Autoscaling) || up.value >= down.value || one_target {
            continue;
        }
        // they differ only if both are written
        let message = format!("scale-up threshold {} is below scale-down threshold {}", up.value, down.value);
        let finding = report
            .at(up.place(), message)
            .label(down.place(), format!("scales down below {}", down.value))
            .help(format!("write a scale-up threshold of {} or more", down.value))
            // the place is that of one of them, so only the other differs
            .rank(down.value.0)
            .fix(up.at.value, down.value.to_string(), false);
        report.push(finding);
    }
}
