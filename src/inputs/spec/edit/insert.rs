//! Where new keys go: behind a mapping's last entry, in the style of the mapping. Knows bytes and nodes, no spec.
//!
//! None means: not here. What is inserted wrongly anyway is caught by the comparison afterwards.

use super::{EditValue, token};
use crate::support::diagnostic::Edit;
use crate::support::source::Span;
use crate::syntax::{self, Entry, Node, Style};

fn insertion(at: usize, text: String) -> Edit {
    Edit::new(Span::new(at, at), text)
}

/// The line end this text uses: that of its first line.
fn line_end_of(text: &str) -> &'static str {
    match text.find(['\n', '\r']) {
        Some(at) if text.get(at..).is_some_and(|rest| rest.starts_with("\r\n")) => "\r\n",
        Some(at) if text.get(at..).is_some_and(|rest| rest.starts_with('\r')) => "\r",
        _ => "\n",
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind(['\n', '\r'])).map_or(0, |end| end + 1)
}

/// The end of the line that holds `at`, its comment included, its line end not.
fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find(['\n', '\r'])).map_or(text.len(), |length| at + length)
}

/// What is before `at` on its line, a byte order mark left out.
fn before(text: &str, at: usize) -> &str {
    text.get(line_start(text, at)..at).unwrap_or_default().trim_start_matches('\u{feff}')
}

/// The indent of a place that only spaces stand before.
fn indent(text: &str, at: usize) -> Option<usize> {
    let before = before(text, at);
    before.bytes().all(|byte| byte == b' ').then_some(before.len())
}

/// By how much this text indents: that of its first nested block mapping.
fn step(text: &str, node: &Node) -> Option<usize> {
    node.entries().iter().filter(|entry| entry.via.is_none()).find_map(|entry| {
        let child = &entry.node;
        let nested = child.style == Style::Block && matches!(child.value, syntax::Value::Map(_));
        let own = nested.then(|| step_below(text, entry)).flatten();
        own.or_else(|| step(text, child))
    })
}

fn step_below(text: &str, entry: &Entry) -> Option<usize> {
    let outer = indent(text, entry.key_span.start as usize)?;
    let inner = indent(text, entry.node.span.start as usize)?;
    inner.checked_sub(outer).filter(|step| *step > 0)
}

/// A value if nothing is behind the key.
pub(super) fn nothing(text: &str, entry: &Entry, flow: bool, value: &str) -> Vec<Edit> {
    let at = entry.node.span.start as usize;
    let key_end = entry.key_span.end as usize;
    let colon = text.get(key_end..at).is_some_and(|between| between.contains(':'));
    // in braces a key can be without its colon
    let edit =
        if flow && !colon { insertion(key_end, format!(": {value}")) } else { insertion(at, format!(" {value}")) };
    vec![edit]
}

/// Keys below one that has no value yet.
pub(super) fn below_nothing(
    text: &str,
    root: &Node,
    entry: &Entry,
    flow: bool,
    path: &[String],
    value: &EditValue,
) -> Option<Vec<Edit>> {
    let span = entry.node.span;
    if flow || !span.is_empty() {
        let inner = format!("{{ {} }}", token::flow(path, value, true));
        if span.is_empty() {
            return Some(nothing(text, entry, flow, &inner));
        }
        return Some(vec![Edit::new(span, inner)]);
    }
    let step = step(text, root).unwrap_or(2);
    let indent = indent(text, entry.key_span.start as usize)? + step;
    let at = line_end(text, span.start as usize);
    Some(vec![insertion(at, token::block(path, value, indent, step, line_end_of(text)))])
}

/// Keys behind the last entry of a block mapping.
pub(super) fn into_block(
    text: &str,
    root: &Node,
    map: &Node,
    above: Option<&Entry>,
    path: &[String],
    value: &EditValue,
) -> Option<Vec<Edit>> {
    let indent = indent(text, map.span.start as usize)?;
    let step = above.and_then(|entry| step_below(text, entry)).or_else(|| step(text, root)).unwrap_or(2);
    let at = line_end(text, map.span.end as usize);
    let end = line_end_of(text);
    let mut lines = token::block(path, value, indent, step, end);
    if above.is_none() && parted(text, map) {
        lines.insert_str(0, end);
    }
    Some(vec![insertion(at, lines)])
}

/// Keys behind the last entry of a block mapping that can begin behind the dash of a list.
pub(super) fn into_item(text: &str, map: &Node, path: &[String], value: &EditValue) -> Option<Vec<Edit>> {
    let before = before(text, map.span.start as usize);
    if !before.bytes().all(|byte| matches!(byte, b' ' | b'-')) {
        return None;
    }
    let at = line_end(text, map.span.end as usize);
    Some(vec![insertion(at, token::block(path, value, before.len(), 2, line_end_of(text)))])
}

/// Whether the entries of the root have empty lines between them.
fn parted(text: &str, root: &Node) -> bool {
    let entries = root.entries();
    entries.iter().zip(entries.iter().skip(1)).any(|(one, next)| {
        let between = text.get(one.node.span.end as usize..next.key_span.start as usize).unwrap_or_default();
        between.lines().skip(1).any(|line| line.trim().is_empty() && !line.is_empty())
            || between.contains("\n\n")
            || between.contains("\n\r\n")
    })
}

/// Keys behind the last entry of a mapping in braces.
pub(super) fn into_flow(text: &str, map: &Node, path: &[String], value: &EditValue) -> Option<Vec<Edit>> {
    let (open, close) = (map.span.start as usize, (map.span.end as usize).checked_sub(1)?);
    // a pair in a list has no braces
    if text.as_bytes().get(open) != Some(&b'{') || text.as_bytes().get(close) != Some(&b'}') {
        return None;
    }
    let inside = text.get(open + 1..close)?;
    if inside.trim().is_empty() {
        let text = format!(" {} ", token::flow(path, value, true));
        return Some(vec![Edit::new(Span::new(open + 1, close), text)]);
    }
    let field = token::flow(path, value, inside.starts_with([' ', '\n', '\r', '\t']));
    let end = map.entries().iter().map(end_of).max()?;
    let comma = comma(text, end, close);
    let last =
        map.entries().iter().filter(|entry| entry.via.is_none()).map(|entry| entry.key_span.start as usize).max();
    let alone = last.map(|last| before(text, last)).filter(|before| {
        let own_line = before.bytes().all(|byte| byte.is_ascii_whitespace());
        own_line && last.is_some_and(|last| line_start(text, last) > open)
    });
    let after = line_end(text, comma.unwrap_or(end));
    Some(match (alone, comma) {
        (Some(lead), Some(_)) if after < close => {
            vec![insertion(after, format!("{}{lead}{field},", line_end_of(text)))]
        }
        (Some(lead), None) if after < close => {
            vec![insertion(end, ",".to_owned()), insertion(after, format!("{}{lead}{field}", line_end_of(text)))]
        }
        (_, Some(comma)) => vec![insertion(comma + 1, format!(" {field},"))],
        (_, None) => vec![insertion(end, format!(", {field}"))],
    })
}

/// Where an entry ends as it is written: what came through an alias or a merge ends with it.
fn end_of(entry: &Entry) -> usize {
    let end = entry.via.map_or_else(|| entry.key_span.end.max(entry.node.span.end), |via| via.end);
    end as usize
}

/// The comma behind the last entry, comments skipped.
fn comma(text: &str, from: usize, to: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < to {
        match bytes.get(at)? {
            b',' => return Some(at),
            b'#' => at = line_end(text, at),
            _ => at += 1,
        }
    }
    None
}
