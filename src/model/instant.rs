//! One instant: read from text, and which weekly window is open at it. Knows no clock and no state.

use super::time::{Day, TimeOfDay};
use super::{Service, Window};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::fmt;

/// An instant, shown in the zone it was given in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instant {
    at: Zoned,
    /// The offset or zone that was given; UTC if none was.
    zone: String,
}

impl Instant {
    /// Reads `2026-11-23T09:00` (UTC), `…Z`, `…+01:00`, `…[Europe/Berlin]`, `…+01:00[Europe/Berlin]`; a date alone is its midnight.
    ///
    /// # Errors
    /// Why it is not an instant: a message, lowercase, no full stop.
    pub fn parse(text: &str) -> Result<Instant, String> {
        let text = text.trim();
        let form = || format!("`{}` is not a time like 2026-11-23T09:00", text.escape_debug());
        if let Some((local, zone)) = text.split_once('[') {
            let zone = zone.trim_end_matches(']');
            let known =
                TimeZone::get(zone).map_err(|_| format!("`{}` is not an IANA time zone", zone.escape_debug()))?;
            if local.parse::<DateTime>().is_err() {
                return Err(form());
            }
            let at: Zoned = text
                .parse()
                .map_err(|_| format!("`{}` is not the offset of {zone} at that time", local.escape_debug()))?;
            // a local time that the clocks skip would silently move on
            if local.parse::<DateTime>().is_ok_and(|local| local != at.datetime()) {
                return Err(format!("{} does not exist in {zone}: the clocks are set forward over it", local.trim()));
            }
            return Ok(Instant { at: at.with_time_zone(known), zone: zone.to_owned() });
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            let parts: Result<DateTime, _> = text.trim_end_matches(['Z', 'z']).parse();
            let utc = instant.to_zoned(TimeZone::UTC);
            let seconds = parts.map_or(0, |local| (local.duration_since(utc.datetime())).as_secs());
            let offset = i32::try_from(seconds).ok().and_then(|seconds| jiff::tz::Offset::from_seconds(seconds).ok());
            return Ok(match offset {
                Some(offset) if seconds != 0 => {
                    Instant { at: instant.to_zoned(TimeZone::fixed(offset)), zone: offset.to_string() }
                }
                _ => Instant { at: utc, zone: "UTC".to_owned() },
            });
        }
        let local: DateTime = text.parse().map_err(|_| form())?;
        let at = local.to_zoned(TimeZone::UTC).map_err(|_| form())?;
        Ok(Instant { at, zone: "UTC".to_owned() })
    }

    /// This many seconds after the beginning of 1970, in UTC; `None` outside the years of the calendar.
    #[must_use]
    pub fn at_second(seconds: i64) -> Option<Instant> {
        let at = Timestamp::from_second(seconds).ok()?.to_zoned(TimeZone::UTC);
        Some(Instant { at, zone: "UTC".to_owned() })
    }

    /// Nanoseconds since the beginning of 1970; `None` far outside our time.
    #[must_use]
    pub fn nanoseconds(&self) -> Option<i64> {
        i64::try_from(self.at.timestamp().as_nanosecond()).ok()
    }

    /// The open window of a service, the first one written if windows overlap. `None`: its base bounds hold.
    #[must_use]
    pub fn window<'s>(&self, service: &'s Service) -> Option<&'s Window> {
        service.schedule.iter().find(|window| self.opens(window))
    }

    /// Whether a window is open. A window in an unknown zone, or with no length, never is.
    fn opens(&self, window: &Window) -> bool {
        let Some(zone) = window.timezone.value.as_deref().and_then(|zone| TimeZone::get(zone).ok()) else {
            return false;
        };
        let local = self.at.with_time_zone(zone).datetime();
        let today = local.weekday().to_monday_zero_offset();
        let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
        let starts = |day: i8| u8::try_from(day.rem_euclid(7)).is_ok_and(|day| window.days.value.contains(&Day(day)));
        let (TimeOfDay(from), TimeOfDay(to)) = (window.from.value, window.to.value);
        let (from, to) = (i32::from(from), i32::from(to));
        match from.cmp(&to) {
            std::cmp::Ordering::Less => starts(today) && (from..to).contains(&minute),
            std::cmp::Ordering::Equal => false,
            std::cmp::Ordering::Greater => (starts(today) && minute >= from) || (starts(today - 1) && minute < to),
        }
    }

    /// For programs: RFC 3339. It has no seconds in offsets, so an instant with such an offset is written in UTC.
    #[must_use]
    pub fn rfc3339(&self) -> String {
        let offset = self.at.offset();
        if offset.seconds() % 60 != 0 || offset.is_zero() {
            return self.at.timestamp().to_string();
        }
        self.at.timestamp().display_with_offset(offset).to_string()
    }
}

impl fmt::Display for Instant {
    /// For people: `mon 2026-11-23 09:00 Europe/Berlin`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = u8::try_from(self.at.weekday().to_monday_zero_offset()).map(Day).unwrap_or(Day(0));
        let local = self.at.datetime();
        let seconds = if local.second() == 0 { String::new() } else { format!(":{:02}", local.second()) };
        let (hour, minute) = (local.hour(), local.minute());
        write!(f, "{} {} {hour:02}:{minute:02}{seconds} {}", day.word(), local.date(), self.zone)
    }
}
