//! Selects the fields of manifests, and reports what a spec cannot hold. Knows the objects of a set, and not how text is written.

use super::layered;
use super::outcome::SelectedService;
use super::select::Selection;
use crate::inputs::base::{BaseMember, BaseProject};
use crate::inputs::kubernetes::{
    DrainHook, ManifestSet, ManifestWorkload, WorkloadKind, named, unsaid_of_probes, written_container,
};
use crate::support::source::FileSpan;
use std::collections::HashMap;

/// The services of the spec.
pub(super) fn services(selection: &mut Selection<'_>) -> Vec<SelectedService> {
    let project = selection.project;
    let Some(set) = project.manifests.as_deref() else { return Vec::new() };
    let workloads: HashMap<String, usize> = named(set).map(|(name, index, _)| (name, index)).collect();
    let why_not = |member: &BaseMember, field: &str| {
        let index = *workloads.get(&*member.name)?;
        why_not(set, index, set.workloads.get(index)?, field)
    };
    let services = layered::services(selection, &why_not);
    for member in &project.services {
        let workload = workloads.get(&*member.name).and_then(|index| set.workloads.get(*index));
        workload.into_iter().for_each(|workload| lost(selection, set, member, workload));
    }
    services
}

/// Why a patch could not change this field.
fn why_not(set: &ManifestSet, index: usize, workload: &ManifestWorkload, field: &str) -> Option<String> {
    if set.is_changed(workload) {
        return Some(format!("`{field}`: patches or transformers of a kustomization change it, which are not read"));
    }
    match field {
        "resources" | "health" | "liveness" | "startup" | "drainDelay" if workload.kind == WorkloadKind::Rollout => {
            Some(format!("`{field}`: kustomize cannot patch a container of a {}", workload.object.kind))
        }
        "resources" | "health" | "liveness" | "startup" | "drainDelay" if workload.sure_main().is_none() => {
            let names: Vec<&str> = workload.named().map(|container| container.name.as_str()).collect();
            Some(format!("`{field}`: nothing says which container is meant, of {}", names.join(", ")))
        }
        "drainDelay" => {
            let hook = written_container(set, workload, workload.main()?).and_then(DrainHook::of)?;
            let more = hook.command.is_some_and(|command| command.does_more());
            more.then(|| "`drainDelay`: the hook does more than wait; it stays in the manifest".to_owned())
        }
        "update" if workload.kind != WorkloadKind::Deployment => {
            Some(format!("`update`: a {} has another form of it", workload.object.kind))
        }
        "disruption" => {
            let budgets = &set.links.get(index)?.budgets;
            let shared = budgets.iter().any(|budget| set.kept.get(*budget).is_some_and(|kept| kept.len() > 1));
            shared.then(|| "`disruption`: one budget keeps several workloads".to_owned())
        }
        "autoscaling" | "replicas" => {
            let scaler = set.scaled_by(index)?;
            let reason = || format!("`{field}`: a kustomization changes {} {}", scaler.object.kind, scaler.object.name);
            set.changes_object(&scaler.object).then(reason)
        }
        _ => None,
    }
}

/// Reports settings that bound replicas, or belong to taken ones, and for which a spec has no field.
fn lost(selection: &mut Selection<'_>, set: &ManifestSet, member: &BaseMember, workload: &ManifestWorkload) {
    let mut lose = |place: FileSpan, why: String| selection.lose(&member.name, why, place);
    let at = workload.at.place();
    match workload.kind {
        WorkloadKind::DaemonSet => {
            lose(at, "a DaemonSet runs one on each node, which is not a number of replicas".to_owned())
        }
        kind if kind.ends() => {
            lose(at, format!("a {} runs to its end, which a spec has no word for", workload.object.kind))
        }
        _ => {}
    }
    for sidecar in &member.facts.sidecars {
        let why = format!("container `{}`: sums add it, but a spec has one container a service", sidecar.name);
        lose(sidecar.at.place(), why);
    }
    let Some(main) = workload.main() else { return };
    let others = main
        .other_requests
        .iter()
        .chain(&main.other_limits)
        .filter(|(name, _)| !name.ends_with("/gpu") && name != "ephemeral-storage");
    let mut reported: Vec<&str> = Vec::new();
    for (name, amount) in others {
        if !reported.contains(&name.as_str()) {
            reported.push(name);
            lose(amount.place(), format!("`{name}`: a spec has no field for it"));
        }
    }
    let Some(container) = written_container(set, workload, main) else { return };
    if let Some(hook) = container.get("lifecycle").and_then(|own| own.node.get("preStop"))
        && DrainHook::of(container).is_none()
    {
        lose(hook.at().place(), "`lifecycle.preStop`: a spec has no field for it; it stays in the manifest".to_owned());
    }
    for (path, entry) in unsaid_of_probes(container) {
        lose(entry.at().place(), format!("`{path}`: a spec has no field for it; it stays in the manifest"));
    }
}

/// Services whose main container is unclear, with the names to choose from.
pub(super) fn unclear(project: &BaseProject) -> Vec<(String, Vec<String>)> {
    let Some(set) = project.manifests.as_deref() else { return Vec::new() };
    let unsure = named(set).filter(|(.., workload)| workload.sure_main().is_none());
    let names = |workload: &ManifestWorkload| workload.named().map(|name| name.name.clone()).collect::<Vec<_>>();
    unsure.map(|(name, _, workload)| (name, names(workload))).filter(|(_, names)| !names.is_empty()).collect()
}
