//! Files of variables: `NAME=value` lines with quotes and comments, as compose reads them. Knows no compose key.
//!
//! The grammar is compose-go's (`dotenv/parser.go`), and for `format: raw` that of `docker run --env-file`.

use super::variables::{VariableValue, Variables, fill_with};
use crate::support::source::Span;
use std::collections::HashMap;

/// One variable of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DotenvVariable {
    /// Its name.
    pub(super) name: String,
    /// Where the name is.
    pub(super) span: Span,
    /// The value as written; `None` for a name alone, which takes the value that the surroundings have.
    pub(super) value: Option<String>,
    /// Whether references in the value count.
    expands: bool,
}

/// A line that is not a variable; lines count from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadLine(pub(super) usize);

/// Reads a file of variables.
pub(super) fn read(text: &str) -> Result<Vec<DotenvVariable>, BadLine> {
    let offset = |rest: &str| text.len() - rest.len();
    let bad = |rest: &str| BadLine(text.get(..offset(rest)).unwrap_or_default().matches('\n').count() + 1);
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(found);
        }
        if rest.starts_with('#') {
            rest = rest.find('\n').map_or("", |end| rest.get(end..).unwrap_or_default());
            continue;
        }
        let statement = rest;
        if let Some(exported) = rest.strip_prefix("export").filter(|tail| tail.starts_with(char::is_whitespace)) {
            rest = exported.trim_start_matches(is_blank);
        }
        let end = rest.find(['=', ':', '\n']);
        let (written, tail) = rest.split_at(end.unwrap_or(rest.len()));
        let allowed = |c: char| is_blank(c) || c.is_alphanumeric() || "_.-[]".contains(c);
        let name = written.trim_end();
        if !written.chars().all(allowed) || name.contains(' ') {
            return Err(bad(statement));
        }
        let span = Span::new(offset(rest), offset(rest) + name.len());
        let (value, after) = match tail.chars().next() {
            Some('=' | ':') => match value(tail.get(1..).unwrap_or_default().trim_start_matches(is_blank)) {
                Some(((value, expands), after)) => (Some((value, expands)), after),
                None => return Err(bad(statement)),
            },
            _ => (None, tail),
        };
        let (value, expands) = value.map_or((None, false), |(value, expands)| (Some(value), expands));
        found.push(DotenvVariable { name: name.to_owned(), span, value, expands });
        rest = after;
    }
}

/// The value at the front of a text and what comes after it; whether references in it count. `None` if its quote does not end.
fn value(text: &str) -> Option<((String, bool), &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let Some(quote) = quote else {
        let end = text.find('\n').unwrap_or(text.len());
        let (line, after) = text.split_at(end);
        let line = line.split(" #").next().unwrap_or_default();
        return Some(((line.trim_end().to_owned(), true), after));
    };
    let mut out = String::new();
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            let value = if quote == '"' { unescape(&out) } else { out };
            return Some(((value, quote == '"'), text.get(index + 1..)?));
        }
        if c == '\\' && !escaped {
            escaped = true;
            continue;
        }
        if escaped && c != quote {
            out.push('\\');
        }
        escaped = false;
        out.push(c);
    }
    None
}

/// The escapes of a double-quoted value; `\$` becomes `$$`, which is a `$` that begins no reference.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let plain = match (c, next) {
            ('\\', Some('n')) => '\n',
            ('\\', Some('r')) => '\r',
            ('\\', Some('t')) => '\t',
            ('\\', Some('a')) => '\u{7}',
            ('\\', Some('b')) => '\u{8}',
            ('\\', Some('f')) => '\u{c}',
            ('\\', Some('v')) => '\u{b}',
            ('\\', Some(next @ ('"' | '\\'))) => next,
            ('\\', Some('$')) => {
                out.push('$');
                '$'
            }
            _ => {
                out.push(c);
                continue;
            }
        };
        chars.next();
        out.push(plain);
    }
    out
}

/// A blank that does not end a line.
fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// Reads a file of variables as `docker run --env-file` does: no quotes, no references.
pub(super) fn read_raw(text: &str) -> Result<Vec<DotenvVariable>, BadLine> {
    let mut found = Vec::new();
    let mut offset = 0;
    for (index, line) in text.split('\n').enumerate() {
        let start = offset;
        offset += line.len() + 1;
        let indent = line.len() - line.trim_start().len();
        let line = line.trim_start().trim_end_matches('\r');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (line.trim_end(), None),
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(BadLine(index + 1));
        }
        let span = Span::new(start + indent, start + indent + name.len());
        found.push(DotenvVariable { name: name.to_owned(), span, value, expands: false });
    }
    Ok(found)
}

/// The values of a file's variables, with references among them replaced. `outer` and `earlier` take precedence.
pub(super) fn values(
    read: &[DotenvVariable],
    outer: &Variables,
    earlier: &HashMap<String, String>,
) -> HashMap<String, String> {
    let mut values: HashMap<String, String> = HashMap::new();
    for variable in read {
        let Some(written) = &variable.value else { continue };
        let known = |name: &str| {
            let own = || values.get(name).or_else(|| earlier.get(name)).map(String::as_str);
            outer.get(name).or_else(own).map(|text| VariableValue { text, private: true })
        };
        let value = if variable.expands { fill_with(written, &known).text } else { written.clone() };
        values.insert(variable.name.clone(), value);
    }
    values
}

/// The text with everything covered but names and line ends, so that excerpts of it show no value.
pub(super) fn covered(text: &str, read: &[DotenvVariable]) -> String {
    let mut names = read.iter().map(|variable| variable.span.start as usize..variable.span.end as usize).peekable();
    let mut out = String::with_capacity(text.len());
    for (index, byte) in text.bytes().enumerate() {
        while names.peek().is_some_and(|name| name.end <= index) {
            names.next();
        }
        let shown = byte == b'\n'
            || byte == b'\r'
            || (byte.is_ascii() && names.peek().is_some_and(|name| name.contains(&index)));
        out.push(if shown { char::from(byte) } else { '*' });
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::{BadLine, covered, read, read_raw, values};
    use crate::inputs::compose::project::variables::Variables;
    use std::collections::HashMap;

    #[test]
    fn names_and_values() {
        let text =
            "# note\nA=1\nexport B = two words # note\nC: 'x\ny'\nD=\"a\\\"b\\n\"\nE\n\nF=${A}-$B\nG='${A}'\nH=\nI=a#b";
        let read = read(text).unwrap();
        let names: Vec<&str> = read.iter().map(|variable| variable.name.as_str()).collect();
        assert_eq!(names, ["A", "B", "C", "D", "E", "F", "G", "H", "I"]);
        let slices = read.iter().map(|v| &text[v.span.start as usize..v.span.end as usize]);
        assert_eq!(slices.collect::<Vec<_>>(), names);
        let values = values(&read, &Variables::default(), &HashMap::new());
        let value = |name: &str| values.get(name).map(String::as_str);
        assert_eq!(value("B"), Some("two words"));
        assert_eq!(value("C"), Some("x\ny"));
        assert_eq!(value("D"), Some("a\"b\n"));
        assert_eq!(value("E"), None);
        assert_eq!(value("F"), Some("1-two words"));
        assert_eq!(value("G"), Some("${A}"));
        assert_eq!(value("H"), Some(""));
        assert_eq!(value("I"), Some("a#b"));
    }

    #[test]
    fn bad_lines_are_counted_from_one() {
        assert_eq!(read("A=1\n\nB C=2"), Err(BadLine(3)));
        assert_eq!(read("A=1\n?=2"), Err(BadLine(2)));
        assert_eq!(read("A='x\ny"), Err(BadLine(1)));
        assert_eq!(read_raw("A=1\nB C=2"), Err(BadLine(2)));
    }

    #[test]
    fn values_are_covered() {
        let text = "# s\nKEY='a\nb'\nX=é";
        assert_eq!(covered(text, &read(text).unwrap()), "***\nKEY***\n**\nX***");
    }

    #[test]
    fn raw_lines_have_no_quotes() {
        let read = read_raw("A=\"x\" # y\r\n# note\n B=$A\nC").unwrap();
        let pairs: Vec<_> = read.iter().map(|v| (v.name.as_str(), v.value.as_deref())).collect();
        assert_eq!(pairs, [("A", Some("\"x\" # y")), ("B", Some("$A")), ("C", None)]);
    }
}
