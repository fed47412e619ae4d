//! A fast reader of the common form of YAML, in one pass over its bytes. It gives up on any other text, and the parser reads it.
//!
//! Block mappings and lists, one-line scalars without escapes, flow collections, anchors and comments: nearly every spec
//! has nothing else, and the parser's events cost five times as much. Reports no faults and knows no exceptions: any text
//! that is not clearly of this form is left to the parser. A test checks that both give the same tree.

mod flow;

use super::builder::Builder;
use super::frame::{Done, Extent, Frame, FrameKind};
use super::tree::{Comment, Style, Value};
use super::{MAX_DEPTH, locate, scalar};
use crate::support::source::Span;
use std::collections::HashMap;

/// The longest implicit key that YAML allows. The parser counts characters, so counting bytes is on the safe side.
const KEY_MAX: usize = 1_000;

/// An open block collection: the column of its keys or dashes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct OpenBlock {
    indent: usize,
    list: bool,
}

/// What follows a scalar.
struct Scalar {
    start: usize,
    end: usize,
    quoted: bool,
}

/// Reads a document of the common form.
pub(super) struct Common<'b, 's> {
    builder: &'b mut Builder<'s>,
    bytes: &'s [u8],
    at: usize,
    line: usize,
    levels: Vec<OpenBlock>,
    /// The end of the colon of a key whose value may be on the lines below.
    open: Option<usize>,
    /// The number of the anchor before the next value; 0 for none.
    anchor: usize,
    anchors: HashMap<&'s str, usize>,
}

impl<'b, 's> Common<'b, 's> {
    pub fn new(builder: &'b mut Builder<'s>) -> Common<'b, 's> {
        let bytes = builder.text.as_bytes();
        Common { builder, bytes, at: 0, line: 0, levels: Vec::new(), open: None, anchor: 0, anchors: HashMap::new() }
    }

    /// Reads the whole text into the builder. `None` if the text is not of the common form; the builder is useless then.
    pub fn read(mut self) -> Option<()> {
        // tabs, carriage returns and byte order marks have rules that this reader does not know
        let unknown = locate::first_byte(self.bytes, |byte| matches!(byte, b'\t' | b'\r'));
        if unknown.is_some() || self.builder.text.contains('\u{FEFF}') {
            return None;
        }
        while self.at < self.bytes.len() {
            self.line = self.at;
            self.blanks();
            match self.peek() {
                b'\n' => {}
                b'#' => self.comment(),
                _ => self.content()?,
            }
            // the line's end, or the text's
            self.at += 1;
        }
        self.nothing()?;
        while self.levels.pop().is_some() {
            self.builder.close(0);
        }
        self.builder.parsed.root.is_some().then_some(())
    }

    /// The byte here; the end of the text is the end of a line.
    fn peek(&self) -> u8 {
        self.byte(self.at)
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    fn blanks(&mut self) {
        while self.peek() == b' ' {
            self.at += 1;
        }
    }

    fn comment(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = self.at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        self.builder.parsed.comments.push(Comment { span: Span::new(self.at, end) });
        self.at = end;
    }

    /// What may follow a value on its line: blanks and a comment.
    fn rest(&mut self) -> Option<()> {
        let from = self.at;
        self.blanks();
        match self.peek() {
            b'\n' => Some(()),
            b'#' if self.at > from => {
                self.comment();
                Some(())
            }
            _ => None,
        }
    }

    /// Reads a line that is not empty.
    fn content(&mut self) -> Option<()> {
        let indent = self.at - self.line;
        let dash = self.dash();
        self.settle(indent, dash)?;
        let level = *self.levels.last()?;
        if level.indent != indent || level.list != dash {
            return None;
        }
        if dash { self.item(indent) } else { self.entry() }
    }

    /// Whether an item of a list begins here.
    fn dash(&self) -> bool {
        self.peek() == b'-' && matches!(self.byte(self.at + 1), b' ' | b'\n')
    }

    /// Opens or closes collections, so that text at this column finds its own on top.
    fn settle(&mut self, indent: usize, dash: bool) -> Option<()> {
        let Some(top) = self.levels.last().copied() else {
            return if self.builder.frames.is_empty() && self.builder.parsed.root.is_none() {
                self.begin(indent, dash)
            } else {
                None
            };
        };
        if self.open.is_some() {
            if indent > top.indent || (indent == top.indent && dash && !top.list) {
                self.open = None;
                return self.begin(indent, dash);
            }
            self.nothing()?;
        }
        while let Some(top) = self.levels.last() {
            let below = indent < top.indent || (indent == top.indent && top.list && !dash);
            if !below {
                break;
            }
            self.levels.pop();
            self.builder.close(0);
        }
        Some(())
    }

    /// Ends a key without a value.
    fn nothing(&mut self) -> Option<()> {
        if let Some(at) = self.open.take() {
            if self.anchor != 0 {
                return None;
            }
            self.value(Value::Null, "", Style::Plain, at, at);
        }
        Some(())
    }

    fn begin(&mut self, indent: usize, list: bool) -> Option<()> {
        self.levels.push(OpenBlock { indent, list });
        let kind = if list { FrameKind::Seq(Vec::new()) } else { self.builder.mapping() };
        self.frame(kind, Style::Block)
    }

    fn frame(&mut self, kind: FrameKind, style: Style) -> Option<()> {
        if self.builder.frames.len() >= MAX_DEPTH {
            return None;
        }
        let (extent, anchor) = (Extent { height: 1, bytes: 0 }, std::mem::take(&mut self.anchor));
        self.builder.written += 1;
        self.builder.reserve(anchor);
        // a block collection ends with the last value in it
        let (start, end) = (self.at, self.at);
        self.builder.frames.push(Frame { kind, style, start, end, anchor, tag: None, weight: 1, extent });
        Some(())
    }

    /// `- value`, or `- key: value` as the first entry of a mapping.
    fn item(&mut self, indent: usize) -> Option<()> {
        self.at += 1;
        self.blanks();
        let column = self.at - self.line;
        // an empty item, or a list in a list on one line: rare enough
        if self.peek() == b'\n' || self.dash() || column == indent + 1 {
            return None;
        }
        match self.peek() {
            b'[' | b'{' => self.flow()?,
            b'*' => self.alias()?,
            _ => {
                let scalar = self.scalar(false)?;
                if self.colon(&scalar, false) {
                    self.begin(column, false)?;
                    return self.pair(&scalar);
                }
                self.take(&scalar);
            }
        }
        self.rest()
    }

    /// `&name`, which names the value that follows.
    fn anchored(&mut self) -> Option<()> {
        let name = self.name()?;
        self.anchor = self.anchors.len() + 1;
        // a name that is used twice would need a number of its own
        if self.anchors.insert(name, self.anchor).is_some() { None } else { Some(()) }
    }

    /// `*name`, which repeats the value named.
    fn alias(&mut self) -> Option<()> {
        let start = self.at;
        let name = self.name()?;
        let id = *self.anchors.get(name)?;
        self.builder.alias(id, Span::new(start, self.at));
        // a fault that ends the reading is not of the common form
        if self.builder.stopped {
            return None;
        }
        Some(())
    }

    /// The name behind `&` or `*`, up to a blank.
    fn name(&mut self) -> Option<&'s str> {
        let start = self.at + 1;
        self.at = start;
        while matches!(self.peek(), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.') {
            self.at += 1;
        }
        if self.at == start || !matches!(self.peek(), b' ' | b'\n') {
            return None;
        }
        self.builder.text.get(start..self.at)
    }

    /// `key: value` or `key:`.
    fn entry(&mut self) -> Option<()> {
        let key = self.scalar(false)?;
        if self.colon(&key, false) { self.pair(&key) } else { None }
    }

    /// Whether the scalar that ends here is a key. In a flow mapping, as in JSON, a quoted one needs no blank after its colon.
    fn colon(&self, scalar: &Scalar, flow: bool) -> bool {
        let end = scalar.end + usize::from(scalar.quoted);
        let apart = matches!(self.byte(self.at + 1), b' ' | b'\n') || (flow && scalar.quoted);
        self.at == end && self.peek() == b':' && apart
    }

    /// Reads the rest of an entry, after its key.
    fn pair(&mut self, key: &Scalar) -> Option<()> {
        self.key(key)?;
        let behind = self.at;
        self.blanks();
        if self.peek() == b'&' {
            self.anchored()?;
            self.blanks();
        }
        match self.peek() {
            b'\n' => {
                self.open = Some(behind);
                Some(())
            }
            b'#' => {
                self.open = Some(behind);
                self.comment();
                Some(())
            }
            b'[' | b'{' => {
                self.flow()?;
                self.rest()
            }
            b'*' if self.anchor == 0 => {
                self.alias()?;
                self.rest()
            }
            _ => {
                let value = self.scalar(false)?;
                if self.peek() == b':' {
                    return None;
                }
                self.take(&value);
                self.rest()
            }
        }
    }

    /// Hands the key to the builder and steps behind its colon.
    fn key(&mut self, key: &Scalar) -> Option<()> {
        if key.end - key.start > KEY_MAX {
            return None;
        }
        let text = self.builder.text.get(key.start..key.end)?;
        let span = self.span(key);
        let shared = self.builder.share(text.into());
        self.builder.key(shared, span, !key.quoted);
        self.at += 1;
        Some(())
    }

    fn span(&self, scalar: &Scalar) -> Span {
        let quote = usize::from(scalar.quoted);
        Span::new(scalar.start - quote, scalar.end + quote)
    }

    fn take(&mut self, scalar: &Scalar) {
        let text = self.builder.text.get(scalar.start..scalar.end).unwrap_or_default();
        let value = if scalar.quoted { Value::Str } else { scalar::resolve(text) };
        let quote = usize::from(scalar.quoted);
        let style = if scalar.quoted { Style::Quoted } else { Style::Plain };
        self.value(value, text, style, scalar.start - quote, scalar.end + quote);
    }

    fn value(&mut self, value: Value, text: &'s str, style: Style, start: usize, end: usize) {
        let span = Span::new(start, end);
        let extent = Extent { height: 0, bytes: text.len() as u64 };
        let anchor = std::mem::take(&mut self.anchor);
        self.builder.written += 1;
        self.builder.reserve(anchor);
        let text = self.builder.value_text(text.into());
        let node = self.builder.leaf(value, text, style, None, span);
        self.builder.define(anchor, &node, extent);
        self.builder.take(Done { node, extent, span, alias: false });
    }
}
