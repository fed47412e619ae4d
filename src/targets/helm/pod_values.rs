//! What a service gives to the pods of a chart beside its container: nodes, names, labels, rights, further questions. Knows no path.

use crate::plan::{Expose, PodSecurity, PodSettings, SecurityProfile};
use crate::support::source::FieldSpan;
use crate::targets::cluster_values::{texts as texts_of, tolerations};
use serde_json::{Map, Value as Json, json};

/// One value with its word and place.
pub(super) type PodValue = (&'static str, Json, FieldSpan);

/// Everything but the probes.
pub(super) fn of(pod: &PodSettings) -> Vec<PodValue> {
    let mut all: Vec<PodValue> = Vec::new();
    for (word, texts) in
        [("nodeSelector", &pod.node_selector), ("podLabels", &pod.labels), ("podAnnotations", &pod.annotations)]
    {
        all.extend(texts.first().map(|first| (word, texts_of(texts), first.value.at)));
    }
    if let Some(first) = pod.tolerations.first() {
        all.push(("tolerations", tolerations(&pod.tolerations), first.at));
    }
    if let Some(account) = &pod.service_account {
        all.push(("serviceAccount", json!(account.value), account.at));
        // one that is there: the chart would make another of the same name
        all.push(("createServiceAccount", json!(false), account.at));
    }
    if let Some(security) = &pod.security {
        let (pod, container) = both_parts(security);
        for (word, part) in [("podSecurityContext", pod), ("securityContext", container)] {
            if !part.is_empty() {
                all.push((word, part.into(), security.at));
            }
        }
    }
    all
}

/// The pod's part and the container's.
fn both_parts(security: &PodSecurity) -> (Map<String, Json>, Map<String, Json>) {
    let (mut pod, mut container) = (Map::new(), Map::new());
    if security.profile.value == SecurityProfile::Restricted {
        pod.insert("runAsNonRoot".to_owned(), json!(true));
        pod.insert("seccompProfile".to_owned(), json!({ "type": "RuntimeDefault" }));
        container.insert("allowPrivilegeEscalation".to_owned(), json!(false));
        container.insert("capabilities".to_owned(), json!({ "drop": ["ALL"] }));
    }
    for (key, number) in
        [("runAsUser", security.user), ("runAsGroup", security.group), ("fsGroup", security.volume_group)]
    {
        if let Some(number) = number {
            pod.insert(key.to_owned(), json!(number.value));
        }
    }
    if security.read_only.value {
        container.insert("readOnlyRootFilesystem".to_owned(), json!(true));
    }
    (pod, container)
}

/// What of the way in is more than a host and a path.
pub(super) fn ingress(expose: &Expose) -> Vec<PodValue> {
    let mut all: Vec<PodValue> = Vec::new();
    all.extend(expose.class.as_ref().map(|class| ("ingressClass", json!(class.value), class.at)));
    all.extend(
        expose.annotations.first().map(|first| ("ingressAnnotations", texts_of(&expose.annotations), first.value.at)),
    );
    if let Some(secret) = &expose.tls {
        let hosts: Vec<&str> = expose.host.iter().map(|host| host.value.as_str()).collect();
        all.push(("ingressTLS", json!([{ "secretName": secret.value, "hosts": hosts }]), secret.at));
    }
    all
}
