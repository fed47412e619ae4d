//! Rows to an aligned table, as plain text or Markdown. Knows no number and no field.

use super::markdown_text::prose;
use super::words::clean;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// A table whose first row is its head.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
    /// For each column, whether it is ragged on the right: words, not numbers.
    words: Vec<bool>,
}

impl Table {
    /// A table with these headings; true marks a column of words.
    pub fn new<'h>(head: impl IntoIterator<Item = (&'h str, bool)>) -> Table {
        let (head, words): (Vec<String>, Vec<bool>) =
            head.into_iter().map(|(head, words)| (clean(head), words)).unzip();
        Table { rows: vec![head], words }
    }

    /// Adds a row; nothing in it can steer a terminal.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| clean(&cell)).collect());
    }

    /// Plain text: numbers to the right, words to the left, two blanks between.
    pub fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let widths = self.widths(UnicodeWidthStr::width);
        for row in &self.rows {
            let cells = row.iter().zip(&widths).zip(&self.words);
            let line: Vec<String> = cells
                .map(|((cell, width), words)| {
                    let pad = " ".repeat(width.saturating_sub(cell.width()));
                    if *words { format!("{cell}{pad}") } else { format!("{pad}{cell}") }
                })
                .collect();
            writeln!(out, "{}", line.join("  ").trim_end())?;
        }
        Ok(())
    }

    /// A Markdown table. What is in a cell can neither end it nor mean anything to a reader of Markdown.
    pub fn markdown(&self, out: &mut dyn Write) -> io::Result<()> {
        for (index, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> = row.iter().map(|cell| prose(cell)).collect();
            writeln!(out, "| {} |", cells.join(" | "))?;
            if index == 0 {
                let rule: Vec<&str> = self.words.iter().map(|words| if *words { "---" } else { "---:" }).collect();
                writeln!(out, "|{}|", rule.join("|"))?;
            }
        }
        Ok(())
    }

    fn widths(&self, width: impl Fn(&str) -> usize) -> Vec<usize> {
        let mut widths = vec![0; self.words.len()];
        for row in &self.rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = width(cell).max(*widest);
            }
        }
        widths
    }
}
