//! Events of replicas and running jobs, as numbers that a heap compares fast.

use crate::simulate::Nanos;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What happens at an instant of the heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A job ends; the stamp says whether this is still so.
    End { job: u32, stamp: u32 },
    /// A leaving replica's grace is over.
    GraceOver { replica: u32 },
    /// A leaving replica is told to stop: its drain delay is over.
    Drained { replica: u32 },
    /// A pending replica begins to start.
    Scheduled { replica: u32 },
    /// A replica is ready.
    Ready { replica: u32 },
}

/// An event in one number, so that the heap compares fast: time, kind, whose, stamp. At the same instant ends come
/// first, then the end of graces, then replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct JobEvent(u128);

/// Bits of a stamp.
const STAMP: u32 = 30;

impl JobEvent {
    #[inline]
    pub(super) fn new(at: Nanos, what: What) -> Self {
        let (kind, whose, stamp) = match what {
            What::End { job, stamp } => (0u8, job, stamp),
            What::GraceOver { replica } => (1, replica, 0),
            // two bits of kind: the stamp tells it from the end of a grace
            What::Drained { replica } => (1, replica, 1),
            What::Scheduled { replica } => (2, replica, 0),
            What::Ready { replica } => (3, replica, 0),
        };
        // the sign bit turned over orders signed times
        let time = u128::from(at.cast_unsigned() ^ (1 << 63));
        let kind_bits = u128::from(kind) << (32 + STAMP);
        JobEvent((time << 64) | kind_bits | (u128::from(whose) << STAMP) | u128::from(stamp & ((1 << STAMP) - 1)))
    }

    #[inline]
    pub(super) fn at(self) -> Nanos {
        ((self.0 >> 64) as u64 ^ (1 << 63)).cast_signed()
    }

    #[expect(clippy::cast_possible_truncation, reason = "each part was put in with its bits")]
    #[inline]
    pub(super) fn what(self) -> What {
        let whose = (self.0 >> STAMP) as u32;
        match (self.0 >> (32 + STAMP)) & 3 {
            0 => What::End { job: whose, stamp: self.0 as u32 & ((1 << STAMP) - 1) },
            1 if self.0 & 1 == 1 => What::Drained { replica: whose },
            1 => What::GraceOver { replica: whose },
            2 => What::Scheduled { replica: whose },
            _ => What::Ready { replica: whose },
        }
    }
}

/// Events by their instant. The soonest are in a short sorted list, which is faster than a heap; the heap takes the rest.
#[derive(Debug, Clone, Default)]
pub(super) struct EventQueue {
    /// The soonest events, the first of all last. Empty only if there is no event.
    near: Vec<JobEvent>,
    /// Events after all of those.
    far: BinaryHeap<Reverse<JobEvent>>,
}

/// Events of the sorted list.
const NEAR: usize = 24;

impl EventQueue {
    #[inline]
    pub(super) fn push(&mut self, event: JobEvent) {
        let after_all = self.near.first().is_some_and(|last| event > *last);
        if after_all && (self.near.len() >= NEAR || !self.far.is_empty()) {
            self.far.push(Reverse(event));
            return;
        }
        let sooner = self.near.iter().rev().take_while(|other| **other < event).count();
        self.near.insert(self.near.len() - sooner, event);
        if self.near.len() > NEAR {
            self.far.push(Reverse(self.near.remove(0)));
        }
    }

    #[inline]
    pub(super) fn first(&self) -> Option<JobEvent> {
        self.near.last().copied()
    }

    #[inline]
    pub(super) fn pop(&mut self) {
        self.near.pop();
        if self.near.is_empty() {
            self.near.extend(std::iter::from_fn(|| self.far.pop()).take(NEAR / 2).map(|Reverse(event)| event));
            self.near.reverse();
        }
    }
}

/// The next stamp.
#[inline]
pub(super) fn next_stamp(stamp: u32) -> u32 {
    (stamp + 1) & ((1 << STAMP) - 1)
}

#[cfg(test)]
mod tests {
    use super::{EventQueue, JobEvent, NEAR, What};
    use crate::simulate::random::{Random, Stream};

    #[test]
    fn events_come_in_their_order_however_many_wait() {
        let mut dice = Random::new(1, Stream::Dispatch);
        let (mut queue, mut plain, mut most) = (EventQueue::default(), Vec::<JobEvent>::new(), 0);
        for turn in 0..60_000u32 {
            // it grows, falls to nothing, and grows again
            let growing = turn % 20_000 < 8_000;
            if dice.below(100) < if growing { 52 } else { 47 } {
                let at = i64::try_from(dice.below(2_000)).unwrap_or(0) + i64::from(turn) - 500;
                let event = JobEvent::new(at, What::End { job: turn % 7, stamp: turn });
                queue.push(event);
                let place = plain.partition_point(|other| *other > event);
                plain.insert(place, event);
            } else {
                queue.pop();
                plain.pop();
            }
            most = most.max(plain.len());
            assert_eq!(queue.first(), plain.last().copied(), "{turn}");
        }
        assert!(most > 4 * NEAR, "{most}");
    }
}
