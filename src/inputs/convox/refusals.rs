//! Says what Convox' validation refuses, and what a file says for a key. Knows no section.

use super::{ConvoxFindings, hangs_on_a_variable};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::FileSpan;
use crate::support::suggest::closest;
use crate::syntax::{Entry, Node, Value};

/// What both generations refuse.
pub(super) const REFUSED: &str = "Convox refuses the file";
/// What v2 alone refuses.
pub(super) const REFUSED_BY_V2: &str = "Convox v2 refuses the file";
/// What v3 alone refuses.
pub(super) const REFUSED_BY_V3: &str = "Convox v3 refuses the file";
/// What v3 refuses and v2 takes.
const ONLY_V2: &str = "Convox v3 refuses the file, and only v2 takes it";

/// The entries of a section of the file.
pub(super) fn section<'n>(root: &'n Node, key: &str) -> &'n [Entry] {
    root.get(key).map_or(&[], |section| section.node.entries())
}

/// A text that is written and depends on no variable.
pub(super) fn text<'n>(node: &'n Node, key: &str) -> Option<(&'n Entry, &'n str)> {
    let entry = node.get(key)?;
    let text = &*entry.node.text;
    let written = entry.node.as_str().is_some() || entry.node.as_whole().is_some();
    (written && !hangs_on_a_variable(text)).then_some((entry, text))
}

/// Whether a mapping says nothing for a key: not written, also not under a misspelt name, null or blank, and nothing is merged into it.
pub(super) fn is_blank(node: &Node, key: &str) -> bool {
    let blank = |entry: &Entry| entry.node.is_null() || entry.node.as_str().is_some_and(|text| text.trim().is_empty());
    let meant = |entry: &Entry| &*entry.key == "<<" || closest(&entry.key, std::iter::once(key)).is_some();
    let mapping = matches!(node.value, Value::Map(_) | Value::Null);
    mapping && node.get(key).map_or_else(|| !node.entries().iter().any(meant), blank)
}

/// `^[a-z][a-z0-9-]*$`, in both generations.
pub(super) fn is_name(text: &str) -> bool {
    let small = |byte: u8| byte.is_ascii_lowercase();
    text.bytes().next().is_some_and(small)
        && text.bytes().all(|byte| small(byte) || byte.is_ascii_digit() || byte == b'-')
}

/// Which generation refuses something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RefusingReader {
    /// Both do.
    Both,
    /// v2 does, and v3 does not have what is refused.
    V2,
    /// v3 does, and v2 does not have what is refused.
    V3,
    /// v3 does, and v2 takes it.
    NotV2,
}

/// One walk over a file.
pub(super) struct Refusals<'r> {
    /// The file.
    pub(super) root: &'r Node,
    is_of_v3: bool,
    found: &'r mut ConvoxFindings,
}

impl<'r> Refusals<'r> {
    /// `is_of_v3` says that the file was not written for v2.
    pub(super) fn new(root: &'r Node, is_of_v3: bool, found: &'r mut ConvoxFindings) -> Refusals<'r> {
        Refusals { root, is_of_v3, found }
    }

    /// Reports a value that is refused.
    pub(super) fn refuse(&mut self, at: FileSpan, what: String, by: RefusingReader, help: impl Into<String>) {
        let (rule, severity, then) = match by {
            RefusingReader::Both => ("refused-by-target", Severity::Error, REFUSED),
            RefusingReader::V2 => ("refused-by-target", Severity::Error, REFUSED_BY_V2),
            RefusingReader::NotV2 if !self.is_of_v3 => ("ignored-by-consumer", Severity::Note, ONLY_V2),
            RefusingReader::V3 | RefusingReader::NotV2 => ("refused-by-target", Severity::Error, REFUSED_BY_V3),
        };
        let finding = Finding::new(rule, severity, at, format!("{what}: {then}"));
        self.found.push(finding.help(help.into()));
    }

    /// Reports what is missing.
    pub(super) fn missing(&mut self, at: FileSpan, what: String, then: &str, help: &str) {
        let finding = Finding::new("missing-field", Severity::Error, at, format!("{what}: {then}"));
        self.found.push(finding.help(help.to_owned()));
    }

    /// Reports a name that a section does not have.
    pub(super) fn unknown(&mut self, at: FileSpan, (what, name): (&str, &str), of: &str, then: &str) {
        let near = closest(name, section(self.root, of).iter().map(|entry| &*entry.key));
        let message = format!("`{}` is not one of `{of}`: {then}", name.escape_debug());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write {what} of this file, or add it to `{of}`"),
        };
        self.found.push(Finding::new("unknown-reference", Severity::Error, at, message).help(help));
    }

    /// Whether a section has a name, or may have it.
    pub(super) fn has(&self, of: &str, name: &str) -> bool {
        let may_be = |entry: &Entry| *entry.key == *name || hangs_on_a_variable(&entry.key) || &*entry.key == "<<";
        section(self.root, of).iter().any(may_be)
    }
}
