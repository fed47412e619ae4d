//! A window that begins or ends in an hour which clocks skip. Knows the skipped hours of one fixed year.

use super::{Context, Group, Meta, Report};
use crate::model::Val;
use crate::model::clock_changes::{Gap, gaps};
use crate::model::time::{Day, TimeOfDay};
use crate::support::diagnostic::Severity;
use crate::support::source::FileSpan;
use std::collections::BTreeMap;

pub(super) const META: Meta = Meta {
    id: "nonexistent-local-time",
    severity: Severity::Warning,
    group: Group::Schedule,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let mut zones: BTreeMap<&str, Vec<Gap>> = BTreeMap::new();
    for window in context.spec.services().flat_map(|service| service.windows()) {
        let (Some(days), Some(timezone)) = (window.days, window.timezone) else { continue };
        let Some(zone) = timezone.value.as_deref() else { continue };
        let gaps = zones.entry(zone).or_insert_with(|| gaps(zone));
        let begins = window.from.map(|from| ("from", from, 0));
        // on which day it ends depends on when it begins
        let ends = window.from.zip(window.to).map(|(from, to)| ("to", to, u8::from(to.value <= from.value)));
        for (word, time, days_on) in begins.into_iter().chain(ends) {
            let Some(gap) = gaps.iter().find(|gap| skips(gap, &days.value, time.value, days_on)) else { continue };
            let message = format!(
                "{word} {} does not exist on {} {} in {zone}: clocks go from {} to {}",
                time.value,
                gap.day.word(),
                gap.date,
                gap.from,
                gap.to
            );
            report.push(finding(report, time, (days.place(), timezone.place()), message, gap));
        }
    }
}

fn finding(
    report: &Report,
    time: Val<TimeOfDay>,
    (days, timezone): (FileSpan, FileSpan),
    message: String,
    gap: &Gap,
) -> crate::support::diagnostic::Finding {
    report
        .at(time.place(), message)
        .label(timezone, "clocks are set forward here")
        .label(days, "on these days")
        .help(format!("write a time outside {} to {}, such as `\"{}\"`", gap.from, gap.to, gap.to))
}

/// Whether the time falls into the gap on a day the window runs, `later` days after the day it starts on.
fn skips(gap: &Gap, days: &[Day], time: TimeOfDay, later: u8) -> bool {
    let (time, later) = if time.0 == 1440 { (0, later + 1) } else { (time.0, later) };
    let inside = gap.from.0 <= time && time < gap.to.0;
    inside && days.iter().any(|Day(day)| (day + later) % 7 == gap.day.0)
}
