//! The state of a job and of a replica.

use crate::simulate::Nanos;
use std::collections::VecDeque;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JobState {
    Waiting,
    Running,
    /// It left, but a queue still has it.
    Left,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct QueuedJob {
    pub(super) arrival: Nanos,
    pub(super) service: Nanos,
    pub(super) state: JobState,
    /// Whether its wait counts in the results: it arrived within the period that is scored.
    pub(super) scored: bool,
    /// Whether its wait is known.
    pub(super) started: bool,
    /// Raised when it starts, so that an old end is not taken for the new one.
    pub(super) stamp: u32,
    /// Raised with each use of this place, so that patience of an old job does not meet a new one.
    pub(super) serial: u64,
    /// The reading of its replica's work clock at which it ends.
    pub(super) end_work: Nanos,
    /// The replica that it runs on or whose queue it is in, or `UNBOUND`.
    pub(super) bound: u32,
}

/// No replica.
pub(super) const UNBOUND: u32 = u32::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// It waits until a node is free.
    NoRoom,
    Pending,
    Starting,
    Ready,
    Leaving,
    Gone,
}

#[derive(Debug, Clone)]
pub(super) struct Replica {
    pub(super) life: Life,
    /// The version that it runs: how many rollouts had begun.
    pub(super) version: u32,
    pub(super) scheduled: Nanos,
    pub(super) ready_at: Nanos,
    pub(super) start_time: Nanos,
    pub(super) running: Vec<u32>,
    /// Jobs bound to it (push).
    pub(super) queue: VecDeque<u32>,
    /// What a job has of the slot's time: it runs slower than the clock while throttled.
    pub(super) work: Nanos,
    pub(super) work_at: Nanos,
    pub(super) stamp: u32,
    /// Whether it is ready, or was and still runs.
    pub(super) live: bool,
    /// Whether it leaves and was told to stop: it goes once it runs nothing.
    pub(super) stops: bool,
    /// Whether it is live and at its cpu limit.
    pub(super) throttled: bool,
    /// Cpu used until `work_at`, in thousandths of a core times nanoseconds.
    pub(super) used: i128,
    pub(super) used_at_scrape: i128,
    /// Samples of the metrics API: when, milli-cores.
    pub(super) samples: VecDeque<(Nanos, i64)>,
}

/// How far a rollout is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rollout {
    /// The version that new replicas run: how many rollouts have begun.
    pub(super) version: u32,
    /// Whether replicas of an older version are left.
    pub(super) is_on: bool,
    /// Whether a replica became ready or went since the last look.
    pub(super) is_due: bool,
}
