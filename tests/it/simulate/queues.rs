//! Waiting in queues whose mean is known: Erlang C for M/M/n, Pollaczek and Khinchine for M/D/1, and a job-by-job
//! comparison with another simulator.

use super::known_queues::{equal_jobs, erlang_c, fixed};
use scalegen::simulate::jobs::run;
use scalegen::simulate::trace::{Arrivals, DemandStep, Jobs, Quality, Trace};
use scalegen::simulate::workload::{Choice, JobDispatch, JobDuration};
use scalegen::simulate::{Nanos, SECOND};
use std::sync::Arc;

/// The mean wait in service times of a run with so many jobs.
#[allow(clippy::cast_precision_loss)]
fn mean_wait(service_time: JobDuration, servers: i32, load: f64, jobs: f64, seed: u64) -> f64 {
    let service = fixed(service_time, servers, JobDispatch::Pull);
    let rate = load * f64::from(servers);
    #[allow(clippy::cast_possible_truncation)]
    let length = (jobs / rate * 1e9) as Nanos;
    let played = run(&service, &Trace::constant(rate, length), seed);
    played.tally.wait.mean().unwrap() as f64 / 1e9
}

#[test]
fn waiting_follows_erlang_c() {
    for servers in [1, 4, 16] {
        for load in [0.5, 0.75, 0.9] {
            let exponential = JobDuration::Exponential { mean: SECOND };
            let runs = 4;
            let got: f64 =
                (1..=runs).map(|seed| mean_wait(exponential.clone(), servers, load, 60_000.0, seed)).sum::<f64>()
                    / f64::from(u32::try_from(runs).unwrap());
            let wanted = erlang_c(u32::try_from(servers).unwrap(), load);
            // a mean over so few jobs has this much noise; `tests/bench/simulate.sh` with 10⁶ jobs keeps to 2 %
            let noise = 0.12;
            assert!(
                (got / wanted - 1.0).abs() < noise || (got - wanted).abs() < 0.0015,
                "{servers} {load}: {got} {wanted}"
            );
        }
    }
}

#[test]
fn waiting_of_equal_jobs_is_half_at_one_server() {
    for load in [0.5, 0.75, 0.9] {
        let got = mean_wait(JobDuration::Fixed(SECOND), 1, load, 200_000.0, 3);
        let wanted = equal_jobs(1, load);
        // Pollaczek and Khinchine
        assert!((wanted - load / (2.0 * (1.0 - load))).abs() < 1e-3);
        assert!((got / wanted - 1.0).abs() < 0.06, "{load}: {got} {wanted}");
    }
}

/// Jobs of one of ciw's runs: arrivals, services and starts in nanoseconds.
#[derive(serde::Deserialize)]
struct Recorded {
    servers: i32,
    arrivals: Vec<Nanos>,
    services: Vec<Nanos>,
    starts: Vec<Nanos>,
}

#[test]
fn jobs_start_when_another_simulator_starts_them() {
    let text = std::fs::read_to_string("fixtures/simulate/ciw.json").unwrap();
    let runs: Vec<Recorded> = serde_json::from_str(&text).unwrap();
    assert!(runs.len() >= 4);
    for recorded in runs {
        let services: Arc<[Nanos]> = recorded.services.clone().into();
        let mut service = fixed(JobDuration::Listed(services), recorded.servers, JobDispatch::Pull);
        service.arrivals = Arrivals::Listed(recorded.arrivals.clone().into());
        service.record_jobs = true;
        let to = recorded.arrivals.last().unwrap() + recorded.services.iter().sum::<Nanos>() + SECOND;
        let count = u64::try_from(recorded.arrivals.len()).unwrap();
        let step = DemandStep { from: 0, to, jobs: Jobs::Counted(count), quality: Quality::Known };
        let played = run(&service, &Trace::new(vec![step]), 1);
        let mut starts = vec![0; recorded.arrivals.len()];
        for (job, start, _) in &played.starts {
            starts[usize::try_from(*job).unwrap()] = *start;
        }
        assert_eq!(starts, recorded.starts, "{} servers", recorded.servers);
    }
}

#[test]
fn pushed_jobs_wait_longer_than_pulled_ones() {
    let mean = |dispatch| {
        let service = fixed(JobDuration::Exponential { mean: SECOND }, 4, dispatch);
        let played = run(&service, &Trace::constant(3.0, 20_000 * SECOND), 5);
        played.tally.wait.mean().unwrap()
    };
    let pull = mean(JobDispatch::Pull);
    let least = mean(JobDispatch::Push(Choice::Least));
    let round_robin = mean(JobDispatch::Push(Choice::RoundRobin));
    let random = mean(JobDispatch::Push(Choice::Random));
    assert!(pull < least && least < round_robin && round_robin < random, "{pull} {least} {round_robin} {random}");
    // each replica alone is M/M/1 at 0.75: three service times
    assert!((random - 3 * SECOND).abs() < SECOND / 3, "{random}");
}
