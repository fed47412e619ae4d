//! Reads TOML into the same tree that specs have, every key and value with its bytes. Knows no setting.
//!
//! The bytes of a table are those of its header, so places below it are not inside them: `path` looks for them by name.

use crate::check::rules;
use crate::support::diagnostic::Finding;
use crate::support::pointer;
use crate::support::source::{FileId, FileSpan, Source, Span};
use crate::syntax::{Entry, MAX_DEPTH, Node, Style, Value, no_text};
use std::rc::Rc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The file a settings text is alone in.
const FILE: FileId = FileId(0);

/// Reads a text. Where it is not TOML the tree has what could be read before and after the fault.
pub(super) fn parse(source: &Source) -> (Rc<Node>, Vec<Finding>) {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    let mut found = Vec::new();
    for error in errors {
        let span = error.span().map_or(Span::new(0, 0), |span| Span::new(span.start, span.end));
        found.push((span, error.message().to_owned()));
    }
    let mut deep = None;
    let root = Node {
        file: FILE,
        span: Span::new(0, source.text.len()),
        value: Value::Map(entries(table.get_ref(), source, 1, &mut deep)),
        text: no_text(),
        style: Style::Block,
        tag: None,
        weight: 1,
    };
    found.extend(deep.map(|span| (span, format!("tables are nested more than {MAX_DEPTH} deep"))));
    found.sort();
    // findings after the first fault often only follow from it
    let mut findings: Vec<Finding> = Vec::new();
    for (span, message) in found {
        if findings.is_empty() || message == "duplicate key" {
            let place = FileSpan { file: FILE, span };
            let help = "the form is TOML: `key = \"value\"`, `[table]`, `[[list of tables]]`";
            let finding = rules::finding("toml-syntax", place, message.clone());
            findings.push(if message == "duplicate key" { finding.help("remove one") } else { finding.help(help) });
        }
    }
    (Rc::new(root), findings)
}

fn entries(table: &DeTable<'_>, source: &Source, depth: usize, deep: &mut Option<Span>) -> Vec<Entry> {
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let key_span = Span::new(key.span().start, key.span().end);
        let key: &std::borrow::Cow<'_, str> = key.get_ref();
        Entry {
            key: Rc::from(&**key),
            key_span,
            file: FILE,
            node: Rc::new(node(value, source, depth, deep)),
            via: None,
        }
    };
    table.iter().map(entry).collect()
}

fn node(value: &Spanned<DeValue<'_>>, source: &Source, depth: usize, deep: &mut Option<Span>) -> Node {
    let span = Span::new(value.span().start, value.span().end);
    let written = source.slice(span);
    let nested = matches!(value.get_ref(), DeValue::Array(_) | DeValue::Table(_));
    if nested && depth >= MAX_DEPTH {
        deep.get_or_insert(span);
        let (value, text) = (Value::Null, no_text());
        return Node { file: FILE, span, value, text, style: Style::Plain, tag: None, weight: 1 };
    }
    let plain = |value: Value| (value, Rc::from(written), Style::Plain);
    // a list of tables has no bytes of its own: they are its tables'
    let list = written.starts_with("[[") && matches!(value.get_ref(), DeValue::Array(_));
    let span = if list { Span { end: span.start, ..span } } else { span };
    let (value, text, style) = match value.get_ref() {
        DeValue::String(text) => (Value::Str, Rc::from(&**text), Style::Quoted),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix());
            plain(number.map_or(Value::Float(f64::INFINITY), Value::Int))
        }
        DeValue::Float(number) => plain(Value::Float(number.as_str().parse().unwrap_or(f64::NAN))),
        DeValue::Boolean(flag) => plain(Value::Bool(*flag)),
        // a day may be with or without quotes
        DeValue::Datetime(_) => plain(Value::Str),
        DeValue::Array(items) => {
            let style = if list { Style::Block } else { Style::Flow };
            let items = items.iter().map(|item| Rc::new(node(item, source, depth + 1, deep))).collect();
            (Value::Seq(items), no_text(), style)
        }
        DeValue::Table(table) => {
            let style = if written.starts_with('{') { Style::Flow } else { Style::Block };
            (Value::Map(entries(table, source, depth + 1, deep)), no_text(), style)
        }
    };
    Node { file: FILE, span, value, text, style, tag: None, weight: 1 }
}

/// The RFC 6901 path of the deepest value whose key or bytes hold a span.
pub(super) fn path(root: &Node, span: Span) -> String {
    fn deepest(node: &Node, span: Span, path: &str) -> Option<(usize, String)> {
        let mut best: Option<(usize, String)> = None;
        let mut take = |name: &str, holds: bool, child: &Node| {
            let path = format!("{path}/{}", pointer::part(name));
            let below = deepest(child, span, &path).map(|(depth, path)| (depth + 1, path));
            let found = below.or_else(|| holds.then_some((1, path)));
            if found.as_ref().map(|(depth, _)| *depth) > best.as_ref().map(|(depth, _)| *depth) {
                best = found;
            }
        };
        for entry in node.entries() {
            let holds = entry.key_span.contains(span) || entry.node.span.contains(span);
            take(&entry.key, holds, &entry.node);
        }
        for (index, item) in node.items().iter().enumerate() {
            take(&index.to_string(), item.span.contains(span), item);
        }
        best
    }
    deepest(root, span, "").map(|(_, path)| path).unwrap_or_default()
}
