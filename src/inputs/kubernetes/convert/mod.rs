//! Converts a set of manifests to a layer: each workload is a service in the vocabulary of the spec, all else are objects. Knows no rule and no target.
//!
//! Defaults of Kubernetes are left out, because nobody wrote them. An unknown number is unknown in the layer, too.

mod expose;
mod health;
mod pod_settings;
mod scaling;
mod stop_hook;
mod unsaid;

pub use health::unsaid as unsaid_of_probes;
pub use stop_hook::DrainHook;
pub use unsaid::unsaid_of_pods;

use super::pod::PodContainer;
use super::set::ManifestSet;
use super::trees::LargeFiles;
use super::workload::{ManifestWorkload, WorkloadKind};
use super::{access, facts};
use crate::inputs::files::InputFormat;
use crate::inputs::layer::{Layer, LayerObject, LayerService};
use crate::inputs::leaf;
use crate::model::{Amounts, is_plain_name, is_variable_name};
use crate::support::source::{FieldSpan, FileId};
use crate::syntax::{Entry, Node};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The layer of a set. Its services are the workloads that are not patches, in the order of the set. Drops their trees on the way
/// where they are in large files.
#[must_use]
pub fn layer(set: &mut ManifestSet, files: Vec<FileId>, mut large: LargeFiles) -> Layer {
    let names: Vec<(String, usize)> = named(set).map(|(name, index, _)| (name, index)).collect();
    let mut services = Vec::with_capacity(names.len());
    for (name, index) in names {
        let Some(workload) = set.workloads.get(index) else { continue };
        let manifest = workload.manifest;
        services.push(service(set, index, workload, &name));
        large.let_go(set, manifest);
    }
    let set = &*set;
    let served: HashSet<usize> = own_manifests(set).collect();
    let acting = acting(set);
    let objects = set.manifests.iter().enumerate().filter(|(index, _)| !served.contains(index));
    let objects = objects.map(|(_, manifest)| {
        let at = manifest.name_at();
        let services = acting.get(&at).cloned().unwrap_or_default();
        LayerObject { name: manifest.object(), at: at.place(), services }
    });
    Layer {
        format: InputFormat::KUBERNETES,
        files,
        objects: objects.collect(),
        services,
        swarm: false,
        version: None,
        partial: false,
    }
}

/// The workloads that are services of the layer: their names in it, and their indices in the set.
pub fn named(set: &ManifestSet) -> impl Iterator<Item = (String, usize, &ManifestWorkload)> {
    let mut names = HashSet::new();
    let own = set.workloads.iter().enumerate().filter(|(_, workload)| !workload.patch);
    own.map(move |(index, workload)| (name(set, workload, &mut names), index, workload))
}

/// Gives each workload its name as a service of the layer.
pub fn name_services(set: &mut ManifestSet) {
    let mut names = vec![None; set.workloads.len()];
    for (name, index, _) in named(set) {
        names.get_mut(index).into_iter().for_each(|own| *own = Some(name.clone()));
    }
    set.names = names;
}

/// The manifests that are services of the layer.
fn own_manifests(set: &ManifestSet) -> impl Iterator<Item = usize> + '_ {
    set.workloads.iter().filter(|workload| !workload.patch).map(|workload| workload.manifest)
}

/// The workloads that an object acts on, by the place of its name.
fn acting(set: &ManifestSet) -> HashMap<FieldSpan, Vec<String>> {
    let mut all: HashMap<FieldSpan, Vec<String>> = HashMap::new();
    for (links, workload) in set.links.iter().zip(&set.workloads) {
        let autoscalers = links.autoscalers.iter().filter_map(|index| Some(set.autoscalers.get(*index)?.at));
        let budgets = links.budgets.iter().filter_map(|index| Some(set.budgets.get(*index)?.at));
        let services = links.services.iter().filter_map(|index| Some(set.services.get(*index)?.at));
        for at in autoscalers.chain(budgets).chain(services) {
            all.entry(at).or_default().push(workload.object.name.clone());
        }
    }
    all
}

/// A name that no other service of the layer has, made from as much of kind and namespace as is needed.
fn name(set: &ManifestSet, workload: &ManifestWorkload, names: &mut HashSet<String>) -> String {
    let object = &workload.object;
    let kind = object.kind.to_ascii_lowercase();
    let own = set.service_name(workload);
    let choices = [
        own.clone(),
        format!("{kind}-{own}"),
        format!("{}-{own}", object.namespace),
        format!("{}-{kind}-{own}", object.namespace),
    ];
    let free = choices.iter().find(|name| !names.contains(*name)).cloned();
    let name = free.unwrap_or(own);
    names.insert(name.clone());
    name
}

fn service(set: &ManifestSet, index: usize, workload: &ManifestWorkload, name: &str) -> LayerService {
    let mut fields = Vec::new();
    let main = workload.main();
    if matches!(workload.kind, WorkloadKind::StatefulSet) {
        fields.push(leaf::text("kind", workload.at, "stateful"));
    }
    if let Some(container) = main {
        fields.extend(container_fields(set, workload, container));
    }
    fields.extend(scaling::replicas(set, index, workload));
    fields.extend(set.scaled_by(index).and_then(|scaler| scaling::autoscaling(set, scaler)));
    fields.extend(scaling::update(workload));
    fields
        .extend(workload.pod.grace.map(|grace| leaf::text("stopGracePeriod", grace.at, &format!("{}s", grace.value))));
    fields.extend(scaling::disruption(set, index));
    fields.extend(scaling::spread(set, workload));
    fields.extend(expose::of(set, index));
    fields.extend(pod_settings::of(set, workload));
    fields.extend(main.and_then(|container| volumes(workload, container)));
    let at = workload.at;
    LayerService {
        service: leaf::mapping(name, at, fields),
        backing: main
            .and_then(|container| super::backing::of(workload, container))
            .map(|fields| Box::new(leaf::mapping(name, at, fields))),
        facts: Rc::new(facts::of(set, index, workload)),
    }
}

/// The fields of the main container.
fn container_fields(set: &ManifestSet, workload: &ManifestWorkload, container: &PodContainer) -> Vec<Entry> {
    let mut fields = Vec::new();
    if let Some(image) = &container.image {
        fields.push(leaf::text("image", image.at, &image.value));
    }
    let Some(item) = written_container(set, workload, container) else { return fields };
    for key in ["command", "args"] {
        let words = access::entry(item, key).filter(|words| !words.node.items().is_empty());
        fields.extend(words.cloned());
    }
    fields.extend(env(item));
    fields.extend(shared_secrets(item));
    fields.extend(ports(container, access::entry(item, "ports")));
    fields.extend(resources(container));
    fields.extend(health::of(item, container));
    fields.extend(stop_hook::drain_delay(item));
    fields
}

/// The container as written.
#[must_use]
pub fn written_container<'s>(
    set: &'s ManifestSet,
    workload: &ManifestWorkload,
    container: &PodContainer,
) -> Option<&'s Node> {
    let pod = written_pod(set, workload)?;
    let all = access::items(pod, "containers").chain(access::items(pod, "initContainers"));
    all.map(|item| &**item).find(|item| access::item_at(item, "name") == container.at)
}

/// The names of the containers of a workload's pods, in the order written, without init containers.
#[must_use]
pub fn container_names(set: &ManifestSet, workload: &ManifestWorkload) -> Vec<String> {
    let pod = written_pod(set, workload);
    let items = pod.and_then(|pod| access::entry(pod, "containers")).map_or(&[][..], |entry| entry.node.items());
    items.iter().map(|item| access::word(item, "name").to_owned()).filter(|name| !name.is_empty()).collect()
}

/// The pod's `spec` as it is written.
#[must_use]
pub fn written_pod<'s>(set: &'s ManifestSet, workload: &ManifestWorkload) -> Option<&'s Node> {
    access::entry(written_template(set, workload)?, "spec").map(|spec| &*spec.node)
}

/// The template of the pods as it is written, with its metadata.
fn written_template<'s>(set: &'s ManifestSet, workload: &ManifestWorkload) -> Option<&'s Node> {
    let manifest = set.manifests.get(workload.manifest)?;
    match workload.kind {
        WorkloadKind::CronJob => {
            access::path(manifest.spec()?, &["jobTemplate", "spec", "template"]).map(|entry| &*entry.node)
        }
        WorkloadKind::Pod => Some(&manifest.root),
        _ => access::entry(manifest.spec()?, "template").map(|entry| &*entry.node),
    }
}

fn env(item: &Node) -> Option<Entry> {
    let list = access::entry(item, "env")?;
    let mut entries: Vec<Entry> = Vec::new();
    for variable in list.node.items() {
        let name = access::word(variable, "name");
        let Some(value) = access::entry(variable, "value").filter(|_| is_variable_name(name)) else { continue };
        // the last variable of a name counts
        entries.retain(|entry| &*entry.key != name);
        entries.push(Entry { key: Rc::from(name), ..value.clone() });
    }
    (!entries.is_empty()).then(|| leaf::mapping("env", list.at(), entries))
}

/// The variables whose values a Secret holds. One that may be absent is not asked for.
fn shared_secrets(item: &Node) -> Option<Entry> {
    let list = access::entry(item, "env")?;
    let mut names: Vec<Rc<Node>> = Vec::new();
    for variable in list.node.items() {
        let Some(name) = access::entry(variable, "name").filter(|name| is_variable_name(&name.node.text)) else {
            continue;
        };
        // the last variable of a name counts
        names.retain(|known| known.text != name.node.text);
        let key = access::entry(variable, "valueFrom").and_then(|from| access::entry(&from.node, "secretKeyRef"));
        let optional =
            |key: &Entry| access::entry(&key.node, "optional").is_some_and(|entry| &*entry.node.text == "true");
        if key.is_some_and(|key| !optional(key)) {
            names.push(Rc::clone(&name.node));
        }
    }
    (!names.is_empty()).then(|| leaf::sequence("sharedSecrets", list.at(), names))
}

fn ports(container: &PodContainer, written: Option<&Entry>) -> Option<Entry> {
    let mut known = HashSet::new();
    let own = container.ports.iter().filter(|port| known.insert((port.port.value, port.protocol.map(|p| p.word()))));
    let items = own.filter_map(|port| {
        let protocol = port.protocol?;
        let mut fields = Vec::new();
        if is_plain_name(&port.name) && !port.name.is_empty() {
            fields.push(leaf::text("name", port.at, &port.name));
        }
        fields.push(leaf::number("port", port.port.at, port.port.value.into()));
        if protocol != crate::model::Protocol::Tcp {
            fields.push(leaf::text("protocol", port.at, protocol.word()));
        }
        Some(leaf::item(port.at, fields))
    });
    let items: Vec<Rc<Node>> = items.collect();
    let at = written?.at();
    (!items.is_empty()).then(|| leaf::sequence("ports", at, items))
}

fn resources(container: &PodContainer) -> Option<Entry> {
    let part = |key: &str, amounts: &Amounts| {
        let mut fields = Vec::new();
        fields.extend(amounts.cpu.map(|cpu| leaf::text("cpu", cpu.at, &cpu.value.to_string())));
        fields.extend(amounts.memory.map(|memory| leaf::text("memory", memory.at, &memory.value.to_string())));
        let storage = amounts.ephemeral_storage;
        fields.extend(storage.map(|storage| leaf::text("ephemeralStorage", storage.at, &storage.value.to_string())));
        fields.extend(amounts.gpu.map(|gpu| leaf::number("gpu", gpu.at, gpu.value.into())));
        Some(leaf::mapping(key, amounts.at?, fields))
    };
    let all = &container.resources;
    let parts: Vec<Entry> =
        [part("requests", &all.requests), part("limits", &all.limits)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| leaf::mapping("resources", all.at, parts))
}

/// The volumes that a StatefulSet makes for each replica.
fn volumes(workload: &ManifestWorkload, container: &PodContainer) -> Option<Entry> {
    let own = workload.claims.iter().filter_map(|claim| {
        let mount = container.mounts.iter().find(|mount| mount.volume == claim.name)?;
        let size = claim.size.as_ref()?;
        let mut fields = vec![
            leaf::text("name", claim.at, &claim.name),
            leaf::text("mount", mount.at, &mount.path),
            leaf::text("size", size.at, &size.value),
        ];
        fields.extend(claim.storage_class.as_ref().map(|class| leaf::text("storageClass", class.at, &class.value)));
        Some(leaf::item(claim.at, fields))
    });
    let items: Vec<Rc<Node>> = own.collect();
    let at: FieldSpan = workload.claims.first()?.at;
    (!items.is_empty()).then(|| leaf::sequence("volumes", at, items))
}
