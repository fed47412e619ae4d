//! Byte offsets and the positions of the protocol, each made from the other, in the encoding that the client speaks.

use crate::support::source::{Source, Span};
use gen_lsp_types::{Position, PositionEncodingKind, Range};

/// The unit of a position's `character`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// 16-bit code units: an emoji counts two. Every client knows it, so it is the default.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

impl Encoding {
    /// The encoding to speak with a client that offers these: UTF-8 if it is among them, because offsets are bytes.
    #[must_use]
    pub fn choose(offered: &[PositionEncodingKind]) -> Encoding {
        let known = |kind: &PositionEncodingKind| offered.contains(kind);
        if known(&PositionEncodingKind::UTF8) {
            Encoding::Utf8
        } else if known(&PositionEncodingKind::UTF32) && !known(&PositionEncodingKind::UTF16) {
            Encoding::Utf32
        } else {
            Encoding::Utf16
        }
    }

    /// Its name in the protocol.
    #[must_use]
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn units(self, c: char) -> usize {
        match self {
            Encoding::Utf8 => c.len_utf8(),
            Encoding::Utf16 => c.len_utf16(),
            Encoding::Utf32 => 1,
        }
    }
}

/// The position of a byte offset. Within a line end it is the end of the line.
#[must_use]
pub fn position(source: &Source, offset: u32, encoding: Encoding) -> Position {
    let index = source.line_index(offset);
    let line = source.line_span(index);
    let before = source.slice(Span { end: offset.min(line.end).max(line.start), ..line });
    let character: usize = before.chars().map(|c| encoding.units(c)).sum();
    Position { line: u32::try_from(index).unwrap_or(u32::MAX), character: u32::try_from(character).unwrap_or(u32::MAX) }
}

/// The range of a span.
#[must_use]
pub fn range(source: &Source, span: Span, encoding: Encoding) -> Range {
    Range { start: position(source, span.start, encoding), end: position(source, span.end, encoding) }
}

/// The byte offset of a position. Past the end of a line it is the end of the line; inside of a character, its start.
#[must_use]
pub fn offset(source: &Source, position: Position, encoding: Encoding) -> u32 {
    let index = position.line as usize;
    if index >= source.line_count() {
        return u32::try_from(source.text.len()).unwrap_or(u32::MAX);
    }
    let line = source.line_span(index);
    let (mut units, mut at) = (0, line.start as usize);
    for c in source.slice(line).chars() {
        units += encoding.units(c);
        if units > position.character as usize {
            break;
        }
        at += c.len_utf8();
    }
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The span of a range; a range whose end is before its start is empty.
#[must_use]
pub fn span(source: &Source, range: Range, encoding: Encoding) -> Span {
    Span::new(offset(source, range.start, encoding) as usize, offset(source, range.end, encoding) as usize)
}
