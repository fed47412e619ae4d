//! What the oracle tries: specs of few numbers that often meet, and the zones whose offsets are odd.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

pub(super) const ZONES: [&str; 12] = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Australia/Adelaide",
    "Pacific/Chatham",
    "Pacific/Marquesas",
    "Pacific/Kiritimati",
];
pub(super) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
pub(super) const DAY: usize = 1440;
pub(super) const WEEK: usize = 7 * DAY;
/// The first half hour of 2027, the year whose offsets count, and how many there are in it.
pub(super) const YEAR: (i64, i64) = (1_798_761_600, 365 * 48);

pub(super) type Bounds = (u32, u32);

#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) days: Vec<usize>,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) zone: usize,
    pub(super) bounds: Bounds,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Port {
    pub(super) udp: bool,
    pub(super) publish: u32,
}

/// Thousandths of cores, mebibytes, GPUs.
pub(super) type Load = [Option<u64>; 3];

#[derive(Clone, Copy, Debug)]
pub(super) enum Budget {
    MinCount(u32),
    MinPercent(u32),
    MaxCount(u32),
    MaxPercent(u32),
}

#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) replicas: Option<Bounds>,
    pub(super) windows: Vec<Window>,
    pub(super) ports: Vec<Port>,
    pub(super) requests: Load,
    pub(super) limits: Load,
    pub(super) concurrency: Option<u32>,
    /// Connections of one replica and of one slot, to each backing service.
    pub(super) connections: [Option<(u32, u32)>; 2],
    pub(super) budget: Option<Budget>,
}

#[derive(Clone, Debug)]
pub(super) struct Backing {
    pub(super) postgres: bool,
    pub(super) max: Option<u32>,
    pub(super) reserved: Option<u32>,
    pub(super) memory: Option<u64>,
    pub(super) external: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) count: u64,
    pub(super) room: [u64; 3],
    pub(super) reserved: [u64; 2],
}

/// What a profile changes of the first service and the first backing service.
#[derive(Clone, Debug)]
pub(super) struct Overlay {
    pub(super) min: Option<u32>,
    pub(super) max: Option<u32>,
    pub(super) windows: Option<Vec<Window>>,
    pub(super) cpu: Option<u64>,
    pub(super) most: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    None,
    Kubernetes,
    Compose,
}

#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub(super) services: Vec<Service>,
    pub(super) backing: [Backing; 2],
    pub(super) groups: Vec<Group>,
    pub(super) overlay: Overlay,
    pub(super) target: Target,
}

pub(super) fn bounds() -> impl Strategy<Value = Bounds> {
    prop_oneof![
        3 => (0u32..7).prop_map(|count| (count, count)),
        5 => (0u32..5, 0u32..6).prop_map(|(min, more)| (min, min + more)),
        1 => (1u32..7, 0u32..4),
    ]
}

pub(super) fn window() -> impl Strategy<Value = Window> {
    let days = subsequence((0..7).collect::<Vec<_>>(), 1..3);
    let time = || prop_oneof![4 => (0usize..96).prop_map(|quarter| quarter * 15), 1 => 0usize..DAY];
    (days, time(), time(), 0..ZONES.len(), bounds(), 0u8..12).prop_map(|(days, from, to, zone, bounds, whole)| {
        let (from, to) = match whole {
            0 => (0, DAY),
            1 if from > 0 => (from, DAY),
            _ if from == to => (from, (to + 15) % DAY),
            _ => (from, to),
        };
        Window { days, from, to, zone, bounds }
    })
}

pub(super) fn load() -> impl Strategy<Value = Load> {
    let cpu = select(vec![None, Some(100), Some(500), Some(1000), Some(1500), Some(3000)]);
    let memory = select(vec![None, Some(64), Some(256), Some(1024), Some(3000)]);
    let gpu = select(vec![None, None, None, Some(0), Some(1)]);
    (cpu, memory, gpu).prop_map(|(cpu, memory, gpu)| [cpu, memory, gpu])
}

pub(super) fn budget() -> impl Strategy<Value = Option<Budget>> {
    prop_oneof![
        2 => Just(None),
        3 => (0u32..6).prop_map(|count| Some(Budget::MinCount(count))),
        2 => (0u32..21).prop_map(|twentieth| Some(Budget::MinPercent(twentieth * 5))),
        1 => (0u32..3).prop_map(|count| Some(Budget::MaxCount(count))),
        1 => select(vec![0u32, 1, 30, 100]).prop_map(|percent| Some(Budget::MaxPercent(percent))),
    ]
}

pub(super) fn service() -> impl Strategy<Value = Service> {
    let port = (any::<bool>(), 8000u32..8024).prop_map(|(udp, publish)| Port { udp, publish });
    let connections = || prop::option::weighted(0.5, (0u32..12, 0u32..3));
    (
        prop::option::weighted(0.9, bounds()),
        prop::collection::vec(window(), 0..5),
        prop::collection::vec(port, 0..4),
        (load(), load()),
        prop::option::of(1u32..8),
        [connections(), connections()],
        budget(),
    )
        .prop_map(|(replicas, windows, ports, (requests, limits), concurrency, connections, budget)| Service {
            replicas,
            windows,
            ports,
            requests,
            limits,
            concurrency,
            connections,
            budget,
        })
}

pub(super) fn backing() -> impl Strategy<Value = Backing> {
    let memory = select(vec![None, Some(512), Some(2048), Some(5000)]);
    (any::<bool>(), prop::option::weighted(0.8, 1u32..90), prop::option::of(0u32..30), memory, any::<bool>())
        .prop_map(|(postgres, max, reserved, memory, external)| Backing { postgres, max, reserved, memory, external })
}

pub(super) fn spec() -> impl Strategy<Value = Spec> {
    let group = (0u64..5, 1u64..9, 1u64..9, 0u64..2, (0u64..4, 0u64..4)).prop_map(|(count, cpu, memory, gpu, less)| {
        Group { count, room: [cpu * 500, memory * 512, gpu], reserved: [less.0 * 250, less.1 * 256] }
    });
    let overlay = (
        prop::option::of(0u32..6),
        prop::option::of(0u32..9),
        prop::option::of(prop::collection::vec(window(), 0..3)),
        prop::option::of(select(vec![200u64, 2000])),
        prop::option::of(1u32..60),
    )
        .prop_map(|(min, max, windows, cpu, most)| Overlay { min, max, windows, cpu, most });
    let target = prop_oneof![2 => Just(Target::None), 2 => Just(Target::Kubernetes), 1 => Just(Target::Compose)];
    (
        prop::collection::vec(service(), 1..4),
        [backing(), backing()],
        prop::collection::vec(group, 0..3),
        overlay,
        target,
    )
        .prop_map(|(services, backing, groups, overlay, target)| Spec {
            services,
            backing,
            groups,
            overlay,
            target,
        })
}
