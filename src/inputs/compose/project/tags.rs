//! The tags by which a compose file says how a value is merged. Knows no key.

use crate::syntax::Node;

/// Whether a value takes away what is under it and leaves nothing.
pub(super) fn is_reset(node: &Node) -> bool {
    node.tag.as_deref() == Some("!reset")
}

/// Whether a value takes the place of what is under it, whole.
pub(super) fn is_override(node: &Node) -> bool {
    node.tag.as_deref() == Some("!override")
}
