//! KEDA 2.20's own loop and what it gives to the HPA (statements K1 to K11).
//!
//! Two loops act on one target (K2). KEDA's, every `polling` interval, does only 0 ↔ 1 (minimum, idle): [`KedaMemory::poll`].
//! The HPA's, every 15 s, does the rest with the values of that moment: build it from [`KedaMemory::hpa_config`], bound it
//! by [`KedaMemory::hpa_bounds`] and feed it with [`KedaMemory::readings`]. When either loop runs is the caller's business.

mod state;

use super::hpa::{self, Behavior, ExternalTarget, Metric, Reading, Select};
use super::{Bounds, Nanos, SECOND};

/// One ScaledObject.
#[derive(Debug, Clone, PartialEq)]
pub struct KedaSetup {
    /// `pollingInterval`; 30 s unless said (K2).
    pub polling: Nanos,
    /// `cooldownPeriod`; 300 s unless said (K5).
    pub cooldown: Nanos,
    /// `initialCooldownPeriod`; 0 unless said (K5).
    pub initial_cooldown: Nanos,
    /// `minReplicaCount`; 0 unless said.
    pub min: i32,
    /// `maxReplicaCount`; 100 unless said.
    pub max: i32,
    /// `idleReplicaCount`, below `min`.
    pub idle: Option<i32>,
    /// `triggers`.
    pub triggers: Vec<KedaTrigger>,
    /// `advanced.scalingModifiers`.
    pub formula: Option<Formula>,
    /// `fallback`.
    pub fallback: Option<Fallback>,
    /// `advanced.horizontalPodAutoscalerConfig.behavior`; `None` leaves the HPA without one (K1).
    pub behavior: Option<Behavior>,
    /// Annotations (K11).
    pub annotations: Annotations,
    /// When the ScaledObject was made, for `initial_cooldown`.
    pub created: Nanos,
}

/// One trigger.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum KedaTrigger {
    /// A scaler with a value of its own (prometheus, cron, kafka …).
    External {
        /// Its target in milli-units, and its `metricType`.
        target: ExternalTarget,
        /// `activationThreshold`; 0 unless said. Active is strictly above it (K3).
        activation: f64,
    },
    /// cpu or memory: the HPA reads it itself.
    Resource(Metric),
}

/// `advanced.scalingModifiers`: one number in the place of all external ones (K7).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Formula {
    /// `target` in milli-units, and `metricType` (AverageValue unless said).
    pub target: ExternalTarget,
    /// `activationTarget`; 0 unless said (K3).
    pub activation: f64,
}

/// `fallback` (K10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fallback {
    /// `failureThreshold`: it holds from the failure after that many on.
    pub failures: u32,
    /// `replicas`.
    pub replicas: i32,
    /// `behavior`.
    pub behavior: FallbackBehavior,
}

/// Which number of replicas a fallback asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FallbackBehavior {
    /// `replicas`.
    #[default]
    Static,
    /// As many as there are.
    Current,
    /// As many as there are if that is more.
    CurrentIfHigher,
    /// As many as there are if that is less.
    CurrentIfLower,
}

/// Annotations that hold loops back (K11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Annotations {
    /// `paused`: nothing happens.
    pub paused: bool,
    /// `paused-scale-in`.
    pub paused_scale_in: bool,
    /// `paused-scale-out`.
    pub paused_scale_out: bool,
    /// `force-activation`.
    pub force_activation: bool,
}

impl Default for KedaSetup {
    fn default() -> Self {
        KedaSetup {
            polling: 30 * SECOND,
            cooldown: 300 * SECOND,
            initial_cooldown: 0,
            min: 0,
            max: 100,
            idle: None,
            triggers: Vec::new(),
            formula: None,
            fallback: None,
            behavior: None,
            annotations: Annotations::default(),
            created: 0,
        }
    }
}

/// What the scalers answer at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    /// One entry for each trigger; `None` is an error. Entries of cpu and memory say only whether they can be read.
    pub triggers: &'a [Option<f64>],
    /// What the formula gives of them; `None` is nil. Read only with [`KedaSetup::formula`].
    pub formula: Option<f64>,
}

/// What KEDA remembers of one ScaledObject.
#[derive(Debug, Clone)]
pub struct KedaMemory {
    config: KedaSetup,
    /// In whole seconds (K5).
    last_active: Option<Nanos>,
    /// Failures in a row of each trigger, counted by both loops (K10).
    failures: Vec<u32>,
}

impl KedaMemory {
    /// A ScaledObject that was just made.
    #[must_use]
    pub fn new(config: KedaSetup) -> Self {
        let failures = vec![0; config.triggers.len()];
        KedaMemory { config, last_active: None, failures }
    }

    /// How it is set up.
    #[must_use]
    pub fn config(&self) -> &KedaSetup {
        &self.config
    }

    /// When it was last active, in whole seconds.
    #[must_use]
    pub fn last_active(&self) -> Option<Nanos> {
        self.last_active
    }

    /// K1: the bounds of the HPA that KEDA makes.
    #[must_use]
    pub fn hpa_bounds(&self) -> Bounds {
        Bounds { min: self.config.min.max(1), max: self.config.max }
    }

    /// K1, K7, K11: the HPA that KEDA makes. External metrics come first, in the order of the triggers.
    #[must_use]
    pub fn hpa_config(&self) -> hpa::HpaSetup {
        let external = |trigger: &KedaTrigger| match trigger {
            KedaTrigger::External { target, .. } => Some(Metric::External(*target)),
            KedaTrigger::Resource(_) => None,
        };
        let own = |trigger: &KedaTrigger| match trigger {
            KedaTrigger::Resource(metric) => Some(*metric),
            KedaTrigger::External { .. } => None,
        };
        let mut metrics: Vec<Metric> = match &self.config.formula {
            Some(formula) => vec![Metric::External(formula.target)],
            None => self.config.triggers.iter().filter_map(external).collect(),
        };
        metrics.extend(self.config.triggers.iter().filter_map(own));
        let mut config = hpa::HpaSetup::new(metrics);
        config.behavior = self.behavior();
        config
    }

    /// K11: paused directions are Disabled ones.
    fn behavior(&self) -> Option<Behavior> {
        let Annotations { paused_scale_in, paused_scale_out, .. } = self.config.annotations;
        if !paused_scale_in && !paused_scale_out {
            return self.config.behavior.clone();
        }
        let mut behavior = self.config.behavior.clone().unwrap_or_default();
        if paused_scale_in {
            behavior.scale_down.select = Some(Select::Disabled);
        }
        if paused_scale_out {
            behavior.scale_up.select = Some(Select::Disabled);
        }
        Some(behavior)
    }

    /// KEDA's own loop: the replicas that it writes, `None` where it writes none.
    pub fn poll(&mut self, now: Nanos, replicas: i32, values: Values) -> Option<i32> {
        if self.config.annotations.paused {
            return None;
        }
        self.count_failures(values);
        let state = self.state(values);
        if state.active { self.poll_active(now, replicas, state) } else { self.poll_idle(now, replicas, state) }
    }

    /// K4.
    fn poll_active(&mut self, now: Nanos, replicas: i32, state: state::TriggersState) -> Option<i32> {
        let asleep = replicas == 0 || (self.config.idle.is_some() && replicas < self.config.min);
        if asleep && self.config.annotations.paused_scale_out {
            return None;
        }
        if asleep || !state.failed {
            self.last_active = Some(now - now.rem_euclid(SECOND));
        }
        asleep.then(|| self.config.min.max(1))
    }

    /// K5.
    fn poll_idle(&mut self, now: Nanos, replicas: i32, state: state::TriggersState) -> Option<i32> {
        if state.failed && self.config.fallback.is_none_or(|fallback| fallback.replicas != 0) {
            return None;
        }
        let sleeps = match self.config.idle {
            Some(idle) if replicas > idle => Some(idle),
            _ if self.config.min == 0 && replicas > 0 => Some(0),
            _ => None,
        };
        match sleeps {
            Some(_) if self.config.annotations.paused_scale_in => None,
            Some(target) => self.cooled(now).then_some(target),
            None if self.config.idle.is_none() && replicas < self.config.min => {
                (!self.config.annotations.paused_scale_out).then_some(self.config.min)
            }
            None => None,
        }
    }

    fn cooled(&self, now: Nanos) -> bool {
        match self.last_active {
            Some(active) => active + self.config.cooldown < now,
            None => self.config.created + self.config.initial_cooldown < now,
        }
    }

    /// What the HPA reads of the external metrics, in the order of [`KedaMemory::hpa_config`], appended to `out`. Readings
    /// of cpu and memory are the caller's and follow them. `current` is `spec.replicas`, `ready` the ready pods.
    pub fn readings(&mut self, current: i32, ready: i32, values: Values, out: &mut Vec<Reading<'_>>) {
        self.count_failures(values);
        if let Some(formula) = self.config.formula {
            out.push(self.formula_reading(formula, current, ready, values));
            return;
        }
        for (index, trigger) in self.config.triggers.iter().enumerate() {
            let KedaTrigger::External { target, .. } = trigger else { continue };
            let value = values.triggers.get(index).copied().flatten();
            out.push(match value {
                Some(value) => Reading::Total(state::milli(state::sanitized(value))),
                None => self.fallback_reading(index, *target, current, ready),
            });
        }
    }
}

/// K9: what a cron trigger says, given the next start and the next end of its window, both from now on. Its target is
/// 1; it is active while its value is above 0.
#[must_use]
pub fn cron(next_start: Nanos, next_end: Nanos, desired_replicas: i32) -> f64 {
    // between start and end the end comes first; at the same minute it is active
    if next_end <= next_start { f64::from(desired_replicas) } else { 0.0 }
}
