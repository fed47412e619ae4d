//! The fingerprints of one report, each given once. Knows no output format.

use std::collections::BTreeMap;

use super::Reported;
use crate::check::fingerprint::fingerprint;
use crate::support::diagnostic::Finding;

/// Assigns the fingerprints of one report. Findings that are equal in everything that is hashed get a number appended.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    given: BTreeMap<u64, usize>,
}

impl Fingerprints {
    /// Hashes the words of the whole line: code hosts follow a line, not a field.
    pub(super) fn of(&mut self, file: &Reported<'_>, finding: &Finding, path: &str) -> String {
        let source = file.source(finding.at.file);
        let line = source
            .map_or("", |source| source.slice(source.line_span(source.line_index(finding.at.span.start))))
            .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let hash = fingerprint(finding, source.map_or("", |source| source.name.as_str()), path, line);
        let count = self.given.entry(hash).or_default();
        *count += 1;
        format!("{hash:016x}:{count}")
    }
}
