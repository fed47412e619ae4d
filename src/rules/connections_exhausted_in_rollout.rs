//! The same sum while new replicas stand beside old ones. Silent where the plain sum already breaks.

use super::connections_exhausted::sums;
use super::{Context, Group, Meta, Report};
use crate::diagnostic::Severity;
use crate::model::{Service, Strategy};

pub(super) const META: Meta = Meta {
    id: "connections-exhausted-in-rollout",
    severity: Severity::Warning,
    group: Group::Backing,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    if !rolls(context) {
        return;
    }
    let plain = sums(context, |_, _| 0);
    let rolling = sums(context, surge);
    for (sum, _) in
        rolling.iter().zip(&plain).filter(|(sum, plain)| sum.total > sum.most() && plain.total <= plain.most())
    {
        let message = format!("in a rollout {}", sum.message());
        let help = format!("{}, or lower `update.surge`", sum.help());
        let finding = report.at(sum.place(), message).help(help).worst(sum.worst());
        report.push(sum.labels(finding));
    }
}

/// Whether some target of the run starts new replicas before it stops old ones: compose and nginx do not.
pub(super) fn rolls(context: &Context<'_>) -> bool {
    context.targets.is_empty() || context.targets.iter().any(|target| !matches!(&*target.name, "compose" | "nginx"))
}

/// The replicas that a rollout of a service adds to this many.
pub(super) fn surge(service: &Service, replicas: u32) -> u32 {
    let rolling = service.update.strategy.value == Strategy::Rolling;
    if rolling && replicas > 0 { service.update.surge.value.up(replicas) } else { 0 }
}
