//! What must hold of every check and every report, whatever the input was.

use scalegen::CheckResult;
use scalegen::check::rules;
use scalegen::report::{Batch, Format, Reported, TextStyle, write};
use scalegen::support::diagnostic::{Finding, Severity};
use scalegen::support::source::{FileSpan, Source};
use std::collections::BTreeSet;

fn inside(sources: &[Source], place: FileSpan, what: &str) {
    let source = sources.get(usize::from(place.file.0)).unwrap_or_else(|| panic!("{what}: no file {place:?}"));
    let (start, end) = (place.span.start as usize, place.span.end as usize);
    assert!(source.text.get(start..end).is_some(), "{what}: {place:?} is not text of {} bytes", source.text.len());
}

/// A finding's places lie in their files on character boundaries, and its words are there.
pub fn finding(sources: &[Source], found: &Finding) {
    let what = format!("{}: {}", found.rule, found.message);
    inside(sources, found.at, &what);
    for related in &found.related {
        inside(sources, related.place, &format!("{what}: label {}", related.label));
        assert!(!related.label.is_empty(), "{what}: an empty label");
    }
    assert!(!found.message.is_empty(), "{}: an empty message", found.rule);
    assert!(found.help.as_deref() != Some(""), "{what}: an empty help");
    let mut reached = 0;
    for edit in found.fix.iter().flat_map(|fix| &fix.edits) {
        inside(sources, FileSpan { file: found.at.file, span: edit.span }, &format!("{what}: edit"));
        assert!(edit.span.start >= reached, "{what}: its edits overlap");
        reached = edit.span.end;
    }
}

/// The findings that stand, and those that a comment allows.
pub fn all(checked: &CheckResult) -> impl Iterator<Item = &Finding> {
    checked.findings.iter().chain(checked.suppressed.iter().map(|one| &one.finding))
}

/// What holds of one check.
pub fn checked(checked: &CheckResult) {
    assert_eq!(checked.findings.len(), checked.paths.len(), "a path for each finding");
    for one in all(checked) {
        finding(&checked.sources, one);
    }
    for path in checked.paths.iter().chain(checked.suppressed.iter().map(|one| &one.path)) {
        assert!(path.is_empty() || path.starts_with('/'), "{path:?} is not RFC 6901 path");
    }
    let mut seen = BTreeSet::new();
    for one in all(checked) {
        assert!(
            seen.insert((one.rule.to_string(), one.at)),
            "{} appears twice at {:?}: {}",
            one.rule,
            one.at,
            one.message
        );
    }
    assert!(checked.findings.is_sorted_by_key(|one| (rank(one), one.at)), "causes stand first, each by place");
}

/// Errors of shape come before other errors, and those before the rest.
fn rank(one: &Finding) -> u8 {
    let is_shape = |rule: &rules::Rule| matches!(rule.meta.group, rules::Group::Shape | rules::Group::Settings);
    match one.severity {
        Severity::Error if rules::get(&one.rule).is_some_and(is_shape) => 0,
        Severity::Error => 1,
        _ => 2,
    }
}

/// What must not reach a reader raw: controls but the line end, and marks that reorder or hide text.
fn hostile(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Writes one format and holds it against what its reader needs.
pub fn report(checked: &CheckResult, format: Format) {
    let files = [Reported {
        sources: &checked.sources,
        findings: &checked.findings,
        paths: &checked.paths,
        suppressed: &checked.suppressed,
    }];
    let batch = Batch { files: &files, suppressed: checked.suppressed.len(), policies: &[], kinds: &[] };
    let mut out = Vec::new();
    write(format, &batch, TextStyle::default(), &mut out).expect("a sink takes everything");
    let text = String::from_utf8(out).unwrap_or_else(|error| panic!("{}: {error}", format.name()));
    if let Some((at, bad)) = text.char_indices().find(|(_, character)| hostile(*character)) {
        let around: String = text[..at].chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
        panic!("{}: raw {bad:?} after {around:?}", format.name());
    }
    let count = checked.findings.len();
    match format {
        Format::Json | Format::Sarif | Format::Gitlab => {
            let json: serde_json::Value =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", format.name()));
            if format == Format::Gitlab {
                assert_eq!(json.as_array().map(Vec::len), Some(count), "gitlab lists every finding");
                let prints: BTreeSet<&str> =
                    json.as_array().into_iter().flatten().filter_map(|one| one["fingerprint"].as_str()).collect();
                assert_eq!(prints.len(), count, "gitlab drops findings whose fingerprints are the same");
            }
            if format == Format::Sarif {
                let results = json["runs"][0]["results"].as_array().map(Vec::len);
                assert_eq!(results, Some(count + checked.suppressed.len()), "sarif lists every finding");
            }
        }
        Format::Junit => {
            if let Err(error) = roxmltree::Document::parse(&text) {
                panic!("junit: {error}");
            }
        }
        Format::Github => {
            let lines = text.lines().filter(|line| line.starts_with("::")).count();
            assert_eq!(lines, count, "github has one line a finding:\n{text}");
        }
        Format::Concise => {
            assert!(text.lines().count() >= count, "concise has one line a finding");
            assert!(text.lines().count() <= count + 2, "concise has one line a finding:\n{text}");
        }
        _ => {}
    }
}

/// Two of the formats, chosen by the input: all of them take longer than the check itself.
pub fn reports(checked: &CheckResult, data: &[u8]) {
    let sum = data.iter().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    let all = Format::ALL;
    for index in [sum, sum / all.len()] {
        report(checked, all[index % all.len()]);
    }
}
