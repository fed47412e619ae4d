//! Sums over services at one moment, and the most of them over a week. Knows no machine.

use super::{Fact, LeastMost, PerResource, SummaryQuestion};
use crate::model::instant::Instant;
use crate::model::states::States;
use crate::model::{Connections, Service, ServiceField, Spec};

/// The bounds of every service at one moment, in the order of the spec.
pub(super) struct Moment {
    /// The moment, for people; `None` outside every window.
    pub when: Option<String>,
    pub bounds: Vec<Fact<LeastMost>>,
}

/// The moments at which a formation is summed. They are made one at a time, because a long spec has many, each as long as itself.
pub(super) struct SummedMoments<'s> {
    spec: &'s Spec,
    /// With the base bounds, or at the instant.
    pub now: Moment,
    /// Each distinct set of open windows in a week; `None` if no window is, and at an instant.
    week: Option<States>,
}

impl<'s> SummedMoments<'s> {
    pub fn of(spec: &'s Spec, view: &SummaryQuestion<'_>) -> SummedMoments<'s> {
        let instant = view.instant.filter(|_| !view.fixed);
        let of = |service: &Service| match instant {
            Some(instant) => at(service, instant),
            None => base(service, view.fixed),
        };
        let now = Moment { when: None, bounds: spec.services.iter().map(|service| of(service)).collect() };
        let windows = spec.services.iter().any(|service| !service.schedule.is_empty());
        let week = (windows && !view.fixed && instant.is_none()).then(|| States::of(spec));
        SummedMoments { spec, now, week }
    }

    /// Whether the numbers change over the week.
    pub fn changes(&self) -> bool {
        self.week.is_some()
    }

    /// Calls `take` for every moment at which the sums count: each of the week if there are windows, else the one.
    pub fn each_moment(&self, mut take: impl FnMut(&Moment)) {
        let Some(states) = &self.week else { return take(&self.now) };
        for state in &states.list {
            let bounds = self.spec.services.iter().enumerate().map(|(index, service)| {
                let bounds = states.bounds(state, index, service);
                let range = LeastMost { min: bounds.min.value.into(), max: bounds.max.value.into() };
                let healthy = !service.broken.has(ServiceField::Schedule);
                let set = bounds.window.is_some() || !service.broken.has(ServiceField::Replicas);
                if healthy && set { Fact::Is(range) } else { Fact::Unknown }
            });
            take(&Moment { when: state.when.clone(), bounds: bounds.collect() });
        }
    }
}

/// The base bounds, or the one number that is written if nothing scales.
pub(super) fn base(service: &Service, fixed: bool) -> Fact<LeastMost> {
    if service.broken.has(ServiceField::Replicas) {
        return Fact::Unknown;
    }
    if fixed {
        return Fact::Is(LeastMost { min: service.fixed().into(), max: service.fixed().into() });
    }
    Fact::Is(LeastMost { min: service.replicas.min.value.into(), max: service.replicas.max.value.into() })
}

/// The bounds in force at an instant.
pub(super) fn at(service: &Service, instant: &Instant) -> Fact<LeastMost> {
    match instant.window(service) {
        Some(window) => Fact::Is(LeastMost { min: window.min.value.into(), max: window.max.value.into() }),
        None if service.broken.has(ServiceField::Schedule) => Fact::Unknown,
        None => base(service, false),
    }
}

pub(super) fn slots(replicas: Fact<LeastMost>, concurrency: Fact<u64>) -> Fact<LeastMost> {
    replicas
        .and(concurrency)
        .map(|(range, limit)| LeastMost { min: range.min.saturating_mul(limit), max: range.max.saturating_mul(limit) })
}

/// The demand of one replica: requests, else limits; its other containers too.
pub(super) fn reserved(service: &Service) -> PerResource<Fact<u64>> {
    // a request that was read is the demand, whatever else could not be read
    let fact = |is_requested: bool, value: Option<u64>| match value {
        _ if service.broken.has(ServiceField::Resources) && !is_requested => Fact::Unknown,
        Some(value) => Fact::Is(value),
        None => Fact::Unset,
    };
    let with =
        |own: Option<u64>, beside: u64| own.map(|own| own.saturating_add(beside)).or((beside > 0).then_some(beside));
    let requests = &service.resources.requests;
    PerResource {
        cpu: fact(requests.cpu.is_some(), with(service.reserved_cpu().map(|cpu| cpu.value.0), service.beside.cpu)),
        memory: fact(
            requests.memory.is_some(),
            with(service.reserved_memory().map(|memory| memory.value.bytes), service.beside.memory),
        ),
        gpu: fact(requests.gpu.is_some(), service.reserved_gpu().map(|gpu| gpu.value.into())),
    }
}

/// The demand of the most replicas together.
pub(super) fn times_replicas(replicas: Fact<LeastMost>, each: Fact<u64>) -> Fact<u128> {
    each.and(replicas).map(|(each, range)| u128::from(range.max) * u128::from(each))
}

/// Connections that the most replicas open to one backing service.
pub(super) fn connections(service: &Service, to: &str, replicas: Fact<LeastMost>) -> Fact<u128> {
    if service.broken.has(ServiceField::Connections) {
        return Fact::Unknown;
    }
    let Some(entry) = service.connections.iter().find(|entry| entry.to == to) else { return Fact::Unset };
    let Connections { per_replica, per_slot, .. } = entry;
    if per_slot.value > 0 && service.broken.has(ServiceField::Concurrency) {
        return Fact::Unknown;
    }
    let slots = u128::from(per_slot.value) * u128::from(service.slots_each());
    replicas.map(|range| u128::from(range.max).saturating_mul(u128::from(per_replica.value) + slots))
}

/// Sums over all services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// How many.
    pub replicas: Fact<LeastMost>,
    /// Replicas × concurrency, of the services whose concurrency is set.
    pub slots: Fact<LeastMost>,
    /// The demand at most, with backing services' memory.
    pub all: PerResource<Fact<u128>>,
    /// When each of `all` is reached; none outside every window.
    pub when: PerResource<Option<String>>,
}

/// A sum in which unset numbers count as 0; unset if there is nothing to sum.
fn sum<T>(facts: impl Iterator<Item = Fact<T>>, zero: T, add: impl Fn(T, T) -> T) -> Fact<T> {
    let mut total = zero;
    let mut any = false;
    for fact in facts {
        match fact {
            Fact::Is(value) => {
                total = add(total, value);
                any = true;
            }
            Fact::Unset => {}
            Fact::Unknown => return Fact::Unknown,
        }
    }
    if any { Fact::Is(total) } else { Fact::Unset }
}

pub(super) fn total(spec: &Spec, moment: &Moment, backing: &[(String, Fact<u64>)]) -> Total {
    let nothing = LeastMost { min: 0, max: 0 };
    let add = |one: LeastMost, two: LeastMost| LeastMost {
        min: one.min.saturating_add(two.min),
        max: one.max.saturating_add(two.max),
    };
    let pairs = || spec.services.iter().zip(moment.bounds.iter().copied());
    let amount = |pick: fn(PerResource<Fact<u64>>) -> Fact<u64>, more: &mut dyn Iterator<Item = Fact<u128>>| {
        let services = pairs().map(|(service, bounds)| times_replicas(bounds, pick(reserved(service))));
        sum(services.chain(more), 0, u128::saturating_add)
    };
    let mut none = std::iter::empty();
    let mut beside = backing.iter().map(|(_, memory)| memory.widen());
    let all = PerResource {
        cpu: amount(|each| each.cpu, &mut none),
        memory: amount(|each| each.memory, &mut beside),
        gpu: amount(|each| each.gpu, &mut std::iter::empty()),
    };
    let when = || moment.when.clone();
    Total {
        replicas: sum(pairs().map(|(_, bounds)| bounds), nothing, add),
        slots: sum(pairs().map(|(service, bounds)| slots(bounds, super::concurrency(service))), nothing, add),
        all,
        when: PerResource { cpu: when(), memory: when(), gpu: when() },
    }
}

/// The larger of two totals, number by number; ranges span both.
pub(super) fn larger_total(one: Total, two: Total) -> Total {
    let span = |one: Fact<LeastMost>, two: Fact<LeastMost>| match (one, two) {
        (Fact::Unset, other) | (other, Fact::Unset) => other,
        _ => one.and(two).map(|(one, two)| LeastMost { min: one.min.min(two.min), max: one.max.max(two.max) }),
    };
    type Peak = (Fact<u128>, Option<String>);
    let larger = |(one, two): (Peak, Peak)| match (one.0, two.0) {
        (Fact::Unknown, _) => one,
        (_, Fact::Unknown) => two,
        (Fact::Is(first), Fact::Is(second)) if second <= first => one,
        (Fact::Is(_), Fact::Unset) => one,
        _ => two,
    };
    let peaks = one.all.zip(one.when).zip(two.all.zip(two.when));
    let peaks = PerResource { cpu: larger(peaks.cpu), memory: larger(peaks.memory), gpu: larger(peaks.gpu) };
    Total {
        replicas: span(one.replicas, two.replicas),
        slots: span(one.slots, two.slots),
        all: PerResource { cpu: peaks.cpu.0, memory: peaks.memory.0, gpu: peaks.gpu.0 },
        when: PerResource { cpu: peaks.cpu.1, memory: peaks.memory.1, gpu: peaks.gpu.1 },
    }
}

/// The connections to one backing service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Its key.
    pub to: String,
    /// The most that all services open together.
    pub used: Fact<u128>,
    /// When that is; none outside every window.
    pub when: Option<String>,
    /// The most connections it accepts.
    pub max: Fact<u64>,
    /// How many of these are reserved for the administrator.
    pub reserved: u64,
}

impl Pool {
    /// The share that is taken, the reserved ones included, in thousandths, rounded up; `None` if it is unknown.
    #[must_use]
    pub fn permille(&self) -> Option<u128> {
        let max = u128::from(self.max.value()?);
        let used = self.used.value()?.saturating_add(self.reserved.into());
        used.saturating_mul(1000).saturating_add(max.saturating_sub(1)).checked_div(max)
    }
}

/// The backing services that some service connects to, in the order written.
pub(super) fn pool_names(spec: &Spec) -> Vec<&str> {
    let used =
        |name: &str| spec.services.iter().any(|service| service.connections.iter().any(|entry| entry.to == name));
    spec.backing.iter().map(|backing| backing.name.as_str()).filter(|name| used(name)).collect()
}

/// The most connections of a backing service; of a pooler at some moment, those of the fewest replicas that then run.
fn most_connections(spec: &Spec, name: &str, moment: Option<&Moment>) -> Fact<u64> {
    let Some(backing) = spec.backing.iter().find(|backing| backing.name == name) else { return Fact::Unset };
    let each = match backing.max_connections {
        Some(max) => Fact::Is(u64::from(max.value)),
        None if backing.broken => Fact::Unknown,
        None => Fact::Unset,
    };
    let replicas = spec.pooler(backing).zip(moment).and_then(|((index, _), moment)| moment.bounds.get(index).copied());
    match replicas {
        Some(bounds) => each.and(bounds).map(|(each, range)| each.saturating_mul(range.min.max(1))),
        None => each,
    }
}

impl Pool {
    /// The connections of a backing service without any so far.
    pub(super) fn of(spec: &Spec, name: &str) -> Pool {
        let backing = spec.backing.iter().find(|backing| backing.name == name);
        let max = most_connections(spec, name, None);
        let reserved = backing.map_or(0, |backing| backing.reserved_connections.value.into());
        Pool { to: name.to_owned(), used: Fact::Unset, when: None, max, reserved }
    }

    /// Keeps the sum of this moment if it is the largest so far.
    pub(super) fn raise(&mut self, spec: &Spec, moment: &Moment) {
        let pairs = spec.services.iter().zip(&moment.bounds);
        let here = sum(pairs.map(|(service, bounds)| connections(service, &self.to, *bounds)), 0, u128::saturating_add);
        let max = most_connections(spec, &self.to, Some(moment));
        // a pooler's bound changes with its replicas, so the larger share counts
        let scaled = |used: u128, of: Fact<u64>| used.saturating_mul(of.value().unwrap_or(1).into());
        let more = match (self.used, here) {
            (Fact::Unknown, _) => false,
            (_, Fact::Unknown) | (Fact::Unset, _) => true,
            (Fact::Is(most), here) => here.value().is_some_and(|here| scaled(here, self.max) > scaled(most, max)),
        };
        if more {
            self.used = here;
            self.max = max;
            self.when.clone_from(&moment.when);
        }
    }
}
