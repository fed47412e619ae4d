//! What a namespace's quota counts besides pods, in manifests. Knows no rule.

use super::{Context, RunningPods};
use crate::inputs::kubernetes::{CountedKind, Manifest, ManifestSet, Quota, WorkloadKind};
use crate::model::{ClusterAutoscaler, Kind, Protocol, Service};
use crate::support::diagnostic::SPEC;
use crate::support::source::FileSpan;
use std::collections::HashSet;

/// Objects that a line of a quota counts, with one amount each.
#[derive(Debug)]
pub struct CountedObjects {
    /// For people: the object, or the claim and the workload that makes it.
    pub name: String,
    /// What to underline.
    pub at: FileSpan,
    /// How many of them there are at most.
    pub most: u32,
    /// The bytes or the number that one of them counts.
    pub each: u128,
}

impl Context<'_> {
    /// The objects in manifests of a quota's namespace that are counted under this key, and whether that is bytes; `None` for a key of
    /// another kind.
    #[must_use]
    pub fn objects_under_quota(
        &self,
        set: &ManifestSet,
        quota: &Quota,
        key: &str,
    ) -> Option<(Vec<CountedObjects>, bool)> {
        let kind = CountedKind::of(key)?;
        let mut known = HashSet::new();
        let own = set.manifests.iter().enumerate().filter(|(index, manifest)| {
            let object = manifest.object();
            !set.unused.contains(index)
                && object.namespace == quota.object.namespace
                && set.together(manifest.file, quota.file)
                && !object.name.is_empty()
                && known.insert((object.group, object.kind, object.name))
        });
        let counted = |(_, manifest): (usize, &Manifest)| {
            let (name, at) = (manifest.object().name, manifest.name_at().place());
            Some(CountedObjects { name, at, most: 1, each: kind.amount(manifest)? })
        };
        let mut all: Vec<CountedObjects> = own.filter_map(counted).collect();
        self.claims_of_workloads(set, quota, kind, &mut all);
        self.objects_beside(set, quota, kind, &mut all);
        Some((all, kind.is_storage()))
    }

    /// What a spec renders beside the manifests. Of what depends on more than the spec, less is counted rather than more.
    fn objects_beside(&self, set: &ManifestSet, quota: &Quota, kind: CountedKind<'_>, all: &mut Vec<CountedObjects>) {
        let Some(cluster) = self.rendered_cluster() else { return };
        let namespace = cluster.namespace.as_deref().or_else(|| set.only_namespace()).unwrap_or_default();
        if namespace != quota.object.namespace {
            return;
        }
        let holds_windows = cluster.autoscaler == ClusterAutoscaler::Hpa;
        for service in self.spec.services().filter(|service| !service.is_base_only() && !service.broken.faulty()) {
            let member = set.names.iter().position(|own| own.as_deref() == Some(&*service.name));
            let beside = member.is_none();
            let mut add = |name: String, most: usize, each: u128| {
                let most = u32::try_from(most).unwrap_or(u32::MAX);
                all.push(CountedObjects { name, at: service.at.key(), most, each });
            };
            let windows = service.schedule.iter().filter(|window| window.at.file == SPEC).count();
            match kind {
                CountedKind::Objects("cronjobs.batch") if holds_windows => {
                    add(format!("{}-schedule", service.name), windows, 1);
                }
                CountedKind::Objects(
                    "serviceaccounts" | "roles.rbac.authorization.k8s.io" | "rolebindings.rbac.authorization.k8s.io",
                ) if holds_windows => add(format!("{}-schedule", service.name), windows.min(1), 1),
                CountedKind::Objects(plural) if !beside => {
                    let kept =
                        member.and_then(|member| set.links.get(member)).is_some_and(|links| !links.budgets.is_empty());
                    let scaled = member.is_some_and(|member| set.scaled_by(member).is_some());
                    let of_spec = service.disruption.is_some_and(|disruption| disruption.at.file == SPEC);
                    // what the base has is changed under its own name, and what it has not is added
                    let added = match plural {
                        "poddisruptionbudgets.policy" => of_spec && !kept,
                        _ => {
                            !scaled
                                && service.replicas.at.file == SPEC
                                && is_scaler(service, cluster.autoscaler, plural)
                        }
                    };
                    add(service.name.to_string(), usize::from(added), 1);
                }
                _ if !beside || service.image.is_none() => {}
                CountedKind::Objects(plural) => {
                    let scaler = usize::from(is_scaler(service, cluster.autoscaler, plural));
                    add(service.name.to_string(), rendered(service, plural) + scaler, 1);
                }
                CountedKind::Claims { class, storage } => {
                    for volume in &service.volumes {
                        let own = volume.storage_class.as_ref().map(|class| class.value.as_str());
                        if class.is_none() || class == own {
                            let each = if storage { u128::from(volume.size.value.bytes) } else { 1 };
                            let most = self.peak(service).value as usize;
                            add(format!("{} of {}", volume.name.value, service.name), most, each);
                        }
                    }
                }
                CountedKind::Balancers | CountedKind::NodePorts => {}
            }
        }
    }

    /// The claims that StatefulSets make for each replica.
    fn claims_of_workloads(
        &self,
        set: &ManifestSet,
        quota: &Quota,
        kind: CountedKind<'_>,
        all: &mut Vec<CountedObjects>,
    ) {
        let running: RunningPods<'_> = self.running(set);
        for (index, workload) in set.workloads.iter().enumerate() {
            let own = workload.kind == WorkloadKind::StatefulSet && !workload.patch;
            let here = workload.object.namespace == quota.object.namespace && set.together(workload.file, quota.file);
            let manifest = set.manifests.get(workload.manifest).filter(|_| own && here);
            let Some((manifest, (_, most))) = manifest.zip(running.of(index)) else { continue };
            for (claim, at, each) in kind.templates(manifest) {
                let name = format!("{claim} of {}", workload.object.name);
                all.push(CountedObjects { name, at, most: most.value, each });
            }
        }
    }
}

/// Whether an autoscaler of this kind is rendered for a service.
fn is_scaler(service: &Service, scaler: ClusterAutoscaler, plural: &str) -> bool {
    let bounds = (service.replicas.min.value, service.replicas.max.value);
    match (scaler, plural) {
        (ClusterAutoscaler::Hpa, "horizontalpodautoscalers.autoscaling") => {
            let moved = |window: &crate::model::Window| (window.min.value, window.max.value) != bounds;
            service.scales() || (bounds.0 > 0 && service.schedule.iter().any(moved))
        }
        (ClusterAutoscaler::Keda, "scaledobjects.keda.sh") => service.scales() || service.is_moved_by_clock(),
        _ => false,
    }
}

/// How many objects of a kind are rendered for a service that is not in the manifests.
fn rendered(service: &Service, plural: &str) -> usize {
    let stateful = service.kind.value == Kind::Stateful || !service.volumes.is_empty();
    // a route from outside leads to a tcp port
    let has_port = service.ports.iter().any(|port| port.protocol.value == Protocol::Tcp);
    let exposed = service.expose.as_ref().filter(|_| has_port);
    match plural {
        "statefulsets.apps" => usize::from(stateful),
        "deployments.apps" => usize::from(!stateful),
        // a StatefulSet has one that names its replicas, too
        "services" => usize::from(stateful) + usize::from(!service.ports.is_empty()),
        "poddisruptionbudgets.policy" => usize::from(service.disruption.is_some()),
        "ingresses.networking.k8s.io" => usize::from(exposed.is_some_and(|expose| expose.gateway.is_none())),
        "httproutes.gateway.networking.k8s.io" => usize::from(exposed.is_some_and(|expose| expose.gateway.is_some())),
        _ => 0,
    }
}
