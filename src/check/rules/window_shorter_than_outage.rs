//! A down window that is shorter than a hole of the recording. Knows delays and holes, speaks only if a load is given.

use super::{Context, Group, Meta, Report};
use crate::model::ServiceField;
use crate::model::instant::Instant;
use crate::model::time::Duration;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "window-shorter-than-outage",
    severity: Severity::Warning,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

/// The longest window that the API takes.
const LONGEST: Duration = Duration(3_600_000);

fn check(context: &Context<'_>, report: &mut Report) {
    for (service, load) in context.loaded().filter(|(_, load)| load.has_hpa) {
        let delay = service.autoscaling.down.delay;
        let window = delay.value.min(LONGEST);
        let long = || load.outages.iter().filter(|(_, length)| *length >= window.0);
        let Some((from, length)) = long().max_by_key(|(from, length)| (*length, -from)).copied() else { continue };
        if service.broken.has(ServiceField::Autoscaling) {
            continue;
        }
        let (count, length) = (long().count(), Duration::seconds(Duration(length).as_seconds()));
        let when = Instant::at_second(from).map_or_else(String::new, |at| format!(" at {}", at.rfc3339()));
        let holes = if count == 1 {
            format!("a hole of {length}{when} in {}", load.file)
        } else {
            format!("{count} holes of {}, the longest {length}{when}", load.file)
        };
        let message = format!(
            "the down window of {window} is not longer than {holes}: metrics that fail so long empty it, and the first good tick drops at once"
        );
        let help = if length < LONGEST {
            let longer = Duration::seconds(length.as_seconds().saturating_add(60).min(LONGEST.as_seconds()));
            format!("write `scaleDown: {{ delay: {longer} }}`")
        } else {
            format!("no window is longer than {LONGEST}: raise `replicas.min` to what must stay while metrics fail")
        };
        report.push(report.at(delay.place(), message).help(help).rank(i128::from(length.0)));
    }
}
