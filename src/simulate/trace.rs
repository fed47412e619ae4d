//! Demand over time: how many jobs arrive (statements W2, W3).

use super::{MINUTE, Nanos};

/// Steps of demand, in order and without overlap. What is between two steps is a gap.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trace {
    /// The steps, by their beginning.
    pub steps: Vec<DemandStep>,
    /// Whether it is given how jobs are spread within a step, so that bursts in it are no longer hidden (W3).
    pub is_arrival_form_given: bool,
}

/// A time with one demand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DemandStep {
    /// Its first instant.
    pub from: Nanos,
    /// The first instant after it, above `from`.
    pub to: Nanos,
    /// The jobs that arrive in it.
    pub jobs: Jobs,
    /// How reliable it is.
    pub quality: Quality,
}

/// How many jobs arrive in a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Jobs {
    /// This many, at unknown instants.
    Counted(u64),
    /// This many on average, 0 or more.
    Expected(f64),
}

/// How reliable a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quality {
    /// The demand was seen.
    #[default]
    Known,
    /// Capacity cut it: it is "at least" (W2).
    Capped,
    /// Nothing was recorded: metrics fail here and nothing is scored (W3).
    Gap,
}

/// How the jobs of a step are distributed in it (W3).
#[derive(Debug, Clone, PartialEq)]
pub enum Arrivals {
    /// Each at a random instant. A counted step has exactly its jobs.
    Poisson,
    /// At equal distances.
    Even,
    /// This many at once, at random instants.
    Batch(u32),
    /// At these instants, in order; the steps only say what is scored.
    Listed(std::sync::Arc<[Nanos]>),
}

impl Trace {
    /// Steps in any order. Empty steps are dropped, and where two overlap the earlier one is cut.
    #[must_use]
    pub fn new(mut steps: Vec<DemandStep>) -> Self {
        steps.sort_by_key(|step| step.from);
        let mut kept: Vec<DemandStep> = Vec::with_capacity(steps.len());
        for step in steps {
            if let Some(last) = kept.last_mut() {
                last.to = last.to.min(step.from);
            }
            kept.push(step);
        }
        kept.retain(|step| step.to > step.from);
        Trace { steps: kept, is_arrival_form_given: false }
    }

    /// The times between its steps, and those of which a step says that nothing was recorded.
    #[must_use]
    pub fn gaps(&self) -> Vec<(Nanos, Nanos)> {
        let mut gaps: Vec<(Nanos, Nanos)> = Vec::new();
        let mut add = |from: Nanos, to: Nanos| match gaps.last_mut() {
            _ if from >= to => {}
            Some(last) if last.1 == from => last.1 = to,
            _ => gaps.push((from, to)),
        };
        let mut before = self.steps.first().map_or(0, |step| step.from);
        for step in &self.steps {
            add(before, step.from);
            if step.quality == Quality::Gap {
                add(step.from, step.to);
            }
            before = step.to;
        }
        gaps
    }

    /// One constant rate of jobs a second, from 0 on.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "durations are far below 2^53 ns")]
    pub fn constant(jobs_per_second: f64, length: Nanos) -> Self {
        let jobs = Jobs::Expected(jobs_per_second * (length as f64 / 1e9));
        Trace::new(vec![DemandStep { from: 0, to: length, jobs, quality: Quality::Known }])
    }

    /// How many jobs arrive, on average.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub fn expected_jobs(&self) -> f64 {
        let jobs = |jobs: Jobs| match jobs {
            Jobs::Counted(count) => count as f64,
            Jobs::Expected(mean) => mean,
        };
        self.steps.iter().map(|step| jobs(step.jobs)).sum()
    }

    /// The first instant, 0 for an empty trace.
    #[must_use]
    pub fn from(&self) -> Nanos {
        self.steps.first().map_or(0, |step| step.from)
    }

    /// The first instant after it.
    #[must_use]
    pub fn to(&self) -> Nanos {
        self.steps.last().map_or(0, |step| step.to)
    }

    /// This trace with every demand multiplied. A counted step is rounded.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let scale = |step: &DemandStep| {
            let jobs = match step.jobs {
                Jobs::Counted(count) => Jobs::Counted(rounded(count, factor)),
                Jobs::Expected(mean) => Jobs::Expected(mean * factor),
            };
            DemandStep { jobs, ..*step }
        };
        Trace { steps: self.steps.iter().map(scale).collect(), ..*self }
    }

    /// The steps that begin from one instant up to another.
    #[must_use]
    pub fn part(&self, from: Nanos, to: Nanos) -> Self {
        let steps = self.steps.iter().filter(|step| (from..to).contains(&step.from)).copied().collect();
        Trace { steps, ..*self }
    }

    /// The share of time that capacity cut (W2), from 0 to 1, of the time that is not a gap.
    #[must_use]
    pub fn capped_share(&self) -> f64 {
        let known: Nanos = self.length_of(|quality| quality != Quality::Gap);
        share(self.length_of(|quality| quality == Quality::Capped), known)
    }

    /// The share of time without a recording (W3), from 0 to 1.
    #[must_use]
    pub fn gap_share(&self) -> f64 {
        let whole = self.to() - self.from();
        share(whole - self.length_of(|quality| quality != Quality::Gap), whole)
    }

    /// The usual step, if it is so long that it hides bursts and the distribution of jobs in it is unknown (W3).
    #[must_use]
    pub fn hidden_bursts(&self) -> Option<Nanos> {
        let mut lengths: Vec<Nanos> =
            self.steps.iter().filter(|step| step.quality != Quality::Gap).map(|step| step.to - step.from).collect();
        lengths.sort_unstable();
        let usual = lengths.get(lengths.len() / 2).copied()?;
        // a trace of one step is a rate that stands for all of its time
        (usual > MINUTE && lengths.len() > 1 && !self.is_arrival_form_given).then_some(usual)
    }

    /// The stretches of time that are scored: recorded without a gap.
    #[must_use]
    pub fn scored(&self) -> Vec<(Nanos, Nanos)> {
        let mut all: Vec<(Nanos, Nanos)> = Vec::new();
        for step in self.steps.iter().filter(|step| step.quality != Quality::Gap) {
            match all.last_mut() {
                Some(last) if last.1 == step.from => last.1 = step.to,
                _ => all.push((step.from, step.to)),
            }
        }
        all
    }

    fn length_of(&self, wanted: impl Fn(Quality) -> bool) -> Nanos {
        self.steps.iter().filter(|step| wanted(step.quality)).map(|step| step.to - step.from).sum()
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it saturates"
)]
fn rounded(count: u64, factor: f64) -> u64 {
    (count as f64 * factor).round() as u64
}

#[expect(clippy::cast_precision_loss, reason = "durations are far below 2^53 ns")]
fn share(part: Nanos, whole: Nanos) -> f64 {
    if whole > 0 { part as f64 / whole as f64 } else { 0.0 }
}
