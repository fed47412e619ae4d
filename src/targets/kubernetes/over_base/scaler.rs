//! The number of replicas and its autoscaler: the base's under its own name, else one of ours. Knows no container.

use super::document::{PatchDocument, removal};
use super::edited::edited;
use super::{has_replicas, is_of_spec, replicas_text};
use crate::inputs::kubernetes::{AutoscalerObject, Manifest, ManifestAutoscaler};
use crate::plan::{Autoscaling, ServiceField, Signal, Step, StepSelect};
use crate::support::plural::plural;
use crate::support::source::FieldSpan;
use crate::targets::kubernetes::autoscaler_parts::{
    Cut, direction, is_exact, lost_prometheus, lost_steps, no_sleep, percent, sleeps, tolerances,
};
use crate::targets::kubernetes::base_objects::OverBase;
use crate::targets::kubernetes::unit::WorkloadUnit;
use crate::targets::kubernetes::{KubernetesOutput, LoweredPlan, cronjobs, json, scaling};
use serde_json::Value as Json;

/// Writes the changes of the autoscaler; returns the new `replicas` of the workload, if it changes.
pub(super) fn lower(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, out: &mut KubernetesOutput) -> Option<Json> {
    let workload = unit.workload;
    let (min, max) = (&workload.replicas.min, &workload.replicas.max);
    let of_spec = min.is_of_spec() || max.is_of_spec();
    let windows = workload.schedule.iter().any(|window| is_of_spec(window.at));
    let scales = is_of_spec(workload.autoscaling.at) && workload.autoscaling.written;
    if !(of_spec || windows || scales) || (of_spec && !has_replicas(unit, over, &mut out.lowered)) {
        return None;
    }
    match over.scaler {
        // the base's autoscaler follows a metric, so the clock sets no number
        Some(scaler) if unit.autoscaled() && !unit.follows_the_clock() => {
            patch(unit, over, scaler, out);
            match (windows, scaler.kind) {
                (false, _) => {}
                (true, AutoscalerObject::Horizontal) => cronjobs::lower(unit, out),
                (true, _) => lost_windows(unit, over, scaler, &mut out.lowered),
            }
            None
        }
        Some(scaler) if of_spec => {
            remove_scaler(unit, over, scaler, out);
            scaling::lost_without(unit, &mut out.lowered);
            Some(Json::from(workload.fixed))
        }
        Some(_) => None,
        None if unit.autoscaled() => {
            scaling::scaler(unit, out);
            over.workload.replicas.map(|_| Json::Null)
        }
        None => {
            scaling::lost_without(unit, &mut out.lowered);
            let own = over.workload.replicas.filter(|_| !over.changed).map(|own| own.value);
            (of_spec && own != Some(workload.fixed)).then(|| Json::from(workload.fixed))
        }
    }
}

/// Removes the autoscaler of the base: the number is fixed.
fn remove_scaler(
    unit: &WorkloadUnit<'_>,
    over: &OverBase<'_>,
    scaler: &ManifestAutoscaler,
    out: &mut KubernetesOutput,
) {
    let Some(manifest) = over.set.manifests.get(scaler.manifest) else { return };
    let fixed = unit.workload.fixed;
    let message = format!(
        "{} {} of {} goes: {} {} fixed, and it would change the number",
        scaler.object.kind,
        scaler.object.name,
        over.project.name,
        plural(fixed, "replica"),
        if fixed == 1 { "is" } else { "are" },
    );
    out.lowered.lost(unit.workload.replicas.at, message, "write a range to keep it");
    let kind = manifest.kind.to_ascii_lowercase();
    out.removal(unit.path(&format!("{kind}-patch")), removal(manifest));
}

/// Changes of bounds, target and behaviour of the base's autoscaler.
fn patch(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, scaler: &ManifestAutoscaler, out: &mut KubernetesOutput) {
    let Some(manifest) = over.set.manifests.get(scaler.manifest) else { return };
    let mut document = PatchDocument::of(manifest);
    bounds(unit, over, scaler, &mut document, &mut out.lowered);
    if is_of_spec(unit.workload.autoscaling.at) && unit.workload.autoscaling.written {
        target(unit, over, (scaler, manifest), &mut document, &mut out.lowered);
        behavior(unit, over, (scaler, manifest), &mut document, &mut out.lowered);
        if down_of_spec(&unit.workload.autoscaling) {
            lost_steps(unit, &mut out.lowered);
        }
        lost_prometheus(unit, &mut out.lowered);
    }
    if !document.is_empty() {
        let kind = manifest.kind.to_ascii_lowercase();
        out.patch(unit.path(&format!("{kind}-patch")), document.finish());
    }
}

fn down_of_spec(scaling: &Autoscaling) -> bool {
    scaling.down.threshold.is_of_spec() || scaling.predictive.is_of_spec()
}

fn bounds(
    unit: &WorkloadUnit<'_>,
    over: &OverBase<'_>,
    scaler: &ManifestAutoscaler,
    document: &mut PatchDocument,
    out: &mut LoweredPlan,
) {
    let replicas = &unit.workload.replicas;
    let keda = scaler.kind == AutoscalerObject::ScaledObject;
    let (min_key, max_key) = if keda { ("minReplicaCount", "maxReplicaCount") } else { ("minReplicas", "maxReplicas") };
    let known = !over.set.changes_object(&scaler.object);
    // an unset minimum is 1 in an HPA and 0 in a ScaledObject
    let own_min = scaler.min.map(|min| min.value).or(Some(u32::from(!keda))).filter(|_| known);
    let least = if keda || sleeps(unit) { 0 } else { 1 };
    if replicas.min.is_of_spec() {
        if replicas.min.value < least {
            let (message, help) = no_sleep(unit, "min");
            out.lost(replicas.min.at, message, help);
        }
        let min = replicas.min.value.max(least);
        if own_min != Some(min) {
            document.set(&["spec", min_key], Json::from(min));
        }
    }
    let own_max = scaler.max.filter(|_| known).map(|max| max.value);
    if replicas.max.is_of_spec() && own_max != Some(replicas.max.value) {
        document.set(&["spec", max_key], Json::from(replicas.max.value));
    }
}

/// Whether the model has the signals of the base's autoscaler.
fn known_scaling<'o>(over: &'o OverBase<'_>, scaler: &ManifestAutoscaler) -> Option<&'o Autoscaling> {
    let own = &over.member.service;
    let known = own.autoscaling.written && !own.broken.has(ServiceField::Autoscaling);
    Some(&own.autoscaling).filter(|_| known && !over.set.changes_object(&scaler.object))
}

/// The signals and their targets.
fn target(
    unit: &WorkloadUnit<'_>,
    over: &OverBase<'_>,
    (scaler, manifest): (&ManifestAutoscaler, &Manifest),
    document: &mut PatchDocument,
    out: &mut LoweredPlan,
) {
    let scaling = &unit.workload.autoscaling;
    let own = known_scaling(over, scaler);
    let words = |scaling: &Autoscaling| scaling.signals().map(|signal| signal.value).collect::<Vec<Signal>>();
    let same_signals = own.is_some_and(|own| words(own) == words(scaling));
    let threshold = scaling.up.threshold;
    let same = |own: &Autoscaling| own.up.threshold.value.percent() == threshold.value.percent();
    let of_spec = threshold.is_of_spec() || scaling.down.threshold.is_of_spec();
    if same_signals && (!of_spec || own.is_some_and(same)) {
        return;
    }
    if !same_signals && !scaling.signal.is_of_spec() {
        let message = format!(
            "the threshold is not written: what {} {} of {} watches is not a share of cpu or memory",
            scaler.object.kind, scaler.object.name, over.project.name
        );
        return out.lost(threshold.at, message, "write `signal` too, to replace what it watches, or change it there");
    }
    let keda = scaler.kind == AutoscalerObject::ScaledObject;
    if same_signals {
        let text = percent(threshold, out);
        let value = if keda { Json::from(text.to_string()) } else { Json::from(text) };
        let at = |metric: &crate::inputs::kubernetes::ScalingMetric| {
            metric.utilization.map(|share| (share.at, value.clone()))
        };
        let changes: Vec<(FieldSpan, Json)> = scaler.metrics.iter().filter_map(at).collect();
        return in_list(manifest, keda, &changes, document);
    }
    if keda || manifest.version != "v2" && manifest.version != "v2beta2" {
        let message = format!(
            "{} is not written: what {} {} of {} watches stays",
            scaling.signal.value.word(),
            scaler.object.kind,
            scaler.object.name,
            over.project.name
        );
        return out.lost(scaling.signal.at, message, "change it there, or write one number of replicas");
    }
    let metrics: Vec<_> = scaling.signals().map(|signal| scaling::metric(unit, signal, false, out)).collect();
    document.set(&["spec", "metrics"], json(&metrics));
}

/// A list of metrics can only be replaced as a whole: the base's own with other targets.
fn in_list(manifest: &Manifest, keda: bool, changes: &[(FieldSpan, Json)], document: &mut PatchDocument) {
    let Some(spec) = manifest.spec() else { return };
    if let Some((_, value)) = changes.first()
        && spec.get("targetCPUUtilizationPercentage").is_some()
    {
        return document.set(&["spec", "targetCPUUtilizationPercentage"], value.clone());
    }
    let key = if keda { "triggers" } else { "metrics" };
    if let Some(list) = spec.get(key) {
        document.set(&["spec", key], edited(&list.node, changes));
    }
}

/// Delays and steps.
fn behavior(
    unit: &WorkloadUnit<'_>,
    over: &OverBase<'_>,
    (scaler, manifest): (&ManifestAutoscaler, &Manifest),
    document: &mut PatchDocument,
    out: &mut LoweredPlan,
) {
    let scaling = &unit.workload.autoscaling;
    let own = Some(&over.member.service.autoscaling).filter(|_| !over.set.changes_object(&scaler.object));
    let load = scaling.signal.value == Signal::Load;
    let path: &[&str] = match scaler.kind {
        AutoscalerObject::ScaledObject => &["spec", "advanced", "horizontalPodAutoscalerConfig", "behavior"],
        _ => &["spec", "behavior"],
    };
    let steps =
        [("scaleUp", &scaling.up, own.map(|own| &own.up)), ("scaleDown", &scaling.down, own.map(|own| &own.down))];
    for (key, step, own) in steps {
        let own = own.filter(|_| is_known(over, key));
        let delay = step.delay.is_of_spec() && own.is_none_or(|own| own.delay.value != step.delay.value);
        let sized =
            (step.size.written && is_of_spec(step.size.at)) || step.every.is_some_and(|every| every.is_of_spec());
        let rates = sized
            && own.is_none_or(|own| own.rates() != step.rates() || own.size.select.value != step.size.select.value);
        if !delay && !rates {
            continue;
        }
        if !has_behavior(manifest) {
            let message = format!(
                "{key} is not written: {} {} is of a version without `behavior`",
                manifest.kind, scaler.object.name
            );
            out.lost(delay_place(step), message, "write it as autoscaling/v2 there");
            continue;
        }
        let written = direction(step, (load, is_exact(unit)), Cut::Lost, out);
        let mut set = |field: &str, value: Json| document.set(&[path, &[key, field][..]].concat(), value);
        if delay {
            set("stabilizationWindowSeconds", Json::from(written.stabilization_window_seconds));
        }
        if rates {
            if own.map(select_word) != Some(written.select_policy) {
                set("selectPolicy", Json::from(written.select_policy));
            }
            if !written.policies.is_empty() {
                set("policies", json(&written.policies));
            }
        }
    }
    let thresholds = scaling.up.threshold.is_of_spec() || scaling.down.threshold.is_of_spec();
    let (up, down) = tolerances(unit);
    for (key, tolerance, step) in [("scaleUp", up, &scaling.up), ("scaleDown", down, &scaling.down)] {
        let of_spec = thresholds || step.tolerance.is_some_and(|own| own.is_of_spec());
        if let Some(tolerance) = tolerance.filter(|_| of_spec && has_behavior(manifest)) {
            document.set(&[path, &[key, "tolerance"][..]].concat(), Json::from(tolerance));
        }
    }
}

/// The API's word for which policy is selected.
fn select_word(step: &Step) -> &'static str {
    match step.size.select.value {
        _ if step.size.is_none() => "Disabled",
        StepSelect::Max => "Max",
        StepSelect::Min => "Min",
    }
}

/// Whether the spec can express the base's behaviour in one direction.
fn is_known(over: &OverBase<'_>, key: &str) -> bool {
    let written = over.member.project.entry.node.get("autoscaling").and_then(|scaling| scaling.node.get(key));
    written.is_none_or(|step| step.node.entries().iter().all(|entry| !entry.node.is_unknown()))
}

fn delay_place(step: &Step) -> FieldSpan {
    if step.delay.is_of_spec() { step.delay.at } else { step.size.at }
}

fn has_behavior(manifest: &Manifest) -> bool {
    manifest.group != "autoscaling" || !matches!(manifest.version.as_str(), "v1" | "v2beta1")
}

fn lost_windows(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, scaler: &ManifestAutoscaler, out: &mut LoweredPlan) {
    for window in unit.workload.schedule.iter().filter(|window| is_of_spec(window.at)) {
        let message = format!(
            "{} {} is not written: the triggers of ScaledObject {} of {} stay, {} at every hour",
            window.replicas(),
            window.label(),
            scaler.object.name,
            over.project.name,
            replicas_text(unit)
        );
        out.lost(window.at, message, "add a cron trigger there");
    }
}
