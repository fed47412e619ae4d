//! The numbers that differ between two sides, as plain data. Knows no side and no way of writing a number.

use super::Status;
use crate::plan::summary::{Fact, LeastMost};

/// One profile in which something differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileChanges {
    /// Its name; `None` for the base.
    pub profile: Option<String>,
    /// Whether it came or went.
    pub status: Status,
    /// The differences: services in the order written, then totals, backing services, machines.
    pub groups: Vec<NumberGroup>,
    /// How many services have every number as before.
    pub unchanged: usize,
}

/// The numbers of one service, sum or group of machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberGroup {
    /// The value after.
    pub kind: NumberSubject,
    /// Its key; empty for a group that exists once.
    pub name: String,
    /// Whether it came or went.
    pub status: Status,
    /// The numbers that differ.
    pub rows: Vec<ChangedRow>,
}

/// What a group of numbers belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberSubject {
    /// A service.
    Service,
    /// All services with the base bounds.
    Total,
    /// The most over the week.
    Peak,
    /// A backing service.
    Backing,
    /// The machines.
    Capacity,
}

/// One number that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedRow {
    /// Which.
    pub number: Number,
    /// The window in which it holds; `None` for the base bounds.
    pub window: Option<String>,
    /// The value before.
    pub before: Fact<CountedValue>,
    /// The value after.
    pub after: Fact<CountedValue>,
}

/// What a number counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Number {
    /// How many.
    Replicas,
    /// Replicas × concurrency.
    Slots,
    /// Work one replica does at once.
    Concurrency,
    /// Cores one replica asks for.
    Cpu,
    /// Memory one replica asks for; of a backing service, what it takes.
    Memory,
    /// GPUs one replica asks for.
    Gpu,
    /// Cores one replica may use.
    CpuLimit,
    /// Memory one replica may use.
    MemoryLimit,
    /// GPUs one replica may use.
    GpuLimit,
    /// Cores of the most replicas together.
    AllCpu,
    /// Memory of the most replicas together.
    AllMemory,
    /// GPUs of the most replicas together.
    AllGpu,
    /// Connections of the most replicas to the backing service of this name; of a backing service, of all services.
    Connections(String),
    /// How many machines.
    Nodes,
    /// Share of the machines' cores in use.
    CpuShare,
    /// Share of the machines' memory in use.
    MemoryShare,
    /// Share of the machines' GPUs in use.
    GpuShare,
    /// The machines' cost for a month.
    Cost,
}

/// A number with what it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CountedValue {
    /// Pieces.
    Count(u128),
    /// Least and most.
    Range(LeastMost),
    /// Billionths of a core.
    Cores(u128),
    /// Bytes.
    Bytes(u128),
    /// A used amount of a total, and the share in thousandths: pieces, or the unit of the [`Number`].
    Share {
        /// The used amount; unknown if a fault hides it.
        used: Fact<u128>,
        /// The reserved amount, which counts in the share.
        reserved: u64,
        /// The total; unset if the spec does not give it.
        of: Fact<u128>,
        /// The share in thousandths.
        permille: Option<u128>,
    },
    /// For a month, in billionths of the currency's unit.
    Price {
        /// The amount.
        amount: u128,
        /// How many machines have a price.
        nodes: u64,
        /// How many machines there are.
        of: u64,
    },
}

/// By how much a number differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delta {
    /// Pieces.
    Count(i128),
    /// The least and the most, each by so many.
    Range(i128, i128),
    /// Billionths of a core.
    Cores(i128),
    /// Bytes.
    Bytes(i128),
    /// The used amount and its share in thousandths, if both are known.
    Share(Option<i128>, Option<i128>),
    /// Billionths of the currency's unit.
    Price(i128),
}

impl ChangedRow {
    /// By how much; `None` if a side has no number, or not one of the same kind.
    #[must_use]
    pub fn delta(&self) -> Option<Delta> {
        let less = |new: u128, old: u128| i128::try_from(new).ok()?.checked_sub(i128::try_from(old).ok()?);
        Some(match (self.before.value()?, self.after.value()?) {
            (CountedValue::Count(old), CountedValue::Count(new)) => Delta::Count(less(new, old)?),
            (CountedValue::Range(old), CountedValue::Range(new)) => {
                Delta::Range(less(new.min.into(), old.min.into())?, less(new.max.into(), old.max.into())?)
            }
            (CountedValue::Cores(old), CountedValue::Cores(new)) => Delta::Cores(less(new, old)?),
            (CountedValue::Bytes(old), CountedValue::Bytes(new)) => Delta::Bytes(less(new, old)?),
            (CountedValue::Share { used, permille, .. }, CountedValue::Share { used: now, permille: share, .. }) => {
                let both = |new: Option<u128>, old: Option<u128>| less(new?, old?);
                Delta::Share(both(now.value(), used.value()), both(share, permille))
            }
            (CountedValue::Price { amount: old, .. }, CountedValue::Price { amount: new, .. }) => {
                Delta::Price(less(new, old)?)
            }
            _ => return None,
        })
    }
}
