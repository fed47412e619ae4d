//! The fields of a service that only a cluster has. Knows no target.

use super::Service;
use crate::support::source::FieldSpan;

impl Service {
    /// The fields that only a cluster has, each with its name and place, for targets that report what they do not write.
    #[must_use]
    pub fn cluster_fields(&self) -> Vec<(&'static str, FieldSpan)> {
        let mut all: Vec<(&'static str, FieldSpan)> = Vec::new();
        for amounts in [&self.resources.requests, &self.resources.limits] {
            all.extend(amounts.ephemeral_storage.map(|storage| ("ephemeral storage", storage.at)));
        }
        let classes = self.volumes.iter().filter_map(|volume| volume.storage_class.as_ref());
        all.extend(classes.map(|class| ("storage class", class.at)));
        let Some(pod) = self.pod.as_deref() else { return all };
        all.extend(
            pod.probes()
                .map(|(field, probe)| (if field == "startup" { "startup check" } else { "liveness check" }, probe.at)),
        );
        all.extend(pod.drain_delay.map(|delay| ("drain delay", delay.at)));
        all.extend(pod.service_account.as_ref().map(|account| ("service account", account.at)));
        for (what, texts) in
            [("node selector", &pod.node_selector), ("labels", &pod.labels), ("annotations", &pod.annotations)]
        {
            all.extend(texts.iter().map(|text| (what, text.value.at)));
        }
        all.extend(pod.tolerations.iter().map(|toleration| ("tolerations", toleration.at)));
        all.extend(pod.security.as_ref().map(|security| ("pod security", security.at)));
        all
    }
}
