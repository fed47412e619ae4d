//! The state of a run, and what jobs do in it: arrive, wait, start, end, give up (W5, W6, W7).

use super::Service;
use super::slots::Slots;
use super::tally::{Standing, Tally};
use crate::simulate::random::{Random, Stream};
use crate::simulate::workload::{Choice, Cpu, Dispatch, Drawer};
use crate::simulate::{Bounds, Nanos};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// What happens at an instant of the heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A job ends; the stamp says whether this is still so.
    End { job: u32, stamp: u32 },
    /// A leaving replica's grace is over.
    GraceOver { replica: u32 },
    /// A pending replica begins to start.
    Scheduled { replica: u32 },
    /// A replica is ready.
    Ready { replica: u32 },
}

/// An event in one number, so that the heap compares fast: time, kind, whose, stamp. At the same instant ends come
/// first, then the end of graces, then replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Event(u128);

/// Bits of a stamp.
const STAMP: u32 = 30;

impl Event {
    pub(super) fn new(at: Nanos, what: What) -> Self {
        let (kind, whose, stamp) = match what {
            What::End { job, stamp } => (0u8, job, stamp),
            What::GraceOver { replica } => (1, replica, 0),
            What::Scheduled { replica } => (2, replica, 0),
            What::Ready { replica } => (3, replica, 0),
        };
        // the sign bit turned over orders signed times
        let time = u128::from(at.cast_unsigned() ^ (1 << 63));
        let kind_bits = u128::from(kind) << (32 + STAMP);
        Event((time << 64) | kind_bits | (u128::from(whose) << STAMP) | u128::from(stamp & ((1 << STAMP) - 1)))
    }

    pub(super) fn at(self) -> Nanos {
        ((self.0 >> 64) as u64 ^ (1 << 63)).cast_signed()
    }

    #[expect(clippy::cast_possible_truncation, reason = "each part was put in with its bits")]
    pub(super) fn what(self) -> What {
        let whose = (self.0 >> STAMP) as u32;
        match (self.0 >> (32 + STAMP)) & 3 {
            0 => What::End { job: whose, stamp: self.0 as u32 & ((1 << STAMP) - 1) },
            1 => What::GraceOver { replica: whose },
            2 => What::Scheduled { replica: whose },
            _ => What::Ready { replica: whose },
        }
    }
}

/// The next stamp.
pub(super) fn next_stamp(stamp: u32) -> u32 {
    (stamp + 1) & ((1 << STAMP) - 1)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JobState {
    Waiting,
    Running,
    /// It left, but a queue still has it.
    Left,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    pub(super) arrival: Nanos,
    pub(super) service: Nanos,
    pub(super) state: JobState,
    pub(super) scored: bool,
    /// Whether its wait is known.
    pub(super) started: bool,
    /// Raised when it starts, so that an old end is not taken for the new one.
    pub(super) stamp: u32,
    /// Raised with each use of this place, so that patience of an old job does not meet a new one.
    pub(super) serial: u64,
    /// The reading of its replica's work clock at which it ends.
    pub(super) end_work: Nanos,
    /// The replica that it runs on or whose queue it is in, or `UNBOUND`.
    pub(super) bound: u32,
}

/// No replica.
pub(super) const UNBOUND: u32 = u32::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// It waits for room on a node.
    NoRoom,
    Pending,
    Starting,
    Ready,
    Leaving,
    Gone,
}

#[derive(Debug, Clone)]
pub(super) struct Replica {
    pub(super) life: Life,
    pub(super) scheduled: Nanos,
    pub(super) ready_at: Nanos,
    pub(super) start_time: Nanos,
    pub(super) running: Vec<u32>,
    /// Jobs bound to it (push).
    pub(super) queue: VecDeque<u32>,
    /// What a job has of the slot's time: it runs slower than the clock while throttled.
    pub(super) work: Nanos,
    pub(super) work_at: Nanos,
    pub(super) stamp: u32,
    /// Whether it is ready, or was and still runs.
    pub(super) live: bool,
    /// Whether it is live and at its cpu limit.
    pub(super) throttled: bool,
    /// Cpu used until `work_at`, in thousandths of a core times nanoseconds.
    pub(super) used: i128,
    pub(super) used_at_scrape: i128,
    /// Samples of the metrics API: when, milli-cores.
    pub(super) samples: VecDeque<(Nanos, i64)>,
}

/// Everything of one run but its autoscaler.
pub(super) struct World<'a> {
    pub(super) service: &'a Service,
    pub(super) now: Nanos,
    pub(super) events: BinaryHeap<Reverse<Event>>,
    pub(super) jobs: Vec<Job>,
    free: Vec<u32>,
    pub(super) queue: VecDeque<u32>,
    patience: VecDeque<(Nanos, u32, u64)>,
    pub(super) replicas: Vec<Replica>,
    /// Replicas that exist and do not leave, oldest first.
    pub(super) alive: Vec<u32>,
    pub(super) slots: Slots,
    pub(super) standing: Standing,
    pub(super) tally: Tally,
    pub(super) bounds: Bounds,
    pub(super) arrived: i64,
    serial: u64,
    service_times: Drawer,
    service_random: Random,
    pub(super) start_times: Drawer,
    pub(super) start_random: Random,
    dispatch_random: Random,
    round_robin: usize,
    /// Waits by job, where they are asked for.
    pub(super) starts: Option<Vec<(u64, Nanos, Nanos)>>,
}

impl<'a> World<'a> {
    pub(super) fn new(service: &'a Service, from: Nanos, seed: u64) -> Self {
        World {
            service,
            now: from,
            events: BinaryHeap::new(),
            jobs: Vec::new(),
            free: Vec::new(),
            queue: VecDeque::new(),
            patience: VecDeque::new(),
            replicas: Vec::new(),
            alive: Vec::new(),
            slots: Slots::new(service.workload.concurrency.max(1)),
            standing: Standing::default(),
            tally: Tally::new(from),
            bounds: service.schedule.at(from),
            arrived: 0,
            serial: 0,
            service_times: service.workload.service_time.drawer(),
            service_random: Random::new(seed, Stream::Service),
            start_times: service.workload.replica.start.drawer(),
            start_random: Random::new(seed, Stream::Start),
            dispatch_random: Random::new(seed, Stream::Dispatch),
            round_robin: 0,
            starts: None,
        }
    }

    /// Goes to an instant; everything stood as it was until then.
    pub(super) fn go_to(&mut self, now: Nanos) {
        self.tally.advance(now, &self.standing);
        self.now = now;
    }

    fn is_pull(&self) -> bool {
        self.service.workload.dispatch == Dispatch::Pull
    }

    /// W5, W7: a job comes now.
    pub(super) fn arrive(&mut self) {
        let service = self.service_times.draw(&mut self.service_random);
        let workload = &self.service.workload;
        self.arrived += 1;
        let scored = self.tally.is_scoring();
        self.tally.ideal_job(self.now, service, workload.concurrency, self.bounds);
        if scored {
            self.tally.arrived += 1;
            self.tally.cold += u64::from(self.slots.is_empty());
        }
        let target = self.target();
        let free = target.is_some_and(|replica| self.slots.has_free(replica));
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
        let job = Job {
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
                *old = Job { stamp: old.stamp, ..job };
            }
            return place;
        }
        self.jobs.push(job);
        u32::try_from(self.jobs.len() - 1).unwrap_or(u32::MAX)
    }

    fn wait(&mut self, job: u32) {
        self.standing.waiting += 1;
        if let (Some(patience), Some(at)) = (self.service.workload.patience, self.jobs.get(job as usize)) {
            self.patience.push_back((at.arrival + patience, job, at.serial));
        }
    }

    /// The replica that a new job goes to: with a free slot (pull), or as the choice says (push).
    fn target(&mut self) -> Option<u32> {
        match self.service.workload.dispatch {
            Dispatch::Pull if self.standing.waiting > 0 => None,
            Dispatch::Pull => self.slots.first_free(),
            Dispatch::Push(Choice::Least) => self.slots.least(),
            Dispatch::Push(Choice::Random) => {
                let count = u64::try_from(self.slots.len()).unwrap_or(0);
                let at = self.dispatch_random.below(count);
                self.slots.at(usize::try_from(at).unwrap_or(0))
            }
            Dispatch::Push(Choice::RoundRobin) => {
                let at = self.round_robin.checked_rem(self.slots.len())?;
                self.round_robin = at + 1;
                self.slots.at(at)
            }
        }
    }

    pub(super) fn replica(&mut self, replica: u32) -> Option<&mut Replica> {
        self.replicas.get_mut(replica as usize)
    }

    pub(super) fn job(&mut self, job: u32) -> Option<&mut Job> {
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
                self.tally.wait.push(now - run.arrival);
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
            self.events.push(Reverse(Event::new(end, What::End { job, stamp })));
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
        let leaves = place.life == Life::Leaving && place.running.is_empty();
        if run.scored {
            self.tally.latency.push(now - run.arrival);
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
    pub(super) fn forget(&mut self, job: u32) {
        if let Some(run) = self.job(job) {
            run.state = JobState::Left;
            run.stamp = next_stamp(run.stamp);
            run.serial = 0;
        }
        self.free.push(job);
    }

    /// Starts waiting jobs while a ready replica has free slots.
    pub(super) fn feed(&mut self, replica: u32) {
        while self.slots.has_free(replica) {
            let Some(job) = self.next_waiting(replica) else { return };
            self.standing.waiting -= 1;
            self.standing.refusing = false;
            self.start(job, replica);
        }
    }

    /// The first job of the replica's own queue or, with pull, of the common one.
    fn next_waiting(&mut self, replica: u32) -> Option<u32> {
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

    /// Binds jobs that had no ready replica, or lost theirs, anew (push).
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

    fn bind(&mut self, job: u32, replica: u32) {
        self.slots.load(replica, 1);
        if let Some(place) = self.replica(replica) {
            place.queue.push_back(job);
        }
        if let Some(run) = self.job(job) {
            run.bound = replica;
        }
    }

    /// When the next waiting job's patience ends.
    pub(super) fn next_patience(&mut self) -> Option<Nanos> {
        while let Some((at, job, serial)) = self.patience.front().copied() {
            let waits = |job: &Job| job.serial == serial && job.state == JobState::Waiting && !job.started;
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
            self.tally.gave_up += 1;
            self.tally.wait.push_censored(waited);
        }
    }

    /// W6: sets down anew when the next job of a throttled replica ends.
    pub(super) fn reschedule(&mut self, replica: u32) {
        let Some(place) = self.replicas.get_mut(replica as usize) else { return };
        place.stamp = next_stamp(place.stamp);
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
        let at = self.now + super::slower(left, speed);
        self.events.push(Reverse(Event::new(at, What::End { job, stamp: place.stamp })));
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

pub(super) fn is_limited(cpu: Option<Cpu>) -> bool {
    cpu.is_some_and(|cpu| cpu.limit.is_some())
}

/// What a replica with so many jobs wants, in thousandths of a core.
fn wanted(cpu: Cpu, jobs: usize) -> i64 {
    cpu.per_job.saturating_mul(i64::try_from(jobs).unwrap_or(i64::MAX)).saturating_add(cpu.idle)
}

/// What it uses.
fn usage(cpu: Cpu, jobs: usize) -> i64 {
    wanted(cpu, jobs).min(cpu.limit.unwrap_or(i64::MAX))
}

fn is_throttled(cpu: Option<Cpu>, jobs: usize) -> bool {
    cpu.is_some_and(|cpu| cpu.limit.is_some_and(|limit| wanted(cpu, jobs) >= limit))
}

/// How fast jobs run: usage and want, of which the quotient is the speed.
fn speed(cpu: Option<Cpu>, jobs: usize) -> (i64, i64) {
    cpu.map_or((1, 1), |cpu| (usage(cpu, jobs).max(1), wanted(cpu, jobs).max(1)))
}

/// Brings a replica's work clock and its use of cpu to now.
pub(super) fn advance_work(place: &mut Replica, now: Nanos, cpu: Option<Cpu>) {
    let length = now - place.work_at;
    place.work_at = now;
    let Some(cpu) = cpu else {
        place.work += length;
        return;
    };
    let jobs = place.running.len();
    let (used, want) = speed(Some(cpu), jobs);
    place.work += if used == want { length } else { super::scaled(length, used, want) };
    if matches!(place.life, Life::Starting | Life::Ready | Life::Leaving) {
        place.used += i128::from(length) * i128::from(usage(cpu, jobs));
    }
}
