//! The state while one document is read, and how its faults are reported. Knows neither events nor bytes.

use super::frame::{Extent, Frame};
use super::map::Pending;
use super::tree::{LocalTag, Node, Style, Value};
use super::{MAX_FINDINGS, ParseMode, Parsed, UNSUPPORTED_YAML, YAML_SYNTAX};
use crate::support::diagnostic::Finding;
use crate::support::source::{FileId, FileSpan, Span};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Short texts that were read before, so that equal ones are held once: in one document, or in all of a stream.
pub(super) type SharedTexts<'s> = Rc<RefCell<HashMap<&'s str, Rc<str>, foldhash::fast::RandomState>>>;

/// Reads one document.
pub(super) struct Builder<'s> {
    pub(super) file: FileId,
    pub(super) text: &'s str,
    pub(super) mode: ParseMode,
    pub(super) parsed: Parsed,
    pub(super) frames: Vec<Frame>,
    /// Empty mappings for reuse.
    #[expect(clippy::vec_box, reason = "frames hold them boxed: they come and go without being moved")]
    pub(super) spare: Vec<Box<Pending>>,
    /// Anchors by the parser's number; `None` while the anchored node is still being read.
    pub(super) anchors: Vec<Option<(Rc<Node>, Extent)>>,
    pub(super) names: Vec<Cow<'s, str>>,
    pub(super) texts: SharedTexts<'s>,
    /// How far the text is parsed: the end of the last event.
    pub(super) reached: usize,
    pub(super) written: u64,
    pub(super) brought: u64,
    pub(super) brought_bytes: u64,
    pub(super) documents: usize,
    pub(super) stopped: bool,
}

impl<'s> Builder<'s> {
    pub fn new(file: FileId, text: &'s str, mode: ParseMode, texts: SharedTexts<'s>) -> Builder<'s> {
        Builder {
            file,
            text,
            mode,
            parsed: Parsed::default(),
            frames: Vec::new(),
            spare: Vec::new(),
            anchors: Vec::new(),
            names: Vec::new(),
            texts,
            reached: 0,
            written: 0,
            brought: 0,
            brought_bytes: 0,
            documents: 0,
            stopped: false,
        }
    }

    pub(super) fn leaf(
        &self,
        value: Value,
        text: Rc<str>,
        style: Style,
        tag: Option<LocalTag>,
        span: Span,
    ) -> Rc<Node> {
        Rc::new(Node { file: self.file, span, value, text, style, tag, weight: 1 })
    }

    pub(super) fn place(&self, span: Span) -> FileSpan {
        FileSpan { file: self.file, span }
    }

    pub(super) fn error(&self, span: Span, message: impl Into<String>) -> Finding {
        Finding::of(YAML_SYNTAX, self.place(span), message)
    }

    /// Reports YAML that other readers may accept, and that is not read here.
    pub(super) fn unsupported(&self, span: Span, message: impl Into<String>) -> Finding {
        Finding::of(UNSUPPORTED_YAML, self.place(span), message)
    }

    pub(super) fn report(&mut self, finding: Finding) {
        let count = self.parsed.findings.len();
        if count < MAX_FINDINGS {
            self.parsed.findings.push(finding);
        } else if count == MAX_FINDINGS {
            let message = format!("more than {MAX_FINDINGS} faults in this file: the rest is not listed");
            self.parsed.findings.push(self.error(finding.at.span, message));
        }
    }

    /// Reports a fault that ends the reading.
    pub(super) fn fatal(&mut self, finding: Finding) {
        self.report(finding);
        self.parsed.root = None;
        self.stopped = true;
    }
}
