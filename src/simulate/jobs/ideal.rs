//! Replicas that would be needed if no job waited: the bound that no policy can beat.

use crate::simulate::Nanos;

/// A stretch of scored time under one least number of replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct IdealSegment {
    pub(super) from: Nanos,
    pub(super) to: Nanos,
    pub(super) min: i64,
}

/// How the ideal time of a run comes about.
#[derive(Debug, Clone)]
pub(super) enum IdealTime {
    /// It is added up while the run goes on.
    Running(Ideal),
    /// The jobs are known before: the stretches are noted, and it is added up at the end.
    Noted { last: Nanos, segments: Vec<IdealSegment> },
}

impl Default for IdealTime {
    fn default() -> Self {
        IdealTime::Noted { last: 0, segments: Vec::new() }
    }
}

impl IdealTime {
    pub(super) fn running(from: Nanos, slots: u32) -> Self {
        IdealTime::Running(Ideal { last: from, slots: i64::from(slots.max(1)), ..Ideal::default() })
    }

    pub(super) fn noted(from: Nanos) -> Self {
        IdealTime::Noted { last: from, segments: Vec::new() }
    }

    /// Replica-time from the last call until now, as far as it is known already.
    pub(super) fn advance(&mut self, now: Nanos, min: i64, scored: bool) -> i128 {
        match self {
            IdealTime::Running(ideal) => {
                let time = ideal.advance(now, min);
                if scored { time } else { 0 }
            }
            IdealTime::Noted { last, segments } => {
                if scored && now > *last {
                    segments.push(IdealSegment { from: *last, to: now, min });
                }
                *last = now;
                0
            }
        }
    }
}

/// Jobs are put down as they come and counted in batches: sorting a batch is faster than a heap of all jobs in service.
#[derive(Debug, Clone, Default)]
pub(super) struct Ideal {
    /// Arrivals since the last count, in order.
    begins: Vec<Nanos>,
    /// Ends of the jobs in service at the last count, and of those that came since.
    ends: Vec<Nanos>,
    /// How many ends were left over at the last count: they are sorted again, so the next batch is at least as large.
    carried: usize,
    /// Jobs in service at `last`.
    jobs: i64,
    slots: i64,
    last: Nanos,
}

/// Jobs of a batch, where no more are in service: what is near in memory is sorted and counted faster.
const BATCH: usize = 1024;

impl Ideal {
    /// A job that would be served from now on without waiting.
    pub(super) fn put(&mut self, now: Nanos, service: Nanos) {
        self.begins.push(now);
        self.ends.push(now + service);
    }

    /// Whether a batch is together.
    pub(super) fn is_full(&self) -> bool {
        self.begins.len() >= BATCH.max(self.carried)
    }

    /// Replica-time from the last count until now.
    fn advance(&mut self, now: Nanos, min: i64) -> i128 {
        self.ends.sort_unstable();
        let ended = self.ends.partition_point(|end| *end <= now);
        let (mut begins, mut ends) = (std::mem::take(&mut self.begins), std::mem::take(&mut self.ends));
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
        begins.clear();
        self.begins = begins;
        self.carried = ends.len();
        self.ends = ends;
        total + self.stretch(now, min)
    }

    fn stretch(&mut self, until: Nanos, min: i64) -> i128 {
        let length = until - self.last;
        self.last = until;
        replica_time(length, self.jobs, self.slots, min)
    }
}

fn replica_time(length: Nanos, jobs: i64, slots: i64, min: i64) -> i128 {
    let needed = if slots == 1 { jobs } else { (jobs + slots - 1) / slots };
    i128::from(length) * i128::from(needed.max(min))
}

/// Replica-time of some stretches, in order, of jobs that all begin as they arrive.
pub(super) fn ideal_time(
    begins: impl Iterator<Item = Nanos>,
    ends: &[Nanos],
    segments: &[IdealSegment],
    slots: u32,
) -> i128 {
    let (mut begins, mut ends) = (begins.peekable(), ends.iter().copied().peekable());
    let (mut jobs, mut total, slots) = (0_i64, 0, i64::from(slots.max(1)));
    for segment in segments {
        let mut at = segment.from;
        loop {
            let (begin, end) =
                (begins.peek().copied().unwrap_or(Nanos::MAX), ends.peek().copied().unwrap_or(Nanos::MAX));
            let next = begin.min(end);
            if next >= segment.to {
                break;
            }
            if next > at {
                total += replica_time(next - at, jobs, slots, segment.min);
                at = next;
            }
            if end <= begin {
                ends.next();
                jobs -= 1;
            } else {
                begins.next();
                jobs += 1;
            }
        }
        total += replica_time(segment.to - at, jobs, slots, segment.min);
    }
    total
}
