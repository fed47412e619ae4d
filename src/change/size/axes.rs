//! The axes of the grid: which values of a field are tried.

use super::Tune;
use crate::model::quantity::Share;
use crate::model::time::{Day, Duration, TimeOfDay};
use crate::model::{ScalingRule, Service, Val, Window};
use std::fmt;

/// One field and the values of it that are tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The field.
    pub field: AxisField,
    /// Its values, smallest first; windows by days, beginning, end and number, no window first.
    pub values: Vec<AxisValue>,
    /// The index of the value that the spec has now.
    pub present: usize,
}

/// A field that varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the spec")]
pub enum AxisField {
    UpThreshold,
    DownThreshold,
    UpDelay,
    DownDelay,
    Min,
    Window,
}

impl AxisField {
    /// Its path below the service.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            AxisField::UpThreshold => "autoscaling.scaleUp.threshold",
            AxisField::DownThreshold => "autoscaling.scaleDown.threshold",
            AxisField::UpDelay => "autoscaling.scaleUp.delay",
            AxisField::DownDelay => "autoscaling.scaleDown.delay",
            AxisField::Min => "replicas.min",
            AxisField::Window => "schedule",
        }
    }
}

/// One value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AxisValue {
    /// A threshold.
    Part(Share),
    /// A delay.
    Delay(Duration),
    /// A number of replicas.
    Count(u32),
    /// A weekly window, or none.
    Weekly(Option<WindowChoice>),
}

/// A window of whole hours, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowChoice {
    /// Whether it opens on all days; else from Monday to Friday.
    pub all_days: bool,
    /// Its first hour.
    pub from: u16,
    /// The hour after its last, up to 24.
    pub to: u16,
    /// The least number of replicas in it.
    pub min: u32,
}

impl WindowChoice {
    /// The days on which it opens.
    #[must_use]
    pub fn days(self) -> Vec<Day> {
        (0..if self.all_days { 7 } else { 5 }).map(Day).collect()
    }

    pub(super) fn clock(hour: u16) -> String {
        format!("{hour:02}:00")
    }
}

impl fmt::Display for AxisValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AxisValue::Part(share) => write!(f, "{share}"),
            AxisValue::Delay(delay) => write!(f, "{delay}"),
            AxisValue::Count(count) => write!(f, "{count}"),
            AxisValue::Weekly(None) => write!(f, "none"),
            AxisValue::Weekly(Some(window)) => {
                let days = if window.all_days { "all days" } else { "mon to fri" };
                let (from, to) = (WindowChoice::clock(window.from), WindowChoice::clock(window.to));
                write!(f, "{days} {from} to {to} UTC: at least {}", window.min)
            }
        }
    }
}

impl AxisValue {
    pub(super) fn apply(self, field: AxisField, service: &mut Service) {
        let mut rule = ScalingRule::clone(&service.autoscaling);
        match (field, self) {
            (AxisField::UpThreshold, AxisValue::Part(share)) => put(&mut rule.up.threshold, share),
            (AxisField::DownThreshold, AxisValue::Part(share)) => put(&mut rule.down.threshold, share),
            (AxisField::UpDelay, AxisValue::Delay(delay)) => put(&mut rule.up.delay, delay),
            (AxisField::DownDelay, AxisValue::Delay(delay)) => put(&mut rule.down.delay, delay),
            (AxisField::Min, AxisValue::Count(count)) => put(&mut service.replicas.min, count),
            (AxisField::Window, AxisValue::Weekly(Some(window))) => {
                let at = service.at;
                let max = service.replicas.max.value;
                service.schedule.push(Window {
                    at,
                    days: Val::default_at(window.days(), at),
                    from: Val::default_at(TimeOfDay(window.from * 60), at),
                    to: Val::default_at(TimeOfDay(window.to * 60), at),
                    timezone: Val::default_at(Some("UTC".to_owned()), at),
                    zone: "UTC".to_owned(),
                    min: Val::default_at(window.min, at),
                    max: Val::default_at(max, at),
                });
            }
            _ => {}
        }
        service.autoscaling = service.autoscaling.with_rule(rule);
    }
}

/// A value that differs from what was there counts as written.
fn put<T: PartialEq>(place: &mut Val<T>, value: T) {
    place.written |= place.value != value;
    place.value = value;
}

impl Axis {
    fn new(field: AxisField, mut values: Vec<AxisValue>, present: AxisValue) -> Axis {
        if !values.contains(&present) {
            values.push(present);
        }
        values.sort_by_key(order);
        let present = values.iter().position(|value| *value == present).unwrap_or(0);
        Axis { field, values, present }
    }

    /// Leaves out every second value between the ends, but not the present one.
    pub(super) fn thin(&mut self) {
        let (present, last) = (self.present, self.values.len() - 1);
        let was = self.values.get(present).copied();
        let mut index = 0;
        self.values.retain(|_| {
            let stays = index % 2 == 0 || index == present || index == last;
            index += 1;
            stays
        });
        self.present = self.values.iter().position(|value| Some(*value) == was).unwrap_or(0);
    }
}

fn order(value: &AxisValue) -> (u64, u64) {
    match value {
        AxisValue::Part(share) => (share.0, 0),
        AxisValue::Delay(delay) => (delay.0, 0),
        AxisValue::Count(count) => (u64::from(*count), 0),
        AxisValue::Weekly(None) => (0, 0),
        AxisValue::Weekly(Some(window)) => {
            let hours = (u64::from(window.all_days) * 24 + u64::from(window.from)) * 32 + u64::from(window.to);
            (1 + hours, u64::from(window.min))
        }
    }
}

const SECOND: u64 = 1000;
const UP: [u64; 5] = [15 * SECOND, 30 * SECOND, 60 * SECOND, 120 * SECOND, 300 * SECOND];
const DOWN: [u64; 5] = [300 * SECOND, 600 * SECOND, 900 * SECOND, 1800 * SECOND, 3600 * SECOND];

/// The axes of the fields that may change.
pub(super) fn all(service: &Service, tune: &[Tune], down: bool) -> Vec<Axis> {
    let mut axes = Vec::new();
    let scaling = &service.autoscaling;
    let twentieth = Share::ONE / 20;
    let parts = || (10..=19).map(|count| AxisValue::Part(Share(count * twentieth))).collect::<Vec<_>>();
    if tune.contains(&Tune::Thresholds) {
        axes.push(Axis::new(AxisField::UpThreshold, parts(), AxisValue::Part(scaling.up.threshold.value)));
        if down {
            axes.push(Axis::new(AxisField::DownThreshold, parts(), AxisValue::Part(scaling.down.threshold.value)));
        }
    }
    if tune.contains(&Tune::Delays) {
        let delays = |all: [u64; 5]| all.into_iter().map(|delay| AxisValue::Delay(Duration(delay))).collect();
        axes.push(Axis::new(AxisField::UpDelay, delays(UP), AxisValue::Delay(scaling.up.delay.value)));
        axes.push(Axis::new(AxisField::DownDelay, delays(DOWN), AxisValue::Delay(scaling.down.delay.value)));
    }
    let (min, max) = (service.replicas.min.value, service.replicas.max.value);
    if tune.contains(&Tune::Min) && min < max {
        // a minimum of at least 2 was written so that one replica may fail
        let least = if min >= 2 { 2 } else { min.min(1) };
        let counts = (least..=max).map(AxisValue::Count).collect();
        axes.push(Axis::new(AxisField::Min, counts, AxisValue::Count(min)));
    }
    if tune.contains(&Tune::Windows) && min < max && service.schedule.is_empty() {
        axes.push(Axis::new(AxisField::Window, windows(min, max), AxisValue::Weekly(None)));
    }
    axes
}

fn windows(min: u32, max: u32) -> Vec<AxisValue> {
    let mut all = Vec::new();
    for all_days in [false, true] {
        for from in 0..24 {
            for to in from + 1..=24 {
                let each = (min + 1..=max).map(|min| WindowChoice { all_days, from, to, min });
                all.extend(each.map(|window| AxisValue::Weekly(Some(window))));
            }
        }
    }
    all
}
