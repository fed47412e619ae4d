//! Recorded runs of the real HPA controller, replayed on [`crate::simulate::hpa`].
//!
//! A file is a JSON list of runs, or one run a line. A run has these fields; what is not said is optional.
//!
//! | field | meaning |
//! |---|---|
//! | `Min`, `Max` | bounds; `Min` absent is 1 |
//! | `Start` | `spec.replicas` before the first tick |
//! | `Behavior` | `spec.behavior` as Kubernetes writes it, or `null` |
//! | `Kind` | `avg` External AverageValue, `value` External Value, `object-avg`, `object` the same of an Object, `pods` Pods, `cpu` Resource cpu Utilization, `cpu-avg` Resource cpu AverageValue, `memory`, `memory-avg`, `container` ContainerResource cpu Utilization |
//! | `Target` | milli-units; whole percent for Utilization |
//! | `Request` | request of each pod in milli-units |
//! | `Values` | one entry for each tick, 15 s apart, from 0 s on. A number: the metric's total; of pods, what each pod uses. `null`: the metric fails. A list: the series, or one entry for each pod, oldest first, `null` for none |
//! | `Ready` | seconds from a pod's making until it is Ready; before that it is Pending. 0: always ready |
//! | `Sample` | seconds from a pod's making until it has a sample. 0: always |
//! | `Pods` | instead of those two: for each tick a list of `{Phase, Deleted, Ready, ReadyChanged, Started, Value, At, Window, Request}`, times in seconds |
//! | `Status`, `ReadyPods` | for each tick `status.replicas` and ready pods, where they are not `spec.replicas` |
//! | `MinAt`, `MaxAt` | tick → new `[min, max]` from that tick on |
//! | `SetAt` | tick → `spec.replicas` that somebody else wrote before it |
//! | `RestartAt` | ticks before which the controller restarts |
//! | `ScaleToZero` | the gate, absent is off |
//! | `Tick` | seconds between ticks, absent is 15 |
//! | `Out` | `spec.replicas` after each tick |
//!
//! Unknown fields are refused, so that a recording is never read for less than it says.

mod behavior;
mod replay;

pub use replay::Replayed;

use serde::Deserialize;
use std::collections::BTreeMap;

/// One recorded run.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RecordedRun {
    #[serde(default = "default_one")]
    min: i32,
    max: i32,
    start: i32,
    #[serde(default)]
    behavior: Option<behavior::Written>,
    kind: String,
    target: i64,
    #[serde(default)]
    request: Option<i64>,
    values: Vec<MetricValue>,
    #[serde(default)]
    ready: i64,
    #[serde(default)]
    sample: i64,
    #[serde(default)]
    pods: Option<Vec<Vec<PodAt>>>,
    #[serde(default)]
    status: Option<Vec<i32>>,
    #[serde(default)]
    ready_pods: Option<Vec<i32>>,
    #[serde(default)]
    min_at: BTreeMap<usize, [i32; 2]>,
    #[serde(default)]
    max_at: BTreeMap<usize, [i32; 2]>,
    #[serde(default)]
    set_at: BTreeMap<usize, i32>,
    #[serde(default)]
    restart_at: Vec<usize>,
    #[serde(default)]
    scale_to_zero: bool,
    #[serde(default = "fifteen")]
    tick: i64,
    out: Vec<i32>,
}

fn default_one() -> i32 {
    1
}

fn fifteen() -> i64 {
    15
}

/// The value of a metric at one tick.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum MetricValue {
    Total(i64),
    Each(Vec<Option<i64>>),
    Failed(()),
}

/// One pod at one tick; times in seconds.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PodAt {
    #[serde(default)]
    phase: Option<String>,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    ready: Option<String>,
    #[serde(default)]
    ready_changed: i64,
    #[serde(default)]
    started: Option<i64>,
    #[serde(default)]
    value: Option<i64>,
    #[serde(default)]
    at: Option<i64>,
    #[serde(default)]
    window: i64,
    #[serde(default)]
    request: Option<i64>,
}

/// Reads runs from a file's text and replays each of them.
///
/// # Errors
///
/// The text that cannot be read, with the number of the run.
pub fn replay(text: &str) -> Result<Vec<Replayed>, String> {
    read(text)?
        .iter()
        .enumerate()
        .map(|(at, run)| run.replay().map_err(|why| format!("run {}: {why}", at + 1)))
        .collect()
}

/// Reads runs from a file's text: a JSON list, or one JSON object a line.
///
/// # Errors
///
/// The text that cannot be read.
pub fn read(text: &str) -> Result<Vec<RecordedRun>, String> {
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).map_err(|error| error.to_string());
    }
    let stream = serde_json::Deserializer::from_str(text).into_iter::<RecordedRun>();
    stream.map(|run| run.map_err(|error| error.to_string())).collect()
}
