//! Compares the trees of a text before and after edits: whether anything changed that the edits do not name. Knows no finding.

use crate::inputs::spec::edit;
use crate::support::diagnostic::{Edit, SPEC};
use crate::support::source::{Source, Span};
use crate::syntax::{self, Comment, Node, ParseMode, Value};
use std::rc::Rc;

/// The language of a text, as far as it decides how the text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextKind {
    /// One document in our own language.
    Spec,
    /// Any number of documents of another tool.
    Foreign,
}

/// The text after edits, in the order of the text; `None` if they would change more than they name.
pub(super) fn edited(kind: TextKind, text: &str, edits: &[Edit]) -> Option<String> {
    let next = edit::apply(text, edits);
    changes_only(&read(kind, text), &read(kind, &next), edits).then_some(next)
}

pub(super) fn touch(one: Span, other: Span) -> bool {
    one.start <= other.end && other.start <= one.end
}

/// One scalar of a document with the keys above it. A key or scalar that an edit wrote or touched is left out.
#[derive(Debug, PartialEq, Eq)]
struct ScalarLeaf {
    path: Vec<Option<String>>,
    value: Option<(&'static str, String)>,
}

/// A text and its trees.
struct ReadText {
    /// Its documents; `None` for one that could not be read to its end.
    roots: Vec<Option<Rc<Node>>>,
    comments: Vec<(Span, String)>,
    faults: usize,
}

fn read(kind: TextKind, text: &str) -> ReadText {
    let source = Source::new("", text);
    let (roots, comments, faults) = match kind {
        TextKind::Spec => {
            let parsed = syntax::parse(SPEC, &source, ParseMode::Spec);
            (vec![parsed.root], parsed.comments, parsed.findings.len())
        }
        TextKind::Foreign => {
            let stream = syntax::parse_stream(SPEC, &source, ParseMode::Base);
            let faults = stream.documents.iter().map(|document| document.findings.len()).sum();
            (stream.documents.into_iter().map(|document| document.root).collect(), stream.comments, faults)
        }
    };
    let words = |comment: &Comment| (comment.span, source.slice(comment.span).to_owned());
    ReadText { roots, comments: comments.iter().map(words).collect(), faults }
}

impl ReadText {
    /// The scalars that are outside these places, in order.
    fn outside(&self, places: &[Span]) -> Vec<ScalarLeaf> {
        let mut leaves = Vec::new();
        for (number, root) in self.roots.iter().enumerate() {
            let Some(root) = root else { continue };
            collect(root, places, &mut vec![Some(number.to_string())], &mut leaves);
        }
        leaves
    }
}

/// Whether some bytes are in one of these places.
fn within(span: Span, places: &[Span]) -> bool {
    places.iter().any(|place| span.start < place.end && place.start < span.end)
}

fn collect(node: &Node, places: &[Span], path: &mut Vec<Option<String>>, leaves: &mut Vec<ScalarLeaf>) {
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => {
            for entry in entries {
                let key = (!within(entry.key_span, places)).then(|| entry.key.to_string());
                path.push(key);
                if entry.via.is_some() {
                    leaves.push(ScalarLeaf { path: path.clone(), value: None });
                } else {
                    collect(&entry.node, places, path, leaves);
                }
                path.pop();
            }
        }
        Value::Seq(items) if !items.is_empty() => {
            let mut reached = node.span.start;
            for item in items {
                path.push(Some("-".to_owned()));
                if item.span.start < reached {
                    leaves.push(ScalarLeaf { path: path.clone(), value: None });
                } else {
                    reached = item.span.end;
                    collect(item, places, path, leaves);
                }
                path.pop();
            }
        }
        _ if within(node.span, places) => {}
        _ => leaves.push(ScalarLeaf { path: path.clone(), value: Some((node.kind(), node.text.to_string())) }),
    }
}

/// Whether the edits changed only what they name: every other key, scalar and comment is unchanged, in its place.
fn changes_only(old: &ReadText, new: &ReadText, edits: &[Edit]) -> bool {
    let is_read = |read: &ReadText| read.roots.iter().filter(|root| root.is_some()).count();
    if new.faults > old.faults || is_read(new) == 0 || is_read(new) < is_read(old) {
        return false;
    }
    let (mut gone, mut written) = (Vec::new(), Vec::new());
    let (mut removed, mut added) = (0, 0);
    for edit in edits {
        gone.push(edit.span);
        let start = edit.span.start as usize + added - removed;
        written.push(Span::new(start, start + edit.text.len()));
        added += edit.text.len();
        removed += edit.span.len();
    }
    // two spaces before a key move it into another mapping, so only its path changes
    let moves = edits.iter().any(|edit| edit.span.is_empty() && !edit.text.is_empty() && edit.text.trim().is_empty());
    let compared = |read: &ReadText, places: &[Span]| {
        let mut leaves = read.outside(places);
        if moves {
            leaves.retain(|leaf| leaf.value.as_ref().is_some_and(|(_, text)| !text.is_empty()));
            leaves.iter_mut().for_each(|leaf| leaf.path = leaf.path.split_off(leaf.path.len().saturating_sub(1)));
        }
        leaves
    };
    let untouched =
        |(span, _): &&(Span, String)| !edits.iter().any(|edit| !edit.span.is_empty() && touch(edit.span, *span));
    let mut words = new.comments.iter().map(|(_, words)| words);
    let kept = old.comments.iter().filter(untouched).all(|(_, old)| words.any(|new| new == old));
    compared(old, &gone) == compared(new, &written) && kept && new.comments.len() <= old.comments.len()
}
