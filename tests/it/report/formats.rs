//! Reports before those who read them: every format is held to its own schema or reader, and all name the same places.

use crate::cli::program::scalegen;
use crate::common::judge::Call;
use crate::report::reports::{render, sample};
use scalegen::report::{Batch, Format, Reported, TextStyle, write};
use scalegen::support::diagnostic::{Finding, SPEC, Severity};
use scalegen::support::source::{FileId, FileSpan, Source, Span};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The names of the functions in `tests/consumers/report.py` that judge reports.
fn judges() -> Vec<String> {
    let text = fs::read_to_string("tests/consumers/report.py").unwrap();
    let listed = text.split_once("READERS = {").unwrap().1.split_once(" in (").unwrap().1.split_once(')').unwrap().0;
    listed.split(", ").map(str::to_owned).collect()
}

/// The formats with a judge. Only people, or nobody but our own tests, read the others.
fn judged_formats() -> impl Iterator<Item = Format> {
    let judges = judges();
    Format::ALL.iter().copied().filter(move |format| judges.iter().any(|judge| judge == format.name()))
}

#[test]
fn every_judge_has_its_report() {
    // `changes` judges what `diff` writes
    let judged = judged_formats().map(Format::name).chain(["changes"]).collect::<BTreeSet<_>>();
    assert_eq!(judges().iter().map(String::as_str).collect::<BTreeSet<_>>(), judged);
}

/// Rule, file, line and column; the column is 0 where the format does not say it.
type Row = (String, String, u64, u64);

fn row(rule: &Json, file: &Json, line: &Json, column: &Json) -> Row {
    (
        rule.as_str().unwrap().to_owned(),
        file.as_str().unwrap().to_owned(),
        line.as_u64().unwrap(),
        column.as_u64().unwrap(),
    )
}

/// What our own JSON says, as `format` can say it.
fn meant(json: &str, format: Format) -> Vec<Row> {
    let json: Json = serde_json::from_str(json).unwrap();
    let rows = json["findings"].as_array().unwrap().iter().map(|found| {
        let (start, end) = (&found["start"], &found["end"]);
        let mut row = row(&found["rule"], &found["file"], &start["line"], &start["column"]);
        if format == Format::Github && start["line"] != end["line"] {
            row.3 = 0;
        }
        row
    });
    rows.collect()
}

/// What the real reader of a format reads; none where it is not installed.
fn judged(format: Format, text: &str) -> Option<Vec<Row>> {
    let call = Call { args: vec![format.name(), "-"], input: text, ..Call::default() };
    let verdict = call.ask("report.py")?.accepted(format.name(), text).json();
    let rows = verdict["findings"].as_array().unwrap();
    Some(rows.iter().map(|found| row(&found[0], &found[1], &found[2], &found[3])).collect())
}

/// The same without the reader, for the formats that are JSON or one line a finding.
fn read(format: Format, text: &str) -> Option<Vec<Row>> {
    let json = || serde_json::from_str::<Json>(text).unwrap();
    match format {
        Format::Sarif => {
            let results = json()["runs"][0]["results"].take();
            let open = |found: &&Json| found.get("suppressions").is_none();
            let rows = results.as_array().unwrap().iter().filter(open).map(|found| {
                let place = &found["locations"][0]["physicalLocation"];
                let (file, region) = (&place["artifactLocation"]["uri"], &place["region"]);
                row(&found["ruleId"], file, &region["startLine"], &region["startColumn"])
            });
            Some(rows.collect())
        }
        Format::Gitlab => {
            let rows = json();
            let rows = rows.as_array().unwrap().iter().map(|found| {
                let place = &found["location"];
                let column = &place["positions"]["begin"]["column"];
                row(&found["check_name"], &place["path"], &place["lines"]["begin"], column)
            });
            Some(rows.collect())
        }
        Format::Github => Some(text.lines().map(annotation).collect()),
        Format::Concise => Some(text.lines().map(line).collect()),
        _ => None,
    }
}

fn annotation(line: &str) -> Row {
    let (properties, _) = line.strip_prefix("::").unwrap().split_once(' ').unwrap().1.split_once("::").unwrap();
    let value = |name: &str| {
        let found = properties.split(',').find_map(|property| property.strip_prefix(name)?.strip_prefix('='));
        found.unwrap_or("0").to_owned()
    };
    (value("title"), value("file"), value("line").parse().unwrap(), value("col").parse().unwrap())
}

fn line(line: &str) -> Row {
    let (place, rest) = line.split_once(": ").unwrap();
    let mut parts = place.rsplitn(3, ':');
    let mut number = || parts.next().unwrap().parse().unwrap();
    let (column, number) = (number(), number());
    let rule = rest.split_once('[').unwrap().1.split_once(']').unwrap().0;
    (rule.to_owned(), parts.next().unwrap().to_owned(), number, column)
}

const SPEC_TEXT: &str = "version: 1\r
name: shop\r
services:\r
  # größer als die Spec vermuten lässt\r
  web: { image: \"größe:1\", replicas: { min: 3, max: 2 }, resources: { limits: { memory: 1Gi } } }\r
  api:\r
    replicas: 3\r
    resources: { limits: { memory: 1Gi } }\r
  # scalegen: allow missing-limits (measured by hand)\r
  quiet: { image: \"quiet:1\" }\r
targets:\r
  compose: { base: ../base/compose.yml }\r
";

const BASE_TEXT: &str = "services:
  api:
    image: shop/api
    ports: [\"8080:80\"]
    container_name: é
  web:
    image: größe
    ports: [\"8080:80\"]
";

const CLEAN: &str = "version: 1
name: shop
services:
  web: { replicas: 1, resources: { limits: { memory: 1Gi } } }
";

/// One run of the binary over a broken and a clean spec with every format into a file; the texts by format.
fn run(dir: &Path) -> Vec<(Format, String)> {
    for (name, text) in [("specs/shop.yaml", SPEC_TEXT), ("base/compose.yml", BASE_TEXT), ("clean.yaml", CLEAN)] {
        fs::create_dir_all(dir.join(name).parent().unwrap()).unwrap();
        fs::write(dir.join(name), text).unwrap();
    }
    let asked: Vec<String> = Format::ALL.iter().map(|f| format!("--format={0}=out/{0}", f.name())).collect();
    let mut args = vec!["lint", "clean.yaml"];
    // an absolute path is shown as seen from here: code hosts know no other
    let dir = dir.canonicalize().unwrap();
    let spec = dir.join("specs/shop.yaml");
    args.push(spec.to_str().unwrap());
    args.extend(asked.iter().map(String::as_str));
    let ran = scalegen(&dir, &args);
    assert_eq!((ran.code, &*ran.out, &*ran.err), (1, "", ""));
    Format::ALL.iter().map(|f| (*f, fs::read_to_string(dir.join("out").join(f.name())).unwrap())).collect()
}

#[test]
fn all_formats_of_one_run_agree() {
    let dir = TempDir::new().unwrap();
    let reports = run(dir.path());
    let json = &reports.iter().find(|(format, _)| *format == Format::Json).unwrap().1;
    let rows = meant(json, Format::Json);
    let min = ("min-above-max".to_owned(), "specs/shop.yaml".to_owned(), 5, 45);
    assert!(rows.contains(&min), "{rows:?}");
    assert!(rows.iter().any(|row| row.0 == "fixed-address-reset" && row.2 == 7), "{rows:?}");
    let json: Json = serde_json::from_str(json).unwrap();
    assert_eq!(json["summary"]["suppressed"], 1);
    let related = json["findings"].as_array().unwrap().iter().flat_map(|f| f["related"].as_array().unwrap());
    assert!(related.into_iter().any(|place| place["file"] == "base/compose.yml"), "{json:#}");
    for (format, text) in &reports {
        if let Some(read) = read(*format, text) {
            assert_eq!(read, rows, "{}:\n{text}", format.name());
        }
        for (rule, file, line, column) in &rows {
            let place = format!("{file}:{line}:{column}");
            let there = match format {
                Format::Text | Format::Junit | Format::Markdown => text.contains(&place) && text.contains(rule),
                _ => true,
            };
            assert!(there, "{} lacks {place} {rule}:\n{text}", format.name());
        }
        if judged_formats().any(|judged| judged == *format)
            && let Some(judged) = judged(*format, text)
        {
            assert_eq!(judged, rows, "{}:\n{text}", format.name());
        }
    }
}

#[test]
fn readers_take_places_over_several_lines_and_in_other_files() {
    let mut sample = sample();
    let over_lines = FileSpan { file: SPEC, span: Span::new(11, 40) };
    let in_base = FileSpan { file: FileId(1), span: Span::new(12, 19) };
    sample.findings.push(Finding::new("wrong-type", Severity::Error, over_lines, "over two lines"));
    sample.findings.push(Finding::new("wrong-type", Severity::Note, in_base, "in the base").label(over_lines, "here"));
    let plain = TextStyle::default();
    let shown = |format| render(format, plain, &sample.sources, &sample.findings, &sample.paths);
    for format in judged_formats() {
        let text = shown(format);
        let meant = meant(&shown(Format::Json), format);
        if let Some(judged) = judged(format, &text) {
            assert_eq!(judged, meant, "{}:\n{text}", format.name());
        }
    }
    let github = shown(Format::Github);
    assert!(github.contains("::error file=scalegen.yaml,line=2,endLine=4,title=wrong-type::over"), "{github}");
}

#[test]
fn readers_take_hostile_text() {
    let hostile = "a\u{1b}[31m\u{7}\u{0}\u{85}\u{202e}\u{feff}\u{ffff}]]> --> <!-- </failure> <script>x</script>\r\n\t\
                   | a || b \\| c \\\\| `d` ``e| `\\|` @team #12 [x](http://evil) ![y](z) &amp; &lt; **b** _i_ ~~s~~ \
                   %0A ::error::x {0} [1](1) ${{ github.token }}\n\n# heading\n- list\n```\n";
    let source = Source::new("spécs/a, b:c%20|`d` e.yaml", "größe: \"x\"\n");
    let place = FileSpan { file: SPEC, span: Span::new(9, 12) };
    let other = FileSpan { file: SPEC, span: Span::new(0, 7) };
    let texts = [hostile.to_owned(), "`".to_owned(), "| `a|b` |".to_owned(), "x".repeat(100_000), String::new()];
    let mut findings: Vec<Finding> = texts
        .iter()
        .map(|text| {
            let message = format!("m{text}");
            Finding::new("wrong-type", Severity::Error, place, message)
                .label(other, text.clone())
                .help(text.clone())
                .fix(place.span, text, true)
        })
        .collect();
    findings.push(Finding::new("slow-ramp", Severity::Note, place, hostile));
    let (sources, paths) = ([source], [format!("/{hostile}")]);
    let shown = |format| render(format, TextStyle::default(), &sources, &findings, &paths);
    for format in judged_formats() {
        let text = shown(format);
        if let Some(judged) = judged(format, &text) {
            assert_eq!(judged, meant(&shown(Format::Json), format), "{}:\n{text}", format.name());
        }
    }
    let sarif: Json = serde_json::from_str(&shown(Format::Sarif)).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["message"]["text"], format!("m{hostile}\nhelp: {hostile}"), "SARIF holds exactly the text");
    let replaced = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replaced["insertedContent"]["text"], hostile);
    assert_eq!(replaced["deletedRegion"]["startColumn"], 8);
    let github = shown(Format::Github);
    assert_eq!(github.lines().count(), findings.len(), "{github}");
    assert!(github.starts_with("::error file=spécs/a%2C b%3Ac%2520|`d` e.yaml,line=1,endLine=1,col=8"), "{github}");
    assert!(github.contains("%0D%0A") && github.contains("%250A ::error::x"), "{github}");
}

#[test]
fn readers_take_a_run_without_findings() {
    let clean = [Source::new("a.yaml", CLEAN)];
    let none = Reported { sources: &clean, findings: &[], paths: &[], suppressed: &[] };
    for files in [&[][..], &[none], &[none, none]] {
        for format in judged_formats() {
            let mut out = Vec::new();
            write(format, &Batch { files, suppressed: 0, policies: &[], kinds: &[] }, TextStyle::default(), &mut out)
                .unwrap();
            let text = String::from_utf8(out).unwrap();
            if let Some(judged) = judged(format, &text) {
                assert_eq!(judged, [], "{text}");
            }
        }
    }
}

#[test]
fn sarif_lists_every_rule_with_its_page() {
    let sarif: Json = serde_json::from_str(&render(Format::Sarif, TextStyle::default(), &[], &[], &[])).unwrap();
    let driver = &sarif["runs"][0]["tool"]["driver"];
    let listed = driver["rules"].as_array().unwrap();
    assert_eq!(listed.len(), scalegen::check::rules::ALL.len());
    for (listed, rule) in listed.iter().zip(scalegen::check::rules::ALL) {
        assert_eq!(listed["id"], rule.meta.id);
        assert_eq!(listed["shortDescription"]["text"], rule.summary());
        assert_eq!(listed["help"]["markdown"], rule.page);
        assert_eq!(listed["defaultConfiguration"]["level"], rule.meta.severity.word());
    }
}

#[test]
fn what_a_comment_allows_is_in_sarif_as_suppressed_with_its_fingerprint() {
    let of = |text: &str| {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("a.yaml"), text).unwrap();
        let ran = scalegen(dir.path(), &["lint", "a.yaml", "--format", "sarif"]);
        let sarif: Json = serde_json::from_str(&ran.out).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap().clone();
        results.into_iter().find(|result| result["ruleId"] == "missing-limits").unwrap()
    };
    let open = "version: 1\nname: shop\nservices:\n  web: { replicas: 2 }\n";
    let allowed = open.replace("  web", "  # scalegen: allow missing-limits (one machine)\n  web");
    let (open, allowed) = (of(open), of(&allowed));
    assert_eq!(open.get("suppressions"), None);
    assert_eq!(allowed["suppressions"][0]["kind"], "inSource");
    assert_eq!(open["partialFingerprints"], allowed["partialFingerprints"]);
}

fn fingerprints(name: &str, text: &str) -> Vec<(String, String)> {
    let wanted = scalegen::CheckOptions::default();
    let checked = scalegen::lint(name, text.as_bytes(), &scalegen::NoFiles, &wanted);
    let text = render(Format::Gitlab, TextStyle::default(), &checked.sources, &checked.findings, &checked.paths);
    let issues: Json = serde_json::from_str(&text).unwrap();
    let word = |issue: &Json, key: &str| issue[key].as_str().unwrap().to_owned();
    issues.as_array().unwrap().iter().map(|i| (word(i, "check_name"), word(i, "fingerprint"))).collect()
}

#[test]
fn fingerprints_survive_moved_lines_and_differ_from_each_other() {
    let spec = "version: 1\nname: shop\nservices:\n  web:\n    replicas: { min: 3, max: 2 }\n  api: { replicas: 2 }\n";
    let before = fingerprints("a.yaml", spec);
    assert!(before.len() >= 3, "{before:?}");
    let moved = spec.replace("services:", "# one\n# two\nservices:").replace('\n', "\r\n");
    assert_eq!(fingerprints("a.yaml", &moved), before);
    let all: BTreeSet<&String> = before.iter().map(|(_, fingerprint)| fingerprint).collect();
    assert_eq!(all.len(), before.len(), "{before:?}");
    let other = fingerprints("b.yaml", spec);
    assert!(other.iter().all(|found| !before.contains(found)), "another file's are its own");
    let changed = fingerprints("a.yaml", &spec.replace("min: 3", "min: 4"));
    let differ = |rule: &str| {
        let of = |all: &[(String, String)]| all.iter().find(|found| found.0 == rule).cloned();
        of(&before) != of(&changed)
    };
    assert!(differ("min-above-max"), "another line is another finding");
    assert!(!before.iter().all(|found| differ(&found.0)), "the other lines stayed");
}

#[test]
fn a_long_report_fits_into_a_comment() {
    let source = [Source::new("a.yaml", "a: 1\n")];
    let at = FileSpan { file: SPEC, span: Span::new(0, 1) };
    let findings: Vec<Finding> =
        (0..3000).map(|n| Finding::new("wrong-type", Severity::Error, at, format!("number {n} is wrong"))).collect();
    let text = render(Format::Markdown, TextStyle::default(), &source, &findings, &[]);
    assert!(text.chars().count() < 65_000);
    let rows = text.lines().filter(|line| line.contains("number")).count();
    assert!(text.ends_with(&format!("… and {} more findings, which the other formats show\n", 3000 - rows)), "{rows}");
    let judged = judged(Format::Markdown, &text);
    assert!(judged.is_none_or(|judged| judged.len() == rows));
}

#[test]
fn one_run_gives_several_reports() {
    let dir = TempDir::new().unwrap();
    fs::write(
        dir.path().join("a.yaml"),
        SPEC_TEXT.replace("targets:\r\n  compose: { base: ../base/compose.yml }\r\n", ""),
    )
    .unwrap();
    let lint = |formats: &[&str]| {
        let args: Vec<&str> =
            ["lint", "a.yaml"].into_iter().chain(formats.iter().flat_map(|f| ["--format", f])).collect();
        scalegen(dir.path(), &args)
    };
    let both = lint(&["text", "sarif=deep/er/report.sarif"]);
    assert_eq!((both.code, &both.out), (1, &lint(&[]).out), "{}", both.err);
    let saved = fs::read_to_string(dir.path().join("deep/er/report.sarif")).unwrap();
    assert_eq!(saved, lint(&["sarif"]).out);
    assert_eq!(lint(&["sarif=-"]).out, saved);
    for (formats, why) in [
        (&["text", "json"][..], "two formats for standard output, text and json; give one a file: --format json=FILE"),
        (&["json=x", "sarif=x"], "two formats for x, json and sarif"),
        (&["json="], "`--format json=` names no file"),
        (&["sarfi=x"], "unknown format `sarfi`; did you mean `sarif`?"),
    ] {
        let ran = lint(formats);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{formats:?}");
        assert!(ran.err.contains(why), "{}", ran.err);
        assert!(!dir.path().join("x").exists());
    }
}

#[test]
fn help_names_every_format() {
    let help = scalegen(Path::new("."), &["lint", "--help"]).out;
    let words: BTreeSet<&str> = help.split(|c: char| !c.is_alphanumeric()).collect();
    let missing: Vec<&str> = Format::ALL.iter().map(|f| f.name()).filter(|name| !words.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?} in:\n{help}");
}

#[test]
fn a_report_that_cannot_be_saved_does_not_keep_the_other_back() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("a.yaml"), CLEAN).unwrap();
    fs::create_dir(dir.path().join("folder")).unwrap();
    for file in ["folder", "a.yaml/below", "/dev/null"] {
        let ran = scalegen(dir.path(), &["lint", "a.yaml", "--format", "text", "--format", &format!("json={file}")]);
        assert_eq!(ran.code, 2, "{file}");
        assert!(ran.out.starts_with("no findings"), "{file}: {}", ran.out);
        assert!(ran.err.contains("cannot"), "{file}: {}", ran.err);
    }
    assert!(!Path::new("/dev/null").is_file());
    let ran = scalegen(dir.path(), &["lint", "a.yaml", "--format", "json=a.yaml/../b.json"]);
    assert_eq!(ran.code, 2, "a file is not a folder: {}", ran.err);
}

#[test]
fn a_file_that_a_spec_names_is_called_as_seen_from_here() {
    for (spec, path, name) in [
        ("scalegen.yaml", "base/c.yml", "base/c.yml"),
        ("a/scalegen.yaml", "c.yml", "a/c.yml"),
        ("a/b/scalegen.yaml", "../../c.yml", "c.yml"),
        ("a/scalegen.yaml", "../../c.yml", "../c.yml"),
        ("/a/scalegen.yaml", "../../c.yml", "/../c.yml"),
        ("a/scalegen.yaml", "./x/./c.yml", "a/x/c.yml"),
        ("a/scalegen.yaml", "/etc/c.yml", "/etc/c.yml"),
        ("<stdin>", "c.yml", "c.yml"),
    ] {
        assert_eq!(scalegen::support::source::beside(spec, path), name, "{spec}, {path}");
    }
}
