//! The facts of a service that the spec has no field for and that decide whether it can have replicas. Plain data; knows no format.
//!
//! Values that the spec has a field for (command, variables, container ports, amounts) are in the layer's tree instead, where a spec can
//! replace them. A fact holds whatever the spec says, until a target removes it.

use super::images::KnownImage;
use crate::model::{BaseScaler, Protocol, Val};
use crate::support::rare::{Rare, RareFields};
use crate::support::source::FieldSpan;
use crate::support::thin_vec::ThinVec;
use std::ops::Deref;
use std::sync::LazyLock;

/// The facts of one service.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Its name as an object of a file with several documents; `None` if the file's own keys name services.
    pub object: Option<Box<ObjectName>>,
    /// The place of its key.
    pub at: FieldSpan,
    /// What changes its number of replicas.
    pub scaler: Option<BaseScaler>,
    /// Whether it names an image or a build: what has neither does not run by itself.
    pub runnable: bool,
    /// Ports of the machine that it asks for, in the order written.
    pub host_ports: ThinVec<HostPort>,
    /// What is mounted where, in the order of mounting.
    pub mounts: ThinVec<Mount>,
    /// The words of its entry point and command that are known, in order: flags are read from there.
    pub words: ThinVec<Val<String>>,
    /// What its image is known to be.
    pub image: Option<&'static KnownImage>,
    /// The profiles of its file that start it; it starts always where there are none.
    pub profiles: ThinVec<Val<String>>,
    /// Whether one of `profiles` is switched on, or there are none.
    pub starts: bool,
    /// Variables of its environment, in the order written; the first of a name holds.
    pub variables: ThinVec<Variable>,
    /// Containers that run beside the main one in every replica.
    pub sidecars: ThinVec<Sidecar>,
    /// Whether part of it is in a file that could not be read: what is absent may be there.
    pub partial: bool,
    /// What few services have; its fields read as if they were fields of this.
    pub rare: Rare<RareFacts>,
}

/// What few services have.
#[derive(Clone, Debug, Default)]
pub struct RareFacts {
    /// A name that only one container can have.
    pub container_name: Option<Val<Option<String>>>,
    /// A host name that all replicas would share.
    pub hostname: Option<Val<Option<String>>>,
    /// Whose network it uses.
    pub network: Option<Val<Network>>,
    /// Addresses that only one container can have.
    pub addresses: ThinVec<Address>,
    /// Devices of the machine that every replica would share.
    pub devices: ThinVec<Device>,
    /// How many run, as far as that is not a number of replicas.
    pub mode: Option<Val<ReplicationMode>>,
    /// The most replicas on one machine.
    pub most_per_machine: Option<Val<Option<u32>>>,
    /// The keys whose values are set in the file's older form, which an override must use too: key, place.
    pub older_keys: ThinVec<(&'static str, FieldSpan)>,
    /// Amounts of memory beyond the limit (swap), in bytes; `None` if unlimited or unknown.
    pub memory_and_swap: Option<Val<Option<u64>>>,
}

impl RareFields for RareFacts {
    fn none() -> &'static RareFacts {
        static NONE: LazyLock<RareFacts> = LazyLock::new(RareFacts::default);
        &NONE
    }

    fn is_none(&self) -> bool {
        let RareFacts {
            container_name,
            hostname,
            network,
            addresses,
            devices,
            mode,
            most_per_machine,
            older_keys,
            memory_and_swap,
        } = self;
        container_name.is_none()
            && hostname.is_none()
            && network.is_none()
            && addresses.is_empty()
            && devices.is_empty()
            && mode.is_none()
            && most_per_machine.is_none()
            && older_keys.is_empty()
            && memory_and_swap.is_none()
    }
}

impl Deref for Facts {
    type Target = RareFacts;

    fn deref(&self) -> &RareFacts {
        &self.rare
    }
}

/// The name of an object among many in one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// API group, empty for the core group.
    pub group: String,
    /// `Deployment`, `StatefulSet`, …
    pub kind: String,
    /// Namespace, empty if none is written.
    pub namespace: String,
    /// Name.
    pub name: String,
}

/// Whose network a service uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Network {
    /// Its own.
    Own,
    /// The machine's.
    Host,
    /// That of another service of the file.
    Service(String),
    /// That of a container the file does not know.
    Container(String),
    /// None at all.
    None,
    /// Another mode, which only the engine knows.
    Other(String),
    /// It depends on a variable.
    Unknown,
}

/// An address that only one container can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Its place in the file.
    pub at: FieldSpan,
    /// Which kind.
    pub kind: AddressKind,
    /// The network it belongs to, by its key in the file; `None` for the service's own.
    pub network: Option<String>,
    /// The address; `None` if it depends on a variable.
    pub address: Option<String>,
}

/// Kinds of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressKind {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
    /// Link-local, of either family.
    LinkLocal,
    /// A hardware address.
    Mac,
}

/// Ports of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// Its place in the file.
    pub at: FieldSpan,
    /// First and last port of the machine; `None` if the engine picks one, or it is unknown.
    pub host: Option<(u16, u16)>,
    /// Whether it depends on a variable.
    pub unknown: bool,
    /// The address it is bound to, if not all.
    pub address: Option<String>,
    /// First and last port of the container. Several ports of the machine for one of the container mean that the engine picks one.
    pub container: (u16, u16),
    /// Transport; `None` for one that the spec does not have.
    pub protocol: Option<Protocol>,
    /// Whether each machine binds it by itself; otherwise a balancer in front of all machines does.
    pub per_machine: bool,
}

/// Something mounted into a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Its place in the file.
    pub at: FieldSpan,
    /// Which kind.
    pub kind: MountKind,
    /// The volume's name or the machine's path, relative to the project's folder; `None` for unnamed volumes and unknown paths.
    pub source: Option<String>,
    /// The path in the container; `None` if it depends on a variable.
    pub target: Option<String>,
    /// Whether it is read-only.
    pub read_only: bool,
}

/// Kinds of mounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MountKind {
    /// A volume with a name, which all replicas share.
    Volume,
    /// A volume without a name, of which each replica has its own.
    Anonymous,
    /// A path of the machine.
    Bind,
    /// Memory.
    Tmpfs,
    /// Anything else.
    Other,
}

/// A device of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its place in the file.
    pub at: FieldSpan,
    /// The machine's path; `None` for a request to the engine (`gpus`, `devices` under reservations).
    pub path: Option<String>,
    /// The ids of single devices.
    pub ids: Vec<String>,
    /// How many; `None` means all that exist.
    pub count: Option<u32>,
    /// Whether it is a GPU.
    pub gpu: bool,
}

/// How many run, if no number of replicas says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicationMode {
    /// One on each machine.
    Global,
    /// As many as the number of replicas, each run to its end.
    Job,
    /// One on each machine, run to its end.
    GlobalJob,
    /// Another mode, or one that depends on a variable.
    Unknown,
}

/// One variable of a service's environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The place of its name: in the file of variables, if it comes from one.
    pub at: FieldSpan,
    /// Where its value comes from.
    pub origin: EnvOrigin,
}

/// Where the value of a variable comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvOrigin {
    /// It is written, and in the layer's tree.
    Written,
    /// It is written, and empty as long as another variable is unset: `${NAME:-}`, `${NAME}`.
    EmptyUnlessSet,
    /// From a file of variables, whose values are not kept.
    File,
    /// From the environment of the command that starts the service.
    PassedThrough,
}

/// A container beside the main one.
#[derive(Clone, Debug, Default)]
pub struct Sidecar {
    /// Its name.
    pub name: String,
    /// The place of its name.
    pub at: FieldSpan,
    /// Its requests and limits, as `resources` of the spec; `None` if it has none.
    pub resources: Option<crate::syntax::Entry>,
}
