//! A document that is half typed: its other findings stay, and what is asked is still answered.

use super::{Editor, SPEC, marked};
use serde_json::{Value as Json, json};

const GOOD: &str = "version: 1
name: shop
services:
  web:
    replicas: { min: 3, max: 2 }
  api:
    image: a/b:1
    replicas: 2
  late:
    replicas: { min: 9, max: 8 }
backingServices:
  db: { kind: postgres }
targets:
  compose: {}
";

fn labels(items: &Json) -> Vec<String> {
    items.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn findings_before_and_behind_a_broken_line_stay_and_move_with_their_text() {
    let mut editor = Editor::with(GOOD);
    let early = |editor: &Editor| editor.rules(SPEC).iter().filter(|rule| rule.starts_with("min-above-max")).count();
    assert_eq!(early(&editor), 2);
    let before = editor.rules(SPEC);
    for broken in ["    conn\n", "    connections: [\n", "    x: \"\n", "   - y\n\t\n"] {
        let text = GOOD.replace("    image: a/b:1\n", &format!("    image: a/b:1\n{broken}"));
        editor.replace(SPEC, &text);
        let rules = editor.rules(SPEC);
        assert!(rules.iter().any(|rule| rule.starts_with("yaml-syntax")), "{broken:?}: {rules:?}");
        assert_eq!(early(&editor), 2, "{broken:?}: {rules:?}");
        let lines = broken.matches('\n').count();
        let late = rules.iter().rev().find(|rule| rule.starts_with("min-above-max")).unwrap();
        assert!(late.ends_with(&format!(" {}:21", 9 + lines)) || late.contains(&format!(" {}:", 9 + lines)), "{late}");
    }
    editor.replace(SPEC, GOOD);
    assert_eq!(editor.rules(SPEC), before);
}

#[test]
fn a_finding_in_the_part_that_is_typed_over_goes() {
    let mut editor = Editor::with(GOOD);
    editor.replace(SPEC, &GOOD.replace("replicas: { min: 9, max: 8 }", "replicas: { min: 9, max"));
    let rules = editor.rules(SPEC);
    assert_eq!(rules.iter().filter(|rule| rule.starts_with("min-above-max")).count(), 1, "{rules:?}");
}

#[test]
fn a_text_that_was_never_whole_has_the_findings_of_lint_alone() {
    let editor = Editor::with(&GOOD.replace("image: a/b:1", "image: [a"));
    assert!(editor.rules(SPEC).iter().all(|rule| rule.starts_with("yaml-syntax")), "{:?}", editor.rules(SPEC));
    assert_eq!(editor.rules(SPEC).len(), 1);
}

#[test]
fn completion_works_within_and_below_what_is_broken() {
    for broken in ["    image: [a\n", "    image: \"a\n", "  \tb: 1\n", "    port 80\n"] {
        let text = format!(
            "version: 1\nname: shop\nservices:\n  web:\n{broken}  api:\n    ‸\nbackingServices:\n  db: {{ kind: postgres }}\n"
        );
        let (text, at) = marked(&text);
        let labels = labels(&Editor::with(&text).at("textDocument/completion", at));
        assert!(labels.contains(&"replicas".to_owned()), "{broken:?}: {labels:?}");
    }
    let (text, at) = marked(&GOOD.replace("    replicas: 2\n", "    replicas: 2\n    connections:\n      ‸"));
    assert_eq!(labels(&Editor::with(&text).at("textDocument/completion", at)), ["db"]);
}

#[test]
fn what_is_asked_is_answered_from_the_part_that_can_be_read() {
    let broken = GOOD.replace("    image: a/b:1\n", "    image: [a\n");
    let (text, at) = marked(&broken.replace("postgres }", "postg‸res }"));
    let mut editor = Editor::with(&text);
    let hover = editor.at("textDocument/hover", at);
    assert!(hover["contents"]["value"].as_str().unwrap().contains("kind"), "{hover}");
    let symbols = editor.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": SPEC } }));
    let names: Vec<&str> = symbols.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["version", "name", "services", "backingServices", "targets"]);
    let refused = editor.response(
        "textDocument/rename",
        json!({
            "textDocument": { "uri": SPEC }, "position": { "line": 11, "character": 3 }, "newName": "store"
        }),
    );
    assert!(refused.response_result.unwrap_err().message.contains("broken"));
}

#[test]
fn nothing_that_is_asked_anywhere_in_any_beginning_of_a_text_is_a_panic() {
    let text = std::fs::read_to_string("fixtures/everything.yaml").unwrap();
    let mut editor = Editor::with("");
    for end in (0..text.len()).step_by(97).filter(|end| text.is_char_boundary(*end)) {
        editor.replace(SPEC, &text[..end]);
        let head = &text[..end];
        let at = (head.matches('\n').count(), head.rsplit('\n').next().unwrap().encode_utf16().count());
        for method in
            ["textDocument/hover", "textDocument/completion", "textDocument/definition", "textDocument/prepareRename"]
        {
            editor.at(method, at);
        }
        let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9999, "character": 0 } });
        for method in ["textDocument/foldingRange", "textDocument/documentSymbol", "textDocument/inlayHint"] {
            editor.ask(method, json!({ "textDocument": { "uri": SPEC }, "range": whole }));
        }
    }
}
