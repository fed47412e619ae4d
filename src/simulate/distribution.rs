//! Percentiles: exact up to a million values, by buckets of 1 % above that.

use super::Nanos;

/// How many values are kept as they are.
pub const EXACT: usize = 1_000_000;

/// Durations whose percentiles are asked for.
#[derive(Debug, Clone, Default)]
pub struct DurationDistribution {
    values: Vec<Nanos>,
    /// Counts of buckets; empty while every value is kept.
    buckets: Vec<u64>,
    count: u64,
    sum: i128,
    max: Nanos,
    censored: u64,
    sorted: bool,
}

impl DurationDistribution {
    /// Adds one duration.
    pub fn push(&mut self, value: Nanos) {
        self.count += 1;
        self.sum += i128::from(value);
        self.max = self.max.max(value);
        if self.buckets.is_empty() && self.values.len() < EXACT {
            self.values.push(value);
            self.sorted = false;
            return;
        }
        self.coarsen();
        self.count_in_bucket(value, 1);
    }

    /// Adds one duration of which only a lower bound is known.
    pub fn push_censored(&mut self, value: Nanos) {
        self.push(value);
        self.censored += 1;
    }

    fn coarsen(&mut self) {
        for value in std::mem::take(&mut self.values) {
            self.count_in_bucket(value, 1);
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
        if self.buckets.is_empty() && other.buckets.is_empty() && self.values.len() + other.values.len() <= EXACT {
            self.values.extend_from_slice(&other.values);
        } else {
            self.coarsen();
            for value in &other.values {
                self.count_in_bucket(*value, 1);
            }
            for (bucket, count) in other.buckets.iter().enumerate().filter(|(_, count)| **count > 0) {
                self.count_in_bucket(upper_edge(bucket), *count);
            }
        }
        self.sorted = false;
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
            if !self.sorted {
                self.values.sort_unstable();
                self.sorted = true;
            }
            return self.values.get(usize::try_from(rank - 1).ok()?).copied();
        }
        let mut below = 0;
        let bucket = self.buckets.iter().position(|count| {
            below += count;
            below >= rank
        })?;
        Some(upper_edge(bucket).min(self.max))
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
