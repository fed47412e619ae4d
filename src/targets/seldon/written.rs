//! The output for one component of Seldon: its override, and its values in the chart. Knows no workload.

use super::facts::Component;
use serde_json::{Map, Value as Json, json};

/// The output for one component.
#[derive(Debug)]
pub(super) struct ComponentOutput {
    pub(super) component: &'static Component,
    pub(super) replicas: u32,
    /// The container's fields in a `SeldonRuntime`, apart from its name.
    pub(super) container: Map<String, Json>,
    /// The grace period in seconds, in a `SeldonRuntime`.
    pub(super) grace: Option<u64>,
    /// The component's values in the setup chart.
    pub(super) setup: Map<String, Json>,
}

impl ComponentOutput {
    /// Its entry of `overrides`; `None` if it has no name there.
    pub(super) fn to_override(&self) -> Option<Json> {
        let mut entry = Map::new();
        entry.insert("name".to_owned(), json!(self.component.runtime?));
        entry.insert("replicas".to_owned(), json!(self.replicas));
        let mut pod = Map::new();
        if !self.container.is_empty() {
            let mut container = Map::new();
            container.insert("name".to_owned(), json!(self.component.container));
            container.extend(self.container.clone());
            pod.insert("containers".to_owned(), json!([container]));
        }
        if let Some(grace) = self.grace {
            pod.insert("terminationGracePeriodSeconds".to_owned(), json!(grace));
        }
        if !pod.is_empty() {
            entry.insert("podSpec".to_owned(), Json::Object(pod));
        }
        Some(Json::Object(entry))
    }
}
