//! A stream of documents: each is read alone, so that a broken one hides no other. Knows no format.

use super::builder::SharedTexts;
use super::tree::{Comment, Node, Value};
use super::{ParseMode, Parsed, parse_text};
use crate::support::diagnostic::Finding;
use crate::support::source::{FileId, FileSpan, Source, Span};
use std::collections::HashMap;
use std::rc::Rc;

/// The result of reading a stream.
#[derive(Debug, Default)]
pub struct DocumentStream {
    /// Its documents in the order written, without the empty ones.
    pub documents: Vec<StreamDocument>,
    /// All comments, by place.
    pub comments: Vec<Comment>,
    /// The marks `---` with nothing behind them, which some readers take for a document.
    pub empty: Vec<Span>,
}

/// One document of a stream.
#[derive(Debug)]
pub struct StreamDocument {
    /// Its bytes, without the mark before it.
    pub span: Span,
    /// The document; `None` if its reading stopped at a fault.
    pub root: Option<Rc<Node>>,
    /// Its faults, as in [`Parsed`].
    pub findings: Vec<Finding>,
}

/// Reads a file of any number of documents. Every place is one of the whole file.
#[must_use]
pub fn parse_stream(file: FileId, source: &Source, mode: ParseMode) -> DocumentStream {
    let text = source.text.as_str();
    let mut stream = DocumentStream::default();
    let texts = SharedTexts::default();
    for span in documents(text) {
        let piece = source.slice(span);
        let from = span.start as usize;
        let mark = text.get(..from).filter(|before| before.ends_with("---")).map(|_| Span::new(from - 3, from));
        if is_bare(piece) {
            stream.empty.extend(mark);
            continue;
        }
        let mut parsed = parse_text(file, piece, mode, &texts);
        shift(&mut parsed, span.start);
        stream.comments.append(&mut parsed.comments);
        if parsed.root.is_some() || !parsed.findings.is_empty() {
            stream.documents.push(StreamDocument { span, root: parsed.root, findings: parsed.findings });
        } else {
            stream.empty.extend(mark);
        }
    }
    stream
}

/// Whether a piece of a stream holds nothing but blanks, or only directives.
fn is_bare(piece: &str) -> bool {
    let bare = piece.trim_start_matches('\u{feff}').trim_ascii();
    bare.is_empty() || (bare.starts_with('%') && bare.lines().all(|line| line.starts_with('%') || line.is_empty()))
}

/// The bytes between the marks `---` and `...` at the beginnings of lines: no value, in any style, spans a mark.
fn documents(text: &str) -> Vec<Span> {
    let mut all = Vec::new();
    let (mut from, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches('\u{feff}');
        let offset = line.len() - bare.len();
        let mark = bare.strip_prefix("---").or_else(|| bare.strip_prefix("..."));
        if mark.is_some_and(|rest| rest.starts_with([' ', '\t', '\r', '\n']) || rest.is_empty()) {
            all.push(Span::new(from, at));
            from = at + offset + 3;
        }
        at += line.len();
    }
    all.push(Span::new(from, text.len()));
    all
}

/// Shifts every place of a document by this many bytes.
fn shift(parsed: &mut Parsed, by: u32) {
    if by == 0 {
        return;
    }
    if let Some(root) = &mut parsed.root {
        place_nodes(root, |span| moved(span, by));
    }
    for comment in &mut parsed.comments {
        comment.span = moved(comment.span, by);
    }
    for finding in &mut parsed.findings {
        finding.at = moved_place(finding.at, by);
        for related in &mut finding.related {
            related.place = moved_place(related.place, by);
        }
        for edit in finding.fix.iter_mut().flat_map(|fix| &mut fix.edits) {
            edit.span = moved(edit.span, by);
        }
        if let Some(secret) = finding.rare.if_set().and_then(|rare| rare.secret.as_mut()) {
            *secret = moved(*secret, by);
        }
    }
}

/// Gives every key and value of a document another place.
pub(super) fn place_nodes(root: &mut Rc<Node>, to: impl Fn(Span) -> Span + Copy) {
    place_node(root, to, &mut HashMap::new());
}

pub(super) fn moved(span: Span, by: u32) -> Span {
    Span { start: span.start.saturating_add(by), end: span.end.saturating_add(by) }
}

fn moved_place(place: FileSpan, by: u32) -> FileSpan {
    FileSpan { span: moved(place.span, by), ..place }
}

/// Nodes that were shared: the original, kept so that no other takes its address, and its moved copy.
type SharedNodes = HashMap<*const Node, (Rc<Node>, Rc<Node>)>;

/// Nodes that several aliases share stay shared.
fn place_node(node: &mut Rc<Node>, to: impl Fn(Span) -> Span + Copy, shared: &mut SharedNodes) {
    if let Some(own) = Rc::get_mut(node) {
        return place_value(own, to, shared);
    }
    if let Some((_, known)) = shared.get(&Rc::as_ptr(node)) {
        *node = Rc::clone(known);
        return;
    }
    let mut own = Node::clone(node);
    place_value(&mut own, to, shared);
    let own = Rc::new(own);
    let old = std::mem::replace(node, Rc::clone(&own));
    shared.insert(Rc::as_ptr(&old), (old, own));
}

fn place_value(node: &mut Node, to: impl Fn(Span) -> Span + Copy, shared: &mut SharedNodes) {
    node.span = to(node.span);
    match &mut node.value {
        Value::Seq(items) => items.iter_mut().for_each(|item| place_node(item, to, shared)),
        Value::Map(entries) => {
            for entry in entries {
                entry.key_span = to(entry.key_span);
                entry.via = entry.via.map(to);
                place_node(&mut entry.node, to, shared);
            }
        }
        _ => {}
    }
}
