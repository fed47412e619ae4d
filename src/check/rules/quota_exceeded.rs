//! The replicas of a namespace against its quota, and single containers against its ranges of limits. Looks at manifests.

use super::{Context, Group, Meta, Report};
use crate::check::context::RunningPods;
use crate::inputs::kubernetes::{ManifestSet, ManifestWorkload, PodContainer, Quota, RangeItem};
use crate::model::Val;
use crate::model::quantity::{bytes_text, cores_text};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::FileSpan;

pub(super) const META: Meta = Meta {
    id: "quota-exceeded",
    severity: Severity::Error,
    group: Group::Capacity,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(set) = context.base_manifests() else { return };
    let running = context.running(set);
    for quota in set.quotas.iter().filter(|quota| !quota.scoped) {
        for (key, hard, text) in &quota.hard {
            quota_line(report, (set, &running), quota, (key, hard, text))
                .into_iter()
                .for_each(|finding| report.push(finding));
        }
    }
    for range in set.ranges.iter().filter(|range| range.kind == "Container") {
        for workload in &set.workloads {
            let own = workload.object.namespace == range.object.namespace && set.together(workload.file, range.file);
            if own && !workload.patch {
                workload.pod.containers.iter().for_each(|container| outside(report, range, container));
            }
        }
    }
}

/// What of a pod a line of a quota counts: one pod, or an amount of billionths of a core or whole units.
#[derive(Clone, Copy)]
enum Counted {
    Pods,
    Cpu { limits: bool },
    Memory { limits: bool },
}

impl Counted {
    fn of(key: &str) -> Option<Counted> {
        Some(match key {
            "pods" | "count/pods" => Counted::Pods,
            "cpu" | "requests.cpu" => Counted::Cpu { limits: false },
            "limits.cpu" => Counted::Cpu { limits: true },
            "memory" | "requests.memory" => Counted::Memory { limits: false },
            "limits.memory" => Counted::Memory { limits: true },
            _ => return None,
        })
    }

    /// The amount of one container, its request or, where none is written, its limit.
    fn one(self, container: &PodContainer) -> u128 {
        let (requests, limits) = (&container.resources.requests, &container.resources.limits);
        match self {
            Counted::Pods => 0,
            Counted::Cpu { limits: true } => limits.cpu.map_or(0, |cpu| cpu.value.0.into()),
            Counted::Cpu { limits: false } => requests.cpu.or(limits.cpu).map_or(0, |cpu| cpu.value.0.into()),
            Counted::Memory { limits: true } => limits.memory.map_or(0, |memory| memory.value.bytes.into()),
            Counted::Memory { limits: false } => {
                requests.memory.or(limits.memory).map_or(0, |memory| memory.value.bytes.into())
            }
        }
    }

    /// The amount of one pod: the sum of what runs, or the largest of what runs before.
    fn pod(self, workload: &ManifestWorkload) -> u128 {
        if let Counted::Pods = self {
            return 1;
        }
        let running: u128 = workload.pod.running().map(|container| self.one(container)).sum();
        let before = workload.pod.containers.iter().filter(|container| container.init);
        running.max(before.map(|container| self.one(container)).max().unwrap_or(0))
    }

    fn words(self, amount: u128) -> String {
        match self {
            Counted::Pods => amount.to_string(),
            Counted::Cpu { .. } => cores_text(amount),
            Counted::Memory { .. } => bytes_text(amount),
        }
    }
}

fn quota_line(
    report: &Report,
    (set, running): (&ManifestSet, &RunningPods<'_>),
    quota: &Quota,
    (key, hard, text): (&str, &Val<u128>, &str),
) -> Option<Finding> {
    let counted = Counted::of(key)?;
    let mut parts: Vec<(u128, String, FileSpan)> = Vec::new();
    for (index, workload) in set.workloads.iter().enumerate() {
        let own = workload.object.namespace == quota.object.namespace && set.together(workload.file, quota.file);
        let Some((_, most)) = running.of(index).filter(|_| own) else { continue };
        let each = counted.pod(workload);
        let sum = each.saturating_mul(most.value.into());
        if sum > 0 {
            let words = match counted {
                Counted::Pods => format!("{} ({})", most.value, workload.object.name),
                _ => format!("{} × {} ({})", most.value, counted.words(each), workload.object.name),
            };
            parts.push((sum, words, most.place()));
        }
    }
    let sum: u128 = parts.iter().map(|(sum, ..)| *sum).sum();
    if sum <= hard.value {
        return None;
    }
    parts.sort_by_key(|(sum, ..)| std::cmp::Reverse(*sum));
    let rest = parts.len().saturating_sub(MOST_PARTS);
    let mut words: Vec<String> = parts.iter().take(MOST_PARTS).map(|(_, words, _)| words.clone()).collect();
    if rest > 0 {
        words.push(format!("{rest} more"));
    }
    let message = format!("{} = {} of {key}, above the quota's {text}", words.join(" + "), counted.words(sum));
    let mut finding =
        report.at(hard.at.place(), message).help(format!("raise the quota to {}, or run less", counted.words(sum)));
    for (sum, _, place) in parts.into_iter().take(MOST_PARTS) {
        finding = finding.label(place, counted.words(sum));
    }
    Some(finding)
}

/// So many parts of a sum are named.
const MOST_PARTS: usize = 5;

/// One container outside a range of limits, after the defaults of the range.
fn outside(report: &mut Report, range: &RangeItem, container: &PodContainer) {
    for resource in ["cpu", "memory"] {
        let bound = |which: &str| {
            let own = range.bounds.iter().find(|(bound, key, ..)| *bound == which && key == resource);
            own.map(|(_, _, amount, text)| (amount.value, text.as_str(), amount.place()))
        };
        let amount = |limits: bool| {
            let amounts = if limits { &container.resources.limits } else { &container.resources.requests };
            match resource {
                "cpu" => amounts.cpu.map(|cpu| (u128::from(cpu.value.0), cpu.value.to_string(), cpu.place())),
                _ => amounts.memory.map(|own| (u128::from(own.value.bytes), own.value.to_string(), own.place())),
            }
        };
        let (request, limit) = (amount(false), amount(true));
        let name = &container.name;
        let mut say = |(_, text, at): &(u128, String, FileSpan),
                       what: &str,
                       (bound, place): (&str, FileSpan),
                       words: &str| {
            let message =
                format!("{resource} {what} {text} of `{name}` is {words} {bound} of LimitRange/{}", range.object.name);
            let finding = report.at(*at, message).label(place, format!("{words} {bound}"));
            report.push(finding.help(format!("the API server refuses the pod: keep the {what} within the range")));
        };
        if let Some((most, text, place)) = bound("max") {
            match (&limit, &request) {
                (Some(own), _) if own.0 > most => say(own, "limit", (text, place), "above the max"),
                (_, Some(own)) if own.0 > most => say(own, "request", (text, place), "above the max"),
                _ => {}
            }
        }
        if let Some((least, text, place)) = bound("min") {
            match (&request, &limit) {
                (Some(own), _) if own.0 < least => say(own, "request", (text, place), "below the min"),
                (None, Some(own)) if own.0 < least => say(own, "limit", (text, place), "below the min"),
                _ => {}
            }
        }
        // a container without a limit of its own is given the default
        let default = bound("default").or_else(|| bound("max"));
        if let (Some(own), None, Some((most, text, place))) = (&request, &limit, default)
            && own.0 > most
            && bound("max").is_none_or(|(max, ..)| own.0 <= max)
        {
            say(own, "request", (text, place), "above the default limit");
        }
    }
}
