//! Renaming a service or a backing service wherever the spec names it. The result is read again before it is offered.

use super::document::OpenDocument;
use super::names::{self, NameKind, Occurrence};
use crate::inputs::spec::edit;
use crate::model::is_plain_name;
use crate::support::diagnostic::Edit;
use crate::support::source::Span;
use crate::syntax;

/// The name at an offset that can be renamed, with its bytes.
pub(super) fn prepare(document: &mut OpenDocument, offset: u32) -> Result<(Span, String), String> {
    let (_, all) = read(document)?;
    let occurrence = renamable(&all, offset)?;
    Ok((occurrence.span, occurrence.name.clone()))
}

/// The edits that give a new name.
///
/// # Errors
/// Why it cannot be done, for a person.
pub(super) fn rename(document: &mut OpenDocument, offset: u32, new: &str) -> Result<Vec<Edit>, String> {
    let (text, all) = read(document)?;
    let occurrence = renamable(&all, offset)?;
    if new == occurrence.name {
        return Ok(Vec::new());
    }
    if !is_plain_name(new) {
        let why = "write letters, digits, `-`, `_` and `.`, a letter or digit first, at most 63";
        return Err(format!("`{}` is not a name: {why}", new.escape_debug()));
    }
    if let Some(kind) = misread(new) {
        return Err(format!("`{new}` would be read as {kind}, not as a name"));
    }
    if let Some(other) = all.iter().find(|other| clashes(other, occurrence, new)) {
        return Err(format!("a {} is called `{new}` already", other.kind.word()));
    }
    let edits: Vec<Edit> = names::references(&all, occurrence)
        .into_iter()
        .map(|reference| Edit::new(reference.span, quoted(&text, reference.span, new)))
        .collect();
    let after = names_of(&edit::apply(&text, &edits)).ok_or("the file cannot be read with the new name")?;
    let renamed = Occurrence { name: new.to_owned(), ..occurrence.clone() };
    if after.len() != all.len() || names::references(&after, &renamed).len() != edits.len() {
        return Err(format!("`{new}` is not allowed in every place of `{}`", occurrence.name));
    }
    Ok(edits)
}

/// The type that YAML readers give a bare name that is not text: `12`, `null`, `yes`.
fn misread(new: &str) -> Option<String> {
    let source = crate::support::source::Source::new("", new);
    let root = syntax::parse(crate::support::diagnostic::SPEC, &source, syntax::ParseMode::Base).root?;
    match root.value {
        syntax::Value::Str => syntax::ambiguous(&root).map(|kind| kind.into_owned()),
        _ => Some(root.kind().to_owned()),
    }
}

fn clashes(other: &Occurrence, one: &Occurrence, new: &str) -> bool {
    // services and backing services end up in one file of a target
    let both = [NameKind::Service, NameKind::Backing];
    other.name == new && (other.kind == one.kind || (both.contains(&other.kind) && both.contains(&one.kind)))
}

fn read(document: &mut OpenDocument) -> Result<(String, Vec<Occurrence>), String> {
    let readable = document.readable().filter(|readable| !readable.broken);
    let readable = readable.ok_or("the YAML is broken: fix it first")?;
    Ok((readable.text.clone(), names::all(&readable.root)))
}

fn renamable(all: &[Occurrence], offset: u32) -> Result<&Occurrence, String> {
    let occurrence = names::at(all, offset).ok_or("only a service or a backing service can be renamed")?;
    match occurrence.kind {
        NameKind::Service | NameKind::Backing => Ok(occurrence),
        kind => Err(format!("a {} cannot be renamed: settings and commands may name it", kind.word())),
    }
}

/// A name in the quotes that it had.
fn quoted(text: &str, span: Span, new: &str) -> String {
    let old = text.get(span.start as usize..span.end as usize).unwrap_or_default();
    match old.chars().next().filter(|first| matches!(first, '"' | '\'')) {
        Some(quote) => format!("{quote}{new}{quote}"),
        None => new.to_owned(),
    }
}

fn names_of(text: &str) -> Option<Vec<Occurrence>> {
    let source = crate::support::source::Source::new("", text);
    let parsed = syntax::parse(crate::support::diagnostic::SPEC, &source, syntax::ParseMode::Spec);
    parsed.root.filter(|_| parsed.findings.is_empty()).map(|root| names::all(&root))
}
