//! What a quota counts besides pods: objects, Services by their type, claims with their storage. Knows no sum.
//!
//! The sources are the evaluators of Kubernetes (`pkg/quota/v1/evaluator/core`: `services.go`, `persistent_volume_claims.go`), the same in
//! every release from 1.25 on; `count/…` counts objects of any kind (kubernetes/website, `resource-quotas.md`).

use super::documents::Manifest;
use super::field_table::named_plural;
use crate::model::quantity::Memory;
use crate::support::source::FileSpan;
use crate::syntax::Node;

/// What a line of a quota counts.
#[derive(Clone, Copy, Debug)]
pub enum CountedKind<'k> {
    /// Objects of one kind: its plural, with its group.
    Objects(&'k str),
    /// Services that take a load balancer.
    Balancers,
    /// Ports of the nodes that Services take.
    NodePorts,
    /// Claims, of one storage class or of any; by their number or by their bytes.
    Claims {
        /// The class.
        class: Option<&'k str>,
        /// Whether their bytes are counted.
        storage: bool,
    },
}

impl<'k> CountedKind<'k> {
    /// What a key of a quota counts; `None` for one that counts pods, amounts of them or what is not known.
    #[must_use]
    pub fn of(key: &'k str) -> Option<CountedKind<'k>> {
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

    /// Whether it counts bytes.
    #[must_use]
    pub fn is_storage(self) -> bool {
        matches!(self, CountedKind::Claims { storage: true, .. })
    }

    /// What the claims count that a StatefulSet makes for each replica: name, its place, amount.
    #[must_use]
    pub fn templates(self, manifest: &Manifest) -> Vec<(String, FileSpan, u128)> {
        let CountedKind::Claims { class, storage } = self else { return Vec::new() };
        let templates = manifest.spec().and_then(|spec| spec.get("volumeClaimTemplates"));
        let claim = |template: &std::rc::Rc<Node>| {
            let name = template.get("metadata")?.node.get("name")?;
            Some((name.node.text.to_string(), name.at().place(), claimed(template, (class, storage))?))
        };
        templates.map_or(&[][..], |templates| templates.node.items()).iter().filter_map(claim).collect()
    }

    /// What one object counts; `None` for nothing.
    #[must_use]
    pub fn amount(self, manifest: &Manifest) -> Option<u128> {
        let spec = || manifest.spec();
        let is_service = manifest.kind == "Service" && manifest.group.is_empty();
        let text = |key: &str| spec().and_then(|spec| spec.get(key)).map_or("", |entry| &*entry.node.text);
        let each = match self {
            CountedKind::Objects(plural) => u128::from(named_plural(&manifest.group, &manifest.kind)? == *plural),
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
                claimed(&manifest.root, (class, storage))?
            }
            _ => 0,
        };
        (each > 0).then_some(each)
    }
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
