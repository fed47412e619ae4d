//! Orders findings: causes before what follows from them. Knows which findings are of shape, no rule.

use super::CheckResult;
use crate::check::rules::{self, Group};
use crate::support::diagnostic::{Finding, HeldProfiles, SPEC, Severity};
use crate::support::pointer;
use crate::support::source::{FileSpan, Span};
use crate::syntax::{self, Node};
use std::collections::{HashMap, HashSet};

/// Errors of shape come first, then other errors, then the rest; each by place.
pub(super) fn arrange(findings: &mut [Finding]) {
    let rank = |finding: &Finding| match finding.severity {
        Severity::Error if is_shape(finding) => 0,
        Severity::Error => 1,
        _ => 2,
    };
    let order = |one: &Finding, other: &Finding| rank(one).cmp(&rank(other)).then_with(|| one.order(other));
    // sorting takes memory for half of them, and they come by place
    if !findings.is_sorted_by(|one, other| order(one, other).is_le()) {
        findings.sort_by(order);
    }
}

fn is_shape(finding: &Finding) -> bool {
    let rule = rules::get(&finding.rule).filter(|_| finding.severity == Severity::Error);
    rule.is_some_and(|rule| matches!(rule.meta.group, Group::Shape | Group::Settings))
}

impl CheckResult {
    /// Keeps one finding for each cause, for a person or an editor.
    ///
    /// A rule's finding about a value out of its bounds follows from that, even if it is an error: only the value is reported.
    /// A warning or note about a service with an error of shape is left out: the field that it misses may be the one
    /// that could not be read. A note on how an amount was read is part of the error at the same place. The findings of the
    /// targets about one field of several services are joined.
    pub fn keep_causes(&mut self) {
        let may_follow = |finding: &Finding| finding.severity < Severity::Error && finding.at.file == SPEC;
        // the spec is read again only if something can be left out
        if self.findings.iter().any(may_follow)
            && self.findings.iter().any(|finding| is_shape(finding) || finding.rule == "unknown-service")
            && let Some(root) =
                self.sources.first().and_then(|spec| syntax::parse(SPEC, spec, syntax::ParseMode::Spec).root)
        {
            // a service of a misspelt name has nothing of the one that was meant
            let is_cause = |finding: &&Finding| is_shape(finding) || finding.rule == "unknown-service";
            let broken = faulty_entries(&root, self.findings.iter().filter(is_cause));
            let follows = |finding: &Finding| may_follow(finding) && holder(&broken, finding.at.span).is_some();
            self.keep(|finding| !follows(finding));
        }
        self.leave_out_of_bounds();
        self.leave_out_names_of_unread();
        self.fold_readings();
        self.gather();
    }

    /// Leaves out unknown names where the list of names could not be read, which is reported.
    fn leave_out_names_of_unread(&mut self) {
        let is_unread = |(finding, path): (&Finding, &String)| is_shape(finding) && path == "/backingServices";
        if !self.findings.iter().zip(&self.paths).any(is_unread) {
            return;
        }
        let mut paths = std::mem::take(&mut self.paths).into_iter();
        let mut kept = Vec::new();
        self.findings.retain(|finding| {
            let path = paths.next().unwrap_or_default();
            let is_name = path.contains("/connections/") || path.ends_with("/partitionedBy");
            let stays = finding.rule != "unknown-reference" || !is_name;
            if stays {
                kept.push(path);
            }
            stays
        });
        self.paths = kept;
    }

    /// Leaves out rules' findings about values of the spec that have an error of shape.
    fn leave_out_of_bounds(&mut self) {
        let shaped = self.findings.iter().filter(|finding| is_shape(finding) && finding.rule == "invalid-value");
        let values: HashSet<FileSpan> = shaped.map(|finding| finding.at).filter(|at| at.file == SPEC).collect();
        if values.is_empty() {
            return;
        }
        self.keep(|finding| {
            let mut places = finding.related.iter().map(|related| related.place).chain([finding.at]);
            is_shape(finding) || !places.any(|place| values.contains(&place))
        });
    }

    /// Leaves out findings that another check of the same run has reported: a file that several kustomizations include is read with
    /// each. Notes are reported once a place, all others once a message.
    pub fn leave_out_reported(all: &mut [CheckResult]) {
        let mut reported: HashSet<(&str, &str, Span, &str)> = HashSet::new();
        let mut new: Vec<Vec<bool>> = Vec::with_capacity(all.len());
        for one in &*all {
            let is_new = |finding| reported.insert(one.reported_as(finding));
            new.push(one.findings.iter().map(is_new).collect());
        }
        for (one, new) in all.iter_mut().zip(new) {
            let mut new = new.into_iter();
            one.keep(|_| new.next().unwrap_or(true));
        }
    }

    /// What makes a finding the same as that of another check: file, rule, bytes, and message unless it is a note.
    fn reported_as<'f>(&'f self, finding: &'f Finding) -> (&'f str, &'f str, Span, &'f str) {
        let file = self.sources.get(usize::from(finding.at.file.0)).map_or("", |source| &source.name);
        let message = if finding.severity == Severity::Note { "" } else { &finding.message };
        (file, &finding.rule, finding.at.span, message)
    }

    fn keep(&mut self, mut stays: impl FnMut(&Finding) -> bool) {
        self.take_out(|finding, _| !stays(finding));
    }

    /// Takes some findings out, each with its path. There may be thousands: the others are not copied into another list.
    pub(super) fn take_out(&mut self, mut is_taken: impl FnMut(&Finding, &str) -> bool) -> Vec<(Finding, String)> {
        let taken: Vec<bool> =
            self.findings.iter().zip(&self.paths).map(|(finding, path)| is_taken(finding, path)).collect();
        let (mut findings, mut paths) = (taken.iter(), taken.iter());
        let findings = self.findings.extract_if(.., |_| findings.next() == Some(&true));
        let paths = self.paths.extract_if(.., |_| paths.next() == Some(&true));
        findings.zip(paths).collect()
    }

    /// Joins the targets' findings about one field of several services, in the base and in profiles: the first gets the
    /// others as its labels. Errors stay single.
    fn gather(&mut self) {
        let is_loss = |finding: &Finding| matches!(&*finding.rule, "lost-in-target" | "ignored-by-consumer");
        if !self.findings.iter().any(is_loss) {
            return;
        }
        let mut first: HashMap<(String, String, String), usize> = HashMap::new();
        let (mut kept, mut kept_paths) = (Vec::new(), Vec::new());
        // of those that others may join
        let mut names: HashMap<usize, Vec<String>> = HashMap::new();
        let mut known: HashSet<(usize, String)> = HashSet::new();
        for (finding, path) in std::mem::take(&mut self.findings).into_iter().zip(std::mem::take(&mut self.paths)) {
            let is_small = finding.severity < Severity::Error && finding.profiles.len() <= MOST_PROFILES;
            let named = named_thing(&path).filter(|_| is_loss(&finding) && is_small && finding.at.file == SPEC);
            let Some((field, name)) = named else {
                kept.push(finding);
                kept_paths.push(path);
                continue;
            };
            let index = *first.entry((finding.rule.to_string(), field, form(&finding.message))).or_insert(kept.len());
            match (kept.get_mut(index), names.get_mut(&index)) {
                (Some(leader), Some(names)) => {
                    if known.insert((index, name.clone())) {
                        names.push(name);
                    }
                    join(leader, &finding);
                }
                _ => {
                    known.insert((kept.len(), name.clone()));
                    names.insert(kept.len(), vec![name]);
                    kept.push(finding);
                    kept_paths.push(path);
                }
            }
        }
        for (index, names) in &names {
            let Some(finding) = kept.get_mut(*index) else { continue };
            let others: Vec<String> = names.iter().skip(1).take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
            let more = names.len().saturating_sub(1 + MOST_NAMES);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            if !others.is_empty() {
                finding.message = format!("{}; the same for {}{more}", finding.message, others.join(", "));
            }
        }
        (self.findings, self.paths) = (kept, kept_paths);
    }

    /// `512m` of memory is refused because of how it was read: one finding says both.
    fn fold_readings(&mut self) {
        let readings: HashMap<FileSpan, Finding> = self
            .findings
            .iter()
            .filter(|finding| finding.rule == "ambiguous-unit" && finding.severity < Severity::Error)
            .map(|finding| (finding.at, finding.clone()))
            .collect();
        if readings.is_empty() {
            return;
        }
        let mut reported = HashSet::new();
        for finding in self.findings.iter_mut().filter(|finding| finding.severity == Severity::Error) {
            if let Some(reading) = readings.get(&finding.at) {
                finding.message = format!("{}; {}", reading.message, finding.message);
                finding.help = reading.help.clone();
                finding.fix = reading.fix.clone();
                reported.insert(finding.at);
            }
        }
        self.keep(|finding| finding.rule != "ambiguous-unit" || !reported.contains(&finding.at));
    }
}

/// The services and backing services that contain one of these findings, in the base and in profiles, with their keys.
fn faulty_entries<'f>(root: &Node, faults: impl Iterator<Item = &'f Finding>) -> Vec<Span> {
    let profiles = root.get("profiles").map_or(&[][..], |profiles| profiles.node.entries());
    let layers = std::iter::once(root).chain(profiles.iter().map(|profile| &*profile.node));
    let maps = layers.flat_map(|layer| ["services", "backingServices"].map(|map| layer.get(map)));
    let mut entries: Vec<Span> = maps
        .flatten()
        .flat_map(|map| map.node.entries())
        .map(|entry| Span::new(entry.key_span.start as usize, entry.node.span.end.max(entry.key_span.end) as usize))
        .collect();
    entries.sort();
    let faults = faults.filter(|fault| fault.at.file == SPEC);
    let mut faulty: Vec<Span> = faults.filter_map(|fault| holder(&entries, fault.at.span)).collect();
    faulty.sort();
    faulty.dedup();
    faulty
}

/// The one of these entries that holds some bytes. They are in order, and none holds another.
fn holder(entries: &[Span], bytes: Span) -> Option<Span> {
    let after = entries.partition_point(|entry| entry.start <= bytes.start);
    entries.get(after.checked_sub(1)?).filter(|entry| entry.contains(bytes)).copied()
}

/// A finding of more profiles is not joined: joining their lists would take longer than reading them.
const MOST_PROFILES: usize = 64;

/// The most services that are named in one message, and the most places below it.
const MOST_NAMES: usize = 3;

/// Adds one more place to the first finding of its kind. It holds where either holds.
fn join(leader: &mut Finding, finding: &Finding) {
    if leader.profiles.len() > MOST_PROFILES {
        // enough are named
    } else if leader.profiles.is_empty() || finding.profiles.is_empty() {
        leader.profiles = HeldProfiles::default();
    } else if leader.profiles != finding.profiles {
        let mut all = leader.profiles.to_vec();
        all.extend(finding.profiles.iter().filter(|name| !leader.profiles.contains(name)).cloned());
        leader.profiles = all.into();
    }
    if leader.related.len() < MOST_NAMES {
        *leader = leader.clone().label(finding.at, "the same here");
    }
}

/// The field and the service that a path names: `services/*/replicas` and the service, without the profile.
fn named_thing(path: &str) -> Option<(String, String)> {
    let mut keys = path.split('/').skip(1).peekable();
    if keys.peek() == Some(&"profiles") {
        keys.next();
        keys.next();
    }
    let map = keys.next().filter(|map| matches!(*map, "services" | "backingServices"))?;
    let name = pointer::key(keys.next()?);
    let field: Vec<&str> = keys.collect();
    Some((format!("{map}/{}", field.join("/")), name))
}

/// A message without its numbers and names.
fn form(message: &str) -> String {
    let mut form = String::with_capacity(message.len());
    for (index, part) in message.split('`').enumerate() {
        if index % 2 == 0 {
            form.extend(part.chars().filter(|c| !c.is_ascii_digit()));
        } else {
            form.push('`');
        }
    }
    form
}
