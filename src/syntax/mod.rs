//! Text to tree: the only module that knows the spec is YAML. Knows no schema and no rule.
//!
//! `decode` turns bytes into text, `parse` text into a tree whose every key and value keeps its bytes. YAML 1.2 with
//! the core schema, resolved here; `ambiguous` names the scalars which YAML 1.1 readers take for something else.

mod attach;
mod builder;
mod common;
mod decode;
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

pub use decode::{Undecodable, decode, undecodable};
pub use paths::Paths;
pub use scalar::{ambiguous, ambiguous_text, resolve as plain_value};
pub use stream::{DocumentStream, StreamDocument, parse_stream};
pub use tree::{Comment, Entry, LocalTag, Node, Style, Value, no_text};

use crate::support::diagnostic::Finding;
use crate::support::source::{FileId, Source};
use std::rc::Rc;

/// The rule for text that is no YAML.
pub const YAML_SYNTAX: &str = "yaml-syntax";
/// The rule for YAML that other readers may take and that is not read here: several documents, tags, keys that are no
/// plain values, nesting and aliases beyond the bounds.
pub const UNSUPPORTED_YAML: &str = "unsupported-yaml";
/// The rule for a key that stands twice in one mapping.
pub const DUPLICATE_KEY: &str = "duplicate-key";
/// How deep lists and mappings may nest, aliases followed. Every tree this module hands out keeps to it, so that code
/// which walks trees may recurse.
pub const MAX_DEPTH: usize = 64;
/// A file with more faults than this, of YAML or of shape, is not worth listing further.
pub const MAX_FINDINGS: usize = 1_000;

/// What kind of file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseMode {
    /// A spec: a local tag (`!override`) is a finding.
    Spec,
    /// A file of another tool's: local tags are kept in the tree.
    Base,
}

/// What reading one file gave.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The document. `None` if the file holds none (empty, only comments) or reading stopped at a fault in it.
    /// Where a fault does not stop the reading (an unknown alias), the place it stood in is null and `findings` says so.
    pub root: Option<Rc<Node>>,
    /// All comments up to the end of the reading, by place.
    pub comments: Vec<Comment>,
    /// Faults, in the order met: [`YAML_SYNTAX`], [`UNSUPPORTED_YAML`] and [`DUPLICATE_KEY`].
    pub findings: Vec<Finding>,
}

/// Reads one file. Never fails: what is wrong with it is in the findings.
#[must_use]
pub fn parse(file: FileId, source: &Source, mode: ParseMode) -> Parsed {
    builder::Builder::new(file, &source.text, mode).run()
}

/// The same by the parser's events alone, never by the short way for the common form: what a test compares with.
#[must_use]
pub fn parse_by_events(file: FileId, source: &Source, mode: ParseMode) -> Parsed {
    builder::Builder::new(file, &source.text, mode).events()
}

/// The same by `common` alone; `None` if a text is not of the common form. For the same test.
#[must_use]
pub fn parse_common(file: FileId, source: &Source, mode: ParseMode) -> Option<Parsed> {
    if locate::forbidden(&source.text).is_some() {
        return None;
    }
    builder::Builder::new(file, &source.text, mode).common()
}
