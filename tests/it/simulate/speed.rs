//! Speed and precision with many jobs. Only a release build says anything, so these run on demand:
//! `cargo test --release --test it simulate::speed -- --ignored --nocapture --test-threads 1`.

use super::queues::{equal_jobs, erlang_c, fixed};
use scalegen::simulate::hpa::{
    Behavior, ExternalTarget, Hpa, HpaSetup, HpaTick, Metric, Pods, PolicyKind, Reading, Rules, ScalingPolicy, Select,
};
use scalegen::simulate::jobs::{SimulatedService, run};
use scalegen::simulate::policy::{self, MetricSource};
use scalegen::simulate::random::{Random, Stream};
use scalegen::simulate::schedule::Schedule;
use scalegen::simulate::trace::Trace;
use scalegen::simulate::workload::{Choice, JobDispatch, JobDuration, ServiceWork};
use scalegen::simulate::{Bounds, HOUR, Nanos, SECOND};
use std::time::Instant;

fn shown(what: &str, bar: f64, got: f64, unit: &str) {
    let verdict = if got <= bar { "inside" } else { "ABOVE" };
    println!("{what}: {got:.1} {unit}, {verdict} the bar of {bar} {unit}");
    // a machine that does other things is slower; twice the bar is never noise
    assert!(cfg!(debug_assertions) || got <= 2.0 * bar, "{what} took {got} {unit}, more than twice {bar}");
}

#[test]
#[ignore = "release builds only"]
#[allow(clippy::cast_precision_loss)]
fn a_tick_of_the_hpa() {
    let rules = |window| Rules {
        window: Some(window),
        select: Some(Select::Max),
        policies: Some(vec![
            ScalingPolicy { kind: PolicyKind::Pods, value: 2, period: 1800 * SECOND },
            ScalingPolicy { kind: PolicyKind::Percent, value: 5, period: 1800 * SECOND },
        ]),
        tolerance: None,
    };
    let behavior = Behavior { scale_up: rules(HOUR), scale_down: rules(HOUR) };
    let mut hpa =
        Hpa::new(HpaSetup::new(vec![Metric::External(ExternalTarget::AverageValue(1000))]).behavior(behavior));
    let mut dice = Random::new(1, Stream::Arrivals);
    let values: Vec<i64> = (0..4096).map(|_| i64::try_from(dice.below(60_000)).unwrap()).collect();
    let (mut current, mut tick, ticks) = (20, 0, 20_000);
    let best = best_of(200, || {
        for _ in 0..ticks {
            let value = values[usize::try_from(tick % 4096).unwrap()];
            let seen = HpaTick {
                now: tick * 15 * SECOND,
                current,
                status: current,
                bounds: Bounds { min: 1, max: 100 },
                pods: Pods::Counts { existing: current, ready: current },
                readings: &[Reading::Total(value)],
            };
            current = hpa.tick(&seen).replicas;
            tick += 1;
        }
    });
    shown("a tick with windows of an hour", 100.0, best / ticks as f64, "ns");
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

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
fn timed(service: &SimulatedService, rate: f64, jobs: f64) -> (f64, u64) {
    let trace = Trace::constant(rate, (jobs / rate * 1e9) as Nanos);
    let mut played = 0;
    let best = best_of(200, || played = run(service, &trace, 1).jobs);
    (best, played)
}

#[test]
#[ignore = "release builds only"]
#[allow(clippy::cast_precision_loss)]
fn a_job() {
    for (name, dispatch) in [("pull", JobDispatch::Pull), ("push to the least", JobDispatch::Push(Choice::Least))] {
        for replicas in [1, 16, 100] {
            let service = fixed(JobDuration::Exponential { mean: SECOND }, replicas, dispatch);
            let (time, jobs) = timed(&service, 0.9 * f64::from(replicas), 5e3);
            shown(&format!("a job, {name}, {replicas} replicas"), 150.0, time / jobs as f64, "ns");
        }
    }
}

#[test]
#[ignore = "release builds only"]
fn a_day_at_15_seconds() {
    let workload = ServiceWork::new(JobDuration::Exponential { mean: 20 * SECOND });
    let config = HpaSetup::new(vec![Metric::External(ExternalTarget::AverageValue(750))]);
    let policy = policy::ReplicaPolicy::Hpa { config, signals: vec![MetricSource::InSystem] };
    let service = SimulatedService::new(workload, Schedule::always(Bounds { min: 1, max: 40 }), policy);
    let (time, jobs) = timed(&service, 30_000.0 / 86_400.0, 30_000.0);
    shown(&format!("a day with {jobs} jobs"), 10.0, time / 1e6, "ms");
}

#[test]
#[ignore = "release builds only"]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
fn waiting_with_a_million_jobs() {
    for servers in [1, 4, 16] {
        for load in [0.5, 0.75, 0.9] {
            let rate = load * f64::from(servers);
            let waits = |service_time: JobDuration| {
                // at 0.9 the noise of one run of 10⁶ jobs is near 2 %, so eight of them are one number
                let mean = |seed| {
                    let service = fixed(service_time.clone(), servers, JobDispatch::Pull);
                    let played = run(&service, &Trace::constant(rate, (1e6 / rate * 1e9) as Nanos), seed);
                    played.tally.wait.mean().unwrap() as f64 / 1e9
                };
                (1..=8).map(mean).sum::<f64>() / 8.0
            };
            let exponential = waits(JobDuration::Exponential { mean: SECOND });
            let wanted = erlang_c(u32::try_from(servers).unwrap(), load);
            let off = (exponential / wanted - 1.0) * 100.0;
            let equal = waits(JobDuration::Fixed(SECOND));
            println!("{servers} servers at {load}: M/M/n {exponential:.5} ({off:+.2} %), M/D/n {equal:.5}");
            assert!(off.abs() < 2.0, "{servers} {load}: {exponential}, by Erlang C {wanted}");
            let known = equal_jobs(usize::try_from(servers).unwrap(), load);
            assert!(
                (equal / known - 1.0).abs() < 0.02 || (equal - known).abs() < 1e-4,
                "{servers} {load}: {equal}, by the chain {known}"
            );
        }
    }
}
