//! Collections while they are read, and values after they were read, with the facts that their parents need. Knows no text.

use super::map::Pending;
use super::tree::{LocalTag, Node, Style};
use crate::support::source::Span;
use std::rc::Rc;

/// A collection being read.
pub(super) struct Frame {
    pub kind: FrameKind,
    pub style: Style,
    pub start: usize,
    pub end: usize,
    pub anchor: usize,
    pub tag: Option<LocalTag>,
    pub weight: u32,
    pub extent: Extent,
}

/// The size of a node with every alias in it expanded, besides its weight.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    /// The depth of its nesting.
    pub height: usize,
    /// The bytes of its keys and scalars.
    pub bytes: u64,
}

pub(super) enum FrameKind {
    Seq(Vec<Rc<Node>>),
    Map(Box<Pending>),
}

/// A value that has been read, with the facts that its parent needs.
pub(super) struct Done {
    pub node: Rc<Node>,
    pub extent: Extent,
    /// The place where it is written: the alias, or the node itself.
    pub span: Span,
    /// Whether it came through an alias.
    pub alias: bool,
}
