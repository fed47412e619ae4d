//! Tries a scaling policy before it ships: autoscalers as they really behave, and single jobs that wait for them.
//!
//! It knows nothing of YAML, of targets or of findings, and touches no file, clock or stream. Everything random comes
//! from a seed ([`random`]), so the same input gives the same output everywhere.
//!
//! # The parts
//!
//! | module | what it is for |
//! |---|---|
//! | [`hpa`] | the HorizontalPodAutoscaler controller of Kubernetes 1.36.2, tick by tick |
//! | [`keda`] | KEDA's own loop (0 ↔ 1, min, idle) and what it tells the HPA |
//! | [`foundry`] | the rule of Foundry's compute modules |
//! | [`fixed`] | a fixed count |
//! | [`schedule`] | bounds that windows change, for every engine |
//! | [`workload`] | service times, slots, dispatch, cpu, the life of a replica |
//! | [`trace`] | demand over time |
//! | [`demand`] | demand behind a recording of arrivals, running jobs or cpu |
//! | [`policy`] | what decides about replicas in a run, and what it is shown |
//! | [`jobs`] | one service under load, job by job |
//! | [`results`] | the published numbers, over many seeds, and their JSON form |
//! | [`together`] | what several services take together at each instant |
//! | [`assertion`] | what must hold of them |
//! | [`search`] | the cheapest of many candidates that meets assertions |
//! | [`krr`] | requests as KRR recommends them |
//! | [`distribution`] | percentiles |
//! | [`random`] | the named generator |
//! | [`vectors`] | recorded runs of the real controller, replayed |
//!
//! Statement numbers (S1, Z1, K1, F1, W1 …) in these documents name one statement about a real system each. The
//! manual's page on simulation lists them with their sources.
//!
//! # From a service to a verdict
//!
//! ```
//! use scalegen::simulate::assertion::{Outcome, parse};
//! use scalegen::simulate::hpa::{Config, Metric, Target};
//! use scalegen::simulate::jobs::Service;
//! use scalegen::simulate::policy::{Policy, Signal};
//! use scalegen::simulate::results::Results;
//! use scalegen::simulate::schedule::Schedule;
//! use scalegen::simulate::trace::Trace;
//! use scalegen::simulate::workload::{ServiceTime, Workload};
//! use scalegen::simulate::{Bounds, HOUR, SECOND};
//!
//! let workload = Workload::new(ServiceTime::Exponential { mean: 2 * SECOND });
//! let config = Config::new(vec![Metric::External(Target::AverageValue(750))]);
//! let policy = Policy::Hpa { config, signals: vec![Signal::InSystem] };
//! let service = Service::new(workload, Schedule::always(Bounds { min: 2, max: 20 }), policy);
//!
//! let results = Results::play(&service, &Trace::constant(2.0, HOUR), 1, 20, None);
//! let verdict = parse("wait.p95 < 1m").unwrap().judge(&results, false);
//! assert_eq!(verdict.outcome, Outcome::Ok);
//! ```
//!
//! Seeds are independent: [`jobs::run`] may play them on several threads, and [`results::Results::add`] takes the runs
//! in the order of their seeds, so that the numbers are the same on any number of cores.
//!
//! # Units
//!
//! Time is [`Nanos`]: whole nanoseconds since any fixed instant. Metric values are milli-units (`1500` is 1.5), as
//! Kubernetes keeps them. Replicas are `i32`, as there.

pub mod assertion;
pub mod demand;
pub mod distribution;
pub mod fixed;
pub mod foundry;
pub mod hpa;
pub mod jobs;
pub mod keda;
pub mod krr;
pub mod policy;
pub mod random;
pub mod results;
pub mod schedule;
pub mod search;
pub mod together;
pub mod trace;
pub mod vectors;
pub mod workload;

/// The manual page: what is modelled and what is not, each with its source.
pub const PAGE: &str = include_str!("simulate.md");

/// The manual page with two worked examples and two that use many machines; what it shows, its commands print.
pub const EXAMPLES: &str = include_str!("worked_examples.md");

/// Whole nanoseconds: a duration, or an instant counted from any fixed one.
pub type Nanos = i64;

/// One millisecond.
pub const MILLISECOND: Nanos = 1_000_000;
/// One second.
pub const SECOND: Nanos = 1_000_000_000;
/// One minute.
pub const MINUTE: Nanos = 60 * SECOND;
/// One hour.
pub const HOUR: Nanos = 3600 * SECOND;

/// The smallest and the largest number of replicas allowed at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The least number, 0 or more.
    pub min: i32,
    /// The largest number, at least `min`.
    pub max: i32,
}
