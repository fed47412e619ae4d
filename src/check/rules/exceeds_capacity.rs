//! What all replicas take together against what all nodes have.

use super::{Context, Group, Meta, Report};
use crate::check::sums::Demands;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "exceeds-capacity",
    severity: Severity::Error,
    group: Group::Capacity,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let demands = Demands::of(context.scope(), |_, _| 0);
    if let Some(finding) = demands.and_then(|demands| demands.above_capacity(|at, message| report.at(at, message), ""))
    {
        report.push(finding);
    }
}
