//! Every autoscaler against what the spec itself means: the rendered files, run through the engines of the simulator.
//!
//! `load` means Foundry's rule; cpu and memory mean an autoscaler with continuous metrics of pods that are ready at once, with both
//! thresholds; a fixed number means itself. Two days of one load are played, a Friday and a Saturday, in steps of 15 s. In the table
//! stands the share of that time in which the number of replicas is another. A share may only shrink.

use super::keda::{Cron, Expr, fires, parse, patches};
use scalegen::simulate::foundry::{Foundry, FoundrySetup, FoundryTick};
use scalegen::simulate::hpa::{
    Behavior, ExternalTarget, Hpa, HpaSetup, HpaTick, Metric, Phase, Pod, PodReading, PodResource, PodSample, Pods,
    PolicyKind, Reading, Ready, Release, ResourceTarget, Rules, ScalingPolicy, Select,
};
use scalegen::simulate::keda::{Formula, KedaMemory, KedaSetup, KedaTrigger, Values};
use scalegen::simulate::{Bounds, Nanos, SECOND};
use scalegen::{NoFiles, render};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

const TABLE: &str = "fixtures/targets/autoscalers.md";
const STEP: i64 = 15;
const DAY: i64 = 86_400;
const FRIDAY: i64 = 4;
/// What one replica does at once, and the cores of one job in thousandths: a full replica uses its request.
const SLOTS: i64 = 4;
const PER_JOB: i64 = 250;
const REQUEST: i64 = 1000;

// the rows

#[derive(Clone, Copy)]
struct Row {
    autoscaler: (&'static str, &'static str),
    signal: &'static str,
    /// Up, and down where it is written.
    thresholds: (f64, Option<f64>),
    /// Least and most; equal for a fixed number.
    replicas: (i32, i32),
    windowed: bool,
}

const AUTOSCALERS: [(&str, &str); 6] = [
    ("hpa 1.33", "version: \"1.33\""),
    ("hpa 1.35", "version: \"1.35\""),
    ("hpa 1.37", "version: \"1.37\""),
    ("keda", "autoscaler: keda, version: \"1.37\""),
    ("keda 2.18", "autoscaler: keda, version: \"1.37\", kedaVersion: \"2.18\""),
    ("none", "autoscaler: none"),
];

fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for autoscaler in AUTOSCALERS {
        for windowed in [false, true] {
            for signal in ["load", "cpu", "memory"] {
                for thresholds in [(0.75, None), (0.8, Some(0.4))] {
                    for replicas in [(2, 20), (0, 20)] {
                        rows.push(Row { autoscaler, signal, thresholds, replicas, windowed });
                    }
                }
            }
            rows.push(Row { autoscaler, signal: "load", thresholds: (0.75, None), replicas: (4, 4), windowed });
        }
    }
    rows
}

impl Row {
    fn key(&self) -> String {
        let (up, down) = self.thresholds;
        let down = down.map_or(String::new(), |down| format!(" and {down}"));
        let replicas = match self.replicas {
            (min, max) if min == max => format!("{min} |  | "),
            (min, max) => format!("{min} to {max} | {} | {up}{down}", self.signal),
        };
        let windows = if self.windowed { "weekdays" } else { "" };
        format!("| {} | {replicas} | {windows} |", self.autoscaler.0)
    }

    fn window(&self) -> (i32, i32) {
        if self.replicas.0 == self.replicas.1 { (8, 8) } else { (6, 20) }
    }

    fn spec(&self) -> String {
        let range = |(min, max): (i32, i32)| {
            if min == max { format!("{min}") } else { format!("{{ min: {min}, max: {max} }}") }
        };
        let (up, down) = self.thresholds;
        let down = down.map_or(String::new(), |down| format!(", scaleDown: {{ threshold: {down} }}"));
        let metrics = if self.signal == "load" {
            ", metrics: { prometheus: { server: \"http://p:9090\", running: r, queued: q } }"
        } else {
            ""
        };
        let scaling = format!("{{ signal: {}, scaleUp: {{ threshold: {up} }}{down}{metrics} }}", self.signal);
        let schedule = if self.windowed {
            format!(
                "    schedule: [{{ days: [mon, tue, wed, thu, fri], from: \"08:00\", to: \"18:00\", timezone: UTC, replicas: {} }}]\n",
                range(self.window())
            )
        } else {
            String::new()
        };
        format!(
            "version: 1\nname: shop\nservices:\n  web:\n    image: web:1\n    concurrency: {{ limit: {SLOTS}, env: SLOTS }}\n    \
             resources: {{ requests: {{ cpu: 1, memory: 1Gi }}, limits: {{ cpu: 1, memory: 1Gi }} }}\n    replicas: {}\n    \
             autoscaling: {scaling}\n{schedule}targets:\n  kubernetes: {{ {} }}\n",
            range(self.replicas),
            self.autoscaler.1
        )
    }

    /// What the spec says about bounds at a second of the week.
    fn bounds(&self, second: i64) -> Bounds {
        let open = self.windowed && second / DAY < 5 && (8 * 3600..18 * 3600).contains(&(second % DAY));
        let (min, max) = if open { self.window() } else { self.replicas };
        Bounds { min, max }
    }
}

// the load

/// Jobs that want to run at each step: nights with nothing, busy afternoons, bursts.
fn load() -> Vec<i64> {
    let mut state = 7_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((state >> 33) % 1000).unwrap()
    };
    let mut all = Vec::new();
    let mut burst = 0;
    for minute in 0..2 * DAY / 60 {
        let hour = minute / 60 % 24;
        let base = match hour {
            0..=6 => 0,
            7..=9 => 12 + (hour - 6) * 6,
            10..=17 => 44,
            18..=20 => 28,
            _ => 4,
        };
        burst = if base > 0 && random() < 20 { 12 } else { burst - 1 };
        let jobs = if base == 0 { 0 } else { base + base * (random() - 500) / 2000 + if burst > 0 { 16 } else { 0 } };
        all.extend(std::iter::repeat_n(jobs.max(0), usize::try_from(60 / STEP).unwrap()));
    }
    all
}

// what the spec means

enum Meant {
    Foundry(Box<Foundry>),
    /// The total of the work, in millionths of a core, against a share of the request.
    Continuous(Box<Hpa>),
    Number,
}

impl Meant {
    fn of(row: &Row) -> Meant {
        let (up, down) = row.thresholds;
        if row.replicas.0 == row.replicas.1 {
            return Meant::Number;
        }
        if row.signal == "load" {
            let setup = FoundrySetup {
                up,
                down: down.unwrap_or(up),
                concurrency: i32::try_from(SLOTS).unwrap(),
                ..FoundrySetup::default()
            };
            return Meant::Foundry(Box::new(Foundry::new(setup)));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a share of a million")]
        let target = (up * (REQUEST * 1000) as f64) as i64;
        let policy = |kind, value| ScalingPolicy { kind, value, period: 15 * SECOND };
        let rules = |window: Nanos, policies, tolerance| Rules {
            window: Some(window),
            select: Some(Select::Max),
            policies: Some(policies),
            tolerance,
        };
        let behavior = Behavior {
            scale_up: rules(0, vec![policy(PolicyKind::Pods, 4), policy(PolicyKind::Percent, 100)], down.map(|_| 0.0)),
            scale_down: rules(300 * SECOND, vec![policy(PolicyKind::Percent, 100)], down.map(|down| 1.0 - down / up)),
        };
        let setup = HpaSetup::new(vec![Metric::External(ExternalTarget::AverageValue(target))]);
        Meant::Continuous(Box::new(Hpa::new(setup.release(Release::V1_37).behavior(behavior))))
    }

    fn step(&mut self, now: Nanos, current: i32, bounds: Bounds, jobs: i64) -> i32 {
        let running = jobs.min(i64::from(current) * SLOTS);
        match self {
            Meant::Number => bounds.min,
            Meant::Foundry(foundry) => {
                let waiting = jobs > running;
                if waiting && let Some(woken) = foundry.request(now, current, bounds) {
                    return woken;
                }
                #[expect(clippy::cast_precision_loss, reason = "a small number of jobs")]
                let running = running as f64;
                foundry.tick(&FoundryTick { now, current, existing: current, bounds, running, waiting })
            }
            Meant::Continuous(hpa) => {
                // from 0 it is what waits that wakes
                let work = if current == 0 { jobs } else { running };
                let reading = [Reading::Total(work * PER_JOB * 1000)];
                let pods = Pods::Counts { existing: current, ready: current };
                hpa.tick(&HpaTick { now, current, status: current, bounds, pods, readings: &reading }).replicas
            }
        }
    }
}

// what is rendered

enum Written {
    Hpa { hpa: Box<Hpa>, resource: bool, bounds: Bounds, changes: Vec<(Vec<i64>, Bounds)> },
    Keda { memory: Box<KedaMemory>, hpa: Box<Hpa>, triggers: Vec<Trigger>, formula: Option<Expr> },
    Number(i32),
}

/// What one trigger reads.
enum Trigger {
    Running,
    Queued,
    Replicas,
    Known,
    Cron(Cron, f64),
    Resource,
}

type Files = BTreeMap<String, Json>;

/// The files of a spec; none where it is refused, with the rule that does.
fn files(spec: &str) -> Result<Files, String> {
    let rendered = render("scalegen.yaml", spec.as_bytes(), &NoFiles, None, &["kubernetes".to_owned()]).unwrap();
    let all = rendered.files.iter().flat_map(|(_, files)| files);
    let files: Files = all.map(|file| (file.path.clone(), serde_yaml::from_str(&file.text).unwrap())).collect();
    if files.is_empty() {
        let rules = rendered.checked.findings.iter().map(|finding| finding.rule.to_string());
        return Err(format!("refused: {}", rules.take(1).collect::<String>()));
    }
    Ok(files)
}

fn whole(value: &Json) -> i32 {
    i32::try_from(value.as_i64().unwrap_or_else(|| panic!("{value} is not a number"))).unwrap()
}

/// A quantity in thousandths.
fn milli(value: &Json) -> i64 {
    let text = value.as_str().unwrap();
    text.strip_suffix('m').map_or_else(|| text.parse::<i64>().unwrap() * 1000, |milli| milli.parse().unwrap())
}

fn behavior(written: &Json) -> Behavior {
    let rules = |written: &Json| {
        let policies = written["policies"].as_array().map(|policies| {
            let one = |policy: &Json| ScalingPolicy {
                kind: if policy["type"] == "Pods" { PolicyKind::Pods } else { PolicyKind::Percent },
                value: whole(&policy["value"]),
                period: i64::from(whole(&policy["periodSeconds"])) * SECOND,
            };
            policies.iter().map(one).collect()
        });
        let select = match written["selectPolicy"].as_str() {
            Some("Min") => Select::Min,
            Some("Disabled") => Select::Disabled,
            _ => Select::Max,
        };
        #[expect(clippy::cast_precision_loss, reason = "at most a few thousandths")]
        let tolerance = written["tolerance"].as_str().map(|_| milli(&written["tolerance"]) as f64 / 1000.0);
        let window = written["stabilizationWindowSeconds"].as_i64().map(|seconds| seconds * SECOND);
        Rules { window, select: Some(select), policies, tolerance }
    };
    Behavior { scale_up: rules(&written["scaleUp"]), scale_down: rules(&written["scaleDown"]) }
}

fn resource(word: &Json) -> PodResource {
    if word == "cpu" { PodResource::Cpu } else { PodResource::Other }
}

fn written(files: &Files) -> Written {
    let kind = |word: &str| files.values().find(|object| object["kind"] == word);
    if let Some(object) = kind("ScaledObject") {
        return scaled_object(&object["spec"]);
    }
    let Some(object) = kind("HorizontalPodAutoscaler") else {
        let workload = kind("Deployment").unwrap();
        return Written::Number(whole(&workload["spec"]["replicas"]));
    };
    let spec = &object["spec"];
    let metric = &spec["metrics"][0];
    let own = metric["type"] == "Resource";
    let metric = if own {
        let percent = whole(&metric["resource"]["target"]["averageUtilization"]);
        Metric::Resource(resource(&metric["resource"]["name"]), ResourceTarget::Utilization(percent))
    } else {
        Metric::External(ExternalTarget::AverageValue(milli(&metric["external"]["target"]["averageValue"])))
    };
    let mut setup = HpaSetup::new(vec![metric]).behavior(behavior(&spec["behavior"]));
    let bounds = Bounds { min: whole(&spec["minReplicas"]), max: whole(&spec["maxReplicas"]) };
    if bounds.min == 0 {
        setup = setup.release(Release::V1_37);
    }
    let changes = patches(files).into_iter().map(|(cron, min, max)| {
        (fires(&cron), Bounds { min: i32::try_from(min).unwrap(), max: i32::try_from(max).unwrap() })
    });
    Written::Hpa { hpa: Box::new(Hpa::new(setup)), resource: own, bounds, changes: changes.collect() }
}

fn scaled_object(spec: &Json) -> Written {
    let mut triggers = Vec::new();
    let mut read = Vec::new();
    for trigger in spec["triggers"].as_array().unwrap() {
        let external = KedaTrigger::External { target: ExternalTarget::AverageValue(1000), activation: 0.0 };
        let (one, reads) = match (trigger["type"].as_str().unwrap(), trigger["name"].as_str()) {
            (word @ ("cpu" | "memory"), _) => {
                let percent: i32 = trigger["metadata"]["value"].as_str().unwrap().parse().unwrap();
                let metric = Metric::Resource(resource(&word.into()), ResourceTarget::Utilization(percent));
                (KedaTrigger::Resource(metric), Trigger::Resource)
            }
            ("cron", _) => {
                let count = trigger["metadata"]["desiredReplicas"].as_str().unwrap().parse().unwrap();
                (external, Trigger::Cron(Cron::of(trigger), count))
            }
            ("kubernetes-workload", _) => (external, Trigger::Replicas),
            ("prometheus", Some("running")) => (external, Trigger::Running),
            ("prometheus", Some("queued")) => (external, Trigger::Queued),
            ("prometheus", Some("known")) => (external, Trigger::Known),
            other => panic!("{other:?} is not known here"),
        };
        triggers.push(one);
        read.push(reads);
    }
    let advanced = &spec["advanced"];
    let modifiers = &advanced["scalingModifiers"];
    let formula = modifiers["formula"].as_str().map(parse);
    let seconds = |field: &str, usual: i64| spec[field].as_i64().unwrap_or(usual) * SECOND;
    let setup = KedaSetup {
        polling: seconds("pollingInterval", 30),
        cooldown: seconds("cooldownPeriod", 300),
        initial_cooldown: seconds("initialCooldownPeriod", 0),
        min: whole(&spec["minReplicaCount"]),
        max: whole(&spec["maxReplicaCount"]),
        triggers,
        formula: formula.as_ref().map(|_| {
            assert_eq!(modifiers["target"], "1");
            let target = match modifiers["metricType"].as_str().unwrap() {
                "Value" => ExternalTarget::Value(1000),
                "AverageValue" => ExternalTarget::AverageValue(1000),
                other => panic!("{other}"),
            };
            Formula { target, activation: 0.0 }
        }),
        behavior: Some(behavior(&advanced["horizontalPodAutoscalerConfig"]["behavior"])),
        ..KedaSetup::default()
    };
    let memory = KedaMemory::new(setup);
    let hpa = Box::new(Hpa::new(memory.hpa_config()));
    Written::Keda { memory: Box::new(memory), hpa, triggers: read, formula }
}

/// Pods that are ready at once, each with its part of the work.
fn pods(now: Nanos, count: i32, running: i64) -> (Vec<Pod>, Vec<PodReading>) {
    let long_ago = now - 3600 * SECOND;
    let pod = Pod {
        phase: Phase::Running,
        deleted: false,
        ready: Ready::True,
        ready_changed: long_ago,
        started: Some(long_ago),
    };
    let count = usize::try_from(count).unwrap();
    let each = running * PER_JOB / i64::try_from(count.max(1)).unwrap();
    let sample = PodSample { value: each, at: now, window: 15 * SECOND };
    (vec![pod; count], vec![PodReading { sample: Some(sample), request: Some(REQUEST) }; count])
}

impl Written {
    fn step(&mut self, second: i64, now: Nanos, current: i32, jobs: i64) -> i32 {
        self.surged(second, now, current, jobs, 0)
    }

    /// One step while a rollout has this many pods more than are asked for.
    fn surged(&mut self, second: i64, now: Nanos, current: i32, jobs: i64, surge: i32) -> i32 {
        let running = jobs.min(i64::from(current) * SLOTS);
        match self {
            Written::Number(count) => *count,
            Written::Hpa { hpa, resource, bounds, changes } => {
                if second % 60 == 0 {
                    let fired = changes.iter().find(|(minutes, _)| minutes.contains(&(second / 60)));
                    *bounds = fired.map_or(*bounds, |(_, to)| *to);
                }
                let (list, samples) = pods(now, current, running);
                let (pods, reading) = if *resource {
                    (Pods::List(&list), Reading::Pods(&samples))
                } else {
                    // from 0 the adapter's query must count what waits: the manual says so
                    let work = if current == 0 { jobs } else { running };
                    (Pods::Counts { existing: current, ready: current }, Reading::Total(work * 1000))
                };
                let readings = [reading];
                hpa.tick(&HpaTick { now, current, status: current, bounds: *bounds, pods, readings: &readings })
                    .replicas
            }
            Written::Keda { memory, hpa, triggers, formula } => {
                let read = read(triggers, formula.as_ref(), second, current, jobs);
                let values = Values { triggers: &read.0, formula: read.1 };
                let mut current = current;
                if now.rem_euclid(memory.config().polling) == 0 {
                    current = memory.poll(now, current, values).unwrap_or(current);
                }
                let running = jobs.min(i64::from(current) * SLOTS);
                let status = current + surge;
                let (list, samples) = pods(now, status, running);
                let mut readings = Vec::new();
                memory.readings(status, status, values, &mut readings);
                let own = triggers.iter().filter(|trigger| matches!(trigger, Trigger::Resource));
                readings.extend(own.map(|_| Reading::Pods(&samples)));
                let bounds = memory.hpa_bounds();
                let pods = Pods::List(&list);
                hpa.tick(&HpaTick { now, current, status, bounds, pods, readings: &readings }).replicas
            }
        }
    }
}

/// The values of all triggers, and what the formula makes of them.
#[expect(clippy::cast_precision_loss, reason = "small whole numbers")]
fn read(
    triggers: &[Trigger],
    formula: Option<&Expr>,
    second: i64,
    current: i32,
    jobs: i64,
) -> (Vec<Option<f64>>, Option<f64>) {
    let running = jobs.min(i64::from(current) * SLOTS);
    let value = |trigger: &Trigger| match trigger {
        Trigger::Running => running as f64,
        Trigger::Queued => (jobs - running) as f64,
        Trigger::Replicas => f64::from(current),
        // nobody serves a series at 0 replicas
        Trigger::Known => f64::from(current.min(1)),
        Trigger::Cron(cron, count) => {
            if cron.active(second) {
                *count
            } else {
                0.0
            }
        }
        Trigger::Resource => 0.0,
    };
    let values: Vec<Option<f64>> = triggers.iter().map(|trigger| Some(value(trigger))).collect();
    let named = |name: &str| {
        let found = triggers.iter().find(|trigger| match trigger {
            Trigger::Running => name == "running",
            Trigger::Queued => name == "queued",
            Trigger::Replicas => name == "replicas",
            Trigger::Known => name == "known",
            Trigger::Cron(cron, _) => cron.0 == name,
            Trigger::Resource => false,
        });
        value(found.unwrap_or_else(|| panic!("no trigger is called {name}")))
    };
    (values, formula.map(|formula| formula.value(&named)))
}

/// In words, what stands in the files.
fn words(files: &Files) -> String {
    let kind = |word: &str| files.values().find(|object| object["kind"] == word);
    let jobs = files.values().filter(|object| object["kind"] == "CronJob").count();
    let jobs = if jobs == 0 { String::new() } else { format!(", {jobs} CronJobs") };
    let tolerance = |spec: &Json| {
        let one = |key: &str| spec["behavior"][key]["tolerance"].as_str().unwrap_or("0.1").to_owned();
        format!("tolerance {} and {}", one("scaleUp"), one("scaleDown"))
    };
    if let Some(object) = kind("ScaledObject") {
        let spec = &object["spec"];
        let types = spec["triggers"].as_array().unwrap().iter().map(|trigger| trigger["type"].as_str().unwrap());
        let mut types: Vec<&str> = types.collect();
        types.dedup();
        let votes = match spec["advanced"]["scalingModifiers"]["metricType"].as_str() {
            Some("Value") => "votes over ".to_owned(),
            Some(_) => format!("{} over ", spec["advanced"]["scalingModifiers"]["formula"].as_str().unwrap()),
            None => String::new(),
        };
        let behavior = &spec["advanced"]["horizontalPodAutoscalerConfig"];
        let both = if behavior["behavior"]["scaleDown"]["tolerance"].is_string() {
            format!(", {}", tolerance(behavior))
        } else {
            String::new()
        };
        let (min, max) = (&spec["minReplicaCount"], &spec["maxReplicaCount"]);
        return format!("{min} to {max}: {votes}{}{both}", types.join(", "));
    }
    let Some(object) = kind("HorizontalPodAutoscaler") else {
        return format!("{} replicas", kind("Deployment").unwrap()["spec"]["replicas"]);
    };
    let spec = &object["spec"];
    let metric = &spec["metrics"][0];
    let target = if metric["type"] == "Resource" {
        format!(
            "{}% of {}",
            metric["resource"]["target"]["averageUtilization"],
            metric["resource"]["name"].as_str().unwrap()
        )
    } else {
        format!("{} running each", metric["external"]["target"]["averageValue"].as_str().unwrap())
    };
    format!("{} to {}: {target}, {}{jobs}", spec["minReplicas"], spec["maxReplicas"], tolerance(spec))
}

/// Thousandths of the time in which the two differ, rounded up, and what is written.
fn play(row: &Row, load: &[i64]) -> Result<(i64, String), String> {
    let files = files(&row.spec())?;
    let (mut meant, mut written) = (Meant::of(row), written(&files));
    let start = FRIDAY * DAY;
    let begin = row.bounds(start).min.max(1);
    let (mut one, mut other) = (begin, begin);
    let mut differ = 0;
    for (index, jobs) in load.iter().enumerate() {
        let second = start + i64::try_from(index).unwrap() * STEP;
        let now = second * SECOND;
        one = meant.step(now, one, row.bounds(second), *jobs);
        other = written.step(second, now, other, *jobs);
        differ += i64::from(one != other);
    }
    let length = i64::try_from(load.len()).unwrap();
    Ok(((differ * 1000 + length - 1) / length, words(&files)))
}

/// What findings say where what is written cannot mean the same; in the table every share above this is explained by one.
const SLIGHT: i64 = 100;
const REASONS: [&str; 6] = [
    "0 is not written",
    "are 0 there, whatever the load",
    "has one target",
    "is never reached",
    "a replica goes only where the others stay at",
    "change nothing",
];

fn explained(row: &Row) -> bool {
    let spec = row.spec();
    let rendered = render("scalegen.yaml", spec.as_bytes(), &NoFiles, None, &["kubernetes".to_owned()]).unwrap();
    let messages: Vec<_> = rendered.checked.findings.into_iter().map(|finding| finding.message).collect();
    let fixed = "a fixed number of replicas knows no week";
    REASONS.iter().chain([&fixed]).any(|reason| messages.iter().any(|message| message.contains(reason)))
}

const HEAD: &str = "# What each autoscaler makes of a spec

Written by `tests/it/targets/autoscaler_table.rs`: the rendered files against the spec's own meaning over two days, in steps of 15 s. The
last column is the share of time, in percent, in which the number of replicas is another. It may only shrink.

| autoscaler | replicas | signal | thresholds | windows | written | differs |
|---|---|---|---|---|---|---|
";

#[test]
fn what_is_rendered_means_what_the_spec_says_as_far_as_an_autoscaler_can() {
    let old = fs::read_to_string(TABLE).unwrap_or_default();
    let load = load();
    let (mut table, mut grown, mut silent) = (HEAD.to_owned(), Vec::new(), Vec::new());
    let mut share = BTreeMap::new();
    for row in rows() {
        let key = row.key();
        let (differs, written) = match play(&row, &load) {
            Ok((differs, written)) => (Some(differs), written),
            Err(refused) => (None, refused),
        };
        let before = old.lines().find(|line| line.starts_with(&key)).and_then(|line| {
            let text = line.trim_end_matches(" |").rsplit_once("| ")?.1;
            text.parse::<f64>().ok()
        });
        let text = differs.map_or("–".to_owned(), |differs| format!("{}.{}", differs / 10, differs % 10));
        if let (Some(before), Some(now)) = (before, differs)
            && now as f64 / 10.0 > before + 1e-9
        {
            grown.push(format!("{key} {before} % before, {text} % now"));
        }
        if differs.is_some_and(|differs| differs > SLIGHT) && !explained(&row) {
            silent.push(format!("{key} {text} %"));
        }
        share.insert(key.clone(), differs);
        writeln!(table, "{key} {written} | {text} |").unwrap();
    }
    assert!(grown.is_empty(), "these differ more than before:\n{}", grown.join("\n"));
    assert!(silent.is_empty(), "nothing says why these differ:\n{}", silent.join("\n"));
    crate::common::golden::golden(TABLE, &table);
    // on two thresholds the tolerances of 1.35 leave a fraction of what one target leaves
    for signal in ["cpu", "memory"] {
        let of = |release: &str| share[&format!("| {release} | 2 to 20 | {signal} | 0.8 and 0.4 |  |")].unwrap();
        assert!(of("hpa 1.35") * 2 <= of("hpa 1.33"), "{signal}: {} and {}", of("hpa 1.35"), of("hpa 1.33"));
    }
}

/// The number outside of windows, and windows on weekdays as first hour, last hour and number.
type Numbers<'a> = (i32, &'a [(i64, i64, i32)]);

fn numbers_spec((base, windows): Numbers<'_>, options: &str) -> String {
    let window = |(from, to, number): &(i64, i64, i32)| {
        format!(
            "{{ days: [mon, tue, wed, thu, fri], from: \"{from:02}:00\", to: \"{to:02}:00\", timezone: UTC, replicas: {number} }}"
        )
    };
    let windows: Vec<String> = windows.iter().map(window).collect();
    format!(
        "version: 1\nname: shop\nservices:\n  web:\n    image: web:1\n    \
         resources: {{ requests: {{ cpu: 1, memory: 1Gi }}, limits: {{ cpu: 1, memory: 1Gi }} }}\n    replicas: {base}\n    \
         schedule: [{}]\ntargets:\n  kubernetes: {{ autoscaler: keda{options} }}\n",
        windows.join(", ")
    )
}

/// Two minutes after each edge the number is the one of the hour, from near and far ones, with a rollout on its way or without.
#[test]
fn a_scaled_object_holds_numbers_that_the_clock_sets() {
    let named = ", version: \"1.37\", kedaVersion: \"2.18\"";
    let cases: &[(Numbers<'_>, &str)] = &[
        ((4, &[(8, 18, 8)]), ""),
        // within 10 % of each other, both ways round
        ((20, &[(8, 18, 21)]), ""),
        ((41, &[(8, 18, 40)]), ""),
        ((2, &[(8, 12, 5), (12, 14, 8), (14, 18, 30)]), ""),
        // asleep at night, and awake by night only
        ((0, &[(8, 18, 3)]), ""),
        ((12, &[(1, 5, 0)]), ""),
        ((1, &[(8, 9, 0), (12, 13, 2)]), ""),
        // all near each other: the tolerance is written
        ((20, &[(8, 12, 21), (12, 18, 22)]), named),
        ((0, &[(8, 12, 30), (12, 18, 29)]), named),
    ];
    for (numbers, options) in cases {
        let spec = numbers_spec(*numbers, options);
        for surge in [0, 1, 3] {
            let mut written = written(&files(&spec).unwrap());
            let (base, windows) = *numbers;
            let at = |second: i64| {
                let hour = second % DAY / 3600;
                let open = windows.iter().find(|(from, to, _)| second / DAY < 5 && (*from..*to).contains(&hour));
                open.map_or(base, |(.., number)| *number)
            };
            let mut current = base;
            for second in (0..7 * DAY).step_by(15) {
                // a rollout of an hour, each day around each edge
                let surge = if (second / 1800) % 4 < 2 && current > 0 { surge } else { 0 };
                current = written.surged(second, second * SECOND, current, 0, surge);
                let settled = second < 120 || at(second - 120) == at(second);
                assert!(
                    !settled || current == at(second),
                    "{second}: {current} for {}, surge {surge}\n{spec}",
                    at(second)
                );
            }
        }
    }
}

#[test]
fn a_number_that_the_tolerance_hides_is_told() {
    let said = |options: &str| {
        let spec = numbers_spec((20, &[(8, 12, 21), (12, 18, 22)]), options);
        let rendered = render("scalegen.yaml", spec.as_bytes(), &NoFiles, None, &["kubernetes".to_owned()]).unwrap();
        let all = rendered.checked.findings.into_iter().filter(|finding| finding.rule == "lost-in-target");
        all.map(|finding| finding.message).collect::<Vec<_>>()
    };
    let told = said("");
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("21 replicas are not held: 20 to 23 stay as they are"), "{told:#?}");
    assert_eq!(said(", version: \"1.35\", kedaVersion: \"2.18\""), Vec::<String>::new());
}
