//! Random edits as an editor sends them: the server says of a text what a server says that has only just opened it, and nothing
//! ends it.

use super::Editor;
use serde_json::{Value as Json, json};

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound.max(1)
    }
}

/// What people type and paste.
const PIECES: [&str; 30] = [
    "\u{e9}",
    "\u{6f22}",
    "\u{1f600}",
    "\n",
    "\r\n",
    "\r",
    "  ",
    "\t",
    "- ",
    ": ",
    "# ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\"",
    "'",
    "*a",
    "&a ",
    "<<: *a\n",
    "replicas: 3",
    "replica: 2\n",
    "memory: 1GB",
    "0",
    "|",
    "---\n",
    "\u{feff}",
    "\u{2028}",
    "services:\n  web: { image: a }\n",
];

const SPEC: &str = "version: 1\nname: caf\u{e9}-\u{6f22}\u{1f600}\nx-a: &a { replicas: 2 }\nservices:\n  web: # \u{1f600}\n    image: a\n    <<: *a\n    env: { NOTE: \"\u{6f22}\u{1f600}\" }\n    resources: { limits: { memory: 512MB } }\n  worker: { image: b, replica: 3, connections: { db: 40 } }\nbackingServices: { db: { kind: postgres, maxConnections: 100 } }\nprofiles:\n  large: { services: { web: { replicas: 9 } } }\ntargets: { compose: {} }\n";
const COMPOSE: &str = "services:\n  web:\n    image: a:1 # \u{1f600}\n    restrat: always\n    mem_limit: 256m\n    mem_reservation: 1g\n    ports: [\"80:80\"]\n    deploy: { replicas: 3 }\n";
const MANIFEST: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web, labels: { note: \u{6f22} } }\nspec:\n  replicas: 0x3\n  selector: { matchLabels: { app: web } }\n  template:\n    metadata: { labels: { app: web } }\n    spec: { containers: [{ name: web, image: \"web:1\", resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } }] }\n";
const CONVOX: &str = "services:\n  web:\n    build: .\n    port: 80\n    scale: { count: 3-1, cpu: 512, memory: 512, limit: { cpu: 256 } }\n";

/// The bytes of each line without its end, which is a line feed, a carriage return, or both.
fn lines(text: &str) -> Vec<(usize, usize)> {
    let (mut all, mut start) = (Vec::new(), 0);
    while let Some(end) = text[start..].find(['\n', '\r']).map(|at| start + at) {
        all.push((start, end));
        start = end + if text[end..].starts_with("\r\n") { 2 } else { 1 };
    }
    all.push((start, text.len()));
    all
}

/// A place between two characters, and its byte.
fn place(dice: &mut Dice, text: &str) -> (Json, usize) {
    let lines = lines(text);
    let line = dice.below(lines.len());
    let (start, end) = lines[line];
    let own = &text[start..end];
    let bytes: Vec<usize> = own.char_indices().map(|(at, _)| at).chain([own.len()]).collect();
    let byte = bytes[dice.below(bytes.len())];
    (json!({ "line": line, "character": own[..byte].encode_utf16().count() }), start + byte)
}

/// Everything that an editor asks of a place; none of the answers may be an error.
fn ask_all(editor: &mut Editor, uri: &str, at: &Json) {
    let document = json!({ "uri": uri });
    let place = json!({ "textDocument": document, "position": at });
    for method in ["hover", "definition", "completion", "prepareRename"] {
        editor.response(&format!("textDocument/{method}"), place.clone());
    }
    let mut params = place.clone();
    params["context"] = json!({ "includeDeclaration": true });
    editor.response("textDocument/references", params);
    for method in ["documentSymbol", "foldingRange"] {
        editor.ask(&format!("textDocument/{method}"), json!({ "textDocument": document }));
    }
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": at });
    let context = json!({ "diagnostics": [] });
    editor.ask("textDocument/codeAction", json!({ "textDocument": document, "range": range, "context": context }));
    editor.ask("textDocument/inlayHint", json!({ "textDocument": document, "range": range }));
}

/// Edits a text, compares after each round, and gives how many texts were whole.
fn edited(name: &str, first: &str, seed: u64, rounds: usize) -> usize {
    let uri = format!("file:///shop/{name}");
    let mut dice = Dice(seed);
    let mut editor = Editor::new(&["utf-16"], &[]);
    let mut text = first.to_owned();
    let mut whole = 0;
    editor.open(&uri, &text);
    for round in 0..rounds {
        let mut changes = Vec::new();
        for _ in 0..=dice.below(3) {
            let (one, other) = (place(&mut dice, &text), place(&mut dice, &text));
            // most edits are small: a large part goes only now and then
            let end = if dice.below(4) == 0 { other } else { one.clone() };
            let (start, end) = if one.1 <= end.1 { (one, end) } else { (end, one) };
            let piece = if dice.below(5) == 0 { "" } else { PIECES[dice.below(PIECES.len())] };
            text.replace_range(start.1..end.1, piece);
            changes.push(json!({ "range": { "start": start.0, "end": end.0 }, "text": piece }));
        }
        editor.change(&uri, Json::Array(changes));
        let mut fresh = Editor::new(&["utf-16"], &[]);
        fresh.open(&uri, &text);
        let (shown, wanted) = (&editor.shown[&uri], &fresh.shown[&uri]);
        let case = format!("{name}, seed {seed}, round {round}:\n{text:?}");
        // while a text is broken, it stays what it was, and so do the findings of its other parts
        if shown.iter().chain(wanted).any(|one| one["code"] == "yaml-syntax" || one["code"] == "unsupported-yaml") {
            let missing: Vec<&Json> = wanted.iter().filter(|one| !shown.contains(one)).collect();
            assert!(missing.is_empty(), "{case}\n{missing:#?}");
            let lines = lines(&text).len() as u64;
            assert!(shown.iter().all(|one| one["range"]["end"]["line"].as_u64().unwrap() <= lines), "{case}");
        } else {
            assert_eq!(shown, wanted, "{case}");
            whole += 1;
        }
        if round % 8 == 0 {
            let (at, _) = place(&mut dice, &text);
            ask_all(&mut editor, &uri, &at);
        }
        let is_far = text.len() > 4 * first.len() || text.len() < first.len() / 3;
        if is_far || dice.below(4) == 0 {
            text = first.to_owned();
            editor.replace(&uri, &text);
        }
    }
    whole
}

#[test]
fn after_any_edits_the_server_says_what_a_fresh_one_says() {
    let specs: usize = (1..5).map(|seed| edited("scalegen.yaml", SPEC, seed, 60)).sum();
    let others: usize = [("compose.yaml", COMPOSE), ("web.yaml", MANIFEST), ("convox.yml", CONVOX)]
        .into_iter()
        .map(|(name, text)| edited(name, text, 11, 60))
        .sum();
    assert!(specs > 15 && others > 15, "{specs} specs and {others} other texts were whole");
}

#[test]
fn an_edit_within_a_character_or_behind_the_end_ends_nothing() {
    let uri = super::SPEC;
    let mut editor = Editor::with(SPEC);
    // the note has a pair of surrogates in its second line, from unit 12 to unit 14
    for (line, character) in [(1, 13), (1, 999), (999, 0), (999, 999), (4, 10)] {
        let at = json!({ "line": line, "character": character });
        for (start, end) in [(at.clone(), at.clone()), (json!({ "line": 0, "character": 3 }), at.clone())] {
            editor.change(uri, json!([{ "range": { "start": start, "end": end }, "text": "\u{1f600}" }]));
            ask_all(&mut editor, uri, &at);
        }
        editor.replace(uri, SPEC);
        let fresh = Editor::with(SPEC);
        assert_eq!(editor.shown.get(uri), fresh.shown.get(uri), "after {line}:{character}");
    }
}

#[test]
fn what_is_not_saved_yet_counts_across_files_and_folders() {
    let (own, base) = ("file:///shop/scalegen.yaml", "file:///shop/compose.yaml");
    let spec = "version: 1\nname: shop\nfrom: compose.yaml\nservices: { web: { resources: { requests: { memory: 512Mi } } } }\ntargets: { compose: {} }\n";
    let saved = "services:\n  web: { image: a, mem_limit: 1g }\n";
    let files = [("/shop/compose.yaml", saved), ("/shop/scalegen.yaml", spec), ("/other/compose.yaml", saved)];
    let mut editor = Editor::new(&["utf-16"], &files);
    editor.open(own, spec);
    assert!(!editor.rules(own).iter().any(|rule| rule.starts_with("request-above-limit")), "{:?}", editor.rules(own));
    editor.open(base, saved);
    editor.replace(base, &saved.replace("1g", "256m"));
    let above = |editor: &Editor| {
        let all = editor.shown.values().flatten();
        all.filter(|one| one["code"] == "request-above-limit").count()
    };
    assert_eq!(above(&editor), 1, "{:#?}", editor.shown);
    // another folder of the editor has its own files
    let far = "file:///other/compose.yaml";
    editor.open(far, saved);
    editor.replace(far, &saved.replace("1g", "1m"));
    assert_eq!(above(&editor), 1, "{:#?}", editor.shown);
    // closed without being saved, the file counts as it is on the disk
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": base } }));
    editor.publish();
    assert_eq!(above(&editor), 0, "{:#?}", editor.shown);
}
