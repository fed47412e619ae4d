//! Fewer replicas than the topic they read has partitions. Knows peaks and partitions, not what is read.

use super::{Context, Group, Meta, Report};
use crate::model::ServiceField;
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;

pub(super) const META: Meta = Meta {
    id: "replicas-below-partitions",
    severity: Severity::Note,
    group: Group::Replicas,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for (service, topic, partitions) in context.partitioned() {
        let peak = context.peak(service);
        let unread = service.broken.has(ServiceField::Replicas) || service.broken.has(ServiceField::Schedule);
        // a service without replicas is switched off
        if unread || peak.value == 0 || peak.value >= partitions.value {
            continue;
        }
        let (most, count) = (peak.value, partitions.value);
        let share = count.div_ceil(most);
        let message = format!(
            "{count} partitions over at most {}: ⌈{count} ÷ {most}⌉ = {share} for the busiest one",
            plural(most, "replica")
        );
        let finding = report
            .at(peak.place(), message)
            .label(partitions.place(), format!("{count} partitions"))
            .label(topic.place(), "they read from here")
            .help(format!("with {count} replicas each would read one partition"))
            // one place has one number of replicas: more partitions are worse
            .rank(count);
        report.push(finding);
    }
}
