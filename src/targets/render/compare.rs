//! Compares a view with its text read back. Knows values, and nginx's directives as lists, no template.

use crate::support::pointer;
use serde_json::Value as Json;

/// The first place where two values differ.
pub(super) fn differs(meant: &Json, read: &Json, pointer: &str) -> Result<(), String> {
    if equal_in_order(meant, read) { Ok(()) } else { difference(meant, read, pointer) }
}

/// Whether two values are equal with their keys in one order. Most are, so this is a fast path without messages or look-ups.
fn equal_in_order(meant: &Json, read: &Json) -> bool {
    match (meant, read) {
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((key, a), (other, b))| key == other && equal_in_order(a, b))
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal_in_order(a, b)),
        (a, b) => a == b,
    }
}

fn difference(meant: &Json, read: &Json, pointer: &str) -> Result<(), String> {
    match (meant, read) {
        (Json::Object(a), Json::Object(b)) => {
            for (key, a) in a {
                let pointer = format!("{pointer}/{key}");
                match b.get(key) {
                    Some(b) => difference(a, b, &pointer)?,
                    None => return Err(format!("{pointer} is in the view but not in the text")),
                }
            }
            match b.keys().find(|key| !a.contains_key(*key)) {
                Some(key) => Err(format!("{pointer}/{key} is in the text but not in the view")),
                None => Ok(()),
            }
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().try_for_each(|(index, (a, b))| difference(a, b, &format!("{pointer}/{index}")))
        }
        (a, b) if a == b => Ok(()),
        (a, b) => Err(format!("{pointer} is {a} in the view and {b} in the text")),
    }
}

/// The values of one tree that are missing or different in another. Values that only the other has are skipped.
pub(super) fn lost(meant: &Json, read: &Json, pointer: &str, found: &mut Vec<String>) {
    match (meant, read) {
        (Json::Object(a), Json::Object(b)) => {
            for (key, a) in a {
                let pointer = format!("{pointer}/{}", pointer::part(key));
                match b.get(key) {
                    Some(b) => lost(a, b, &pointer, found),
                    None => found.push(format!("`{pointer}` is missing")),
                }
            }
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().for_each(|(index, (a, b))| lost(a, b, &format!("{pointer}/{index}"), found));
        }
        (a, b) if a == b => {}
        (Json::Array(a), Json::Array(b)) => {
            found.push(format!("`{pointer}` has {} entries instead of {}", b.len(), a.len()));
        }
        (a, b) => found.push(format!("`{pointer}` is {} instead of {}", brief(b), brief(a))),
    }
}

/// A value for a message.
fn brief(value: &Json) -> String {
    match value {
        Json::Object(_) => "a mapping".to_owned(),
        Json::Array(_) => "a list".to_owned(),
        scalar => scalar.to_string(),
    }
}

/// The expected directives that were not read, each with the blocks around it.
pub(super) fn lost_directives(meant: &[Json], read: &[Json], around: &str) -> Vec<String> {
    let mut found = Vec::new();
    for directive in meant.iter().filter_map(Json::as_array) {
        let (words, block) = parts(directive);
        let name = format!("{around}{}", words.join(" "));
        let same =
            read.iter().filter_map(Json::as_array).map(|other| parts(other)).filter(|(other, _)| *other == words);
        // several blocks may have the same words: the one that lacks least is compared
        let lacks = same.map(|(_, other)| match (block, other) {
            (Some(block), Some(other)) => lost_directives(block, other, &format!("{name} / ")),
            (None, None) => Vec::new(),
            _ => vec![format!("`{name}` is missing")],
        });
        let least = lacks.min_by_key(Vec::len);
        found.extend(least.unwrap_or_else(|| vec![format!("`{name}` is missing")]));
    }
    found
}

/// The items of a list; empty for anything else.
pub(super) fn list(value: &Json) -> &[Json] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A directive's words and its block.
fn parts(directive: &[Json]) -> (Vec<&str>, Option<&[Json]>) {
    let words = directive.iter().filter_map(Json::as_str).collect();
    (words, directive.last().and_then(Json::as_array).map(Vec::as_slice))
}

#[cfg(test)]
mod tests {
    use super::{list, lost, lost_directives};
    use serde_json::json;

    #[test]
    fn what_is_missing_or_other_is_lost_and_what_is_more_is_not() {
        let meant = json!({"a": {"b": 1, "c/d": [1, 2]}, "e": "x", "f": [1]});
        let read = json!({"a": {"b": 2, "more": 1}, "e": "x", "f": [1, 2]});
        let mut found = Vec::new();
        lost(&meant, &read, "", &mut found);
        assert_eq!(found, ["`/a/b` is 2 instead of 1", "`/a/c~1d` is missing", "`/f` has 2 entries instead of 1"]);
    }

    #[test]
    fn directives_are_lost_within_the_block_that_lacks_least() {
        let meant = json!([["server", [["listen", "80"], ["location", "/", [["proxy_pass", "http://a"]]]]]]);
        let read = json!([["server", [["listen", "81"]]], ["server", [["listen", "80"], ["location", "/", []]]]]);
        let lost = lost_directives(list(&meant), list(&read), "");
        assert_eq!(lost, ["`server / location / / proxy_pass http://a` is missing"]);
    }
}
