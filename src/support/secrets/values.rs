//! The names on a line and the values that follow them. Knows no secret but the lists of variables.

use super::is_variable_of_secret;
use std::ops::Range;

/// A value on a line, and how it follows its name.
pub(super) struct LineValue {
    pub at: Range<usize>,
    /// `NAME=value`, as lists of variables have it.
    pub assigned: bool,
    /// The word after `--name`, or the item after it.
    pub option: bool,
}

pub(super) fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

pub(super) fn next_name(line: &str, from: usize) -> Option<Range<usize>> {
    let rest = line.get(from..)?;
    let start = from + rest.find(|c: char| is_name_part(c) && !matches!(c, '-' | '.'))?;
    let length = line.get(start..)?.find(|c: char| !is_name_part(c)).unwrap_or(line.len() - start);
    Some(start..start + length)
}

/// The start of the word that ends before a byte.
pub(super) fn word_start(line: &str, end: usize) -> usize {
    let before = line.get(..end).unwrap_or_default();
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    before.len() - before.chars().rev().take_while(|c| part(*c)).map(char::len_utf8).sum::<usize>()
}

/// The value that follows a name: after `: `, after `=`, or as the next word or item after `--name`.
pub(super) fn value(line: &str, name: &Range<usize>) -> Option<LineValue> {
    let before = line.get(..name.start)?;
    let after = line.get(name.end..)?;
    let opened = before.chars().next_back().filter(|c| matches!(c, '"' | '\''));
    // a name in quotes may begin with what is no part of it: `"example.com/auth-token": …`
    let ends = after.strip_prefix(['"', '\'']);
    let closed = ends.is_some_and(|rest| opened.is_some() || rest.trim_start().starts_with(':'));
    let option = before.ends_with("--");
    if let Some(at) = ends.filter(|_| option).and_then(|rest| next_item(line, rest)) {
        return Some(LineValue { at, assigned: false, option });
    }
    let after = if closed { after.get(1..)? } else { after };
    let trimmed = after.trim_start();
    let (rest, assigned) = if let Some(rest) = after.strip_prefix('=') {
        (rest, true)
    } else if let Some(rest) = trimmed.strip_prefix(':').filter(|rest| rest.starts_with([' ', '\t'])) {
        (rest.trim_start_matches([' ', '\t']), false)
    } else if option && trimmed.len() < after.len() {
        (trimmed, false)
    } else if let Some(at) = option.then(|| next_item(line, after)).flatten() {
        return Some(LineValue { at, assigned: false, option });
    } else {
        return None;
    };
    let start = line.len() - rest.len();
    let around = opened.filter(|_| !closed);
    let end = match rest.chars().next() {
        // the items of a list of secrets; other values that hold more names are searched
        Some('[') if is_variable_of_secret(line.get(name.clone())?) => {
            let end = rest.rfind(']').map_or(line.len(), |end| start + end);
            return Some(LineValue { at: start + 1..end, assigned, option });
        }
        Some('{' | '[') => return None,
        Some(quote @ ('"' | '\'')) => {
            return Some(LineValue { at: start + 1..quoted(line, start + 1, quote), assigned, option });
        }
        _ => match around {
            Some(quote) => quoted(line, start, quote),
            None => unquoted_end(line, name.start, start, option),
        },
    };
    Some(LineValue { at: start..end, assigned, option })
}

/// The item of a list after the one that ends where `rest` begins, unless that is an option, too.
pub(super) fn next_item(line: &str, rest: &str) -> Option<Range<usize>> {
    let item = rest.strip_prefix(',')?.trim_start();
    let start = line.len() - item.len();
    match item.chars().next()? {
        '-' | '[' | '{' => None,
        quote @ ('"' | '\'') if item.get(1..).is_some_and(|item| !item.starts_with('-')) => {
            Some(start + 1..quoted(line, start + 1, quote))
        }
        '"' | '\'' => None,
        _ => Some(start..start + item.find([',', ']', ' ']).unwrap_or(item.len())),
    }
}

/// The end of the quoted text that starts at a byte; the line's end if it is not closed.
pub(super) fn quoted(line: &str, start: usize, quote: char) -> usize {
    let mut escaped = false;
    for (index, c) in line.get(start..).unwrap_or_default().char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            c if c == quote => return start + index,
            _ => {}
        }
    }
    line.len()
}

/// The end of an unquoted value: a delimiter in braces and brackets, else the line end or a comment.
pub(super) fn unquoted_end(line: &str, name: usize, start: usize, option: bool) -> usize {
    let before = line.get(..name).unwrap_or_default();
    let open = |open: char, close: char| before.matches(open).count() > before.matches(close).count();
    let inside = open('{', '}') || open('[', ']');
    let rest = line.get(start..).unwrap_or_default();
    let mut last = ' ';
    for (index, c) in rest.char_indices() {
        let ends = match c {
            ',' | '}' | ']' => inside,
            '#' => last == ' ' && index > 0,
            ' ' | '"' | '\'' => option,
            _ => false,
        };
        if ends {
            return start + rest.get(..index).unwrap_or_default().trim_end().len();
        }
        last = c;
    }
    start + rest.trim_end().len()
}
