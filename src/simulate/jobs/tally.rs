//! Counters of a run (defined on the manual's page on simulation), in scored time only.

use super::ideal::{IdealSegment, IdealTime};
use super::limits::{DurationWatch, GrowingSum, RunLimits};
use crate::simulate::distribution::{DurationDistribution, Statistic};
use crate::simulate::{Bounds, Nanos};
use std::collections::BTreeMap;

/// What is at an instant.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Standing {
    pub(super) waiting: u64,
    pub(super) running: u64,
    /// A job was refused, and the next one would be as well.
    pub(super) refusing: bool,
    pub(super) slow: Slow,
    /// Whether `slow` may have changed since it was last added up.
    touched: bool,
}

impl Standing {
    /// To change it.
    pub(super) fn slow_mut(&mut self) -> &mut Slow {
        self.touched = true;
        &mut self.slow
    }
}

/// The part of the state that changes with replicas, not with each job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Slow {
    pub(super) ready_slots: u64,
    /// Existing replicas, leaving ones included.
    pub(super) existing: u64,
    pub(super) spec: i32,
    /// At max, where more was wanted.
    pub(super) at_max: bool,
    /// Replicas at their cpu limit, and replicas that run.
    pub(super) throttled: u64,
    pub(super) live: u64,
}

/// Counts and integrals of scored time. Integrals are in nanoseconds times the number of what is counted.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Waits of jobs that arrived in scored time.
    pub wait: DurationDistribution,
    /// Latencies of jobs that arrived in scored time and were served, or still run at the end (censored).
    pub latency: DurationDistribution,
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
    /// The state since `slow_since`, so that it is added up once for many jobs.
    slow: Slow,
    slow_since: Nanos,
    scoring: bool,
    ideal: IdealTime,
    /// Durations that count against a limit.
    watched: [DurationWatch; 2],
}

fn wide(length: Nanos, count: u64) -> i128 {
    i128::from(length) * i128::from(count)
}

/// Lengths of the queue that are counted in a list.
const SHORT: u64 = 1024;

impl Tally {
    pub(super) fn new(from: Nanos, ideal: IdealTime) -> Self {
        let short_queue = vec![0; usize::try_from(SHORT).unwrap_or(0)];
        Tally { last: from, slow_since: from, ideal, short_queue, ..Tally::default() }
    }

    pub(super) fn watch(&mut self, limits: &RunLimits) {
        self.watched = [DurationWatch::new(&limits.waits), DurationWatch::new(&limits.latencies)];
    }

    /// A job that arrived in scored time starts for the first time, or is given up.
    #[inline]
    pub(super) fn waited(&mut self, wait: Nanos) {
        self.wait.push(wait);
        let [waits, _] = &mut self.watched;
        if wait >= waits.shortest {
            waits.count(wait);
        }
    }

    /// A job that arrived in scored time leaves, having waited for so long.
    pub(super) fn gave_up_after(&mut self, wait: Nanos) {
        self.gave_up += 1;
        self.waited(wait);
        self.wait.censor();
    }

    /// A job that arrived in scored time ends.
    #[inline]
    pub(super) fn ended(&mut self, latency: Nanos) {
        self.latency.push(latency);
        let [_, latencies] = &mut self.watched;
        if latency >= latencies.shortest {
            latencies.count(latency);
        }
    }

    /// Whether the run is over a limit on durations.
    pub(super) fn has_too_many_long(&self) -> bool {
        self.watched.iter().any(|watch| watch.exceeded)
    }

    /// Whether a sum is over its limit.
    pub(super) fn has_too_much(&self, limits: &RunLimits, standing: &Standing) -> bool {
        limits.sums.iter().any(|(sum, most)| self.sum(*sum, standing) > *most)
    }

    #[inline]
    pub(super) fn is_scoring(&self) -> bool {
        self.scoring
    }

    /// Adds up the state since the last call.
    #[inline]
    pub(super) fn advance(&mut self, now: Nanos, standing: &mut Standing) {
        if std::mem::take(&mut standing.touched) && self.slow != standing.slow {
            self.settle(self.last);
            self.slow = standing.slow;
        }
        let length = now - self.last;
        self.last = now;
        if !self.scoring || length == 0 {
            return;
        }
        if standing.waiting > 0 || standing.refusing {
            self.saturated += length;
        }
        self.job_time += wide(length, standing.running);
        let slot = usize::try_from(standing.waiting).ok().and_then(|length| self.short_queue.get_mut(length));
        match slot {
            Some(slot) => *slot += length,
            None => *self.queue.entry(standing.waiting).or_default() += length,
        }
    }

    /// Adds up the state since its last change.
    fn settle(&mut self, now: Nanos) {
        let length = now - self.slow_since;
        self.slow_since = now;
        if !self.scoring {
            return;
        }
        self.scored += length;
        if self.slow.at_max {
            self.at_max += length;
        }
        self.slot_time += wide(length, self.slow.ready_slots);
        self.replica_time += wide(length, self.slow.existing);
        self.spec_time += i128::from(length) * i128::from(self.slow.spec);
        self.throttled += wide(length, self.slow.throttled);
        self.live += wide(length, self.slow.live);
    }

    /// Turns scoring on or off.
    pub(super) fn score(&mut self, now: Nanos, on: bool, bounds: Bounds) {
        self.ideal_until(now, bounds);
        self.settle(now);
        self.scoring = on;
    }

    /// The ideal count until now under these bounds.
    pub(super) fn ideal_until(&mut self, now: Nanos, bounds: Bounds) {
        self.ideal_time += self.ideal.advance(now, i64::from(bounds.min), self.scoring);
    }

    pub(super) fn add_ideal(&mut self, time: i128) {
        self.ideal_time += time;
    }

    /// The scored stretches whose ideal time is still to be added.
    pub(super) fn noted_segments(&mut self) -> Vec<IdealSegment> {
        if let IdealTime::Noted { segments, .. } = &mut self.ideal { std::mem::take(segments) } else { Vec::new() }
    }

    /// A job that would be served from now on without waiting.
    #[inline]
    pub(super) fn ideal_job(&mut self, now: Nanos, service: Nanos, bounds: Bounds) {
        let IdealTime::Running(ideal) = &mut self.ideal else { return };
        if ideal.is_full() {
            self.ideal_until(now, bounds);
        }
        if let IdealTime::Running(ideal) = &mut self.ideal {
            ideal.put(now, service);
        }
    }

    /// A sum so far.
    pub(super) fn sum(&self, sum: GrowingSum, standing: &Standing) -> i128 {
        let count = |count: u64| i128::from(count);
        let slow = |known: i128, each: i128| {
            let length = if self.scoring { self.last - self.slow_since } else { 0 };
            known + i128::from(length) * each
        };
        let lengths =
            || (0..SHORT).zip(self.short_queue.iter().copied()).chain(self.queue.iter().map(|(a, b)| (*a, *b)));
        match sum {
            GrowingSum::Waits => self.wait.sum(),
            GrowingSum::Latencies => self.latency.sum(),
            GrowingSum::Saturated => i128::from(self.saturated),
            GrowingSum::AtMax => i128::from(self.at_max),
            GrowingSum::Queue => lengths().map(|(length, time)| i128::from(length) * i128::from(time)).sum(),
            GrowingSum::QueueFrom(least) => {
                lengths().filter(|(length, _)| *length >= least).map(|(_, time)| i128::from(time)).sum()
            }
            GrowingSum::Cold => count(self.cold),
            GrowingSum::Steps => count(self.steps),
            GrowingSum::Flap => count(self.flaps),
            GrowingSum::Lost => count(self.rejected + self.gave_up + self.killed),
            GrowingSum::Rejected => count(self.rejected),
            GrowingSum::GaveUp => count(self.gave_up),
            GrowingSum::Killed => count(self.killed),
            GrowingSum::Late => count(self.late),
            GrowingSum::ReplicaTime => {
                slow(self.replica_time, count(standing.slow.existing).min(count(self.slow.existing)))
            }
            GrowingSum::SpecTime => slow(self.spec_time, i128::from(standing.slow.spec.min(self.slow.spec))),
        }
    }

    /// The last instant: adds up the state until it.
    pub(super) fn close(&mut self) {
        self.settle(self.last);
        for (length, time) in (0..SHORT).zip(std::mem::take(&mut self.short_queue)) {
            if time > 0 {
                *self.queue.entry(length).or_default() += time;
            }
        }
    }
}

impl Tally {
    /// A statistic of the queue's length, weighted by time; the mean is in whole jobs, rounded down.
    #[must_use]
    pub fn queue(&self, statistic: Statistic) -> Option<i128> {
        let whole: i128 = self.queue.values().map(|time| i128::from(*time)).sum();
        if whole == 0 {
            return None;
        }
        let Some(thousandths) = statistic.thousandths() else {
            let sum: i128 = self.queue.iter().map(|(length, time)| i128::from(*length) * i128::from(*time)).sum();
            return Some(sum / whole);
        };
        let mut below = 0;
        let reaches = |(_, time): &(&u64, &Nanos)| {
            below += i128::from(**time);
            below * 1000 >= whole * i128::from(thousandths)
        };
        self.queue.iter().find(reaches).map(|(length, _)| i128::from(*length))
    }

    /// Shares by name: the part and the whole of each.
    pub(in crate::simulate) fn shares(&self) -> [(&'static str, i128, i128); 4] {
        let scored = i128::from(self.scored);
        [
            ("saturated", i128::from(self.saturated), scored),
            ("busy", self.job_time, self.slot_time),
            ("at_max", i128::from(self.at_max), scored),
            ("throttled", self.throttled, self.live),
        ]
    }

    /// Existing, specified and ideal replicas, times nanoseconds.
    #[must_use]
    pub fn replica_times(&self) -> (i128, i128, i128) {
        (self.replica_time, self.spec_time, self.ideal_time)
    }
}
