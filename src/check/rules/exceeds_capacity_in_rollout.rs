//! The sums and placement of `exceeds-capacity` while new replicas run beside old ones. Reports nothing if they fail without a rollout.

use super::{Context, Group, Meta, Report};
use crate::check::sums::{Demands, PlacingFailure};
use crate::model::Service;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "exceeds-capacity-in-rollout",
    severity: Severity::Warning,
    group: Group::Capacity,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let scope = context.scope();
    let Some(rolling) = Demands::of(scope, Service::surge).filter(|_| context.starts_new_first) else { return };
    let lead = "in a rollout ";
    let found = rolling.above_capacity(|at, message| report.at(at, message), lead).or_else(|| {
        let failure = PlacingFailure::of(&rolling).filter(PlacingFailure::is_proved)?;
        Some(failure.finding(|at, message| report.at(at, message), lead))
    });
    let Some(found) = found else { return };
    let plain = Demands::of(scope, |_, _| 0);
    if plain.is_some_and(|plain| plain.fits() && PlacingFailure::of(&plain).is_none()) {
        let help = found.help.clone().unwrap_or_default();
        report.push(found.help(format!("{help}, or lower `update.surge`")));
    }
}
