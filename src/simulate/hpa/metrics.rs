//! From metrics to a number of replicas (S5 to S16).

use super::pods::{Pod, PodClass, PodReading, PodResource, Pods, group};
use super::{HpaSetup, HpaTick, behavior::Rules};

/// One entry of `spec.metrics`. Values and targets are milli-units (S10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// A number from outside, summed over its series.
    External(ExternalTarget),
    /// A number of one object.
    Object(ExternalTarget),
    /// A number of each pod, with the average wanted.
    Pods {
        /// The average wanted, above 0.
        average: i64,
    },
    /// Use of a resource by each pod.
    Resource(PodResource, ResourceTarget),
    /// Use of a resource by one container of each pod. The readings are that container's.
    ContainerResource(PodResource, ResourceTarget),
}

/// The target of an External or Object metric, in milli-units above 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExternalTarget {
    /// For each replica of the status (S8).
    AverageValue(i64),
    /// For all of them (S9).
    Value(i64),
}

/// The target of a Resource or ContainerResource metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceTarget {
    /// Percent of the request, above 0.
    Utilization(i32),
    /// Milli-units of the resource for each pod, above 0.
    AverageValue(i64),
}

/// What a metric reads at one sync.
#[derive(Debug, Clone, Copy)]
pub enum Reading<'a> {
    /// The metrics API gave an error, or nothing.
    Failed,
    /// An External metric's sum, or an Object metric's value, in milli-units.
    Total(i64),
    /// An External metric's series, in milli-units. They are summed as the controller sums them (S10).
    Series(&'a [i64]),
    /// One entry for each pod of [`Pods::List`].
    Pods(&'a [PodReading]),
}

impl Default for Metric {
    /// cpu at 80 % of the request (S4).
    fn default() -> Self {
        Metric::Resource(PodResource::Cpu, ResourceTarget::Utilization(80))
    }
}

impl Metric {
    /// Whether it can be read at 0 replicas (Z1).
    #[must_use]
    pub fn is_object_or_external(&self) -> bool {
        matches!(self, Metric::External(_) | Metric::Object(_))
    }
}

/// The tolerance of both directions, as bounds of the ratio (S6, S7).
#[derive(Debug, Clone, Copy)]
struct Tolerance {
    least: f64,
    most: f64,
}

impl Tolerance {
    fn new(config: &HpaSetup) -> Self {
        let own = |rules: &Rules| rules.tolerance.filter(|_| config.configurable_tolerance);
        let (mut up, mut down) = (config.tolerance, config.tolerance);
        if let Some(behavior) = &config.behavior {
            up = own(&behavior.scale_up).unwrap_or(up);
            down = own(&behavior.scale_down).unwrap_or(down);
        }
        Tolerance { least: 1.0 - down, most: 1.0 + up }
    }

    /// Both ends included; false for a ratio that is not a number (S8).
    fn holds(self, ratio: f64) -> bool {
        self.least <= ratio && ratio <= self.most
    }
}

/// S5: the largest proposal. `None` where the tick fails: every metric failed, or one did and the rest say less
/// than the current count. The answer is at least 0.
pub(super) fn propose(config: &HpaSetup, tick: &HpaTick) -> Option<i32> {
    let tolerance = Tolerance::new(config);
    let (mut best, mut failed) = (0, 0);
    for (index, metric) in config.metrics.iter().enumerate() {
        let reading = tick.readings.get(index).copied().unwrap_or(Reading::Failed);
        match propose_one(config, tick, tolerance, metric, reading) {
            Some(proposal) if best == 0 || proposal > best => best = proposal,
            Some(_) => {}
            None => failed += 1,
        }
    }
    let useless = failed >= config.metrics.len() || (failed > 0 && best < tick.current);
    (!useless).then_some(best.max(0))
}

fn propose_one(
    config: &HpaSetup,
    tick: &HpaTick,
    tolerance: Tolerance,
    metric: &Metric,
    reading: Reading,
) -> Option<i32> {
    match (metric, reading) {
        (Metric::External(ExternalTarget::AverageValue(target)), Reading::Total(value)) => {
            Some(average_value(tick, tolerance, below_zero_is_most(value), *target))
        }
        (Metric::External(ExternalTarget::AverageValue(target)), Reading::Series(values)) => {
            Some(average_value(tick, tolerance, sum_for_average(values), *target))
        }
        (Metric::Object(ExternalTarget::AverageValue(target)), Reading::Total(value)) => {
            Some(average_value(tick, tolerance, value, *target))
        }
        (Metric::External(ExternalTarget::Value(target)), Reading::Series(values)) => {
            total_value(tick, tolerance, sum_for_value(values), *target)
        }
        (
            Metric::External(ExternalTarget::Value(target)) | Metric::Object(ExternalTarget::Value(target)),
            Reading::Total(value),
        ) => total_value(tick, tolerance, value, *target),
        (Metric::Pods { average }, Reading::Pods(readings)) => {
            let ratio = RatioOf::Average(*average);
            of_pods(config, tick, tolerance, PodResource::Other, ratio, readings)
        }
        (Metric::Resource(resource, target) | Metric::ContainerResource(resource, target), Reading::Pods(readings)) => {
            let ratio = match target {
                ResourceTarget::Utilization(percent) => RatioOf::Request(*percent),
                ResourceTarget::AverageValue(average) => RatioOf::Average(*average),
            };
            of_pods(config, tick, tolerance, *resource, ratio, readings)
        }
        _ => None,
    }
}

/// S10: with AverageValue a sum below 0 is taken for an overflow.
fn below_zero_is_most(sum: i64) -> i64 {
    if sum < 0 { i64::MAX } else { sum }
}

/// The sum of series for AverageValue: from the first partial sum below 0 on it is the largest number (S10).
fn sum_for_average(values: &[i64]) -> i64 {
    let add = |sum: i64, value: &i64| Some(sum.wrapping_add(*value)).filter(|sum| *sum >= 0);
    values.iter().try_fold(0, add).unwrap_or(i64::MAX)
}

/// The sum of series for Value: an overflow is the largest number, below 0 stays (S10).
fn sum_for_value(values: &[i64]) -> i64 {
    values.iter().try_fold(0i64, |sum, value| sum.checked_add(*value).ok_or(())).unwrap_or(i64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "the controller converts the same way")]
fn float(value: i64) -> f64 {
    value as f64
}

/// The next whole number up, at the ends of `i32` where it is beyond.
#[expect(clippy::cast_possible_truncation, reason = "it saturates, and 0 for no number is what is wanted")]
fn ceil(value: f64) -> i32 {
    value.ceil() as i32
}

/// S8.
fn average_value(tick: &HpaTick, tolerance: Tolerance, value: i64, target: i64) -> i32 {
    let ratio = float(value) / (float(target) * f64::from(tick.status));
    if tolerance.holds(ratio) { tick.status } else { ceil(float(value) / float(target)) }
}

/// S9.
fn total_value(tick: &HpaTick, tolerance: Tolerance, value: i64, target: i64) -> Option<i32> {
    let ratio = float(value) / float(target);
    if tick.current == 0 {
        return Some(ceil(ratio));
    }
    if tolerance.holds(ratio) {
        return Some(tick.current);
    }
    let (existing, ready) = tick.pods.counts();
    (existing > 0).then(|| ceil(ratio * f64::from(ready)))
}

/// What a ratio of pods is taken of.
#[derive(Debug, Clone, Copy)]
enum RatioOf {
    /// The request, with this percentage wanted.
    Request(i32),
    /// Nothing, with this average wanted in milli-units.
    Average(i64),
}

/// Sums over a group of pods.
#[derive(Debug, Clone, Copy, Default)]
struct PodSums {
    usage: i64,
    request: i64,
    count: i64,
}

impl PodSums {
    fn add(&mut self, usage: i64, request: i64) {
        self.usage = self.usage.wrapping_add(usage);
        self.request = self.request.wrapping_add(request);
        self.count += 1;
    }

    fn plus(self, other: PodSums) -> Self {
        PodSums {
            usage: self.usage.wrapping_add(other.usage),
            request: self.request.wrapping_add(other.request),
            count: self.count + other.count,
        }
    }

    /// These pods with a use of 0.
    fn idle(self) -> Self {
        PodSums { usage: 0, ..self }
    }
}

impl RatioOf {
    /// S11: both kinds truncate before they divide by the target.
    #[expect(clippy::cast_possible_truncation, reason = "the controller truncates a percentage the same way")]
    fn ratio(self, sums: PodSums) -> Option<f64> {
        match self {
            RatioOf::Request(target) => {
                let percent = sums.usage.wrapping_mul(100).checked_div(sums.request)? as i32;
                Some(f64::from(percent) / f64::from(target))
            }
            RatioOf::Average(target) => Some(float(sums.usage.checked_div(sums.count)?) / float(target)),
        }
    }

    /// What a missing pod is taken to use when the rest use too little (S15).
    fn assumed(self, request: i64) -> i64 {
        match self {
            RatioOf::Request(target) => request.wrapping_mul(i64::from(target.max(100))) / 100,
            RatioOf::Average(target) => target,
        }
    }
}

/// S12 to S16: a proposal from numbers of pods.
fn of_pods(
    config: &HpaSetup,
    tick: &HpaTick,
    tolerance: Tolerance,
    resource: PodResource,
    of: RatioOf,
    readings: &[PodReading],
) -> Option<i32> {
    let Pods::List(pods) = tick.pods else { return None };
    let (counting, missing, unready) = sums_of(config, tick, resource, of, pods, readings)?;
    if counting.count == 0 {
        return None;
    }
    let ratio = of.ratio(counting)?;
    let starting = unready.count > 0 && ratio > 1.0;
    if !starting && missing.count == 0 {
        let replicas = if tolerance.holds(ratio) { tick.current } else { ceil(ratio * float(counting.count)) };
        return Some(replicas);
    }
    let mut all = counting;
    if ratio < 1.0 {
        all = all.plus(missing);
    } else if ratio > 1.0 {
        all = all.plus(missing.idle());
    }
    if starting {
        all = all.plus(unready.idle());
    }
    let new = of.ratio(all)?;
    if tolerance.holds(new) || (ratio < 1.0 && new > 1.0) || (ratio > 1.0 && new < 1.0) {
        return Some(tick.current);
    }
    let replicas = ceil(new * float(all.count));
    let against = (new < 1.0 && replicas > tick.current) || (new > 1.0 && replicas < tick.current);
    Some(if against { tick.current } else { replicas })
}

/// The pods that count, the missing ones with what they are assumed to use, and the unready ones. `None` where a
/// request is needed and missing, of any pod (S12).
fn sums_of(
    config: &HpaSetup,
    tick: &HpaTick,
    resource: PodResource,
    of: RatioOf,
    pods: &[Pod],
    readings: &[PodReading],
) -> Option<(PodSums, PodSums, PodSums)> {
    let (mut counting, mut missing, mut unready) = (PodSums::default(), PodSums::default(), PodSums::default());
    for (index, pod) in pods.iter().enumerate() {
        let reading = readings.get(index).copied().unwrap_or(PodReading { sample: None, request: None });
        let request = match of {
            RatioOf::Request(_) => reading.request?,
            RatioOf::Average(_) => 0,
        };
        match group(config, tick.now, resource, pod, &reading) {
            PodClass::Counts(usage) => counting.add(usage, request),
            PodClass::Missing => missing.add(of.assumed(request), request),
            PodClass::Unready => unready.add(0, request),
            PodClass::Ignored => {}
        }
    }
    Some((counting, missing, unready))
}
