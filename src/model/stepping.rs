//! How much one step of autoscaling changes, and how often steps come. Knows no autoscaler.

use super::time::Duration;
use super::{Step, Val};
use crate::support::source::FieldSpan;

/// The most that one step changes.
#[derive(Clone, Debug)]
pub struct StepSize {
    /// The field, or the nearest one above it if unset.
    pub at: FieldSpan,
    /// Whether it is set.
    pub written: bool,
    /// A number of replicas.
    pub replicas: Option<Val<u32>>,
    /// A percentage of the present replicas.
    pub percent: Option<Val<u32>>,
    /// Which of the two holds.
    pub select: Val<StepSelect>,
}

/// Which of two sizes of a step holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum StepSelect {
    Max,
    Min,
}

impl StepSelect {
    pub(super) const WORDS: [(&'static str, StepSelect); 2] = [("max", StepSelect::Max), ("min", StepSelect::Min)];

    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        super::word_of(&StepSelect::WORDS, &self)
    }
}

/// A limit to change: an amount within a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepRate {
    /// The amount.
    pub amount: StepAmount,
    /// The period.
    pub every: Duration,
}

/// What a rate counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of a step")]
pub enum StepAmount {
    Replicas(u32),
    Percent(u32),
}

impl StepSize {
    /// One replica a step.
    #[must_use]
    pub fn one(at: FieldSpan) -> StepSize {
        let select = Val::default_at(StepSelect::Max, at);
        StepSize { at, written: false, replicas: Some(Val::default_at(1, at)), percent: None, select }
    }

    /// Whether it is one replica, written or by default.
    #[must_use]
    pub fn is_one(&self) -> bool {
        self.percent.is_none() && self.replicas.is_some_and(|count| count.value == 1)
    }

    /// Whether no step is taken at all.
    #[must_use]
    pub fn is_none(&self) -> bool {
        let none = self.replicas.is_some_and(|count| count.value == 0);
        none && (self.percent.is_none() || self.select.value == StepSelect::Min)
    }

    /// For messages: `1 replica`, `4 replicas or 100 %`.
    #[must_use]
    pub fn text(&self) -> String {
        let replicas = self.replicas.map(|count| crate::support::plural::plural(count.value, "replica"));
        let percent = self.percent.map(|percent| format!("{} %", percent.value));
        let sizes: Vec<String> = replicas.into_iter().chain(percent).collect();
        match (sizes.len(), self.select.value) {
            (2, StepSelect::Min) => format!("{}, whichever is less", sizes.join(" or ")),
            _ => sizes.join(" or "),
        }
    }

    /// The number of replicas after one step upwards.
    #[must_use]
    pub fn above(&self, replicas: u32) -> u32 {
        let (replicas, limit) = (u64::from(replicas), |sum: u64| u32::try_from(sum).unwrap_or(u32::MAX));
        let count = self.replicas.map(|count| replicas + u64::from(count.value));
        let percent = self.percent.map(|percent| replicas + (replicas * u64::from(percent.value)).div_ceil(100));
        let sizes = count.into_iter().chain(percent);
        limit(
            match self.select.value {
                StepSelect::Max => sizes.max(),
                StepSelect::Min => sizes.min(),
            }
            .unwrap_or(replicas),
        )
    }
}

/// The time between two looks of a HorizontalPodAutoscaler, unless its controller is told otherwise.
const LOOK: Duration = Duration::seconds(15);

impl Step {
    /// How far a HorizontalPodAutoscaler looks back to wait for the delay. Where it follows the rule of load exactly, which asks for the
    /// whole delay from the first look to the last, it is one look more: proposals as old as the window are forgotten.
    #[must_use]
    pub fn window(&self, exact: bool) -> Duration {
        let more = if exact && self.delay.value.0 > 0 { LOOK.0 } else { 0 };
        Duration(self.delay.value.0.saturating_add(more))
    }

    /// The unit of a step.
    #[must_use]
    pub fn period(&self) -> Val<Duration> {
        self.every.unwrap_or(self.delay)
    }

    /// Its limits to change; none if no step is taken.
    #[must_use]
    pub fn rates(&self) -> Vec<StepRate> {
        if self.size.is_none() {
            return Vec::new();
        }
        let every = self.period().value;
        let replicas = self.size.replicas.filter(|count| count.value > 0);
        let sizes = replicas.map(|count| StepAmount::Replicas(count.value)).into_iter();
        let percent = self.size.percent.map(|percent| StepAmount::Percent(percent.value));
        sizes.chain(percent).map(|amount| StepRate { amount, every }).collect()
    }
}
