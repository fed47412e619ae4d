//! The same sums and placement while new replicas stand beside old ones. Silent where they break without a rollout.

use super::connections_exhausted_in_rollout::{rolls, surge};
use super::exceeds_capacity::{Demands, Over};
use super::unplaceable::{failure, finding};
use super::{Context, Group, Meta, Report};
use crate::diagnostic::Severity;
use crate::model::placement::Verdict;

pub(super) const META: Meta =
    Meta { id: "exceeds-capacity-in-rollout", severity: Severity::Warning, group: Group::Capacity, check: Some(check) };

fn check(context: &Context<'_>, report: &mut Report) {
    if !rolls(context) {
        return;
    }
    let Some(rolling) = Demands::of(context, surge) else { return };
    let found = match rolling.worst() {
        Some((state, _)) => Over::new(&rolling, state).finding(report, "in a rollout "),
        None => match failure(&rolling) {
            Some(failure) if failure.outcome.verdict == Verdict::Impossible => {
                finding(context, &failure, report, "in a rollout ")
            }
            _ => return,
        },
    };
    let fits = Demands::of(context, |_, _| 0).is_some_and(|plain| plain.worst().is_none() && failure(&plain).is_none());
    if fits {
        let help = found.help.clone().unwrap_or_default();
        report.push(found.help(format!("{help}, or lower `update.surge`")));
    }
}
