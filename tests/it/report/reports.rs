//! Every format over the same findings: places agree, hostile text never comes through, the text view stays as committed.

use scalegen::report::{Batch, Format, Reported, TextStyle, write};
use scalegen::support::diagnostic::{Finding, Related, SPEC, Severity};
use scalegen::support::source::{FileId, FileSpan, Source, Span};
use serde_json::Value;

use crate::common::golden::golden;

const BASE: FileId = FileId(1);

const SPEC_TEXT: &str = "\
version: 1
name: flow-like
services:
  api:
    image: flow-like/api:1.4
    replicas: {min: 4, max: 2}
    concurrency: 10
    connections:
      postgres: {perReplica: 2, perSlot: 4}
  runtime:
    replicas: 3
    schedule:
      - {days: [sat], from: 22:00, to: 22:00, timezone: Europe/Berlin, replicas: {min: 1, max: 2}}
backingServices:
  postgres:
    kind: postgres
    maxConnections: 200
";

const BASE_TEXT: &str = "\
services:
  runtime:
    image: flow-like/runtime:1.4
    ports:
      - \"8080:8080\"
";

/// The only occurrence of a text.
fn find(source: &Source, part: &str, file: FileId) -> FileSpan {
    assert_eq!(source.text.matches(part).count(), 1, "{part:?} stands once in the sample");
    let start = source.text.find(part).expect("counted above");
    FileSpan { file, span: Span::new(start, start + part.len()) }
}

pub fn render(format: Format, style: TextStyle, sources: &[Source], findings: &[Finding], paths: &[String]) -> String {
    let files = [Reported { sources, findings, paths, suppressed: &[] }];
    let mut out = Vec::new();
    write(format, &Batch { files: &files, suppressed: 0, policies: &[], kinds: &[] }, style, &mut out)
        .expect("a vector takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

fn text_of(sources: &[Source], findings: &[Finding]) -> String {
    render(Format::Text, TextStyle::default(), sources, findings, &[])
}

pub fn json_of(sources: &[Source], findings: &[Finding]) -> Value {
    serde_json::from_str(&render(Format::Json, TextStyle::default(), sources, findings, &[])).expect("valid JSON")
}

pub struct Sample {
    pub sources: Vec<Source>,
    pub findings: Vec<Finding>,
    pub paths: Vec<String>,
}

/// One finding of each kind of picture: same line, far line, other file, profiles, plain.
pub fn sample() -> Sample {
    let spec = Source::new("scalegen.yaml", SPEC_TEXT);
    let base = Source::new("docker-compose.yml", BASE_TEXT);
    let at = |part: &str| find(&spec, part, SPEC);
    let inside = |outer: &str, inner: &str| {
        let place = at(outer);
        let start = place.span.start as usize + outer.find(inner).expect("inner is in outer");
        FileSpan { file: SPEC, span: Span::new(start, start + inner.len()) }
    };
    let min = inside("min: 4", "4");
    let mut connections = Finding::new(
        "connections-exhausted",
        Severity::Error,
        at("{perReplica: 2, perSlot: 4}"),
        "4 replicas × (2 + 10 slots × 4) connections + 3 reserved = 171, with api in profile large 339, above maxConnections 200",
    )
    .label(inside("concurrency: 10", "10"), "10 slots in each replica")
    .label(inside("maxConnections: 200", "200"), "the limit")
    .help("lower perSlot to 2, or raise maxConnections to 339");
    connections.profiles = vec!["large".into(), "launch".into()].into();
    let findings = vec![
        Finding::new("min-above-max", Severity::Error, min, "min 4 is above max 2")
            .label(inside("max: 2}\n    con", "2"), "max")
            .help("raise max to 4, or lower min to 2")
            .fix(min.span, "2", false),
        connections,
        Finding::new(
            "fixed-host-port",
            Severity::Warning,
            inside("replicas: 3", "3"),
            "3 replicas cannot share host port 8080: the override drops it",
        )
        .label(find(&base, "\"8080:8080\"", BASE), "bound here")
        .help("add publish: 8080 to the service's port"),
        Finding::new(
            "empty-window",
            Severity::Error,
            inside("from: 22:00", "22:00"),
            "the window is empty: from and to are both 22:00",
        )
        .label(inside("to: 22:00", "22:00"), "to"),
        Finding::new("slow-ramp", Severity::Note, at("runtime"), "from 1 to 2 replicas takes 1m"),
    ];
    let paths = [
        "/services/api/replicas/min",
        "/services/api/connections/postgres",
        "/services/runtime/replicas",
        "/services/runtime/schedule/0/from",
        "/services/runtime",
    ];
    Sample { sources: vec![spec, base], findings, paths: paths.map(str::to_owned).to_vec() }
}

impl Sample {
    fn render(&self, format: Format, style: TextStyle) -> String {
        render(format, style, &self.sources, &self.findings, &self.paths)
    }
}

#[test]
fn samples_look_as_committed() {
    let sample = sample();
    let plain = TextStyle::default();
    golden("fixtures/reports/text-color.txt", &sample.render(Format::Text, TextStyle { color: true, ..plain }));
    golden("fixtures/reports/text-narrow.txt", &sample.render(Format::Text, TextStyle { width: 60, ..plain }));
    golden("fixtures/reports/text-ascii.txt", &sample.render(Format::Text, TextStyle { unicode: false, ..plain }));
    for format in Format::ALL {
        let mut text = sample.render(*format, plain);
        if *format == Format::Sarif {
            // without the list of rules, which are committed as their pages
            let mut sarif: Value = serde_json::from_str(&text).expect("valid JSON");
            text = format!("{:#}\n", sarif["runs"][0]["results"].take());
        }
        golden(&format!("fixtures/reports/{}.txt", format.name()), &text);
    }
}

#[test]
fn formats_agree_on_every_place() {
    let sample = sample();
    let json: Value = serde_json::from_str(&sample.render(Format::Json, TextStyle::default())).expect("valid JSON");
    let text = sample.render(Format::Text, TextStyle::default());
    let concise = sample.render(Format::Concise, TextStyle::default());
    let findings = json["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), sample.findings.len());
    assert_eq!(concise.lines().count(), findings.len());
    let blocks: Vec<&str> = text.split("\n\n").collect();
    for (index, finding) in findings.iter().enumerate() {
        let place = |at: &Value| {
            format!("{}:{}:{}", at["file"].as_str().expect("a name"), at["start"]["line"], at["start"]["column"])
        };
        let own = place(finding);
        assert!(concise.lines().nth(index).expect("counted").starts_with(&format!("{own}: ")), "{own} in:\n{concise}");
        assert!(blocks[index].contains(&format!("╭─[{own}]")), "{own} in:\n{}", blocks[index]);
        for related in finding["related"].as_array().expect("a list") {
            assert!(blocks[index].contains(related["label"].as_str().expect("a label")));
            if related["file"] != finding["file"] {
                assert!(blocks[index].contains(&format!("[{}]", place(related))), "{}", blocks[index]);
            }
        }
    }
}

#[test]
fn columns_count_characters_whatever_the_encoding_of_the_line() {
    let source = Source::new("spec.yaml", "\u{feff}# ü\r\nnäme: {漢字: \"é\", x: 12}\rlast:\tno\r\n");
    let number = find(&source, "12", SPEC);
    let last = find(&source, "no", SPEC);
    let first = find(&source, "ü", SPEC);
    let findings = [first, number, last].map(|place| Finding::new("wrong-type", Severity::Error, place, "wrong"));
    let expected = ["spec.yaml:1:3", "spec.yaml:2:20", "spec.yaml:3:7"];
    let sources = [source];
    let text = text_of(&sources, &findings);
    let concise = render(Format::Concise, TextStyle::default(), &sources, &findings, &[]);
    let json = json_of(&sources, &findings);
    for (index, place) in expected.iter().enumerate() {
        assert!(text.contains(&format!("[{place}]")), "{place} in:\n{text}");
        assert!(concise.contains(&format!("{place}: ")), "{place} in:\n{concise}");
        let start = &json["findings"][index]["start"];
        assert_eq!(format!("spec.yaml:{}:{}", start["line"], start["column"]), *place);
    }
    assert_eq!(json["findings"][1]["end"]["column"], 22, "the end is exclusive");
    golden("fixtures/reports/columns.txt", &text);
}

#[test]
fn hostile_text_never_reaches_the_terminal_raw() {
    let hostile = "a\u{1b}[31m\u{7}\u{9b}2J\u{202e}\u{2066}\u{200b}\u{7f}\u{feff}b\n\tc";
    let source = Source::new(format!("spec{hostile}.yaml"), format!("key: \"{hostile}\" # {hostile}\n"));
    let place = FileSpan { file: SPEC, span: Span::new(0, 3) };
    let other = FileSpan { file: SPEC, span: Span::new(5, 9) };
    let mut finding =
        Finding::new("unknown-field", Severity::Error, place, hostile).label(other, hostile).help(hostile);
    finding.profiles = vec![hostile.into()].into();
    let (sources, findings, paths) = ([source], [finding], [format!("/{hostile}")]);
    for format in Format::ALL {
        let shown = render(*format, TextStyle::default(), &sources, &findings, &paths);
        let raw: Vec<char> = shown
            .chars()
            .filter(|c| {
                *c != '\n'
                    && (c.is_control()
                        || matches!(c, '\u{200b}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
            })
            .collect();
        assert!(raw.is_empty(), "{}: {raw:?} in:\n{shown}", format.name());
    }
    let concise = render(Format::Concise, TextStyle::default(), &sources, &findings, &paths);
    assert_eq!(concise.lines().count(), 1, "{concise}");
    assert!(concise.contains("a␛[31m␇"), "what was there can be seen: {concise}");
    let json: Value =
        serde_json::from_str(&render(Format::Json, TextStyle::default(), &sources, &findings, &paths)).expect("valid");
    assert_eq!(json["findings"][0]["message"], hostile, "JSON holds exactly the text");
    golden("fixtures/reports/hostile.txt", &render(Format::Text, TextStyle::default(), &sources, &findings, &paths));
}

/// The line of source and the line of carets below it.
fn picture(text: &str) -> (Vec<char>, Vec<char>) {
    let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
    let carets = lines.iter().position(|line| line.contains(&'·')).expect("a line of carets");
    (lines[carets - 1].clone(), lines[carets].clone())
}

#[test]
fn a_long_line_is_cropped_around_the_caret() {
    for (before, after) in [(0, 3000), (1500, 1500), (3000, 0)] {
        let source = Source::new("spec.yaml", format!("{}TARGET{}\n", "é".repeat(before), "z".repeat(after)));
        let place = find(&source, "TARGET", SPEC);
        for width in [60, 10_000] {
            let style = TextStyle { width, ..TextStyle::default() };
            let finding = Finding::new("invalid-value", Severity::Error, place, "wrong");
            let text = render(Format::Text, style, std::slice::from_ref(&source), &[finding], &[]);
            let longest = text.lines().map(|line| line.chars().count()).max().expect("lines");
            assert!(longest <= width.min(508), "{longest} characters at width {width}:\n{text}");
            let (line, carets) = picture(&text);
            let marked: String =
                line.iter().zip(&carets).filter(|(_, caret)| **caret == '─').map(|(c, _)| *c).collect();
            assert_eq!(marked, "TARGET", "{text}");
            assert!(
                text.contains(&format!("[spec.yaml:1:{}]", before + 1)),
                "the real column, not the cropped one:\n{text}"
            );
        }
    }
}

#[test]
fn an_empty_place_is_shown_even_at_the_end() {
    for (text, offset, numbers) in
        [("a: [1", 6, "1:6"), ("a: [1\n", 6, "2:1"), ("a: [1", 99, "1:6"), ("a:\r\nb: 1\r\n", 2, "1:3"), ("", 0, "1:1")]
    {
        let source = Source::new("spec.yaml", text);
        let place = FileSpan { file: SPEC, span: Span::new(offset, offset) };
        let related = Related { place, label: "ends here".into() };
        let mut finding = Finding::new("yaml-syntax", Severity::Error, place, "unclosed bracket");
        finding.related.push(related);
        let shown = text_of(&[source], &[finding]);
        assert!(shown.contains(&format!("[spec.yaml:{numbers}]")), "{numbers} for {text:?}:\n{shown}");
        let (_, carets) = picture(&shown);
        assert!(carets.contains(&'─'), "{text:?}:\n{shown}");
        assert!(shown.contains("╰── ends here"), "{text:?}:\n{shown}");
    }
}

#[test]
fn a_place_over_many_lines_is_marked_on_its_first() {
    let source = Source::new("spec.yaml", "a: {\n  b: 1,\n  c: 2\n}\n");
    let place = FileSpan { file: SPEC, span: Span::new(3, 22) };
    let shown = text_of(&[source], &[Finding::new("wrong-type", Severity::Error, place, "wrong")]);
    assert!(shown.contains("1 │ a: {\n") && !shown.contains("b: 1"), "{shown}");
}

#[test]
fn odd_places_break_nothing() {
    let source = Source::new("spec.yaml", "é: 1\n");
    let place = |file, start, end| FileSpan { file, span: Span::new(start, end) };
    let findings =
        [place(SPEC, 1, 1), place(SPEC, 1, 2), place(SPEC, 900, 901), place(SPEC, 0, 900), place(FileId(7), 0, 3)].map(
            |at| Finding::new("wrong-type", Severity::Error, at, "wrong").label(place(FileId(9), 5, 9), "nowhere"),
        );
    for format in Format::ALL {
        let shown = render(
            *format,
            TextStyle { color: true, width: 0, unicode: false },
            std::slice::from_ref(&source),
            &findings,
            &[],
        );
        // the list of rules names it too
        let named = if *format == Format::Sarif { r#""ruleId": "wrong-type""# } else { "wrong-type" };
        let in_a_case = if *format == Format::Junit { 3 } else { 1 };
        assert_eq!(shown.matches(named).count(), findings.len() * in_a_case, "{shown}");
    }
}

#[test]
fn many_related_places_are_counted_not_shown() {
    let source = Source::new("spec.yaml", "x: 1\n".repeat(100));
    let place = |line: usize| FileSpan { file: SPEC, span: Span::new(line * 5, line * 5 + 1) };
    let finding = (1..100)
        .fold(Finding::new("exceeds-capacity", Severity::Error, place(0), "too much"), |finding, line| {
            finding.label(place(line), format!("part {line}"))
        });
    let sources = [source];
    let shown = text_of(&sources, std::slice::from_ref(&finding));
    assert!(shown.contains("note: 93 more places took part"), "{shown}");
    assert!(shown.lines().count() < 30, "{shown}");
    assert_eq!(json_of(&sources, &[finding])["findings"][0]["related"].as_array().map(Vec::len), Some(99));
}

#[test]
fn the_summary_counts_files_and_findings() {
    let clean = [Source::new("a.yaml", "")];
    let broken = sample();
    let none = Reported { sources: &clean, findings: &[], paths: &[], suppressed: &[] };
    let some = Reported { sources: &broken.sources, findings: &broken.findings, paths: &broken.paths, suppressed: &[] };
    let last = |files: &[Reported<'_>], suppressed| {
        let mut out = Vec::new();
        write(Format::Text, &Batch { files, suppressed, policies: &[], kinds: &[] }, TextStyle::default(), &mut out)
            .expect("a vector takes all");
        String::from_utf8(out).expect("UTF-8").lines().last().expect("a summary").to_owned()
    };
    assert_eq!(last(&[none], 0), "no findings in 1 file");
    assert_eq!(last(&[none, none], 2), "no findings in 2 files (2 suppressed)");
    assert_eq!(last(&[some, none], 1), "3 errors, 1 warning, 1 note in 2 files (1 suppressed)");

    let mut out = Vec::new();
    write(
        Format::Json,
        &Batch { files: &[some, none], suppressed: 1, policies: &[], kinds: &[] },
        TextStyle::default(),
        &mut out,
    )
    .expect("written");
    let json: Value = serde_json::from_slice(&out).expect("valid JSON");
    let summary = serde_json::json!({"files": 2, "errors": 3, "warnings": 1, "notes": 1, "suppressed": 1});
    assert_eq!(json["summary"], summary);
}

#[test]
fn formats_are_found_by_name() {
    for format in Format::ALL {
        assert_eq!(Format::named(format.name()), Some(*format));
    }
    assert_eq!(Format::named("xml"), None);
}
