//! The document as a tree whose every key and value keeps its bytes. Knows no YAML and no spec.

use crate::support::source::{FieldSpan, FileId, Span};
use std::rc::Rc;

/// One value of a document.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its file.
    pub file: FileId,
    /// Its bytes: a scalar's with its quotes; a collection's from its first byte to the end of its last value.
    pub span: Span,
    /// Its value.
    pub value: Value,
    /// A scalar's text after unquoting (`0.10` stays `0.10`); empty for collections and empty values.
    pub text: Rc<str>,
    /// How it is written.
    pub style: Style,
    /// The local tag as written (`!override`), if any. Core tags (`!!str`) are applied and not kept.
    pub tag: Option<LocalTag>,
    /// How many nodes it would be with every alias written out, itself included; saturates.
    pub weight: u32,
}

/// The tag of one of very few values, behind one pointer: there may be millions of values without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalTag(Box<Box<str>>);

impl std::ops::Deref for LocalTag {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for LocalTag {
    fn from(tag: &str) -> LocalTag {
        LocalTag(Box::new(tag.into()))
    }
}

/// The text of what has none, one allocation for all.
#[must_use]
pub fn no_text() -> Rc<str> {
    thread_local!(static NOTHING: Rc<str> = Rc::from(""));
    NOTHING.with(Rc::clone)
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A scalar without quotes (an empty value too).
    Plain,
    /// A scalar in single or double quotes.
    Quoted,
    /// A `|` or `>` scalar.
    BlockScalar,
    /// `[…]` or `{…}`.
    Flow,
    /// An indented collection.
    Block,
}

/// A value, by YAML 1.2's core schema.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`, `~`, or nothing.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A whole number that fits.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text, which is in `Node::text`.
    Str,
    /// A list.
    Seq(Vec<Rc<Node>>),
    /// A mapping in the order written, no key twice.
    Map(Vec<Entry>),
    /// The value of an alias without an anchor, or a mapping of which no entry could be read. It has a finding already.
    Unknown,
}

impl Value {
    /// The same with no places for more: lists that were put together take up to four times what they hold, and many stay as
    /// they are for the whole run.
    #[must_use]
    pub fn shrunk(mut self) -> Value {
        match &mut self {
            Value::Seq(items) => items.shrink_to_fit(),
            Value::Map(entries) => entries.shrink_to_fit(),
            _ => {}
        }
        self
    }
}

/// One key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key's text.
    pub key: Rc<str>,
    /// The key's bytes, with its quotes.
    pub key_span: Span,
    /// The key's file.
    pub file: FileId,
    /// The value.
    pub node: Rc<Node>,
    /// The alias (`*name`) or merge (`<<: *name`) it came through, if any: its bytes where it is used.
    pub via: Option<Span>,
}

impl Entry {
    /// The place of this field. A value that came through an alias has the place of its anchor, which can be edited.
    #[must_use]
    pub fn at(&self) -> FieldSpan {
        FieldSpan { file: self.file, key: self.key_span, value: self.node.span, block: self.node.is_block() }
    }
}

impl Node {
    /// Whether it is too large to underline.
    #[must_use]
    pub fn is_block(&self) -> bool {
        matches!(self.style, Style::Block | Style::BlockScalar)
    }

    /// Its place without a key: a list item or the root.
    #[must_use]
    pub fn at(&self) -> FieldSpan {
        FieldSpan { file: self.file, key: self.span, value: self.span, block: false }
    }

    /// The entries of a mapping; empty for anything else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; empty for anything else.
    #[must_use]
    pub fn items(&self) -> &[Rc<Node>] {
        match &self.value {
            Value::Seq(items) => items,
            _ => &[],
        }
    }

    /// The entry with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| &*entry.key == key)
    }

    /// The text of a string; `None` for numbers and the rest.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        matches!(self.value, Value::Str).then_some(&*self.text)
    }

    /// The value of a whole number, however it is written: JSON Schema takes `3.0` for one too.
    #[must_use]
    pub fn as_whole(&self) -> Option<i64> {
        match self.value {
            Value::Int(value) => Some(value),
            // up to 2^53 every whole number is a float, and the conversion is exact
            Value::Float(value) if value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0 =>
            {
                #[expect(clippy::cast_possible_truncation, reason = "whole and within bounds")]
                Some(value as i64)
            }
            _ => None,
        }
    }

    /// Whether it is null or nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// Whether this is an alias without an anchor.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.value, Value::Unknown)
    }

    /// Its type, for people: `a list`, `a number`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::Str => "a string",
            Value::Seq(_) => "a list",
            Value::Map(_) => "a mapping",
            Value::Unknown => "unknown",
        }
    }

    /// The JSON value with every alias expanded. Non-finite numbers become strings.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Null | Value::Unknown => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Int(value) => Json::from(*value),
            Value::Float(value) => {
                serde_json::Number::from_f64(*value).map_or_else(|| Json::from(&*self.text), Json::Number)
            }
            Value::Str => Json::from(&*self.text),
            Value::Seq(items) => Json::Array(items.iter().map(|item| item.to_json()).collect()),
            Value::Map(entries) => {
                // a key is copied: its `to_string` would go by way of the formatter
                Json::Object(entries.iter().map(|entry| (String::from(&*entry.key), entry.node.to_json())).collect())
            }
        }
    }
}

/// A comment: its bytes from `#` to the end of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its bytes, `#` included.
    pub span: Span,
}
