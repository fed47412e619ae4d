//! Decides which fixes are offered: those that change the bytes of one place only. Knows the tree and the text, no rule.
//!
//! A rule sees values, not how they are written. What it would replace is checked here, where the whole text is known.

use crate::inputs::spec::edit;
use crate::support::diagnostic::{Edit, Finding, Fix, SPEC};
use crate::support::source::{FileId, FileSpan, Source, Span};
use crate::syntax::{Node, Value};

/// What reports call standard input.
const STDIN: &str = "<stdin>";
/// A list, a key that each of its mappings must have, and the value to begin with where it is missing.
const BEGIN: (&str, &str, &str) = ("schedule", "timezone", "UTC");

/// Takes back the fixes that cannot be offered, and adds those that only the text makes possible.
///
/// Not offered is what an alias or a merge repeats elsewhere, a change of what runs that would reach from a profile into
/// the base or into another profile, and in a file of another tool what is in the spec's words. Where the worst case of a
/// finding has no such fix, that of an alternate is offered: it fixes the base, and what is left is said the next time.
/// `other` finds the files of other tools.
pub fn judge<'s>(source: &Source, root: &Node, other: &dyn Fn(FileId) -> Option<&'s Source>, findings: &mut [Finding]) {
    begin(source, root, findings);
    if findings.iter().all(|finding| finding.fix.is_none() && finding.alternates.is_empty()) {
        return;
    }
    let mut shared = Vec::new();
    repeated(root, &mut shared);
    shared.sort();
    shared.dedup_by(|next, before| before.contains(*next));
    // no region holds another, so only the last that begins before can hold it
    let last = |span: Span| shared.partition_point(|region| region.start <= span.start).checked_sub(1);
    let own =
        |span: Span| !last(span).and_then(|last| shared.get(last)).is_some_and(|region: &Span| region.contains(span));
    let written = |edit: &Edit| source.text.get(edit.span.start as usize..edit.span.end as usize).is_some();
    let offered = |finding: &mut Finding| {
        let mut fix = *finding.fix.take()?;
        if fix.edits.iter().any(|edit| edit.file_for(finding.at.file) != SPEC) {
            return in_other_files(finding.at.file, fix, other);
        }
        let whole = finding.at.file == SPEC && own(finding.at.span);
        if !whole
            || !fix.edits.iter().all(|edit| own(edit.span) && written(edit))
            || !(fix.safe || layer(root, finding))
        {
            return None;
        }
        fix.edits.iter_mut().for_each(|edit| requote(&source.text, edit));
        if finding.rule == "unknown-field" {
            if fix.edits.iter().any(|edit| !edit.text.is_empty() && has_comment(&source.text, edit)) {
                return None;
            }
            for edit in &mut fix.edits {
                if edit.text.is_empty() { widen(&source.text, edit) } else { indent(&source.text, edit) }
            }
        }
        Some(fix)
    };
    for finding in findings {
        let alternates = finding.rare.if_set().map(|rare| std::mem::take(&mut rare.alternates)).unwrap_or_default();
        let fix = offered(finding).or_else(|| alternates.into_iter().find_map(|mut other| offered(&mut other)));
        finding.fix = fix.map(Box::new);
    }
}

/// A fix of files of other tools: a field that goes, or a value that is in such a file already, in that file's words.
fn in_other_files<'s>(own: FileId, mut fix: Fix, other: &dyn Fn(FileId) -> Option<&'s Source>) -> Option<Fix> {
    // what came over standard input is not a file to fix
    let is_file = |source: &&Source| source.name != STDIN;
    let text_of =
        |file: FileId| other(file).filter(|_| file != SPEC).filter(is_file).map(|source| source.text.as_str());
    let slice = |text: &'s str, span: Span| text.get(span.start as usize..span.end as usize);
    for edit in &mut fix.edits {
        let text = text_of(edit.file_for(own))?;
        let old = slice(text, edit.span)?;
        // what an anchor marks may be used elsewhere
        if old.is_empty() || old.contains(['\n', '$']) || has_anchor(text) {
            return None;
        }
        if !edit.text.is_empty() && is_below_its_key(text, edit.span) {
            return None;
        }
        if let Some(place) = edit.same_as.take() {
            let its = text_of(place.file)?;
            let new = slice(its, place.span)?;
            if is_below_its_key(its, place.span)
                || new.is_empty()
                || new.contains(['\n', '$'])
                || is_bare_number(new) != is_bare_number(old)
            {
                return None;
            }
            new.clone_into(&mut edit.text);
        } else if edit.own_words {
            in_its_quotes(old, edit);
        } else if !edit.text.is_empty() {
            return None;
        }
        if edit.text.is_empty() {
            widen(text, edit);
        }
    }
    Some(fix)
}

/// Whether a value begins on the line below its key, as a block scalar does: quotes would be text there.
fn is_below_its_key(text: &str, span: Span) -> bool {
    let (before, after) = (text.get(..span.start as usize), text.get(span.end as usize..));
    let line = before.and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
    let is_key = after.is_some_and(|after| after.trim_start_matches([' ', '\t']).starts_with(':'));
    line.trim().is_empty() && !is_key
}

fn has_anchor(text: &str) -> bool {
    let begins = |rest: &str| rest.starts_with(|first: char| first.is_alphanumeric() || first == '_');
    let before = |at: usize| text.get(..at).is_some_and(|before| before.ends_with([' ', '\t', '\n', '[', ',']));
    text.match_indices('&').any(|(at, _)| before(at) && text.get(at + 1..).is_some_and(begins))
}

/// Some fields take a number, others only text: what is one stays one.
fn is_bare_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

/// The bytes that are in the document more than once, through an alias or a merge.
fn repeated(node: &Node, found: &mut Vec<Span>) {
    match &node.value {
        Value::Map(entries) => {
            for entry in entries {
                if entry.via.is_some() {
                    found.extend([entry.key_span, entry.node.span]);
                } else {
                    repeated(&entry.node, found);
                }
            }
        }
        Value::Seq(items) => {
            let mut reached = node.span.start;
            for item in items {
                // an alias repeats what is before it
                if item.span.start < reached {
                    found.push(item.span);
                } else {
                    reached = item.span.end;
                    repeated(item, found);
                }
            }
        }
        _ => {}
    }
}

/// Whether all that took part is in the base, or all of it in one profile.
fn layer(root: &Node, finding: &Finding) -> bool {
    let profiles = root.get("profiles").map_or(&[][..], |profiles| profiles.node.entries());
    let of = |place: FileSpan| profiles.iter().position(|profile| profile.node.span.contains(place.span));
    let own = of(finding.at);
    finding.related.iter().all(|related| related.place.file == SPEC && of(related.place) == own)
}

/// A key keeps the quotes it had: between braces they can be all that parts it from its value.
fn requote(text: &str, edit: &mut Edit) {
    let (start, end) = (edit.span.start as usize, edit.span.end as usize);
    let quote = text.get(start..end).and_then(|old| old.chars().next()).filter(|first| matches!(first, '"' | '\''));
    let key = text.get(end..).is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(':'));
    if let (Some(quote), true) = (quote, key && !edit.text.is_empty()) {
        edit.text = format!("{quote}{}{quote}", edit.text);
    }
}

/// What was in quotes is written in them, unless it brings its own.
fn in_its_quotes(old: &str, edit: &mut Edit) {
    let quote = |text: &str| text.chars().next().filter(|first| matches!(first, '"' | '\''));
    if let (Some(quote), None) = (quote(old), quote(&edit.text)) {
        edit.text = format!("{quote}{}{quote}", edit.text);
    }
}

/// An entry that goes takes its line with it, or the comma that parts it from its neighbour.
fn widen(text: &str, edit: &mut Edit) {
    let (start, end) = (edit.span.start as usize, edit.span.end as usize);
    let (Some(before), Some(after)) = (text.get(..start), text.get(end..)) else { return };
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    let rest = after.find('\n').unwrap_or(after.len());
    let alone = before.get(line..).is_some_and(|indent| indent.trim().is_empty());
    if alone && after.get(..rest).is_some_and(|rest| rest.trim().is_empty()) {
        edit.span = Span::new(line, (end + rest + 1).min(text.len()));
        return;
    }
    let tight = before.trim_end_matches([' ', '\t']);
    if tight.ends_with(',') {
        edit.span = Span::new(tight.len() - 1, end);
    } else if let Some(rest) = after.trim_start_matches([' ', '\t']).strip_prefix(',') {
        let rest = rest.trim_start_matches([' ', '\t']);
        edit.span = Span::new(start, text.len() - rest.len());
    }
}

/// Whether what is replaced goes over lines and may hold a comment, which would go with it.
fn has_comment(text: &str, edit: &Edit) -> bool {
    let old = text.get(edit.span.start as usize..edit.span.end as usize).unwrap_or_default();
    old.contains('\n') && old.contains('#')
}

/// Fields on lines of their own are below the first.
fn indent(text: &str, edit: &mut Edit) {
    let before = text.get(..edit.span.start as usize).unwrap_or_default();
    let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1);
    edit.text = edit.text.replace('\n', &format!("\n{}", " ".repeat(column)));
}

/// Offers to begin with a value where a mapping of a list lacks one.
fn begin(source: &Source, root: &Node, findings: &mut [Finding]) {
    let (list, key, value) = BEGIN;
    for finding in findings.iter_mut().filter(|finding| finding.rule == "missing-field" && finding.fix.is_none()) {
        if finding.at.file != SPEC {
            continue;
        }
        let Some(item) = item(root, list, finding.at.span) else { continue };
        // a mapping that lacks more is not fixed by this alone
        let alone = finding.message.matches("no `").count() == 1;
        if item.get(key).is_none() && alone {
            let edits = edit::append(&source.text, item, key, value);
            finding.fix = edits.map(|edits| Box::new(Fix { edits, safe: false }));
        }
    }
}

/// The mapping with these bytes in a list under this key.
fn item<'n>(node: &'n Node, list: &str, span: Span) -> Option<&'n Node> {
    for entry in node.entries().iter().filter(|entry| entry.via.is_none() && entry.node.span.contains(span)) {
        let found = entry.node.items().iter().find(|item| &*entry.key == list && item.span == span);
        if let Some(found) = found.map(|item| &**item).or_else(|| item(&entry.node, list, span)) {
            return Some(found);
        }
    }
    None
}
