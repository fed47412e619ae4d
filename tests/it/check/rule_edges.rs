//! The edges of single rules: bounds met exactly, arithmetic against brute force, midnight, clock changes, suppressions.

use scalegen::check::rules::{self, Context, Reach};
use scalegen::inputs::spec::profiles;
use scalegen::model::states::States;
use scalegen::support::diagnostic::SPEC;
use scalegen::support::source::Source;
use scalegen::targets;
use scalegen::{CheckOptions, NoFiles, lint, model, syntax};

/// The findings of one rule over the base, with the targets the text names whether this release has them or not.
fn found(rule: &str, text: &str, reach: Reach) -> Vec<String> {
    let parsed = syntax::parse(SPEC, &Source::new("spec", text), syntax::ParseMode::Spec);
    let root = parsed.root.expect("a document");
    let base = profiles::lay(&root, &mut Vec::new()).next().expect("the base");
    let spec = model::lower(&base.tree, &mut Default::default()).spec;
    let states = States::of(&spec);
    let cluster = targets::cluster(&spec.targets);
    let context = Context {
        spec: &spec,
        states: &states,
        reach,
        base: None,
        has_targets: !spec.targets.is_empty(),
        target_facts: super::target_facts(&spec, cluster.as_ref()),
        starts_new_first: true,
        on_machines: true,
        foreign: false,
        loads: &[],
    };
    let mut all = Vec::new();
    rules::check(&context, |finding| all.push(finding));
    all.into_iter().filter(|finding| finding.rule == rule).map(|finding| finding.message).collect()
}

fn ranged(rule: &str, text: &str) -> Vec<String> {
    found(rule, text, Reach::Range)
}

fn autoscaled(signal: &str, up: &str, down: &str, more: &str) -> String {
    format!(
        "services: {{ a: {{ replicas: {{ min: 2, max: 6 }}, autoscaling: {{ signal: {signal}, \
         scaleUp: {{ threshold: {up} }}, scaleDown: {{ threshold: {down} }} }}, {more} }} }}\n"
    )
}

#[test]
fn ten_percent_tolerance_is_met_exactly() {
    let rule = "threshold-never-fires";
    let load = |up: &str, target: &str| {
        ranged(rule, &format!("{}targets: {{ kubernetes: {target} }}\n", autoscaled("load", up, "0.1", "")))
    };
    assert!(load("0.909090909", "{}").is_empty(), "just below 10/11");
    assert_eq!(
        load("0.95", "{}"),
        ["an autoscaler with 10 % tolerance adds a replica above 0.95 × 1.1 = 1.045, but load is never above 1.00"]
    );
    assert_eq!(load("0.90909091", "{ autoscaler: hpa }").len(), 1, "just above 10/11");
    assert!(load("0.95", "{ autoscaler: keda }").is_empty());
    let cpu = |limit: &str, switch: &str| {
        let resources = format!("resources: {{ requests: {{ cpu: 1 }}, limits: {{ cpu: {limit} }} }}");
        ranged(rule, &format!("{switch}{}targets: {{ kubernetes: {{}} }}\n", autoscaled("cpu", "1", "0.1", &resources)))
    };
    assert_eq!(
        cpu("1100m", ""),
        [
            "an autoscaler with 10 % tolerance adds a replica above 1.00 × 1.1 = 1.10, but use is never above 1100m ÷ 1 = 1.10 of the request"
        ]
    );
    assert!(cpu("1101m", "").is_empty());
    assert!(cpu("1100m", "limitResources: false\n").is_empty(), "no limit is written");
    assert!(cpu("900m", "").is_empty(), "a request above its limit has a rule of its own");
    let without = autoscaled("load", "0.95", "0.1", "");
    assert!(ranged(rule, &without).is_empty(), "no kubernetes, no tolerance");
}

/// What the rule's page says, one number of replicas after the other.
fn brute_force(up: u64, down: u64, slots: u64, min: u64, max: u64) -> Option<u64> {
    // hundredths: r ÷ ((n−1)·c) ≥ up/100
    (min.max(1) + 1..=max).find(|n| {
        let jobs = (down * n * slots).div_ceil(100);
        jobs > 0 && (jobs - 1) * 100 >= up * (n - 1) * slots
    })
}

#[test]
fn flapping_is_exact_over_whole_jobs() {
    let mut flapping = 0;
    for up in (1..=100).step_by(3) {
        for down in (1..=up).step_by(2) {
            for (slots, min, max) in [(1, 0, 30), (2, 1, 7), (3, 5, 60), (7, 2, 3)] {
                let text = format!(
                    "services: {{ a: {{ replicas: {{ min: {min}, max: {max} }}, concurrency: {slots}, autoscaling: \
                     {{ signal: load, scaleUp: {{ threshold: {:.2} }}, scaleDown: {{ threshold: {:.2} }} }} }} }}",
                    f64::from(up) / 100.0,
                    f64::from(down) / 100.0
                );
                let messages = ranged("flapping-thresholds", &text);
                let number = messages.first().map(|message| message.split(' ').next().unwrap().parse().unwrap());
                let wanted = brute_force(up.try_into().unwrap(), down.try_into().unwrap(), slots, min, max);
                assert_eq!(number, wanted, "{text}\n{messages:?}");
                flapping += usize::from(wanted.is_some());
            }
        }
    }
    assert!(flapping > 300, "the grid has both kinds: {flapping}");
}

#[test]
fn flapping_shows_its_sum() {
    let load = |up: &str, down: &str, slots: u32| {
        ranged("flapping-thresholds", &autoscaled("load", up, down, &format!("concurrency: {slots}")))
    };
    // 3 replicas of 2: below 0.5 are at most 2 jobs; 2/(2×2) meets 0.5
    assert_eq!(
        load("0.5", "0.5", 2),
        ["3 replicas with 2 jobs: 2/(3×2) = 0.33 is below 0.50, but 2/(2×2) = 0.50 is at it again"]
    );
    assert_eq!(
        load("0.8", "0.75", 10),
        ["3 replicas with 22 jobs: 22/(3×10) = 0.73 is below 0.75, but 22/(2×10) = 1.10 is above 0.80 again"]
    );
    assert!(load("0.9", "0.5", 1).is_empty());
    let cpu = |up: &str, down: &str| ranged("flapping-thresholds", &autoscaled("cpu", up, down, ""));
    assert!(cpu("0.75", "0.5").is_empty(), "0.75 × 2 ÷ 3 = 0.50 is met, not passed");
    assert_eq!(cpu("0.75", "0.51").len(), 1);
    let unwritten = "services: { a: { replicas: { min: 1, max: 9 }, autoscaling: { signal: load } } }";
    assert!(ranged("flapping-thresholds", unwritten).is_empty(), "nobody chose these thresholds");
    // thresholds of a billionth over the widest range the language knows end soon
    let widest = "services: { a: { replicas: { min: 0, max: 1000000 }, autoscaling: { signal: load, scaleUp: \
                  { threshold: 0.500000001 }, scaleDown: { threshold: 0.4999999 } }, concurrency: 2 } }";
    assert!(ranged("flapping-thresholds", widest).is_empty());
}

fn windows(list: &[(&str, &str, &str, &str)]) -> String {
    let mut text = "services:\n  a:\n    schedule:\n".to_owned();
    for (days, from, to, zone) in list {
        text.push_str(&format!(
            "      - {{ days: [{days}], from: \"{from}\", to: \"{to}\", timezone: {zone}, replicas: 2 }}\n"
        ));
    }
    text
}

#[test]
fn windows_meet_as_instants() {
    let meet = |list: &[(&str, &str, &str, &str)]| ranged("overlapping-windows", &windows(list)).len();
    let berlin = "Europe/Berlin";
    assert_eq!(meet(&[("sun", "22:00", "06:00", berlin), ("mon", "05:59", "07:00", berlin)]), 1, "over midnight");
    assert_eq!(meet(&[("sun", "22:00", "06:00", berlin), ("mon", "06:00", "07:00", berlin)]), 0, "touching");
    assert_eq!(meet(&[("mon", "00:00", "24:00", berlin), ("tue", "00:00", "24:00", berlin)]), 0, "whole days");
    assert_eq!(meet(&[("mon", "00:00", "24:00", berlin), ("sun", "23:00", "01:00", berlin)]), 1, "the week is round");
    assert_eq!(meet(&[("mon", "08:00", "09:00", berlin), ("mon", "08:00", "09:00", "Asia/Tokyo")]), 0, "far away");
    assert_eq!(meet(&[("mon", "08:00", "09:00", berlin), ("mon", "07:00", "08:00", "Europe/London")]), 1, "one hour");
    // Berlin and New York are six hours apart, but five for some weeks of spring and autumn
    assert_eq!(meet(&[("mon", "14:00", "15:00", berlin), ("mon", "09:00", "10:00", "America/New_York")]), 1);
    assert_eq!(
        meet(&[("mon", "08:00", "08:00", berlin), ("mon", "07:00", "09:00", berlin)]),
        0,
        "empty ones meet none"
    );
    assert_eq!(meet(&[("mon", "24:00", "00:00", berlin), ("fri", "07:00", "09:00", berlin)]), 0, "nor does this one");
    assert_eq!(meet(&[("mon", "08:00", "12:00", "Nowhere/At_All"), ("mon", "08:00", "12:00", berlin)]), 0);
}

#[test]
fn empty_windows_and_whole_days() {
    let empty = |from, to| ranged("empty-window", &windows(&[("mon", from, to, "UTC")])).len();
    assert_eq!((empty("08:00", "08:00"), empty("00:00", "00:00"), empty("24:00", "00:00")), (1, 1, 1));
    assert_eq!((empty("00:00", "24:00"), empty("08:00", "07:59"), empty("24:00", "08:00")), (0, 0, 0));
}

#[test]
fn zones_are_suggested() {
    let help = |zone: &str| {
        let text = format!("version: 1\nname: a\n{}", windows(&[("mon", "08:00", "09:00", zone)]));
        let checked = lint("spec", text.as_bytes(), &NoFiles, &CheckOptions::default());
        let finding = checked.findings.into_iter().find(|finding| finding.rule == "unknown-timezone");
        finding.and_then(|finding| finding.help)
    };
    assert_eq!(help("Berlin").as_deref(), Some("did you mean `Europe/Berlin`?"));
    assert_eq!(help("\"New York\"").as_deref(), Some("did you mean `America/New_York`?"));
    assert_eq!(help("Europe/Berln").as_deref(), Some("did you mean `Europe/Berlin`?"));
    assert_eq!(help("UTC+2").as_deref(), Some("write a place as in `Europe/Berlin`, or `UTC`"), "no offset is offered");
    assert_eq!(help("Europe/Berlin"), None);
}

#[test]
fn skipped_hours_are_half_open() {
    let skipped =
        |days, from, to| ranged("nonexistent-local-time", &windows(&[(days, from, to, "Europe/Berlin")])).len();
    assert_eq!(
        (skipped("sun", "02:00", "08:00"), skipped("sun", "02:59", "08:00"), skipped("sun", "03:00", "08:00")),
        (1, 1, 0)
    );
    assert_eq!((skipped("sat", "02:00", "08:00"), skipped("sat", "22:00", "02:30")), (0, 1), "it ends on Sunday");
    assert_eq!(skipped("sun", "22:00", "02:30"), 0, "it ends on Monday");
    assert_eq!(skipped("sun", "02:10", "02:50"), 2, "both");
    // Chile skips the first hour of a Sunday: Saturday's 24:00 is in it
    let chile = |to| ranged("nonexistent-local-time", &windows(&[("sat", "20:00", to, "America/Santiago")])).len();
    assert_eq!((chile("24:00"), chile("23:59")), (1, 0));
}

#[test]
fn a_drain_needs_one_more_replica_than_stay() {
    let blocked = |replicas: &str, budget: &str| {
        let text = format!("services: {{ a: {{ replicas: {replicas}, disruption: {{ {budget} }} }} }}");
        !ranged("drain-blocked", &text).is_empty()
    };
    assert!(blocked("2", "minAvailable: 2") && blocked("{ min: 1, max: 9 }", "minAvailable: 1"));
    assert!(!blocked("3", "minAvailable: 2"));
    assert!(blocked("3", "minAvailable: 67%") && !blocked("3", "minAvailable: 66%"), "⌈2.01⌉ = 3");
    assert!(blocked("5", "maxUnavailable: 0%") && !blocked("5", "maxUnavailable: 1%"), "rounded up to 1");
    assert!(!blocked("0", "minAvailable: 1"), "nothing runs");
    assert!(blocked("{ min: 0, max: 3 }", "minAvailable: 1"), "one can run");
}

#[test]
fn zero_behind_a_balancer_counts_where_it_is_reached() {
    let rule = "scaled-to-zero-behind-balancer";
    let text = "services: { a: { port: 80, expose: {}, replicas: { min: 0, max: 3 } } }";
    assert_eq!(found(rule, text, Reach::Range).len(), 1);
    assert_eq!(found(rule, text, Reach::Fixed).len(), 0, "1 is written");
    let off = "services: { a: { port: 80, expose: {}, replicas: 0 } }";
    assert_eq!(found(rule, off, Reach::Fixed), ["0 replicas behind a load balancer: with 0 nothing answers a request"]);
}

#[test]
fn decimal_sizes_are_named_with_both_readings() {
    let text = "services: { a: { resources: { limits: { memory: 4G }, requests: { memory: 4Gi } } } }\n\
                backingServices: { db: { kind: redis, memory: 2500M }, far: { kind: redis, memory: 1G, external: { urlEnv: U } } }\n";
    assert_eq!(
        ranged("ambiguous-unit", &format!("{text}targets: {{ compose: {{}} }}\n")),
        [
            "4G is 4000000000 bytes here, but in compose files 4G means 4294967296",
            "2500M is 2500000000 bytes here, but in compose files 2500M means 2621440000"
        ]
    );
    assert!(ranged("ambiguous-unit", text).is_empty(), "nobody reads compose files");
    let nothing = "services: { a: { resources: { requests: { memory: 0M } } } }\ntargets: { compose: {} }\n";
    assert!(ranged("ambiguous-unit", nothing).is_empty(), "0 is 0 in every unit");
}

/// Rules and lines (of the text as given) of what stands, and how many were suppressed.
fn standing(text: &str, wanted: &CheckOptions) -> (Vec<(&'static str, usize)>, usize) {
    let text = format!("version: 1\nname: example\nservices:\n  a:\n{text}");
    let checked = lint("spec", text.as_bytes(), &NoFiles, wanted);
    let line =
        |finding: &scalegen::support::diagnostic::Finding| checked.sources[0].numbers(finding.at.span.start).line - 4;
    // none of these specs sets limits, and that is not what is asked here
    let asked = checked.findings.iter().filter(|finding| finding.rule != "missing-limits");
    (
        asked.map(|finding| (rules::get(&finding.rule).unwrap().meta.id, line(finding))).collect(),
        checked.suppressed.len(),
    )
}

#[test]
fn suppressions_reach_their_line() {
    let all = |text: &str| standing(text, &CheckOptions::default());
    let flagged = "    replicas:\n      min: 4\n      max: 2\n";
    assert_eq!(all(flagged), (vec![("min-above-max", 2)], 0));
    let above = "    replicas:\n      # scalegen: allow min-above-max (why)\n      # another comment\n      min: 4\n      max: 2\n";
    assert_eq!(all(above), (vec![], 1), "comment lines are skipped");
    assert_eq!(all(&above.replace('\n', "\r\n")), (vec![], 1), "whatever ends the lines");
    let stacked = "    # scalegen: allow missing-limits (one)\n    # scalegen: allow nothing-to-scale, slow-ramp (two)\n    autoscaling: {}\n";
    assert_eq!(all(stacked).0.iter().filter(|(rule, _)| *rule == "unused-suppression").count(), 2);
    assert_eq!(all(stacked).1, 1);
    let apart = "    replicas:\n      # scalegen: allow min-above-max (why)\n\n      min: 4\n      max: 2\n";
    assert_eq!(all(apart), (vec![("min-above-max", 4), ("unused-suppression", 2)], 0), "an empty line parts them");
    let twice = "    replicas:\n      # scalegen: allow min-above-max (why)\n      min: 4 # scalegen: allow min-above-max (why)\n      max: 2\n";
    assert_eq!(all(twice), (vec![("unused-suppression", 3)], 1), "one of two is too many");
    let bare = "    replicas:\n      min: 4 # scalegen: allow min-above-max ()\n      max: 2\n";
    assert_eq!(all(bare), (vec![("suppression-without-reason", 2)], 1));
}

#[test]
fn suppressions_that_cannot_hold() {
    let all = |text: &str| standing(text, &CheckOptions::default());
    let shape = "    replica: 4 # scalegen: allow unknown-field (why)\n";
    assert_eq!(all(shape), (vec![("unknown-field", 1), ("unused-suppression", 1)], 0));
    for text in
        ["scalegen: alow min-above-max", "scalegen: allow", "scalegen: allow (why)", "scalegen: allow no-such-rule"]
    {
        assert_eq!(all(&format!("    replicas: 4 # {text}\n")), (vec![("unused-suppression", 1)], 0), "{text}");
    }
    assert_eq!(all("    replicas: 4 # about scalegen: allow\n"), (vec![], 0), "no directive");
    assert_eq!(all("    command: [\"a # scalegen: allow x\"]\n"), (vec![], 0), "no comment");
}

#[test]
fn a_run_that_checks_less_calls_nothing_unused() {
    let text = "    replicas: 4 # scalegen: allow min-above-max (why)\n";
    let base = CheckOptions { profiles: vec![None], ..CheckOptions::default() };
    assert_eq!(standing(text, &base), (vec![], 0));
    let flagged = "    replicas:\n      min: 4 # scalegen: allow min-above-max (why)\n      max: 2\n";
    let ignoring = CheckOptions { ignore: vec!["min-above-max".to_owned()], ..CheckOptions::default() };
    assert_eq!(standing(flagged, &ignoring), (vec![], 0), "what is not reported is still allowed");
}

#[test]
fn bare_words_are_found_once_wherever_they_stand() {
    let text = "version: 1\nname: example\nservices:\n  a: &a\n    env: { Y: on, MODE: 0o17, LAW: \"no\" }\n    args: [off]\n  b: *a\n  c:\n    <<: *a\n";
    let checked = lint("spec", text.as_bytes(), &NoFiles, &CheckOptions::default());
    let found = checked.findings.iter().filter(|finding| finding.rule == "ambiguous-scalar");
    let messages: Vec<&str> = found.map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "bare `Y` is text here, but a boolean to readers of YAML 1.1",
            "bare `on` is text here, but a boolean to readers of YAML 1.1",
            "bare `0o17` is the number 15 here, but a string to readers of YAML 1.1",
            "bare `off` is text here, but a boolean to readers of YAML 1.1",
        ]
    );
}
