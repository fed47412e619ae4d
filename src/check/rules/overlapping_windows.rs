//! Two windows of one service open at once. Knows instants; equal local times in two zones need not meet.

use super::{Context, Group, Meta, Report};
use crate::model::{Window, states};
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;
use std::borrow::Cow;

pub(super) const META: Meta = Meta {
    id: "overlapping-windows",
    severity: Severity::Error,
    group: Group::Schedule,
    suppressible: true,
    check: Some(check),
};

/// Windows that a message names; all are labelled.
const MAX_NAMED: usize = 6;

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services() {
        // the times of a window are known without its bounds; 0 stands in for them and is not shown
        let broken: Vec<Window> = service.broken_windows.iter().filter_map(|window| window.whole(Some(0))).collect();
        let mut all: Cow<'_, [Window]> = Cow::Borrowed(&service.schedule);
        if !broken.is_empty() {
            all.to_mut().extend(broken);
            all.to_mut().sort_by_key(|window| window.at.value);
        }
        if all.len() < 2 {
            continue;
        }
        let overlaps = states::overlaps(&all);
        for met in overlaps.chunk_by(|one, next| one.second == next.second) {
            let Some(second) = met.first().and_then(|overlap| all.get(overlap.second)) else { continue };
            let met: Vec<(&Window, &str)> =
                met.iter().filter_map(|overlap| Some((all.get(overlap.first)?, overlap.when.as_str()))).collect();
            let mut finding = report.at(second.at.place(), message(second, &met));
            for (first, _) in &met {
                finding = finding.label(first.at.place(), label(first));
            }
            // if it overlaps in several profiles, the one with the most overlaps is shown
            let worst = i128::try_from(met.len()).unwrap_or(i128::MAX);
            report.push(finding.help("let one end where the other begins").rank(worst));
        }
    }
}

/// Every earlier window that is open at the same time, with when that is.
fn message(second: &Window, met: &[(&Window, &str)]) -> String {
    let one_zone = met.iter().all(|(first, _)| first.zone == second.zone);
    let zoned = |window: &Window| match one_zone {
        true => window.label(),
        false => format!("{} {}", window.label(), window.zone),
    };
    if let [(first, when)] = met {
        return format!("{} and {} are both open at {when}", zoned(second), zoned(first));
    }
    let mut texts: Vec<String> =
        met.iter().take(MAX_NAMED).map(|(first, when)| format!("{} at {when}", zoned(first))).collect();
    if met.len() > MAX_NAMED {
        texts.push(format!("{} more", met.len() - MAX_NAMED));
    }
    format!("{} is open beside {} windows: {}", zoned(second), met.len(), texts.join(", "))
}

/// A window with the bounds that hold in it.
fn label(window: &Window) -> String {
    let mut label = format!("{} {}", window.label(), window.zone);
    if window.min.written && window.max.written {
        let (min, max) = (window.min.value, window.max.value);
        label.push_str(": ");
        label.push_str(&if min == max { plural(min, "replica") } else { format!("{min} to {max} replicas") });
    }
    label
}
