//! Queues whose mean wait is known, for tests and for the benchmark.

use scalegen::simulate::Bounds;
use scalegen::simulate::jobs::{SimulatedService, Start};
use scalegen::simulate::policy::ReplicaPolicy;
use scalegen::simulate::schedule::Schedule;
use scalegen::simulate::workload::{JobDispatch, JobDuration, ServiceWork};

/// A fixed count of one-slot replicas that never scales.
pub fn fixed(service_time: JobDuration, replicas: i32, dispatch: JobDispatch) -> SimulatedService {
    let mut workload = ServiceWork::new(service_time);
    workload.dispatch = dispatch;
    let bounds = Bounds { min: replicas, max: replicas };
    let mut service = SimulatedService::new(workload, Schedule::always(bounds), ReplicaPolicy::Fixed(replicas));
    service.warm_up = Some(0);
    service.start = Start::Count(replicas);
    service
}

/// The mean wait in service times of M/M/n at a load of `load` for each server.
pub fn erlang_c(servers: u32, load: f64) -> f64 {
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
pub fn equal_jobs(servers: usize, load: f64) -> f64 {
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
