//! Placement, service account, and a team's own labels and annotations. Knows no container.

use super::LoweredPlan;
use super::names::{is_label_value, is_qualified_name, is_subdomain};
use super::pod_objects::TolerationObject;
use super::unit::{OURS, WorkloadUnit};
use crate::plan::{NamedText, Toleration};
use crate::support::source::FieldSpan;
use std::collections::BTreeMap;

/// Reports keys and values of labels and annotations that the API server refuses.
pub(super) fn check(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) {
    let Some(pod) = unit.pod() else { return };
    for label in &pod.labels {
        if OURS.contains(&label.name.as_str()) {
            let message =
                format!("`{}` is a label that scalegen sets itself: selectors and tools go by it", label.name);
            out.refused(key_of(label), message, "give the label another name");
        }
    }
    for label in pod.labels.iter().chain(&pod.node_selector) {
        check_key(label, "a label", out);
        check_label_value(&label.value.value, label.value.at, out);
    }
    for annotation in &pod.annotations {
        check_key(annotation, "an annotation", out);
    }
}

/// The place of a key in a map of texts.
fn key_of(text: &NamedText) -> FieldSpan {
    FieldSpan { value: text.value.at.key, ..text.value.at }
}

pub(super) fn check_key(text: &NamedText, what: &str, out: &mut LoweredPlan) {
    if !is_qualified_name(&text.name) {
        let message = format!("`{}` cannot name {what}", text.name.escape_debug());
        let help = "use letters, digits, `-`, `_` and `.`, at most 63, after a domain and `/` where you like";
        out.refused(key_of(text), message, help);
    }
}

fn check_label_value(value: &str, at: FieldSpan, out: &mut LoweredPlan) {
    if !is_label_value(value) {
        let message = format!("`{}` cannot be the value of a label", value.escape_debug());
        out.refused(
            at,
            message,
            "use at most 63 letters, digits, `-`, `_` and `.`; what is longer can be an annotation",
        );
    }
}

fn map(texts: &[NamedText]) -> BTreeMap<String, String> {
    texts.iter().map(|text| (text.name.clone(), text.value.value.clone())).collect()
}

pub(super) fn annotations(unit: &WorkloadUnit<'_>) -> BTreeMap<String, String> {
    unit.pod().map(|pod| map(&pod.annotations)).unwrap_or_default()
}

pub(super) fn node_selector(unit: &WorkloadUnit<'_>) -> BTreeMap<String, String> {
    unit.pod().map(|pod| map(&pod.node_selector)).unwrap_or_default()
}

/// The annotations of an Ingress or a route.
pub(super) fn checked(texts: &[NamedText], out: &mut LoweredPlan) -> BTreeMap<String, String> {
    texts.iter().for_each(|text| check_key(text, "an annotation", out));
    map(texts)
}

pub(super) fn service_account(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> Option<String> {
    let account = unit.pod()?.service_account.as_ref()?;
    if !is_subdomain(&account.value) {
        let message = format!("`{}` cannot name a ServiceAccount", account.value.escape_debug());
        out.refused(account.at, message, "use lowercase letters, digits, `-` and `.`");
    }
    Some(account.value.clone())
}

pub(super) fn tolerations(all: &[Toleration], out: &mut LoweredPlan) -> Vec<TolerationObject> {
    let written = all.iter().map(|toleration| {
        if let Some(key) = toleration.key.as_ref().filter(|key| !is_qualified_name(&key.value)) {
            let message = format!("`{}` cannot be the key of a taint", key.value.escape_debug());
            out.refused(
                key.at,
                message,
                "use letters, digits, `-`, `_` and `.`, after a domain and `/` where you like",
            );
        }
        if let Some(value) = &toleration.value {
            check_label_value(&value.value, value.at, out);
            if toleration.key.is_none() {
                let message = format!("a value `{}` without a key: the API refuses it", value.value.escape_debug());
                out.refused(value.at, message, "write `key`, or remove `value`");
            }
        }
        let effect = toleration.effect.map(|effect| effect.value.word());
        if let Some(seconds) = toleration.seconds.filter(|_| effect != Some("NoExecute")) {
            let message =
                format!("{} seconds count only with `effect: NoExecute`: the API refuses them", seconds.value);
            out.refused(seconds.at, message, "write `effect: NoExecute`, or remove `seconds`");
        }
        TolerationObject {
            key: toleration.key.as_ref().map(|key| key.value.clone()),
            // Equal is the API's default
            operator: toleration.value.is_none().then_some("Exists"),
            value: toleration.value.as_ref().map(|value| value.value.clone()),
            effect,
            toleration_seconds: toleration.seconds.map(|seconds| seconds.value),
        }
    });
    written.collect()
}
