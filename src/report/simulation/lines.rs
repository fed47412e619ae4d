//! Wraps sentences to a width.

use super::super::words::clean;
use std::io::{self, Write};

/// One point of a list, wrapped to a width.
pub(super) fn wrapped(text: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    laid("  - ", "    ", text, width, out)
}

/// One sentence, wrapped to a width.
pub(super) fn folded(text: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    laid("", "  ", &clean(text), width, out)
}

fn laid(first: &str, next: &str, text: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split(' ') {
        let blank = if empty { "" } else { " " };
        if !empty && line.chars().count() + 1 + word.chars().count() > width.max(20) {
            writeln!(out, "{line}")?;
            line = format!("{next}{word}");
            continue;
        }
        line.push_str(blank);
        line.push_str(word);
        empty = false;
    }
    writeln!(out, "{line}")
}
