//! The binary as a person runs it: streams, exit codes, files on disk, and what must not happen to them.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// What a run of the binary gave.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the binary in a folder.
pub fn scalegen(dir: &Path, args: &[&str]) -> Ran {
    with_input(dir, args, "")
}

pub fn with_input(dir: &Path, args: &[&str], input: &str) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_scalegen"))
        .args(args)
        .current_dir(dir)
        .env("COLUMNS", "100")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // a run that fails before it reads closes the pipe
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    Ran {
        code: status.code().expect("no signal ended it"),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// The words that an option of a command takes, as its help lists them.
pub fn words_of(command: &str, option: &str) -> Vec<String> {
    let help = scalegen(Path::new("."), &[command, "--help"]).out;
    let own = help.split(&format!(" {option} <")).nth(1).unwrap_or_else(|| panic!("{command} has no {option}"));
    let list = own.split("[possible values: ").nth(1).and_then(|rest| rest.split(']').next());
    list.unwrap_or_else(|| panic!("{command} {option} lists no words")).split(", ").map(str::to_owned).collect()
}

/// The commands, as the help lists them.
pub fn commands() -> Vec<String> {
    let help = scalegen(Path::new("."), &["--help"]).out;
    let list = help.split("\nCommands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    // what goes on in the next line is indented deeper
    let first = |line: &str| line.strip_prefix("  ")?.split_once(' ').map(|(word, _)| word.to_owned());
    list.lines().filter_map(first).filter(|word| !word.is_empty()).collect()
}

const GOOD: &str = "version: 1
name: shop
services:
  web:
    image: shop/web:1
    port: 8080
    replicas: 2
    resources: { requests: { memory: 64Mi }, limits: { memory: 128Mi } }
targets:
  compose: {}
profiles:
  large:
    services: { web: { replicas: 5 } }
";

const BAD: &str = "version: 1
name: shop
services:
  web: { replicas: { min: 3, max: 2 }, resources: { limits: { memory: 1Gi } } }
";

pub fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// Every file below a folder with its text, temporaries included.
fn tree(dir: &Path) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = walkdir::WalkDir::new(dir)
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.strip_prefix(dir).unwrap().to_string_lossy().into_owned();
            (name, String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned())
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_clean_spec_ends_with_zero_and_a_broken_one_with_one() {
    let dir = folder(&[("good.yaml", GOOD), ("bad.yaml", BAD)]);
    let ran = scalegen(dir.path(), &["lint", "good.yaml"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("no findings in 1 file") || ran.out.contains("0 errors"), "{}", ran.out);
    let ran = scalegen(dir.path(), &["lint", "bad.yaml"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("error[min-above-max]: min 3 is above max 2"), "{}", ran.out);
}

#[test]
fn the_fail_level_and_ignored_rules_decide_the_code() {
    let warned = "version: 1\nname: shop\nservices:\n  web: { replicas: 2 }\n";
    let dir = folder(&[("warned.yaml", warned)]);
    assert_eq!(scalegen(dir.path(), &["lint", "warned.yaml"]).code, 0);
    let ran = scalegen(dir.path(), &["lint", "warned.yaml", "--fail-level", "warning"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("missing-limits"), "{}", ran.out);
    let args = ["lint", "warned.yaml", "--fail-level", "warning", "--ignore", "missing-limits"];
    assert_eq!(scalegen(dir.path(), &args).code, 0);
}

#[test]
fn a_folder_is_searched_and_gitignore_obeyed() {
    let dir = folder(&[
        ("scalegen.yaml", GOOD),
        ("a/b/shop.scalegen.yaml", BAD),
        ("a/other.yaml", "not: a spec"),
        ("vendor/scalegen.yaml", BAD),
        ("a/skip/scalegen.yaml", BAD),
        (".git/scalegen.yaml", BAD),
        (".gitignore", "vendor/\n"),
        ("a/.gitignore", "skip\n"),
    ]);
    let ran = scalegen(dir.path(), &["lint", "--format", "concise"]);
    assert_eq!(ran.code, 1);
    let files: Vec<&str> =
        ran.out.lines().filter(|l| l.contains("error[")).map(|l| l.split(':').next().unwrap()).collect();
    assert_eq!(files, ["a/b/shop.scalegen.yaml"], "{}", ran.out);
}

#[test]
fn standard_input_works() {
    let dir = folder(&[]);
    let ran = with_input(dir.path(), &["lint", "-"], BAD);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("<stdin>:4:"), "{}", ran.out);
    let ran = with_input(dir.path(), &["render", "-", "--target", "compose"], GOOD);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("replicas: 2"), "{}", ran.out);
}

#[test]
fn one_bad_path_does_not_stop_the_others() {
    let dir = folder(&[("bad.yaml", BAD)]);
    let ran = scalegen(dir.path(), &["lint", "missing.yaml", "bad.yaml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("cannot read missing.yaml: no such file"), "{}", ran.err);
    assert!(ran.out.contains("min-above-max"), "{}", ran.out);
}

#[test]
fn a_folder_without_specs_says_so() {
    let dir = folder(&[("x.txt", "")]);
    let ran = scalegen(dir.path(), &["lint"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no scalegen.yaml or *.scalegen.yaml in ."), "{}", ran.err);
}

#[test]
fn unknown_names_on_the_command_line_are_usage() {
    let dir = folder(&[("good.yaml", GOOD)]);
    for (args, words) in [
        (vec!["lint", "good.yaml", "--target", "composse"], "did you mean `compose`?"),
        (vec!["render", "good.yaml", "--target", "docker"], "unknown target `docker`"),
        (vec!["lint", "good.yaml", "--profile", "larg"], "did you mean `large`?"),
        (vec!["render", "good.yaml", "--profile", "huge"], "unknown profile `huge`"),
        (vec!["lint", "good.yaml", "--ignore", "min-over-max"], "did you mean `min-above-max`?"),
        (vec!["lint", "good.yaml", "--ignore", "invalid-value"], "`invalid-value` cannot be ignored"),
        (vec!["lint", "good.yaml", "--format", "jso"], "did you mean `json`?"),
        (vec!["explain", "min-abov-max"], "did you mean `min-above-max`?"),
    ] {
        let ran = scalegen(dir.path(), &args);
        assert_eq!(ran.code, 2, "{args:?}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(words), "{args:?}: {}", ran.err);
    }
    assert_eq!(scalegen(dir.path(), &["lint", "--no-such-flag"]).code, 2);
    assert_eq!(scalegen(dir.path(), &["--help"]).code, 0);
}

#[test]
fn every_command_shows_an_example() {
    let dir = folder(&[]);
    let help = scalegen(dir.path(), &["--help"]).out;
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| *word != "help")
        .collect();
    assert!(commands.contains(&"lint") && commands.contains(&"render"), "{commands:?}");
    for command in commands {
        let help = scalegen(dir.path(), &[command, "--help"]);
        assert_eq!(help.code, 0);
        assert!(help.out.contains("Example"), "{command} --help shows no example");
    }
}

#[test]
fn a_spec_with_an_error_writes_nothing() {
    let dir = folder(&[("bad.yaml", BAD)]);
    let ran = scalegen(dir.path(), &["render", "bad.yaml", "--target", "compose", "--out", "deploy"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("min-above-max"), "{}", ran.err);
    assert!(ran.out.is_empty(), "{}", ran.out);
    assert!(!dir.path().join("deploy").exists());
}

#[test]
fn a_missing_base_is_a_finding_at_its_place() {
    let spec = GOOD.replace("compose: {}", "compose: { base: docker-compose.yml }");
    let dir = folder(&[("scalegen.yaml", &spec)]);
    let ran = scalegen(dir.path(), &["lint", "scalegen.yaml"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("error[unreadable-file]"), "{}", ran.out);
    assert!(ran.out.contains("scalegen.yaml:10:20"), "{}", ran.out);
}

#[test]
fn render_check_shows_drift_and_prune_removes_strays() {
    let dir = folder(&[("scalegen.yaml", GOOD)]);
    let render = |args: &[&str]| {
        let mut all = vec!["render", "scalegen.yaml", "--target", "compose", "--out", "deploy"];
        all.extend(args);
        scalegen(dir.path(), &all)
    };
    let ran = render(&["--check"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("missing deploy/compose.yaml"), "{}", ran.out);
    assert_eq!(render(&[]).code, 0);
    assert_eq!(render(&["--check"]).code, 0);
    let ran = render(&["--check", "--profile", "large"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("-      replicas: 2") && ran.out.contains("+      replicas: 5"), "{}", ran.out);
    let written = fs::read_to_string(dir.path().join("deploy/compose.yaml")).unwrap();
    fs::write(dir.path().join("deploy/old.yaml"), &written).unwrap();
    fs::write(dir.path().join("deploy/mine.yaml"), "services: {}\n").unwrap();
    let ran = render(&["--check"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("stray deploy/old.yaml"), "{}", ran.out);
    assert!(!ran.out.contains("mine.yaml"), "{}", ran.out);
    assert_eq!(render(&["--prune"]).code, 0);
    assert!(!dir.path().join("deploy/old.yaml").exists());
    assert!(dir.path().join("deploy/mine.yaml").exists(), "a file of the user's was removed");
}

#[test]
fn no_loss_hides_behind_another_targets() {
    let spec = "version: 1\nname: shop\nservices:\n  web:\n    image: a\n    replicas: { min: 1, max: 4 }\n    \
                resources: { requests: { cpu: 1 }, limits: { memory: 1Gi } }\n    schedule:\n      \
                - { days: [sun], from: \"08:00\", to: \"09:00\", timezone: UTC, replicas: 5 }\n\
                targets: { compose: {}, kubernetes: { autoscaler: keda } }\n";
    let dir = folder(&[("scalegen.yaml", spec)]);
    let of = |targets: &[&str]| {
        let named = targets.iter().flat_map(|target| ["--target", target]);
        let args: Vec<&str> = ["lint", "scalegen.yaml", "--format", "concise"].into_iter().chain(named).collect();
        let out = scalegen(dir.path(), &args).out;
        out.lines().find(|line| line.contains(":9:9:")).unwrap().split_once("]: ").unwrap().1.to_owned()
    };
    let (compose, keda) = (of(&["compose"]), of(&["kubernetes"]));
    assert_eq!(compose, "compose knows no clock: 1 of `web` in sun 08:00-09:00 too, not 5");
    assert_eq!(of(&[]), format!("{compose}; {keda}"));
}

#[test]
fn a_name_that_is_too_long_is_said_at_the_name() {
    let name = "a".repeat(64);
    let dir = folder(&[("scalegen.yaml", &format!("version: 1\nname: shop\nservices:\n  {name}: {{ image: a }}\n"))]);
    let out = scalegen(dir.path(), &["lint", "scalegen.yaml", "--format", "concise", "--ignore", "missing-limits"]).out;
    assert_eq!(out, format!("scalegen.yaml:4:3: error[invalid-value]: the name `{name}` has 64 characters\n"));
}

#[test]
fn a_reader_that_leaves_early_changes_nothing() {
    let many = format!("{BAD}{}", (0..3000).map(|i| format!("x{i}: 1\n")).collect::<String>());
    let dir = folder(&[("scalegen.yaml", many.as_str())]);
    for (args, code) in [(&["schema"][..], 0), (&["lint", "scalegen.yaml"], 1), (&["explain", "compose"], 0)] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_scalegen"))
            .args(args)
            .current_dir(dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
        assert_eq!(output.status.code(), Some(code), "{args:?}");
    }
}

#[test]
fn several_languages_do_not_mix_on_standard_output() {
    let spec = GOOD.replace("port: 8080", "port: 8080\n    publish: 8080\n    expose: {}");
    let dir = folder(&[("scalegen.yaml", &spec)]);
    let args = ["render", "scalegen.yaml", "--target", "compose", "--target", "nginx"];
    let ran = scalegen(dir.path(), &args);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("different languages"), "{}", ran.err);
    let mut args = args.to_vec();
    args.extend(["--out", "deploy"]);
    let ran = scalegen(dir.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let names: Vec<String> = tree(&dir.path().join("deploy")).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["compose/compose.yaml", "nginx/shop.conf"]);
}

#[test]
fn a_target_asked_for_twice_is_written_once() {
    let dir = folder(&[("scalegen.yaml", GOOD)]);
    let args = ["render", "scalegen.yaml", "--target", "compose", "--target", "compose", "--out", "deploy"];
    let ran = scalegen(dir.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let names: Vec<String> = tree(&dir.path().join("deploy")).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["compose.yaml"]);
}

#[test]
fn json_is_the_frozen_form() {
    let dir = folder(&[("bad.yaml", BAD)]);
    let ran = scalegen(dir.path(), &["lint", "bad.yaml", "--format", "json", "--ignore", "missing-limits"]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let finding = &json["findings"][0];
    assert_eq!(json["version"], 1);
    assert_eq!(finding["rule"], "min-above-max");
    assert_eq!(finding["severity"], "error");
    assert_eq!(finding["file"], "bad.yaml");
    assert_eq!(finding["start"], serde_json::json!({"line": 4, "column": 27}));
    assert_eq!(finding["end"], serde_json::json!({"line": 4, "column": 28}));
    assert_eq!(finding["path"], "/services/web/replicas/min");
    assert_eq!(finding["related"][0]["label"], "max 2");
    assert_eq!(json["summary"]["errors"], 1);
}

#[test]
fn many_files_come_in_their_order() {
    let files: Vec<(String, &str)> = (0..100).map(|n| (format!("s{n:03}/scalegen.yaml"), BAD)).collect();
    let borrowed: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let dir = folder(&borrowed);
    let ran = scalegen(dir.path(), &["lint", "--format", "concise"]);
    let names: Vec<&str> = ran.out.lines().filter(|l| l.contains("min-above-max")).map(|l| &l[..4]).collect();
    assert_eq!(names.len(), 100);
    assert!(names.is_sorted());
}

#[test]
fn completions_name_every_command() {
    let dir = folder(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = scalegen(dir.path(), &["completions", shell]);
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("render") && ran.out.contains("explain"), "{shell}");
    }
}
