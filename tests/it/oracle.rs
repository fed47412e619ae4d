//! Random specs judged twice: by the rules, and by a model of its own that goes through every minute of the week. The model
//! shares nothing with the crate but the reading of its findings. `PROPTEST_CASES=2000` tries more.

use crate::specs::cases;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use scalegen::{Checked, NoFiles, Wanted, lint};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::OnceLock;

const ZONES: [&str; 12] = [
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
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY: usize = 1440;
const WEEK: usize = 7 * DAY;
/// The first half hour of 2027, the year whose offsets count, and how many there are in it.
const YEAR: (i64, i64) = (1_798_761_600, 365 * 48);

type Bounds = (u32, u32);

#[derive(Clone, Debug)]
struct Window {
    days: Vec<usize>,
    from: usize,
    to: usize,
    zone: usize,
    bounds: Bounds,
}

#[derive(Clone, Copy, Debug)]
struct Port {
    udp: bool,
    publish: u32,
}

/// Thousandths of cores, mebibytes, GPUs.
type Load = [Option<u64>; 3];

#[derive(Clone, Copy, Debug)]
enum Budget {
    MinCount(u32),
    MinPercent(u32),
    MaxCount(u32),
    MaxPercent(u32),
}

#[derive(Clone, Debug)]
struct Service {
    replicas: Option<Bounds>,
    windows: Vec<Window>,
    ports: Vec<Port>,
    requests: Load,
    limits: Load,
    concurrency: Option<u32>,
    /// Connections of one replica and of one slot, to each backing service.
    connections: [Option<(u32, u32)>; 2],
    budget: Option<Budget>,
}

#[derive(Clone, Debug)]
struct Backing {
    postgres: bool,
    max: Option<u32>,
    reserved: Option<u32>,
    memory: Option<u64>,
    external: bool,
}

#[derive(Clone, Debug)]
struct Group {
    count: u64,
    room: [u64; 3],
    reserved: [u64; 2],
}

/// What a profile changes of the first service and the first backing service.
#[derive(Clone, Debug)]
struct Overlay {
    min: Option<u32>,
    max: Option<u32>,
    windows: Option<Vec<Window>>,
    cpu: Option<u64>,
    most: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Target {
    None,
    Kubernetes,
    Compose,
}

#[derive(Clone, Debug)]
struct Spec {
    services: Vec<Service>,
    backing: [Backing; 2],
    groups: Vec<Group>,
    overlay: Overlay,
    target: Target,
}

// ---- what is tried

fn bounds() -> impl Strategy<Value = Bounds> {
    prop_oneof![
        3 => (0u32..7).prop_map(|count| (count, count)),
        5 => (0u32..5, 0u32..6).prop_map(|(min, more)| (min, min + more)),
        1 => (1u32..7, 0u32..4),
    ]
}

fn window() -> impl Strategy<Value = Window> {
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

fn load() -> impl Strategy<Value = Load> {
    let cpu = select(vec![None, Some(100), Some(500), Some(1000), Some(1500), Some(3000)]);
    let memory = select(vec![None, Some(64), Some(256), Some(1024), Some(3000)]);
    let gpu = select(vec![None, None, None, Some(0), Some(1)]);
    (cpu, memory, gpu).prop_map(|(cpu, memory, gpu)| [cpu, memory, gpu])
}

fn budget() -> impl Strategy<Value = Option<Budget>> {
    prop_oneof![
        2 => Just(None),
        3 => (0u32..6).prop_map(|count| Some(Budget::MinCount(count))),
        2 => (0u32..21).prop_map(|twentieth| Some(Budget::MinPercent(twentieth * 5))),
        1 => (0u32..3).prop_map(|count| Some(Budget::MaxCount(count))),
        1 => select(vec![0u32, 1, 30, 100]).prop_map(|percent| Some(Budget::MaxPercent(percent))),
    ]
}

fn service() -> impl Strategy<Value = Service> {
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

fn backing() -> impl Strategy<Value = Backing> {
    let memory = select(vec![None, Some(512), Some(2048), Some(5000)]);
    (any::<bool>(), prop::option::weighted(0.8, 1u32..90), prop::option::of(0u32..30), memory, any::<bool>())
        .prop_map(|(postgres, max, reserved, memory, external)| Backing { postgres, max, reserved, memory, external })
}

fn spec() -> impl Strategy<Value = Spec> {
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

// ---- the spec as text

/// What stands on a line of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Window(usize, usize),
    Port(usize, usize),
}

/// The text, with what stands on its lines.
#[derive(Default)]
struct Text {
    text: String,
    lines: usize,
    things: BTreeMap<usize, Thing>,
}

impl Text {
    fn line(&mut self, text: &str) -> usize {
        self.text.push_str(text);
        self.text.push('\n');
        self.lines += 1;
        self.lines
    }

    fn windows(&mut self, service: usize, indent: &str, windows: &[Window]) {
        if windows.is_empty() {
            self.line(&format!("{indent}schedule: []"));
            return;
        }
        self.line(&format!("{indent}schedule:"));
        for (index, window) in windows.iter().enumerate() {
            let days: Vec<&str> = window.days.iter().map(|day| DAYS[*day]).collect();
            let time = |minutes: usize| format!("{:02}:{:02}", minutes / 60, minutes % 60);
            let line = self.line(&format!(
                "{indent}  - {{ days: [{}], from: \"{}\", to: \"{}\", timezone: {}, replicas: {{ min: {}, max: {} }} }}",
                days.join(", "),
                time(window.from),
                time(window.to),
                ZONES[window.zone],
                window.bounds.0,
                window.bounds.1
            ));
            self.things.insert(line, Thing::Window(service, index));
        }
    }
}

fn amounts(load: Load) -> String {
    let [cpu, memory, gpu] = load;
    let mut fields = Vec::new();
    fields.extend(cpu.map(|cpu| format!("cpu: {cpu}m")));
    fields.extend(memory.map(|memory| format!("memory: {memory}Mi")));
    fields.extend(gpu.map(|gpu| format!("gpu: {gpu}")));
    format!("{{ {} }}", fields.join(", "))
}

fn text(spec: &Spec) -> Text {
    let mut out = Text::default();
    out.line("version: 1\nname: oracle\nservices:");
    out.lines += 2;
    for (index, service) in spec.services.iter().enumerate() {
        out.line(&format!("  s{index}:"));
        out.line("    image: example/s:1");
        if let Some((min, max)) = service.replicas {
            let range = if min == max { min.to_string() } else { format!("{{ min: {min}, max: {max} }}") };
            out.line(&format!("    replicas: {range}"));
        }
        out.line(&format!(
            "    resources: {{ requests: {}, limits: {} }}",
            amounts(service.requests),
            amounts(service.limits)
        ));
        if let Some(slots) = service.concurrency {
            out.line(&format!("    concurrency: {slots}"));
        }
        if !service.ports.is_empty() {
            out.line("    ports:");
        }
        for (number, port) in service.ports.iter().enumerate() {
            let protocol = if port.udp { "udp" } else { "tcp" };
            let (container, publish) = (80 + number, port.publish);
            let line = format!("      - {{ port: {container}, protocol: {protocol}, publish: {publish} }}");
            let line = out.line(&line);
            out.things.insert(line, Thing::Port(index, number));
        }
        if service.connections.iter().any(Option::is_some) {
            out.line("    connections:");
        }
        for (number, one) in service.connections.iter().enumerate() {
            if let Some((replica, slot)) = one {
                out.line(&format!("      b{number}: {{ perReplica: {replica}, perSlot: {slot} }}"));
            }
        }
        if let Some(budget) = service.budget {
            let budget = match budget {
                Budget::MinCount(count) => format!("minAvailable: {count}"),
                Budget::MinPercent(percent) => format!("minAvailable: {percent}%"),
                Budget::MaxCount(count) => format!("maxUnavailable: {count}"),
                Budget::MaxPercent(percent) => format!("maxUnavailable: {percent}%"),
            };
            out.line(&format!("    disruption: {{ {budget} }}"));
        }
        out.windows(index, "    ", &service.windows);
    }
    out.line("backingServices:");
    for (index, backing) in spec.backing.iter().enumerate() {
        let mut line = format!("  b{index}: {{ kind: {}", if backing.postgres { "postgres" } else { "redis" });
        let mut field = |name: &str, value: Option<String>| {
            let _ = value.map(|value| write!(line, ", {name}: {value}"));
        };
        field("maxConnections", backing.max.map(|max| max.to_string()));
        field("reservedConnections", backing.reserved.map(|reserved| reserved.to_string()));
        field("memory", backing.memory.map(|memory| format!("{memory}Mi")));
        field("external", backing.external.then(|| format!("{{ urlEnv: B{index}_URL }}")));
        out.line(&format!("{line} }}"));
    }
    if !spec.groups.is_empty() {
        out.line("capacity:\n  nodes:");
        out.lines += 1;
    }
    for Group { count, room: [cpu, memory, gpu], reserved } in &spec.groups {
        out.line(&format!(
            "    - {{ count: {count}, cpu: {cpu}m, memory: {memory}Mi, gpu: {gpu}, \
             reserved: {{ cpu: {}m, memory: {}Mi }} }}",
            reserved[0], reserved[1]
        ));
    }
    let Overlay { min, max, windows, cpu, most } = &spec.overlay;
    out.line("profiles:\n  p:\n    services:\n      s0:\n        kind: stateless");
    out.lines += 4;
    let bounds = [("min", min), ("max", max)];
    let bounds: Vec<String> = bounds.iter().filter_map(|(name, n)| n.map(|n| format!("{name}: {n}"))).collect();
    if !bounds.is_empty() && (bounds.len() == 2 || spec.services[0].replicas.is_some()) {
        out.line(&format!("        replicas: {{ {} }}", bounds.join(", ")));
    }
    if let Some(cpu) = cpu {
        out.line(&format!("        resources: {{ requests: {{ cpu: {cpu}m }} }}"));
    }
    if let Some(windows) = windows {
        out.windows(0, "        ", windows);
    }
    if let Some(most) = most {
        out.line(&format!("    backingServices: {{ b0: {{ maxConnections: {most} }} }}"));
    }
    match spec.target {
        Target::None => {}
        Target::Kubernetes => drop(out.line("targets: { kubernetes: { autoscaler: hpa } }")),
        Target::Compose => drop(out.line("targets: { compose: {} }")),
    }
    out
}

/// The spec with its profile laid over it.
fn merged(spec: &Spec) -> Spec {
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

// ---- what is to be found

/// One fault, known by its kind and by what it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
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
fn offsets() -> &'static Vec<[i64; ZONES.len()]> {
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
fn is_open(window: &Window, minute: usize) -> bool {
    let (day, time) = (minute / DAY, minute % DAY);
    let starts = |day: usize| window.days.contains(&day);
    if window.from < window.to {
        return starts(day) && (window.from..window.to).contains(&time);
    }
    (starts(day) && time >= window.from) || (starts((day + 6) % 7) && time < window.to)
}

/// For each service the sets of windows that are open together at some minute, over all services at once.
fn states(spec: &Spec) -> BTreeSet<Vec<Vec<usize>>> {
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

fn expected(spec: &Spec) -> BTreeSet<Fault> {
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

fn ports(spec: &Spec, faults: &mut BTreeSet<Fault>) {
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

fn capacity(
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

// ---- what was found

fn found(checked: &Checked, text: &Text) -> BTreeSet<Fault> {
    let mut faults = BTreeSet::new();
    for (finding, path) in checked.findings.iter().zip(&checked.paths) {
        let thing = |start: u32| text.things[&checked.sources[0].numbers(start).line];
        let part = |above: &str| path.split('/').skip_while(|part| *part != above).nth(1).unwrap_or_default();
        let number = |name: &str| name[1..].parse::<usize>().unwrap();
        let service = || number(part("services"));
        let backing = || match part("connections") {
            "" => number(part("backingServices")),
            name => number(name),
        };
        match finding.rule.as_str() {
            "overlapping-windows" => {
                let Thing::Window(service, second) = thing(finding.at.span.start) else { panic!("{finding:?}") };
                for related in &finding.related {
                    let Thing::Window(other, first) = thing(related.place.span.start) else { panic!("{finding:?}") };
                    assert_eq!(service, other);
                    assert!(faults.insert(Fault::Overlap(service, first, second)), "told twice: {finding:?}");
                }
            }
            "port-collision" => {
                let Thing::Port(service, number) = thing(finding.at.span.start) else { panic!("{finding:?}") };
                for related in &finding.related {
                    let Thing::Port(other, first) = thing(related.place.span.start) else { panic!("{finding:?}") };
                    let fault = Fault::Ports((other, first), (service, number));
                    assert!(faults.insert(fault), "told twice: {finding:?}");
                }
            }
            "connections-exhausted" if finding.message.ends_with("none is left") => {
                faults.insert(Fault::Reserved(backing()));
            }
            "connections-exhausted" => {
                let sum = finding.message.split(" = ").nth(1).and_then(|rest| rest.split(',').next()).unwrap();
                faults.insert(Fault::Connections(backing(), sum.parse().unwrap()));
            }
            "drain-blocked" => drop(faults.insert(Fault::Drain(service()))),
            "min-above-max" => drop(faults.insert(Fault::MinAboveMax(service()))),
            "window-min-above-max" => {
                faults.insert(Fault::WindowMinAboveMax(service(), part("schedule").parse().unwrap()));
            }
            "exceeds-node" => {
                let backing = part("backingServices");
                let name = if backing.is_empty() { part("services") } else { backing };
                faults.insert(Fault::Node(name.to_owned()));
            }
            "exceeds-capacity" => drop(faults.insert(Fault::Capacity)),
            rule => {
                let shape = ["yaml-syntax", "unknown-field", "missing-field", "wrong-type", "invalid-value"];
                assert!(!shape.contains(&rule), "not what was meant: {finding:?}\n{}", text.text);
            }
        }
    }
    faults
}

proptest! {
    #![proptest_config(cases(48))]

    /// The rules and the model agree, in the base and in a profile laid over it.
    #[test]
    fn the_rules_find_what_every_minute_of_the_week_shows(spec in spec()) {
        let text = text(&spec);
        for (profile, spec) in [(None, spec.clone()), (Some("p".to_owned()), merged(&spec))] {
            let wanted = Wanted { profiles: vec![profile.clone()], ..Wanted::default() };
            let found = found(&lint("scalegen.yaml", text.text.as_bytes(), &NoFiles, &wanted), &text);
            let expected = expected(&spec);
            let (missed, invented) = (&expected - &found, &found - &expected);
            prop_assert!(
                missed.is_empty() && invented.is_empty(),
                "{:?}: missed {:?}, invented {:?}\n{}", profile, missed, invented, text.text
            );
        }
    }
}
