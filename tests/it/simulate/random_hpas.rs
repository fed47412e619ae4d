//! Random HPAs on random loads: the engine and the plain second copy agree at every tick, every branch is reached often
//! enough to mean something, and every fault of the second copy is noticed.

use super::faults::Fault;
use super::plain::Plain;
use scalegen::simulate::hpa::{
    Behavior, ExternalTarget, Hpa, HpaSetup, HpaTick, Metric, Phase, Pod, PodReading, PodResource, PodSample, Pods,
    PolicyKind, Reading, Ready, ResourceTarget, Rules, ScalingPolicy, Select, tolerance_from_milli,
};
use scalegen::simulate::random::{Random, Stream};
use scalegen::simulate::{Bounds, SECOND};
use std::collections::BTreeMap;

const TICKS: i64 = 90;

struct Dice(Random);

impl Dice {
    fn new(seed: u64) -> Self {
        Dice(Random::new(seed, Stream::Arrivals))
    }

    fn below(&mut self, count: i64) -> i64 {
        i64::try_from(self.0.below(u64::try_from(count).unwrap())).unwrap()
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[usize::try_from(self.below(i64::try_from(list.len()).unwrap())).unwrap()]
    }

    fn one_in(&mut self, count: i64) -> bool {
        self.below(count) == 0
    }

    fn rules(&mut self) -> Rules {
        let policy = |dice: &mut Dice| ScalingPolicy {
            kind: dice.pick(&[PolicyKind::Pods, PolicyKind::Percent]),
            value: dice.pick(&[1, 2, 3, 4, 5, 10, 20, 50, 100]),
            period: dice.pick(&[1, 15, 16, 30, 45, 60, 120, 300, 1800]) * SECOND,
        };
        let count = self.below(4);
        Rules {
            window: (!self.one_in(3)).then(|| self.pick(&[0, 0, 15, 30, 60, 90, 300]) * SECOND),
            select: (!self.one_in(3)).then(|| self.pick(&[Select::Max, Select::Min, Select::Min, Select::Disabled])),
            policies: (count > 0).then(|| (0..count).map(|_| policy(self)).collect()),
            tolerance: self.one_in(3).then(|| tolerance_from_milli(self.pick(&[0, 50, 100, 150, 333, 500]))),
        }
    }

    fn metric(&mut self) -> Metric {
        let target = self.pick(&[100, 750, 1000, 1500, 2475]);
        let resource = self.pick(&[PodResource::Cpu, PodResource::Cpu, PodResource::Other]);
        let of_resource = match self.below(3) {
            0 => ResourceTarget::AverageValue(target),
            _ => ResourceTarget::Utilization(self.pick(&[10, 50, 80, 80, 100, 150])),
        };
        match self.below(9) {
            0 | 1 => Metric::External(ExternalTarget::AverageValue(target)),
            2 => Metric::External(ExternalTarget::Value(target)),
            3 => Metric::Object(if self.one_in(2) {
                ExternalTarget::Value(target)
            } else {
                ExternalTarget::AverageValue(target)
            }),
            4 => Metric::Pods { average: target },
            5 => Metric::ContainerResource(resource, of_resource),
            _ => Metric::Resource(resource, of_resource),
        }
    }

    fn config(&mut self) -> HpaSetup {
        let count = if self.one_in(4) { 2 } else { 1 };
        let mut config = HpaSetup::new((0..count).map(|_| self.metric()).collect());
        if !self.one_in(4) {
            config.behavior = Some(Behavior { scale_up: self.rules(), scale_down: self.rules() });
        }
        config.scale_to_zero = self.one_in(2);
        if config.scale_to_zero && self.one_in(2) {
            let target = self.pick(&[100, 1000]);
            let (average, value) = (ExternalTarget::AverageValue(target), ExternalTarget::Value(target));
            let outside = [Metric::External(average), Metric::External(value), Metric::Object(value)];
            config.metrics = vec![self.pick(&outside)];
        }
        config
    }

    /// A share of the target, often exactly at an end of a tolerance.
    fn share(&mut self) -> i64 {
        match self.below(4) {
            0 => self.pick(&[900, 1100, 950, 1050, 1000, 667, 1333, 850, 1150, 500, 1500]),
            1 => self.below(400) + 800,
            2 => self.below(3000),
            _ => self.pick(&[0, 500, 1000, 2000, 4000]),
        }
    }

    fn pod(&mut self, now: i64) -> Pod {
        let age = self.pick(&[0, 15, 29, 30, 31, 60, 285, 299, 300, 301, 600, 6000]);
        let started = now - age * SECOND;
        let after = self.pick(&[0, 10, 29, 30, 31, 60]).min(age);
        let phase = match self.below(12) {
            0 | 1 => Phase::Pending,
            2 => Phase::Failed,
            3 => Phase::Succeeded,
            _ => Phase::Running,
        };
        Pod {
            phase,
            deleted: self.one_in(12),
            ready: self.pick(&[
                Ready::True,
                Ready::True,
                Ready::True,
                Ready::True,
                Ready::False,
                Ready::Unknown,
                Ready::Absent,
            ]),
            ready_changed: started + after * SECOND,
            started: (!self.one_in(20)).then_some(started),
        }
    }
}

/// The pods of one tick: mostly well, sometimes anything.
fn pods(dice: &mut Dice, now: i64, count: i64, wild: bool) -> Vec<Pod> {
    let well = Pod {
        phase: Phase::Running,
        deleted: false,
        ready: Ready::True,
        ready_changed: now - 5000 * SECOND,
        started: Some(now - 6000 * SECOND),
    };
    (0..count).map(|_| if wild && dice.one_in(3) { dice.pod(now) } else { well }).collect()
}

fn readings(dice: &mut Dice, metric: &Metric, now: i64, count: usize, share: i64, wild: bool) -> Vec<PodReading> {
    let request = dice.pick(&[100, 250, 333, 1000]);
    let wanted = match metric {
        Metric::Resource(_, ResourceTarget::Utilization(percent))
        | Metric::ContainerResource(_, ResourceTarget::Utilization(percent)) => request * i64::from(*percent) / 100,
        Metric::Resource(_, ResourceTarget::AverageValue(average))
        | Metric::ContainerResource(_, ResourceTarget::AverageValue(average))
        | Metric::Pods { average } => *average,
        Metric::External(_) | Metric::Object(_) => 0,
    };
    let requestless = dice.one_in(40);
    let one = |dice: &mut Dice| {
        let jitter = if dice.one_in(3) { dice.below(7) - 3 } else { 0 };
        let at = now - dice.pick(&[0, 0, 15, 30]) * SECOND;
        let value = (wanted * share / 1000 + jitter).max(0);
        let sample = PodSample { value, at, window: dice.pick(&[15, 30]) * SECOND };
        let missing = wild && dice.one_in(6);
        let none = if requestless { dice.one_in(2) } else { dice.one_in(200) };
        let request = (!none).then_some(request);
        PodReading { sample: (!missing).then_some(sample), request }
    };
    (0..count).map(|_| one(dice)).collect()
}

/// What a metric reads: a total, or the readings of pods of this metric.
#[derive(Debug, Clone, Copy)]
enum Read {
    Total(i64),
    Pods(usize),
}

/// A metric's reading at this share of its target; sometimes it fails, sometimes it is below 0.
fn read(dice: &mut Dice, metric: &Metric, index: usize, status: i32, share: i64) -> Option<Read> {
    match metric {
        _ if dice.one_in(30) => None,
        Metric::External(_) | Metric::Object(_) if dice.one_in(60) => Some(Read::Total(-dice.below(5000) - 1)),
        Metric::External(ExternalTarget::AverageValue(target))
        | Metric::Object(ExternalTarget::AverageValue(target)) => {
            Some(Read::Total(target * i64::from(status.max(1)) * share / 1000))
        }
        Metric::External(ExternalTarget::Value(target)) | Metric::Object(ExternalTarget::Value(target)) => {
            Some(Read::Total(target * share / 1000))
        }
        _ => Some(Read::Pods(index)),
    }
}

/// One random HPA for a while. Gives back the first tick at which the two disagree.
fn compare(seed: u64, fault: Option<Fault>, taken: &mut BTreeMap<String, u64>) -> Option<String> {
    let mut dice = Dice::new(seed);
    let config = dice.config();
    let mut bounds = bounds(&mut dice);
    let mut current = i32::try_from(dice.below(i64::from(bounds.max) + 3)).unwrap();
    let (mut hpa, mut plain) = (Hpa::new(config.clone()), Plain::new(config.clone(), fault));
    let (wild, mut share, mut now) = (dice.one_in(2), 1000, 0);
    for tick in 0..TICKS {
        now += dice.pick(&[15, 15, 15, 15, 15, 15, 16, 30]) * SECOND;
        if dice.one_in(if current == 0 { 3 } else { 40 }) {
            bounds = self::bounds(&mut dice);
        }
        if dice.one_in(50) {
            current = i32::try_from(dice.below(i64::from(bounds.max) + 2)).unwrap();
        }
        if !dice.one_in(3) {
            share = dice.share();
        }
        let status = if dice.one_in(4) { current + i32::try_from(dice.below(3)).unwrap() } else { current };
        let listed = if wild && dice.one_in(3) { current + 2 - i32::try_from(dice.below(4)).unwrap() } else { status };
        let pods = pods(&mut dice, now, i64::from(listed.max(0)), wild);
        let each: Vec<Vec<PodReading>> =
            config.metrics.iter().map(|metric| readings(&mut dice, metric, now, pods.len(), share, wild)).collect();
        let which: Vec<Option<Read>> = config
            .metrics
            .iter()
            .enumerate()
            .map(|(index, metric)| read(&mut dice, metric, index, status, share))
            .collect();
        let reading = |one: &Option<Read>| match one {
            None => Reading::Failed,
            Some(Read::Total(total)) => Reading::Total(*total),
            Some(Read::Pods(index)) => Reading::Pods(&each[*index]),
        };
        let readings: Vec<Reading> = which.iter().map(reading).collect();
        let at = HpaTick { now, current, status, bounds, pods: Pods::List(&pods), readings: &readings };
        let (one, other) = (hpa.tick(&at).replicas, plain.tick(&at));
        if one != other {
            return Some(format!("seed {seed}, tick {tick}: engine {one}, plain {other}\n{config:?}\n{at:?}"));
        }
        current = one;
    }
    for (branch, count) in &plain.taken {
        *taken.entry(branch.clone()).or_default() += count;
    }
    None
}

fn bounds(dice: &mut Dice) -> Bounds {
    let min = dice.pick(&[0, 0, 0, 1, 1, 2, 3, 10]);
    Bounds { min, max: min.max(1) + dice.pick(&[0, 1, 4, 9, 30, 120]) }
}

/// Branches that must be reached, each at least a hundred times.
const BRANCHES: &[&str] = &[
    "S3 off",
    "S3 above max",
    "S3 below min",
    "S3 metrics",
    "Z2 asked at zero",
    "Z2 asked at zero with a minimum",
    "Z5 minimum at zero",
    "Z6 slept",
    "S5 failed tick",
    "S5 some metrics failed",
    "S5 fall refused",
    "S5 several metrics",
    "S6 exact lower end",
    "S6 exact upper end",
    "S8 inside",
    "S9 at zero",
    "S12 request missing",
    "S14",
    "S15 missing pods hold a fall",
    "S15 missing pods hold a rise",
    "S15 unready pods hold a rise",
    "S15 inside",
    "S15 other direction",
    "S15 against the direction",
    "S15 result",
    "S16 no sample",
    "S18 up window binds",
    "S18 down window binds",
    "S19 up Pods Max binds",
    "S19 up Pods Min binds",
    "S19 up Percent Max binds",
    "S19 up Percent Min binds",
    "S19 up Disabled",
    "S19 down Pods Max binds",
    "S19 down Pods Min binds",
    "S19 down Percent Max binds",
    "S19 down Percent Min binds",
    "S19 down Disabled",
    "S20 overwrites",
    "S20 overwrites inside the other period",
    "S21 cap",
    "S21 cap of four",
    "S21 down window binds",
];

#[test]
fn the_engine_and_a_plain_copy_agree_and_every_branch_is_reached() {
    let mut taken = BTreeMap::new();
    for seed in 0..6000 {
        if let Some(difference) = compare(seed, None, &mut taken) {
            panic!("{difference}");
        }
    }
    let rare: Vec<String> = BRANCHES
        .iter()
        .map(|branch| (branch, taken.get(*branch).copied().unwrap_or(0)))
        .filter(|(_, count)| *count < 100)
        .map(|(branch, count)| format!("{branch}: {count}"))
        .collect();
    assert!(rare.is_empty(), "reached too seldom: {rare:?}");
    let unknown: Vec<_> = taken.keys().filter(|branch| !BRANCHES.contains(&branch.as_str())).collect();
    assert!(unknown.is_empty(), "not on the list: {unknown:?}");
}

#[test]
fn every_fault_of_the_plain_copy_is_noticed() {
    assert!(Fault::ALL.len() >= 30);
    let survivors: Vec<&Fault> = Fault::ALL
        .iter()
        .filter(|fault| (0..6000).all(|seed| compare(seed, Some(**fault), &mut BTreeMap::new()).is_none()))
        .collect();
    assert!(survivors.is_empty(), "faults that nothing notices: {survivors:?}");
}
