//! Replicas at their limit of cpu: when the next job of one ends (W6). Knows no rule by which jobs slow down.

use super::cpu::{is_throttled, slower, speed};
use super::events::{JobEvent, What, next_stamp};
use super::world::World;

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
            self.standing.slow_mut().throttled = if throttled { count + 1 } else { count.saturating_sub(1) };
        }
        let ends = place.running.iter().filter_map(|job| Some((self.jobs.get(*job as usize)?.end_work, *job)));
        let Some((end_work, job)) = ends.min() else { return };
        let speed = speed(self.service.workload.cpu, place.running.len());
        let left = (end_work - place.work).max(0);
        let at = self.now + slower(left, speed);
        self.events.push(JobEvent::new(at, What::End { job, stamp: place.stamp }));
    }
}
