//! One open file: its text, what the check of it gave, and a tree of it that can be walked even where the text is broken.

use super::position::{self, Encoding};
use super::recognize::{FileKind, recognize};
use crate::inputs::recognise::Beside;
use crate::pipeline::CheckResult;
use crate::support::diagnostic::{Finding, SPEC};
use crate::support::source::{FileId, Source, Span};
use crate::syntax::{self, Node, ParseMode};
use gen_lsp_types::TextDocumentContentChangeEvent as Change;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// So many lines are blanked to make a broken text readable; a text with more faults has no tree.
const MOST_BLANKED: usize = 16;

/// The check of one text.
pub(super) struct Analysis {
    /// One finding for one cause, as `lint` prints them.
    pub checked: CheckResult,
    /// All findings, before those of one cause were joined: each can be fixed or allowed at its own place.
    pub all: Vec<Finding>,
    /// Findings in the settings and the files that they name.
    pub reported: Rc<Vec<CheckResult>>,
    /// Why the settings could not be read at all.
    pub failure: Option<String>,
    /// The files that were asked for.
    pub read: BTreeSet<PathBuf>,
    /// Whether a fault of YAML stopped the reading, so that nothing else could be found.
    pub stopped: bool,
}

/// A text that parses: the document's own, or a copy of the same length in which the broken lines are blank.
pub(super) struct Readable {
    pub text: String,
    pub root: Rc<Node>,
    /// Whether lines were blanked.
    pub broken: bool,
}

pub(super) struct OpenDocument {
    pub uri: String,
    /// `None` for a document that is not a file.
    pub path: Option<PathBuf>,
    pub version: i32,
    pub kind: FileKind,
    pub source: Source,
    pub analysis: Option<Analysis>,
    /// The last check of a text that could be read to its end.
    pub last: Option<Analysis>,
    readable: Option<Option<Rc<Readable>>>,
}

impl OpenDocument {
    pub fn new(
        uri: String,
        path: Option<PathBuf>,
        language: &str,
        version: i32,
        text: String,
        beside: Beside<'_>,
    ) -> OpenDocument {
        let name = path.as_ref().map_or_else(|| uri.clone(), |path| path.to_string_lossy().into_owned());
        let kind = recognize(&name, language, &text, beside);
        let source = Source::new(name, text);
        OpenDocument { uri, path, version, kind, source, analysis: None, last: None, readable: None }
    }

    /// Makes the changes one after the other, each in the text that the one before left.
    pub fn change(&mut self, version: i32, changes: Vec<Change>, encoding: Encoding, beside: Beside<'_>) {
        self.version = version;
        for change in changes {
            let text = match change {
                Change::TextDocumentContentChangeWholeDocument(whole) => whole.text,
                Change::TextDocumentContentChangePartial(part) => {
                    let span = position::span(&self.source, part.range, encoding);
                    let mut text = self.source.text.clone();
                    text.replace_range(span.start as usize..span.end as usize, &part.text);
                    text
                }
            };
            self.source = Source::new(std::mem::take(&mut self.source.name), text);
        }
        // a spec stays one while its first lines are typed again
        if self.kind.is_other() {
            self.kind = recognize(&self.source.name, "", &self.source.text, beside);
        }
        self.forget();
    }

    /// Whether it is a file of another tool in the folder of this path: they may be one set.
    pub fn is_beside(&self, path: &Path) -> bool {
        let is_foreign = matches!(self.kind, FileKind::Foreign(_));
        is_foreign && self.path.as_deref().is_some_and(|own| own.parent() == path.parent())
    }

    /// Drops the check; the text has changed, or a file that it depends on.
    pub fn forget(&mut self) {
        if let Some(analysis) = self.analysis.take().filter(|analysis| !analysis.stopped) {
            self.last = Some(analysis);
        }
        self.readable = None;
    }

    /// A file of the check by its number: the document itself is the first.
    pub fn source_of(&self, file: FileId) -> Option<&Source> {
        if file == SPEC {
            return Some(&self.source);
        }
        self.analysis.as_ref()?.checked.sources.get(usize::from(file.0))
    }

    /// The text and tree to answer questions from; `None` if even blanking lines does not help.
    pub fn readable(&mut self) -> Option<Rc<Readable>> {
        let text = &self.source.text;
        self.readable.get_or_insert_with(|| readable(text).map(Rc::new)).clone()
    }

    /// The findings of the current text. Where its YAML is broken, those of the last text that could be read follow, moved
    /// to where their places are now; those in the part that has changed since are left out.
    pub fn findings(&self) -> (Vec<Source>, Vec<Finding>) {
        let Some(analysis) = &self.analysis else { return (Vec::new(), Vec::new()) };
        let (mut sources, mut findings) = (analysis.checked.sources.clone(), analysis.checked.findings.clone());
        let Some(last) = self.last.as_ref().filter(|_| analysis.stopped) else { return (sources, findings) };
        let Some(old) = last.checked.sources.first() else { return (sources, findings) };
        let moved = Moved::between(&old.text, &self.source.text);
        // the first source is the text itself; those that the broken text still names come behind the old ones
        let extra = sources.split_off(1.min(sources.len()));
        sources.extend(last.checked.sources.iter().skip(1).cloned());
        let shift = u16::try_from(sources.len().saturating_sub(1)).unwrap_or(u16::MAX);
        sources.extend(extra);
        let behind = |finding: &mut Finding| {
            let places = finding.related.iter_mut().map(|related| &mut related.place).chain([&mut finding.at]);
            places
                .filter(|place| place.file != SPEC)
                .for_each(|place| place.file.0 = place.file.0.saturating_add(shift));
        };
        findings.iter_mut().for_each(behind);
        let known: Vec<Finding> = last.checked.findings.iter().filter_map(|finding| moved.finding(finding)).collect();
        findings.extend(known);
        findings.sort_by(Finding::order);
        (sources, findings)
    }
}

/// A text that parses, as near to this one as blanking whole lines comes.
fn readable(text: &str) -> Option<Readable> {
    let mut current = text.to_owned();
    let mut blanked = BTreeSet::new();
    loop {
        let source = Source::new("", current);
        let parsed = syntax::parse(SPEC, &source, ParseMode::Spec);
        if let Some(root) = parsed.root {
            return Some(Readable { text: source.text, root, broken: !blanked.is_empty() });
        }
        let fault = parsed.findings.first()?;
        let places = std::iter::once(fault.at).chain(fault.related.iter().map(|related| related.place));
        let mut lines = places.map(|place| source.line_index(place.span.start));
        // the line itself may be blank already: then a line that took part is at fault
        let line = lines.find(|line| blanked.insert(*line))?;
        if blanked.len() > MOST_BLANKED {
            return None;
        }
        let span = source.line_span(line);
        let blank = " ".repeat(span.len());
        current = source.text;
        current.replace_range(span.start as usize..span.end as usize, &blank);
    }
}

/// How places move from an old text to a new one: what both begin and end with stays, the middle is lost.
struct Moved {
    before: u32,
    after: u32,
    by: i64,
}

impl Moved {
    fn between(old: &str, new: &str) -> Moved {
        let before = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
        let most = old.len().min(new.len()) - before;
        let same = old.bytes().rev().zip(new.bytes().rev()).take(most).take_while(|(a, b)| a == b).count();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Moved {
            before: number(before),
            after: number(old.len() - same),
            by: i64::from(number(new.len())) - i64::from(number(old.len())),
        }
    }

    fn span(&self, span: Span) -> Option<Span> {
        let move_by = |offset: u32| u32::try_from(i64::from(offset) + self.by).ok();
        if span.end <= self.before {
            Some(span)
        } else if span.start >= self.after {
            Some(Span { start: move_by(span.start)?, end: move_by(span.end)? })
        } else {
            None
        }
    }

    fn finding(&self, finding: &Finding) -> Option<Finding> {
        let mut moved = finding.clone();
        if moved.at.file == SPEC {
            moved.at.span = self.span(moved.at.span)?;
        }
        // what took part may be what is being changed
        for related in moved.related.iter_mut().filter(|related| related.place.file == SPEC) {
            related.place.span = self.span(related.place.span)?;
        }
        // a fix that was computed for another text is not offered
        moved.fix = None;
        Some(moved)
    }
}
