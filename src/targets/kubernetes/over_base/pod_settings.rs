//! What only a cluster has of a replica, laid over the base's: nodes, accounts, labels of the spec, security, further probes. The base's own is
//! not read, so all that the spec says is written.

use super::document::{PatchDocument, set};
use crate::targets::kubernetes::unit::WorkloadUnit;
use crate::targets::kubernetes::{LoweredPlan, json, placing, pod_security, probes};
use serde_json::{Map, Value as Json};

/// What is at the pod.
pub(super) fn lower(unit: &WorkloadUnit<'_>, document: &mut PatchDocument, out: &mut LoweredPlan) {
    placing::check(unit, out);
    let (pod, _) = pod_security::of(unit, out);
    let parts = [
        ("securityContext", json(&pod)),
        ("nodeSelector", json(&placing::node_selector(unit))),
        ("tolerations", json(&placing::tolerations(unit, out))),
        ("serviceAccountName", json(&placing::service_account(unit, out))),
    ];
    for (key, value) in parts.into_iter().filter(|(_, value)| says(value)) {
        document.set_in_pod(&[key], value);
    }
    let texts = unit.pod().map_or(&[][..], |pod| &pod.labels).iter();
    let labels: Map<String, Json> =
        texts.map(|label| (label.name.clone(), Json::from(label.value.value.as_str()))).collect();
    for (key, value) in [("labels", Json::Object(labels)), ("annotations", json(&placing::annotations(unit)))] {
        if says(&value) {
            document.set_at_pod(&["metadata", key], value);
        }
    }
}

/// What is at the container.
pub(super) fn container(unit: &WorkloadUnit<'_>, container: &mut Json, out: &mut LoweredPlan) {
    let (_, security) = pod_security::of(unit, out);
    let parts = [("securityContext", json(&security)), ("lifecycle", json(&probes::drain(unit, out)))];
    for (key, value) in parts.into_iter().filter(|(_, value)| says(value)) {
        set(container, &[key], value);
    }
    for (field, health) in unit.pod().into_iter().flat_map(|pod| pod.probes()) {
        if let Some(probe) = probes::probe(unit, (field, health), out) {
            set(container, &[&format!("{field}Probe")], json(&probe));
        }
    }
}

/// Whether there is anything in a value.
fn says(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Object(fields) => !fields.is_empty(),
        Json::Array(items) => !items.is_empty(),
        _ => true,
    }
}
