//! Words of compose, Kubernetes and Helm that people write in a spec, and what to write for them. Knows places and words, no
//! validator.
//!
//! Rows are in [`table`]. [`convert`] computes the new value. A word is looked up only if it is not a field.

pub mod convert;
pub(super) mod forms;
mod sentences;
pub mod table;
pub mod word_row;

use crate::support::diagnostic::{Edit, Finding, Severity};
use crate::support::suggest;
use crate::syntax::{Entry, Node, Style};
use convert::{braces, fields_of};
use word_row::{To, WordAnswer, WordRow, WrittenField};

/// Whether a JSON pointer leads to a place of the table: `services/*/resources`, where `*` is any name or number.
pub(super) fn leads_to(pointer: &str, place: &str) -> bool {
    let mut keys = pointer.split('/').skip(1);
    let mut parts = place.split('/').filter(|part| !part.is_empty());
    loop {
        match (keys.next(), parts.next()) {
            (None, None) => return true,
            (Some(key), Some(part)) if part == "*" || part == key => {}
            _ => return false,
        }
    }
}

/// The row for a word that is in the mapping at this place, and its value.
pub(super) fn row(pointer: &str, word: &str, value: &Node) -> Option<&'static WordRow> {
    table::rows().find(|row| row.words.contains(&word) && leads_to(pointer, row.at) && (row.fits)(value))
}

/// The row for a word that differs from one of the table only in how its parts are joined.
pub(super) fn row_of_same_word(pointer: &str, word: &str, value: &Node) -> Option<&'static WordRow> {
    let is_same = |row: &&WordRow| row.words.iter().any(|known| suggest::is_same_word(known, word));
    table::rows().filter(|row| leads_to(pointer, row.at) && (row.fits)(value)).find(is_same)
}

/// One word that is in a mapping, with its row.
pub(super) struct ForeignWord<'t> {
    pub entry: &'t Entry,
    pub row: &'static WordRow,
}

impl ForeignWord<'_> {
    /// The fields of ours that it stands for, by their first key.
    pub(super) fn roots(&self) -> Vec<String> {
        let first = |field: WrittenField| field.path.split('.').next().unwrap_or_default().to_owned();
        match self.row.root() {
            Some(root) => vec![root.to_owned()],
            None => fields_of(self.row, &self.entry.node).into_iter().flatten().map(first).collect(),
        }
    }
}

/// The mapping that takes the fields of a row: how many levels up, and its node.
pub(super) struct Owner<'t> {
    pub node: &'t Node,
    pub name: String,
}

/// One finding for all words of a mapping that become parts of one field.
///
/// `owner` takes the fields, `place` is the mapping that holds the words.
pub(super) fn finding(
    words: &[ForeignWord<'_>],
    owner: &Owner<'_>,
    place: &Owner<'_>,
    rule: &'static str,
) -> Option<Finding> {
    let (first, rest) = words.split_first()?;
    let message = message(words, &place.name);
    let finding = Finding::new(rule, Severity::Error, first.entry.at().key(), message);
    let finding =
        rest.iter().fold(finding, |finding, word| finding.label(word.entry.at().key(), "it goes to the same field"));
    match first.row.answer {
        WordAnswer::Remove(why) => {
            let finding = finding.help(format!("remove it: {why}"));
            let alone = rest.is_empty() && first.entry.via.is_none();
            Some(if alone { finding.fixes(vec![removal(first.entry)], false) } else { finding })
        }
        WordAnswer::Instead(what) => Some(finding.help(what)),
        WordAnswer::Told(tell) => {
            let entries: Vec<&Entry> = words.iter().map(|word| word.entry).collect();
            Some(match tell(&entries, place.node) {
                Some(help) => finding.help(help),
                None => finding,
            })
        }
        WordAnswer::Fields { sure, note, .. } => {
            let converted: Vec<Option<Vec<WrittenField>>> =
                words.iter().map(|word| fields_of(word.row, &word.entry.node)).collect();
            let Some(all) = converted.into_iter().collect::<Option<Vec<_>>>() else {
                let example = table::example(first.row)?;
                return Some(finding.help(format!("write it like `{}`{note}", braces(&example))));
            };
            Some(merged(finding, words, owner, &all.concat(), (sure, note)))
        }
    }
}

fn message(words: &[ForeignWord<'_>], place: &str) -> String {
    let names: Vec<String> = words.iter().map(|word| format!("`{}`", word.entry.key.escape_debug())).collect();
    let owner = if place.is_empty() { String::new() } else { format!(" in `{place}`") };
    let fields = if names.len() == 1 { "field" } else { "fields" };
    let tool = words.first().map_or("", |word| word.row.tool);
    let of = match tool {
        "" => String::new(),
        tool if names.len() == 1 => format!(": a word of {tool}"),
        tool => format!(": words of {tool}"),
    };
    format!("unknown {fields} {}{owner}{of}", names.join(", "))
}

/// One finding for keys with dots, as `replicas.min`: the first part is a field, and dots do not nest.
pub(super) fn dotted(entries: &[&Entry], owner: &Owner<'_>, rule: &'static str) -> Option<Finding> {
    let (first, rest) = entries.split_first()?;
    let names: Vec<String> = entries.iter().map(|entry| format!("`{}`", entry.key.escape_debug())).collect();
    let of = if owner.name.is_empty() { String::new() } else { format!(" in `{}`", owner.name) };
    let s = if rest.is_empty() { "" } else { "s" };
    let message = format!("unknown field{s} {}{of}: a dot does not nest", names.join(", "));
    let fields: Option<Vec<WrittenField>> = entries
        .iter()
        .map(|entry| Some(WrittenField { path: entry.key.to_string(), text: convert::flow(&entry.node)? }))
        .collect();
    let finding = Finding::new(rule, Severity::Error, first.at().key(), message);
    let finding = rest.iter().fold(finding, |finding, entry| finding.label(entry.at().key(), "of the same field"));
    let root = first.key.split('.').next().unwrap_or_default();
    let Some(fields) = fields else {
        return Some(finding.help(format!("write what follows the dot below `{root}:`, indented")));
    };
    let (inside, inner) = descend(owner.node, fields);
    Some(match inside.is_empty() {
        true => finding.help(format!("write `{}`", braces(&inner))),
        false => finding.help(format!("write `{}` in `{inside}`", braces(&inner))),
    })
}

/// The bytes of an entry to delete; code that knows the text widens them to the line or the comma.
pub(super) fn removal(entry: &Entry) -> Edit {
    Edit::new(whole(entry), "")
}

fn whole(entry: &Entry) -> crate::support::source::Span {
    let end = entry.node.span.end.max(entry.key_span.end);
    crate::support::source::Span::new(entry.key_span.start as usize, end as usize)
}

/// Says where the fields go: into an existing mapping, else as a new field, which a program can write.
fn merged(
    finding: Finding,
    words: &[ForeignWord<'_>],
    owner: &Owner<'_>,
    fields: &[WrittenField],
    (sure, note): (bool, &str),
) -> Finding {
    let is_first = |(index, field): &(usize, &WrittenField)| !fields.iter().take(*index).any(|other| other == *field);
    let mut fields: Vec<WrittenField> =
        fields.iter().enumerate().filter(is_first).map(|(_, field)| field.clone()).collect();
    // between both ends of a range, the number to begin with is the autoscaler's
    if ["replicas.min", "replicas.max"].iter().all(|end| fields.iter().any(|field| field.path == *end)) {
        fields.retain(|field| field.path != "replicas");
    }
    let fields = fields.as_slice();
    if let Some((one, other)) = clash(fields) {
        let [one, other] = [one, other].map(|field| braces(std::slice::from_ref(field)));
        return finding.help(format!("they say the same: write `{one}` or `{other}`"));
    }
    if let Some(taken) = fields.iter().find(|field| holds(owner.node, &field.path)) {
        return finding.help(format!("remove it: `{}` is written too", taken.path));
    }
    let note = if words.len() == 1 || !sure { note } else { "" };
    let above = words.iter().any(|word| word.row.is_above());
    let place = if above { format!(" in `{}`", owner.name) } else { String::new() };
    let mut roots: Vec<&str> = fields.iter().filter_map(|field| field.path.split('.').next()).collect();
    roots.dedup();
    let of = |root: &str| -> Vec<WrittenField> {
        fields.iter().filter(|field| field.path.split('.').next() == Some(root)).cloned().collect()
    };
    let phrase = |root: &&str| match owner.node.get(root) {
        Some(_) => {
            let (inside, inner) = descend(owner.node, of(root));
            format!("`{}` in `{inside}`", braces(&inner))
        }
        None => format!("`{}`{place}", braces(&of(root))),
    };
    let phrases: Vec<String> = roots.iter().map(phrase).collect();
    let finding = finding.help(format!("write {}{note}", phrases.join(" and ")));
    let is_written = roots.iter().any(|root| owner.node.get(root).is_some());
    if !sure || above || is_written || words.iter().any(|word| word.entry.via.is_some()) {
        return finding;
    }
    if let Some(edit) = renamed(words) {
        return finding.fixes(vec![edit], false);
    }
    if roots.len() > 1 && words.len() > 1 {
        return finding;
    }
    // the first becomes the whole field, the others are deleted; several fields are on lines of their own, or separated by commas
    let mut edits: Vec<Edit> = words.iter().map(|word| removal(word.entry)).collect();
    let between = if owner.node.style == Style::Block { "\n" } else { ", " };
    if let Some(first) = edits.first_mut() {
        first.text = roots.iter().map(|root| braces(&of(root))).collect::<Vec<_>>().join(between);
    }
    finding.fixes(edits, false)
}

/// A word whose value stays as written: only the key changes.
fn renamed(words: &[ForeignWord<'_>]) -> Option<Edit> {
    let [ForeignWord { entry, row }] = words else { return None };
    let WordAnswer::Fields { to: To::Same(field), .. } = row.answer else { return None };
    let is_plain = !field.contains('.') && entry.node.tag.is_none();
    is_plain.then(|| Edit::new(entry.key_span, field))
}

/// Two fields that cannot both be written: the same one with two values, or one that would hold the other.
fn clash(fields: &[WrittenField]) -> Option<(&WrittenField, &WrittenField)> {
    let holds = |one: &WrittenField, other: &WrittenField| {
        other.path.strip_prefix(&*one.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let mut pairs =
        fields.iter().enumerate().flat_map(|(index, one)| fields.iter().skip(index + 1).map(move |other| (one, other)));
    pairs.find(|(one, other)| holds(one, other) || holds(other, one))
}

/// Whether a field is already written.
fn holds(node: &Node, path: &str) -> bool {
    let mut node = node;
    for key in path.split('.') {
        let Some(entry) = node.get(key) else { return false };
        node = &entry.node;
    }
    true
}

/// Follows existing mappings as far down as they go: returns the last one, and the rest of the fields' path.
fn descend(owner: &Node, mut fields: Vec<WrittenField>) -> (String, Vec<WrittenField>) {
    let mut inside: Vec<String> = Vec::new();
    let mut node = Some(owner);
    loop {
        let next = fields.first().and_then(|field| field.path.split_once('.')).map(|(key, _)| key.to_owned());
        let Some(key) = next else { break };
        let below = node.and_then(|node| node.get(&key)).map(|entry| &*entry.node);
        let prefix = format!("{key}.");
        if below.is_none() || !fields.iter().all(|field| field.path.starts_with(&prefix)) {
            break;
        }
        for field in &mut fields {
            field.path = field.path.split_off(prefix.len());
        }
        inside.push(key);
        node = below;
    }
    (inside.join("."), fields)
}
