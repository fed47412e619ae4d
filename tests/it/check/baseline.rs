//! Baselines: what was there is skipped, what is new is not, and what is gone is said.

use crate::cli::program::{folder, scalegen, with_input};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Two warnings, on lines 4 and 5.
const OLD: &str = "version: 1
name: shop
services:
  web: { image: shop/web:1 }
  api: { image: shop/api:1 }
";
const FILE: &str = "base.json";
const SETTINGS: &str = "fail-level = \"warning\"\nbaseline = \"base.json\"\n";

fn lint(dir: &TempDir, args: &[&str]) -> (i32, String) {
    let ran = scalegen(dir.path(), &[&["lint", "--format", "concise"], args].concat());
    (ran.code, format!("{}{}", ran.out, ran.err))
}

/// A folder with a baseline of two specs' findings.
fn adopted() -> TempDir {
    let dir = folder(&[("a/scalegen.yaml", OLD), ("b/scalegen.yaml", OLD), (".scalegen.toml", SETTINGS)]);
    let (code, said) = lint(&dir, &["--write-baseline", FILE]);
    assert_eq!((code, said.as_str()), (0, "wrote base.json: 4 findings in 2 files\n"));
    dir
}

fn write(dir: &TempDir, name: &str, text: &str) {
    fs::write(dir.path().join(name), text).unwrap();
}

fn read(dir: &TempDir, name: &str) -> String {
    fs::read_to_string(dir.path().join(name)).unwrap()
}

#[test]
fn what_was_there_is_passed_over_and_what_is_new_is_not() {
    let dir = adopted();
    assert_eq!(lint(&dir, &[]), (0, String::new()));
    let json = scalegen(dir.path(), &["lint", "--format", "json"]).out;
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["summary"]["suppressed"], 4);
    let sarif = scalegen(dir.path(), &["lint", "--format", "sarif"]).out;
    assert_eq!(sarif.matches("\"justification\": \"in the baseline\"").count(), 4);
    // moved lines are the same findings, from whatever folder
    write(&dir, "a/scalegen.yaml", &OLD.replace("services:", "# one\n\n# two\nservices:"));
    assert_eq!(lint(&dir, &["a"]), (0, String::new()));
    assert_eq!(scalegen(&dir.path().join("a"), &["lint", "scalegen.yaml"]).code, 0);
    let whole = dir.path().join("b/scalegen.yaml");
    assert_eq!(scalegen(Path::new("/"), &["lint", whole.to_str().unwrap()]).code, 0);
    // so are those whose line changes beside their place
    write(&dir, "b/scalegen.yaml", &OLD.replace("image: shop/web:1", "image: shop/web:2, replicas: 3"));
    assert_eq!(lint(&dir, &["b"]), (0, String::new()));
    // one more of the kind, and one of another kind
    write(&dir, "a/scalegen.yaml", &format!("{OLD}  new: {{ image: shop/new:1, replicas: {{ min: 2, max: 1 }} }}\n"));
    let (code, said) = lint(&dir, &[]);
    assert_eq!((code, said.lines().count()), (1, 2), "{said}");
    assert!(
        said.contains("a/scalegen.yaml:6:3: warning[missing-limits]") && said.contains("[min-above-max]"),
        "{said}"
    );
    // and without the baseline everything
    assert_eq!(lint(&dir, &["--isolated"]).1.lines().count(), 6);
}

#[test]
fn the_file_is_sorted_one_entry_a_line_and_always_the_same() {
    let dir = adopted();
    let text = read(&dir, FILE);
    let entries: Vec<&str> = text.lines().filter(|line| line.contains("\"file\"")).collect();
    let starts: Vec<&str> = entries.iter().map(|line| line.split(", \"rule\"").next().unwrap().trim()).collect();
    let start = |file, service| format!("{{\"file\": \"{file}/scalegen.yaml\", \"path\": \"/services/{service}\"");
    assert_eq!(starts, [start("a", "api"), start("a", "web"), start("b", "api"), start("b", "web")]);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["version"], 1);
    let said = "base.json already says so: 4 findings in 2 files\n".to_owned();
    assert_eq!(lint(&dir, &["b", "a", "--write-baseline", FILE]), (0, said));
    assert_eq!(read(&dir, FILE), text);
    let from = scalegen(&dir.path().join("a"), &["lint", "../b", ".", "--write-baseline", "../base.json"]);
    assert_eq!((from.code, read(&dir, FILE)), (0, text), "{}", from.err);
}

#[test]
fn what_is_gone_is_said_and_goes_when_it_is_written_again() {
    let dir = adopted();
    let limited = "api: { image: shop/api:1, resources: { limits: { memory: 1Gi } } }";
    write(&dir, "a/scalegen.yaml", &OLD.replace("api: { image: shop/api:1 }", limited));
    let said = "base.json:4:5: warning[stale-baseline]: `missing-limits` is no longer found in a/scalegen.yaml\n";
    assert_eq!(lint(&dir, &[]), (1, said.to_owned()));
    assert_eq!(lint(&dir, &["a"]), (1, said.to_owned()), "the spec was checked whole");
    assert_eq!(lint(&dir, &["b"]), (0, String::new()));
    assert_eq!(lint(&dir, &["--target", "compose"]).0, 0, "another target may find it");
    assert_eq!(lint(&dir, &["--ignore", "missing-limits", "b"]), (0, String::new()), "it is there, only hidden");
    // a spec that is gone is said where its folder was searched
    fs::remove_file(dir.path().join("b/scalegen.yaml")).unwrap();
    assert_eq!(lint(&dir, &["a"]).1, said);
    let gone = "base.json:6:5: warning[stale-baseline]: there is no b/scalegen.yaml any more\n";
    assert_eq!(lint(&dir, &[]).1, format!("{said}{gone}"));
    // what broke may hide what was known
    write(&dir, "a/scalegen.yaml", "version: 1\nname: shop\n");
    assert!(!lint(&dir, &["a"]).1.contains("stale"));
    write(&dir, "a/scalegen.yaml", OLD);
    assert_eq!(lint(&dir, &["--write-baseline", FILE]), (0, "wrote base.json: 2 findings in 1 file\n".to_owned()));
    assert_eq!(lint(&dir, &[]), (0, String::new()));
}

#[test]
fn a_run_over_a_part_keeps_the_rest() {
    let dir = adopted();
    write(&dir, "a/scalegen.yaml", &OLD.replace("  api: { image: shop/api:1 }\n", ""));
    assert_eq!(
        lint(&dir, &["a", "--write-baseline", FILE]),
        (0, "wrote base.json: 3 findings in 2 files\n".to_owned())
    );
    assert_eq!(lint(&dir, &[]), (0, String::new()));
}

#[test]
fn errors_of_shape_are_never_in_a_baseline() {
    let broken = OLD.replace("image: shop/web:1", "imagge: shop/web:1");
    let dir = folder(&[("scalegen.yaml", &broken), (".scalegen.toml", SETTINGS)]);
    let (code, said) = lint(&dir, &["--write-baseline", FILE]);
    assert_eq!(code, 1);
    assert!(said.contains("error[unknown-field]") && !said.contains("missing-limits"), "{said}");
    let wrote =
        "wrote base.json: 2 findings in 1 file; 1 cannot be in a baseline: what it finds would not work anywhere";
    assert!(said.contains(wrote), "{said}");
    assert!(!read(&dir, FILE).contains("unknown-field"));
    // nor can one be written in by hand
    let by_hand = read(&dir, FILE).replace("missing-limits", "unknown-field");
    write(&dir, FILE, &by_hand);
    assert!(lint(&dir, &[]).1.contains("error[unknown-field]"));
}

#[test]
fn a_broken_baseline_is_a_finding_of_its_file() {
    let dir = adopted();
    let good = read(&dir, FILE);
    for (text, place, message) in [
        (
            good.replace("\"version\": 1", "\"version\": 2"),
            "2:14",
            "this release reads a baseline of version 1, found `2`",
        ),
        ("{}".to_owned(), "1:1", "this release reads a baseline of version 1, found none"),
        ("{\"version\": 1}".to_owned(), "1:1", "the list `findings` is missing"),
        (String::new(), "1:1", "the file is empty"),
        (good.replacen("\"count\": 1", "\"count\": 0", 1), "4:5", "an entry needs"),
        (good.replacen("  ]", "<<<<<<< HEAD\n  ]", 1), "8:1", "the file is not JSON"),
    ] {
        write(&dir, FILE, &text);
        let (code, said) = lint(&dir, &[]);
        let first = said.lines().next().unwrap();
        assert!(
            code == 1 && first.starts_with(&format!("base.json:{place}: error[broken-baseline]: {message}")),
            "{said}"
        );
        assert_eq!(scalegen(dir.path(), &["render", "a/scalegen.yaml", "--target", "compose"]).code, 1);
    }
    fs::write(dir.path().join(FILE), b"\xff").unwrap();
    assert!(lint(&dir, &[]).1.contains("base.json:1:1: error[broken-baseline]: byte 0xFF"));
    // written again it is whole again
    assert_eq!(lint(&dir, &["--write-baseline", FILE]).0, 0);
    assert_eq!(read(&dir, FILE), good);
    fs::remove_file(dir.path().join(FILE)).unwrap();
    let (code, said) = lint(&dir, &[]);
    let missing = ".scalegen.toml:2:12: error[unreadable-file]: `base.json` cannot be read: no such file or directory";
    assert!(code == 1 && said.starts_with(missing), "{said}");
}

#[test]
fn a_baseline_on_the_command_line_needs_no_settings() {
    let dir = folder(&[("scalegen.yaml", OLD)]);
    assert_eq!(lint(&dir, &["--write-baseline", FILE]).0, 0);
    assert_eq!(lint(&dir, &["--baseline", FILE]), (0, String::new()));
    assert_eq!(lint(&dir, &["--baseline", FILE, "--isolated"]), (0, String::new()));
    assert_eq!(lint(&dir, &[]).1.lines().count(), 2);
    assert_eq!(
        lint(&dir, &["--baseline", "missing.json"]),
        (2, "scalegen: cannot read missing.json: no such file or directory\n".to_owned())
    );
    for other in ["--profile=x", "--target=compose", "--ignore=missing-limits", "--fix", "--diff", "--baseline=x"] {
        assert_eq!(lint(&dir, &["--write-baseline", FILE, other]).0, 2, "{other}");
    }
    let ran = with_input(dir.path(), &["lint", "-", "--write-baseline", FILE], OLD);
    assert_eq!((ran.code, ran.err.as_str()), (2, "scalegen: `-` has no path that a baseline could name\n"));
}

#[test]
fn findings_that_are_alike_are_counted() {
    let dir = adopted();
    let twice = read(&dir, FILE).replacen("\"count\": 1", "\"count\": 2", 1);
    write(&dir, FILE, &twice);
    let (code, said) = lint(&dir, &["a"]);
    assert!(code == 1 && said.contains("`missing-limits` is no longer found in a/scalegen.yaml"), "{said}");
    // a merge may write one entry twice
    let good = twice.replacen("\"count\": 2", "\"count\": 1", 1);
    let entry = good.lines().nth(3).unwrap();
    write(&dir, FILE, &good.replacen(entry, &format!("{entry}\n{entry}"), 1));
    assert_eq!(lint(&dir, &[]), (0, String::new()));
}

#[test]
fn what_is_accepted_does_not_stop_a_render() {
    let drained =
        OLD.replace("{ image: shop/web:1 }", "{ image: shop/web:1, replicas: 2, disruption: { minAvailable: 2 } }");
    let dir = folder(&[("scalegen.yaml", &drained), (".scalegen.toml", "")]);
    let render = ["render", "scalegen.yaml", "--target", "compose"];
    assert_eq!(scalegen(dir.path(), &render).code, 1);
    assert_eq!(lint(&dir, &["--write-baseline", FILE]).0, 0);
    write(&dir, ".scalegen.toml", SETTINGS);
    let ran = scalegen(dir.path(), &render);
    assert!(ran.code == 0 && ran.out.contains("replicas: 2"), "{}", ran.err);
}

/// What another hand put there is written again as it was read.
#[test]
fn every_text_of_an_entry_is_quoted() {
    let text = r#"{
  "version": 1,
  "findings": [
    {"file": "a\"b.yaml", "path": "/\"", "rule": "x\\y", "fingerprint": "u\"0\"", "count": 1}
  ]
}
"#;
    let read = scalegen::check::baseline::read(&scalegen::support::source::Source::new("known.json", text));
    assert!(read.findings.is_empty(), "{:?}", read.findings);
    assert_eq!(read.baseline.text(), text);
}
