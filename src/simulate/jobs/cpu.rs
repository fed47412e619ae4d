//! Cpu of replicas: what they use, and how jobs slow down at the limit (W6).

use super::events::{JobEvent, What, next_stamp};
use super::state::{Life, Replica};
use super::world::World;
use crate::simulate::Nanos;
use crate::simulate::workload::ReplicaCpu;
use std::cmp::Reverse;

impl World<'_> {
    /// W6: sets down again when the next job of a throttled replica ends.
    pub(super) fn reschedule(&mut self, replica: u32) {
        // one count for all replicas, so that an old end of a job never fits its next use on another one
        self.stamp = next_stamp(self.stamp);
        let Some(place) = self.replicas.get_mut(replica as usize) else { return };
        place.stamp = self.stamp;
        let throttled = place.live && is_throttled(self.service.workload.cpu, place.running.len());
        if throttled != place.throttled {
            place.throttled = throttled;
            let count = self.standing.slow.throttled;
            self.standing.slow.throttled = if throttled { count + 1 } else { count.saturating_sub(1) };
        }
        let ends = place.running.iter().filter_map(|job| Some((self.jobs.get(*job as usize)?.end_work, *job)));
        let Some((end_work, job)) = ends.min() else { return };
        let speed = speed(self.service.workload.cpu, place.running.len());
        let left = (end_work - place.work).max(0);
        let at = self.now + slower(left, speed);
        self.events.push(Reverse(JobEvent::new(at, What::End { job, stamp: place.stamp })));
    }
}

pub(super) fn is_limited(cpu: Option<ReplicaCpu>) -> bool {
    cpu.is_some_and(|cpu| cpu.limit.is_some())
}

/// What a replica with so many jobs wants, in thousandths of a core.
fn wanted(cpu: ReplicaCpu, jobs: usize) -> i64 {
    cpu.per_job.saturating_mul(i64::try_from(jobs).unwrap_or(i64::MAX)).saturating_add(cpu.idle)
}

/// What it uses.
fn usage(cpu: ReplicaCpu, jobs: usize) -> i64 {
    wanted(cpu, jobs).min(cpu.limit.unwrap_or(i64::MAX))
}

fn is_throttled(cpu: Option<ReplicaCpu>, jobs: usize) -> bool {
    cpu.is_some_and(|cpu| cpu.limit.is_some_and(|limit| wanted(cpu, jobs) >= limit))
}

/// How fast jobs run: usage and want, of which the quotient is the speed.
fn speed(cpu: Option<ReplicaCpu>, jobs: usize) -> (i64, i64) {
    cpu.map_or((1, 1), |cpu| (usage(cpu, jobs).max(1), wanted(cpu, jobs).max(1)))
}

/// Brings a replica's work clock and its use of cpu to now.
pub(super) fn advance_work(place: &mut Replica, now: Nanos, cpu: Option<ReplicaCpu>) {
    let length = now - place.work_at;
    place.work_at = now;
    let Some(cpu) = cpu else {
        place.work += length;
        return;
    };
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
fn slower(work: Nanos, (used, wanted): (i64, i64)) -> Nanos {
    let used = i128::from(used.max(1));
    let wide = (i128::from(work) * i128::from(wanted) + used - 1) / used;
    i64::try_from(wide).unwrap_or(Nanos::MAX)
}
