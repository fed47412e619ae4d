//! What is to be found, by going through every minute of every week that the zones' offsets make. Uses nothing of the crate.

use super::spec::{Backing, Bounds, Budget, DAY, Group, Overlay, Service, Spec, Target, WEEK, Window, YEAR, ZONES};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// The spec with its profile laid over it.
pub(super) fn merged(spec: &Spec) -> Spec {
    let mut merged = spec.clone();
    let Overlay { min, max, windows, cpu, most } = &spec.overlay;
    let first = &mut merged.services[0];
    first.replicas = match (first.replicas, *min, *max) {
        (Some((old_min, old_max)), min, max) => Some((min.unwrap_or(old_min), max.unwrap_or(old_max))),
        (None, Some(min), Some(max)) => Some((min, max)),
        (None, ..) => None,
    };
    if let Some(windows) = windows {
        first.windows.clone_from(windows);
    }
    first.requests[0] = cpu.or(first.requests[0]);
    merged.backing[0].max = most.or(merged.backing[0].max);
    merged
}

/// One fault, known by its kind and by what it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    Overlap(usize, usize, usize),
    Ports((usize, usize), (usize, usize)),
    /// A sum of connections above the most: the backing service and the sum.
    Connections(usize, u64),
    /// As many reserved as there are.
    Reserved(usize),
    Drain(usize),
    MinAboveMax(usize),
    WindowMinAboveMax(usize, usize),
    Node(String),
    Capacity,
}

/// The offsets of all zones in each half hour of the year, in minutes; those in a row that are equal once.
pub(super) fn offsets() -> &'static Vec<[i64; ZONES.len()]> {
    static ALL: OnceLock<Vec<[i64; ZONES.len()]>> = OnceLock::new();
    ALL.get_or_init(|| {
        let zones = ZONES.map(|name| TimeZone::get(name).unwrap());
        let at = |half_hour: i64| {
            let instant = Timestamp::from_second(YEAR.0 + half_hour * 1800).unwrap();
            zones.each_ref().map(|zone| i64::from(zone.to_offset(instant).seconds()) / 60)
        };
        let mut all: Vec<_> = (0..YEAR.1).map(at).collect();
        all.dedup();
        all
    })
}

/// Whether a window is open in this minute of its own week.
pub(super) fn is_open(window: &Window, minute: usize) -> bool {
    let (day, time) = (minute / DAY, minute % DAY);
    let starts = |day: usize| window.days.contains(&day);
    if window.from < window.to {
        return starts(day) && (window.from..window.to).contains(&time);
    }
    (starts(day) && time >= window.from) || (starts((day + 6) % 7) && time < window.to)
}

/// For each service the sets of windows that are open together at some minute, over all services at once.
pub(super) fn states(spec: &Spec) -> BTreeSet<Vec<Vec<usize>>> {
    let zones: BTreeSet<usize> = spec.services.iter().flat_map(|service| &service.windows).map(|w| w.zone).collect();
    let weeks: BTreeSet<Vec<(usize, i64)>> =
        offsets().iter().map(|all| zones.iter().map(|zone| (*zone, all[*zone])).collect()).collect();
    let mut states = BTreeSet::new();
    for week in weeks {
        let mut last = None;
        for minute in 0..WEEK {
            let local = |zone: usize| {
                let offset = week.iter().find(|(known, _)| *known == zone).unwrap().1;
                usize::try_from((i64::try_from(minute).unwrap() + offset).rem_euclid(WEEK as i64)).unwrap()
            };
            let open = |service: &Service| {
                let windows = service.windows.iter().enumerate();
                windows.filter(|(_, window)| is_open(window, local(window.zone))).map(|(index, _)| index).collect()
            };
            let state: Vec<Vec<usize>> = spec.services.iter().map(open).collect();
            if last.as_ref() != Some(&state) {
                states.insert(state.clone());
                last = Some(state);
            }
        }
    }
    states
}

impl Service {
    fn base(&self) -> Bounds {
        self.replicas.unwrap_or((1, 1))
    }

    fn fixed(&self) -> u32 {
        let (min, max) = self.base();
        if min == 0 && max > 0 { 1 } else { min }
    }

    /// Requests, else limits.
    fn each(&self) -> [u64; 3] {
        [0, 1, 2].map(|kind| self.requests[kind].or(self.limits[kind]).unwrap_or(0))
    }

    fn is_blocked(&self) -> bool {
        let all = std::iter::once(self.base()).chain(self.windows.iter().map(|window| window.bounds));
        // a state without replicas has nothing to drain, and a `min` of 0 counts as 1
        let least = all.filter(|(min, max)| *min > 0 || *max > 0).map(|(min, _)| min.max(1)).min();
        match (self.budget, least) {
            (None, _) | (_, None) => false,
            (Some(Budget::MinCount(stay)), Some(least)) => stay >= least,
            // rounded up to whole replicas
            (Some(Budget::MinPercent(percent)), Some(least)) => percent * least > (least - 1) * 100,
            (Some(Budget::MaxCount(go) | Budget::MaxPercent(go)), Some(_)) => go == 0,
        }
    }
}

pub(super) fn expected(spec: &Spec) -> BTreeSet<Fault> {
    let mut faults = BTreeSet::new();
    let states = states(spec);
    for state in &states {
        for (service, open) in state.iter().enumerate() {
            for (first, second) in open.iter().flat_map(|a| open.iter().map(move |b| (a, b))).filter(|(a, b)| a < b) {
                faults.insert(Fault::Overlap(service, *first, *second));
            }
        }
    }
    for (index, service) in spec.services.iter().enumerate() {
        let (min, max) = service.base();
        faults.extend((min > max).then_some(Fault::MinAboveMax(index)));
        for (number, window) in service.windows.iter().enumerate() {
            let (min, max) = window.bounds;
            faults.extend((min > max).then_some(Fault::WindowMinAboveMax(index, number)));
        }
        faults.extend(service.is_blocked().then_some(Fault::Drain(index)));
    }
    ports(spec, &mut faults);
    // what a target without an autoscaler runs is one number; the others reach the most of every state
    let fixed = spec.target == Target::Compose;
    let count = |state: &[Vec<usize>], index: usize| {
        let service = &spec.services[index];
        match (fixed, state[index].first()) {
            (true, _) => u64::from(service.fixed()),
            (false, Some(open)) => u64::from(service.windows[*open].bounds.1),
            (false, None) => u64::from(service.base().1),
        }
    };
    for (number, backing) in spec.backing.iter().enumerate() {
        let Some(max) = backing.max.map(u64::from) else { continue };
        let reserved = u64::from(backing.reserved.unwrap_or(if backing.postgres { 3 } else { 0 }));
        let opened = |state: &Vec<Vec<usize>>| -> u64 {
            let services = spec.services.iter().enumerate();
            let of = services.filter_map(|(index, service)| {
                let (replica, slot) = service.connections[number]?;
                let each = u64::from(replica) + u64::from(slot) * u64::from(service.concurrency.unwrap_or(1));
                Some(count(state, index) * each)
            });
            of.sum()
        };
        let most = states.iter().map(opened).max().unwrap();
        faults.extend((reserved >= max).then_some(Fault::Reserved(number)));
        // where all are reserved that is the fault, unless the services alone ask for too much
        if reserved + most > max && (reserved < max || most > max) {
            faults.insert(Fault::Connections(number, reserved + most));
        }
    }
    capacity(spec, &states, &count, &mut faults);
    faults
}

pub(super) fn ports(spec: &Spec, faults: &mut BTreeSet<Fault>) {
    let mut bound = Vec::new();
    for (index, service) in spec.services.iter().enumerate() {
        for (number, port) in service.ports.iter().enumerate() {
            bound.extend((0..service.fixed()).map(|replica| ((index, number), port.udp, port.publish + replica)));
        }
    }
    for (one, udp, number) in &bound {
        let meeting = bound.iter().filter(|(other, also, same)| one < other && udp == also && number == same);
        faults.extend(meeting.map(|(other, ..)| Fault::Ports(*one, *other)));
    }
}

pub(super) fn capacity(
    spec: &Spec,
    states: &BTreeSet<Vec<Vec<usize>>>,
    count: &impl Fn(&[Vec<usize>], usize) -> u64,
    faults: &mut BTreeSet<Fault>,
) {
    if spec.groups.is_empty() {
        return;
    }
    let room = |group: &Group| {
        let [cpu, memory, gpu] = group.room;
        [cpu.saturating_sub(group.reserved[0]), memory.saturating_sub(group.reserved[1]), gpu]
    };
    let fits = |each: [u64; 3]| {
        spec.groups
            .iter()
            .any(|group| group.count > 0 && each.iter().zip(room(group)).all(|(part, room)| *part <= room))
    };
    let fixed = spec.target == Target::Compose;
    for (index, service) in spec.services.iter().enumerate() {
        let windows = service.windows.iter().map(|window| window.bounds.1);
        let most = if fixed { service.fixed() } else { windows.fold(service.base().1, u32::max) };
        faults.extend((most > 0 && !fits(service.each())).then(|| Fault::Node(format!("s{index}"))));
    }
    let memory = |backing: &Backing| backing.memory.filter(|_| !backing.external);
    let loads =
        spec.backing.iter().enumerate().filter_map(|(number, backing)| Some((number, [0, memory(backing)?, 0])));
    let (small, large): (Vec<_>, Vec<_>) = loads.partition(|(_, load)| fits(*load));
    faults.extend(large.iter().map(|(number, _)| Fault::Node(format!("b{number}"))));
    let beyond = |state: &Vec<Vec<usize>>| {
        (0..3).any(|kind| {
            let services = spec.services.iter().enumerate().filter(|(_, service)| fits(service.each()));
            let of_services: u64 = services.map(|(index, service)| count(state, index) * service.each()[kind]).sum();
            let of_backing: u64 = small.iter().map(|(_, load)| load[kind]).sum();
            let supply: u64 = spec.groups.iter().map(|group| group.count * room(group)[kind]).sum();
            of_services + of_backing > supply
        })
    };
    faults.extend(states.iter().any(beyond).then_some(Fault::Capacity));
}
