//! What a finding is known by while lines above it come and go. Knows findings and texts, no format.

use crate::diagnostic::Finding;
use crate::source::Source;

/// Of the rule, the name given for its file, the path in the document and the words of the line; not of the line's number
/// or indent, nor of the message, whose numbers come from elsewhere too.
#[must_use]
pub fn fingerprint(source: Option<&Source>, name: &str, finding: &Finding, path: &str) -> u64 {
    let line = source
        .map_or("", |source| source.slice(source.line_span(source.line_index(finding.at.span.start))))
        .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    fnv1a(&[&finding.rule, name, path, line])
}

/// FNV-1a of 64 bits, with a byte between the parts that no UTF-8 text holds.
fn fnv1a(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
