//! Reads the policies of the settings. A fault in one is a finding at its place.

use super::check::{self, ExpressionFault};
use super::context::{BACKING, SERVICE, kind_of, plan};
use super::literal::Literal;
use super::types::Type;
use super::{BASE, FUEL, MAX_TEXT, Policies, Policy, PolicyScope, words};
use crate::check::rules;
use crate::support::diagnostic::{Finding, RuleId, Severity};
use crate::support::sandbox;
use crate::support::source::{FileSpan, Source};
use crate::support::suggest::closest;
use crate::syntax::Node;
use minijinja::{Environment, UndefinedBehavior};
use std::rc::Rc;
use std::sync::Arc;

const RULE: &str = "invalid-policy";
/// The variable that a condition's template sets, so that its value can be read back.
pub(super) const HOLDS: &str = "holds";
pub(super) const BEFORE: &str = "{% if part == 0 %}{% set holds = (";
const AFTER: &str = ") %}";
/// The variable that says which expression of a policy is asked for: 0 for the condition, then each comparison in it. A template
/// of its own for each takes 12 kB, however short it is.
pub(super) const PART: &str = "part";
/// Ids that are reserved because they mean something else where ids are written.
const RESERVED: [&str; 2] = ["all", "policy"];

/// Reads the tables of `[[policy]]` of one settings file. Faults that the schema has reported are not repeated.
#[must_use]
pub fn read(tables: &[Rc<Node>], source: &Source) -> (Policies, Vec<Finding>) {
    let mut environment = sandbox::bounded(Environment::empty(), FUEL);
    environment.set_debug(true);
    words::add(&mut environment);
    let mut lenient = environment.clone();
    lenient.set_undefined_behavior(UndefinedBehavior::Lenient);
    let policies = Policies { list: Vec::new(), source: source.clone(), strict: environment, lenient };
    let mut reader = PolicyReader { source, policies, ids: Vec::new(), findings: Vec::new() };
    for table in tables {
        reader.table(table);
    }
    (reader.policies, reader.findings)
}

/// The names of the templates of one policy.
pub(super) fn template(index: usize, part: &str) -> String {
    format!("{index}.{part}")
}

struct PolicyReader<'s> {
    source: &'s Source,
    policies: Policies,
    /// Every id so far, also of those that cannot be read.
    ids: Vec<(String, FileSpan)>,
    findings: Vec<Finding>,
}

impl PolicyReader<'_> {
    fn report(&mut self, at: FileSpan, message: String, help: Option<String>) {
        let finding = rules::finding(RULE, at, message);
        self.findings.push(match help {
            Some(help) => finding.help(help),
            None => finding,
        });
    }

    fn literal(&self, table: &Node, key: &str) -> Option<Literal> {
        let node = &table.get(key)?.node;
        Some(Literal::new(node.as_str()?, self.source.slice(node.span), node.at().place()))
    }

    fn table(&mut self, table: &Node) {
        let before = self.findings.len();
        let id = self.literal(table, "id");
        if let Some(id) = &id {
            self.id(id);
        }
        let each = match table.get("each").map(|entry| entry.node.as_str()) {
            None => Some(PolicyScope::Service),
            Some(word) => PolicyScope::ALL.into_iter().find(|each| Some(each.word()) == word),
        };
        let (require, message) = (self.literal(table, "require"), self.literal(table, "message"));
        let (Some(id), Some(each), Some(require), Some(message)) = (id, each, require, message) else { return };
        let roots = roots(each);
        let mut found = match self.fits(&require) {
            true => check::condition(&require.text, &roots),
            false => check::ExpressionFacts::default(),
        };
        self.faults(&require, std::mem::take(&mut found.faults));
        let mut shows = Vec::new();
        let mut text = |reader: &mut Self, literal: &Literal| {
            if !reader.fits(literal) {
                return String::new();
            }
            let checked = check::message(&literal.text, &roots);
            reader.faults(literal, checked.faults);
            shows.extend(checked.reads);
            checked.text
        };
        let message_text = text(self, &message);
        let help = self.literal(table, "help");
        let help_text = help.as_ref().map(|help| text(self, help));
        let at = self.at(table, each, &roots, &found);
        if self.findings.len() > before {
            return;
        }
        let word = |key: &str| table.get(key).and_then(|entry| entry.node.as_str());
        let severity = word("severity").and_then(Severity::named).unwrap_or(Severity::Error);
        let profiles = table.get("profiles").map_or(&[][..], |entry| entry.node.items());
        let profiles = profiles.iter().filter_map(|item| Some((item.as_str()?.to_owned(), item.at().place())));
        let sides: Vec<String> = found.bounds.iter().map(|(less, more)| side(&require.text, less, more)).collect();
        let policy = Policy {
            id: RuleId::from(Arc::from(id.text.as_str())),
            severity,
            each,
            profiles: profiles.collect(),
            reason: word("reason").map(str::to_owned),
            at,
            reads: found.reads,
            shows,
            bounds: sides.len(),
            place: id.whole,
            require,
            message,
            help,
        };
        self.compile(policy, &sides, message_text, help_text);
    }

    /// Adds a policy's texts to the environments. Its expressions were checked before, so this cannot fail on them.
    fn compile(&mut self, policy: Policy, sides: &[String], message: String, help: Option<String>) {
        let index = self.policies.list.len();
        let mut add = |lenient: bool, part: &str, text: String| {
            let to = if lenient { &mut self.policies.lenient } else { &mut self.policies.strict };
            to.add_template_owned(template(index, part), text)
        };
        let mut expressions = format!("{BEFORE}{}{AFTER}", policy.require.text);
        for (number, side) in (1..).zip(sides) {
            expressions.push_str(&format!("{{% elif {PART} == {number} %}}{{% set {HOLDS} = ({side}{AFTER}"));
        }
        expressions.push_str("{% endif %}");
        let mut outcome = add(false, "require", expressions).and(add(true, "message", message));
        // what has nothing to fill in is its own text
        if let Some(help) = help.filter(|help| help.contains('{')) {
            outcome = outcome.and(add(true, "help", help));
        }
        match outcome {
            Ok(()) => self.policies.list.push(policy),
            Err(error) => self.report(policy.require.whole, sandbox::describe(&error), None),
        }
    }

    fn id(&mut self, id: &Literal) {
        let text = id.text.as_str();
        if rules::get(text).is_some() {
            let message = format!("`{text}` is a rule of scalegen");
            self.report(id.whole, message, Some("give the policy another id".to_owned()));
        } else if RESERVED.contains(&text) {
            let message = format!("`{text}` has a meaning of its own where ids are written");
            self.report(id.whole, message, Some("give the policy another id".to_owned()));
        }
        if text.is_empty() || !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
            let message = format!("`{}` cannot name a policy", text.escape_debug());
            self.report(id.whole, message, Some("use letters, digits, `-` and `_`".to_owned()));
        }
        match self.ids.iter().find(|(known, _)| known == text) {
            Some((_, first)) => {
                let message = format!("`{}` is the id of two policies", text.escape_debug());
                let finding = rules::finding(RULE, id.whole, message);
                self.findings.push(finding.label(*first, "first here").help("give one of them another id"));
            }
            None => self.ids.push((text.to_owned(), id.whole)),
        }
    }

    fn fits(&mut self, literal: &Literal) -> bool {
        let fits = literal.text.len() <= MAX_TEXT;
        if !fits {
            let message = format!("this has {} bytes, and a policy's text at most {MAX_TEXT}", literal.text.len());
            self.report(literal.whole, message, Some("write several policies".to_owned()));
        }
        fits
    }

    fn faults(&mut self, literal: &Literal, faults: Vec<ExpressionFault>) {
        for ExpressionFault { range, message, help } in faults {
            self.report(literal.place(range), message, help);
        }
    }

    /// The path a finding points at: as written, else the first field of the thing that the condition compares with a
    /// bound, else the first that it reads.
    fn at(
        &mut self,
        table: &Node,
        each: PolicyScope,
        roots: &[(&'static str, Type)],
        found: &check::ExpressionFacts,
    ) -> Vec<String> {
        let split = |path: &str| path.split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let Some(written) = self.literal(table, "at") else {
            let mut reads = found.ordered.iter().chain(&found.reads);
            let own = reads.find(|read| read.root == each.word() && !read.path.is_empty());
            return own.map(|read| split(&read.path)).unwrap_or_default();
        };
        let path: Vec<String> = split(&written.text);
        if each == PolicyScope::Plan {
            return path;
        }
        let mut kind = roots.iter().find(|(name, _)| *name == each.word()).map(|(_, kind)| kind.clone());
        let mut from = 0;
        for name in &path {
            let Some(Type::Group(fields)) = kind else { break };
            let at = written.text.get(from..).and_then(|rest| rest.find(name.as_str())).unwrap_or_default() + from;
            from = at + name.len();
            kind = fields.iter().find(|(field, _)| field == name).map(|(_, kind)| kind.clone());
            if kind.is_none() {
                let message = format!("a {} has no field `{}`", each.word(), name.escape_debug());
                let close = closest(name, fields.iter().map(|(field, _)| *field));
                self.report(written.place(at..from), message, close.map(|close| format!("did you mean `{close}`?")));
                break;
            }
        }
        path
    }
}

/// How far the smaller side of a comparison is above the greater one.
fn side(text: &str, less: &std::ops::Range<usize>, more: &std::ops::Range<usize>) -> String {
    let part = |range: &std::ops::Range<usize>| text.get(range.clone()).unwrap_or_default();
    format!("({}) - ({})", part(less), part(more))
}

/// The names that a policy for these subjects can use.
pub(super) fn roots(each: PolicyScope) -> Vec<(&'static str, Type)> {
    let mut roots = match each {
        PolicyScope::Service => vec![(each.word(), kind_of(SERVICE))],
        PolicyScope::Backing => vec![(each.word(), kind_of(BACKING))],
        PolicyScope::Plan => Vec::new(),
    };
    roots.push((PolicyScope::Plan.word(), kind_of(&plan())));
    roots.push(("profile", Type::Text));
    roots
}

/// What `profile` is if there is none.
pub(super) const NO_PROFILE: &str = BASE;
