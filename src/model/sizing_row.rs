//! Rows of a sizing table: what a workload of a size should have at least. Knows no rule.

use super::{Amounts, Val};
use crate::support::source::FieldSpan;

/// One row: a size of workload and what each service needs for it.
#[derive(Clone, Debug)]
pub struct Recommendation {
    /// Its key.
    pub name: String,
    /// Its entry; the place is the key.
    pub at: FieldSpan,
    /// The services it names, in the order written.
    pub services: Vec<Advice>,
}

/// What one service should have at least.
#[derive(Clone, Debug)]
pub struct Advice {
    /// The service's key.
    pub name: String,
    /// The entry; the place is the key.
    pub at: FieldSpan,
    /// Replicas at full load.
    pub replicas: Option<Val<u32>>,
    /// Requests of one replica; only cores and memory.
    pub requests: Amounts,
    /// Limits of one replica; only cores and memory.
    pub limits: Amounts,
}
