//! Random services: no job is lost from the books, none ends before its work is done, and time adds up.

use scalegen::simulate::hpa::{self, ExternalTarget, Metric};
use scalegen::simulate::jobs::{SimulatedService, Start, run};
use scalegen::simulate::policy::{MetricSource, ReplicaPolicy};
use scalegen::simulate::random::{Random, Stream};
use scalegen::simulate::schedule::{BoundsWindow, Schedule};
use scalegen::simulate::trace::{Arrivals, DemandStep, Jobs, Quality, Trace};
use scalegen::simulate::workload::{Choice, JobDispatch, JobDuration, ReadyTime, ReplicaCpu, ServiceWork};
use scalegen::simulate::{Bounds, MINUTE, Nanos, SECOND};

pub(super) struct Dice(pub(super) Random);

impl Dice {
    pub(super) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[usize::try_from(self.0.below(u64::try_from(list.len()).unwrap())).unwrap()]
    }
}

pub(super) fn service(dice: &mut Dice, work: Nanos) -> SimulatedService {
    let mut workload = ServiceWork::new(JobDuration::Fixed(work));
    workload.concurrency = dice.pick(&[1, 1, 2, 5]);
    let push = [Choice::Random, Choice::RoundRobin, Choice::Least].map(JobDispatch::Push);
    workload.dispatch = if dice.pick(&[true, false]) { JobDispatch::Pull } else { dice.pick(&push) };
    let limit = dice.pick(&[None, Some(400), Some(1000)]);
    workload.cpu = dice.pick(&[true, false]).then_some(ReplicaCpu { per_job: 300, idle: 20, request: 300, limit });
    workload.queue_limit = dice.pick(&[None, None, Some(0), Some(5)]);
    workload.patience = dice.pick(&[None, None, Some(20 * SECOND)]);
    workload.deadline = dice.pick(&[None, Some(30 * SECOND)]);
    workload.retry = dice.pick(&[true, false]);
    workload.replica.grace = dice.pick(&[0, SECOND, 30 * SECOND]);
    workload.replica.start = ReadyTime::LogNormal { p50: 10 * SECOND, p95: 30 * SECOND };
    workload.replica.fits = dice.pick(&[None, None, Some(3)]);
    let bounds = |min, max| Bounds { min, max };
    let windows = [
        BoundsWindow { from: 3 * MINUTE, to: 5 * MINUTE, bounds: bounds(0, 1) },
        BoundsWindow { from: 8 * MINUTE, to: 9 * MINUTE, bounds: bounds(6, 9) },
    ];
    let metric = Metric::External(ExternalTarget::AverageValue(1000));
    let signals = vec![dice.pick(&[&MetricSource::InSystem, &MetricSource::Running]).clone()];
    let policy = ReplicaPolicy::Hpa { config: hpa::HpaSetup::new(vec![metric]), signals };
    let mut service = SimulatedService::new(workload, Schedule::new(bounds(1, 8), windows.to_vec()), policy);
    (service.warm_up, service.start) = (Some(0), Start::Count(dice.pick(&[0, 1, 4])));
    service.arrivals = dice.pick(&[&Arrivals::Poisson, &Arrivals::Even, &Arrivals::Batch(7)]).clone();
    service
}

#[test]
fn every_job_is_accounted_for_and_has_its_work_done() {
    let mut whole = 0;
    let (mut killed, mut retried, mut rejected, mut gave_up, mut late) = (0, 0, 0, 0, 0);
    for seed in 0..400 {
        let mut dice = Dice(Random::new(seed, Stream::Phases));
        let work = dice.pick(&[SECOND, 7 * SECOND, 60 * SECOND]);
        let service = service(&mut dice, work);
        let step = DemandStep { from: 0, to: 12 * MINUTE, jobs: Jobs::Expected(300.0), quality: Quality::Known };
        let quiet = DemandStep { from: step.to, to: 24 * MINUTE, jobs: Jobs::Counted(0), quality: Quality::Known };
        let played = run(&service, &Trace::new(vec![step, quiet]), seed);
        let mut tally = played.tally;
        let done = tally.latency.count() + tally.killed + tally.wait.censored() + tally.rejected;
        assert_eq!(done, tally.arrived, "{seed}: {service:?}");
        assert_eq!(tally.wait.count() + tally.rejected, tally.arrived, "{seed}");
        assert_eq!(tally.arrived, played.jobs, "{seed}");
        // the shortest of the latencies that are over
        if tally.latency.censored() == 0 {
            whole += 1;
            assert!(tally.latency.percentile(1).is_none_or(|least| least >= work), "{seed}: {service:?}");
        }
        assert_eq!(tally.scored, 24 * MINUTE);
        let (existing, spec, ideal) = tally.replica_times();
        assert!(existing >= 0 && spec >= 0 && ideal > 0, "{seed}");
        (killed, retried) = (killed + tally.killed, retried + tally.retried);
        (rejected, gave_up, late) = (rejected + tally.rejected, gave_up + tally.gave_up, late + tally.late);
    }
    assert!(whole > 100, "{whole} runs ended all jobs");
    let least = [killed, retried, rejected, gave_up, late].into_iter().min().unwrap();
    assert!(least > 200, "killed {killed}, retried {retried}, rejected {rejected}, gave up {gave_up}, late {late}");
}

#[test]
fn a_throttled_job_never_ends_before_its_work_is_done() {
    for seed in 0..40 {
        let mut workload = ServiceWork::new(JobDuration::Fixed(7 * SECOND));
        workload.concurrency = 3;
        workload.cpu = Some(ReplicaCpu { per_job: 300, idle: 0, request: 300, limit: Some(400) });
        let bounds = Bounds { min: 6, max: 6 };
        let mut service = SimulatedService::new(workload, Schedule::always(bounds), ReplicaPolicy::Fixed(6));
        (service.warm_up, service.start) = (Some(0), Start::Count(6));
        let step = |from, to, jobs| DemandStep { from, to, jobs, quality: Quality::Known };
        let quiet = step(15 * MINUTE, 60 * MINUTE, Jobs::Counted(0));
        let mut tally = run(&service, &Trace::new(vec![step(0, 15 * MINUTE, Jobs::Counted(900)), quiet]), seed).tally;
        assert_eq!((tally.latency.count(), tally.latency.censored()), (900, 0));
        assert_eq!(tally.latency.percentile(1), Some(7 * SECOND), "{seed}");
    }
}
