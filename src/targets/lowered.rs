//! The output of a target for a plan: views, and findings about what is lost, refused or ignored. Knows no target.

use super::view::View;
use crate::support::diagnostic::{Bound, Finding, HelpText, RuleId, SPEC};
use crate::support::source::{FieldSpan, FileSpan};
use std::collections::HashMap;

/// The output of a target for a plan.
#[derive(Debug, Default)]
pub struct LoweredPlan {
    /// The files to write.
    pub views: Vec<View>,
    /// Findings about values that are lost, refused or have no effect.
    pub findings: Vec<Finding>,
    /// The index of the finding for a rule at a place, as far as it was looked up.
    known: HashMap<(RuleId, FileSpan), usize>,
    /// How many findings are indexed in `known`: others may be pushed directly.
    seen: usize,
    bound: Bound,
    /// Whether something was refused.
    refuses: bool,
}

impl LoweredPlan {
    /// `lost-in-target`: the target cannot express this. `at` is the field.
    pub fn lost(&mut self, at: FieldSpan, message: impl Into<String>, help: impl Into<String>) {
        self.report("lost-in-target", false, at.place(), message, help);
    }

    /// `ignored-by-consumer`: it is written, but the usual consumer ignores it.
    pub fn ignored(&mut self, at: FieldSpan, message: impl Into<String>, help: impl Into<String>) {
        self.report("ignored-by-consumer", false, at.place(), message, help);
    }

    /// `refused-by-target`: the consumer would reject it, or silently drop it.
    pub fn refused(&mut self, at: FieldSpan, message: impl Into<String>, help: impl Into<String>) {
        self.report("refused-by-target", true, at.place(), message, help);
    }

    /// `invalid-value`: a value with characters that have a meaning in the output's language.
    pub fn unsafe_value(&mut self, at: FieldSpan, message: impl Into<String>, help: impl Into<String>) {
        self.report("invalid-value", true, at.place(), message, help);
    }

    /// `missing-field`: an option that the target needs to write anything.
    pub fn missing(&mut self, at: FileSpan, message: impl Into<String>, help: impl Into<String>) {
        self.report("missing-field", true, at, message, help);
    }

    /// Whether an option was refused or is missing, so that nothing can be written.
    #[must_use]
    pub fn refuses(&self) -> bool {
        self.refuses
    }

    /// Drops what is lost or ignored of values that another file than the spec says, where the target leaves that file as it is.
    pub(super) fn keep_losses_of_spec(&mut self) {
        let of_loss =
            |finding: &Finding| ["lost-in-target", "ignored-by-consumer"].iter().any(|rule| finding.rule == *rule);
        self.findings.retain(|finding| finding.at.file == SPEC || !of_loss(finding));
        self.known.clear();
        self.seen = 0;
    }

    fn report(
        &mut self,
        rule: &'static str,
        refuses: bool,
        at: FileSpan,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.refuses |= refuses;
        let (message, help) = (message.into(), help.into());
        // several losses at one place are one finding with several messages
        if let Some(old) = self.first_at(rule, at) {
            if old.message != message && !old.more.contains(&message) {
                old.rare.more.push(message);
            }
            return;
        }
        let finding = Finding::of(rule, at, message);
        let finding = if help.is_empty() { finding } else { finding.help(help) };
        self.findings.extend(self.bound.take(finding, refuses));
    }

    /// The first finding of a rule at a place.
    fn first_at(&mut self, rule: &'static str, at: FileSpan) -> Option<&mut Finding> {
        for (index, finding) in self.findings.iter().enumerate().skip(self.seen) {
            self.known.entry((finding.rule.clone(), finding.at)).or_insert(index);
        }
        self.seen = self.findings.len();
        let index = self.known.get(&(RuleId::from(rule), at))?;
        self.findings.get_mut(*index)
    }
}

/// Joins the findings of all targets of a run about one field under one rule into one finding with several messages, so that no
/// target's loss hides another's. Of several profiles, the one in which the most targets report is shown.
#[must_use]
pub fn joined(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<(Finding, Vec<String>)> = Vec::new();
    let mut index: HashMap<(RuleId, FileSpan), usize> = HashMap::new();
    for mut finding in findings {
        let key = (finding.rule.clone(), finding.at);
        let helps: Vec<String> = finding.help.take().map(HelpText::into_owned).into_iter().collect();
        match index.get(&key).and_then(|index| kept.get_mut(*index)) {
            Some((old, known)) => add(old, known, finding, helps),
            None => {
                index.insert(key, kept.len());
                kept.push((finding, helps));
            }
        }
    }
    kept.into_iter().map(|(finding, helps)| written(finding, &helps)).collect()
}

/// Adds another target's message at the same place, unless it is known already.
fn add(old: &mut Finding, helps: &mut Vec<String>, finding: Finding, others: Vec<String>) {
    let messages = std::iter::once(&finding.message).chain(&finding.more);
    let fresh: Vec<String> =
        messages.filter(|message| old.message != **message && !old.more.contains(message)).cloned().collect();
    if fresh.is_empty() {
        return;
    }
    old.rare.more.extend(fresh);
    for help in others {
        if !helps.contains(&help) {
            helps.push(help);
        }
    }
    for related in finding.related {
        if old.related.iter().all(|known| known.place != related.place) {
            old.related.push(related);
        }
    }
    old.rank = old.rank.above();
}

/// The finding with all its messages and helps as text.
fn written(mut finding: Finding, helps: &[String]) -> Finding {
    join_messages(&mut finding);
    finding.help = (!helps.is_empty()).then(|| helps.join("; ").into());
    finding
}

/// Joins all messages into the one that reports show.
pub(super) fn join_messages(finding: &mut Finding) {
    let Some(rare) = finding.rare.if_set() else { return };
    for message in std::mem::take(&mut rare.more) {
        finding.message = format!("{}; {message}", finding.message);
    }
}
