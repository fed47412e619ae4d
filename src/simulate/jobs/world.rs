//! The state of a run, and what jobs do in it: arrive, wait, start, end, give up (W5, W6, W7).

use super::SimulatedService;
use super::coming::{ComingJob, DrawnJobs};
use super::cpu::{advance_work, is_limited};
use super::events::{EventQueue, JobEvent, What, next_stamp};
use super::ideal::IdealTime;
use super::slots::Slots;
use super::state::{JobState, QueuedJob, Replica, Rollout, UNBOUND};
use super::tally::{Standing, Tally};
use crate::simulate::random::{Random, Stream};
use crate::simulate::workload::{Choice, Drawer, JobDispatch};
use crate::simulate::{Bounds, Nanos};
use std::collections::VecDeque;

/// Everything of one run but its autoscaler.
pub(super) struct World<'a> {
    pub(super) service: &'a SimulatedService,
    pub(super) now: Nanos,
    pub(super) events: EventQueue,
    pub(super) jobs: Vec<QueuedJob>,
    free: Vec<u32>,
    pub(super) queue: VecDeque<u32>,
    pub(super) patience: VecDeque<(Nanos, u32, u64)>,
    pub(super) replicas: Vec<Replica>,
    /// Replicas that exist and do not leave, oldest first.
    pub(super) alive: Vec<u32>,
    pub(super) slots: Slots,
    pub(super) rollout: Rollout,
    pub(super) standing: Standing,
    pub(super) tally: Tally,
    pub(super) bounds: Bounds,
    pub(super) arrived: i64,
    serial: u64,
    /// The last stamp of a throttled replica.
    pub(super) stamp: u32,
    pub(super) start_times: Drawer,
    pub(super) start_random: Random,
    dispatch_random: Random,
    round_robin: usize,
    /// Waits by job, where they are asked for.
    pub(super) starts: Option<Vec<(u64, Nanos, Nanos)>>,
    /// Existing replicas from each instant on at which they changed.
    pub(super) existing: Vec<(Nanos, u32)>,
}

impl<'a> World<'a> {
    pub(super) fn new(service: &'a SimulatedService, from: Nanos, seed: u64, drawn: Option<&DrawnJobs>) -> Self {
        let ideal = match drawn {
            Some(_) => IdealTime::noted(from),
            None => IdealTime::running(from, service.workload.concurrency),
        };
        World {
            service,
            now: from,
            events: EventQueue::default(),
            jobs: Vec::new(),
            free: Vec::new(),
            queue: VecDeque::new(),
            patience: VecDeque::new(),
            replicas: Vec::new(),
            alive: Vec::new(),
            slots: Slots::new(
                service.workload.concurrency.max(1),
                service.workload.dispatch == JobDispatch::Push(Choice::Least),
            ),
            rollout: Rollout::default(),
            standing: Standing::default(),
            tally: Tally::new(from, ideal),
            bounds: service.schedule.at(from),
            arrived: 0,
            serial: 0,
            stamp: 0,
            start_times: service.workload.replica.start.drawer(),
            start_random: Random::new(seed, Stream::Start),
            dispatch_random: Random::new(seed, Stream::Dispatch),
            round_robin: 0,
            starts: None,
            existing: Vec::new(),
        }
    }

    /// Moves to an instant; everything stayed as it was until then.
    #[inline]
    pub(super) fn go_to(&mut self, now: Nanos) {
        self.tally.advance(now, &mut self.standing);
        self.now = now;
    }

    #[inline]
    pub(super) fn is_pull(&self) -> bool {
        self.service.workload.dispatch == JobDispatch::Pull
    }

    /// W5, W7: a job comes now.
    pub(super) fn arrive(&mut self, ComingJob { service, .. }: ComingJob) {
        let workload = &self.service.workload;
        self.arrived += 1;
        let scored = self.tally.is_scoring();
        self.tally.ideal_job(self.now, service, self.bounds);
        if scored {
            self.tally.arrived += 1;
            self.tally.cold += u64::from(self.slots.is_empty());
        }
        let target = self.target();
        // one that pulls has a free slot
        let free = target.is_some_and(|replica| self.is_pull() || self.slots.has_free(replica));
        if !free && workload.queue_limit.is_some_and(|limit| self.standing.waiting >= limit) {
            self.tally.rejected += u64::from(scored);
            self.standing.refusing = true;
            return;
        }
        let job = self.new_job(service, scored);
        match target {
            Some(replica) if free => self.start(job, replica),
            Some(replica) if !self.is_pull() => {
                self.bind(job, replica);
                self.wait(job);
            }
            _ => {
                self.queue.push_back(job);
                self.wait(job);
            }
        }
    }

    fn new_job(&mut self, service: Nanos, scored: bool) -> u32 {
        self.serial += 1;
        let job = QueuedJob {
            arrival: self.now,
            service,
            state: JobState::Waiting,
            scored,
            started: false,
            stamp: 0,
            serial: self.serial,
            end_work: 0,
            bound: UNBOUND,
        };
        if let Some(place) = self.free.pop() {
            if let Some(old) = self.job(place) {
                *old = QueuedJob { stamp: old.stamp, ..job };
            }
            return place;
        }
        self.jobs.push(job);
        u32::try_from(self.jobs.len() - 1).unwrap_or(u32::MAX)
    }

    /// The replica that a new job goes to: with a free slot (pull), or as the choice says (push).
    #[inline]
    pub(super) fn target(&mut self) -> Option<u32> {
        match self.service.workload.dispatch {
            JobDispatch::Pull if self.standing.waiting > 0 => None,
            JobDispatch::Pull => self.slots.first_free(),
            JobDispatch::Push(Choice::Least) => self.slots.least(),
            JobDispatch::Push(Choice::Random) => {
                let count = u64::try_from(self.slots.len()).unwrap_or(0);
                let at = self.dispatch_random.below(count);
                self.slots.at(usize::try_from(at).unwrap_or(0))
            }
            JobDispatch::Push(Choice::RoundRobin) => {
                let at = self.round_robin.checked_rem(self.slots.len())?;
                self.round_robin = at + 1;
                self.slots.at(at)
            }
        }
    }

    pub(super) fn replica(&mut self, replica: u32) -> Option<&mut Replica> {
        self.replicas.get_mut(replica as usize)
    }

    pub(super) fn job(&mut self, job: u32) -> Option<&mut QueuedJob> {
        self.jobs.get_mut(job as usize)
    }

    /// A job starts on a free slot. A waiting one must have been taken from its queue.
    pub(super) fn start(&mut self, job: u32, replica: u32) {
        let now = self.now;
        let cpu = self.service.workload.cpu;
        let (Some(place), Some(run)) = (self.replicas.get_mut(replica as usize), self.jobs.get_mut(job as usize))
        else {
            return;
        };
        advance_work(place, now, cpu);
        run.state = JobState::Running;
        run.bound = replica;
        run.stamp = next_stamp(run.stamp);
        run.end_work = place.work + run.service;
        place.running.push(job);
        if !run.started {
            run.started = true;
            if run.scored {
                self.tally.waited(now - run.arrival);
            }
            if let Some(starts) = &mut self.starts {
                starts.push((run.serial - 1, now, now + run.service));
            }
        }
        let (stamp, end) = (run.stamp, now + run.service);
        self.standing.running += 1;
        self.slots.occupy(replica, 1);
        if is_limited(cpu) {
            self.reschedule(replica);
        } else {
            self.events.push(JobEvent::new(end, What::End { job, stamp }));
        }
    }

    /// A job ends, if it still runs as it did when its end was set down.
    pub(super) fn end(&mut self, job: u32, stamp: u32) {
        let cpu = self.service.workload.cpu;
        let now = self.now;
        let Some(run) = self.jobs.get(job as usize).copied() else { return };
        let replica = run.bound;
        let Some(place) = self.replicas.get_mut(replica as usize) else { return };
        let current = if is_limited(cpu) { place.stamp } else { run.stamp };
        if run.state != JobState::Running || stamp != current {
            return;
        }
        advance_work(place, now, cpu);
        if let Some(at) = place.running.iter().position(|other| *other == job) {
            place.running.swap_remove(at);
        }
        let leaves = place.stops && place.running.is_empty();
        if run.scored {
            self.tally.ended(now - run.arrival);
            let over = self.service.workload.deadline.is_some_and(|deadline| now - run.arrival > deadline);
            self.tally.late += u64::from(over);
        }
        self.forget(job);
        self.standing.running -= 1;
        self.standing.refusing = false;
        self.slots.occupy(replica, -1);
        if is_limited(cpu) {
            self.reschedule(replica);
        }
        if leaves {
            self.gone(replica);
        } else {
            self.feed(replica);
        }
    }

    /// Gives a job's place back.
    #[inline]
    pub(super) fn forget(&mut self, job: u32) {
        if let Some(run) = self.job(job) {
            run.state = JobState::Left;
            run.stamp = next_stamp(run.stamp);
            run.serial = 0;
        }
        self.free.push(job);
    }

    /// Starts waiting jobs while a ready replica has free slots.
    #[inline]
    pub(super) fn feed(&mut self, replica: u32) {
        while self.slots.has_free(replica) {
            let Some(job) = self.next_waiting(replica) else { return };
            self.standing.waiting -= 1;
            self.standing.refusing = false;
            self.start(job, replica);
        }
    }

    /// At the end: waits and latencies of jobs that are not done, flagged as censored.
    pub(super) fn close(&mut self) {
        let now = self.now;
        for job in self.jobs.iter().filter(|job| job.scored) {
            match job.state {
                JobState::Waiting if !job.started => self.tally.wait.push_censored(now - job.arrival),
                JobState::Running | JobState::Waiting => self.tally.latency.push_censored(now - job.arrival),
                JobState::Left => {}
            }
        }
        self.tally.close();
    }
}
