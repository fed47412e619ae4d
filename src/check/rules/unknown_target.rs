//! An autoscaler or a disruption budget whose target does not exist. Looks at manifests; reports only if the set shows what was meant.

use super::{Context, Group, Meta, Report};
use crate::inputs::kubernetes::{
    DisruptionBudget, Manifest, ManifestAutoscaler, ManifestSet, ManifestWorkload, SELDON_COMPONENTS, SeldonRuntime,
    same_namespace,
};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::suggest::{closest, distance};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};

pub(super) const META: Meta = Meta {
    id: "unknown-target",
    severity: Severity::Error,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

/// The most names that are compared in one set: each comparison costs the product of their lengths.
const MOST_COMPARED: usize = 500_000;

/// The workloads of a set by name, and how many more names may be compared.
struct KnownWorkloads<'s> {
    by_name: HashMap<&'s str, Vec<usize>>,
    left: Cell<usize>,
}

impl KnownWorkloads<'_> {
    /// Whether two names are nearly the same, as long as names are still compared.
    fn is_near(&self, written: &str, other: &str) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0 && written.len().abs_diff(other.len()) <= 2 && is_near(written, other)
    }
}

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(set) = context.base_manifests() else { return };
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, workload) in set.workloads.iter().enumerate() {
        by_name.entry(&workload.object.name).or_default().push(index);
    }
    let known = KnownWorkloads { by_name, left: Cell::new(MOST_COMPARED) };
    let names: HashSet<(&str, &str)> = set
        .manifests
        .iter()
        .filter_map(|manifest| Some((manifest.kind.as_str(), manifest.name.as_ref()?.value.as_str())))
        .collect();
    for (autoscaler, targets) in set.autoscalers.iter().zip(&set.targets) {
        if let Some(finding) = not_scalable(report, autoscaler) {
            report.push(finding);
            continue;
        }
        for workload in targets.iter().filter_map(|index| set.workloads.get(*index)) {
            unknown_containers(report, autoscaler, workload);
        }
        let finding = match targets.first().and_then(|index| set.workloads.get(*index)) {
            Some(workload) => wrong_group(report, autoscaler, workload),
            None => missing_target(report, set, autoscaler, (&names, &known)),
        };
        finding.into_iter().for_each(|finding| report.push(finding));
    }
    for runtime in set.runtimes.iter().filter(|runtime| runtime.default_config) {
        unknown_components(report, runtime);
    }
    for (budget, kept) in set.budgets.iter().zip(&set.kept) {
        if kept.is_empty() {
            unselected(report, set, budget, &known).into_iter().for_each(|finding| report.push(finding));
        }
    }
}

/// Metrics of a container that the pods do not have. What is put in when a pod starts, as by a mesh, is not known: only a near name is told.
fn unknown_containers(report: &mut Report, autoscaler: &ManifestAutoscaler, workload: &ManifestWorkload) {
    let names = || workload.pod.running().map(|container| container.name.as_str());
    for container in autoscaler.metrics.iter().filter_map(|metric| metric.container.as_ref()) {
        let name = container.value.as_str();
        if workload.patch || names().any(|own| own == name) {
            continue;
        }
        let Some(near) = closest(name, names()) else { continue };
        let message = format!(
            "`{}` has no container `{}`: the metric is never known, and nothing is scaled by it",
            autoscaler.target(),
            name.escape_debug()
        );
        let finding = report.at(container.place(), message).label(workload.at.place(), "the workload");
        report.push(finding.help(format!("did you mean `{near}`?")));
    }
}

/// Overrides of components that Seldon Core does not have.
fn unknown_components(report: &mut Report, runtime: &SeldonRuntime) {
    for (name, _) in runtime.overrides.iter().filter(|(name, _)| !SELDON_COMPONENTS.contains(&name.value.as_str())) {
        let message = format!(
            "`{}` is not a component of Seldon Core: the operator ignores the override without a word",
            name.value.escape_debug()
        );
        let bare = |own: &str| own.trim_start_matches("seldon-").replace('-', "");
        let written = bare(&name.value);
        let near = SELDON_COMPONENTS.iter().find(|own| bare(own).starts_with(&written) && !written.is_empty());
        let near = near.copied().or_else(|| closest(&name.value, SELDON_COMPONENTS.into_iter()));
        let help = near.map_or_else(
            || format!("write one of {}", SELDON_COMPONENTS.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        let finding = report.at(name.place(), message).help(help);
        report.push(finding);
    }
}

/// The named object has a kind without a number of replicas: its resource has no `scale` (the paths of Kubernetes' OpenAPI).
fn not_scalable(report: &Report, autoscaler: &ManifestAutoscaler) -> Option<Finding> {
    let group = autoscaler.target_group.as_ref().map_or("", |group| group.value.as_str());
    let (why, help) = match autoscaler.target_kind.value.as_str() {
        "DaemonSet" => ("one pod runs on each machine", "scale a Deployment, or remove the autoscaler"),
        "Job" | "CronJob" => {
            ("its pods run to their end", "start Jobs with a ScaledJob of KEDA, or remove the autoscaler")
        }
        "Pod" => ("it is one pod", "scale a Deployment that makes the pods"),
        _ => return None,
    };
    if !autoscaler.is_horizontal() || !matches!(group, "" | "apps" | "batch" | "extensions") {
        return None;
    }
    let message = format!(
        "`{}/{}` scales {}, which has no number of replicas ({why}): nothing is scaled",
        autoscaler.object.kind,
        autoscaler.object.name,
        autoscaler.target()
    );
    Some(report.at(autoscaler.target_kind.at.place(), message).help(help))
}

/// The named object exists, but under another group than the one written.
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

fn missing_target(
    report: &Report,
    set: &ManifestSet,
    autoscaler: &ManifestAutoscaler,
    (names, known): (&HashSet<(&str, &str)>, &KnownWorkloads<'_>),
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
    let near = of_kind().find(|workload| known.is_near(&name.value, &workload.object.name));
    let scaled = |index: usize| set.links.get(index).is_some_and(|links| !links.autoscalers.is_empty());
    let same_name = known.by_name.get(autoscaler.object.name.as_str()).into_iter().flatten();
    let indexed = same_name.filter_map(|index| Some((*index, set.workloads.get(*index)?)));
    let called = indexed
        .filter(|(_, workload)| own(workload))
        .find(|(index, workload)| workload.kind.has_replicas() && !scaled(*index));
    let meant = near.or(called.map(|(_, workload)| workload));
    if meant.is_none() && !set.complete {
        return None;
    }
    let of = format!("`{}/{}`", autoscaler.object.kind, autoscaler.object.name);
    let message = format!("{of} scales {kind}/{}, which is not there: nothing is scaled", name.value);
    let finding = report.at(name.at.place(), message);
    if set.templated {
        let help =
            "turn it off and scale the Deployment by an autoscaler of your own: the chart's template names the target";
        return Some(finding.help(help));
    }
    Some(match meant {
        Some(workload) if workload.object.kind == kind => finding
            .label(workload.at.place(), "this one is there")
            .help(format!("did you mean `{}`?", workload.object.name))
            .fix_in_own_words(name.at.value, workload.object.name.as_str(), false),
        Some(workload) => finding
            .label(workload.at.place(), "this one is there")
            .help(format!("did you mean {}/{}?", workload.object.kind, workload.object.name)),
        None => finding.help(format!("add {kind}/{}, or remove {of}", name.value)),
    })
}

/// At most two characters differ, and no more than a third of the name. Names that differ in a number or a last letter only (`web-1`
/// and `web-2`, `api-a` and `api-b`) are related on purpose, not misspelt.
fn is_near(written: &str, other: &str) -> bool {
    let bare = |name: &str| name.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let letter =
        |name: &str| name.rsplit_once('-').filter(|(_, last)| last.len() == 1).map(|(front, _)| front.to_owned());
    if bare(written) == bare(other) || letter(written).is_some_and(|front| letter(other) == Some(front)) {
        return false;
    }
    let apart = distance(written, other);
    apart > 0 && apart <= 2 && apart * 3 <= written.chars().count().max(1)
}

fn unselected(
    report: &Report,
    set: &ManifestSet,
    budget: &DisruptionBudget,
    known: &KnownWorkloads<'_>,
) -> Option<Finding> {
    let selector = budget.selector.as_ref()?;
    let own = |workload: &&ManifestWorkload| {
        !workload.patch
            && workload.kind.has_replicas()
            && same_namespace(&workload.object.namespace, &budget.object.namespace)
            && set.together(workload.file, budget.file)
    };
    let kept = |index: usize| set.links.get(index).is_some_and(|links| !links.budgets.is_empty());
    let near = set.workloads.iter().filter(own).find(|workload| {
        let required = selector.required();
        is_near_labels(required, &workload.pod.labels, known)
    });
    let called = || {
        let same_name = known.by_name.get(budget.object.name.as_str()).into_iter().flatten();
        let indexed = same_name.filter_map(|index| Some((*index, set.workloads.get(*index)?)));
        indexed.filter(|(_, workload)| own(workload)).find(|(index, _)| !kept(*index)).map(|(_, workload)| workload)
    };
    let meant = near.or_else(called);
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
fn is_near_labels<'s>(
    required: impl Iterator<Item = (&'s str, &'s str)>,
    labels: &[(String, String)],
    known: &KnownWorkloads<'_>,
) -> bool {
    let mut missed = 0;
    let mut near = 0;
    for (key, value) in required {
        match labels.iter().find(|(own, _)| own == key) {
            Some((_, own)) if own == value => {}
            Some((_, own)) if known.is_near(value, own) => near += 1,
            _ => missed += 1,
        }
    }
    missed == 0 && near == 1
}
