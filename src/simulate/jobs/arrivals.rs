//! When jobs arrive: instants drawn from the steps of a trace (W3).

use crate::simulate::Nanos;
use crate::simulate::random::{Random, Stream, nanos};
use crate::simulate::trace::{Arrivals, DemandStep, Jobs, Quality, Trace};

/// The instants of a trace, in order.
pub(super) struct ArrivalSource<'a> {
    how: &'a Arrivals,
    steps: Vec<DemandStep>,
    at: usize,
    random: Random,
    /// What is left of the present step.
    left: Left,
    /// The last instant given out, or the present step's beginning.
    last: Nanos,
    /// Jobs of a batch that are still to come at `last`, or the next of a list.
    pending: usize,
    /// A random distance, in mean ones, that a step's end cut.
    carried: Option<f64>,
}

#[derive(Debug, Clone, Copy)]
enum Left {
    /// This many random instants.
    Counted(f64),
    /// Instants at this rate for each nanosecond.
    Rate(f64),
    /// Instants at equal distances: the distance, the next and how many.
    Even { distance: f64, next: f64, count: u64 },
}

impl<'a> ArrivalSource<'a> {
    /// The instants of a trace, with its first step also held for `warm_up` before it.
    pub(super) fn new(trace: &Trace, how: &'a Arrivals, warm_up: Nanos, seed: u64) -> Self {
        let mut steps: Vec<DemandStep> =
            trace.steps.iter().filter(|step| step.quality != Quality::Gap).copied().collect();
        if let (Some(first), true) = (trace.steps.first(), warm_up > 0) {
            let from = trace.from();
            let jobs = Jobs::Expected(rate(first) * float(warm_up));
            steps.insert(0, DemandStep { from: from - warm_up, to: from, jobs, quality: Quality::Known });
        }
        let random = Random::new(seed, Stream::Arrivals);
        // the first of equal distances is half of one, so that a whole number of jobs is a whole number of distances
        let carried = matches!(how, Arrivals::Even).then_some(0.5);
        let mut source =
            ArrivalSource { how, steps, at: 0, random, left: Left::Counted(0.0), last: 0, pending: 0, carried };
        source.enter();
        source
    }

    /// Makes the present step ready.
    fn enter(&mut self) {
        let Some(step) = self.steps.get(self.at).copied() else { return };
        self.last = step.from;
        let size = if let Arrivals::Batch(size) = self.how { f64::from((*size).max(1)) } else { 1.0 };
        self.left = match (self.how, step.jobs) {
            (Arrivals::Even, Jobs::Counted(count)) => {
                let distance = float(step.to - step.from) / whole_float(count.max(1));
                Left::Even { distance, next: float(step.from) + distance / 2.0, count }
            }
            (_, Jobs::Counted(count)) => Left::Counted((whole_float(count) / size).ceil()),
            (_, Jobs::Expected(mean)) => Left::Rate(mean / size / float(step.to - step.from)),
        };
    }

    /// The next instant, `None` after the last.
    pub(super) fn next(&mut self) -> Option<Nanos> {
        if let Arrivals::Listed(list) = self.how {
            self.pending += 1;
            return list.get(self.pending - 1).copied();
        }
        if self.pending > 0 {
            self.pending -= 1;
            return Some(self.last);
        }
        while let Some(step) = self.steps.get(self.at).copied() {
            if let Some(next) = self.within(step) {
                self.last = next;
                if let Arrivals::Batch(size) = self.how {
                    self.pending = usize::try_from(*size).unwrap_or(1).saturating_sub(1);
                }
                return Some(next);
            }
            self.at += 1;
            self.enter();
        }
        None
    }

    /// The next instant within the present step.
    fn within(&mut self, step: DemandStep) -> Option<Nanos> {
        match &mut self.left {
            Left::Even { distance, next, count } => {
                *count = count.checked_sub(1)?;
                let instant = nanos_signed(*next).min(step.to - 1);
                *next += *distance;
                Some(instant)
            }
            Left::Counted(count) => {
                if *count < 1.0 {
                    return None;
                }
                // the first of n instants that are uniform over what is left
                let share = 1.0 - (1.0 - self.random.unit()).powf(1.0 / *count);
                *count -= 1.0;
                let left = step.to - self.last;
                Some((self.last + nanos(share * float(left))).min(step.to - 1))
            }
            Left::Rate(rate) => {
                let even = matches!(self.how, Arrivals::Even);
                let fresh = || if even { 1.0 } else { self.random.exponential() };
                let distance = self.carried.take().unwrap_or_else(fresh);
                let left = float(step.to - self.last) * *rate;
                if distance >= left {
                    // a Poisson process goes on into the next step with what is left of its distance
                    self.carried = Some(distance - left);
                    return None;
                }
                Some((self.last + nanos(distance / *rate)).min(step.to - 1))
            }
        }
    }
}

/// The jobs of a step for each nanosecond.
pub(super) fn rate(step: &DemandStep) -> f64 {
    let jobs = match step.jobs {
        Jobs::Counted(count) => whole_float(count),
        Jobs::Expected(mean) => mean,
    };
    jobs / float(step.to - step.from)
}

#[expect(clippy::cast_precision_loss, reason = "durations are far below 2^53 ns")]
fn float(time: Nanos) -> f64 {
    time as f64
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn whole_float(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, reason = "it saturates")]
fn nanos_signed(value: f64) -> Nanos {
    value.round() as Nanos
}
