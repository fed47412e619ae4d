//! What a pod says beside its containers as fields of the spec: nodes, account, labels, annotations, security. Knows no other object.

use super::{written_container, written_pod, written_template};
use crate::inputs::kubernetes::access;
use crate::inputs::kubernetes::set::ManifestSet;
use crate::inputs::kubernetes::workload::ManifestWorkload;
use crate::inputs::leaf;
use crate::model::SecurityProfile;
use crate::support::secrets;
use crate::syntax::{Entry, Node};
use std::rc::Rc;

/// Labels that tools set, by which objects of a set find each other.
const OF_TOOLS: [&str; 8] = [
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/version",
    "helm.sh/chart",
    "pod-template-hash",
    "controller-revision-hash",
];

/// The fields of the pods of a workload.
pub(super) fn of(set: &ManifestSet, workload: &ManifestWorkload) -> Vec<Entry> {
    let Some(pod) = written_pod(set, workload) else { return Vec::new() };
    let mut fields = Vec::new();
    fields.extend(access::entry(pod, "nodeSelector").and_then(|all| texts("nodeSelector", all, &|_| true)));
    fields.extend(access::entry(pod, "tolerations").and_then(tolerations));
    // `serviceAccount` is its old name, which the API still takes
    let account =
        access::text(access::entry(pod, "serviceAccountName").or_else(|| access::entry(pod, "serviceAccount")));
    let account = account.filter(|account| !account.value.is_empty());
    fields.extend(account.map(|account| leaf::text("serviceAccount", account.at, &account.value)));
    let metadata = written_template(set, workload).and_then(|template| access::entry(template, "metadata"));
    let part = |key: &str| metadata.and_then(|metadata| access::entry(&metadata.node, key));
    let selected =
        |key: &str| workload.selector.as_ref().is_some_and(|selector| selector.required().any(|(own, _)| own == key));
    let own = |key: &str| !OF_TOOLS.contains(&key) && !selected(key);
    fields.extend(part("labels").and_then(|all| texts("labels", all, &own)));
    fields.extend(part("annotations").and_then(|all| texts("annotations", all, &|_| true)));
    fields.extend(security(set, workload, pod));
    fields
}

/// A map of texts. One that may hold a secret is unknown: what a spec says is written into files of other tools.
pub(super) fn texts(field: &str, written: &Entry, own: &dyn Fn(&str) -> bool) -> Option<Entry> {
    let all = written
        .node
        .entries()
        .iter()
        .filter(|entry| own(&entry.key) && !entry.key.starts_with("kubectl.kubernetes.io/"));
    let all = all.filter_map(|entry| {
        let text = access::quantity_text(&entry.node)?;
        let hidden = secrets::is_likely(&entry.key, text);
        Some(if hidden { leaf::unknown(&entry.key, entry.at()) } else { leaf::shared(entry, entry.at(), text) })
    });
    let all: Vec<Entry> = all.collect();
    (!all.is_empty()).then(|| leaf::mapping(field, written.at(), all))
}

/// The tolerations; unknown if one compares in a way that the spec has no word for.
fn tolerations(written: &Entry) -> Option<Entry> {
    let items: Option<Vec<Rc<Node>>> = written.node.items().iter().map(|item| toleration(item)).collect();
    match items {
        Some(items) if items.is_empty() => None,
        Some(items) => Some(leaf::sequence("tolerations", written.at(), items)),
        None => Some(leaf::unknown("tolerations", written.at())),
    }
}

fn toleration(item: &Node) -> Option<Rc<Node>> {
    let text = |key: &str, field: &str| {
        let value = access::text(access::entry(item, key)).filter(|value| !value.value.is_empty())?;
        Some(leaf::text(field, value.at, &value.value))
    };
    let mut fields: Vec<Entry> = text("key", "key").into_iter().collect();
    match access::word(item, "operator") {
        // Equal without a value compares with the empty one
        "" | "Equal" => {
            let value = access::text(access::entry(item, "value"));
            let at = value.as_ref().map_or_else(|| access::item_at(item, "key"), |value| value.at);
            fields.push(leaf::text("value", at, &value.map(|value| value.value).unwrap_or_default()));
        }
        "Exists" => {}
        _ => return None,
    }
    fields.extend(text("effect", "effect"));
    let seconds = access::count(access::entry(item, "tolerationSeconds"));
    fields.extend(seconds.map(|seconds| leaf::number("seconds", seconds.at, seconds.value.into())));
    Some(leaf::item(access::item_at(item, "key"), fields))
}

/// The security settings of the main container: its own come before those of the pod.
fn security(set: &ManifestSet, workload: &ManifestWorkload, pod: &Node) -> Option<Entry> {
    let container = workload.main().and_then(|main| written_container(set, workload, main));
    let contexts: Vec<&Entry> =
        container.into_iter().chain([pod]).filter_map(|node| access::entry(node, "securityContext")).collect();
    let first = contexts.iter().find(|context| !context.node.entries().is_empty())?;
    let of = |key: &str| contexts.iter().find_map(|context| access::entry(&context.node, key));
    let profile = if set.refused_by_profile(workload, SecurityProfile::Restricted, None).is_empty() {
        SecurityProfile::Restricted
    } else {
        SecurityProfile::Baseline
    };
    let mut fields = vec![leaf::text("profile", first.at(), profile.word())];
    for (key, field) in [("runAsUser", "user"), ("runAsGroup", "group"), ("fsGroup", "volumeGroup")] {
        let number = access::count(of(key));
        fields.extend(number.map(|number| leaf::number(field, number.at, number.value.into())));
    }
    let read_only = access::flag(of("readOnlyRootFilesystem")).filter(|own| own.value);
    fields.extend(read_only.map(|own| leaf::flag("readOnly", own.at, true)));
    Some(leaf::mapping("podSecurity", first.at(), fields))
}
