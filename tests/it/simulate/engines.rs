//! KEDA's loop, Foundry's rule, windows: each statement at its edges.

use scalegen::simulate::foundry::{self, Foundry, Outside};
use scalegen::simulate::hpa::{ExternalTarget, Metric, PodResource, Reading, ResourceTarget, Select};
use scalegen::simulate::keda::{
    Annotations, Fallback, FallbackBehavior, Formula, KedaMemory, KedaSetup, KedaTrigger, Values, cron,
};
use scalegen::simulate::schedule::{BoundsWindow, Schedule};
use scalegen::simulate::{Bounds, MINUTE, SECOND};

const TRIGGER: KedaTrigger = KedaTrigger::External { target: ExternalTarget::AverageValue(2000), activation: 5.0 };

fn keda(change: impl FnOnce(&mut KedaSetup)) -> KedaMemory {
    let mut config = KedaSetup { triggers: vec![TRIGGER], max: 10, ..KedaSetup::default() };
    change(&mut config);
    KedaMemory::new(config)
}

fn poll(keda: &mut KedaMemory, seconds: i64, replicas: i32, value: Option<f64>) -> Option<i32> {
    keda.poll(seconds * SECOND, replicas, Values { triggers: &[value], formula: None })
}

fn read(keda: &mut KedaMemory, current: i32, ready: i32, value: Option<f64>, formula: Option<f64>) -> Option<i64> {
    let mut readings = Vec::new();
    keda.readings(current, ready, Values { triggers: &[value], formula }, &mut readings);
    match readings.as_slice() {
        [Reading::Total(total)] => Some(*total),
        [Reading::Failed] => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn k1_bounds_and_defaults() {
    let defaults = KedaSetup::default();
    assert_eq!((defaults.polling, defaults.cooldown, defaults.min, defaults.max), (30 * SECOND, 300 * SECOND, 0, 100));
    assert_eq!(keda(|_| ()).hpa_bounds(), Bounds { min: 1, max: 10 });
    assert_eq!(keda(|config| config.min = 3).hpa_bounds(), Bounds { min: 3, max: 10 });
    assert_eq!(keda(|_| ()).hpa_config().behavior, None);
}

#[test]
fn k3_active_is_strictly_above_the_threshold() {
    let mut one = keda(|_| ());
    assert_eq!(poll(&mut one, 0, 0, Some(5.0)), None);
    assert_eq!(poll(&mut one, 30, 0, Some(5.001)), Some(1));
}

#[test]
fn k3_only_resources_are_active_unless_they_fail() {
    let cpu = KedaTrigger::Resource(Metric::Resource(PodResource::Cpu, ResourceTarget::Utilization(80)));
    let mut one = keda(|config| config.triggers = vec![cpu]);
    assert_eq!(poll(&mut one, 0, 0, None), None);
    assert_eq!(poll(&mut one, 30, 0, Some(0.0)), Some(1));
    // beside an external one they do not keep it awake
    let mut both = keda(|config| config.triggers = vec![TRIGGER, cpu]);
    let values = Values { triggers: &[Some(0.0), Some(0.0)], formula: None };
    assert_eq!(both.poll(1000 * SECOND, 4, values), Some(0));
}

#[test]
fn k4_from_zero_in_one_step_to_the_minimum() {
    assert_eq!(poll(&mut keda(|config| config.min = 4), 0, 0, Some(9.0)), Some(4));
    let idle = |config: &mut KedaSetup| (config.min, config.idle) = (4, Some(2));
    assert_eq!(poll(&mut keda(idle), 0, 2, Some(9.0)), Some(4));
    assert_eq!(poll(&mut keda(idle), 0, 4, Some(9.0)), None);
}

#[test]
fn k4_a_failing_trigger_does_not_renew_activity() {
    let mut one = keda(|config| config.triggers = vec![TRIGGER, TRIGGER]);
    let mut at = |seconds: i64, triggers: &[Option<f64>]| {
        one.poll(seconds * SECOND, 3, Values { triggers, formula: None });
        one.last_active()
    };
    assert_eq!(at(10, &[Some(9.0), Some(0.0)]), Some(10 * SECOND));
    assert_eq!(at(40, &[Some(9.0), None]), Some(10 * SECOND));
    assert_eq!(at(70, &[Some(9.0), Some(0.0)]), Some(70 * SECOND));
}

#[test]
fn k5_asleep_strictly_after_the_cooldown_from_any_number() {
    let mut one = keda(|_| ());
    // whole seconds are kept: 12.9 s is 12 s
    one.poll(12 * SECOND + 900_000_000, 7, Values { triggers: &[Some(9.0)], formula: None });
    assert_eq!(poll(&mut one, 312, 7, Some(0.0)), None);
    assert_eq!(poll(&mut one, 313, 7, Some(0.0)), Some(0));
}

#[test]
fn k5_never_active_counts_from_the_making() {
    let mut one = keda(|config| (config.created, config.initial_cooldown) = (100 * SECOND, 60 * SECOND));
    assert_eq!(poll(&mut one, 160, 2, Some(0.0)), None);
    assert_eq!(poll(&mut one, 161, 2, Some(0.0)), Some(0));
}

#[test]
fn k5_errors_do_nothing_but_with_a_fallback_of_zero() {
    assert_eq!(poll(&mut keda(|_| ()), 9999, 3, None), None);
    let fallback = |replicas| Some(Fallback { failures: 9, replicas, behavior: FallbackBehavior::Static });
    assert_eq!(poll(&mut keda(|config| config.fallback = fallback(2)), 9999, 3, None), None);
    assert_eq!(poll(&mut keda(|config| config.fallback = fallback(0)), 9999, 3, None), Some(0));
}

#[test]
fn k5_below_the_minimum_and_to_idle() {
    assert_eq!(poll(&mut keda(|config| config.min = 3), 0, 1, Some(0.0)), Some(3));
    let idle = |config: &mut KedaSetup| (config.min, config.idle) = (3, Some(0));
    assert_eq!(poll(&mut keda(idle), 9999, 1, Some(0.0)), Some(0));
    assert_eq!(poll(&mut keda(idle), 9999, 0, Some(0.0)), None);
    // with a minimum and no idle count nothing sleeps
    assert_eq!(poll(&mut keda(|config| config.min = 3), 9999, 5, Some(0.0)), None);
}

#[test]
fn k7_a_formula_is_truncated_and_nil_is_the_fallback() {
    let formula = Formula { target: ExternalTarget::AverageValue(1000), activation: 0.0 };
    let mut one = keda(|config| config.formula = Some(formula));
    assert_eq!(read(&mut one, 2, 2, Some(1.0), Some(1.9999)), Some(1999));
    assert_eq!(read(&mut one, 2, 2, Some(1.0), Some(-0.5)), Some(-500));
    assert_eq!(read(&mut one, 2, 2, Some(1.0), None), None);
    assert_eq!(read(&mut one, 2, 2, None, Some(4.0)), None);
    let fallback = Fallback { failures: 3, replicas: 6, behavior: FallbackBehavior::Static };
    let mut two = keda(|config| (config.formula, config.fallback) = (Some(formula), Some(fallback)));
    assert_eq!(read(&mut two, 2, 2, Some(1.0), None), Some(6000));
}

#[test]
fn k8_values_below_zero_are_zero() {
    for value in [-3.0, f64::NAN, f64::INFINITY] {
        assert_eq!(read(&mut keda(|_| ()), 1, 1, Some(value), None), Some(0));
    }
}

#[test]
fn k9_cron_is_active_from_start_to_end() {
    let hour = 60 * MINUTE;
    assert_eq!(cron(8 * hour, 18 * hour, 5).to_bits(), 0f64.to_bits(), "the start comes first: it has not begun");
    assert_eq!(cron(24 * hour, 8 * hour, 5).to_bits(), 5f64.to_bits());
    assert_eq!(cron(hour, hour, 5).to_bits(), 5f64.to_bits());
}

#[test]
fn k10_fallback_from_the_failure_after_the_threshold() {
    let fallback = |behavior| Some(Fallback { failures: 2, replicas: 4, behavior });
    let mut one = keda(|config| config.fallback = fallback(FallbackBehavior::Static));
    assert_eq!(read(&mut one, 9, 9, None, None), None);
    // both loops count
    assert_eq!(poll(&mut one, 0, 9, None), None);
    assert_eq!(read(&mut one, 9, 9, None, None), Some(8000));
    assert_eq!(read(&mut one, 9, 9, Some(1.0), None), Some(1000));
    assert_eq!(read(&mut one, 9, 9, None, None), None);
    for (behavior, current, wanted) in [
        (FallbackBehavior::Current, 9, 18_000),
        (FallbackBehavior::CurrentIfHigher, 9, 18_000),
        (FallbackBehavior::CurrentIfHigher, 3, 8000),
        (FallbackBehavior::CurrentIfLower, 9, 8000),
        (FallbackBehavior::CurrentIfLower, 3, 6000),
    ] {
        let mut one = keda(|config| config.fallback = fallback(behavior));
        let got = (0..3).map(|_| read(&mut one, current, 1, None, None)).last().flatten();
        assert_eq!(got, Some(wanted), "{behavior:?} at {current}");
    }
    let value = KedaTrigger::External { target: ExternalTarget::Value(2000), activation: 0.0 };
    let mut one = keda(|config| (config.triggers, config.fallback) = (vec![value], fallback(FallbackBehavior::Static)));
    let got: Vec<_> = [4, 4, 2, 0].into_iter().map(|ready| read(&mut one, 4, ready, None, None)).collect();
    assert_eq!(got, [None, None, Some(4000), None]);
}

#[test]
fn k10_a_trigger_in_fallback_counts_as_active() {
    let fallback = Fallback { failures: 0, replicas: 4, behavior: FallbackBehavior::Static };
    assert_eq!(poll(&mut keda(|config| config.fallback = Some(fallback)), 0, 0, None), Some(1));
}

#[test]
fn k11_annotations() {
    let with = |annotations| keda(|config| config.annotations = annotations);
    let none = Annotations::default();
    assert_eq!(poll(&mut with(Annotations { paused: true, ..none }), 0, 0, Some(9.0)), None);
    assert_eq!(poll(&mut with(Annotations { force_activation: true, ..none }), 0, 0, Some(0.0)), Some(1));
    let mut out = with(Annotations { paused_scale_out: true, ..none });
    assert_eq!((poll(&mut out, 0, 0, Some(9.0)), out.last_active()), (None, None));
    assert_eq!(out.hpa_config().behavior.unwrap().scale_up.select, Some(Select::Disabled));
    let mut inward = with(Annotations { paused_scale_in: true, ..none });
    assert_eq!(poll(&mut inward, 9999, 5, Some(0.0)), None);
    assert_eq!(inward.hpa_config().behavior.unwrap().scale_down.select, Some(Select::Disabled));
}

fn evaluate(foundry: &mut Foundry, seconds: i64, current: i32, running: f64) -> i32 {
    let bounds = Bounds { min: 0, max: 4 };
    let now = seconds * SECOND;
    foundry.tick(&foundry::FoundryTick { now, current, existing: current, bounds, running, waiting: false })
}

#[test]
fn f2_a_delay_of_a_minute_acts_at_the_fifth_evaluation() {
    let mut one = Foundry::new(foundry::FoundrySetup::default());
    let wanted = [2, 2, 2, 2, 3];
    for (index, wanted) in wanted.into_iter().enumerate() {
        assert_eq!(evaluate(&mut one, 15 * i64::try_from(index).unwrap(), 2, 1.5), wanted, "{index}");
    }
    // a step restarts both timers, from the step on
    for (seconds, wanted) in [(75, 3), (90, 3), (105, 3), (120, 4)] {
        assert_eq!(evaluate(&mut one, seconds, 3, 3.0), wanted, "{seconds}");
    }
    // at max nothing rises
    assert_eq!(evaluate(&mut one, 300, 4, 4.0), 4);
}

#[test]
fn f2_one_evaluation_below_stops_the_timer() {
    let mut one = Foundry::new(foundry::FoundrySetup::default());
    for (seconds, running, wanted) in [
        (0, 1.5, 2),
        (15, 1.5, 2),
        (30, 1.49, 2),
        (45, 1.5, 2),
        (60, 1.5, 2),
        (75, 1.5, 2),
        (90, 1.5, 2),
        (105, 1.5, 3),
    ] {
        assert_eq!(evaluate(&mut one, seconds, 2, running), wanted, "{seconds}");
    }
}

#[test]
fn f3_falls_by_one_to_zero_and_f5_wakes_at_once() {
    let config = foundry::FoundrySetup { down_delay: 30 * SECOND, ..foundry::FoundrySetup::default() };
    let mut one = Foundry::new(config);
    assert_eq!([0, 15, 30].map(|at| evaluate(&mut one, at, 1, 0.0)), [1, 1, 0]);
    assert_eq!(evaluate(&mut one, 45, 0, 0.0), 0);
    assert_eq!(one.request(50 * SECOND, 0, Bounds { min: 0, max: 4 }), Some(1));
    assert_eq!(one.request(50 * SECOND, 1, Bounds { min: 0, max: 4 }), None);
    assert_eq!(Foundry::deployed(Bounds { min: 0, max: 4 }), 1);
    let load = |existing, waiting| {
        let bounds = Bounds { min: 0, max: 4 };
        one.load(&foundry::FoundryTick { now: 0, current: 0, existing, bounds, running: 0.0, waiting })
    };
    assert!(load(0, true).is_infinite() && load(0, false) == 0.0 && load(2, true) == 0.0);
}

#[test]
fn f7_bounds_jump_or_step_and_restart_the_timers() {
    let tick = |one: &mut Foundry, seconds: i64, current, min, running| {
        let bounds = Bounds { min, max: 9 };
        let now = seconds * SECOND;
        one.tick(&foundry::FoundryTick { now, current, existing: current, bounds, running, waiting: false })
    };
    let mut jump = Foundry::new(foundry::FoundrySetup::default());
    assert_eq!([tick(&mut jump, 0, 2, 2, 2.0), tick(&mut jump, 15, 2, 5, 2.0)], [2, 5]);
    let mut step = Foundry::new(foundry::FoundrySetup { outside: Outside::Step, ..foundry::FoundrySetup::default() });
    let got: Vec<i32> = [0, 15, 30, 45, 60, 75, 90, 105]
        .into_iter()
        .map(|at| tick(&mut step, at, 2, if at < 45 { 2 } else { 5 }, 2.0))
        .collect();
    // without the change it would rise at 60 s; with it a minute after 45 s
    assert_eq!(got, [2, 2, 2, 2, 2, 2, 2, 3]);
}

#[test]
fn windows_change_bounds() {
    let outside = Bounds { min: 1, max: 4 };
    let window = |from, to, min| BoundsWindow { from, to, bounds: Bounds { min, max: 9 } };
    let schedule = Schedule::new(outside, vec![window(100, 200, 5), window(150, 160, 6), window(300, 300, 7)]);
    let mins: Vec<i32> = [0, 99, 100, 149, 150, 159, 160, 199, 200, 300].map(|at| schedule.at(at).min).into();
    assert_eq!(mins, [1, 1, 5, 5, 6, 6, 5, 5, 1, 1]);
    assert_eq!(schedule.changes(), [100, 150, 160, 200]);
    assert_eq!((schedule.next_change(100), schedule.next_change(200)), (Some(150), None));
}
