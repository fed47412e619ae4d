//! Splits a recording in two: the part for choosing a policy, and the last whole days, which are held out.

use super::Evaluation;
use crate::simulate::assertion::AssertionOutcome;
use crate::simulate::trace::Trace;
use crate::simulate::{HOUR, Nanos};

const DAY: Nanos = 24 * HOUR;

/// Both parts of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// The part for choosing.
    pub chosen_on: Trace,
    /// The held-out part: whole days, each as a trace of its own as well.
    pub held_out: Trace,
    /// Its days.
    pub days: Vec<Trace>,
}

/// A recording that cannot be cut in two: its whole days, and how many are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooShort {
    /// Whole days in the recording.
    pub days: i64,
    /// Whole days that are needed.
    pub wanted: i64,
}

/// Cuts the last third of the whole days off, at least one; with windows, which repeat by the week, the last week of at
/// least two.
///
/// # Errors
/// A recording that is too short.
pub fn parts(trace: &Trace, windows: bool) -> Result<Parts, TooShort> {
    let (from, to) = (trace.from(), trace.to());
    // a last sample that is a little short of midnight still ends a day
    let days = (to - from + HOUR / 2).div_euclid(DAY);
    let wanted = if windows { 14 } else { 2 };
    if days < wanted {
        return Err(TooShort { days, wanted });
    }
    let held = if windows { 7 } else { (days / 3).max(1) };
    let split = to - held * DAY;
    let day = |index: i64| trace.part(split + index * DAY, split + (index + 1) * DAY);
    let days = (0..held).map(day).filter(|day| !day.steps.is_empty()).collect();
    Ok(Parts { chosen_on: trace.part(from, split), held_out: trace.part(split, to), days })
}

/// Whether a day met every assertion. One on which no job came has nothing to meet: what has no value is not counted.
#[must_use]
pub fn is_day_met(day: &Evaluation) -> bool {
    day.verdicts.iter().all(|verdict| verdict.outcome == AssertionOutcome::Ok || verdict.worst.is_none())
}
