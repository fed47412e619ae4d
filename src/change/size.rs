//! The policies that `size` tries for a service, as a written grid over fields of the spec, and the edits that make one of
//! them the spec's own. Knows the spec's fields, no load and no file.

mod axes;
mod edits;
pub mod requests;

pub use axes::{Axis, AxisField, AxisValue, WindowChoice};
pub use edits::at;

use crate::model::Service;
use crate::model::time::Duration;

/// More candidates are not tried: a larger grid is thinned.
pub const MOST: usize = 5000;

/// Which fields may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tune {
    /// `scaleUp.threshold` and `scaleDown.threshold`.
    Thresholds,
    /// `scaleUp.delay` and `scaleDown.delay`.
    Delays,
    /// `replicas.min`.
    Min,
    /// One weekly window with a higher least number.
    Windows,
    /// `resources.requests.cpu`.
    Cpu,
    /// `resources.requests.memory`, and the limit with it.
    Memory,
}

impl Tune {
    /// Every one, with its word.
    pub const ALL: [(&'static str, Tune); 6] = [
        ("thresholds", Tune::Thresholds),
        ("delays", Tune::Delays),
        ("min", Tune::Min),
        ("windows", Tune::Windows),
        ("cpu", Tune::Cpu),
        ("memory", Tune::Memory),
    ];

    /// Reads one word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Tune> {
        Tune::ALL.iter().find(|(known, _)| *known == word).map(|(_, tune)| *tune)
    }
}

/// All candidates: one for each combination of the axes' values.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// The axes; the last one varies fastest.
    pub axes: Vec<Axis>,
    /// Combinations before it was thinned.
    pub whole: usize,
    /// Fields of which every second value was left out, as often as they stand here.
    pub thinned: Vec<AxisField>,
}

impl Grid {
    /// The grid of a service. `down` says whether the policy reads the threshold of scale-down.
    #[must_use]
    pub fn new(service: &Service, tune: &[Tune], down: bool) -> Grid {
        let axes = axes::all(service, tune, down);
        let mut grid = Grid { whole: size(&axes), axes, thinned: Vec::new() };
        while grid.len() > MOST {
            // the longest axis loses every second value, the first of equal ones; its ends and the present value stay
            let longest = grid.axes.iter_mut().rev().max_by_key(|axis| axis.values.len());
            let Some(axis) = longest.filter(|axis| axis.values.len() > 3) else { break };
            grid.thinned.push(axis.field);
            axis.thin();
        }
        grid
    }

    /// How many combinations there are.
    #[must_use]
    pub fn len(&self) -> usize {
        size(&self.axes)
    }

    /// Whether there is nothing but the present policy.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() <= 1
    }

    /// Each axis' place of a candidate.
    fn places(&self, mut index: usize) -> Vec<usize> {
        let mut places = vec![0; self.axes.len()];
        for (place, axis) in places.iter_mut().zip(&self.axes).rev() {
            *place = index % axis.values.len().max(1);
            index /= axis.values.len().max(1);
        }
        places
    }

    fn index(&self, places: &[usize]) -> usize {
        places.iter().zip(&self.axes).fold(0, |index, (place, axis)| index * axis.values.len() + place)
    }

    /// The candidate that is what is in the spec.
    #[must_use]
    pub fn present(&self) -> usize {
        let places: Vec<usize> = self.axes.iter().map(|axis| axis.present).collect();
        self.index(&places)
    }

    /// In how many fields a candidate differs from the spec.
    #[must_use]
    pub fn changed(&self, index: usize) -> usize {
        self.places(index).iter().zip(&self.axes).filter(|(place, axis)| **place != axis.present).count()
    }

    /// Candidates one step away on one axis. Windows have no order, so they have none.
    #[must_use]
    pub fn neighbors(&self, index: usize) -> Vec<usize> {
        let places = self.places(index);
        let mut near = Vec::new();
        for (axis, field) in self.axes.iter().enumerate().filter(|(_, axis)| axis.field != AxisField::Window) {
            let Some(place) = places.get(axis).copied() else { continue };
            let next = (place + 1 < field.values.len()).then_some(place + 1);
            for other in place.checked_sub(1).into_iter().chain(next) {
                let mut moved = places.clone();
                if let Some(slot) = moved.get_mut(axis) {
                    *slot = other;
                }
                near.push(self.index(&moved));
            }
        }
        near
    }

    fn values(&self, index: usize) -> impl Iterator<Item = (&Axis, &AxisValue)> {
        let places = self.places(index);
        self.axes.iter().zip(places).filter_map(|(axis, place)| Some((axis, axis.values.get(place)?)))
    }

    /// The service under a candidate's policy.
    #[must_use]
    pub fn apply(&self, service: &Service, index: usize) -> Service {
        let mut service = service.clone();
        for (axis, value) in self.values(index) {
            value.apply(axis.field, &mut service);
        }
        service
    }

    /// Whether a candidate means something: scaling down neither above scaling up nor sooner.
    #[must_use]
    pub fn is_sensible(&self, service: &Service, index: usize) -> bool {
        let tried = self.apply(service, index);
        let (up, down) = (&tried.autoscaling.up, &tried.autoscaling.down);
        let slower = |delay: Duration, other: Duration| delay.0 <= other.0;
        index == self.present()
            || (down.threshold.value.0 <= up.threshold.value.0
                && slower(up.delay.value, down.delay.value)
                && tried.replicas.min.value <= tried.replicas.max.value)
    }

    /// What a candidate changes: field, value before, value after.
    #[must_use]
    pub fn differences(&self, index: usize) -> Vec<(&'static str, String, String)> {
        let places = self.places(index);
        let changed = self.axes.iter().zip(places).filter(|(axis, place)| *place != axis.present);
        changed
            .filter_map(|(axis, place)| {
                let (before, after) = (axis.values.get(axis.present)?, axis.values.get(place)?);
                Some((axis.field.path(), before.to_string(), after.to_string()))
            })
            .collect()
    }
}

fn size(axes: &[Axis]) -> usize {
    axes.iter().map(|axis| axis.values.len().max(1)).product()
}
