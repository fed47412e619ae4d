//! Reports values that the API server refuses. Knows no object.

use crate::support::diagnostic::{Finding, HelpText};
use crate::support::source::FileSpan;

/// Where findings go.
pub(super) type Say<'s> = &'s mut dyn FnMut(Finding);

/// Whether a text is still to be filled in before it is applied: `${NAME}`, `{{ name }}`, `<name>`.
pub(super) fn is_placeholder(text: &str) -> bool {
    text.contains(['$', '{', '<'])
}

pub(super) fn refused(say: Say<'_>, at: FileSpan, what: String, help: impl Into<HelpText>) {
    say(Finding::of("refused-by-api", at, format!("{what}: the API server refuses it")).help(help));
}
