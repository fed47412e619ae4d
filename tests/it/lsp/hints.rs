//! Inlay hints and code actions.

use super::{Editor, SPEC, apply};
use serde_json::{Value as Json, json};

const SHOP: &str = "version: 1
name: shop
services:
  web:
    image: shop/web:1
    replicas: { min: 2, max: 6 }
    concurrency: 10
    resources: { requests: { cpu: 500m, memory: 1Gi }, limits: { memory: 1Gi } }
    connections: { db: 5 }
backingServices:
  db: { kind: postgres, maxConnections: 100 }
capacity:
  nodes: [{ count: 2, cpu: 4, memory: 16Gi }]
profiles:
  large:
    services:
      web:
        replicas: 8
targets:
  kubernetes: {}
";

fn whole() -> Json {
    json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 999, "character": 0 } })
}

#[test]
fn numbers_show_what_they_come_to() {
    let mut editor = Editor::with(SHOP);
    let hints = editor.ask("textDocument/inlayHint", json!({ "textDocument": { "uri": SPEC }, "range": whole() }));
    let hints: Vec<String> = hints
        .as_array()
        .unwrap()
        .iter()
        .map(|hint| {
            format!(
                "{}:{} {}",
                hint["position"]["line"],
                hint["position"]["character"],
                hint["label"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        hints,
        [
            "5:32 = 20–60 slots",
            "8:24 = 30 of 100",
            "10:43 30 + 3 reserved taken: 33.0 %",
            "11:9 cpu 37.5 %, memory 18.8 %",
            "17:19 = 80 slots",
        ]
    );
    let part = json!({ "start": { "line": 5, "character": 0 }, "end": { "line": 6, "character": 0 } });
    let hints = editor.ask("textDocument/inlayHint", json!({ "textDocument": { "uri": SPEC }, "range": part }));
    assert_eq!(hints.as_array().unwrap().len(), 1);
}

/// The actions for a line: title, kind, and the text after each.
fn actions(text: &str, line: usize, only: Option<&str>) -> Vec<(String, String, String)> {
    let mut editor = Editor::with(text);
    let context = match only {
        Some(kind) => json!({ "diagnostics": [], "only": [kind] }),
        None => json!({ "diagnostics": [] }),
    };
    let range = json!({ "start": { "line": line, "character": 0 }, "end": { "line": line, "character": 200 } });
    let params = json!({ "textDocument": { "uri": SPEC }, "range": range, "context": context });
    let actions = editor.ask("textDocument/codeAction", params);
    let word = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let one = |action: &Json| (word(&action["title"]), word(&action["kind"]), apply(text, &action["edit"]));
    actions.as_array().unwrap().iter().map(one).collect()
}

/// The text after each action for the whole document.
fn actions_of(text: &str) -> Vec<String> {
    (0..text.lines().count()).flat_map(|line| actions(text, line, None)).map(|(.., after)| after).collect()
}

const FAULTY: &str = "version: 1
name: shop
services:
  web:
    image: a
    replica: 3
  api:
    image: a
    replicas: { min: 4, max: 2 }
";

#[test]
fn the_fix_of_a_finding_is_an_action() {
    let all = actions(FAULTY, 5, None);
    let fix = all.iter().find(|(title, ..)| title.contains("`replicas`")).unwrap_or_else(|| panic!("{all:?}"));
    assert_eq!((fix.1.as_str(), fix.2.clone()), ("quickfix", FAULTY.replace("replica:", "replicas:")));
    assert!(all.iter().all(|(title, ..)| !title.contains("allow")), "what has no shape cannot be allowed: {all:?}");
    let all = actions(FAULTY, 8, None);
    let swap = all.iter().find(|(title, ..)| title.contains("changes what runs")).unwrap_or_else(|| panic!("{all:?}"));
    assert_eq!(swap.2, FAULTY.replace("min: 4, max: 2", "min: 2, max: 4"));
}

#[test]
fn a_fix_in_another_file_is_an_edit_of_that_file_in_its_own_words() {
    let common = "services:\n  web:\n    image: a:1\n    container_name: web\n    mem_limit: 1g\n";
    let text = "services:\n  web:\n    extends: { file: common.yaml, service: web }\n    mem_reservation: 2g\n    deploy: { replicas: 3 }\n";
    let mut editor = Editor::new(&["utf-16"], &[("/shop/common.yaml", common)]);
    let own = "file:///shop/compose.yaml";
    editor.open(own, text);
    let mut edits = |line: usize| {
        let range = json!({ "start": { "line": line, "character": 0 }, "end": { "line": line, "character": 200 } });
        let params = json!({ "textDocument": { "uri": own }, "range": range, "context": { "diagnostics": [] } });
        let actions = editor.ask("textDocument/codeAction", params);
        let is_one = |title: &str| !title.contains("allow") && !title.starts_with("make ");
        let fixes = actions.as_array().unwrap().iter().filter(|one| is_one(one["title"].as_str().unwrap()));
        fixes.map(|one| (one["title"].clone(), one["edit"]["changes"].clone())).collect::<Vec<_>>()
    };
    let gone = json!({ "start": { "line": 3, "character": 0 }, "end": { "line": 4, "character": 0 } });
    assert_eq!(
        edits(4),
        [(
            json!("remove `container_name` from `web` (changes what runs)"),
            json!({ "file:///shop/common.yaml": [{ "range": gone, "newText": "" }] })
        )]
    );
    let value = json!({ "start": { "line": 3, "character": 21 }, "end": { "line": 3, "character": 23 } });
    assert_eq!(
        edits(3),
        [(json!("replace `2g` with `1g` (changes what runs)"), json!({ own: [{ "range": value, "newText": "1g" }] }))]
    );
}

#[test]
fn a_comment_allows_a_finding_with_the_line_ends_and_the_indentation_of_the_file() {
    for end in ["\n", "\r\n"] {
        let text = "version: 1\nname: shop\nservices:\n  web:\n    image: a\n".replace('\n', end);
        let editor = Editor::with(&text);
        let rules = editor.rules(SPEC);
        let rule = rules.iter().find(|rule| rule.contains(" 3:")).unwrap_or_else(|| panic!("{rules:?}"));
        let rule = rule.split(' ').next().unwrap();
        let all = actions(&text, 3, None);
        let allow = all.iter().find(|(title, ..)| title.contains("allow")).unwrap_or_else(|| panic!("{all:?}"));
        assert_eq!(allow.2, text.replace("  web:", &format!("  # scalegen: allow {rule} (TODO: say why){end}  web:")),);
        let after = Editor::with(&allow.2).rules(SPEC);
        assert_eq!(after.len() + 1, rules.len(), "{after:?}");
    }
}

#[test]
fn all_safe_fixes_are_one_action_as_lint_makes_them() {
    let text = SHOP.replace("  web:\n    image", "  # scalegen: allow drain-blocked (no longer)\n  web:\n    image");
    let all = actions(&text, 0, Some("source.fixAll"));
    let fixed =
        scalegen::fix("scalegen.yaml", text.as_bytes(), &scalegen::NoFiles, &scalegen::CheckOptions::default(), false);
    let wanted = fixed.text;
    assert_eq!(
        all.first().map(|(_, kind, text)| (kind.as_str(), text.clone())),
        wanted.map(|text| ("source.fixAll.scalegen", text))
    );
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0].2, SHOP);
}

#[test]
fn every_action_on_every_fixture_of_fixes_keeps_the_file_readable() {
    let mut tried = 0;
    for entry in std::fs::read_dir("fixtures/fixes").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "yaml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let errors = |text: &str| {
            let shown = Editor::with(text).shown.remove(SPEC).unwrap_or_default();
            shown.iter().filter(|one| one["code"] == "yaml-syntax").count()
        };
        let before = errors(&text);
        let offered: Vec<String> = actions_of(&text);
        for finding in
            scalegen::lint(SPEC, text.as_bytes(), &scalegen::NoFiles, &scalegen::CheckOptions::default()).findings
        {
            if let Some(fix) = finding.fix {
                let wanted = scalegen::inputs::spec::edit::apply(&text, &fix.edits);
                assert!(offered.contains(&wanted), "{}: {} has a fix and no action", path.display(), finding.message);
            }
        }
        for line in 0..text.lines().count() {
            for (title, _, after) in actions(&text, line, None) {
                assert!(errors(&after) <= before, "{}: {title}\n{after}", path.display());
                tried += 1;
            }
        }
    }
    assert!(tried > 20, "{tried}");
}
