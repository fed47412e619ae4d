//! Cpu of replicas: their use, and how jobs slow down at the limit (W6).

use super::state::{Life, Replica};
use crate::simulate::Nanos;
use crate::simulate::workload::ReplicaCpu;

#[inline]
pub(super) fn is_limited(cpu: Option<ReplicaCpu>) -> bool {
    cpu.is_some_and(|cpu| cpu.limit.is_some())
}

/// The cpu that a replica with this many jobs wants, in thousandths of a core.
fn wanted(cpu: ReplicaCpu, jobs: usize) -> i64 {
    cpu.per_job.saturating_mul(i64::try_from(jobs).unwrap_or(i64::MAX)).saturating_add(cpu.idle)
}

/// The cpu that it uses.
fn usage(cpu: ReplicaCpu, jobs: usize) -> i64 {
    wanted(cpu, jobs).min(cpu.limit.unwrap_or(i64::MAX))
}

pub(super) fn is_throttled(cpu: Option<ReplicaCpu>, jobs: usize) -> bool {
    cpu.is_some_and(|cpu| cpu.limit.is_some_and(|limit| wanted(cpu, jobs) >= limit))
}

/// How fast jobs run: usage and want, of which the quotient is the speed.
pub(super) fn speed(cpu: Option<ReplicaCpu>, jobs: usize) -> (i64, i64) {
    cpu.map_or((1, 1), |cpu| (usage(cpu, jobs).max(1), wanted(cpu, jobs).max(1)))
}

/// Brings a replica's work clock and its use of cpu to now.
#[inline]
pub(super) fn advance_work(place: &mut Replica, now: Nanos, cpu: Option<ReplicaCpu>) {
    // without cpu nobody reads either
    let Some(cpu) = cpu else { return };
    let length = now - place.work_at;
    place.work_at = now;
    let jobs = place.running.len();
    let (used, want) = speed(Some(cpu), jobs);
    place.work += if used == want { length } else { scaled(length, used, want) };
    if matches!(place.life, Life::Starting | Life::Ready | Life::Leaving) {
        place.used += i128::from(length) * i128::from(usage(cpu, jobs));
    }
}

/// A length of work at a speed of `used ÷ wanted`.
fn scaled(length: Nanos, used: i64, wanted: i64) -> Nanos {
    let wide = i128::from(length) * i128::from(used) / i128::from(wanted.max(1));
    i64::try_from(wide).unwrap_or(Nanos::MAX)
}

/// The time that so much work takes at a speed of `used ÷ wanted`, rounded up.
pub(super) fn slower(work: Nanos, (used, wanted): (i64, i64)) -> Nanos {
    let used = i128::from(used.max(1));
    let wide = (i128::from(work) * i128::from(wanted) + used - 1) / used;
    i64::try_from(wide).unwrap_or(Nanos::MAX)
}
