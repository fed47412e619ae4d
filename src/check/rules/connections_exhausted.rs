//! The connections that services open together, against what a backing service takes.

use super::{Context, Group, Meta, Report};
use crate::check::sums::connections;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "connections-exhausted", severity: Severity::Error, group: Group::Backing, check: Some(check) };

fn check(context: &Context<'_>, report: &mut Report) {
    for sum in connections(context.scope(), |_, _| 0).iter().filter(|sum| sum.total > sum.most()) {
        let finding = report.at(sum.place(), sum.message()).help(sum.help()).worst(sum.worst());
        report.push(sum.labels(finding));
    }
}
