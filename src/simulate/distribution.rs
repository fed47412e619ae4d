//! Percentiles: exact up to a million values, by buckets of 1 % above that.

use super::Nanos;

/// How many values are kept as they are.
pub const EXACT: u64 = 1_000_000;

/// Durations whose percentiles are asked for.
#[derive(Debug, Clone, Default)]
pub struct DurationDistribution {
    /// Those that are not 0, while every value is kept.
    values: Vec<Nanos>,
    /// How many are 0 beside them: most waits are.
    zeros: u64,
    /// Counts of buckets; empty while every value is kept.
    buckets: Vec<u64>,
    count: u64,
    sum: i128,
    max: Nanos,
    censored: u64,
    /// Indexes whose value is the one that sorting would put there, in order.
    settled: Vec<usize>,
}

impl DurationDistribution {
    /// Adds one duration, at least 0.
    #[inline]
    pub fn push(&mut self, value: Nanos) {
        self.count += 1;
        self.sum += i128::from(value);
        self.max = self.max.max(value);
        if self.buckets.is_empty() && self.count <= EXACT {
            if value == 0 {
                self.zeros += 1;
            } else {
                self.settled.clear();
                self.values.push(value);
            }
            return;
        }
        self.coarsen();
        self.count_in_bucket(value, 1);
    }

    /// Adds one duration of which only a lower bound is known.
    pub fn push_censored(&mut self, value: Nanos) {
        self.push(value);
        self.censor();
    }

    /// Only a lower bound is known of the duration added last.
    pub fn censor(&mut self) {
        self.censored += 1;
    }

    fn coarsen(&mut self) {
        for value in std::mem::take(&mut self.values) {
            self.count_in_bucket(value, 1);
        }
        let zeros = std::mem::take(&mut self.zeros);
        if zeros > 0 {
            self.count_in_bucket(0, zeros);
        }
    }

    fn count_in_bucket(&mut self, value: Nanos, count: u64) {
        let bucket = bucket_of(value);
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, 0);
        }
        if let Some(slot) = self.buckets.get_mut(bucket) {
            *slot += count;
        }
    }

    /// Adds every value of another. Percentiles of the whole are exact while all values are kept; buckets merge exactly.
    pub fn merge(&mut self, other: &DurationDistribution) {
        if self.buckets.is_empty() && other.buckets.is_empty() && self.count + other.count <= EXACT {
            self.values.extend_from_slice(&other.values);
            self.zeros += other.zeros;
        } else {
            self.coarsen();
            for value in &other.values {
                self.count_in_bucket(*value, 1);
            }
            if other.zeros > 0 {
                self.count_in_bucket(0, other.zeros);
            }
            for (bucket, count) in other.buckets.iter().enumerate().filter(|(_, count)| **count > 0) {
                self.count_in_bucket(upper_edge(bucket), *count);
            }
        }
        self.settled.clear();
        self.count += other.count;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
        self.censored += other.censored;
    }

    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The sum of them all.
    #[must_use]
    pub fn sum(&self) -> i128 {
        self.sum
    }

    /// How many of them are lower bounds.
    #[must_use]
    pub fn censored(&self) -> u64 {
        self.censored
    }

    /// Whether percentiles are exact.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.buckets.is_empty()
    }

    /// The largest value; `None` without any.
    #[must_use]
    pub fn max(&self) -> Option<Nanos> {
        (self.count > 0).then_some(self.max)
    }

    /// The mean, rounded down; `None` without any value.
    #[must_use]
    pub fn mean(&self) -> Option<Nanos> {
        let mean = self.sum.checked_div(i128::from(self.count))?;
        i64::try_from(mean).ok()
    }

    /// The ⌈q·N⌉-th smallest value for q in thousandths from 1 to 1000; `None` without any.
    pub fn percentile(&mut self, thousandths: u64) -> Option<Nanos> {
        if self.count == 0 {
            return None;
        }
        let rank = (u128::from(self.count) * u128::from(thousandths)).div_ceil(1000).max(1);
        let rank = u64::try_from(rank).unwrap_or(self.count).min(self.count);
        if self.buckets.is_empty() {
            // a value below 0 would come before the zeros: durations have none
            return match rank.checked_sub(self.zeros + 1) {
                None => Some(0),
                Some(rank) => self.at_rank(usize::try_from(rank).ok()?),
            };
        }
        let mut below = 0;
        let bucket = self.buckets.iter().position(|count| {
            below += count;
            below >= rank
        })?;
        Some(upper_edge(bucket).min(self.max))
    }
}

impl DurationDistribution {
    /// The value at an index of the kept ones, as if they were sorted. What is asked for is put in its place, nothing else: a few
    /// ranks take far less than sorting.
    fn at_rank(&mut self, rank: usize) -> Option<Nanos> {
        let next = self.settled.partition_point(|settled| *settled < rank);
        if self.settled.get(next) != Some(&rank) {
            let from = next.checked_sub(1).and_then(|last| self.settled.get(last)).map_or(0, |last| last + 1);
            let to = self.settled.get(next).copied().unwrap_or(self.values.len());
            let between = self.values.get_mut(from..to).filter(|between| rank - from < between.len())?;
            between.select_nth_unstable(rank - from);
            self.settled.insert(next, rank);
        }
        self.values.get(rank).copied()
    }
}

/// 0 has a bucket of its own; after it each is 1 % wider than the last.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 5000")]
fn bucket_of(value: Nanos) -> usize {
    if value <= 0 {
        return 0;
    }
    let mut bucket = ((value as f64).ln() / 1.01f64.ln()).ceil() as usize + 1;
    // the logarithm may be off by one bucket at its edge
    while bucket > 1 && upper_edge(bucket - 1) >= value {
        bucket -= 1;
    }
    while upper_edge(bucket) < value {
        bucket += 1;
    }
    bucket
}

#[expect(clippy::cast_possible_truncation, reason = "it saturates")]
fn upper_edge(bucket: usize) -> Nanos {
    match i32::try_from(bucket) {
        Ok(0) => 0,
        Ok(bucket) => 1.01f64.powi(bucket - 1).floor() as Nanos,
        Err(_) => Nanos::MAX,
    }
}

/// A statistic of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statistic {
    /// The median.
    P50,
    /// The 90th percentile.
    P90,
    /// The 95th percentile.
    P95,
    /// The 99th percentile.
    P99,
    /// The largest.
    Max,
    /// The mean.
    Mean,
}

impl Statistic {
    /// Every statistic.
    pub const ALL: [Statistic; 6] =
        [Statistic::P50, Statistic::P90, Statistic::P95, Statistic::P99, Statistic::Max, Statistic::Mean];

    /// As it is written after a name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Statistic::P50 => "p50",
            Statistic::P90 => "p90",
            Statistic::P95 => "p95",
            Statistic::P99 => "p99",
            Statistic::Max => "max",
            Statistic::Mean => "mean",
        }
    }

    /// The share of values at or below it, in thousandths; `None` for the mean.
    #[must_use]
    pub fn thousandths(self) -> Option<u64> {
        match self {
            Statistic::P50 => Some(500),
            Statistic::P90 => Some(900),
            Statistic::P95 => Some(950),
            Statistic::P99 => Some(990),
            Statistic::Max => Some(1000),
            Statistic::Mean => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DurationDistribution;
    use crate::simulate::random::{Random, Stream};

    #[test]
    fn percentiles_in_any_order_are_those_of_the_sorted_values() {
        let mut dice = Random::new(1, Stream::Dispatch);
        for turn in 0..300 {
            let (mut all, mut plain) = (DurationDistribution::default(), Vec::new());
            for _ in 0..3 {
                for _ in 0..dice.below(200) {
                    // few different ones, many of them 0
                    let value = i64::try_from(dice.below(40)).unwrap_or(0).saturating_sub(turn % 40).max(0);
                    all.push(value);
                    plain.push(value);
                }
                plain.sort_unstable();
                for _ in 0..8 {
                    let asked = 1 + dice.below(1000);
                    let rank = (u64::try_from(plain.len()).unwrap_or(0) * asked).div_ceil(1000).max(1) - 1;
                    let wanted = usize::try_from(rank).ok().and_then(|rank| plain.get(rank)).copied();
                    assert_eq!(all.percentile(asked), wanted, "{asked} of {plain:?}");
                }
            }
        }
    }
}
