//! What happens to jobs and replicas: small runs whose every number can be computed by hand.

use super::known_queues::fixed;
use scalegen::simulate::foundry;
use scalegen::simulate::hpa::{self, ExternalTarget, Metric, PodResource, ResourceTarget};
use scalegen::simulate::jobs::{ChangedBy, SeedRun, SimulatedService, Start, run};
use scalegen::simulate::keda;
use scalegen::simulate::policy::{MetricSource, ReplicaPolicy};
use scalegen::simulate::results::{Results, RunNumbers, Statistic};
use scalegen::simulate::schedule::{BoundsWindow, Schedule};
use scalegen::simulate::trace::{Arrivals, DemandStep, Jobs, Quality, Trace};
use scalegen::simulate::workload::{Choice, JobDispatch, JobDuration, ReadyTime, ReplicaCpu, ServiceWork};
use scalegen::simulate::{Bounds, HOUR, MINUTE, Nanos, SECOND};

/// Plays jobs that arrive at these seconds, until `to`.
fn play(mut service: SimulatedService, seconds: &[i64], to: i64) -> (SeedRun, RunNumbers) {
    let instants: Vec<Nanos> = seconds.iter().map(|at| at * SECOND).collect();
    let count = u64::try_from(instants.len()).unwrap();
    service.arrivals = Arrivals::Listed(instants.into());
    service.record = true;
    let step = DemandStep { from: 0, to: to * SECOND, jobs: Jobs::Counted(count), quality: Quality::Known };
    let played = run(&service, &Trace::new(vec![step]), 1);
    let numbers = RunNumbers::of(&played, None);
    (played, numbers)
}

/// One replica whose jobs take 10 s.
fn ten_seconds(dispatch: JobDispatch) -> SimulatedService {
    fixed(JobDuration::Fixed(10 * SECOND), 1, dispatch)
}

#[test]
fn waits_latencies_and_shares() {
    for dispatch in [JobDispatch::Pull, JobDispatch::Push(Choice::Least), JobDispatch::Push(Choice::RoundRobin)] {
        let (_, numbers) = play(ten_seconds(dispatch), &[0, 5, 100], 200);
        let of = |name, statistic| numbers.get(name, Some(statistic)).unwrap();
        let second = i128::from(SECOND);
        assert_eq!(of("wait", Statistic::Max), 5 * second);
        assert_eq!(of("wait", Statistic::P50), 0);
        assert_eq!(of("wait", Statistic::Mean), 5 * second / 3);
        assert_eq!(of("latency", Statistic::Max), 15 * second);
        // 5 s of 200 s a job waits; 30 s of work in 200 s of one slot
        assert_eq!(numbers.get("saturated", None), Some(25_000_000));
        assert_eq!(numbers.get("busy", None), Some(150_000_000));
        assert_eq!(of("queue", Statistic::P95), 0);
        assert_eq!(of("queue", Statistic::Max), 1);
        let hours = 200 * 1_000_000_000 / 3600;
        assert_eq!(numbers.get("replica_hours", None), Some(hours));
        // from 5 s to 10 s two jobs would run at once
        assert_eq!(numbers.get("ideal_hours", None), Some(205 * 1_000_000_000 / 3600));
        assert_eq!(numbers.get("over", None), Some(200 * 1_000_000_000 / 205));
        assert_eq!(numbers.get("throttled", None), Some(0));
        assert_eq!(numbers.get("cost", None), None);
    }
}

#[test]
fn a_full_queue_rejects_and_patience_ends() {
    for dispatch in [JobDispatch::Pull, JobDispatch::Push(Choice::Least)] {
        let mut service = ten_seconds(dispatch);
        service.workload.queue_limit = Some(1);
        let (played, _) = play(service.clone(), &[0, 1, 2, 11], 100);
        assert_eq!((played.tally.rejected, played.tally.wait.count()), (1, 3));
        service.workload.queue_limit = None;
        service.workload.patience = Some(12 * SECOND);
        service.workload.deadline = Some(19 * SECOND);
        let (played, numbers) = play(service, &[0, 1, 2, 30], 100);
        // the second waits 9 s and ends after 19 s, the third leaves at 14 s
        assert_eq!((played.tally.gave_up, played.tally.late, played.tally.wait.censored()), (1, 0, 1));
        assert_eq!(numbers.get("wait", Some(Statistic::Max)), Some(i128::from(12 * SECOND)));
        assert_eq!(numbers.get("lost", None), Some(1));
        assert_eq!(numbers.get("lost_share", None), Some(250_000_000));
        assert_eq!(numbers.get("saturated", None), Some(130_000_000), "from 1 s to 14 s of 100 s");
    }
}

#[test]
fn a_limit_of_no_waiting_is_saturated_from_the_refusal_on() {
    let mut service = ten_seconds(JobDispatch::Pull);
    service.workload.queue_limit = Some(0);
    let (played, numbers) = play(service, &[0, 4], 100);
    assert_eq!(played.tally.rejected, 1);
    assert_eq!(numbers.get("saturated", None), Some(60_000_000), "from 4 s to 10 s");
}

#[test]
fn jobs_that_are_not_done_are_censored() {
    let (played, numbers) = play(ten_seconds(JobDispatch::Pull), &[0, 1], 5);
    assert_eq!((played.tally.wait.count(), played.tally.wait.censored()), (2, 1));
    assert_eq!(numbers.get("wait", Some(Statistic::Max)), Some(i128::from(4 * SECOND)));
    assert_eq!((played.tally.latency.count(), played.tally.latency.censored()), (1, 1));
}

/// Bounds that fall from two to one after a minute, and a job of five minutes on each replica.
fn cut(retry: bool, dispatch: JobDispatch) -> SeedRun {
    let mut workload = ServiceWork::new(JobDuration::Fixed(5 * MINUTE));
    (workload.retry, workload.dispatch) = (retry, dispatch);
    let two = Bounds { min: 2, max: 2 };
    let one = BoundsWindow { from: MINUTE, to: HOUR, bounds: Bounds { min: 1, max: 1 } };
    let mut service = SimulatedService::new(workload, Schedule::new(two, vec![one]), ReplicaPolicy::Fixed(2));
    (service.warm_up, service.start) = (Some(0), Start::Count(2));
    play(service, &[1, 2], 1800).0
}

#[test]
fn scale_in_kills_what_outlasts_its_grace() {
    for dispatch in [JobDispatch::Pull, JobDispatch::Push(Choice::Least)] {
        let lost = cut(false, dispatch);
        assert_eq!((lost.tally.killed, lost.tally.retried, lost.tally.latency.count()), (1, 0, 1));
        let [step] = lost.moves.as_slice() else { panic!("{:?}", lost.moves) };
        assert_eq!((step.from, step.to, step.by), (2, 1, ChangedBy::Bounds));
        // the leaving replica is paid for its grace of 30 s
        let (existing, spec, _) = lost.tally.replica_times();
        assert_eq!(existing - spec, i128::from(30 * SECOND));
        let retried = cut(true, dispatch);
        assert_eq!((retried.tally.killed, retried.tally.retried, retried.tally.latency.count()), (0, 1, 2));
        // killed at the step plus 30 s, started again when the other job is done at 301 s
        let last = retried.tally.latency.clone().percentile(1000).unwrap();
        assert_eq!(last, (301 + 300 - 2) * SECOND, "the youngest replica had the second job");
    }
}

#[test]
fn replicas_are_scheduled_then_start_then_take_jobs() {
    let mut workload = ServiceWork::new(JobDuration::Fixed(SECOND));
    workload.replica.schedule = 5 * SECOND;
    workload.replica.start = ReadyTime::Fixed(20 * SECOND);
    let policy = ReplicaPolicy::Fixed(1);
    let mut service = SimulatedService::new(workload, Schedule::always(Bounds { min: 1, max: 1 }), policy);
    (service.warm_up, service.start) = (Some(0), Start::Count(0));
    let (played, _) = play(service.clone(), &[0], 120);
    let made = played.moves[0].at;
    assert!(made < 15 * SECOND, "the first sync is within 15 s");
    assert_eq!(played.tally.wait.max(), Some(made + 25 * SECOND));
    assert_eq!(played.tally.cold, 1);
    // a node that is full: the second replica comes when the first has gone, which is never
    service.workload.replica.fits = Some(1);
    service.policy = ReplicaPolicy::Fixed(2);
    service.schedule = Schedule::always(Bounds { min: 2, max: 2 });
    let (played, _) = play(service, &[0, 0], 120);
    assert_eq!(played.tally.wait.max(), Some(made + 26 * SECOND));
}

#[test]
fn throttled_jobs_run_slower_all_alike() {
    let mut workload = ServiceWork::new(JobDuration::Fixed(10 * SECOND));
    workload.concurrency = 4;
    workload.cpu = Some(ReplicaCpu { per_job: 1000, idle: 0, request: 500, limit: Some(1000) });
    let policy = ReplicaPolicy::Fixed(1);
    let mut service = SimulatedService::new(workload, Schedule::always(Bounds { min: 1, max: 1 }), policy);
    (service.warm_up, service.start) = (Some(0), Start::Count(1));
    let (played, numbers) = play(service.clone(), &[0, 0], 100);
    assert_eq!(played.tally.latency.max(), Some(20 * SECOND));
    // alone for 5 s, then both at half speed: the first ends at 15 s, the second with 5 s left of work at 20 s
    let (played, _) = play(service.clone(), &[0, 5], 100);
    assert_eq!((played.tally.latency.max(), played.tally.latency.mean()), (Some(15 * SECOND), Some(15 * SECOND)));
    assert_eq!(numbers.get("throttled", None), Some(200_000_000));
    service.workload.cpu = Some(ReplicaCpu { per_job: 1000, idle: 0, request: 500, limit: None });
    let (played, _) = play(service, &[0, 0], 100);
    assert_eq!(played.tally.latency.max(), Some(10 * SECOND));
}

#[test]
fn an_hpa_on_cpu_follows_load_and_pays_with_time() {
    let mut workload = ServiceWork::new(JobDuration::Exponential { mean: 2 * SECOND });
    workload.concurrency = 4;
    workload.cpu = Some(ReplicaCpu { per_job: 250, idle: 10, request: 1000, limit: None });
    let metric = Metric::Resource(PodResource::Cpu, ResourceTarget::Utilization(60));
    let policy = ReplicaPolicy::Hpa { config: hpa::HpaSetup::new(vec![metric]), signals: vec![MetricSource::Cpu] };
    let service = SimulatedService::new(workload, Schedule::always(Bounds { min: 1, max: 40 }), policy);
    // 12 jobs a second want 24 slots × 250 m = 6 cores, at 60 % of one core a pod: 10 pods
    let results = Results::play(&service, &Trace::constant(12.0, 2 * HOUR), 1, 3, Some(0.5));
    let hours = results.across("replica_hours", None).unwrap();
    assert!((18_000_000_000..27_000_000_000).contains(&hours.median), "{hours:?}");
    let cost = results.across("cost", None).unwrap();
    assert!((cost.median * 2 - hours.median).abs() <= 2);
}

#[test]
fn keda_sleeps_and_wakes_and_foundry_wakes_at_once() {
    let trigger = keda::KedaTrigger::External { target: ExternalTarget::AverageValue(1000), activation: 0.0 };
    let config = keda::KedaSetup { triggers: vec![trigger], max: 5, ..keda::KedaSetup::default() };
    let policy = ReplicaPolicy::Keda { config, signals: vec![MetricSource::InSystem], formula: None };
    let workload = ServiceWork::new(JobDuration::Fixed(30 * SECOND));
    let bounds = Bounds { min: 0, max: 5 };
    let mut service = SimulatedService::new(workload, Schedule::always(bounds), policy);
    (service.warm_up, service.start) = (Some(0), Start::Count(1));
    let (played, _) = play(service.clone(), &[1200], 2400);
    let kinds: Vec<(i32, i32, ChangedBy)> = played.moves.iter().map(|step| (step.from, step.to, step.by)).collect();
    assert_eq!(kinds, [(1, 0, ChangedBy::Activation), (0, 1, ChangedBy::Activation), (1, 0, ChangedBy::Activation)]);
    assert_eq!(played.tally.cold, 1);
    // 0 → 1 comes at the first poll after a scrape that saw the job, and the pod starts for 30 s
    let wait = played.tally.wait.max().unwrap();
    assert!((30 * SECOND..76 * SECOND).contains(&wait), "{wait}");

    service.policy =
        ReplicaPolicy::Foundry(foundry::FoundrySetup { down_delay: 5 * MINUTE, ..foundry::FoundrySetup::default() });
    let (played, _) = play(service, &[1200], 2400);
    assert_eq!(played.tally.wait.max(), Some(30 * SECOND), "it wakes when the request comes");
    assert_eq!(played.tally.steps, 3);
}

#[test]
fn gaps_are_not_scored_and_metrics_fail_there() {
    let step = |from: i64, to: i64, quality| DemandStep {
        from: from * SECOND,
        to: to * SECOND,
        jobs: Jobs::Counted(10),
        quality,
    };
    let trace =
        Trace::new(vec![step(0, 600, Quality::Known), step(600, 900, Quality::Gap), step(1000, 2000, Quality::Capped)]);
    assert!((trace.gap_share() - 0.2).abs() < 1e-12 && (trace.capped_share() - 0.625).abs() < 1e-12);
    let played = run(&fixed(JobDuration::Fixed(SECOND), 1, JobDispatch::Pull), &trace, 1);
    assert_eq!((played.tally.arrived, played.tally.scored), (20, 1600 * SECOND));
}

#[test]
fn arrivals_even_counted_and_in_batches() {
    let service = |arrivals| {
        let mut service = fixed(JobDuration::Fixed(SECOND), 100, JobDispatch::Pull);
        service.arrivals = arrivals;
        service.record_jobs = true;
        service
    };
    let step =
        |from: i64, to: i64, jobs| DemandStep { from: from * SECOND, to: to * SECOND, jobs, quality: Quality::Known };
    let counted = Trace::new(vec![step(0, 100, Jobs::Counted(7)), step(100, 150, Jobs::Counted(5))]);
    for arrivals in [Arrivals::Even, Arrivals::Poisson] {
        assert_eq!(run(&service(arrivals), &counted, 3).jobs, 12);
    }
    let starts: Vec<Nanos> = run(&service(Arrivals::Even), &counted, 3).starts.iter().map(|start| start.1).collect();
    assert_eq!(starts[7..], [105, 115, 125, 135, 145].map(|at| at * SECOND));
    // 0.4 jobs a step are two jobs in five steps
    let thin = Trace::new((0..50).map(|at| step(at * 10, at * 10 + 10, Jobs::Expected(0.4))).collect());
    assert_eq!(run(&service(Arrivals::Even), &thin, 3).jobs, 20);
    let batches = run(&service(Arrivals::Batch(5)), &Trace::constant(1.0, 1000 * SECOND), 3);
    assert!(batches.jobs.is_multiple_of(5) && (700..1300).contains(&batches.jobs), "{}", batches.jobs);
    let same = batches.starts.chunks(5).all(|chunk| chunk.iter().all(|start| start.1 == chunk[0].1));
    assert!(same, "a batch arrives at once");
}

#[test]
fn policies_of_one_seed_meet_the_same_jobs() {
    let arrived = |replicas| {
        let mut service = fixed(JobDuration::Exponential { mean: SECOND }, replicas, JobDispatch::Pull);
        service.record_jobs = true;
        let mut starts = run(&service, &Trace::constant(5.0, 100 * SECOND), 9).starts;
        starts.sort_unstable();
        starts.iter().map(|(job, start, end)| (*job, end - start)).collect::<Vec<_>>()
    };
    let (few, many) = (arrived(6), arrived(60));
    assert_eq!(few[..400], many[..400]);
    let other = fixed(JobDuration::Exponential { mean: SECOND }, 6, JobDispatch::Pull);
    let jobs = |seed| run(&other, &Trace::constant(5.0, 100 * SECOND), seed).jobs;
    assert_ne!(jobs(9), jobs(10));
    assert_eq!(jobs(9), jobs(9));
}
