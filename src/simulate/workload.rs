//! The jobs and replicas of a service (statements W4 to W8).

use super::random::{Random, nanos};
use super::{Nanos, SECOND};
use std::sync::Arc;

/// The jobs of one service, and how its replicas run them.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceWork {
    /// How long a job takes alone on a slot (W4).
    pub service_time: JobDuration,
    /// Slots of a replica: jobs that it runs at once, at least 1 (W5).
    pub concurrency: u32,
    /// How jobs reach replicas (W5).
    pub dispatch: JobDispatch,
    /// The jobs' use of cpu; `None`: nothing is throttled and no cpu is seen (W6).
    pub cpu: Option<ReplicaCpu>,
    /// Jobs that may wait at once, over all replicas; a further one is rejected (W7).
    pub queue_limit: Option<u64>,
    /// How long a job waits for its first start before it gives up (W7).
    pub patience: Option<Nanos>,
    /// A job that ends later than this after its arrival counts as late (W7).
    pub deadline: Option<Nanos>,
    /// Whether a killed job comes back to the head of the queue (W8).
    pub retry: bool,
    /// The life of a replica (W8).
    pub replica: ReplicaLife,
}

/// How long jobs take.
#[derive(Debug, Clone, PartialEq)]
pub enum JobDuration {
    /// Every job takes the same time.
    Fixed(Nanos),
    /// Exponential.
    Exponential {
        /// The mean.
        mean: Nanos,
    },
    /// Log-normal. A 95th percentile that no log-normal of this mean has is taken as the nearest one.
    LogNormal {
        /// The mean.
        mean: Nanos,
        /// The 95th percentile, above the mean.
        p95: Nanos,
    },
    /// Drawn from observed durations with the seed. An empty list is 0.
    Observed(Arc<[Nanos]>),
    /// These durations in the order of arrival, again from the first after the last. An empty list is 0.
    Listed(Arc<[Nanos]>),
}

/// How jobs reach replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JobDispatch {
    /// One FIFO queue; a free slot of the ready replica longest ready takes the next. The optimistic bound.
    #[default]
    Pull,
    /// Each job is bound to a ready replica when it arrives; each replica has a FIFO queue.
    Push(Choice),
}

/// To which ready replica a job is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Any, with the seed.
    Random,
    /// One after the other.
    RoundRobin,
    /// The one with the fewest jobs, the longest ready of several.
    Least,
}

/// Cpu of a replica, in thousandths of a core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplicaCpu {
    /// The demand of a running job.
    pub per_job: i64,
    /// The use of a replica without jobs.
    pub idle: i64,
    /// The request, which utilization is a share of.
    pub request: i64,
    /// The limit; `None`: nothing is throttled, for the node is not modelled.
    pub limit: Option<i64>,
}

/// The life of a replica, from its creation to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplicaLife {
    /// How long it is Pending; 0 by default.
    pub schedule: Nanos,
    /// From then on until it is ready; 30 s by default.
    pub start: ReadyTime,
    /// How long a leaving replica may finish what it runs; 30 s by default.
    pub grace: Nanos,
    /// How long a leaving replica runs on, idle or not, before it is told to stop, within its grace; 0 by default. A
    /// replica that pulls jobs goes on to take them, one that they are pushed to gets none.
    pub drain: Nanos,
    /// Replicas that fit the nodes at once; further ones stay Pending until one goes. `None`: all fit.
    pub fits: Option<u32>,
    /// How a rollout replaces it; a quarter more and none fewer by default.
    pub rollout: RolloutMethod,
    /// How much longer a replica that had to wait for a node is Pending, once one is free.
    pub node_start: Nanos,
}

/// How a new version replaces the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RolloutMethod {
    /// In parts, as a Deployment does: more replicas than asked for, and fewer ready ones, each of so many asked for.
    Rolling {
        /// How many more may exist.
        surge: PartOfReplicas,
        /// How many fewer may be ready.
        unavailable: PartOfReplicas,
    },
    /// The new ones are made once the old ones are gone.
    Recreate,
}

/// A number of replicas, or hundredths of those asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartOfReplicas {
    /// A number.
    Count(u32),
    /// A percentage.
    Percent(u32),
}

impl PartOfReplicas {
    /// Of so many replicas, rounded up.
    pub(super) fn up(self, replicas: usize) -> usize {
        self.of(replicas, 99)
    }

    /// Of so many replicas, rounded down.
    pub(super) fn down(self, replicas: usize) -> usize {
        self.of(replicas, 0)
    }

    fn of(self, replicas: usize, extra: u64) -> usize {
        let part = match self {
            PartOfReplicas::Count(count) => u64::from(count),
            PartOfReplicas::Percent(percent) => {
                (u64::try_from(replicas).unwrap_or(u64::MAX).saturating_mul(u64::from(percent)) + extra) / 100
            }
        };
        usize::try_from(part).unwrap_or(usize::MAX)
    }
}

/// How long a replica takes to be ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadyTime {
    /// Always the same.
    Fixed(Nanos),
    /// Log-normal.
    LogNormal {
        /// The median.
        p50: Nanos,
        /// The 95th percentile, at least the median.
        p95: Nanos,
    },
}

impl Default for ReplicaLife {
    fn default() -> Self {
        let start = ReadyTime::Fixed(30 * SECOND);
        let rollout =
            RolloutMethod::Rolling { surge: PartOfReplicas::Percent(25), unavailable: PartOfReplicas::Count(0) };
        ReplicaLife { schedule: 0, start, grace: 30 * SECOND, drain: 0, fits: None, rollout, node_start: 0 }
    }
}

impl ServiceWork {
    /// Jobs of a service time, one at once on a replica, everything else by default.
    #[must_use]
    pub fn new(service_time: JobDuration) -> Self {
        ServiceWork {
            service_time,
            concurrency: 1,
            dispatch: JobDispatch::Pull,
            cpu: None,
            queue_limit: None,
            patience: None,
            deadline: None,
            retry: false,
            replica: ReplicaLife::default(),
        }
    }
}

/// The 95th percentile of the normal distribution.
const NORMAL_P95: f64 = 1.644_853_626_951_472_2;

impl JobDuration {
    /// The mean, in nanoseconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "durations are far below 2^53 ns")]
    pub fn mean(&self) -> f64 {
        match self {
            JobDuration::Fixed(time) => *time as f64,
            JobDuration::Exponential { mean } | JobDuration::LogNormal { mean, .. } => *mean as f64,
            JobDuration::Observed(list) | JobDuration::Listed(list) => {
                let sum: f64 = list.iter().map(|time| *time as f64).sum();
                sum / (list.len().max(1)) as f64
            }
        }
    }

    /// The durations of jobs in the order of their arrival.
    pub(super) fn drawer(&self) -> Drawer {
        match self {
            JobDuration::Fixed(time) => Drawer::Fixed((*time).max(0)),
            JobDuration::Exponential { .. } => Drawer::Exponential(self.mean()),
            JobDuration::LogNormal { mean, p95 } => log_normal_of_mean(*mean, *p95),
            JobDuration::Observed(list) => Drawer::Observed(list.clone()),
            JobDuration::Listed(list) => Drawer::Listed(list.clone(), 0),
        }
    }
}

impl ReadyTime {
    /// The start times of replicas in the order of their making.
    #[expect(clippy::cast_precision_loss, reason = "durations are far below 2^53 ns")]
    pub(super) fn drawer(self) -> Drawer {
        match self {
            ReadyTime::Fixed(time) => Drawer::Fixed(time.max(0)),
            ReadyTime::LogNormal { p50, p95 } => {
                let (p50, p95) = (p50.max(1) as f64, p95.max(p50).max(1) as f64);
                Drawer::LogNormal { log_median: p50.ln(), deviation: (p95 / p50).ln() / NORMAL_P95 }
            }
        }
    }
}

/// With median m and deviation s of the logarithm the mean is m·exp(s²/2) and p95 m·exp(1.645·s), so
/// ln(p95 ÷ mean) = 1.645·s − s²/2. The smaller root is the one that is meant; the largest ratio is at s = 1.645.
#[expect(clippy::cast_precision_loss, reason = "durations are far below 2^53 ns")]
fn log_normal_of_mean(mean: Nanos, p95: Nanos) -> Drawer {
    let (mean, p95) = (mean.max(1) as f64, p95.max(1) as f64);
    let root = (NORMAL_P95 * NORMAL_P95 - 2.0 * (p95 / mean).ln()).max(0.0).sqrt();
    let deviation = (NORMAL_P95 - root).max(0.0);
    Drawer::LogNormal { log_median: mean.ln() - deviation * deviation / 2.0, deviation }
}

/// Draws durations one after the other.
#[derive(Debug, Clone)]
pub(super) enum Drawer {
    Fixed(Nanos),
    Exponential(f64),
    LogNormal { log_median: f64, deviation: f64 },
    Observed(Arc<[Nanos]>),
    Listed(Arc<[Nanos]>, usize),
}

impl Drawer {
    pub(super) fn draw(&mut self, random: &mut Random) -> Nanos {
        match self {
            Drawer::Fixed(time) => *time,
            Drawer::Exponential(mean) => nanos(*mean * random.exponential()),
            Drawer::LogNormal { log_median, deviation } => nanos((*log_median + *deviation * random.normal()).exp()),
            Drawer::Observed(list) => {
                let at = random.below(u64::try_from(list.len()).unwrap_or(0));
                usize::try_from(at).ok().and_then(|at| list.get(at)).map_or(0, |time| (*time).max(0))
            }
            Drawer::Listed(list, next) => {
                let time = list.get(*next).map_or(0, |time| (*time).max(0));
                *next = if *next + 1 < list.len() { *next + 1 } else { 0 };
                time
            }
        }
    }
}
