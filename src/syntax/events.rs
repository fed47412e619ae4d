//! Turns parser events into the tree: spans, aliases, merges, tags, limits. No other file knows the parser's events.
//!
//! The parser's spans are corrected: block lists and mappings have a zero-width start and run into the
//! next token, block scalars into the next line, empty values have the text `~`, anchors and comments come
//! late. The spans that this file produces are exact.

use super::builder::Builder;
use super::common::Common;
use super::frame::{Done, Extent, Frame, FrameKind};
use super::map::ValueRole;
use super::tree::{Comment, LocalTag, Style, Value};
use super::{MAX_DEPTH, ParseMode, Parsed, explain, locate, scalar};
use crate::support::source::Span;
use granit_parser::{Event, Parser, ScalarStyle, StrInput, StructureStyle, Tag};
use std::borrow::Cow;
use std::rc::Rc;

/// The prefix of the tags of YAML's own types.
const YAML_TYPES: &str = "tag:yaml.org,2002:";

impl<'s> Builder<'s> {
    /// Reads the document: without the parser if it is of the common form, else by the parser's events.
    pub fn run(mut self) -> Parsed {
        if let Some((at, found)) = locate::forbidden(self.text) {
            self.parsed.findings.push(explain::forbidden(self.file, at, found));
            return self.parsed;
        }
        let (file, text, mode, texts) = (self.file, self.text, self.mode, Rc::clone(&self.texts));
        self.common().unwrap_or_else(|| Builder::new(file, text, mode, texts).events())
    }

    /// Reads a document of the common form, which holds no forbidden character.
    pub fn common(mut self) -> Option<Parsed> {
        Common::new(&mut self).read()?;
        Some(self.parsed)
    }

    /// Reads the document by the parser's events.
    ///
    /// Inside brackets and quotes a line may be as far to the left as it likes: the readers of libyaml's family
    /// (Go's yaml, PyYAML, serde_yaml) accept that, though YAML 1.2 requires one column more than the key. If the text
    /// has a fault anyway, it is read again by the rule of YAML 1.2: a line too far to the left is then the best hint
    /// at the bracket or the quote that was never closed.
    pub fn events(mut self) -> Parsed {
        if let Some(at) = locate::second_mark(self.text) {
            self.parsed.findings.push(explain::second_mark(self.file, at));
            return self.parsed;
        }
        let (file, text, mode, texts) = (self.file, self.text, self.mode, Rc::clone(&self.texts));
        match self.read_events(false) {
            Ok(parsed) => parsed,
            Err(_) => {
                let (Ok(parsed) | Err(parsed)) = Builder::new(file, text, mode, texts).read_events(true);
                parsed
            }
        }
    }

    /// `strict` requires the indentation of YAML 1.2 inside brackets and quotes.
    ///
    /// # Errors
    /// What was read before the parser failed; the last finding is its error.
    fn read_events(mut self, strict: bool) -> Result<Parsed, Parsed> {
        let mut faulty = false;
        let options = granit_parser::options! {
            strict_indentation: strict,
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
            emit_anchor_events: true,
            emit_unresolved_aliases: true,
            // Comments are bounded by the text itself; the default refuses 97 comment lines in a row.
            max_buffered_comment_events: usize::MAX,
        };
        let mut parser: Parser<'s, StrInput<'s>> = Parser::new_from_str_with_options(self.text, options);
        while !self.stopped {
            match parser.next_event() {
                None | Some(Ok((Event::StreamEnd, _))) => break,
                Some(Ok((event, span))) => self.event(event, &span),
                Some(Err(error)) => {
                    let brackets: Vec<usize> =
                        self.frames.iter().filter(|frame| self.opens(frame)).map(|f| f.start).collect();
                    let finding = explain::error(self.file, self.text, &error, self.reached, &brackets);
                    self.fatal(finding);
                    faulty = true;
                }
            }
        }
        self.parsed.comments.sort_by_key(|comment| comment.span);
        if faulty { Err(self.parsed) } else { Ok(self.parsed) }
    }

    /// Whether a frame is a flow collection with a bracket (a pair in a flow list has none).
    fn opens(&self, frame: &Frame) -> bool {
        frame.style == Style::Flow && matches!(self.text.as_bytes().get(frame.start), Some(b'[' | b'{'))
    }

    fn event(&mut self, event: Event<'s>, span: &granit_parser::Span) {
        let (start, end) = (span.start.byte_offset().unwrap_or(0), span.end.byte_offset().unwrap_or(0));
        let here = Span::new(start, end);
        if !matches!(event, Event::Comment(..) | Event::Anchor(..)) {
            self.reached = self.reached.max(end);
        }
        match event {
            Event::DocumentStart(..) => self.document(start),
            Event::Comment(..) => self.parsed.comments.push(Comment { span: here }),
            Event::Anchor(_, name) => self.names.push(name),
            Event::Alias(id) => self.alias(id, here),
            Event::UnresolvedAlias(name) => {
                let finding = explain::unknown_alias(self.place(here), &name, &self.names);
                self.report(finding);
                self.missing(here);
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(text, style, (start, end), anchor, tag.as_deref(), span)
            }
            Event::SequenceStart(style, anchor, tag) => {
                let start = self.first_dash(style, start);
                self.open(FrameKind::Seq(Vec::new()), style, (start, end), anchor, tag.as_deref(), span);
            }
            Event::MappingStart(style, anchor, tag) => {
                let map = self.mapping();
                self.open(map, style, (start, end), anchor, tag.as_deref(), span);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(end),
            _ => {}
        }
    }

    fn document(&mut self, start: usize) {
        self.documents += 1;
        if self.documents > 1 && self.is_nothing_from(start) {
            // an empty document adds nothing
            self.stopped = true;
        } else if self.documents > 1 {
            let (start, end) = locate::rest_of_line(self.text, start);
            let start =
                if self.text.get(..start).is_some_and(|text| text.ends_with("---")) { start - 3 } else { start };
            let finding = self
                .unsupported(Span::new(start, end), "a second document starts here, but one file holds one document")
                .help("put it into a file of its own");
            self.report(finding);
            self.stopped = true;
        }
    }

    /// Whether only marks, blanks and comments follow.
    fn is_nothing_from(&self, start: usize) -> bool {
        let is_nothing = |line: &str| {
            let line = line.trim();
            let rest = line.strip_prefix("---").or_else(|| line.strip_prefix("...")).unwrap_or(line).trim_start();
            rest.is_empty() || rest.starts_with('#')
        };
        self.text.get(start..).is_some_and(|rest| rest.lines().all(is_nothing))
    }

    /// The start of a block list: the parser names its first item if the list is not indented below its key.
    fn first_dash(&self, style: StructureStyle, start: usize) -> usize {
        match self.frames.last().map(|frame| &frame.kind) {
            Some(FrameKind::Map(map)) if style == StructureStyle::Block => {
                let key = map.key.as_ref().filter(|key| key.role != ValueRole::Dropped);
                key.and_then(|key| locate::dash(self.text, key.span.end as usize, start)).unwrap_or(start)
            }
            _ => start,
        }
    }

    fn open(
        &mut self,
        kind: FrameKind,
        style: StructureStyle,
        (start, end): (usize, usize),
        anchor: usize,
        tag: Option<&Tag>,
        span: &granit_parser::Span,
    ) {
        if self.frames.len() >= MAX_DEPTH {
            let finding = explain::too_deep(self.place(locate::span(self.text, start)));
            return self.fatal(finding);
        }
        self.written += 1;
        self.reserve(anchor);
        let wanted = if matches!(kind, FrameKind::Seq(_)) { "seq" } else { "map" };
        let tag = self.tag(tag, span, Span::new(start, end), |name| name == wanted);
        let style = if style == StructureStyle::Flow { Style::Flow } else { Style::Block };
        self.frames.push(Frame {
            kind,
            style,
            start,
            end,
            anchor,
            tag,
            weight: 1,
            extent: Extent { height: 1, bytes: 0 },
        });
    }

    fn scalar(
        &mut self,
        text: Cow<'s, str>,
        style: ScalarStyle,
        (start, end): (usize, usize),
        anchor: usize,
        tag: Option<&Tag>,
        span: &granit_parser::Span,
    ) {
        let (style, here, text) = self.exact(text, style, start, end);
        self.reserve(anchor);
        let extent = Extent { height: 0, bytes: text.len() as u64 };
        let mut value = if style == Style::Plain { scalar::resolve(&text) } else { Value::Str };
        // some programs write the tag of a bare `<<`: `!!merge <<: *base`
        let is_merge = |tag: &&Tag| tag.suffix_in_namespace(YAML_TYPES).as_deref() == Some("merge");
        let merges = self.awaits_key() && &*text == "<<" && tag.as_ref().is_some_and(is_merge);
        let tag = tag.filter(|_| !merges);
        let kept = self.tag(tag, span, here, |name| match scalar::resolve_as(name, &text) {
            Some(applied) => {
                value = applied;
                true
            }
            None => false,
        });
        if self.awaits_key() {
            let shared = self.share(text);
            if anchor != 0 {
                let node = self.leaf(value, shared.clone(), style, kept, here);
                self.define(anchor, &node, extent);
            }
            let plain = style == Style::Plain && tag.is_none();
            return self.key(shared, here, plain);
        }
        self.written += 1;
        let text = self.value_text(text);
        let node = self.leaf(value, text, style, kept, here);
        self.define(anchor, &node, extent);
        self.take(Done { node, extent, span: here, alias: false });
    }

    /// A scalar's style, its own bytes and its text, with the parser's oddities corrected.
    fn exact(&self, text: Cow<'s, str>, style: ScalarStyle, start: usize, end: usize) -> (Style, Span, Cow<'s, str>) {
        match style {
            ScalarStyle::Plain if start == end => {
                // The parser names the colon; an empty value is behind it, an empty key before it.
                // A colon that a word follows begins the next key, `:name`.
                let bytes = self.text.as_bytes();
                let alone =
                    matches!(bytes.get(start + 1), None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}'));
                let colon = !self.awaits_key() && alone && bytes.get(start) == Some(&b':');
                let at = start + usize::from(colon);
                (Style::Plain, Span::new(at, at), Cow::Borrowed(""))
            }
            ScalarStyle::Plain => (Style::Plain, Span::new(start, end), text),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => (Style::Quoted, Span::new(start, end), text),
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let length = self.text.get(start..end).unwrap_or_default().trim_end().len();
                // Without content the parser names the next token; the end of the header is used instead.
                let start =
                    if length > 0 { start } else { self.text.get(..start).unwrap_or_default().trim_end().len() };
                (Style::BlockScalar, Span::new(start, start + length), text)
            }
        }
    }

    /// Applies a core tag through `apply`, keeps a local one. Returns the tag that stays in the tree.
    fn tag(
        &mut self,
        tag: Option<&Tag>,
        span: &granit_parser::Span,
        value: Span,
        apply: impl FnOnce(&str) -> bool,
    ) -> Option<LocalTag> {
        let tag = tag?;
        let written = span.tag_span().and_then(|span| span.byte_range());
        let here = written.map_or(value, |range| Span::new(range.start, range.end));
        let text = self.text.get(here.start as usize..here.end as usize).unwrap_or_default();
        // `!` alone: not resolved, so a scalar is a string and a collection what it is.
        let name = if text == "!" { Some("str") } else { tag.core_suffix() };
        match name {
            Some(name) => {
                if !apply(name) && text != "!" {
                    let finding =
                        self.error(here, format!("the value is not what its tag `{text}` says")).help("remove the tag");
                    self.report(finding);
                }
                None
            }
            None => {
                if self.mode == ParseMode::Spec {
                    let finding = self
                        .unsupported(here, format!("the tag `{}` means nothing here", explain::cropped_name(text)))
                        .help("remove the tag");
                    self.report(finding);
                }
                Some(LocalTag::from(text))
            }
        }
    }
}
