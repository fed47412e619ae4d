//! Deployments, StatefulSets and patches of them. Knows nothing of their Services and autoscalers.

use super::metadata::Metadata;
use super::objects::{
    Claim, ClaimSpec, CountOrPercent, DeploymentStrategy as Written, Object, RollingUpdate, WorkloadSpec,
};
use super::pod_objects::{ContainerResources, Quantities};
use super::unit::WorkloadUnit;
use super::{KubernetesOutput, LoweredPlan, amounts, json, pod};
use crate::plan::{Amount, Kind, Strategy, Update};
use serde_json::Value as Json;

/// Writes the workload of a service.
pub(super) fn lower(unit: &WorkloadUnit<'_>, out: &mut KubernetesOutput) {
    let workload = unit.workload;
    let lowered = &mut out.lowered;
    lost_concurrency(unit, lowered);
    let replicas = (!unit.autoscaled() && (workload.replicas.written || !unit.patch)).then_some(workload.fixed);
    let strategy = if unit.stateful { stateful_update(unit, lowered) } else { strategy(unit, lowered) };
    let spec = WorkloadSpec {
        replicas,
        service_name: (unit.stateful && !unit.patch).then(|| unit.headless()),
        selector: (!unit.patch).then(|| unit.selector()),
        // without a word on updates the base keeps its own
        strategy: strategy.filter(|_| !unit.patch || workload.update().written),
        template: pod::template(unit, lowered),
        volume_claim_templates: claims(unit, lowered),
    };
    let mut metadata = unit.metadata(workload.name.to_string());
    if unit.patch {
        metadata = Metadata { name: metadata.name, ..Metadata::default() };
    }
    let object = Object {
        api_version: "apps/v1",
        kind: if unit.stateful { "StatefulSet" } else { "Deployment" },
        metadata,
        spec,
    };
    let kind = unit.kind().to_ascii_lowercase();
    if unit.patch {
        out.patch(unit.path(&format!("{kind}-patch")), cleared(json(&object), unit));
    } else {
        out.object(unit.path(&kind), &object);
    }
}

/// Nulls that remove values which a strategic merge would keep beside ours.
fn cleared(mut patch: Json, unit: &WorkloadUnit<'_>) -> Json {
    let mut clear = |pointer: &str, keys: &[&str]| {
        if let Some(Json::Object(fields)) = patch.pointer_mut(pointer) {
            for key in keys {
                fields.entry(*key).or_insert(Json::Null);
            }
        }
    };
    if unit.autoscaled() {
        clear("/spec", &["replicas"]);
    }
    clear("/spec/strategy", &["rollingUpdate"]);
    clear("/spec/template/spec/containers/0/lifecycle/preStop", &["httpGet", "tcpSocket", "exec", "sleep"]);
    for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
        clear(&format!("/spec/template/spec/containers/0/{probe}"), &["httpGet", "tcpSocket", "exec", "grpc"]);
    }
    // `replicas` is easier to read in front
    if let Some(Json::Object(spec)) = patch.pointer_mut("/spec")
        && let Some(replicas) = spec.shift_remove("replicas")
    {
        spec.shift_insert(0, "replicas".to_owned(), replicas);
    }
    patch
}

/// A concurrency limit without a variable reaches the process only if the autoscaler counts with it.
pub(super) fn lost_concurrency(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) {
    let Some(concurrency) = unit.workload.concurrency.as_ref().filter(|concurrency| concurrency.env.is_none()) else {
        return;
    };
    let counted = unit.autoscaled() && unit.workload.autoscaling.signal.value == crate::plan::Signal::Load;
    if !counted {
        let limit = concurrency.limit.value;
        let message = format!("the limit of {limit} is not written: no variable carries it to the process");
        out.lost(concurrency.at, message, format!("name the variable: `{{limit: {limit}, env: NAME}}`"));
    }
}

/// A Deployment's strategy.
fn strategy(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> Option<Written> {
    let update = &unit.workload.update();
    let none = |amount: Amount| matches!(amount, Amount::Count(0) | Amount::Percent(0));
    let singleton = unit.workload.kind.value == Kind::Singleton;
    let recreate = Written { kind: "Recreate", rolling_update: None };
    if update.strategy.value == Strategy::Recreate {
        recreate_loses(update, out);
        return Some(recreate);
    }
    if let Some(unavailable) = update.unavailable
        && none(unavailable.value)
        && none(update.surge.value)
    {
        let message =
            format!("surge {} and unavailable {} leave no step to take", update.surge.value, unavailable.value);
        out.refused(unavailable.at, message, "allow one of the two, or write `strategy: recreate`");
    }
    if singleton && none(update.surge.value) {
        // a rolling update counts the old replica as gone while it still finishes its work; Recreate waits
        return Some(recreate);
    }
    let step = if none(update.surge.value) { Amount::Count(1) } else { Amount::Count(0) };
    let max_unavailable = update.unavailable.map_or(step, |unavailable| unavailable.value);
    Some(Written {
        kind: "RollingUpdate",
        rolling_update: Some(RollingUpdate {
            max_surge: CountOrPercent::from(update.surge.value),
            max_unavailable: CountOrPercent::from(max_unavailable),
        }),
    })
}

pub(super) fn recreate_loses(update: &Update, out: &mut LoweredPlan) {
    if update.surge.written && update.surge.value.up(100) > 0 {
        let message =
            format!("surge {} is not written: Recreate stops every replica before it starts one", update.surge.value);
        out.lost(update.surge.at, message, "remove it, or write `strategy: rolling`");
    }
    if let Some(unavailable) = update.unavailable {
        let message = format!("unavailable {} is not written: Recreate stops every replica at once", unavailable.value);
        out.lost(unavailable.at, message, "remove it, or write `strategy: rolling`");
    }
}

/// A StatefulSet replaces one replica after the other; the old one is gone before the new one starts.
pub(super) fn stateful_update(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> Option<Written> {
    let update = &unit.workload.update();
    let one = "a StatefulSet replaces one replica after the other";
    if update.strategy.value == Strategy::Recreate && unit.workload.peak > 1 {
        out.lost(update.strategy.at, format!("recreate is not written: {one}"), "write `strategy: rolling`");
    }
    if update.surge.written && update.surge.value.up(100) > 0 {
        let message = format!("surge {} is not written: {one}, without a spare", update.surge.value);
        out.lost(update.surge.at, message, "write `surge: 0`");
    }
    if let Some(unavailable) = update.unavailable.filter(|unavailable| unavailable.value != Amount::Count(1)) {
        let message = format!("unavailable {} is not written: {one}", unavailable.value);
        out.lost(unavailable.at, message, "write `unavailable: 1`");
    }
    None
}

fn claims(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> Vec<Claim> {
    let mut claims = Vec::new();
    let volumes = &unit.workload.volumes;
    for (index, volume) in volumes.iter().enumerate() {
        if unit.patch {
            let message =
                format!("volume {} is not written: the claims of what exists already cannot change", volume.name.value);
            out.lost(volume.at, message, "add it to the base, or give the service an `image`");
            continue;
        }
        let before = volumes.get(..index).unwrap_or_default();
        if !super::names::is_label(&volume.name.value) {
            let help = format!("name it `{}`", super::names::suggest(&volume.name.value, 63));
            out.refused(volume.name.at, format!("`{}` cannot name a volume", volume.name.value), help);
        } else if before.iter().any(|old| old.name.value == volume.name.value) {
            let message = format!("two volumes are called `{}`", volume.name.value);
            out.refused(volume.name.at, message, "give each its own name");
        }
        if before.iter().any(|old| old.mount.value == volume.mount.value) {
            let message = format!("two volumes are mounted at `{}`", volume.mount.value.escape_debug());
            out.refused(volume.mount.at, message, "give each its own path");
        }
        if volume.size.value.bytes == 0 {
            let message = format!("volume {} of 0 bytes: the storage of a claim must be above 0", volume.name.value);
            out.refused(volume.size.at, message, "write what the replica keeps, such as 1Gi");
        }
        if let Some(class) = volume.storage_class.as_ref().filter(|class| !super::names::is_subdomain(&class.value)) {
            let message = format!("`{}` cannot name a StorageClass", class.value.escape_debug());
            out.refused(class.at, message, "use lowercase letters, digits, `-` and `.`");
        }
        let requests = Quantities::from([("storage", amounts::bytes(volume.size.value))]);
        claims.push(Claim {
            metadata: Metadata { name: Some(volume.name.value.clone()), ..Metadata::default() },
            spec: ClaimSpec {
                access_modes: ["ReadWriteOnce"],
                storage_class_name: volume.storage_class.as_ref().map(|class| class.value.clone()),
                resources: ContainerResources { requests, ..ContainerResources::default() },
            },
        });
    }
    claims
}
