//! A disruption budget that lets no replica go. Knows bounds and the budget, not who drains.

use super::{Context, Group, Meta, Report};
use crate::model::{Amount, Disruption, ServiceField, Val};
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;

pub(super) const META: Meta = Meta {
    id: "drain-blocked",
    severity: Severity::Error,
    group: Group::Disruption,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services() {
        let Some(budget) = service.disruption else { continue };
        if service.broken.has(ServiceField::Disruption) || service.broken.has(ServiceField::Replicas) {
            continue;
        }
        // with no replica there is nothing to drain: the least number that can run is what counts
        let running = service.ranges().filter(|range| range.min.value.max(range.max.value) > 0);
        let least = running.map(|range| Val { value: range.min.value.max(1), ..range.min });
        let Some(least) = least.reduce(|least, next| if next.value < least.value { next } else { least }) else {
            continue;
        };
        let Some((message, help, short)) = judge(budget.value, least.value) else { continue };
        let finding = report
            .at(budget.place(), message)
            .label(least.place(), format!("as few as {}", plural(least.value, "replica")))
            .help(help)
            .rank(short);
        report.push(finding);
    }
}

/// What is wrong with the budget, how to fix it, and by how many replicas it is short.
fn judge(budget: Disruption, least: u32) -> Option<(String, String, u32)> {
    let fewest = plural(least, "replica");
    match budget {
        Disruption::MinAvailable(amount) => {
            let stay = amount.up(least);
            if stay < least {
                return None;
            }
            let sum = match amount {
                Amount::Count(_) => format!("minAvailable {stay} with as few as {fewest}"),
                Amount::Percent(_) => {
                    format!("minAvailable {amount} of as few as {fewest} = {stay}")
                }
            };
            let message = format!("{sum}: none may go, so a drain waits for ever");
            let help = match amount {
                Amount::Count(_) if least > 1 => {
                    format!("write `minAvailable: {}`, or a `min` of {}", least - 1, stay.saturating_add(1))
                }
                Amount::Count(_) => {
                    format!("write `maxUnavailable: 1` instead, or a `min` of {}", stay.saturating_add(1))
                }
                Amount::Percent(_) => "write `maxUnavailable: 1` instead".to_owned(),
            };
            Some((message, help, stay - least))
        }
        // a percentage of what may go is rounded up, so only zero of it blocks
        Disruption::MaxUnavailable(amount @ (Amount::Count(0) | Amount::Percent(0))) => {
            let message =
                format!("maxUnavailable {amount} with as few as {fewest}: none may go, so a drain waits for ever");
            Some((message, "write `maxUnavailable: 1`".to_owned(), 0))
        }
        Disruption::MaxUnavailable(_) => None,
    }
}
