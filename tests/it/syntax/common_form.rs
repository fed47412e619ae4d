//! The short way for the common form of YAML reads what the parser reads, on every fixture and on texts made at random.

use crate::tidy::files;
use proptest::prelude::*;
use scalegen::support::source::{FileId, Source};
use scalegen::syntax::{self, ParseMode, Parsed};

const FILE: FileId = FileId(0);

/// What the short way gives, held against the parser's events; none where it leaves the text to the parser.
fn compared(text: &str) -> Option<Parsed> {
    let source = Source::new("spec.yaml", text);
    let short = syntax::parse_common(FILE, &source, ParseMode::Spec)?;
    let long = syntax::parse_by_events(FILE, &source, ParseMode::Spec);
    if format!("{short:?}") != format!("{long:?}") {
        assert_eq!(format!("{short:#?}"), format!("{long:#?}"), "{text:?}\n{text}");
    }
    Some(short)
}

#[test]
fn every_fixture_reads_alike() {
    let (mut short, mut all) = (Vec::new(), 0);
    for folder in ["fixtures", "tests/bench"] {
        for path in files(folder, "yaml") {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            all += 1;
            if compared(&text).is_some() {
                short.push(path);
            }
        }
    }
    assert!(short.len() * 10 > all * 7, "only {} of {all} fixtures are of the common form", short.len());
    // what the benchmarks measure, and the largest fixture
    for named in ["tests/bench/spec.yaml", "fixtures/everything.yaml", "fixtures/scenarios/flow-like/scalegen.yaml"] {
        assert!(short.iter().any(|path| path.ends_with(named)), "{named} is left to the parser");
    }
}

#[test]
fn the_common_form_is_read_the_short_way() {
    for text in [
        "a: 1\nb:\n  c: x y # why\n  d:\n  - 1\n  - e: f\n    g:\nh:\n\n# end",
        "- a\n- b: c\n-   d: e\n    f: {}\n",
        "a: [1, 'two', \"three\", {b: c, d: []}, ]\nb: { e: -1, f: --flag, g: a#b, h: a:b }\n",
        "a: {\"b\":1,\"c\": d}\ne:\n  f: [\n    g, # first\n\n    h\n   ]\n",
        "x: &x\n  a: 1\ny: &y [z]\nb:\n  <<: *x\n  c: *y\n  d:\n    - *x\n",
        "  a: 1\n  b: 2\n",
        "a: 'it is \\ fine'\nb: ü\n\"c d\": 日本\n",
        "a:\nb:\n",
    ] {
        let parsed = compared(text).unwrap_or_else(|| panic!("left to the parser: {text:?}"));
        assert!(parsed.findings.is_empty() && parsed.root.is_some(), "{text:?}: {:?}", parsed.findings);
    }
    let twice = compared("a: 1\na: 2\n").expect("common");
    assert_eq!(twice.findings.len(), 1);
}

#[test]
fn all_else_is_left_to_the_parser() {
    for text in [
        "",
        "# nothing\n",
        "a",
        "{a: b}\n",
        "a:\tb\n",
        "a: b\r\n",
        "\u{feff}a: b\n",
        "a: \u{feff}b\n",
        "a: \u{7}\n",
        "a: |\n  b\n",
        "a: >-\n  b\n",
        "a: b\n  c\n",
        "a:\n  b\n",
        "a: 'b\n  c'\n",
        "a: \"b\\n\"\n",
        "a: 'it''s'\n",
        "a: !t b\n",
        "? a\n: b\n",
        "- - a\n",
        "-\n  a: b\n",
        "--- # first\na: b\n",
        "a: b\n---\nc: d\n",
        "a: b\n...\n",
        "%YAML 1.2\n---\na: b\n",
        "a: b: c\n",
        "a : b\n",
        "a: [b: c]\n",
        "a: {b}\n",
        "a: {b: }\n",
        "a: [b\n  c]\n",
        "a: [\nb]\n",
        "a: [b\n",
        "a: *b\n",
        "a: &b\n",
        "a: &b c\nd: &b e\n",
        "&a b: c\n",
        "*a : c\n",
        "a: b\n c: d\n",
        "  a: b\nc: d\n",
        "a:\n  - b\n c: d\n",
        "a: @b\n",
        "a: `b`\n",
        "a: 'b'c\n",
    ] {
        assert!(compared(text).is_none(), "read the short way: {text:?}");
    }
    let deep = format!("a: {}{}\n", "[".repeat(syntax::MAX_DEPTH), "]".repeat(syntax::MAX_DEPTH));
    assert!(compared(&deep).is_none());
    assert!(compared(&format!("{}: b\n", "a".repeat(1_001))).is_none());
}

/// Pieces that texts are made of: lines of the common form, and what breaks it.
fn piece() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "a: 1\n", "b:\n", "  c: d\n", "  e:\n", "    f: [1, 2]\n", "- g\n", "- h: i\n", "  - j: {k: l}\n", "m: 'n'\n",
            "o: \"p\" # q\n", "# r\n", "\n", "<<: *s\n", "s: &s\n", "t: *s\n", "u: {\"v\":w}\n", "x: [\n", "    y,\n", "  ]\n",
        ]),
        2 => prop::sample::select(vec![
            " ", "  ", "\n", ":", ": ", "- ", "#", " #", "[", "]", "{", "}", ",", ", ", "'", "\"", "&s ", "*s", "z", "-", ".",
        ]),
        1 => prop::sample::select(vec![
            "\\", "|\n", ">\n", "!t ", "? ", "---\n", "...\n", "%", "@", "\t", "\r\n", "\u{feff}", "\u{85}", "\u{2028}", "é", "~",
        ]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]
    #[test]
    fn random_texts_read_alike(pieces in prop::collection::vec(piece(), 1..14)) {
        compared(&pieces.concat());
    }

    #[test]
    fn damaged_specs_read_alike(at in 0..1_700usize, gone in 0..4usize, put in prop::option::of(piece())) {
        let spec = include_str!("../../bench/spec.yaml");
        let (at, end) = (at.min(spec.len()), (at + gone).min(spec.len()));
        compared(&format!("{}{}{}", &spec[..at], put.unwrap_or_default(), &spec[end..]));
    }
}
