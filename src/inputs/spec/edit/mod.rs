//! Changes single values in a YAML text and leaves every other byte as it is. Knows no spec: only paths, tokens and places.
//!
//! Each change is made as a few replaced or inserted bytes; then the text is read again and the two trees are compared
//! leaf by leaf, comments included. Only the requested values may differ; otherwise the change is refused. So code that
//! inserts keys may be simple: a wrong insertion is refused, never written.

mod compare;
mod insert;
mod token;

use crate::support::diagnostic::{Edit, SPEC};
use crate::support::source::{Source, Span};
use crate::syntax::{self, Entry, Node, ParseMode, Style};
use std::rc::Rc;

/// The new value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditValue {
    /// A whole number.
    Int(u64),
    /// Text: written bare if that is safe, and in its old quotes if it had some.
    Text(String),
    /// A small mapping: written in braces.
    Map(Vec<(String, EditValue)>),
    /// A short list: written in brackets.
    List(Vec<EditValue>),
}

/// One field with its new value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The keys from the root of the document.
    pub path: Vec<String>,
    /// The new value.
    pub value: EditValue,
}

/// Why a change was not made. The text is unchanged then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The field: its keys with dots between.
    pub field: String,
    /// Why: lowercase, no full stop.
    pub why: String,
    /// The place of the obstacle in the text.
    pub at: Option<Span>,
    /// Where a person would make the change by hand, if that is another place.
    pub edit_at: Option<Span>,
}

impl Refusal {
    fn new(path: &[String], why: impl Into<String>) -> Refusal {
        Refusal { field: path.join("."), why: why.into(), at: None, edit_at: None }
    }

    fn at(mut self, span: Span) -> Refusal {
        self.at = Some(span);
        self
    }

    fn edit_at(mut self, span: Span) -> Refusal {
        self.edit_at = Some(span);
        self
    }

    /// The refusal with its places in the text as it was before these edits.
    fn before(mut self, edits: &[Edit]) -> Refusal {
        let back =
            |span: Span| Span::new(offset_before(edits, span.start as usize), offset_before(edits, span.end as usize));
        self.at = self.at.map(back);
        self.edit_at = self.edit_at.map(back);
        self
    }
}

/// The text with all changes made, one after the other. A field that already has the value keeps its form.
///
/// # Errors
/// The first change that cannot be made without touching something else, or a text with faults.
pub fn change(text: &str, changes: &[FieldChange]) -> Result<String, Refusal> {
    let mut text = text.to_owned();
    let mut made = Vec::new();
    for change in changes {
        match edits_of_change(&text, change) {
            Ok(edits) => {
                text = apply(&text, &edits);
                made.push(edits);
            }
            // places are reported in the given text, not in the result of the changes before
            Err(refusal) => return Err(made.iter().rev().fold(refusal, |refusal, edits| refusal.before(edits))),
        }
    }
    Ok(text)
}

/// The edits of one change, compared.
fn edits_of_change(text: &str, change: &FieldChange) -> Result<Vec<Edit>, Refusal> {
    let old = read(text).ok_or_else(|| Refusal::new(&change.path, "the text cannot be read as YAML"))?;
    let edits = set(text, &old.root, &change.path, &change.value)?;
    if let Some(first) = edits.first() {
        let changed = apply(text, &edits);
        let new = read(&changed);
        compare::check((text, &old), new.as_ref().map(|new| (&*changed, new)), change, Some(first.span))?;
    }
    Ok(edits)
}

/// A text that was read without a fault.
struct Read {
    root: Rc<Node>,
    comments: Vec<syntax::Comment>,
}

fn read(text: &str) -> Option<Read> {
    let parsed = syntax::parse(SPEC, &Source::new("", text), ParseMode::Spec);
    let root = parsed.root.filter(|_| parsed.findings.is_empty())?;
    Some(Read { root, comments: parsed.comments })
}

/// The place before these edits of a place in the edited text. Within an inserted text, it is where that edit began.
fn offset_before(edits: &[Edit], offset: usize) -> usize {
    // lengths written and replaced, up to here
    let (mut new, mut old) = (0, 0);
    for edit in edits {
        let start = edit.span.start as usize + new - old;
        if offset < start {
            break;
        }
        if offset < start + edit.text.len() {
            return edit.span.start as usize;
        }
        new += edit.text.len();
        old += edit.span.len();
    }
    (offset + old).saturating_sub(new)
}

/// Replaces bytes; the edits are in order and do not overlap.
#[must_use]
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut reached = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        out.push_str(text.get(reached..start).unwrap_or_default());
        out.push_str(&edit.text);
        reached = end;
    }
    out.push_str(text.get(reached..).unwrap_or_default());
    out
}

/// The edits that set the field at `path` to `value`; empty if it already has the value. Not yet compared: see [`change`].
///
/// # Errors
/// The value comes through an alias or a merge, something that is not a mapping is in the way, or the value is
/// written in a form that is not replaced (a tag, a block scalar, a collection).
pub fn set(text: &str, root: &Rc<Node>, path: &[String], value: &EditValue) -> Result<Vec<Edit>, Refusal> {
    let mut node: &Node = root;
    let mut above: Option<&Entry> = None;
    let mut flow = false;
    for (depth, key) in path.iter().enumerate() {
        flow |= node.style == Style::Flow;
        let here = path.get(..=depth).unwrap_or(path);
        let rest = path.get(depth..).unwrap_or_default();
        if node.is_null() {
            let Some(entry) = above else { break };
            return insert::below_nothing(text, root, entry, flow, rest, value)
                .ok_or_else(|| unsafe_form(path, entry.key_span));
        }
        if !matches!(node.value, syntax::Value::Map(_)) {
            let parent = here.get(..depth).unwrap_or_default().join(".");
            let why = format!("`{parent}` is {}, expected a mapping", node.kind());
            return Err(Refusal::new(path, why).at(node.span));
        }
        let Some(entry) = node.get(key) else {
            let edits = if node.style == Style::Flow {
                insert::into_flow(text, node, rest, value)
            } else {
                insert::into_block(text, root, node, above, rest, value)
            };
            let near = above.map_or(Span::new(0, 0), |entry| entry.key_span);
            return edits.ok_or_else(|| unsafe_form(path, near));
        };
        if let Some(via) = entry.via {
            let own = entry.node.span;
            let what = if text.get(via.start as usize..).is_some_and(|text| text.starts_with('*')) {
                text.get(via.start as usize..via.end as usize).unwrap_or("an alias")
            } else {
                "a merge"
            };
            let why =
                format!("`{}` comes through `{what}`, so a change here would change other places too", here.join("."));
            let edit_at = if own.is_empty() { entry.key_span } else { own };
            return Err(Refusal::new(path, why).at(via).edit_at(edit_at));
        }
        above = Some(entry);
        node = &entry.node;
    }
    let Some(entry) = above else { return Err(Refusal::new(path, "the document holds no mapping")) };
    replace(text, entry, flow, path, value)
}

/// Adds a field behind the last of a mapping, which may be an item of a list. `None` if its form has no place for it.
#[must_use]
pub fn append(text: &str, map: &Node, key: &str, value: &str) -> Option<Vec<Edit>> {
    let (path, value) = ([key.to_owned()], EditValue::Text(value.to_owned()));
    match map.style {
        Style::Flow => insert::into_flow(text, map, &path, &value),
        _ => insert::into_item(text, map, &path, &value),
    }
}

fn unsafe_form(path: &[String], at: Span) -> Refusal {
    Refusal::new(path, "the text there has a form that is not edited by program").at(at)
}

/// Sets an existing field to `value`.
fn replace(text: &str, entry: &Entry, flow: bool, path: &[String], value: &EditValue) -> Result<Vec<Edit>, Refusal> {
    let node = &entry.node;
    if compare::says(node, value) {
        return Ok(Vec::new());
    }
    let collection = matches!(node.value, syntax::Value::Map(_) | syntax::Value::Seq(_));
    if collection || node.style == Style::BlockScalar {
        let kind = if collection { node.kind() } else { "a block scalar" };
        return Err(Refusal::new(path, format!("it is {kind}, which is not replaced by program")).at(entry.key_span));
    }
    let between = text.get(entry.key_span.end as usize..node.span.start as usize).unwrap_or_default();
    if between.lines().any(|line| line.split_whitespace().any(|word| word.starts_with('!'))) && !between.contains('#') {
        return Err(Refusal::new(path, "its value has a tag, which is not replaced by program").at(node.span));
    }
    if node.span.is_empty() {
        return Ok(insert::nothing(text, entry, flow, &token::token(value, None)));
    }
    let first = text.get(node.span.start as usize..).and_then(|text| text.chars().next());
    let quote = first.filter(|_| node.style == Style::Quoted);
    Ok(vec![Edit::new(node.span, token::token(value, quote))])
}
