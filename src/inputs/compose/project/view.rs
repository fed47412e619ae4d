//! One merged compose service, typed: what bounds how many of it can run. Wrong-typed parts are passed over, never refused.
//!
//! In an amount the inner option is none where the value hangs on a variable, or is none that compose reads.

use crate::model::Val;
use crate::support::source::At;

/// An amount that was written; none inside where it is unknown.
pub type Amount<T> = Option<Val<Option<T>>>;

/// A text that was written; none inside where it is unknown.
pub type Text = Amount<String>;

/// One service.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Its image.
    pub image: Text,
    /// Where it is built.
    pub build: Option<At>,
    /// How many: `deploy.replicas`, or `scale` where it is written.
    pub replicas: Amount<u32>,
    /// The keys of the older style that are written, with their places: `scale`, `mem_limit`, …
    pub older: Vec<(&'static str, At)>,
    /// `limits` under `deploy`, or the older keys.
    pub limits: Amounts,
    /// `reservations` under `deploy`, or the older keys.
    pub reservations: Amounts,
    /// `memswap_limit`, in bytes; −1 for no limit.
    pub memory_and_swap: Amount<i64>,
    /// Devices that the engine is asked for: `gpus`, `deploy.resources.reservations.devices`.
    pub requests: Vec<Request>,
    /// Ports, those of a range one by one as far as compose parts them.
    pub ports: Vec<Port>,
    /// Health check.
    pub health: Option<Health>,
    /// Keys that hold one word, by key: `container_name`, `network_mode`, `restart`, …
    pub words: Vec<(&'static str, Val<Option<String>>)>,
    /// Networks, by key, with the addresses asked for.
    pub networks: Vec<Network>,
    /// Mounts.
    pub mounts: Vec<Mount>,
    /// What replaces the entry point of the image.
    pub entrypoint: Amount<Vec<String>>,
    /// What replaces the command of the image.
    pub command: Amount<Vec<String>>,
    /// Variables by name: the value as it reaches the container, none for one that is passed through or unknown.
    pub environment: Vec<(String, Val<Option<String>>)>,
    /// `deploy.mode`.
    pub mode: Text,
    /// `deploy.endpoint_mode`.
    pub endpoint_mode: Text,
    /// The profiles of the project that start it.
    pub profiles: Vec<Val<Option<String>>>,
    /// Devices of the machine, by the path there.
    pub devices: Vec<(Option<String>, At)>,
}

/// Limits or reservations.
#[derive(Clone, Debug, Default)]
pub struct Amounts {
    /// Cores, as a decimal number.
    pub cpus: Amount<f64>,
    /// Bytes.
    pub memory: Amount<i64>,
    /// Processes.
    pub pids: Amount<i64>,
}

/// Devices that the engine is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where it stands.
    pub at: At,
    /// What each must be able to do.
    pub capabilities: Vec<String>,
    /// How many, −1 for all; none where single ones are named.
    pub count: Amount<i64>,
    /// The ids of single ones.
    pub ids: Vec<String>,
}

/// One port.
#[derive(Clone, Debug)]
pub struct Port {
    /// Where it stands.
    pub at: At,
    /// First and last port inside; none where unknown.
    pub target: Option<(u16, u16)>,
    /// The machine's ports as written: `8080`, `8080-8082`; none where the engine picks one.
    pub published: Text,
    /// The machine's address.
    pub host_ip: Text,
    /// `tcp`, `udp`, `sctp`.
    pub protocol: String,
    /// `ingress`, `host`.
    pub mode: String,
}

/// A health check.
#[derive(Clone, Debug)]
pub struct Health {
    /// Where it stands.
    pub at: At,
    /// `CMD` and words, `CMD-SHELL` and one line, `NONE`.
    pub test: Amount<Vec<String>>,
    /// Nanoseconds.
    pub interval: Amount<u64>,
    /// Nanoseconds.
    pub timeout: Amount<u64>,
    /// Nanoseconds.
    pub start_period: Amount<u64>,
    /// Nanoseconds.
    pub start_interval: Amount<u64>,
    /// How many fail in a row.
    pub retries: Amount<u32>,
    /// Whether it is switched off.
    pub disable: Amount<bool>,
}

/// One network that a service is part of.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its key.
    pub name: String,
    /// Where it stands.
    pub at: At,
    /// Addresses asked for there, by key: `ipv4_address`, `ipv6_address`, `mac_address`, `link_local_ips`.
    pub addresses: Vec<(&'static str, Val<Option<String>>)>,
    /// Other names of the service there.
    pub aliases: Vec<String>,
}

/// One mount.
#[derive(Clone, Debug)]
pub struct Mount {
    /// Where it stands.
    pub at: At,
    /// `volume`, `bind`, `tmpfs`, …; none where unknown.
    pub kind: Option<String>,
    /// The volume or the machine's path.
    pub source: Text,
    /// The path inside.
    pub target: Text,
    /// Whether nothing can be written there.
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

/// Keys of the older style, and the path under `deploy` that says the same.
pub const OLDER: [(&str, &[&str]); 5] = [
    ("scale", &["replicas"]),
    ("mem_limit", &["resources", "limits", "memory"]),
    ("mem_reservation", &["resources", "reservations", "memory"]),
    ("cpus", &["resources", "limits", "cpus"]),
    ("pids_limit", &["resources", "limits", "pids"]),
];

impl View {
    /// The word of a key.
    #[must_use]
    pub fn word(&self, key: &str) -> Option<&Val<Option<String>>> {
        self.words.iter().find(|(own, _)| *own == key).map(|(_, word)| word)
    }
}
