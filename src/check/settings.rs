//! `.scalegen.toml`: what a team decides for all specs of a folder. Knows TOML and the ids of rules; no file, no clock, no spec.

mod day;
mod paths;
mod table;

pub use day::CalendarDay;

use crate::check::rules;
use crate::inputs::spec::schema;
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::{FileId, FileSpan, Source, Span};
use crate::support::suggest::closest;
use crate::syntax::{self, Entry, Node, Undecodable};
use paths::PathPatterns;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

/// What the file is called.
pub const NAME: &str = ".scalegen.toml";
/// The rule for text that is not TOML.
const TOML_SYNTAX: &str = "toml-syntax";
/// The word that stands for every rule in a list of rules.
const ALL: &str = "all";
/// The word that stands for the spec without a profile.
const BASE: &str = "base";

/// The decisions of one settings file. Plain data that threads can share.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The least severity that makes the exit code 1, if one is set.
    pub fail_level: Option<Severity>,
    /// The profiles to check, `None` for the base; empty for all.
    profiles: Vec<(Option<String>, FileSpan)>,
    /// Severities by rule; `None` if the rule is off.
    levels: BTreeMap<&'static str, Option<Severity>>,
    ignores: Vec<Ignore>,
    /// The folder with templates of one's own, relative to the file; and where it is named.
    pub templates: Option<(String, FileSpan)>,
    /// The baseline, relative to the file; and where it is named.
    pub baseline: Option<(String, FileSpan)>,
    /// Ids of policies: names that comments and ignores may use beside the rules'.
    policies: Vec<String>,
}

/// One `[[ignore]]` that has not ended.
#[derive(Clone, Debug)]
struct Ignore {
    rules: Vec<(String, FileSpan)>,
    paths: PathPatterns,
    /// The patterns as written.
    patterns: Vec<String>,
    /// Why, and until when.
    reason: String,
    at: FileSpan,
}

/// The rule and the ignore, to find out in the end which ignores had no effect.
pub type Used = (usize, usize);

/// What reading one settings file gave.
#[derive(Debug)]
pub struct LoadedFile {
    /// The decisions; what could not be read is left out.
    pub settings: Settings,
    /// The faults of the file, with the severities that it sets itself. Places are in the file of id 0.
    pub findings: Vec<Finding>,
    /// For each finding the RFC 6901 path of its place.
    pub paths: Vec<String>,
    /// The tables of `[[policy]]` with the places of every key and value, for the policy module.
    pub policies: Vec<Rc<Node>>,
}

/// Reads a settings file. Cannot fail: faults are findings.
#[must_use]
pub fn read(source: &Source, today: CalendarDay) -> LoadedFile {
    let (root, mut findings) = table::parse(source);
    let policies = root.get("policy").map_or(&[][..], |entry| entry.node.items()).to_vec();
    if findings.is_empty() {
        findings = schema::settings(&root);
        // a rule's name gets its own message below
        let rules: Vec<FileSpan> = fields(&root, "rules").iter().map(|entry| entry.at().key()).collect();
        findings.retain(|finding| finding.rule != "unknown-field" || !rules.contains(&finding.at));
    }
    let ids = policies.iter().filter_map(|table| Some(table.get("id")?.node.as_str()?.to_owned())).collect();
    let mut reader = SettingsReader { settings: Settings { policies: ids, ..Settings::default() }, findings, today };
    reader.root(&root);
    let SettingsReader { settings, mut findings, .. } = reader;
    let torn = findings.iter().any(|finding| finding.rule == TOML_SYNTAX);
    findings.retain_mut(|finding| {
        // fixes are written for YAML
        finding.fix = None;
        // text around a syntax fault may only follow from it
        (!torn || finding.rule == TOML_SYNTAX) && settings.settle(finding)
    });
    findings.sort_by(Finding::order);
    let paths = findings.iter().map(|finding| table::path(&root, finding.at.span)).collect();
    LoadedFile { settings, findings, paths, policies }
}

/// The finding for a settings file that is not text.
#[must_use]
pub fn undecodable(why: Undecodable) -> Finding {
    rules::ranked(Finding { rule: TOML_SYNTAX.into(), ..syntax::undecodable(FileId(0), why) })
}

/// The RFC 6901 path of a place in a settings file.
#[must_use]
pub fn path(source: &Source, span: Span) -> String {
    table::path(&table::parse(source).0, span)
}

impl Settings {
    /// Gives a finding the severity that is set for its rule; false if the rule is off.
    #[must_use]
    pub fn settle(&self, finding: &mut Finding) -> bool {
        match self.levels.get(finding.rule.as_str()) {
            None => true,
            Some(None) => false,
            Some(Some(severity)) => {
                finding.severity = *severity;
                true
            }
        }
    }

    /// Whether a rule is turned off.
    #[must_use]
    pub fn is_off(&self, rule: &str) -> bool {
        self.levels.get(rule) == Some(&None)
    }

    /// Whether a rule is given a severity. Then it also reports in files of other tools.
    #[must_use]
    pub fn is_set(&self, rule: &str) -> bool {
        matches!(self.levels.get(rule), Some(Some(_)))
    }

    /// The ids of the policies in this file, also of those that cannot be judged.
    pub fn policies(&self) -> impl Iterator<Item = &str> {
        self.policies.iter().map(String::as_str)
    }

    /// Which of a spec's profiles are to be checked; an empty answer stands for all. A spec that has none of the wanted
    /// ones is checked in the base.
    #[must_use]
    pub fn choose(&self, profiles: &[Option<String>]) -> Vec<Option<String>> {
        if self.profiles.is_empty() {
            return Vec::new();
        }
        let named: HashSet<Option<&str>> = self.profiles.iter().map(|(name, _)| name.as_deref()).collect();
        // a profile that is itself called `base` is meant too
        let wanted = |profile: &&Option<String>| {
            named.contains(&profile.as_deref()) || (profile.as_deref() == Some(BASE) && named.contains(&None))
        };
        let chosen: Vec<Option<String>> = profiles.iter().filter(wanted).cloned().collect();
        if chosen.is_empty() { vec![None] } else { chosen }
    }

    /// The first `[[ignore]]` for a rule in a spec, by its path relative to the settings file: which, and why.
    #[must_use]
    pub fn ignored(&self, rule: &str, path: &str) -> Option<(Used, &str)> {
        if !rules::is_suppressible(rule) {
            return None;
        }
        self.ignores.iter().enumerate().find_map(|(index, ignore)| {
            let named = ignore.rules.iter().position(|(name, _)| name == rule || name == ALL)?;
            ignore.paths.match_path(path).then_some(((index, named), ignore.reason.as_str()))
        })
    }

    /// Ignores that had no effect in a run over every spec that the file governs: `specs` are their paths relative to it. If
    /// some profile was not checked (`complete` is false), only ignores that match no spec at all: that profile may need the rest.
    #[must_use]
    pub fn unused(&self, used: &BTreeSet<Used>, specs: &[&str], complete: bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (index, ignore) in self.ignores.iter().enumerate() {
            let patterns: Vec<String> = ignore.patterns.iter().map(|pattern| format!("`{pattern}`")).collect();
            let any = (0..ignore.rules.len()).any(|rule| used.contains(&(index, rule)));
            let matched = specs.iter().filter(|path| ignore.paths.match_path(path)).count();
            if !any && matched == 0 {
                let message = format!("no spec matches {}, so nothing is ignored", patterns.join(", "));
                findings.push(
                    rules::finding("unused-ignore", ignore.at, message).help("correct the pattern, or remove it"),
                );
                continue;
            }
            for (rule, (name, at)) in ignore.rules.iter().enumerate() {
                if complete && !used.contains(&(index, rule)) {
                    let what = if name == ALL { "no rule".to_owned() } else { format!("`{name}`") };
                    let found = if name == ALL { "reports anything" } else { "reports nothing" };
                    let message = format!("{what} {found} in the files that match {}", patterns.join(", "));
                    findings.push(rules::finding("unused-ignore", *at, message).help("remove it"));
                }
            }
        }
        findings.retain_mut(|finding| self.settle(finding));
        findings
    }

    /// Profiles to check that none of these specs has, if these are all specs that the file governs.
    #[must_use]
    pub fn strangers(&self, known: &BTreeSet<&str>) -> Vec<Finding> {
        let named = |(name, at): &(Option<String>, FileSpan)| Some((name.clone()?, *at));
        let strange = self.profiles.iter().filter_map(named).filter(|(name, _)| !known.contains(name.as_str()));
        let finding = |(name, at): (String, FileSpan)| {
            let message = format!("no spec has a profile `{}`", name.escape_debug());
            let finding = rules::finding("unknown-reference", at, message);
            match closest(&name, known.iter().copied()) {
                Some(close) => finding.help(format!("did you mean `{close}`?")),
                None => finding.help("remove it, or write the profile into a spec"),
            }
        };
        strange.map(finding).collect()
    }
}

fn fields<'n>(node: &'n Node, key: &str) -> &'n [Entry] {
    node.get(key).map_or(&[], |entry| entry.node.entries())
}

/// The strings of a list with their places; what is not a string has its finding already.
fn words<'n>(node: &'n Node, key: &str) -> Vec<(&'n str, FileSpan)> {
    let items = node.get(key).map_or(&[][..], |entry| entry.node.items());
    items.iter().filter_map(|item| Some((item.as_str()?, item.at().place()))).collect()
}

/// A string with its place; an empty one has its finding already.
fn text(node: &Node, key: &str) -> Option<(String, FileSpan)> {
    let entry = node.get(key)?;
    let text = entry.node.as_str().filter(|text| !text.is_empty())?;
    Some((text.to_owned(), entry.at().place()))
}

struct SettingsReader {
    settings: Settings,
    findings: Vec<Finding>,
    today: CalendarDay,
}

impl SettingsReader {
    fn root(&mut self, root: &Node) {
        let level = root.get("fail-level").and_then(|entry| entry.node.as_str());
        self.settings.fail_level = level.and_then(Severity::named);
        self.settings.templates = text(root, "templates");
        self.settings.baseline = text(root, "baseline");
        for (name, at) in words(root, "profiles") {
            self.settings.profiles.push(((name != BASE).then(|| name.to_owned()), at));
        }
        for entry in fields(root, "rules") {
            self.level(entry);
        }
        for table in root.get("ignore").map_or(&[][..], |entry| entry.node.items()) {
            self.ignore(table);
        }
    }

    /// One line of `[rules]`.
    fn level(&mut self, entry: &Entry) {
        let Some(rule) = rules::get(&entry.key) else {
            if self.settings.policies().any(|policy| *policy == *entry.key) {
                let message = format!("`{}` is a policy: its severity is in its own table", entry.key.escape_debug());
                let help = "write `severity` there, and remove this line";
                self.findings.push(rules::finding("invalid-value", entry.at().key(), message).help(help));
                return;
            }
            self.unknown(&entry.key, entry.at().key());
            return;
        };
        let Some(level) = entry.node.as_str() else { return };
        let level = match (level, Severity::named(level)) {
            ("off", _) => None,
            (_, Some(severity)) => Some(severity),
            _ => return,
        };
        if !rule.meta.suppressible && level != Some(rule.meta.severity) {
            let what = level.map_or("turned off".to_owned(), |level| format!("lowered to a {}", level.word()));
            let message = format!("`{}` cannot be {what}: what it finds would not work anywhere", rule.meta.id);
            self.findings.push(rules::finding("invalid-value", entry.at().place(), message).help("remove this line"));
            return;
        }
        self.settings.levels.insert(rule.meta.id, level);
    }

    /// One `[[ignore]]`.
    fn ignore(&mut self, table: &Node) {
        let mut rules = Vec::new();
        for (name, at) in words(table, "rules") {
            match rules::get(name) {
                Some(rule) if !rule.meta.suppressible => {
                    let message = format!("`{name}` cannot be ignored: what it finds would not work anywhere");
                    self.findings.push(rules::finding("invalid-value", at, message).help("take it out of the list"));
                }
                None if name != ALL && self.settings.policies().all(|policy| policy != name) => self.unknown(name, at),
                _ => rules.push((name.to_owned(), at)),
            }
        }
        let mut patterns = Vec::new();
        for (pattern, at) in words(table, "paths") {
            match PathPatterns::fault(pattern) {
                Some(why) => {
                    let message = format!("`{}` is not a pattern: {why}", pattern.escape_debug());
                    let help = "write it as in a .gitignore, such as `legacy/**`";
                    self.findings.push(rules::finding("invalid-value", at, message).help(help));
                }
                None => patterns.push(pattern.to_owned()),
            }
        }
        let reason = table.get("reason").and_then(|entry| entry.node.as_str()).unwrap_or_default();
        let Ok(until) = self.until(table) else { return };
        if rules.is_empty() {
            return;
        }
        let reason = until.map_or(reason.to_owned(), |day| format!("{reason} (until {day})"));
        let paths = PathPatterns::new(patterns.iter().map(String::as_str));
        let at = table.get("paths").map_or(table.at().place(), |entry| entry.at().place());
        self.settings.ignores.push(Ignore { rules, paths, patterns, reason, at });
    }

    /// The day an ignore ends, if one is written. An error, which is reported, if it is over or cannot be read.
    fn until(&mut self, table: &Node) -> Result<Option<CalendarDay>, ()> {
        let Some(entry) = table.get("until") else { return Ok(None) };
        // a day of another type has its finding
        let text = entry.node.as_str().ok_or(())?;
        let at = entry.at().place();
        let Some(day) = CalendarDay::parse(text) else {
            let message = format!("`{}` is not a day of the calendar", text.escape_debug());
            self.findings.push(rules::finding("invalid-value", at, message).help("write it as \"2027-01-31\""));
            return Err(());
        };
        if self.today < day {
            return Ok(Some(day));
        }
        let message = format!("the ignore ended on {day}: what it covered is reported again");
        let help = "fix what is reported and remove the ignore, or set a later day";
        self.findings.push(rules::finding("expired-ignore", at, message).help(help));
        Err(())
    }

    fn unknown(&mut self, name: &str, at: FileSpan) {
        let all = rules::ALL.iter().map(|rule| rule.meta.id).chain(self.settings.policies.iter().map(String::as_str));
        let help = match closest(name, all) {
            Some(close) => format!("did you mean `{close}`?"),
            None => "`scalegen rules` lists them".to_owned(),
        };
        let message = format!("no rule is named `{}`", name.escape_debug());
        self.findings.push(rules::finding("unknown-reference", at, message).help(help));
    }
}
