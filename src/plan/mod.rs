//! The plan: the checked spec with its computed numbers. Uses no target's words.
//!
//! A workload is a service of the model with its numbers, so the model's types are re-exported here.

pub mod scenario;
pub mod summary;

pub use crate::model::quantity::{Cpu, Memory, Share, Unit, bytes_text, cores_text};
pub use crate::model::releases;
pub use crate::model::time::{Day, Duration, TimeOfDay};
pub use crate::model::{
    Amount, Amounts, Autoscaling, Backing, BackingKind, BalancerOptions, Capacity, Check, ClusterAutoscaler,
    ClusterOptions, Concurrency, Disruption, EnvValue, EnvVar, Expose, GatewayRef, Health, Kind, Method, NamedText,
    NodeGroup, Opt, OptVal, PodSecurity, PodSettings, Port, Prometheus, Protocol, ProxyTimeouts, Resources,
    SecurityProfile, Service, ServiceField, Signal, Spread, Step, StepAmount, StepRate, StepSelect, StepSize, Strategy,
    TargetOptions, Toleration, Update, Val, Volume, Window,
};

use crate::model::Spec;
use crate::support::source::FieldSpan;
use std::rc::Rc;

/// One deployment, in one profile.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The profile; `None` for the base.
    pub profile: Option<String>,
    /// The document.
    pub at: FieldSpan,
    /// The deployment's name.
    pub name: Val<String>,
    /// Whether limits are written at all.
    pub limit_resources: Val<bool>,
    /// What runs, in the order written. A service with a part that could not be read is left out.
    pub workloads: Vec<Workload>,
    /// Services with a part that could not be read. Rules that something is missing must not be decided without them.
    pub unread: Vec<Rc<Service>>,
    /// The backing services.
    pub backing: Vec<Backing>,
    /// The machines.
    pub capacity: Option<Capacity>,
    /// The index of each workload by its name: a plan may have ten thousand.
    by_name: Vec<usize>,
}

/// One service with its numbers.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The service of the model.
    pub service: Rc<Service>,
    /// The number for targets without an autoscaler: `min`, or 1 if min is 0 and max is not.
    pub fixed: u32,
    /// The largest number over the base and every window.
    pub peak: u32,
    /// Whether the number changes by load: the base is a range.
    pub scales: bool,
    /// Whether the base and every window are one number each, and they differ, so that only the clock changes it.
    pub by_clock: bool,
}

impl Workload {
    /// A service with its numbers.
    #[must_use]
    pub fn of(service: Rc<Service>) -> Workload {
        Workload {
            fixed: service.fixed(),
            peak: service.peak(),
            scales: service.scales(),
            by_clock: service.is_moved_by_clock(),
            service,
        }
    }
}

impl std::ops::Deref for Workload {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

impl Plan {
    /// The backing service with this name.
    #[must_use]
    pub fn backing(&self, name: &str) -> Option<&Backing> {
        self.backing.iter().find(|backing| backing.name == name)
    }

    /// The workload with this name.
    #[must_use]
    pub fn workload(&self, name: &str) -> Option<&Workload> {
        let named = |index: &usize| self.workloads.get(*index).map_or("", |workload| &workload.name);
        let found = self.by_name.binary_search_by(|index| named(index).cmp(name)).ok()?;
        self.workloads.get(*self.by_name.get(found)?)
    }
}

/// Computes the plan. Consumes the spec, so that nothing is held twice.
#[must_use]
pub fn plan(spec: Spec, profile: Option<&str>) -> Plan {
    let (unread, healthy): (Vec<_>, Vec<_>) = spec.services.into_iter().partition(|service| service.broken.faulty());
    let workloads: Vec<Workload> = healthy.into_iter().map(Workload::of).collect();
    let mut by_name: Vec<usize> = (0..workloads.len()).collect();
    by_name.sort_by_key(|index| workloads.get(*index).map(|workload| &workload.name));
    Plan {
        profile: profile.map(str::to_owned),
        at: spec.at,
        name: spec.name,
        limit_resources: spec.limit_resources,
        workloads,
        unread,
        backing: spec.backing.into_iter().filter(|backing| !backing.broken).collect(),
        capacity: spec.capacity,
        by_name,
    }
}
