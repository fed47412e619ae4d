//! Much work: what it will cost is said before it begins.

use super::command::{minutes, spec};
use crate::cli::program::scalegen;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The first line on standard error of a run that is not waited for.
fn first_words(dir: &Path, args: &[&str]) -> String {
    let mut run = Command::new(env!("CARGO_BIN_EXE_scalegen"))
        .args(args)
        .current_dir(dir)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(run.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let ended = run.try_wait().unwrap();
    run.kill().unwrap();
    run.wait().unwrap();
    assert!(ended.is_none(), "it had the work still before it: {line}");
    line
}

#[test]
fn above_200_million_jobs_the_cost_is_said_first_and_above_a_hundred_times_as_many_nothing_is_played() {
    let dir = TempDir::new().unwrap();
    spec(dir.path(), "replicas: { min: 1, max: 4 }\nworkload: { serviceTime: 1ms }");
    minutes(dir.path(), "rate.csv", &[(50_000.0, 60)]);
    let play = |runs: &'static str| ["simulate", "--load", "rate:rate.csv", "--runs", runs];
    // 50,000 a second for an hour are 180 million, and 150 ns are taken for each
    let said = first_words(dir.path(), &play("20"));
    assert_eq!(said, "scalegen: about 3600 million jobs are to be played, some 9 minutes of one core\n");
    let begun = Instant::now();
    let refused = scalegen(dir.path(), &play("112"));
    assert_eq!(refused.code, 2);
    let wanted =
        "scalegen: 2.0e10 jobs are to be played, above 2e10; lower --runs, or check what the load's values are\n";
    assert_eq!(refused.err, wanted);
    // a few jobs have nothing to say
    minutes(dir.path(), "few.csv", &[(50.0, 1)]);
    let few = scalegen(dir.path(), &["simulate", "--load", "rate:few.csv", "--runs", "2"]);
    assert!(few.code == 0 && !few.err.contains("jobs are to be played"), "{}", few.err);
    assert!(begun.elapsed() < Duration::from_secs(60), "neither takes long");
}

#[test]
fn size_says_it_of_all_its_candidates() {
    let dir = TempDir::new().unwrap();
    spec(
        dir.path(),
        "replicas: { min: 1, max: 8 }\nresources: { requests: { cpu: 1 } }\nautoscaling: { signal: load }\nworkload: { serviceTime: 1ms }",
    );
    let args = ["size", "--load", "rate:rate.csv", "--policy", "foundry", "--assert", "wait.p95 < 2s", "--tune", "min"];
    minutes(dir.path(), "rate.csv", &[(20.0, 4 * 1440)]);
    let said = first_words(dir.path(), &args);
    let number = said.strip_prefix("scalegen: about ").and_then(|rest| rest.split(' ').next()).map(str::parse::<f64>);
    // 6.9 million jobs in four days: up to 8 candidates with one seed, and 50 × 20 seeds on two loads
    let (least, most) = (6.912 * 2000.0, 6.912 * 2008.5);
    assert!(matches!(number, Some(Ok(number)) if number > least && number < most), "{said}");
    assert!(said.ends_with(" minutes of one core\n"), "{said}");
}
