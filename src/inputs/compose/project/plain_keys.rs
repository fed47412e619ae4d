//! Keys of a compose file that its reader takes for something other than text, so that it refuses the whole file. Knows no key by name.
//!
//! Source: compose-go, `convertToStringKeysRecursive`; docker compose 5.6 was asked for each form. YAML 1.1's `yes` and `on` are text to it.

use crate::inputs::compose::keys::forms::{is_number_of_go, is_time_of_go};
use crate::support::diagnostic::{Finding, Severity};
use crate::syntax::{Entry, Node, Value, plain_value};
use std::collections::HashSet;
use std::rc::Rc;

/// Reports the keys of a document that are not text. A node that an alias repeats is checked once.
pub(super) fn judge(root: &Rc<Node>, found: &mut Vec<Finding>) {
    let mut seen: HashSet<*const Node> = HashSet::new();
    let mut next = vec![root];
    while let Some(node) = next.pop() {
        match &node.value {
            Value::Map(entries) if seen.insert(Rc::as_ptr(node)) => {
                found.extend(entries.iter().filter_map(fault));
                next.extend(entries.iter().map(|entry| &entry.node));
            }
            Value::Seq(items) if seen.insert(Rc::as_ptr(node)) => next.extend(items),
            _ => {}
        }
    }
    found.sort_by_key(|finding| finding.at);
    found.dedup_by_key(|finding| finding.at);
}

fn fault(entry: &Entry) -> Option<Finding> {
    // quotes belong to a key's bytes, and make it text
    let is_plain = entry.key_span.len() == entry.key.len();
    let kind = kind(&entry.key).filter(|_| is_plain)?;
    let message = format!("docker compose takes text as a key, and `{}` is {kind}", entry.key.escape_debug());
    let quoted = format!("\"{}\"", entry.key);
    let finding = Finding::new("wrong-type", Severity::Error, entry.at().key(), message);
    let finding = finding.help(format!("write `{quoted}`"));
    Some(finding.fix_in_own_words(entry.key_span, quoted, true))
}

/// What compose's reader takes a plain word for, if not for text.
fn kind(word: &str) -> Option<&'static str> {
    match plain_value(word) {
        Value::Null => Some("null"),
        Value::Bool(_) => Some("a boolean"),
        Value::Int(_) | Value::Float(_) => Some("a number"),
        _ if is_number_of_go(word) => Some("a number"),
        _ if is_time_of_go(word) => Some("a date"),
        _ => None,
    }
}
