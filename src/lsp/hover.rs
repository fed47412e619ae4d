//! Hover: what a field means, its value in the base and each profile with its place, and the sums that it takes part in.

use super::cursor::PathStep;
use super::document::{OpenDocument, Readable};
use super::effective;
use super::names::{self, NameKind};
use super::position::{self, Encoding};
use super::schema_at;
use crate::check::rules;
use crate::inputs::spec::schema::sample;
use crate::report::summary;
use crate::support::pointer;
use crate::support::source::{Source, Span};
use crate::syntax::Paths;
use gen_lsp_types::{Contents, Hover, MarkupContent, MarkupKind};
use std::rc::Rc;

/// The most profiles in a table.
const MOST_PROFILES: usize = 12;

/// The hover at a byte offset.
pub(super) fn hover(document: &mut OpenDocument, offset: u32, encoding: Encoding) -> Option<Hover> {
    if let Some((span, page)) = rule(&document.source, offset) {
        return Some(markdown(page.to_owned(), &document.source, span, encoding));
    }
    let readable = document.readable()?;
    let HoverField { path, steps, span } = field(&readable, offset)?;
    let mut parts = Vec::new();
    let at = schema_at::at(&steps);
    parts.push(format!("**`{}`**", title(&path, &steps)));
    // an unknown field has no help
    parts.push(at.description()?.to_owned());
    for (word, meaning) in at.choices() {
        if let Some(meaning) = meaning {
            parts.push(format!("- `{}`: {meaning}", sample::line(word)));
        }
    }
    let merged = merged(&path);
    parts.extend(values(&readable, merged, at.default().map(sample::line)));
    parts.extend(sums(&readable, merged, &path, offset));
    Some(markdown(parts.join("\n\n"), &document.source, span, encoding))
}

fn markdown(value: String, source: &Source, span: Span, encoding: Encoding) -> Hover {
    let contents = Contents::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value });
    Hover { contents, range: Some(position::range(source, span, encoding)) }
}

/// The rule that a comment names at an offset, with its page.
fn rule(source: &Source, offset: u32) -> Option<(Span, &'static str)> {
    let line = source.line_span(source.line_index(offset));
    let text = source.slice(line);
    let comment = text.find('#').filter(|at| text.get(*at..).is_some_and(|rest| rest.contains("scalegen:")))?;
    let at = (offset.saturating_sub(line.start)) as usize;
    let part = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'));
    let start = text.get(..at)?.rfind(part).map_or(0, |before| before + 1);
    let end = text.get(at..)?.find(part).map_or(text.len(), |after| at + after);
    let known = rules::get(text.get(start..end)?).filter(|_| start > comment)?;
    let from = line.start as usize;
    Some((Span::new(from + start, from + end), known.page))
}

/// The field at an offset.
struct HoverField {
    /// Keys and indices from the root.
    path: Vec<String>,
    /// The same path as steps, because a key may look like an index.
    steps: Vec<PathStep>,
    /// The bytes of its key, or of its value on one line.
    span: Span,
}

fn field(readable: &Readable, offset: u32) -> Option<HoverField> {
    let point = Span { start: offset, end: offset };
    let pointer = Paths::new(Rc::clone(&readable.root)).of(point);
    let path: Vec<String> = pointer::keys(&pointer).collect();
    let mut node = &readable.root;
    let mut span = node.span;
    let mut steps = Vec::with_capacity(path.len());
    for key in &path {
        let next = match node.get(key) {
            Some(entry) => {
                steps.push(PathStep::Key(key.clone()));
                span = if entry.node.is_block() || !entry.node.span.contains(point) {
                    entry.key_span
                } else {
                    entry.node.span
                };
                &entry.node
            }
            None => {
                let item = node.items().get(key.parse::<usize>().ok()?)?;
                span = item.span;
                steps.push(PathStep::Item);
                item
            }
        };
        node = next;
    }
    // between two fields of a block there is nothing to show
    let line = |offset: u32| readable.text.get(..offset as usize).map(|head| head.matches('\n').count());
    let here = !node.is_block() || line(span.start) == line(offset) || span.contains(point);
    (!path.is_empty() && here).then_some(HoverField { path, steps, span })
}

fn title(path: &[String], steps: &[PathStep]) -> String {
    let mut title = String::new();
    for (part, step) in path.iter().zip(steps) {
        match step {
            PathStep::Item => title.push_str(&format!("[{part}]")),
            PathStep::Key(_) if title.is_empty() => title.push_str(part),
            PathStep::Key(_) => title.push_str(&format!(".{part}")),
        }
    }
    title
}

/// The path without the profile's part.
fn merged(path: &[String]) -> &[String] {
    match path {
        [first, _, rest @ ..] if first == "profiles" => rest,
        path => path,
    }
}

fn values(readable: &Readable, path: &[String], default: Option<String>) -> Option<String> {
    if path.is_empty() || path.first().is_some_and(|first| ["profiles", "extends"].contains(&first.as_str())) {
        return None;
    }
    // a large mapping is easier to read in the file
    let large = matches!(path, [_] | [_, _]) && path.first().is_some_and(|first| first != "limitResources");
    if large && !["name", "version", "claims"].contains(&path.first()?.as_str()) {
        return None;
    }
    let rows = effective::values(&readable.text, &readable.root, path);
    if rows.len() == 1 && rows.iter().all(|row| row.value.is_some()) {
        // the only value is under the cursor
        return default.map(|default| format!("Default: `{default}`"));
    }
    let cells = rows.into_iter().map(|row| {
        let (value, from) = match (row.value, &default) {
            (Some(value), _) => (format!("`{value}`"), row.from),
            (None, Some(default)) => (format!("`{default}`"), "default".to_owned()),
            (None, None) => ("–".to_owned(), "not written".to_owned()),
        };
        vec![row.profile.unwrap_or_else(|| "base".to_owned()), value, from]
    });
    Some(table(&["", "value", "from"], cells.collect()))
}

/// The sums of the service, backing service or machines at the cursor.
fn sums(readable: &Readable, merged: &[String], path: &[String], offset: u32) -> Option<String> {
    let all = effective::formations(&readable.text);
    let name = |one: &crate::plan::summary::Formation| one.profile.clone().unwrap_or_else(|| "base".to_owned());
    let rows = |row: &dyn Fn(&crate::plan::summary::Formation) -> Option<Vec<String>>| -> Vec<Vec<String>> {
        all.iter().filter_map(|one| Some([vec![name(one)], row(one)?].concat())).collect()
    };
    let occurrences = names::all(&readable.root);
    let named = names::at(&occurrences, offset);
    let backing = match (named, merged) {
        (Some(named), _) if named.kind == NameKind::Backing => Some(named.name.clone()),
        (_, [first, name, ..]) if first == "backingServices" => Some(name.clone()),
        _ => None,
    };
    if let Some(backing) = backing {
        let rows = rows(&|one| effective::pool_row(one, &backing));
        return Some(table(&["", "connections", "reserved", "of", "share"], rows)).filter(|table| !table.is_empty());
    }
    match merged {
        [first, ..] if first == "capacity" => {
            Some(table(&["", "cpu", "memory", "gpu"], rows(&effective::capacity_row))).filter(|table| !table.is_empty())
        }
        [first, service, rest @ ..] if first == "services" && counts(rest) => {
            let heads = ["", "replicas", "slots", "cpu", "memory", "connections"];
            Some(table(&heads, rows(&|one| effective::service_row(one, service)))).filter(|table| !table.is_empty())
        }
        [] if path.len() == 2 => {
            let own: Vec<_> = all.iter().filter(|model| model.profile.as_ref() == path.get(1)).cloned().collect();
            let mut out = Vec::new();
            summary::formations(&own, summary::SummaryForm::Markdown, &mut out).ok()?;
            String::from_utf8(out).ok()
        }
        _ => None,
    }
}

/// Whether a field of a service takes part in its sums.
fn counts(rest: &[String]) -> bool {
    let first = rest.first().map(String::as_str);
    matches!(first, None | Some("replicas" | "concurrency" | "resources" | "connections" | "schedule" | "autoscaling"))
}

/// A Markdown table; empty without rows.
fn table(heads: &[&str], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let left_out = rows.len().saturating_sub(MOST_PROFILES);
    let mut lines =
        vec![line(heads.iter().map(|head| (*head).to_owned()).collect()), format!("|{}", "---|".repeat(heads.len()))];
    let clean = |cell: String| cell.replace('|', "\\|").replace(['\n', '\r'], " ");
    lines.extend(rows.into_iter().take(MOST_PROFILES).map(|row| line(row.into_iter().map(clean).collect())));
    if left_out > 0 {
        lines.push(format!("\nand {left_out} more"));
    }
    lines.join("\n")
}
