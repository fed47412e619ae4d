//! Tables of the fields that a format knows, kept as text beside the format's reader. Knows no format.

use std::collections::HashMap;

/// One field of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldRow {
    /// Its name.
    pub name: &'static str,
    /// Its type: `string`, `[]Container`, `{}quantity`.
    pub kind: &'static str,
    /// Whether the reader refuses an object without it.
    pub required: bool,
    /// What becomes of it, in the words that the table's first lines explain.
    pub verdict: &'static str,
}

/// The rows of a table by type. `[Type]` begins a type, `name type what becomes of it` is a row, `#` begins a comment, and a type
/// with `!` is one that must be written.
#[must_use]
pub fn field_rows(table: &'static str) -> HashMap<&'static str, Vec<FieldRow>> {
    let mut all: HashMap<&str, Vec<FieldRow>> = HashMap::new();
    let mut current = "";
    for line in table.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            current = name;
            all.entry(current).or_default();
        } else if let Some((name, rest)) = line.split_once(' ').filter(|_| !line.starts_with('#')) {
            let (kind, verdict) = rest.split_once(' ').unwrap_or((rest, ""));
            let required = kind.ends_with('!');
            let kind = kind.trim_end_matches('!');
            all.entry(current).or_default().push(FieldRow { name, kind, required, verdict });
        }
    }
    all
}
