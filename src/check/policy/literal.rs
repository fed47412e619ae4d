//! A TOML string with its escapes: maps each byte of the text to its byte in the file. Knows no policy.

use crate::support::source::{FileSpan, Span};
use std::fmt;
use std::ops::Range;

/// A text with the places of its bytes.
#[derive(Clone)]
pub(super) struct Literal {
    pub text: String,
    /// The whole string with its quotes.
    pub whole: FileSpan,
    /// For each byte of the text, and for its end, the byte of the file; empty if the string cannot be followed.
    offsets: Vec<u32>,
}

impl Literal {
    /// `written` is the string with its quotes, as it is at `whole`.
    pub fn new(text: &str, written: &str, whole: FileSpan) -> Literal {
        // whether a line end is kept as written depends on the reader
        let followed = |keep| follow(written, keep).filter(|(read, _)| read == text).map(|(_, offsets)| offsets);
        let offsets = followed(true).or_else(|| followed(false)).unwrap_or_default();
        let shift = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX).saturating_add(whole.span.start);
        Literal { text: text.to_owned(), whole, offsets: offsets.into_iter().map(shift).collect() }
    }

    /// The place in the file of some bytes of the text; the whole string if that is unknown.
    pub fn place(&self, range: Range<usize>) -> FileSpan {
        let at = |offset: usize| self.offsets.get(offset).copied();
        let end = range.end.max(range.start + 1).min(self.text.len());
        match (at(range.start.min(end)), at(end)) {
            (Some(start), Some(end)) if start < end => FileSpan { span: Span { start, end }, ..self.whole },
            _ => self.whole,
        }
    }
}

impl fmt::Debug for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

/// The text of a TOML string and, for each of its bytes and its end, the byte of the string it comes from.
fn follow(written: &str, keep: bool) -> Option<(String, Vec<usize>)> {
    let quote = written.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let long: String = std::iter::repeat_n(quote, 3).collect();
    let multi = written.len() >= 6 && written.starts_with(&long);
    let fence = if multi { 3 } else { 1 };
    let end = written.len().checked_sub(fence)?;
    let mut at = fence;
    if multi {
        // a line break behind the opening quotes is not part of the text
        let rest = written.get(at..)?;
        at += if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
    }
    let (mut text, mut offsets) = (String::new(), Vec::new());
    while at < end {
        let rest = written.get(at..end)?;
        let next = rest.chars().next()?;
        let (character, length) = match next {
            '\\' if quote == '"' => match escape(rest)? {
                (Some(character), length) => (character, length),
                (None, length) => {
                    at += length;
                    continue;
                }
            },
            '\r' if multi && !keep && rest.starts_with("\r\n") => ('\n', 2),
            other => (other, other.len_utf8()),
        };
        offsets.extend(std::iter::repeat_n(at, character.len_utf8()));
        text.push(character);
        at += length;
    }
    offsets.push(end);
    Some((text, offsets))
}

/// What an escape stands for, and its length; nothing for a line break that is written to be left out.
fn escape(rest: &str) -> Option<(Option<char>, usize)> {
    let code = |digits: usize| {
        let number = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
        Some((Some(char::from_u32(number)?), 2 + digits))
    };
    let escaped = |character: char| Some((Some(character), 2));
    match rest.chars().nth(1)? {
        'b' => escaped('\u{8}'),
        't' => escaped('\t'),
        'n' => escaped('\n'),
        'f' => escaped('\u{c}'),
        'r' => escaped('\r'),
        'e' => escaped('\u{1b}'),
        '"' => escaped('"'),
        '\\' => escaped('\\'),
        'x' => code(2),
        'u' => code(4),
        'U' => code(8),
        blank if blank.is_whitespace() => {
            let after = rest.get(1..)?;
            Some((None, 1 + after.len() - after.trim_start_matches([' ', '\t', '\n', '\r']).len()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Literal;
    use crate::support::source::{FileSpan, Span};

    fn place(text: &str, written: &str, word: &str) -> Span {
        let literal =
            Literal::new(text, written, FileSpan { span: Span::new(0, written.len()), ..FileSpan::default() });
        let start = text.find(word).unwrap_or_default();
        literal.place(start..start + word.len()).span
    }

    #[test]
    fn places_are_found_behind_escapes_and_line_ends() {
        assert_eq!(place("a\tb", r#""a\tb""#, "b"), Span::new(4, 5));
        assert_eq!(place("é b", r#""\u00e9 b""#, "b"), Span::new(8, 9));
        let lines = "\"\"\"\r\na\r\nb\"\"\"";
        // a reader may keep line ends or make them one byte
        assert_eq!(place("a\r\nb", lines, "b"), Span::new(8, 9));
        assert_eq!(place("a\nb", lines, "b"), Span::new(8, 9));
        // a text that is not the one written is not followed
        assert_eq!(place("other b", r#""a b""#, "b"), Span::new(0, 5));
    }
}
