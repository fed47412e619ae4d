//! Brackets and quotes whose lines stand at the column of their key or to the left of it: read where docker compose, kubectl
//! and PyYAML read them, refused where all three refuse. Each row was tried with Docker Compose 5.6, kubectl 1.32 and PyYAML 6.

use scalegen::support::source::{FileId, Source};
use scalegen::syntax::{self, ParseMode};
use serde_json::{Value as Json, json};

const KEY: &str = "s:\n  a:\n";

/// Text below `KEY`, and what `a` is.
fn taken() -> Vec<(&'static str, Json)> {
    vec![
        ("    c: [\n      \"x\"\n    ]\n", json!({ "c": ["x"] })),
        ("    c: [\n      \"x\"\n  ]\n", json!({ "c": ["x"] })),
        ("    c: [\n      \"x\"\n]\n", json!({ "c": ["x"] })),
        ("    c: {\n      a: b\n    }\n", json!({ "c": { "a": "b" } })),
        ("    c: {\n      a: b\n}\n    d: 1\n", json!({ "c": { "a": "b" }, "d": 1 })),
        ("    c: [\n    \"x\",\n    \"y\"\n    ]\n    d: 1\n", json!({ "c": ["x", "y"], "d": 1 })),
        ("    c: [\n    x,\n    y\n    ]\n", json!({ "c": ["x", "y"] })),
        ("    c: [\n  x,\n  y ]\n", json!({ "c": ["x", "y"] })),
        ("    c: [\nx,\ny ]\n", json!({ "c": ["x", "y"] })),
        ("    c: {\na: b,\nd: e\n}\n", json!({ "c": { "a": "b", "d": "e" } })),
        ("    c: \"x\n    y\"\n", json!({ "c": "x y" })),
        ("    c: \"x\ny\"\n    d: 1\n", json!({ "c": "x y", "d": 1 })),
        ("    c: \"x\n    \"\n", json!({ "c": "x " })),
        ("    c: \"x\n\"\n", json!({ "c": "x " })),
        ("    c: \"x\n\ty\"\n", json!({ "c": "x y" })),
        ("    c: 'x\n    '\n", json!({ "c": "x " })),
        ("    c: [\n    # c\n      x # d\n    # e\n    ]\n", json!({ "c": ["x"] })),
        ("    c: [\n# c\n      x\n# e\n    ]\n", json!({ "c": ["x"] })),
        ("    c: [ [\n    ]\n    ]\n", json!({ "c": [[]] })),
        ("    c: { a: {\n    }, b: [\n    ] }\n", json!({ "c": { "a": {}, "b": [] } })),
        ("    c:\n    - {\n      x: 1,\n      y: 2\n    }\n    - z\n", json!({ "c": [{ "x": 1, "y": 2 }, "z"] })),
        ("    c:\n      - {\n      x: 1,\n      y: 2\n    }\n", json!({ "c": [{ "x": 1, "y": 2 }] })),
        ("    c: [\n      x\n    y\n    ]\n", json!({ "c": ["x y"] })),
        ("    c: [\n      \"x\n    y\"\n    ]\n", json!({ "c": ["x y"] })),
        ("    c: [\n    &n x, *n\n    ]\n", json!({ "c": ["x", "x"] })),
        ("    c: {\n    a:\n    }\n", json!({ "c": { "a": null } })),
        ("    c: [\n      x\n    , y\n    ]\n", json!({ "c": ["x", "y"] })),
        ("    c:\n      d: [\n      x\n    ]\n    e: 1\n", json!({ "c": { "d": ["x"] }, "e": 1 })),
    ]
}

/// Text below `KEY` that none of them takes, with a part of what is said.
const REFUSED: &[(&str, &str)] = &[
    ("    c: x\n    y\n", "is not a key"),
    ("    c: [\n---\n    ]\n", "never closed"),
    ("    c:\n    \"x\"\n", "is not a key"),
    ("    c: [ x\n    d: 1\n", "never closed"),
    ("    c: \"x\n    d: 1\n", "never closed"),
    ("    c: {\n    d: 1\n", "never closed"),
    ("    c: \"x\n    d: \"y\"\n", "never closed"),
];

#[test]
fn lines_inside_brackets_and_quotes_may_stand_at_their_key() {
    for (text, wanted) in taken() {
        for end in ["\n", "\r\n"] {
            let text = format!("{KEY}{text}").replace('\n', end);
            let source = Source::new("x.yaml", text.as_str());
            for mode in [ParseMode::Spec, ParseMode::Base] {
                let parsed = syntax::parse(FileId(0), &source, mode);
                assert!(parsed.findings.is_empty(), "{text:?}: {:?}", parsed.findings);
                let root = parsed.root.unwrap();
                assert_eq!(root.to_json(), json!({ "s": { "a": wanted } }), "{text:?}");
                let other: Json = serde_yaml::from_str(&text).unwrap();
                assert_eq!(root.to_json(), other, "{text:?}");
                // the place of a collection reaches from its bracket to the bracket that closes it
                let value = &root.get("s").unwrap().node.get("a").unwrap().node.get("c").unwrap().node;
                let slice = source.slice(value.span);
                if let Some(close) = [("[", "]"), ("{", "}"), ("\"", "\""), ("'", "'")]
                    .iter()
                    .find_map(|(open, close)| slice.starts_with(open).then_some(close))
                {
                    assert!(slice.ends_with(close), "{slice:?}");
                }
            }
        }
    }
}

#[test]
fn what_no_reader_takes_is_refused_where_it_opens() {
    for (text, said) in REFUSED {
        let source = Source::new("x.yaml", format!("{KEY}{text}"));
        let parsed = syntax::parse(FileId(0), &source, ParseMode::Spec);
        let [finding] = &parsed.findings[..] else { panic!("{text:?}: {:#?}", parsed.findings) };
        assert!(finding.message.contains(said), "{text:?}: {}", finding.message);
        assert_eq!(finding.rule, "yaml-syntax");
        assert!(parsed.root.is_none());
    }
}
