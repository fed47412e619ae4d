//! `multiplier-above-partitions`. In specs, found by the target that knows the consumer's arithmetic, while it lowers the plan; in
//! SeldonRuntimes, found here.

use super::{Context, Group, Meta, Report};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "multiplier-above-partitions",
    severity: Severity::Error,
    group: Group::Targets,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for runtime in context.manifests().map_or(&[][..], |set| &set.runtimes) {
        let (Some(multiplier), Some(partitions)) = (runtime.multiplier, runtime.partitions) else { continue };
        let (most, all) = (multiplier.value, partitions.value);
        if most > all {
            let message = format!(
                "maxShardCountMultiplier {most} is above the {all} partitions of each topic: requests may be dropped"
            );
            let finding = report
                .at(multiplier.place(), message)
                .label(partitions.place(), format!("numPartitions {all}"))
                .help(format!("write {all} or less, or more partitions"))
                .rank(most - all);
            report.push(finding);
        }
    }
}
