//! Two texts as a unified diff in which likely secrets are stars. Knows lines of text, no format and no file.

use crate::support::secrets;
use crate::support::source::Source;
use similar::{ChangeTag, TextDiff};
use std::cell::OnceCell;
use std::fmt::Write as _;

/// Lines shown around a change.
const CONTEXT: usize = 3;

/// What two texts differ in, line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unified {
    /// How many lines came.
    pub added: usize,
    /// How many lines went.
    pub removed: usize,
    /// The hunks, without the two lines of names; empty if nothing differs. As it is for people's eyes, of each likely
    /// secret stand as many stars: such a hunk fits no file, so that no tool writes the stars into one.
    pub hunks: String,
}

/// Compares two texts.
#[must_use]
pub fn unified(old: &str, new: &str) -> Unified {
    let diff = TextDiff::from_lines(old, new);
    let count = |tag: ChangeTag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
    let (before, after) = (DiffSide::new(old), DiffSide::new(new));
    let mut hunks = String::new();
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        let _ = writeln!(hunks, "{}", hunk.header());
        for change in hunk.iter_changes() {
            let line = match (change.old_index(), change.new_index()) {
                (_, Some(index)) => after.line(index),
                (Some(index), None) => before.line(index),
                (None, None) => String::new(),
            };
            let text: &str = change.value();
            let end = text.get(text.trim_end_matches(['\n', '\r']).len()..).unwrap_or_default();
            let _ = write!(hunks, "{}{line}{end}", change.tag());
            if change.missing_newline() {
                hunks.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    Unified { added: count(ChangeTag::Insert), removed: count(ChangeTag::Delete), hunks }
}

/// The whole diff of one file, with the names of its two states; empty if nothing differs.
#[must_use]
pub fn named(old: &str, new: &str, from: &str, to: &str) -> String {
    let Unified { hunks, .. } = unified(old, new);
    if hunks.is_empty() { hunks } else { format!("--- {from}\n+++ {to}\n{hunks}") }
}

/// One of the texts; cut into lines when the first is shown.
struct DiffSide<'t> {
    text: &'t str,
    source: OnceCell<Source>,
}

impl<'t> DiffSide<'t> {
    fn new(text: &'t str) -> DiffSide<'t> {
        DiffSide { text, source: OnceCell::new() }
    }

    /// A line as it may be shown, without its end.
    fn line(&self, index: usize) -> String {
        let source = self.source.get_or_init(|| Source::new("", self.text));
        let hidden = secrets::on_line(source, index, false);
        secrets::starred(source.slice(source.line_span(index)), 0, &hidden)
    }
}

#[cfg(test)]
mod tests {
    use super::{named, unified};
    use similar::TextDiff;

    #[test]
    fn without_secrets_it_is_the_diff_that_others_write() {
        for (old, new) in [
            ("a\nb\nc\nd\ne\nf\ng\n", "a\nb\nc\nD\ne\nf\ng\nh"),
            ("a\r\nb\rc\n\n", "a\r\nB\rc\n"),
            ("", "a\n"),
            ("a", ""),
            ("é: 1\n\n\n\n\n\n\n\n\n\nx", "é: 2\n\n\n\n\n\n\n\n\n\ny"),
        ] {
            let other = TextDiff::from_lines(old, new).unified_diff().header("x", "y").to_string();
            assert_eq!(named(old, new, "x", "y"), other);
        }
        assert_eq!(named("a\n", "a\n", "x", "y"), "");
    }

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        let old = "env:\n  KEY: |\n    one\n  API_TOKEN: \"é €\"\n  A: no\n  B: 1\n";
        let new = "env:\n  KEY: |\n    two\n  API_TOKEN: \"é €\"\n  A: \"no\"\n  B: 1\n";
        let hunks = "@@ -1,6 +1,6 @@\n env:\n   KEY: *\n-    ***\n+    ***\n   API_TOKEN: \"***\"\n-  A: no\n+  A: \"no\"\n   B: 1\n";
        let diff = unified(old, new);
        assert_eq!((diff.added, diff.removed, diff.hunks.as_str()), (2, 2, hunks));
        // each side's lines are looked at in their own text
        let old = "note: |\n  one\n  two\n";
        let hunks = unified(old, &old.replace("note", "KEY")).hunks;
        assert_eq!(hunks, "@@ -1,3 +1,3 @@\n-note: |\n+KEY: *\n   ***\n   ***\n");
    }
}
