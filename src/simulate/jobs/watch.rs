//! The metrics that the autoscaler sees of a run: scrapes, samples, pods (W9).

use super::cpu::advance_work;
use super::state::{Life, Replica};
use super::world::World;
use crate::simulate::Nanos;
use crate::simulate::hpa::{Phase, Pod, PodReading, PodSample, Ready};
use crate::simulate::policy::{Gauges, MetricSource, Observation};
use std::collections::VecDeque;

/// Scrapes of the last while, oldest first.
#[derive(Debug, Default)]
pub(super) struct Scrapes {
    kept: VecDeque<Gauges>,
    /// How long they are kept.
    keep: Nanos,
}

impl Scrapes {
    pub(super) fn new<'s>(observation: &Observation, signals: impl Iterator<Item = &'s MetricSource>) -> Self {
        let range = |signal: &MetricSource| if let MetricSource::ArrivalRate { range } = signal { *range } else { 0 };
        let longest = signals.map(range).max().unwrap_or(0);
        Scrapes { kept: VecDeque::new(), keep: longest + observation.lag + 2 * observation.scrape }
    }

    pub(super) fn store(&mut self, gauges: Gauges) {
        while self.kept.front().is_some_and(|first| first.at < gauges.at - self.keep) {
            self.kept.pop_front();
        }
        self.kept.push_back(gauges);
    }

    /// The last scrape at or before an instant.
    pub(super) fn last_scrape(&self, at: Nanos) -> Option<&Gauges> {
        self.kept.iter().rev().find(|gauges| gauges.at <= at)
    }

    /// The value of a signal at the last scrape at or before an instant; `None` fails.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub(super) fn value(&self, signal: &MetricSource, at: Nanos) -> Option<f64> {
        let last = self.last_scrape(at)?;
        match signal {
            MetricSource::Running => Some(last.running as f64),
            MetricSource::Queued => Some(last.queued as f64),
            MetricSource::InSystem => Some((last.running + last.queued) as f64),
            MetricSource::Load => {
                let slots = f64::from(last.existing) * f64::from(last.concurrency);
                match last.running + last.queued {
                    0 if slots == 0.0 => Some(0.0),
                    _ if slots == 0.0 => Some(f64::INFINITY),
                    _ => Some(last.running as f64 / slots),
                }
            }
            MetricSource::ArrivalRate { range } => {
                let first = self.kept.iter().find(|gauges| gauges.at >= last.at - range)?;
                let length = last.at - first.at;
                (length > 0).then(|| (last.arrived - first.arrived) as f64 / (length as f64 / 1e9))
            }
            MetricSource::Custom(function) => function(last),
            MetricSource::Cpu | MetricSource::RunningPerPod => None,
        }
    }
}

impl World<'_> {
    /// The values of a scrape now.
    pub(super) fn gauges(&self) -> Gauges {
        Gauges {
            at: self.now,
            running: i64::try_from(self.standing.running).unwrap_or(i64::MAX),
            queued: i64::try_from(self.standing.waiting).unwrap_or(i64::MAX),
            arrived: self.arrived,
            existing: i32::try_from(self.alive.len()).unwrap_or(i32::MAX),
            ready: i32::try_from(self.slots.len()).unwrap_or(i32::MAX),
            spec: self.standing.slow.spec,
            concurrency: self.service.workload.concurrency,
        }
    }

    /// The metrics server samples the cpu of every pod that has run for long enough.
    pub(super) fn sample_cpu(&mut self, observation: &Observation) {
        let Some(cpu) = self.service.workload.cpu else { return };
        let now = self.now;
        let oldest = now - observation.lag - 2 * observation.cpu_window;
        for place in self.replicas.iter_mut().filter(|place| exists(place)) {
            advance_work(place, now, Some(cpu));
            let mean = (place.used - place.used_at_scrape) / i128::from(observation.cpu_window.max(1));
            place.used_at_scrape = place.used;
            let runs = !matches!(place.life, Life::NoRoom | Life::Pending);
            if !runs || now < place.scheduled + observation.sample_delay {
                continue;
            }
            while place.samples.front().is_some_and(|(at, _)| *at < oldest) {
                place.samples.pop_front();
            }
            place.samples.push_back((now, i64::try_from(mean).unwrap_or(i64::MAX)));
        }
    }

    /// Every pod, leaving ones included, with what a signal reads of it.
    pub(super) fn pods(&self, signal: &MetricSource, observation: &Observation) -> (Vec<Pod>, Vec<PodReading>) {
        let at = self.now - observation.lag;
        let request = self.service.workload.cpu.map(|cpu| cpu.request);
        let read = |place: &Replica| {
            let value = match signal {
                MetricSource::Cpu => place.samples.iter().rev().find(|(made, _)| *made <= at).copied(),
                MetricSource::RunningPerPod if place.live => {
                    Some((at, i64::try_from(place.running.len()).unwrap_or(i64::MAX).saturating_mul(1000)))
                }
                _ => None,
            };
            let window = observation.cpu_window;
            let sample = value.map(|(at, value)| PodSample { value, at, window });
            (pod(place), PodReading { sample, request })
        };
        self.replicas.iter().filter(|place| exists(place)).map(read).unzip()
    }
}

fn exists(place: &Replica) -> bool {
    place.life != Life::Gone
}

fn pod(place: &Replica) -> Pod {
    let runs = !matches!(place.life, Life::NoRoom | Life::Pending);
    Pod {
        phase: if runs { Phase::Running } else { Phase::Pending },
        deleted: place.life == Life::Leaving,
        ready: if place.live { Ready::True } else { Ready::False },
        ready_changed: if place.live { place.ready_at } else { place.scheduled },
        started: runs.then_some(place.scheduled),
    }
}
