//! The differences between a spec before and after a change: numbers, findings, rendered files. Knows no file, no git and
//! no way of printing.
//!
//! A number that a fault hides is unknown, never gone: a side that cannot be read has every number unknown.

mod findings;
mod numbers;
mod renamed;
mod rendered;
mod rows;
mod sheet;
mod side;

pub use findings::{Findings, Seen};
pub use renamed::pairs;
pub use rendered::{AppliedChange, NotRendered, RenderedFile, applied};
pub use rows::{ChangedRow, CountedValue, Delta, Number, NumberGroup, NumberSubject, ProfileChanges};
pub use side::{Side, fixed};

use crate::support::diagnostic::Severity;
use crate::targets::RenderBug;

/// What became of a thing between the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is there only after.
    Added,
    /// It is there only before.
    Removed,
    /// It is there on both sides, or one side cannot be read.
    Kept,
}

impl Status {
    fn of(before: bool, after: bool) -> Status {
        match (before, after) {
            (false, true) => Status::Added,
            (true, false) => Status::Removed,
            _ => Status::Kept,
        }
    }
}

/// One spec between two states.
#[derive(Clone, Debug)]
pub struct Changes {
    /// What the spec is called before; `None` if it was not there.
    pub before: Option<String>,
    /// Its name after; `None` if it is gone.
    pub after: Option<String>,
    /// Whether it has another name in the later state: told by the caller, who knows where the two come from.
    pub renamed: bool,
    /// The base and the profiles in which a number changed, or which came or went.
    pub profiles: Vec<ProfileChanges>,
    /// The findings that came, went or read otherwise.
    pub findings: Findings,
    /// The rendered files that came, went or changed.
    pub rendered: Vec<RenderedFile>,
    /// What could not be rendered for its errors.
    pub refused: Vec<NotRendered>,
    /// What taking the new files does to what runs by the old ones.
    pub applied: Vec<AppliedChange>,
}

impl Changes {
    /// The spec's name for a heading: as it is now, else as it was.
    #[must_use]
    pub fn name(&self) -> &str {
        self.after.as_deref().or(self.before.as_deref()).unwrap_or_default()
    }

    /// Whether any number differs.
    #[must_use]
    pub fn scaled(&self) -> bool {
        self.profiles.iter().any(|profile| !profile.groups.is_empty())
    }

    /// Whether nothing differs at all, whatever the text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let there = self.before.is_some() && self.after.is_some() && !self.renamed;
        there
            && self.profiles.is_empty()
            && self.findings.is_empty()
            && self.rendered.is_empty()
            && self.refused.is_empty()
    }

    /// How many findings of at least this severity stand now that did not before, or did in fewer profiles.
    #[must_use]
    pub fn fails(&self, least: Severity) -> usize {
        self.findings.fails(least)
    }
}

/// One side with the name it is shown under.
#[derive(Clone, Copy)]
pub struct NamedSide<'a> {
    /// What the spec is called on this side.
    pub name: &'a str,
    /// What was computed of it.
    pub side: &'a Side<'a>,
}

/// Computes what differs. A spec that is there on one side only differs from nothing.
///
/// # Errors
/// A template of ours is wrong: our bug.
pub fn changes(before: Option<NamedSide<'_>>, after: Option<NamedSide<'_>>) -> Result<Changes, RenderBug> {
    let name = |named: Option<NamedSide<'_>>| named.map(|named| named.name.to_owned());
    let (old, new) = (before.map(|named| named.side), after.map(|named| named.side));
    let rendered::ComparedFiles { rendered, refused, applied } = rendered::compare(old, new)?;
    Ok(Changes {
        before: name(before),
        after: name(after),
        renamed: false,
        profiles: numbers::compare(old, new),
        findings: findings::compare(before, after),
        rendered,
        refused,
        applied,
    })
}
