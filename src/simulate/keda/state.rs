//! Whether a ScaledObject is active, and the fallback for triggers that fail (K3, K7, K8, K10).

use super::{Fallback, FallbackBehavior, Formula, KedaMemory, KedaTrigger, Values};
use crate::simulate::hpa::{ExternalTarget, Reading};

/// The result of one look at all triggers.
#[derive(Debug, Clone, Copy)]
pub(super) struct TriggersState {
    pub(super) active: bool,
    /// Whether a trigger failed.
    pub(super) failed: bool,
}

impl KedaMemory {
    /// K3, K11.
    pub(super) fn state(&self, values: Values) -> TriggersState {
        let failed = self.any_failed(values);
        let active = self.config.annotations.force_activation || self.is_active(values, failed);
        TriggersState { active, failed }
    }

    fn is_active(&self, values: Values, failed: bool) -> bool {
        if let Some(formula) = &self.config.formula {
            return !failed && values.formula.is_some_and(|value| value > formula.activation);
        }
        let mut triggers = self.config.triggers.iter().enumerate();
        if self.config.triggers.iter().all(|trigger| matches!(trigger, KedaTrigger::Resource(_))) {
            return !failed && !self.config.triggers.is_empty();
        }
        triggers.any(|(index, trigger)| match trigger {
            KedaTrigger::External { activation, .. } => match values.triggers.get(index).copied().flatten() {
                Some(value) => sanitized(value) > *activation,
                None => self.falls_back(index).is_some(),
            },
            KedaTrigger::Resource(_) => false,
        })
    }

    fn any_failed(&self, values: Values) -> bool {
        (0..self.config.triggers.len()).any(|index| values.triggers.get(index).copied().flatten().is_none())
    }

    /// K10: failures in a row, of triggers other than cpu and memory.
    pub(super) fn count_failures(&mut self, values: Values) {
        for (index, failures) in self.failures.iter_mut().enumerate() {
            match values.triggers.get(index).copied().flatten() {
                Some(_) => *failures = 0,
                None => *failures = failures.saturating_add(1),
            }
        }
    }

    /// The fallback of a trigger, if it applies by now.
    fn falls_back(&self, index: usize) -> Option<Fallback> {
        let failures = self.failures.get(index).copied().unwrap_or(0);
        self.config.fallback.filter(|fallback| failures > fallback.failures)
    }

    /// The HPA's reading in place of a trigger that failed.
    pub(super) fn fallback_reading(
        &self,
        index: usize,
        target: ExternalTarget,
        current: i32,
        ready: i32,
    ) -> Reading<'static> {
        let value = self.falls_back(index).and_then(|fallback| asked_for(fallback, target, current, ready));
        value.map_or(Reading::Failed, Reading::Total)
    }

    /// K7: one number for all external metrics. A trigger that fails fails it (K3); nil is the fallback's number.
    pub(super) fn formula_reading(
        &self,
        formula: Formula,
        current: i32,
        ready: i32,
        values: Values,
    ) -> Reading<'static> {
        if self.any_failed(values) {
            let index = self.failures.iter().enumerate().max_by_key(|(_, failures)| **failures);
            let index = index.map_or(0, |(index, _)| index);
            return self.fallback_reading(index, formula.target, current, ready);
        }
        let nil = || self.config.fallback.and_then(|fallback| asked_for(fallback, formula.target, current, ready));
        // below 0 it stays below 0, and the HPA scales to max (K8, S10)
        values.formula.map(milli).or_else(nil).map_or(Reading::Failed, Reading::Total)
    }
}

/// K10: the value by which the HPA comes to the fallback's replicas, in milli-units.
fn asked_for(fallback: Fallback, target: ExternalTarget, current: i32, ready: i32) -> Option<i64> {
    let replicas = match fallback.behavior {
        FallbackBehavior::Static => fallback.replicas,
        FallbackBehavior::Current => current,
        FallbackBehavior::CurrentIfHigher => fallback.replicas.max(current),
        FallbackBehavior::CurrentIfLower => fallback.replicas.min(current),
    };
    match target {
        ExternalTarget::AverageValue(target) => Some(target.saturating_mul(i64::from(replicas))),
        ExternalTarget::Value(target) => target.saturating_mul(i64::from(replicas)).checked_div(i64::from(ready)),
    }
}

/// K8: a trigger's value below 0, or none that is a number, is 0.
pub(super) fn sanitized(value: f64) -> f64 {
    if value.is_finite() && value > 0.0 { value } else { 0.0 }
}

/// A value in milli-units, truncated (K7).
#[expect(clippy::cast_possible_truncation, reason = "KEDA converts the same way")]
pub(super) fn milli(value: f64) -> i64 {
    (value * 1000.0) as i64
}
