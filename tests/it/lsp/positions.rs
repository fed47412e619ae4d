//! Positions in UTF-16, UTF-8 and UTF-32, through characters of every width, line ends and tabs.

use super::{Editor, SPEC};
use proptest::prelude::*;
use scalegen::lsp::Encoding;
use scalegen::lsp::position::{offset, position};
use scalegen::support::source::Source;
use serde_json::json;

const LINES: &[&str] = &["", "é: 漢", "😀 a: b", "\tx\t😀", "plain", "\u{feff}name: x"];
const ENCODINGS: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

fn units(text: &str, encoding: Encoding) -> usize {
    match encoding {
        Encoding::Utf8 => text.len(),
        Encoding::Utf16 => text.encode_utf16().count(),
        Encoding::Utf32 => text.chars().count(),
    }
}

#[test]
fn every_offset_has_a_position_and_the_way_back() {
    for end in ["\n", "\r\n", "\r"] {
        let text = LINES.join(end);
        let source = Source::new("", text.clone());
        for encoding in ENCODINGS {
            let mut start = 0;
            for (index, line) in LINES.iter().enumerate() {
                for (at, _) in line.char_indices().chain([(line.len(), ' ')]) {
                    let here = position(&source, (start + at) as u32, encoding);
                    assert_eq!((here.line as usize, here.character as usize), (index, units(&line[..at], encoding)));
                    assert_eq!(offset(&source, here, encoding) as usize, start + at, "{end:?} {line:?} {at}");
                }
                start += line.len() + end.len();
            }
        }
    }
}

#[test]
fn places_that_do_not_exist_lead_to_the_nearest_that_does() {
    let source = Source::new("", "a😀b\r\nc");
    let at = |line, character, encoding| offset(&source, gen_lsp_types::Position { line, character }, encoding);
    assert_eq!(at(0, 2, Encoding::Utf16), 1, "inside of an emoji");
    assert_eq!(at(0, 99, Encoding::Utf16), 6, "past the end of a line");
    assert_eq!(at(9, 0, Encoding::Utf16), 9, "past the last line");
    // between the two bytes of a line end
    assert_eq!(position(&source, 7, Encoding::Utf16).character, 4);
}

const WIDE: &str =
    "version: 1\r\nname: shop\r\nservices:\r\n  web: { image: \"é漢😀\", replicas: { min: 3, max: 2 } }\t# 😀\r\n";

#[test]
fn a_finding_behind_wide_characters_is_underlined_where_it_stands() {
    let before = WIDE.split_once("min: 3").unwrap().0.rsplit('\n').next().unwrap().len();
    for (encodings, shift) in [(&["utf-16"][..], 1 + 2 + 2), (&["utf-16", "utf-8"][..], 0), (&[][..], 1 + 2 + 2)] {
        let mut editor = Editor::new(encodings, &[]);
        editor.open(SPEC, WIDE);
        let found = editor.shown[SPEC].iter().find(|one| one["code"] == "min-above-max").unwrap().clone();
        let start = found["range"]["start"]["character"].as_u64().unwrap() as usize;
        assert_eq!(found["range"]["start"]["line"], 3);
        assert!(start >= before + "min: ".len() - shift && start <= before + 20 - shift, "{encodings:?} {found}");
        let other =
            found["relatedInformation"][0]["location"]["range"]["start"]["character"].as_u64().unwrap() as usize;
        assert_eq!(start.abs_diff(other), "3, max: ".len(), "{found}");
    }
}

/// The text after edits that an editor made in UTF-16, computed in characters.
fn edited(text: &str, edits: &[(usize, usize, String)]) -> (String, Vec<serde_json::Value>) {
    let mut text: Vec<char> = text.chars().collect();
    let mut sent = Vec::new();
    for (from, length, new) in edits {
        let from = from % (text.len() + 1);
        let to = (from + length % 9).min(text.len());
        // nobody's cursor stands inside of a line end
        let inside = |at: usize| at > 0 && at < text.len() && text[at - 1] == '\r' && text[at] == '\n';
        if inside(from) || inside(to) {
            continue;
        }
        let place = |at: usize| {
            let before: String = text[..at].iter().collect();
            let line = before.matches('\n').count();
            json!({ "line": line, "character": before.rsplit('\n').next().unwrap().encode_utf16().count() })
        };
        sent.push(json!({ "range": { "start": place(from), "end": place(to) }, "text": new }));
        text.splice(from..to, new.chars());
    }
    (text.into_iter().collect(), sent)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Typing a text piece by piece shows the same as opening it.
    #[test]
    fn edits_lead_to_the_text_that_the_editor_has(
        edits in prop::collection::vec((0..200usize, 0..9usize, "(a|: |\n|\r\n|😀|é|漢|\\{|- ){0,3}"), 1..8)
    ) {
        let (text, sent) = edited(WIDE, &edits);
        let mut editor = Editor::with(WIDE);
        editor.change(SPEC, json!(sent));
        // a text that cannot be read keeps what was known; a new one has nothing to keep
        let mut fresh = Editor::with(&text);
        let stopped = |editor: &Editor| editor.rules(SPEC).iter().any(|rule| rule.starts_with("yaml-syntax"));
        prop_assert_eq!(stopped(&editor), stopped(&fresh));
        if !stopped(&fresh) {
            prop_assert_eq!(editor.shown.remove(SPEC), fresh.shown.remove(SPEC));
        }
    }
}
