//! Values that a null of spec or profile removes from the base. Knows the paths of Kubernetes for fields of the spec.

use super::document::{PatchDocument, removal, set};
use crate::inputs::kubernetes::written_pod;
use crate::inputs::merge::Dropped;
use crate::syntax::Node;
use crate::targets::Input;
use crate::targets::kubernetes::base_objects::{BaseObjects, OverBase};
use crate::targets::kubernetes::unit::WorkloadUnit;
use crate::targets::kubernetes::{KubernetesOutput, LoweredPlan};
use serde_json::{Map, Value as Json};

/// The keys below a service that a null removes.
fn dropped<'d>(dropped: &'d [Dropped], name: &'d str) -> impl Iterator<Item = (Vec<&'d str>, &'d Dropped)> {
    dropped.iter().filter(|dropped| !dropped.replaced).filter_map(move |dropped| {
        let keys: Vec<&str> = dropped.path.iter().map(|key| &**key).collect();
        match keys.as_slice() {
            ["services", of, below @ ..] if *of == name && !below.is_empty() => Some((below.to_vec(), dropped)),
            _ => None,
        }
    })
}

/// Fields of the object itself and of its pods.
pub(super) fn fields(
    input: &Input<'_>,
    unit: &WorkloadUnit<'_>,
    over: &OverBase<'_>,
    document: &mut PatchDocument,
    out: &mut LoweredPlan,
) {
    let name = &unit.workload.name;
    let mut container = Json::Object(Map::new());
    for (keys, dropped) in dropped(input.dropped, name) {
        match keys.as_slice() {
            ["replicas"] if over.scaler.is_none() => document.set(&["spec", "replicas"], Json::Null),
            ["update"] => document.set(&["spec", "strategy"], Json::Null),
            ["stopGracePeriod"] => document.set_in_pod(&["terminationGracePeriodSeconds"], Json::Null),
            ["spread"] => document.set_in_pod(&["topologySpreadConstraints"], Json::Null),
            ["serviceAccount"] => document.set_in_pod(&["serviceAccountName"], Json::Null),
            ["tolerations"] => document.set_in_pod(&["tolerations"], Json::Null),
            ["nodeSelector", ..] => document.set_in_pod(&keys, Json::Null),
            [map @ ("annotations" | "labels"), key] => document.set_at_pod(&["metadata", map, key], Json::Null),
            ["podSecurity", field @ ("user" | "group" | "volumeGroup" | "readOnly")] => {
                security(field, over, document, &mut container);
            }
            ["command" | "args" | "env" | "ports" | "resources"]
            | ["env" | "resources", ..]
            | ["health" | "liveness" | "startup" | "drainDelay"] => {
                in_container(&keys, over, &mut container);
            }
            _ => {
                let field = keys.join(".");
                let message = format!("`{field}` of {} is not taken away: a patch has no way to", over.title());
                out.lost(dropped.by, message, "change it there");
            }
        }
    }
    if let Some(main) = over.workload.sure_main() {
        document.change_container(&main.name, &over.container_names(), container);
    }
}

/// A setting of security, from the container and from the pod as far as they have it.
fn security(field: &str, over: &OverBase<'_>, document: &mut PatchDocument, container: &mut Json) {
    let key = match field {
        "user" => "runAsUser",
        "group" => "runAsGroup",
        "volumeGroup" => "fsGroup",
        _ => "readOnlyRootFilesystem",
    };
    let has = |node: &Node| node.get("securityContext").is_some_and(|own| own.node.get(key).is_some());
    if super::container::written(over).is_some_and(has) {
        set(container, &["securityContext", key], Json::Null);
    }
    if written_pod(over.set, over.workload).is_some_and(has) {
        document.set_in_pod(&["securityContext", key], Json::Null);
    }
}

/// The path in a container for these keys of the spec.
fn in_container(keys: &[&str], over: &OverBase<'_>, container: &mut Json) {
    match *keys {
        ["env", variable] => {
            let item = serde_json::json!({"name": variable, "$patch": "delete"});
            match container.get_mut("env").and_then(Json::as_array_mut) {
                Some(items) => items.push(item),
                None => set(container, &["env"], Json::Array(vec![item])),
            }
        }
        ["resources", side, "gpu"] => {
            let written = super::container::written(over).and_then(|written| written.get("resources")?.node.get(side));
            let entries = written.map_or(&[][..], |side| side.node.entries());
            for entry in entries.iter().filter(|entry| entry.key.ends_with("/gpu")) {
                set(container, &["resources", side, &entry.key], Json::Null);
            }
        }
        [check @ ("health" | "liveness" | "startup")] => {
            set(container, &[super::probe::key_of(check)], Json::Null);
        }
        ["drainDelay"] => set(container, &["lifecycle", "preStop"], Json::Null),
        _ => set(container, keys, Json::Null),
    }
}

/// Workloads that a null removes as a whole, with their autoscalers and budgets.
pub(in crate::targets::kubernetes) fn removed(
    input: &Input<'_>,
    objects: &BaseObjects<'_>,
    out: &mut KubernetesOutput,
) {
    for dropped in input.dropped.iter().filter(|dropped| !dropped.replaced) {
        let [section, name] = dropped.path.as_slice() else { continue };
        let Some(over) = objects.find(name).filter(|_| &**section == "services") else { continue };
        let scaler = over.scaler.and_then(|scaler| over.set.manifests.get(scaler.manifest));
        let budget =
            over.budget.and_then(|budget| over.set.manifests.iter().find(|manifest| manifest.name_at() == budget.at));
        for manifest in over.manifest().into_iter().chain(scaler).chain(budget) {
            let kind = manifest.kind.to_ascii_lowercase();
            out.removal(format!("{name}-{kind}-patch.yaml"), removal(manifest));
        }
    }
}
