//! Assertions: their grammar with its faults, and how the worst run decides. Results: their frozen JSON form.

use super::known_queues::fixed;
use scalegen::simulate::assertion::{Assertion, AssertionOutcome, Op, parse};
use scalegen::simulate::results::{NAMES, NumberKind, Results, Statistic};
use scalegen::simulate::trace::Trace;
use scalegen::simulate::workload::{JobDispatch, JobDuration};
use scalegen::simulate::{MINUTE, SECOND};

fn good(text: &str) -> Assertion {
    parse(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"))
}

#[test]
fn the_grammar() {
    let one = good("  api : wait.p95 <= 1.5s ");
    assert_eq!((one.service.as_deref(), one.name.name, one.statistic), (Some("api"), "wait", Some(Statistic::P95)));
    assert_eq!((one.op, one.bound, one.what().as_str()), (Op::AtMost, 1_500_000_000, "wait.p95"));
    for (text, bound) in [
        ("wait.max<250ms", 250_000_000),
        ("wait.mean > 2m", i128::from(2 * MINUTE)),
        ("latency.p99 >= 0.5h", i128::from(30 * MINUTE)),
        ("saturated < 0.1%", 1_000_000),
        ("lost <= 3", 3),
        ("lost <= 0.001%", 10_000),
        ("killed_share < 1%", 10_000_000),
        ("over < 1.25", 1_250_000_000),
        ("queue.p50 < 10", 10),
        ("cost <= 12.5", 12_500_000_000),
        ("flap >= -1", -1),
    ] {
        assert_eq!(good(text).bound, bound, "{text}");
    }
    assert_eq!(good("lost <= 1%").name.name, "lost_share");
}

#[test]
fn faults_of_the_grammar_name_the_wrong_words_and_the_right_ones() {
    let cases = [
        ("wiat.p95 < 1s", "`wiat` is not the name of a result", "did you mean `wait`?", "wiat"),
        ("wait < 1s", "`wait` has many values", "write one of wait.p50, wait.p90", "wait"),
        ("wait.p97 < 1s", "`p97` is not a statistic of `wait`", "write one of wait.p50", "p97"),
        ("lost.p95 < 1", "`lost` is one number", "write `lost` alone", "lost.p95"),
        ("wait.p95 < 1", "`1` has no unit", "write `1s`", "1"),
        ("wait.p95 < 1%", "`%` is not a unit of `wait`", "write `1s`", "1%"),
        ("saturated < 0.01", "`0.01` has no unit", "write `0.01%`", "0.01"),
        ("saturated < 5s", "`s` is not a unit of `saturated`", "write `5%`", "5s"),
        ("flap < 5s", "`s` is not a unit of `flap`", "without a unit", "5s"),
        ("flap < 0.5", "`flap` counts, and 0.5 is not a whole number", "write a whole number", "0.5"),
        ("wait.p95 == 1s", "`==` is not a comparison", "write `wait.p95 <= 1s`", "=="),
        ("wait.p95 != 1s", "`!=` is not a comparison", "<, <=, > or >=", "!="),
        ("wait.p95", "`wait.p95` compares nothing", "write `wait.p95 <= 2s`", "wait.p95"),
        ("wait.p95 <", "`` is not a number", "write `wait.p95 < 2s`", ""),
        ("wait.p95 < soon", "`soon` is not a number", "decimal number", "soon"),
        ("wait.p95 < 1..2s", "`1..2` is not a number", "decimal number", "1..2s"),
        ("wait.p95 < 9999999999999999999s", "is not a number", "decimal number", "9999999999999999999s"),
        (": wait.p95 < 1s", "no service before the colon", "service: name", ":"),
        ("", "`` compares nothing", "<, <=, > or >=", ""),
        (
            "wait.p95 < 1s and lost < 1",
            "not a unit of `wait`",
            "write `wait.p95 < 1s`, and repeat the option for `lost < 1`",
            "1s and lost < 1",
        ),
        ("größe < 1", "`größe` is not the name of a result", "names are wait", "größe"),
        ("web.wait_p95", "compares nothing", "write `web: wait.p95 <= 2s`", "web.wait_p95"),
        ("web.wait.p95 < 2s", "`web` is not the name of a result", "write `web: wait.p95 < 2s`", "web"),
        ("Web: wait_p95 < 2s", "`wait_p95` is not the name of a result", "write `Web: wait.p95 < 2s`", "wait_p95"),
        ("wait p95 < 2s", "`wait p95` is not the name of a result", "write `wait.p95 < 2s`", "wait p95"),
        ("p95 wait < 2s", "`p95 wait` is not the name of a result", "write `wait.p95 < 2s`", "p95 wait"),
        ("WAIT.P95 < 2S", "`WAIT` is not the name of a result", "write `wait.p95 < 2s`", "WAIT"),
        ("wait.p95 ≤ 2s", "compares nothing", "write `wait.p95 <= 2s`", "wait.p95 ≤ 2s"),
        ("killed =< 0", "`=<` is not a comparison", "write `killed <= 0`", "=<"),
        ("killed = 0", "`=` is not a comparison", "write `killed <= 0`", "="),
        ("2s > wait.p95", "`2s` is not the name of a result", "write `wait.p95 < 2s`", "2s"),
        ("wait.p95 < 2s, lost <= 0", "not a unit of `wait`", "repeat the option for `lost <= 0`", "2s, lost <= 0"),
        ("saturated", "compares nothing", "write `saturated <= 1%`", "saturated"),
        ("lost < 0.01", "`lost` counts, and 0.01 is not a whole number", "write `lost <= 1%` for a share", "0.01"),
        ("saturated < 0.01", "`0.01` has no unit", "shares are in percent", "0.01"),
        ("killed < 0", "nothing is < 0", "write `killed <= 0`", "0"),
        ("wait.p95 <= -1s", "nothing is <= -1s", "write `wait.p95 <= 0s`", "-1s"),
        ("api.speed < 1", "`api` is not the name of a result", "names are wait", "api"),
        ("wait.p95 < 2s and speed < 1", "not a unit of `wait`", "write `2s`", "2s and speed < 1"),
    ];
    for (text, message, help, place) in cases {
        let fault = parse(text).unwrap_err();
        assert!(fault.message.contains(message), "{text}: {}", fault.message);
        assert!(fault.help.contains(help), "{text}: {}", fault.help);
        assert_eq!(text.get(fault.from..fault.to).map(str::trim), Some(place), "{text}: {fault:?}");
    }
}

#[test]
fn any_text_is_parsed_without_a_panic() {
    let pieces = ["wait", ".p95", "<", "=", " ", ":", "1", ".", "s", "%", "é", "-", "lost", "\u{0}", "9", "!"];
    let mut state = 1u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..8 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push_str(pieces[usize::try_from(state >> 60).unwrap()]);
        }
        if let Err(fault) = parse(&text) {
            assert!(text.get(fault.from..fault.to).is_some(), "{text:?}: {fault:?}");
        }
    }
}

fn some_results() -> Results {
    let service = fixed(JobDuration::Exponential { mean: SECOND }, 2, JobDispatch::Pull);
    Results::play(&service, &Trace::constant(1.5, 600 * SECOND), 1, 5, None)
}

#[test]
fn the_worst_run_decides() {
    let results = some_results();
    let across = results.across("wait", Some(Statistic::P95)).unwrap();
    assert!(across.lowest < across.median && across.median < across.highest);
    let judged = |text: &str, bound: i128| {
        let mut assertion = good(text);
        assertion.bound = bound;
        assertion.judge(&results, false)
    };
    let ok = judged("wait.p95 <= 1s", across.highest);
    assert_eq!((ok.outcome, ok.worst, ok.margin), (AssertionOutcome::Ok, Some(across.highest), Some(0)));
    assert_eq!(judged("wait.p95 < 1s", across.highest).outcome, AssertionOutcome::Failed);
    assert_eq!(judged("wait.p95 <= 1s", across.median).outcome, AssertionOutcome::Failed);
    let least = judged("wait.p95 >= 1s", across.lowest);
    assert_eq!((least.outcome, least.worst), (AssertionOutcome::Ok, Some(across.lowest)));
    assert_eq!(judged("wait.p95 > 1s", across.lowest).outcome, AssertionOutcome::Failed);
    assert_eq!(judged("wait.p95 <= 1s", across.highest * 2).margin, Some(500));
}

#[test]
fn what_cannot_be_known_is_undecided() {
    let mut results = some_results();
    let undecided = |results: &Results, text: &str, accept| {
        matches!(good(text).judge(results, accept).outcome, AssertionOutcome::Undecided(_))
    };
    assert!(undecided(&results, "cost < 5", false), "no price was given");
    results.capped = 10_000_001;
    for text in ["wait.p95 < 100s", "saturated < 100%", "lost <= 0"] {
        assert!(undecided(&results, text, false) && !undecided(&results, text, true), "{text}");
    }
    assert!(!undecided(&results, "flap <= 9", false));
    results.capped = 10_000_000;
    assert!(!undecided(&results, "wait.p95 < 100s", false));
    assert!(undecided(&Results::default(), "flap <= 9", false), "nothing was run");
    let idle = fixed(JobDuration::Fixed(SECOND), 1, JobDispatch::Pull);
    let nothing = Results::play(&idle, &Trace::constant(0.0, 60 * SECOND), 1, 2, None);
    assert!(undecided(&nothing, "wait.p95 < 1s", false), "no job came");
}

#[test]
fn the_json_form_has_every_name() {
    let results = some_results();
    let json = serde_json::to_value(results.document()).unwrap();
    assert_eq!((json["version"].as_u64(), json["generator"].as_str()), (Some(1), Some("xoshiro256++")));
    assert_eq!(json["seeds"].as_array().unwrap().len(), 5);
    for name in NAMES {
        let entry = &json["results"][name.name];
        let entry = if name.statistics.is_empty() { entry } else { &entry["p95"] };
        let runs = entry["runs"].as_array().unwrap();
        assert_eq!(runs.len(), 5, "{}", name.name);
        let plain = |value: i128| scalegen::simulate::results::readable(name.kind, value);
        let statistic = (!name.statistics.is_empty()).then_some(Statistic::P95);
        let wanted = results.across(name.name, statistic).map(|across| plain(across.median));
        assert_eq!(entry["median"].as_f64(), wanted, "{}", name.name);
    }
    let shares: Vec<&str> = NAMES.iter().filter(|name| name.kind == NumberKind::Share).map(|name| name.name).collect();
    assert!(shares.contains(&"saturated") && json["results"]["cost"]["median"].is_null());
}
