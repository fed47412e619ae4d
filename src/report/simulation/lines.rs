//! Wraps sentences to a width.

use super::super::words::{clean, wrap};
use std::io::{self, Write};

/// One point of a list, wrapped to a width.
pub(super) fn wrapped(text: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    write("  - ", "    ", text, width, out)
}

/// One sentence, wrapped to a width.
pub(super) fn folded(text: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    write("", "  ", &clean(text), width, out)
}

fn write(first: &str, next: &str, text: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{first}{}", wrap(text, width.max(20), first.len(), next))
}
