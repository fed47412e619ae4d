//! One service: what it is, how many, and on which ports. Knows no other service.

use super::quantity::{Cpu, Memory};
use super::rare::RareOfService;
use super::time::Duration;
use super::{Autoscaling, Broken, Connections, Health, Resources, Strategy, Update, Val, Window, WindowView};
use crate::support::diagnostic::SPEC;
use crate::support::rare::Rare;
use crate::support::source::{FieldSpan, FileSpan};
use crate::support::thin_vec::ThinVec;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

/// A service, which scales.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its key, which it shares with the tree: there may be ten thousand.
    pub name: Rc<str>,
    /// Its entry; the place is the key.
    pub at: FieldSpan,
    /// Parts that could not be read.
    pub broken: Broken,
    /// Its kind of workload.
    pub kind: Val<Kind>,
    /// Container image.
    pub image: Option<Box<Val<Rc<str>>>>,
    /// Plain variables, in the order written.
    pub env: ThinVec<EnvVar>,
    /// Container ports.
    pub ports: ThinVec<Port>,
    /// How many.
    pub replicas: Replicas,
    /// Work one replica does at once; none means unknown.
    pub concurrency: Option<Box<Concurrency>>,
    /// Requests and limits.
    pub resources: Resources,
    /// How the number follows the load; all defaults if unset.
    pub autoscaling: Autoscaling,
    /// Other bounds in weekly windows.
    pub schedule: ThinVec<Window>,
    /// Connections one replica opens, by backing service.
    pub connections: ThinVec<Connections>,
    /// How its health is asked.
    pub health: Option<Box<Health>>,
    /// What few services have; its fields read as if they were fields of this.
    pub rare: Rare<RareOfService>,
}

impl Deref for Service {
    type Target = RareOfService;

    fn deref(&self) -> &RareOfService {
        &self.rare
    }
}

impl DerefMut for Service {
    fn deref_mut(&mut self) -> &mut RareOfService {
        &mut self.rare
    }
}

impl Service {
    /// Kubernetes' default for `terminationGracePeriodSeconds` of a pod.
    pub const USUAL_GRACE: Duration = Duration(30_000);

    /// How long a leaving replica may go on, [`Service::USUAL_GRACE`] by default.
    #[must_use]
    pub fn grace(&self) -> Duration {
        self.stop_grace_period.map_or(Service::USUAL_GRACE, |grace| grace.value)
    }

    /// Every window as far as it could be read; the broken ones last.
    pub fn windows(&self) -> impl Iterator<Item = WindowView<'_>> {
        self.schedule.iter().map(WindowView::from).chain(self.broken_windows.iter().map(WindowView::from))
    }

    /// Whether the base bounds differ: autoscaling is on.
    #[must_use]
    pub fn scales(&self) -> bool {
        self.replicas.min.value < self.replicas.max.value
    }

    /// Whether the base and every window are one number each, and they differ: then nothing but the clock changes it.
    #[must_use]
    pub fn is_moved_by_clock(&self) -> bool {
        let base = self.replicas.min.value;
        !self.scales()
            && self.schedule.iter().all(|window| window.min.value == window.max.value)
            && self.schedule.iter().any(|window| window.min.value != base)
    }

    /// The number a target without an autoscaler writes: `min`, or 1 where min is 0 and max is not.
    #[must_use]
    pub fn fixed(&self) -> u32 {
        let Replicas { min, max, .. } = &self.replicas;
        if min.value == 0 && max.value > 0 { 1 } else { min.value }
    }

    /// The most replicas of the base and every window.
    #[must_use]
    pub fn peak(&self) -> u32 {
        self.schedule.iter().map(|window| window.max.value).fold(self.replicas.max.value, u32::max)
    }

    /// The bounds of the base and then of every window, in the order written.
    pub fn ranges(&self) -> impl Iterator<Item = super::states::StateBounds<'_>> {
        let base = super::states::StateBounds { min: self.replicas.min, max: self.replicas.max, window: None };
        let windows = self.schedule.iter();
        std::iter::once(base).chain(windows.map(|window| super::states::StateBounds {
            min: window.min,
            max: window.max,
            window: Some(window),
        }))
    }

    /// Work one replica does at once, 1 where unknown.
    #[must_use]
    pub fn slots_each(&self) -> u32 {
        self.concurrency.as_ref().map_or(1, |concurrency| concurrency.limit.value)
    }

    /// What to underline for the number that a target without an autoscaler writes.
    #[must_use]
    pub fn fixed_place(&self) -> FileSpan {
        let number = if self.replicas.min.value == 0 { self.replicas.max } else { self.replicas.min };
        if self.replicas.written { number.place() } else { self.at.key() }
    }

    /// Whether the spec publishes one of these container ports. Ports that a base publishes do not count.
    #[must_use]
    pub fn publishes(&self, container: (u16, u16), protocol: Protocol) -> bool {
        let among = |port: &Port| (container.0..=container.1).contains(&port.port.value);
        self.ports.iter().any(|port| {
            port.publish.is_some_and(|publish| publish.is_of_spec()) && port.protocol.value == protocol && among(port)
        })
    }

    /// Whether only a base names it: sums count it and rules judge it, but an override never writes it.
    #[must_use]
    pub fn is_base_only(&self) -> bool {
        self.at.file != SPEC
    }

    /// The place in the spec that sets the number of replicas; `None` if a base does, or it is unset.
    #[must_use]
    pub fn replicas_of_spec(&self) -> Option<u32> {
        let bound = if self.replicas.min.value == 0 { self.replicas.max } else { self.replicas.min };
        (self.replicas.written && bound.is_of_spec()).then(|| self.fixed())
    }

    /// How a new version replaces the old, the default if unset.
    #[must_use]
    pub fn update(&self) -> Update {
        self.written_update.as_deref().copied().unwrap_or_else(|| super::lower::usual_update(self.at, self.kind.value))
    }

    /// The replicas that a rolling update adds to this many.
    #[must_use]
    pub fn surge(&self, replicas: u32) -> u32 {
        let update = self.update();
        let rolling = update.strategy.value == Strategy::Rolling;
        if rolling && replicas > 0 { update.surge.value.up(replicas) } else { 0 }
    }

    /// The cpu that the scheduler reserves for a replica: requests, else limits.
    #[must_use]
    pub fn reserved_cpu(&self) -> Option<Val<Cpu>> {
        self.resources.requests.cpu.or(self.resources.limits.cpu)
    }

    /// The memory that the scheduler reserves for a replica: requests, else limits.
    #[must_use]
    pub fn reserved_memory(&self) -> Option<Val<Memory>> {
        self.resources.requests.memory.or(self.resources.limits.memory)
    }

    /// The GPUs that the scheduler reserves for a replica: requests, else limits.
    #[must_use]
    pub fn reserved_gpu(&self) -> Option<Val<u32>> {
        self.resources.requests.gpu.or(self.resources.limits.gpu)
    }
}

/// What sort of workload a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum Kind {
    Stateless,
    Stateful,
    Singleton,
}

impl Kind {
    pub(super) const WORDS: [(&'static str, Kind); 3] =
        [("stateless", Kind::Stateless), ("stateful", Kind::Stateful), ("singleton", Kind::Singleton)];

    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        super::word_of(&Kind::WORDS, &self)
    }
}

/// One plain variable.
#[derive(Clone, Debug)]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Its value and the place of the entry.
    pub value: Val<EnvValue>,
}

/// The value of a variable.
#[derive(Clone, Debug, PartialEq)]
pub enum EnvValue {
    /// Text.
    Text(String),
    /// A number, as written.
    Number(String),
    /// A boolean.
    Bool(bool),
}

impl EnvValue {
    /// The text that the process sees.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            EnvValue::Text(text) | EnvValue::Number(text) => text,
            EnvValue::Bool(true) => "true",
            EnvValue::Bool(false) => "false",
        }
    }

    /// Whether a value is written out: not empty, not a switch, and without a reference to a variable.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        match self {
            EnvValue::Bool(_) => false,
            EnvValue::Number(_) => true,
            EnvValue::Text(text) => {
                let text = text.trim();
                !text.is_empty() && !refers(text) && !matches!(text, "true" | "false")
            }
        }
    }
}

/// Whether a text refers to a variable: `${NAME}` anywhere, or `$NAME` as the whole.
#[must_use]
pub fn refers(text: &str) -> bool {
    let name = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    text.contains("${") || text.strip_prefix('$').is_some_and(name)
}

/// One container port.
#[derive(Clone, Debug)]
pub struct Port {
    /// The entry.
    pub at: FieldSpan,
    /// Its name.
    pub name: Option<Val<String>>,
    /// The container's port.
    pub port: Val<u16>,
    /// TCP or UDP.
    pub protocol: Val<Protocol>,
    /// The first host port; a range as wide as the replicas written begins here.
    pub publish: Option<Val<u16>>,
}

/// Transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum Protocol {
    Tcp,
    Udp,
}

impl Protocol {
    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        }
    }
}

/// The bounds of the base.
#[derive(Clone, Debug)]
pub struct Replicas {
    /// The field, or the service if unset.
    pub at: FieldSpan,
    /// Whether it is set.
    pub written: bool,
    /// Least.
    pub min: Val<u32>,
    /// Most.
    pub max: Val<u32>,
}

/// Work one replica does at once.
#[derive(Clone, Debug)]
pub struct Concurrency {
    /// The field.
    pub at: FieldSpan,
    /// How much.
    pub limit: Val<u32>,
    /// The variable the process reads it from.
    pub env: Option<Val<String>>,
}
