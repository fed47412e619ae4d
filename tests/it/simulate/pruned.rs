//! `size` saves work: jobs drawn once for many candidates, runs that stop once they have failed, stages. None of it may change an
//! answer: here everything is played to the end, each run with jobs of its own, and judged.

use super::conserved::{Dice, service};
use scalegen::simulate::assertion::{Assertion, AssertionOutcome, parse};
use scalegen::simulate::foundry::FoundrySetup;
use scalegen::simulate::hpa::{ExternalTarget, HpaSetup, Metric};
use scalegen::simulate::jobs::{DrawnJobs, SimulatedService, run, run_drawn, run_within};
use scalegen::simulate::policy::{MetricSource, ReplicaPolicy};
use scalegen::simulate::random::{Random, Stream};
use scalegen::simulate::results::{NAMES, NumberKind, Results, RunNumbers};
use scalegen::simulate::schedule::Schedule;
use scalegen::simulate::search::{BATCH, KEPT, PolicySearch, RunWholes, SECOND, limits_of};
use scalegen::simulate::trace::{DemandStep, Jobs, Quality, Trace};
use scalegen::simulate::workload::{Choice, JobDispatch, JobDuration, ServiceWork};
use scalegen::simulate::{Bounds, MINUTE, SECOND as SECONDS};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Half an hour that rise and fall, with a hole.
fn trace(most: f64) -> Trace {
    let step = |index: u32| {
        let from = i64::from(index) * MINUTE;
        let share = (f64::from(index) / 7.0).sin().abs();
        let quality = if (20..23).contains(&index) { Quality::Gap } else { Quality::Known };
        DemandStep { from, to: from + MINUTE, jobs: Jobs::Expected(most * share), quality }
    };
    Trace::new((0..30).map(step).collect())
}

fn plain(service: &SimulatedService, trace: &Trace, runs: u64) -> Results {
    let mut results = Results::new(trace);
    for seed in 1..=runs {
        results.add(&run(service, trace, seed), None);
    }
    results
}

fn holds(assertions: &[Assertion], results: &Results) -> bool {
    assertions.iter().all(|one| one.judge(results, false).outcome == AssertionOutcome::Ok)
}

/// A grid of candidates: a policy with thresholds, delays and a least count.
fn candidate(kind: usize, index: usize) -> SimulatedService {
    let digit = |place: usize, of: usize| i32::try_from(index / place % of).unwrap();
    let (first, second, min) = (digit(1, 5), digit(5, 3), digit(15, 4));
    let mut work = ServiceWork::new(JobDuration::Exponential { mean: 12 * SECONDS });
    if kind == 1 {
        work.dispatch = JobDispatch::Push(Choice::Least);
        (work.patience, work.queue_limit) = (Some(20 * SECONDS), Some(12));
        work.replica.grace = 5 * SECONDS;
    }
    let bounds = Bounds { min: 1 + min, max: 14 };
    let policy = if kind == 2 {
        let share = |part: i32| 0.5 + 0.1 * f64::from(part);
        ReplicaPolicy::Foundry(FoundrySetup {
            up: share(first),
            down: share(first.min(1)),
            up_delay: i64::from(1 + second) * 15 * SECONDS,
            down_delay: i64::from(1 + second) * 2 * MINUTE,
            ..FoundrySetup::default()
        })
    } else {
        let mut config =
            HpaSetup::new(vec![Metric::External(ExternalTarget::AverageValue(500 + 150 * i64::from(first)))]);
        // different warm-ups, so different jobs
        config.downscale_stabilization = [2, 5, 40][usize::try_from(second).unwrap()] * MINUTE;
        ReplicaPolicy::Hpa { config, signals: vec![MetricSource::InSystem] }
    };
    SimulatedService::new(work, Schedule::always(bounds), policy)
}

const COUNT: usize = 60;

fn changed(index: usize) -> usize {
    index % 3
}

fn neighbors(index: usize) -> Vec<usize> {
    [index.checked_sub(1), Some(index + 1), index.checked_sub(15), Some(index + 15)]
        .into_iter()
        .flatten()
        .filter(|one| *one < COUNT)
        .collect()
}

/// What the search is to find: whether each holds in the screening, the winner, the neighbour that makes its edge, and who is off it.
type Answer = (Vec<bool>, Option<String>, Option<String>, Option<String>);

/// The search with every run played to its end.
fn exhaustive(kind: usize, trace: &Trace, assertions: &[Assertion], runs: u64) -> Answer {
    let stressed = trace.scaled(1.2);
    let all: Vec<(Results, Results)> = (0..COUNT)
        .map(|index| (plain(&candidate(kind, index), trace, runs), plain(&candidate(kind, index), &stressed, runs)))
        .collect();
    let first = |results: &Results, runs: usize| Results {
        seeds: results.seeds[..runs].to_vec(),
        runs: results.runs[..runs].to_vec(),
        ..results.clone()
    };
    let median = |results: &Results, name| results.across(name, None).unwrap().median;
    let key = |index: usize, runs: usize| {
        let results = first(&all[index].0, runs);
        (median(&results, "replica_hours"), median(&results, "flap"), changed(index), index)
    };
    let both = |index: usize, runs: usize| {
        holds(assertions, &first(&all[index].0, runs)) && holds(assertions, &first(&all[index].1, runs))
    };
    let screened: Vec<bool> = all.iter().map(|(_, stressed)| holds(assertions, &first(stressed, 1))).collect();
    let mut passed: Vec<usize> = (0..COUNT).filter(|index| screened[*index]).collect();
    passed.sort_by_key(|index| (median(&first(&all[*index].1, 1), "replica_hours"), changed(*index), *index));
    let (second, whole) = (usize::try_from(SECOND.min(runs)).unwrap(), usize::try_from(runs).unwrap());
    let (mut winner, mut finalists) = (None, Vec::new());
    'chosen: for part in passed.chunks(KEPT) {
        let mut left: Vec<usize> = part.iter().copied().filter(|index| both(*index, second)).collect();
        left.sort_by_key(|index| key(*index, second));
        for batch in left.chunks(BATCH) {
            finalists = batch.iter().copied().filter(|index| both(*index, whole)).collect();
            finalists.sort_by_key(|index| key(*index, whole));
            winner = finalists.first().copied();
            if winner.is_some() {
                break 'chosen;
            }
        }
    }
    let judged = |index: usize| {
        let verdicts = |results: &Results| assertions.iter().map(|one| one.judge(results, false)).collect::<Vec<_>>();
        (verdicts(&all[index].0), verdicts(&all[index].1))
    };
    let far = |index: usize| {
        let (own, stressed) = judged(index);
        let off = |verdict: &scalegen::simulate::assertion::AssertionVerdict| match verdict.margin {
            margin if verdict.outcome == AssertionOutcome::Ok => margin.unwrap_or(0).max(0),
            margin => margin.unwrap_or(-201),
        };
        own.iter().chain(&stressed).map(off).min().unwrap()
    };
    let edge = winner.and_then(|winner| {
        neighbors(winner).into_iter().min_by_key(|index| far(*index)).filter(|index| far(*index) < -200)
    });
    let safer = edge.zip(winner).and_then(|(_, winner)| {
        let mut others: Vec<usize> = finalists.into_iter().filter(|index| *index != winner).take(20).collect();
        others.extend(neighbors(winner).into_iter().filter(|index| both(*index, whole)));
        others.sort_by_key(|index| key(*index, whole));
        others.dedup();
        others.into_iter().take(20).find(|index| neighbors(*index).iter().all(|near| both(*near, whole)))
    });
    let told = |index: usize| format!("{index} {:?} {:?}", all[index].0, judged(index));
    (screened, winner.map(told), edge.map(told), safer.map(told))
}

fn saving(
    kind: usize,
    trace: &Trace,
    assertions: &[Assertion],
    runs: u64,
    threads: usize,
    complete: bool,
) -> (Answer, usize) {
    let played = AtomicUsize::new(0);
    let search = PolicySearch {
        service: &|index| candidate(kind, index),
        changed: &changed,
        neighbors: &neighbors,
        trace,
        assertions,
        accept_capped: false,
        stress: 1.2,
        seed: 1,
        runs,
        threads,
        complete,
        played: &|| {
            played.fetch_add(1, Ordering::Relaxed);
        },
    };
    let all: Vec<usize> = (0..COUNT).collect();
    let found = search.run(&all);
    // progress is told of every run
    assert!(played.load(Ordering::Relaxed) >= COUNT);
    let stopped = found.screened.iter().filter(|one| one.hours.is_none()).count();
    let told = |one: &scalegen::simulate::search::Evaluation| {
        format!("{} {:?} {:?}", one.index, one.results, (&one.verdicts, &one.stressed))
    };
    let screened = found.screened.iter().map(|one| one.holds).collect();
    let edge = found.edge.as_ref();
    let safer = edge.and_then(|edge| edge.safer.as_ref()).map(told);
    ((screened, found.winner.as_ref().map(told), edge.map(|edge| told(&edge.neighbor)), safer), stopped)
}

#[test]
fn what_is_saved_changes_no_answer_on_any_number_of_threads() {
    let (mut winners, mut edges, mut safer, mut stops) = (0, 0, 0, 0);
    for (kind, texts) in [
        (0, &["wait.p95 < 4s"][..]),
        (0, &["wait.max <= 45s", "replica_hours < 6.5"]),
        (0, &["wait.p50 < 1ms", "saturated <= 20%"]),
        (1, &["lost <= 1%", "latency.p90 < 40s"]),
        (1, &["killed <= 3"]),
        (2, &["wait.p95 < 30s", "flap < 9"]),
        (2, &["queue.p99 <= 3", "latency.mean < 20s"]),
        (2, &["wait.p99 < 1ms"]),
    ] {
        let assertions: Vec<Assertion> = texts.iter().map(|text| parse(text).unwrap()).collect();
        let trace = trace(25.0);
        let wanted = exhaustive(kind, &trace, &assertions, 5);
        for (threads, complete) in [(1, false), (3, false), (2, true)] {
            let (got, stopped) = saving(kind, &trace, &assertions, 5, threads, complete);
            assert_eq!(got, wanted, "{kind} {texts:?}, {threads} threads");
            assert!(!complete || stopped == 0, "a chart of all candidates misses {stopped}");
            stops += stopped;
        }
        winners += usize::from(wanted.1.is_some());
        edges += usize::from(wanted.2.is_some());
        safer += usize::from(wanted.3.is_some());
    }
    let seen = (winners, edges, safer, stops);
    assert!(winners >= 5 && edges >= 2 && safer >= 1 && stops > 200, "winners, edges, safer ones, stopped: {seen:?}");
}

#[test]
fn a_run_stops_only_where_its_numbers_would_fail() {
    let mut stopped: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for seed in 0..24 {
        let mut dice = Dice(Random::new(seed, Stream::Phases));
        let work = dice.pick(&[SECONDS, 7 * SECONDS, 60 * SECONDS]);
        let service = service(&mut dice, work);
        let trace = trace(dice.pick(&[2.0, 15.0, 60.0]));
        let whole = plain(&service, &trace, 1);
        let numbers = &whole.runs[0];
        let drawn = DrawnJobs::new(&service, &trace, 1);
        let scored = trace.scored().iter().map(|(from, to)| i128::from(to - from)).sum();
        let wholes = RunWholes { arrived: i128::from(drawn.arrived()), scored };
        for ((name, statistic), value) in &numbers.values {
            let unit = match NAMES.iter().find(|one| one.name == *name).unwrap().kind {
                NumberKind::Time => "ms",
                NumberKind::Share => "%",
                NumberKind::Count | NumberKind::Number => "",
            };
            let word = statistic.map_or(String::new(), |one| format!(".{}", one.word()));
            let mut assertion = parse(&format!("{}{word} <= 1{unit}", name.trim_end_matches("_share"))).unwrap();
            // on the value, just below it, and at half of it
            for (bound, op) in
                [(*value, "<="), (*value - 1, "<="), (*value, "<"), (*value / 2, "<="), (*value, ">="), (*value, ">")]
            {
                assertion.op = parse(&format!("cold {op} 1")).unwrap().op;
                assertion.bound = bound;
                let limits = limits_of(std::slice::from_ref(&assertion), wholes);
                let is_stopped = run_within(&service, &trace, &drawn, &limits).is_none();
                let fails = !holds(std::slice::from_ref(&assertion), &whole);
                assert!(fails || !is_stopped, "{seed}: {assertion:?}, {value}");
                if is_stopped {
                    *stopped.entry(format!("{name}{word}")).or_default() += 1;
                }
            }
        }
    }
    // each kind that has a bound stops runs, those that have none stop none
    let bounded = |name: &&str| !["busy", "throttled", "over", "arrivals", "ideal_hours"].contains(name);
    for name in NAMES.iter().map(|one| one.name) {
        let count: usize =
            stopped.iter().filter(|(kind, _)| kind.split('.').next() == Some(name)).map(|(_, n)| n).sum();
        assert_eq!(count > 0, bounded(&name) && name != "cost", "{name}: {stopped:?}");
    }
}

#[test]
fn below_a_bound_stops_one_unit_before_it() {
    let wholes = RunWholes { arrived: 1000, scored: 3600 * i128::from(SECONDS) };
    for name in ["cold", "wait.p99", "wait.mean", "queue.max", "lost_share", "replica_hours"] {
        let text = |op: &str| match name {
            "wait.p99" | "wait.mean" => format!("{name} {op} 5s"),
            "lost_share" => format!("lost {op} 5%"),
            _ => format!("{name} {op} 5"),
        };
        let (below, mut at_most) = (parse(&text("<")).unwrap(), parse(&text("<=")).unwrap());
        let limits = |assertion: &Assertion| limits_of(std::slice::from_ref(assertion), wholes);
        assert_ne!(limits(&below), limits(&at_most), "{name}");
        at_most.bound -= 1;
        assert_eq!(limits(&below), limits(&at_most), "{name}");
    }
}

#[test]
fn jobs_drawn_before_are_those_of_the_run() {
    for seed in 0..100 {
        let mut dice = Dice(Random::new(seed, Stream::Phases));
        let work = dice.pick(&[SECONDS, 7 * SECONDS, 60 * SECONDS]);
        let mut service = service(&mut dice, work);
        service.record = true;
        service.warm_up = dice.pick(&[Some(0), None]);
        let trace = trace(dice.pick(&[2.0, 60.0]));
        let drawn = DrawnJobs::new(&service, &trace, seed);
        let (own, shared) = (run(&service, &trace, seed), run_drawn(&service, &trace, &drawn));
        assert_eq!(own.tally.arrived, drawn.arrived(), "{seed}");
        assert_eq!(RunNumbers::of(&own, None), RunNumbers::of(&shared, None), "{seed}");
        assert_eq!((own.moves, own.series, own.existing), (shared.moves, shared.series, shared.existing), "{seed}");
        service.workload.service_time = JobDuration::Fixed(work + 1);
        assert!(!drawn.are_of(&service));
    }
}
