//! A scale-up delay above the scale-down delay. Knows delays, no replicas.

use super::{Context, Group, Meta, Report};
use crate::model::ServiceField;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "scale-up-slower-than-down",
    severity: Severity::Error,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services().filter(|service| service.autoscaling.written) {
        let (up, down) = (service.autoscaling.up.delay, service.autoscaling.down.delay);
        if service.broken.has(ServiceField::Autoscaling) || up.value <= down.value {
            continue;
        }
        let default = |written: bool| if written { "" } else { " (the default)" };
        let message = format!(
            "scale-up delay {}{} is above scale-down delay {}{}",
            up.value,
            default(up.written),
            down.value,
            default(down.written)
        );
        let (first, calm, help) = match up.written {
            true => (up, down.value, format!("write a scale-up delay of {} or less", down.value)),
            false => (down, up.value, format!("write a scale-down delay of {} or more", up.value)),
        };
        let finding = report
            .at(first.place(), message)
            .label(down.place(), format!("scales down after {}", down.value))
            .help(help)
            .rank(up.value.0 - down.value.0)
            .fix(first.at.value, calm.to_string(), false);
        report.push(finding);
    }
}
