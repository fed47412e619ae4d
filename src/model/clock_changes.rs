//! Local hours that a time zone skips. Knows no window.

use super::states::transitions;
use super::time::{Day, TimeOfDay};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A local hour that does not exist: clocks are set forward over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The day of the week it falls on in the reference year.
    pub day: Day,
    /// First local minute that does not exist.
    pub from: TimeOfDay,
    /// The local minute that follows in its place.
    pub to: TimeOfDay,
    /// The date in the reference year: `2027-03-28`.
    pub date: String,
}

/// The hours a zone skips in the reference year.
#[must_use]
pub fn gaps(zone: &str) -> Vec<Gap> {
    let Ok(zone) = TimeZone::get(zone) else { return Vec::new() };
    let mut gaps = Vec::new();
    for instant in transitions(&zone) {
        let (Ok(before), Ok(after)) = (Timestamp::from_second(instant - 1), Timestamp::from_second(instant)) else {
            continue;
        };
        let skipped = zone.to_offset(after).seconds() - zone.to_offset(before).seconds();
        if skipped <= 0 {
            continue;
        }
        // the local time at which the old offset ends is the first that does not exist
        let start = zone.to_offset(before).to_datetime(after);
        let minutes = i64::from(start.hour()) * 60 + i64::from(start.minute());
        let from = u16::try_from(minutes).map(TimeOfDay).unwrap_or_default();
        let to = u16::try_from((minutes + i64::from(skipped) / 60).min(1440)).map(TimeOfDay).unwrap_or_default();
        let day = u8::try_from(start.weekday().to_monday_zero_offset()).map(Day).unwrap_or(Day(0));
        gaps.push(Gap { day, from, to, date: start.date().to_string() });
    }
    gaps
}
