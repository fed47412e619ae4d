//! Plays a run: takes the next event, until the end.

use super::coming::{ComingJob, DrawnJobs, JobSource};
use super::control::{ChangedBy, Control, EvaluationResult, Move};
use super::events::{JobEvent, What};
use super::limits::RunLimits;
use super::warm_up::warm_up;
use super::watch::Scrapes;
use super::world::World;
use super::{SeedRun, SimulatedService, Start, arrivals};
use crate::simulate::policy::ReplicaPolicy;
use crate::simulate::random::{Random, Stream};
use crate::simulate::trace::{Quality, Trace};
use crate::simulate::{Bounds, Nanos};
use std::cmp::Reverse;

/// Ticks between two looks at whether a sum is over its limit.
const LOOK: u64 = 64;

/// The instants that come by themselves.
#[derive(Debug, Clone, Copy)]
struct Clock {
    next: Nanos,
    interval: Nanos,
}

impl Clock {
    fn new(from: Nanos, interval: Option<Nanos>, phases: &mut Random) -> Self {
        match interval.filter(|interval| *interval > 0) {
            Some(interval) => Clock { next: from + phases.phase(interval), interval },
            None => Clock { next: Nanos::MAX, interval: 0 },
        }
    }

    fn advance(&mut self) {
        self.next = self.next.saturating_add(self.interval);
    }
}

pub(super) struct Player<'a> {
    service: &'a SimulatedService,
    world: World<'a>,
    control: Control<'a>,
    source: JobSource<'a>,
    drawn: Option<&'a DrawnJobs>,
    next_job: Option<ComingJob>,
    limits: Option<&'a RunLimits>,
    scrapes: Scrapes,
    scrape: Clock,
    sample: Clock,
    poll: Clock,
    sync: Clock,
    /// Instants at which scoring or bounds change, first one last.
    edges: Vec<Nanos>,
    /// Whether a stretch of the trace was not recorded.
    has_gaps: bool,
    /// The first of edges and clocks.
    next_slow: Nanos,
    trace: &'a Trace,
    to: Nanos,
    last_step: Option<(Nanos, bool)>,
    run: SeedRun,
}

impl<'a> Player<'a> {
    pub(super) fn new(
        service: &'a SimulatedService,
        trace: &'a Trace,
        seed: u64,
        drawn: Option<&'a DrawnJobs>,
    ) -> Self {
        let from = trace.from() - warm_up(service);
        let control = Control::new(&service.policy, from);
        let mut source = JobSource::new(service, trace, seed, drawn);
        let mut world = World::new(service, from, seed, drawn);
        world.bounds = control.bounds(service.schedule.at(from));
        world.starts = service.record_jobs.then(Vec::new);
        let mut phases = Random::new(seed, Stream::Phases);
        let seen = &service.observation;
        let scrape = Clock::new(from, Some(seen.scrape), &mut phases);
        let sync = Clock::new(from, Some(seen.sync), &mut phases);
        let sample = Clock::new(from, Some(seen.cpu_window), &mut phases);
        let poll = Clock::new(from, control.polling(), &mut phases);
        let sample = if service.workload.cpu.is_some() { sample } else { Clock { next: Nanos::MAX, interval: 0 } };
        let next_job = source.next();
        let scrapes = Scrapes::new(seen, control.signals().iter());
        let edges = edges(service, trace);
        let run = SeedRun { seed, ..SeedRun::default() };
        let to = trace.to();
        let last_step = None;
        Player {
            service,
            world,
            control,
            source,
            drawn,
            next_job,
            limits: None,
            scrapes,
            scrape,
            sample,
            poll,
            sync,
            edges,
            has_gaps: !trace.gaps().is_empty(),
            next_slow: Nanos::MIN,
            trace,
            to,
            last_step,
            run,
        }
    }

    /// Plays until a limit is exceeded: then there is no run.
    pub(super) fn play_within(mut self, limits: &'a RunLimits) -> Option<SeedRun> {
        self.world.tally.watch(limits);
        self.limits = Some(limits);
        self.reaches_end().then(|| self.finish())
    }

    pub(super) fn play(mut self) -> SeedRun {
        self.reaches_end();
        self.finish()
    }

    /// Plays until the end, or until a limit is exceeded. Whether it got to the end.
    fn reaches_end(&mut self) -> bool {
        let start = self.first_count();
        self.world.begin_with(start);
        self.next_slow = self.first_slow();
        while let Some(at) = self.next_instant() {
            self.world.go_to(at);
            self.happen(at);
            if at == self.next_slow {
                self.next_slow = self.first_slow();
                let world = &self.world;
                let fails = |limits| {
                    // sums take longer to look at
                    let looks = self.run.ticks.is_multiple_of(LOOK);
                    world.tally.has_too_many_long() || (looks && world.tally.has_too_much(limits, &world.standing))
                };
                if self.limits.is_some_and(fails) {
                    return false;
                }
            }
        }
        true
    }

    fn finish(mut self) -> SeedRun {
        self.world.go_to(self.to);
        let bounds = self.world.bounds;
        self.world.tally.ideal_until(self.to, bounds);
        if let Some(drawn) = self.drawn {
            let segments = self.world.tally.noted_segments();
            self.world.tally.add_ideal(drawn.ideal(&segments, self.service.workload.concurrency));
        }
        self.world.close();
        self.run.tally = self.world.tally;
        self.run.jobs = u64::try_from(self.world.arrived).unwrap_or(0);
        self.run.starts = self.world.starts.unwrap_or_default();
        self.run.existing = self.world.existing;
        self.run
    }

    fn first_count(&self) -> i32 {
        let Bounds { min, max } = self.world.bounds;
        let count = match (self.service.start, &self.service.policy) {
            (Start::Count(count), _) => return count,
            (Start::Steady, ReplicaPolicy::Fixed(count)) => *count,
            (Start::Steady, _) => {
                let rate = self.trace.steps.first().map_or(0.0, arrivals::rate);
                let busy = rate * self.service.workload.service_time.mean();
                ceil(busy / f64::from(self.service.workload.concurrency.max(1)))
            }
        };
        count.max(min).min(max)
    }

    /// The next instant at which anything happens, `None` at the end.
    fn next_instant(&mut self) -> Option<Nanos> {
        let event = self.world.events.first().map_or(Nanos::MAX, JobEvent::at);
        let patience = self.world.next_patience().unwrap_or(Nanos::MAX);
        let job = self.next_job.map_or(Nanos::MAX, |job| job.at);
        let next = event.min(patience).min(self.next_slow).min(job);
        (next < self.to).then_some(next)
    }

    fn first_slow(&self) -> Nanos {
        let edge = self.edges.last().copied().unwrap_or(Nanos::MAX);
        self.scrape.next.min(self.sample.next).min(self.poll.next).min(self.sync.next).min(edge)
    }

    /// One thing that happens at an instant: ends first, then edges, arrivals, patience, scrapes, and loops last.
    fn happen(&mut self, at: Nanos) {
        if let Some(event) = self.world.events.first().filter(|event| event.at() == at) {
            self.world.events.pop();
            match event.what() {
                What::End { job, stamp } => self.world.end(job, stamp),
                What::GraceOver { replica } => self.world.grace_over(replica),
                What::Drained { replica } => self.world.drained(replica),
                What::Scheduled { replica } => self.world.scheduled(replica),
                What::Ready { replica } => self.world.ready(replica),
            }
            if self.world.rollout.is_due {
                self.world.roll();
            }
        } else if self.edges.last() == Some(&at) {
            self.edges.pop();
            self.edge(at);
        } else if let Some(job) = self.next_job.filter(|job| job.at == at) {
            self.world.arrive(job);
            if let Some(verdict) = self.control.request(&self.world) {
                self.write(verdict);
            }
            self.next_job = self.source.next();
        } else if self.world.next_patience() == Some(at) {
            self.world.give_up();
        } else {
            self.run.ticks += 1;
            self.loops(at);
        }
    }

    fn edge(&mut self, at: Nanos) {
        let scores = at >= self.trace.from() && self.quality(at) != Quality::Gap;
        let bounds = self.world.bounds;
        self.world.tally.score(at, scores, bounds);
        self.world.bounds = self.control.bounds(self.service.schedule.at(at));
        if self.service.rollouts.contains(&at) {
            self.world.begin_rollout();
        }
    }

    fn quality(&self, at: Nanos) -> Quality {
        if !self.has_gaps {
            return Quality::Known;
        }
        let begun = self.trace.steps.partition_point(|step| step.from <= at);
        match begun.checked_sub(1).and_then(|index| self.trace.steps.get(index)) {
            Some(step) if at < step.to => step.quality,
            Some(_) => Quality::Gap,
            // the warm-up
            None => Quality::Known,
        }
    }

    fn loops(&mut self, at: Nanos) {
        let seen = &self.service.observation;
        if self.sample.next == at {
            self.sample.advance();
            self.world.sample_cpu(seen);
        } else if self.scrape.next == at {
            self.scrape.advance();
            let gauges = self.world.gauges();
            if self.service.record {
                self.run.series.push(gauges);
            }
            self.scrapes.store(gauges);
        } else if self.poll.next == at {
            self.poll.advance();
            let blind = self.quality(at) == Quality::Gap;
            if let Some(verdict) = self.control.poll(&self.world, &self.scrapes, seen, blind) {
                self.write(verdict);
            }
        } else {
            self.sync.advance();
            let blind = self.quality(at) == Quality::Gap;
            let verdict = self.control.sync(&self.world, &self.scrapes, seen, blind);
            let max = self.world.bounds.max;
            self.write(verdict);
            self.world.standing.slow_mut().at_max = self.world.standing.slow.spec >= max && verdict.wants_above(max);
        }
    }

    /// `spec.replicas` is written, counted and recorded.
    fn write(&mut self, verdict: EvaluationResult) {
        let (from, to, at) = (self.world.standing.slow.spec, verdict.replicas, self.world.now);
        if from == to {
            return;
        }
        let scored = self.world.tally.is_scoring();
        let up = to > from;
        if verdict.by != ChangedBy::Bounds {
            let back = self.last_step.is_some_and(|(last, rose)| rose != up && at - last < self.service.flap_window);
            self.world.tally.flaps += u64::from(scored && back);
            self.last_step = Some((at, up));
        }
        self.world.tally.steps += u64::from(scored);
        if self.service.record && scored {
            let EvaluationResult { by, proposal, stabilized, limit, .. } = verdict;
            self.run.moves.push(Move { at, from, to, by, proposal, stabilized, limit });
        }
        self.world.set_spec(to);
    }
}

/// The instants at which scoring or bounds change, first one last.
fn edges(service: &SimulatedService, trace: &Trace) -> Vec<Nanos> {
    let mut edges = service.schedule.changes();
    edges.extend(&service.rollouts);
    let mut known = trace.steps.iter().filter(|step| step.quality != Quality::Gap).peekable();
    while let Some(step) = known.next() {
        edges.push(step.from);
        let mut to = step.to;
        while let Some(next) = known.next_if(|next| next.from == to) {
            to = next.to;
        }
        edges.push(to);
    }
    edges.sort_unstable_by_key(|edge| Reverse(*edge));
    edges.dedup();
    edges
}

#[expect(clippy::cast_possible_truncation, reason = "it saturates")]
fn ceil(value: f64) -> i32 {
    value.ceil() as i32
}
