//! `min` above `max` in a window. Knows one window at a time.

use super::{Context, Group, Meta, Report};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "window-min-above-max",
    severity: Severity::Error,
    group: Group::Schedule,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for window in context.spec.services().flat_map(|service| service.windows()) {
        let (Some(min), Some(max)) = (window.min, window.max) else { continue };
        if min.value <= max.value {
            continue;
        }
        let finding = report
            .at(min.place(), format!("min {} is above max {} in {}", min.value, max.value, window.label()))
            .label(max.place(), format!("max {}", max.value))
            .help(format!("write `min: {}` or `max: {}`", max.value, min.value))
            .swap_values((min.at, min.value), (max.at, max.value));
        report.push(finding);
    }
}
