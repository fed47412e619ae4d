//! The formula by which KEDA votes up, down or hold. Knows bounds and thresholds, no trigger and no place.
//!
//! A HorizontalPodAutoscaler computes replicas from one target, and so has no lower threshold and does nothing within
//! 10 % of it. Here it is given a vote instead, against a target of 1: the most replicas are far above its tolerance, a
//! hundredth far below, 1 is exactly on target. How much a vote adds or takes is decided by its policies. The vote is a `Value`,
//! not an average: held on average, a rollout's surge would count as wanted and stay.

use crate::plan::Cpu;
use std::fmt::Write;

/// For up to 100 replicas it asks for one, and for each hundred more one more: below what any step takes away.
const DOWN: &str = "0.01";
const HOLD: &str = "1";

/// Least and most replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct VoteBound {
    pub min: u32,
    pub max: u32,
}

/// What the votes follow.
#[derive(Debug)]
pub(super) struct Votes {
    /// Outside every window.
    pub base: VoteBound,
    /// In each window, which is open while the trigger of this name is above 1.
    pub windows: Vec<(String, VoteBound)>,
    /// Running work for each replica from which on one more is wanted, and below which one less will do.
    pub up: Cpu,
    pub down: Cpu,
    /// Whether a trigger `queued` counts waiting work.
    pub queued: bool,
    /// Whether a trigger `known` says that running work is measured at all: at 0 replicas often nobody serves it, and then
    /// nothing may keep the service asleep.
    pub known: bool,
}

/// Running work against so much for each replica, in whole numbers: 2.45 is not a binary fraction, and 2.45*3 comes out above
/// 7.35, so that the very threshold would fall to the wrong side.
///
/// Where the work itself is not a whole number, a fraction of hundredths is multiplied by 4100 = 4096 + 4 and not by 100: for
/// a sum of two powers of 2 (20 is one, 100 is none) a quotient of whole numbers comes back exact.
fn compare(sign: &str, each: Cpu) -> String {
    let divisor = gcd(each.0, Cpu::CORE);
    let (mut number, mut parts) = (each.0 / divisor, Cpu::CORE / divisor);
    if parts.is_multiple_of(25) && !parts.is_multiple_of(125) {
        (number, parts) = (number.saturating_mul(EXACT), parts * EXACT);
    }
    let work = if parts == 1 { "running".to_owned() } else { format!("running*{parts}") };
    format!("{work} {sign} {number}*replicas")
}

/// 25 × 41 = 1024 + 1.
const EXACT: u64 = 41;

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// A number by window, the first of several: `(office > 1 ? 3 : 0)`, or just `3` where it is the same in all.
pub(super) fn choice(base: u32, mut windows: Vec<(&str, u32)>) -> String {
    while windows.last().is_some_and(|(_, number)| *number == base) {
        windows.pop();
    }
    if windows.is_empty() {
        return base.to_string();
    }
    let mut text = String::from("(");
    for (name, number) in windows {
        let _ = write!(text, "{name} > 1 ? {number} : ");
    }
    let _ = write!(text, "{base})");
    text
}

/// When something about the bounds holds.
enum When {
    Never,
    Always,
    If(String),
}

impl Votes {
    fn bounds(&self) -> impl Iterator<Item = VoteBound> {
        std::iter::once(self.base).chain(self.windows.iter().map(|(_, bound)| *bound))
    }

    /// Least and most of all bounds.
    pub(super) fn reach(&self) -> VoteBound {
        self.bounds().fold(self.base, |all, one| VoteBound { min: all.min.min(one.min), max: all.max.max(one.max) })
    }

    /// A number that differs by window: `(office > 1 ? 3 : 0)`, or just `3`.
    fn choose(&self, pick: impl Fn(VoteBound) -> u32) -> String {
        choice(pick(self.base), self.windows.iter().map(|(name, bound)| (name.as_str(), pick(*bound))).collect())
    }

    fn when(&self, holds: impl Fn(VoteBound) -> bool) -> When {
        let base = holds(self.base);
        // the windows that differ from the rest of the week decide
        let tests: Vec<String> = self
            .windows
            .iter()
            .filter(|(_, bound)| holds(*bound) != base)
            .map(|(name, _)| format!("{name} {} 1", if base { "<=" } else { ">" }))
            .collect();
        match (tests.is_empty(), base) {
            (true, true) => When::Always,
            (true, false) => When::Never,
            (false, true) => When::If(tests.join(" && ")),
            (false, false) if tests.len() > 1 => When::If(format!("({})", tests.join(" || "))),
            (false, false) => When::If(tests.join("")),
        }
    }

    /// The formula, one vote a line. It multiplies and never divides: 0/0 is not a number.
    pub(super) fn formula(&self) -> String {
        let wake = self.wake();
        // with one ready replica it already asks for the most
        let more = self.reach().max.max(2).to_string();
        let mut votes: Vec<(String, &str)> = Vec::new();
        let mut guarded = |guard: When, test: &str, vote| match guard {
            When::Never => {}
            When::Always => votes.push((test.to_owned(), vote)),
            When::If(guard) => votes.push((format!("{guard} && {test}"), vote)),
        };
        let (reach, min, max) = (self.reach(), self.choose(|b| b.min), self.choose(|b| b.max));
        if reach.min == 0 {
            // first, because at 0 replicas any work is at or above up × 0
            guarded(When::Always, "replicas == 0", &wake);
        }
        // 0 is handled above, and 1 is above no other least number
        if reach.min > 0 || self.bounds().any(|bound| bound.min > 1) {
            guarded(When::Always, &format!("replicas < {min}"), &more);
        }
        guarded(self.when(|bound| bound.max == 0), "replicas == 1", "0");
        if self.bounds().any(|bound| bound.max != self.base.max) {
            guarded(When::Always, &format!("replicas > {max}"), DOWN);
        }
        if self.known {
            // an outage of the metric is not a load of 0
            guarded(When::Always, "known == 0", HOLD);
        }
        guarded(When::Always, &format!("{} && replicas < {max}", compare(">=", self.up)), &more);
        // no load is below 0: then nothing is ever taken away
        if self.down.0 > 0 {
            let least = self.choose(|bound| bound.min.max(1));
            guarded(When::Always, &format!("{} && replicas > {least}", compare("<", self.down)), DOWN);
            let empties = self.when(|bound| bound.min == 0 && bound.max > 0);
            guarded(empties, "replicas == 1 && running + queued == 0", "0");
        }
        let lines: Vec<String> = votes.iter().map(|(test, vote)| format!("{test} ? {vote}\n: ")).collect();
        format!("{}{HOLD}", lines.concat())
    }

    /// What brings a workload at 0 back.
    fn wake(&self) -> String {
        let work = match self.when(|bound| bound.max > 0) {
            _ if !self.queued => None,
            When::Never => None,
            When::Always => Some("queued > 0".to_owned()),
            When::If(condition) => Some(format!("queued > 0 && {condition}")),
        };
        let due = match self.when(|bound| bound.min > 0) {
            When::If(due) => Some(due),
            When::Always | When::Never => None,
        };
        let wakes: Vec<String> = work.into_iter().chain(due).collect();
        if wakes.is_empty() { "0".to_owned() } else { format!("({} ? 1 : 0)", wakes.join(" || ")) }
    }
}
