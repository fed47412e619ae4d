//! The number of replicas and how it changes: autoscalers, rollouts, budgets. Knows no container.

use crate::inputs::kubernetes::access;
use crate::inputs::kubernetes::autoscaler::{ManifestAutoscaler, ScalingMetric};
use crate::inputs::kubernetes::documents::Manifest;
use crate::inputs::kubernetes::set::ManifestSet;
use crate::inputs::kubernetes::workload::ManifestWorkload;
use crate::inputs::leaf;
use crate::model::time::Duration;
use crate::model::{Disruption, Val};
use crate::syntax::Entry;

/// A fixed number, or the bounds of the autoscaler.
pub(super) fn replicas(set: &ManifestSet, index: usize, workload: &ManifestWorkload) -> Option<Entry> {
    if !workload.kind.has_replicas() {
        return None;
    }
    if workload.unknown_replicas || set.changes_field(&workload.object, workload.file, &["spec.replicas"]) {
        return Some(leaf::unknown("replicas", workload.at));
    }
    if set.scaled_by(index).is_some() {
        let Some((min, max)) = set.running(index) else { return Some(leaf::unknown("replicas", workload.at)) };
        let bounds = vec![leaf::number("min", min.at, min.value.into()), leaf::number("max", max.at, max.value.into())];
        return Some(leaf::mapping("replicas", max.at, bounds));
    }
    workload.replicas.map(|replicas| leaf::number("replicas", replicas.at, replicas.value.into()))
}

/// Resources by their share of the request; the spec has no word for other metrics.
pub(super) fn autoscaling(set: &ManifestSet, autoscaler: &ManifestAutoscaler) -> Option<Entry> {
    let at = autoscaler.target_at;
    let first = autoscaler.metrics.first();
    let share_of = |metric: &ScalingMetric| {
        let known = matches!(metric.resource.as_str(), "cpu" | "memory") && metric.container.is_none();
        metric.utilization.filter(|share| share.value > 0 && known)
    };
    let mut fields = Vec::new();
    let mut up = Vec::new();
    if let Some(first) = first {
        // the spec has one threshold for all signals
        let share = share_of(first);
        let same = |metric: &ScalingMetric| share_of(metric).map(|own| own.value) == share.map(|share| share.value);
        let share = share.filter(|_| autoscaler.metrics.iter().all(same));
        fields.push(match autoscaler.metrics.as_slice() {
            _ if share.is_none() => leaf::unknown("signal", first.at),
            [only] => leaf::text("signal", only.at, &only.resource),
            several => {
                let words: Vec<String> = several.iter().map(|metric| metric.resource.clone()).collect();
                leaf::words("signal", first.at, &words)
            }
        });
        up.extend(share.map(|share| leaf::share("threshold", share.at, share.value)));
    }
    let spec = set.manifests.get(autoscaler.manifest).and_then(Manifest::spec);
    let behavior = spec.and_then(|spec| {
        access::path(spec, &["behavior"])
            .or_else(|| access::path(spec, &["advanced", "horizontalPodAutoscalerConfig", "behavior"]))
    });
    let part = |key: &str| behavior.and_then(|behavior| access::entry(&behavior.node, key));
    up.extend(part("scaleUp").map(direction).unwrap_or_default());
    let down = part("scaleDown").map(direction).unwrap_or_default();
    for (key, part, own) in [("scaleUp", part("scaleUp"), up), ("scaleDown", part("scaleDown"), down)] {
        let place = own.first().map(|first| part.map_or_else(|| first.at(), Entry::at));
        fields.extend(place.map(|place| leaf::mapping(key, place, own)));
    }
    (!fields.is_empty()).then(|| leaf::mapping("autoscaling", at, fields))
}

/// Delay and step of one direction; a step that the spec has no word for is unknown.
fn direction(written: &Entry) -> Vec<Entry> {
    let node = &*written.node;
    let mut fields = Vec::new();
    let delay = access::count(access::entry(node, "stabilizationWindowSeconds"));
    fields.extend(delay.map(|delay| leaf::text("delay", delay.at, &Duration::seconds(delay.value.into()).to_string())));
    let tolerance = access::cores(access::entry(node, "tolerance"));
    fields.extend(tolerance.map(|share| leaf::decimal("tolerance", share.at, share.value.0)));
    let select = access::entry(node, "selectPolicy");
    if let Some(disabled) = select.filter(|select| &*select.node.text == "Disabled") {
        fields.push(leaf::mapping("step", disabled.at(), vec![leaf::number("replicas", disabled.at(), 0)]));
        return fields;
    }
    if let Some(policies) = access::entry(node, "policies").filter(|policies| !policies.node.items().is_empty()) {
        fields.extend(step(policies, select));
    }
    fields
}

/// Policies as the size of a step and its period: at most one policy of each kind, all with one period.
fn step(policies: &Entry, select: Option<&Entry>) -> Vec<Entry> {
    let (mut replicas, mut percent, mut every) = (None, None, None);
    let unknown = || vec![leaf::unknown("step", policies.at())];
    for item in policies.node.items() {
        let period = access::count(access::entry(item, "periodSeconds"));
        let (Some(value), Some(period)) = (access::count(access::entry(item, "value")), period) else {
            return unknown();
        };
        let old = match access::word(item, "type") {
            "Pods" => replicas.replace(value),
            "Percent" => percent.replace(value),
            _ => return unknown(),
        };
        let other = every.replace(period).is_some_and(|before: Val<u32>| before.value != period.value);
        if old.is_some() || other {
            return unknown();
        }
    }
    let Some(every) = every else { return unknown() };
    let number =
        |key: &str, value: Option<Val<u32>>| value.map(|value| leaf::number(key, value.at, value.value.into()));
    let mut sizes: Vec<Entry> = number("replicas", replicas).into_iter().chain(number("percent", percent)).collect();
    // a single policy leaves nothing to select
    let least = select.filter(|select| &*select.node.text == "Min" && sizes.len() == 2);
    sizes.extend(least.map(|select| leaf::text("select", select.at(), "min")));
    let size = leaf::mapping("step", policies.at(), sizes);
    vec![size, leaf::text("every", every.at, &Duration::seconds(every.value.into()).to_string())]
}

/// The one rule that spreads pods over machines or zones.
pub(super) fn spread(set: &ManifestSet, workload: &ManifestWorkload) -> Option<Entry> {
    let rules = access::entry(super::written_pod(set, workload)?, "topologySpreadConstraints")?;
    let [only] = rules.node.items() else { return None };
    let key = access::entry(only, "topologyKey")?;
    let word = match &*key.node.text {
        "kubernetes.io/hostname" => "node",
        "topology.kubernetes.io/zone" => "zone",
        _ => return None,
    };
    Some(leaf::text("spread", key.at(), word))
}

pub(super) fn update(workload: &ManifestWorkload) -> Option<Entry> {
    let strategy = &workload.strategy;
    if !strategy.written || !workload.kind.has_replicas() {
        return None;
    }
    if !strategy.rolling {
        return Some(leaf::mapping("update", strategy.at, vec![leaf::text("strategy", strategy.at, "recreate")]));
    }
    let mut fields = Vec::new();
    for (key, amount) in [("surge", strategy.surge), ("unavailable", strategy.unavailable)] {
        if amount.written {
            fields.push(leaf::text_or_number(key, amount.at, &amount.value.to_string()));
        }
    }
    (!fields.is_empty()).then(|| leaf::mapping("update", strategy.at, fields))
}

pub(super) fn disruption(set: &ManifestSet, index: usize) -> Option<Entry> {
    let budgets = &set.links.get(index)?.budgets;
    let keeps = budgets.iter().find_map(|budget| set.budgets.get(*budget)?.keeps)?;
    let (key, amount) = match keeps.value {
        Disruption::MinAvailable(amount) => ("minAvailable", amount),
        Disruption::MaxUnavailable(amount) => ("maxUnavailable", amount),
    };
    Some(leaf::mapping("disruption", keeps.at, vec![leaf::text_or_number(key, keeps.at, &amount.to_string())]))
}
