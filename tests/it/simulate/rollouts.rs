//! Rollouts, measured service times, prices and windows of a ScaledObject on cpu, as a person asks for them.

use super::command::{json, minutes, number, spec};
use crate::cli::program::scalegen;
use serde_json::Value as Json;
use std::fs;
use tempfile::TempDir;

/// 2025-02-19T21:20 UTC, with which every recording of `minutes` begins; 40 minutes later a rollout.
const AT: &str = "2025-02-19T06:00";

fn first(said: &Json) -> &Json {
    &said["trials"][0]
}

#[test]
fn a_rolling_update_of_a_fixed_number_costs_its_surge_and_no_wait() {
    let dir = TempDir::new().unwrap();
    let service = |update: &str| {
        format!("replicas: 4\nworkload: {{ serviceTime: {{ mean: 1s, distribution: fixed }} }}\nupdate: {update}")
    };
    minutes(dir.path(), "rate.csv", &[(1.0, 120)]);
    let play = |update: &str, more: &[&str]| {
        spec(dir.path(), &service(update));
        let args = ["--load", "rate:rate.csv", "--arrivals", "even", "--runs", "4"];
        let all: Vec<&str> = args.into_iter().chain(more.iter().copied()).collect();
        let (code, said) = json(dir.path(), &all);
        assert_eq!(code, 0, "{said}");
        said
    };
    let hours = |said: &Json| number(first(said), "replica_hours/median");
    let at = ["--rollout-at", AT];
    let still = play("{ surge: 1 }", &[]);
    assert!((hours(&still) - 8.0).abs() < 1e-6, "{}", hours(&still));
    // each of the four starts for 30 s beside the four that are there, one after the other
    let rolled = play("{ surge: 1 }", &at);
    let extra = (hours(&rolled) - 8.0) * 3600.0;
    assert!((119.9..=124.5).contains(&extra), "{extra} s");
    assert_eq!(number(first(&rolled), "wait/max/highest"), 0.0);
    assert_eq!(number(first(&rolled), "steps/highest"), 0.0, "spec.replicas stays");
    assert!(first(&rolled)["assumptions"]["rollouts"].as_str().unwrap().contains("rolling, 1 more and 0 fewer"));
    // all four at once beside the others
    let at_once = play("{ surge: 4 }", &at);
    let extra = (hours(&at_once) - 8.0) * 3600.0;
    assert!((119.9..=124.5).contains(&extra), "{extra} s");
    // one fewer instead of one more: the place of each is empty for 30 s, and only its last job runs on beside the new one
    let fewer = play("{ surge: 0, unavailable: 1 }", &at);
    let extra = (hours(&fewer) - 8.0) * 3600.0;
    assert!((-0.1..=4.5).contains(&extra), "{extra} s");
    assert!(number(first(&fewer), "busy/median") > number(first(&rolled), "busy/median"));
    // nobody is there for the 30 s of the start
    let recreated = play("{ strategy: recreate }", &at);
    let wait = number(first(&recreated), "wait/max/median");
    assert!((29.0..=33.0).contains(&wait), "{wait} s");
    assert!(number(first(&recreated), "cold/lowest") >= 29.0);
}

#[test]
fn votes_hold_the_number_through_a_rollout() {
    let dir = TempDir::new().unwrap();
    let service = "replicas: { min: 1, max: 20 }\nconcurrency: 1\n\
         workload: { serviceTime: { mean: 10s, distribution: fixed }, start: 75s }\n\
         update: { surge: 1 }\n\
         autoscaling:\n  signal: load\n  scaleUp: { threshold: 0.8, delay: 15s }\n  scaleDown: { threshold: 0.5, delay: 15s }\n  \
         metrics: { prometheus: { server: \"http://p:9090\", running: r, queued: q } }\n\
         stopGracePeriod: 30s";
    spec(dir.path(), service);
    // 0.3 a second keep 3 of 4 running: between the thresholds
    minutes(dir.path(), "rate.csv", &[(0.3, 240)]);
    let play = |policy: &str, more: &[&str]| {
        let args = ["--load", "rate:rate.csv", "--arrivals", "even", "--runs", "4", "--start", "4", "--policy", policy];
        let all: Vec<&str> = args.into_iter().chain(more.iter().copied()).collect();
        let (code, said) = json(dir.path(), &all);
        assert_eq!(code, 0, "{said}");
        number(first(&said), "spec_hours/median")
    };
    let at = ["--rollout-at", AT];
    for policy in ["keda", "foundry"] {
        assert!((play(policy, &[]) - 16.0).abs() < 0.01, "{policy} stays at 4 without a rollout");
    }
    // on average "hold" proposed status.replicas, which counts the surge, and nothing took it back: as a value it is the number there is
    let after = play("keda", &at);
    assert!((after - 16.0).abs() < 0.1, "{after}");
    let foundry = play("foundry", &at);
    assert!((foundry - 16.0).abs() < 0.1, "{foundry}");
}

#[test]
fn rollouts_are_within_the_recording() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), "replicas: 2\nworkload: { serviceTime: 1s }");
    minutes(dir.path(), "rate.csv", &[(1.0, 60)]);
    for (at, said) in [
        ("2025-02-20T09:00", "rate.csv goes from 2025-02-19T05:20:00Z to 2025-02-19T06:20:00Z"),
        ("yesterday", "is not a time like"),
        ("web=2025-02-19T06:00", "no service is called `web`"),
    ] {
        let args = ["simulate", "scalegen.yaml", "--load", "rate:rate.csv", "--runs", "1", "--rollout-at", at];
        let ran = scalegen(dir.path(), &args);
        assert_eq!((ran.code, ran.err.contains(said)), (2, true), "{at}: {}", ran.err);
    }
}

#[test]
fn measured_service_times_are_drawn_from() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), "replicas: 40");
    minutes(dir.path(), "rate.csv", &[(2.0, 120)]);
    fs::write(dir.path().join("times.csv"), "job,milliseconds\na,1000\nb,1000\nc,1000\nd,5000\n").unwrap();
    let args = ["--load", "rate:rate.csv", "--runs", "3", "--service-times", "times.csv"];
    let (code, said) = json(dir.path(), &args);
    assert_eq!(code, 0);
    let trial = first(&said);
    let mean = number(trial, "latency/mean/median");
    assert!((mean - 2.0).abs() < 0.05, "{mean}");
    assert_eq!((number(trial, "latency/p50/median"), number(trial, "latency/p90/median")), (1.0, 5.0));
    let assumed = trial["assumptions"]["service time"].as_str().unwrap();
    assert_eq!(assumed, "drawn from 4 measured in times.csv, mean 2.000 s, p95 5.000 s");
    // they are what recorded work is turned into arrivals by
    minutes(dir.path(), "running.csv", &[(4.0, 120)]);
    let (_, said) = json(dir.path(), &["--load", "running:running.csv", "--runs", "1", "--service-times", "times.csv"]);
    let arrivals = number(first(&said), "arrivals/median");
    assert!((arrivals / (120.0 * 60.0 * 2.0) - 1.0).abs() < 0.05, "{arrivals}");
}

#[test]
fn bad_service_times_are_told_with_their_places() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), "replicas: 4");
    minutes(dir.path(), "rate.csv", &[(1.0, 10)]);
    for (text, place, said) in [
        ("", "1:1", "an empty file"),
        ("duration\n3\n", "1:1", "no column `seconds` or `milliseconds`"),
        ("seconds,milliseconds\n1,1000\n", "1:9", "a second column of durations"),
        ("seconds\n1\n-2\n", "3:1", "-2 is below 0 for `seconds`"),
        ("job,seconds\na,1\nb,NaN\n", "3:3", "`NaN` is not an amount of `seconds`"),
        ("seconds\n1\nfast\n", "3:1", "`fast` is not a number for `seconds`"),
        ("seconds\n0\n0\n", "1:1", "no job takes any time"),
        ("seconds\n1e12\n", "2:1", "more than ten years"),
        ("job,seconds\na\n", "2:1", "1 values where the header has 2 columns"),
    ] {
        fs::write(dir.path().join("times.csv"), text).unwrap();
        let args = ["simulate", "scalegen.yaml", "--load", "rate:rate.csv", "--service-times", "times.csv"];
        let ran = scalegen(dir.path(), &args);
        assert_eq!(ran.code, 1, "{text}: {}", ran.err);
        assert!(ran.err.contains(&format!("times.csv:{place}")) && ran.err.contains(said), "{text}: {}", ran.err);
    }
}

#[test]
fn a_price_gives_the_cost_of_requests() {
    let dir = TempDir::new().unwrap();
    spec(
        dir.path(),
        "replicas: 4\nworkload: { serviceTime: 1s }\nresources: { requests: { cpu: 500m, memory: 2Gi }, limits: { memory: 2Gi } }",
    );
    minutes(dir.path(), "rate.csv", &[(1.0, 120)]);
    let args =
        ["--load", "rate:rate.csv", "--runs", "3", "--price", "cpu=0.04,memory=0.005", "--assert", "cost < 0.25"];
    let (code, said) = json(dir.path(), &args);
    assert_eq!(code, 0, "{said}");
    // 8 replica-hours at half a core and two GiB
    assert!((number(first(&said), "cost/median") - 8.0 * (0.5 * 0.04 + 2.0 * 0.005)).abs() < 1e-6);
    let args = ["simulate", "scalegen.yaml", "--load", "rate:rate.csv", "--runs", "3"];
    let plain = scalegen(dir.path(), &args);
    assert!(!plain.out.contains("\ncost"), "{}", plain.out);
    let priced = scalegen(dir.path(), &[&args[..], &["--price", "cpu=0.04,memory=0.005"]].concat());
    assert!(priced.out.lines().any(|line| line.starts_with("cost ") && line.ends_with("0.24")), "{}", priced.out);
    let bad = scalegen(dir.path(), &[&args[..], &["--price", "gpu=3"]].concat());
    assert_eq!((bad.code, bad.err.contains("--price gpu=3: write cpu=0.03")), (2, true), "{}", bad.err);
}

#[test]
fn a_cron_trigger_raises_the_floor_of_a_scaled_object_on_cpu() {
    let dir = TempDir::new().unwrap();
    let service = |min: u32, max: u32| {
        format!(
            "replicas: {{ min: 2, max: 20 }}\nconcurrency: 10\nworkload: {{ serviceTime: 1s, cpuPerJob: 100m }}\n\
         resources: {{ requests: {{ cpu: 500m, memory: 1Gi }}, limits: {{ cpu: 1000m, memory: 1Gi }} }}\n\
         autoscaling: {{ signal: cpu, scaleUp: {{ threshold: 0.8, delay: 0s }}, scaleDown: {{ threshold: 0.8, delay: 5m }} }}\n\
         schedule:\n  - {{ days: [mon, tue, wed, thu, fri], from: \"06:00\", to: \"08:00\", timezone: UTC, replicas: {{ min: {min}, max: {max} }} }}"
        )
    };
    // one job a second: two replicas are more than enough
    minutes(dir.path(), "rate.csv", &[(1.0, 240)]);
    let play = |min: u32, max: u32| {
        spec(dir.path(), &service(min, max));
        let (code, said) = json(dir.path(), &["--load", "rate:rate.csv", "--runs", "3", "--policy", "keda"]);
        assert_eq!(code, 0, "{said}");
        said
    };
    let raised = play(6, 20);
    // two hours of four with six, reached and left at once but for the step of one a delay
    let hours = number(first(&raised), "spec_hours/median");
    assert!(hours > 8.0 + 7.0 && hours < 8.0 + 10.5, "{hours}");
    let told = |said: &Json| first(said)["limits"].to_string().contains("a window that a cron trigger cannot hold");
    // below the floor of 2, and at 11, which is within the tolerance of 10
    assert_eq!([play(6, 20), play(2, 20), play(1, 20), play(11, 20)].each_ref().map(told), [false, false, true, true]);
    let dropped = play(6, 10);
    assert!((number(first(&dropped), "spec_hours/median") - 8.0).abs() < 0.1);
    assert!(told(&dropped), "{dropped}");
}

#[test]
fn a_hole_as_long_as_the_down_window_is_told() {
    let dir = TempDir::new().unwrap();
    let service = |delay: &str, more: &str| {
        format!(
            "replicas: {{ min: 2, max: 20 }}\nconcurrency: 10\nworkload: {{ serviceTime: 1s }}\n\
         autoscaling:\n  signal: load\n  scaleUp: {{ threshold: 0.8, delay: 1m }}\n  scaleDown: {{ threshold: 0.5, delay: {delay} }}{more}"
        )
    };
    let mut text = "time,value\n".to_owned();
    for minute in (0..60).chain(80..120) {
        text.push_str(&format!("{},1\n", 1_740_000_000 + minute * 60));
    }
    fs::write(dir.path().join("rate.csv"), text).unwrap();
    let play = |policy: &str| {
        let args = ["simulate", "scalegen.yaml", "--load", "rate:rate.csv", "--runs", "1", "--policy", policy];
        scalegen(dir.path(), &args)
    };
    let target = "\ntargets: { kubernetes: {} }\n";
    let write = |delay: &str, more: &str| {
        spec(dir.path(), &service(delay, more));
        let path = dir.path().join("scalegen.yaml");
        let text = fs::read_to_string(&path).unwrap() + target;
        fs::write(path, text).unwrap();
    };
    write("15m", "");
    let ran = play("hpa");
    assert_eq!(ran.code, 0);
    let said = "warning[window-shorter-than-outage]";
    assert!(ran.err.contains(said) && ran.err.contains("a hole of 20m"), "{}", ran.err);
    assert!(scalegen(dir.path(), &["lint", "scalegen.yaml"]).err.is_empty());
    write("15m", " # scalegen: allow window-shorter-than-outage (metrics are doubled)");
    let allowed = play("hpa");
    assert_eq!((allowed.code, allowed.err.contains("window-shorter")), (0, false), "{}", allowed.err);
    let lint = scalegen(dir.path(), &["lint", "scalegen.yaml"]);
    assert!(!lint.out.contains("unused-suppression"), "{}", lint.out);
    write("30m", "");
    assert!(!play("hpa").err.contains("window-shorter"), "a longer window outlasts it");
}
