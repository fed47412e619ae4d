//! Waiting in queues whose mean is known: Erlang C for M/M/n, Pollaczek and Khinchine for M/D/1, and a job-by-job
//! comparison with another simulator.

use scalegen::simulate::jobs::{SimulatedService, Start, run};
use scalegen::simulate::policy::ReplicaPolicy;
use scalegen::simulate::schedule::Schedule;
use scalegen::simulate::trace::{Arrivals, DemandStep, Jobs, Quality, Trace};
use scalegen::simulate::workload::{Choice, JobDispatch, JobDuration, ServiceWork};
use scalegen::simulate::{Bounds, Nanos, SECOND};
use std::sync::Arc;

/// A fixed count of one-slot replicas that never scales.
pub(super) fn fixed(service_time: JobDuration, replicas: i32, dispatch: JobDispatch) -> SimulatedService {
    let mut workload = ServiceWork::new(service_time);
    workload.dispatch = dispatch;
    let bounds = Bounds { min: replicas, max: replicas };
    let mut service = SimulatedService::new(workload, Schedule::always(bounds), ReplicaPolicy::Fixed(replicas));
    service.warm_up = Some(0);
    service.start = Start::Count(replicas);
    service
}

/// The mean wait in service times of M/M/n at a load of `load` for each server.
pub(super) fn erlang_c(servers: u32, load: f64) -> f64 {
    let offered = load * f64::from(servers);
    let (mut term, mut sum) = (1.0, 0.0);
    for k in 0..servers {
        sum += term;
        term *= offered / f64::from(k + 1);
    }
    let queued = term / (1.0 - load);
    queued / (sum + queued) / (f64::from(servers) * (1.0 - load))
}

/// The mean wait in service times of M/D/n: the number in the system a service time later is what was above n, and a
/// Poisson number of arrivals.
#[allow(clippy::cast_precision_loss)]
pub(super) fn equal_jobs(servers: usize, load: f64) -> f64 {
    let (mean, size) = (load * servers as f64, 300 + 4 * servers);
    let mut poisson = vec![(-mean).exp()];
    for k in 1..size {
        poisson.push(poisson[k - 1] * mean / k as f64);
    }
    let mut shares = vec![0.0; size];
    shares[0] = 1.0;
    for _ in 0..1500 {
        let mut next = vec![0.0; size];
        for (number, share) in shares.iter().enumerate().filter(|(_, share)| **share > 1e-15) {
            let left = number.saturating_sub(servers);
            for (arrived, chance) in poisson.iter().enumerate().take(size - left).filter(|(_, chance)| **chance > 1e-15)
            {
                next[left + arrived] += share * chance;
            }
        }
        shares = next;
    }
    let queued: f64 =
        shares.iter().enumerate().map(|(number, share)| number.saturating_sub(servers) as f64 * share).sum();
    queued / mean
}

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
            // a mean over so few jobs has this much noise; a release build with 10⁶ jobs keeps to 2 %
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
