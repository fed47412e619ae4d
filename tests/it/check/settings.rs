//! `.scalegen.toml`: what it says holds for the specs below it, and what is wrong in it is said at its place.

use crate::cli::program::{Ran, folder, scalegen, with_input};
use crate::common::golden::golden;
use crate::targets::support::{nodes_of, set};
use scalegen::check::rules;
use scalegen::check::settings::{CalendarDay, LoadedFile, NAME, read};
use scalegen::support::source::Source;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// A spec with one warning: `missing-limits` on line 4.
const WARNED: &str = "version: 1\nname: shop\nservices:\n  web: { image: shop/web:1, replicas: 2 }\n";
/// A spec with one error that is no error of shape, and no warning.
const WRONG: &str = "version: 1
name: shop
services:
  web:
    image: shop/web:1
    replicas: { min: 2, max: 4 }
    disruption: { minAvailable: 2 }
    resources: { limits: { memory: 1Gi } }
";

fn of(text: &str) -> LoadedFile {
    read(&Source::new(NAME, text), CalendarDay::parse("2026-11-26").unwrap())
}

/// `line:column rule path: message` of every finding.
fn found(text: &str) -> Vec<String> {
    let source = Source::new(NAME, text);
    let read = of(text);
    let line = |(finding, path): (&scalegen::support::diagnostic::Finding, &String)| {
        let at = source.numbers(finding.at.span.start);
        let help = finding.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}:{} {} {path}: {}{help}", at.line, at.column, finding.rule, finding.message)
    };
    read.findings.iter().zip(&read.paths).map(line).collect()
}

#[test]
fn faults_have_their_places() {
    let text = "fail-level = \"warn\"
profles = [\"large\"]
profiles = \"large\"

[rules]
mising-limits = \"off\"
unknown-field = \"off\"
refused-by-target = 'warning'
duplicate-key = \"error\"
slow-ramp = 3

[[ignore]]
rules = [\"yaml-syntax\", \"no-such-rule-at-all\", \"missing-limits\"]
paths = [\"a{b\", \"ok/**\"]
until = 2027-02-30

[[ignore]]
rules = []
paths = [\"x\"]
reason = \"\"
until = \"31.1.2027\"
";
    // a day that is none is not TOML at all where it stands bare
    let torn = found(text);
    assert!(torn.len() == 1 && torn[0].starts_with("15:9 toml-syntax"), "{torn:#?}");
    let quoted = text.replace("2027-02-30", "\"2027-02-30\"");
    let known = "known fields are `fail-level`, `profiles`, `templates`, `baseline`, `rules`, `ignore`, `policy`";
    let firm = "what it finds would not work anywhere";
    let expected = [
        "1:14 invalid-value /fail-level: the string `warn` is not one of `note`, `warning`, `error`".to_owned(),
        "2:1 unknown-field /profles: unknown field `profles` (remove it: `profiles` is written too)".to_owned(),
        "3:12 wrong-type /profiles: expected a list, found the string `large` (write a list: `[\"large\"]`)".to_owned(),
        "6:1 unknown-reference /rules/mising-limits: no rule is named `mising-limits` (did you mean `missing-limits`?)"
            .to_owned(),
        format!("7:17 invalid-value /rules/unknown-field: `unknown-field` cannot be turned off: {firm} (remove this line)"),
        format!(
            "8:21 invalid-value /rules/refused-by-target: `refused-by-target` cannot be lowered to a warning: {firm} (remove this line)"
        ),
        "10:13 invalid-value /rules/slow-ramp: the number `3` is not one of `off`, `note`, `warning`, `error`".to_owned(),
        "12:1 missing-field /ignore/0: `ignore[0]` has no `reason` (add `reason`)".to_owned(),
        format!("13:10 invalid-value /ignore/0/rules/0: `yaml-syntax` cannot be ignored: {firm} (take it out of the list)"),
        "13:25 unknown-reference /ignore/0/rules/1: no rule is named `no-such-rule-at-all` (`scalegen rules` lists them)"
            .to_owned(),
        "14:10 invalid-value /ignore/0/paths/0: `a{b` is not a pattern: unclosed alternate group (write it as in a .gitignore, such as `legacy/**`)".to_owned(),
        "15:9 invalid-value /ignore/0/until: `2027-02-30` is not a day of the calendar (write it as \"2027-01-31\")".to_owned(),
        "18:9 invalid-value /ignore/1/rules: `rules` has 0 entries, at least 1 needed (add one)".to_owned(),
        "20:10 invalid-value /ignore/1/reason: `reason` is empty".to_owned(),
        "21:9 invalid-value /ignore/1/until: `31.1.2027` is not a day of the calendar (write it as \"2027-01-31\")".to_owned(),
    ];
    assert_eq!(found(&quoted), expected);
    let unknown = found("nothing-like-it = 1\n");
    assert_eq!(unknown, [format!("1:1 unknown-field /nothing-like-it: unknown field `nothing-like-it` ({known})")]);
}

#[test]
fn text_that_is_not_toml_is_said_once_and_the_rest_holds() {
    let read = of("fail-level = \"note\"\n[rules\nmissing-limits = \"off\"\n[[ignore\n");
    assert_eq!(read.findings.len(), 1, "{:#?}", read.findings);
    assert_eq!(read.findings[0].rule, "toml-syntax");
    assert_eq!(read.settings.fail_level.map(|level| level.word()), Some("note"));
    let twice = found("fail-level = \"note\"\nfail-level = \"error\"\n");
    assert_eq!(twice, ["2:1 toml-syntax : duplicate key (remove one)"]);
    assert_eq!(found(""), [""; 0]);
    assert_eq!(found("\u{feff}fail-level = \"note\"\r\n"), [""; 0]);
    let deep = format!("x = {}", "[".repeat(100_000));
    assert_eq!(of(&deep).findings[0].rule, "toml-syntax");
    // the first place that is too deep, whatever else is
    let nested = |name: &str| format!("{name}{} = 1\n", ".a".repeat(70));
    let twice = found(&format!("fail-level = \"note\"\n{}{}", nested("b"), nested("c")));
    let told = |line: &String| line.contains("tables are nested more than 64 deep");
    assert_eq!(twice.iter().filter(|line| told(line)).count(), 1, "{twice:#?}");
    assert!(twice[0].starts_with("2:") && told(&twice[0]), "{twice:#?}");
    let dotted = format!("{}x = 1", "a.".repeat(200));
    assert!(!of(&dotted).findings.is_empty());
}

#[test]
fn the_last_day_is_the_first_without_the_ignore() {
    let text = |day: &str| format!("[[ignore]]\nrules = [\"all\"]\npaths = [\"*\"]\nreason = \"why\"\nuntil = {day}\n");
    let ignores = |day: &str| of(&text(day)).settings.ignored("missing-limits", "scalegen.yaml").is_some();
    assert!(ignores("2026-11-27") && ignores("\"2026-11-27\""), "a bare day is one too");
    assert!(!ignores("2026-11-26") && !ignores("2026-11-25"));
    let said = "5:9 expired-ignore /ignore/0/until: the ignore ended on 2026-11-26: what it covered is reported again \
                (fix what is reported and remove the ignore, or set a later day)";
    assert_eq!(found(&text("2026-11-26")), [said]);
    // the file decides on its own findings too
    let off = format!("[rules]\nexpired-ignore = \"off\"\n{}", text("2026-11-26"));
    assert_eq!(found(&off), [""; 0]);
}

#[test]
fn the_schema_and_what_is_read_hold_the_same_fields() {
    let schema: Value = serde_json::from_str(scalegen::inputs::spec::schema::SETTINGS_SCHEMA).unwrap();
    let text = fs::read_to_string("fixtures/settings/everything.toml").unwrap();
    let all: Value = toml::from_str(&text).unwrap();
    let meaning = |settings: &Value| {
        let text = toml::to_string(settings).unwrap();
        let read = of(&text);
        assert!(read.findings.is_empty(), "{text}\n{:#?}", read.findings);
        let (policies, faults) = scalegen::check::policy::read(&read.policies, &Source::new(NAME, text.as_str()));
        assert!(faults.is_empty(), "{text}\n{faults:#?}");
        let debug = format!("{:?} {:?}", read.settings, policies.list);
        // places move with every change
        debug.split("FileSpan {").map(|part| part.split_once('}').map_or(part, |(_, rest)| rest)).collect::<String>()
    };
    let before = meaning(&all);
    let mut faults = Vec::new();
    let leaves = nodes_of(&schema, &schema);
    for (path, node) in &leaves {
        if node["description"].as_str().unwrap_or_default().is_empty() {
            faults.push(format!("{path} has no description"));
        }
        if node["examples"].as_array().map_or(0, Vec::len) != 2 {
            faults.push(format!("{path} has not two examples"));
            continue;
        }
        let mut changed = all.clone();
        if set(&mut changed, path, "", &node["examples"][1]).is_empty() {
            // one rule stands for all of them: they are one field
            if !path.starts_with("rules.") {
                faults.push(format!("the fixture does not set {path}"));
            }
        } else if meaning(&changed) == before {
            faults.push(format!("nothing reads {path}"));
        }
        if let Some(default) = node.get("default") {
            let (mut written, mut left_out) = (all.clone(), all.clone());
            set(&mut written, path, "", default);
            left_out.as_object_mut().unwrap().shift_remove(path);
            let (written, left_out) = (meaning(&written), meaning(&left_out));
            // what is left out stays open here, for the command line to fill
            let filled = left_out.replace("fail_level: None", "fail_level: Some(Error)");
            assert_eq!(written, filled, "{path}: default {default}");
        }
    }
    assert!(leaves.len() > rules::ALL.len(), "{}", leaves.len());
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_schema_lists_every_rule() {
    let mut schema: Value = serde_json::from_str(scalegen::inputs::spec::schema::SETTINGS_SCHEMA).unwrap();
    let line = |rule: &rules::Rule| {
        let firm = if !rule.meta.suppressible { " Always an error." } else { "" };
        let description = format!("{}{firm}", rule.summary());
        (rule.meta.id.to_owned(), json!({"description": description, "$ref": "#/$defs/level"}))
    };
    schema["properties"]["rules"]["properties"] = rules::ALL.iter().map(line).collect();
    golden("schemas/settings.schema.json", &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()));
    let ran = scalegen(Path::new("."), &["schema", "--settings"]);
    assert_eq!(ran.out, scalegen::inputs::spec::schema::SETTINGS_SCHEMA);
}

fn lint(files: &[(&str, &str)], args: &[&str]) -> Ran {
    let dir = folder(files);
    scalegen(dir.path(), &[&["lint", "--format", "concise"], args].concat())
}

#[test]
fn the_nearest_file_decides() {
    let strict = "[rules]\nmissing-limits = \"error\"\n";
    let off = "[rules]\nmissing-limits = \"off\"\n";
    let files =
        [("a/scalegen.yaml", WARNED), ("a/b/scalegen.yaml", WARNED), (NAME, strict), ("a/b/.scalegen.toml", off)];
    let ran = lint(&files, &[]);
    assert!(ran.out.starts_with("a/scalegen.yaml:4:3: error[missing-limits]: "), "{}", ran.out);
    assert_eq!((ran.code, ran.out.matches("missing-limits").count()), (1, 1), "{}", ran.out);
    let ran = lint(&files, &["--isolated"]);
    assert_eq!((ran.code, ran.out.matches("warning[missing-limits]").count()), (0, 2), "{}", ran.out);
    let ran = lint(&files, &["--config", "a/b/.scalegen.toml"]);
    assert_eq!((ran.code, ran.out.matches("missing-limits").count()), (0, 0), "{}", ran.out);
    let ran = lint(&files, &["--config", "missing.toml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("cannot read missing.toml: no such file or directory"), "{}", ran.err);
    assert_eq!(lint(&files, &["--config", NAME, "--isolated"]).code, 2);
}

#[test]
fn a_file_is_found_above_and_through_dots() {
    let dir = folder(&[
        ("a/b/scalegen.yaml", WARNED),
        ("c/x", ""),
        (NAME, "[rules]\nmissing-limits = \"error\"\nx = \"off\"\n"),
    ]);
    for (from, path) in
        [("", "a/b/scalegen.yaml"), ("a/b", "scalegen.yaml"), ("a", "b"), ("c", "../a/./b/scalegen.yaml")]
    {
        let ran = scalegen(&dir.path().join(from), &["lint", "--format", "concise", path]);
        assert!(ran.out.contains("error[missing-limits]"), "{from}: {}{}", ran.out, ran.err);
        let up = if from.is_empty() { String::new() } else { "../".repeat(from.split('/').count()) };
        assert!(
            ran.out.starts_with(&format!("{up}.scalegen.toml:3:1: error[unknown-reference]")),
            "{from}: {}",
            ran.out
        );
    }
    let ran = with_input(&dir.path().join("a"), &["lint", "--format", "concise", "-"], WARNED);
    assert!(ran.out.contains("<stdin>:4:3: error[missing-limits]"), "{}", ran.out);
}

#[test]
fn faults_of_the_file_are_reported_once_in_every_format() {
    let dir = folder(&[("a.scalegen.yaml", WARNED), ("b.scalegen.yaml", WARNED), (NAME, "fail-levle = \"error\"\n")]);
    for format in scalegen::report::Format::ALL {
        let ran = scalegen(dir.path(), &["lint", "--format", format.name()]);
        assert_eq!(ran.code, 1, "{}: {}", format.name(), ran.out);
        let said = ran.out.matches("unknown field `fail-levle`").count();
        let said = said + ran.out.matches("unknown field \\`fail-levle\\`").count();
        assert!(said >= 1, "{}: {}", format.name(), ran.out);
        if matches!(format.name(), "concise" | "json" | "text" | "sarif" | "gitlab") {
            assert_eq!(said, 1, "{}: {}", format.name(), ran.out);
        }
    }
    let json: Value = serde_json::from_str(&scalegen(dir.path(), &["lint", "--format", "json"]).out).unwrap();
    let first = &json["findings"][0];
    assert_eq!((&first["file"], &first["path"]), (&json!(NAME), &json!("/fail-levle")));
    assert_eq!(first["start"], json!({"line": 1, "column": 1}));
}

#[test]
fn the_fail_level_of_the_command_line_wins() {
    let files = [("scalegen.yaml", WARNED), (NAME, "fail-level = \"warning\"\n")];
    assert_eq!(lint(&files, &[]).code, 1);
    assert_eq!(lint(&files, &["--fail-level", "error"]).code, 0);
    assert_eq!(lint(&files, &["--isolated"]).code, 0);
    // each spec by its own
    let files =
        [("a/scalegen.yaml", WARNED), ("a/.scalegen.toml", "fail-level = \"warning\"\n"), ("b/scalegen.yaml", WARNED)];
    assert_eq!(lint(&files, &["a"]).code, 1);
    assert_eq!(lint(&files, &["b"]).code, 0);
}

const LEGACY: &str =
    "[[ignore]]\nrules = [\"missing-limits\"]\npaths = [\"legacy/**\"]\nreason = \"measured: never above 200Mi\"\n";

#[test]
fn paths_are_ignored_with_a_reason_and_count_as_suppressed() {
    let dir = folder(&[("legacy/scalegen.yaml", WARNED), ("new/scalegen.yaml", WARNED), (NAME, LEGACY)]);
    let ran =
        scalegen(dir.path(), &["lint", "--format", "concise", "--format", "sarif=r.sarif", "--format", "json=r.json"]);
    assert!(!ran.out.contains("legacy/") && ran.out.contains("new/scalegen.yaml"), "{}", ran.out);
    let report =
        |name: &str| -> Value { serde_json::from_str(&fs::read_to_string(dir.path().join(name)).unwrap()).unwrap() };
    assert_eq!(report("r.json")["summary"]["suppressed"], 1);
    let results = &report("r.sarif")["runs"][0]["results"];
    let legacy = results.as_array().unwrap().iter().find(|r| r.to_string().contains("legacy/")).unwrap();
    let suppression = json!([{"kind": "external", "justification": "measured: never above 200Mi"}]);
    assert_eq!(legacy["suppressions"], suppression);
    // from another folder, by a whole path, and by --config the same files are meant
    for (from, args) in [("legacy", vec!["scalegen.yaml"]), ("new", vec!["../legacy", "--config", "../.scalegen.toml"])]
    {
        let ran = scalegen(&dir.path().join(from), &[vec!["lint"], args].concat());
        assert!(ran.out.starts_with("no findings in 1 file (1 suppressed)"), "{}{}", ran.out, ran.err);
    }
    let whole = dir.path().join("legacy/scalegen.yaml");
    let ran = scalegen(Path::new("/"), &["lint", whole.to_str().unwrap()]);
    assert!(ran.out.starts_with("no findings in 1 file (1 suppressed)"), "{}{}", ran.out, ran.err);
    // a settings file that stands elsewhere sees specs from the current folder
    let dir = folder(&[("legacy/scalegen.yaml", WARNED), ("ci/strict.toml", LEGACY)]);
    let ran = scalegen(dir.path(), &["lint", "legacy", "--config", "ci/strict.toml"]);
    assert!(ran.out.starts_with("no findings in 1 file (1 suppressed)"), "{}{}", ran.out, ran.err);
}

#[test]
fn firm_findings_stay_whatever_is_ignored() {
    let all = LEGACY.replace("missing-limits", "all");
    let broken = WARNED.replace("replicas: 2", "replica: 2");
    let ran = lint(&[("legacy/scalegen.yaml", &broken), (NAME, &all)], &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("error[unknown-field]") && !ran.out.contains("missing-limits"), "{}", ran.out);
}

#[test]
fn an_ignore_without_use_is_said_only_where_all_was_checked() {
    let unused = LEGACY.replace("missing-limits", "port-collision");
    let files = [("legacy/scalegen.yaml", WARNED), ("new/scalegen.yaml", WARNED), (NAME, &unused)];
    let said = ".scalegen.toml:2:10: warning[unused-ignore]: `port-collision` reports nothing in the files that match `legacy/**`";
    assert!(lint(&files, &[]).out.starts_with(said), "{}", lint(&files, &[]).out);
    for args in [&["legacy"][..], &["legacy/scalegen.yaml", "new/scalegen.yaml"], &["--target", "compose"]] {
        assert!(!lint(&files, args).out.contains("unused-ignore"), "{args:?}: {}", lint(&files, args).out);
    }
    let broken = [("legacy/scalegen.yaml", "version: 1\n"), ("new/scalegen.yaml", WARNED), (NAME, &unused)];
    assert!(!lint(&broken, &[]).out.contains("unused-ignore"), "a broken spec may hide what is ignored");
    // a comment is closer than the settings, so nothing is left for them
    let commented = WARNED.replace("  web", "  # scalegen: allow missing-limits (one machine)\n  web");
    let ran = lint(&[("legacy/scalegen.yaml", &commented), (NAME, LEGACY)], &[]);
    assert!(ran.out.contains("unused-ignore") && !ran.out.contains("unused-suppression"), "{}", ran.out);
}

#[test]
fn what_a_profile_may_need_that_was_not_checked_is_not_called_unused() {
    // only `small` gives what the ignore, the comment and the policies are for
    let spec = PROFILES
        .replace("  small: {", "  # scalegen: allow min-above-max (to be mended)\n  small: {")
        .replace("profiles:", "backingServices: {}\nprofiles:");
    let settings = "[[ignore]]\nrules = [\"scaled-to-zero-behind-balancer\", \"nothing-to-scale\"]\npaths = [\"**\"]\nreason = \"x\"\n
[[policy]]\nid = \"small-only\"\nprofiles = [\"small\"]\nrequire = \"true\"\nmessage = \"x\"\n
[[policy]]\nid = \"databases\"\neach = \"backingService\"\nrequire = \"true\"\nmessage = \"x\"\n";
    let unused = |profiles: &str, args: &[&str]| {
        let settings = format!("{profiles}{settings}");
        let ran = lint(&[("scalegen.yaml", &spec), (NAME, &settings)], args);
        let rules = ["unused-ignore", "unused-policy", "unused-suppression"];
        rules.map(|rule| ran.out.matches(rule).count())
    };
    // where all is checked: two rules of the ignore, and the policy for what no spec has
    assert_eq!(unused("", &[]), [2, 1, 0]);
    for (profiles, args) in [
        ("", &["--profile", "large"][..]),
        ("", &["--target", "compose"]),
        ("", &["scalegen.yaml"]),
        ("profiles = [\"base\", \"large\"]\n", &[]),
        ("profiles = [\"large\"]\n", &["."]),
    ] {
        let all = unused(profiles, args);
        // the spec itself is whole where it is named, so its comment is judged
        assert_eq!(all, [0, 0, 0], "{profiles} {args:?}");
    }
    // what is wrong whatever is checked is still said
    let stray = settings.replace("paths = [\"**\"]", "paths = [\"gone/**\"]").replace("[\"small\"]", "[\"smal\"]");
    let ran = lint(&[("scalegen.yaml", &spec), (NAME, &format!("profiles = [\"large\"]\n{stray}"))], &[]);
    assert!(ran.out.contains("unused-ignore") && ran.out.contains("no spec has a profile `smal`"), "{}", ran.out);
}

#[test]
fn a_comment_for_a_rule_that_is_off_allows_nothing() {
    let commented = WARNED.replace("replicas: 2 }", "replicas: 2 } # scalegen: allow missing-limits (one machine)");
    let off = "[rules]\nmissing-limits = \"off\"\n";
    let dir = folder(&[("scalegen.yaml", &commented), (NAME, off)]);
    let ran = scalegen(dir.path(), &["lint", "--format", "concise"]);
    let said = "warning[unused-suppression]: `missing-limits` is turned off in .scalegen.toml: it reports nothing on this line";
    assert!(ran.out.contains(said), "{}", ran.out);
    assert_eq!(scalegen(dir.path(), &["lint", "--fix"]).code, 0);
    assert_eq!(fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap(), WARNED);
}

const PROFILES: &str = "version: 1
name: shop
services:
  web: { image: shop/web:1, replicas: 2, resources: { limits: { memory: 1Gi } } }
profiles:
  small: { services: { web: { replicas: { min: 3, max: 1 } } } }
  large: { services: { web: { replicas: 4 } } }
";

#[test]
fn only_the_profiles_of_the_settings_are_checked() {
    let of = |profiles: &str, args: &[&str]| {
        lint(&[("scalegen.yaml", PROFILES), (NAME, &format!("profiles = {profiles}\n"))], args)
    };
    assert_eq!(of("[\"small\"]", &[]).code, 1);
    assert_eq!(of("[\"base\", \"large\"]", &[]).code, 0);
    assert_eq!(of("[\"large\"]", &["--profile", "small"]).code, 1, "the command line wins");
    let ran = of("[\"base\", \"larg\"]", &[]);
    let said = ".scalegen.toml:1:21: error[unknown-reference]: no spec has a profile `larg`";
    assert!(ran.out.starts_with(said), "{}", ran.out);
    assert_eq!(of("[\"base\", \"larg\"]", &["scalegen.yaml"]).out, "", "another spec may have it");
    // a spec that has none of them is still checked
    let ran = lint(&[("scalegen.yaml", WARNED), (NAME, "profiles = [\"large\"]\n")], &["scalegen.yaml"]);
    assert!(ran.out.contains("missing-limits"), "{}", ran.out);
    // a profile may be called so too
    let named = PROFILES.replace("small:", "base:");
    let ran = lint(&[("scalegen.yaml", &named), (NAME, "profiles = [\"base\"]\n")], &[]);
    assert!(ran.out.contains("(in profile base)"), "{}", ran.out);
}

#[test]
fn render_plan_and_scale_go_by_the_settings() {
    let render = ["render", "scalegen.yaml", "--target", "compose"];
    let dir = folder(&[("scalegen.yaml", WRONG)]);
    let at = dir.path();
    assert_eq!(scalegen(at, &render).code, 1);
    fs::write(at.join(NAME), "[rules]\ndrain-blocked = \"warning\"\n").unwrap();
    let ran = scalegen(at, &render);
    assert!(ran.code == 0 && ran.out.contains("replicas: 2"), "{}", ran.err);
    assert!(ran.err.contains("warning[drain-blocked]"), "{}", ran.err);
    assert_eq!(scalegen(at, &["plan", "scalegen.yaml"]).code, 0);
    assert_eq!(scalegen(at, &["scale", "scalegen.yaml", "web", "--max", "5"]).code, 0);
    assert_eq!(scalegen(at, &["plan", "scalegen.yaml", "--isolated"]).code, 1);
    fs::write(at.join(NAME), "[rules]\ndrain-blocked = \"off\"\nmissing-limits = \"errr\"\n").unwrap();
    let ran = scalegen(at, &render);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "settings with an error decide nothing");
    assert!(ran.err.contains("[.scalegen.toml:3:18]") && !ran.err.contains("drain-blocked"), "{}", ran.err);
}

#[test]
fn a_settings_file_that_is_no_text_is_a_finding() {
    let dir = folder(&[("scalegen.yaml", WARNED)]);
    fs::write(dir.path().join(NAME), b"fail-level = \"\xff\"\n").unwrap();
    let ran = scalegen(dir.path(), &["lint", "--format", "concise"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.starts_with(".scalegen.toml:1:15: error[toml-syntax]: byte 0xFF"), "{}", ran.out);
    // what has the name and cannot be read is never skipped; the fault table has its other kinds
    fs::remove_file(dir.path().join(NAME)).unwrap();
    fs::create_dir(dir.path().join(NAME)).unwrap();
    let ran = scalegen(dir.path(), &["lint"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("cannot read .scalegen.toml: it is a folder"), "{}", ran.err);
    assert_eq!(scalegen(dir.path(), &["lint", "--isolated"]).code, 0);
}
