//! The fixes that findings offer, made in a text. Knows edits and findings, no rule and no file.
//!
//! What does not overlap is made in one pass, in the order of the text; then the text is checked again, until no fix is
//! left. A pass may change the scalars and keys it names and nothing else; the two readings are compared. Where the
//! result would have more errors than there were, the text stays as it was.

use crate::inputs::spec::edit;
use crate::pipeline::{Checked, Files, Wanted, lint};
use crate::support::diagnostic::{Edit, Finding, RuleId, SPEC, Severity};
use crate::support::source::{Source, Span};
use crate::syntax::{self, Comment, Mode, Node, Value};

/// How often a text is fixed and checked again.
const PASSES: usize = 10;

/// What fixing one spec gave.
#[derive(Debug)]
pub struct Fixed {
    /// The text; none where the bytes are no text, or nothing in it changes.
    pub text: Option<String>,
    /// The findings that were fixed: the rule, and the 1-based line at the time.
    pub applied: Vec<(RuleId, usize)>,
    /// Why there are fixes that were not made: lowercase, no full stop.
    pub refused: Option<String>,
    /// The check of what the text is now.
    pub checked: Checked,
}

/// Makes the fixes of one spec: the safe ones, and with `unsafe_too` those that change what runs.
#[must_use]
pub fn fix(name: &str, bytes: &[u8], files: &dyn Files, wanted: &Wanted, unsafe_too: bool) -> Fixed {
    let before = lint(name, bytes, files, wanted);
    let Ok(old) = std::str::from_utf8(bytes) else {
        return Fixed { text: None, applied: Vec::new(), refused: None, checked: before };
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
        return Fixed {
            text: None,
            applied: Vec::new(),
            refused: Some(why),
            checked: lint(name, bytes, files, wanted),
        };
    }
    Fixed { text: (text != old).then_some(text), applied, refused: None, checked }
}

fn count(checked: &Checked) -> usize {
    checked.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
}

/// The text after one pass and what was fixed in it; none where there was nothing to fix.
fn pass(text: &str, checked: &Checked, unsafe_too: bool) -> Option<(String, Vec<(RuleId, usize)>)> {
    let source = checked.sources.first()?;
    let mut picked: Vec<(&Finding, &[Edit])> = Vec::new();
    for finding in checked.findings.iter().filter(|finding| finding.at.file == SPEC) {
        let Some(fix) = finding.fix.as_ref().filter(|fix| fix.safe || unsafe_too) else { continue };
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

/// One key or scalar of a document, or the bracket around some.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Key(String),
    Scalar(&'static str, String),
    Repeated,
}

/// A text as it was read.
struct Read {
    tokens: Vec<Token>,
    comments: Vec<(Span, String)>,
    faults: usize,
}

fn read(text: &str) -> Read {
    let source = Source::new("", text);
    let parsed = syntax::parse(SPEC, &source, Mode::Spec);
    let mut tokens = Vec::new();
    if let Some(root) = &parsed.root {
        collect(root, &mut tokens);
    }
    let words = |comment: &Comment| (comment.span, source.slice(comment.span).to_owned());
    Read { tokens, comments: parsed.comments.iter().map(words).collect(), faults: parsed.findings.len() }
}

fn collect(node: &Node, tokens: &mut Vec<Token>) {
    match &node.value {
        Value::Map(entries) => {
            tokens.push(Token::Open);
            for entry in entries {
                if entry.via.is_some() {
                    tokens.push(Token::Repeated);
                } else {
                    tokens.push(Token::Key(entry.key.to_string()));
                    collect(&entry.node, tokens);
                }
            }
            tokens.push(Token::Close);
        }
        Value::Seq(items) => {
            tokens.push(Token::Open);
            let mut reached = node.span.start;
            for item in items {
                if item.span.start < reached {
                    tokens.push(Token::Repeated);
                } else {
                    reached = item.span.end;
                    collect(item, tokens);
                }
            }
            tokens.push(Token::Close);
        }
        _ => tokens.push(Token::Scalar(node.kind(), node.text.to_string())),
    }
}

/// Whether the edits changed as many keys and scalars as they name, added a field for each insertion, and left every
/// comment that they do not touch.
fn only(old: &Read, new: &Read, edits: &[Edit]) -> bool {
    if new.faults > old.faults || new.tokens.is_empty() {
        return false;
    }
    let inserted = new.tokens.len().checked_sub(old.tokens.len());
    let insertions = edits.iter().filter(|edit| edit.span.is_empty()).count();
    if inserted.is_none_or(|inserted| inserted > 2 * insertions) {
        return false;
    }
    let (mut changed, mut next) = (0, new.tokens.iter().peekable());
    let mut left = inserted.unwrap_or_default();
    for token in &old.tokens {
        // what is added stands at the end of a mapping
        while left > 0 && *token == Token::Close && matches!(next.peek(), Some(Token::Key(_))) {
            next.next();
            next.next();
            left = left.saturating_sub(2);
        }
        changed += usize::from(next.next() != Some(token));
    }
    let untouched =
        |(span, _): &&(Span, String)| !edits.iter().any(|edit| !edit.span.is_empty() && touch(edit.span, *span));
    let mut words = new.comments.iter().map(|(_, words)| words);
    let kept = old.comments.iter().filter(untouched).all(|(_, old)| words.any(|new| new == old));
    changed <= edits.len() && kept && next.next().is_none() && new.comments.len() <= old.comments.len()
}
