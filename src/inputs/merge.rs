//! A layer with a spec laid over it. Knows the fields of the spec that merge in a way of their own, and no format.

use super::facts::Facts;
use crate::support::source::At;
use crate::syntax::Node;
use std::rc::Rc;

/// A spec (in one profile) over a layer.
#[derive(Debug)]
pub struct Merged<'l> {
    /// The effective spec: what the schema and the model read.
    pub tree: Rc<Node>,
    /// What the spec takes from the layer, in the order met.
    pub dropped: Vec<Dropped>,
    /// The services of the layer that are in the tree, in its order: the services first, then backing services.
    pub services: Vec<EffectiveService<'l>>,
}

/// One service of the merged tree that the layer knows.
#[derive(Debug)]
pub struct EffectiveService<'l> {
    /// Its name.
    pub name: Rc<str>,
    /// Whether the spec does not name it: sums count it, rules judge it, no override writes it.
    pub base_only: bool,
    /// Whether it stands among the backing services.
    pub backing: bool,
    /// What the layer says of it that the tree cannot.
    pub facts: &'l Facts,
}

/// A value of the layer that the spec takes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// The keys down to it, from the root of the spec: `services`, `web`, `health`.
    pub path: Vec<Rc<str>>,
    /// Where the layer says it.
    pub was: At,
    /// Where the spec takes it away: a `null`, or the form that replaces it.
    pub by: At,
    /// Whether another value stands in its place.
    pub replaced: bool,
}
