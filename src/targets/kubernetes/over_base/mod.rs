//! A service laid over an object of a base: a patch that contains only what spec or profile change, under the base's
//! names for its objects and containers. Knows the manifests of the base.

mod container;
mod document;
mod edited;
mod kept_ports;
mod pod_settings;
mod probe;
mod removals;
mod scaler;
mod update;

pub(super) use removals::removed;

use super::base_objects::{BaseObjects, OverBase};
use super::settings::{KubernetesSettings, containers};
use super::unit::WorkloadUnit;
use super::{KubernetesOutput, LoweredPlan, pod, scaling};
use crate::inputs::kubernetes::{AutoscalerObject, WorkloadKind};
use crate::plan::ClusterAutoscaler;
use crate::plan::{Disruption, Opt, Workload};
use crate::support::source::FieldSpan;
use crate::targets::Input;
use document::PatchDocument;
use serde_json::Value as Json;

/// Lays one service over its object.
pub(super) fn lower(
    input: &Input<'_>,
    settings: &KubernetesSettings,
    workload: &Workload,
    over: &OverBase<'_>,
    out: &mut KubernetesOutput,
) {
    let settings = settings_of(input, settings, over, out);
    let unit = WorkloadUnit::over(input.plan, &settings, workload, over);
    namespace(&unit, over, input, &mut out.lowered);
    let mut document = over.manifest().map(PatchDocument::of).unwrap_or_default();
    if let Some(replicas) = scaler::lower(&unit, over, out) {
        document.set(&["spec", "replicas"], replicas);
    }
    update::lower(&unit, over, &mut document, &mut out.lowered);
    pod_fields(&unit, over, &mut document, &mut out.lowered);
    pod_settings::lower(&unit, over, &mut document, &mut out.lowered);
    container::lower(&unit, over, &mut document, &mut out.lowered);
    stays(&unit, over, &mut out.lowered);
    disruption(&unit, over, out);
    removals::fields(input, &unit, over, &mut document, &mut out.lowered);
    kept_ports::lower(over, &mut document, &mut out.lowered);
    if !document.is_empty() {
        let kind = over.workload.object.kind.to_ascii_lowercase();
        out.patch(unit.path(&format!("{kind}-patch")), document.finish());
    }
}

/// Reports chosen containers that the base does not have.
pub(super) fn unknown_containers(input: &Input<'_>, objects: &BaseObjects<'_>, out: &mut LoweredPlan) {
    for (service, name, at) in containers(input.options) {
        let Some(over) = objects.find(service) else {
            if !objects.is_partial() {
                let message = format!("no workload of {} is called `{}`", objects.project.name, service.escape_debug());
                out.lost(at, message, "remove it, or write the name of a workload there");
            }
            continue;
        };
        let names: Vec<&str> = over.workload.named().map(|container| container.name.as_str()).collect();
        if !names.contains(&name) {
            let message = format!("{} has no container `{}`", over.title(), name.escape_debug());
            out.refused(at, message, format!("write one of {}", names.join(", ")));
        }
    }
}

/// The options for one object: the base's autoscaler is kept.
fn settings_of(
    input: &Input<'_>,
    settings: &KubernetesSettings,
    over: &OverBase<'_>,
    out: &mut KubernetesOutput,
) -> KubernetesSettings {
    let mut settings = settings.clone();
    let Some(scaler) = over.scaler.filter(|_| settings.autoscaler != ClusterAutoscaler::None) else { return settings };
    let own = match scaler.kind {
        AutoscalerObject::ScaledObject => ClusterAutoscaler::Keda,
        _ => ClusterAutoscaler::Hpa,
    };
    if let Some(written) = input.options.get("autoscaler").filter(|_| own != settings.autoscaler)
        && matches!(written.value, Opt::Text(_))
    {
        let message = format!(
            "{} {} of {} scales `{}` and is kept",
            scaler.object.kind, scaler.object.name, over.project.name, over.member.name
        );
        out.lowered.lost(written.at, message, "take it out there to have another");
    }
    settings.autoscaler = own;
    settings
}

/// Reports objects in another namespace than the workload's, which would not reach it.
fn namespace(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, input: &Input<'_>, out: &mut LoweredPlan) {
    let (Some(named), Some(own)) = (&unit.settings.namespace, over.namespace()) else { return };
    if *named != own
        && let Some((_, at)) = input.options.text("namespace")
    {
        let message = format!("{} is in the namespace `{own}`, not `{named}`", over.title());
        out.refused(at, message, format!("write `namespace: {own}`, or remove it: the base's is taken"));
    }
}

/// Fields that all containers share.
fn pod_fields(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, document: &mut PatchDocument, out: &mut LoweredPlan) {
    let (workload, own) = (unit.workload, &over.member.service);
    let grace =
        over.written(workload.stop_grace_period.as_ref(), own.stop_grace_period.map(|own| own.value), |own, value| {
            own == value
        });
    if let Some(grace) = grace {
        let seconds = super::amounts::whole_seconds(*grace, "a grace period", out);
        document.set_in_pod(&["terminationGracePeriodSeconds"], Json::from(seconds));
    }
    if over.written(workload.spread.as_ref(), own.spread.map(|own| own.value), |own, value| own == value).is_some() {
        let constraints = pod::spread(unit);
        if !constraints.is_empty() {
            document.set_in_pod(&["topologySpreadConstraints"], super::json(&constraints));
        }
    }
}

/// Reports fields of the spec that no patch changes.
fn stays(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, out: &mut LoweredPlan) {
    let (workload, title) = (unit.workload, over.title());
    super::workload::lost_concurrency(unit, out);
    if let Some(expose) = workload.expose.as_ref().filter(|expose| is_of_spec(expose.at)) {
        let message = format!("expose is not written: what is before {title} stays as it is");
        out.lost(expose.at, message, "change the Service and the Ingress there");
    }
    for volume in workload.volumes.iter().filter(|volume| is_of_spec(volume.at)) {
        let same = over.member.service.volumes.iter().any(|own| {
            own.mount.value.trim_end_matches('/') == volume.mount.value.trim_end_matches('/')
                && own.size.value.bytes == volume.size.value.bytes
        });
        if !same {
            let message = format!("volume {} is not written: the claims of {title} cannot change", volume.name.value);
            out.lost(volume.at, message, "change them there");
        }
    }
    if workload.kind.is_of_spec() && workload.kind.value == crate::plan::Kind::Stateful && !unit.stateful {
        let message = format!("stateful is not written: {title} is not a StatefulSet");
        out.lost(workload.kind.at, message, "change the kind there");
    }
}

fn is_of_spec(at: FieldSpan) -> bool {
    at.file == crate::support::diagnostic::SPEC
}

/// The budget of the base under its own name, else one of ours.
fn disruption(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, out: &mut KubernetesOutput) {
    let own = over.budget.and_then(|budget| budget.keeps).map(|keeps| keeps.value);
    let wanted = over.written(unit.workload.disruption.as_ref(), own, |own, value| own == value);
    let Some(wanted) = wanted else { return };
    let Some(budget) = over.budget else { return scaling::disruption(unit, out) };
    let Some(manifest) = over.set.manifests.iter().find(|manifest| manifest.name_at() == budget.at) else { return };
    let (key, other, amount) = match wanted.value {
        Disruption::MinAvailable(amount) => ("minAvailable", "maxUnavailable", amount),
        Disruption::MaxUnavailable(amount) => ("maxUnavailable", "minAvailable", amount),
    };
    let mut document = PatchDocument::of(manifest);
    document.set(&["spec", key], super::json(&super::objects::CountOrPercent::from(amount)));
    if manifest.spec().is_some_and(|spec| spec.get(other).is_some()) {
        document.set(&["spec", other], Json::Null);
    }
    out.patch(unit.path("poddisruptionbudget-patch"), document.finish());
}

/// Whether an object has a number of replicas, or reports that it has none.
fn has_replicas(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, out: &mut LoweredPlan) -> bool {
    let kind = over.workload.kind;
    if kind.has_replicas() {
        return true;
    }
    let replicas = &unit.workload.replicas;
    let message = format!("{} is not written: {} has no number of replicas", replicas_text(unit), over.title());
    let help = match kind {
        WorkloadKind::DaemonSet => "remove it: one runs on each node",
        _ => "remove it",
    };
    out.lost(replicas.at, message, help);
    false
}

fn replicas_text(unit: &WorkloadUnit<'_>) -> String {
    let replicas = &unit.workload.replicas;
    match (replicas.min.value, replicas.max.value) {
        (min, max) if min == max => crate::support::plural::plural(min, "replica"),
        (min, max) => format!("{min} to {max} replicas"),
    }
}
