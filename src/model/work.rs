//! The work of a service: how long jobs take, how they come to replicas, what they want. Knows no load over time.

use super::Val;
use super::quantity::Cpu;
use super::time::Duration;
use crate::support::source::FieldSpan;

/// What is known of the jobs of one service. Rules and simulation read it, no target writes it.
#[derive(Clone, Debug)]
pub struct Work {
    /// The field.
    pub at: FieldSpan,
    /// How long a job takes alone on a slot.
    pub service_time: Option<ServiceTime>,
    /// How jobs come to replicas; `pull` if nobody wrote it, `least` behind `expose`.
    pub dispatch: Option<Val<Dispatch>>,
    /// Cores that a running job wants.
    pub cpu_per_job: Option<Val<Cpu>>,
    /// Cores that a replica uses without jobs; 0 if nobody wrote it.
    pub idle: Option<Val<Cpu>>,
    /// Jobs that may wait at once, over all replicas; no bound if nobody wrote it.
    pub queue_limit: Option<Val<u32>>,
    /// How long a job waits for its start before it gives up; for ever if nobody wrote it.
    pub patience: Option<Val<Duration>>,
    /// From its arrival on, when a job counts as late; never if nobody wrote it.
    pub deadline: Option<Val<Duration>>,
    /// Whether a job that is killed with its replica starts again; not if nobody wrote it.
    pub retry: Option<Val<bool>>,
    /// From the start of a replica until it takes jobs; 30 s if nobody wrote it.
    pub start: Option<StartTime>,
}

/// How long jobs take.
#[derive(Clone, Copy, Debug)]
pub struct ServiceTime {
    /// The field.
    pub at: FieldSpan,
    /// The mean, above 0.
    pub mean: Val<Duration>,
    /// The 95th percentile of a log-normal distribution, above the mean.
    pub p95: Option<Val<Duration>>,
    /// The form; exponential if nobody wrote it, log-normal if there is a p95.
    pub distribution: Val<Distribution>,
}

/// The form of a distribution of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum Distribution {
    Fixed,
    Exponential,
    Lognormal,
}

impl Distribution {
    pub(super) const WORDS: [(&'static str, Distribution); 3] = [
        ("fixed", Distribution::Fixed),
        ("exponential", Distribution::Exponential),
        ("lognormal", Distribution::Lognormal),
    ];

    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        super::word_of(&Distribution::WORDS, &self)
    }
}

/// How long a replica takes until it takes jobs.
#[derive(Clone, Copy, Debug)]
pub struct StartTime {
    /// The field.
    pub at: FieldSpan,
    /// The median; with no p95 every replica takes this long.
    pub p50: Val<Duration>,
    /// The 95th percentile of a log-normal distribution, at least the median.
    pub p95: Option<Val<Duration>>,
}

/// How jobs come to replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum Dispatch {
    Pull,
    Random,
    RoundRobin,
    Least,
}

impl Dispatch {
    pub(super) const WORDS: [(&'static str, Dispatch); 4] = [
        ("pull", Dispatch::Pull),
        ("random", Dispatch::Random),
        ("round-robin", Dispatch::RoundRobin),
        ("least", Dispatch::Least),
    ];

    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        super::word_of(&Dispatch::WORDS, &self)
    }
}

/// The 95th percentile of an exponential distribution, in thousandths of its mean, rounded up: ln 20.
const EXPONENTIAL_P95: u64 = 2996;
/// The largest p95 of a log-normal distribution, in thousandths of its mean, rounded down: exp(1.6449² ÷ 2).
pub const LOGNORMAL_MOST: u64 = 3868;

impl ServiceTime {
    /// The time that at least 95 % of jobs do not exceed.
    #[must_use]
    pub fn usual_most(&self) -> Duration {
        match (self.distribution.value, self.p95) {
            (Distribution::Lognormal, Some(p95)) => p95.value,
            (Distribution::Fixed, _) => self.mean.value,
            _ => Duration(self.mean.value.0.saturating_mul(EXPONENTIAL_P95).div_ceil(1000)),
        }
    }
}
