//! What is counted while a run goes on (the definitions of the manual's page on simulation), in scored time only.

use crate::simulate::distribution::Distribution;
use crate::simulate::{Bounds, Nanos};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// What stands at an instant.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Standing {
    pub(super) waiting: u64,
    pub(super) running: u64,
    /// A job was refused, and the next one would be as well.
    pub(super) refusing: bool,
    pub(super) ready_slots: u64,
    /// Existing replicas, leaving ones included.
    pub(super) existing: u64,
    pub(super) spec: i32,
    /// At max, with a wish above it.
    pub(super) at_max: bool,
    /// Replicas at their cpu limit, and replicas that run.
    pub(super) throttled: u64,
    pub(super) live: u64,
}

/// Counts and integrals of scored time. Integrals are in nanoseconds times the thing.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Waits of jobs that arrived in scored time.
    pub wait: Distribution,
    /// Latencies of jobs that arrived in scored time and were served, or still run at the end (censored).
    pub latency: Distribution,
    /// Jobs that arrived in scored time.
    pub arrived: u64,
    /// Of these, refused at a full queue.
    pub rejected: u64,
    /// Of these, left while they waited.
    pub gave_up: u64,
    /// Of these, killed with their replica and not retried.
    pub killed: u64,
    /// Of these, killed and put back.
    pub retried: u64,
    /// Of these, ended after their deadline.
    pub late: u64,
    /// Of these, came when no replica was ready.
    pub cold: u64,
    /// Changes of `spec.replicas`.
    pub steps: u64,
    /// Steps back too soon after a step.
    pub flaps: u64,
    /// Scored time.
    pub scored: Nanos,
    pub(super) saturated: Nanos,
    pub(super) at_max: Nanos,
    pub(super) job_time: i128,
    pub(super) slot_time: i128,
    pub(super) throttled: i128,
    pub(super) live: i128,
    pub(super) replica_time: i128,
    pub(super) spec_time: i128,
    pub(super) ideal_time: i128,
    /// Time at each length of the queue.
    pub(super) queue: BTreeMap<u64, Nanos>,
    short_queue: Vec<Nanos>,
    last: Nanos,
    scoring: bool,
    ideal: Ideal,
}

/// Lengths of the queue that are counted in a list.
const SHORT: u64 = 1024;

impl Tally {
    pub(super) fn new(from: Nanos) -> Self {
        let short_queue = vec![0; usize::try_from(SHORT).unwrap_or(0)];
        Tally { last: from, ideal: Ideal { last: from, ..Ideal::default() }, short_queue, ..Tally::default() }
    }

    pub(super) fn is_scoring(&self) -> bool {
        self.scoring
    }

    /// What stood since the last call stood until now.
    pub(super) fn advance(&mut self, now: Nanos, standing: &Standing) {
        let length = now - self.last;
        self.last = now;
        if !self.scoring || length == 0 {
            return;
        }
        let wide = i128::from(length);
        self.scored += length;
        if standing.waiting > 0 || standing.refusing {
            self.saturated += length;
        }
        if standing.at_max {
            self.at_max += length;
        }
        self.job_time += wide * i128::from(standing.running);
        self.slot_time += wide * i128::from(standing.ready_slots);
        self.replica_time += wide * i128::from(standing.existing);
        self.spec_time += wide * i128::from(standing.spec);
        self.throttled += wide * i128::from(standing.throttled);
        self.live += wide * i128::from(standing.live);
        let slot = usize::try_from(standing.waiting).ok().and_then(|length| self.short_queue.get_mut(length));
        match slot {
            Some(slot) => *slot += length,
            None => *self.queue.entry(standing.waiting).or_default() += length,
        }
    }

    /// Turns scoring on or off.
    pub(super) fn score(&mut self, now: Nanos, on: bool, bounds: Bounds) {
        self.ideal_until(now, bounds);
        self.scoring = on;
    }

    /// The ideal count until now under these bounds.
    pub(super) fn ideal_until(&mut self, now: Nanos, bounds: Bounds) {
        let time = self.ideal.advance(now, i64::from(bounds.min));
        if self.scoring {
            self.ideal_time += time;
        }
    }

    /// A job that would be served from now on without waiting.
    pub(super) fn ideal_job(&mut self, now: Nanos, service: Nanos, slots: u32, bounds: Bounds) {
        self.ideal.slots = i64::from(slots.max(1));
        self.ideal_until(now, bounds);
        self.ideal.ends.push(Reverse(now + service));
    }

    /// Brings short and long queues together.
    pub(super) fn close(&mut self) {
        for (length, time) in (0..SHORT).zip(std::mem::take(&mut self.short_queue)) {
            if time > 0 {
                *self.queue.entry(length).or_default() += time;
            }
        }
    }
}

/// Replicas that would be needed if no job waited: the bound that no policy can beat.
#[derive(Debug, Clone, Default)]
struct Ideal {
    /// When the jobs in service would end.
    ends: BinaryHeap<Reverse<Nanos>>,
    slots: i64,
    last: Nanos,
}

impl Ideal {
    /// Replica-time until now.
    fn advance(&mut self, now: Nanos, min: i64) -> i128 {
        let mut total = 0;
        while let Some(Reverse(end)) = self.ends.peek().copied().filter(|Reverse(end)| *end <= now) {
            total += self.stretch(end, min);
            self.ends.pop();
        }
        total + self.stretch(now, min)
    }

    fn stretch(&mut self, until: Nanos, min: i64) -> i128 {
        let length = i128::from(until - self.last);
        self.last = until;
        let jobs = i64::try_from(self.ends.len()).unwrap_or(i64::MAX);
        let slots = self.slots.max(1);
        let needed = jobs / slots + i64::from(jobs % slots != 0);
        length * i128::from(needed.max(min))
    }
}
