//! The words, where they are met, and what to write for them: one row a kind. A test follows the help of every row.

mod autoscalers;
mod compose;
mod kubernetes;
mod others;

use super::convert::{self, WrittenField};
use crate::support::diagnostic::SPEC;
use crate::support::source::Source;
use crate::syntax::{self, Node};

/// One kind of word at one place.
#[derive(Debug)]
pub struct WordRow {
    /// Whose word it is, for a person; empty where it is nobody's in particular.
    pub tool: &'static str,
    /// The mapping it stands in: keys with `/` between, `*` for any name. Empty for the root.
    pub at: &'static str,
    /// The words.
    pub words: &'static [&'static str],
    /// What to do about them.
    pub answer: WordAnswer,
    /// A value as it is met, in YAML.
    pub sample: &'static str,
}

/// What to do about a word.
#[derive(Clone, Copy, Debug)]
pub enum WordAnswer {
    /// Write these fields. `sure` where nothing else can be meant, so that a program may write them.
    Fields {
        /// How the value becomes fields.
        to: To,
        /// Whether a program may do it.
        sure: bool,
        /// What a person should know where this word stands alone: begins with a space or a comma, or is empty.
        note: &'static str,
    },
    /// Remove it, and why.
    Remove(&'static str),
    /// A sentence with the place where it goes.
    Instead(&'static str),
}

/// How a value becomes fields. Paths are keys with dots between.
#[derive(Clone, Copy)]
pub enum To {
    /// The value as it is written, at this path.
    Same(&'static str),
    /// The same in the mapping above.
    Above(&'static str),
    /// A number or thousandths, be it in quotes or not.
    Number(&'static str),
    /// An amount of memory as compose reads it.
    Memory(&'static str),
    /// Seconds as a duration.
    Duration(&'static str),
    /// Several fields.
    With(fn(&Node) -> Option<Vec<WrittenField>>),
}

impl std::fmt::Debug for To {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            To::Same(path) | To::Above(path) | To::Number(path) | To::Memory(path) | To::Duration(path) => {
                write!(f, "{path}")
            }
            To::With(_) => f.write_str("several fields"),
        }
    }
}

impl WordRow {
    /// Whether the fields go into the mapping above.
    #[must_use]
    pub fn is_above(&self) -> bool {
        matches!(self.answer, WordAnswer::Fields { to: To::Above(_), .. })
    }

    /// Whether what is written is told in a sentence, not worked out from the value.
    #[must_use]
    pub fn is_sentence(&self) -> bool {
        matches!(self.answer, WordAnswer::Instead(_))
    }

    /// The first field that the row writes, for what belongs together; none where it writes several or none.
    #[must_use]
    pub fn root(&self) -> Option<&'static str> {
        let WordAnswer::Fields { to, .. } = self.answer else { return None };
        match to {
            To::Same(path) | To::Above(path) | To::Number(path) | To::Memory(path) | To::Duration(path) => {
                path.split('.').next()
            }
            To::With(_) => None,
        }
    }
}

/// The fields of a row for its own sample.
#[must_use]
pub fn example(row: &WordRow) -> Option<Vec<WrittenField>> {
    let node = syntax::parse(SPEC, &Source::new("", row.sample), syntax::ParseMode::Spec).root?;
    convert::fields_of(row, &node)
}

const fn row(
    tool: &'static str,
    at: &'static str,
    words: &'static [&'static str],
    answer: WordAnswer,
    sample: &'static str,
) -> WordRow {
    WordRow { tool, at, words, answer, sample }
}

/// A field of ours that is meant without doubt.
const fn to(to: To) -> WordAnswer {
    WordAnswer::Fields { to, sure: true, note: "" }
}

/// One end of a range.
const fn bound(to: To) -> WordAnswer {
    WordAnswer::Fields { to, sure: true, note: " and the other end beside it: a range has `min` and `max`" }
}

/// A field of ours that a person must look at.
const fn perhaps(to: To, note: &'static str) -> WordAnswer {
    WordAnswer::Fields { to, sure: false, note }
}

/// All rows. The first that fits holds.
pub fn rows() -> impl Iterator<Item = &'static WordRow> {
    [compose::ROWS, kubernetes::ROWS, autoscalers::ROWS, others::ROWS].into_iter().flatten()
}
