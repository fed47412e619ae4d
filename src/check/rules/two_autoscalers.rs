//! Two autoscalers that change one workload. Looks at manifests.

use super::{Context, Group, Meta, Report};
use crate::inputs::kubernetes::{AutoscalerObject, ManifestAutoscaler, ManifestSet};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "two-autoscalers",
    severity: Severity::Error,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(set) = context.base_manifests() else { return };
    for (workload, links) in set.workloads.iter().zip(&set.links) {
        let all = links.autoscalers.iter().filter_map(|index| set.autoscalers.get(*index));
        // a patch may give one of them another target
        let sure = |one: &&ManifestAutoscaler| !set.changes_field(&one.object, one.file, &["spec.scaleTargetRef"]);
        let acting: Vec<&ManifestAutoscaler> = all.filter(|autoscaler| !autoscaler.idle).filter(sure).collect();
        for (index, second) in acting.iter().enumerate() {
            let before = acting.iter().take(index);
            let Some((first, what)) = before.into_iter().find_map(|first| Some((first, meets(set, first, second)?)))
            else {
                continue;
            };
            let target = format!("{}/{}", workload.object.kind, workload.object.name);
            let name = |one: &ManifestAutoscaler| format!("`{}/{}`", one.object.kind, one.object.name);
            let message = format!("{} and {} both change {what} of {target}", name(first), name(second));
            let finding = report
                .at(second.target_at.key(), message)
                .label(first.target_at.key(), format!("{} names it too", name(first)))
                .help("keep one of them: each undoes what the other does");
            report.push(finding);
        }
    }
}

/// What two autoscalers of one workload both change.
fn meets(set: &ManifestSet, first: &ManifestAutoscaler, second: &ManifestAutoscaler) -> Option<String> {
    if !set.together(first.file, second.file) || is_same(first, second) {
        return None;
    }
    match (first.kind, second.kind) {
        (AutoscalerObject::Vertical, AutoscalerObject::Vertical) => Some("the requests".to_owned()),
        (AutoscalerObject::Vertical, _) => shared(first, second),
        (_, AutoscalerObject::Vertical) => shared(second, first),
        // KEDA makes an autoscaler of its own, which a dump shows beside it
        _ if is_made(first, second) || is_made(second, first) => None,
        _ => Some("the replicas".to_owned()),
    }
}

/// One object written twice.
fn is_same(first: &ManifestAutoscaler, second: &ManifestAutoscaler) -> bool {
    first.object.kind == second.object.kind && first.object.name == second.object.name
}

fn is_made(keda: &ManifestAutoscaler, other: &ManifestAutoscaler) -> bool {
    keda.kind == AutoscalerObject::ScaledObject && other.live && other.object.name.starts_with("keda-hpa-")
}

/// The resource that a vertical autoscaler sets and a horizontal one measures by.
fn shared(vertical: &ManifestAutoscaler, horizontal: &ManifestAutoscaler) -> Option<String> {
    let sets = |resource: &str| vertical.controlled.is_empty() || vertical.controlled.iter().any(|own| own == resource);
    let measured = horizontal.metrics.iter().filter(|metric| metric.utilization.is_some());
    let own = measured.map(|metric| metric.resource.as_str()).find(|resource| sets(resource))?;
    Some(format!("what {own} comes to"))
}
