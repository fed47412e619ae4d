//! The rule by which Foundry scales compute modules (statements F1 to F7).
//!
//! Documented are the thresholds, the delays and the steps of one replica. The interval of 15 s and what restarts the
//! delays are our reading: every report says so. Predictive scaling (F8) cannot be reproduced.

use super::{Bounds, MINUTE, Nanos};

/// How a module scales.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FoundrySetup {
    /// Load at or above which a replica is added; 0.75 unless said (F2, F4). Not below `down`.
    pub up: f64,
    /// Load below which a replica goes; 0.75 unless said (F3, F4).
    pub down: f64,
    /// How long load must stay at or above `up`; 1 min unless said. Not above `down_delay` (F4).
    pub up_delay: Nanos,
    /// How long load must stay below `down`; 30 min unless said.
    pub down_delay: Nanos,
    /// Jobs that one replica runs at once, at least 1.
    pub concurrency: i32,
    /// What happens to a count outside the bounds (F7).
    pub outside: Outside,
}

/// What happens to a count that a change of bounds left outside them. Foundry does not document it (F7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outside {
    /// It goes to the bound at the next evaluation.
    #[default]
    Jump,
    /// It moves by load alone, one replica at a time, and never further out.
    Step,
}

impl Default for FoundrySetup {
    fn default() -> Self {
        FoundrySetup {
            up: 0.75,
            down: 0.75,
            up_delay: MINUTE,
            down_delay: 30 * MINUTE,
            concurrency: 1,
            outside: Outside::Jump,
        }
    }
}

/// What one evaluation sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FoundryTick {
    /// When it happens. Evaluations come every 15 s.
    pub now: Nanos,
    /// Replicas wanted so far.
    pub current: i32,
    /// Replicas that exist, starting ones included (F1).
    pub existing: i32,
    /// Minimum and maximum, of the weekly override where it holds (F6).
    pub bounds: Bounds,
    /// Jobs that run, or their mean.
    pub running: f64,
    /// Whether any job waits.
    pub waiting: bool,
}

/// The timers of one module.
#[derive(Debug, Clone)]
pub struct Foundry {
    config: FoundrySetup,
    /// Since when load has been at or above `up`.
    high_since: Option<Nanos>,
    /// Since when load has been below `down`.
    low_since: Option<Nanos>,
    bounds: Option<Bounds>,
}

impl Foundry {
    /// A module with both timers at rest.
    #[must_use]
    pub fn new(config: FoundrySetup) -> Self {
        Foundry { config, high_since: None, low_since: None, bounds: None }
    }

    /// Replicas at deployment: at least one, even with a minimum of 0 (F5).
    #[must_use]
    pub fn deployed(bounds: Bounds) -> i32 {
        bounds.min.max(1).min(bounds.max)
    }

    /// Load at or above which a replica is added.
    #[must_use]
    pub fn up(&self) -> f64 {
        self.config.up
    }

    /// The load that an evaluation takes (F1).
    #[must_use]
    pub fn load(&self, tick: &FoundryTick) -> f64 {
        if tick.existing > 0 {
            return tick.running / (f64::from(tick.existing) * f64::from(self.config.concurrency.max(1)));
        }
        if tick.waiting { f64::INFINITY } else { 0.0 }
    }

    /// Replicas after a request came to a module at 0: one at once (F5). `None` if nothing changes.
    #[must_use]
    pub fn request(&mut self, now: Nanos, current: i32, bounds: Bounds) -> Option<i32> {
        let wakes = current == 0 && bounds.max > 0;
        if wakes {
            self.restart(now);
        }
        wakes.then_some(1)
    }

    /// One evaluation: the replicas wanted after it (F2, F3).
    #[must_use]
    pub fn tick(&mut self, tick: &FoundryTick) -> i32 {
        let load = self.load(tick);
        let changed = self.bounds.is_some_and(|bounds| bounds != tick.bounds);
        self.bounds = Some(tick.bounds);
        if changed {
            self.restart(tick.now);
        }
        self.high_since = (load >= self.config.up).then(|| self.high_since.unwrap_or(tick.now));
        self.low_since = (load < self.config.down).then(|| self.low_since.unwrap_or(tick.now));
        let wanted = self.wanted(tick);
        if wanted != tick.current {
            self.restart(tick.now);
        }
        wanted
    }

    fn wanted(&self, tick: &FoundryTick) -> i32 {
        let Bounds { min, max } = tick.bounds;
        if self.config.outside == Outside::Jump && !(min..=max).contains(&tick.current) {
            return tick.current.max(min).min(max);
        }
        let held = |since: Option<Nanos>, delay| since.is_some_and(|since| tick.now - since >= delay);
        if held(self.high_since, self.config.up_delay) && tick.current < max {
            tick.current + 1
        } else if held(self.low_since, self.config.down_delay) && tick.current > min {
            tick.current - 1
        } else {
            tick.current
        }
    }

    /// Both delays count from `now` again. An evaluation that finds load elsewhere stops its timer.
    fn restart(&mut self, now: Nanos) {
        self.high_since = Some(now);
        self.low_since = Some(now);
    }
}
