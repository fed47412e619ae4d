//! Completion: the fields, words and names that are valid at the cursor.

use super::cursor::{self, Cursor, CursorRole, PathStep};
use super::document::OpenDocument;
use super::names::{self, NameKind, Occurrence};
use super::position::{self, Encoding};
use super::schema_at::{self, SchemasAt};
use crate::check::rules;
use crate::inputs::spec::schema::sample;
use crate::support::source::Span;
use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, Documentation, InsertTextMode, MarkupContent,
    MarkupKind, TextEdit,
};

/// Whether completion makes sense after a character that was just typed. Blanks and dashes are typed in many places where
/// nobody expects it.
pub(super) fn expected(document: &OpenDocument, offset: u32, typed: &str) -> bool {
    let head = document.source.text.get(..offset as usize).unwrap_or_default();
    let before = head.strip_suffix(typed).unwrap_or(head).trim_end_matches(' ');
    let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    match typed {
        " " => line.ends_with([':', '-', ',', '{', '[']) || line.ends_with("allow"),
        "-" => line.trim().is_empty(),
        _ => true,
    }
}

/// The completions at a byte offset.
pub(super) fn items(document: &mut OpenDocument, offset: u32, encoding: Encoding) -> Vec<CompletionItem> {
    let readable = document.readable();
    let names = readable.as_ref().map(|readable| names::all(&readable.root)).unwrap_or_default();
    let text = &document.source.text;
    let at = (offset as usize).min(text.len());
    let cursor = cursor::at(text, at);
    let rest = text.get(at..).unwrap_or_default();
    let more = rest.len() - rest.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_')).len();
    let start = cursor.start.min(at);
    let offers = Offers {
        names: &names,
        glued: start > 0 && text.as_bytes().get(start - 1) == Some(&b':'),
        colon: text.get(at + more..).is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(':')),
        newline: if text.contains("\r\n") { "\r\n" } else { "\n" },
        cursor: &cursor,
    };
    let span = Span::new(start, at + more);
    let range = position::range(&document.source, span, encoding);
    let edit = |mut item: CompletionItem| {
        let new_text = item.insert_text.take().unwrap_or_else(|| item.label.clone());
        item.text_edit = Some(CompletionItemTextEdit::TextEdit(TextEdit { range, new_text }));
        item.insert_text_mode = Some(InsertTextMode::AsIs);
        item
    };
    let mut items: Vec<CompletionItem> = offers.all(text, at).into_iter().map(edit).collect();
    for (index, item) in items.iter_mut().enumerate() {
        item.sort_text = Some(format!("{index:04}"));
    }
    items
}

struct Offers<'a> {
    names: &'a [Occurrence],
    cursor: &'a Cursor,
    /// Whether the value would be directly behind its colon.
    glued: bool,
    /// Whether a colon follows the word already.
    colon: bool,
    newline: &'static str,
}

impl Offers<'_> {
    fn all(&self, text: &str, at: usize) -> Vec<CompletionItem> {
        match self.cursor.role {
            CursorRole::Comment => allowed(text.get(..at).unwrap_or_default()),
            CursorRole::Key => self.keys(),
            CursorRole::Value => self.values(),
            CursorRole::Either => [self.keys(), self.values()].concat(),
        }
    }

    /// The keys around the cursor; an item of a list is `-`.
    fn path(&self) -> Vec<&str> {
        let steps = self.cursor.path.iter();
        steps.map(|step| if let PathStep::Key(key) = step { key.as_str() } else { "-" }).collect()
    }

    fn keys(&self) -> Vec<CompletionItem> {
        let here = schema_at::at(&self.cursor.path);
        let fresh = |name: &str| !self.cursor.siblings.iter().any(|old| old == name);
        let mut items = Vec::new();
        let mut path = self.path();
        path.push("*");
        if let Some(kind) = names::kind_at(&path, true) {
            let below = schema_at::at(&[&self.cursor.path[..], &[PathStep::Key(String::new())]].concat());
            for name in names::defined(self.names, kind).into_iter().filter(|name| fresh(name)) {
                items.push(self.key(name, &below, CompletionItemKind::Reference, kind.word()));
            }
        }
        for field in here.fields().into_iter().filter(|field| fresh(field.name)) {
            items.push(self.key(field.name, &field.at, CompletionItemKind::Field, "field"));
        }
        items
    }

    fn key(&self, name: &str, at: &SchemasAt, kind: CompletionItemKind, detail: &str) -> CompletionItem {
        let mapping = at.allows_type("object")
            && !["string", "integer", "number", "boolean"].iter().any(|scalar| at.allows_type(scalar));
        let insert = if self.colon {
            name.to_owned()
        } else if mapping && !self.cursor.flow {
            format!("{name}:{}{}", self.newline, " ".repeat(self.cursor.indent + 2))
        } else {
            format!("{name}: ")
        };
        CompletionItem {
            label: name.to_owned(),
            kind: Some(kind),
            detail: Some(detail.to_owned()),
            documentation: documentation(at),
            insert_text: Some(insert),
            ..CompletionItem::default()
        }
    }

    fn values(&self) -> Vec<CompletionItem> {
        let here = schema_at::at(&self.cursor.path);
        let mut items = Vec::new();
        let value = |label: String, kind, detail: Option<String>| CompletionItem {
            insert_text: self.glued.then(|| format!(" {label}")),
            label,
            kind: Some(kind),
            detail,
            ..CompletionItem::default()
        };
        if let Some(kind) = names::kind_at(&self.path(), false) {
            let own = match (kind, self.path().as_slice()) {
                (NameKind::Profile, ["profiles", own, ..]) => Some((*own).to_owned()),
                _ => None,
            };
            let others = names::defined(self.names, kind).into_iter().filter(|name| Some(*name) != own.as_deref());
            items.extend(
                others.map(|name| value(name.to_owned(), CompletionItemKind::Reference, Some(kind.word().to_owned()))),
            );
            return items;
        }
        for (word, meaning) in here.choices() {
            items.push(value(sample::line(word), CompletionItemKind::EnumMember, meaning.map(str::to_owned)));
        }
        if here.allows_type("boolean") {
            items.extend(["true", "false"].map(|word| value(word.to_owned(), CompletionItemKind::Value, None)));
        }
        let default = here.default().map(|default| (default, "default"));
        let samples = default.into_iter().chain(here.examples().map(|example| (example, "example")));
        for (json, detail) in samples.filter(|(json, _)| !json.is_object()) {
            let label = sample::line(json);
            if items.iter().all(|item: &CompletionItem| item.label != label) {
                items.push(value(label, CompletionItemKind::Value, Some(detail.to_owned())));
            }
        }
        items
    }
}

/// In a comment: the syntax that allows a finding, and the rules that may be named.
fn allowed(head: &str) -> Vec<CompletionItem> {
    let line = head.rsplit(['\n', '\r']).next().unwrap_or_default();
    let Some((_, comment)) = line.rsplit_once('#') else { return Vec::new() };
    if !comment.contains("scalegen:") {
        // a comment about something else
        if !"scalegen: allow".starts_with(comment.trim()) {
            return Vec::new();
        }
        let label = "scalegen: allow ".to_owned();
        let detail = Some("allows a finding on this line, or on the line below".to_owned());
        return vec![CompletionItem { label, detail, kind: Some(CompletionItemKind::Keyword), ..Default::default() }];
    }
    let item = |rule: &rules::Rule| CompletionItem {
        label: rule.meta.id.to_owned(),
        kind: Some(CompletionItemKind::Constant),
        detail: Some(rule.summary().to_owned()),
        ..CompletionItem::default()
    };
    rules::ALL.iter().filter(|rule| rule.meta.suppressible).map(item).collect()
}

fn documentation(at: &SchemasAt) -> Option<Documentation> {
    let mut value = at.description()?.to_owned();
    if let Some(default) = at.default() {
        value.push_str(&format!("\n\nDefault: `{}`", sample::line(default)));
    }
    Some(Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value }))
}
