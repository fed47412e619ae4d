//! Evaluates policies over one spec in one profile: findings in the spec, and faults that show only with its numbers.

mod finding;

use super::context::{BACKING, BackingContext, SERVICE, Whole, plan, value_of};
use super::read::{HOLDS, NO_PROFILE, PART, template};
use super::{Policies, Policy, PolicyScope, ReadField};
use crate::check::rules;
use crate::model::{Backing, Service, Spec};
use crate::plan::summary::{self, Formation, SummaryQuestion};
use crate::support::diagnostic::{Bound, Finding, HelpText, Severity};
use crate::support::source::FileSpan;
use crate::support::suggest::closest;
use crate::syntax::Node;
use minijinja::{Error, ErrorKind, Value};
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The result of evaluating the policies of a settings file over some specs and profiles.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// Policies, by their index, that were evaluated for at least one subject.
    pub held: BTreeSet<usize>,
    /// Errors during evaluation, in the settings file, with the policy's index. That policy is not evaluated again.
    pub faults: Vec<(usize, Finding)>,
    /// Findings beyond this number are dropped.
    bound: Bound,
    /// The last help of each policy, by its index: it is often the same for thousands of services, which share it.
    helps: HashMap<usize, Arc<str>>,
}

impl Judged {
    /// A help of a policy; the same text as the last is that text.
    fn shared(&mut self, index: usize, help: String) -> HelpText {
        match self.helps.get(&index).filter(|last| ***last == *help) {
            Some(last) => Arc::clone(last).into(),
            None => {
                let help: Arc<str> = help.into();
                self.helps.insert(index, Arc::clone(&help));
                help.into()
            }
        }
    }
}

/// One subject that policies are evaluated for.
struct PolicySubject {
    each: PolicyScope,
    name: String,
    value: Value,
}

impl Policies {
    /// Evaluates every policy over one spec in one profile; `tree` is the merged document. Skips a service with a part that
    /// cannot be read, and every policy that needs sums over it. Hands on what it finds one by one: there may be thousands.
    pub fn judge(
        &self,
        spec: &Spec,
        tree: &Node,
        profile: Option<&str>,
        judged: &mut Judged,
        mut take: impl FnMut(Finding),
    ) {
        let whole = spec.services.iter().all(|service| !service.broken.any())
            && spec.backing.iter().all(|backing| !backing.broken)
            && spec.capacity.as_ref().is_none_or(|capacity| !capacity.broken);
        let run = PolicyRun {
            policies: self,
            spec,
            tree,
            profile: profile.unwrap_or(NO_PROFILE),
            formation: OnceCell::new(),
            plan: OnceCell::new(),
            whole,
        };
        for each in PolicyScope::ALL {
            let own: Vec<(usize, &Policy)> = self
                .list
                .iter()
                .enumerate()
                .filter(|(_, policy)| policy.each == each && policy.holds_in(profile))
                .collect();
            if !own.is_empty() {
                run.each_subject(each, &own, judged, &mut take);
            }
        }
    }

    /// Notes on policies that were evaluated nowhere in a run over every spec that the settings govern; `profiles` are those specs'.
    /// Where some profile was not checked (`complete` is false), only on profiles that no spec has.
    #[must_use]
    pub fn unused(&self, judged: &BTreeSet<usize>, profiles: &BTreeSet<&str>, complete: bool) -> Vec<Finding> {
        let note = |at: FileSpan, message: String| rules::finding("unused-policy", at, message);
        let mut findings = Vec::new();
        for (index, policy) in self.list.iter().enumerate() {
            let mut strange = false;
            for (name, at) in &policy.profiles {
                if name == NO_PROFILE || profiles.contains(name.as_str()) {
                    continue;
                }
                strange = true;
                let finding = note(*at, format!("no spec has a profile `{}`", name.escape_debug()));
                findings.push(match closest(name, profiles.iter().copied().chain([NO_PROFILE])) {
                    Some(close) => finding.help(format!("did you mean `{close}`?")),
                    None => finding.help("remove it, or write the profile into a spec"),
                });
            }
            if complete && !strange && !judged.contains(&index) {
                let message = format!("`{}` was judged nowhere: {} is in no spec", policy.id, policy.each.noun());
                findings.push(note(policy.place, message).help("remove it, or correct what it is for"));
            }
        }
        findings
    }
}

impl PolicyScope {
    fn noun(self) -> &'static str {
        match self {
            PolicyScope::Service => "a service",
            PolicyScope::Backing => "a backing service",
            PolicyScope::Plan => "a plan",
        }
    }
}

struct PolicyRun<'r> {
    policies: &'r Policies,
    spec: &'r Spec,
    tree: &'r Node,
    profile: &'r str,
    formation: OnceCell<Formation>,
    plan: OnceCell<Value>,
    /// Whether every part of the spec could be read.
    whole: bool,
}

/// Names with their values.
type PolicyNames = Vec<(&'static str, Value)>;

/// The result of a condition.
enum ConditionOutcome {
    Holds,
    Fails,
    /// It needs this value, which is unset.
    Unset(Option<String>),
}

impl PolicyRun<'_> {
    fn each_subject(
        &self,
        each: PolicyScope,
        own: &[(usize, &Policy)],
        judged: &mut Judged,
        take: &mut dyn FnMut(Finding),
    ) {
        for subject in self.subjects(each, own) {
            for (index, policy) in own {
                if judged.faults.iter().any(|(broken, _)| broken == index) || (self.needs_sums(policy) && !self.whole) {
                    continue;
                }
                judged.held.insert(*index);
                let names = self.names(policy, &subject);
                match self.holds(*index, &names) {
                    Ok(ConditionOutcome::Holds) => {}
                    Ok(outcome) => {
                        let (mut finding, help, wrong) = self.finding((*index, policy), &subject, &names, outcome);
                        finding.help = Some(judged.shared(*index, help));
                        let error = finding.severity == Severity::Error;
                        judged.bound.take(finding, error).into_iter().for_each(&mut *take);
                        judged.faults.extend(wrong.map(|wrong| (*index, wrong)));
                    }
                    Err(error) => {
                        let at = failed_range(&error).map_or(policy.require.whole, |range| policy.require.place(range));
                        judged.faults.push((*index, self.fault(&subject, at, &error)));
                    }
                }
            }
        }
    }

    /// Whether a policy needs sums over the whole spec.
    fn needs_sums(&self, policy: &Policy) -> bool {
        let sum = |read: &ReadField| match policy.each {
            _ if read.root == PolicyScope::Plan.word() => true,
            PolicyScope::Backing => read.path == "connections" || read.path.is_empty(),
            _ => false,
        };
        policy.reads.iter().chain(&policy.shows).any(sum)
    }

    fn whole(&self) -> Whole<'_> {
        let view = SummaryQuestion { profile: Some(self.profile), ..SummaryQuestion::default() };
        let formation = self.formation.get_or_init(|| summary::formation(self.spec, &view));
        Whole { spec: self.spec, formation }
    }

    /// What policies are evaluated for, each made when it is asked for: there may be thousands.
    fn subjects<'s>(
        &'s self,
        each: PolicyScope,
        own: &'s [(usize, &Policy)],
    ) -> Box<dyn Iterator<Item = PolicySubject> + 's> {
        let subject = move |name: &str, value: Value| PolicySubject { each, name: name.to_owned(), value };
        let named = |path: &str| named(own.iter().map(|(_, policy)| *policy), each, path);
        let paths = |all: &mut dyn Iterator<Item = &'static str>| all.filter(|path| named(path)).collect::<Vec<_>>();
        match each {
            PolicyScope::Service => {
                let wanted = paths(&mut SERVICE.iter().map(|field| field.path().0));
                let readable = self.spec.services().filter(|service| !service.broken.any());
                let value = move |service: &Service| value_of(SERVICE, service, |path| wanted.contains(&path));
                Box::new(readable.map(move |service| subject(&service.name, value(service))))
            }
            PolicyScope::Backing => {
                let wanted = paths(&mut BACKING.iter().map(|field| field.path().0));
                let readable = self.spec.backing.iter().filter(|backing| !backing.broken);
                let value = move |backing: &Backing| {
                    let beside = match own.iter().any(|(_, policy)| self.needs_sums(policy)) && self.whole {
                        true => self.whole().beside(backing),
                        false => BackingContext { backing: backing.clone(), used: None },
                    };
                    subject(&backing.name, value_of(BACKING, &beside, |path| wanted.contains(&path)))
                };
                Box::new(readable.map(value))
            }
            PolicyScope::Plan => Box::new(std::iter::once(subject("", Value::UNDEFINED))),
        }
    }

    /// What the expressions of a policy can name.
    fn names(&self, policy: &Policy, subject: &PolicySubject) -> PolicyNames {
        let mut names = vec![("profile", Value::from(self.profile))];
        if subject.each != PolicyScope::Plan {
            names.push((subject.each.word(), subject.value.clone()));
        }
        if self.needs_sums(policy) || subject.each == PolicyScope::Plan {
            let value = self.plan.get_or_init(|| {
                value_of(&plan(), &self.whole(), |path| named(self.policies.list.iter(), PolicyScope::Plan, path))
            });
            names.push((PolicyScope::Plan.word(), value.clone()));
        }
        names
    }

    fn holds(&self, index: usize, names: &PolicyNames) -> Result<ConditionOutcome, Error> {
        match self.value(index, 0, names) {
            Ok(value) => Ok(if value.is_true() { ConditionOutcome::Holds } else { ConditionOutcome::Fails }),
            Err(error) if error.kind() == ErrorKind::UndefinedError => {
                // minijinja names it in backticks, if it has a name
                let named = error.detail().and_then(|detail| detail.split('`').nth(1)).map(str::to_owned);
                Ok(ConditionOutcome::Unset(named.or_else(|| self.part(index, &error))))
            }
            Err(error) => Err(error),
        }
    }

    /// The value of one of the expressions of a policy.
    fn value(&self, index: usize, part: usize, names: &PolicyNames) -> Result<Value, Error> {
        let template = self.policies.strict.get_template(&template(index, "require"))?;
        let names = names.iter().cloned().chain([(PART, Value::from(part))]);
        let done = template.render_captured(Value::from_pairs(names))?;
        Ok(done.state().lookup(HOLDS).unwrap_or_default())
    }
}

/// The bytes of a condition at which it failed.
fn failed_range(error: &Error) -> Option<std::ops::Range<usize>> {
    let before = super::read::BEFORE.len();
    error.range().map(|range| range.start.saturating_sub(before)..range.end.saturating_sub(before))
}

/// Whether some policy names the field at this path, or a field around or inside it.
fn named<'p>(mut policies: impl Iterator<Item = &'p Policy>, each: PolicyScope, path: &str) -> bool {
    policies.any(|policy| {
        let mut all = policy.reads.iter().chain(&policy.shows);
        all.any(|read| read.root == each.word() && is_prefix(&read.path, path))
    })
}

/// Whether one of two paths is a prefix of the other.
fn is_prefix(one: &str, two: &str) -> bool {
    let inside = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('.'));
    one == two || one.is_empty() || inside(one, two) || inside(two, one)
}
