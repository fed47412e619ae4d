//! What a run may not exceed: bounds on sums that only grow, so a run over one of them can stop. Nothing that comes later brings
//! it back within.

use crate::simulate::Nanos;

/// At most so many durations of this length or longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DurationLimit {
    /// The shortest that counts.
    pub from: Nanos,
    /// How many there may be.
    pub most: u64,
}

/// A sum that only grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "as the published numbers are named")]
pub enum GrowingSum {
    Waits,
    Latencies,
    Saturated,
    AtMax,
    Queue,
    QueueFrom(u64),
    Cold,
    Steps,
    Flap,
    Lost,
    Rejected,
    GaveUp,
    Killed,
    Late,
    ReplicaTime,
    SpecTime,
}

/// Everything that a run may not exceed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunLimits {
    /// Of waits.
    pub waits: Vec<DurationLimit>,
    /// Of latencies.
    pub latencies: Vec<DurationLimit>,
    /// Of sums: the largest each may be.
    pub sums: Vec<(GrowingSum, i128)>,
}

/// The durations of a run that count against one list of limits.
#[derive(Debug, Clone)]
pub(super) struct DurationWatch {
    /// A shorter one counts against no limit.
    pub(super) shortest: Nanos,
    /// Limits, and how many counted so far.
    limits: Vec<(DurationLimit, u64)>,
    pub(super) exceeded: bool,
}

impl Default for DurationWatch {
    fn default() -> Self {
        DurationWatch::new(&[])
    }
}

impl DurationWatch {
    pub(super) fn new(limits: &[DurationLimit]) -> Self {
        DurationWatch {
            shortest: limits.iter().map(|limit| limit.from).min().unwrap_or(Nanos::MAX),
            limits: limits.iter().map(|limit| (*limit, 0)).collect(),
            exceeded: false,
        }
    }

    pub(super) fn count(&mut self, duration: Nanos) {
        for (limit, count) in self.limits.iter_mut().filter(|(limit, _)| duration >= limit.from) {
            *count += 1;
            self.exceeded |= *count > limit.most;
        }
    }
}
