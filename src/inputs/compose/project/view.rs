//! One merged compose service, typed: the fields that limit its number of replicas. Parts of a wrong type are skipped.
//!
//! The inner option of an amount is `None` if the value depends on a variable, or cannot be read by compose.

use crate::model::Val;
use crate::support::rare::{Rare, RareFields};
use crate::support::source::FieldSpan;
use crate::support::thin_vec::ThinVec;
use std::ops::Deref;
use std::sync::LazyLock;

/// An amount that was written; its inner value is `None` if unknown.
pub type WrittenAmount<T> = Option<Val<Option<T>>>;

/// A text that was written; its inner value is `None` if unknown.
pub type WrittenText = WrittenAmount<String>;

/// One service.
#[derive(Clone, Debug, Default)]
pub struct ServiceView {
    /// `image`.
    pub image: WrittenText,
    /// The keys of the older style that are written, with their places: `scale`, `mem_limit`, …
    pub older: ThinVec<(&'static str, FieldSpan)>,
    /// Devices that the engine is asked for: `gpus`, `deploy.resources.reservations.devices`.
    pub requests: ThinVec<DeviceRequest>,
    /// Ports, those of a range one by one as far as compose parts them.
    pub ports: ThinVec<ComposePort>,
    /// Health check.
    pub health: Option<Box<ComposeHealth>>,
    /// Keys that hold one word, by key: `container_name`, `network_mode`, `restart`, …
    pub words: ThinVec<(&'static str, Val<Option<String>>)>,
    /// Networks, by key, with the addresses asked for.
    pub networks: ThinVec<ComposeNetwork>,
    /// Mounts.
    pub mounts: ThinVec<ComposeMount>,
    /// Variables by name: the value as it reaches the container, none for one that is passed through or unknown.
    pub environment: ThinVec<(String, Val<Option<String>>)>,
    /// The profiles of the project that start it.
    pub profiles: ThinVec<Val<Option<String>>>,
    /// Devices of the machine, by the path there.
    pub devices: ThinVec<(Option<String>, FieldSpan)>,
    /// What few services have; its fields read as if they were fields of this.
    pub rare: Rare<RareKeys>,
}

/// What few services have.
#[derive(Clone, Debug, Default)]
pub struct RareKeys {
    /// `build`.
    pub build: Option<FieldSpan>,
    /// `deploy.replicas`, or `scale` if it is written.
    pub replicas: WrittenAmount<u32>,
    /// `limits` under `deploy`, or the older keys.
    pub limits: ServiceAmounts,
    /// `reservations` under `deploy`, or the older keys.
    pub reservations: ServiceAmounts,
    /// `memswap_limit`, in bytes; −1 for no limit.
    pub memory_and_swap: WrittenAmount<i64>,
    /// What replaces the entry point of the image.
    pub entrypoint: WrittenAmount<Vec<String>>,
    /// Replaces the command of the image.
    pub command: WrittenAmount<Vec<String>>,
    /// `deploy.mode`.
    pub mode: WrittenText,
    /// `deploy.endpoint_mode`.
    pub endpoint_mode: WrittenText,
}

impl RareFields for RareKeys {
    fn none() -> &'static RareKeys {
        static NONE: LazyLock<RareKeys> = LazyLock::new(RareKeys::default);
        &NONE
    }

    fn is_none(&self) -> bool {
        let RareKeys {
            build,
            replicas,
            limits,
            reservations,
            memory_and_swap,
            entrypoint,
            command,
            mode,
            endpoint_mode,
        } = self;
        build.is_none()
            && replicas.is_none()
            && limits.is_none()
            && reservations.is_none()
            && memory_and_swap.is_none()
            && entrypoint.is_none()
            && command.is_none()
            && mode.is_none()
            && endpoint_mode.is_none()
    }
}

impl Deref for ServiceView {
    type Target = RareKeys;

    fn deref(&self) -> &RareKeys {
        &self.rare
    }
}

/// Limits or reservations.
#[derive(Clone, Debug, Default)]
pub struct ServiceAmounts {
    /// Cores, as a decimal number.
    pub cpus: WrittenAmount<f64>,
    /// Bytes.
    pub memory: WrittenAmount<i64>,
    /// Processes.
    pub pids: WrittenAmount<i64>,
}

impl ServiceAmounts {
    /// Whether nothing is written.
    fn is_none(&self) -> bool {
        self.cpus.is_none() && self.memory.is_none() && self.pids.is_none()
    }
}

/// Devices that a service requests.
#[derive(Clone, Debug)]
pub struct DeviceRequest {
    /// Its place in the file.
    pub at: FieldSpan,
    /// Capabilities that each device must have.
    pub capabilities: Vec<String>,
    /// How many, −1 for all; `None` if single devices are named.
    pub count: WrittenAmount<i64>,
    /// The ids of single devices.
    pub ids: Vec<String>,
}

impl DeviceRequest {
    /// Whether it requests GPUs.
    #[must_use]
    pub fn is_gpu(&self) -> bool {
        self.capabilities.iter().any(|capability| ["gpu", "nvidia", "cuda"].contains(&capability.as_str()))
    }
}

/// One port.
#[derive(Clone, Debug)]
pub struct ComposePort {
    /// Its place in the file.
    pub at: FieldSpan,
    /// First and last port of the container; `None` if unknown.
    pub target: Option<(u16, u16)>,
    /// The machine's ports as written: `8080`, `8080-8082`; `None` if the engine picks one.
    pub published: WrittenText,
    /// The machine's address.
    pub host_ip: WrittenText,
    /// `tcp`, `udp`, `sctp`.
    pub protocol: String,
    /// `ingress`, `host`.
    pub mode: String,
}

/// A health check.
#[derive(Clone, Debug)]
pub struct ComposeHealth {
    /// Its place in the file.
    pub at: FieldSpan,
    /// `CMD` and words, `CMD-SHELL` and one line, `NONE`.
    pub test: WrittenAmount<Vec<String>>,
    /// Time between two checks, in nanoseconds.
    pub interval: WrittenAmount<u64>,
    /// Longest time a check may take, in nanoseconds.
    pub timeout: WrittenAmount<u64>,
    /// Time at the start in which failures do not count, in nanoseconds.
    pub start_period: WrittenAmount<u64>,
    /// Time between two checks at the start, in nanoseconds.
    pub start_interval: WrittenAmount<u64>,
    /// Failures in a row that make the container unhealthy.
    pub retries: WrittenAmount<u32>,
    /// Whether it is switched off.
    pub disable: WrittenAmount<bool>,
}

/// One network that a service is part of.
#[derive(Clone, Debug)]
pub struct ComposeNetwork {
    /// Its key.
    pub name: String,
    /// Its place in the file.
    pub at: FieldSpan,
    /// Requested addresses, by key: `ipv4_address`, `ipv6_address`, `mac_address`, `link_local_ips`.
    pub addresses: Vec<(&'static str, Val<Option<String>>)>,
    /// Other names of the service in this network.
    pub aliases: Vec<String>,
}

/// One mount.
#[derive(Clone, Debug)]
pub struct ComposeMount {
    /// Its place in the file.
    pub at: FieldSpan,
    /// `volume`, `bind`, `tmpfs`, …; `None` if unknown.
    pub kind: Option<String>,
    /// The volume or the machine's path.
    pub source: WrittenText,
    /// The path in the container.
    pub target: WrittenText,
    /// Whether it is read-only.
    pub read_only: bool,
}

/// Keys that hold one word.
pub const WORDS: [&str; 16] = [
    "container_name",
    "hostname",
    "domainname",
    "network_mode",
    "pid",
    "ipc",
    "uts",
    "userns_mode",
    "cgroup",
    "mac_address",
    "restart",
    "user",
    "runtime",
    "platform",
    "stop_signal",
    "stop_grace_period",
];

/// Keys of the older style, with the path under `deploy` that means the same.
pub const OLDER: [(&str, &[&str]); 5] = [
    ("scale", &["replicas"]),
    ("mem_limit", &["resources", "limits", "memory"]),
    ("mem_reservation", &["resources", "reservations", "memory"]),
    ("cpus", &["resources", "limits", "cpus"]),
    ("pids_limit", &["resources", "limits", "pids"]),
];

impl ServiceView {
    /// The word of a key.
    #[must_use]
    pub fn word(&self, key: &str) -> Option<&Val<Option<String>>> {
        self.words.iter().find(|(own, _)| *own == key).map(|(_, word)| word)
    }
}
