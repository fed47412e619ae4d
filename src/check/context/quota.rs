//! The pods that a quota or a range of limits holds for: those of manifests, with what a spec changes of them, those that it puts beside
//! them, and those of the CronJobs that hold its windows. Knows no quota.

use super::Context;
use crate::inputs::kubernetes::{ManifestSet, ManifestWorkload, WorkloadKind};
use crate::model::{ClusterAutoscaler, Resources, Service, ServiceField, Val};
use crate::support::diagnostic::SPEC;
use crate::support::source::{FileId, FileSpan};

/// The pods of one workload.
#[derive(Debug)]
pub struct PodUnderQuota<'a> {
    /// What the workload is called.
    pub name: String,
    /// Kind and name of its object in the cluster; `None` if it is rendered, or the server gives it a name.
    object: Option<(&'a str, String)>,
    /// Its namespace, empty for that of the apply.
    namespace: &'a str,
    /// The file it is in; `None` if it is rendered.
    file: Option<FileId>,
    /// The most of them at once; `None` if that is not known.
    pub most: Option<Val<u32>>,
    /// Whether a rollout starts a new pod before it stops an old one, and stops none before, at this number.
    pub surges: Option<FileSpan>,
    /// Whether amounts are at the pod itself.
    pub own_amounts: bool,
    /// What runs in each.
    pub containers: Vec<QuotaContainer>,
}

/// One container of a pod.
#[derive(Debug)]
pub struct QuotaContainer {
    /// Its name.
    pub name: String,
    /// Whether it runs before the others, to its end.
    pub init: bool,
    /// Its name, or the place of its amounts.
    pub place: FileSpan,
    /// What it requests and may use.
    pub resources: Resources,
}

impl PodUnderQuota<'_> {
    /// Kind, namespace and name of its object in the cluster: what files of a folder write under one is a choice.
    #[must_use]
    pub fn object(&self) -> Option<(&str, &str, &str)> {
        self.object.as_ref().map(|(kind, name)| (*kind, self.namespace, name.as_str()))
    }

    /// Whether an object of this namespace and file is applied with it.
    #[must_use]
    pub fn shares(&self, set: &ManifestSet, namespace: &str, file: FileId) -> bool {
        self.namespace == namespace && self.file.is_none_or(|own| set.together(own, file))
    }
}

/// The place of the update of a Deployment that adds a pod first and takes none away before, for this number of replicas.
fn surge_of(workload: &ManifestWorkload, service: Option<&Service>, most: Option<u32>) -> Option<FileSpan> {
    let most = most.filter(|most| *most > 0 && workload.kind == WorkloadKind::Deployment)?;
    let of_spec =
        service.filter(|service| service.written_update.as_ref().is_some_and(|update| update.at.file == SPEC));
    if let Some(service) = of_spec {
        let update = service.update();
        let none = update.unavailable.is_some_and(|amount| amount.value.down(most) == 0);
        return (none && service.surge(most) > 0).then(|| update.surge.place());
    }
    let strategy = &workload.strategy;
    let (surge, unavailable) = strategy.at_once(most);
    (strategy.rolling && surge > 0 && unavailable == 0).then(|| strategy.at.key())
}

impl<'a> Context<'a> {
    /// The pods of every workload of a set, and of what a spec renders beside it.
    #[must_use]
    pub fn pods_under_quota(&self, set: &'a ManifestSet) -> Vec<PodUnderQuota<'a>> {
        let running = self.running(set);
        let mut all = Vec::new();
        // of what a patch may write other amounts nothing is known
        let known = |workload: &ManifestWorkload| !workload.patch && !set.changes_containers(workload, "resources");
        for (index, workload) in set.workloads.iter().enumerate().filter(|(_, workload)| known(workload)) {
            let service = running.service(index);
            let most = match service.filter(|service| !service.is_base_only()) {
                Some(service) if !service.broken.has(ServiceField::Replicas) && workload.kind.has_replicas() => {
                    running.of(index).map(|_| self.peak(service))
                }
                _ => running.of(index).map(|(_, most)| most).or_else(|| workload.at_once()),
            };
            all.push(PodUnderQuota {
                name: workload.object.name.clone(),
                object: Some(&workload.object)
                    .filter(|object| !object.name.is_empty())
                    .map(|object| (object.kind.as_str(), set.built_name(workload.file, &object.name))),
                namespace: &workload.object.namespace,
                file: Some(workload.file),
                most,
                surges: surge_of(workload, service, most.map(|most| most.value)),
                own_amounts: workload.pod.own_amounts,
                containers: self.containers(workload, service),
            });
        }
        self.rendered(set, &mut all);
        all
    }

    /// The containers of a workload; the one that a service means has the service's amounts.
    fn containers(&self, workload: &ManifestWorkload, service: Option<&Service>) -> Vec<QuotaContainer> {
        let meant = workload.sure_main().map(|main| main.name.as_str());
        let of_spec = service.filter(|service| {
            !service.is_base_only() && service.resources.written && !service.broken.has(ServiceField::Resources)
        });
        let quota_container = |container: &crate::inputs::kubernetes::PodContainer| {
            let over = of_spec.filter(|_| !container.init && meant == Some(container.name.as_str()));
            QuotaContainer {
                name: container.name.clone(),
                init: container.init,
                place: container.at.place(),
                resources: over.map_or_else(|| container.resources.clone(), |service| self.amounts(service)),
            }
        };
        workload.pod.containers.iter().map(quota_container).collect()
    }

    /// A service's amounts as they are rendered.
    fn amounts(&self, service: &Service) -> Resources {
        let mut resources = service.resources.clone();
        if !self.spec.limit_resources.value {
            let limits = &mut resources.limits;
            limits.cpu = limits.cpu.filter(|own| !own.is_of_spec());
            limits.memory = limits.memory.filter(|own| !own.is_of_spec());
        }
        resources
    }

    /// Services of the spec that are in no manifest, and the CronJobs of windows.
    fn rendered(&self, set: &'a ManifestSet, all: &mut Vec<PodUnderQuota<'a>>) {
        let Some(cluster) = self.rendered_cluster() else { return };
        let namespace = cluster.namespace.as_deref().or_else(|| set.only_namespace()).unwrap_or_default();
        let plain = cluster.autoscaler == ClusterAutoscaler::Hpa;
        for service in self.spec.services().filter(|service| !service.is_base_only() && !service.broken.faulty()) {
            let name = || service.name.to_string();
            let known = set.names.iter().flatten().any(|own| **own == *service.name);
            let pod = |name: String, most, container: &str, place, resources| PodUnderQuota {
                name,
                object: None,
                namespace,
                file: None,
                most,
                surges: None,
                own_amounts: false,
                containers: vec![QuotaContainer { name: container.to_owned(), init: false, place, resources }],
            };
            if !known && service.image.is_some() {
                let place = service.resources.at.place();
                all.push(pod(name(), Some(self.peak(service)), &service.name, place, self.amounts(service)));
            }
            let at = service.schedule.first().map(|window| window.at);
            if let Some(at) = at.filter(|at| plain && at.file == crate::support::diagnostic::SPEC) {
                let job = format!("{}-schedule", service.name);
                all.push(pod(job, Some(Val::default_at(1, at)), "kubectl", at.place(), Resources::of_window_job(at)));
            }
        }
    }
}
