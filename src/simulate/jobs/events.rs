//! Events of replicas and running jobs, as numbers that a heap compares fast.

use crate::simulate::Nanos;

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

    pub(super) fn at(self) -> Nanos {
        ((self.0 >> 64) as u64 ^ (1 << 63)).cast_signed()
    }

    #[expect(clippy::cast_possible_truncation, reason = "each part was put in with its bits")]
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

/// The next stamp.
pub(super) fn next_stamp(stamp: u32) -> u32 {
    (stamp + 1) & ((1 << STAMP) - 1)
}
