//! A run as a chart of characters: used slots, free slots, jobs without a slot. Needs no colour.

use super::super::words::TextStyle;
use super::{LoadView, Trial};
use crate::simulate::Nanos;
use crate::simulate::policy::Gauges;
use crate::simulate::trace::Quality;

/// Lines of a chart.
const HEIGHT: i64 = 8;
/// The narrowest and the widest chart.
const WIDTH: (usize, usize) = (20, 160);

/// One character for each state.
struct Signs {
    used: char,
    free: char,
    without: char,
    gap: char,
    capped: char,
    bar: char,
}

fn signs(style: TextStyle) -> Signs {
    if style.unicode {
        Signs { used: '█', free: '░', without: '▲', gap: '?', capped: '~', bar: '│' }
    } else {
        Signs { used: '#', free: '.', without: '^', gap: '?', capped: '~', bar: '|' }
    }
}

/// The legend of the characters.
pub(super) fn legend(style: TextStyle) -> String {
    let signs = signs(style);
    format!(
        "{} slots in use  {} slots free  {} jobs that wait for one  {} not recorded  {} demand cut by capacity; each column shows its worst instant",
        signs.used, signs.free, signs.without, signs.gap, signs.capped
    )
}

/// The lines of one chart, no wider than the style allows. `top` is the number at its upper end.
pub(super) fn chart(trial: &Trial, load: Option<&LoadView>, top: i64, style: TextStyle) -> Vec<String> {
    let series = &trial.run.series;
    let (Some(first), Some(last)) = (series.first(), series.last()) else { return Vec::new() };
    let label = top.to_string().len().max(2);
    let width = style.width.saturating_sub(label + 2).clamp(WIDTH.0, WIDTH.1);
    let slots = i64::from(trial.slots);
    let columns = columns(series, (first.at, last.at), width, slots);
    let signs = signs(style);
    let mut lines = Vec::new();
    for row in (1..=HEIGHT).rev() {
        // a row represents the numbers above the one below it, so that a single job is visible
        let level = (row - 1) * top / HEIGHT;
        let label_text = if row == HEIGHT { top.to_string() } else { String::new() };
        let cells: String = columns.iter().map(|column| sign(column.as_ref(), level, slots, &signs)).collect();
        lines.push(format!("{label_text:>label$} {}{}", signs.bar, cells.trim_end()));
    }
    let marks: String =
        (0..columns.len()).map(|index| mark(load, (first.at, last.at), index, columns.len(), &signs)).collect();
    lines.push(format!("{:>label$} {}{}", 0, signs.bar, marks.trim_end()));
    let (from, to) = (clock(first.at), clock(last.at));
    let blank = width.saturating_sub(from.len() + to.len());
    lines.push(format!("{:>label$}  {from}{}{to}", "", " ".repeat(blank.max(1))));
    lines
}

/// The most jobs that ran or waited at one scrape.
pub(super) fn most_jobs(trial: &Trial) -> i64 {
    trial.run.series.iter().map(|now| now.running + now.queued).max().unwrap_or(0)
}

/// For each column the instant at which most jobs lacked a slot, or the fewest slots were free.
fn columns(series: &[Gauges], (from, to): (Nanos, Nanos), width: usize, slots: i64) -> Vec<Option<Gauges>> {
    let mut columns: Vec<Option<Gauges>> = vec![None; width];
    let short = |now: &Gauges| now.running + now.queued - i64::from(now.ready) * slots;
    for now in series {
        let index = usize::try_from(i128::from(now.at - from) * width as i128 / i128::from((to - from).max(1)));
        let Some(column) = index.ok().and_then(|index| columns.get_mut(index.min(width - 1))) else { continue };
        if column.is_none_or(|worst| short(now) > short(&worst)) {
            *column = Some(*now);
        }
    }
    // fewer samples than columns: each holds until the next
    let mut before = None;
    for column in &mut columns {
        *column = column.or(before);
        before = *column;
    }
    columns
}

fn sign(column: Option<&Gauges>, level: i64, slots: i64, signs: &Signs) -> char {
    let Some(now) = column else { return ' ' };
    let (capacity, demand) = (i64::from(now.ready) * slots, now.running + now.queued);
    match (capacity > level, demand > level) {
        (true, true) => signs.used,
        (true, false) => signs.free,
        (false, true) => signs.without,
        (false, false) => ' ',
    }
}

/// The sample of a column.
fn mark(load: Option<&LoadView>, (from, to): (Nanos, Nanos), index: usize, width: usize, signs: &Signs) -> char {
    let Some(load) = load else { return ' ' };
    let middle = i128::from(from) + i128::from(to - from) * (2 * index as i128 + 1) / (2 * width.max(1) as i128);
    let at = Nanos::try_from(middle).unwrap_or(from);
    let steps = &load.trace.steps;
    let begun = steps.partition_point(|step| step.from <= at);
    match begun.checked_sub(1).and_then(|last| steps.get(last)).filter(|step| at < step.to) {
        None => signs.gap,
        Some(step) if step.quality == Quality::Gap => signs.gap,
        Some(step) if step.quality == Quality::Capped => signs.capped,
        Some(_) => '-',
    }
}

/// `11-30 09:00` in UTC.
pub(super) fn clock(at: Nanos) -> String {
    let minutes = at.div_euclid(60_000_000_000);
    let (days, minute) = (minutes.div_euclid(1440), minutes.rem_euclid(1440));
    let (month, day) = month_and_day(days);
    format!("{month:02}-{day:02} {:02}:{:02}Z", minute / 60, minute % 60)
}

/// The month and day of a day since 1970-01-01 in the Gregorian calendar.
fn month_and_day(days: i64) -> (i64, i64) {
    // years begin in March here, so that the leap day is the last day of one
    let days = days + 719_468;
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    (if month < 10 { month + 3 } else { month - 9 }, day)
}
