//! Pods as the controller sees them, and which of them count (S12, S13).

use super::HpaSetup;
use crate::simulate::Nanos;

/// The pods of the target's selector: counted, or one by one.
#[derive(Debug, Clone, Copy)]
pub enum Pods<'a> {
    /// Enough for External and Object metrics. Metrics of pods fail with it.
    Counts {
        /// All pods, terminating ones included.
        existing: i32,
        /// Those that are Running and Ready, terminating ones included (S9).
        ready: i32,
    },
    /// Each pod. [`super::Reading::Pods`] has one entry for each, in this order.
    List(&'a [Pod]),
}

/// One pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pod {
    /// `status.phase`.
    pub phase: Phase,
    /// Whether it has a deletion timestamp.
    pub deleted: bool,
    /// The condition Ready.
    pub ready: Ready,
    /// The last transition of the condition Ready.
    pub ready_changed: Nanos,
    /// `status.startTime`: when the kubelet took it.
    pub started: Option<Nanos>,
}

/// `status.phase` of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not all containers run.
    Pending,
    /// Bound to a node, containers created.
    Running,
    /// All containers ended well.
    Succeeded,
    /// All containers ended, one badly.
    Failed,
}

/// The condition Ready of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ready {
    /// It takes traffic.
    True,
    /// It does not.
    False,
    /// The node is not heard of. That is not the same as False (S13).
    Unknown,
    /// There is not such a condition yet.
    Absent,
}

/// What a metric of pods reads of one pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PodReading {
    /// The sample, if there is one.
    pub sample: Option<PodSample>,
    /// The request of the resource in milli-units (S12): the pod's own where set, else the sum over containers; for
    /// a ContainerResource that container's. `None`: a container has none, so the metric fails. Pods metrics and
    /// AverageValue do not look at it.
    pub request: Option<i64>,
}

/// A sample of the metrics API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PodSample {
    /// Milli-units.
    pub value: i64,
    /// The end of the time that it covers.
    pub at: Nanos,
    /// How long that time is.
    pub window: Nanos,
}

/// What a metric of pods is about. Readiness matters for cpu alone (S13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PodResource {
    /// cpu.
    Cpu,
    /// Memory, or any other resource.
    Other,
}

/// What S13 makes of one pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PodClass {
    Counts(i64),
    Unready,
    Missing,
    Ignored,
}

impl Pods<'_> {
    /// How many pods there are, and how many are Running and Ready (S9).
    pub(super) fn counts(&self) -> (i32, i32) {
        match self {
            Pods::Counts { existing, ready } => (*existing, *ready),
            Pods::List(pods) => {
                let ready = pods.iter().filter(|pod| pod.phase == Phase::Running && pod.ready == Ready::True);
                (whole(pods.len()), whole(ready.count()))
            }
        }
    }
}

fn whole(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// S13: the group of one pod, in the controller's order.
pub(super) fn group(config: &HpaSetup, now: Nanos, resource: PodResource, pod: &Pod, reading: &PodReading) -> PodClass {
    if pod.deleted || pod.phase == Phase::Failed {
        return PodClass::Ignored;
    }
    if pod.phase == Phase::Pending {
        return PodClass::Unready;
    }
    let Some(sample) = reading.sample else { return PodClass::Missing };
    if resource == PodResource::Cpu && is_unready(config, now, pod, &sample) {
        return PodClass::Unready;
    }
    PodClass::Counts(sample.value)
}

/// S13, for cpu: whether the sample of a pod says nothing yet.
fn is_unready(config: &HpaSetup, now: Nanos, pod: &Pod, sample: &PodSample) -> bool {
    let (Some(started), false) = (pod.started, pod.ready == Ready::Absent) else { return true };
    if started + config.cpu_initialization > now {
        pod.ready == Ready::False || sample.at < pod.ready_changed + sample.window
    } else {
        pod.ready == Ready::False && started + config.initial_readiness_delay > pod.ready_changed
    }
}
