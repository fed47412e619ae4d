//! How one service grows: autoscaling, windows, connections. Knows no sum.

use super::quantity::Share;
use super::time::{Day, Duration, TimeOfDay};
use super::{StepSize, Val};
use crate::support::source::FieldSpan;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Deref;

/// How the number of replicas follows the load.
#[derive(Clone, Debug)]
pub struct Autoscaling {
    /// The field, or the service if unset.
    pub at: FieldSpan,
    /// Whether it is set.
    pub written: bool,
    /// Made of defaults on first use if it is unset: most services of a large spec do not scale.
    rule: OnceCell<Box<ScalingRule>>,
}

/// What is watched, and what follows from it.
#[derive(Clone, Debug)]
pub struct ScalingRule {
    /// What is watched: the load where it is among several signals, else the first of them.
    pub signal: Val<Signal>,
    /// The other signals. The one that calls for the most replicas wins.
    pub further: Vec<Val<Signal>>,
    /// When to add one.
    pub up: Step,
    /// When to take one away.
    pub down: Step,
    /// Scales ahead of the load.
    pub predictive: Val<bool>,
    /// The source of running and queued work.
    pub prometheus: Option<Box<Prometheus>>,
}

/// A threshold and how long it must hold.
#[derive(Clone, Debug)]
pub struct Step {
    /// Share of the capacity: 0 to 1 for load; for cpu and memory it may exceed 1 if the limit is above the request.
    /// If only one of the two thresholds is set, the other is the same; if none is, both are 0.75.
    pub threshold: Val<Share>,
    /// How long.
    pub delay: Val<Duration>,
    /// The most that one step changes.
    pub size: StepSize,
    /// The period of one step; `None`: the delay.
    pub every: Option<Val<Duration>>,
    /// How far the signal may be from the threshold without effect; `None`: the autoscaler's default.
    pub tolerance: Option<Val<Share>>,
}

/// A signal of autoscaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum Signal {
    Load,
    Cpu,
    Memory,
}

impl Signal {
    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Signal::Load => "load",
            Signal::Cpu => "cpu",
            Signal::Memory => "memory",
        }
    }
}

impl Autoscaling {
    /// What is written at a place, or nothing at the nearest one above.
    #[must_use]
    pub fn new(at: FieldSpan, rule: Option<ScalingRule>) -> Autoscaling {
        let written = rule.is_some();
        Autoscaling { at, written, rule: rule.map(|rule| OnceCell::from(Box::new(rule))).unwrap_or_default() }
    }

    /// What holds, not kept where it is made of defaults: for what looks at every service of a large spec.
    #[must_use]
    pub fn rule(&self) -> Cow<'_, ScalingRule> {
        match self.rule.get() {
            Some(rule) => Cow::Borrowed(rule),
            None => Cow::Owned(super::lower::usual_scaling(self.at)),
        }
    }

    /// The same with another rule.
    #[must_use]
    pub fn with_rule(&self, rule: ScalingRule) -> Autoscaling {
        Autoscaling { rule: OnceCell::from(Box::new(rule)), ..*self }
    }
}

impl Deref for Autoscaling {
    type Target = ScalingRule;

    fn deref(&self) -> &ScalingRule {
        self.rule.get_or_init(|| Box::new(super::lower::usual_scaling(self.at)))
    }
}

impl ScalingRule {
    /// Everything that is watched.
    pub fn signals(&self) -> impl Iterator<Item = Val<Signal>> {
        std::iter::once(self.signal).chain(self.further.iter().copied())
    }

    /// Whether load is the only signal. Its rule has no tolerance, so a tolerance of 0 is written if an autoscaler has a field
    /// for it. Cpu and memory are measured, and 10 % of them are noise.
    #[must_use]
    pub fn is_load_alone(&self) -> bool {
        self.signal.value == Signal::Load && self.further.is_empty()
    }

    /// Whether a signal is used, alone or among others.
    #[must_use]
    pub fn watches(&self, signal: Signal) -> bool {
        self.signals().any(|watched| watched.value == signal)
    }
}

/// The source of running and queued work.
#[derive(Clone, Debug)]
pub struct Prometheus {
    /// The field.
    pub at: FieldSpan,
    /// Its address.
    pub server: Val<String>,
    /// Query: work running now.
    pub running: Val<String>,
    /// Query: work waiting.
    pub queued: Option<Val<String>>,
}

/// Other bounds in a weekly window.
#[derive(Clone, Debug)]
pub struct Window {
    /// The list item.
    pub at: FieldSpan,
    /// The days on which it starts.
    pub days: Val<Vec<Day>>,
    /// First minute.
    pub from: Val<TimeOfDay>,
    /// One past the last minute; at or before `from` it is on the next day.
    pub to: Val<TimeOfDay>,
    /// IANA name; `None` if it is not one we know.
    pub timezone: Val<Option<String>>,
    /// The name as written, known or not.
    pub zone: String,
    /// Least replicas.
    pub min: Val<u32>,
    /// Most replicas.
    pub max: Val<u32>,
}

/// A window that could not be read completely. It never opens, but its other faults are reported.
#[derive(Clone, Debug)]
pub struct BrokenWindow {
    /// The list item.
    pub at: FieldSpan,
    /// The parts that could be read, as in [`Window`].
    pub days: Option<Val<Vec<Day>>>,
    /// See [`Window`].
    pub from: Option<Val<TimeOfDay>>,
    /// See [`Window`].
    pub to: Option<Val<TimeOfDay>>,
    /// See [`Window`].
    pub timezone: Option<Val<Option<String>>>,
    /// See [`Window`].
    pub zone: String,
    /// See [`Window`].
    pub min: Option<Val<u32>>,
    /// See [`Window`].
    pub max: Option<Val<u32>>,
}

impl BrokenWindow {
    /// The whole window, if nothing is missing; `replicas` replaces missing bounds.
    #[must_use]
    pub fn whole(&self, replicas: Option<u32>) -> Option<Window> {
        let bound = |bound: Option<Val<u32>>| bound.or_else(|| replicas.map(|n| Val::default_at(n, self.at)));
        Some(Window {
            at: self.at,
            days: self.days.clone()?,
            from: self.from?,
            to: self.to?,
            timezone: self.timezone.clone()?,
            zone: self.zone.clone(),
            min: bound(self.min)?,
            max: bound(self.max)?,
        })
    }
}

/// A window as rules that look at one part of it see it, broken or not.
#[derive(Clone, Copy, Debug)]
pub struct WindowView<'w> {
    /// See [`Window`].
    pub days: Option<&'w Val<Vec<Day>>>,
    /// See [`Window`].
    pub from: Option<Val<TimeOfDay>>,
    /// See [`Window`].
    pub to: Option<Val<TimeOfDay>>,
    /// See [`Window`].
    pub timezone: Option<&'w Val<Option<String>>>,
    /// See [`Window`].
    pub zone: &'w str,
    /// See [`Window`].
    pub min: Option<Val<u32>>,
    /// See [`Window`].
    pub max: Option<Val<u32>>,
}

impl WindowView<'_> {
    /// For messages: `mon,tue 08:00-18:00`, as far as it is known.
    #[must_use]
    pub fn label(&self) -> String {
        match (self.days, self.from, self.to) {
            (Some(days), Some(from), Some(to)) => label(&days.value, from.value, to.value),
            _ => "this window".to_owned(),
        }
    }
}

impl<'w> From<&'w Window> for WindowView<'w> {
    fn from(window: &'w Window) -> WindowView<'w> {
        WindowView {
            days: Some(&window.days),
            from: Some(window.from),
            to: Some(window.to),
            timezone: Some(&window.timezone),
            zone: &window.zone,
            min: Some(window.min),
            max: Some(window.max),
        }
    }
}

impl<'w> From<&'w BrokenWindow> for WindowView<'w> {
    fn from(window: &'w BrokenWindow) -> WindowView<'w> {
        WindowView {
            days: window.days.as_ref(),
            from: window.from,
            to: window.to,
            timezone: window.timezone.as_ref(),
            zone: &window.zone,
            min: window.min,
            max: window.max,
        }
    }
}

fn label(days: &[Day], from: TimeOfDay, to: TimeOfDay) -> String {
    let days: Vec<&str> = days.iter().map(|day| day.word()).collect();
    format!("{} {from}-{to}", days.join(","))
}

impl Window {
    /// For messages: `mon,tue 08:00-18:00`.
    #[must_use]
    pub fn label(&self) -> String {
        label(&self.days.value, self.from.value, self.to.value)
    }

    /// For messages: `2 to 8`, or `3` if both are 3.
    #[must_use]
    pub fn replicas(&self) -> String {
        match (self.min.value, self.max.value) {
            (min, max) if min == max => min.to_string(),
            (min, max) => format!("{min} to {max}"),
        }
    }
}

/// Connections one replica opens to one backing service.
#[derive(Clone, Debug)]
pub struct Connections {
    /// The entry.
    pub at: FieldSpan,
    /// The backing service's key.
    pub to: String,
    /// For each replica.
    pub per_replica: Val<u32>,
    /// For each unit of concurrency.
    pub per_slot: Val<u32>,
}
