//! The outline of a document: its symbols and what can be folded.

use super::document::OpenDocument;
use super::names::{self, NameKind};
use super::position::{self, Encoding};
use crate::support::source::{Source, Span};
use crate::syntax::{Entry, Node, Style, Value};
use gen_lsp_types::{DocumentSymbol, FoldingRange, FoldingRangeKind, SymbolKind};

/// How deep the outline goes: a service's fields are in it, their parts are not.
const DEEPEST: usize = 5;

/// The symbols of a document, as a tree.
pub(super) fn symbols(document: &mut OpenDocument, encoding: Encoding) -> Vec<DocumentSymbol> {
    let Some(readable) = document.readable() else { return Vec::new() };
    level(&readable.root, &document.source, encoding, &mut Vec::new())
}

fn level<'n>(node: &'n Node, source: &Source, encoding: Encoding, path: &mut Vec<&'n str>) -> Vec<DocumentSymbol> {
    if path.len() >= DEEPEST {
        return Vec::new();
    }
    let entries = node.entries().iter().filter(|entry| entry.via.is_none());
    let symbol = |entry: &'n Entry| {
        path.push(&entry.key);
        let kind = kind(entry, path);
        let children = level(&entry.node, source, encoding, path);
        path.pop();
        let whole = Span { end: entry.node.span.end.max(entry.key_span.end), ..entry.key_span };
        #[allow(deprecated, reason = "the type has no other way to be built")]
        DocumentSymbol {
            name: if entry.key.is_empty() { "\"\"".to_owned() } else { entry.key.to_string() },
            detail: detail(&entry.node),
            kind,
            tags: None,
            deprecated: None,
            // an aliased value is elsewhere
            range: position::range(
                source,
                if entry.node.span.start < entry.key_span.start { entry.key_span } else { whole },
                encoding,
            ),
            selection_range: position::range(source, entry.key_span, encoding),
            children: (!children.is_empty()).then_some(children),
        }
    };
    entries.map(symbol).collect()
}

fn detail(node: &Node) -> Option<String> {
    match node.value {
        Value::Map(_) | Value::Seq(_) | Value::Null | Value::Unknown => None,
        _ => node.text.lines().next().map(|line| line.chars().take(60).collect()),
    }
}

fn kind(entry: &Entry, path: &[&str]) -> SymbolKind {
    match names::kind_at(path, true) {
        Some(NameKind::Service) => SymbolKind::Class,
        Some(NameKind::Backing) => SymbolKind::Interface,
        Some(NameKind::Profile) => SymbolKind::Namespace,
        Some(NameKind::Row) => SymbolKind::Struct,
        None => match entry.node.value {
            Value::Map(_) => SymbolKind::Object,
            Value::Seq(_) => SymbolKind::Array,
            Value::Bool(_) => SymbolKind::Boolean,
            Value::Int(_) | Value::Float(_) => SymbolKind::Number,
            Value::Str => SymbolKind::String,
            Value::Null | Value::Unknown => SymbolKind::Null,
        },
    }
}

/// Blocks over several lines, and runs of comment lines.
pub(super) fn folds(document: &mut OpenDocument) -> Vec<FoldingRange> {
    let source = &document.source;
    let mut found = comments(source);
    let Some(readable) = document.readable() else { return found };
    fold(&readable.root, &document.source, &mut found);
    found.sort_by_key(|fold| (fold.start_line, fold.end_line));
    found.dedup_by_key(|fold| fold.start_line);
    found
}

fn fold(node: &Node, source: &Source, found: &mut Vec<FoldingRange>) {
    for entry in node.entries().iter().filter(|entry| entry.via.is_none()) {
        if entry.node.span.start >= entry.key_span.start {
            lines(entry.key_span.start, entry.node.span.end, None, source, found);
            fold(&entry.node, source, found);
        }
    }
    let mut reached = node.span.start;
    for item in node.items() {
        // an alias repeats what is before it
        if item.span.start >= reached {
            reached = item.span.end;
            if item.style == Style::Block {
                lines(item.span.start, item.span.end, None, source, found);
            }
            fold(item, source, found);
        }
    }
}

fn lines(start: u32, end: u32, kind: Option<FoldingRangeKind>, source: &Source, found: &mut Vec<FoldingRange>) {
    let (first, mut last) = (source.line_index(start), source.line_index(end));
    // a block scalar may end at the start of the next line
    while last > first
        && source.slice(Span { end: end.min(source.line_span(last).end), ..source.line_span(last) }).trim().is_empty()
    {
        last -= 1;
    }
    let number = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
    if last > first {
        let (start_line, end_line) = (number(first), number(last));
        found.push(FoldingRange {
            start_line,
            start_character: None,
            end_line,
            end_character: None,
            kind,
            collapsed_text: None,
        });
    }
}

fn comments(source: &Source) -> Vec<FoldingRange> {
    let mut found = Vec::new();
    let mut first: Option<usize> = None;
    for index in 0..=source.line_count() {
        let comment =
            index < source.line_count() && source.slice(source.line_span(index)).trim_start().starts_with('#');
        match (first, comment) {
            (None, true) => first = Some(index),
            (Some(begin), false) => {
                let (start, end) = (source.line_span(begin).start, source.line_span(index.saturating_sub(1)).end);
                lines(start, end, Some(FoldingRangeKind::Comment), source, &mut found);
                first = None;
            }
            _ => {}
        }
    }
    found
}
