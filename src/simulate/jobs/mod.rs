//! One service under load, job by job: discrete events, seeded (statements W1 to W11).
//!
//! [`run`] plays one seed and gives a [`SeedRun`]; [`crate::simulate::results`] makes the published numbers of it and
//! judges the worst of many seeds. Two policies with the same seed meet the same arrivals, service times and phases.

mod arrivals;
mod coming;
mod control;
mod cpu;
mod events;
mod ideal;
mod limits;
mod player;
mod replicas;
mod rollout;
mod slots;
mod state;
mod tally;
mod throttle;
mod waiting;
mod warm_up;
mod watch;
mod world;

pub use coming::{DrawnJobs, JobForm};
pub use control::{ChangedBy, Move};
pub use limits::{DurationLimit, GrowingSum, RunLimits};
pub use tally::Tally;

use super::policy::{Observation, ReplicaPolicy};
use super::schedule::Schedule;
use super::trace::{Arrivals, Trace};
use super::workload::ServiceWork;
use super::{MINUTE, Nanos};

/// A service and its scaling policy.
#[derive(Debug, Clone)]
pub struct SimulatedService {
    /// Its jobs and replicas.
    pub workload: ServiceWork,
    /// Bounds over time, in the time of the trace. A ScaledObject has its own: its windows are triggers.
    pub schedule: Schedule,
    /// The policy.
    pub policy: ReplicaPolicy,
    /// The metrics that the policy sees.
    pub observation: Observation,
    /// How the jobs of a step are distributed in it.
    pub arrivals: Arrivals,
    /// Replicas at the beginning of the warm-up.
    pub start: Start,
    /// How long the first load is played before anything is scored; `None`: the down window, at least 30 min (W11).
    pub warm_up: Option<Nanos>,
    /// A step back within this time of a step is a flap; 10 min by default.
    pub flap_window: Nanos,
    /// When rollouts of a new version begin, in order.
    pub rollouts: Vec<Nanos>,
    /// Whether [`SeedRun::moves`] and [`SeedRun::series`] are kept.
    pub record: bool,
    /// Whether [`SeedRun::starts`] is kept.
    pub record_jobs: bool,
}

/// Replicas at the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// This many, ready at once.
    Count(i32),
    /// What the first load needs on average, within the bounds; the warm-up settles the rest.
    #[default]
    Steady,
}

impl SimulatedService {
    /// A service with everything that need not be said by default.
    #[must_use]
    pub fn new(workload: ServiceWork, schedule: Schedule, policy: ReplicaPolicy) -> Self {
        SimulatedService {
            workload,
            schedule,
            policy,
            observation: Observation::default(),
            arrivals: Arrivals::Poisson,
            start: Start::Steady,
            warm_up: None,
            flap_window: 10 * MINUTE,
            rollouts: Vec::new(),
            record: false,
            record_jobs: false,
        }
    }
}

/// The result of one seed.
#[derive(Debug, Clone, Default)]
pub struct SeedRun {
    /// The seed.
    pub seed: u64,
    /// Counts and integrals.
    pub tally: Tally,
    /// Jobs that were played, warm-up included.
    pub jobs: u64,
    /// Evaluations that were played: syncs, polls and scrapes.
    pub ticks: u64,
    /// Changes of `spec.replicas` in scored time, if recorded.
    pub moves: Vec<Move>,
    /// The state at each scrape, if recorded.
    pub series: Vec<super::policy::Gauges>,
    /// Existing replicas, leaving ones included, from each instant on at which they changed; warm-up included.
    pub existing: Vec<(Nanos, u32)>,
    /// Number, start and unthrottled end of each job, in the order of starts, if recorded.
    pub starts: Vec<(u64, Nanos, Nanos)>,
}

/// Plays one seed.
#[must_use]
pub fn run(service: &SimulatedService, trace: &Trace, seed: u64) -> SeedRun {
    player::Player::new(service, trace, seed, None).play()
}

/// Plays jobs that were drawn before. They must be those of the service and of this trace.
#[must_use]
pub fn run_drawn(service: &SimulatedService, trace: &Trace, drawn: &DrawnJobs) -> SeedRun {
    player::Player::new(service, trace, drawn.seed, Some(drawn)).play()
}

/// Like [`run_drawn`], but stops once a limit is exceeded: then there is no run.
#[must_use]
pub fn run_within(service: &SimulatedService, trace: &Trace, drawn: &DrawnJobs, limits: &RunLimits) -> Option<SeedRun> {
    player::Player::new(service, trace, drawn.seed, Some(drawn)).play_within(limits)
}
