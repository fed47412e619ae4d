//! More replicas than the topic they read has partitions. Knows peaks and partitions, not what is read.

use super::{Context, Group, Meta, Report};
use crate::model::ServiceField;
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;

pub(super) const META: Meta = Meta {
    id: "replicas-above-partitions",
    severity: Severity::Error,
    group: Group::Replicas,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for (service, topic, partitions) in context.partitioned() {
        let peak = context.peak(service);
        let topics = context.target_facts.topics.get(&*service.name);
        let count = u64::from(partitions.value) * topics.map_or(1, |topics| u64::from(topics.value));
        let most = u64::from(peak.value);
        if service.broken.has(ServiceField::Replicas) || most <= count {
            continue;
        }
        let idle = most - count;
        let over = match topics {
            Some(topics) => {
                format!("{} × {} = {count}", plural(partitions.value, "partition"), plural(topics.value, "topic"))
            }
            None => plural(partitions.value, "partition"),
        };
        let needed = topics.map_or(most, |topics| most.div_ceil(u64::from(topics.value.max(1))));
        let mut finding = report
            .at(peak.place(), format!("{most} replicas over {over}: {most} − {count} = {idle} of them read nothing"))
            .label(partitions.place(), plural(partitions.value, "partition"))
            .label(topic.place(), "they read from here")
            .help(format!("write at most {count}, or `partitions: {needed}`"))
            .rank(i128::from(idle));
        if let Some(topics) = topics {
            finding = finding.label(topics.place(), plural(topics.value, "topic"));
        }
        report.push(finding);
    }
}
