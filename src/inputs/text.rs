//! Text that depends on variables: what is known of it, and whether it may be shown. Knows no format.

use crate::syntax::{Node, Value};

/// Replaces the part of a text that depends on an unset variable.
pub const UNKNOWN: char = '\0';

/// The tag of a value that came in part from a file of variables: it counts, and is never printed or written.
pub(super) const PRIVATE: &str = "!private";

/// Whether part of a value depends on an unset variable.
#[must_use]
pub fn is_unknown(node: &Node) -> bool {
    node.is_unknown() || node.text.contains(UNKNOWN)
}

/// Whether a value came in part from a file of variables.
#[must_use]
pub fn is_private(node: &Node) -> bool {
    node.tag.as_deref() == Some(PRIVATE)
}

/// The text of a string, number or boolean; `None` for other values.
#[must_use]
pub fn scalar(node: &Node) -> Option<&str> {
    let is = matches!(node.value, Value::Str | Value::Int(_) | Value::Float(_) | Value::Bool(_));
    is.then_some(&*node.text)
}

/// Like `text`, but `None` if any part is unknown.
#[must_use]
pub fn known_text(node: &Node) -> Option<&str> {
    scalar(node).filter(|text| !text.contains(UNKNOWN))
}
