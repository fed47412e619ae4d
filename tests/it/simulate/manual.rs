//! The manual's page on simulation and its worked examples: what they show is what the commands print.

use crate::common::judge::Call;
use scalegen::simulate::{EXAMPLES, PAGE};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A fenced block: what stands behind its fence, its text, and where that begins in the page.
struct Block<'p> {
    info: &'p str,
    text: &'p str,
    at: usize,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(open) = page[rest..].find("\n```").map(|at| rest + at + 4) {
        let line = open + page[open..].find('\n').unwrap() + 1;
        let close = line + page[line - 1..].find("\n```").unwrap();
        found.push(Block { info: page[open..line].trim(), text: &page[line..close], at: line });
        rest = close + 3;
    }
    found
}

/// What bash prints of a text with scalegen on PATH; it must end well, or as `code` says.
fn bash(dir: &Path, text: &str, code: i32) -> String {
    let built = || Path::new(env!("CARGO_BIN_EXE_scalegen")).to_path_buf();
    // a release, where one is named: `tests/bench/simulate.sh` does
    let binary = std::env::var_os("SCALEGEN_PROGRAM").map_or_else(built, PathBuf::from);
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let ran = Command::new("bash")
        .args(["-ec", text])
        .current_dir(dir)
        .env("PATH", path)
        .env("COLUMNS", "100")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8(ran.stdout).unwrap(), String::from_utf8_lossy(&ran.stderr).into_owned());
    assert_eq!(ran.status.code(), Some(code), "{text}\n{err}\n{out}");
    out
}

/// A day of three pods as counters, as Prometheus scrapes them.
fn metrics() -> String {
    let mut text = "# TYPE jobs counter\n".to_owned();
    for pod in 0..3 {
        let mut jobs = 0.0;
        for step in 0..=24 * 60 {
            let hour = f64::from(step) / 60.0;
            jobs += 60.0 * (0.05 + 0.3 * (-((hour - 11.0) / 3.0).powi(2)).exp());
            let _ = writeln!(text, "jobs_total{{pod=\"api-{pod}\"}} {jobs:.3} {}", 1_795_392_000 + step * 60);
        }
    }
    text + "# EOF\n"
}

#[test]
fn three_commands_lead_from_a_running_prometheus_to_a_chart() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("metrics.txt"), metrics()).unwrap();
    let page = blocks(PAGE);
    let commands = page.iter().find(|block| block.info == "sh").expect("the first commands of the page");
    assert_eq!(commands.text.lines().count(), 3, "three commands");
    let work = dir.path().join("work");
    fs::create_dir(&work).unwrap();
    // scraped once a minute, a rate needs two samples
    let text = commands.text.replace("http://prometheus:9090", "$PROMETHEUS").replace("[1m]", "[2m]");
    let path = format!(
        "{}:{}",
        Path::new(env!("CARGO_BIN_EXE_scalegen")).parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let metrics = dir.path().join("metrics.txt");
    let ask = |text: &str| {
        let args = vec![metrics.to_str().unwrap(), work.to_str().unwrap(), "bash", "-ec", text];
        Call { args, env: vec![("PATH", &path), ("COLUMNS", "100")], input: "" }.ask("prometheus.sh")
    };
    let Some(ran) = ask(&text) else { return };
    let ran = ran.accepted("the page's commands", &text);
    assert!(ran.out.contains("rate of rate.json, 1440 samples over"), "{}", ran.out);
    assert!(ran.out.lines().filter(|line| line.contains('#') || line.contains('█')).count() > 1, "{}", ran.out);
    // series of several pods are told, with what to ask for
    let several = text.replace("sum(rate(jobs_total[2m]))", "rate(jobs_total[2m])").replace("scalegen init\n", "");
    let refused = ask(&several).unwrap();
    assert!(!refused.accepted && refused.err.contains("3 series where one is wanted"), "{}", refused.err);
    assert!(
        refused.err.contains("rate.json:1:") && refused.err.contains("ask for `sum(…)` of them"),
        "{}",
        refused.err
    );
}

/// Runs the commands of the page and puts what they print behind them.
fn played(page: &str) -> String {
    let dir = TempDir::new().unwrap();
    let mut text = String::new();
    let mut done = 0;
    let mut printed: Option<String> = None;
    for block in blocks(page) {
        text.push_str(&page[done..block.at]);
        done = block.at + block.text.len();
        match (block.info.split_once(' '), block.info) {
            (Some(("yaml", file)), _) => fs::write(dir.path().join(file), block.text).unwrap(),
            (_, "sh") => printed = Some(bash(dir.path(), block.text, 0)),
            (_, "text" | "diff") => {
                text.push_str(&printed.take().expect("commands stand before what they print"));
                continue;
            }
            _ => {}
        }
        text.push_str(block.text);
    }
    text + &page[done..]
}

/// The spec of the second worked example.
const MODULE: &str = "fixtures/simulate/compute-module.yaml";

#[test]
fn the_cheapest_policy_is_written_and_the_held_out_days_still_meet_it() {
    let spec = fs::read_to_string(MODULE).unwrap();
    let page = blocks(&EXAMPLES[first_example()..]);
    let shown = page.iter().find(|block| block.info == "yaml compute-module.yaml").expect("the spec of the example");
    assert_eq!(shown.text, spec, "the page shows {MODULE}");
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("compute-module.yaml"), &spec).unwrap();
    let rates = |days: std::ops::Range<u64>| -> String {
        let minutes =
            (days.start * 1440..days.end * 1440).map(|minute| format!("{},0.05\n", 1_795_392_000 + minute * 60));
        format!("time,value\n{}", minutes.collect::<String>())
    };
    fs::write(dir.path().join("jobs.csv"), rates(0..6)).unwrap();
    // the page's own command on half of its days and with three seeds: in a debug build it would take minutes
    let commands = page.iter().filter(|block| block.info == "sh").map(|block| block.text).collect::<String>();
    let size = commands.lines().find(|line| line.contains("rate:jobs.csv")).expect("the command that writes");
    let out = bash(dir.path(), &format!("{size} --runs 3"), 0);
    assert!(out.contains("ok: wait.p95 < 2s on the held-out days: "), "{out}");
    let written = fs::read_to_string(dir.path().join("compute-module.yaml")).unwrap();
    assert_eq!(written, spec.replace("delay: 30m", "delay: 5m"), "one value, every other byte kept");
    // the days that were held out, played by themselves under what was written, and the cost of it against the cost before
    fs::write(dir.path().join("held.csv"), rates(4..6)).unwrap();
    fs::write(dir.path().join("before.yaml"), &spec).unwrap();
    let hours = |file: &str| {
        let play = format!(
            "scalegen simulate {file} --load rate:held.csv --set scorer.serviceTime=30s --runs 3 --assert 'wait.p95 < 2s' --format json"
        );
        let said: serde_json::Value = serde_json::from_str(&bash(dir.path(), &play, 0)).unwrap();
        said["trials"][0]["results"]["results"]["replica_hours"]["median"].as_f64().unwrap()
    };
    let (before, after) = (hours("before.yaml"), hours("compute-module.yaml"));
    assert!(after < 0.8 * before, "{after} replica-hours of {before}");
}

/// The first worked example: the second one sizes, which takes a release build.
fn first_example() -> usize {
    EXAMPLES.find("\n## The cheapest").expect("the second example")
}

#[test]
fn the_first_worked_example_prints_what_the_page_shows() {
    let page = &EXAMPLES[..first_example()];
    assert_eq!(
        played(page),
        page,
        "build a release and run this module with UPDATE=1 and --ignored to take what is printed"
    );
}

#[test]
#[ignore = "minutes without optimisation: tests/run.sh and tests/bench/simulate.sh run it with an optimised program"]
fn the_worked_examples_print_what_the_page_shows() {
    let shown = played(EXAMPLES);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/simulate/worked_examples.md"), &shown).unwrap();
    }
    assert_eq!(shown, EXAMPLES, "UPDATE=1 takes what is printed");
}

#[test]
fn the_jobs_of_the_page_join_their_shards() {
    let dir = TempDir::new().unwrap();
    let page = blocks(EXAMPLES);
    let find = |name: &str| page.iter().find(|block| block.info == format!("yaml {name}")).expect(name).text;
    let mut spec = "version: 1\nname: shop\nservices:\n".to_owned();
    for name in ["api", "mail", "thumbs"] {
        let _ = writeln!(
            spec,
            "  {name}: {{ image: \"shop/{name}:1\", replicas: {{ min: 1, max: 6 }}, workload: {{ serviceTime: 2s }} }}"
        );
        let rates: String = (0..30).map(|minute| format!("{},0.5\n", 1_795_392_000 + minute * 60)).collect();
        fs::write(dir.path().join(format!("{name}.csv")), format!("time,value\n{rates}")).unwrap();
    }
    fs::write(dir.path().join("scalegen.yaml"), spec).unwrap();
    let job: serde_yaml::Value = serde_yaml::from_str(find("job.yaml")).unwrap();
    let spec = &job["spec"]["template"]["spec"];
    let count = job["spec"]["completions"].as_u64().unwrap();
    assert_eq!(job["spec"]["completionMode"], "Indexed");
    let command = spec["containers"][0]["command"][2].as_str().unwrap();
    let here = command.replace("/load/", "").replace("/out/", "");
    for index in 0..count {
        bash(dir.path(), &format!("export JOB_COMPLETION_INDEX={index}\n{here}"), 0);
    }
    let workflow: serde_yaml::Value = serde_yaml::from_str(find("workflow.yaml")).unwrap();
    let merge = workflow["jobs"]["join"]["steps"].as_sequence().unwrap().last().unwrap()["run"].as_str().unwrap();
    let joined = bash(dir.path(), &merge.replace(" > whole.json", ""), 0);
    let whole = command.split(" --shard").next().unwrap().replace("/load/", "");
    assert_eq!(joined, bash(dir.path(), &format!("{whole} --format json"), 0));
    // the matrix of the workflow asks for the same shards
    let steps = workflow["jobs"]["simulate"]["steps"].as_sequence().unwrap();
    let of_matrix = steps.iter().find_map(|step| step["run"].as_str().filter(|run| run.contains("--shard"))).unwrap();
    let shards = workflow["jobs"]["simulate"]["strategy"]["matrix"]["shard"].as_sequence().unwrap();
    for shard in shards {
        let number = shard.as_u64().unwrap().to_string();
        bash(dir.path(), &of_matrix.replace("${{ matrix.shard }}", &number).replace("load/", ""), 0);
    }
    assert_eq!(bash(dir.path(), &merge.replace(" > whole.json", ""), 0), joined);
}
