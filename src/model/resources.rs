//! What is set aside for one replica, and what it may not exceed. Knows no service and no sum.

use super::Val;
use super::quantity::{Cpu, Memory, Unit};
use crate::support::source::FieldSpan;
use std::ops::{Deref, DerefMut};

/// Requests and limits.
#[derive(Clone, Debug)]
pub struct Resources {
    /// The field, or the service where unwritten.
    pub at: FieldSpan,
    /// Whether somebody wrote it.
    pub written: bool,
    /// Nothing where no amount is written: large specs have thousands of such services.
    amounts: Option<Box<RequestsAndLimits>>,
}

/// What is set aside for one replica, and what it may not exceed.
#[derive(Clone, Debug, Default)]
pub struct RequestsAndLimits {
    /// What is set aside.
    pub requests: Amounts,
    /// What is not exceeded.
    pub limits: Amounts,
}

impl Resources {
    /// The amounts written at a place; `None` if unset.
    #[must_use]
    pub fn new(at: FieldSpan, written: bool, amounts: Option<RequestsAndLimits>) -> Resources {
        Resources { at, written, amounts: amounts.map(Box::new) }
    }

    /// What the pod of a CronJob takes that sets the bounds of a window: it runs kubectl for a moment.
    #[must_use]
    pub fn of_window_job(at: FieldSpan) -> Resources {
        let amounts = |millis: u64, mebibytes: u64| Amounts {
            cpu: Some(Val::default_at(Cpu(millis * 1_000_000), at)),
            memory: Some(Val::default_at(Memory { bytes: mebibytes << 20, unit: Unit::Binary }, at)),
            ..Amounts::default()
        };
        let amounts = RequestsAndLimits { requests: amounts(50, 64), limits: amounts(500, 128) };
        Resources::new(at, false, Some(amounts))
    }
}

impl Deref for Resources {
    type Target = RequestsAndLimits;

    fn deref(&self) -> &RequestsAndLimits {
        static NONE: RequestsAndLimits = RequestsAndLimits { requests: Amounts::NONE, limits: Amounts::NONE };
        self.amounts.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for Resources {
    fn deref_mut(&mut self) -> &mut RequestsAndLimits {
        self.amounts.get_or_insert_default()
    }
}

impl Amounts {
    /// Nothing is written.
    const NONE: Amounts = Amounts { at: None, cpu: None, memory: None, ephemeral_storage: None, gpu: None, pids: None };
}

/// Amounts of each resource, for one replica.
#[derive(Clone, Debug, Default)]
pub struct Amounts {
    /// The map, if written.
    pub at: Option<FieldSpan>,
    /// Cores.
    pub cpu: Option<Val<Cpu>>,
    /// Memory.
    pub memory: Option<Val<Memory>>,
    /// Scratch space on the node's disk.
    pub ephemeral_storage: Option<Val<Memory>>,
    /// Whole GPUs.
    pub gpu: Option<Val<u32>>,
    /// Processes.
    pub pids: Option<Val<u32>>,
}
