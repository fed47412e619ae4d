//! The states a spec allows: slices of the week with the windows open in them. Knows no rule and no sum.
//!
//! Windows are compared as instants over a week. Local times become UTC by each combination of offsets that the named
//! zones reach in one fixed year, so that results never depend on the day a check runs.

use super::intervals::{self, Interval, Meeting};
use super::time::{Day, TimeOfDay};
use super::{Service, Spec, Val, Window};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Minutes in a week.
const WEEK: i64 = 7 * 1440;

/// First and one past the last instant of the fixed reference year (2027, UTC), in Unix seconds.
const YEAR: (i64, i64) = (1_798_761_600, 1_830_297_600);

/// Whether the bundled IANA time zone database has this name (exact spelling, as Kubernetes and KEDA require it).
#[must_use]
pub fn known_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok_and(|zone| zone.iana_name() == Some(name))
}

/// The names of that database, sorted.
#[must_use]
pub fn zones() -> Vec<String> {
    let mut names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    names.sort();
    names
}

/// The times of a window, without its bounds: windows with equal times open and close together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct WindowShape {
    zone: String,
    days: Vec<Day>,
    from: TimeOfDay,
    to: TimeOfDay,
}

impl WindowShape {
    fn of(window: &Window) -> Option<WindowShape> {
        let zone = window.timezone.value.clone()?;
        let mut days = window.days.value.clone();
        days.sort();
        days.dedup();
        let shape = WindowShape { zone, days, from: window.from.value, to: window.to.value };
        // from = to is `empty-window`; it opens at no instant
        (shape.minutes() > 0).then_some(shape)
    }

    /// How long it is open: before `from`, `to` is on the next day.
    fn minutes(&self) -> i64 {
        match i64::from(self.to.0) - i64::from(self.from.0) {
            minutes if minutes < 0 => minutes + 1440,
            minutes => minutes,
        }
    }

    /// Its pieces of the week in UTC minutes, each inside `0..WEEK`.
    fn pieces(&self, offset: i64) -> Vec<(i64, i64)> {
        let length = self.minutes();
        let mut pieces = Vec::new();
        for day in &self.days {
            let start = (i64::from(day.0) * 1440 + i64::from(self.from.0) - offset).rem_euclid(WEEK);
            let end = start + length;
            pieces.push((start, end.min(WEEK)));
            if end > WEEK {
                pieces.push((0, end - WEEK));
            }
        }
        pieces
    }
}

/// One set of windows open at the same time.
#[derive(Clone, Debug)]
pub struct State {
    /// When it first occurs, for messages: `mon 08:00 Europe/Berlin`; `None` outside every window.
    pub when: Option<String>,
    open: Vec<u64>,
}

impl State {
    fn has_shape(&self, shape: usize) -> bool {
        self.open.get(shape / 64).is_some_and(|bits| bits & (1 << (shape % 64)) != 0)
    }
}

/// The bounds of one service in one state.
#[derive(Clone, Copy, Debug)]
pub struct StateBounds<'s> {
    /// Least replicas.
    pub min: Val<u32>,
    /// Most replicas.
    pub max: Val<u32>,
    /// The window that set them, if one is open.
    pub window: Option<&'s Window>,
}

/// Every state of a spec.
#[derive(Debug)]
pub struct States {
    /// The distinct states; there is always at least one.
    pub list: Vec<State>,
    /// The shape of each window, by service and window.
    shapes: Vec<Vec<Option<usize>>>,
}

impl States {
    /// The one state of a spec without its windows.
    #[must_use]
    pub fn without_windows() -> States {
        States { list: vec![State { when: None, open: Vec::new() }], shapes: Vec::new() }
    }

    /// All states of a spec.
    #[must_use]
    pub fn of(spec: &Spec) -> States {
        let mut numbers: BTreeMap<WindowShape, usize> = BTreeMap::new();
        let mut shapes = Vec::with_capacity(spec.services.len());
        for service in spec.services() {
            let mut of_service = Vec::new();
            for window in &service.schedule {
                let next = numbers.len();
                of_service.push(WindowShape::of(window).map(|shape| *numbers.entry(shape).or_insert(next)));
            }
            shapes.push(of_service);
        }
        if numbers.is_empty() {
            return States::without_windows();
        }
        let mut by_number: Vec<(usize, WindowShape)> =
            numbers.into_iter().map(|(shape, number)| (number, shape)).collect();
        by_number.sort();
        let all: Vec<WindowShape> = by_number.into_iter().map(|(_, shape)| shape).collect();
        States { list: slices(&all), shapes }
    }

    /// The bounds of the service with this index in the spec; where windows overlap, the first one written.
    #[must_use]
    pub fn bounds<'s>(&self, state: &State, index: usize, service: &'s Service) -> StateBounds<'s> {
        let shapes = self.shapes.get(index).map_or(&[][..], |shapes| shapes);
        let open = shapes.iter().position(|shape| shape.is_some_and(|shape| state.has_shape(shape)));
        match open.and_then(|open| service.schedule.get(open)) {
            Some(window) => StateBounds { min: window.min, max: window.max, window: Some(window) },
            None => StateBounds { min: service.replicas.min, max: service.replicas.max, window: None },
        }
    }
}

/// How many replicas the targets of a run can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every number from the least `min` to the largest `max`, windows included: some target scales by itself, or none is named.
    Range,
    /// The one number a target without an autoscaler writes.
    Fixed,
}

/// A spec with the states in reach: where sums are taken.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The spec.
    pub spec: &'a Spec,
    /// Its states; in `Reach::Fixed` there is one, without windows.
    pub states: &'a States,
    /// What the targets of the run can reach.
    pub reach: Reach,
}

impl<'a> Scope<'a> {
    /// The bounds of the service with this index in one state, as far as the targets reach.
    #[must_use]
    pub fn bounds(&self, state: &State, index: usize, service: &'a Service) -> StateBounds<'a> {
        match self.reach {
            Reach::Range => self.states.bounds(state, index, service),
            Reach::Fixed => {
                let fixed = Val { value: service.fixed(), ..service.replicas.min };
                StateBounds { min: fixed, max: fixed, window: None }
            }
        }
    }

    /// The most replicas of a service over all states in reach, with the place that sets the number.
    #[must_use]
    pub fn peak(&self, service: &Service) -> Val<u32> {
        match self.reach {
            Reach::Fixed => Val { value: service.fixed(), ..service.replicas.min },
            Reach::Range => {
                let windows = service.schedule.iter().map(|window| window.max);
                windows.fold(service.replicas.max, |most, max| if max.value > most.value { max } else { most })
            }
        }
    }
}

/// The distinct sets of open shapes over every week.
fn slices(shapes: &[WindowShape]) -> Vec<State> {
    let words = shapes.len().div_ceil(64);
    let mut seen: HashSet<Vec<u64>> = HashSet::new();
    let mut list = Vec::new();
    for offsets in offset_combinations(shapes.iter().map(|shape| shape.zone.as_str())) {
        // minute → shapes that open (true) and close (false) at it
        let mut edges: BTreeMap<i64, Vec<(usize, bool)>> = BTreeMap::new();
        edges.entry(0).or_default();
        for (number, shape) in shapes.iter().enumerate() {
            let offset = offsets.get(&shape.zone).copied().unwrap_or(0);
            for (start, end) in shape.pieces(offset) {
                edges.entry(start).or_default().push((number, true));
                edges.entry(end).or_default().push((number, false));
            }
        }
        let mut open = vec![0u64; words];
        for (minute, changes) in &edges {
            if *minute >= WEEK {
                break;
            }
            let mut opened = None;
            // closing first: a shape whose pieces touch closes and opens at the same minute
            for (number, opens) in changes.iter().filter(|(_, opens)| !opens).chain(changes.iter().filter(|c| c.1)) {
                if let Some(bits) = open.get_mut(number / 64) {
                    if *opens { *bits |= 1 << (number % 64) } else { *bits &= !(1 << (number % 64)) }
                }
                if *opens {
                    opened = shapes.get(*number);
                }
            }
            if seen.insert(open.clone()) {
                let any = open.iter().any(|bits| *bits != 0);
                list.push(State { when: any.then(|| label(*minute, opened, &offsets)), open: open.clone() });
            }
        }
    }
    list
}

fn label(minute: i64, opened: Option<&WindowShape>, offsets: &BTreeMap<String, i64>) -> String {
    let (zone, offset) = match opened {
        Some(shape) => (shape.zone.as_str(), offsets.get(&shape.zone).copied().unwrap_or(0)),
        None => ("UTC", 0),
    };
    let local = (minute + offset).rem_euclid(WEEK);
    let day = u8::try_from(local / 1440).map(Day).unwrap_or(Day(0));
    let time = u16::try_from(local % 1440).map(TimeOfDay).unwrap_or_default();
    format!("{} {time} {zone}", day.word())
}

/// Every combination of UTC offsets (in minutes) that the zones reach together in the reference year.
fn offset_combinations<'z>(zones: impl Iterator<Item = &'z str>) -> Vec<BTreeMap<String, i64>> {
    let names: BTreeSet<&str> = zones.collect();
    let zones: Vec<(&str, TimeZone)> =
        names.iter().filter_map(|name| TimeZone::get(name).ok().map(|zone| (*name, zone))).collect();
    let mut instants: BTreeSet<i64> = BTreeSet::from([YEAR.0]);
    for (_, zone) in &zones {
        instants.extend(transitions(zone));
    }
    let mut combinations: Vec<BTreeMap<String, i64>> = Vec::new();
    for instant in instants {
        let Ok(instant) = Timestamp::from_second(instant) else { continue };
        let combination: BTreeMap<String, i64> = zones
            .iter()
            .map(|(name, zone)| ((*name).to_owned(), i64::from(zone.to_offset(instant).seconds()) / 60))
            .collect();
        if !combinations.contains(&combination) {
            combinations.push(combination);
        }
    }
    combinations
}

pub(super) fn transitions(zone: &TimeZone) -> Vec<i64> {
    let Ok(start) = Timestamp::from_second(YEAR.0) else { return Vec::new() };
    zone.following(start)
        .map(|transition| transition.timestamp().as_second())
        .take_while(|instant| *instant < YEAR.1)
        .collect()
}

/// Two windows of one service that are open at the same time.
#[derive(Clone, Debug)]
pub struct Overlap {
    /// Index of the window written first.
    pub first: usize,
    /// Index of the window written second.
    pub second: usize,
    /// When both are first open: `mon 08:00 Europe/Berlin`.
    pub when: String,
}

/// The pairs of windows of one service that are open at the same time, by the later window and then the earlier.
///
/// If hundreds overlap, each later window is reported with at least as many as [`intervals::most_meetings`] says.
#[must_use]
pub fn overlaps(windows: &[Window]) -> Vec<Overlap> {
    let shapes: BTreeMap<usize, WindowShape> =
        windows.iter().enumerate().filter_map(|(index, window)| Some((index, WindowShape::of(window)?))).collect();
    let mut found: BTreeMap<(usize, usize), String> = BTreeMap::new();
    for offsets in offset_combinations(shapes.values().map(|shape| shape.zone.as_str())) {
        let mut pieces: Vec<Interval> = Vec::new();
        for (index, shape) in &shapes {
            let offset = offsets.get(&shape.zone).copied().unwrap_or(0);
            pieces.extend(shape.pieces(offset).into_iter().map(|(start, end)| Interval { start, end, owner: *index }));
        }
        for Meeting { first, second, point, opener } in intervals::meetings(pieces) {
            found.entry((second, first)).or_insert_with(|| label(point, shapes.get(&opener), &offsets));
        }
    }
    found.into_iter().map(|((second, first), when)| Overlap { first, second, when }).collect()
}

/// Whether the windows together leave no minute of any week to the base bounds.
#[must_use]
pub fn whole_week(windows: &[Window]) -> bool {
    let shapes: Vec<WindowShape> = windows.iter().filter_map(WindowShape::of).collect();
    let minutes: i64 =
        shapes.iter().filter_map(|shape| Some(shape.minutes() * i64::try_from(shape.days.len()).ok()?)).sum();
    minutes >= WEEK
        && offset_combinations(shapes.iter().map(|shape| shape.zone.as_str())).iter().all(|offsets| {
            let offset = |shape: &WindowShape| offsets.get(&shape.zone).copied().unwrap_or(0);
            let mut pieces: Vec<(i64, i64)> = shapes.iter().flat_map(|shape| shape.pieces(offset(shape))).collect();
            pieces.sort_unstable();
            let covered =
                pieces.iter().fold(0, |reach, (start, end)| if *start <= reach { reach.max(*end) } else { reach });
            covered >= WEEK
        })
}
