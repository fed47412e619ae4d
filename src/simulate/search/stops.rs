//! When a run has failed before its end: what each assertion leaves for sums that only grow.
//!
//! A bound from below (`>`, `>=`) has none, nor have `busy`, `throttled` and `over`, whose whole is known at the end, `cost`, which
//! no candidate's run has, and `arrivals`. A run that no limit stops is judged by its numbers.

use crate::simulate::HOUR;
use crate::simulate::assertion::{Assertion, Op};
use crate::simulate::jobs::{DurationLimit, GrowingSum, RunLimits};
use crate::simulate::results::{Statistic, UNIT};

/// The wholes of a run, known before it.
#[derive(Debug, Clone, Copy)]
pub struct RunWholes {
    /// Jobs that arrive in scored time.
    pub arrived: i128,
    /// Scored time, in nanoseconds.
    pub scored: i128,
}

/// The limits of these assertions, which must all hold. A run that exceeds one of them fails an assertion.
#[must_use]
pub fn limits_of(assertions: &[Assertion], wholes: RunWholes) -> RunLimits {
    let mut limits = RunLimits::default();
    for assertion in assertions {
        let most = match assertion.op {
            Op::Below => assertion.bound - 1,
            Op::AtMost => assertion.bound,
            Op::Above | Op::AtLeast => continue,
        };
        add(&mut limits, assertion, most, wholes);
    }
    limits
}

/// A number may be at most `most`.
fn add(limits: &mut RunLimits, assertion: &Assertion, most: i128, wholes: RunWholes) {
    let name = assertion.name.name;
    let (share_of, thousandths) = (name.strip_suffix("_share"), assertion.statistic.and_then(Statistic::thousandths));
    // a mean is the sum by a number that is at most the whole
    let mean = |whole: i128| (most + 1) * whole - 1;
    let sum = match (name, thousandths) {
        ("wait" | "latency", Some(thousandths)) => {
            let Some(limit) = duration_limit(thousandths, most, wholes.arrived) else { return };
            let list = if name == "wait" { &mut limits.waits } else { &mut limits.latencies };
            return list.push(limit);
        }
        ("wait", None) => (GrowingSum::Waits, mean(wholes.arrived)),
        ("latency", None) => (GrowingSum::Latencies, mean(wholes.arrived)),
        ("queue", None) => (GrowingSum::Queue, mean(wholes.scored)),
        ("queue", Some(thousandths)) => {
            let Ok(from) = u64::try_from((most + 1).max(0)) else { return };
            (GrowingSum::QueueFrom(from), wholes.scored * i128::from(1000 - thousandths) / 1000)
        }
        ("saturated", _) => (GrowingSum::Saturated, part(most, wholes.scored)),
        ("at_max", _) => (GrowingSum::AtMax, part(most, wholes.scored)),
        ("replica_hours", _) => (GrowingSum::ReplicaTime, part(most, i128::from(HOUR))),
        ("spec_hours", _) => (GrowingSum::SpecTime, part(most, i128::from(HOUR))),
        _ => {
            let Some(sum) = counted(share_of.unwrap_or(name)) else { return };
            (sum, if share_of.is_some() { part(most, wholes.arrived) } else { most })
        }
    };
    limits.sums.push(sum);
}

/// How many durations may be longer than `most` before a percentile is.
fn duration_limit(thousandths: u64, most: i128, arrived: i128) -> Option<DurationLimit> {
    let rank = (arrived * i128::from(thousandths) + 999) / 1000;
    let from = i64::try_from(most + 1).ok()?;
    Some(DurationLimit { from, most: u64::try_from(arrived - rank.max(1)).unwrap_or(0) })
}

/// The largest part of a whole whose billionths, rounded down, are at most `most`.
fn part(most: i128, whole: i128) -> i128 {
    ((most + 1) * whole + UNIT - 1).div_euclid(UNIT) - 1
}

fn counted(name: &str) -> Option<GrowingSum> {
    Some(match name {
        "cold" => GrowingSum::Cold,
        "steps" => GrowingSum::Steps,
        "flap" => GrowingSum::Flap,
        "lost" => GrowingSum::Lost,
        "rejected" => GrowingSum::Rejected,
        "gave_up" => GrowingSum::GaveUp,
        "killed" => GrowingSum::Killed,
        "late" => GrowingSum::Late,
        _ => return None,
    })
}
