//! Stabilization windows (S18, S21): the least or the largest proposal of the last while, in constant time.

use crate::simulate::Nanos;
use std::collections::VecDeque;

/// The proposals of one window. Only those are kept that can still be the answer.
#[derive(Debug, Clone)]
pub(super) struct ProposalWindow {
    length: Nanos,
    /// Whether the largest is wanted, or the least.
    largest: bool,
    /// Whether a proposal exactly as old as the window still counts (S21: yes, S18: no).
    inclusive: bool,
    /// Oldest first; from front to back ever worse.
    kept: VecDeque<(Nanos, i32)>,
}

impl ProposalWindow {
    /// The least of the last `length`, strictly younger (the up window of S18).
    pub(super) fn smallest(length: Nanos) -> Self {
        ProposalWindow { length, largest: false, inclusive: false, kept: VecDeque::new() }
    }

    /// The largest of the last `length`, strictly younger (the down window of S18).
    pub(super) fn largest(length: Nanos) -> Self {
        ProposalWindow { length, largest: true, inclusive: false, kept: VecDeque::new() }
    }

    /// The largest of the last `length`, the end included (S21).
    pub(super) fn largest_inclusive(length: Nanos) -> Self {
        ProposalWindow { length, largest: true, inclusive: true, kept: VecDeque::new() }
    }

    /// The least or largest of `proposal` and the stored ones that are young enough.
    pub(super) fn bound(&mut self, now: Nanos, proposal: i32) -> i32 {
        let cutoff = now - self.length;
        while let Some((at, _)) = self.kept.front() {
            if *at > cutoff || (self.inclusive && *at == cutoff) {
                break;
            }
            self.kept.pop_front();
        }
        match self.kept.front() {
            Some((_, stored)) if self.beats(*stored, proposal) => *stored,
            _ => proposal,
        }
    }

    /// Stores a proposal made at `now`.
    pub(super) fn store(&mut self, now: Nanos, proposal: i32) {
        while let Some((_, stored)) = self.kept.back() {
            if self.beats(*stored, proposal) {
                break;
            }
            self.kept.pop_back();
        }
        self.kept.push_back((now, proposal));
    }

    fn beats(&self, one: i32, other: i32) -> bool {
        if self.largest { one > other } else { one < other }
    }
}
