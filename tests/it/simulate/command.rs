//! `scalegen simulate` as a person runs it: known numbers come out, bad recordings are told with their places.

use crate::cli::program::scalegen;
use crate::common::judge::Call;
use serde_json::Value as Json;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const HEAD: &str = "version: 1\nname: shop\nservices:\n  api:\n    image: shop/api:1\n";

pub(super) fn spec(dir: &Path, service: &str) {
    let lines: String = service.lines().map(|line| format!("    {line}\n")).collect();
    fs::write(dir.join("scalegen.yaml"), format!("{HEAD}{lines}")).unwrap();
}

/// A recording of one value for so many minutes each, from midnight on.
pub(super) fn minutes(dir: &Path, name: &str, values: &[(f64, u64)]) {
    let mut text = "time,value\n".to_owned();
    let mut minute = 28_999_040_u64;
    for (value, count) in values {
        for _ in 0..*count {
            let _ = writeln!(text, "{},{value}", minute * 60);
            minute += 1;
        }
    }
    fs::write(dir.join(name), text).unwrap();
}

pub(super) fn json(dir: &Path, args: &[&str]) -> (i32, Json) {
    let all: Vec<&str> =
        ["simulate", "scalegen.yaml", "--format", "json"].into_iter().chain(args.iter().copied()).collect();
    let ran = scalegen(dir, &all);
    (ran.code, serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}{}", ran.out, ran.err)))
}

pub(super) fn number(trial: &Json, path: &str) -> f64 {
    trial
        .pointer(&format!("/results/results/{path}"))
        .and_then(Json::as_f64)
        .unwrap_or_else(|| panic!("{path}: {trial}"))
}

#[test]
fn a_fixed_count_waits_as_erlang_says() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), "replicas: 4\nworkload: { serviceTime: 1s }");
    minutes(dir.path(), "rate.csv", &[(3.0, 1200)]);
    let (code, said) = json(dir.path(), &["--load", "rate:rate.csv", "--runs", "5"]);
    assert_eq!(code, 0);
    let trial = &said["trials"][0];
    assert_eq!(trial["policy"], "fixed");
    // Erlang C of 4 servers at load 3: 0.5094 wait, for 1 ÷ (4 − 3) s each
    let mean = number(trial, "wait/mean/median");
    assert!((mean / 0.509_4 - 1.0).abs() < 0.05, "{mean}");
    let busy = number(trial, "busy/median");
    assert!((busy - 0.75).abs() < 0.01, "{busy}");
}

#[test]
fn two_policies_climb_a_square_as_reckoned_by_hand() {
    let dir = TempDir::new().unwrap();
    spec(
        dir.path(),
        "replicas: { min: 1, max: 10 }\nconcurrency: 10\n\
         workload: { serviceTime: { mean: 10s, distribution: fixed }, queueLimit: 0, start: 0s }\n\
         autoscaling:\n  signal: load\n  scaleUp: { threshold: 0.75, delay: 1m }\n  scaleDown: { threshold: 0.25, delay: 30m }",
    );
    // 0.1 jobs a second keep 1 slot of 10 in use, 3 a second keep 30
    minutes(dir.path(), "rate.csv", &[(0.1, 60), (3.0, 120)]);
    let args =
        ["--load", "rate:rate.csv", "--policy", "foundry", "--policy", "hpa", "--arrivals", "even", "--runs", "4"];
    let (code, said) = json(dir.path(), &args);
    assert_eq!(code, 0);
    // foundry adds one a minute while load is at or above 0.75: 30 of 40 slots are exactly that, so it ends at 5;
    // the HPA's target of 7.5 jobs for each replica is met at 4
    for (index, steps) in [(0, 4.0), (1, 3.0)] {
        let trial = &said["trials"][index];
        for run in ["lowest", "highest"] {
            assert_eq!(number(trial, &format!("steps/{run}")), steps, "{} {run}", trial["policy"]);
        }
        // an hour at 1, two hours at the end's count, without the minutes of the climb
        let whole = 1.0 + 2.0 * (steps + 1.0);
        let hours = number(trial, "spec_hours/median");
        assert!(hours < whole && hours > whole - 0.5, "{}: {hours} of {whole}", trial["policy"]);
    }
    let pairs = &said["trials"][1]["differences"];
    assert_eq!(pairs["from"], "foundry");
    assert!(pairs["of"]["replica_hours"]["highest"].as_f64().unwrap() < 0.0, "{pairs}");
}

#[test]
fn the_scaled_object_votes_as_foundry_decides() {
    let dir = TempDir::new().unwrap();
    let service = "replicas: { min: 1, max: 10 }\nconcurrency: 10\n\
         workload: { serviceTime: { mean: 10s, distribution: fixed }, queueLimit: 0, start: 0s }\n\
         autoscaling:\n  signal: load\n  scaleUp: { threshold: 0.75, delay: 1m }\n  scaleDown: { threshold: 0.25, delay: 30m }\n  \
         metrics: { prometheus: { server: \"http://p:9090\", running: r, queued: q } }\n\
         schedule:\n  - { days: [mon, tue, wed, thu, fri, sat, sun], from: \"00:00\", to: \"12:00\", timezone: UTC, replicas: { min: 2, max: 10 } }";
    spec(dir.path(), service);
    minutes(dir.path(), "rate.csv", &[(0.1, 60), (3.0, 120)]);
    let (code, said) =
        json(dir.path(), &["--load", "rate:rate.csv", "--policy", "keda", "--arrivals", "even", "--runs", "4"]);
    assert_eq!(code, 0);
    // 28,999,040 minutes after 1970 it is 05:20: the window holds 2 at the least, and votes end at 5
    let trial = &said["trials"][0];
    assert_eq!(number(trial, "steps/median"), 3.0, "{trial}");
    let hours = number(trial, "spec_hours/median");
    assert!(hours > 11.5 && hours < 12.0, "{hours}");
}

/// A fixed number with windows that are numbers, under KEDA: the clock holds them, near ones and 0 too, whatever the load.
#[test]
fn the_scaled_object_holds_the_numbers_of_the_clock() {
    for (base, window, releases) in
        [(4, 8, ""), (20, 21, ""), (4, 0, ""), (20, 21, ", version: '1.35', kedaVersion: '2.18'")]
    {
        let dir = TempDir::new().unwrap();
        spec(
            dir.path(),
            &format!(
                "replicas: {base}\nconcurrency: 10\nworkload: {{ serviceTime: 1s, start: 0s }}\n\
                 schedule:\n  - {{ days: [mon, tue, wed, thu, fri, sat, sun], from: \"07:20\", to: \"12:20\", timezone: UTC, replicas: {window} }}"
            ),
        );
        let path = dir.path().join("scalegen.yaml");
        let targets = format!("targets: {{ kubernetes: {{ autoscaler: keda{releases} }} }}\n");
        fs::write(&path, fs::read_to_string(&path).unwrap() + &targets).unwrap();
        // from 05:20 for ten hours, five of them in the window
        minutes(dir.path(), "rate.csv", &[(1.0, 600)]);
        let (code, said) = json(dir.path(), &["--load", "rate:rate.csv", "--runs", "2"]);
        let trial = &said["trials"][0];
        assert_eq!((code, &trial["policy"]), (0, &Json::from("keda")));
        let wanted = f64::from(5 * base + 5 * window);
        let hours = number(trial, "spec_hours/median");
        // an edge is met within a minute
        assert!((hours - wanted).abs() < 0.02 * f64::from(base), "{base} and {window}{releases}: {hours} of {wanted}");
    }
}

#[test]
fn assertions_decide_the_exit_code() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), "replicas: 2\nworkload: { serviceTime: 1s }");
    minutes(dir.path(), "rate.csv", &[(1.0, 60)]);
    let ran = |assertion: &str| {
        let args = ["simulate", "scalegen.yaml", "--load", "rate:rate.csv", "--runs", "3", "--assert", assertion];
        scalegen(dir.path(), &args)
    };
    let good = ran("wait.p50 < 1m");
    assert_eq!(good.code, 0, "{}", good.err);
    assert!(good.out.contains("ok: wait.p50 < 1m with fixed"), "{}", good.out);
    let bad = ran("replica_hours < 1");
    assert_eq!(bad.code, 1);
    assert!(
        bad.out.contains("FAIL: replica_hours < 1 with fixed: 2.00 in seed 1, bound 1.00, margin −100.0 %"),
        "{}",
        bad.out
    );
    let open = ran("cost < 1");
    assert_eq!(open.code, 1);
    assert!(open.out.contains("undecided: cost < 1"), "{}", open.out);
    let unknown = ran("wiat.p95 < 1s");
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("did you mean `wait`?"), "{}", unknown.err);
    let other = ran("web: wait.p50 < 1m");
    assert_eq!((other.code, other.err.contains("no service is called `web`")), (2, true), "{}", other.err);
}

#[test]
fn capped_demand_leaves_waits_undecided() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), "replicas: 3\nworkload: { serviceTime: 10s }");
    let mut text = "time,value,replicas\n".to_owned();
    for minute in 0..60 {
        let _ = writeln!(text, "{},{},2", 1_740_000_000 + minute * 60, if minute < 30 { 2 } else { 1 });
    }
    fs::write(dir.path().join("running.csv"), text).unwrap();
    let args =
        ["simulate", "scalegen.yaml", "--load", "running:running.csv", "--runs", "2", "--assert", "wait.max < 10h"];
    let ran = scalegen(dir.path(), &args);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("undecided: wait.max < 10h with fixed: 50.0 % of the demand was cut"), "{}", ran.out);
    let accepted: Vec<&str> = args.into_iter().chain(["--accept-capped"]).collect();
    assert_eq!(scalegen(dir.path(), &accepted).code, 0);
}

#[test]
fn set_stands_in_for_the_spec_and_is_checked_like_it() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), "replicas: 2");
    minutes(dir.path(), "rate.csv", &[(1.0, 30)]);
    let ran = |set: &[&str]| {
        let mut args = vec!["simulate", "scalegen.yaml", "--load", "rate:rate.csv", "--runs", "1"];
        set.iter().for_each(|set| args.extend(["--set", set]));
        scalegen(dir.path(), &args)
    };
    let none = ran(&[]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("--set api.serviceTime=30s"), "{}", none.err);
    let good = ran(&["api.serviceTime=2s", "api.patience=1m", r#"api.start={"p50":"5s","p95":"9s"}"#]);
    assert_eq!(good.code, 0, "{}", good.err);
    for part in ["service time: exponential, mean 2s", "a job waits: up to 1m", "start of a replica: median 5s, p95 9s"]
    {
        assert!(good.out.contains(part), "{part}: {}", good.out);
    }
    for (set, said) in [
        ("api.servicetime=2s", "serviceTime"),
        ("api.serviceTime=2", "is not a duration"),
        ("api.retry=maybe", "retry"),
        ("web.serviceTime=2s", "no service is called `web`"),
        ("api=2s", "write SERVICE.KEY=VALUE"),
    ] {
        let bad = ran(&["api.serviceTime=2s", set]);
        assert_eq!((bad.code, bad.err.contains(said)), (2, true), "{set}: {}", bad.err);
    }
}

#[test]
fn steps_that_hide_bursts_leave_short_waits_undecided() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), "replicas: 4\nworkload: { serviceTime: 1s }");
    let rows: String = (0..60).map(|step| format!("{},0.2\n", 1_740_000_000 + step * 300)).collect();
    fs::write(dir.path().join("coarse.csv"), format!("time,value\n{rows}")).unwrap();
    let ran = |more: &[&str]| {
        let own = ["simulate", "--load", "rate:coarse.csv", "--runs", "1"];
        scalegen(dir.path(), &own.into_iter().chain(more.iter().copied()).collect::<Vec<_>>())
    };
    let short = ran(&["--assert", "wait.p50 < 10s"]);
    assert_eq!(short.code, 1);
    assert!(
        short.out.contains("undecided: wait.p50 < 10s with fixed: a step of the recording is 300 s"),
        "{}",
        short.out
    );
    assert!(short.out.contains("its steps of 5.0 min hide the bursts in them"), "{}", short.out);
    // a wait as long as a step, another number, and a form that somebody answers for
    for more in [
        &["--assert", "wait.p50 <= 5m"][..],
        &["--assert", "busy < 90%"],
        &["--assert", "wait.p50 < 10s", "--arrivals", "batch:4"],
    ] {
        let ran = ran(more);
        assert_eq!((ran.code, ran.out.contains("ok: ")), (0, true), "{more:?}: {}", ran.out);
    }
    assert!(!ran(&["--arrivals", "poisson"]).out.contains("hide the bursts"));
    spec(dir.path(), "replicas: { min: 1, max: 4 }\nworkload: { serviceTime: 1s }");
    let asked = ["size", "--load", "rate:coarse.csv", "--assert", "wait.p50 < 10s", "--policy", "foundry"];
    let sized = scalegen(dir.path(), &asked);
    let is_said = sized.out.contains("a step of the recording is 300 s");
    assert_eq!((sized.code, is_said), (1, true), "{}{}", sized.out, sized.err);
}

/// A recording, and what is said of it at which line and column.
const BAD: &[(&str, &str, &str)] = &[
    ("", "1:1", "an empty file"),
    ("time,value\n", "1:1", "no sample in this file"),
    ("time;value\n1740000000;3\n", "1:1", "`time;value` is not a column"),
    ("time,valeu\n", "1:6", "`valeu` is not a column"),
    ("time,queued\n", "1:1", "no column `value`"),
    ("time,value\n1740000000,3\n1740000060,-1\n", "3:12", "-1 is below 0 for `value`"),
    ("time,value\n1740000000,3\n1740000060,NaN\n", "3:12", "`NaN` is not an amount of `value`"),
    ("time,value\n1740000000,3\n1740000060,inf\n", "3:12", "`inf` is not an amount of `value`"),
    ("time,value\n1740000000,three\n", "2:12", "`three` is not a number for `value`"),
    ("time,value\n1740000000,3\n1739999940,3\n", "3:1", "this time is 60 s before the one above it"),
    ("time,value\n1740000000,3\n1740000000,4\n", "3:1", "this time appears twice: one series is wanted"),
    ("time,value\n1740000000000,3\n", "2:1", "is too large for seconds since 1970"),
    ("time,value\n1740000000,3\n2025-02-19T21:21:00Z,3\n", "3:1", "another form of time than in the lines above"),
    ("time,value\n2025-02-19,3\n", "2:1", "no time: RFC 3339 is"),
    ("time,value\n1740000000000,3\n", "2:1", "write 1740000000 if those are milliseconds"),
    ("time,value\n2025-02-19 21:20:00,3\n", "2:1", "is a time without its offset"),
    ("time,value\n2025-02-19 21:20:00,3\n", "2:1", "write `2025-02-19T21:20:00Z` if that is UTC"),
    ("time,value\n1740000000,250m\n", "2:12", "write 0.25 if those are thousandths"),
    ("time,value\n1740000000,50%\n", "2:12", "a share is of something"),
    ("time,value\n1740000000,3\n1740000060,2req\n", "3:12", "without `req`"),
    ("time,value\n1740000000,3,4\n", "2:1", "3 values where the header has 2 columns"),
    ("{\"status\":\"success\",\n \"data\": }", "2:10", "not the JSON of an answer to `query_range`"),
    ("{\"status\":\"error\",\"error\":\"bad query\"}", "1:1", "Prometheus answered with an error: bad query"),
    (
        "{\"status\":\"error\",\"error\":\"1:10: parse error: unclosed left parenthesis, which is longer than a value\"}",
        "1:1",
        "a value",
    ),
    (
        "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}",
        "1:60",
        "the result is a `vector`, of one instant",
    ),
    (
        "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}",
        "1:60",
        "no series: nothing matched the query",
    ),
    (
        "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[\n{\"metric\":{\"pod\":\"a\"},\"values\":[[1740000000,\"1\"]]},\n{\"metric\":{\"pod\":\"b\"},\"values\":[[1740000000,\"1\"]]}]}}",
        "3:1",
        "2 series where one is wanted; the first is {pod=a}",
    ),
    (
        "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{},\"values\":[[1740000000,\"1\"],\n[1740000015,\"NaN\"]]}]}}",
        "2:1",
        "`NaN` is not an amount of `value`",
    ),
];

#[test]
fn bad_recordings_are_findings_at_their_places() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), "replicas: 2\nworkload: { serviceTime: 1s }");
    let mut wrong = Vec::new();
    for (text, place, message) in BAD {
        fs::write(dir.path().join("load.csv"), text).unwrap();
        let ran = scalegen(dir.path(), &["simulate", "scalegen.yaml", "--load", "rate:load.csv", "--runs", "1"]);
        if ran.code != 1 || !ran.err.contains(message) || !ran.err.contains(&format!("load.csv:{place}")) {
            wrong.push(format!("{place} {message}: {} {}", ran.code, ran.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn many_faults_and_a_day_of_zeros_are_bounded_and_told() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), "replicas: 2\nworkload: { serviceTime: 1s }");
    fs::write(dir.path().join("load.csv"), format!("time,value\n{}", "1740000000,x\n".repeat(1_000_000))).unwrap();
    let run = || scalegen(dir.path(), &["simulate", "scalegen.yaml", "--load", "rate:load.csv", "--runs", "1"]);
    let ran = run();
    assert!(ran.code == 1 && ran.err.contains("more than 20 values are wrong"), "{:.500}", ran.err);
    assert!(ran.err.len() < 20_000, "{}", ran.err.len());
    // 20 are listed, and the 21st is the sentence that says so
    let listed = |faults: usize| {
        fs::write(dir.path().join("load.csv"), format!("time,value\n{}", "1740000000,x\n".repeat(faults))).unwrap();
        let err = run().err;
        (err.matches("error[").count(), err.contains("more than 20 values"))
    };
    assert_eq!([listed(20), listed(21), listed(22)], [(20, false), (21, true), (21, true)]);
    minutes(dir.path(), "load.csv", &[(0.0, 1440)]);
    let ran = run();
    assert!(ran.code == 0 && ran.err.contains("every value of 1440 samples is 0"), "{}{}", ran.err, ran.out);
}

#[test]
fn a_recording_is_the_same_as_csv_and_as_prometheus_has_it() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), "replicas: 2\nworkload: { serviceTime: 1s }");
    let pairs: Vec<(u64, f64)> =
        (0..200).map(|step| (1_740_000_000 + step * 60, 0.5 + (step % 7) as f64 / 10.0)).collect();
    let rows: String = pairs.iter().map(|(at, value)| format!("{at},{value}\n")).collect();
    let stamp = |at: u64| jiff::Timestamp::from_second(i64::try_from(at).unwrap()).unwrap().to_string();
    let stamps: String = pairs.iter().map(|(at, value)| format!("{},{value}\r\n", stamp(*at))).collect();
    let values: Vec<String> = pairs.iter().map(|(at, value)| format!("[{at},\"{value}\"]")).collect();
    let answer = format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{{\"metric\":{{}},\"values\":[{}]}}]}}}}",
        values.join(",")
    );
    let texts = [format!("time,value\n{rows}"), format!("\u{feff}time,value\r\n{stamps}"), answer];
    let results: Vec<Json> = texts
        .iter()
        .map(|text| {
            fs::write(dir.path().join("load"), text).unwrap();
            json(dir.path(), &["--load", "api=rate:load", "--runs", "2"]).1
        })
        .collect();
    assert!(results.iter().all(|one| *one == results[0]), "{results:#?}");
}

#[test]
fn a_backtest_opens_the_report() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), "replicas: 3\nworkload: { serviceTime: 1s }");
    minutes(dir.path(), "rate.csv", &[(1.0, 60)]);
    minutes(dir.path(), "replicas.csv", &[(3.0, 30), (5.0, 30)]);
    let args = ["--load", "rate:rate.csv", "--observed", "replicas.csv", "--policy", "foundry", "--runs", "2"];
    let (code, said) = json(dir.path(), &args);
    assert_eq!(code, 0);
    let test = &said["trials"][0]["backtest"];
    assert_eq!(said["trials"][0]["policy"], "fixed", "the present policy stands first");
    let near = |key: &str, expected: f64| {
        let found = test[key].as_f64().unwrap();
        assert!((found - expected).abs() < 0.05, "{key}: {found}, not {expected}");
    };
    near("mean_difference", 1.0);
    near("within_one", 0.5);
    near("observed_replica_hours", 4.0);
    near("simulated_replica_hours", 3.0);
    assert_eq!(said["trials"][1]["backtest"], Json::Null);
}

#[test]
fn the_terminal_report_is_as_wide_as_the_terminal_and_repeats_itself() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), "replicas: { min: 1, max: 6 }\nworkload: { serviceTime: 20s }");
    minutes(dir.path(), "rate.csv", &[(0.05, 60), (0.2, 60), (0.05, 60)]);
    let args = [
        "simulate",
        "scalegen.yaml",
        "--load",
        "rate:rate.csv",
        "--runs",
        "3",
        "--policy",
        "foundry",
        "--policy",
        "fixed:6",
    ];
    let ran = scalegen(dir.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.out, scalegen(dir.path(), &args).out);
    let charts = ran.out.lines().filter(|line| line.contains('│'));
    assert!(charts.clone().count() == 18 && charts.clone().all(|line| line.chars().count() <= 100), "{}", ran.out);
    for part in ["not modelled", "nodes are not modelled", "difference from foundry", "█ slots in use", "[", "foundry"]
    {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let markdown = scalegen(dir.path(), &[&args[..], &["--format", "markdown"]].concat());
    assert!(
        markdown.out.starts_with("### Simulation of api\n") && markdown.out.contains("|---|---:|"),
        "{}",
        markdown.out
    );
}

#[test]
fn the_page_works_in_a_browser_without_a_network() {
    let dir = TempDir::new().unwrap();
    spec(
        dir.path(),
        "replicas: { min: 1, max: 6 }\nworkload: { serviceTime: 20s }\n\
         schedule:\n  - { days: [mon, tue, wed, thu, fri, sat, sun], from: \"06:00\", to: \"07:00\", timezone: UTC, replicas: { min: 2, max: 6 } }",
    );
    minutes(dir.path(), "rate.csv", &[(0.05, 300), (0.25, 240), (0.05, 900)]);
    minutes(dir.path(), "replicas.csv", &[(3.0, 1440)]);
    let base = [
        "simulate",
        "scalegen.yaml",
        "--load",
        "rate:rate.csv",
        "--runs",
        "3",
        "--policy",
        "foundry",
        "--policy",
        "hpa",
    ];
    let more = [
        "--observed",
        "replicas.csv",
        "--assert",
        "wait.p50 < 1m",
        "--set",
        "api.cpuPerJob=100m",
        "--report",
        "out.html",
    ];
    let args = [&base[..], &more[..]].concat();
    let ran = scalegen(dir.path(), &args);
    assert!(ran.code == 2 && ran.err.contains("share of the request"), "signal cpu without a request: {}", ran.err);
    let text = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    let signal = "    autoscaling: { signal: load }\n";
    fs::write(dir.path().join("scalegen.yaml"), text + signal).unwrap();
    let ran = scalegen(dir.path(), &args);
    assert!(ran.code == 0 && ran.err.contains("wrote out.html"), "{}", ran.err);
    let page = fs::read_to_string(dir.path().join("out.html")).unwrap();
    for outside in ["http://", "https://", "src=", "@import", "url(h"] {
        let found = page.replace("http://www.w3.org/2000/svg", "").contains(outside);
        assert!(!found, "the page names {outside}");
    }
    fs::write(dir.path().join("mine.html"), "<p>mine</p>").unwrap();
    let kept: Vec<&str> = args.iter().map(|arg| if *arg == "out.html" { "mine.html" } else { arg }).collect();
    assert_eq!(scalegen(dir.path(), &kept).code, 2);
    assert_eq!(fs::read_to_string(dir.path().join("mine.html")).unwrap(), "<p>mine</p>");
    let file = dir.path().join("out.html");
    let call = Call { args: vec![file.to_str().unwrap()], ..Call::default() };
    let Some(verdict) = call.ask("simulation.js") else { return };
    let seen = verdict.accepted("the report", "").json();
    // two policies: their demand, then replicas, load, queue and waits
    assert!(seen["charts"].as_u64().unwrap() >= 5, "{seen}");
    assert_eq!(seen["zoomed"], true, "{seen}");
    assert_eq!(seen["read"], true, "{seen}");
}

#[test]
fn what_would_never_end_is_refused() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), "replicas: 2\nworkload: { serviceTime: 1s }");
    for (text, message) in [
        ("time,value\n0,1\n9000000000,1\n", "days long, above 800"),
        ("time,value\n1740000000,1e300\n1740000060,1\n", "jobs are to be played, above"),
    ] {
        fs::write(dir.path().join("load.csv"), text).unwrap();
        let ran = scalegen(dir.path(), &["simulate", "scalegen.yaml", "--load", "rate:load.csv"]);
        assert!(ran.code == 2 && ran.err.contains(message), "{} {}", ran.code, ran.err);
    }
}
