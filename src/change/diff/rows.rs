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
    /// What differs in it: services in the order written, then totals, backing services, machines.
    pub groups: Vec<NumberGroup>,
    /// How many services have every number as before.
    pub unchanged: usize,
}

/// The numbers of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberGroup {
    /// What it is.
    pub kind: NumberSubject,
    /// Its key; empty for what there is only one of.
    pub name: String,
    /// Whether it came or went.
    pub status: Status,
    /// The numbers that differ.
    pub rows: Vec<ChangedRow>,
}

/// What numbers are of.
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
    /// The window it holds in, or that it is of; `None` for the base bounds.
    pub window: Option<String>,
    /// What it was.
    pub before: Fact<CountedValue>,
    /// What it is.
    pub after: Fact<CountedValue>,
}

/// What a number says.
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
    /// What is taken of the machines' cores.
    CpuShare,
    /// What is taken of the machines' memory.
    MemoryShare,
    /// What is taken of the machines' GPUs.
    GpuShare,
    /// What the machines cost for a month.
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
    /// So much of what there is, and the share in thousandths: pieces, or what the [`Number`] says.
    Share {
        /// What is taken; unknown where a fault hides it.
        used: Fact<u128>,
        /// What is kept from use: it counts in the share.
        reserved: u64,
        /// What there is; unset if nobody says.
        of: Fact<u128>,
        /// The share in thousandths.
        permille: Option<u128>,
    },
    /// For a month, in billionths of the currency's unit.
    Price {
        /// So much.
        amount: u128,
        /// For so many machines; others have no price.
        nodes: u64,
        /// Of so many.
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
    /// What is taken, and its share in thousandths, if both are known.
    Share(Option<i128>, Option<i128>),
    /// Billionths of the currency's unit.
    Price(i128),
}

impl ChangedRow {
    /// By how much; `None` if a side has no number, or not one of the same kind.
    #[must_use]
    pub fn delta(&self) -> Option<Delta> {
        let less = |new: u128, old: u128| i128::try_from(new).ok()?.checked_sub(i128::try_from(old).ok()?);
        Some(match (self.before.known()?, self.after.known()?) {
            (CountedValue::Count(old), CountedValue::Count(new)) => Delta::Count(less(new, old)?),
            (CountedValue::Range(old), CountedValue::Range(new)) => {
                Delta::Range(less(new.min.into(), old.min.into())?, less(new.max.into(), old.max.into())?)
            }
            (CountedValue::Cores(old), CountedValue::Cores(new)) => Delta::Cores(less(new, old)?),
            (CountedValue::Bytes(old), CountedValue::Bytes(new)) => Delta::Bytes(less(new, old)?),
            (CountedValue::Share { used, permille, .. }, CountedValue::Share { used: now, permille: share, .. }) => {
                let both = |new: Option<u128>, old: Option<u128>| less(new?, old?);
                Delta::Share(both(now.known(), used.known()), both(share, permille))
            }
            (CountedValue::Price { amount: old, .. }, CountedValue::Price { amount: new, .. }) => {
                Delta::Price(less(new, old)?)
            }
            _ => return None,
        })
    }
}
