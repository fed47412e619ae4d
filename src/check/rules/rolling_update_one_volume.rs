//! A rolling update of pods that share a claim which only one machine can mount. Looks at manifests.

use super::{Context, Group, Meta, Report};
use crate::inputs::kubernetes::{
    ManifestSet, ManifestWorkload, VolumeClaim, VolumeSource, WorkloadKind, same_namespace,
};
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;
use crate::support::source::FieldSpan;

pub(super) const META: Meta = Meta {
    id: "rolling-update-one-volume",
    severity: Severity::Warning,
    group: Group::Disruption,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(set) = context.base_manifests() else { return };
    let running = context.running(set);
    for (index, workload) in set.workloads.iter().enumerate() {
        if workload.kind != WorkloadKind::Deployment || workload.patch || !workload.strategy.rolling {
            continue;
        }
        let patched = ["spec.strategy", "spec.template.spec.volumes"];
        if set.changes_field(&workload.object, workload.file, &patched) {
            continue;
        }
        let Some((least, _)) = running.of(index) else { continue };
        let (surge, unavailable) = workload.strategy.at_once(least.value);
        if least.value == 0 || surge == 0 || unavailable >= least.value {
            continue;
        }
        let Some((mounted, claim)) = one_machine(set, workload) else { continue };
        let modes = claim.modes.join(", ");
        let name = &claim.object.name;
        let message = format!(
            "a rollout starts {} of `{}` beside the old: claim `{name}` ({modes}) is held by one machine, so elsewhere the new waits forever",
            plural(surge, "new replica"),
            workload.object.name,
        );
        let strategy = &workload.strategy;
        let finding = report
            .at(strategy.at.key(), message)
            .label(mounted.place(), format!("uses claim `{name}`"))
            .label(claim.at.place(), modes)
            .help("write `strategy: {type: Recreate}`, or a claim that is ReadWriteMany");
        report.push(finding);
    }
}

/// A claim of the set that the pods mount and that one machine can mount at a time.
fn one_machine<'s>(set: &'s ManifestSet, workload: &ManifestWorkload) -> Option<(FieldSpan, &'s VolumeClaim)> {
    workload.pod.volumes.iter().find_map(|volume| {
        let VolumeSource::Claim(name) = &volume.source else { return None };
        let own = |claim: &&VolumeClaim| {
            claim.object.name == *name
                && same_namespace(&claim.object.namespace, &workload.object.namespace)
                && set.together(claim.file, workload.file)
        };
        let claim = set.claims.iter().find(own)?;
        if set.changes_field(&claim.object, claim.file, &["spec.accessModes"]) {
            return None;
        }
        let is_for_one_node = |mode: &String| mode == "ReadWriteOnce" || mode == "ReadWriteOncePod";
        (!claim.modes.is_empty() && claim.modes.iter().all(is_for_one_node)).then_some((volume.at, claim))
    })
}
