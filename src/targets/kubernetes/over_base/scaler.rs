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

/// An autoscaler of the base, and the workload of the spec that it scales.
#[derive(Clone, Copy)]
struct PatchedScaler<'a> {
    unit: &'a WorkloadUnit<'a>,
    over: &'a OverBase<'a>,
    scaler: &'a ManifestAutoscaler,
    manifest: &'a Manifest,
}

impl<'a> PatchedScaler<'a> {
    fn is_keda(self) -> bool {
        self.scaler.kind == AutoscalerObject::ScaledObject
    }

    /// Whether a patch of the base's kustomization may write other fields of it.
    fn is_changed(self) -> bool {
        self.over.set.changes_object(&self.scaler.object)
    }

    /// The base's scaling, if the model has all of its signals.
    fn known_scaling(self) -> Option<&'a Autoscaling> {
        let service = &self.over.member.service;
        let known = service.autoscaling.written && !service.broken.has(ServiceField::Autoscaling);
        Some(&service.autoscaling).filter(|_| known && !self.is_changed())
    }

    fn title(self) -> String {
        title(self.over, self.scaler)
    }
}

/// Its kind, name and files.
fn title(over: &OverBase<'_>, scaler: &ManifestAutoscaler) -> String {
    format!("{} {} of {}", scaler.object.kind, scaler.object.name, over.project.name)
}

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
        "{} goes: {} {} fixed, and it would change the number",
        title(over, scaler),
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
    let base = PatchedScaler { unit, over, scaler, manifest };
    let mut document = PatchDocument::of(manifest);
    bounds(base, &mut document, &mut out.lowered);
    if is_of_spec(unit.workload.autoscaling.at) && unit.workload.autoscaling.written {
        target(base, &mut document, &mut out.lowered);
        behavior(base, &mut document, &mut out.lowered);
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

fn bounds(base: PatchedScaler<'_>, document: &mut PatchDocument, out: &mut LoweredPlan) {
    let PatchedScaler { unit, scaler, .. } = base;
    let replicas = &unit.workload.replicas;
    let keda = base.is_keda();
    let (min_key, max_key) = if keda { ("minReplicaCount", "maxReplicaCount") } else { ("minReplicas", "maxReplicas") };
    let known = !base.is_changed();
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

/// The signals and their targets.
fn target(base: PatchedScaler<'_>, document: &mut PatchDocument, out: &mut LoweredPlan) {
    let PatchedScaler { unit, scaler, manifest, .. } = base;
    let scaling = &unit.workload.autoscaling;
    let before = base.known_scaling();
    let words = |scaling: &Autoscaling| scaling.signals().map(|signal| signal.value).collect::<Vec<Signal>>();
    let same_signals = before.is_some_and(|before| words(before) == words(scaling));
    let threshold = scaling.up.threshold;
    let same = |before: &Autoscaling| before.up.threshold.value.percent() == threshold.value.percent();
    let of_spec = threshold.is_of_spec() || scaling.down.threshold.is_of_spec();
    if same_signals && (!of_spec || before.is_some_and(same)) {
        return;
    }
    if !same_signals && !scaling.signal.is_of_spec() {
        let message =
            format!("the threshold is not written: what {} watches is not a share of cpu or memory", base.title());
        return out.lost(threshold.at, message, "write `signal` too, to replace what it watches, or change it there");
    }
    let keda = base.is_keda();
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
        let message = format!("{} is not written: what {} watches stays", scaling.signal.value.word(), base.title());
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

/// Delays, steps and tolerances.
fn behavior(base: PatchedScaler<'_>, document: &mut PatchDocument, out: &mut LoweredPlan) {
    let PatchedScaler { unit, over, manifest, .. } = base;
    let scaling = &unit.workload.autoscaling;
    let before = Some(&over.member.service.autoscaling).filter(|_| !base.is_changed());
    let path: &[&str] = match base.is_keda() {
        true => &["spec", "advanced", "horizontalPodAutoscalerConfig", "behavior"],
        false => &["spec", "behavior"],
    };
    let thresholds = scaling.up.threshold.is_of_spec() || scaling.down.threshold.is_of_spec();
    let (up, down) = tolerances(unit);
    let directions = [
        ("scaleUp", &scaling.up, before.map(|before| &before.up), up),
        ("scaleDown", &scaling.down, before.map(|before| &before.down), down),
    ];
    let mut set =
        |direction: &str, field: &str, value: Json| document.set(&[path, &[direction, field][..]].concat(), value);
    for (key, step, before, _) in &directions {
        delay_and_rates(base, (key, step, *before), &mut |field, value| set(key, field, value), out);
    }
    // in a pass of their own, so that the order of the keys depends on no tolerance
    for (key, step, _, tolerance) in directions {
        let of_spec = thresholds || step.tolerance.is_some_and(|tolerance| tolerance.is_of_spec());
        if let Some(tolerance) = tolerance.filter(|_| of_spec && has_behavior(manifest)) {
            set(key, "tolerance", Json::from(tolerance));
        }
    }
}

/// The delay and the steps of one direction, where they differ from those of the base.
fn delay_and_rates(
    base: PatchedScaler<'_>,
    (key, step, before): (&str, &Step, Option<&Step>),
    set: &mut dyn FnMut(&str, Json),
    out: &mut LoweredPlan,
) {
    let before = before.filter(|_| is_known(base.over, key));
    let delay = step.delay.is_of_spec() && before.is_none_or(|before| before.delay.value != step.delay.value);
    let sized = (step.size.written && is_of_spec(step.size.at)) || step.every.is_some_and(|every| every.is_of_spec());
    let same_rates =
        |before: &Step| before.rates() == step.rates() && before.size.select.value == step.size.select.value;
    let rates = sized && !before.is_some_and(same_rates);
    if !delay && !rates {
        return;
    }
    if !has_behavior(base.manifest) {
        let message = format!(
            "{key} is not written: {} {} is of a version without `behavior`",
            base.manifest.kind, base.scaler.object.name
        );
        return out.lost(delay_place(step), message, "write it as autoscaling/v2 there");
    }
    let load = base.unit.workload.autoscaling.signal.value == Signal::Load;
    let written = direction(step, (load, is_exact(base.unit)), Cut::Lost, out);
    if delay {
        set("stabilizationWindowSeconds", Json::from(written.stabilization_window_seconds));
    }
    if rates {
        if before.map(select_word) != Some(written.select_policy) {
            set("selectPolicy", Json::from(written.select_policy));
        }
        if !written.policies.is_empty() {
            set("policies", json(&written.policies));
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
