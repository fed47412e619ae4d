//! Whether an amount is written in digits alone, so that its unit may be missing. Knows no field.

use crate::syntax::{Entry, Style};

/// Whether a value is written in digits alone. Plain digits that are text were converted from another tool's file, whose own reader
/// reports them in its language.
pub(super) fn is_digits(entry: &Entry) -> bool {
    let converted = entry.node.style == Style::Plain && entry.node.as_str().is_some();
    !converted && entry.node.text.bytes().all(|byte| byte.is_ascii_digit())
}
