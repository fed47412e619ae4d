//! Objects that run pods: Deployments and their kind. Knows no link between objects.

use super::access::{amount, count, entry, flag, items, path, text, word};
use super::documents::Manifest;
use super::pod::{self, PodTemplate};
use super::selector::LabelSelector;
use crate::inputs::facts::ObjectName;
use crate::model::{Amount, Val};
use crate::support::source::{FieldSpan, FileId};
use crate::syntax::{Entry, Node};

/// Which kind of workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names of kinds")]
pub enum WorkloadKind {
    Deployment,
    Rollout,
    StatefulSet,
    ReplicaSet,
    DaemonSet,
    Job,
    CronJob,
    Pod,
}

impl WorkloadKind {
    /// The kind of an object, by its group: a CustomResource may be called as one of these.
    fn of(manifest: &Manifest) -> Option<WorkloadKind> {
        let apps = matches!(manifest.group.as_str(), "apps" | "extensions");
        Some(match manifest.kind.as_str() {
            "Deployment" if apps => WorkloadKind::Deployment,
            "StatefulSet" if apps => WorkloadKind::StatefulSet,
            "ReplicaSet" if apps => WorkloadKind::ReplicaSet,
            "DaemonSet" if apps => WorkloadKind::DaemonSet,
            "Rollout" if manifest.group == "argoproj.io" => WorkloadKind::Rollout,
            "Job" if manifest.group == "batch" => WorkloadKind::Job,
            "CronJob" if manifest.group == "batch" => WorkloadKind::CronJob,
            "ReplicationController" if manifest.group.is_empty() => WorkloadKind::ReplicaSet,
            "Pod" if manifest.group.is_empty() => WorkloadKind::Pod,
            _ => return None,
        })
    }

    /// Whether it keeps a number of replicas running.
    #[must_use]
    pub fn has_replicas(self) -> bool {
        !matches!(self, WorkloadKind::DaemonSet | WorkloadKind::Job | WorkloadKind::CronJob | WorkloadKind::Pod)
    }

    /// Whether it runs to its end.
    #[must_use]
    pub fn ends(self) -> bool {
        matches!(self, WorkloadKind::Job | WorkloadKind::CronJob)
    }
}

/// How a new version replaces the old.
#[derive(Clone, Debug)]
pub struct RolloutStrategy {
    /// What to underline for the whole of it: the strategy, or the kind if none is written.
    pub at: FieldSpan,
    /// Whether it is written.
    pub written: bool,
    /// Whether old and new pods run at the same time.
    pub rolling: bool,
    /// More pods than asked for; the default of a Deployment is 25%.
    pub surge: Val<Amount>,
    /// Fewer pods than asked for.
    pub unavailable: Val<Amount>,
}

/// A claim that a StatefulSet makes for each pod.
#[derive(Clone, Debug)]
pub struct ClaimTemplate {
    /// Its name, which containers mount.
    pub name: String,
    /// Its entry in the list.
    pub at: FieldSpan,
    /// Its size.
    pub size: Option<Val<String>>,
    /// Its storage class.
    pub storage_class: Option<Val<String>>,
}

/// One workload.
#[derive(Clone, Debug)]
pub struct ManifestWorkload {
    /// Its name.
    pub object: ObjectName,
    /// The index of its manifest in the set.
    pub manifest: usize,
    /// The file it is in.
    pub file: FileId,
    /// Where its name is.
    pub at: FieldSpan,
    /// Which kind.
    pub kind: WorkloadKind,
    /// The number written; `None` if it is unset, or not a number.
    pub replicas: Option<Val<u32>>,
    /// Whether `replicas` is not a number, or objects of the set change it in ways that are not read.
    pub unknown_replicas: bool,
    /// The selector of its pods; `None` if it is not written.
    pub selector: Option<LabelSelector>,
    /// How a new version replaces the old.
    pub strategy: RolloutStrategy,
    /// Its pods.
    pub pod: PodTemplate,
    /// Claims for each pod.
    pub claims: Vec<ClaimTemplate>,
    /// Whether it only changes another object: no container of it has an image.
    pub patch: bool,
    /// Whether a workload's required fields are there: a selector, or labels of the pods and an image for each container.
    pub whole: bool,
    /// Whether a server wrote it.
    pub live: bool,
    /// How many pods of one run of a Job there are at once; `None` for another kind, and for one that is suspended.
    pub parallel: Option<Val<u32>>,
    /// Its schedule, if it is a CronJob.
    pub time_zone: Option<Val<String>>,
    /// The container that an option chooses for a service's fields.
    pub chosen: Option<String>,
}

impl ManifestWorkload {
    /// The main container: the chosen one, the only one, or the one named like the workload; else the first.
    #[must_use]
    pub fn main(&self) -> Option<&pod::PodContainer> {
        self.sure_main().or_else(|| self.named().next())
    }

    /// The main container; `None` if several run and nothing tells which of them is meant.
    #[must_use]
    pub fn sure_main(&self) -> Option<&pod::PodContainer> {
        if let Some(chosen) = &self.chosen {
            return self.named().find(|container| container.name == *chosen);
        }
        let mut running = self.named();
        match (running.next(), running.next()) {
            (only, None) => only,
            _ => self.named().find(|container| container.name == self.object.name),
        }
    }

    /// How many pods there are at once if no number is kept: of a Job its parallelism, and one Pod; `None` if the machines count.
    #[must_use]
    pub fn at_once(&self) -> Option<Val<u32>> {
        if self.kind == WorkloadKind::Pod { Some(Val::default_at(1, self.at)) } else { self.parallel }
    }

    /// The containers that run as long as the pod does and have a name.
    pub fn named(&self) -> impl Iterator<Item = &pod::PodContainer> {
        self.pod.running().filter(|container| !container.name.is_empty())
    }
}

/// Reads a workload; `None` for another kind.
pub(super) fn read(manifest: &Manifest, index: usize) -> Option<ManifestWorkload> {
    let kind = WorkloadKind::of(manifest)?;
    let spec = manifest.spec()?;
    let template = match kind {
        WorkloadKind::CronJob => path(spec, &["jobTemplate", "spec", "template"]).map(|entry| &*entry.node),
        WorkloadKind::Pod => Some(&*manifest.root),
        _ => entry(spec, "template").map(|entry| &*entry.node),
    };
    let pod = template.and_then(pod::read);
    let replicas = entry(spec, "replicas");
    let patch = pod.as_ref().is_none_or(|pod| pod.containers.iter().all(|container| container.image.is_none()));
    let images = pod.as_ref().is_some_and(|pod| {
        !pod.containers.is_empty() && pod.containers.iter().all(|container| container.image.is_some())
    });
    let labelled = kind.ends() || kind == WorkloadKind::Pod || pod.as_ref().is_some_and(|pod| !pod.labels.is_empty());
    let whole = (entry(spec, "selector").is_some() && !kind.ends()) || (images && labelled);
    let replicas = if kind.has_replicas() { replicas } else { None };
    let number = count(replicas);
    let claims: Vec<ClaimTemplate> = items(spec, "volumeClaimTemplates").map(|item| claim(item)).collect();
    let mut pod = pod.unwrap_or_default();
    // a claim that is made for each pod takes the place of a volume of its name (`updateStorage` of the StatefulSet controller)
    pod.volumes.retain(|volume| claims.iter().all(|claim| claim.name != volume.name));
    Some(ManifestWorkload {
        object: manifest.object(),
        manifest: index,
        file: manifest.file,
        at: manifest.name_at(),
        kind,
        unknown_replicas: replicas.is_some() && number.is_none(),
        replicas: number,
        selector: entry(spec, "selector").and_then(LabelSelector::read),
        strategy: strategy(manifest, spec, kind),
        claims,
        pod,
        patch,
        whole,
        live: manifest.live,
        parallel: if kind.ends() { parallel(manifest, spec, kind) } else { None },
        time_zone: text(entry(spec, "timeZone")),
        chosen: None,
    })
}

/// The parallelism of a Job, no more than its completions; the API takes 1 if neither is written.
fn parallel(manifest: &Manifest, spec: &Node, kind: WorkloadKind) -> Option<Val<u32>> {
    if flag(entry(spec, "suspend")).is_some_and(|suspended| suspended.value) {
        return None;
    }
    let job = match kind {
        WorkloadKind::CronJob => path(spec, &["jobTemplate", "spec"]).map(|entry| &*entry.node)?,
        _ => spec,
    };
    let most = count(entry(job, "parallelism")).unwrap_or_else(|| Val::default_at(1, manifest.name_at()));
    match count(entry(job, "completions")) {
        Some(completions) if completions.value < most.value => Some(completions),
        _ => Some(most),
    }
}

fn claim(item: &Node) -> ClaimTemplate {
    let name = path(item, &["metadata", "name"]);
    let size = path(item, &["spec", "resources", "requests", "storage"]);
    ClaimTemplate {
        name: name.map(|name| name.node.text.to_string()).unwrap_or_default(),
        at: name.map_or_else(|| item.at(), Entry::at),
        size: size.map(|size| Val::new(size.node.text.to_string(), size.at())),
        storage_class: text(path(item, &["spec", "storageClassName"])),
    }
}

/// The strategy with the defaults of `apps/v1`: 25% and 25% for a Deployment; a StatefulSet replaces one pod after the other.
fn strategy(manifest: &Manifest, spec: &Node, kind: WorkloadKind) -> RolloutStrategy {
    let deployment = matches!(kind, WorkloadKind::Deployment | WorkloadKind::Rollout);
    let written = entry(spec, if deployment { "strategy" } else { "updateStrategy" });
    let at = written.map_or(manifest.at, Entry::at);
    let rolling_update = written.and_then(|entry| super::access::entry(&entry.node, "rollingUpdate"));
    let part = |key: &str| rolling_update.and_then(|entry| super::access::entry(&entry.node, key));
    let (surge, unavailable) = match kind {
        WorkloadKind::Deployment | WorkloadKind::Rollout => (Amount::Percent(25), Amount::Percent(25)),
        _ => (Amount::Count(0), Amount::Count(1)),
    };
    // the strategies of Argo Rollouts are of its own kinds
    let rolling = match written.map_or("", |entry| word(&entry.node, "type")) {
        "" => kind != WorkloadKind::Rollout,
        word => word == "RollingUpdate",
    };
    RolloutStrategy {
        at,
        written: written.is_some(),
        rolling: rolling && kind.has_replicas() && kind != WorkloadKind::ReplicaSet,
        surge: amount(part("maxSurge")).unwrap_or_else(|| Val::default_at(surge, at)),
        unavailable: amount(part("maxUnavailable")).unwrap_or_else(|| Val::default_at(unavailable, at)),
    }
}

impl RolloutStrategy {
    /// How many pods a rollout adds and removes at once, for this number of replicas. If both round to 0, Kubernetes removes one, so that
    /// the rollout ends (`ResolveFenceposts` of its deployment controller).
    #[must_use]
    pub fn at_once(&self, replicas: u32) -> (u32, u32) {
        let (surge, unavailable) = (self.surge.value.up(replicas), self.unavailable.value.down(replicas));
        if surge == 0 && unavailable == 0 { (0, 1) } else { (surge, unavailable) }
    }
}
