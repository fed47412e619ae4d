//! The pods of a workload: containers, volumes, placement. Plain data and its reading; knows no workload.

use super::access::{cores, count, entry, flag, item_at, items, memory, pairs, path, quantity_text, text, word};
use crate::model::{Amounts, Protocol, RequestsAndLimits, Resources, Val};
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node, Value};

/// The pods of one workload.
#[derive(Clone, Debug, Default)]
pub struct PodTemplate {
    /// Labels of the template.
    pub labels: Vec<(String, String)>,
    /// The place of the template's `spec`.
    pub at: FieldSpan,
    /// Whether it uses the machine's network.
    pub host_network: Option<Val<bool>>,
    /// Containers in the order written, init containers last.
    pub containers: Vec<PodContainer>,
    /// Volumes in the order written.
    pub volumes: Vec<PodVolume>,
    /// A rule that no two of these pods may share a machine.
    pub one_per_node: Option<FieldSpan>,
    /// Seconds that it has to stop.
    pub grace: Option<Val<u32>>,
    /// Whether only some nodes accept it.
    pub selects_nodes: bool,
    /// Whether the pod itself has amounts, for all its containers.
    pub own_amounts: bool,
}

/// One container.
#[derive(Clone, Debug)]
pub struct PodContainer {
    /// Its name.
    pub name: String,
    /// The place of its name.
    pub at: FieldSpan,
    /// Whether it is an init container.
    pub init: bool,
    /// Its image; `None` in a patch.
    pub image: Option<Val<String>>,
    /// `command` and `args`, word for word.
    pub words: Vec<Val<String>>,
    /// Its variables with a written value.
    pub env: Vec<(String, Val<String>)>,
    /// The names of variables whose value is in another object.
    pub env_from_elsewhere: Vec<Val<String>>,
    /// Its ports.
    pub ports: Vec<PodPort>,
    /// Its requests and limits.
    pub resources: Resources,
    /// Requests of other resources: key, amount in whole units.
    pub other_requests: Vec<(String, Val<u64>)>,
    /// Limits of other resources.
    pub other_limits: Vec<(String, Val<u64>)>,
    /// The place of its readiness probe.
    pub readiness: Option<FieldSpan>,
    /// The place of its liveness probe.
    pub liveness: Option<FieldSpan>,
    /// Its mounts.
    pub mounts: Vec<PodMount>,
}

/// A port of a container.
#[derive(Clone, Debug)]
pub struct PodPort {
    /// Its place in the file.
    pub at: FieldSpan,
    /// Its name, empty for none.
    pub name: String,
    /// The container's port.
    pub port: Val<u16>,
    /// The node's port.
    pub host: Option<Val<u16>>,
    /// The machine's address, empty for all.
    pub host_ip: String,
    /// Transport; `None` for an unknown one.
    pub protocol: Option<Protocol>,
}

/// A volume mounted into a container.
#[derive(Clone, Debug)]
pub struct PodMount {
    /// Its place in the file.
    pub at: FieldSpan,
    /// The volume's name.
    pub volume: String,
    /// The path in the container.
    pub path: String,
    /// Whether it is read-only.
    pub read_only: bool,
    /// Whether each pod has a subfolder of its own.
    pub own_folder: bool,
}

/// A volume of a pod.
#[derive(Clone, Debug)]
pub struct PodVolume {
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub at: FieldSpan,
    /// Its source.
    pub source: VolumeSource,
    /// Whether it is read-only.
    pub read_only: bool,
}

/// The source of a volume's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VolumeSource {
    /// A claim of the pod's namespace, shared by all who name it.
    Claim(String),
    /// A path of the machine; whether it is a folder, as far as is written.
    HostPath {
        /// The path.
        path: String,
        /// Whether it is a file or a socket.
        file: bool,
    },
    /// A server's folder, which all pods share.
    Network(&'static str),
    /// A disk that only one node can mount at a time.
    Disk(&'static str),
    /// A folder that no other pod sees.
    OfPod,
}

/// The pods of a template.
pub(super) fn read(template: &Node) -> Option<PodTemplate> {
    let spec = entry(template, "spec")?;
    let labels = pairs(path(template, &["metadata", "labels"]));
    let node = &*spec.node;
    let mut containers: Vec<PodContainer> = items(node, "containers").map(|item| container(item, false)).collect();
    containers.extend(items(node, "initContainers").map(|item| {
        // an init container that always restarts is a sidecar
        container(item, word(item, "restartPolicy") != "Always")
    }));
    Some(PodTemplate {
        one_per_node: one_per_node(node, &labels),
        labels,
        at: spec.at(),
        host_network: flag(entry(node, "hostNetwork")),
        containers,
        volumes: items(node, "volumes").map(|item| volume(item)).collect(),
        grace: count(entry(node, "terminationGracePeriodSeconds")),
        own_amounts: entry(node, "resources").is_some(),
        selects_nodes: entry(node, "nodeSelector").is_some()
            || entry(node, "nodeName").is_some()
            || path(node, &["affinity", "nodeAffinity"]).is_some(),
    })
}

impl PodTemplate {
    /// The containers that run as long as the pod does.
    pub fn running(&self) -> impl Iterator<Item = &PodContainer> {
        self.containers.iter().filter(|container| !container.init)
    }

    /// The volume with this name.
    #[must_use]
    pub fn volume(&self, name: &str) -> Option<&PodVolume> {
        self.volumes.iter().find(|volume| volume.name == name)
    }
}

fn container(item: &Node, init: bool) -> PodContainer {
    let mut words = Vec::new();
    for key in ["command", "args"] {
        words.extend(items(item, key).filter_map(|word| Some(Val::new(word.as_str()?.to_owned(), word.at()))));
    }
    let env = items(item, "env").filter_map(|item| {
        let value = entry(item, "value")?;
        matches!(value.node.value, Value::Str)
            .then(|| (word(item, "name").to_owned(), Val::new(value.node.text.to_string(), value.at())))
    });
    let elsewhere = items(item, "env").filter(|item| entry(item, "valueFrom").is_some());
    let resources = entry(item, "resources");
    let part = |key: &str| resources.and_then(|resources| entry(&resources.node, key));
    PodContainer {
        name: word(item, "name").to_owned(),
        at: item_at(item, "name"),
        init,
        image: text(entry(item, "image")),
        words,
        env: env.collect(),
        env_from_elsewhere: elsewhere.filter_map(|item| text(entry(item, "name"))).collect(),
        ports: items(item, "ports").filter_map(|item| port(item)).collect(),
        resources: Resources::new(
            resources.map_or_else(|| item_at(item, "name"), Entry::at),
            resources.is_some(),
            resources
                .map(|_| RequestsAndLimits { requests: amounts(part("requests")), limits: amounts(part("limits")) }),
        ),
        other_requests: other_amounts(part("requests")),
        other_limits: other_amounts(part("limits")),
        readiness: entry(item, "readinessProbe").map(Entry::at),
        liveness: entry(item, "livenessProbe").map(Entry::at),
        mounts: items(item, "volumeMounts").map(|item| mount(item)).collect(),
    }
}

fn amounts(part: Option<&Entry>) -> Amounts {
    let of = |key: &str| part.and_then(|part| entry(&part.node, key));
    let gpus = part.map_or(&[][..], |part| part.node.entries());
    Amounts {
        at: part.map(Entry::at),
        cpu: cores(of("cpu")),
        memory: memory(of("memory")),
        ephemeral_storage: memory(of("ephemeral-storage")),
        gpu: gpus.iter().find(|entry| entry.key.ends_with("/gpu")).and_then(devices),
        pids: None,
    }
}

fn other_amounts(part: Option<&Entry>) -> Vec<(String, Val<u64>)> {
    let entries = part.map_or(&[][..], |part| part.node.entries()).iter();
    let other = entries.filter(|entry| !matches!(&*entry.key, "cpu" | "memory"));
    other.filter_map(|entry| Some((entry.key.to_string(), whole(entry)?))).collect()
}

/// A number of devices, quoted or not.
fn devices(entry: &Entry) -> Option<Val<u32>> {
    let whole = whole(entry)?;
    Some(Val::new(u32::try_from(whole.value).ok()?, whole.at))
}

/// An amount in whole units, rounded up.
pub(super) fn whole(entry: &Entry) -> Option<Val<u64>> {
    let amount = crate::model::quantity::Memory::parse(quantity_text(&entry.node)?).ok()?;
    Some(Val::new(amount.bytes, entry.at()))
}

fn port(item: &Node) -> Option<PodPort> {
    let number = |key: &str| {
        let entry = entry(item, key)?;
        let port = entry.node.as_whole().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0)?;
        Some(Val::new(port, entry.at()))
    };
    Some(PodPort {
        at: item.at(),
        name: word(item, "name").to_owned(),
        port: number("containerPort")?,
        host: number("hostPort"),
        host_ip: word(item, "hostIP").to_owned(),
        protocol: match word(item, "protocol") {
            "" | "TCP" => Some(Protocol::Tcp),
            "UDP" => Some(Protocol::Udp),
            _ => None,
        },
    })
}

fn mount(item: &Node) -> PodMount {
    PodMount {
        at: item_at(item, "name"),
        volume: word(item, "name").to_owned(),
        path: word(item, "mountPath").to_owned(),
        read_only: flag(entry(item, "readOnly")).is_some_and(|flag| flag.value),
        own_folder: word(item, "subPathExpr").contains("$("),
    }
}

/// Sources that every node can mount at once.
const NETWORK: &[&str] = &["nfs", "cephfs", "glusterfs", "azureFile", "quobyte"];
/// Sources that only one node can mount at a time.
const DISKS: &[&str] =
    &["awsElasticBlockStore", "gcePersistentDisk", "azureDisk", "cinder", "fc", "iscsi", "rbd", "vsphereVolume"];

fn volume(item: &Node) -> PodVolume {
    let named = |names: &[&'static str]| names.iter().find(|name| entry(item, name).is_some()).copied();
    let read_only = |key: &str| path(item, &[key, "readOnly"]);
    let claim = entry(item, "persistentVolumeClaim");
    let host = entry(item, "hostPath");
    let (source, read_only) = match (claim, host, named(NETWORK), named(DISKS)) {
        (Some(claim), ..) => {
            (VolumeSource::Claim(word(&claim.node, "claimName").to_owned()), read_only("persistentVolumeClaim"))
        }
        (_, Some(host), ..) => {
            let file =
                matches!(word(&host.node, "type"), "File" | "FileOrCreate" | "Socket" | "CharDevice" | "BlockDevice");
            (VolumeSource::HostPath { path: word(&host.node, "path").to_owned(), file }, None)
        }
        (.., Some(kind), _) => (VolumeSource::Network(kind), read_only(kind)),
        (.., Some(kind)) => (VolumeSource::Disk(kind), read_only(kind)),
        _ => (VolumeSource::OfPod, None),
    };
    let read_only = flag(read_only).is_some_and(|flag| flag.value);
    PodVolume { name: word(item, "name").to_owned(), at: item_at(item, "name"), source, read_only }
}

/// A required rule that no two pods with these labels share a machine.
fn one_per_node(spec: &Node, labels: &[(String, String)]) -> Option<FieldSpan> {
    let terms = path(spec, &["affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"])?;
    let own = terms.node.items().iter().find(|term| {
        let selects = entry(term, "labelSelector")
            .and_then(super::selector::LabelSelector::read)
            .is_some_and(|selector| selector.matches(labels));
        word(term, "topologyKey") == "kubernetes.io/hostname" && selects
    });
    own.map(|_| terms.at())
}
