//! Identifies a finding although lines above it come and go. Knows findings, no format and no text.

use crate::support::diagnostic::Finding;

/// Hashes the rule, the name given for its file, the path in the document and some words at its place. Leaves out the line number,
/// the indent and the message, whose numbers come from elsewhere too.
#[must_use]
pub fn fingerprint(finding: &Finding, name: &str, path: &str, words: &str) -> u64 {
    fnv1a(&[&finding.rule, name, path, words].map(str::as_bytes))
}

/// FNV-1a of 64 bits, the same in every release, with a byte between the parts that no UTF-8 text holds.
#[must_use]
pub fn fnv1a(parts: &[&[u8]]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.iter().copied().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
