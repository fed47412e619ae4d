//! Adds values to the tree: keys, entries, merges, anchors, and bounds for aliases. Knows no events.

use super::builder::Builder;
use super::frame::{Done, Extent, Frame, FrameKind};
use super::map::{PendingKey, ValueRole};
use super::tree::{Entry, Node, Style, Value, no_text};
use super::{DUPLICATE_KEY, MAX_DEPTH, explain, locate};
use crate::support::diagnostic::Finding;
use crate::support::source::Span;
use std::borrow::Cow;
use std::rc::Rc;

/// How many nodes aliases may bring into one document: this many in any case, …
const ALIAS_MAX: u64 = 1_000_000;
/// … this many for each node written out, …
const ALIAS_RATIO: u64 = 100;
/// … and this many beside them.
const ALIAS_FREE: u64 = 10_000;
/// The most bytes of text that aliases may bring into one document.
const ALIAS_BYTES: u64 = 10_000_000;
/// The longest key that is shared, as long as there are not too many different ones.
const SHARED_KEY: usize = 32;
/// The longest value that is shared: short ones repeat, longer ones are mostly unique.
const SHARED_VALUE: usize = 12;
const SHARED_KEYS: usize = 4_096;

impl<'s> Builder<'s> {
    pub(super) fn alias(&mut self, id: usize, here: Span) {
        let Some((node, extent)) = self.anchors.get(id).cloned().flatten() else {
            let finding = self.unsupported(here, "the alias is inside the value it repeats, which would never end");
            self.report(finding.help("repeat a value that is complete before the alias"));
            return self.missing(here);
        };
        self.brought = self.brought.saturating_add(u64::from(node.weight));
        self.brought_bytes = self.brought_bytes.saturating_add(extent.bytes);
        let allowed = (self.written * ALIAS_RATIO + ALIAS_FREE).min(ALIAS_MAX);
        let excess = if self.brought > allowed {
            Some(format!("{} values through aliases, above the {allowed} allowed here", self.brought))
        } else if self.brought_bytes > ALIAS_BYTES {
            Some(format!("{} bytes of text through aliases, above the {ALIAS_BYTES} allowed", self.brought_bytes))
        } else {
            None
        };
        if let Some(message) = excess {
            let anchor = self.place(node.span);
            let finding = self.unsupported(here, message).label(anchor, "the value repeated last");
            // nulls in place of the rest would only be reported one by one
            return self.fatal(finding.help("repeat less, or write a smaller value"));
        }
        if self.frames.len() + extent.height > MAX_DEPTH {
            let finding = explain::too_deep(self.place(here));
            self.report(finding);
            return self.missing(here);
        }
        self.take(Done { node, extent, span: here, alias: true });
    }

    /// Replaces an alias without an anchor.
    pub(super) fn missing(&mut self, here: Span) {
        let node = self.leaf(Value::Unknown, no_text(), Style::Plain, None, here);
        self.take(Done { node, extent: Extent::default(), span: here, alias: true });
    }

    pub(super) fn reserve(&mut self, anchor: usize) {
        if anchor != 0 && self.anchors.len() <= anchor {
            self.anchors.resize(anchor + 1, None);
        }
    }

    pub(super) fn define(&mut self, anchor: usize, node: &Rc<Node>, extent: Extent) {
        if anchor != 0
            && let Some(slot) = self.anchors.get_mut(anchor)
        {
            *slot = Some((node.clone(), extent));
        }
    }

    pub(super) fn share(&self, text: Cow<'s, str>) -> Rc<str> {
        match text {
            Cow::Borrowed(text) if text.len() <= SHARED_KEY => {
                let mut texts = self.texts.borrow_mut();
                if let Some(shared) = texts.get(text) {
                    return shared.clone();
                }
                let shared: Rc<str> = Rc::from(text);
                if texts.len() < SHARED_KEYS {
                    texts.insert(text, shared.clone());
                }
                shared
            }
            text => Rc::from(text.as_ref()),
        }
    }

    pub(super) fn awaits_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { kind: FrameKind::Map(map), .. }) if map.key.is_none())
    }

    /// Takes a scalar key; `plain` says whether it is unquoted, so that `<<` merges.
    pub(super) fn key(&mut self, text: Rc<str>, span: Span, plain: bool) {
        let Some(Frame { kind: FrameKind::Map(map), start, style, .. }) = self.frames.last_mut() else { return };
        if *style == Style::Block && map.is_empty() && self.text.as_bytes().get(*start) != Some(&b'?') {
            *start = span.start as usize;
        }
        let merges = plain && &*text == "<<";
        let first = if merges { map.merge_key(span) } else { map.first_key(&text) };
        let nameless = plain && text.is_empty();
        let role = match (first, merges) {
            (Some(_), _) => ValueRole::Dropped,
            (None, true) => ValueRole::Merge,
            (None, false) if nameless => ValueRole::Dropped,
            (None, false) => ValueRole::Plain,
        };
        map.key = Some(PendingKey { text: text.clone(), span, role });
        if nameless {
            let finding = self.unsupported(locate::span(self.text, span.start as usize), "a key is missing before `:`");
            self.report(finding.help("write the key, or remove the line"));
        } else if let Some(first) = first {
            let message = format!("the key `{}` appears twice in one mapping", explain::cropped_name(&text));
            let place = self.place(first);
            let behind = locate::rest_of_line(self.text, span.end as usize);
            let help = if merges {
                "merge a list of mappings: `<<: [*a, *b]`".to_owned()
            } else if self.text.get(behind.0..behind.1) == Some(":") {
                let name = explain::cropped_name(&text);
                format!("write `{name}:` once with what is below both, or give one of the two another name")
            } else {
                "remove one of the two".to_owned()
            };
            let finding = Finding::of(DUPLICATE_KEY, self.place(span), message);
            self.report(finding.label(place, "first defined here").help(help));
        }
    }

    /// Adds a value to its collection.
    pub(super) fn take(&mut self, done: Done) {
        if self.awaits_key() {
            return self.node_as_key(&done);
        }
        let Some(frame) = self.frames.last_mut() else {
            // An empty document has no value, which is not the same as `null`.
            if !(done.node.is_null() && done.node.span.is_empty()) {
                self.parsed.root = Some(done.node);
            }
            return;
        };
        frame.end = frame.end.max(done.span.end as usize);
        frame.extent.bytes = frame.extent.bytes.saturating_add(done.extent.bytes);
        match &mut frame.kind {
            FrameKind::Seq(items) => {
                frame.weight = frame.weight.saturating_add(done.node.weight);
                frame.extent.height = frame.extent.height.max(done.extent.height + 1);
                items.push(done.node);
            }
            FrameKind::Map(map) => {
                if let Some(key) = map.key.take() {
                    self.entry(key, done);
                }
            }
        }
    }

    /// Adds a value to the key that waits for it.
    fn entry(&mut self, key: PendingKey, done: Done) {
        let file = self.file;
        let Some(Frame { kind: FrameKind::Map(map), end, weight, extent, .. }) = self.frames.last_mut() else { return };
        let PendingKey { text: key, span: key_span, role } = key;
        *end = (*end).max(key_span.end as usize);
        extent.bytes = extent.bytes.saturating_add(key.len() as u64);
        match role {
            ValueRole::Dropped => map.lost = true,
            ValueRole::Plain => {
                *weight = weight.saturating_add(done.node.weight);
                extent.height = extent.height.max(done.extent.height + 1);
                let via = done.alias.then_some(done.span);
                map.push(Entry { key, key_span, file, node: done.node, via });
            }
            ValueRole::Merge => {
                // Merged entries nest no deeper than the mapping they come from.
                extent.height = extent.height.max(done.extent.height);
                if let Err(kind) = map.merge(&done.node, done.span) {
                    map.lost = true;
                    self.wrong_merge(key_span, &done, kind);
                }
            }
        }
    }

    fn wrong_merge(&mut self, key: Span, done: &Done, kind: &str) {
        // An alias without an anchor has a finding already.
        if done.alias && self.parsed.findings.last().is_some_and(|last| last.at.span == done.span) {
            return;
        }
        let span = if done.span.is_empty() { key } else { done.span };
        let finding = self.error(span, format!("`<<` takes a mapping or a list of mappings, not {kind}"));
        self.report(finding.help("name an anchor on a mapping: `<<: *name`"));
    }

    /// Handles a key that is an alias or a collection.
    fn node_as_key(&mut self, done: &Done) {
        if !matches!(done.node.value, Value::Seq(_) | Value::Map(_)) {
            let text = Rc::clone(&done.node.text);
            return self.key(text, done.span, false);
        }
        let template = self.text.get(done.span.start as usize..).is_some_and(|text| text.starts_with("{{"))
            || self.text.get(..done.span.start as usize).is_some_and(|text| text.ends_with('{'));
        let help = if template {
            "a bare `{{` opens two mappings: write the value itself, or quote what a template fills in"
        } else {
            "use a plain word as the key"
        };
        let finding =
            self.unsupported(done.span, format!("a key must be a plain value, not {}", done.node.kind())).help(help);
        self.report(finding);
        if let Some(Frame { kind: FrameKind::Map(map), .. }) = self.frames.last_mut() {
            map.key = Some(PendingKey { text: Rc::from(""), span: done.span, role: ValueRole::Dropped });
        }
    }

    /// A mapping to read entries into.
    pub(super) fn mapping(&mut self) -> FrameKind {
        FrameKind::Map(self.spare.pop().unwrap_or_default())
    }

    pub(super) fn close(&mut self, end: usize) {
        let Some(frame) = self.frames.pop() else { return };
        // The parser lets block collections run to the next token; they end where their last value does.
        let end = if frame.style == Style::Flow { frame.end.max(end) } else { frame.end };
        let mut weight = frame.weight;
        let value = match frame.kind {
            FrameKind::Seq(mut items) => {
                items.shrink_to_fit();
                Value::Seq(items)
            }
            FrameKind::Map(mut map) => {
                let lost = map.lost;
                let (entries, merged) = map.finish(self.file);
                self.spare.push(map);
                weight = weight.saturating_add(merged);
                // it is not known to be empty
                if lost && entries.is_empty() { Value::Unknown } else { Value::Map(entries) }
            }
        };
        let span = Span::new(frame.start, end);
        let text = no_text();
        let node = Rc::new(Node { file: self.file, span, value, text, style: frame.style, tag: frame.tag, weight });
        self.define(frame.anchor, &node, frame.extent);
        self.take(Done { node, extent: frame.extent, span, alias: false });
    }

    /// The text of a value: short ones repeat (`250m`, `2`, `true`) and are shared as keys are.
    pub(super) fn value_text(&self, text: Cow<'s, str>) -> Rc<str> {
        if text.len() <= SHARED_VALUE { self.share(text) } else { Rc::from(text.as_ref()) }
    }
}
