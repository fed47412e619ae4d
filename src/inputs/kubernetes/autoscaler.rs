//! HorizontalPodAutoscalers, ScaledObjects and VerticalPodAutoscalers. Knows no link between objects.

use super::access::{count, entry, items, memory, path, text, word};
use super::documents::Manifest;
use crate::inputs::facts::ObjectName;
use crate::model::Val;
use crate::model::quantity::Memory;
use crate::support::source::{FieldSpan, FileId};
use crate::syntax::{Entry, Node};

/// Which kind of autoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoscalerObject {
    /// HorizontalPodAutoscaler.
    Horizontal,
    /// KEDA's ScaledObject.
    ScaledObject,
    /// VerticalPodAutoscaler.
    Vertical,
}

impl AutoscalerObject {
    /// The names of its bounds.
    #[must_use]
    pub fn bound_fields(self) -> (&'static str, &'static str) {
        match self {
            AutoscalerObject::ScaledObject => ("minReplicaCount", "maxReplicaCount"),
            AutoscalerObject::Horizontal | AutoscalerObject::Vertical => ("minReplicas", "maxReplicas"),
        }
    }
}

impl AutoscalerObject {
    /// The paths of its bounds in the object.
    #[must_use]
    pub fn bound_paths(self) -> (&'static str, &'static str) {
        match self {
            AutoscalerObject::ScaledObject => ("spec.minReplicaCount", "spec.maxReplicaCount"),
            AutoscalerObject::Horizontal | AutoscalerObject::Vertical => ("spec.minReplicas", "spec.maxReplicas"),
        }
    }
}

/// One metric.
#[derive(Clone, Debug)]
pub struct ScalingMetric {
    /// Its place in the file.
    pub at: FieldSpan,
    /// `cpu`, `memory`; empty for what is not a resource of the pods.
    pub resource: String,
    /// The one container that counts; `None` for the whole pod.
    pub container: Option<Val<String>>,
    /// Percent of the request.
    pub utilization: Option<Val<i64>>,
    /// An amount a replica.
    pub value: Option<Val<Memory>>,
}

/// One autoscaler.
#[derive(Clone, Debug)]
pub struct ManifestAutoscaler {
    /// Its name.
    pub object: ObjectName,
    /// The index of its manifest in the set.
    pub manifest: usize,
    /// The file it is in.
    pub file: FileId,
    /// Where its name is.
    pub at: FieldSpan,
    /// Which kind.
    pub kind: AutoscalerObject,
    /// The place where the target is named.
    pub target_at: FieldSpan,
    /// Group of the target; `None` if no version is written.
    pub target_group: Option<Val<String>>,
    /// Kind of the target.
    pub target_kind: Val<String>,
    /// Name of the target.
    pub target_name: Option<Val<String>>,
    /// Least replicas, if written.
    pub min: Option<Val<u32>>,
    /// Most replicas, if written.
    pub max: Option<Val<u32>>,
    /// Its metrics.
    pub metrics: Vec<ScalingMetric>,
    /// The time zones of triggers that follow the clock.
    pub time_zones: Vec<Val<String>>,
    /// Whether it is inactive: `updateMode: Off`, a paused ScaledObject.
    pub idle: bool,
    /// The resources that a vertical one sets; empty for its defaults.
    pub controlled: Vec<String>,
    /// Whether a server wrote it: it comes from a cluster.
    pub live: bool,
}

impl ManifestAutoscaler {
    /// The name of its target, for messages.
    #[must_use]
    pub fn target(&self) -> String {
        let name = self.target_name.as_ref().map(|name| name.value.as_str()).unwrap_or_default();
        format!("{}/{name}", self.target_kind.value)
    }

    /// Whether it changes the number of replicas.
    #[must_use]
    pub fn is_horizontal(&self) -> bool {
        self.kind != AutoscalerObject::Vertical
    }
}

/// Reads an autoscaler; `None` for another kind, and for a patch that names no target.
pub(super) fn read(manifest: &Manifest, index: usize) -> Option<ManifestAutoscaler> {
    let kind = match (manifest.kind.as_str(), manifest.group.as_str()) {
        ("HorizontalPodAutoscaler", "autoscaling" | "extensions") => AutoscalerObject::Horizontal,
        ("ScaledObject", "keda.sh" | "keda.k8s.io") => AutoscalerObject::ScaledObject,
        ("VerticalPodAutoscaler", "autoscaling.k8s.io" | "poc.autoscaling.k8s.io") => AutoscalerObject::Vertical,
        _ => return None,
    };
    let spec = manifest.spec()?;
    let reference = entry(spec, if kind == AutoscalerObject::Vertical { "targetRef" } else { "scaleTargetRef" })?;
    let of = |key: &str| text(entry(&reference.node, key));
    let group = of("apiVersion").map(|version| {
        let group = version.value.rsplit_once('/').map_or("", |(group, _)| group).to_owned();
        Val::new(group, version.at)
    });
    let keda = kind == AutoscalerObject::ScaledObject;
    // a ScaledObject scales a Deployment if it names no kind
    let deployment = || Val::default_at(if keda { "Deployment" } else { "" }.to_owned(), reference.at());
    let apps = || Val::default_at("apps".to_owned(), reference.at());
    let (min, max) = kind.bound_fields();
    Some(ManifestAutoscaler {
        object: manifest.object(),
        manifest: index,
        file: manifest.file,
        at: manifest.name_at(),
        kind,
        target_at: reference.at(),
        target_group: group.or_else(|| keda.then(apps)),
        target_kind: of("kind").unwrap_or_else(deployment),
        target_name: of("name").or_else(|| of("deploymentName")),
        min: count(entry(spec, min)),
        max: count(entry(spec, max)),
        // a list of one that grew holds places for four
        metrics: metrics(spec, kind).into_boxed_slice().into_vec(),
        time_zones: time_zones(spec),
        idle: is_idle(manifest, spec, kind),
        controlled: controlled(spec),
        live: manifest.live,
    })
}

fn time_zones(spec: &Node) -> Vec<Val<String>> {
    let clocks = items(spec, "triggers").filter(|item| word(item, "type") == "cron");
    let zones = clocks.filter_map(|item| text(path(item, &["metadata", "timezone"])));
    zones.filter(|zone| !zone.value.is_empty()).collect()
}

fn is_idle(manifest: &Manifest, spec: &Node, kind: AutoscalerObject) -> bool {
    let annotations = path(&manifest.root, &["metadata", "annotations"]);
    let paused = |key: &str| annotations.is_some_and(|all| all.node.get(key).is_some());
    match kind {
        AutoscalerObject::Vertical => {
            path(spec, &["updatePolicy", "updateMode"]).is_some_and(|mode| &*mode.node.text == "Off")
        }
        AutoscalerObject::ScaledObject => {
            paused("autoscaling.keda.sh/paused") || paused("autoscaling.keda.sh/paused-replicas")
        }
        AutoscalerObject::Horizontal => false,
    }
}

/// The resources that some policy of a vertical autoscaler names. Containers that it leaves alone are skipped.
fn controlled(spec: &Node) -> Vec<String> {
    let mut all = Vec::new();
    let Some(policies) = path(spec, &["resourcePolicy", "containerPolicies"]) else { return all };
    for policy in policies.node.items() {
        all.extend(items(policy, "controlledResources").map(|item| item.text.to_string()));
    }
    all
}

fn metrics(spec: &Node, kind: AutoscalerObject) -> Vec<ScalingMetric> {
    let bare = |at: FieldSpan, resource: &str| ScalingMetric {
        at,
        resource: resource.to_owned(),
        container: None,
        utilization: None,
        value: None,
    };
    if kind == AutoscalerObject::ScaledObject {
        let trigger = |item: &Node| {
            let metadata = entry(item, "metadata");
            let resource = word(item, "type");
            let resource = if matches!(resource, "cpu" | "memory") { resource } else { "" };
            let value = metadata.and_then(|entry| super::access::entry(&entry.node, "value"));
            let kind = metadata.map_or("", |entry| word(&entry.node, "type"));
            let utilization =
                matches!(word(item, "metricType"), "" | "Utilization") && matches!(kind, "" | "Utilization");
            let percent = value.and_then(|value| Some(Val::new(value.node.text.parse().ok()?, value.at())));
            ScalingMetric {
                container: metadata.and_then(|entry| text(super::access::entry(&entry.node, "containerName"))),
                utilization: percent.filter(|_| utilization && !resource.is_empty()),
                ..bare(item.at(), resource)
            }
        };
        return items(spec, "triggers").map(|item| trigger(item)).collect();
    }
    if let Some(percent) = entry(spec, "targetCPUUtilizationPercentage") {
        let utilization = percent.node.as_whole().map(|number| Val::new(number, percent.at()));
        return vec![ScalingMetric { utilization, ..bare(percent.at(), "cpu") }];
    }
    items(spec, "metrics").filter_map(|item| metric(item, &bare)).collect()
}

/// A metric of v2, or of the betas before it, which had `targetAverageUtilization` next to the name.
fn metric(item: &Node, bare: &dyn Fn(FieldSpan, &str) -> ScalingMetric) -> Option<ScalingMetric> {
    let resource = entry(item, "resource").or_else(|| entry(item, "containerResource"));
    let Some(resource) = resource else { return Some(bare(item.at(), "")) };
    let node = &*resource.node;
    let target = entry(node, "target");
    let of = |key: &str| target.and_then(|target| entry(&target.node, key));
    let percent = of("averageUtilization").or_else(|| entry(node, "targetAverageUtilization"));
    let value = of("averageValue").or_else(|| entry(node, "targetAverageValue"));
    let at = entry(node, "name").map_or_else(|| resource.at(), Entry::at);
    Some(ScalingMetric {
        container: text(entry(node, "container")),
        utilization: percent.and_then(|percent| Some(Val::new(percent.node.as_whole()?, percent.at()))),
        value: memory(value),
        ..bare(at, word(node, "name"))
    })
}
