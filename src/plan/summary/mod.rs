//! The formation: how many replicas of each service, their demand at most, and the share of the machines. Numbers only: knows
//! no target's words and no way of printing.
//!
//! A replica counts its requests, else its limits, else nothing; a backing service that is not external counts its
//! memory once. Sums over a week are taken at instants, as the rules take them.

mod machines;
mod sums;

pub use crate::model::quantity::{Cpu, Memory, bytes_text, cores_text};
pub use machines::{Holds, Machines, Placed, TakenShare};
pub use sums::{Pool, Total};

use sums::SummedMoments;

use crate::model::instant::Instant;
use crate::model::{Amounts, Service, ServiceField, Spec, Window};
use std::collections::HashSet;
use std::rc::Rc;

/// A number of the spec, or the reason why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fact<T> {
    /// The number.
    Is(T),
    /// Unset.
    Unset,
    /// Unknown, because of a fault in the spec, which `lint` reports.
    Unknown,
}

impl<T: Copy> Fact<T> {
    /// The number, if there is one.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Fact::Is(value) => Some(value),
            Fact::Unset | Fact::Unknown => None,
        }
    }

    /// Applies a function to the number, if there is one.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Fact::Is(value) => Fact::Is(f(value)),
            Fact::Unset => Fact::Unset,
            Fact::Unknown => Fact::Unknown,
        }
    }

    /// Combines two numbers; the worse reason wins if one is missing.
    fn and<U: Copy>(self, other: Fact<U>) -> Fact<(T, U)> {
        match (self, other) {
            (Fact::Is(one), Fact::Is(two)) => Fact::Is((one, two)),
            (Fact::Unknown, _) | (_, Fact::Unknown) => Fact::Unknown,
            _ => Fact::Unset,
        }
    }
}

impl Fact<u64> {
    /// Like `and`, for sums.
    #[must_use]
    pub fn widen(self) -> Fact<u128> {
        self.map(u128::from)
    }
}

/// Cores, memory and GPUs: billionths of a core, bytes, pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named by what they count")]
pub struct PerResource<T> {
    pub cpu: T,
    pub memory: T,
    pub gpu: T,
}

impl<T> PerResource<T> {
    fn map<U>(self, f: impl Fn(T) -> U) -> PerResource<U> {
        PerResource { cpu: f(self.cpu), memory: f(self.memory), gpu: f(self.gpu) }
    }

    fn zip<U>(self, other: PerResource<U>) -> PerResource<(T, U)> {
        PerResource { cpu: (self.cpu, other.cpu), memory: (self.memory, other.memory), gpu: (self.gpu, other.gpu) }
    }
}

/// Least and most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named by what they are")]
pub struct LeastMost {
    pub min: u64,
    pub max: u64,
}

/// The parameters of a formation.
#[derive(Clone, Copy, Debug, Default)]
pub struct SummaryQuestion<'a> {
    /// The profile the spec was laid out for; `None` for the base.
    pub profile: Option<&'a str>,
    /// Only the bounds in force at this instant.
    pub instant: Option<&'a Instant>,
    /// Whether nothing scales by itself: the written number counts instead of ranges and windows.
    pub fixed: bool,
}

/// One spec in one profile, in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formation {
    /// The deployment's name.
    pub name: String,
    /// The file it was read from, if that is not a spec, or one of several.
    pub file: Option<String>,
    /// The profile; `None` for the base.
    pub profile: Option<String>,
    /// The instant it holds at: for people, and as RFC 3339.
    pub instant: Option<(String, String)>,
    /// Whether limits are in force at all (`limitResources`).
    pub limits: bool,
    /// The services, in the order written.
    /// One that is the same in several formations may be held once: [`Formation::share`].
    pub services: Vec<Rc<ServiceLine>>,
    /// Backing services that run on the machines, with their memory.
    pub backing: Vec<(String, Fact<u64>)>,
    /// The total with the base bounds, or at the instant.
    pub total: Total,
    /// The most over a week, each number at its own time; `None` if no window is.
    pub peak: Option<Total>,
    /// The backing services that services connect to.
    pub pools: Vec<Pool>,
    /// The machines.
    pub machines: Option<Fact<Machines>>,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServiceLine {
    /// Its key.
    pub name: String,
    /// Work one replica does at once.
    pub concurrency: Fact<u64>,
    /// The requests of one replica.
    pub requests: PerResource<Fact<u64>>,
    /// The limits of one replica.
    pub limits: PerResource<Fact<u64>>,
    /// The base bounds and those of each window; at an instant, only those in force.
    pub bounds: Vec<SummedBounds>,
}

/// Bounds of a service, and the sums that follow from them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SummedBounds {
    /// The window that sets them: `mon,tue 08:00-18:00 Europe/Berlin`; `None` for the base.
    pub window: Option<String>,
    /// How many.
    pub replicas: Fact<LeastMost>,
    /// Replicas × concurrency.
    pub slots: Fact<LeastMost>,
    /// The demand of the most replicas together.
    pub all: PerResource<Fact<u128>>,
    /// Connections of the most replicas, for each of the formation's pools.
    pub connections: Vec<Fact<u128>>,
}

impl Formation {
    /// Shares services that have the same numbers in earlier formations. Profiles that each add a service would
    /// otherwise take memory quadratic in the size of the spec.
    pub fn share(&mut self, known: &mut HashSet<Rc<ServiceLine>>) {
        for line in &mut self.services {
            match known.get(line) {
                Some(same) => *line = Rc::clone(same),
                None => {
                    known.insert(Rc::clone(line));
                }
            }
        }
    }
}

/// Computes a formation. Broken parts of the spec are `Unknown`, and so is every sum that needs them.
#[must_use]
pub fn formation(spec: &Spec, view: &SummaryQuestion<'_>) -> Formation {
    let pools = sums::pool_names(spec);
    let moments = SummedMoments::of(spec, view);
    let services = spec.services.iter().map(|service| Rc::new(line(spec, service, view, &pools))).collect();
    let inside = spec.backing.iter().filter(|backing| backing.external.is_none());
    let backing = inside.filter_map(|backing| match (&backing.memory, backing.broken) {
        (_, true) => Some((backing.name.clone(), Fact::Unknown)),
        (Some(memory), _) => Some((backing.name.clone(), Fact::Is(memory.value.bytes))),
        (None, _) => None,
    });
    let backing: Vec<(String, Fact<u64>)> = backing.collect();
    let total = sums::total(spec, &moments.now, &backing);
    let mut peak: Option<Total> = None;
    let mut filled: Vec<Pool> = pools.iter().map(|name| Pool::of(spec, name)).collect();
    let mut fullest = machines::Fullest::of(spec);
    moments.each_moment(|moment| {
        let here = sums::total(spec, moment, &backing);
        peak = Some(match peak.take() {
            Some(peak) => sums::larger_total(peak, here),
            None => here,
        });
        filled.iter_mut().for_each(|pool| pool.raise(spec, moment));
        fullest.raise(spec, moment, &backing);
    });
    let most = peak.as_ref().unwrap_or(&total);
    Formation {
        file: None,
        name: spec.name.value.clone(),
        profile: view.profile.map(str::to_owned),
        instant: view.instant.map(|instant| (instant.to_string(), instant.rfc3339())),
        limits: spec.limit_resources.value,
        services,
        machines: machines::machines(spec, &fullest, most),
        backing,
        total,
        peak: peak.filter(|_| moments.changes()),
        pools: filled,
    }
}

fn line(spec: &Spec, service: &Service, view: &SummaryQuestion<'_>, pools: &[&str]) -> ServiceLine {
    let broken = service.broken.has(ServiceField::Resources);
    let limits = match spec.limit_resources.value {
        true => amounts(&service.resources.limits, broken),
        false => PerResource { cpu: Fact::Unset, memory: Fact::Unset, gpu: Fact::Unset },
    };
    let mut bounds = Vec::new();
    match view.instant.filter(|_| !view.fixed) {
        Some(instant) => bounds.push((instant.window(service), sums::at(service, instant))),
        None => {
            bounds.push((None, sums::base(service, view.fixed)));
            let windows = if view.fixed { &[][..] } else { &service.schedule };
            let range = |window: &Window| LeastMost { min: window.min.value.into(), max: window.max.value.into() };
            bounds.extend(windows.iter().map(|window| (Some(window), Fact::Is(range(window)))));
        }
    }
    let concurrency = concurrency(service);
    let reserved = sums::reserved(service);
    let bounds = bounds.into_iter().map(|(window, replicas)| SummedBounds {
        window: window.map(label),
        replicas,
        slots: sums::slots(replicas, concurrency),
        all: reserved.map(|each| sums::times_replicas(replicas, each)),
        connections: pools.iter().map(|pool| sums::connections(service, pool, replicas)).collect(),
    });
    let requests = amounts(&service.resources.requests, broken);
    ServiceLine { name: service.name.to_string(), concurrency, requests, limits, bounds: bounds.collect() }
}

fn label(window: &Window) -> String {
    format!("{} {}", window.label(), window.zone)
}

fn concurrency(service: &Service) -> Fact<u64> {
    match &service.concurrency {
        _ if service.broken.has(ServiceField::Concurrency) => Fact::Unknown,
        Some(concurrency) => Fact::Is(concurrency.limit.value.into()),
        None => Fact::Unset,
    }
}

fn amounts(amounts: &Amounts, broken: bool) -> PerResource<Fact<u64>> {
    let fact = |value: Option<u64>| match value {
        Some(value) => Fact::Is(value),
        None if broken => Fact::Unknown,
        None => Fact::Unset,
    };
    PerResource {
        cpu: fact(amounts.cpu.map(|cpu| cpu.value.0)),
        memory: fact(amounts.memory.map(|memory| memory.value.bytes)),
        gpu: fact(amounts.gpu.map(|gpu| gpu.value.into())),
    }
}
