//! Markdown for a terminal: wrapped, tables aligned, with colour if requested. Knows widths of characters, no Markdown text.

use super::{Block, Look, TextRun};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// The style of a page.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Columns.
    pub width: usize,
    /// Whether escape sequences for colour and weight are written.
    pub color: bool,
}

/// The widest text that is easy to read; tables may be wider.
const MEASURE: usize = 90;
/// The least width of a column of a table.
const NARROWEST: usize = 10;
/// What is between two columns.
const GAP: &str = "  ";

const BOLD: &str = "1";
const CODE: &str = "36";
const DIM: &str = "2";

/// The blocks as text.
#[must_use]
pub fn terminal(blocks: &[Block], screen: Screen) -> String {
    let mut page = TerminalPage { out: String::new(), screen };
    page.blocks(blocks, "");
    page.out
}

/// One word, glued from pieces of different looks.
type GluedWord = Vec<(Look, String)>;

struct TerminalPage {
    out: String,
    screen: Screen,
}

impl TerminalPage {
    fn blocks(&mut self, blocks: &[Block], indent: &str) {
        for (index, block) in blocks.iter().enumerate() {
            if index > 0 {
                self.out.push('\n');
            }
            self.block(block, indent);
        }
    }

    fn block(&mut self, block: &Block, indent: &str) {
        match block {
            Block::Heading(_, runs, _) => {
                let words = super::plain_text(runs);
                self.line(indent, &paint(self.screen.color, BOLD, &words));
            }
            Block::Paragraph(runs) => {
                let limit = self.screen.width.min(MEASURE).saturating_sub(width(indent));
                for line in wrapped(runs, limit, self.screen.color) {
                    let text = self.painted(&line);
                    self.line(indent, &text);
                }
            }
            Block::Code(_, text) => {
                for line in text.lines() {
                    let text = self.code(line);
                    self.line(&format!("{indent}    "), &text);
                }
            }
            Block::List(first, items) => {
                // a list with blank lines in it keeps them
                let loose = items.iter().any(|item| item.len() > 1);
                for (index, item) in items.iter().enumerate() {
                    let mark = match first {
                        Some(first) => format!("{}. ", first + index as u64),
                        None => "• ".to_owned(),
                    };
                    if loose && index > 0 {
                        self.out.push('\n');
                    }
                    let start = self.out.len();
                    let inner = format!("{indent}{}", " ".repeat(width(&mark)));
                    self.blocks(item, &inner);
                    // the mark replaces the first line's indent
                    if self.out.get(start..).is_some_and(|text| text.starts_with(&inner)) {
                        self.out.replace_range(start..start + inner.len(), &format!("{indent}{mark}"));
                    }
                }
            }
            Block::Table(head, rows) => self.table(head, rows, indent),
            Block::Rule => {
                let line = "─".repeat(self.screen.width.min(MEASURE).saturating_sub(width(indent)));
                self.line(indent, &line);
            }
        }
    }

    fn table(&mut self, head: &[Vec<TextRun>], rows: &[Vec<Vec<TextRun>>], indent: &str) {
        let limit = self.screen.width.saturating_sub(width(indent) + GAP.len() * head.len().saturating_sub(1));
        let columns = shrunk(&widths(head, rows, self.screen.color), limit);
        self.row(head, &columns, indent, true);
        let lines: Vec<String> = columns.iter().map(|column| "─".repeat(*column)).collect();
        let line = paint(self.screen.color, DIM, &lines.join(GAP));
        self.line(indent, &line);
        let color = self.screen.color;
        let lines = |row: &[Vec<TextRun>]| {
            row.iter().zip(&columns).map(|(cell, limit)| wrapped(cell, *limit, color).len()).max()
        };
        // if cells take several lines, a blank line separates the rows
        let loose = rows.iter().any(|row| lines(row) > Some(2));
        for (index, row) in rows.iter().enumerate() {
            if loose && index > 0 {
                self.out.push('\n');
            }
            self.row(row, &columns, indent, false);
        }
    }

    fn row(&mut self, cells: &[Vec<TextRun>], columns: &[usize], indent: &str, head: bool) {
        let color = self.screen.color;
        let cells: Vec<Vec<Vec<GluedWord>>> =
            cells.iter().zip(columns).map(|(cell, limit)| wrapped(cell, *limit, color)).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for index in 0..height {
            let mut text = String::new();
            let mut pad = 0;
            for (cell, column) in cells.iter().zip(columns) {
                let line = cell.get(index).map_or(&[][..], |line| line);
                text.push_str(&" ".repeat(pad));
                let words = self.painted(line);
                text.push_str(&if head { paint(self.screen.color, BOLD, &words) } else { words });
                pad = column.saturating_sub(breadth(line)) + GAP.len();
            }
            self.line(indent, text.trim_end());
        }
    }

    /// Words as they are written, with spaces between.
    fn painted(&self, line: &[GluedWord]) -> String {
        let words: Vec<String> = line
            .iter()
            .map(|word| word.iter().map(|(look, text)| self.piece(*look, text)).collect::<String>())
            .collect();
        words.join(" ")
    }

    fn piece(&self, look: Look, text: &str) -> String {
        match look {
            Look::Plain => text.to_owned(),
            Look::Code => paint(self.screen.color, CODE, text),
            Look::Strong => paint(self.screen.color, BOLD, text),
            Look::Emphasis => paint(self.screen.color, "3", text),
        }
    }

    /// A line of an example; a comment that marks a finding is highlighted.
    fn code(&self, line: &str) -> String {
        let marks = [("# error: ", "31"), ("# warning: ", "33"), ("# note: ", "34")];
        let found = marks.iter().find_map(|(mark, color)| Some((line.find(mark)?, *color)));
        match found {
            Some((at, color)) => {
                let (before, after) = line.split_at(at);
                format!("{before}{}", paint(self.screen.color, color, after))
            }
            None => line.to_owned(),
        }
    }

    fn line(&mut self, indent: &str, text: &str) {
        let line = format!("{indent}{text}");
        // writing to a string cannot fail
        let _ = writeln!(self.out, "{}", line.trim_end());
    }
}

/// Runs as lines of words, none wider than the limit unless a single word is.
fn wrapped(runs: &[TextRun], limit: usize, color: bool) -> Vec<Vec<GluedWord>> {
    let mut lines: Vec<Vec<GluedWord>> = Vec::new();
    let mut line: Vec<GluedWord> = Vec::new();
    let mut used = 0;
    for word in words(runs, color).into_iter().flat_map(|word| cut(word, limit)) {
        let wide = breadth(std::slice::from_ref(&word));
        if !line.is_empty() && used + 1 + wide > limit {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        used += wide + usize::from(!line.is_empty());
        line.push(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A word no wider than the limit, or the parts of one that is: cut after a dot, a slash or a hyphen if there is one.
fn cut(word: GluedWord, limit: usize) -> Vec<GluedWord> {
    if breadth(std::slice::from_ref(&word)) <= limit.max(1) {
        return vec![word];
    }
    let mut parts: Vec<GluedWord> = vec![Vec::new()];
    let mut used = 0;
    for (look, text) in word {
        for piece in text.split_inclusive(['.', '/', '-']) {
            for chunk in chunks(piece, limit.max(1)) {
                let wide = width(&chunk);
                if used + wide > limit && used > 0 {
                    parts.push(Vec::new());
                    used = 0;
                }
                used += wide;
                if let Some(part) = parts.last_mut() {
                    part.push((look, chunk));
                }
            }
        }
    }
    parts
}

/// A text in parts that fit the limit.
fn chunks(text: &str, limit: usize) -> Vec<String> {
    let mut chunks = vec![String::new()];
    for c in text.chars() {
        if let Some(last) = chunks.last_mut() {
            last.push(c);
            if width(last) >= limit {
                chunks.push(String::new());
            }
        }
    }
    chunks.retain(|chunk| !chunk.is_empty());
    chunks
}

/// Runs cut at their spaces; without colour, code keeps its backticks.
fn words(runs: &[TextRun], color: bool) -> Vec<GluedWord> {
    let mut words: Vec<GluedWord> = Vec::new();
    let mut glued = false;
    for run in runs {
        let ticked;
        let (look, text) = match (run.look, color) {
            (Look::Code, false) => {
                ticked = format!("`{}`", run.text);
                (Look::Plain, &ticked)
            }
            (look, _) => (look, &run.text),
        };
        for (index, piece) in text.split(' ').enumerate() {
            glued &= index == 0;
            if piece.is_empty() {
                continue;
            }
            match words.last_mut().filter(|_| glued) {
                Some(word) => word.push((look, piece.to_owned())),
                None => words.push(vec![(look, piece.to_owned())]),
            }
            glued = true;
        }
        glued &= !text.ends_with(' ');
    }
    words
}

fn breadth(line: &[GluedWord]) -> usize {
    let words: usize = line.iter().flatten().map(|(_, text)| width(text)).sum();
    words + line.len().saturating_sub(1)
}

/// The natural width of each column, and its widest word.
fn widths(head: &[Vec<TextRun>], rows: &[Vec<Vec<TextRun>>], color: bool) -> Vec<(usize, usize)> {
    let mut columns = vec![(0, 0); head.len()];
    for row in std::iter::once(head).chain(rows.iter().map(Vec::as_slice)) {
        for (column, cell) in columns.iter_mut().zip(row) {
            let words = words(cell, color);
            let widest = words.iter().map(|word| word.iter().map(|(_, text)| width(text)).sum()).max().unwrap_or(0);
            *column = (column.0.max(breadth(&words)), column.1.max(widest));
        }
    }
    columns
}

/// Widths that fit the limit. The widest columns shrink first, and none below its widest word while another can shrink.
fn shrunk(columns: &[(usize, usize)], limit: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = columns.iter().map(|(whole, _)| *whole).collect();
    let floors = [columns.iter().map(|(_, word)| *word).collect(), vec![NARROWEST; columns.len()]];
    for floors in floors {
        while widths.iter().sum::<usize>() > limit {
            let gives = widths.iter_mut().zip(&floors).filter(|(width, floor)| **width > **floor);
            let Some((width, _)) = gives.max_by_key(|(width, _)| **width) else { break };
            *width -= 1;
        }
    }
    widths
}

fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

fn paint(color: bool, code: &str, text: &str) -> String {
    if color && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}
