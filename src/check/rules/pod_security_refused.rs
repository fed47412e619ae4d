//! Pods that their namespace turns away by its profile of Pod Security. Looks at manifests, and at what a spec puts beside them.

use super::{Context, Group, Meta, Report};
use crate::inputs::kubernetes::ManifestSet;
use crate::model::{SecurityProfile, Service, Val};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "pod-security-refused",
    severity: Severity::Error,
    group: Group::Base,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    // what a chart's templates write is judged where it is built
    let Some(set) = context.base_manifests().filter(|set| !set.templated) else { return };
    let running = context.running(set);
    for (index, workload) in set.workloads.iter().enumerate() {
        let marked = set.manifests.get(workload.manifest).is_some_and(|manifest| manifest.marked);
        if workload.patch || marked || set.is_changed(workload) {
            continue;
        }
        let Some(enforced) = set.enforced(&workload.object.namespace, Some(workload.file)) else { continue };
        let given = running.service(index).filter(|service| !service.is_base_only() && is_restricted(service));
        let given = given.and_then(|_| workload.sure_main()).map(|main| main.name.as_str());
        let refused = set.refused_by_profile(workload, enforced.value, given);
        if !refused.is_empty() {
            let object = format!("{}/{}", workload.object.kind, workload.object.name);
            let message = format!(
                "no pod of {object} starts: {}: {}",
                wants(&enforced, &workload.object.namespace),
                refused.join(", ")
            );
            let finding = report.at(workload.at.place(), message).label(enforced.place(), "enforced here");
            report.push(finding.help(help(enforced.value, &refused)));
        }
    }
    rendered(context, set, report);
}

fn is_restricted(service: &Service) -> bool {
    let security = service.pod.as_deref().and_then(|pod| pod.security.as_ref());
    security.is_some_and(|own| own.profile.value == SecurityProfile::Restricted)
}

fn wants(enforced: &Val<SecurityProfile>, namespace: &str) -> String {
    format!("Namespace/{namespace} enforces {}", enforced.value.word())
}

fn help(profile: SecurityProfile, refused: &[String]) -> &'static str {
    let lacks_only = refused.iter().all(|reason| reason.starts_with("no "));
    match profile {
        SecurityProfile::Restricted if lacks_only => {
            "write `securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }` in the pod and \
             `securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }` in each container"
        }
        _ => "take it out, or put the workload into a namespace that allows it",
    }
}

/// Services that are in no manifest are rendered as the spec says.
fn rendered(context: &Context<'_>, set: &ManifestSet, report: &mut Report) {
    let Some(cluster) = context.rendered_cluster() else { return };
    let namespace = cluster.namespace.as_deref().or_else(|| set.only_namespace()).unwrap_or_default();
    let Some(enforced) = set.enforced(namespace, None).filter(|own| own.value == SecurityProfile::Restricted) else {
        return;
    };
    for service in context.spec.services().filter(|service| !service.is_base_only() && service.image.is_some()) {
        let known = set.names.iter().flatten().any(|own| **own == *service.name);
        let own = service.pod.as_deref().and_then(|pod| pod.security.as_ref());
        if known || is_restricted(service) || (cluster.is_restricted && own.is_none()) {
            continue;
        }
        let message = format!(
            "no pod of {} starts: {}, and it is rendered without what that asks for",
            service.name,
            wants(&enforced, namespace)
        );
        let finding = report.at(service.at.key(), message).label(enforced.place(), "enforced here");
        report.push(finding.help(
            "write `podSecurity: { profile: restricted }` under it, or `podSecurity: restricted` under the target",
        ));
    }
}
