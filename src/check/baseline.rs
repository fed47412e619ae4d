//! A baseline: accepted findings, recognised by fingerprint. Knows its own file format; reads no file.
//!
//! It is JSON with one entry a line, sorted, so that differences and merges stay small.

use crate::check::fingerprint::fingerprint;
use crate::check::rules;
use crate::support::diagnostic::Finding;
use crate::support::source::{FileId, FileSpan, Source};
use crate::syntax::{self, Node, ParseMode};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The version of the format that this release reads and writes.
const VERSION: i64 = 1;
const BROKEN: &str = "broken-baseline";

/// The accepted findings, with how often each occurred.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    entries: BTreeMap<BaselineEntry, FindingCount>,
}

/// The identity of a finding: the spec's path relative to the baseline, the rule, the path in the document, and a hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BaselineEntry {
    /// The spec, `/` between parts.
    file: String,
    path: String,
    rule: String,
    fingerprint: String,
}

#[derive(Clone, Copy, Debug, Default)]
struct FindingCount {
    times: u32,
    /// Where the entry is in the text it was read from.
    at: FileSpan,
}

/// How often each accepted finding occurred in this run.
pub type BaselineHits = BTreeMap<BaselineEntry, u32>;

/// One finding with its path, and the files that its places refer to.
#[derive(Clone, Copy, Debug)]
pub struct SeenFinding<'a> {
    /// The spec and the files it names.
    pub sources: &'a [Source],
    /// The finding.
    pub finding: &'a Finding,
    /// The RFC 6901 path of its place.
    pub path: &'a str,
}

impl SeenFinding<'_> {
    /// The finding's identity; `None` if a baseline cannot hold it.
    fn entry(&self, file: &str) -> Option<BaselineEntry> {
        if file.is_empty() || !rules::is_suppressible(&self.finding.rule) {
            return None;
        }
        let source = self.sources.get(usize::from(self.finding.at.file.0));
        // the spec is named already; another file goes by its own name, wherever the command was run
        let beside = source.filter(|_| self.finding.at.file != FileId(0)).map(|source| source.name.as_str());
        let name = beside.map_or("", |name| name.rsplit('/').next().unwrap_or(name));
        // only the text at the place, whatever else is on its line
        let words = source.map_or("", |source| source.slice(self.finding.at.span));
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(BaselineEntry {
            file: file.to_owned(),
            path: self.path.to_owned(),
            rule: self.finding.rule.to_string(),
            fingerprint: format!("{:016x}", fingerprint(self.finding, name, self.path, &words)),
        })
    }
}

impl Baseline {
    /// Adds a finding of a spec; false if it is one that no baseline can hold.
    pub fn add(&mut self, file: &str, seen: &SeenFinding<'_>) -> bool {
        let entry = seen.entry(file);
        let added = entry.is_some();
        if let Some(entry) = entry {
            self.entries.entry(entry).or_default().times += 1;
        }
        added
    }

    /// Takes over the entries of the files in `wanted` from another baseline.
    pub fn take_over(&mut self, other: &Baseline, wanted: impl Fn(&str) -> bool) {
        let taken = other.entries.iter().filter(|(entry, _)| wanted(&entry.file));
        self.entries.extend(taken.map(|(entry, count)| (entry.clone(), *count)));
    }

    /// Whether a finding is accepted and has not yet occurred as often as the baseline allows. Counts the occurrence if so.
    #[must_use]
    pub fn accepts(&self, file: &str, seen: &SeenFinding<'_>, hits: &mut BaselineHits) -> bool {
        let Some(entry) = seen.entry(file) else { return false };
        let Some(count) = self.entries.get(&entry) else { return false };
        let hits = hits.entry(entry).or_default();
        let accepts = *hits < count.times;
        *hits += u32::from(accepts);
        accepts
    }

    /// How many findings of how many files it holds.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let files: BTreeSet<&str> = self.entries.keys().map(|entry| entry.file.as_str()).collect();
        (self.entries.values().map(|count| count.times as usize).sum(), files.len())
    }

    /// Stale entries: accepted findings that did not occur. One finding for each file that was checked whole or is gone. Places are in
    /// the text that the baseline was read from.
    #[must_use]
    pub fn stale(&self, hits: &BaselineHits, whole: &BTreeSet<&str>, gone: impl Fn(&str) -> bool) -> Vec<Finding> {
        let mut files: BTreeMap<&str, Vec<(&BaselineEntry, FileSpan, u32)>> = BTreeMap::new();
        for (entry, count) in &self.entries {
            let missing = count.times.saturating_sub(hits.get(entry).copied().unwrap_or_default());
            if missing > 0 {
                files.entry(&entry.file).or_default().push((entry, count.at, missing));
            }
        }
        let mut findings = Vec::new();
        for (file, entries) in files {
            let is_gone = !whole.contains(file) && gone(file);
            let Some((first, at, _)) = entries.first().filter(|_| is_gone || whole.contains(file)) else { continue };
            let missing: u32 = entries.iter().map(|(_, _, missing)| missing).sum();
            let name = file.escape_debug();
            let message = match missing {
                _ if is_gone => format!("there is no {name} any more"),
                1 => format!("`{}` is no longer found in {name}", first.rule.escape_debug()),
                _ => format!("{missing} findings are no longer found in {name}"),
            };
            let finding = rules::finding("stale-baseline", *at, message)
                .help("`scalegen lint --write-baseline` writes the file again");
            findings.push(entries.iter().fold(finding, |finding, (entry, at, _)| {
                finding.label(*at, format!("`{}`", entry.rule.escape_debug()))
            }));
        }
        findings
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{{\n  \"version\": {VERSION},\n  \"findings\": [");
        for (index, (BaselineEntry { file, path, rule, fingerprint }, count)) in self.entries.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let [file, path, rule, fingerprint] = [file, path, rule, fingerprint].map(|text| quoted(text));
            let count = count.times;
            // writing into a string cannot fail
            let _ = write!(
                text,
                "{comma}\n    {{\"file\": {file}, \"path\": {path}, \"rule\": {rule}, \"fingerprint\": {fingerprint}, \"count\": {count}}}"
            );
        }
        text.push_str(if self.entries.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        text
    }
}

/// A JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The result of reading a baseline.
#[derive(Debug, Default)]
pub struct LoadedBaseline {
    /// The findings that are known; what could not be read is left out.
    pub baseline: Baseline,
    /// What is wrong with the file. Places are in the file of id 0.
    pub findings: Vec<Finding>,
    /// For each finding the RFC 6901 path of its place.
    pub paths: Vec<String>,
}

/// Whether a file may be overwritten with a baseline: it is empty, or looks like one, even if a merge has left it broken.
#[must_use]
pub fn is_likely(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim();
    text.is_empty() || (text.starts_with(['{', '<']) && text.contains("\"findings\""))
}

/// Reads a baseline. Cannot fail: faults are findings.
#[must_use]
pub fn read(source: &Source) -> LoadedBaseline {
    // JSON is YAML, and our reader keeps places
    let parsed = syntax::parse(FileId(0), source, ParseMode::Base);
    let mut read = LoadedBaseline::default();
    match &parsed.root {
        _ if !parsed.findings.is_empty() => {
            let first = parsed.findings.iter().map(|finding| (finding.at, finding.message.clone())).min();
            read.findings.extend(first.map(|(at, message)| broken(at, format!("the file is not JSON: {message}"))));
        }
        None => read.findings.push(broken(FileSpan::default(), "the file is empty".to_owned())),
        Some(root) => read.root(root),
    }
    read.findings.sort_by(Finding::order);
    let mut paths = parsed.root.map(syntax::Paths::new);
    let path = |finding: &Finding| paths.as_mut().map(|paths| paths.of(finding.at.span)).unwrap_or_default();
    read.paths = read.findings.iter().map(path).collect();
    read
}

/// The finding for a file that is not text.
#[must_use]
pub fn undecodable(why: syntax::Undecodable) -> Finding {
    rules::ranked(Finding { rule: BROKEN.into(), ..syntax::undecodable(FileId(0), why) })
}

fn broken(at: FileSpan, message: String) -> Finding {
    rules::finding(BROKEN, at, message).help("`scalegen lint --write-baseline` writes the file again")
}

impl LoadedBaseline {
    fn root(&mut self, root: &Node) {
        let version = root.get("version");
        if version.and_then(|entry| entry.node.as_whole()) != Some(VERSION) {
            let at = version.map_or(root.at().place(), |entry| entry.at().place());
            let found = version.map_or("none".to_owned(), |entry| format!("`{}`", entry.node.text.escape_debug()));
            let message = format!("this release reads a baseline of version {VERSION}, found {found}");
            self.findings.push(broken(at, message));
            return;
        }
        let Some(findings) = root.get("findings").filter(|entry| matches!(entry.node.value, syntax::Value::Seq(_)))
        else {
            self.findings.push(broken(root.at().place(), "the list `findings` is missing".to_owned()));
            return;
        };
        for entry in findings.node.items() {
            match read_entry(entry) {
                Some((known, times)) => {
                    let at = entry.at().place();
                    // an entry that a merge wrote twice counts once, with the larger number
                    let count = self.baseline.entries.entry(known).or_insert(FindingCount { times, at });
                    count.times = count.times.max(times);
                }
                None => {
                    let message = "an entry needs `file`, `path`, `rule`, `fingerprint` and a `count` above 0";
                    self.findings.push(broken(entry.at().place(), message.to_owned()));
                }
            }
        }
    }
}

fn read_entry(entry: &Node) -> Option<(BaselineEntry, u32)> {
    let text = |key: &str| Some(entry.get(key)?.node.as_str()?.to_owned());
    let times = entry.get("count")?.node.as_whole().and_then(|count| u32::try_from(count).ok())?;
    let known = BaselineEntry {
        file: text("file")?,
        path: text("path")?,
        rule: text("rule")?,
        fingerprint: text("fingerprint")?,
    };
    (times > 0).then_some((known, times))
}
