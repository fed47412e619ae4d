//! What is counted while a run goes on (the definitions of the manual's page on simulation), in scored time only.

use crate::simulate::distribution::DurationDistribution;
use crate::simulate::{Bounds, Nanos};
use std::collections::BTreeMap;

/// What stands at an instant.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Standing {
    pub(super) waiting: u64,
    pub(super) running: u64,
    /// A job was refused, and the next one would be as well.
    pub(super) refusing: bool,
    pub(super) slow: Slow,
}

/// What changes with replicas, not with each job.
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

/// Counts and integrals of scored time. Integrals are in nanoseconds times the thing.
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
    /// What has stood since `slow_since`, so that it is added up once for many jobs.
    slow: Slow,
    slow_since: Nanos,
    scoring: bool,
    ideal: Ideal,
}

fn wide(length: Nanos, count: u64) -> i128 {
    i128::from(length) * i128::from(count)
}

/// Lengths of the queue that are counted in a list.
const SHORT: u64 = 1024;

impl Tally {
    pub(super) fn new(from: Nanos) -> Self {
        let short_queue = vec![0; usize::try_from(SHORT).unwrap_or(0)];
        Tally {
            last: from,
            slow_since: from,
            ideal: Ideal { last: from, ..Ideal::default() },
            short_queue,
            ..Tally::default()
        }
    }

    pub(super) fn is_scoring(&self) -> bool {
        self.scoring
    }

    /// What stood since the last call stood until now.
    pub(super) fn advance(&mut self, now: Nanos, standing: &Standing) {
        if self.slow != standing.slow {
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

    /// Adds up what has stood since it last changed.
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
        let time = self.ideal.advance(now, i64::from(bounds.min));
        if self.scoring {
            self.ideal_time += time;
        }
    }

    /// A job that would be served from now on without waiting.
    pub(super) fn ideal_job(&mut self, now: Nanos, service: Nanos, slots: u32, bounds: Bounds) {
        self.ideal.slots = i64::from(slots.max(1));
        if self.ideal.begins.len() >= BATCH.max(self.ideal.carried) {
            self.ideal_until(now, bounds);
        }
        self.ideal.begins.push(now);
        self.ideal.ends.push(now + service);
    }

    /// The last instant: what stood until it is added up.
    pub(super) fn close(&mut self) {
        self.settle(self.last);
        for (length, time) in (0..SHORT).zip(std::mem::take(&mut self.short_queue)) {
            if time > 0 {
                *self.queue.entry(length).or_default() += time;
            }
        }
    }
}

/// Replicas that would be needed if no job waited: the bound that no policy can beat.
///
/// Jobs are put down as they come and counted in batches: sorting a batch is faster than a heap of all jobs in service.
#[derive(Debug, Clone, Default)]
struct Ideal {
    /// Arrivals since the last count, in order.
    begins: Vec<Nanos>,
    /// Ends of the jobs in service at the last count, and of those that came since.
    ends: Vec<Nanos>,
    /// Ends that were left over at the last count: they are sorted again, so a batch is no smaller.
    carried: usize,
    /// Jobs in service at `last`.
    jobs: i64,
    slots: i64,
    last: Nanos,
}

/// Jobs of a batch, where no more are in service: what lies near in memory is sorted and counted faster.
const BATCH: usize = 1024;

impl Ideal {
    /// Replica-time from the last count until now.
    fn advance(&mut self, now: Nanos, min: i64) -> i128 {
        self.ends.sort_unstable();
        let ended = self.ends.partition_point(|end| *end <= now);
        let (begins, mut ends) = (std::mem::take(&mut self.begins), std::mem::take(&mut self.ends));
        let mut past = ends.drain(..ended).peekable();
        let mut total = 0;
        for begin in &begins {
            while let Some(end) = past.next_if(|end| *end <= *begin) {
                total += self.stretch(end, min);
                self.jobs -= 1;
            }
            total += self.stretch(*begin, min);
            self.jobs += 1;
        }
        for end in past {
            total += self.stretch(end, min);
            self.jobs -= 1;
        }
        self.carried = ends.len();
        self.ends = ends;
        total + self.stretch(now, min)
    }

    fn stretch(&mut self, until: Nanos, min: i64) -> i128 {
        let length = until - self.last;
        self.last = until;
        let slots = self.slots.max(1);
        let needed = (self.jobs + slots - 1) / slots;
        i128::from(length) * i128::from(needed.max(min))
    }
}

impl Tally {
    /// A statistic of the queue's length, weighted by time; the mean is in whole jobs, rounded down.
    #[must_use]
    pub fn queue(&self, statistic: crate::simulate::results::Statistic) -> Option<i128> {
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
