//! A day of the calendar: read, printed, compared. Knows no clock: today comes in from outside.

use jiff::civil::{Date, date};
use std::fmt;

/// A day, by UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CalendarDay(Date);

impl CalendarDay {
    /// Reads `2027-01-31`.
    #[must_use]
    pub fn parse(text: &str) -> Option<CalendarDay> {
        let form = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        text.parse().ok().filter(|_| form).map(CalendarDay)
    }

    /// The day so many whole days after 1970-01-01; the last day of the calendar if there are too many.
    #[must_use]
    pub fn since_epoch(days: u64) -> CalendarDay {
        let days = i64::try_from(days).unwrap_or(i64::MAX);
        let span = jiff::Span::new().try_days(days);
        CalendarDay(span.and_then(|span| date(1970, 1, 1).checked_add(span)).unwrap_or(Date::MAX))
    }
}

impl fmt::Display for CalendarDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::CalendarDay;

    #[test]
    fn only_one_form_is_a_day() {
        assert_eq!(CalendarDay::parse("2027-01-31").map(|day| day.to_string()).as_deref(), Some("2027-01-31"));
        for text in ["2027-02-30", "2027-1-31", "31.01.2027", "20270131", "2027-01-31T00:00", "", "-027-01-31"] {
            assert_eq!(CalendarDay::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_counted_from_the_epoch() {
        assert_eq!(CalendarDay::since_epoch(0).to_string(), "1970-01-01");
        assert_eq!(CalendarDay::since_epoch(20_849).to_string(), "2027-01-31");
        assert_eq!(CalendarDay::since_epoch(u64::MAX).to_string(), "9999-12-31");
    }
}
