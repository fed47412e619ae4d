//! A name for a finding that stays the same while lines above it come and go. Knows no output format.

use std::collections::BTreeMap;

use super::Reported;
use crate::diagnostic::Finding;

/// Hands out the fingerprints of one report; findings that are alike in all that is hashed get a number behind it.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    given: BTreeMap<u64, usize>,
}

impl Fingerprints {
    /// Of the rule, the file, the path in the document and the words of the line; not of the line's number or indent,
    /// nor of the message, whose numbers come from elsewhere too.
    pub(super) fn of(&mut self, file: &Reported<'_>, finding: &Finding, path: &str) -> String {
        let source = file.source(finding.at.file);
        let name = source.map_or("", |source| source.name.as_str());
        let line = source
            .map_or("", |source| source.slice(source.line_span(source.line_index(finding.at.span.start))))
            .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let hash = fnv1a(&[&finding.rule, name, path, line]);
        let count = self.given.entry(hash).or_default();
        *count += 1;
        format!("{hash:016x}:{count}")
    }
}

/// FNV-1a of 64 bits, with a byte between the parts that no UTF-8 text holds.
fn fnv1a(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
