//! The jobs to come: when each arrives and how long it takes alone on a slot. They are drawn as a run asks for them, or once for
//! many runs that differ in nothing but their policy.

use super::SimulatedService;
use super::arrivals::ArrivalSource;
use super::ideal::{IdealSegment, ideal_time};
use super::warm_up::warm_up;
use crate::simulate::Nanos;
use crate::simulate::random::{Random, Stream};
use crate::simulate::trace::{Arrivals, Trace};
use crate::simulate::workload::{Drawer, JobDuration};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct ComingJob {
    pub(super) at: Nanos,
    pub(super) service: Nanos,
}

/// How many are drawn at once: arrivals and service times have streams of their own, so drawing ahead changes neither.
const AHEAD: usize = 512;

/// Draws the jobs of one seed.
struct JobDrawer<'a> {
    arrivals: ArrivalSource<'a>,
    times: Drawer,
    random: Random,
}

impl<'a> JobDrawer<'a> {
    fn new(service: &'a SimulatedService, trace: &Trace, seed: u64) -> Self {
        JobDrawer {
            arrivals: ArrivalSource::new(trace, &service.arrivals, warm_up(service), seed),
            times: service.workload.service_time.drawer(),
            random: Random::new(seed, Stream::Service),
        }
    }

    fn next(&mut self) -> Option<ComingJob> {
        let at = self.arrivals.next()?;
        Some(ComingJob { at, service: self.times.draw(&mut self.random) })
    }
}

/// The jobs of a run, one after the other.
pub(super) struct JobSource<'a> {
    drawer: Option<JobDrawer<'a>>,
    /// Jobs drawn before the run.
    drawn: &'a [ComingJob],
    /// Jobs drawn ahead.
    ahead: Vec<ComingJob>,
    next: usize,
}

impl<'a> JobSource<'a> {
    pub(super) fn new(service: &'a SimulatedService, trace: &Trace, seed: u64, drawn: Option<&'a DrawnJobs>) -> Self {
        let drawer = drawn.is_none().then(|| JobDrawer::new(service, trace, seed));
        let drawn = drawn.map_or(&[][..], |drawn| &drawn.jobs);
        JobSource { drawer, drawn, ahead: Vec::new(), next: 0 }
    }

    /// The next job, `None` after the last.
    #[inline]
    pub(super) fn next(&mut self) -> Option<ComingJob> {
        let Some(drawer) = &mut self.drawer else {
            let job = self.drawn.get(self.next).copied();
            self.next += 1;
            return job;
        };
        if self.next == self.ahead.len() {
            self.next = 0;
            self.ahead.clear();
            self.ahead.extend(std::iter::from_fn(|| drawer.next()).take(AHEAD));
        }
        let job = self.ahead.get(self.next).copied()?;
        self.next += 1;
        Some(job)
    }
}

/// Everything that the jobs of a service on a trace depend on besides the seed.
#[derive(Debug, Clone, PartialEq)]
pub struct JobForm {
    warm_up: Nanos,
    arrivals: Arrivals,
    service_time: JobDuration,
}

impl JobForm {
    /// That of a service.
    #[must_use]
    pub fn of(service: &SimulatedService) -> Self {
        JobForm {
            warm_up: warm_up(service),
            arrivals: service.arrivals.clone(),
            service_time: service.workload.service_time.clone(),
        }
    }
}

/// The jobs of one seed on a trace, drawn once for every service of one [`JobForm`].
#[derive(Debug)]
pub struct DrawnJobs {
    pub(super) seed: u64,
    form: JobForm,
    jobs: Vec<ComingJob>,
    /// When they end if none of them waits, in order.
    ends: Vec<Nanos>,
    /// Jobs that arrive in scored time.
    arrived: u64,
    /// What was computed of them, by the scored stretches with their minimum, and by slots.
    ideals: Mutex<BTreeMap<(Vec<IdealSegment>, u32), i128>>,
}

impl DrawnJobs {
    /// Draws them.
    #[must_use]
    pub fn new(service: &SimulatedService, trace: &Trace, seed: u64) -> Self {
        let mut drawer = JobDrawer::new(service, trace, seed);
        let jobs: Vec<ComingJob> = std::iter::from_fn(|| drawer.next()).collect();
        let mut ends: Vec<Nanos> = jobs.iter().map(|job| job.at + job.service).collect();
        ends.sort_unstable();
        let before = |at: Nanos| jobs.partition_point(|job| job.at < at);
        let arrived = trace.scored().into_iter().map(|(from, to)| before(to) - before(from)).sum::<usize>();
        DrawnJobs {
            seed,
            form: JobForm::of(service),
            arrived: u64::try_from(arrived).unwrap_or(u64::MAX),
            jobs,
            ends,
            ideals: Mutex::default(),
        }
    }

    /// Whether these are the jobs of a service.
    #[must_use]
    pub fn are_of(&self, service: &SimulatedService) -> bool {
        self.form == JobForm::of(service)
    }

    /// How many of them arrive in scored time.
    #[must_use]
    pub fn arrived(&self) -> u64 {
        self.arrived
    }

    /// Replica-time of the scored stretches if no job waited.
    pub(super) fn ideal(&self, segments: &[IdealSegment], slots: u32) -> i128 {
        let key = (segments.to_vec(), slots);
        if let Some(known) = self.ideals.lock().ok().and_then(|known| known.get(&key).copied()) {
            return known;
        }
        let time = ideal_time(self.jobs.iter().map(|job| job.at), &self.ends, segments, slots);
        if let Ok(mut known) = self.ideals.lock() {
            known.insert(key, time);
        }
        time
    }
}
