//! Demand of what was recorded: arrivals as they are, and arrivals behind what ran or what cpu was used (W2, W3).

use super::trace::{DemandStep, Jobs, Quality, Trace};
use super::{MINUTE, Nanos};

/// One sample of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DemandSample {
    /// When it was taken. It holds until the next one.
    pub at: Nanos,
    /// What was recorded, 0 or more.
    pub value: f64,
    /// Jobs that waited, if that is known.
    pub queued: Option<f64>,
    /// Replicas, where they are known.
    pub replicas: Option<f64>,
}

/// What the values of a recording are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Recorded {
    /// Jobs that came in each interval.
    Arrivals,
    /// Jobs a second.
    Rate,
    /// Jobs that ran. Capacity of that time cut it.
    Running {
        /// The mean service time.
        service: Nanos,
        /// Slots of a replica.
        slots: u32,
    },
    /// Cores that were used, of all replicas. The limit of that time cut it.
    Cpu {
        /// The mean service time.
        service: Nanos,
        /// Cores that a running job wants, above 0.
        per_job: f64,
        /// Cores that a replica uses without jobs.
        idle: f64,
        /// The limit of a replica in cores, if there is one.
        limit: Option<f64>,
    },
}

/// Demand, and how surely capped time is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// The steps.
    pub trace: Trace,
    /// Whether capped time is a guess, because the capacity of that time was not recorded.
    pub guessed: bool,
}

/// A sample is capped from this share of the capacity on.
const FULL: f64 = 0.95;

/// Turns samples in the order of time into demand. Samples at the same instant as the one before are dropped.
#[must_use]
pub fn demand(samples: &[DemandSample], recorded: Recorded) -> Demand {
    let mut kept: Vec<DemandSample> = Vec::with_capacity(samples.len());
    for sample in samples {
        if kept.last().is_none_or(|last| last.at < sample.at) {
            kept.push(*sample);
        }
    }
    let step = median_step(&kept);
    let (capped, guessed) = capped(&kept, recorded);
    let jobs_in_system = in_system(&kept, recorded);
    let service = match recorded {
        Recorded::Running { service, .. } | Recorded::Cpu { service, .. } => service.max(1),
        Recorded::Arrivals | Recorded::Rate => 1,
    };
    let smooth = smoothed(&kept, &jobs_in_system, (10 * service).max(5 * MINUTE), 3 * step);
    let mut steps = Vec::with_capacity(kept.len());
    for (index, sample) in kept.iter().enumerate() {
        let next = kept.get(index + 1).map_or(sample.at + step, |next| next.at);
        // a hole is a gap from one step after the last sample before it
        let to = if next - sample.at > 3 * step { sample.at + step } else { next };
        let length = seconds(to - sample.at);
        let jobs = match recorded {
            Recorded::Arrivals => counted(sample.value),
            Recorded::Rate => Jobs::Expected(sample.value.max(0.0) * length),
            _ => {
                let busy = smooth.get(index).copied().unwrap_or(0.0);
                Jobs::Expected(busy / seconds(service) * length)
            }
        };
        let cut = capped.get(index).copied().unwrap_or(false);
        let quality = if cut { Quality::Capped } else { Quality::Known };
        steps.push(DemandStep { from: sample.at, to, jobs, quality });
    }
    Demand { trace: Trace::new(steps), guessed }
}

/// The median distance of samples, the lower one of two in the middle; a minute with fewer than two samples.
fn median_step(samples: &[DemandSample]) -> Nanos {
    let pairs = samples.iter().zip(samples.iter().skip(1));
    let mut steps: Vec<Nanos> = pairs.map(|(one, next)| next.at - one.at).collect();
    steps.sort_unstable();
    let middle = steps.len().saturating_sub(1) / 2;
    steps.get(middle).copied().unwrap_or(MINUTE)
}

/// Whole counts stay counts; a sum of rates over an interval may be none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of at least 0")]
fn counted(value: f64) -> Jobs {
    let value = value.max(0.0);
    if value.fract() == 0.0 && value < 9e15 { Jobs::Counted(value as u64) } else { Jobs::Expected(value) }
}

/// Jobs in the system at each sample: the ones that run and wait, or the ones whose cpu it is.
fn in_system(samples: &[DemandSample], recorded: Recorded) -> Vec<f64> {
    let jobs = |sample: &DemandSample| match recorded {
        Recorded::Cpu { per_job, idle, .. } => {
            let work = sample.value - idle * sample.replicas.unwrap_or(0.0);
            work.max(0.0) / per_job.max(1e-9) + sample.queued.unwrap_or(0.0)
        }
        _ => sample.value.max(0.0) + sample.queued.unwrap_or(0.0).max(0.0),
    };
    samples.iter().map(jobs).collect()
}

/// The mean over a window around each sample, not over gaps. Sample by sample the noise would count twice.
fn smoothed(samples: &[DemandSample], values: &[f64], window: Nanos, gap: Nanos) -> Vec<f64> {
    let mut means = Vec::with_capacity(samples.len());
    let stretches = samples.chunk_by(|one, next| next.at - one.at <= gap);
    let mut begin = 0;
    for stretch in stretches {
        let own = values.get(begin..begin + stretch.len()).unwrap_or(&[]);
        begin += stretch.len();
        let (mut from, mut to, mut sum) = (0, 0, 0.0);
        for sample in stretch {
            while stretch.get(to).is_some_and(|next| next.at <= sample.at + window / 2) {
                sum += own.get(to).copied().unwrap_or(0.0);
                to += 1;
            }
            while stretch.get(from).is_some_and(|first| first.at < sample.at - window / 2) {
                sum -= own.get(from).copied().unwrap_or(0.0);
                from += 1;
            }
            means.push((sum / whole(to - from)).max(0.0));
        }
    }
    means
}

/// Which samples capacity cut, and whether that is a guess.
fn capped(samples: &[DemandSample], recorded: Recorded) -> (Vec<bool>, bool) {
    let of_replica = match recorded {
        Recorded::Running { slots, .. } => Some(f64::from(slots)),
        Recorded::Cpu { limit, .. } => limit,
        Recorded::Arrivals | Recorded::Rate => None,
    };
    let none = || vec![false; samples.len()];
    let Some(of_replica) = of_replica else { return (none(), false) };
    // with the queue known, what waits is demand as well, and nothing is cut
    if matches!(recorded, Recorded::Running { .. }) && samples.iter().all(|sample| sample.queued.is_some()) {
        return (none(), false);
    }
    if samples.iter().all(|sample| sample.replicas.is_some()) {
        let full = |sample: &DemandSample| {
            let capacity = sample.replicas.unwrap_or(0.0) * of_replica;
            capacity > 0.0 && sample.value >= FULL * capacity
        };
        return (samples.iter().map(full).collect(), false);
    }
    (longest_at_most(samples), true)
}

/// Samples at the largest value of the recording, three or more in a row.
fn longest_at_most(samples: &[DemandSample]) -> Vec<bool> {
    let most = samples.iter().map(|sample| sample.value).fold(0.0, f64::max);
    let is_most = |sample: &DemandSample| most > 0.0 && sample.value >= most;
    let runs = samples.chunk_by(|one, next| is_most(one) == is_most(next));
    let flat = runs.flat_map(|run| {
        let capped = run.len() >= 3 && run.first().is_some_and(is_most);
        std::iter::repeat_n(capped, run.len())
    });
    flat.collect()
}

#[expect(clippy::cast_precision_loss, reason = "durations are far below 2^53 ns")]
fn seconds(time: Nanos) -> f64 {
    time as f64 / 1e9
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn whole(count: usize) -> f64 {
    count.max(1) as f64
}
