//! Kafka copies of a partition against the brokers that can hold them. Looks at one backing service at a time.

use super::{Context, Group, Meta, Report};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "replication-above-brokers",
    severity: Severity::Error,
    group: Group::Backing,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for backing in context.backing().filter(|backing| !backing.broken) {
        let (Some(copies), Some(brokers)) = (backing.replication_factor, backing.brokers) else { continue };
        if copies.value <= brokers.value {
            continue;
        }
        let (copies_number, number) = (copies.value, brokers.value);
        let finding = report
            .at(copies.place(), format!("replicationFactor {copies_number} is above brokers {number}"))
            .label(brokers.place(), format!("brokers {number}"))
            .help(format!("write replicationFactor {number}, or run {copies_number} brokers"))
            .rank(copies_number - number);
        report.push(finding);
    }
}
