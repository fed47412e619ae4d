//! Figures of the simulator for `tests/bench/simulate.sh`: time a tick, time a job, a day, and precision with many jobs.
//!
//! Prints one table. Times stand beside their bars; what is judged are ratios of one run, which a slow machine does not
//! change, and means that theory knows. Exit code 1 where one of those is missed, with `--bars` also where a time is.

#![allow(
    clippy::indexing_slicing,
    reason = "the formulas that it shares with the tests: a benchmark fails by panicking"
)]

#[path = "../../it/simulate/known_queues.rs"]
mod known_queues;

use known_queues::{equal_jobs, erlang_c, fixed};
use scalegen::simulate::assertion::{self, Assertion};
use scalegen::simulate::hpa::{
    Behavior, ExternalTarget, Hpa, HpaSetup, HpaTick, Metric, Pods, PolicyKind, Reading, Rules, ScalingPolicy, Select,
};
use scalegen::simulate::jobs::{SimulatedService, run};
use scalegen::simulate::policy::{self, MetricSource};
use scalegen::simulate::random::{Random, Stream};
use scalegen::simulate::schedule::Schedule;
use scalegen::simulate::search::PolicySearch;
use scalegen::simulate::trace::{DemandStep, Jobs, Quality, Trace};
use scalegen::simulate::workload::{Choice, JobDispatch, JobDuration, ServiceWork};
use scalegen::simulate::{Bounds, HOUR, MINUTE, Nanos, SECOND};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::process::ExitCode;
use std::time::Instant;

/// The table, and what of it is missed.
struct Table {
    enforce: bool,
    missed: Vec<String>,
}

impl Table {
    fn row(&mut self, what: &str, measured: &str, bar: &str, met: bool, judged: bool) {
        println!("| {what} | {measured} | {bar} | {} |", if met { "yes" } else { "NO" });
        if !met && (judged || self.enforce) {
            self.missed.push(what.to_owned());
        }
    }

    fn time(&mut self, what: &str, got: f64, bar: f64, unit: &str) {
        self.row(what, &format!("{got:.1} {unit}"), &format!("{bar} {unit}"), got <= bar, false);
    }

    fn ratio(&mut self, what: &str, got: f64, bar: f64) {
        self.row(what, &format!("× {got:.2}"), &format!("× {bar}"), got <= bar, true);
    }
}

fn main() -> ExitCode {
    let mut table = Table { enforce: std::env::args().any(|word| word == "--bars"), missed: Vec::new() };
    println!("| what | measured | bar | met |\n|---|---|---|---|");
    let reference = heap_operation();
    println!("| one push and one pop of a heap of 64 numbers, for scale | {reference:.1} ns | | |");
    ticks(&mut table);
    jobs(&mut table, reference);
    day(&mut table);
    sizing(&mut table);
    precision(&mut table);
    if table.missed.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("missed: {}", table.missed.join("; "));
    ExitCode::FAILURE
}

/// The least time in nanoseconds of several turns: what the code takes when nothing else runs.
#[allow(clippy::cast_precision_loss)]
fn best_of(turns: u32, mut turn: impl FnMut()) -> f64 {
    let time = |_| {
        let begun = Instant::now();
        turn();
        begun.elapsed().as_nanos() as f64
    };
    (0..turns).map(time).fold(f64::INFINITY, f64::min)
}

/// The time that this thread has run, where the system counts it: other work does not stretch it, as it does the clock.
fn thread_time() -> Option<f64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

/// The least time of a few long turns, in nanoseconds of this thread. The count lags by some milliseconds.
fn best_of_long(turns: u32, mut turn: impl FnMut()) -> f64 {
    let time = |_| match thread_time() {
        None => best_of(1, &mut turn),
        Some(before) => {
            turn();
            thread_time().map_or(f64::INFINITY, |after| after - before)
        }
    };
    (0..turns).map(time).fold(f64::INFINITY, f64::min)
}

/// What a machine takes for the innermost thing that a simulation does.
#[allow(clippy::cast_precision_loss)]
fn heap_operation() -> f64 {
    let mut dice = Random::new(1, Stream::Arrivals);
    let mut heap: BinaryHeap<Reverse<u128>> = (0..64).map(|_| Reverse(u128::from(dice.below(1 << 40)))).collect();
    let count = 20_000;
    best_of(100, || {
        for _ in 0..count {
            let Some(Reverse(first)) = heap.pop() else { return };
            heap.push(Reverse(first + u128::from(dice.below(1 << 40))));
        }
    }) / count as f64
}

/// Nanoseconds of a tick of an HPA with windows of this length, over so many ticks in a row.
#[allow(clippy::cast_precision_loss)]
fn tick(window: Nanos, ticks: i64) -> f64 {
    let rules = || Rules {
        window: Some(window),
        select: Some(Select::Max),
        policies: Some(vec![
            ScalingPolicy { kind: PolicyKind::Pods, value: 2, period: window / 2 },
            ScalingPolicy { kind: PolicyKind::Percent, value: 5, period: window / 2 },
        ]),
        tolerance: None,
    };
    let behavior = Behavior { scale_up: rules(), scale_down: rules() };
    let metric = Metric::External(ExternalTarget::AverageValue(1000));
    let mut hpa = Hpa::new(HpaSetup::new(vec![metric]).behavior(behavior));
    let mut dice = Random::new(1, Stream::Arrivals);
    let values: Vec<i64> = (0..4096).map(|_| i64::try_from(dice.below(60_000)).unwrap_or(0)).collect();
    let (mut current, mut at) = (20, 0);
    best_of(100, || {
        for value in values.iter().cycle().take(usize::try_from(ticks).unwrap_or(0)) {
            let seen = HpaTick {
                now: at * 15 * SECOND,
                current,
                status: current,
                bounds: Bounds { min: 1, max: 100 },
                pods: Pods::Counts { existing: current, ready: current },
                readings: &[Reading::Total(*value)],
            };
            current = hpa.tick(&seen).replicas;
            at += 1;
        }
    }) / ticks as f64
}

fn ticks(table: &mut Table) {
    let hour = tick(HOUR, 20_000);
    table.time("a tick of the HPA with windows of an hour", hour, 100.0, "ns");
    table.ratio(
        "the same against windows of 5 min: 12 times as much is remembered",
        hour / tick(5 * MINUTE, 20_000),
        6.0,
    );
    table.ratio("a tick among ten times as many", tick(HOUR, 200_000) / hour, 1.2);
}

/// Nanoseconds of a whole run, and its jobs and ticks.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
fn timed(service: &SimulatedService, rate: f64, jobs: f64) -> (f64, f64, u64) {
    let trace = Trace::constant(rate, (jobs / rate * 1e9) as Nanos);
    let (mut played, mut ticks) = (0, 0);
    let turn = || {
        let one = run(service, &trace, 1);
        (played, ticks) = (one.jobs, one.ticks);
    };
    let best = if jobs > 1e5 { best_of_long(7, turn) } else { best_of(100, turn) };
    (best, played as f64, ticks)
}

fn jobs(table: &mut Table, reference: f64) {
    for (name, dispatch) in [("pull", JobDispatch::Pull), ("push to the least", JobDispatch::Push(Choice::Least))] {
        let each = |replicas: i32, count: f64| {
            let service = fixed(JobDuration::Exponential { mean: SECOND }, replicas, dispatch);
            let (time, jobs, _) = timed(&service, 0.9 * f64::from(replicas), count);
            time / jobs
        };
        let counts = [1, 16, 100];
        let all: Vec<f64> = counts.into_iter().map(|replicas| each(replicas, 5e3)).collect();
        table.ratio(
            &format!("a job of 1,600 replicas against one of 16, {name}"),
            each(1600, 5e5) / each(16, 5e5),
            3.0,
        );
        for (replicas, time) in counts.into_iter().zip(&all) {
            table.time(&format!("a job, {name}, {replicas} replicas"), *time, 150.0, "ns");
        }
        let most = all.iter().copied().fold(0.0, f64::max);
        table.ratio(&format!("the slowest of these, {name}, against a heap's push and pop"), most / reference, 12.0);
        table.ratio(&format!("a job among a hundred times as many, {name}"), each(16, 5e5) / each(16, 5e3), 1.5);
    }
}

fn day(table: &mut Table) {
    let workload = ServiceWork::new(JobDuration::Exponential { mean: 20 * SECOND });
    let config = HpaSetup::new(vec![Metric::External(ExternalTarget::AverageValue(750))]);
    let policy = policy::ReplicaPolicy::Hpa { config, signals: vec![MetricSource::InSystem] };
    let service = SimulatedService::new(workload, Schedule::always(Bounds { min: 1, max: 40 }), policy);
    let (time, jobs, ticks) = timed(&service, 30_000.0 / 86_400.0, 30_000.0);
    table.time(&format!("a day at 15 s: {jobs} jobs, {ticks} ticks"), time / 1e6, 10.0, "ms");
    let (long, more, _) = timed(&service, 30_000.0 / 86_400.0, 300_000.0);
    table.ratio("ten such days, by jobs, against one", long / time / (more / jobs), 1.3);
}

/// Candidates of `size`: targets, windows of the way down and least counts, under a week of days that rise and fall.
fn candidate(index: usize) -> SimulatedService {
    let part = |place: usize, of: usize| i64::try_from(index / place % of).unwrap_or(0);
    let workload = ServiceWork::new(JobDuration::Exponential { mean: 20 * SECOND });
    let rules = |window| Rules { window: Some(window), select: None, policies: None, tolerance: None };
    let behavior = Behavior { scale_up: rules(0), scale_down: rules((1 + part(10, 10)) * 3 * MINUTE) };
    let target = ExternalTarget::AverageValue(500 + 50 * part(1, 10));
    let config = HpaSetup::new(vec![Metric::External(target)]).behavior(behavior);
    let policy = policy::ReplicaPolicy::Hpa { config, signals: vec![MetricSource::InSystem] };
    let bounds = Bounds { min: 1 + i32::try_from(part(100, 10)).unwrap_or(0), max: 60 };
    SimulatedService::new(workload, Schedule::always(bounds), policy)
}

/// `size` on a week of 200,000 jobs: 1,000 candidates with one seed, then 50 with all.
#[allow(clippy::cast_precision_loss)]
fn sizing(table: &mut Table) {
    let hour = |index: i64| {
        let time = std::f64::consts::TAU * (index % 24) as f64 / 24.0;
        let jobs = Jobs::Expected(200_000.0 / 168.0 * (1.0 - 0.8 * time.cos()));
        DemandStep { from: index * HOUR, to: (index + 1) * HOUR, jobs, quality: Quality::Known }
    };
    // somebody says how jobs lie within an hour, so that waits are judged
    let trace = Trace { steps: (0..168).map(hour).collect(), is_arrival_form_given: true };
    let all: Vec<usize> = (0..1000).collect();
    let few: Vec<usize> = all.iter().copied().step_by(20).collect();
    let asked = |text: &str, work: &dyn Fn(&PolicySearch<'_>) -> usize| {
        let assertions: Vec<Assertion> = assertion::parse(text).into_iter().collect();
        let search = PolicySearch {
            service: &candidate,
            changed: &|_| 1,
            neighbors: &|_| Vec::new(),
            trace: &trace,
            assertions: &assertions,
            accept_capped: false,
            stress: 1.0,
            seed: 1,
            runs: 20,
            threads: 2,
            complete: false,
            played: &|| {},
        };
        let (begun, before) = (Instant::now(), processor_time());
        let held = work(&search);
        (begun.elapsed().as_secs_f64(), processor_time() - before, held)
    };
    let screened =
        |of: &[usize], text| asked(text, &|search| search.screen(of).into_iter().filter(|one| one.holds).count());
    let mut row = |what: &str, (clock, processor, held): (f64, f64, usize)| {
        let measured = format!("{clock:.1} s, {processor:.1} s of processor time");
        table.row(&format!("{what}, 2 threads: {held} hold"), &measured, "12 s", clock <= 12.0, false);
    };
    let week = "1,000 candidates × 7 days of 200,000 jobs screened with one seed";
    // where all hold, no run ends before its time
    let whole = screened(&all, "wait.p95 < 1ms");
    row(week, whole);
    row(week, screened(&all, "wait.max < 5s"));
    row(week, screened(&all, "saturated < 0.01%"));
    let survivors = |search: &PolicySearch<'_>| search.evaluate_all(&few, 20, false).len();
    row("50 of them × 20 seeds", asked("wait.p95 < 1ms", &survivors));
    // what a candidate costs does not depend on how many there are
    let tenth: Vec<usize> = all.iter().copied().step_by(10).collect();
    let hundred = screened(&tenth, "wait.p95 < 1ms");
    table.ratio("a candidate among ten times as many", whole.1 / hundred.1 / 10.0, 1.5);
}

/// The processor time of all threads so far, in seconds; 0 where the system does not tell it.
fn processor_time() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
    // in hundredths of a second, of programs and of the system for them
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
fn precision(table: &mut Table) {
    for servers in [1, 4, 16] {
        for load in [0.5, 0.75, 0.9] {
            let rate = load * f64::from(servers);
            let waits = |service_time: JobDuration| {
                // at 0.9 the noise of one run of 10⁶ jobs is near 2 %, so eight of them are one number
                let mean = |seed| {
                    let service = fixed(service_time.clone(), servers, JobDispatch::Pull);
                    let played = run(&service, &Trace::constant(rate, (1e6 / rate * 1e9) as Nanos), seed);
                    played.tally.wait.mean().unwrap_or(0) as f64 / 1e9
                };
                (1..=8).map(mean).sum::<f64>() / 8.0
            };
            let count = usize::try_from(servers).unwrap_or(0);
            let known = [
                (
                    "M/M",
                    waits(JobDuration::Exponential { mean: SECOND }),
                    erlang_c(u32::try_from(servers).unwrap_or(0), load),
                ),
                ("M/D", waits(JobDuration::Fixed(SECOND)), equal_jobs(count, load)),
            ];
            for (name, got, wanted) in known {
                let off = (got / wanted - 1.0) * 100.0;
                // a tenth of a thousandth of a service time is nothing, whatever share of a tiny mean it is
                let met = off.abs() < 2.0 || (got - wanted).abs() < 1e-4;
                let what = format!("mean wait of {name}/{servers} at {load}, 10⁶ jobs, in service times");
                table.row(&what, &format!("{got:.5}, {off:+.2} % of {wanted:.5}"), "2 %", met, true);
            }
        }
    }
}
