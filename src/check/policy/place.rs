//! The place of a field in a merged spec, else that of the nearest written value above it. Knows no expression.

use super::PolicyScope;
use crate::support::source::{FieldSpan, FileSpan};
use crate::syntax::Node;

/// Where a field was looked for.
pub(super) struct FieldLookup {
    pub place: FileSpan,
    /// Whether it is the field itself, and not a value above it.
    pub written: bool,
}

/// The place of the field at a path below one subject; `name` is its key.
pub(super) fn find<'p>(
    tree: &Node,
    each: PolicyScope,
    name: &'p str,
    path: impl Iterator<Item = &'p str>,
) -> FieldLookup {
    let list = match each {
        PolicyScope::Service => Some("services"),
        PolicyScope::Backing => Some("backingServices"),
        PolicyScope::Plan => None,
    };
    let start: Vec<&str> = list.into_iter().flat_map(|list| [list, name]).collect();
    let (mut node, mut at, mut whole) = (tree, None::<FieldSpan>, true);
    let mut path = path.peekable();
    // the place of a subject as a whole is its name
    let thing = path.peek().is_none();
    for key in start.into_iter().chain(path) {
        let Some(entry) = node.get(key) else {
            whole = false;
            break;
        };
        at = Some(entry.at());
        node = &entry.node;
    }
    match at {
        Some(at) => FieldLookup { place: if whole && !thing { at.place() } else { at.key() }, written: whole },
        None => {
            // the place of the whole plan is its first line
            let first = tree.entries().iter().find(|entry| &*entry.key == "services").or(tree.entries().first());
            FieldLookup { place: first.map_or(tree.at().place(), |entry| entry.at().key()), written: false }
        }
    }
}
