//! The life of replicas: made, scheduled, started, ready, leaving, gone (W8).

use super::cpu::{advance_work, is_limited};
use super::events::{JobEvent, What, next_stamp};
use super::state::{JobState, Life, Replica, UNBOUND};
use super::world::World;
use crate::simulate::Nanos;
use std::cmp::Reverse;
use std::collections::VecDeque;

impl World<'_> {
    /// `spec.replicas` is written: replicas are made, or leave.
    pub(super) fn set_spec(&mut self, replicas: i32) {
        self.standing.slow_mut().spec = replicas;
        if self.rollout.is_on {
            return self.roll();
        }
        let wanted = usize::try_from(replicas).unwrap_or(0);
        self.fit(wanted);
        self.recount();
    }

    /// As many as are asked for.
    pub(super) fn fit(&mut self, wanted: usize) {
        while self.alive.len() < wanted {
            self.make();
        }
        while self.alive.len() > wanted {
            let Some(replica) = self.first_to_leave(|_| true) else { break };
            self.leave(replica);
        }
    }

    /// Replicas that are ready from the first instant.
    pub(super) fn begin_with(&mut self, replicas: i32) {
        self.standing.slow_mut().spec = replicas;
        for _ in 0..replicas.max(0) {
            let replica = self.make_as(Life::Ready, 0);
            self.opened(replica);
        }
        self.recount();
    }

    pub(super) fn make(&mut self) {
        let start_time = self.start_times.draw(&mut self.start_random);
        let free = self.has_free_node();
        let replica = self.make_as(if free { Life::Pending } else { Life::NoRoom }, start_time);
        if free {
            self.schedule(replica, self.service.workload.replica.schedule);
        }
    }

    fn make_as(&mut self, life: Life, start_time: Nanos) -> u32 {
        let now = self.now;
        let id = u32::try_from(self.replicas.len()).unwrap_or(u32::MAX);
        self.replicas.push(Replica {
            life,
            version: self.rollout.version,
            scheduled: now,
            ready_at: now,
            start_time,
            running: Vec::new(),
            queue: VecDeque::new(),
            work: 0,
            work_at: now,
            stamp: 0,
            live: false,
            stops: false,
            throttled: false,
            used: 0,
            used_at_scrape: 0,
            samples: VecDeque::new(),
        });
        self.alive.push(id);
        self.standing.slow_mut().existing += 1;
        self.note_existing();
        id
    }

    /// What exists from now on; of several changes at one instant the last one holds.
    fn note_existing(&mut self) {
        let count = u32::try_from(self.standing.slow.existing).unwrap_or(u32::MAX);
        match self.existing.last_mut() {
            Some((at, last)) if *at == self.now => *last = count,
            _ => self.existing.push((self.now, count)),
        }
    }

    /// Whether one more replica fits the nodes.
    fn has_free_node(&self) -> bool {
        let Some(fits) = self.service.workload.replica.fits else { return true };
        let waiting =
            |replica: &&u32| self.replicas.get(**replica as usize).is_some_and(|known| known.life == Life::NoRoom);
        let waiting = u64::try_from(self.alive.iter().filter(waiting).count()).unwrap_or(0);
        self.standing.slow.existing.saturating_sub(waiting) < u64::from(fits)
    }

    fn schedule(&mut self, replica: u32, after: Nanos) {
        self.events.push(JobEvent::new(self.now + after, What::Scheduled { replica }));
    }

    /// A pending replica comes to a node.
    pub(super) fn scheduled(&mut self, replica: u32) {
        let now = self.now;
        let Some(place) = self.replica(replica).filter(|place| place.life == Life::Pending) else { return };
        place.life = Life::Starting;
        place.scheduled = now;
        place.work_at = now;
        place.ready_at = now + place.start_time;
        let at = place.ready_at;
        self.events.push(JobEvent::new(at, What::Ready { replica }));
    }

    /// A starting replica takes jobs from now on.
    pub(super) fn ready(&mut self, replica: u32) {
        let (now, cpu) = (self.now, self.service.workload.cpu);
        let Some(place) = self.replica(replica).filter(|place| place.life == Life::Starting) else { return };
        advance_work(place, now, cpu);
        place.life = Life::Ready;
        self.opened(replica);
        self.standing.refusing = false;
        self.recount();
        self.feed(replica);
        self.rebind();
        self.rollout.is_due = true;
    }

    /// It takes jobs from now on.
    fn opened(&mut self, replica: u32) {
        self.slots.add(replica);
        self.standing.slow_mut().live += 1;
        if let Some(place) = self.replica(replica) {
            place.live = true;
        }
        if is_limited(self.service.workload.cpu) {
            self.reschedule(replica);
        }
    }

    /// Of some of them: not ready before ready, then the youngest.
    pub(super) fn first_to_leave(&self, among: impl Fn(&Replica) -> bool) -> Option<u32> {
        let life = |replica: u32| self.replicas.get(replica as usize).map(|place| place.life);
        let rank = |replica: u32| match life(replica) {
            Some(Life::NoRoom) => 0,
            Some(Life::Pending) => 1,
            Some(Life::Starting) => 2,
            _ => 3,
        };
        let counts = |replica: &u32| self.replicas.get(*replica as usize).is_some_and(&among);
        // of equal ones the last of the list is the youngest
        self.alive.iter().rev().copied().filter(counts).min_by_key(|replica| rank(*replica))
    }

    pub(super) fn leave(&mut self, replica: u32) {
        self.alive.retain(|other| *other != replica);
        let (now, cpu) = (self.now, self.service.workload.cpu);
        let (drain, grace) = (self.service.workload.replica.drain, self.service.workload.replica.grace);
        let Some(place) = self.replica(replica) else { return };
        advance_work(place, now, cpu);
        let (was_ready, runs) = (place.life == Life::Ready, matches!(place.life, Life::Ready | Life::Starting));
        place.life = Life::Leaving;
        let drain = if runs { drain } else { 0 };
        place.stops = drain == 0;
        let idle = place.running.is_empty();
        let bound = std::mem::take(&mut place.queue);
        // a replica that pulls jobs goes on until it is told to stop; nobody pushes jobs to one that leaves
        if was_ready && (drain == 0 || !self.is_pull()) {
            self.slots.remove(replica);
            self.queue.extend(bound);
            self.rebind();
        }
        if idle && drain == 0 {
            return self.gone(replica);
        }
        if drain > 0 {
            self.events.push(JobEvent::new(now + drain, What::Drained { replica }));
        }
        self.events.push(JobEvent::new(now + grace, What::GraceOver { replica }));
    }

    /// A leaving replica is told to stop.
    pub(super) fn drained(&mut self, replica: u32) {
        let Some(place) = self.replica(replica).filter(|place| place.life == Life::Leaving) else { return };
        place.stops = true;
        let idle = place.running.is_empty();
        self.slots.remove(replica);
        self.recount();
        if idle {
            self.gone(replica);
        }
    }

    /// Kills the jobs that a leaving replica still runs.
    pub(super) fn grace_over(&mut self, replica: u32) {
        let (now, cpu, retry) = (self.now, self.service.workload.cpu, self.service.workload.retry);
        let Some(place) = self.replica(replica).filter(|place| place.life == Life::Leaving) else { return };
        advance_work(place, now, cpu);
        let mut killed = std::mem::take(&mut place.running);
        self.slots.remove(replica);
        self.standing.running -= u64::try_from(killed.len()).unwrap_or(0);
        // the one that waited longest comes first again
        killed.sort_unstable_by_key(|job| self.jobs.get(*job as usize).map(|job| Reverse(job.serial)));
        for job in killed {
            let Some(run) = self.job(job) else { continue };
            run.stamp = next_stamp(run.stamp);
            let scored = u64::from(run.scored);
            if retry {
                run.state = JobState::Waiting;
                run.bound = UNBOUND;
                self.tally.retried += scored;
                self.standing.waiting += 1;
                self.queue.push_front(job);
            } else {
                self.tally.killed += scored;
                self.forget(job);
            }
        }
        self.gone(replica);
        if retry {
            self.feed_all();
            self.rebind();
        }
    }

    /// Gives waiting jobs to every free slot (pull).
    fn feed_all(&mut self) {
        while let Some(replica) = self.slots.first_free() {
            let before = self.standing.waiting;
            self.feed(replica);
            if self.standing.waiting == before {
                return;
            }
        }
    }

    /// A replica exists no longer; one that waited for a node takes its place.
    pub(super) fn gone(&mut self, replica: u32) {
        let Some(place) = self.replica(replica) else { return };
        place.life = Life::Gone;
        let (live, throttled) = (u64::from(place.live), u64::from(place.throttled));
        (place.live, place.throttled) = (false, false);
        self.standing.slow_mut().live = self.standing.slow.live.saturating_sub(live);
        self.standing.slow_mut().throttled = self.standing.slow.throttled.saturating_sub(throttled);
        self.standing.slow_mut().existing = self.standing.slow.existing.saturating_sub(1);
        self.note_existing();
        self.rollout.is_due = true;
        self.recount();
        let waits =
            |replica: &u32| self.replicas.get(*replica as usize).is_some_and(|known| known.life == Life::NoRoom);
        let next = self.alive.iter().copied().find(waits);
        if let (Some(next), true) = (next, self.has_free_node()) {
            if let Some(place) = self.replica(next) {
                place.life = Life::Pending;
            }
            let life = &self.service.workload.replica;
            self.schedule(next, life.schedule + life.node_start);
        }
    }

    /// Slots of ready replicas.
    pub(super) fn recount(&mut self) {
        let ready = u64::try_from(self.slots.len()).unwrap_or(0);
        self.standing.slow_mut().ready_slots = ready * u64::from(self.service.workload.concurrency.max(1));
    }
}
