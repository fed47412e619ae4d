//! An autoscaler or a disruption budget whose target is not there. Looks at manifests; speaks where the set says what was meant.

use super::{Context, Group, Meta, Report};
use crate::inputs::kubernetes::{
    DisruptionBudget, Manifest, ManifestAutoscaler, ManifestSet, ManifestWorkload, same_namespace,
};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::suggest::distance;
use std::collections::HashSet;

pub(super) const META: Meta = Meta {
    id: "unknown-target",
    severity: Severity::Error,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(set) = context.manifests() else { return };
    let names: HashSet<(&str, &str)> =
        set.manifests.iter().filter_map(|one| Some((one.kind.as_str(), one.name.as_ref()?.value.as_str()))).collect();
    for (autoscaler, targets) in set.autoscalers.iter().zip(&set.targets) {
        let finding = match targets.first().and_then(|index| set.workloads.get(*index)) {
            Some(workload) => wrong_group(report, autoscaler, workload),
            None => missing(report, set, autoscaler, &names),
        };
        finding.into_iter().for_each(|finding| report.push(finding));
    }
    for (budget, kept) in set.budgets.iter().zip(&set.kept) {
        if kept.is_empty() {
            unselected(report, set, budget).into_iter().for_each(|finding| report.push(finding));
        }
    }
}

/// What is named is there, but under another group than the one that is written.
fn wrong_group(report: &Report, autoscaler: &ManifestAutoscaler, workload: &ManifestWorkload) -> Option<Finding> {
    let target = autoscaler.target();
    let right = format!("write `apiVersion: {}/v1`", workload.object.group);
    match &autoscaler.target_group {
        None => {
            let message = format!(
                "the target has no apiVersion: Kubernetes looks for {target} in the core group and never scales it"
            );
            Some(report.at(autoscaler.target_at.key(), message).help(right))
        }
        Some(group) if group.value == "extensions" && workload.object.group == "apps" => {
            let message =
                format!("`{target}` is in `apps`: no release since 1.16 has it in `extensions`, and nothing scales it");
            Some(report.at(group.at.place(), message).label(workload.at.place(), "the workload").help(right))
        }
        Some(_) => None,
    }
}

fn missing(
    report: &Report,
    set: &ManifestSet,
    autoscaler: &ManifestAutoscaler,
    names: &HashSet<(&str, &str)>,
) -> Option<Finding> {
    let name = autoscaler.target_name.as_ref()?;
    let kind = autoscaler.target_kind.value.as_str();
    // what is filled in later is not known, and objects of other kinds may be what is named
    if name.value.contains(['$', '{']) || names.contains(&(kind, name.value.as_str())) {
        return None;
    }
    let own = |workload: &&ManifestWorkload| {
        !workload.patch
            && same_namespace(&workload.object.namespace, &autoscaler.object.namespace)
            && set.together(workload.file, autoscaler.file)
    };
    let of_kind = || set.workloads.iter().filter(own).filter(|workload| workload.object.kind == kind);
    let near = of_kind().find(|workload| is_near(&name.value, &workload.object.name));
    let scaled = |index: usize| set.links.get(index).is_some_and(|links| !links.autoscalers.is_empty());
    let indexed = set.workloads.iter().enumerate().filter(|(_, workload)| own(workload));
    let called = indexed.into_iter().find(|(index, workload)| {
        workload.object.name == autoscaler.object.name && workload.kind.has_replicas() && !scaled(*index)
    });
    let meant = near.or(called.map(|(_, workload)| workload));
    if meant.is_none() && !set.complete {
        return None;
    }
    let of = format!("`{}/{}`", autoscaler.object.kind, autoscaler.object.name);
    let message = format!("{of} scales {kind}/{}, which is not there: nothing is scaled", name.value);
    let finding = report.at(name.at.place(), message);
    Some(match meant {
        Some(workload) if workload.object.kind == kind => finding
            .label(workload.at.place(), "this one is there")
            .help(format!("did you mean `{}`?", workload.object.name)),
        Some(workload) => finding
            .label(workload.at.place(), "this one is there")
            .help(format!("did you mean {}/{}?", workload.object.kind, workload.object.name)),
        None => finding.help(format!("add {kind}/{}, or remove {of}", name.value)),
    })
}

/// Two characters apart at most, and no more than a third of the name.
fn is_near(written: &str, other: &str) -> bool {
    let apart = distance(written, other);
    apart > 0 && apart <= 2 && apart * 3 <= written.chars().count().max(1)
}

fn unselected(report: &Report, set: &ManifestSet, budget: &DisruptionBudget) -> Option<Finding> {
    let selector = budget.selector.as_ref()?;
    let own = |workload: &&ManifestWorkload| {
        !workload.patch
            && workload.kind.has_replicas()
            && same_namespace(&workload.object.namespace, &budget.object.namespace)
            && set.together(workload.file, budget.file)
    };
    let kept = |index: usize| set.links.get(index).is_some_and(|links| !links.budgets.is_empty());
    let all = || set.workloads.iter().enumerate().filter(|(_, workload)| own(workload));
    let near = all().find(|(_, workload)| is_near_labels(selector.required(), &workload.pod.labels));
    let called = || all().find(|(index, workload)| workload.object.name == budget.object.name && !kept(*index));
    let meant = near.or_else(called).map(|(_, workload)| workload);
    // an operator may make the pods of an object that is of no kind known here
    let operator = || set.manifests.iter().any(Manifest::is_custom);
    if meant.is_none() && (!set.complete || operator()) {
        return None;
    }
    let of = format!("PodDisruptionBudget/{}", budget.object.name);
    let message = format!("the selector of {of} takes no pod: it keeps none");
    let finding = report.at(selector.at.key(), message);
    Some(match meant {
        Some(workload) => {
            let labels: Vec<String> =
                workload.pod.labels.iter().map(|(key, value)| format!("{key}: {value}")).collect();
            let name = &workload.object.name;
            finding
                .label(workload.at.place(), format!("the pods of `{name}` have {}", labels.join(", ")))
                .help(format!("write labels of the pods of `{name}`"))
        }
        None => finding.help(format!("write labels of the pods that {of} is to keep, or remove it")),
    })
}

/// Whether pods miss a selector by one value that is nearly the same.
fn is_near_labels<'s>(required: impl Iterator<Item = (&'s str, &'s str)>, labels: &[(String, String)]) -> bool {
    let mut missed = 0;
    let mut near = 0;
    for (key, value) in required {
        match labels.iter().find(|(own, _)| own == key) {
            Some((_, own)) if own == value => {}
            Some((_, own)) if is_near(value, own) => near += 1,
            _ => missed += 1,
        }
    }
    missed == 0 && near == 1
}
