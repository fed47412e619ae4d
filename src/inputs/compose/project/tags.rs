//! The tags by which a compose file says how a value is merged. Knows no key.

use crate::syntax::Node;

/// Whether a value removes the value below it and leaves nothing.
pub(super) fn is_reset(node: &Node) -> bool {
    node.tag.as_deref() == Some("!reset")
}

/// Whether a value replaces the value below it as a whole.
pub(super) fn is_override(node: &Node) -> bool {
    node.tag.as_deref() == Some("!override")
}
