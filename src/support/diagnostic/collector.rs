//! Findings over the base and every profile, one for each rule and place. Knows no rule and no spec.

use super::{Bound, Finding, RuleId, Severity};
use crate::support::source::FileSpan;
use crate::support::thin_vec::ThinVec;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The most alternates that are kept of a finding: there may be thousands of profiles.
const ALTERNATES: usize = 8;

/// Collects findings over the base and every profile: one for each (rule, primary place).
#[derive(Debug)]
pub struct Collector {
    /// How severe a rule's findings are; none for what is not a built-in rule.
    severity: fn(&str) -> Option<Severity>,
    found: Vec<Finding>,
    /// Where each of them holds.
    held: Vec<HeldIn>,
    bound: Bound,
    /// Rules by number, so that a key is small.
    rules: HashMap<RuleId, u32>,
    index: HashMap<(u32, FileSpan), u32>,
    /// The profiles by number, in the order in which they came up.
    names: Vec<Arc<str>>,
    numbers: HashMap<String, usize>,
    /// Profiles that are the same spec as an earlier one, by the earlier one.
    same: HashMap<usize, Vec<usize>>,
}

/// The names of profiles by the numbers of those in which a finding holds, and of those it is about alone.
type ProfileLists = HashMap<(ThinVec<usize>, ThinVec<usize>), Arc<[Arc<str>]>>;

/// The profiles in which a finding holds, by number and in order.
#[derive(Debug, Default)]
struct HeldIn {
    base: bool,
    /// What holds in these holds in the same specs too.
    profiles: ThinVec<usize>,
    /// What is said of these alone.
    alone: ThinVec<usize>,
}

impl Default for Collector {
    /// Leaves every finding as severe as it comes.
    fn default() -> Collector {
        Collector::new(|_| None)
    }
}

impl Collector {
    /// An empty one, which gives each finding the severity of its rule.
    #[must_use]
    pub fn new(severity: fn(&str) -> Option<Severity>) -> Collector {
        Collector {
            severity,
            found: Vec::new(),
            held: Vec::new(),
            bound: Bound::default(),
            rules: HashMap::new(),
            index: HashMap::new(),
            names: Vec::new(),
            numbers: HashMap::new(),
            same: HashMap::new(),
        }
    }

    /// Takes a finding that holds in the base (`None`) or in one profile.
    ///
    /// A finding that holds in the base stays one of the base whatever profiles show it too; the worst message wins.
    pub fn add(&mut self, profile: Option<&str>, finding: Finding) {
        let number = profile.map(|profile| self.number(profile));
        let Some(found) = self.found(finding) else { return };
        match number {
            None => found.base = true,
            // they come up profile by profile
            Some(number) if found.profiles.last() != Some(&number) => found.profiles.push(number),
            Some(_) => {}
        }
    }

    /// Adds a finding about the text of one profile: it does not hold in other profiles that are the same spec.
    pub fn add_alone(&mut self, profile: Option<&str>, finding: Finding) {
        let number = profile.map(|profile| self.number(profile));
        let Some(found) = self.found(finding) else { return };
        match number {
            None => found.base = true,
            Some(number) => found.alone.push(number),
        }
    }

    /// Says that a profile is the same spec as an earlier one: what was found in that holds in it.
    pub fn same(&mut self, profile: &str, earlier: &str) {
        let (earlier, profile) = (self.number(earlier), self.number(profile));
        self.same.entry(earlier).or_default().push(profile);
    }

    /// Numbers a profile, so that lists of profiles are in the order in which they are numbered.
    pub fn number(&mut self, profile: &str) -> usize {
        if let Some(number) = self.numbers.get(profile) {
            return *number;
        }
        self.names.push(profile.into());
        self.numbers.insert(profile.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }

    /// Where a finding's profiles are kept, with the worst of its like.
    fn found(&mut self, mut finding: Finding) -> Option<&mut HeldIn> {
        if let Some(severity) = (self.severity)(&finding.rule) {
            finding.severity = severity;
        }
        let next = u32::try_from(self.rules.len()).ok()?;
        let rule = match self.rules.get(&finding.rule) {
            Some(number) => *number,
            None => *self.rules.entry(finding.rule.clone()).or_insert(next),
        };
        let key = (rule, finding.at);
        let Some(index) = self.index.get(&key).map(|index| *index as usize) else {
            let error = finding.severity == Severity::Error;
            let mut finding = self.bound.take(finding, error)?;
            // a text that was formatted holds space for twice as much, and stays until the end of the run
            finding.message.shrink_to_fit();
            self.index.insert(key, u32::try_from(self.found.len()).ok()?);
            self.found.push(finding);
            self.held.push(HeldIn::default());
            return self.held.last_mut();
        };
        let old = self.found.get_mut(index)?;
        let mut alternates = old.rare.if_set().map(|rare| std::mem::take(&mut rare.alternates)).unwrap_or_default();
        if finding.rank > old.rank {
            std::mem::swap(old, &mut finding);
        }
        if finding.fix.is_some() && finding.fix != old.fix && alternates.len() < ALTERNATES {
            alternates.push(finding);
        }
        if !alternates.is_empty() || !old.alternates.is_empty() {
            old.rare.alternates = alternates;
        }
        self.held.get_mut(index)
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether there is already a finding of this rule at this place.
    #[must_use]
    pub fn has(&self, rule: impl Into<RuleId>, at: FileSpan) -> bool {
        self.rules.get(&rule.into()).is_some_and(|rule| self.index.contains_key(&(*rule, at)))
    }

    /// The findings so far.
    pub fn all(&self) -> impl Iterator<Item = &Finding> {
        self.found.iter()
    }

    /// Takes over some findings of another run, with the profiles in which they hold.
    pub fn take_from(&mut self, other: &Collector, is_taken: impl Fn(&Finding) -> bool) {
        for (finding, held) in other.found.iter().zip(&other.held).filter(|(finding, _)| is_taken(finding)) {
            let named = |number: &usize| other.names.get(*number).cloned();
            let like = held.profiles.iter().filter_map(|number| other.same.get(number)).flatten();
            let profiles: Vec<Arc<str>> =
                held.profiles.iter().chain(&held.alone).chain(like).filter_map(named).collect();
            if held.base {
                self.add(None, finding.clone());
            }
            for profile in profiles {
                self.add(Some(&profile), finding.clone());
            }
        }
    }

    /// All findings, by place and then rule.
    #[must_use]
    pub fn finish(self) -> Vec<Finding> {
        let Collector { mut found, held, names, same, .. } = self;
        // thousands of findings may hold in the same thousands of profiles
        let mut lists: ProfileLists = HashMap::new();
        for (finding, held) in found.iter_mut().zip(held) {
            if !held.base {
                let list = lists.entry((held.profiles, held.alone));
                finding.profiles = Arc::clone(list.or_insert_with_key(|(profiles, alone)| {
                    let like = profiles.iter().filter_map(|number| same.get(number)).flatten();
                    let all: BTreeSet<usize> = profiles.iter().chain(alone).chain(like).copied().collect();
                    all.into_iter().filter_map(|number| names.get(number).cloned()).collect()
                }));
            }
        }
        // no two have one place and one rule: a stable sort would only take memory for half of them
        found.sort_unstable_by(Finding::order);
        found
    }
}
