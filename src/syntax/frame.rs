//! Collections being read, and values that were read, with what their parents must know. Knows no text.

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

/// The size of a node with every alias in it written out, beside its weight.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    /// How many collections it nests.
    pub height: usize,
    /// The bytes of its keys and scalars.
    pub bytes: u64,
}

pub(super) enum FrameKind {
    Seq(Vec<Rc<Node>>),
    Map(Box<Pending>),
}

/// A value that has been read, with what its parent must know of it.
pub(super) struct Done {
    pub node: Rc<Node>,
    pub extent: Extent,
    /// Where it is written: the alias, or the node itself.
    pub span: Span,
    /// Whether it came through an alias.
    pub alias: bool,
}
