//! One row of the table: a word of another tool, its places, and what to do about it. Knows no word.

use crate::syntax::{Entry, Node};

/// One kind of word at one place.
#[derive(Debug)]
pub struct WordRow {
    /// The tool that has the word, for messages; empty if several have it.
    pub tool: &'static str,
    /// The mapping that holds it: keys with `/` between, `*` for any name. Empty for the root.
    pub at: &'static str,
    /// The words.
    pub words: &'static [&'static str],
    /// What to do about them.
    pub answer: WordAnswer,
    /// An example value, in YAML.
    pub sample: &'static str,
    /// Whether the row is for a word with this value. A word may have several rows.
    pub fits: fn(&Node) -> bool,
}

/// What to do about a word.
#[derive(Clone, Copy, Debug)]
pub enum WordAnswer {
    /// Write these fields. `sure` if nothing else can be meant, so that a program may write them.
    Fields {
        /// How the value becomes fields.
        to: To,
        /// Whether a program may do it.
        sure: bool,
        /// A note for a person if this word is the only one: begins with a space or a comma, or is empty.
        note: &'static str,
    },
    /// Remove it, and why.
    Remove(&'static str),
    /// A sentence that says where it belongs.
    Instead(&'static str),
    /// A sentence with the values that are written: those of all words of the row in one mapping, and the mapping.
    Told(fn(&[&Entry], &Node) -> Option<String>),
}

/// How a value becomes fields. Paths are keys with dots between.
#[derive(Clone, Copy)]
pub enum To {
    /// The value as it is written, at this path.
    Same(&'static str),
    /// The same path in the mapping above.
    Above(&'static str),
    /// A number or thousandths, quoted or not.
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

    /// Whether a sentence says what to write, instead of fields computed from the value.
    #[must_use]
    pub fn is_sentence(&self) -> bool {
        matches!(self.answer, WordAnswer::Instead(_) | WordAnswer::Told(_))
    }

    /// Whether one sentence answers words of both rows.
    #[must_use]
    pub fn says_the_same(&self, other: &WordRow) -> bool {
        match (self.answer, other.answer) {
            (WordAnswer::Told(one), WordAnswer::Told(other)) => std::ptr::fn_addr_eq(one, other),
            _ => std::ptr::eq(self, other),
        }
    }

    /// The row for values of one form only.
    #[must_use]
    pub const fn only(mut self, fits: fn(&Node) -> bool) -> WordRow {
        self.fits = fits;
        self
    }

    /// The first field that the row writes, which groups rows; `None` if it writes several or none.
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

/// One field of ours: its keys with dots between, and its value as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenField {
    /// The keys from the mapping that takes it.
    pub path: String,
    /// The value, in flow style.
    pub text: String,
}
