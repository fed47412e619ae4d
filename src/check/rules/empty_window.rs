//! A window that ends when it begins. Knows times of day, no zones.

use super::{Context, Group, Meta, Report};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "empty-window",
    severity: Severity::Error,
    group: Group::Schedule,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for window in context.spec.services().flat_map(|service| service.windows()) {
        let (Some(from), Some(to)) = (window.from, window.to) else { continue };
        // 24:00 is the 00:00 of the next day
        let next = |minutes: u16| if minutes == 1440 { 0 } else { minutes };
        let whole_day = from.value.0 == 0 && to.value.0 == 1440;
        if whole_day || next(from.value.0) != next(to.value.0) {
            continue;
        }
        let finding = report
            .at(to.place(), format!("from {} to {} is no time at all: the window is never open", from.value, to.value))
            .label(from.place(), "begins here")
            .help("for a whole day write `from: \"00:00\"` and `to: \"24:00\"`");
        report.push(finding);
    }
}
