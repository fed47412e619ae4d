//! The pods of a namespace against its quota, and single containers against its ranges of limits. Looks at manifests, and at what a
//! spec lays over them or puts beside them.

use super::{Context, Group, Meta, Report};
use crate::check::context::{CountedObjects, PodUnderQuota, QuotaContainer};
use crate::inputs::kubernetes::{ManifestSet, Quota, RangeItem};
use crate::model::Val;
use crate::model::quantity::{bytes_text, cores_text};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::FileSpan;
use std::collections::HashMap;

pub(super) const META: Meta = Meta {
    id: "quota-exceeded",
    severity: Severity::Error,
    group: Group::Capacity,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(set) = context.base_manifests().filter(|set| !set.quotas.is_empty() || !set.ranges.is_empty()) else {
        return;
    };
    let pods = context.pods_under_quota(set);
    for quota in set.quotas.iter().filter(|quota| !quota.scoped) {
        let own: Vec<Bounded<'_>> = pods
            .iter()
            .filter(|pod| pod.shares(set, &quota.object.namespace, quota.file))
            .map(|pod| Bounded::of(set, pod))
            .collect();
        for (key, hard, text) in &quota.hard {
            let Some(counted) = Counted::of(key) else {
                let Some((objects, storage)) = context.objects_under_quota(set, quota, key) else { continue };
                let words: fn(u128) -> String = if storage { bytes_text } else { |number| number.to_string() };
                let found = quota_line(report, (key, hard, text), object_parts(objects, words), words);
                found.into_iter().for_each(|finding| report.push(finding));
                continue;
            };
            own.iter().for_each(|pod| missing_amounts(report, quota, (key, hard), counted, pod));
            let found = quota_line(report, (key, hard, text), parts(counted, &own), |sum| counted.words(sum));
            let stalled = stalled(report, quota, (key, hard, text), counted, &own);
            found.into_iter().chain(stalled).for_each(|finding| report.push(finding));
        }
    }
    for pod in &pods {
        for range in ranges(set, pod) {
            pod.containers.iter().for_each(|container| outside(report, range, container));
        }
    }
}

/// The ranges that hold for the containers of a pod.
fn ranges<'a>(set: &'a ManifestSet, pod: &PodUnderQuota<'_>) -> Vec<&'a RangeItem> {
    let all = set.ranges.iter().filter(|range| range.kind == "Container");
    all.filter(|range| pod.shares(set, &range.object.namespace, range.file)).collect()
}

/// A pod with the ranges that fill in what it does not say.
struct Bounded<'a> {
    pod: &'a PodUnderQuota<'a>,
    ranges: Vec<&'a RangeItem>,
}

impl<'a> Bounded<'a> {
    fn of(set: &'a ManifestSet, pod: &'a PodUnderQuota<'a>) -> Bounded<'a> {
        Bounded { pod, ranges: ranges(set, pod) }
    }

    /// What a range gives a container that has no amount: limits from `default` or `max`, requests from `defaultRequest`, that or `min`.
    fn given(&self, resource: &str, limits: bool) -> Option<u128> {
        let wanted: &[&str] = if limits { &["default", "max"] } else { &["defaultRequest", "default", "max", "min"] };
        let bound = |which: &&str| {
            let mut all = self.ranges.iter().flat_map(|range| &range.bounds);
            all.find(|(bound, key, ..)| bound == which && key == resource).map(|(_, _, amount, _)| amount.value)
        };
        wanted.iter().find_map(bound)
    }

    /// The amount of one pod: the sum of what runs, or the largest of what runs before.
    fn amount(&self, counted: Counted) -> u128 {
        if let Counted::Pods = counted {
            return 1;
        }
        let amount = |container: &QuotaContainer| counted.amount_of(container, self).unwrap_or(0);
        let of = |init: bool| self.pod.containers.iter().filter(move |container| container.init == init).map(amount);
        of(false).sum::<u128>().max(of(true).max().unwrap_or(0))
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

    /// The amount of one container: its request or, if none is written, its limit; else what a range gives it.
    fn amount_of(self, container: &QuotaContainer, bounded: &Bounded<'_>) -> Option<u128> {
        let (requests, limits) = (&container.resources.requests, &container.resources.limits);
        match self {
            Counted::Pods => Some(0),
            Counted::Cpu { limits: true } => {
                limits.cpu.map(|cpu| cpu.value.0.into()).or_else(|| bounded.given("cpu", true))
            }
            Counted::Cpu { limits: false } => {
                requests.cpu.or(limits.cpu).map(|cpu| cpu.value.0.into()).or_else(|| bounded.given("cpu", false))
            }
            Counted::Memory { limits: true } => {
                limits.memory.map(|memory| memory.value.bytes.into()).or_else(|| bounded.given("memory", true))
            }
            Counted::Memory { limits: false } => {
                let own = requests.memory.or(limits.memory).map(|memory| memory.value.bytes.into());
                own.or_else(|| bounded.given("memory", false))
            }
        }
    }

    fn words(self, amount: u128) -> String {
        match self {
            Counted::Pods => amount.to_string(),
            Counted::Cpu { .. } => cores_text(amount),
            Counted::Memory { .. } => bytes_text(amount),
        }
    }
}

/// A container without what the quota counts: the API server refuses every pod with it.
fn missing_amounts(
    report: &mut Report,
    quota: &Quota,
    (key, hard): (&str, &Val<u128>),
    counted: Counted,
    bounded: &Bounded<'_>,
) {
    let pod = bounded.pod;
    // what the whole pod may use stands in for its containers
    if pod.own_amounts {
        return;
    }
    for container in pod.containers.iter().filter(|container| counted.amount_of(container, bounded).is_none()) {
        let field = if key.contains('.') { key.to_owned() } else { format!("requests.{key}") };
        let message = format!(
            "`{}` of {} has no {field}, which ResourceQuota/{} counts: the API server refuses the pod",
            container.name, pod.name, quota.object.name
        );
        let finding = report.at(container.place, message).label(hard.place(), "counted here");
        report.push(finding.help(format!("write `resources.{field}`, or give a default with a LimitRange")));
    }
}

/// One part of a sum: its amount, in words, and its place.
type QuotaPart = (u128, String, FileSpan);

/// The parts of the pods.
fn parts(counted: Counted, pods: &[Bounded<'_>]) -> Vec<QuotaPart> {
    let part = |bounded: &Bounded<'_>| {
        let most = bounded.pod.most?;
        let each = bounded.amount(counted);
        let words = match counted {
            Counted::Pods => format!("{} ({})", most.value, bounded.pod.name),
            _ => format!("{} × {} ({})", most.value, counted.words(each), bounded.pod.name),
        };
        Some((each.saturating_mul(most.value.into()), words, most.place()))
    };
    let mut all: Vec<QuotaPart> = Vec::new();
    // files of a folder that write one object are a choice: the largest counts
    let mut known: HashMap<(&str, &str, &str), usize> = HashMap::new();
    for (object, part) in pods.iter().filter_map(|bounded| Some((bounded.pod.object(), part(bounded)?))) {
        let before = object.and_then(|object| known.insert(object, all.len()).map(|before| (object, before)));
        let Some((object, before)) = before else {
            all.push(part);
            continue;
        };
        known.insert(object, before);
        if let Some(own) = all.get_mut(before).filter(|own| own.0 < part.0) {
            *own = part;
        }
    }
    all.into_iter().filter(|(sum, ..)| *sum > 0).collect()
}

/// The parts of other objects.
fn object_parts(objects: Vec<CountedObjects>, words: fn(u128) -> String) -> Vec<QuotaPart> {
    let part = |object: CountedObjects| {
        let each = words(object.each);
        let words = match (object.most, object.each) {
            (1, _) => format!("{each} ({})", object.name),
            (most, 1) => format!("{most} ({})", object.name),
            (most, _) => format!("{most} × {each} ({})", object.name),
        };
        (object.each.saturating_mul(object.most.into()), words, object.at)
    };
    objects.into_iter().map(part).filter(|(sum, ..)| *sum > 0).collect()
}

fn quota_line(
    report: &Report,
    (key, hard, text): (&str, &Val<u128>, &str),
    mut parts: Vec<QuotaPart>,
    amount: impl Fn(u128) -> String,
) -> Option<Finding> {
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
    let message = format!("{} = {} of {key}, above the quota's {text}", words.join(" + "), amount(sum));
    let mut finding =
        report.at(hard.at.place(), message).help(format!("raise the quota to {}, or run less", amount(sum)));
    for (sum, _, place) in parts.into_iter().take(MOST_PARTS) {
        finding = finding.label(place, amount(sum));
    }
    Some(finding)
}

/// A rollout that must start a pod before it stops one, where the replicas fit the quota and one pod more does not: it waits forever.
/// The deployment controller takes no old pod away while as many new ones as the surge are missing (`reconcileOldReplicaSets` of
/// `pkg/controller/deployment/rolling.go`).
fn stalled(
    report: &Report,
    quota: &Quota,
    (key, hard, text): (&str, &Val<u128>, &str),
    counted: Counted,
    pods: &[Bounded<'_>],
) -> Vec<Finding> {
    let sum: u128 = parts(counted, pods).iter().map(|(sum, ..)| *sum).sum();
    let mut all = Vec::new();
    for bounded in pods.iter().filter(|_| sum <= hard.value) {
        let (each, Some(at)) = (bounded.amount(counted), bounded.pod.surges) else { continue };
        let above = sum.saturating_add(each);
        if above <= hard.value {
            continue;
        }
        let (name, quota) = (&bounded.pod.name, &quota.object.name);
        let words = [sum, each, above].map(|amount| counted.words(amount));
        let message = format!(
            "a rollout of `{name}` at the most replicas waits forever: it starts a pod before it stops one, and {} + {} = {} of {key} is \
             above the {text} of ResourceQuota/{quota}",
            words[0], words[1], words[2]
        );
        let finding = report.at(at, message).label(hard.place(), "the quota");
        let help = format!("write a `maxUnavailable` of 1, or raise the quota to {}", words[2]);
        all.push(finding.help(help));
    }
    all
}

/// The most parts of a sum that are named.
const MOST_PARTS: usize = 5;

/// One container outside a range of limits, after the defaults of the range.
fn outside(report: &mut Report, range: &RangeItem, container: &QuotaContainer) {
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
