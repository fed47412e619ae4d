//! When CronJobs run that hold the bounds of windows: at each edge, and again and again within a window, so that what an
//! apply puts back heals. Knows minutes of the week, no object and no bounds.

use super::weekly::{DAY, WEEK, Weekly, days_text};
use std::collections::{BTreeMap, BTreeSet};

/// Minutes between two runs.
const AGAIN: u32 = 5;
/// For so many minutes after a window the bounds outside of it are set again and again too: a run may have been missed, and
/// after that an apply changes nothing, because the file holds these bounds.
const AFTER: u32 = 60;
/// No run begins so many minutes before an edge, but the one at an edge.
const BEFORE: u32 = 4;

/// The expressions of each window by its index, and of the time outside of all (`None`).
pub(super) fn schedules(windows: &[Weekly]) -> Vec<(Option<usize>, Vec<String>)> {
    let owners = owners(windows);
    let mut runs: BTreeMap<Option<usize>, Vec<u32>> = BTreeMap::new();
    for (owner, from, to) in segments(&owners, windows) {
        let length = if owner.is_some() { to - from } else { (to - from).min(AFTER) };
        let due = (0..length).step_by(AGAIN as usize).filter(|after| *after == 0 || from + after + BEFORE <= to);
        runs.entry(owner).or_default().extend(due.map(|after| (from + after) % WEEK));
    }
    // the windows first, in their order, then what is outside
    let mut all: Vec<_> = runs.into_iter().map(|(owner, minutes)| (owner, expressions(&minutes))).collect();
    all.sort_by_key(|(owner, _)| owner.map_or(usize::MAX, |index| index));
    all
}

/// Which window each minute of the week is in; the first of several.
fn owners(windows: &[Weekly]) -> Vec<Option<usize>> {
    let mut owners = vec![None; WEEK as usize];
    for (index, weekly) in windows.iter().enumerate().rev() {
        for (open, close) in weekly.opens.iter().zip(&weekly.closes) {
            let length = if close > open { close - open } else { close + WEEK - open };
            for minute in *open..*open + length {
                if let Some(owner) = owners.get_mut((minute % WEEK) as usize) {
                    *owner = Some(index);
                }
            }
        }
    }
    owners
}

/// Stretches of one owner as owner, first minute and one past the last, which may be in the next week.
fn segments(owners: &[Option<usize>], windows: &[Weekly]) -> Vec<(Option<usize>, u32, u32)> {
    let opens: BTreeSet<u32> = windows.iter().flat_map(|weekly| weekly.opens.iter().copied()).collect();
    let at = |minute: u32| owners.get((minute % WEEK) as usize).copied().flatten();
    let edges: Vec<u32> = (0..WEEK).filter(|minute| at(*minute) != at(minute + WEEK - 1)).collect();
    let edges = if edges.is_empty() { opens.into_iter().collect() } else { edges };
    let after = edges.iter().skip(1).copied().chain(edges.first().map(|first| first + WEEK));
    edges.iter().zip(after).map(|(from, to)| (at(*from), *from, to)).collect()
}

/// Few expressions of five fields that fire at these minutes of the week and at no other.
fn expressions(minutes: &[u32]) -> Vec<String> {
    let mut hours: BTreeMap<(u32, u32), BTreeSet<u32>> = BTreeMap::new();
    for minute in minutes {
        hours.entry((minute / DAY, minute % DAY / 60)).or_default().insert(minute % 60);
    }
    // hours of one day with the same minutes, then days with the same hours
    let mut days: BTreeMap<(BTreeSet<u32>, u32), BTreeSet<u32>> = BTreeMap::new();
    for ((day, hour), within) in hours {
        days.entry((within, day)).or_default().insert(hour);
    }
    let mut alike: BTreeMap<(BTreeSet<u32>, BTreeSet<u32>), BTreeSet<u32>> = BTreeMap::new();
    for ((within, day), hours) in days {
        alike.entry((within, hours)).or_default().insert(day);
    }
    let mut all: Vec<_> = alike.into_iter().collect();
    // the earliest of the week first
    all.sort_by_key(|((within, hours), days)| (days.first().copied(), hours.first().copied(), within.first().copied()));
    let written = |((within, hours), days): &((BTreeSet<u32>, BTreeSet<u32>), BTreeSet<u32>)| {
        format!("{} {} * * {}", field(within, 60), field(hours, 24), days_text(days))
    };
    all.iter().map(written).collect()
}

/// Numbers as a field of cron: runs of neighbours, steps, or one after the other.
fn field(numbers: &BTreeSet<u32>, of: u32) -> String {
    let all: Vec<u32> = numbers.iter().copied().collect();
    let (Some(first), Some(last)) = (all.first(), all.last()) else { return String::new() };
    let steps = |step: u32| all.len() > 2 && all.windows(2).all(|pair| matches!(pair, [a, b] if a + step == *b));
    if steps(1) && all.len() == of as usize {
        return "*".to_owned();
    }
    if steps(AGAIN) {
        return match (first, last + AGAIN >= of) {
            (0, true) => format!("*/{AGAIN}"),
            _ => format!("{first}-{last}/{AGAIN}"),
        };
    }
    super::weekly::runs_text(numbers)
}
