//! A scale-up threshold below the scale-down threshold. Knows thresholds, no replicas.

use super::{Context, Group, Meta, Report, TwoThresholds};
use crate::model::Part;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "scale-up-below-scale-down",
    severity: Severity::Error,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services() {
        let (up, down) = (service.autoscaling.up.threshold, service.autoscaling.down.threshold);
        let one_target = context.two_thresholds(service) == TwoThresholds::None;
        if service.broken.has(Part::Autoscaling) || up.value >= down.value || one_target {
            continue;
        }
        let default = |written: bool| if written { "" } else { " (the default)" };
        let message = format!(
            "scale-up threshold {}{} is below scale-down threshold {}{}",
            up.value,
            default(up.written),
            down.value,
            default(down.written)
        );
        let (first, calm, help) = match up.written {
            true => (up, down.value, format!("write a scale-up threshold of {} or more", down.value)),
            false => (down, up.value, format!("write a scale-down threshold of {} or less", up.value)),
        };
        let finding = report
            .at(first.place(), message)
            .label(down.place(), format!("scales down below {}", down.value))
            .help(help)
            // the place is where one of them stands, so only the other differs
            .rank(down.value.0)
            .fix(first.at.value, calm.to_string(), false);
        report.push(finding);
    }
}
