//! The support table of a target's page: the verdict on each field of the spec. Knows the tables' form, no field.

use crate::targets::{ALL, Target};
use std::sync::OnceLock;

/// The verdict on a field in a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The output changes with it.
    Written,
    /// Only rules and plan read it.
    Checked,
    /// The target cannot express it: there is a finding at the field, or above it.
    Lost,
    /// Another target's field. If no target of a run writes or checks it, one finding reports all such fields.
    NotItsSubject,
}

impl Verdict {
    const WORDS: [(&'static str, Verdict); 4] = [
        ("written", Verdict::Written),
        ("checked", Verdict::Checked),
        ("lost", Verdict::Lost),
        ("not its subject", Verdict::NotItsSubject),
    ];

    /// The word in the table.
    #[must_use]
    pub fn word(self) -> &'static str {
        Verdict::WORDS.iter().find(|(_, verdict)| *verdict == self).map_or("", |(word, _)| word)
    }
}

/// One row of a support table.
#[derive(Clone, Copy, Debug)]
pub struct SupportRow {
    /// The field: keys joined by dots, `*` for any name, `[]` after a list.
    pub field: &'static str,
    /// The verdict; `None` if the table's word is none of the four.
    pub verdict: Option<Verdict>,
    /// A note for people.
    pub note: &'static str,
}

impl Target {
    /// The rows of the page's support table, `` | `field` | verdict | note | ``.
    pub fn support(&self) -> impl Iterator<Item = SupportRow> {
        self.table().map_while(row)
    }

    fn table(&self) -> impl Iterator<Item = &'static str> {
        // line by line: a search for the text of the head takes several times as long
        let head = self.page.lines().skip_while(|line| *line != "| field | verdict | note |");
        head.skip(2)
    }

    /// The fields that this target does not read. The table is read once.
    fn no_subject(&self) -> &'static [(&'static str, &'static str)] {
        static FIELDS: [OnceLock<Vec<(&'static str, &'static str)>>; ALL.len()] =
            [const { OnceLock::new() }; ALL.len()];
        let index = ALL.iter().position(|target| target.meta.name == self.meta.name);
        let Some(cell) = index.and_then(|index| FIELDS.get(index)) else { return &[] };
        cell.get_or_init(|| {
            // most runs need only these fields of one table, so the other rows are not parsed
            let fields = self.table().map_while(|line| line.strip_prefix("| `")?.split_once('`'));
            let word = Verdict::NotItsSubject.word();
            let note = |rest: &'static str| {
                let note = rest.strip_prefix(" | ")?.trim_start().strip_prefix(word)?.split('|').nth(1);
                Some(note.unwrap_or_default().trim())
            };
            fields.filter_map(|(field, rest)| Some((field, note(rest)?))).collect()
        })
    }
}

/// The fields that none of these targets reads, each with the first note on it, without options of targets, which
/// belong to one target each. In the order of the registry, so that the order of keys in a spec does not matter.
#[must_use]
pub fn no_subject(targets: &[&Target]) -> Vec<(&'static str, &'static str)> {
    let ran = ALL.iter().filter(|known| targets.iter().any(|target| target.meta.name == known.meta.name));
    let tables: Vec<_> = ran.map(|target| target.no_subject()).collect();
    let Some(first) = tables.first() else { return Vec::new() };
    let fields = first.iter().map(|(field, _)| *field).filter(|field| !field.starts_with("targets."));
    let row = |field: &'static str| {
        let note =
            |table: &&[(&str, &'static str)]| table.iter().find(|(known, _)| *known == field).map(|(_, note)| *note);
        let notes: Vec<_> = tables.iter().map(note).collect::<Option<_>>()?;
        Some((field, notes.into_iter().find(|note| !note.is_empty()).unwrap_or_default()))
    };
    fields.filter_map(row).collect()
}

fn row(line: &'static str) -> Option<SupportRow> {
    let (field, rest) = line.strip_prefix("| `")?.split_once('`')?;
    let (word, note) = rest.strip_prefix(" | ")?.split_once('|')?;
    let word = word.trim();
    let verdict = Verdict::WORDS.iter().find(|(known, _)| *known == word).map(|(_, verdict)| *verdict);
    Some(SupportRow { field, verdict, note: note.trim().trim_end_matches('|').trim_end() })
}
