//! The composite formula at work: what KEDA and the HorizontalPodAutoscaler make of it, against the rule the spec states.
//!
//! Rendered ScaledObjects are evaluated and run through a model of the autoscaler (tolerance, stabilization windows, one
//! policy, a sync every 15 s); beside it runs the plain rule: a threshold must hold for the delay, then one replica.

use crate::common::judge::judge;
use scalegen::support::diagnostic::RuleId;
use scalegen::{CheckOptions, NoFiles, lint, render};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fs;

const SYNC: i64 = 15;
const DAY: i64 = 1440;

// the formula's language, as far as it is used

#[derive(Debug)]
pub(super) enum Expr {
    Number(f64),
    Name(String),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
}

/// Operators by how strongly they bind, the weakest first.
const LEVELS: &[&[&str]] = &[&["||"], &["&&"], &["==", "<=", ">=", "<", ">"], &["+"], &["*"]];

pub(super) fn parse(text: &str) -> Expr {
    let mut rest = text;
    let expr = choice(&mut rest);
    assert!(rest.trim().is_empty(), "{rest:?} is left of {text}");
    expr
}

fn take(rest: &mut &str, word: &str) -> bool {
    let found = rest.trim_start().strip_prefix(word);
    if let Some(after) = found {
        *rest = after;
    }
    found.is_some()
}

fn choice(rest: &mut &str) -> Expr {
    let test = level(rest, 0);
    if !take(rest, "?") {
        return test;
    }
    let yes = choice(rest);
    assert!(take(rest, ":"), "no `:` before {rest:?}");
    Expr::Choice(Box::new(test), Box::new(yes), Box::new(choice(rest)))
}

fn level(rest: &mut &str, index: usize) -> Expr {
    let Some(words) = LEVELS.get(index) else { return atom(rest) };
    let mut left = level(rest, index + 1);
    while let Some(word) = words.iter().find(|word| take(rest, word)) {
        left = Expr::Binary(word, Box::new(left), Box::new(level(rest, index + 1)));
    }
    left
}

fn atom(rest: &mut &str) -> Expr {
    if take(rest, "(") {
        let inside = choice(rest);
        assert!(take(rest, ")"), "no `)` before {rest:?}");
        return inside;
    }
    let text = rest.trim_start();
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"._".contains(c)).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    assert!(!word.is_empty(), "neither a number nor a name: {text:?}");
    *rest = after;
    word.parse().map_or_else(|_| Expr::Name(word.to_owned()), Expr::Number)
}

impl Expr {
    /// Truth is 1 and 0.
    pub(super) fn value(&self, names: &dyn Fn(&str) -> f64) -> f64 {
        match self {
            Expr::Number(number) => *number,
            Expr::Name(name) => names(name),
            Expr::Choice(test, yes, no) => (if test.value(names) != 0.0 { yes } else { no }).value(names),
            Expr::Binary(word, left, right) => {
                let (a, b) = (left.value(names), right.value(names));
                let truth = |truth: bool| f64::from(u8::from(truth));
                match *word {
                    "||" => truth(a != 0.0 || b != 0.0),
                    "&&" => truth(a != 0.0 && b != 0.0),
                    "==" => truth(a == b),
                    "<=" => truth(a <= b),
                    ">=" => truth(a >= b),
                    "<" => truth(a < b),
                    ">" => truth(a > b),
                    "+" => a + b,
                    _ => a * b,
                }
            }
        }
    }
}

#[test]
fn the_evaluator_knows_its_language() {
    let names = |name: &str| if name == "a" { 3.0 } else { 0.0 };
    for (text, value) in [
        ("1 + 2*a", 7.0),
        ("(1 + 2)*a", 9.0),
        ("a > 2 && b_1 > 0 || a == 3 ? 5 : 6", 5.0),
        ("b_1 ? 1 : a <= 2 ? 2 : 0.5", 0.5),
        ("a < 3 || b_1 >= 1", 0.0),
    ] {
        assert_eq!(parse(text).value(&names), value, "{text}");
    }
}

// cron, in UTC

/// The numbers of one field of a cron expression.
fn field(text: &str, of: i64) -> Vec<i64> {
    let part = |part: &str| {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let step: usize = step.parse().unwrap();
        let (first, last) = match range {
            "*" => (0, of - 1),
            range => {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                (first.parse().unwrap(), last.parse().unwrap())
            }
        };
        assert!(0 <= first && first <= last && last < of, "{text}");
        (first..=last).step_by(step).collect::<Vec<_>>()
    };
    text.split(',').flat_map(part).collect()
}

/// The minutes of the week, from Monday 00:00, at which a cron expression fires.
pub(super) fn fires(cron: &str) -> Vec<i64> {
    let fields: Vec<&str> = cron.split(' ').collect();
    let [minute, hour, "*", "*", days] = fields[..] else { panic!("{cron}") };
    let mut all = Vec::new();
    for day in field(days, 7) {
        for hour in field(hour, 24) {
            all.extend(field(minute, 60).iter().map(|minute| (day + 6) % 7 * DAY + hour * 60 + minute));
        }
    }
    all
}

/// A cron trigger: its name and the minutes at which it starts and ends.
pub(super) struct Cron(pub(super) String, Vec<i64>, Vec<i64>);

impl Cron {
    pub(super) fn of(trigger: &Json) -> Cron {
        let minutes = |key: &str| fires(trigger["metadata"][key].as_str().unwrap());
        Cron(trigger["name"].as_str().unwrap().to_owned(), minutes("start"), minutes("end"))
    }

    /// KEDA's test: active where its next end is not a later than its next start.
    pub(super) fn active(&self, second: i64) -> bool {
        let after = |minute: &i64| (minute * 60 - second - 1).rem_euclid(7 * DAY * 60);
        let next = |minutes: &[i64]| minutes.iter().map(after).min().unwrap();
        next(&self.2) <= next(&self.1)
    }
}

// the spec

#[derive(Clone, Copy, Debug)]
struct Rule {
    /// Thresholds in hundredths.
    up: i64,
    down: i64,
    limit: i64,
    min: i64,
    max: i64,
    up_delay: i64,
    down_delay: i64,
    windows: &'static [Week],
}

/// Days (Monday 0), first and last minute, least and most replicas.
#[derive(Clone, Copy, Debug)]
struct Week(&'static [i64], i64, i64, i64, i64);

impl Week {
    fn open(&self, minute: i64) -> bool {
        let Week(days, from, to, ..) = *self;
        let length = if to > from { to - from } else { to + DAY - from };
        days.iter().any(|day| (minute - day * DAY - from).rem_euclid(7 * DAY) < length)
    }
}

const WORDS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Rule {
    fn bounds(&self, second: i64) -> (i64, i64) {
        let minute = second.div_euclid(60).rem_euclid(7 * DAY);
        let open = self.windows.iter().find(|week| week.open(minute));
        open.map_or((self.min, self.max), |week| (week.3, week.4))
    }

    fn spec(&self) -> String {
        let mut windows = String::new();
        for Week(days, from, to, min, max) in self.windows {
            let days: Vec<&str> = days.iter().map(|day| WORDS[usize::try_from(*day).unwrap()]).collect();
            let clock = |minute: &i64| format!("'{:02}:{:02}'", minute / 60, minute % 60);
            windows += &format!(
                "      - {{ days: [{}], from: {}, to: {}, timezone: UTC, replicas: {{ min: {min}, max: {max} }} }}\n",
                days.join(", "),
                clock(from),
                clock(to),
            );
        }
        let schedule = if windows.is_empty() { String::new() } else { format!("    schedule:\n{windows}") };
        let share = |hundredths: i64| format!("{}.{:02}", hundredths / 100, hundredths % 100);
        spec(
            &format!(
                "    replicas: {{ min: {}, max: {} }}\n    concurrency: {}\n    autoscaling:\n      \
                 scaleUp: {{ threshold: {}, delay: {}s }}\n      scaleDown: {{ threshold: {}, delay: {}s }}\n      \
                 metrics: {{ prometheus: {{ server: 'http://p:9090', running: sum(r), queued: sum(q) }} }}\n{schedule}",
                self.min,
                self.max,
                self.limit,
                share(self.up),
                self.up_delay,
                share(self.down),
                self.down_delay,
            ),
            "autoscaler: keda",
        )
    }
}

fn spec(service: &str, options: &str) -> String {
    format!(
        "version: 1\nname: jobs\nservices:\n  web:\n    image: web:1\n    \
         resources: {{ requests: {{ cpu: 1, memory: 1Gi }}, limits: {{ memory: 1Gi }} }}\n{service}\
         targets:\n  kubernetes: {{ {options} }}\n"
    )
}

/// The files of one spec, parsed, by path.
fn files(spec: &str) -> BTreeMap<String, Json> {
    let rendered = render("scalegen.yaml", spec.as_bytes(), &NoFiles, None, &["kubernetes".to_owned()]).unwrap();
    assert!(!rendered.files.is_empty(), "{spec}{:#?}", rendered.checked.findings);
    let parsed = |text: &str| serde_yaml::from_str(text).unwrap();
    rendered.files.iter().flat_map(|(_, files)| files).map(|file| (file.path.clone(), parsed(&file.text))).collect()
}

fn scaled_object(spec: &str) -> Json {
    files(spec)["web-scaledobject.yaml"]["spec"].clone()
}

/// What this target says: rule, path, message.
fn said(spec: &str) -> Vec<(RuleId, String, String)> {
    let checked = lint("scalegen.yaml", spec.as_bytes(), &NoFiles, &CheckOptions::default());
    let findings = checked.findings.into_iter().zip(checked.paths);
    findings.map(|(finding, path)| (finding.rule, path, finding.message)).collect()
}

// load

/// Xorshift: the same loads in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 2).unwrap() % bound
    }
}

/// Work wanted at each sample: levels that hold for a while, with noise on some of them.
fn load(random: &mut Random, samples: usize, most: i64) -> Vec<i64> {
    let mut load = Vec::new();
    while load.len() < samples {
        let level = [0, random.below(most / 4 + 1), random.below(most + 1)][usize::try_from(random.below(3)).unwrap()];
        let noise = random.below(3);
        for _ in 0..random.below(120) + 1 {
            load.push((level + random.below(2 * noise + 1) - noise).max(0));
        }
    }
    load.truncate(samples);
    load
}

// the rule, directly

/// Since when something held: the first sample at which it could, after the last at which it did not. The step to 0 is KEDA's, which
/// counts from the last sample with work.
struct Direct {
    replicas: i64,
    up: i64,
    down: i64,
    empty: i64,
}

impl Direct {
    fn sample(&mut self, rule: &Rule, now: i64, wanted: i64) {
        let (min, max) = rule.bounds(now);
        let r = self.replicas;
        let running = wanted.min(r * rule.limit);
        if r == 0 {
            if (wanted > 0 && max > 0) || min > 0 {
                // the second replica need not wait again: a loss that the target reports
                (self.replicas, self.down, self.empty) = (1, now, now);
            }
            return;
        }
        let up = r < min || (r < max && running * 100 >= rule.up * rule.limit * r);
        let under = running * 100 < rule.down * rule.limit * r;
        let down = r > max.max(1) || (r >= min && under && r > min.max(1));
        let empty = r == 1 && min == 0 && (wanted == 0 || max == 0);
        for (holds, since, next) in
            [(up, &mut self.up, SYNC), (down, &mut self.down, SYNC), (empty, &mut self.empty, 0)]
        {
            if !holds {
                *since = now + next;
            }
        }
        // a step begins the delay again; the other direction does not hold before the next sample
        match () {
            () if up && now - self.up >= rule.up_delay => {
                self.replicas += 1;
                (self.up, self.down) = (now, now + SYNC);
            }
            () if down && now - self.down >= rule.down_delay => {
                self.replicas -= 1;
                (self.up, self.down) = (now + SYNC, now);
            }
            () if empty && now - self.empty >= rule.down_delay => {
                self.replicas -= 1;
                (self.up, self.down) = (now + SYNC, now);
            }
            () => return,
        }
        self.empty = now;
    }
}

// KEDA and the autoscaler

struct Cluster {
    formula: Expr,
    crons: Vec<Cron>,
    /// What an inactive cron trigger says: 1 up to KEDA 2.17, 0 from 2.18 on.
    inactive: f64,
    windows: [i64; 2],
    periods: [i64; 2],
    cooldown: i64,
    bounds: (i64, i64),
    replicas: i64,
    votes: Vec<(i64, i64)>,
    steps: Vec<(i64, i64)>,
    last_active: i64,
}

impl Cluster {
    fn new(spec: &Json, replicas: i64, inactive: f64) -> Cluster {
        let advanced = &spec["advanced"];
        let direction = |key: &str| {
            let direction = &advanced["horizontalPodAutoscalerConfig"]["behavior"][key];
            let policies = direction["policies"].as_array().unwrap();
            let [policy] = &policies[..] else { panic!("{direction}") };
            assert_eq!((&policy["type"], &policy["value"]), (&json!("Pods"), &json!(1)));
            let number = |value: &Json| value.as_i64().unwrap();
            (number(&direction["stabilizationWindowSeconds"]), number(&policy["periodSeconds"]))
        };
        let (up, down) = (direction("scaleUp"), direction("scaleDown"));
        assert_eq!(advanced["scalingModifiers"]["target"], "1");
        assert_eq!(advanced["scalingModifiers"]["metricType"], "Value");
        let triggers = spec["triggers"].as_array().unwrap();
        let crons = triggers.iter().filter(|trigger| trigger["type"] == "cron");
        Cluster {
            formula: parse(advanced["scalingModifiers"]["formula"].as_str().unwrap()),
            crons: crons.map(Cron::of).collect(),
            inactive,
            windows: [up.0, down.0],
            periods: [up.1, down.1],
            cooldown: spec["cooldownPeriod"].as_i64().unwrap_or(300),
            bounds: (spec["minReplicaCount"].as_i64().unwrap(), spec["maxReplicaCount"].as_i64().unwrap()),
            replicas,
            votes: vec![(0, replicas)],
            steps: Vec::new(),
            last_active: 0,
        }
    }

    fn metric(&self, rule: &Rule, now: i64, wanted: i64) -> f64 {
        let running = wanted.min(self.replicas * rule.limit);
        let number = |value: i64| f64::from(i32::try_from(value).unwrap());
        let week = now.rem_euclid(7 * DAY * 60);
        let names = |name: &str| match name {
            "running" => number(running),
            "queued" => number(wanted - running),
            "replicas" => number(self.replicas),
            // nobody serves a series at 0 replicas
            "known" => number(self.replicas.min(1)),
            _ => {
                let cron = self.crons.iter().find(|cron| cron.0 == name);
                let cron = cron.unwrap_or_else(|| panic!("no trigger is called {name}"));
                if cron.active(week) { 2.0 } else { self.inactive }
            }
        };
        self.formula.value(&names)
    }

    fn sample(&mut self, rule: &Rule, now: i64, wanted: i64) {
        let value = self.metric(rule, now, wanted);
        if value > 0.0 {
            self.last_active = now;
        }
        if self.replicas == 0 {
            self.replicas = i64::from(value > 0.0);
            return;
        }
        self.sync(now, value);
        // KEDA's own step to 0, whatever the autoscaler says
        if self.bounds.0 == 0 && now - self.last_active >= self.cooldown {
            self.replicas = 0;
        }
    }

    /// One reconciliation of a HorizontalPodAutoscaler with behavior.
    fn sync(&mut self, now: i64, value: f64) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // small whole numbers
        let vote = {
            // a `Value`: the ratio times the replicas that are ready, all of them here
            let wanted = (value * self.replicas as f64).ceil() as i64;
            if (value - 1.0).abs() <= 0.1 { self.replicas } else { wanted }
        };
        let within = |at: i64, length: i64| at > now - length;
        let held = |length: i64| self.votes.iter().filter(move |(at, _)| within(*at, length)).map(|(_, vote)| *vote);
        let least = held(self.windows[0]).fold(vote, i64::min);
        let most = held(self.windows[1]).fold(vote, i64::max);
        let r = self.replicas;
        let wished = if r < least { least } else { r.min(most) };
        self.votes.push((now, vote));
        let longest = self.windows[0].max(self.windows[1]);
        self.votes.retain(|(at, _)| within(*at, longest));
        let moved = |length: i64| -> i64 {
            self.steps.iter().filter(|(at, _)| within(*at, length)).map(|(_, step)| *step).sum()
        };
        let allowed = wished.clamp(r - moved(self.periods[1]) - 1, (r - moved(self.periods[0]) + 1).max(r));
        let allowed = if wished < r { allowed.min(r) } else { allowed };
        let next = allowed.clamp(self.bounds.0.max(1), self.bounds.1);
        if next != r {
            self.steps.push((now, next - r));
            self.replicas = next;
        }
    }
}

/// In how many samples the two differ; all runs together.
fn differences(rule: &Rule, runs: u64, hours: i64, start: i64, inactive: f64) -> usize {
    differences_of(&scaled_object(&rule.spec()), rule, runs, hours, start, inactive)
}

fn differences_of(spec: &Json, rule: &Rule, runs: u64, hours: i64, start: i64, inactive: f64) -> usize {
    let most = rule.windows.iter().map(|week| week.4).fold(rule.max, i64::max);
    let mut differ = 0;
    for seed in 1..=runs {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let samples = usize::try_from(hours * 3600 / SYNC).unwrap();
        let load = load(&mut random, samples, most * rule.limit * 5 / 4);
        let first = rule.bounds(start).0.max(1);
        let mut cluster = Cluster::new(spec, first, inactive);
        let next = start + SYNC;
        let mut direct = Direct { replicas: first, up: next, down: next, empty: start };
        cluster.votes = vec![(start, first)];
        cluster.last_active = start;
        let mut moved = 0;
        for (index, wanted) in load.iter().enumerate() {
            let now = start + i64::try_from(index).unwrap() * SYNC;
            let before = direct.replicas;
            direct.sample(rule, now, *wanted);
            cluster.sample(rule, now, *wanted);
            moved += usize::from(before != direct.replicas);
            differ += usize::from(direct.replicas != cluster.replicas);
        }
        assert!(moved > 0, "{rule:?}, load {seed}: nothing moves, so nothing is shown");
    }
    differ
}

const PLAIN: Rule = Rule { up: 75, down: 75, limit: 1, min: 1, max: 10, up_delay: 60, down_delay: 1800, windows: &[] };

#[test]
fn the_formula_does_what_the_thresholds_say() {
    for (up, down) in [(75, 75), (80, 50), (95, 30), (100, 50), (33, 10), (60, 0)] {
        for limit in [1, 3, 4] {
            for down_delay in [180, 1800] {
                let rule = Rule { up, down, limit, down_delay, ..PLAIN };
                assert_eq!(differences(&rule, 40, 6, 0, 0.0), 0, "{rule:?}");
            }
        }
    }
}

#[test]
fn tolerance_never_swallows_a_vote() {
    // one more than 40 is 1.025 of them
    let rule = Rule { min: 2, max: 60, up: 60, down: 40, up_delay: 30, down_delay: 60, ..PLAIN };
    assert_eq!(differences(&rule, 10, 6, 0, 0.0), 0, "{rule:?}");
    // the comparison sees what it is there to see: votes by one, a threshold elsewhere
    let spec = scaled_object(&rule.spec());
    let pointer = "/advanced/scalingModifiers/formula";
    let formula = spec.pointer(pointer).unwrap().as_str().unwrap();
    for (ours, other) in [("? 60\n", "? 1.05\n"), ("running*5 < 2*replicas", "running*5 < 3*replicas")] {
        assert!(formula.contains(ours), "{formula}");
        let mut worse = spec.clone();
        *worse.pointer_mut(pointer).unwrap() = json!(formula.replace(ours, other));
        assert!(differences_of(&worse, &rule, 10, 6, 0, 0.0) > 0, "{other}");
    }
}

#[test]
fn a_service_goes_to_0_and_comes_back() {
    for limit in [1, 4] {
        for down_delay in [120, 900] {
            let rule = Rule { min: 0, max: 4, limit, down_delay, up: 75, down: 50, ..PLAIN };
            assert_eq!(differences(&rule, 40, 6, 0, 0.0), 0, "{rule:?}");
        }
    }
}

const WORK: &[i64] = &[0, 1, 2, 3, 4];

#[test]
fn windows_change_the_bounds_in_the_formula() {
    let cases: &[&[Week]] = &[
        &[Week(WORK, 8 * 60, 18 * 60, 3, 10)],
        // over midnight, over the end of the week
        &[Week(&[6], 22 * 60, 6 * 60, 5, 6), Week(WORK, 9 * 60, 17 * 60, 2, 9)],
        // touching, then a night that is off
        &[
            Week(&[0, 2], 6 * 60, 8 * 60, 4, 5),
            Week(&[0, 2], 8 * 60, 12 * 60, 1, 2),
            Week(&[0, 1], 22 * 60, 4 * 60, 0, 0),
        ],
        &[Week(&[5, 6], 0, DAY, 2, 2)],
    ];
    for windows in cases {
        for (min, inactive) in [(0, 0.0), (0, 1.0), (1, 1.0)] {
            let rule = Rule { min, max: 4, limit: 3, down: 50, down_delay: 600, windows, ..PLAIN };
            // from Sunday 18:00 on, and over the next weekend's edge
            for start in [6 * DAY + 18 * 60, 4 * DAY + 12 * 60] {
                assert_eq!(differences(&rule, 3, 40, start * 60, inactive), 0, "{rule:?}");
            }
        }
    }
}

#[test]
fn cron_triggers_are_active_exactly_in_their_windows() {
    let weeks: &[Week] = &[
        Week(WORK, 8 * 60, 18 * 60, 2, 9),
        Week(&[6], 22 * 60, 6 * 60, 2, 9),
        Week(WORK, 22 * 60 + 30, 6 * 60, 2, 9),
        Week(&[5, 6], 0, DAY, 2, 9),
        Week(&[0, 1, 2, 3, 4, 5, 6], 20 * 60, 4 * 60, 2, 9),
        Week(&[0, 2, 4, 6], 12 * 60, 11 * 60 + 59, 2, 9),
        Week(&[3], 0, DAY, 2, 9),
    ];
    for week in weeks {
        let rule = Rule { windows: std::slice::from_ref(Box::leak(Box::new(*week))), ..PLAIN };
        let spec = scaled_object(&rule.spec());
        let trigger = spec["triggers"].as_array().unwrap().iter().find(|t| t["type"] == "cron").unwrap();
        let cron = Cron::of(trigger);
        for minute in 0..7 * DAY {
            for second in [0, 59] {
                assert_eq!(cron.active(minute * 60 + second), week.open(minute), "{week:?} at {minute}: {trigger}");
            }
        }
    }
    // one that never ends has no trigger: it is the rule itself
    let rule = Rule { windows: &[Week(&[0, 1, 2, 3, 4, 5, 6], 0, DAY, 3, 7)], ..PLAIN };
    let spec = scaled_object(&rule.spec());
    assert_eq!((&spec["minReplicaCount"], &spec["maxReplicaCount"]), (&json!(3), &json!(7)));
    assert!(spec["triggers"].as_array().unwrap().iter().all(|trigger| trigger["type"] != "cron"));
}

#[test]
fn the_scaled_object_is_the_one_of_the_facts() {
    let rule = Rule { min: 0, max: 4, limit: 3, down: 50, windows: &[Week(WORK, 8 * 60, 18 * 60, 3, 10)], ..PLAIN };
    let spec = scaled_object(&rule.spec());
    let step = |seconds: i64| {
        json!({ "stabilizationWindowSeconds": seconds + SYNC, "selectPolicy": "Max",
        "policies": [{ "type": "Pods", "value": 1, "periodSeconds": seconds }] })
    };
    let ask = |name: &str, query: &str| {
        json!({ "type": "prometheus", "name": name, "metadata": {
        "serverAddress": "http://p:9090", "query": query, "threshold": "1", "ignoreNullValues": "true" } })
    };
    let formula = "replicas == 0 ? (queued > 0 || mon_to_fri_0800 > 1 ? 1 : 0)\n\
        : replicas < (mon_to_fri_0800 > 1 ? 3 : 0) ? 10\n\
        : replicas > (mon_to_fri_0800 > 1 ? 10 : 4) ? 0.01\n\
        : known == 0 ? 1\n\
        : running*4 >= 9*replicas && replicas < (mon_to_fri_0800 > 1 ? 10 : 4) ? 10\n\
        : running*2 < 3*replicas && replicas > (mon_to_fri_0800 > 1 ? 3 : 1) ? 0.01\n\
        : mon_to_fri_0800 <= 1 && replicas == 1 && running + queued == 0 ? 0\n: 1";
    assert_eq!(
        spec,
        json!({
            "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "web" },
            "pollingInterval": 15, "cooldownPeriod": 1800, "initialCooldownPeriod": 1800,
            "minReplicaCount": 0, "maxReplicaCount": 10,
            "advanced": {
                "horizontalPodAutoscalerConfig": { "behavior": { "scaleUp": step(60), "scaleDown": step(1800) } },
                "scalingModifiers": { "formula": formula, "target": "1", "metricType": "Value" },
            },
            "triggers": [
                ask("running", "sum(r)"),
                { "type": "kubernetes-workload", "name": "replicas",
                  "metadata": { "podSelector": "app.kubernetes.io/instance=jobs,app.kubernetes.io/name=web", "value": "1" } },
                ask("queued", "sum(q)"),
                ask("known", "count(sum(r))"),
                { "type": "cron", "name": "mon_to_fri_0800", "metadata": { "timezone": "UTC",
                  "start": "0 8 * * 1-5", "end": "0 18 * * 1-5", "desiredReplicas": "2" } },
            ],
        })
    );
    let rules: Vec<_> = said(&rule.spec());
    assert!(!rules.iter().any(|(rule, ..)| *rule == "threshold-never-fires"), "{rules:#?}");
    let lost: Vec<&str> =
        rules.iter().filter(|(rule, ..)| *rule == "lost-in-target").map(|(_, path, _)| path.as_str()).collect();
    assert_eq!(lost, ["/services/web/replicas/min"], "only what nobody remembers of a sleeping service: {rules:#?}");
    // two windows of one start and one name: their triggers differ
    let days = |day: i64| Box::leak(Box::new([day]));
    let windows = Box::leak(Box::new([Week(days(0), 8 * 60, 9 * 60, 3, 10), Week(days(0), 8 * 60, 10 * 60, 4, 10)]));
    let spec = Rule { windows, ..rule }.spec().replace(
        "      - { days: [mon], from: '08:00', to: '10",
        "      # scalegen: allow overlapping-windows (a test)\n      - { days: [mon], from: '08:00', to: '10",
    );
    let triggers = scaled_object(&spec)["triggers"].clone();
    let names: Vec<&str> = triggers.as_array().unwrap().iter().filter_map(|trigger| trigger["name"].as_str()).collect();
    assert_eq!(names, ["running", "replicas", "queued", "known", "mon_0800", "mon_0800_2"]);
}

#[test]
fn what_the_votes_cannot_hold_is_said_where_it_stands() {
    let base = "/services/web/";
    let service = |scaling: &str, replicas: &str, queued: &str| {
        spec(
            &format!(
                "    replicas: {replicas}\n    concurrency: 2\n    autoscaling: {{ {scaling} metrics: {{ prometheus: {{ \
                 server: 'http://p:9090', running: sum(r){queued} }} }} }}\n"
            ),
            "autoscaler: keda",
        )
    };
    let range = "{ min: 1, max: 4 }";
    let cases = [
        ("predictive: true,", range, "", "lost-in-target", "autoscaling/predictive", "does not predict"),
        ("scaleDown: { delay: 45m },", range, "", "lost-in-target", "autoscaling/scaleDown/delay", "every 30m"),
        ("scaleDown: { delay: 2h },", range, "", "refused-by-target", "autoscaling/scaleDown/delay", "above 1h"),
        ("scaleUp: { delay: 14s },", range, "", "refused-by-target", "autoscaling/scaleUp/delay", "two looks"),
        ("scaleUp: { delay: 20s },", range, "", "lost-in-target", "autoscaling/scaleUp/delay", "up to 15s late"),
        (
            "",
            range,
            ", queued: sum(q)",
            "lost-in-target",
            "autoscaling/metrics/prometheus/queued",
            "never goes below 1",
        ),
        ("", "{ min: 0, max: 4 }", "", "lost-in-target", "replicas/min", "nothing wakes"),
        ("", "{ min: 0, max: 4 }", ", queued: sum(q)", "lost-in-target", "replicas/min", "without the delay of 1m"),
    ];
    for (scaling, replicas, queued, rule, path, words) in cases {
        let said = said(&service(scaling, replicas, queued));
        let found = said.iter().find(|(r, at, _)| *r == rule && *at == format!("{base}{path}"));
        assert!(found.is_some_and(|(.., message)| message.contains(words)), "{scaling}{replicas}: {said:#?}");
    }
    let quiet = said(&service("scaleUp: { threshold: 0.95, delay: 30s }, scaleDown: { threshold: 0.3 },", range, ""));
    assert!(!quiet.iter().any(|(rule, ..)| rule.ends_with("-target") || rule.starts_with("threshold-")), "{quiet:#?}");
    let kept = scaled_object(&service("scaleDown: { delay: 45m },", "{ min: 0, max: 4 }", ""));
    assert_eq!((&kept["minReplicaCount"], &kept["cooldownPeriod"]), (&json!(1), &Json::Null));
    let down = &kept["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"];
    assert_eq!(
        (&down["stabilizationWindowSeconds"], &down["policies"][0]["periodSeconds"]),
        (&json!(2715), &json!(1800))
    );
}

#[test]
fn on_cpu_a_cron_trigger_raises_the_floor_and_no_more() {
    let service = |window: &str| {
        spec(
            &format!(
                "    replicas: {{ min: 2, max: 20 }}\n    autoscaling: {{ signal: cpu }}\n    schedule:\n      \
                 - {{ days: [fri], from: '20:00', to: '04:00', timezone: Asia/Tokyo, replicas: {window} }}\n"
            ),
            "autoscaler: keda",
        )
    };
    let raised = service("{ min: 5, max: 20 }");
    assert_eq!(
        scaled_object(&raised)["triggers"],
        json!([
            { "type": "cpu", "metricType": "Utilization", "metadata": { "value": "75" } },
            { "type": "cron", "name": "fri_2000", "metadata": { "timezone": "Asia/Tokyo", "start": "0 20 * * 5",
              "end": "0 4 * * 6", "desiredReplicas": "5" } },
        ])
    );
    assert!(!said(&raised).iter().any(|(_, path, _)| path.contains("schedule")), "{:#?}", said(&raised));
    for (window, words) in [
        ("{ min: 5, max: 9 }", "sets no most, 9 is not 20"),
        ("{ min: 1, max: 20 }", "only raises the least, 1 is below 2"),
        ("{ min: 12, max: 20 }", "from 11 to a floor of 12 nothing is added, within a tolerance of 0.10"),
        // 11 ÷ 10 is the tolerance itself, and both ends are within
        ("{ min: 11, max: 20 }", "from 10 to a floor of 11 nothing is added"),
    ] {
        let said = said(&service(window));
        let found = said.iter().find(|(rule, path, _)| *rule == "lost-in-target" && path.ends_with("schedule/0"));
        assert!(found.is_some_and(|(.., message)| message.contains(words)), "{window}: {said:#?}");
        assert_eq!(scaled_object(&service(window))["triggers"].as_array().unwrap().len(), 1);
    }
    // two thresholds as tolerances: upwards there is none, and downwards the floor has it too
    let both = service("{ min: 12, max: 20 }")
        .replace("signal: cpu", "signal: cpu, scaleUp: { threshold: 0.8 }, scaleDown: { threshold: 0.5 }")
        .replace("keda }", "keda, version: '1.35', kedaVersion: '2.18' }");
    let written = scaled_object(&both);
    assert_eq!(written["triggers"][1]["metadata"]["desiredReplicas"], "12");
    let behavior = &written["advanced"]["horizontalPodAutoscalerConfig"]["behavior"];
    assert_eq!((&behavior["scaleUp"]["tolerance"], &behavior["scaleDown"]["tolerance"]), (&json!("0"), &json!("375m")));
    let said = said(&both);
    assert!(said.iter().any(|(.., message)| message.contains("up to 19 replicas stay in the window")), "{said:#?}");
}

/// A window with the bounds of the base moves nothing, so that nothing is written that could.
#[test]
fn a_window_that_changes_nothing_needs_no_autoscaler() {
    for (autoscaler, kind) in [("keda", "ScaledObject"), ("hpa", "HorizontalPodAutoscaler")] {
        let kinds = |window: &str| {
            let service = format!(
                "    replicas: 2\n    concurrency: 2\n    autoscaling: {{ metrics: {{ prometheus: {{ server: 'http://p:9090', \
                 running: sum(r) }} }} }}\n    schedule:\n      - {{ days: [fri], from: '08:00', to: '20:00', timezone: UTC, \
                 replicas: {window} }}\n"
            );
            let files = files(&spec(&service, &format!("autoscaler: {autoscaler}")));
            (
                files.values().any(|object| object["kind"] == kind),
                files["web-deployment.yaml"]["spec"]["replicas"].clone(),
            )
        };
        assert_eq!(kinds("2"), (false, json!(2)), "{autoscaler}");
        assert_eq!(kinds("{ min: 2, max: 2 }"), (false, json!(2)), "{autoscaler}");
        assert_eq!(kinds("3"), (true, Json::Null), "{autoscaler}");
    }
}

/// The schedule of each CronJob and the bounds it sets.
pub(super) fn patches(files: &BTreeMap<String, Json>) -> Vec<(String, i64, i64)> {
    let jobs = files.values().filter(|object| object["kind"] == "CronJob");
    jobs.map(|job| {
        let args = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"].as_array().unwrap();
        let patch: Json = serde_json::from_str(args.last().unwrap().as_str().unwrap()).unwrap();
        assert_eq!(patch.as_object().unwrap().len(), 1, "{patch}");
        let number = |key: &str| patch["spec"][key].as_i64().unwrap();
        (job["spec"]["schedule"].as_str().unwrap().to_owned(), number("minReplicas"), number("maxReplicas"))
    })
    .collect()
}

fn hpa(min: i64, windows: &str, options: &str) -> String {
    let service =
        format!("    replicas: {{ min: {min}, max: 6 }}\n    autoscaling: {{ signal: cpu }}\n    schedule:\n{windows}");
    spec(&service, options)
}

fn window(days: &str, from: &str, to: &str, zone: &str, replicas: &str) -> String {
    format!("      - {{ days: [{days}], from: '{from}', to: '{to}', timezone: {zone}, replicas: {replicas} }}\n")
}

#[test]
fn cron_jobs_set_the_bounds_of_every_minute_of_the_week() {
    let cases: &[&[Week]] = &[
        &[Week(WORK, 8 * 60, 18 * 60, 3, 10)],
        &[Week(WORK, 22 * 60, 6 * 60, 3, 10), Week(&[6], 23 * 60, 60, 4, 4)],
        // touching in the day, at midnight and over the week's end
        &[Week(&[0, 1], 6 * 60, 8 * 60, 4, 5), Week(&[0, 1], 8 * 60, 12 * 60, 1, 2)],
        &[Week(&[4, 5, 6], 0, DAY, 3, 3), Week(&[0], 0, 8 * 60, 5, 5)],
        &[Week(&[0, 1, 2, 3, 4, 5, 6], 20 * 60, 4 * 60, 2, 3)],
    ];
    for windows in cases {
        let rule = Rule { min: 2, max: 6, windows, ..PLAIN };
        let files = files(&rule.spec().replace("autoscaler: keda", "autoscaler: hpa"));
        let mut edges: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        for (schedule, min, max) in patches(&files) {
            for minute in fires(&schedule) {
                let second = edges.insert(minute, (min, max));
                assert_eq!(second, None, "two CronJobs in one minute: {windows:?}");
            }
        }
        for minute in 0..7 * DAY {
            let last = edges.range(..=minute).next_back().or(edges.iter().next_back()).unwrap().1;
            assert_eq!(*last, rule.bounds(minute * 60), "{windows:?} at {minute}");
            // bounds that an apply puts back in a window are right again soon, save in its last minutes
            let next = (0..5).map(|later| (minute + later).rem_euclid(7 * DAY)).find(|at| edges.contains_key(at));
            let inside =
                (0..10).all(|later| rule.bounds((minute + later) % (7 * DAY) * 60) == rule.bounds(minute * 60));
            if inside && rule.bounds(minute * 60) != (rule.min, rule.max) {
                assert!(next.is_some(), "{windows:?}: nothing heals at {minute}");
            }
        }
    }
}

#[test]
fn cron_jobs_may_change_one_autoscaler_and_run_when_due() {
    let windows = window("mon, tue", "08:00", "08:30", "Europe/Berlin", "{ min: 3, max: 9 }");
    let files = files(&hpa(2, &windows, "namespace: prod, version: '1.31.2'"));
    let jobs: Vec<&Json> = files.values().filter(|object| object["kind"] == "CronJob").collect();
    let job = &files["web-window-1-cronjob.yaml"];
    // within the window, and for the hour after it in the two hours that it touches
    assert_eq!(jobs.len(), 3);
    assert_eq!(job["spec"]["schedule"], "0-25/5 8 * * 1-2");
    assert_eq!(files["web-otherwise-cronjob.yaml"]["spec"]["schedule"], "30-55/5 8 * * 1-2");
    assert_eq!(files["web-otherwise-2-cronjob.yaml"]["spec"]["schedule"], "0-25/5 9 * * 1-2");
    assert_eq!(job["spec"]["timeZone"], "Europe/Berlin");
    // a late one is dropped, and a slow one ended, before the bounds of another hour are due
    assert_eq!(job["spec"]["startingDeadlineSeconds"], 60);
    assert_eq!(job["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"], 120);
    let pod = &job["spec"]["jobTemplate"]["spec"]["template"];
    let container = &pod["spec"]["containers"][0];
    assert_eq!(pod["spec"]["securityContext"]["runAsNonRoot"], true);
    assert_eq!(pod["spec"]["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    assert_eq!(container["securityContext"]["allowPrivilegeEscalation"], false);
    assert_eq!(container["securityContext"]["capabilities"]["drop"], json!(["ALL"]));
    for amounts in ["requests", "limits"] {
        for resource in ["cpu", "memory"] {
            assert!(container["resources"][amounts][resource].is_string(), "{container}");
        }
    }
    assert_eq!(pod["spec"]["containers"][0]["image"], "registry.k8s.io/kubectl:v1.31.2");
    let selector = &files["web-deployment.yaml"]["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"];
    assert_ne!(&pod["metadata"]["labels"]["app.kubernetes.io/name"], selector, "no replica of the service");
    let account = &files["web-schedule-serviceaccount.yaml"];
    assert_eq!(pod["spec"]["serviceAccountName"], account["metadata"]["name"]);
    let role = &files["web-schedule-role.yaml"];
    assert_eq!(
        role["rules"],
        json!([{ "apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"],
                 "resourceNames": ["web"], "verbs": ["get", "patch"] }])
    );
    let binding = &files["web-schedule-rolebinding.yaml"];
    assert_eq!(binding["roleRef"]["name"], role["metadata"]["name"]);
    assert_eq!(binding["subjects"], json!([{ "kind": "ServiceAccount", "name": "web-schedule", "namespace": "prod" }]));
    let listed = files["kustomization.yaml"]["resources"].as_array().unwrap();
    assert_eq!(listed.len(), files.len() - 1, "{listed:?}");
}

#[test]
fn cron_jobs_keep_their_names_when_a_window_changes() {
    let names = |window: &str| {
        files(&hpa(2, window, "")).keys().filter(|path| path.ends_with("-cronjob.yaml")).cloned().collect::<Vec<_>>()
    };
    let before = names(&window("mon, tue", "09:00", "17:00", "Europe/London", "{ min: 4, max: 8 }"));
    assert_eq!(before, ["web-otherwise-cronjob.yaml", "web-window-1-cronjob.yaml"]);
    assert_eq!(
        before,
        names(&window("mon, tue", "09:00", "17:00", "Europe/London", "{ min: 5, max: 8 }")),
        "other bounds"
    );
    assert_eq!(before, names(&window("wed", "10:00", "19:00", "Europe/London", "{ min: 4, max: 8 }")), "moved");
}

#[test]
fn nights_at_zero_on_cpu_are_held_by_a_cron_trigger() {
    let service = |replicas: &str, from: &str, to: &str, window: &str| {
        spec(
            &format!(
                "    replicas: {replicas}\n    autoscaling: {{ signal: cpu }}\n    schedule:\n      \
                 - {{ days: [mon, tue, wed, thu, fri], from: '{from}', to: '{to}', timezone: Europe/Paris, replicas: {window} }}\n"
            ),
            "autoscaler: keda",
        )
    };
    let cron = |name: &str, start: &str, end: &str, replicas: &str| {
        json!({ "type": "cron", "name": name, "metadata": {
            "timezone": "Europe/Paris", "start": start, "end": end, "desiredReplicas": replicas } })
    };
    // awake in the window, and awake between windows
    let days = service("{ min: 0, max: 4 }", "08:00", "20:00", "{ min: 3, max: 4 }");
    let nights = service("{ min: 2, max: 6 }", "22:00", "06:00", "0");
    let by_day = cron("mon_to_fri_0800", "0 8 * * 1-5", "0 20 * * 1-5", "3");
    let by_night = cron("tue_to_sat_0600", "0 6 * * 2-6", "0 22 * * 1-5", "2");
    for (spec, trigger, max) in [(&days, by_day, 4), (&nights, by_night, 6)] {
        let object = scaled_object(spec);
        assert_eq!((&object["minReplicaCount"], &object["maxReplicaCount"]), (&json!(0), &json!(max)));
        assert_eq!(object["triggers"][1], trigger);
        assert_eq!(object["cooldownPeriod"], 300);
    }
    // that load wakes nobody is said where it says otherwise, and only there
    let lost = |spec: &str| said(spec).into_iter().filter(|(rule, ..)| *rule == "lost-in-target").collect::<Vec<_>>();
    assert!(
        lost(&days).iter().any(|(_, path, why)| path.ends_with("replicas/min") && why.contains("whatever the load"))
    );
    assert_eq!(lost(&nights), []);
}

#[test]
fn what_cron_jobs_cannot_hold_is_said_where_it_stands() {
    let berlin = window("mon", "08:00", "18:00", "Europe/Berlin", "{ min: 0, max: 9 }");
    let tokyo = window("tue", "08:00", "18:00", "Asia/Tokyo", "{ min: 3, max: 9 }");
    let cases = [
        (berlin.clone(), "version: '1.26'", "refused-by-target", "/targets/kubernetes/version", "older than 1.27"),
        (berlin.clone(), "", "lost-in-target", "/services/web/schedule/0/replicas/min", "so 1 is"),
        (berlin + &tokyo, "", "lost-in-target", "/services/web/schedule/1/timezone", "in any order"),
    ];
    for (windows, options, rule, path, words) in cases {
        let said = said(&hpa(2, &windows, options));
        let found = said.iter().find(|(r, at, _)| *r == rule && at == path);
        assert!(found.is_some_and(|(.., message)| message.contains(words)), "{options}: {said:#?}");
    }
    let long = hpa(2, &tokyo, "").replace("  web:\n", &format!("  {}:\n", "w".repeat(44)));
    assert!(said(&long).iter().any(|(rule, _, message)| *rule == "refused-by-target" && message.contains("CronJob")));
    let idle = hpa(2, &tokyo, "kubectlImage: 'k:1', autoscaler: none");
    let found = said(&idle).into_iter().find(|(_, path, _)| path == "/targets/kubernetes/kubectlImage");
    assert!(found.is_some_and(|(_, _, message)| message == "kubernetes: no CronJob is written, so nothing runs k:1"));
}

#[test]
fn the_consumers_take_formulas_and_cron_jobs() {
    let windows: &[Week] = &[Week(WORK, 22 * 60, 6 * 60, 3, 10), Week(&[6], 10 * 60, 12 * 60, 0, 0)];
    let rule = Rule { min: 0, max: 4, limit: 3, down: 50, windows, ..PLAIN };
    for (spec, only) in [
        (rule.spec(), "keda.py"),
        (rule.spec(), "k8s.py"),
        (rule.spec().replace("autoscaler: keda", "autoscaler: hpa, namespace: prod"), "k8s.py"),
        (spec_of_floor(), "keda.py"),
        (spec_of_nights(), "keda.py"),
    ] {
        let out = tempfile::TempDir::new().unwrap();
        let rendered = render("scalegen.yaml", spec.as_bytes(), &NoFiles, None, &["kubernetes".to_owned()]).unwrap();
        let mut paths = Vec::new();
        for file in rendered.files.iter().flat_map(|(_, files)| files).filter(|f| f.path != "kustomization.yaml") {
            let path = out.path().join(&file.path);
            fs::write(&path, &file.text).unwrap();
            paths.push(path.to_str().unwrap().to_owned());
        }
        let args: Vec<&str> = paths.iter().map(String::as_str).collect();
        let Some(verdict) = judge(only, &args) else { return };
        let verdict = verdict.accepted(only, &spec);
        let warnings = verdict.json()["warnings"].clone();
        assert!(warnings.as_array().is_none_or(Vec::is_empty), "{only}: {warnings:#}");
    }
}

fn spec_of_nights() -> String {
    hpa(0, &window("mon, tue", "08:00", "20:00", "Europe/Berlin", "{ min: 4, max: 6 }"), "autoscaler: keda")
}

fn spec_of_floor() -> String {
    hpa(2, &window("sat, sun", "00:00", "24:00", "Europe/Berlin", "{ min: 4, max: 6 }"), "autoscaler: keda")
}
