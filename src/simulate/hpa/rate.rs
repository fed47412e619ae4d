//! Policies: how much change their periods still allow (S19), and the record of changes behind it (S20).
//!
//! The controller keeps its scale events in slots, and a new event overwrites the last slot whose event is outdated
//! for its own direction. That event may still be within a longer period of the other direction, so this is not a
//! list of events. Sums of each period are kept up to date, so that a tick costs the same with any number of events.

use super::behavior::{Filled, FilledRules, PolicyKind, ScalingPolicy, Select};
use crate::simulate::Nanos;
use std::collections::{BinaryHeap, VecDeque};

/// The scale events of both directions.
#[derive(Debug, Clone)]
pub(super) struct Rate {
    up: Events,
    down: Events,
}

impl Rate {
    pub(super) fn new(filled: &Filled) -> Self {
        let policies = filled.up.policies.iter().chain(&filled.down.policies);
        let mut periods: Vec<Nanos> = policies.map(|policy| policy.period).collect();
        periods.sort_unstable();
        periods.dedup();
        Rate {
            up: Events::new(filled.up.longest_period(), &periods),
            down: Events::new(filled.down.longest_period(), &periods),
        }
    }

    /// Stores a change that was written to the target.
    pub(super) fn store(&mut self, now: Nanos, before: i32, after: i32) {
        if after > before {
            self.up.store(now, after - before);
        } else {
            self.down.store(now, before - after);
        }
    }

    /// The replicas at the start of a policy's period: events of both directions count, strictly younger ones.
    fn start(&mut self, now: Nanos, current: i32, period: Nanos) -> i32 {
        current - self.up.within(now, period) + self.down.within(now, period)
    }

    /// The largest number that the policies of `scaleUp` allow. It may be below `current`.
    pub(super) fn up_limit(&mut self, now: Nanos, current: i32, rules: &FilledRules) -> i32 {
        let limits = rules.policies.iter().map(|policy| up(policy, self.start(now, current, policy.period)));
        match rules.select {
            Select::Disabled => current,
            Select::Max => limits.max().unwrap_or(i32::MIN),
            Select::Min => limits.min().unwrap_or(i32::MAX),
        }
    }

    /// The least number that the policies of `scaleDown` allow. It may be above `current`.
    pub(super) fn down_limit(&mut self, now: Nanos, current: i32, rules: &FilledRules) -> i32 {
        let limits = rules.policies.iter().map(|policy| down(policy, self.start(now, current, policy.period)));
        match rules.select {
            Select::Disabled => current,
            Select::Max => limits.min().unwrap_or(i32::MAX),
            Select::Min => limits.max().unwrap_or(i32::MIN),
        }
    }
}

/// What one policy allows to rise to. A percentage is rounded up.
#[expect(clippy::cast_possible_truncation, reason = "the controller converts the same way")]
fn up(policy: &ScalingPolicy, start: i32) -> i32 {
    match policy.kind {
        PolicyKind::Pods => start.saturating_add(policy.value),
        PolicyKind::Percent => (f64::from(start) * (1.0 + f64::from(policy.value) / 100.0)).ceil() as i32,
    }
}

/// What one policy allows to fall to. A percentage is truncated.
#[expect(clippy::cast_possible_truncation, reason = "the controller converts the same way")]
fn down(policy: &ScalingPolicy, start: i32) -> i32 {
    match policy.kind {
        PolicyKind::Pods => start.saturating_sub(policy.value),
        PolicyKind::Percent => (f64::from(start) * (1.0 - f64::from(policy.value) / 100.0)) as i32,
    }
}

/// The scale events of one direction.
#[derive(Debug, Clone)]
struct Events {
    /// The longest period of this direction's own policies: older events are outdated.
    longest: Nanos,
    /// Events by time. An overwritten one stays with a change of 0.
    log: VecDeque<ReplicaChange>,
    /// The number of the first event of `log`; events are numbered from 0.
    first: usize,
    /// The number of the first event that is not outdated.
    fresh: usize,
    /// Outdated events, to be overwritten from the last slot on: slot and number.
    outdated: BinaryHeap<(usize, usize)>,
    /// How many slots there are.
    slots: usize,
    sums: Vec<PeriodSum>,
}

#[derive(Debug, Clone)]
struct ReplicaChange {
    at: Nanos,
    change: i32,
    slot: usize,
}

/// The changes within the last `period`.
#[derive(Debug, Clone)]
struct PeriodSum {
    period: Nanos,
    total: i32,
    /// The number of the first event that counts.
    from: usize,
}

impl Events {
    fn new(longest: Nanos, periods: &[Nanos]) -> Self {
        let sums = periods.iter().map(|period| PeriodSum { period: *period, total: 0, from: 0 }).collect();
        Events { longest, log: VecDeque::new(), first: 0, fresh: 0, outdated: BinaryHeap::new(), slots: 0, sums }
    }

    /// S20. Outdated is strictly older than the longest period.
    fn store(&mut self, now: Nanos, change: i32) {
        while let Some(event) = self.log.get(self.fresh - self.first) {
            if event.at >= now - self.longest {
                break;
            }
            self.outdated.push((event.slot, self.fresh));
            self.fresh += 1;
        }
        let slot = match self.outdated.pop() {
            Some((slot, number)) => {
                self.erase(number);
                slot
            }
            None => {
                self.slots += 1;
                self.slots - 1
            }
        };
        self.log.push_back(ReplicaChange { at: now, change, slot });
        for sum in &mut self.sums {
            sum.total += change;
        }
        self.forget();
    }

    /// Takes an overwritten event out of the periods in which it still counts.
    fn erase(&mut self, number: usize) {
        let Some(event) = number.checked_sub(self.first).and_then(|at| self.log.get_mut(at)) else { return };
        for sum in self.sums.iter_mut().filter(|sum| sum.from <= number) {
            sum.total -= event.change;
        }
        event.change = 0;
    }

    /// Drops events that no period counts any more. Their slots stay, to be overwritten.
    fn forget(&mut self) {
        let needed = self.sums.iter().map(|sum| sum.from).min().unwrap_or(usize::MAX).min(self.fresh);
        while self.first < needed && self.log.pop_front().is_some() {
            self.first += 1;
        }
    }

    /// The changes strictly younger than `period`, one of those given to `new`.
    fn within(&mut self, now: Nanos, period: Nanos) -> i32 {
        let Some(sum) = self.sums.iter_mut().find(|sum| sum.period == period) else { return 0 };
        while let Some(event) = self.log.get(sum.from - self.first) {
            if event.at > now - period {
                break;
            }
            sum.total -= event.change;
            sum.from += 1;
        }
        sum.total
    }
}
