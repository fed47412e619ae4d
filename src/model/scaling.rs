//! How one service grows: resources, autoscaling, windows, connections. Knows no sum.

use super::Val;
use super::quantity::{Cpu, Memory, Share};
use super::time::{Day, Duration, TimeOfDay};
use crate::source::At;

/// Requests and limits.
#[derive(Clone, Debug)]
pub struct Resources {
    /// The field, or the service where unwritten.
    pub at: At,
    /// Whether somebody wrote it.
    pub written: bool,
    /// What is set aside.
    pub requests: Amounts,
    /// What is not exceeded.
    pub limits: Amounts,
}

/// Amounts of each resource, for one replica.
#[derive(Clone, Debug, Default)]
pub struct Amounts {
    /// The map, if written.
    pub at: Option<At>,
    /// Cores.
    pub cpu: Option<Val<Cpu>>,
    /// Memory.
    pub memory: Option<Val<Memory>>,
    /// Whole GPUs.
    pub gpu: Option<Val<u32>>,
    /// Processes.
    pub pids: Option<Val<u32>>,
}

/// How the number of replicas follows the load.
#[derive(Clone, Debug)]
pub struct Autoscaling {
    /// The field, or the service where unwritten.
    pub at: At,
    /// Whether somebody wrote it.
    pub written: bool,
    /// What is watched.
    pub signal: Val<Signal>,
    /// When to add one.
    pub up: Step,
    /// When to take one away.
    pub down: Step,
    /// Ahead of the load.
    pub predictive: Val<bool>,
    /// Where running and queued work is read.
    pub prometheus: Option<Box<Prometheus>>,
}

/// A threshold and how long it must hold.
#[derive(Clone, Debug)]
pub struct Step {
    /// Share of the capacity, 0 to 1.
    pub threshold: Val<Share>,
    /// How long.
    pub delay: Val<Duration>,
}

/// What autoscaling watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum Signal {
    Load,
    Cpu,
    Memory,
}

impl Signal {
    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Signal::Load => "load",
            Signal::Cpu => "cpu",
            Signal::Memory => "memory",
        }
    }
}

/// Where running and queued work is read.
#[derive(Clone, Debug)]
pub struct Prometheus {
    /// The field.
    pub at: At,
    /// Its address.
    pub server: Val<String>,
    /// Query: work running now.
    pub running: Val<String>,
    /// Query: work waiting.
    pub queued: Option<Val<String>>,
}

/// Other bounds in a weekly window.
#[derive(Clone, Debug)]
pub struct Window {
    /// The list item.
    pub at: At,
    /// The days on which it starts.
    pub days: Val<Vec<Day>>,
    /// First minute.
    pub from: Val<TimeOfDay>,
    /// One past the last minute; at or before `from` it is on the next day.
    pub to: Val<TimeOfDay>,
    /// IANA name; none where it is not one we know.
    pub timezone: Val<Option<String>>,
    /// The name as written, known or not.
    pub zone: String,
    /// Least replicas.
    pub min: Val<u32>,
    /// Most replicas.
    pub max: Val<u32>,
}

impl Window {
    /// For messages: `mon,tue 08:00-18:00`.
    #[must_use]
    pub fn label(&self) -> String {
        let days: Vec<&str> = self.days.value.iter().map(|day| day.word()).collect();
        format!("{} {}-{}", days.join(","), self.from.value, self.to.value)
    }

    /// For messages: `2 to 8`, or `3` where both are 3.
    #[must_use]
    pub fn replicas(&self) -> String {
        match (self.min.value, self.max.value) {
            (min, max) if min == max => min.to_string(),
            (min, max) => format!("{min} to {max}"),
        }
    }
}

/// Connections one replica opens to one backing service.
#[derive(Clone, Debug)]
pub struct Connections {
    /// The entry.
    pub at: At,
    /// The backing service's key.
    pub to: String,
    /// For each replica.
    pub per_replica: Val<u32>,
    /// For each unit of concurrency.
    pub per_slot: Val<u32>,
}
