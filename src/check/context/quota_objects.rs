//! What a namespace's quota counts besides pods: objects, Services by their type, claims with their storage. Knows no rule.
//!
//! The sources are the evaluators of Kubernetes (`pkg/quota/v1/evaluator/core`: `services.go`, `persistent_volume_claims.go`), the same in
//! every release from 1.25 on; `count/…` counts objects of any kind (kubernetes/website, `resource-quotas.md`).

use super::{Context, RunningPods};
use crate::inputs::kubernetes::{Manifest, ManifestSet, Quota, WorkloadKind, named_plural};
use crate::model::quantity::Memory;
use crate::support::source::FileSpan;
use crate::syntax::Node;
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

/// What a line of a quota counts.
enum CountedKind<'k> {
    /// Objects of one kind: its plural, with its group.
    Objects(&'k str),
    /// Services that take a load balancer.
    Balancers,
    /// Ports of the nodes that Services take.
    NodePorts,
    /// Claims, of one storage class or of any; by their number or by their bytes.
    Claims { class: Option<&'k str>, storage: bool },
}

impl<'k> CountedKind<'k> {
    fn of(key: &'k str) -> Option<CountedKind<'k>> {
        let (class, own) =
            key.split_once(".storageclass.storage.k8s.io/").map_or((None, key), |(class, own)| (Some(class), own));
        Some(match own {
            "requests.storage" => CountedKind::Claims { class, storage: true },
            "persistentvolumeclaims" | "count/persistentvolumeclaims" => CountedKind::Claims { class, storage: false },
            _ if class.is_some() => return None,
            "services.loadbalancers" => CountedKind::Balancers,
            "services.nodeports" => CountedKind::NodePorts,
            "services" | "configmaps" | "secrets" | "replicationcontrollers" | "resourcequotas" => {
                CountedKind::Objects(own)
            }
            // pods are counted as they run
            "count/pods" => return None,
            _ => CountedKind::Objects(own.strip_prefix("count/")?),
        })
    }
}

impl Context<'_> {
    /// What stands in manifests of a quota's namespace and is counted under this key; `None` for a key of another kind. Whether it is
    /// bytes comes with it.
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
        let own: Vec<&Manifest> = own.map(|(_, manifest)| manifest).collect();
        let storage = matches!(kind, CountedKind::Claims { storage: true, .. });
        let mut all: Vec<CountedObjects> = own.iter().filter_map(|manifest| one(manifest, &kind)).collect();
        if let CountedKind::Claims { class, storage } = kind {
            all.extend(self.claims_of_workloads(set, quota, (class, storage)));
        }
        Some((all, storage))
    }

    /// The claims that StatefulSets make for each replica.
    fn claims_of_workloads(
        &self,
        set: &ManifestSet,
        quota: &Quota,
        wanted: (Option<&str>, bool),
    ) -> Vec<CountedObjects> {
        let running: RunningPods<'_> = self.running(set);
        let mut all = Vec::new();
        for (index, workload) in set.workloads.iter().enumerate() {
            let own = workload.kind == WorkloadKind::StatefulSet && !workload.patch;
            let here = workload.object.namespace == quota.object.namespace && set.together(workload.file, quota.file);
            let manifest = set.manifests.get(workload.manifest).filter(|_| own && here);
            let templates = manifest.and_then(|manifest| manifest.spec()?.get("volumeClaimTemplates"));
            let Some((most, templates)) = running.of(index).map(|(_, most)| most).zip(templates) else { continue };
            for template in templates.node.items() {
                let name = template.get("metadata").and_then(|metadata| metadata.node.get("name"));
                let Some((name, each)) = name.zip(claimed(template, wanted)) else { continue };
                let (claim, workload) = (&name.node.text, &workload.object.name);
                all.push(CountedObjects {
                    name: format!("{claim} of {workload}"),
                    at: name.at().place(),
                    most: most.value,
                    each,
                });
            }
        }
        all
    }
}

/// What one object counts.
fn one(manifest: &Manifest, kind: &CountedKind<'_>) -> Option<CountedObjects> {
    let spec = || manifest.spec();
    let is_service = manifest.kind == "Service" && manifest.group.is_empty();
    let text = |key: &str| spec().and_then(|spec| spec.get(key)).map_or("", |entry| &*entry.node.text);
    let each = match kind {
        CountedKind::Objects(plural) => u128::from(named_plural(&manifest.group, &manifest.kind)? == **plural),
        CountedKind::Balancers => u128::from(is_service && text("type") == "LoadBalancer"),
        CountedKind::NodePorts if is_service => {
            let ports = spec()?.get("ports").map_or(&[][..], |ports| ports.node.items());
            let written =
                |port: &&std::rc::Rc<Node>| port.get("nodePort").is_some_and(|own| own.node.as_whole() != Some(0));
            match (text("type"), text("allocateLoadBalancerNodePorts")) {
                ("LoadBalancer", "false") => ports.iter().filter(written).count() as u128,
                ("LoadBalancer" | "NodePort", _) => ports.len() as u128,
                _ => 0,
            }
        }
        CountedKind::Claims { class, storage }
            if manifest.kind == "PersistentVolumeClaim" && manifest.group.is_empty() =>
        {
            claimed(&manifest.root, (*class, *storage))?
        }
        _ => 0,
    };
    let at = manifest.name_at().place();
    (each > 0).then(|| CountedObjects { name: manifest.object().name, at, most: 1, each })
}

/// What a claim counts: itself or its bytes, if it is of the storage class that is asked for.
fn claimed(claim: &Node, (class, storage): (Option<&str>, bool)) -> Option<u128> {
    let spec = &claim.get("spec")?.node;
    let own = spec.get("storageClassName").map(|own| &*own.node.text);
    if class.is_some() && own != class {
        return None;
    }
    if !storage {
        return Some(1);
    }
    let size = spec.get("resources")?.node.get("requests")?.node.get("storage")?;
    Some(Memory::parse(&size.node.text).ok()?.bytes.into())
}
