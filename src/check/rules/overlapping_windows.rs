//! Two windows of one service open at once. Knows instants; equal local times in two zones need not meet.

use super::{Context, Group, Meta, Report};
use crate::model::quantity::plural;
use crate::model::{Window, states};
use crate::support::diagnostic::Severity;
use std::borrow::Cow;

pub(super) const META: Meta =
    Meta { id: "overlapping-windows", severity: Severity::Error, group: Group::Schedule, check: Some(check) };

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services() {
        // when a window opens is known without its bounds; 0 stands in for them and is not shown
        let broken: Vec<Window> = service.broken_windows.iter().filter_map(|window| window.whole(Some(0))).collect();
        let mut all: Cow<'_, [Window]> = Cow::Borrowed(&service.schedule);
        if !broken.is_empty() {
            all.to_mut().extend(broken);
            all.to_mut().sort_by_key(|window| window.at.value);
        }
        if all.len() < 2 {
            continue;
        }
        for overlap in states::overlaps(&all) {
            let (Some(first), Some(second)) = (all.get(overlap.first), all.get(overlap.second)) else { continue };
            let zoned = |window: &Window| match first.zone == second.zone {
                true => window.label(),
                false => format!("{} {}", window.label(), window.zone),
            };
            let message = format!("{} and {} are both open at {}", zoned(second), zoned(first), overlap.when);
            let mut label = format!("{} {}", first.label(), first.zone);
            if first.min.written && first.max.written {
                let (min, max) = (first.min.value, first.max.value);
                label.push_str(": ");
                label.push_str(&if min == max { plural(min, "replica") } else { format!("{min} to {max} replicas") });
            }
            let finding = report
                .at(second.at.place(), message)
                .label(first.at.place(), label)
                .help("let one end where the other begins");
            report.push(finding);
        }
    }
}
