//! Fields of a replica that only a cluster has, laid over the base's: nodes, accounts, labels of the spec, security. Only what spec or
//! profile set, and the base has otherwise, is written.

use super::document::{PatchDocument, set};
use super::is_of_spec;
use crate::inputs::kubernetes::DrainHook;
use crate::plan::{NamedText, PodSettings, SecurityProfile};
use crate::syntax::Node;
use crate::targets::kubernetes::base_objects::OverBase;
use crate::targets::kubernetes::unit::WorkloadUnit;
use crate::targets::kubernetes::{LoweredPlan, json, placing, pod_security, probes};
use serde_json::Value as Json;

/// Fields of the pod.
pub(super) fn lower(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, document: &mut PatchDocument, out: &mut LoweredPlan) {
    let Some(pod) = unit.pod() else { return };
    placing::check(unit, out);
    let own = base_pod(over);
    let (security, _) = pod_security::of(unit, out);
    keeps_profile(pod, own, over, out);
    let selector = changed(&pod.node_selector, own.map(|own| &own.node_selector));
    let account = pod.service_account.as_ref().filter(|account| {
        let same = own.and_then(|own| own.service_account.as_ref()).is_some_and(|own| own.value == account.value);
        account.is_of_spec() && !same
    });
    let account = account.and_then(|_| placing::service_account(unit, out));
    let parts = [
        ("securityContext", json(&security)),
        ("nodeSelector", selector),
        ("tolerations", tolerations(pod, own, out)),
        ("serviceAccountName", json(&account)),
    ];
    for (key, value) in parts.into_iter().filter(|(_, value)| says(value)) {
        document.set_in_pod(&[key], value);
    }
    let labels = changed(&pod.labels, own.map(|own| &own.labels));
    let annotations = changed(&pod.annotations, own.map(|own| &own.annotations));
    for (key, value) in [("labels", labels), ("annotations", annotations)] {
        if says(&value) {
            document.set_at_pod(&["metadata", key], value);
        }
    }
}

/// Reports a lower profile of Pod Security than that of the base's pods, which keep their settings.
fn keeps_profile(pod: &PodSettings, own: Option<&PodSettings>, over: &OverBase<'_>, out: &mut LoweredPlan) {
    let profile = |pod: &PodSettings| pod.security.as_ref().map(|security| security.profile);
    let (Some(wanted), Some(own)) = (profile(pod), own.and_then(profile)) else { return };
    if wanted.is_of_spec() && wanted.value == SecurityProfile::Baseline && own.value == SecurityProfile::Restricted {
        let message =
            format!("profile baseline is not written: the pods of {} keep what restricted asks for", over.title());
        out.lost(wanted.at, message, "take their security settings away there");
    }
}

/// What the base says; nothing of it is known if patches of its own change it.
fn base_pod<'o>(over: &'o OverBase<'_>) -> Option<&'o PodSettings> {
    over.member.service.pod.as_deref().filter(|_| !over.changed)
}

/// The entries of a map that the spec sets to something else.
fn changed(texts: &[NamedText], own: Option<&Vec<NamedText>>) -> Json {
    let same = |text: &NamedText| {
        own.into_iter().flatten().any(|own| own.name == text.name && own.value.value == text.value.value)
    };
    let written = texts.iter().filter(|text| text.value.is_of_spec() && !same(text));
    Json::Object(written.map(|text| (text.name.clone(), Json::from(text.value.value.as_str()))).collect())
}

/// The whole list: a patch replaces it.
fn tolerations(pod: &PodSettings, own: Option<&PodSettings>, out: &mut LoweredPlan) -> Json {
    if !pod.tolerations.iter().any(|toleration| is_of_spec(toleration.at)) {
        return Json::Null;
    }
    let written = json(&placing::tolerations(&pod.tolerations, out));
    let same =
        own.is_some_and(|own| written == json(&placing::tolerations(&own.tolerations, &mut LoweredPlan::default())));
    if same { Json::Null } else { written }
}

/// Fields of the container, which the base writes like this.
pub(super) fn container(
    unit: &WorkloadUnit<'_>,
    over: &OverBase<'_>,
    written: Option<&Node>,
    container: &mut Json,
    out: &mut LoweredPlan,
) {
    // what it says of a container is reported with the pod's part
    let (_, security) = pod_security::of(unit, &mut LoweredPlan::default());
    let mut security = json(&security);
    // a number of the container comes before that of its pod
    let own = written.and_then(|own| own.get("securityContext"));
    let numbers = pod_security::changed(unit);
    let numbers = numbers.map(|numbers| [("runAsUser", numbers.user), ("runAsGroup", numbers.group)]);
    for (key, number) in numbers.into_iter().flatten() {
        if let Some(number) = number.filter(|_| own.is_some_and(|own| own.node.get(key).is_some())) {
            set(&mut security, &[key], Json::from(number.value));
        }
    }
    let parts = [("securityContext", security), ("lifecycle", lifecycle(unit, over, written, out))];
    for (key, value) in parts.into_iter().filter(|(_, value)| says(value)) {
        set(container, &[key], value);
    }
}

/// The hook that waits, in the form of the base's where that waits too.
fn lifecycle(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, written: Option<&Node>, out: &mut LoweredPlan) -> Json {
    let delay = unit.pod().and_then(|pod| pod.drain_delay.as_ref());
    let own = base_pod(over).and_then(|own| own.drain_delay);
    if over.written(delay, own.map(|own| own.value), |own, value| own == value).is_none() {
        return Json::Null;
    }
    let hook = written.and_then(DrainHook::of);
    let mut lifecycle = json(&probes::drain(unit, hook.as_ref(), out));
    // a hook has one handler, and a patch is merged into the base's
    let written = written.and_then(|own| own.get("lifecycle")?.node.get("preStop"));
    if let Some(hook) = lifecycle.get_mut("preStop").and_then(Json::as_object_mut) {
        let own = written.map_or(&[][..], |own| own.node.entries()).iter();
        for other in own.filter(|own| !own.node.is_null()) {
            hook.entry(&*other.key).or_insert(Json::Null);
        }
    }
    lifecycle
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
