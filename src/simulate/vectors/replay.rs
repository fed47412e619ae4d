//! Drives an HPA through one recorded run.

use super::{MetricValue, PodAt, RecordedRun};
use crate::simulate::hpa::{
    ExternalTarget, Hpa, HpaSetup, HpaTick, Metric, Phase, Pod, PodReading, PodResource, PodSample, Pods, Reading,
    Ready, ResourceTarget,
};
use crate::simulate::{Bounds, Nanos, SECOND};

/// The result of a replay beside the recorded one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// `spec.replicas` after each tick of the replay.
    pub got: Vec<i32>,
    /// `spec.replicas` after each tick of the recording.
    pub recorded: Vec<i32>,
}

impl Replayed {
    /// The first tick at which they differ; lengths count.
    #[must_use]
    pub fn first_difference(&self) -> Option<usize> {
        let differs = self.got.iter().zip(&self.recorded).position(|(one, other)| one != other);
        let short = self.got.len().min(self.recorded.len());
        differs.or((self.got.len() != self.recorded.len()).then_some(short))
    }
}

/// The pods of a run whose pods follow its replicas.
#[derive(Debug, Default)]
struct Crowd {
    pods: Vec<Pod>,
    readings: Vec<PodReading>,
    /// When each pod was made, in seconds; long ago for the first ones.
    made: Vec<i64>,
}

impl RecordedRun {
    /// Replays the run on a new [`Hpa`].
    ///
    /// # Errors
    ///
    /// A field with a value that cannot be replayed.
    pub fn replay(&self) -> Result<Replayed, String> {
        let config = self.config()?;
        let mut hpa = Hpa::new(config.clone());
        let mut crowd = Crowd::default();
        crowd.resize(self.start, i64::MIN / (4 * SECOND));
        let (mut current, mut bounds) = (self.start, Bounds { min: self.min, max: self.max });
        let mut got = Vec::with_capacity(self.values.len());
        for (index, value) in self.values.iter().enumerate() {
            let seconds = i64::try_from(index).map_err(|error| error.to_string())?.saturating_mul(self.tick);
            if let Some([min, max]) = self.max_at.get(&index).or_else(|| self.min_at.get(&index)) {
                bounds = Bounds { min: *min, max: *max };
            }
            if self.restart_at.contains(&index) {
                let slept = hpa.scaled_to_zero();
                hpa = Hpa::new(config.clone());
                hpa.set_scaled_to_zero(slept);
            }
            if let Some(set) = self.set_at.get(&index) {
                current = *set;
                crowd.resize(current, seconds);
            }
            current = self.tick(&mut hpa, &mut crowd, ReplayedTick { index, seconds, current, bounds }, value)?;
            crowd.resize(current, seconds);
            got.push(current);
        }
        Ok(Replayed { got, recorded: self.out.clone() })
    }

    fn config(&self) -> Result<HpaSetup, String> {
        let percent = || i32::try_from(self.target).map_err(|_| format!("Target {} is not a percentage", self.target));
        let utilization =
            |resource| Ok::<_, String>(Metric::Resource(resource, ResourceTarget::Utilization(percent()?)));
        let average = |resource| Metric::Resource(resource, ResourceTarget::AverageValue(self.target));
        let metric = match self.kind.as_str() {
            "avg" => Metric::External(ExternalTarget::AverageValue(self.target)),
            "value" => Metric::External(ExternalTarget::Value(self.target)),
            "object-avg" => Metric::Object(ExternalTarget::AverageValue(self.target)),
            "object" => Metric::Object(ExternalTarget::Value(self.target)),
            "pods" => Metric::Pods { average: self.target },
            "cpu" => utilization(PodResource::Cpu)?,
            "memory" => utilization(PodResource::Other)?,
            "cpu-avg" => average(PodResource::Cpu),
            "memory-avg" => average(PodResource::Other),
            "container" => Metric::ContainerResource(PodResource::Cpu, ResourceTarget::Utilization(percent()?)),
            other => return Err(format!("Kind `{other}` is not known")),
        };
        let mut config = HpaSetup::new(vec![metric]);
        config.behavior = self.behavior.as_ref().map(super::behavior::Written::behavior).transpose()?;
        config.scale_to_zero = self.scale_to_zero;
        Ok(config)
    }

    fn tick(&self, hpa: &mut Hpa, crowd: &mut Crowd, at: ReplayedTick, value: &MetricValue) -> Result<i32, String> {
        match self.pods.as_ref().map(|ticks| ticks.get(at.index)) {
            Some(Some(pods)) => crowd.set(pods, self.request)?,
            Some(None) => return Err(format!("Pods has no entry for tick {}", at.index)),
            None => crowd.observe(self, at.seconds, value),
        }
        let of = |list: &Option<Vec<i32>>, unsaid: i32| {
            list.as_ref().and_then(|list| list.get(at.index).copied()).unwrap_or(unsaid)
        };
        let status = of(&self.status, at.current);
        let of_pods = !matches!(hpa.config().metrics.first(), Some(Metric::External(_) | Metric::Object(_)));
        let listed = of_pods || self.pods.is_some() || (self.ready_pods.is_none() && self.ready > 0);
        let pods = if listed {
            Pods::List(&crowd.pods)
        } else {
            Pods::Counts { existing: status, ready: of(&self.ready_pods, status) }
        };
        let series: Vec<i64> = match value {
            MetricValue::Each(values) if !of_pods => values.iter().flatten().copied().collect(),
            _ => Vec::new(),
        };
        let reading = match value {
            MetricValue::Failed(()) => Reading::Failed,
            _ if of_pods => Reading::Pods(&crowd.readings),
            MetricValue::Total(total) => Reading::Total(*total),
            MetricValue::Each(_) => Reading::Series(&series),
        };
        let tick = HpaTick {
            now: at.seconds.saturating_mul(SECOND),
            current: at.current,
            status,
            bounds: at.bounds,
            pods,
            readings: &[reading],
        };
        Ok(hpa.tick(&tick).replicas)
    }
}

/// One tick of a run.
#[derive(Debug, Clone, Copy)]
struct ReplayedTick {
    index: usize,
    seconds: i64,
    current: i32,
    bounds: Bounds,
}

impl Crowd {
    /// New pods are made at `seconds`; the youngest go first.
    fn resize(&mut self, replicas: i32, seconds: i64) {
        self.made.resize(usize::try_from(replicas).unwrap_or(0), seconds);
    }

    /// The pods as their age says.
    fn observe(&mut self, run: &RecordedRun, now: i64, value: &MetricValue) {
        let of = |(index, made): (usize, &i64)| {
            let age = now.saturating_sub(*made);
            let ready = age >= run.ready;
            let value = match value {
                MetricValue::Total(each) => Some(*each),
                MetricValue::Each(values) => values.get(index).copied().flatten(),
                MetricValue::Failed(()) => None,
            };
            let sample = value.filter(|_| age >= run.sample);
            let pod = Pod {
                phase: if ready { Phase::Running } else { Phase::Pending },
                deleted: false,
                ready: if ready { Ready::True } else { Ready::False },
                ready_changed: time(made.saturating_add(run.ready)),
                started: Some(time(*made)),
            };
            let sample = sample.map(|value| PodSample { value, at: time(now), window: 0 });
            (pod, PodReading { sample, request: run.request })
        };
        (self.pods, self.readings) = self.made.iter().enumerate().map(of).unzip();
    }

    /// The pods as they were written down.
    fn set(&mut self, pods: &[PodAt], request: Option<i64>) -> Result<(), String> {
        let of = |pod: &PodAt| {
            let phase = match pod.phase.as_deref() {
                None | Some("Running") => Phase::Running,
                Some("Pending") => Phase::Pending,
                Some("Succeeded") => Phase::Succeeded,
                Some("Failed") => Phase::Failed,
                Some(other) => return Err(format!("Phase `{other}` is not known")),
            };
            let ready = match pod.ready.as_deref() {
                None | Some("True") => Ready::True,
                Some("False") => Ready::False,
                Some("Unknown") => Ready::Unknown,
                Some("Absent") => Ready::Absent,
                Some(other) => return Err(format!("Ready `{other}` is not known")),
            };
            let ready_changed = time(pod.ready_changed);
            let listed = Pod { phase, deleted: pod.deleted, ready, ready_changed, started: pod.started.map(time) };
            let at = time(pod.at.unwrap_or(i64::MAX / (4 * SECOND)));
            let sample = pod.value.map(|value| PodSample { value, at, window: time(pod.window) });
            Ok((listed, PodReading { sample, request: pod.request.or(request) }))
        };
        let both: Vec<(Pod, PodReading)> = pods.iter().map(of).collect::<Result<_, _>>()?;
        (self.pods, self.readings) = both.into_iter().unzip();
        Ok(())
    }
}

fn time(seconds: i64) -> Nanos {
    seconds.saturating_mul(SECOND)
}
