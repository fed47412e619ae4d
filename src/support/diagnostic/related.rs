//! Second places of findings. Knows no text.

use super::Finding;
use crate::support::source::FileSpan;
use std::borrow::Cow;
use std::collections::HashSet;

/// A second place of a finding, with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: FileSpan,
    /// Its part in the finding: lowercase, no full stop. Often the same words at thousands of places.
    pub label: Cow<'static, str>,
}

impl Finding {
    /// Adds a second place; the primary place itself and repeats are skipped.
    #[must_use]
    pub fn label(mut self, place: FileSpan, label: impl Into<Cow<'static, str>>) -> Finding {
        if place != self.at && self.related.iter().all(|old| old.place != place) {
            self.related.push(Related { place, label: label.into() });
        }
        self
    }

    /// Adds second places with the same label, as [`Finding::label`] does: of thousands, none is compared with each before it.
    #[must_use]
    pub fn labels(mut self, places: impl Iterator<Item = FileSpan>, label: &'static str) -> Finding {
        let mut known: HashSet<FileSpan> = self.related.iter().map(|old| old.place).chain([self.at]).collect();
        let fresh = places.filter(|place| known.insert(*place));
        self.related.extend(fresh.map(|place| Related { place, label: label.into() }));
        self
    }
}
