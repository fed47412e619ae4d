//! A drain delay: how long a leaving replica runs on before it is told to stop. And signals that a spec may list.

use super::command::{json, minutes, number, spec};
use crate::cli::program::scalegen;
use scalegen::simulate::jobs::{SeedRun, SimulatedService, Start, run};
use scalegen::simulate::policy::ReplicaPolicy;
use scalegen::simulate::schedule::{BoundsWindow, Schedule};
use scalegen::simulate::trace::{Arrivals, DemandStep, Jobs, Quality, Trace};
use scalegen::simulate::workload::{Choice, JobDispatch, JobDuration, ServiceWork};
use scalegen::simulate::{Bounds, Nanos, SECOND};
use tempfile::TempDir;

/// Two replicas until 100 s, then one: jobs of 10 s at these seconds, a drain delay of 20 s, a grace of 25 s.
fn leaves(dispatch: JobDispatch, seconds: &[i64]) -> SeedRun {
    let mut workload = ServiceWork::new(JobDuration::Fixed(10 * SECOND));
    workload.dispatch = dispatch;
    (workload.replica.drain, workload.replica.grace) = (20 * SECOND, 25 * SECOND);
    let two = Bounds { min: 2, max: 2 };
    let one = Bounds { min: 1, max: 1 };
    let window = BoundsWindow { from: -1000 * SECOND, to: 100 * SECOND, bounds: two };
    let mut service = SimulatedService::new(workload, Schedule::new(one, vec![window]), ReplicaPolicy::Fixed(2));
    let instants: Vec<Nanos> = seconds.iter().map(|at| at * SECOND).collect();
    let count = u64::try_from(instants.len()).unwrap();
    service.arrivals = Arrivals::Listed(instants.into());
    (service.warm_up, service.start, service.record) = (Some(0), Start::Count(2), true);
    service.record_jobs = true;
    let step = DemandStep { from: 0, to: 300 * SECOND, jobs: Jobs::Counted(count), quality: Quality::Known };
    run(&service, &Trace::new(vec![step]), 1)
}

/// When it left: the first sync from 100 s on.
fn left_at(played: &SeedRun) -> Nanos {
    let [step] = played.moves.as_slice() else { panic!("{:?}", played.moves) };
    assert_eq!((step.from, step.to), (2, 1));
    step.at
}

#[test]
fn an_idle_replica_stays_for_its_drain_delay() {
    for dispatch in [JobDispatch::Pull, JobDispatch::Push(Choice::Least)] {
        let played = leaves(dispatch, &[1]);
        let (existing, spec, _) = played.tally.replica_times();
        assert_eq!(existing - spec, i128::from(20 * SECOND), "{dispatch:?}");
        assert_eq!(played.existing.last(), Some(&(left_at(&played) + 20 * SECOND, 1)));
    }
}

#[test]
fn who_pulls_takes_jobs_until_it_is_told_to_stop() {
    // two jobs once one of the two replicas leaves: the leaving one takes the second, if it pulls
    let left = left_at(&leaves(JobDispatch::Pull, &[1])) / SECOND;
    let jobs = [1, left + 2, left + 2];
    let pulled = leaves(JobDispatch::Pull, &jobs);
    assert_eq!((pulled.tally.wait.max(), pulled.tally.killed), (Some(0), 0));
    let pushed = leaves(JobDispatch::Push(Choice::Least), &jobs);
    assert_eq!((pushed.tally.wait.max(), pushed.tally.killed), (Some(10 * SECOND), 0));
    // one that it takes 18 s after it began to leave runs until 28 s: the grace of 25 s kills it
    let late = leaves(JobDispatch::Pull, &[1, left + 18, left + 18]);
    assert_eq!((late.tally.wait.max(), late.tally.killed), (Some(0), 1));
    // and 22 s after it nobody takes jobs but the one that stays
    let after = leaves(JobDispatch::Pull, &[1, left + 22, left + 22]);
    assert_eq!((after.tally.wait.max(), after.tally.killed), (Some(10 * SECOND), 0));
}

#[test]
fn the_specs_drain_delay_is_played_and_said() {
    let dir = TempDir::new().unwrap();
    minutes(dir.path(), "rate.csv", &[(0.5, 60)]);
    let service = "replicas: { min: 1, max: 6 }\nworkload: { serviceTime: 4s }\nstopGracePeriod: 5m\n\
        autoscaling: { signal: load, scaleUp: { threshold: 0.7, delay: 15s }, scaleDown: { threshold: 0.7, delay: 30s } }\n";
    let hours = |more: &str| {
        spec(dir.path(), &format!("{service}{more}"));
        let (code, said) = json(dir.path(), &["--load", "rate:rate.csv", "--policy", "foundry", "--runs", "3"]);
        assert_eq!(code, 0);
        let trial = &said["trials"][0];
        (number(trial, "replica_hours/median") - number(trial, "spec_hours/median"), trial["assumptions"].clone())
    };
    let (without, none) = hours("");
    assert!(none.get("drain delay of a replica").is_none(), "{none}");
    let (with, said) = hours("drainDelay: 2m\n");
    assert!(with > without + 0.1, "{with} hours of leaving replicas, {without} without a delay");
    assert_eq!(said["drain delay of a replica"], "2m of its grace, in which it goes on to take jobs");
}

/// A recording under which load asks for few replicas, and cpu for many.
const LISTED: &str = "replicas: { min: 1, max: 9 }\nconcurrency: 10\nworkload: { serviceTime: 10s, cpuPerJob: 200m }\n\
    resources: { requests: { cpu: 500m, memory: 1Gi }, limits: { cpu: 2, memory: 2Gi } }\n";

#[test]
fn the_largest_of_several_signals_counts() {
    let dir = TempDir::new().unwrap();
    minutes(dir.path(), "rate.csv", &[(1.0, 90)]);
    let prometheus = "metrics: { prometheus: { server: \"http://p:9090\", running: r } }";
    let hours = |signals: &str, policy: &str| {
        spec(
            dir.path(),
            &format!("{LISTED}autoscaling: {{ signal: {signals}, scaleUp: {{ threshold: 0.8 }}, {prometheus} }}"),
        );
        let (code, said) = json(dir.path(), &["--load", "rate:rate.csv", "--policy", policy, "--runs", "2"]);
        assert_eq!(code, 0, "{said}");
        number(&said["trials"][0], "spec_hours/median")
    };
    for policy in ["hpa", "keda"] {
        let (load, cpu) = (hours("load", policy), hours("cpu", policy));
        let both = hours("[load, cpu]", policy);
        // 10 jobs run: by load 2 replicas of 10 slots, by cpu 2 cores of 0.4 each
        assert!(cpu > 2.0 * load, "{policy}: {cpu} and {load}");
        // the delays are those of the first signal, so the number is not that of cpu alone
        assert!(both > 2.0 * load, "{policy}: {both} of both, {load} of load alone");
    }
}

#[test]
fn memory_is_refused_with_the_way() {
    let dir = TempDir::new().unwrap();
    minutes(dir.path(), "rate.csv", &[(1.0, 30)]);
    for (signals, policy, way) in [
        ("memory", "hpa", "play `--policy fixed:N` or `--policy foundry` in its place"),
        ("[load, memory]", "hpa", "take `memory` out of the list in a copy of the spec"),
        ("[load, memory]", "keda", "take `memory` out of the list in a copy of the spec"),
        ("[memory, cpu]", "keda", "take `memory` out of the list in a copy of the spec"),
    ] {
        let prometheus = "metrics: { prometheus: { server: \"http://p:9090\", running: r } }";
        spec(
            dir.path(),
            &format!("{LISTED}autoscaling: {{ signal: {signals}, scaleUp: {{ threshold: 0.8 }}, {prometheus} }}"),
        );
        let ran = scalegen(dir.path(), &["simulate", "--load", "rate:rate.csv", "--policy", policy]);
        assert_eq!((ran.code, ran.err.contains(way)), (2, true), "{signals}: {}", ran.err);
        // the way is one
        let other =
            scalegen(dir.path(), &["simulate", "--load", "rate:rate.csv", "--policy", "fixed:3", "--runs", "1"]);
        assert_eq!(other.code, 0, "{}", other.err);
    }
}
