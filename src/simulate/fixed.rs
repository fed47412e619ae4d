//! A fixed number of replicas: the reference for every autoscaler.

use super::Bounds;

/// Always the same number of replicas, kept within the bounds of the instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fixed {
    /// The number wanted, 0 or more.
    pub replicas: i32,
}

impl Fixed {
    /// The number of replicas under `bounds`.
    #[must_use]
    pub fn tick(self, bounds: Bounds) -> i32 {
        self.replicas.max(bounds.min).min(bounds.max)
    }
}
