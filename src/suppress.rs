//! Comments that allow a finding: `# scalegen: allow <rule> (why)`. Knows no rule's logic.

use crate::diagnostic::Finding;
use crate::source::Source;
use crate::syntax::Comment;

/// Sorts findings into those that stand and those a comment allows.
#[must_use]
pub fn apply(_: &Source, _: &[Comment], findings: Vec<Finding>, _complete: bool) -> (Vec<Finding>, Vec<Finding>) {
    (findings, Vec::new())
}
