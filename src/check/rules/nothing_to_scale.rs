//! Autoscaling on a service whose number never moves. Knows bounds, no thresholds.

use super::{Context, Group, Meta, Report};
use crate::model::ServiceField;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "nothing-to-scale",
    severity: Severity::Warning,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services() {
        let unread = service.broken.has(ServiceField::Replicas) || service.broken.has(ServiceField::Schedule);
        let fixed = service.ranges().all(|range| range.min.value == range.max.value);
        if unread || !service.autoscaling.written || !fixed {
            continue;
        }
        let number = service.replicas.min.value;
        let default = if service.replicas.written { "" } else { " (the default)" };
        let windows = if service.schedule.is_empty() { "" } else { ", and no window has a range" };
        let message = format!("min {number} = max {number}{default}{windows}: autoscaling has nothing to scale");
        let finding = report
            .at(service.autoscaling.at.key(), message)
            .label(service.replicas.min.place(), format!("always {number}"))
            .help(format!(
                "write `replicas: {{ min: {number}, max: {} }}`, or remove `autoscaling`",
                number.saturating_add(1)
            ));
        report.push(finding);
    }
}
