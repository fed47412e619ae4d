//! What an editor makes of `.scalegen.toml` with the schema `scalegen schema --settings` prints: a real language server is
//! asked, and a second reader of TOML what it takes and refuses.

use crate::check::rules::examples;
use crate::cli::program::scalegen;
use crate::common::judge::{Call, judge};
use crate::inputs::spec::editor::marked;
use scalegen::check::rules;
use scalegen::check::settings::CalendarDay;
use scalegen::check::settings::NAME;
use scalegen::load_settings;
use scalegen::support::source::Source;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const EVERYTHING: &str = include_str!("../../../fixtures/settings/everything.toml");
/// How a file names its schema.
const DIRECTIVE: &str = "#:schema ./settings.schema.json\n";

/// A folder with the schema in it, as the README says to write it.
fn workspace() -> TempDir {
    let dir = tempfile::Builder::new().prefix("workspace").tempdir().unwrap();
    let printed = scalegen(dir.path(), &["schema", "--settings"]);
    assert_eq!(printed.code, 0, "{}", printed.err);
    fs::write(dir.path().join("settings.schema.json"), printed.out).unwrap();
    dir
}

/// What the language server shows for settings: `‸` marks where something is completed, `§` where one points.
fn shown(dir: &Path, text: &str) -> Option<Json> {
    let file = marked(NAME, &format!("{DIRECTIVE}{text}"));
    let input = json!({ "files": [file] }).to_string();
    let verdict = Call { args: vec!["--toml", "-", dir.to_str().unwrap()], input: &input, ..Call::default() };
    Some(verdict.ask("editor.py")?.json()["files"][0].clone())
}

fn labels(answer: &Json) -> BTreeSet<&str> {
    answer.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect()
}

#[test]
fn every_field_is_taken_explained_and_completed() {
    let dir = workspace();
    let Some(file) = shown(dir.path(), EVERYTHING) else { return };
    assert_eq!(file["diagnostics"], json!([]), "{file:#}");
    let text = "fail-level = \"warning\"\n‸\n[rules]\nslow-ramp = ‸\n‸\n[[ignore]]\nrules = [\"all\"]\n‸\n";
    let file = shown(dir.path(), text).unwrap();
    let [top, level, rule, ignore] = [0, 1, 2, 3].map(|index| labels(&file["complete"][index]));
    assert!(["baseline", "templates", "profiles", "policy"].iter().all(|key| top.contains(key)), "{top:?}");
    assert!(["\"off\"", "\"note\"", "\"warning\"", "\"error\""].iter().all(|word| level.contains(word)), "{level:?}");
    let all: BTreeSet<&str> = rules::ALL.iter().map(|rule| rule.meta.id).filter(|id| *id != "slow-ramp").collect();
    assert!(all.is_subset(&rule), "{:?}", all.difference(&rule));
    assert!(["paths", "reason", "until"].iter().all(|key| ignore.contains(key)), "{ignore:?}");
    let file = shown(dir.path(), "§fail-level = \"note\"\n[rules]\n§slow-ramp = \"off\"\n").unwrap();
    assert!(file["hover"][0].as_str().unwrap().contains("The least severity that makes the exit code"), "{file:#}");
    let summary = rules::get("slow-ramp").unwrap().summary();
    assert!(file["hover"][1].as_str().unwrap().contains(summary), "{file:#}");
}

/// Settings with a fault in most lines; what follows `# ` is what the editor says there.
const FAULTS: &str =
    "fail-level = \"loud\" # the value must be one of [\"note\", \"warning\", \"error\"], but found \"loud\"
profils = [\"base\"] # \"profils\" is not allowed
templates = 3 # expected a value of type String, but found Integer

[rules]
slow-ramp = \"of\" # the value must be one of [\"off\", \"note\", \"warning\", \"error\"], but found \"of\"
slow-rmp = \"off\" # \"slow-rmp\" is not allowed

[[ignore]] # \"reason\" is required
rules = [\"missing-limits\"]
paths = [\"a/**\"]
";

#[test]
fn faults_are_said_at_their_lines() {
    let dir = workspace();
    let Some(file) = shown(dir.path(), FAULTS) else { return };
    let found: BTreeSet<(u64, String)> = file["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| (each["line"].as_u64().unwrap(), each["message"].as_str().unwrap().to_owned()))
        .collect();
    let lines = FAULTS.lines().enumerate();
    let wanted: BTreeSet<(u64, String)> =
        lines.filter_map(|(index, line)| Some((index as u64 + 2, line.split_once(" # ")?.1.to_owned()))).collect();
    assert_eq!(found, wanted);
    // and scalegen finds one on each of these lines
    let read = load_settings(&Source::new(NAME, FAULTS), CalendarDay::parse("2026-01-01").unwrap());
    let source = Source::new(NAME, FAULTS);
    let own: BTreeSet<u64> = read.findings.iter().map(|f| source.numbers(f.at.span.start).line as u64 + 1).collect();
    assert_eq!(own, wanted.iter().map(|(line, _)| *line).collect());
}

/// All settings of the manual: what is refused for its form here is refused by taplo, and nothing else.
#[test]
fn another_reader_takes_and_refuses_the_same() {
    let readme = include_str!("../../../src/cli/manual/findings.md");
    let readme = readme.split("```toml\n").nth(1).unwrap().split("```").next().unwrap().to_owned();
    let mut texts = vec![EVERYTHING.to_owned(), readme, FAULTS.to_owned(), "profiles = []\n".to_owned()];
    for rule in rules::ALL {
        texts.extend(examples(rule.page).into_iter().filter_map(|example| example.files.get(NAME).cloned()));
    }
    texts.push("[[policy]]\nid = \"x\"\n".to_owned());
    assert!(texts.len() > 10);
    let dir = workspace();
    let schema = dir.path().join("settings.schema.json");
    for (index, text) in texts.iter().enumerate() {
        let read = load_settings(&Source::new(NAME, text), CalendarDay::parse("2026-01-01").unwrap());
        let form = ["toml-syntax", "unknown-field", "missing-field", "wrong-type", "invalid-value"];
        let refused: Vec<_> = read.findings.iter().filter(|finding| form.contains(&finding.rule.as_str())).collect();
        // a rule of that name is asked for, and whether it can be lowered: no schema says so
        let words = ["cannot be", "not a pattern", "not a day of the calendar", "is a policy"];
        let own = refused.iter().any(|finding| words.iter().all(|word| !finding.message.contains(word)));
        let own = own || text == FAULTS;
        let file = dir.path().join(format!("{index}.toml"));
        fs::write(&file, text).unwrap();
        let Some(verdict) = judge("taplo.sh", &[schema.to_str().unwrap(), file.to_str().unwrap()]) else { return };
        assert_eq!(verdict.accepted, !own, "{text}\n{:?}\n{}", read.findings, verdict.err);
    }
}
