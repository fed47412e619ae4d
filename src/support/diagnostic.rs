//! Findings: what is wrong, where, and how to fix it. Plain data; knows no rule and no output format.

mod collector;
mod edits;
mod help_text;

use crate::support::rare::{Rare, RareFields};
use crate::support::source::{FileId, FileSpan, Span};
use crate::support::thin_vec::ThinVec;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

/// The id of a rule: a built-in one costs nothing to copy, one known only at run time is shared.
///
/// Compared, ordered and hashed as its text.
#[derive(Clone)]
pub struct RuleId(Id);

#[derive(Clone)]
enum Id {
    Known(&'static str),
    Own(Arc<str>),
}

impl RuleId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Id::Known(id) => id,
            Id::Own(id) => id,
        }
    }
}

impl From<&'static str> for RuleId {
    fn from(id: &'static str) -> RuleId {
        RuleId(Id::Known(id))
    }
}

impl From<Arc<str>> for RuleId {
    fn from(id: Arc<str>) -> RuleId {
        RuleId(Id::Own(id))
    }
}

impl std::ops::Deref for RuleId {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for RuleId {
    fn eq(&self, other: &RuleId) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for RuleId {}

impl PartialEq<str> for RuleId {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for RuleId {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialOrd for RuleId {
    fn partial_cmp(&self, other: &RuleId) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RuleId {
    fn cmp(&self, other: &RuleId) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl std::hash::Hash for RuleId {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

/// How severe a finding is, the least severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably not what is wanted.
    Warning,
    /// Will not work.
    Error,
}

impl Severity {
    /// The severity with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Severity> {
        [Severity::Note, Severity::Warning, Severity::Error].into_iter().find(|severity| severity.word() == word)
    }

    /// The word in every report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A second place of a finding, with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: FileSpan,
    /// Its part in the finding: lowercase, no full stop.
    pub label: String,
}

/// How severe a case is among its like: a number of 128 bits in halves, which need no place of their own in a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    high: i64,
    low: u64,
}

impl Rank {
    /// The rank of this number.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the two halves")]
    pub fn of(number: i128) -> Rank {
        Rank { high: (number >> 64) as i64, low: number as u64 }
    }

    /// The next one above.
    #[must_use]
    pub fn above(self) -> Rank {
        let (low, carried) = self.low.overflowing_add(1);
        Rank { high: self.high.saturating_add(i64::from(carried)), low }
    }
}

/// One fault in a file of the user's.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id.
    pub rule: RuleId,
    /// The rule's severity.
    pub severity: Severity,
    /// The field a person would change first.
    pub at: FileSpan,
    /// The object that the place is in, if the file holds manifests: `Deployment/shop/web`.
    pub object: Option<Arc<str>>,
    /// Every other place that took part.
    pub related: ThinVec<Related>,
    /// What is wrong with the values in it: lowercase, no full stop.
    pub message: String,
    /// The smallest change that fixes it.
    pub help: Option<HelpText>,
    /// The same as edits, where a program can make it.
    pub fix: Option<Box<Fix>>,
    /// The profiles in which it holds; empty when it holds in the base. Findings that hold in the same ones share the list.
    pub profiles: Arc<[Arc<str>]>,
    /// How severe this case is among findings of one rule at one place: the message of the highest rank is shown.
    pub rank: Rank,
    /// What few findings have; its fields are read as if they were fields of this.
    pub rare: Rare<RareOfFinding>,
}

/// What few findings have.
#[derive(Clone, Debug, Default)]
pub struct RareOfFinding {
    /// Further messages at the same place, while several targets report; reports show only `message`, which takes them in
    /// once all have spoken.
    pub more: ThinVec<String>,
    /// Bytes in the file of `at` that are themselves a secret, which no report may show.
    pub secret: Option<Span>,
    /// Cases of lower rank with fixes of their own, for where the fix of the highest cannot be made.
    pub alternates: ThinVec<Finding>,
}

impl RareFields for RareOfFinding {
    fn none() -> &'static RareOfFinding {
        static NONE: LazyLock<RareOfFinding> = LazyLock::new(RareOfFinding::default);
        &NONE
    }

    fn is_none(&self) -> bool {
        let RareOfFinding { more, secret, alternates } = self;
        more.is_empty() && secret.is_none() && alternates.is_empty()
    }
}

impl Deref for Finding {
    type Target = RareOfFinding;

    fn deref(&self) -> &RareOfFinding {
        &self.rare
    }
}

impl Finding {
    /// A finding of a built-in rule. The rule alone decides how severe it is: until that is looked up in the list of rules,
    /// it counts as an error.
    #[must_use]
    pub fn of(rule: &'static str, at: FileSpan, message: impl Into<String>) -> Finding {
        Finding::new(rule, Severity::Error, at, message)
    }

    /// A bare finding; the rest is added by the methods below.
    #[must_use]
    pub fn new(rule: impl Into<RuleId>, severity: Severity, at: FileSpan, message: impl Into<String>) -> Finding {
        Finding {
            rule: rule.into(),
            severity,
            at,
            object: None,
            related: ThinVec::default(),
            message: message.into(),
            help: None,
            fix: None,
            profiles: Arc::default(),
            rank: Rank::default(),
            rare: Rare::default(),
        }
    }

    /// Adds the smallest change that fixes it.
    #[must_use]
    pub fn help(mut self, help: impl Into<HelpText>) -> Finding {
        self.help = Some(help.into());
        self
    }

    /// Marks these bytes of its file as a secret: the whole value, whether its key or its first line reveals it.
    #[must_use]
    pub fn secret(mut self, bytes: Span) -> Finding {
        self.rare.secret = Some(bytes);
        self
    }

    /// Adds a second place; the primary place itself and repeats are skipped.
    #[must_use]
    pub fn label(mut self, place: FileSpan, label: impl Into<String>) -> Finding {
        if place != self.at && self.related.iter().all(|old| old.place != place) {
            self.related.push(Related { place, label: label.into() });
        }
        self
    }

    /// The order in which findings are reported: by place, then rule.
    #[must_use]
    pub fn order(&self, other: &Finding) -> std::cmp::Ordering {
        (self.at, &self.rule).cmp(&(other.at, &other.rule))
    }

    /// Ranks this case among findings of its rule at its place.
    #[must_use]
    pub fn rank(mut self, amount: impl Into<i128>) -> Finding {
        self.rank = Rank::of(amount.into());
        self
    }
}

/// The most errors, and the most other findings, of one file that are kept: nobody reads more, and each takes memory.
pub const MOST_FINDINGS: usize = 20_000;

/// Counts findings against [`MOST_FINDINGS`]. Errors are counted separately: no number of warnings hides one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bound {
    errors: usize,
    others: usize,
}

impl Bound {
    /// Counts one more finding and returns it until the bound is reached. The last one that
    /// is kept says that the rest is not listed.
    pub fn take(&mut self, mut finding: Finding, error: bool) -> Option<Finding> {
        let count = if error { &mut self.errors } else { &mut self.others };
        *count += 1;
        if *count == MOST_FINDINGS {
            let kind = if error { "errors" } else { "warnings and notes" };
            let message = format!("{MOST_FINDINGS} or more {kind} in this file: the rest is not listed");
            finding = Finding::new(finding.rule, finding.severity, finding.at, message);
        }
        (*count <= MOST_FINDINGS).then_some(finding)
    }
}

/// Why a finding is suppressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DismissedBy {
    /// A comment in the spec allows it.
    Comment,
    /// The settings ignore it in this file, for this reason.
    Ignore(String),
    /// It is in the baseline.
    Baseline,
}

/// A suppressed finding.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// The RFC 6901 path of its place in its document.
    pub path: String,
    /// Why it is suppressed.
    pub by: DismissedBy,
}

pub use collector::Collector;
pub use edits::{Edit, Fix};
pub use help_text::HelpText;

/// The spec's own file.
pub const SPEC: FileId = FileId(0);
