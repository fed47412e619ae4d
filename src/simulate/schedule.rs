//! Bounds that windows change. The caller knows the calendar: windows are given as instants.

use super::{Bounds, Nanos};

/// Bounds over time: the default ones outside every window, a window's own inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    default: Bounds,
    windows: Vec<BoundsWindow>,
}

/// Other bounds from one instant to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoundsWindow {
    /// The first instant inside.
    pub from: Nanos,
    /// The first instant after it.
    pub to: Nanos,
    /// The bounds inside.
    pub bounds: Bounds,
}

impl Schedule {
    /// Windows in any order. Where two overlap, the one that begins later holds; an empty one never does.
    #[must_use]
    pub fn new(default: Bounds, mut windows: Vec<BoundsWindow>) -> Self {
        windows.retain(|window| window.from < window.to);
        windows.sort_by_key(|window| window.from);
        Schedule { default, windows }
    }

    /// Bounds without windows.
    #[must_use]
    pub fn always(default: Bounds) -> Self {
        Schedule { default, windows: Vec::new() }
    }

    /// The bounds at an instant.
    #[must_use]
    pub fn at(&self, now: Nanos) -> Bounds {
        let begun = self.windows.partition_point(|window| window.from <= now);
        let window = self.windows.iter().take(begun).rev().find(|window| now < window.to);
        window.map_or(self.default, |window| window.bounds)
    }

    /// The first instant after `now` at which bounds may change.
    #[must_use]
    pub fn next_change(&self, now: Nanos) -> Option<Nanos> {
        self.windows.iter().flat_map(|window| [window.from, window.to]).filter(|at| *at > now).min()
    }

    /// The instants at which bounds change, in order.
    #[must_use]
    pub fn changes(&self) -> Vec<Nanos> {
        let mut edges: Vec<Nanos> = self.windows.iter().flat_map(|window| [window.from, window.to]).collect();
        edges.sort_unstable();
        edges.dedup();
        edges.retain(|edge| self.at(edge - 1) != self.at(*edge));
        edges
    }

    /// The windows, by their beginning.
    #[must_use]
    pub fn windows(&self) -> &[BoundsWindow] {
        &self.windows
    }

    /// The bounds outside every window.
    #[must_use]
    pub fn default_bounds(&self) -> Bounds {
        self.default
    }
}
