//! Slips that the parser reports at another place than where they are: blanks that only look like spaces, a key without its colon.

use super::{Scene, cropped_name, locate};
use crate::support::diagnostic::Finding;

impl Scene<'_> {
    /// A blank in the indentation that is not a space, as web pages and chats have it.
    pub(super) fn wide_blank(&self, at: usize, blank: char) -> Finding {
        let message = format!("U+{:04X} in the indentation only looks like a space", u32::from(blank));
        self.finding((at, at + blank.len_utf8()), message).help("write plain spaces there")
    }

    /// `replicas = 3`, as other languages write it: the line that ends at `end`, or the first of several above it.
    pub(super) fn equals_sign(&self, end: usize) -> Option<Finding> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let parts = |start: usize, end: usize| {
            let (key, value) = self.text.get(start..end)?.split_once('=')?;
            let (key, value) = (key.trim(), value.trim());
            (!key.is_empty() && key.chars().all(is_part) && !value.is_empty()).then_some((key, value))
        };
        let (mut end, mut found) = (end, None);
        loop {
            let start = locate::line_start(self.text, end);
            let Some((key, value)) = parts(start, end) else { break };
            let place = start + self.text.get(start..end)?.find(key)?;
            found = Some(((place, self.text.get(..end)?.trim_end().len()), key, value));
            let Some(before) = start.checked_sub(1) else { break };
            end = before;
        }
        let (place, key, value) = found?;
        let finding = self.finding(place, format!("`{}` has a `=` in place of a `:`", cropped_name(key)));
        Some(finding.help(format!("write `{}: {}`", cropped_name(key), cropped_name(value))))
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
