//! What is known of a word of another tool: where it is met, and what to do about it. Knows no word.

use crate::syntax::Node;

/// One kind of word at one place.
#[derive(Debug)]
pub struct WordRow {
    /// Whose word it is, for a person; empty if it is nobody's in particular.
    pub tool: &'static str,
    /// The mapping it is in: keys with `/` between, `*` for any name. Empty for the root.
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
    /// Write these fields. `sure` if nothing else can be meant, so that a program may write them.
    Fields {
        /// How the value becomes fields.
        to: To,
        /// Whether a program may do it.
        sure: bool,
        /// What a person should know where this word is alone: begins with a space or a comma, or is empty.
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

    /// Whether what is written is told in a sentence, not computed from the value.
    #[must_use]
    pub fn is_sentence(&self) -> bool {
        matches!(self.answer, WordAnswer::Instead(_))
    }

    /// The first field that the row writes, for what belongs together; `None` if it writes several or none.
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
