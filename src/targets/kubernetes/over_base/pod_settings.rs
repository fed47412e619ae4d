//! Fields of a replica that only a cluster has, laid over the base's: nodes, accounts, labels of the spec, security. The base's values are not read,
//! so every value of the spec is written.

use super::document::{PatchDocument, set};
use crate::syntax::Node;
use crate::targets::kubernetes::unit::WorkloadUnit;
use crate::targets::kubernetes::{LoweredPlan, json, placing, pod_security, probes};
use serde_json::{Map, Value as Json};

/// Fields of the pod.
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

/// Fields of the container, which the base writes like this.
pub(super) fn container(unit: &WorkloadUnit<'_>, written: Option<&Node>, container: &mut Json, out: &mut LoweredPlan) {
    let (_, security) = pod_security::of(unit, out);
    let mut lifecycle = json(&probes::drain(unit, out));
    // a hook has one handler, and a patch is merged into the base's
    let written = written.and_then(|own| own.get("lifecycle")?.node.get("preStop"));
    if let Some(hook) = lifecycle.get_mut("preStop").and_then(Json::as_object_mut) {
        let own = written.map_or(&[][..], |own| own.node.entries()).iter();
        for other in own.filter(|own| !own.node.is_null()) {
            hook.entry(&*other.key).or_insert(Json::Null);
        }
    }
    let parts = [("securityContext", json(&security)), ("lifecycle", lifecycle)];
    for (key, value) in parts.into_iter().filter(|(_, value)| says(value)) {
        set(container, &[key], value);
    }
}

/// Whether a value is not empty.
fn says(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Object(fields) => !fields.is_empty(),
        Json::Array(items) => !items.is_empty(),
        _ => true,
    }
}
