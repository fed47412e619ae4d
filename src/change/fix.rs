//! Applies the fixes that findings offer to a text. Knows edits and findings, no rule and no file.
//!
//! Fixes that do not overlap are made in one pass, in the order of the text; then the text is checked again, until no
//! fix is left. A pass may change the scalars and keys it names and nothing else; the two readings are compared. Where
//! the result would have more errors than there were, the text stays as it was.

use crate::inputs::spec::edit;
use crate::pipeline::{CheckOptions, CheckResult, Files, lint};
use crate::support::diagnostic::{Edit, Finding, Fix, RuleId, SPEC, Severity};
use crate::support::source::{Source, Span};
use crate::syntax::{self, Comment, Node, ParseMode, Value};

/// How often a text is fixed and checked again.
const PASSES: usize = 10;

/// What fixing one spec gave.
#[derive(Debug)]
pub struct FixedSpec {
    /// The text; `None` if the bytes are no text, or nothing in it changes.
    pub text: Option<String>,
    /// The findings that were fixed: the rule, and the 1-based line at the time.
    pub applied: Vec<(RuleId, usize)>,
    /// Why there are fixes that were not made: lowercase, no full stop.
    pub refused: Option<String>,
    /// The check of what the text is now.
    pub checked: CheckResult,
}

/// Makes the fixes of one spec: the safe ones, and with `unsafe_too` those that change what runs.
#[must_use]
pub fn fix(name: &str, bytes: &[u8], files: &dyn Files, wanted: &CheckOptions, unsafe_too: bool) -> FixedSpec {
    let before = lint(name, bytes, files, wanted);
    let Ok(old) = std::str::from_utf8(bytes) else {
        return FixedSpec { text: None, applied: Vec::new(), refused: None, checked: before };
    };
    let errors = count(&before);
    let (mut text, mut applied, mut checked) = (old.to_owned(), Vec::new(), before);
    for _ in 0..PASSES {
        let Some((next, made)) = pass(&text, &checked, unsafe_too) else { break };
        checked = lint(name, next.as_bytes(), files, wanted);
        text = next;
        applied.extend(made);
    }
    let now = count(&checked);
    if now > errors {
        let why = format!("fixing it would leave {now} errors where there are {errors}");
        return FixedSpec {
            text: None,
            applied: Vec::new(),
            refused: Some(why),
            checked: lint(name, bytes, files, wanted),
        };
    }
    FixedSpec { text: (text != old).then_some(text), applied, refused: None, checked }
}

fn count(checked: &CheckResult) -> usize {
    checked.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
}

/// The text after one pass and what was fixed in it; `None` if there was nothing to fix.
fn pass(text: &str, checked: &CheckResult, unsafe_too: bool) -> Option<(String, Vec<(RuleId, usize)>)> {
    let source = checked.sources.first()?;
    let mut picked: Vec<(&Finding, &[Edit])> = Vec::new();
    for finding in checked.findings.iter().filter(|finding| finding.at.file == SPEC) {
        let in_text = |fix: &&Fix| fix.edits.iter().all(|edit| edit.file_for(finding.at.file) == SPEC);
        let Some(fix) = finding.fix.as_deref().filter(|fix| fix.safe || unsafe_too).filter(in_text) else { continue };
        let taken = |edit: &Edit| picked.iter().flat_map(|(_, edits)| *edits).any(|old| touch(old.span, edit.span));
        if !fix.edits.iter().any(taken) {
            picked.push((finding, &fix.edits));
        }
    }
    // what an error hides may be what a comment allows
    let allows = |(finding, _): &(&Finding, &[Edit])| finding.rule == "unused-suppression";
    if count(checked) > 0 || !picked.iter().all(allows) {
        picked.retain(|one| !allows(one));
    }
    if picked.is_empty() {
        return None;
    }
    let read = read(text);
    let all = |picked: &[(&Finding, &[Edit])]| {
        let mut edits: Vec<Edit> = picked.iter().flat_map(|(_, edits)| edits.iter().cloned()).collect();
        edits.sort_by_key(|edit| edit.span);
        let next = edit::apply(text, &edits);
        only(&read, &self::read(&next), &edits).then_some(next)
    };
    let next = all(&picked).or_else(|| {
        // one of them stands in a form that is not edited by program: the others are made
        picked.retain(|one| all(std::slice::from_ref(one)).is_some());
        all(&picked).filter(|_| !picked.is_empty())
    })?;
    let made = picked.iter().map(|(finding, _)| (finding.rule.clone(), source.numbers(finding.at.span.start).line));
    Some((next, made.collect()))
}

fn touch(one: Span, other: Span) -> bool {
    one.start <= other.end && other.start <= one.end
}

/// One scalar of a document with the keys above it; a key or a scalar that an edit wrote or touched is not told.
#[derive(Debug, PartialEq, Eq)]
struct ScalarLeaf {
    path: Vec<Option<String>>,
    value: Option<(&'static str, String)>,
}

/// A text as it was read.
struct ReadText {
    root: Option<std::rc::Rc<Node>>,
    comments: Vec<(Span, String)>,
    faults: usize,
}

fn read(text: &str) -> ReadText {
    let source = Source::new("", text);
    let parsed = syntax::parse(SPEC, &source, ParseMode::Spec);
    let words = |comment: &Comment| (comment.span, source.slice(comment.span).to_owned());
    ReadText { root: parsed.root, comments: parsed.comments.iter().map(words).collect(), faults: parsed.findings.len() }
}

impl ReadText {
    /// The scalars that stand outside these places, in order.
    fn outside(&self, places: &[Span]) -> Vec<ScalarLeaf> {
        let mut leaves = Vec::new();
        if let Some(root) = &self.root {
            collect(root, places, &mut Vec::new(), &mut leaves);
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

/// Whether the edits changed nothing but what they name: every other key, scalar and comment is as it was, where it was.
fn only(old: &ReadText, new: &ReadText, edits: &[Edit]) -> bool {
    if new.faults > old.faults || new.root.is_none() {
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
    // two spaces before a key move it into another mapping: then only its place is another
    let moves = edits.iter().any(|edit| edit.span.is_empty() && !edit.text.is_empty() && edit.text.trim().is_empty());
    let told = |read: &ReadText, places: &[Span]| {
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
    told(old, &gone) == told(new, &written) && kept && new.comments.len() <= old.comments.len()
}
