//! The connections that services open together, against what a backing service takes.

use super::{Context, Group, Meta, Report};
use crate::check::sums::connections;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "connections-exhausted",
    severity: Severity::Error,
    group: Group::Backing,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for sum in connections(context.scope(), |_, _| 0).iter().filter(|sum| sum.total > sum.most()) {
        // the reserved number is reported where it is written, unless the services open too many without it
        if sum.leaves_none() && sum.opened() <= sum.most() {
            continue;
        }
        let finding = report.at(sum.place(), sum.message()).help(sum.help()).rank(sum.worst());
        report.push(sum.labels(finding));
    }
    for backing in context.spec.backing.iter().filter(|backing| !backing.broken) {
        let (Some(max), reserved) = (backing.max_connections, backing.reserved_connections) else { continue };
        if reserved.value < max.value {
            continue;
        }
        let place = if reserved.written { reserved.place() } else { max.place() };
        let message = format!("{} reserved of maxConnections {}: none is left", reserved.value, max.value);
        let more = format!("set maxConnections to at least {}", u64::from(reserved.value) + 1);
        let help = match reserved.written {
            true => format!("write `reservedConnections: {}` or less, or {more}", max.value.saturating_sub(1)),
            false => format!("{more}: a postgres keeps {} where `reservedConnections` is not written", reserved.value),
        };
        let finding = report.at(place, message).help(help).rank(reserved.value - max.value);
        report.push(finding.label(max.place(), format!("maxConnections {}", max.value)));
    }
}
