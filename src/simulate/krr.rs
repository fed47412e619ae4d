//! Requests as KRR recommends them, to the last digit on the same samples: robusta-dev/krr at d6baa745, strategy `simple`.
//!
//! The samples are those that KRR asks Prometheus for: of cpu the 75 s rates of each pod, of memory the working set of each
//! pod. A sum over pods has lost what KRR looks at. Knows no file and no spec.

use super::{HOUR, Nanos};

/// One series: the samples of one pod's container as one scrape job has them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PodSeries {
    /// The label `pod`.
    pub pod: String,
    /// The label `container`, empty if there is none.
    pub container: String,
    /// The label `job`, empty if there is none.
    pub job: String,
    /// Instants in order, with cores or bytes.
    pub samples: Vec<(Nanos, f64)>,
}

/// Fewer points, summed over pods, give no number (strategies/simple.py:127, 169).
pub const POINTS: usize = 100;
/// A shorter history gives no number (strategies/simple.py:68-70).
pub const SHORTEST: Nanos = 3 * HOUR;
/// Samples older than this before the last one are not used (abstract/strategies.py:47-50).
pub const HISTORY: Nanos = 14 * 24 * HOUR;
/// The step of KRR's queries, in seconds.
pub const STEP: f64 = 75.0;
/// The least request of cpu, in thousandths of a core (models/config.py).
pub const LEAST_CPU: u64 = 10;
/// The least request of memory, in bytes (models/config.py).
pub const LEAST_MEMORY: u64 = 100 << 20;

/// Why KRR has no number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoNumber {
    /// No series of the container.
    NoData,
    /// This many points, below [`POINTS`].
    TooFewPoints(usize),
    /// This short a history, below [`SHORTEST`].
    TooShort(Nanos),
}

/// The series that KRR keeps: of each pod that of the job `kubelet` if it has exactly one, else the first by its job's
/// name (metrics/base.py:216-246); of each only the last fourteen days of the whole.
#[must_use]
pub fn kept(series: &[PodSeries]) -> Vec<PodSeries> {
    let end = series.iter().filter_map(|series| series.samples.last()).map(|(at, _)| *at).max().unwrap_or(0);
    let mut pods: Vec<&str> = series.iter().map(|series| series.pod.as_str()).collect();
    pods.sort_unstable();
    pods.dedup();
    let chosen = pods.into_iter().filter_map(|pod| {
        let own: Vec<&PodSeries> = series.iter().filter(|series| series.pod == pod).collect();
        let kubelet: Vec<&&PodSeries> = own.iter().filter(|series| series.job == "kubelet").collect();
        match kubelet.as_slice() {
            [one] => Some(**one),
            _ => own.iter().min_by(|one, other| one.job.cmp(&other.job)).copied(),
        }
    });
    let recent = |one: &PodSeries| {
        let samples = one.samples.iter().filter(|(at, _)| *at > end - HISTORY).copied().collect();
        PodSeries { samples, ..one.clone() }
    };
    chosen.map(recent).filter(|series| !series.samples.is_empty()).collect()
}

/// From the first sample of all series to the last.
#[must_use]
pub fn history(series: &[PodSeries]) -> Nanos {
    let all = || series.iter().flat_map(|series| &series.samples).map(|(at, _)| *at);
    all().max().zip(all().min()).map_or(0, |(last, first)| last - first)
}

/// The request of cpu in thousandths of a core: the largest of the pods' own 95th percentiles, rounded up.
///
/// # Errors
/// Why KRR gives no number.
pub fn cpu(series: &[PodSeries]) -> Result<u64, NoNumber> {
    let kept = enough(series)?;
    let quantiles = kept.iter().filter_map(|series| quantile(0.95, &series.samples));
    let most = quantiles.fold(0.0, f64::max);
    Ok(whole((most * 1e3).ceil()).max(LEAST_CPU))
}

/// The request and limit of memory in bytes: the largest sample and 15 %, rounded up to whole MiB.
///
/// # Errors
/// Why KRR gives no number.
pub fn memory(series: &[PodSeries]) -> Result<u64, NoNumber> {
    let kept = enough(series)?;
    let most = largest(&kept) * (1.0 + 15.0 / 100.0);
    let mebibytes = (most * (1.0 / 1_048_576.0)).ceil();
    Ok((whole(mebibytes) << 20).max(LEAST_MEMORY))
}

/// The largest sample of all series, 0 without any.
#[must_use]
pub fn largest(series: &[PodSeries]) -> f64 {
    series.iter().flat_map(|series| &series.samples).map(|(_, value)| *value).fold(0.0, f64::max)
}

fn enough(series: &[PodSeries]) -> Result<Vec<PodSeries>, NoNumber> {
    let kept = kept(series);
    let points: usize = kept.iter().map(|series| series.samples.len()).sum();
    let long = history(&kept);
    match points {
        0 => Err(NoNumber::NoData),
        _ if long < SHORTEST => Err(NoNumber::TooShort(long)),
        few if few < POINTS => Err(NoNumber::TooFewPoints(few)),
        _ => Ok(kept),
    }
}

/// Prometheus' `quantile_over_time`: linear between the two nearest samples, in the order of its own arithmetic
/// (promql/quantile.go); `None` without samples.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn quantile(q: f64, samples: &[(Nanos, f64)]) -> Option<f64> {
    let mut values: Vec<f64> = samples.iter().map(|(_, value)| *value).collect();
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let rank = q * last as f64;
    let lower = index(rank.floor()).min(last);
    let weight = rank - rank.floor();
    let (low, high) = (values.get(lower)?, values.get((lower + 1).min(last))?);
    Some(low * (1.0 - weight) + high * weight)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
fn index(value: f64) -> usize {
    value as usize
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
fn whole(value: f64) -> u64 {
    value as u64
}
