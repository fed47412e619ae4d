//! Fixes that a program can make, as replacements of bytes. Knows no text and no rule.

use super::Finding;
use crate::support::source::{FieldSpan, FileId, FileSpan, Span};

/// One replacement of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file; `None` means that of the finding.
    pub file: Option<FileId>,
    /// The bytes to replace.
    pub span: Span,
    /// The new text.
    pub text: String,
    /// Where the same value is written already. In a file of another tool, whose format the text may not have, its bytes are copied.
    pub same_as: Option<FileSpan>,
    /// Whether the text is in the format of the file it is written into, which may be of another tool.
    pub own_words: bool,
}

impl Edit {
    /// A replacement in the finding's own file.
    #[must_use]
    pub fn new(span: Span, text: impl Into<String>) -> Edit {
        Edit { file: None, span, text: text.into(), same_as: None, own_words: false }
    }

    /// The file to edit, for a finding in this file.
    #[must_use]
    pub fn file_for(&self, own: FileId) -> FileId {
        self.file.unwrap_or(own)
    }
}

/// Edits that fix a finding; all of them or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The edits, in order, not overlapping.
    pub edits: Vec<Edit>,
    /// Whether what runs stays the same.
    pub safe: bool,
}

impl Finding {
    /// Adds a fix that a program can make: one replacement. Code that knows the whole text decides whether it is offered.
    #[must_use]
    pub fn fix(mut self, span: Span, text: impl Into<String>, safe: bool) -> Finding {
        self.fix = Some(Box::new(Fix { edits: vec![Edit::new(span, text)], safe }));
        self
    }

    /// Like `fix`, for a file of another tool, with a text in its format.
    #[must_use]
    pub fn fix_in_own_words(mut self, span: Span, text: impl Into<String>, safe: bool) -> Finding {
        self.fix = Some(Box::new(Fix { edits: vec![Edit { own_words: true, ..Edit::new(span, text) }], safe }));
        self
    }

    /// Adds a fix that copies the value at one place to another place, in the finding's own file.
    #[must_use]
    pub fn fix_like(mut self, at: FieldSpan, (from, text): (FieldSpan, impl ToString)) -> Finding {
        let edit = Edit { same_as: Some(from.bytes()), ..Edit::new(at.value, text.to_string()) };
        self.fix = Some(Box::new(Fix { edits: vec![edit], safe: false }));
        self
    }

    /// Adds a fix that removes a field with its key, in whatever file it is.
    #[must_use]
    pub fn fix_without(mut self, field: FieldSpan) -> Finding {
        let span = Span { start: field.key.start, end: field.value.end };
        let edit = Edit { file: Some(field.file), ..Edit::new(span, "") };
        self.fix = Some(Box::new(Fix { edits: vec![edit], safe: false }));
        self
    }

    /// Like `fix`, with several replacements that are made together and do not overlap.
    #[must_use]
    pub fn fixes(mut self, mut edits: Vec<Edit>, safe: bool) -> Finding {
        edits.sort_by_key(|edit| (edit.file, edit.span));
        self.fix = Some(Box::new(Fix { edits, safe }));
        self
    }

    /// Offers to swap two values: each comes with its place.
    #[must_use]
    pub fn swap_values(
        self,
        (one, own): (FieldSpan, impl ToString),
        (other, its): (FieldSpan, impl ToString),
    ) -> Finding {
        let edit = |at: FieldSpan, from: FieldSpan, text: String| Edit {
            file: Some(at.file).filter(|file| *file != self.at.file),
            same_as: Some(from.bytes()),
            ..Edit::new(at.value, text)
        };
        let edits = vec![edit(one, other, its.to_string()), edit(other, one, own.to_string())];
        self.fixes(edits, false)
    }
}
