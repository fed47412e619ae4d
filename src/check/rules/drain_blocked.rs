//! A disruption budget that lets no replica go. Knows bounds and the budget, not who drains. In manifests it looks at the budgets: one
//! may keep the pods of several workloads.

use super::{Context, Group, Meta, Report};
use crate::inputs::ObjectName;
use crate::inputs::kubernetes::{DisruptionBudget, ManifestSet};
use crate::model::{Amount, Disruption, ServiceField, Val};
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const META: Meta = Meta {
    id: "drain-blocked",
    severity: Severity::Error,
    group: Group::Disruption,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    if let Some(set) = context.manifests() {
        two_budgets(set, report);
        return budgets(set, report);
    }
    for service in context.spec.services() {
        let Some(budget) = service.disruption else { continue };
        if service.broken.has(ServiceField::Disruption) || service.broken.has(ServiceField::Replicas) {
            continue;
        }
        // with no replica there is nothing to drain: the least number that can run counts
        let running = service.ranges().filter(|range| range.min.value.max(range.max.value) > 0);
        let least = running.map(|range| Val { value: range.min.value.max(1), ..range.min });
        let Some(least) = least.reduce(|least, next| if next.value < least.value { next } else { least }) else {
            continue;
        };
        let Some((message, help, short)) = judge(budget.value, least.value, "a `min` of") else { continue };
        let finding = report
            .at(budget.place(), message)
            .label(least.place(), format!("as few as {}", plural(least.value, "replica")))
            .help(help)
            .rank(short);
        report.push(finding);
    }
}

/// The budgets of manifests, each against the least number of all pods that it keeps.
fn budgets(set: &ManifestSet, report: &mut Report) {
    // a patch may say another number, and another selector
    let fields = ["spec.minAvailable", "spec.maxUnavailable", "spec.selector"];
    let sure = |(budget, _): &(&DisruptionBudget, _)| !set.changes_field(&budget.object, budget.file, &fields);
    for (budget, kept) in set.budgets.iter().zip(&set.kept).filter(sure) {
        let (Some(keeps), Some(least)) = (budget.keeps, least_kept(set, kept)) else { continue };
        let count = least.iter().fold(0, |sum: u32, one| sum.saturating_add(one.value));
        if count == 0 {
            continue;
        }
        let Some((message, help, short)) = judge(keeps.value, count, "run at least") else { continue };
        let mut finding = report.at(keeps.place(), message).help(help).rank(short);
        for replicas in least {
            let words = plural(replicas.value, "replica");
            finding =
                finding.label(replicas.place(), if replicas.written { words } else { format!("{words}, the default") });
        }
        report.push(finding);
    }
}

/// Pods that two budgets keep: the API evicts none that has more than one (`pkg/registry/core/pod/storage/eviction.go` of Kubernetes).
fn two_budgets(set: &ManifestSet, report: &mut Report) {
    let mut reported = BTreeSet::new();
    for (index, (workload, links)) in set.workloads.iter().zip(&set.links).enumerate() {
        let runs = set.running(index).is_none_or(|(_, most)| most.value > 0);
        if !workload.kind.has_replicas() || !runs {
            continue;
        }
        let all: Vec<&DisruptionBudget> = links.budgets.iter().filter_map(|index| set.budgets.get(*index)).collect();
        let pairs =
            all.iter().enumerate().flat_map(|(at, second)| all.iter().take(at).map(move |first| (first, second)));
        for (first, second) in pairs {
            // an object that is written twice is another rule's, and in files of a folder it may be a choice
            if first.object.name == second.object.name || !set.together(first.file, second.file) {
                continue;
            }
            let message = format!(
                "`PodDisruptionBudget/{}` and `PodDisruptionBudget/{}` both keep the pods of `{}`: the API evicts no pod that has two, so a drain waits forever",
                first.object.name, second.object.name, workload.object.name
            );
            if reported.insert((second.at, workload.object.name.as_str())) {
                let place = second.selector.as_ref().map_or(second.at.place(), |selector| selector.at.key());
                let finding = report
                    .at(place, message)
                    .label(
                        first.selector.as_ref().map_or(first.at.place(), |selector| selector.at.key()),
                        "the other budget",
                    )
                    .label(workload.at.place(), "the pods of this one")
                    .help("keep one of the two, or narrow the selector of one");
                report.push(finding);
            }
        }
    }
}

/// The least number of replicas of each workload that a budget keeps; `None` if one of them is not known, or if there is none.
/// If an object is written several times, in files that are not applied together, the largest number counts.
fn least_kept(set: &ManifestSet, kept: &[usize]) -> Option<Vec<Val<u32>>> {
    let mut all: BTreeMap<&ObjectName, Val<u32>> = BTreeMap::new();
    for index in kept {
        let workload = set.workloads.get(*index).filter(|workload| workload.kind.has_replicas())?;
        let (least, most) = set.running(*index)?;
        // a workload that is scaled to 0 has nothing to drain
        let least = Val { value: if most.value == 0 { 0 } else { least.value.max(1) }, ..least };
        let own = all.entry(&workload.object).or_insert(least);
        if own.value < least.value {
            *own = least;
        }
    }
    (!all.is_empty()).then(|| all.into_values().collect())
}

/// What is wrong with the budget, how to fix it, and by how many replicas it falls short.
fn judge(budget: Disruption, least: u32, more: &str) -> Option<(String, String, u32)> {
    let fewest = plural(least, "replica");
    match budget {
        Disruption::MinAvailable(amount) => {
            let stay = amount.up(least);
            if stay < least {
                return None;
            }
            let sum = match amount {
                Amount::Count(_) => format!("minAvailable {stay} with as few as {fewest}"),
                Amount::Percent(_) => {
                    format!("minAvailable {amount} of as few as {fewest} = {stay}")
                }
            };
            let message = format!("{sum}: none may go, so a drain waits forever");
            let help = match amount {
                Amount::Count(_) if least > 1 => {
                    format!("write `minAvailable: {}`, or {more} {}", least - 1, stay.saturating_add(1))
                }
                Amount::Count(_) => {
                    format!("write `maxUnavailable: 1` instead, or {more} {}", stay.saturating_add(1))
                }
                Amount::Percent(_) => "write `maxUnavailable: 1` instead".to_owned(),
            };
            Some((message, help, stay - least))
        }
        // a percentage of what may go is rounded up, so only zero of it blocks
        Disruption::MaxUnavailable(amount @ (Amount::Count(0) | Amount::Percent(0))) => {
            let message =
                format!("maxUnavailable {amount} with as few as {fewest}: none may go, so a drain waits forever");
            Some((message, "write `maxUnavailable: 1`".to_owned(), 0))
        }
        Disruption::MaxUnavailable(_) => None,
    }
}
