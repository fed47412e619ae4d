//! Shards of a simulation join to the whole, and a change is tried before and after.

use super::command::minutes;
use crate::cli::program::scalegen;
use crate::project::delivery::git;
use serde_json::Value as Json;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Services of several shapes, one of them without jobs enough for a percentile, in two profiles.
fn shop(dir: &Path, count: usize) -> Vec<String> {
    let mut text = "version: 1\nname: shop\nservices:\n".to_owned();
    let mut args = Vec::new();
    for number in 0..count {
        let (slots, mean) = (number % 3 + 1, number % 4 + 1);
        text.push_str(&format!(
            "  s{number}:\n    image: shop/api:1\n    replicas: {{ min: 1, max: 9 }}\n    concurrency: {slots}\n    \
             workload: {{ serviceTime: {mean}s }}\n    resources: {{ limits: {{ cpu: 500m, memory: 1Gi }} }}\n"
        ));
        let file = format!("s{number}.csv");
        minutes(dir, &file, &[(0.01 + 0.3 * number as f64, 40), (0.2, 40)]);
        args.extend(["--load".to_owned(), format!("s{number}=rate:{file}")]);
    }
    text.push_str("profiles:\n  large:\n    services:\n      s0: { replicas: { min: 2, max: 12 } }\n");
    fs::write(dir.join("scalegen.yaml"), text).unwrap();
    args
}

fn run(dir: &Path, loads: &[String], more: &[&str]) -> (i32, String, String) {
    let fixed = ["simulate", "--format", "json", "--runs", "2", "--policy", "foundry", "--policy", "fixed"];
    let loads = loads.iter().map(String::as_str);
    let args: Vec<&str> = fixed.into_iter().chain(loads).chain(more.iter().copied()).collect();
    let ran = scalegen(dir, &args);
    (ran.code, ran.out, ran.err)
}

fn merge(dir: &Path, files: &[String]) -> (i32, String, String) {
    let args: Vec<&str> = ["simulate", "--merge"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let ran = scalegen(dir, &args);
    (ran.code, ran.out, ran.err)
}

#[test]
fn the_shards_of_any_number_join_to_the_whole_byte_for_byte() {
    let dir = TempDir::new().unwrap();
    let loads = shop(dir.path(), 5);
    let extra = ["--profile", "large", "--price", "cpu=0.031,memory=0.0043", "--assert", "s3: wait.p50 < 1h"];
    let (code, whole, err) = run(dir.path(), &loads, &extra);
    assert_eq!(code, 0, "{err}");
    assert_eq!(serde_json::from_str::<Json>(&whole).unwrap()["trials"].as_array().unwrap().len(), 10);
    for of in [1, 2, 3, 5, 7] {
        let mut files = Vec::new();
        for index in 1..=of {
            let shard = format!("{index}/{of}");
            let (code, out, err) = run(dir.path(), &loads, &[&extra[..], &["--shard", &shard]].concat());
            assert_eq!(code, 0, "{err}");
            let file = format!("shard-{of}-{index}.json");
            fs::write(dir.path().join(&file), out).unwrap();
            files.push(file);
        }
        // whatever order they are named in
        files.reverse();
        assert_eq!(merge(dir.path(), &files), (0, whole.clone(), String::new()), "{of} shards");
    }
    // what fails in one shard fails in the whole
    let failing = ["--assert", "s3: replica_hours < 0.1"];
    let mut files = Vec::new();
    for index in 1..=2 {
        let (_, out, _) = run(dir.path(), &loads, &[&failing[..], &["--shard", &format!("{index}/2")]].concat());
        let file = format!("fails-{index}.json");
        fs::write(dir.path().join(&file), out).unwrap();
        files.push(file);
    }
    let ((code, out, _), whole) = (merge(dir.path(), &files), run(dir.path(), &loads, &failing));
    assert_eq!((code, out), (1, whole.1));
}

#[test]
fn what_is_no_whole_set_of_shards_is_refused() {
    let dir = TempDir::new().unwrap();
    let loads = shop(dir.path(), 2);
    let write = |name: &str, more: &[&str]| {
        let (code, out, err) = run(dir.path(), &loads, more);
        assert_eq!(code, 0, "{err}");
        fs::write(dir.path().join(name), out).unwrap();
    };
    write("one.json", &["--shard", "1/2"]);
    write("two.json", &["--shard", "2/2"]);
    write("third.json", &["--shard", "2/3"]);
    write("whole.json", &[]);
    fs::write(dir.path().join("torn.json"), &fs::read(dir.path().join("one.json")).unwrap()[..200]).unwrap();
    let text = fs::read_to_string(dir.path().join("two.json")).unwrap();
    fs::write(dir.path().join("other.json"), text.replace("\"name\": \"shop\"", "\"name\": \"other\"")).unwrap();
    fs::write(dir.path().join("twice.json"), text.replace("\"s1\"", "\"s0\"")).unwrap();
    for (files, said) in [
        (&["one.json"][..], "shard 2 of 2 is missing"),
        (&["one.json", "two.json", "two.json"], "shard 2 of 2 is given 2 times"),
        (&["one.json", "third.json"], "are not of one simulation"),
        (&["one.json", "other.json"], "are not of one simulation"),
        (&["one.json", "whole.json"], "whole.json is a whole run, no shard of one"),
        (&["one.json", "torn.json"], "torn.json is not JSON of"),
        (&["one.json", "twice.json"], "`s0` is in another shard too"),
        (&["one.json", "absent.json"], "cannot read absent.json"),
    ] {
        let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
        let (code, out, err) = merge(dir.path(), &files);
        assert_eq!((code, out.is_empty(), err.contains(said)), (2, true, true), "{files:?}: {err}");
    }
    for (shard, said) in [("0/2", "write K/N"), ("3/2", "write K/N"), ("2", "write K/N"), ("a/b", "write K/N")] {
        let (code, _, err) = run(dir.path(), &loads, &["--shard", shard]);
        assert_eq!((code, err.contains(said)), (2, true), "{shard}: {err}");
    }
    let table = scalegen(dir.path(), &["simulate", "--load", "s0=rate:s0.csv", "--shard", "1/2"]);
    assert_eq!((table.code, table.err.contains("add --format json")), (2, true), "{}", table.err);
}

#[test]
fn a_change_is_played_before_and_after() {
    let dir = TempDir::new().unwrap();
    let loads = shop(dir.path(), 2);
    git(dir.path(), &["init", "-q", "-b", "main"]);
    git(dir.path(), &["add", "-A"]);
    git(dir.path(), &["commit", "-q", "-m", "x"]);
    let path = dir.path().join("scalegen.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let diff = |more: &[&str]| {
        let own = ["diff", "--base", "main", "--runs", "2", "--price", "cpu=0.03,memory=0.004"];
        scalegen(dir.path(), &own.into_iter().chain(more.iter().copied()).collect::<Vec<_>>())
    };
    fs::write(&path, text.replacen("min: 1, max: 9", "min: 6, max: 9", 1)).unwrap();
    let ran = diff(&["--load", &loads[1]]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    for part in
        ["before (foundry)", "after (foundry)", "difference from before (foundry)", "\nreplica-hours", "\ncost "]
    {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let ran = diff(&["--load", &loads[1], "--load", &loads[3], "--format", "json"]);
    let said: Json = serde_json::from_str(&ran.out).unwrap();
    let trials = said["simulation"]["trials"].as_array().unwrap();
    let titles: Vec<&str> = trials.iter().map(|trial| trial["policy"].as_str().unwrap()).collect();
    assert_eq!(titles, ["before (foundry)", "after (foundry)"].repeat(2));
    let hours = |trial: &Json| trial["results"]["results"]["replica_hours"]["median"].as_f64().unwrap();
    assert!(hours(&trials[1]) > hours(&trials[0]) + 3.0, "six at the least where one was");
    assert_eq!(hours(&trials[2]), hours(&trials[3]), "the same arrivals and seeds");
    // without loads nothing of it is there
    let plain: Json = serde_json::from_str(&diff(&["--format", "json"]).out).unwrap();
    assert!(plain.get("simulation").is_none());
    let markdown = diff(&["--load", &loads[1], "--format", "markdown"]);
    assert!(markdown.out.contains("### Simulation of s0") && markdown.out.contains("```text"), "{}", markdown.out);
    for (load, said) in [
        ("web=rate:s0.csv", "no spec that is there on both sides has these services"),
        ("rate:s0.csv", "is the load of which service?"),
        ("s0=rate:none.csv", "cannot read none.csv"),
    ] {
        let ran = diff(&["--load", load]);
        assert_eq!((ran.code, ran.err.contains(said)), (2, true), "{load}: {}", ran.err);
    }
}
