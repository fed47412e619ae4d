//! Scalars on one line and flow collections of the common form. Knows nothing of blocks but the indent of their lines.

use super::super::frame::FrameKind;
use super::super::tree::Style;
use super::{Common, Scalar};

impl<'s> Common<'_, 's> {
    /// A scalar on one line, up to its delimiter.
    pub(super) fn scalar(&mut self, flow: bool) -> Option<Scalar> {
        match self.peek() {
            quote @ (b'"' | b'\'') => self.quoted(quote),
            _ => self.plain_scalar(flow),
        }
    }

    /// Quoted text without escapes.
    fn quoted(&mut self, quote: u8) -> Option<Scalar> {
        let start = self.at + 1;
        let rest = self.bytes.get(start..)?;
        let escapes = quote == b'"';
        let stops = |byte: &u8| *byte == quote || *byte == b'\n' || (escapes && *byte == b'\\');
        let length = rest.iter().position(stops)?;
        let end = start + length;
        // `''` in single quotes is one quote
        if self.byte(end) != quote || self.byte(end + 1) == quote {
            return None;
        }
        self.at = end + 1;
        Some(Scalar { start, end, quoted: true })
    }

    fn plain_scalar(&mut self, flow: bool) -> Option<Scalar> {
        let start = self.at;
        let first = self.peek();
        let beyond = self.byte(start + 1);
        // `---` and `...` at the start of a line end a document
        let marks = start == self.line && beyond == first;
        let opens = match first {
            b'-' => !(matches!(beyond, b' ' | b'\n') || marks || flow && is_flow(beyond)),
            b'.' => !marks,
            b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"'
            | b'%' | b'@' | b'`' | b' ' | b'\n' => false,
            _ => true,
        };
        if !opens {
            return None;
        }
        let mut end = start;
        let mut at = start;
        loop {
            match self.byte(at) {
                b'\n' => break,
                b' ' => {}
                b':' if matches!(self.byte(at + 1), b' ' | b'\n') || flow && is_flow(self.byte(at + 1)) => break,
                b'#' if at > end => break,
                byte if flow && is_flow(byte) => break,
                _ => end = at + 1,
            }
            at += 1;
        }
        // a blank before the colon of a key is left to the parser
        self.at = if self.byte(at) == b':' { at } else { end };
        Some(Scalar { start, end, quoted: false })
    }

    /// Blanks, comments and line ends between the parts of a flow collection, whose lines must be to the right of the
    /// enclosing collection.
    fn gap(&mut self) -> Option<()> {
        loop {
            self.rest()?;
            self.line = self.at + 1;
            self.at = self.line;
            if self.at >= self.bytes.len() {
                return None;
            }
            self.blanks();
            match self.peek() {
                b'\n' => {}
                b'#' if self.at > self.line => self.comment(),
                _ if self.at - self.line > self.levels.last()?.indent => return Some(()),
                _ => return None,
            }
        }
    }

    /// Skips the separators between the parts of a flow collection.
    fn part(&mut self) -> Option<u8> {
        let from = self.at;
        self.blanks();
        if matches!(self.peek(), b'\n' | b'#') {
            self.at = from;
            self.gap()?;
        }
        Some(self.peek())
    }

    /// `[…]` or `{…}`.
    pub(super) fn flow(&mut self) -> Option<()> {
        let list = self.peek() == b'[';
        let kind = if list { FrameKind::Seq(Vec::new()) } else { self.builder.mapping() };
        self.frame(kind, Style::Flow)?;
        let close = if list { b']' } else { b'}' };
        self.at += 1;
        if self.part()? != close {
            loop {
                if !list {
                    let key = self.scalar(true)?;
                    if !self.colon(&key, true) {
                        return None;
                    }
                    self.key(&key)?;
                    self.blanks();
                }
                match self.peek() {
                    b'[' | b'{' => self.flow()?,
                    _ => {
                        let value = self.scalar(true)?;
                        self.take(&value);
                    }
                }
                match self.part()? {
                    b',' => self.at += 1,
                    byte if byte == close => break,
                    _ => return None,
                }
                // a comma may follow the last part
                if self.part()? == close {
                    break;
                }
            }
        }
        self.at += 1;
        self.builder.close(self.at);
        Some(())
    }
}

fn is_flow(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b']' | b'{' | b'}')
}
