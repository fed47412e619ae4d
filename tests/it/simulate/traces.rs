//! Cpu of three data centres (Alibaba 2018, Google 2019, Azure V2) played by every engine: real shapes, noise and, cut into them,
//! holes. Laws, no goldens: bounds hold, the plain second HPA agrees at every tick, and a hole changes nothing.

use super::command::spec;
use super::plain::Plain;
use crate::cli::program::scalegen;
use crate::common::judge::not_tested;
use scalegen::simulate::hpa::{
    Hpa, HpaSetup, HpaTick, Metric, Phase, Pod, PodReading, PodResource, PodSample, Pods, Reading, Ready,
    ResourceTarget,
};
use scalegen::simulate::keda::{KedaMemory, KedaSetup, KedaTrigger, Values};
use scalegen::simulate::{Bounds, SECOND};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Tables, the column of cpu in each, and the least number of samples.
const TABLES: [(&str, &str, usize); 3] =
    [("alibaba2018", "cpu_util_percent", 2200), ("google2019", "cpu_util", 8000), ("azure_v2", "cpu_usage", 8600)];

/// Milli-cores of a service with cpu of a recording's shape: the largest sample is 30 cores.
fn recording(name: &str, column: &str) -> Option<Vec<i64>> {
    let path = Path::new(".consumers/traces").join(format!("{name}.csv"));
    let Ok(text) = fs::read_to_string(&path) else {
        not_tested("the recordings of data centres (.consumers/traces) are not here");
        return None;
    };
    let mut lines = text.lines();
    let at = lines.next().unwrap().split(',').position(|head| head == column).expect(column);
    let values: Vec<f64> = lines.map(|line| line.split(',').nth(at).unwrap().parse().unwrap()).collect();
    let most = values.iter().copied().fold(0.0, f64::max);
    #[allow(clippy::cast_possible_truncation)]
    Some(values.iter().map(|value| (value / most * 30_000.0).round() as i64).collect())
}

/// Samples that are missing: some hours in every few days.
fn is_hole(index: usize) -> bool {
    index % 700 > 640
}

const BOUNDS: Bounds = Bounds { min: 2, max: 130 };
const REQUEST: i64 = 500;

/// Pods that share the cpu of an instant; the youngest are not ready yet.
fn shown(now: i64, cores: Option<i64>, count: i32, unready: i32) -> (Vec<Pod>, Vec<PodReading>) {
    let pod = |index: i32| {
        let young = index >= count - unready;
        let started = now - if young { 20 } else { 4000 } * SECOND;
        let ready = if young { Ready::False } else { Ready::True };
        Pod { phase: Phase::Running, deleted: false, ready, ready_changed: started, started: Some(started) }
    };
    let reading = |index: i32| {
        let share = cores.map(|cores| cores / i64::from(count.max(1)) + i64::from(index % 3));
        let sample = share.map(|value| PodSample { value, at: now, window: 15 * SECOND });
        PodReading { sample, request: Some(REQUEST) }
    };
    (0..count).map(|index| (pod(index), reading(index))).unzip()
}

/// Plays a recording through an HPA and its plain copy, 4 syncs a sample. `watch` sees each tick: now, whether cpu is known, before
/// and after.
fn play(config: &HpaSetup, bounds: Bounds, cores: &[i64], mut watch: impl FnMut(i64, bool, i32, i32)) {
    let (mut hpa, mut plain) = (Hpa::new(config.clone()), Plain::new(config.clone(), None));
    let (mut current, mut before) = (bounds.min, bounds.min);
    for (index, total) in cores.iter().enumerate() {
        let known = (!is_hole(index)).then_some(*total);
        for turn in 0..4 {
            let now = (i64::try_from(index).unwrap() * 300 + turn * 75) * SECOND;
            // what was added last is not ready at the next sync
            let (pods, readings) = shown(now, known, current, (current - before).max(0));
            let readings = [known.map_or(Reading::Failed, |_| Reading::Pods(&readings))];
            let tick = HpaTick { now, current, status: current, bounds, pods: Pods::List(&pods), readings: &readings };
            let (one, other) = (hpa.tick(&tick).replicas, plain.tick(&tick));
            assert_eq!(one, other, "sample {index}, sync {turn}: {tick:?}");
            watch(now, known.is_some(), current, one);
            (before, current) = (current, one);
        }
    }
}

#[test]
fn an_hpa_on_the_cpu_of_data_centres_keeps_its_laws() {
    for (name, column, least) in TABLES {
        let Some(cores) = recording(name, column) else { return };
        assert!(cores.len() >= least && cores.iter().all(|cores| (1..=30_000).contains(cores)), "{name}");
        for percent in [50, 80] {
            let config = HpaSetup::new(vec![Metric::Resource(PodResource::Cpu, ResourceTarget::Utilization(percent))]);
            let (mut moves, mut blind, mut seen) = (0, 0, (BOUNDS.max, BOUNDS.min));
            play(&config, BOUNDS, &cores[..2200], |now, known, before, after| {
                assert!((BOUNDS.min..=BOUNDS.max).contains(&after), "{name} at {now}: {after}");
                assert!(known || before == after, "{name} at {now}: nothing is known, {before} → {after}");
                assert!(after <= (2 * before).max(4), "{name} at {now}: S21 allows no more, {before} → {after}");
                moves += usize::from(before != after);
                blind += usize::from(!known);
                seen = (seen.0.min(after), seen.1.max(after));
            });
            assert!(
                moves > 10 && blind > 400 && seen.1 > seen.0 + 5,
                "{name}, {percent} %: {moves}, {blind}, {seen:?}"
            );
        }
    }
}

#[test]
fn keda_on_the_cpu_of_data_centres_is_its_hpa_and_never_sleeps() {
    let cpu = Metric::Resource(PodResource::Cpu, ResourceTarget::Utilization(70));
    for (name, column, _) in TABLES {
        let Some(cores) = recording(name, column) else { return };
        let config = KedaSetup { triggers: vec![KedaTrigger::Resource(cpu)], max: BOUNDS.max, ..KedaSetup::default() };
        let mut keda = KedaMemory::new(config);
        let (hpa, bounds) = (keda.hpa_config(), keda.hpa_bounds());
        assert_eq!((hpa.metrics.as_slice(), bounds), ([cpu].as_slice(), Bounds { min: 1, max: BOUNDS.max }));
        let mut polls = 0;
        play(&hpa, bounds, &cores[..2200], |now, known, before, after| {
            assert!((1..=BOUNDS.max).contains(&after), "{name} at {now}: {after}");
            // K3: a trigger on cpu alone is always active, and one that fails changes nothing
            let value = known.then_some(0.0);
            let polled = keda.poll(now, before, Values { triggers: &[value], formula: None });
            assert_eq!(polled, None, "{name} at {now}: {before}");
            polls += 1;
        });
        assert_eq!(polls, 4 * 2200);
        let waking = keda.poll(i64::MAX / 2, 0, Values { triggers: &[Some(0.0)], formula: None });
        assert_eq!(waking, Some(1));
    }
}

#[test]
fn every_engine_plays_the_cpu_of_data_centres() {
    let mut steps: BTreeMap<String, f64> = BTreeMap::new();
    for (name, column, _) in TABLES {
        let Some(cores) = recording(name, column) else { return };
        let dir = TempDir::new().unwrap();
        let text = "replicas: { min: 2, max: 130 }\nconcurrency: 2\n\
            workload: { serviceTime: 60s, cpuPerJob: 250m }\n\
            autoscaling: { signal: cpu, scaleUp: { threshold: 0.7 }, scaleDown: { threshold: 0.5 } }\n\
            resources: { requests: { cpu: 500m, memory: 1Gi }, limits: { memory: 1Gi } }";
        spec(dir.path(), text);
        // a day and a half with its hole
        let mut table = "time,value\n".to_owned();
        let part = 400..832;
        let holes = part.clone().filter(|index| is_hole(*index)).count();
        for index in part.clone().filter(|index| !is_hole(*index)) {
            let at = 1_795_392_000 + (index - part.start) * 300;
            let (whole, milli) = (cores[index] / 1000, cores[index] % 1000);
            let _ = writeln!(table, "{at},{whole}.{milli:03}");
        }
        fs::write(dir.path().join("cpu.csv"), table).unwrap();
        let args = ["simulate", "scalegen.yaml", "--load", "cpu:cpu.csv", "--runs", "1", "--arrivals", "poisson"];
        let policies = ["--policy", "hpa", "--policy", "keda", "--policy", "foundry", "--policy", "fixed:40"];
        let forms = ["--accept-capped", "--format", "json"];
        let ran = scalegen(dir.path(), &[&args[..], &policies, &forms].concat());
        assert_eq!(ran.code, 0, "{name}: {}{}", ran.err, ran.out);
        let said: Json = serde_json::from_str(&ran.out).unwrap();
        let load = &said["loads"][0];
        assert_eq!(load["samples"], part.len() - holes, "{name}");
        #[allow(clippy::cast_precision_loss)]
        let wanted = holes as f64 / part.len() as f64;
        let gap = load["gap"].as_f64().unwrap();
        assert!((gap - wanted).abs() < 0.01, "{name}: {gap} of the time has no sample, {wanted} was cut out");
        let trials = said["trials"].as_array().unwrap();
        assert_eq!(trials.len(), 4, "{name}");
        let hours = (1.0 - gap) * 36.0;
        let arrivals = |trial: &Json| trial["results"]["results"]["arrivals"]["median"].as_f64().unwrap();
        for trial in trials {
            let number = |what: &str| trial["results"]["results"][what]["median"].as_f64().unwrap();
            let policy = trial["policy"].as_str().unwrap();
            let mean = number("spec_hours") / hours;
            assert!((1.9..=130.1).contains(&mean), "{name}, {policy}: {mean} replicas");
            if policy.contains("fixed") {
                assert!((mean - 40.0).abs() < 0.5 && number("steps") == 0.0, "{name}: {mean}");
            }
            *steps.entry(policy.to_owned()).or_default() += number("steps");
            assert!(number("replica_hours") >= number("spec_hours") * 0.99, "{name}, {policy}");
            // the same jobs under every policy, as many as so many cores are used for: 15 core-seconds each
            assert_eq!(arrivals(trial), arrivals(&trials[0]), "{name}, {policy}");
            let used: i64 = part.clone().filter(|index| !is_hole(*index)).map(|index| cores[index] * 300).sum();
            #[allow(clippy::cast_precision_loss)]
            let jobs = used as f64 / 1000.0 / 15.0;
            assert!((arrivals(trial) / jobs - 1.0).abs() < 0.1, "{name}: {} jobs, {jobs} wanted", arrivals(trial));
        }
    }
    let moving = steps.iter().filter(|(policy, _)| !policy.contains("fixed"));
    assert!(steps.len() == 4 && moving.clone().all(|(_, steps)| *steps > 20.0), "{steps:?}");
}
