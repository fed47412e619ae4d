//! Makes the finding of a condition that does not hold: message, help, places and rank.

use super::{ConditionOutcome, PolicyNames, PolicyRun, PolicySubject, failed_range};
use crate::check::policy::literal::Literal;
use crate::check::policy::read::{roots, template};
use crate::check::policy::types::Type;
use crate::check::policy::{Policy, PolicyScope, one_line, place, words};
use crate::check::rules;
use crate::support::diagnostic::Finding;
use crate::support::source::FileSpan;
use minijinja::{Error, ErrorKind, Value};

impl PolicyRun<'_> {
    /// The finding, its help, and the fault of a message that cannot be rendered.
    pub(super) fn finding(
        &self,
        (index, policy): (usize, &Policy),
        subject: &PolicySubject,
        names: &PolicyNames,
        outcome: ConditionOutcome,
    ) -> (Finding, String, Option<Finding>) {
        let mut wrong = None;
        let context = Value::from_pairs(names.iter().cloned());
        let mut text = |part: &str, literal: &Literal| -> Option<String> {
            let made = match part {
                "help" if !literal.text.contains('{') => Ok(literal.text.clone()),
                _ => self.policies.lenient.get_template(&template(index, part)).and_then(|t| t.render(context.clone())),
            };
            match made {
                Ok(text) => Some(one_line(&text)).filter(|text| !text.is_empty()),
                Err(error) => {
                    wrong = Some(self.fault(subject, literal.whole, &error));
                    None
                }
            }
        };
        let required = format!("policy `{}` requires `{}`", policy.id, one_line(&policy.require.text));
        let (message, mut help) = match outcome {
            ConditionOutcome::Unset(path) => {
                let (what, path) = match path {
                    Some(path) => (format!("`{path}` is not set"), path),
                    None => ("a value is not set".to_owned(), "…".to_owned()),
                };
                let message = format!("{what}, and {required}");
                (message, format!("set it, or let the policy say what holds without it: `{path} is not defined or …`"))
            }
            _ => (text("message", &policy.message).unwrap_or_else(|| required.clone()), required),
        };
        if let Some(own) = policy.help.as_ref().and_then(|own| text("help", own)) {
            help = own;
        }
        let at = place::find(self.tree, subject.each, &subject.name, policy.at.iter().map(String::as_str));
        let mut finding = Finding::new(policy.id.clone(), policy.severity, at.place, message);
        finding = finding.rank(self.distance_missed(index, policy, names));
        for read in policy.reads.iter().filter(|read| read.root == subject.each.word()) {
            let found = place::find(self.tree, subject.each, &subject.name, read.path.split('.'));
            if found.written && !at.place.span.contains(found.place.span) {
                let value = value_text(subject, &read.path).map(|value| format!(" is {value}")).unwrap_or_default();
                finding = finding.label(found.place, format!("`{}`{value}", read.path));
            }
        }
        (finding, help, wrong)
    }

    /// How far the comparisons are missed: the largest distance, in thousandths.
    fn distance_missed(&self, index: usize, policy: &Policy, names: &PolicyNames) -> i128 {
        let amount = |number: usize| {
            let value = self.value(index, number, names).ok()?;
            i128::try_from(value.clone()).ok().map(|whole| whole.saturating_mul(1000)).or_else(|| thousandths(&value))
        };
        (1..=policy.bounds).filter_map(amount).max().unwrap_or_default()
    }

    /// The part of a condition that failed.
    pub(super) fn part(&self, index: usize, error: &Error) -> Option<String> {
        let text = &self.policies.list.get(index)?.require.text;
        text.get(failed_range(error)?).map(|part| one_line(part.trim_matches(['(', ')', ' '])))
    }

    pub(super) fn fault(&self, subject: &PolicySubject, at: FileSpan, error: &Error) -> Finding {
        let on = match subject.each {
            PolicyScope::Plan => self.spec.name.value.clone(),
            _ => subject.name.clone(),
        };
        let (message, help) = match error.kind() {
            ErrorKind::OutOfFuel => {
                let message = format!("this takes too many steps for `{}`", on.escape_debug());
                (message, "ask for less at once: a sum of the plan instead of a loop".to_owned())
            }
            _ => {
                let why = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
                let help = "say what holds where it cannot be computed".to_owned();
                (format!("this cannot be computed for `{}`: {}", on.escape_debug(), one_line(&why)), help)
            }
        };
        rules::finding("invalid-policy", at, message).help(help)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "within bounds")]
fn thousandths(value: &Value) -> Option<i128> {
    let number = f64::try_from(value.clone()).ok()? * 1000.0;
    (number.abs() < 1e30).then_some(number as i128)
}

/// The value at a path of a subject, as its spec would write it.
fn value_text(subject: &PolicySubject, path: &str) -> Option<String> {
    let mut kind = roots(subject.each).into_iter().find(|(name, _)| *name == subject.each.word())?.1;
    let mut value = subject.value.clone();
    for name in path.split('.') {
        kind = match kind {
            Type::Group(fields) => fields.iter().find(|(field, _)| *field == name)?.1.clone(),
            Type::Map(of) => (*of).clone(),
            _ => return None,
        };
        value = value.get_attr(name).ok()?;
    }
    words::spec_text(&kind, &value).map(|text| one_line(&text))
}
