//! Text of others as Markdown that marks nothing up, links nothing and mentions nobody. Knows no format.

use super::words::clean;

/// One message is not worth more than this many characters.
const LONGEST_TEXT: usize = 2_000;

/// A message: its backticks make code where they come in pairs, all else stands for itself.
pub(super) fn prose(text: &str) -> String {
    let text = short(text);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) || parts.iter().skip(1).step_by(2).any(|part| part.trim().is_empty()) {
        return escape(&text);
    }
    let part = |(index, part): (usize, &&str)| if index % 2 == 0 { escape(part) } else { code(part) };
    parts.iter().enumerate().map(part).collect()
}

/// Every sign that could mean something to a reader of Markdown, to HTML, or to a forge that links names and numbers.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // an empty comment between the sign and the name: nobody is mentioned, no issue and no page is linked
            '@' | '#' => escaped.extend(['\\', character].into_iter().chain("<!-- -->".chars())),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
    }
    UNLINKED.iter().fold(escaped, |escaped, (before, after)| apart(&escaped, before, after))
}

/// What makes an address or a number of an issue, in two parts: readers of Markdown link these without any sign.
const UNLINKED: &[(&str, &str)] = &[(":", "//"), ("www", "."), ("gh", "-")];

/// Puts an empty comment between the two parts wherever they are together, in letters of any size.
fn apart(text: &str, before: &str, after: &str) -> String {
    let (lower, whole) = (text.to_ascii_lowercase(), format!("{before}{after}"));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (start, _) in lower.match_indices(&whole) {
        let end = start + before.len();
        out.push_str(text.get(done..end).unwrap_or_default());
        out.push_str("<!-- -->");
        done = end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// A code span of one line within a table: its fence is longer than any run of backticks in it.
pub(super) fn code(text: &str) -> String {
    let text = short(text);
    // readers of tables do not agree whether such a bar is escaped
    if text.contains("\\|") {
        return escape(&text);
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let edge = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) || text.is_empty() { " " } else { "" };
    format!("{fence}{edge}{}{edge}{fence}", text.replace('|', "\\|"))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", clean(text.get(..end).unwrap_or_default())),
        None => clean(text),
    }
}
