//! More replicas than the topic they read has partitions. Knows peaks and partitions, not what is read.

use super::{Context, Group, Meta, Report};
use crate::model::Part;
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
        if service.broken.has(Part::Replicas) || peak.value <= partitions.value {
            continue;
        }
        let (most, count) = (peak.value, partitions.value);
        let idle = most - count;
        let finding = report
            .at(
                peak.place(),
                format!(
                    "{most} replicas over {}: {most} − {count} = {idle} of them read nothing",
                    plural(count, "partition")
                ),
            )
            .label(partitions.place(), plural(count, "partition"))
            .label(topic.place(), "they read from here")
            .help(format!("write at most {count}, or `partitions: {most}`"))
            .rank(idle);
        report.push(finding);
    }
}
