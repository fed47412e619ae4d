//! The sums fit, but no placement of replicas on nodes does. Also speaks for `placement-not-found`, its weaker sister.

use super::{Context, Group, Meta, Report};
use crate::check::sums::{Demands, PlacingFailure};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "unplaceable",
    severity: Severity::Error,
    group: Group::Capacity,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(demands) = Demands::of(context.scope(), |_, _| 0) else { return };
    let Some(failure) = PlacingFailure::of(&demands) else { return };
    let finding = if failure.is_proved() {
        failure.finding(|at, message| report.at(at, message), "")
    } else {
        failure.finding(|at, message| super::finding("placement-not-found", at, message), "")
    };
    report.push(finding);
}
