//! Finds places that the parser does not report: list dashes, open quotes and brackets, wrong escapes, tabs.
//! Knows bytes only; offsets are 0-based bytes, and every result is on a character boundary.

use crate::support::source::Span;

/// The range of the first character at an offset; empty at the end of a line or of the text.
pub(super) fn character(text: &str, at: usize) -> (usize, usize) {
    let at = boundary(text, at);
    match text.get(at..).and_then(|rest| rest.chars().next()) {
        None | Some('\n' | '\r') => (at, at),
        Some(first) => (at, at + first.len_utf8()),
    }
}

/// The rest of the line from an offset on, without trailing blanks and without a comment.
pub(super) fn rest_of_line(text: &str, at: usize) -> (usize, usize) {
    let at = boundary(text, at);
    let rest = text.get(at..).unwrap_or_default();
    let line = rest.split(['\n', '\r']).next().unwrap_or_default();
    let line = line.find(" #").and_then(|comment| line.get(..comment)).unwrap_or(line).trim_end();
    if line.is_empty() { character(text, at) } else { (at, at + line.len()) }
}

/// The nearest character boundary at or before an offset.
pub(super) fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The start of the line of an offset.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    let before = text.get(..boundary(text, at)).unwrap_or_default();
    before.rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

/// The dash of the first item of a block list that follows a key ending at `from`; what else may be between them
/// (the colon, an anchor, a tag, comments) is skipped.
pub(super) fn dash(text: &str, from: usize, to: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at <= to {
        match bytes.get(at)? {
            b'-' => return Some(at),
            b'#' => at = skip(bytes, at, |byte| !matches!(byte, b'\n' | b'\r')),
            b'&' | b'!' => at = skip(bytes, at, |byte| !byte.is_ascii_whitespace()),
            _ => at += 1,
        }
    }
    None
}

fn skip(bytes: &[u8], from: usize, go_on: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|byte| !go_on(*byte)).unwrap_or(rest.len())
}

/// Quotes and brackets that a range of text leaves open.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// Brackets that it opens and does not close.
    pub brackets: Vec<usize>,
    /// Closing brackets that it did not open.
    pub closed: usize,
    /// A quote that it opens and does not close.
    pub quote: Option<usize>,
}

/// Scans `from..to` roughly as the parser does; `in_flow` says whether a bracket is already open.
pub(super) fn open(text: &str, from: usize, to: usize, in_flow: bool) -> Open {
    let bytes = text.as_bytes();
    let mut open = Open::default();
    let mut at = from;
    let mut before = b' ';
    while at < to {
        let Some(byte) = bytes.get(at).copied() else { break };
        let fresh = before.is_ascii_whitespace() || b"[{,:-?]}".contains(&before);
        let flow = in_flow || !open.brackets.is_empty();
        let mut next = at + 1;
        match byte {
            b'#' if before.is_ascii_whitespace() => next = skip(bytes, at, |byte| !matches!(byte, b'\n' | b'\r')),
            b'"' | b'\'' if fresh => match closing(bytes, at, byte) {
                Some(end) if end < to => next = end + 1,
                _ => {
                    open.quote = Some(at);
                    break;
                }
            },
            b'[' | b'{' if fresh || flow => open.brackets.push(at),
            b']' | b'}' if flow && open.brackets.pop().is_none() => open.closed += 1,
            _ => {}
        }
        before = byte;
        at = next;
    }
    open
}

/// The closing quote of the one at `at`.
fn closing(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
    let mut at = at + 1;
    loop {
        let byte = *bytes.get(at)?;
        if byte == b'\\' && quote == b'"' {
            at += 1;
        } else if byte == quote {
            if quote == b'"' || bytes.get(at + 1) != Some(&quote) {
                return Some(at);
            }
            at += 1;
        }
        at += 1;
    }
}

/// The first backslash at or after `from` that begins no escape YAML knows, with the character after it and its digits.
pub(super) fn bad_escape(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut rest = text.get(from..)?;
    loop {
        let at = text.len() - rest.len() + rest.find('\\')?;
        let tail = text.get(at + 1..)?;
        let name = tail.chars().next()?;
        let wanted = match name {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            '0' | 'a' | 'b' | 't' | '\t' | 'n' | 'v' | 'f' | 'r' | 'e' | ' ' | '"' | '/' | '\\' | 'N' | '_' | 'L'
            | 'P' | '\n' | '\r' => 0,
            _ => return Some((at, at + 1 + name.len_utf8())),
        };
        let found = tail.bytes().skip(1).take(wanted).take_while(u8::is_ascii_hexdigit).count();
        let end = at + 2 + found;
        let code = text.get(at + 2..end).and_then(|code| u32::from_str_radix(code, 16).ok());
        if found < wanted || (wanted > 0 && code.and_then(char::from_u32).is_none()) {
            return Some((at, end));
        }
        rest = text.get(at + 1 + name.len_utf8()..)?;
    }
}

/// The first tab in the indentation of the line at `from` or of one of the lines below it.
pub(super) fn indenting_tab(text: &str, from: usize) -> Option<usize> {
    let start = line_start(text, from);
    let mut at = start;
    for line in text.get(start..)?.split_inclusive('\n') {
        let content = line.trim_start_matches([' ', '\t', '-', '?', ':']);
        let indent = line.get(..line.len() - content.len())?;
        if let Some(tab) = indent.find('\t')
            && !content.trim().is_empty()
        {
            return Some(at + tab);
        }
        at += line.len();
    }
    None
}

/// The first byte of a kind. Looks at whole blocks without a branch, which is many times faster.
pub(super) fn first_byte(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let holds = |stretch: &[u8]| stretch.iter().fold(false, |found, byte| found | wanted(*byte));
    let mut from = 0;
    for stretch in bytes.chunks(64) {
        if holds(stretch) {
            return stretch.iter().position(|byte| wanted(*byte)).map(|at| from + at);
        }
        from += stretch.len();
    }
    None
}

/// A byte order mark before the first value that is not at the start of the file. YAML 1.2 ignores it; other readers
/// take it for text, so that it becomes part of the first key.
pub(super) fn second_mark(text: &str) -> Option<usize> {
    const MARK: char = '\u{feff}';
    let start = if text.starts_with(MARK) { MARK.len_utf8() } else { 0 };
    let mut at = start;
    for line in text.get(start..)?.split_inclusive(['\n', '\r']) {
        let shown = line.trim_start();
        match shown.chars().next() {
            Some(MARK) => return Some(at + line.len() - shown.len()),
            None | Some('#' | '%') => at += line.len(),
            Some(_) => return None,
        }
    }
    None
}

/// The first character that YAML never allows.
pub(super) fn forbidden(text: &str) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let rest = bytes.get(from..)?;
        // Candidates are found by their first byte; the whole character decides.
        let suspicious = |byte: u8| (byte < 0x20 && !matches!(byte, 9 | 10 | 13)) || matches!(byte, 0x7F | 0xC2 | 0xEF);
        let at = from + first_byte(rest, suspicious)?;
        let found = text.get(at..)?.chars().next()?;
        let fine = matches!(found, '\u{85}' | '\u{A0}'..='\u{FFFD}' | '\u{10000}'..);
        if !fine {
            return Some((at, found));
        }
        from = at + found.len_utf8();
    }
}

/// The character at a byte, as a span.
pub(super) fn span(text: &str, at: usize) -> Span {
    let (start, end) = character(text, at);
    Span::new(start, end)
}
