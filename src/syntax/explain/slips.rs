//! Slips that the parser reports at another place than where they are: blanks that only look like spaces, a key without its colon.

use super::Scene;
use crate::support::diagnostic::Finding;

impl Scene<'_> {
    /// A blank in the indentation that is not a space, as web pages and chats have it.
    pub(super) fn wide_blank(&self, at: usize, blank: char) -> Finding {
        let message = format!("U+{:04X} in the indentation only looks like a space", u32::from(blank));
        self.finding((at, at + blank.len_utf8()), message).help("write plain spaces there")
    }

    /// A line that is a word alone above fields that are indented below it: it was to be their key.
    pub(super) fn key_without_colon(&self, (start, end): (usize, usize)) -> Option<Finding> {
        let line = self.text.get(start..end)?;
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        (!line.is_empty() && line.bytes().all(is_part)).then(|| {
            let finding = self.finding((start, end), format!("`{line}` is not a key: its `:` is missing"));
            finding.help(format!("write `{line}:`"))
        })
    }
}
