//! A table for a comment on a pull request. What stands in a file can neither end a cell nor mention or link anyone.

use std::io::{self, Write};

use super::{Batch, Reported, Style, clean, excerpt::SHOWN_RELATED, sentence};
use crate::support::diagnostic::Finding;

/// A comment on GitHub holds 65,536 characters; rows beyond this are counted, not shown.
const LONGEST: usize = 60_000;
/// One message is not worth more than this many characters.
const LONGEST_TEXT: usize = 2_000;

pub(super) fn write(batch: &Batch<'_>, _style: Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### scalegen: {}", batch.summary())?;
    let mut rows = batch.files.iter().flat_map(|file| file.findings.iter().map(move |finding| (file, finding)));
    let mut written = 0;
    let mut first = true;
    while let Some((file, finding)) = rows.next() {
        let row = row(file, finding);
        written += row.chars().count();
        if written > LONGEST {
            return writeln!(out, "\n… and {} more findings, which the other formats show", rows.count() + 1);
        }
        if first {
            writeln!(out, "\n| place | rule | finding |\n|---|---|---|")?;
            first = false;
        }
        out.write_all(row.as_bytes())?;
    }
    Ok(())
}

fn row(file: &Reported<'_>, finding: &Finding) -> String {
    let place = |place| {
        let at = file.position(place);
        code(&format!("{}:{}:{}", at.file, at.start.line, at.start.column))
    };
    let mut cell = prose(&sentence(finding));
    if let Some(help) = &finding.help {
        cell.push_str(&format!("<br>help: {}", prose(help)));
    }
    for related in finding.related.iter().take(SHOWN_RELATED) {
        cell.push_str(&format!("<br>{} {}", place(related.place), prose(&related.label)));
    }
    if finding.related.len() > SHOWN_RELATED {
        cell.push_str(&format!("<br>and {} more places", finding.related.len() - SHOWN_RELATED));
    }
    format!("| {} | {} {} | {cell} |\n", place(finding.at), finding.severity.word(), code(&finding.rule))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", clean(text.get(..end).unwrap_or_default())),
        None => clean(text),
    }
}

/// A message: its backticks make code where they come in pairs, all else stands for itself.
pub(in crate::report) fn prose(text: &str) -> String {
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

/// Puts an empty comment between the two parts wherever they stand together, in letters of any size.
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
pub(in crate::report) fn code(text: &str) -> String {
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
