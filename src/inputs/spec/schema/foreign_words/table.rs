//! The words, their places, and what to write for them: one row a kind. A test follows the help of every row.

mod autoscalers;
mod compose;
mod kubernetes;
mod others;

use super::convert;
use super::word_row::{To, WordAnswer, WordRow, WrittenField};
use crate::support::diagnostic::SPEC;
use crate::support::source::Source;
use crate::syntax::{self, Node};

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
    WordRow { tool, at, words, answer, sample, fits: any }
}

fn any(_: &Node) -> bool {
    true
}

/// A field of ours that is certainly meant.
const fn to(to: To) -> WordAnswer {
    WordAnswer::Fields { to, sure: true, note: "" }
}

/// One end of a range.
const fn bound(to: To) -> WordAnswer {
    WordAnswer::Fields { to, sure: true, note: " and the other end beside it: a range has `min` and `max`" }
}

/// A field of ours that a person must check.
const fn perhaps(to: To, note: &'static str) -> WordAnswer {
    WordAnswer::Fields { to, sure: false, note }
}

/// All rows. The first match wins.
pub fn rows() -> impl Iterator<Item = &'static WordRow> {
    [compose::ROWS, kubernetes::ROWS, autoscalers::ROWS, others::ROWS].into_iter().flatten()
}
