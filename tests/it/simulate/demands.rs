//! Demand behind recordings: rates, running jobs, cpu; gaps and capped time.

use scalegen::simulate::demand::{DemandSample, Recorded, demand};
use scalegen::simulate::trace::{Jobs, Quality};
use scalegen::simulate::{MINUTE, Nanos, SECOND};

fn samples(every: Nanos, values: &[f64]) -> Vec<DemandSample> {
    let sample = |(index, value): (usize, &f64)| DemandSample {
        at: i64::try_from(index).unwrap() * every,
        value: *value,
        ..DemandSample::default()
    };
    values.iter().enumerate().map(sample).collect()
}

fn expected(jobs: Jobs) -> f64 {
    match jobs {
        Jobs::Expected(mean) => mean,
        #[allow(clippy::cast_precision_loss)]
        Jobs::Counted(count) => count as f64,
    }
}

const RUNNING: Recorded = Recorded::Running { service: 30 * SECOND, slots: 2 };

#[test]
fn arrivals_stay_and_rates_are_multiplied() {
    let arrivals = demand(&samples(MINUTE, &[3.0, 0.5, -2.0]), Recorded::Arrivals);
    let jobs: Vec<Jobs> = arrivals.trace.steps.iter().map(|step| step.jobs).collect();
    assert_eq!(jobs, [Jobs::Counted(3), Jobs::Expected(0.5), Jobs::Counted(0)]);
    let rate = demand(&samples(MINUTE, &[2.0, 1.0]), Recorded::Rate);
    assert_eq!(rate.trace.steps[0].jobs, Jobs::Expected(120.0));
    assert_eq!((rate.trace.to(), rate.guessed), (2 * MINUTE, false));
}

#[test]
fn a_hole_of_more_than_three_steps_is_a_gap() {
    let mut three = samples(MINUTE, &[1.0; 6]);
    three[5].at = 7 * MINUTE;
    assert!(demand(&three, Recorded::Rate).trace.gap_share().abs() < 1e-12, "a hole of three steps holds");
    three[5].at = 8 * MINUTE;
    let trace = demand(&three, Recorded::Rate).trace;
    assert_eq!(trace.steps[4].to, 5 * MINUTE);
    assert!((trace.gap_share() - 3.0 / 9.0).abs() < 1e-12);
}

#[test]
fn running_jobs_are_a_rate_by_little() {
    let mut all = samples(15 * SECOND, &[6.0; 100]);
    for sample in &mut all {
        sample.queued = Some(3.0);
    }
    let found = demand(&all, RUNNING);
    // nine in the system for 30 s each are 0.3 a second, 4.5 in 15 s
    assert!(found.trace.steps.iter().all(|step| (expected(step.jobs) - 4.5).abs() < 1e-9));
    assert!(found.trace.capped_share() == 0.0 && !found.guessed, "with the queue known nothing is cut");
}

#[test]
fn noise_is_smoothed_over_five_minutes_or_ten_service_times() {
    let values: Vec<f64> = (0..200).map(|at| if at % 2 == 0 { 0.0 } else { 8.0 }).collect();
    let found = demand(&samples(15 * SECOND, &values), RUNNING);
    let jobs: Vec<f64> = found.trace.steps.iter().map(|step| expected(step.jobs)).collect();
    let total: f64 = jobs.iter().sum();
    // a mean of 4 in the system is 2 jobs in 15 s
    assert!((total / 200.0 - 2.0).abs() < 0.01, "{total}");
    assert!(jobs.iter().all(|jobs| (1.8..2.2).contains(jobs)));
}

#[test]
fn capped_by_capacity_or_by_a_guess() {
    let values = [1.0, 5.7, 5.6, 6.0, 6.0, 6.0, 2.0, 6.0, 6.0];
    let qualities = |list: &[DemandSample]| {
        let found = demand(list, RUNNING);
        let capped: Vec<bool> = found.trace.steps.iter().map(|step| step.quality == Quality::Capped).collect();
        (capped, found.guessed)
    };
    let mut known = samples(MINUTE, &values);
    for sample in &mut known {
        sample.replicas = Some(3.0);
    }
    assert_eq!(qualities(&known), (vec![false, true, false, true, true, true, false, true, true], false));
    let guess = qualities(&samples(MINUTE, &values));
    assert_eq!(guess, (vec![false, false, false, true, true, true, false, false, false], true));
}

#[test]
fn cpu_is_work_after_what_idle_replicas_use() {
    let recorded = Recorded::Cpu { service: 10 * SECOND, per_job: 0.25, idle: 0.1, limit: Some(1.0) };
    let mut all = samples(MINUTE, &[2.4; 20]);
    for sample in &mut all {
        sample.replicas = Some(4.0);
    }
    all[3].value = 3.8;
    let found = demand(&all, recorded);
    // 2.0 cores of work are 8 jobs at once, 0.8 a second, 48 a minute
    assert!((expected(found.trace.steps[15].jobs) - 48.0).abs() < 1e-9);
    let capped: Vec<usize> = found
        .trace
        .steps
        .iter()
        .enumerate()
        .filter(|(_, step)| step.quality == Quality::Capped)
        .map(|(index, _)| index)
        .collect();
    assert_eq!(capped, [3]);
}

#[test]
fn nothing_and_one_sample() {
    assert!(demand(&[], Recorded::Rate).trace.steps.is_empty());
    assert_eq!(demand(&samples(MINUTE, &[1.0]), Recorded::Rate).trace.to(), MINUTE);
    let twice = [DemandSample::default(), DemandSample { value: 5.0, ..DemandSample::default() }];
    assert_eq!(demand(&twice, Recorded::Rate).trace.steps.len(), 1);
}
