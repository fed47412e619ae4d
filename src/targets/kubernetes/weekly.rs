//! The weekly windows of a service as moments that cron names. Knows days and minutes, no object and no bounds.

use crate::plan::Window;
use std::collections::BTreeSet;

/// Minutes of a day and of a week.
pub(super) const DAY: u32 = 1440;
pub(super) const WEEK: u32 = 7 * DAY;

/// One time of day on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WeeklyMoments {
    /// Minute of the day.
    pub minute: u32,
    /// Days, Monday 0.
    pub days: BTreeSet<u32>,
}

impl WeeklyMoments {
    /// From minutes since Monday 00:00 that share their time of day.
    pub(super) fn of(minutes: impl IntoIterator<Item = u32>) -> WeeklyMoments {
        let mut moments = WeeklyMoments { minute: 0, days: BTreeSet::new() };
        for minute in minutes {
            moments.minute = minute % DAY;
            moments.days.insert(minute / DAY % 7);
        }
        moments
    }

    /// Five fields. Days are 0 to 6 from Sunday: 7 and names are not read everywhere.
    pub(super) fn cron(&self) -> String {
        format!("{} {} * * {}", self.minute % 60, self.minute / 60, days_text(&self.days))
    }

    /// `0800`.
    pub(super) fn clock(&self) -> String {
        format!("{:02}{:02}", self.minute / 60, self.minute % 60)
    }
}

/// Days, Monday 0, as cron writes them.
pub(super) fn days_text(days: &BTreeSet<u32>) -> String {
    let days: BTreeSet<u32> = days.iter().map(|day| (day + 1) % 7).collect();
    if days.len() == 7 { "*".to_owned() } else { runs_text(&days) }
}

/// `1-5,7`.
pub(super) fn runs_text(numbers: &BTreeSet<u32>) -> String {
    let text = |(first, last): (u32, u32)| match last - first {
        0 => first.to_string(),
        _ => format!("{first}-{last}"),
    };
    runs(numbers).into_iter().map(text).collect::<Vec<_>>().join(",")
}

/// First and last of each run of numbers.
fn runs(numbers: &BTreeSet<u32>) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => runs.push((*number, *number)),
        }
    }
    runs
}

/// When a window opens and closes, in the clock of its zone.
#[derive(Clone, Debug)]
pub(super) struct Weekly {
    pub zone: String,
    /// Minutes since Monday 00:00 at which it opens, and those at which it closes.
    pub opens: Vec<u32>,
    pub closes: Vec<u32>,
}

impl Weekly {
    /// `None` if the zone is unknown or the window is not a time at all; rules have said so.
    pub(super) fn of(window: &Window) -> Option<Weekly> {
        let zone = window.timezone.value.clone()?;
        let (from, to) = (u32::from(window.from.value.0), u32::from(window.to.value.0));
        let length = match to.checked_sub(from) {
            Some(0) => return None,
            Some(length) => length,
            // over midnight
            None => to + DAY - from,
        };
        let days: BTreeSet<u32> = window.days.value.iter().map(|day| u32::from(day.0)).collect();
        let opens: Vec<u32> = days.iter().map(|day| (day * DAY + from) % WEEK).collect();
        let closes = opens.iter().map(|open| (open + length) % WEEK).collect();
        Some(Weekly { zone, opens, closes })
    }

    pub(super) fn start(&self) -> WeeklyMoments {
        WeeklyMoments::of(self.opens.iter().copied())
    }

    /// The days are those on which it ends: an overnight window ends a day later than it starts.
    pub(super) fn end(&self) -> WeeklyMoments {
        WeeklyMoments::of(self.closes.iter().copied())
    }

    /// The time between one closing and the next opening, as a window of its own.
    pub(super) fn between(&self) -> Weekly {
        Weekly { zone: self.zone.clone(), opens: self.closes.clone(), closes: self.opens.clone() }
    }

    /// Whether it never closes: it ends at the very moments at which it starts.
    pub(super) fn always(&self) -> bool {
        self.start() == self.end()
    }

    /// A word for it made of its days and its start, of `[a-z0-9_]` and beginning with a letter: `mon_to_fri_0800`.
    pub(super) fn word(&self) -> String {
        const WORDS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let start = self.start();
        let word = |day: u32| usize::try_from(day).ok().and_then(|day| WORDS.get(day)).copied().unwrap_or_default();
        let days: Vec<String> = runs(&start.days)
            .into_iter()
            .map(|(first, last)| match last - first {
                0 => word(first).to_owned(),
                6 => "daily".to_owned(),
                1 => format!("{}_{}", word(first), word(last)),
                _ => format!("{}_to_{}", word(first), word(last)),
            })
            .collect();
        format!("{}_{}", days.join("_"), start.clock())
    }
}
