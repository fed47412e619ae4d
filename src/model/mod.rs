//! What a spec means: typed, defaults filled in, every value with its place. Knows no YAML text, no rule and no target.

mod backing;
pub mod clock_changes;
mod cluster_fields;
pub mod demand;
pub mod heap;
pub mod instant;
pub mod intervals;
mod lower;
pub mod placement;
mod pod;
pub mod quantity;
mod rare;
pub mod releases;
mod resources;
mod running;
mod scaling;
mod service;
mod sizing_row;
pub mod states;
mod stepping;
mod target_facts;
pub mod time;
pub mod work;

pub use backing::{Backing, BackingKind, Capacity, External, NodeGroup, Opt, OptVal, TargetOptions};
pub use lower::{Lowered, LoweredBefore, from, is_dns_label, is_plain_name, is_variable_name, lower, targets};
pub use pod::{NamedText, PodSecurity, PodSettings, SecurityProfile, TaintEffect, Toleration};
pub use rare::RareOfService;
pub use resources::{Amounts, RequestsAndLimits, Resources};
pub use running::{
    Amount, Check, Disruption, Expose, GatewayRef, Health, Method, ProxyTimeouts, Spread, Strategy, Update, Volume,
};
pub use scaling::{Autoscaling, BrokenWindow, Connections, Prometheus, ScalingRule, Signal, Step, Window, WindowView};
pub use service::{Concurrency, EnvValue, EnvVar, Kind, Port, Protocol, Replicas, Service, refers};
pub use sizing_row::{Advice, Recommendation};
pub use stepping::{StepAmount, StepRate, StepSelect, StepSize};
pub use target_facts::{BalancerOptions, ClusterAutoscaler, ClusterOptions};

use crate::support::diagnostic::SPEC;
use crate::support::source::{FieldSpan, FileSpan};
use std::rc::Rc;

/// A value with the place that set it.
#[derive(Clone, Debug)]
pub struct Val<T> {
    /// The value; a default if unset.
    pub value: T,
    /// Where it was written, or the nearest thing above it that was.
    pub at: FieldSpan,
    /// Whether it is set in a file.
    pub written: bool,
}

impl<T: Copy> Copy for Val<T> {}

impl<T> Val<T> {
    /// A value that is set.
    pub fn new(value: T, at: FieldSpan) -> Val<T> {
        Val { value, at, written: true }
    }

    /// A default; `at` is the nearest thing above it that was written.
    pub fn default_at(value: T, at: FieldSpan) -> Val<T> {
        Val { value, at, written: false }
    }

    /// Whether the spec or a profile sets it: it is neither a default nor a base's value.
    #[must_use]
    pub fn is_of_spec(&self) -> bool {
        self.written && self.at.file == SPEC
    }

    /// What to underline: the value, or if it is unset, the key of the nearest set value above it.
    #[must_use]
    pub fn place(&self) -> FileSpan {
        if self.written { self.at.place() } else { self.at.key() }
    }
}

/// The word of the spec for one of some values.
fn word_of<T: PartialEq>(words: &[(&'static str, T)], value: &T) -> &'static str {
    words.iter().find(|(_, known)| known == value).map_or("", |(word, _)| word)
}

/// One whole spec: the base, or the base with a profile laid over it.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The document.
    pub at: FieldSpan,
    /// The files or folders that are the base of every target without one of its own.
    pub from: Vec<Val<String>>,
    /// The deployment's name.
    pub name: Val<String>,
    /// Whether targets write limits at all.
    pub limit_resources: Val<bool>,
    /// The services, in the order written; profiles share the services they do not change.
    pub services: Vec<Rc<Service>>,
    /// The backing services, in the order written.
    pub backing: Vec<Backing>,
    /// The machines.
    pub capacity: Option<Capacity>,
    /// The row of the sizing table that this deployment is meant for.
    pub claims: Option<Val<String>>,
    /// The sizing table, in the order written.
    pub recommendations: Vec<Recommendation>,
    /// The targets named in the spec, with their options.
    pub targets: Vec<TargetOptions>,
    /// What changes the number of replicas in the files of a base, by service.
    pub scalers: Vec<(String, BaseScaler)>,
}

/// What changes a number of replicas in the files of a base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseScaler {
    /// A HorizontalPodAutoscaler, or what makes one.
    Horizontal,
    /// A ScaledObject of KEDA.
    Keda,
}

impl Spec {
    /// The services, in the order written.
    pub fn services(&self) -> impl Iterator<Item = &Service> + Clone {
        self.services.iter().map(|service| &**service)
    }

    /// What scales a service in the files of a base.
    #[must_use]
    pub fn scaler(&self, service: &str) -> Option<BaseScaler> {
        self.scalers.iter().find(|(name, _)| name == service).map(|(_, scaler)| *scaler)
    }

    /// The service whose replicas a pooler runs as: the one of its name, with its index. Each replica takes `maxConnections`.
    /// None for a backing service of another kind, and for a pooler that is not a service of the spec: that runs once.
    #[must_use]
    pub fn pooler(&self, backing: &Backing) -> Option<(usize, &Service)> {
        let pools = backing.kind.is_some_and(|kind| kind.value.pools());
        let named = |(_, service): &(usize, &Service)| *service.name == *backing.name;
        self.services().enumerate().find(named).filter(|_| pools)
    }
}

/// The top-level parts of a service that can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "each is the key of the spec with its name")]
pub enum ServiceField {
    Kind,
    Image,
    Env,
    Ports,
    Replicas,
    Concurrency,
    Resources,
    Autoscaling,
    Schedule,
    PartitionedBy,
    Connections,
    SharedSecrets,
    Expose,
    Health,
    Volumes,
    Update,
    Disruption,
    Spread,
    Workload,
    Pod,
}

/// Which parts of a service could not be read; sums that need one of them are not computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Broken {
    parts: u32,
    /// The parts among them that depend on a variable of a base, which is not a fault.
    unknown: u32,
}

impl Broken {
    /// Every part.
    #[must_use]
    pub fn all() -> Broken {
        Broken { parts: u32::MAX, unknown: 0 }
    }

    /// Marks a part that cannot be read.
    pub fn set(&mut self, part: ServiceField) {
        self.parts |= 1 << part as u8;
    }

    /// Marks a part that is not fully known.
    pub fn set_unknown(&mut self, part: ServiceField) {
        self.set(part);
        self.unknown |= 1 << part as u8;
    }

    /// Whether this part could not be read, or is not fully known.
    #[must_use]
    pub fn has(self, part: ServiceField) -> bool {
        self.parts & (1 << part as u8) != 0
    }

    /// Whether this part could not be read, so that no value of it is valid.
    #[must_use]
    pub fn is_faulty(self, part: ServiceField) -> bool {
        self.parts & !self.unknown & (1 << part as u8) != 0
    }

    /// Whether any part could not be read, or is not fully known.
    #[must_use]
    pub fn any(self) -> bool {
        self.parts != 0
    }

    /// Whether any part could not be read, so that the service cannot be written.
    #[must_use]
    pub fn faulty(self) -> bool {
        self.parts & !self.unknown != 0
    }
}
