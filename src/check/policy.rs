//! Rules that a team writes itself: `[[policy]]` of the settings, judged over the model of each profile. Knows no file, no
//! target and no report.

mod check;
mod context;
mod judge;
mod literal;
mod place;
mod read;
mod types;
mod words;

pub use judge::Judged;
pub use read::read;

use crate::support::diagnostic::{RuleId, Severity};
use crate::support::source::{FileSpan, Source};
use check::ReadField;
use literal::Literal;
use minijinja::Environment;

/// The manual of policies.
pub const PAGE: &str = include_str!("policy.md");

/// Steps that one expression or message may take over one thing: thousands of services fit, an endless loop does not.
const FUEL: u64 = 1_000_000;
/// Bytes that one expression or message may have.
const MAX_TEXT: usize = 4000;
/// The word that stands for the spec without a profile.
const BASE: &str = "base";

/// The policies of one settings file, ready to be judged. Threads can share them.
#[derive(Debug)]
pub struct Policies {
    /// In the order of the file; those with a fault are left out.
    pub list: Vec<Policy>,
    /// The settings file, for the places of errors during evaluation.
    pub source: Source,
    /// The environment for conditions: an undefined value is an error.
    strict: Environment<'static>,
    /// The environment for messages: an undefined value prints as not set.
    lenient: Environment<'static>,
}

/// One policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its id, beside those of the rules.
    pub id: RuleId,
    /// How severe a finding is.
    pub severity: Severity,
    each: PolicyScope,
    /// The profiles it holds in, with their places; empty for all.
    profiles: Vec<(String, FileSpan)>,
    require: Literal,
    message: Literal,
    help: Option<Literal>,
    reason: Option<String>,
    /// The path in the spec below the subject.
    at: Vec<String>,
    /// What the condition reads.
    reads: Vec<ReadField>,
    /// What message and help read.
    shows: Vec<ReadField>,
    /// How many comparisons measure how bad a finding is.
    bounds: usize,
    /// Its id in the file.
    place: FileSpan,
}

/// What a policy is evaluated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PolicyScope {
    Service,
    Backing,
    Plan,
}

impl PolicyScope {
    const ALL: [PolicyScope; 3] = [PolicyScope::Service, PolicyScope::Backing, PolicyScope::Plan];

    /// The word in the settings, which is its name in expressions too.
    fn word(self) -> &'static str {
        match self {
            PolicyScope::Service => "service",
            PolicyScope::Backing => "backingService",
            PolicyScope::Plan => "plan",
        }
    }
}

impl Policy {
    /// One line for lists: why the policy exists, or what it requires.
    #[must_use]
    pub fn summary(&self) -> String {
        match &self.reason {
            Some(reason) => one_line(reason),
            None => format!("{} must have `{}`.", self.whom(), one_line(&self.require.text)),
        }
    }

    /// The page that `explain` shows and reports carry, in Markdown.
    #[must_use]
    pub fn page(&self) -> String {
        let mut page = format!("# {}\n\n", self.id);
        if let Some(reason) = &self.reason {
            page.push_str(&format!("{}\n\n", reason.trim()));
        }
        let jinja = |literal: &Literal| format!("```jinja\n{}\n```\n", literal.text.trim());
        page.push_str(&format!("{} must have this true:\n\n{}", self.whom(), jinja(&self.require)));
        page.push_str(&format!("\nIf not, the finding says:\n\n{}", jinja(&self.message)));
        if let Some(help) = &self.help {
            page.push_str(&format!("\nand as help:\n\n{}", jinja(help)));
        }
        page.push_str("\nA policy of this folder's `.scalegen.toml`; `scalegen explain policy` tells how they work.\n");
        page
    }

    /// What it is for, to open a sentence.
    fn whom(&self) -> String {
        let names: Vec<String> = self.profiles.iter().map(|(name, _)| format!("`{}`", one_line(name))).collect();
        let each = match self.each {
            PolicyScope::Service => "Every service",
            PolicyScope::Backing => "Every backing service",
            PolicyScope::Plan => "The plan",
        };
        match names.as_slice() {
            [] => each.to_owned(),
            [one] => format!("{each} in profile {one}"),
            _ => format!("{each} in profiles {}", names.join(", ")),
        }
    }

    fn holds_in(&self, profile: Option<&str>) -> bool {
        let name = profile.unwrap_or(BASE);
        self.profiles.is_empty() || self.profiles.iter().any(|(known, _)| known == name)
    }
}

/// One name that expressions can use.
#[derive(Clone, Debug)]
pub struct ExpressionName {
    /// `service.replicas.min`.
    pub path: String,
    /// Whether it can be undefined.
    pub optional: bool,
    /// What kind of value it is, in words.
    pub kind: String,
    /// Its description.
    pub about: &'static str,
}

/// Every name that expressions can use, for the manual.
#[must_use]
pub fn names() -> Vec<ExpressionName> {
    fn of<T>(each: PolicyScope, fields: &[context::Field<T>]) -> impl Iterator<Item = ExpressionName> {
        fields.iter().map(move |field| {
            let (path, optional) = field.path();
            ExpressionName {
                path: format!("{}.{path}", each.word()),
                optional,
                kind: field.kind().described(),
                about: field.about,
            }
        })
    }
    let services = of(PolicyScope::Service, context::SERVICE);
    services.chain(of(PolicyScope::Backing, context::BACKING)).chain(of(PolicyScope::Plan, &context::plan())).collect()
}

/// Every word that expressions can use: functions, filters, tests.
pub const WORDS: [(&str, &[&str]); 3] =
    [("Functions", words::FUNCTIONS), ("Filters", words::FILTERS), ("Tests", words::TESTS)];

/// A text without line breaks and without what steers a terminal, cropped to a length that people read.
fn one_line(text: &str) -> String {
    const MOST: usize = 400;
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        for character in word.chars() {
            match character.is_control() {
                true => line.extend(character.escape_default()),
                false => line.push(character),
            }
        }
        if line.chars().count() > MOST {
            return line.chars().take(MOST).chain(['…']).collect();
        }
    }
    line
}
