//! The HorizontalPodAutoscaler controller of Kubernetes 1.36.2, one sync at a time (statements S1 to S21, Z1 to Z6).
//!
//! An [`Hpa`] holds what the controller remembers of one object. Each [`Hpa::tick`] is one sync: it is told the time,
//! the target's replicas, the bounds, the pods and one [`Reading`] a metric, and answers with a [`Decision`]. The
//! caller writes `decision.replicas` to the target. When ticks happen is the caller's business (S1: every 15 s,
//! counted from the end of the last sync, at any phase).
//!
//! ```
//! use scalegen::simulate::hpa::{Config, Hpa, Metric, Pods, Reading, Target, Tick};
//! use scalegen::simulate::{Bounds, SECOND};
//!
//! let mut hpa = Hpa::new(Config::new(vec![Metric::External(Target::AverageValue(1000))]));
//! let decision = hpa.tick(&Tick {
//!     now: 15 * SECOND,
//!     current: 2,
//!     status: 2,
//!     bounds: Bounds { min: 1, max: 10 },
//!     pods: Pods::Counts { existing: 2, ready: 2 },
//!     readings: &[Reading::Total(3500)],
//! });
//! assert_eq!(decision.replicas, 4);
//! ```
//!
//! All arithmetic is IEEE double arithmetic in the order of the source (S6); exact fractions give other numbers.
//! A restart of the controller is a new [`Hpa`] (S2).

mod behavior;
mod metrics;
mod pods;
mod rate;
mod window;

pub use behavior::{Behavior, PolicyKind, Rules, ScalingPolicy, Select, tolerance_from_milli};
pub use metrics::{ExternalTarget, Metric, Reading, ResourceTarget};
pub use pods::{Phase, Pod, PodReading, PodResource, PodSample, Pods, Ready};

use super::{Bounds, MINUTE, Nanos, SECOND};
use behavior::Filled;
use rate::Rate;
use window::ProposalWindow;

/// The settings of one HPA and its controller, without bounds, which a schedule may change.
#[derive(Debug, Clone, PartialEq)]
pub struct HpaSetup {
    /// `spec.metrics`. An empty list means cpu at 80 % of the request (S4).
    pub metrics: Vec<Metric>,
    /// `spec.behavior`. `None` is not the same as an empty one: without it S21 holds.
    pub behavior: Option<Behavior>,
    /// `--horizontal-pod-autoscaler-tolerance`, a share; 0.1 by default (S6).
    pub tolerance: f64,
    /// Whether tolerances in `behavior` count: gate HPAConfigurableTolerance, on since 1.35 (S7).
    pub configurable_tolerance: bool,
    /// `--horizontal-pod-autoscaler-downscale-stabilization`; 300 s by default (S17, S21).
    pub downscale_stabilization: Nanos,
    /// `--horizontal-pod-autoscaler-cpu-initialization-period`; 5 min by default (S13).
    pub cpu_initialization: Nanos,
    /// `--horizontal-pod-autoscaler-initial-readiness-delay`; 30 s by default (S13).
    pub initial_readiness_delay: Nanos,
    /// Gate HPAScaleToZero. See [`Release`] for its default.
    pub scale_to_zero: bool,
}

/// The releases whose defaults differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// Kubernetes 1.36: HPAScaleToZero is alpha and off.
    V1_36,
    /// Kubernetes 1.37: HPAScaleToZero is beta and on, by its release blog of 2026-09-02.
    V1_37,
}

impl HpaSetup {
    /// The controller's defaults in 1.36, without `behavior`.
    #[must_use]
    pub fn new(metrics: Vec<Metric>) -> Self {
        let metrics = if metrics.is_empty() { vec![Metric::default()] } else { metrics };
        HpaSetup {
            metrics,
            behavior: None,
            tolerance: 0.1,
            configurable_tolerance: true,
            downscale_stabilization: 300 * SECOND,
            cpu_initialization: 5 * MINUTE,
            initial_readiness_delay: 30 * SECOND,
            scale_to_zero: false,
        }
    }

    /// These settings with the gates of a release.
    #[must_use]
    pub fn release(mut self, release: Release) -> Self {
        self.scale_to_zero = release == Release::V1_37;
        self
    }

    /// These settings with a `behavior`.
    #[must_use]
    pub fn behavior(mut self, behavior: Behavior) -> Self {
        self.behavior = Some(behavior);
        self
    }
}

/// What the controller sees at one sync.
#[derive(Debug, Clone, Copy)]
pub struct HpaTick<'a> {
    /// When the sync happens. It may not go back from tick to tick.
    pub now: Nanos,
    /// `spec.replicas` of the target.
    pub current: i32,
    /// `status.replicas` of the target: existing pods that do not terminate. A rollout's surge counts (S8).
    pub status: i32,
    /// `minReplicas` and `maxReplicas`.
    pub bounds: Bounds,
    /// The pods that the target's selector finds.
    pub pods: Pods<'a>,
    /// What each metric of [`HpaSetup::metrics`] reads, in that order. A missing entry is a failed metric.
    pub readings: &'a [Reading<'a>],
}

/// The result of a sync and its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The new `spec.replicas`; the old one if nothing changes.
    pub replicas: i32,
    /// What decided.
    pub reason: Reason,
    /// The largest proposal of the metrics, unclamped; `None` where metrics were not asked or failed.
    pub proposal: Option<i32>,
    /// The proposal after the windows (S18, S21); `None` like `proposal`.
    pub stabilized: Option<i32>,
    /// The largest (for a rise) or least (for a fall) number that policies or S21's cap allow, before min and max;
    /// `None` where the stabilized number is the current one.
    pub limit: Option<i32>,
}

/// What decided a sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The target is at 0 and autoscaling is off (S3).
    Off,
    /// `current` was above max (S3).
    AboveMax,
    /// `current` was below min (S3).
    BelowMin,
    /// Metrics failed (S5).
    Failed,
    /// Metrics, windows and policies decided, with or without a change.
    Metrics,
}

/// What the controller remembers of one HPA.
#[derive(Debug, Clone)]
pub struct Hpa {
    config: HpaSetup,
    /// Rates and windows where `behavior` is set.
    limited: Option<Limited>,
    /// The down window of S21, where it is not.
    recent: ProposalWindow,
    /// Whether a record of proposals exists (S2).
    recorded: bool,
    /// The condition ScaledToZero (Z6).
    scaled_to_zero: bool,
}

/// State of an HPA with `behavior`.
#[derive(Debug, Clone)]
struct Limited {
    filled: Filled,
    up: ProposalWindow,
    down: ProposalWindow,
    rate: Rate,
}

impl Hpa {
    /// A controller that has never seen this HPA.
    #[must_use]
    pub fn new(config: HpaSetup) -> Self {
        let limited = config.behavior.as_ref().map(|behavior| {
            let filled = Filled::new(behavior, config.downscale_stabilization);
            Limited {
                up: ProposalWindow::smallest(filled.up.window),
                down: ProposalWindow::largest(filled.down.window),
                rate: Rate::new(&filled),
                filled,
            }
        });
        let recent = ProposalWindow::largest_inclusive(config.downscale_stabilization);
        Hpa { config, limited, recent, recorded: false, scaled_to_zero: false }
    }

    /// How it is set up.
    #[must_use]
    pub fn config(&self) -> &HpaSetup {
        &self.config
    }

    /// Whether the condition ScaledToZero is True (Z6).
    #[must_use]
    pub fn scaled_to_zero(&self) -> bool {
        self.scaled_to_zero
    }

    /// Sets the condition ScaledToZero, for a run that begins at 0 replicas. The condition is in the object, so
    /// it outlives a restart of the controller.
    pub fn set_scaled_to_zero(&mut self, value: bool) {
        self.scaled_to_zero = value;
    }

    /// One sync, in the order of S3.
    pub fn tick(&mut self, tick: &HpaTick) -> Decision {
        self.record_first(tick);
        let Bounds { min, max } = tick.bounds;
        if tick.current == 0 && !self.computes_at_zero(min) {
            return Decision::without_proposal(0, Reason::Off);
        }
        let decision = if tick.current > max {
            Decision::without_proposal(max, Reason::AboveMax)
        } else if tick.current < min && tick.current != 0 {
            Decision::without_proposal(min, Reason::BelowMin)
        } else {
            match metrics::propose(&self.config, tick) {
                Some(proposal) => self.normalize(tick, proposal),
                None => return Decision::without_proposal(tick.current, Reason::Failed),
            }
        };
        if decision.replicas != tick.current {
            self.rescaled(tick, decision.replicas);
        }
        decision
    }

    /// S2: the first sync stores the current count as a proposal.
    fn record_first(&mut self, tick: &HpaTick) {
        if !self.recorded {
            self.recorded = true;
            self.store_proposal(tick.now, tick.current);
        }
    }

    fn store_proposal(&mut self, now: Nanos, proposal: i32) {
        match &mut self.limited {
            Some(limited) => {
                limited.up.store(now, proposal);
                limited.down.store(now, proposal);
            }
            None => self.recent.store(now, proposal),
        }
    }

    /// S3, Z2: whether metrics are asked at 0 replicas.
    fn computes_at_zero(&self, min: i32) -> bool {
        let external = || self.config.metrics.iter().any(Metric::is_object_or_external);
        self.config.scale_to_zero && self.scaled_to_zero && (min != 0 || external())
    }

    /// From the metrics' proposal to replicas: S18 to S20 with `behavior`, S21 without it, Z5 at 0.
    fn normalize(&mut self, tick: &HpaTick, proposal: i32) -> Decision {
        let (stabilized, limit, replicas) = match &mut self.limited {
            Some(limited) => limited.normalize(tick, proposal),
            None => {
                let stabilized = self.recent.bound(tick.now, proposal);
                self.recent.store(tick.now, proposal);
                let cap = rise_cap(tick.current);
                let replicas = if stabilized < tick.bounds.min {
                    tick.bounds.min
                } else {
                    stabilized.min(cap.min(tick.bounds.max))
                };
                let limit = (stabilized > tick.current).then_some(cap);
                (stabilized, limit, replicas)
            }
        };
        // Z5: at 0 by the HPA itself, a minimum above 0 is reached at once
        let replicas = if tick.current == 0 { replicas.max(tick.bounds.min) } else { replicas };
        Decision { replicas, reason: Reason::Metrics, proposal: Some(proposal), stabilized: Some(stabilized), limit }
    }

    /// After a change was written: the scale event (S20) and the condition (Z6).
    fn rescaled(&mut self, tick: &HpaTick, replicas: i32) {
        if let Some(limited) = &mut self.limited {
            limited.rate.store(tick.now, tick.current, replicas);
        }
        if self.config.scale_to_zero {
            self.scaled_to_zero = tick.current > 0
                && replicas == 0
                && tick.bounds.min == 0
                && self.config.metrics.iter().any(Metric::is_object_or_external);
        }
    }
}

impl Limited {
    /// S18, S19: the number after the windows, the policies' limit, and the number of replicas.
    fn normalize(&mut self, tick: &HpaTick, proposal: i32) -> (i32, Option<i32>, i32) {
        let least = self.up.bound(tick.now, proposal);
        let most = self.down.bound(tick.now, proposal);
        self.up.store(tick.now, proposal);
        self.down.store(tick.now, proposal);
        let stabilized = tick.current.max(least).min(most);
        if stabilized > tick.current {
            let limit = self.rate.up_limit(tick.now, tick.current, &self.filled.up);
            (stabilized, Some(limit), stabilized.min(limit.max(tick.current)).min(tick.bounds.max))
        } else if stabilized < tick.current {
            let limit = self.rate.down_limit(tick.now, tick.current, &self.filled.down);
            (stabilized, Some(limit), stabilized.max(limit.min(tick.current)).max(tick.bounds.min))
        } else {
            (stabilized, None, stabilized)
        }
    }
}

/// S21: without `behavior` one sync at most doubles, and may always reach 4.
fn rise_cap(current: i32) -> i32 {
    current.saturating_mul(2).max(4)
}

impl Decision {
    fn without_proposal(replicas: i32, reason: Reason) -> Self {
        Decision { replicas, reason, proposal: None, stabilized: None, limit: None }
    }
}
