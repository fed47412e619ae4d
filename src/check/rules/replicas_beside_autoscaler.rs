//! A number of replicas beside an autoscaler of the same set. Looks at manifests. A dump of a cluster says what runs, so it is not checked.

use super::{Context, Group, Meta, Report};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "replicas-beside-autoscaler",
    severity: Severity::Warning,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(set) = context.base_manifests() else { return };
    for (workload, links) in set.workloads.iter().zip(&set.links) {
        let Some(replicas) = workload.replicas.filter(|_| !workload.live && !workload.patch) else { continue };
        // a patch may take the number away, or give the autoscaler another target
        if set.changes_field(&workload.object, workload.file, &["spec.replicas"]) {
            continue;
        }
        let all = links.autoscalers.iter().filter_map(|index| set.autoscalers.get(*index));
        let all =
            all.filter(|autoscaler| !set.changes_field(&autoscaler.object, autoscaler.file, &["spec.scaleTargetRef"]));
        let acts =
            all.into_iter().find(|autoscaler| autoscaler.is_horizontal() && !autoscaler.idle && !autoscaler.live);
        let Some(autoscaler) = acts else { continue };
        let number = replicas.value;
        let own = format!("{}/{}", autoscaler.object.kind, autoscaler.object.name);
        let message = format!("replicas {number} is set beside {own}: each apply sets the number back to {number}");
        let finding = report
            .at(replicas.at.place(), message)
            .label(autoscaler.target_at.key(), format!("{own} scales {}", autoscaler.target()))
            .help("remove `replicas`: the autoscaler sets the number");
        report.push(finding);
    }
}
