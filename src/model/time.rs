//! Durations, times of day and days of the week: read and print. Knows no clock and no time zone.

use std::fmt;

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(pub u64);

/// Minutes since midnight, 0 to 1440 (`24:00`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(pub u16);

/// A day of the week; Monday is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub u8);

impl Duration {
    /// From whole seconds.
    #[must_use]
    pub const fn seconds(seconds: u64) -> Duration {
        Duration(seconds.saturating_mul(1000))
    }

    /// Whole seconds, rounded up.
    #[must_use]
    pub fn as_seconds(self) -> u64 {
        self.0.div_ceil(1000)
    }

    /// The duration that words such as `5 min` and `30 seconds` mean.
    #[must_use]
    pub fn correction(text: &str) -> Option<String> {
        let text = text.trim();
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit() && c != '.')?);
        let unit = match unit.trim().to_ascii_lowercase().as_str() {
            "ms" | "msec" | "millis" | "millisecond" | "milliseconds" => "ms",
            "s" | "sec" | "secs" | "second" | "seconds" => "s",
            "m" | "min" | "mins" | "minute" | "minutes" => "m",
            "h" | "hr" | "hrs" | "hour" | "hours" => "h",
            "d" | "day" | "days" => "d",
            _ => return None,
        };
        let meant = format!("{number}{unit}");
        Duration::parse(&meant).map(|_| meant)
    }

    /// Reads `90s`, `1m`, `1h30m`, `1.5h`, `1d`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Duration> {
        let mut rest = text.trim();
        if rest == "0" {
            return Some(Duration(0));
        }
        let mut total: u128 = 0;
        let mut smallest = u128::MAX;
        while !rest.is_empty() {
            let split = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
            let (number, tail) = rest.split_at(split);
            let end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
            let (unit, after) = tail.split_at(end);
            let millis: u128 = match unit {
                "ms" => 1,
                "s" => 1000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                "w" => 604_800_000,
                _ => return None,
            };
            // units go from large to small, each once, as Go and Prometheus print them
            if millis >= smallest {
                return None;
            }
            smallest = millis;
            let (whole, part) = number.split_once('.').unwrap_or((number, ""));
            if part.len() > 9 || (whole.is_empty() && part.is_empty()) {
                return None;
            }
            let digits: u128 = format!("{whole}{part}").parse().ok()?;
            let power = 10u128.checked_pow(u32::try_from(part.len()).ok()?)?;
            total = total.checked_add(digits.checked_mul(millis)?.div_ceil(power))?;
            rest = after;
        }
        // ten years are more than any delay; this bound keeps every later sum inside its type
        if text.trim().is_empty() || total > 315_360_000_000 {
            return None;
        }
        u64::try_from(total).ok().map(Duration)
    }
}

impl fmt::Display for Duration {
    /// As Go prints it, without zero parts: `1m30s`, `30m`, `500ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return write!(f, "0s");
        }
        let mut rest = self.0;
        for (size, name) in [(3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")] {
            if rest >= size {
                write!(f, "{}{name}", rest / size)?;
                rest %= size;
            }
        }
        Ok(())
    }
}

impl TimeOfDay {
    /// Reads `08:00`, `8:00`, `24:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<TimeOfDay> {
        let (hour, minute) = text.split_once(':')?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !(1..=2).contains(&hour.len()) || minute.len() != 2 || !digits(hour) || !digits(minute) {
            return None;
        }
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        let total = hour * 60 + minute;
        (minute < 60 && total <= 1440).then_some(TimeOfDay(total))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Day {
    /// The words of the spec, Monday first.
    pub const WORDS: [&'static str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// Reads `mon` to `sun`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Day> {
        Day::WORDS.iter().position(|word| *word == text).and_then(|index| u8::try_from(index).ok()).map(Day)
    }

    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        Day::WORDS.get(usize::from(self.0)).copied().unwrap_or("mon")
    }
}
