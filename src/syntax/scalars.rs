//! Reports bare words and numbers that other YAML readers read differently. Knows the tree, no field of the spec.

use crate::support::diagnostic::{Bound, Finding};
use crate::support::source::FileSpan;
use crate::syntax::{self, Entry, Node, Style, Value, in_curled_quotes};
use std::collections::HashSet;
use std::rc::Rc;

const RULE: &str = "ambiguous-scalar";

/// The findings of one file, in the order of the tree, without the parts in `apart`. A value that is used through aliases
/// is reported once, where it is written.
#[must_use]
pub fn ambiguous(root: &Rc<Node>, apart: &[&Node]) -> Vec<Finding> {
    let seen = apart.iter().map(|node| std::ptr::from_ref(*node)).collect();
    let mut walk = ScalarWalk { seen, all: !apart.is_empty(), findings: Vec::new(), bound: Bound::default() };
    walk.node(root);
    walk.findings
}

struct ScalarWalk {
    /// Lists and mappings already walked, by address: an aliased one is in the tree many times.
    seen: HashSet<*const Node, foldhash::fast::RandomState>,
    /// Whether any of them may have been seen, not only those that are used more than once.
    all: bool,
    findings: Vec<Finding>,
    bound: Bound,
}

impl ScalarWalk {
    fn node(&mut self, node: &Rc<Node>) {
        let inside = node.entries().len() + node.items().len() > 0;
        let again = self.all || Rc::strong_count(node) > 1;
        if inside && again && !self.seen.insert(Rc::as_ptr(node)) {
            return;
        }
        for item in node.items() {
            self.scalar(item, item.at().place());
            self.node(item);
        }
        for entry in node.entries() {
            self.key(entry);
            self.scalar(&entry.node, entry.at().place());
            self.node(&entry.node);
        }
    }

    fn key(&mut self, entry: &Entry) {
        let bare = entry.key_span.len() == entry.key.len() && entry.via.is_none();
        if let (true, Some(other)) = (bare, syntax::ambiguous_text(&entry.key)) {
            self.report(&Value::Str, &entry.key, &other, entry.at().key());
        }
    }

    fn scalar(&mut self, node: &Node, place: FileSpan) {
        if let Some(other) = syntax::ambiguous(node) {
            self.report(&node.value, &node.text, &other, place);
        } else if let (Style::Plain, Value::Str, Some(inner)) = (node.style, &node.value, in_curled_quotes(&node.text))
        {
            let message = format!("the curled quotes of `{}` are letters of the text", node.text);
            let plain = !inner.contains(['"', '\\']) && !inner.contains(char::is_control);
            let finding = Finding::of(RULE, place, message).help(match plain {
                true => format!("write `\"{inner}\"`"),
                false => "write `\"` or `'` as quotes".to_owned(),
            });
            let finding = if plain { finding.fix(place.span, format!("\"{inner}\""), false) } else { finding };
            self.findings.extend(self.bound.take(finding, false));
        }
    }

    fn report(&mut self, value: &Value, text: &str, other: &str, place: FileSpan) {
        let finding = |here: &str| {
            let message = format!("bare `{text}` is {here} here, but {other} to readers of YAML 1.1");
            Finding::of(RULE, place, message)
        };
        let finding = match value {
            Value::Int(number) => finding(&format!("the number {number}"))
                .help(format!("write `{number}` for the number, or `\"{text}\"` for the text")),
            Value::Float(_) => {
                finding("a number").help(format!("write it without an exponent, or `\"{text}\"` for the text"))
            }
            // in quotes it is the same text here
            _ => finding("text").help(format!("write `\"{text}\"`")).fix(place.span, format!("\"{text}\""), true),
        };
        self.findings.extend(self.bound.take(finding, false));
    }
}
