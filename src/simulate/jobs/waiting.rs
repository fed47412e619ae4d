//! Jobs that wait: bound to a replica or not, taken, bound again, and gone when their patience ends (W5, W7).

use super::state::{JobState, QueuedJob};
use super::world::World;
use crate::simulate::Nanos;

impl World<'_> {
    pub(super) fn wait(&mut self, job: u32) {
        self.standing.waiting += 1;
        if let (Some(patience), Some(at)) = (self.service.workload.patience, self.jobs.get(job as usize)) {
            self.patience.push_back((at.arrival + patience, job, at.serial));
        }
    }

    /// The first job of the replica's own queue or, with pull, of the common one.
    pub(super) fn next_waiting(&mut self, replica: u32) -> Option<u32> {
        let own = !self.is_pull();
        loop {
            let queue = if own { &mut self.replicas.get_mut(replica as usize)?.queue } else { &mut self.queue };
            let job = queue.pop_front()?;
            match self.jobs.get(job as usize).map(|job| job.state) {
                Some(JobState::Waiting) => {
                    if own {
                        self.slots.load(replica, -1);
                    }
                    return Some(job);
                }
                // it gave up; the queue was the last that knew of it
                _ => self.forget(job),
            }
        }
    }

    /// Binds jobs that had no ready replica, or lost theirs, again (push).
    pub(super) fn rebind(&mut self) {
        if self.is_pull() {
            return;
        }
        for job in std::mem::take(&mut self.queue) {
            if self.jobs.get(job as usize).is_none_or(|job| job.state != JobState::Waiting) {
                self.forget(job);
                continue;
            }
            match self.target() {
                Some(replica) if self.slots.has_free(replica) => {
                    self.standing.waiting -= 1;
                    self.start(job, replica);
                }
                Some(replica) => self.bind(job, replica),
                None => self.queue.push_back(job),
            }
        }
    }

    pub(super) fn bind(&mut self, job: u32, replica: u32) {
        self.slots.load(replica, 1);
        if let Some(place) = self.replica(replica) {
            place.queue.push_back(job);
        }
        if let Some(run) = self.job(job) {
            run.bound = replica;
        }
    }

    /// When the next waiting job's patience ends.
    #[inline]
    pub(super) fn next_patience(&mut self) -> Option<Nanos> {
        while let Some((at, job, serial)) = self.patience.front().copied() {
            let waits = |job: &QueuedJob| job.serial == serial && job.state == JobState::Waiting && !job.started;
            if self.jobs.get(job as usize).is_some_and(waits) {
                return Some(at);
            }
            self.patience.pop_front();
        }
        None
    }

    /// W7: the job whose patience ends now leaves.
    pub(super) fn give_up(&mut self) {
        let Some((_, job, _)) = self.patience.pop_front() else { return };
        let now = self.now;
        let Some(run) = self.job(job) else { return };
        run.state = JobState::Left;
        let (scored, waited, bound) = (run.scored, now - run.arrival, run.bound);
        self.slots.load(bound, -1);
        self.standing.waiting -= 1;
        self.standing.refusing = false;
        if scored {
            self.tally.gave_up_after(waited);
        }
    }
}
