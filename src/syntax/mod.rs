//! Parses text to a tree: the only module that knows that the spec is YAML. Knows no schema and no rule.
//!
//! `decode` turns bytes into text, `parse` turns text into a tree in which every key and value keeps its bytes. YAML 1.2 with
//! the core schema, resolved here; `ambiguous` reports scalars that YAML 1.1 readers read differently.

mod attach;
mod builder;
mod by_address;
mod common;
mod decode;
mod directives;
mod embedded;
mod events;
mod explain;
mod frame;
mod locate;
mod map;
mod paths;
mod scalar;
pub mod scalars;
mod stream;
mod tree;

pub use by_address::ByAddress;
pub use decode::{Undecodable, decode, undecodable};
pub use directives::{YamlDirective, directives};
pub use embedded::embedded_documents;
pub use paths::Paths;
pub use scalar::{CURLED, ambiguous, ambiguous_text, in_curled_quotes, resolve as plain_value};
pub use stream::{DocumentStream, StreamDocument, parse_stream};
pub use tree::{Comment, Entry, LocalTag, Node, Style, Value, no_text};

use crate::support::diagnostic::Finding;
use crate::support::source::{FileId, Source};
use builder::{Builder, SharedTexts};
use std::rc::Rc;

/// The rule for text that is not YAML.
pub const YAML_SYNTAX: &str = "yaml-syntax";
/// The rule for YAML that other readers may accept and that is not read here: several documents, tags, keys that are not
/// plain values, nesting and aliases beyond the bounds.
pub const UNSUPPORTED_YAML: &str = "unsupported-yaml";
/// The rule for a key that occurs twice in one mapping.
pub const DUPLICATE_KEY: &str = "duplicate-key";
/// How deep lists and mappings may nest, aliases followed. Every tree that this module returns respects it, so that code
/// that walks trees may recurse.
pub const MAX_DEPTH: usize = 64;
/// The most faults of one file, of YAML or of shape, that are listed.
pub const MAX_FINDINGS: usize = 1_000;

/// The kind of file that is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseMode {
    /// A spec: a local tag (`!override`) is a finding.
    Spec,
    /// A file of another tool's: local tags are kept in the tree.
    Base,
}

/// The result of parsing one file.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The document. `None` if the file holds none (empty, only comments) or reading stopped at a fault in it.
    /// If a fault does not stop the reading (an unknown alias), its place is null in the tree, and `findings` reports it.
    pub root: Option<Rc<Node>>,
    /// All comments up to the end of the reading, by place.
    pub comments: Vec<Comment>,
    /// Faults, in the order found: [`YAML_SYNTAX`], [`UNSUPPORTED_YAML`] and [`DUPLICATE_KEY`].
    pub findings: Vec<Finding>,
}

/// Parses one file. Never fails: faults are findings.
#[must_use]
pub fn parse(file: FileId, source: &Source, mode: ParseMode) -> Parsed {
    parse_text(file, &source.text, mode, &SharedTexts::default())
}

/// Like [`parse`], with the texts of the documents read before.
fn parse_text<'s>(file: FileId, text: &'s str, mode: ParseMode, texts: &SharedTexts<'s>) -> Parsed {
    Builder::new(file, text, mode, Rc::clone(texts)).run()
}

/// Like [`parse`], but only by the parser's events, never by the fast reader: the reference of a test.
#[must_use]
pub fn parse_by_events(file: FileId, source: &Source, mode: ParseMode) -> Parsed {
    Builder::new(file, &source.text, mode, SharedTexts::default()).events()
}

/// Like [`parse`], but only by the fast reader; `None` if a text is not of the common form. For the same test.
#[must_use]
pub fn parse_common(file: FileId, source: &Source, mode: ParseMode) -> Option<Parsed> {
    if locate::forbidden(&source.text).is_some() {
        return None;
    }
    Builder::new(file, &source.text, mode, SharedTexts::default()).common()
}
