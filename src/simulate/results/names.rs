//! The published names: what each counts, its statistics, its meaning.

use crate::simulate::distribution::Statistic;

/// The unit of a number, which decides how assertions and JSON write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberKind {
    /// Nanoseconds.
    Time,
    /// Billionths of a whole.
    Share,
    /// A whole number.
    Count,
    /// Billionths of a number without a unit: hours, costs, ratios.
    Number,
}

/// One name of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberName {
    /// As in JSON and assertions.
    pub name: &'static str,
    /// What it counts.
    pub kind: NumberKind,
    /// The statistics that can be asked of it: empty for a single number.
    pub statistics: &'static [Statistic],
    /// What it means.
    pub meaning: &'static str,
}

const fn single(name: &'static str, kind: NumberKind, meaning: &'static str) -> NumberName {
    NumberName { name, kind, statistics: &[], meaning }
}

const fn spread(name: &'static str, kind: NumberKind, meaning: &'static str) -> NumberName {
    NumberName { name, kind, statistics: &Statistic::ALL, meaning }
}

/// Every number, in the order of reports.
pub const NAMES: &[NumberName] = &[
    spread(
        "wait",
        NumberKind::Time,
        "arrival to first start of jobs that arrived; those that gave up or still wait count",
    ),
    spread("latency", NumberKind::Time, "arrival to end of jobs that were served"),
    single("saturated", NumberKind::Share, "time in which a job waits or is refused"),
    single("busy", NumberKind::Share, "job-seconds of ready slot-seconds"),
    single("at_max", NumberKind::Share, "time at the maximum while more is wished"),
    single("throttled", NumberKind::Share, "pod-time with cpu at its limit"),
    single("cold", NumberKind::Count, "jobs that arrived at no ready replica"),
    spread("queue", NumberKind::Count, "jobs that wait, weighted by time"),
    single("steps", NumberKind::Count, "changes of spec.replicas"),
    single("flap", NumberKind::Count, "steps back soon after a step"),
    single("replica_hours", NumberKind::Number, "existing replicas over time"),
    single("spec_hours", NumberKind::Number, "spec.replicas over time"),
    single("cost", NumberKind::Number, "replica_hours by the price of a replica's requests"),
    single("ideal_hours", NumberKind::Number, "replica-hours if no job waited: the bound that nothing can beat"),
    single("over", NumberKind::Number, "replica_hours of ideal_hours"),
    single("lost", NumberKind::Count, "jobs rejected, given up or killed"),
    single("rejected", NumberKind::Count, "jobs refused at a full queue"),
    single("gave_up", NumberKind::Count, "jobs that left while they waited"),
    single("killed", NumberKind::Count, "jobs killed with their replica"),
    single("late", NumberKind::Count, "jobs that ended after their deadline"),
    single("lost_share", NumberKind::Share, "lost of arrivals"),
    single("rejected_share", NumberKind::Share, "rejected of arrivals"),
    single("gave_up_share", NumberKind::Share, "gave_up of arrivals"),
    single("killed_share", NumberKind::Share, "killed of arrivals"),
    single("late_share", NumberKind::Share, "late of arrivals"),
    single("arrivals", NumberKind::Count, "jobs that arrived"),
];

/// The numbers of shared resources, which one service alone does not have.
pub const TOGETHER: &[NumberName] = &[
    spread("connections", NumberKind::Count, "connections to a backing service, the reserved ones included"),
    spread("capacity", NumberKind::Share, "what replicas reserve of the cores, memory or GPUs of all nodes"),
    single("over_limit", NumberKind::Share, "time in which more is taken than there is"),
    single("unplaced", NumberKind::Share, "time in which no placement of all replicas on the nodes is found"),
];

/// Every name.
pub fn names() -> impl Iterator<Item = &'static NumberName> {
    NAMES.iter().chain(TOGETHER)
}

/// The name's entry, if there is one.
#[must_use]
pub fn name(name: &str) -> Option<&'static NumberName> {
    names().find(|known| known.name == name)
}

impl NumberName {
    /// Whether it is about several services together.
    #[must_use]
    pub fn is_together(&self) -> bool {
        TOGETHER.iter().any(|known| known.name == self.name)
    }
}
