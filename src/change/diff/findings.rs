//! Pairs the findings of two checks of one spec: which are new, which are gone, which read differently. Knows no rule.

use super::NamedSide;
use super::side::is_shape;
use crate::check::fingerprint::fingerprint;
use crate::pipeline::CheckResult;
use crate::support::diagnostic::{DismissedBy, Finding, SPEC, Severity};
use crate::support::source::LineColumn;
use std::collections::HashMap;

/// One finding with its place in words.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The finding.
    pub finding: Finding,
    /// The file it is in.
    pub file: String,
    /// Its first line and column.
    pub start: LineColumn,
    /// The RFC 6901 path of its place.
    pub path: String,
    /// Who allows it now, if it is still there and only not reported.
    pub allowed: Option<DismissedBy>,
    fingerprint: String,
    line: String,
}

/// What differs.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Findings that were not there before.
    pub new: Vec<Seen>,
    /// Findings that are no longer reported.
    pub mended: Vec<Seen>,
    /// Findings that may be gone, or may be hidden by a fault that keeps a part of the spec from being checked.
    pub hidden: Vec<Seen>,
    /// The same finding with another message, severity or set of profiles: before and after.
    pub changed: Vec<(Seen, Seen)>,
}

impl Findings {
    pub(super) fn is_empty(&self) -> bool {
        self.new.is_empty() && self.mended.is_empty() && self.hidden.is_empty() && self.changed.is_empty()
    }

    pub(super) fn fails(&self, least: Severity) -> usize {
        let counts = |seen: &Seen| seen.finding.severity >= least;
        let more = |(old, new): &&(Seen, Seen)| counts(new) && (new.wider_than(old) || !counts(old));
        self.new.iter().filter(|seen| counts(seen)).count() + self.changed.iter().filter(more).count()
    }
}

impl Seen {
    /// Whether this holds in the base or a profile where the earlier one did not.
    #[must_use]
    pub fn wider_than(&self, old: &Seen) -> bool {
        let (old, new) = (&old.finding.profiles, &self.finding.profiles);
        !old.is_empty() && (new.is_empty() || new.iter().any(|profile| !old.contains(profile)))
    }

    /// The rule, and the file: the spec has another name on the other side.
    fn kind(&self) -> (String, String) {
        let file = if self.finding.at.file == SPEC { "" } else { &self.file };
        (self.finding.rule.to_string(), file.to_owned())
    }
}

/// Pairs findings with the same fingerprint, then with the same rule and path, then with the same rule on lines of the same words.
pub(super) fn compare(before: Option<NamedSide<'_>>, after: Option<NamedSide<'_>>) -> Findings {
    let shown = |named: NamedSide<'_>| seen(named, with_paths(&named.side.checked));
    let (mut old, mut new) = (before.map_or_else(Vec::new, shown), after.map_or_else(Vec::new, shown));
    let mut pairs = Vec::new();
    for key in [|one: &Seen| one.fingerprint.clone(), |one: &Seen| one.path.clone(), |one: &Seen| one.line.clone()] {
        take(&mut old, &mut new, key, &mut pairs);
    }
    let allowed = |named: NamedSide<'_>| {
        let all = &named.side.checked.suppressed;
        let found = seen(named, all.iter().map(|located| (&located.finding, located.path.as_str())));
        found.into_iter().zip(all).map(|(one, by)| Seen { allowed: Some(by.by.clone()), ..one }).collect()
    };
    let mut hidden = after.map_or_else(Vec::new, allowed);
    let mut allowed = Vec::new();
    take(&mut old, &mut hidden, |one| one.path.clone(), &mut allowed);
    old.extend(allowed.into_iter().map(|(one, now)| Seen { allowed: now.allowed, ..one }));
    old.sort_by_key(|located| located.finding.at);
    let differs = |(old, new): &(Seen, Seen)| {
        let (one, two) = (&old.finding, &new.finding);
        one.message != two.message || one.profiles != two.profiles || one.severity != two.severity
    };
    let mut changed: Vec<(Seen, Seen)> = pairs.into_iter().filter(differs).collect();
    changed.sort_by_key(|(_, new)| new.finding.at);
    let faulty = after.is_some_and(|named| named.side.is_faulty());
    let unread = after.is_some_and(|named| named.side.unreadable);
    let hides = |one: &Seen| one.allowed.is_none() && faulty && (unread || !is_shape(&one.finding.rule));
    let (hidden, mended) = old.into_iter().partition(hides);
    Findings { new, mended, hidden, changed }
}

/// Takes pairs of the same kind and key out of both lists, in the order of the first list. An empty key matches nothing.
fn take(old: &mut Vec<Seen>, new: &mut Vec<Seen>, key: fn(&Seen) -> String, pairs: &mut Vec<(Seen, Seen)>) {
    let mut waiting: HashMap<_, Vec<Seen>> = HashMap::new();
    for one in std::mem::take(old).into_iter().rev() {
        waiting.entry((one.kind(), key(&one))).or_default().push(one);
    }
    for two in std::mem::take(new) {
        let key = (two.kind(), key(&two));
        match waiting.get_mut(&key).filter(|_| !key.1.is_empty()).and_then(Vec::pop) {
            Some(one) => pairs.push((one, two)),
            None => new.push(two),
        }
    }
    *old = waiting.into_values().flatten().collect();
    old.sort_by(|one, two| (one.finding.at, &one.finding.rule).cmp(&(two.finding.at, &two.finding.rule)));
}

fn with_paths(checked: &CheckResult) -> impl Iterator<Item = (&Finding, &str)> {
    checked.findings.iter().zip(checked.paths.iter().map(String::as_str).chain(std::iter::repeat("")))
}

/// Some findings of one side, with their places.
fn seen<'f>(named: NamedSide<'_>, findings: impl Iterator<Item = (&'f Finding, &'f str)>) -> Vec<Seen> {
    let located = |(finding, path): (&Finding, &str)| {
        let source = named.side.checked.sources.get(usize::from(finding.at.file.0));
        let name = source.map_or("", |source| source.name.as_str());
        let line = source.map(|source| source.slice(source.line_span(source.line_index(finding.at.span.start))));
        let line = line.unwrap_or_default().trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        Seen {
            finding: finding.clone(),
            file: if finding.at.file == SPEC { named.name } else { name }.to_owned(),
            start: source.map_or(LineColumn { line: 1, column: 1 }, |source| source.numbers(finding.at.span.start)),
            path: path.to_owned(),
            allowed: None,
            fingerprint: format!("{:016x}", fingerprint(finding, name, path, line)),
            line: line.to_owned(),
        }
    };
    findings.map(located).collect()
}
