//! Two states of one spec in every form: the numbers by a pencil, the forms as committed, faults on either side, hostile
//! text, and a comment that fits.

use crate::cli::program::{Ran, scalegen, with_input};
use crate::common::golden::golden;
use crate::common::judge::Call;
use proptest::prelude::*;
use scalegen::change::diff::{Changes, NamedSide, Side, changes};
use scalegen::check::settings::CalendarDay;
use scalegen::report::{self, ChangesForm, Comparison, TextStyle};
use scalegen::support::diagnostic::Severity;
use scalegen::support::source::Source;
use scalegen::{CheckOptions, NoFiles};
use serde_json::Value as Json;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const BEFORE: &str = include_str!("../../../fixtures/diff/before.yaml");
const AFTER: &str = include_str!("../../../fixtures/diff/after.yaml");

fn against(old: &str, new: &str, before: &CheckOptions, after: &CheckOptions) -> Changes {
    let name = "scalegen.yaml";
    let old = Side::of(name, old.as_bytes(), &NoFiles, before);
    let new = Side::of(name, new.as_bytes(), &NoFiles, after);
    changes(Some(NamedSide { name, side: &old }), Some(NamedSide { name, side: &new })).unwrap()
}

fn compare(old: &str, new: &str) -> Changes {
    against(old, new, &CheckOptions::default(), &CheckOptions::default())
}

fn write(specs: &[Changes], form: ChangesForm, style: TextStyle) -> String {
    let asked = ["scalegen.yaml".to_owned()];
    let all = Comparison { from: "main", to: None, asked: &asked, specs, unchanged: 0, tried: None };
    let mut out = Vec::new();
    report::changes(&all, form, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn text(one: &Changes) -> String {
    write(std::slice::from_ref(one), ChangesForm::Text, TextStyle::default())
}

fn json(one: &Changes) -> Json {
    serde_json::from_str(&write(std::slice::from_ref(one), ChangesForm::Json, TextStyle::default())).unwrap()
}

fn markdown(one: &Changes) -> String {
    write(std::slice::from_ref(one), ChangesForm::Markdown, TextStyle::default())
}

/// The rows of a comment's tables as a CommonMark reader has them; none where it is not installed.
fn read(comment: &str) -> Option<Vec<Vec<String>>> {
    let verdict = Call { args: vec!["changes", "-"], input: comment, ..Call::default() }.ask("report.py")?;
    Some(serde_json::from_value(verdict.accepted("the comment", comment).json()["findings"].take()).unwrap())
}

fn files(texts: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    texts.iter().for_each(|(name, text)| fs::write(dir.path().join(name), text).unwrap());
    dir
}

#[test]
fn the_printed_forms_are_golden() {
    let folder = Path::new("fixtures/diff");
    for form in ChangesForm::ALL.iter().map(|form| form.name()) {
        let end = match form {
            "text" => "txt",
            "markdown" => "md",
            other => other,
        };
        let ran = scalegen(folder, &["diff", "before.yaml", "after.yaml", "--format", form]);
        assert_eq!((ran.code, ran.err.as_str()), (1, ""));
        golden(&format!("fixtures/diff/changes.{end}"), &ran.out);
    }
    if let Some(rows) = read(&fs::read_to_string("fixtures/diff/changes.md").unwrap()) {
        assert!(rows.contains(&["runtime", "replicas", "4", "6", "+2", ""].map(str::to_owned).to_vec()), "{rows:?}");
    }
}

#[test]
fn colour_is_added_and_nothing_else() {
    let one = compare(BEFORE, AFTER);
    let specs = std::slice::from_ref(&one);
    let colored = write(specs, ChangesForm::Text, TextStyle { color: true, ..TextStyle::default() });
    assert!(colored.contains("\u{1b}[32m+") && colored.contains("\u{1b}[31m-"), "{colored}");
    let mut bare = String::new();
    let mut parts = colored.split("\u{1b}[");
    bare.push_str(parts.next().unwrap());
    parts.for_each(|part| bare.push_str(part.split_once('m').unwrap().1));
    assert_eq!(bare, text(&one));
}

#[test]
fn the_json_says_the_numbers_in_their_units() {
    let json = json(&compare(BEFORE, AFTER));
    let base = &json["specs"][0]["profiles"][0];
    assert_eq!((&json["from"], &json["to"], &base["profile"]), (&Json::from("main"), &Json::Null, &Json::Null));
    let find = |kind: &str, name: Option<&str>, number: &str, window: bool| {
        let group = base["groups"].as_array().unwrap().iter().find(|g| g["kind"] == kind && g["name"].as_str() == name);
        let numbers = group.unwrap_or_else(|| panic!("{kind} {name:?}"))["numbers"].as_array().unwrap();
        let found = numbers.iter().find(|n| n["number"] == number && n["window"].is_string() == window);
        found.unwrap_or_else(|| panic!("{kind} {name:?} {number}")).clone()
    };
    let both = |row: &Json| (row["before"].clone(), row["after"].clone(), row["change"].clone());
    let of = |before: Json, after: Json, change: Json| (before, after, change);
    use serde_json::json as j;
    assert_eq!(both(&find("service", Some("api"), "cpu", false)), of(j!(0.5), j!(0.75), j!(0.25)));
    let window = find("service", Some("api"), "replicas", true);
    assert_eq!(both(&window), of(j!({"min": 3, "max": 6}), j!({"min": 3, "max": 9}), j!({"min": 0, "max": 3})));
    assert_eq!(window["window"], "mon,fri 08:00-18:00 Europe/Berlin");
    let gi = 1u64 << 30;
    assert_eq!(both(&find("service", Some("runtime"), "allMemory", false)), of(j!(8 * gi), j!(12 * gi), j!(4 * gi)));
    // in the window 9 × 0.75 + 6 × 1 cores, of four machines with four
    let share = find("capacity", None, "cpu", false);
    assert_eq!(share["after"], j!({"used": 12.75, "of": 16.0, "permille": 797}));
    assert_eq!(both(&find("capacity", None, "cost", false)).2, j!(40.5));
    let pool = find("backing", Some("postgres"), "connections", false);
    assert_eq!(pool["after"], j!({"used": 9 * 10 + 6 * 5, "reserved": 3, "of": 150, "permille": 820}));
    assert_eq!(pool["change"], j!({"used": 40, "permille": 405}));
    assert_eq!(both(&find("total", None, "replicas", false)).1, j!({"min": 11, "max": 13}));
    assert_eq!(base["unchanged"], 1, "only web is as it was");
    let names: Vec<&Json> = json["specs"][0]["profiles"].as_array().unwrap().iter().map(|p| &p["profile"]).collect();
    assert_eq!(names, [&j!(null), &j!("same"), &j!("large"), &j!("old")]);
    assert_eq!(json["specs"][0]["profiles"][3]["status"], "removed");
    assert_eq!(json["specs"][0]["rendered"][0]["profiles"], j!([null, "same"]));
}

#[test]
fn a_moved_line_is_no_new_finding_and_another_number_is_the_same_one() {
    let moved = BEFORE.replacen("services:\n", "\n# one\n# two\nservices:\n", 1);
    assert!(compare(BEFORE, &moved).is_empty());
    let old = "version: 1\nname: a\nservices:\n  web: { image: \"x:1\", replicas: { min: 3, max: 2 } }\n";
    let one = compare(old, &old.replace("min: 3", "min: 4"));
    assert!(one.findings.new.is_empty() && one.findings.mended.is_empty(), "{:?}", one.findings);
    assert_eq!((one.findings.changed.len(), one.fails(Severity::Error)), (1, 0));
    assert!(text(&one).contains("still error[min-above-max]") && text(&one).contains("was: min 3 is above max 2"));
    // an item before it moves its path, not its words
    let windows = |more: &str| {
        format!(
            "version: 1\nname: a\nservices:\n  web:\n    image: \"x:1\"\n    replicas: 2\n    resources: {{ limits: {{ memory: 1Gi }} }}\n    schedule:\n{more}      - {{ days: [sat], from: \"22:00\", to: \"22:00\", timezone: Europe/Berlin, replicas: 1 }}\n"
        )
    };
    let more = "      - { days: [mon], from: \"01:00\", to: \"02:00\", timezone: Europe/Berlin, replicas: 1 }\n";
    let one = compare(&windows(""), &windows(more));
    assert!(one.findings.is_quiet("empty-window"), "{:?}", one.findings);
    // what a comment allows now is not mended
    let allowed = compare(
        "version: 1\nname: a\nservices:\n  web: { image: \"x:1\" }\n",
        "version: 1\nname: a\nservices:\n  # scalegen: allow missing-limits (measured)\n  web: { image: \"x:1\" }\n",
    );
    assert!(text(&allowed).contains("now allowed by a comment: warning[missing-limits]"), "{}", text(&allowed));
    assert!(!text(&allowed).contains("mended"), "{}", text(&allowed));
    assert_eq!(json(&allowed)["specs"][0]["findings"]["mended"][0]["allowed"], true);
}

trait Quiet {
    fn is_quiet(&self, rule: &str) -> bool;
}

impl Quiet for scalegen::change::diff::Findings {
    /// Whether nothing of this rule came or went.
    fn is_quiet(&self, rule: &str) -> bool {
        self.new.iter().chain(&self.mended).all(|seen| seen.finding.rule != *rule)
    }
}

/// A finding that is not reported any more is not mended: the ground is named.
#[test]
fn what_allows_a_finding_now_is_named() {
    let old = "version: 1\nname: shop\nservices:\n  web: { image: a, replicas: { min: 4, max: 2 }, resources: { limits: { memory: 1Gi } } }\n";
    let of = |one: &Changes, words: &str, by: &str| {
        assert_eq!(one.findings.mended.len(), 1, "{:?}", one.findings);
        assert!(text(one).contains(&format!("\n{words}: error[min-above-max] scalegen.yaml:4:")), "{}", text(one));
        assert!(markdown(one).contains(&format!("| {words} | `scalegen.yaml:4:")), "{}", markdown(one));
        let json = json(one);
        let mended = &json["specs"][0]["findings"]["mended"][0];
        assert_eq!((&mended["allowed"], &mended["by"]), (&Json::from(true), &Json::from(by)));
        assert!(!text(one).contains("1 mended"), "{}", text(one));
    };
    let comment =
        old.replace("  web:", "  # scalegen: allow min-above-max (later)\n  web:").replace("min: 4", "min: 5");
    let one = compare(old, &comment);
    assert_eq!(one.findings.mended.len(), 1);
    assert!(text(&one).contains("now allowed by a comment: error[min-above-max]"), "{}", text(&one));
    let against =
        |wanted: CheckOptions| against(old, &old.replace("min: 4", "min: 5"), &CheckOptions::default(), &wanted);
    let settings = "[[ignore]]\nrules = [\"min-above-max\"]\npaths = [\"**\"]\nreason = \"by agreement\"\n";
    let settings = scalegen::check::settings::read(
        &Source::new(".scalegen.toml", settings),
        CalendarDay::parse("2026-01-01").unwrap(),
    );
    let wanted = CheckOptions {
        settings: Some(settings.settings.into()),
        path: "scalegen.yaml".into(),
        ..CheckOptions::default()
    };
    of(&against(wanted), "now ignored by the settings (by agreement)", "settings");
    // the baseline knows the new words, not the old ones
    let dir = files(&[("old.yaml", old), ("scalegen.yaml", &old.replace("min: 4", "min: 5"))]);
    assert_eq!(scalegen(dir.path(), &["lint", "scalegen.yaml", "--write-baseline", "known.json"]).code, 0);
    fs::write(dir.path().join(".scalegen.toml"), "baseline = \"known.json\"\n").unwrap();
    let ran = scalegen(dir.path(), &["diff", "old.yaml", "scalegen.yaml"]);
    assert!(ran.out.contains("\nnow in the baseline: error[min-above-max] old.yaml:4:"), "{}{}", ran.out, ran.err);
    assert!(!ran.out.contains("comment"), "{}", ran.out);
    let ran = scalegen(dir.path(), &["diff", "old.yaml", "scalegen.yaml", "--format", "json"]);
    assert_eq!(serde_json::from_str::<Json>(&ran.out).unwrap()["specs"][0]["findings"]["mended"][0]["by"], "baseline");
}

#[test]
fn a_fault_on_either_side_hides_its_numbers_and_no_others() {
    let broken = AFTER.replace("cpu: 750m", "cpu: lots");
    for (old, new, row) in [(BEFORE, &*broken, ["500m", "?"]), (&*broken, BEFORE, ["?", "500m"])] {
        let one = compare(old, new);
        let shown = text(&one);
        let cpu: Vec<&str> = shown.lines().find(|line| line.contains("api")).unwrap().split_whitespace().collect();
        assert_eq!(cpu[3..], row, "{shown}");
        // what the fault hides is not said to be mended
        assert!(!shown.contains("mended warning[lost-in-target]"), "{shown}");
        assert_eq!(shown.contains("not found any more"), new != BEFORE, "{shown}");
        assert!(shown.contains("replicas") && shown.contains("not rendered, "), "{shown}");
        let rows = json(&one);
        let unknown: Vec<&Json> = rows["specs"][0]["profiles"][0]["groups"][0]["numbers"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["unknown"] != Json::from(Vec::<Json>::new()))
            .collect();
        assert!(unknown.iter().all(|row| row["change"].is_null()) && !unknown.is_empty(), "{rows:#}");
    }
    // a text that is not a spec has every number unknown: nothing is gone
    let three = BEFORE.replacen("services:\n", "services: 3\nx:\n", 1);
    for bad in ["services: [", "", "just words", "\u{1}", &three] {
        let one = compare(BEFORE, bad);
        let shown = text(&one);
        assert!(
            shown.contains('?') && !shown.contains("(removed)") && one.fails(Severity::Error) > 0,
            "{bad:?}:\n{shown}"
        );
        assert!(json(&one)["specs"][0]["profiles"][0]["status"] == "changed", "{bad:?}");
        let back = text(&compare(bad, BEFORE));
        assert!(back.contains('?') && !back.contains("(new)") && back.contains("mended error["), "{bad:?}:\n{back}");
        assert!(compare(bad, bad).profiles.is_empty());
    }
    // so has a service that is none; a backing service that nobody connects to any more is not gone
    let four = include_str!("../../../fixtures/diff/four.yaml");
    let (start, end) = (four.find("  runtime:").unwrap(), four.find("backing").unwrap());
    let one = compare(four, &format!("{}  runtime: 3\n{}", &four[..start], &four[end..]));
    assert!(text(&one).contains("~  runtime   replicas") && !text(&one).contains("-3"), "{}", text(&one));
    let idle = four.replace("    connections: { postgres: 5 }\n", "");
    let one = compare(four, &idle);
    assert!(text(&one).contains("~  postgres  connections"), "{}", text(&one));
}

#[test]
fn standard_input_can_be_one_of_the_two() {
    let folder = Path::new("fixtures/diff");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let ran = with_input(folder, &["diff", "-", "six.yaml"], &read("four.yaml"));
    assert!(ran.code == 1 && ran.out.starts_with("<stdin> → six.yaml\n"), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("new error[connections-exhausted] six.yaml:7:30: 6 replicas × 5"), "{}", ran.out);
    let ran = with_input(folder, &["diff", "six.yaml", "-"], &read("four.yaml"));
    assert!(ran.code == 1 && ran.out.contains("mended error[connections-exhausted] six.yaml:7:30"), "{}", ran.out);
    let ran = with_input(folder, &["diff", "six.yaml", "-"], &read("six.yaml"));
    assert_eq!((ran.code, ran.out.as_str()), (0, "nothing changed in 1 spec\n"), "{}", ran.err);
}

#[test]
fn profiles_and_targets_narrow_it() {
    let dir = files(&[("old.yaml", BEFORE), ("new.yaml", AFTER)]);
    let diff = |args: &[&str]| -> Ran { scalegen(dir.path(), &[&["diff", "old.yaml", "new.yaml"], args].concat()) };
    let large = diff(&["--profile", "large"]).out;
    assert!(large.contains("profile large\n") && !large.contains("the base") && large.contains("14"), "{large}");
    // compose has no autoscaler: the written number counts, windows do not
    let fixed = diff(&["--target", "compose"]).out;
    assert!(
        !fixed.contains("08:00-18:00 Europe") && !fixed.contains("PEAK") && fixed.contains("compose/compose.yaml"),
        "{fixed}"
    );
    let kubernetes = diff(&["--target", "kubernetes", "--profile", "same"]).out;
    assert!(kubernetes.contains("kubernetes/api-") && !kubernetes.contains("compose/"), "{kubernetes}");
}

/// Names that mean something to Markdown, HTML, a forge or a terminal.
const HOSTILE: &[&str] = &[
    "a|b",
    "`",
    "``a",
    "a`b",
    "</details>",
    "<script>alert(1)</script>",
    "-->",
    "--",
    "@octocat",
    "#1",
    "a@b.c",
    "[x](http://y)",
    "![x](y)",
    "**b**",
    "a\nb",
    "```",
    "~~~",
    "\u{1b}[31m",
    "\u{202e}abc",
    "é→☕",
    "\\",
    "\\|",
    "a\\",
    "| |",
    "&lt;",
    "$x$",
    "<br>",
    "http://x.y",
    "",
    " ",
    "\t",
    "\r",
];

/// All names at once, as services (which lint refuses), as profiles, in commands.
fn hostile(replicas: u32, services: bool) -> String {
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let mut text = "version: 1\nname: shop\nservices:\n".to_owned();
    let command: Vec<String> = HOSTILE.iter().filter(|_| replicas > 1).map(|name| quoted(name)).collect();
    let own = format!("image: \"x:1\", replicas: {replicas}, command: [serve, {}]", command.join(", "));
    text.push_str(&format!("  web: {{ {own} }}\n"));
    for name in HOSTILE.iter().filter(|_| services) {
        text.push_str(&format!("  {}: {{ {own} }}\n", quoted(name)));
    }
    text.push_str("profiles:\n");
    for (number, name) in HOSTILE.iter().enumerate() {
        let more = replicas as usize * (number + 2);
        text.push_str(&format!("  {}: {{ services: {{ web: {{ replicas: {more} }} }} }}\n", quoted(name)));
    }
    text + "targets: { compose: {} }\n"
}

#[test]
fn hostile_names_break_out_of_nothing() {
    for services in [false, true] {
        let one = compare(&hostile(1, services), &hostile(2, services));
        assert_eq!(one.rendered.is_empty(), services, "{:?}", one.refused);
        let comment = markdown(&one);
        assert!(!comment.contains("Left out"), "it all fits: {}", comment.chars().count());
        if let Some(rows) = read(&comment) {
            assert_eq!(
                rows.iter().filter(|row| row[..2] == ["web", "replicas"]).count(),
                HOSTILE.len() + 1,
                "{rows:?}"
            );
        }
        for shown in
            [&comment, &text(&one), &write(std::slice::from_ref(&one), ChangesForm::Json, TextStyle::default())]
        {
            let steers = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
            let raw = shown.find(steers).map(|at| &shown[at.saturating_sub(40)..]);
            assert_eq!(raw, None, "comes through raw");
        }
    }
}

#[test]
fn the_first_line_is_a_comment_whatever_was_asked() {
    let long = ["a--b---c".to_owned(), "x/".repeat(500), "☕".repeat(500), HOSTILE.join("")];
    for (index, name) in long.iter().map(String::as_str).chain(HOSTILE.iter().copied()).enumerate() {
        let asked = [name.to_owned(), "profile=a>b".to_owned()];
        let all = Comparison { from: name, to: Some(name), asked: &asked, specs: &[], unchanged: 3, tried: None };
        let mut out = Vec::new();
        report::changes(&all, ChangesForm::Markdown, TextStyle::default(), &mut out).unwrap();
        let comment = String::from_utf8(out).unwrap();
        let first = comment.lines().next().unwrap();
        let inside = first.strip_prefix("<!-- scalegen diff: ").and_then(|rest| rest.strip_suffix(" -->")).unwrap();
        assert!(
            !inside.contains("--") && !inside.contains('>') && !inside.ends_with('-') && first.len() < 300,
            "{first}"
        );
        assert!(comment.ends_with("nothing changed in 3 specs\n"), "{comment}");
        if index < long.len() {
            read(&comment);
        }
    }
}

/// A spec of many services in which every number changes.
fn many(services: usize, replicas: usize, name: &str) -> String {
    let mut text = "version: 1\nname: big\nservices:\n".to_owned();
    for number in 0..services {
        text.push_str(&format!(
            "  {name}{number}: {{ image: \"x:1\", replicas: {replicas}, concurrency: 2, resources: {{ requests: {{ cpu: 1, memory: 1Gi }}, limits: {{ memory: 1Gi }} }} }}\n"
        ));
    }
    text + "targets: { kubernetes: {}, compose: {} }\n"
}

#[test]
fn a_long_comment_loses_diffs_first_then_the_rest_and_says_how_much() {
    // the tables fit, the diffs do not
    let one = compare(&many(200, 1, "w"), &many(200, 2, "w"));
    let comment = markdown(&one);
    let length = comment.chars().count();
    assert!(length <= 65_000 && length > 55_000, "{length}");
    let last = comment.lines().last().unwrap();
    assert!(
        last.starts_with("Left out, as a comment holds so much and no more: ") && last.contains(" rendered diff"),
        "{last}"
    );
    assert!(!last.contains("number"), "no number went: {last}");
    let kept = comment.matches("<details>").count();
    assert_eq!(comment.matches("</details>").count(), kept);
    assert!(
        last.contains(&format!("{} rendered diff", one.rendered.len() - kept)),
        "{kept} of {}: {last}",
        one.rendered.len()
    );
    if let Some(rows) = read(&comment) {
        assert_eq!(rows.iter().filter(|row| row[1] == "replicas").count(), 201, "200 services and the total");
    }
    // the tables do not fit either: what counts most stays, row by row
    let fails = many(600, 2, "é").replace("name: big", "name: big\nsped: 1").replace("é1:", "\"@é1\":");
    let one = compare(&many(600, 1, "é"), &fails);
    let comment = markdown(&one);
    assert!(comment.chars().count() <= 65_000);
    assert!(comment.contains("| new | `scalegen.yaml:3:1` | error `unknown-field` |"), "new errors stay");
    let last = comment.lines().last().unwrap();
    assert!(last.contains(" numbers"), "{last}");
    read(&comment);
    // many specs: at least each one's name, or how many are left out
    let small = compare(
        "version: 1\nname: a\nservices: { w: { image: \"x:1\" } }\n",
        "version: 1\nname: a\nservices: { w: { image: \"x:1\", replicas: 2 } }\n",
    );
    let specs = vec![small; 1500];
    let comment = write(&specs, ChangesForm::Markdown, TextStyle::default());
    assert!(comment.chars().count() <= 65_000, "{}", comment.chars().count());
    assert!(
        comment.starts_with("<!-- scalegen diff: scalegen.yaml -->\n### scalegen diff: 1500 services scaled"),
        "{}",
        &comment[..200]
    );
    assert!(comment.lines().last().unwrap().contains(" specs, "), "{}", comment.lines().last().unwrap());
    read(&comment);
}

#[test]
fn lines_may_end_as_they_like_and_hold_any_script() {
    let old = BEFORE.replace("name: flow", "name: flow # naïve ☕ 漢字").replace('\n', "\r\n");
    let one = compare(&format!("\u{feff}{old}"), AFTER);
    assert_eq!(json(&one)["specs"][0]["profiles"], json(&compare(BEFORE, AFTER))["specs"][0]["profiles"]);
    assert!(compare(&old, BEFORE).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// What comes one way goes the other: the same numbers, the deltas with the other sign.
    #[test]
    fn both_directions_say_the_same(a in 0u32..50, b in 0u32..50, cpu in 1u32..4000, other in 1u32..4000) {
        let spec = |count: u32, cpu: u32| BEFORE.replace("replicas: 4\n", &format!("replicas: {count}\n")).replace("cpu: 500m", &format!("cpu: {cpu}m"));
        let (there, back) = (compare(&spec(a, cpu), &spec(b, other)), compare(&spec(b, other), &spec(a, cpu)));
        prop_assert_eq!(there.scaled(), a != b || cpu != other);
        prop_assert_eq!(there.profiles.len(), back.profiles.len());
        for (one, two) in there.profiles.iter().zip(&back.profiles) {
            prop_assert_eq!(one.unchanged, two.unchanged);
            for (one, two) in one.groups.iter().zip(&two.groups) {
                prop_assert_eq!(&one.name, &two.name);
                for (one, two) in one.rows.iter().zip(&two.rows) {
                    prop_assert_eq!((&one.number, one.before, one.after), (&two.number, two.after, two.before));
                }
            }
        }
        prop_assert_eq!(there.findings.new.len(), back.findings.mended.len());
    }
}
