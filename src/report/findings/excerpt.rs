//! The source lines of a finding: cleaned, cropped, and with its places marked. Knows no drawing.
//!
//! A place is marked on its first line only: a value of a hundred lines is not worth a hundred lines of report.

use std::ops::Range;

use super::{Reported, clean};
use crate::support::diagnostic::{Finding, SPEC};
use crate::support::secrets;
use crate::support::source::{FileId, FileSpan, LineColumn, Source, Span};

/// Marks at most this many lines apart share an excerpt, which then shows the lines between.
const GAP: usize = 2;
/// The gap in files other than the spec: there only marked lines are shown.
const FOREIGN_GAP: usize = 0;
/// The longest line that is shown, however wide the terminal.
const LONGEST_LINE: usize = 500;
/// The most second places that are shown; the rest are counted.
pub(super) const SHOWN_RELATED: usize = 6;

/// Some lines of one file, each ended by `\n`.
#[derive(Debug)]
pub(super) struct Excerpt {
    /// The file's name, cleaned.
    pub(super) name: String,
    /// The main mark of the excerpt: the primary place if it is in here, else the first mark.
    pub(super) at: LineColumn,
    /// 0-based index of the first line.
    pub(super) first_line: usize,
    /// How many lines.
    pub(super) line_count: usize,
    /// The lines as shown.
    pub(super) text: String,
    /// The marked places, in the order of their start.
    pub(super) marks: Vec<Mark>,
}

/// Bytes of an excerpt's text to underline; at the end of a line that is its `\n`.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) bytes: Range<usize>,
    pub(super) label: Option<String>,
    pub(super) primary: bool,
}

/// A place on its line, before the line is cropped. Ordered by file and position.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Spot<'a> {
    file: FileId,
    line: usize,
    start: usize,
    end: usize,
    label: Option<&'a str>,
}

impl<'a> Spot<'a> {
    fn new(source: &Source, place: FileSpan, label: Option<&'a str>) -> Spot<'a> {
        let line = source.line_index(place.span.start);
        let bytes = source.line_span(line);
        let within = |offset: u32| offset.clamp(bytes.start, bytes.end).saturating_sub(bytes.start) as usize;
        let (start, end) = (within(place.span.start), within(place.span.end));
        Spot { file: place.file, line, start, end, label }
    }

    fn is_primary(&self) -> bool {
        self.label.is_none()
    }
}

/// The excerpts of a finding: that of its primary place first, the others in the order of their files and lines.
pub(super) fn excerpts(file: &Reported<'_>, finding: &Finding, width: usize) -> Vec<Excerpt> {
    let related = finding.related.iter().take(SHOWN_RELATED).map(|related| (related.place, Some(&*related.label)));
    let mut spots: Vec<Spot<'_>> = std::iter::once((finding.at, None))
        .chain(related)
        .filter_map(|(place, label)| Some(Spot::new(file.source(place.file)?, place, label)))
        .collect();
    spots.sort();
    let near = |a: &Spot<'_>, b: &Spot<'_>| {
        let gap = if a.file == SPEC { GAP } else { FOREIGN_GAP };
        a.file == b.file && b.line - a.line <= gap + 1
    };
    let mut groups: Vec<&[Spot<'_>]> = spots.chunk_by(near).collect();
    groups.sort_by_key(|group| !group.iter().any(Spot::is_primary));
    groups.into_iter().filter_map(|group| excerpt(file, group, width, finding)).collect()
}

fn excerpt(file: &Reported<'_>, spots: &[Spot<'_>], width: usize, finding: &Finding) -> Option<Excerpt> {
    let (first, last) = (spots.first()?, spots.last()?);
    let about = spots.iter().find(|spot| spot.is_primary()).unwrap_or(first);
    let source = file.source(first.file)?;
    let about_start = source.line_span(about.line).start as usize + about.start;
    let mut excerpt = Excerpt {
        name: clean(&source.name),
        at: source.numbers(u32::try_from(about_start).unwrap_or(u32::MAX)),
        first_line: first.line,
        line_count: last.line - first.line + 1,
        text: String::new(),
        marks: Vec::new(),
    };
    for index in first.line..=last.line {
        let here: Vec<&Spot<'_>> = spots.iter().filter(|spot| spot.line == index).collect();
        let focus = here.iter().find(|spot| spot.is_primary()).or(here.first()).map_or(0, |spot| spot.start);
        let own = finding.secret.filter(|_| first.file == finding.at.file);
        let open = here.iter().find(|spot| spot.is_primary()).map(|spot| spot.start..spot.end);
        let hidden = hidden(source, index, source.foreign || first.file != SPEC, (own, open, &finding.message));
        let line = ExcerptLine::new(source, index, focus, width.min(LONGEST_LINE), hidden);
        let offset = excerpt.text.len();
        for spot in here {
            let start = line.shown_offset(spot.start);
            let end = line.shown_offset(spot.end).max(start + line.char_len(start));
            excerpt.marks.push(Mark {
                bytes: offset + start..offset + end,
                label: spot.label.map(clean),
                primary: spot.is_primary(),
            });
        }
        excerpt.text.push_str(&line.shown);
        excerpt.text.push('\n');
    }
    Some(excerpt)
}

/// The bytes of a line that must not be shown: likely secrets, and those of a `known` secret. A variable of a foreign file is hidden whatever
/// it holds; of it the `underlined` part is shown if the message says the same, as `-Xmx2g` beside other options.
fn hidden(
    source: &Source,
    index: usize,
    foreign: bool,
    (known, underlined, message): (Option<Span>, Option<Range<usize>>, &str),
) -> Vec<Range<usize>> {
    let bytes = source.line_span(index);
    let text = source.slice(bytes);
    let mut hidden = secrets::on_line(source, index, foreign);
    let is_said =
        |part: &Range<usize>| part.len() > 2 && text.get(part.clone()).is_some_and(|part| message.contains(part));
    if let Some(open) = underlined.filter(|_| foreign && known.is_none()).filter(is_said) {
        let certain = secrets::on_line(source, index, false);
        if !certain.iter().any(|secret| secret.start < open.end && open.start < secret.end) {
            let around = |own: Range<usize>| [own.start..own.end.min(open.start), own.start.max(open.end)..own.end];
            hidden = hidden.into_iter().flat_map(around).filter(|part| !part.is_empty()).collect();
        }
    }
    if let Some(known) = known {
        let within = |offset: u32| offset.clamp(bytes.start, bytes.end).saturating_sub(bytes.start) as usize;
        hidden.push(within(known.start).max(text.len() - text.trim_start().len())..within(known.end));
    }
    hidden
}

/// One line of source and its shown part.
struct ExcerptLine<'a> {
    source: &'a str,
    window: Range<usize>,
    /// Hidden text: as many stars as characters, so that columns stay.
    hidden: Vec<Range<usize>>,
    shown: String,
}

impl<'a> ExcerptLine<'a> {
    fn new(source: &'a Source, index: usize, focus: usize, limit: usize, hidden: Vec<Range<usize>>) -> ExcerptLine<'a> {
        let text = source.slice(source.line_span(index));
        let window = window(text, focus, limit);
        let mut line = ExcerptLine { source: text, window: window.clone(), hidden, shown: String::new() };
        if window.start > 0 {
            line.shown.push('…');
        }
        line.shown.push_str(&line.shown_part(window.end));
        if window.end < text.len() {
            line.shown.push('…');
        }
        line
    }

    /// The shown form of the window up to a byte of the source line.
    fn shown_part(&self, end: usize) -> String {
        let part = slice(self.source, self.window.start..end);
        // A byte order mark is not a column; a tab is widened when it is drawn.
        let shown = if self.window.start == 0 { part.trim_start_matches('\u{feff}') } else { part };
        let from = self.window.start + part.len() - shown.len();
        let shown = secrets::starred(shown, from, &self.hidden);
        shown.split('\t').map(clean).collect::<Vec<_>>().join("\t")
    }

    /// The position in the shown text of a byte of the source line; for a cropped byte, that of the crop mark.
    fn shown_offset(&self, byte: usize) -> usize {
        if byte < self.window.start {
            return 0;
        }
        let cut = if self.window.start > 0 { '…'.len_utf8() } else { 0 };
        cut + self.shown_part(byte.min(self.window.end)).len()
    }

    /// The length of the shown character at an offset, or of the line's end.
    fn char_len(&self, offset: usize) -> usize {
        self.shown.get(offset..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
    }
}

/// The bytes of at most `limit` characters around the focus, most of them after it. Reads no more than it keeps.
fn window(text: &str, focus: usize, limit: usize) -> Range<usize> {
    if text.chars().nth(limit).is_none() {
        return 0..text.len();
    }
    let back = |from: usize, count: usize| {
        slice(text, 0..from).char_indices().rev().nth(count.saturating_sub(1)).map_or(0, |(index, _)| index)
    };
    let limit = limit.saturating_sub(2).max(1);
    let start = back(focus, limit / 3);
    match slice(text, start..text.len()).char_indices().nth(limit) {
        Some((length, _)) => start..start + length,
        None => back(text.len(), limit)..text.len(),
    }
}

/// A part of a text, ends moved back to whole characters.
fn slice(text: &str, bytes: Range<usize>) -> &str {
    let whole = |mut byte: usize| {
        byte = byte.min(text.len());
        while !text.is_char_boundary(byte) {
            byte -= 1;
        }
        byte
    };
    text.get(whole(bytes.start)..whole(bytes.end)).unwrap_or_default()
}
