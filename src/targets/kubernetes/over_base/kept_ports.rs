//! Ports that kustomize would drop from a container of the base. Knows no other field.
//!
//! Whatever a patch says, kustomize merges the ports of every container of its object by number and protocol, and a port without a
//! protocol counts as any: of `53/UDP` and a later `53` only the later is left (kustomize 5.5 and 5.8, tried). A patch that replaces the
//! list, with each protocol written out, keeps all of them. Of two with one number and one protocol nothing keeps both.

use super::document::PatchDocument;
use crate::inputs::kubernetes::{WorkloadKind, written_container};
use crate::support::source::FieldSpan;
use crate::targets::LoweredPlan;
use crate::targets::kubernetes::base_objects::OverBase;
use serde_json::{Map, Value as Json};

/// Writes the ports of containers out that a patch with anything in it would lose, and names those that no patch can keep.
pub(super) fn lower(over: &OverBase<'_>, document: &mut PatchDocument, out: &mut LoweredPlan) {
    // of a kind that kustomize does not know a list is replaced whole, and what a kustomization changes is not known
    if document.is_empty() || over.changed || over.workload.kind == WorkloadKind::Rollout {
        return;
    }
    for container in over.workload.named() {
        let written = written_container(over.set, over.workload, container).and_then(|written| written.get("ports"));
        let items = written.map_or(&[][..], |ports| ports.node.items());
        let ports: Vec<Json> = items.iter().map(|port| port.to_json()).collect();
        let losses = ports
            .iter()
            .enumerate()
            .map(|(index, port)| (port, loss(port, ports.get(index + 1..).unwrap_or_default())));
        let losses: Vec<(&Json, PortLoss)> = losses.collect();
        let twins = losses.iter().zip(items).filter(|((_, loss), _)| *loss == PortLoss::Twin);
        for ((port, _), item) in twins {
            let at = FieldSpan { file: item.file, key: item.span, value: item.span, block: false };
            let number = port.get("containerPort").map(Json::to_string).unwrap_or_default();
            let name = port.get("name").and_then(Json::as_str).map(|name| format!(" `{name}`")).unwrap_or_default();
            let message = format!(
                "kustomize drops port {number}{name} of container `{}` from what a patch is laid over: a later one has its number and protocol",
                container.name
            );
            out.lost(at, message, "leave one of them there, and let Services name it");
        }
        if losses.iter().any(|(_, loss)| *loss == PortLoss::Bare) {
            document.replace_ports(&container.name, &over.container_names(), ports.clone());
        }
    }
}

/// What kustomize does with a port.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PortLoss {
    /// It stays.
    None,
    /// It is dropped, because a later one of another protocol does not say so.
    Bare,
    /// It is dropped, because a later one is the same but for its name.
    Twin,
}

fn loss(port: &Json, later: &[Json]) -> PortLoss {
    let written = |port: &Json| port.get("protocol").and_then(Json::as_str).map(str::to_owned);
    let same = later.iter().filter(|other| other.get("containerPort") == port.get("containerPort"));
    let drops = |other: &&Json| written(other).is_none_or(|protocol| written(port) == Some(protocol));
    let dropping: Vec<&Json> = same.filter(drops).collect();
    if dropping.iter().any(|other| protocol(other) == protocol(port)) {
        PortLoss::Twin
    } else if dropping.is_empty() {
        PortLoss::None
    } else {
        PortLoss::Bare
    }
}

impl PatchDocument {
    /// The ports of a container in place of all that are there, those of the patch among them.
    fn replace_ports(&mut self, name: &str, names: &[String], own: Vec<Json>) {
        let Some(container) = self.container(name, names) else { return };
        let ours = container.remove("ports").and_then(|ports| ports.as_array().cloned()).unwrap_or_default();
        let key = |port: &Json| (port.get("containerPort").cloned(), protocol(port));
        let kept = own.into_iter().filter(|port| ours.iter().all(|our| key(our) != key(port)));
        let whole = |mut port: Json| {
            let protocol = protocol(&port);
            if let Some(fields) = port.as_object_mut() {
                fields.insert("protocol".to_owned(), Json::from(protocol));
            }
            port
        };
        let all: Vec<Json> = kept.chain(ours.iter().cloned()).map(whole).collect();
        let replace = Json::Object(Map::from_iter([("$patch".to_owned(), Json::from("replace"))]));
        container.insert("ports".to_owned(), std::iter::once(replace).chain(all).collect());
    }
}

fn protocol(port: &Json) -> String {
    port.get("protocol").and_then(Json::as_str).unwrap_or("TCP").to_owned()
}
