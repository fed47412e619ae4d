//! `scalegen size`: what it chooses is the cheapest that holds, what it cannot know it refuses, and requests are KRR's.

use super::command::{json, minutes, spec};
use crate::cli::program::{Ran, scalegen};
use crate::common::judge::Call;
use serde_json::Value as Json;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// One job at once for ten seconds, one of them every ten seconds on average.
const MODULE: &str = "replicas: { min: 1, max: 6 }\nconcurrency: 1\nworkload: { serviceTime: 10s, start: 30s }\n\
    stopGracePeriod: 2m\n\
    autoscaling: { signal: load, scaleUp: { threshold: 0.75, delay: 1m }, scaleDown: { threshold: 0.5, delay: 2m } }\n\
    resources: { requests: { cpu: 500m, memory: 1Gi }, limits: { memory: 1Gi } }";

const DAY: u64 = 24 * 60;

fn size(dir: &Path, more: &[&str]) -> (Ran, Json) {
    let own = ["size", "scalegen.yaml", "--policy", "foundry", "--runs", "3", "--format", "json"];
    let args: Vec<&str> = own.into_iter().chain(more.iter().copied()).collect();
    let ran = scalegen(dir, &args);
    let read = serde_json::from_str(&ran.out).unwrap_or(Json::Null);
    (ran, read)
}

#[test]
fn the_choice_holds_is_the_cheapest_and_is_written_alone() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), MODULE);
    minutes(dir.path(), "rate.csv", &[(0.1, 2 * DAY)]);
    let args = ["--load", "rate:rate.csv", "--assert", "wait.p95 < 8s", "--tune", "min"];
    let before = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    let (ran, said) = size(dir.path(), &[&args[..], &["--write"]].concat());
    assert_eq!(ran.code, 0, "{}{}", ran.err, ran.out);
    let one = &said["services"][0];
    let changes = one["changes"].as_array().unwrap();
    assert_eq!((changes.len(), &changes[0]["field"]), (1, &Json::from("replicas.min")), "{changes:?}");
    let chosen: u32 = changes[0]["after"].as_str().unwrap().parse().unwrap();
    assert!((2..=6).contains(&chosen), "{chosen}");
    assert_eq!(one["held_out_result"]["days_met"], one["held_out_result"]["days"]);
    let after = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    assert_eq!(after, before.replace("min: 1, max: 6", &format!("min: {chosen}, max: 6")), "every other byte is kept");

    // judged by `simulate` on the first day, which the choice was made on: it holds with the load × 1 and × 1.2, one less does not
    let holds = |min: u32| {
        spec(dir.path(), &MODULE.replace("min: 1,", &format!("min: {min},")));
        [0.1, 0.12].iter().all(|rate| {
            minutes(dir.path(), "day.csv", &[(*rate, DAY)]);
            let args = ["--load", "rate:day.csv", "--policy", "foundry", "--runs", "3", "--assert", "wait.p95 < 8s"];
            json(dir.path(), &args).0 == 0
        })
    };
    assert!(holds(chosen), "{chosen}");
    assert!(!holds(chosen - 1), "{} is cheaper", chosen - 1);

    // once written, it is what is there
    fs::write(dir.path().join("scalegen.yaml"), &after).unwrap();
    let (ran, said) = size(dir.path(), &args);
    assert_eq!((ran.code, said["services"][0]["changes"].as_array().unwrap().len()), (0, 0), "{}", ran.out);
}

#[test]
fn what_was_two_stays_two_and_max_never_falls() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), &MODULE.replace("min: 1,", "min: 3,"));
    // hardly anything arrives: one would do
    minutes(dir.path(), "rate.csv", &[(0.03, 2 * DAY)]);
    let args = ["--load", "rate:rate.csv", "--assert", "wait.p50 < 10m", "--tune", "min"];
    let (ran, said) = size(dir.path(), &args);
    assert_eq!(ran.code, 0, "{}{}", ran.err, ran.out);
    let one = &said["services"][0];
    let values: Vec<&str> =
        one["grid"]["replicas.min"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert_eq!(values, ["2", "3", "4", "5", "6"]);
    assert_eq!(one["grid"].as_object().unwrap().len(), 1, "no other field moves, and max least of all");
    assert_eq!(one["changes"][0]["after"], "2", "{}", one["changes"]);
}

#[test]
fn what_cannot_be_known_is_refused() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), MODULE);
    minutes(dir.path(), "short.csv", &[(0.1, DAY)]);
    minutes(dir.path(), "rate.csv", &[(0.05, 2 * DAY)]);
    let before = fs::read(dir.path().join("scalegen.yaml")).unwrap();
    let assert = ["--assert", "wait.p95 < 1m", "--write"];
    let (ran, said) = size(dir.path(), &[&["--load", "rate:short.csv", "--tune", "min"], &assert[..]].concat());
    let refusal = |said: &Json| said["services"][0]["refusal"].as_str().unwrap_or_default().to_owned();
    assert_eq!(ran.code, 1);
    assert!(refusal(&said).contains("1 whole day, and 2 are needed"), "{said}");
    let (ran, said) = size(dir.path(), &[&["--load", "rate:rate.csv", "--tune", "windows"], &assert[..]].concat());
    assert!(ran.code == 1 && refusal(&said).contains("2 whole days, and 14 are needed"), "{said}");
    // what ran was cut by two replicas for most of the time
    let mut text = "time,value,replicas\n".to_owned();
    for minute in 0..2 * DAY {
        let _ = writeln!(text, "{},2,2", 1_739_942_400 + minute * 60);
    }
    fs::write(dir.path().join("running.csv"), text).unwrap();
    let (ran, said) = size(dir.path(), &[&["--load", "running:running.csv", "--tune", "min"], &assert[..]].concat());
    assert!(ran.code == 1 && refusal(&said).contains("capacity cut 100.0 % of the recorded demand"), "{said}");
    // nothing meets it: nothing is written
    let (ran, _) =
        size(dir.path(), &["--load", "rate:rate.csv", "--tune", "min", "--assert", "replica_hours < 1", "--write"]);
    assert_eq!(ran.code, 1);
    assert_eq!(fs::read(dir.path().join("scalegen.yaml")).unwrap(), before);
    for (more, said) in [
        (&["--tune", "max"][..], "unknown field `max`"),
        (&["--tune", "min", "--policy", "fixed"], "nothing to tune"),
        (&["--tune", "memory"], "--metrics memory:FILE"),
        (&["--tune", "min", "--stress", "0.5"], "from 1 to 100"),
    ] {
        let args = ["size", "scalegen.yaml", "--load", "rate:rate.csv", "--assert", "wait.p95 < 1m"];
        let ran = scalegen(dir.path(), &[&args[..], more].concat());
        assert_eq!((ran.code, ran.err.contains(said)), (2, true), "{more:?}: {}", ran.err);
    }
}

/// What three pods use every 75 s for four hours, with numbers that no rounding hides.
fn usage() -> String {
    let mut text = "# TYPE cpu gauge\n".to_owned();
    let mut state = 12345_u64;
    for pod in 0..3 {
        for step in 0..200 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let part = f64::from(u32::try_from(state >> 40).unwrap()) / f64::from(1 << 24);
            let cores = 0.05 + f64::from(pod) * 0.1 + part * part * 0.3;
            let _ =
                writeln!(text, "cpu{{pod=\"api-{pod}\",container=\"api\"}} {cores:.9} {}", 1_795_392_000 + step * 75);
        }
    }
    text + "# EOF\n"
}

#[test]
fn a_request_of_cpu_is_what_prometheus_makes_of_krrs_query() {
    let dir = TempDir::new().unwrap();
    let work = dir.path().join("work");
    fs::create_dir(&work).unwrap();
    spec(&work, MODULE);
    fs::write(dir.path().join("metrics.txt"), usage()).unwrap();
    let ask = "end=$((1795392000 + 199 * 75))\n\
        curl -sG $PROMETHEUS/api/v1/query_range --data-urlencode 'query=cpu' -d start=1795392000 -d end=$end -d step=75 > cpu.json\n\
        curl -sG $PROMETHEUS/api/v1/query --data-urlencode 'query=max(quantile_over_time(0.95, cpu[14d]))' -d time=$end";
    let metrics = dir.path().join("metrics.txt");
    let args = vec![metrics.to_str().unwrap(), work.to_str().unwrap(), "bash", "-ec", ask];
    let Some(ran) = (Call { args, ..Call::default() }).ask("prometheus.sh") else { return };
    let answer = ran.accepted("the queries", ask).json();
    let quantile: f64 = answer["data"]["result"][0]["value"][1].as_str().unwrap().parse().unwrap();
    let wanted = format!("→ {}m by KRR's formula", (quantile * 1000.0).ceil());
    let said = scalegen(&work, &["size", "scalegen.yaml", "--policy", "foundry", "--metrics", "cpu:cpu.json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains(&wanted), "{quantile}: {wanted}: {}", said.out);

    // under an autoscaler on cpu it follows the target, and is not given
    let on_cpu = MODULE.replace("signal: load", "signal: cpu").replace("start: 30s", "start: 30s, cpuPerJob: 400m");
    spec(&work, &on_cpu);
    let said = scalegen(&work, &["size", "scalegen.yaml", "--policy", "hpa", "--metrics", "cpu:cpu.json"]);
    assert!(said.err.contains("warning[request-follows-target]"), "{}", said.err);
    assert!(!said.out.contains("by KRR's formula"), "{}", said.out);
}

#[test]
fn krr_refuses_what_is_too_short_or_too_few() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), MODULE);
    let series = |points: u64, step: u64| {
        let values: Vec<String> =
            (0..points).map(|point| format!("[{},\"0.2\"]", 1_795_392_000 + point * step)).collect();
        let text = format!(
            "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{{\"metric\":{{\"pod\":\"a\",\"container\":\"api\"}},\"values\":[{}]}}]}}}}",
            values.join(",")
        );
        fs::write(dir.path().join("cpu.json"), text).unwrap();
        scalegen(dir.path(), &["size", "scalegen.yaml", "--policy", "foundry", "--metrics", "cpu:cpu.json"]).out
    };
    assert!(series(99, 150).contains("99 points over all pods, and KRR asks for 100"));
    assert!(series(140, 75).contains("KRR asks for 3 h"));
    // below KRR's floor of 10m nothing is recommended; 0.2 cores are 200m
    assert!(series(200, 75).contains("→ 200m by KRR's formula"));
}
