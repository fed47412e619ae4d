//! Two windows of one service open at once. Knows instants; equal local times in two zones need not meet.

use super::{Context, Group, Meta, Report};
use crate::diagnostic::Severity;
use crate::model::{Window, states};

pub(super) const META: Meta =
    Meta { id: "overlapping-windows", severity: Severity::Error, group: Group::Schedule, check: Some(check) };

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services().filter(|service| service.schedule.len() > 1) {
        for overlap in states::overlaps(&service.schedule) {
            let windows = (service.schedule.get(overlap.first), service.schedule.get(overlap.second));
            let (Some(first), Some(second)) = windows else { continue };
            let zoned = |window: &Window| match first.zone == second.zone {
                true => window.label(),
                false => format!("{} {}", window.label(), window.zone),
            };
            let message = format!("{} and {} are both open at {}", zoned(second), zoned(first), overlap.when);
            let finding = report
                .at(second.at.place(), message)
                .label(
                    first.at.place(),
                    format!("{} {}: {} to {} replicas", first.label(), first.zone, first.min.value, first.max.value),
                )
                .help("let one end where the other begins");
            report.push(finding);
        }
    }
}
