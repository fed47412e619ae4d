//! Text and places in it: files, byte spans, line and column numbers. Knows no other module.

use std::fmt;
use std::sync::OnceLock;

/// The file of a place: 0 is the spec, higher numbers are files the spec names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u16);

/// A half-open range of bytes, 0-based.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from two byte offsets; offsets past 4 GiB are clamped (such files are refused on reading).
    #[must_use]
    pub fn new(start: usize, end: usize) -> Span {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { start: clamp(start), end: clamp(end.max(start)) }
    }

    /// Number of bytes.
    #[must_use]
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// Whether no byte is inside.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether `other` is wholly inside.
    #[must_use]
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// A span in one file: what a finding points at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileSpan {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub span: Span,
}

/// The place of a field in a document: its key and its value.
///
/// For a list item (and the root) the key is the value itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldSpan {
    /// The file of both spans.
    pub file: FileId,
    /// The key's bytes.
    pub key: Span,
    /// The value's bytes.
    pub value: Span,
    /// Whether the value is a block collection, too large to underline.
    pub block: bool,
}

impl FieldSpan {
    /// What to underline for the field's value: the value, or the key if the value is a block or empty.
    #[must_use]
    pub fn place(self) -> FileSpan {
        let span = if self.block || self.value.is_empty() { self.key } else { self.value };
        FileSpan { file: self.file, span }
    }

    /// Where its value is written, however large it is.
    #[must_use]
    pub fn bytes(self) -> FileSpan {
        FileSpan { file: self.file, span: self.value }
    }

    /// What to underline for the field itself: its key.
    #[must_use]
    pub fn key(self) -> FileSpan {
        FileSpan { file: self.file, span: self.key }
    }
}

/// A 1-based line and column; columns count Unicode scalar values, a tab is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// 1-based line.
    pub line: usize,
    /// 1-based column.
    pub column: usize,
}

/// One file's text with the name it is reported under.
#[derive(Clone, Debug)]
pub struct Source {
    /// As shown to people: the path from the command line, or as the spec wrote it.
    pub name: String,
    /// The text; a byte order mark at the front is kept, so that offsets hold.
    pub text: String,
    lines: OnceLock<Vec<u32>>,
    /// How many characters come before each block of bytes; counted when a column in a long line is first needed.
    blocks: OnceLock<Box<[u32]>>,
    /// For each line the index of the nearest one above that begins further left; its own if there is none.
    outer: OnceLock<Box<[u32]>>,
}

/// Columns in longer lines are counted by blocks of this many bytes, so that many places in one line stay cheap.
const BLOCK: usize = 1024;

impl Source {
    /// Takes the text. `\n`, `\r\n` and a lone `\r` each end a line, as in YAML.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        Source {
            name: name.into(),
            text: text.into(),
            lines: OnceLock::new(),
            blocks: OnceLock::new(),
            outer: OnceLock::new(),
        }
    }

    /// The start of each line. Computed when first needed, because most texts have no findings.
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let mut lines = vec![0];
            for (index, byte) in bytes.iter().enumerate() {
                let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(index + 1) != Some(&b'\n'));
                if ends {
                    lines.push(u32::try_from(index + 1).unwrap_or(u32::MAX));
                }
            }
            lines
        })
    }

    /// Line and column of a byte offset; an offset past the end counts as the end.
    #[must_use]
    pub fn numbers(&self, offset: u32) -> LineColumn {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let index = self.lines().partition_point(|start| *start as usize <= offset).saturating_sub(1);
        let start = self.lines().get(index).map_or(0, |start| *start as usize);
        // A byte order mark is not a column: editors do not show it.
        let bare = self.text.trim_start_matches('\u{feff}');
        let start = if start == 0 { (self.text.len() - bare.len()).min(offset) } else { start };
        LineColumn { line: index + 1, column: self.characters(start, offset) + 1 }
    }

    /// How many characters begin in these bytes.
    fn characters(&self, start: usize, end: usize) -> usize {
        let bytes = self.text.as_bytes();
        let count = |bytes: &[u8]| bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count();
        if end.saturating_sub(start) <= BLOCK {
            return count(bytes.get(start..end).unwrap_or_default());
        }
        let blocks = self.blocks.get_or_init(|| {
            let mut sums = vec![0u32];
            for block in bytes.chunks(BLOCK) {
                let before = sums.last().copied().unwrap_or_default();
                sums.push(before.saturating_add(u32::try_from(count(block)).unwrap_or_default()));
            }
            sums.into()
        });
        let before = |offset: usize| {
            let block = offset / BLOCK;
            let whole = blocks.get(block).map_or(0, |sum| *sum as usize);
            whole + count(bytes.get(block * BLOCK..offset).unwrap_or_default())
        };
        before(end) - before(start)
    }

    /// How many lines the text has; a text that ends with a line end has an empty last one.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.lines().len()
    }

    /// The 0-based index of the line an offset is on.
    #[must_use]
    pub fn line_index(&self, offset: u32) -> usize {
        self.lines().partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The bytes of the line with this 0-based index, without its line end.
    #[must_use]
    pub fn line_span(&self, index: usize) -> Span {
        let start = self.lines().get(index).map_or(self.text.len(), |start| *start as usize);
        let end = self.lines().get(index + 1).map_or(self.text.len(), |next| *next as usize);
        let line = self.text.get(start..end).unwrap_or_default();
        Span::new(start, start + line.trim_end_matches(['\n', '\r']).len())
    }

    /// The 0-based indices of the lines that enclose a line, the innermost first: each is the nearest above that begins
    /// further left. A blank line encloses none and has none. All lines are computed at once, when this is first needed.
    pub fn enclosing(&self, index: usize) -> impl Iterator<Item = usize> {
        let outer = self.outer.get_or_init(|| self.find_outer());
        let next = move |index: &usize| outer.get(*index).map(|outer| *outer as usize).filter(|outer| outer != index);
        std::iter::successors(next(&index), next)
    }

    fn find_outer(&self) -> Box<[u32]> {
        // the lines that may still enclose one below, with their indents
        let mut open: Vec<(usize, u32)> = Vec::new();
        let outer = (0..self.lines().len()).map(|index| {
            let line = self.slice(self.line_span(index));
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            if line.trim_start().is_empty() {
                return number;
            }
            let indent = line.bytes().take_while(|byte| *byte == b' ').count();
            while open.pop_if(|(column, _)| *column >= indent).is_some() {}
            let outer = open.last().map_or(number, |(_, line)| *line);
            open.push((indent, number));
            outer
        });
        outer.collect()
    }

    /// The text of a span, empty if the span is outside.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

/// The name of a file whose path is relative to another file: relative to the same folder as the other's name.
#[must_use]
pub fn beside(name: &str, path: &str) -> String {
    let folder = name.rsplit_once('/').filter(|_| !path.starts_with('/'));
    let Some((folder, _)) = folder else { return path.to_owned() };
    folded(folder.split('/').collect(), path)
}

/// A path without redundant parts: `./a` and `b/../a` are `a`.
#[must_use]
pub fn fold(path: &str) -> String {
    folded(Vec::new(), path)
}

/// A path below these parts of a folder, which stay as they are where `..` cannot leave them.
fn folded<'p>(mut parts: Vec<&'p str>, path: &'p str) -> String {
    for part in path.split('/') {
        match (part, parts.last()) {
            (".", _) => {}
            ("..", Some(last)) if !["", ".", ".."].contains(last) => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::{Source, fold};

    #[test]
    fn two_ways_to_one_file_are_one() {
        for (path, short) in [
            ("./a.yaml", "a.yaml"),
            ("b/../a.yaml", "a.yaml"),
            ("../a.yaml", "../a.yaml"),
            ("../../a", "../../a"),
            ("/a/./b/../c", "/a/c"),
        ] {
            assert_eq!(fold(path), short);
        }
    }

    #[test]
    fn a_line_stands_below_those_that_begin_further_left() {
        let source = Source::new("x", "a:\r\n  b:\n\n      c\n    \t\n    - d\n  e\rf\n  g");
        let enclosing: Vec<Vec<usize>> =
            (0..=source.line_count()).map(|index| source.enclosing(index).collect()).collect();
        let none = Vec::new;
        // the last is past the end
        let expected = [none(), vec![0], none(), vec![1, 0], none(), vec![1, 0], vec![0], none(), vec![7], none()];
        assert_eq!(enclosing, expected);
    }
}
