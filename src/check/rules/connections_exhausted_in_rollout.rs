//! The same sum while new replicas stand beside old ones. Reports nothing if the plain sum already breaks.

use super::{Context, Group, Meta, Report};
use crate::check::sums::connections;
use crate::model::Service;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "connections-exhausted-in-rollout",
    severity: Severity::Warning,
    group: Group::Backing,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    if !context.starts_new_first {
        return;
    }
    let plain = connections(context.scope(), |_, _| 0);
    let rolling = connections(context.scope(), Service::surge);
    for (sum, plain) in rolling.iter().zip(&plain) {
        if sum.total <= sum.most() || plain.total > plain.most() {
            continue;
        }
        let help = format!("{}, or lower `update.surge`", sum.help());
        let finding = report.at(sum.place(), format!("in a rollout {}", sum.message())).help(help).rank(sum.worst());
        report.push(sum.labels(finding));
    }
}
