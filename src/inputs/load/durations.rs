//! Measured service times: CSV with a column `seconds` or `milliseconds`, one job a line; other columns are not looked at.

use super::{SampleReader, csv, short};
use crate::simulate::{MILLISECOND, Nanos, SECOND};
use crate::support::source::Span;

/// The columns that hold durations, with the length of their unit.
const COLUMNS: [(&str, Nanos); 2] = [("seconds", SECOND), ("milliseconds", MILLISECOND)];
/// The longest job in nanoseconds: ten years.
const LONGEST: f64 = 3.2e17;

/// Reads the lines of a file; `skipped` bytes come before them.
pub(super) fn read(text: &str, skipped: usize, reader: &mut SampleReader) -> Vec<Nanos> {
    let mut column: Option<DurationColumn> = None;
    let mut times = Vec::new();
    for (line, from) in csv::lines(text, skipped) {
        match &column {
            None => match header(line, from, reader) {
                Some(found) => column = Some(found),
                None => return times,
            },
            Some(column) => times.extend(column.value(line, from, reader)),
        }
        if reader.is_full() {
            return times;
        }
    }
    let whole = Span::new(skipped, skipped);
    if column.is_none() {
        reader.error(whole, "an empty file", "begin with the header `seconds`");
    } else if reader.errors == 0 && times.iter().all(|time| *time == 0) {
        reader.error(whole, "no job takes any time in this file", "record how long each job runs, without its wait");
    }
    times
}

/// Where durations are in a line.
struct DurationColumn {
    name: &'static str,
    unit: Nanos,
    index: usize,
    width: usize,
}

fn header(line: &str, from: usize, reader: &mut SampleReader) -> Option<DurationColumn> {
    let mut found: Option<DurationColumn> = None;
    let width = csv::cells(line, from).count();
    for (index, (name, span)) in csv::cells(line, from).enumerate() {
        let Some((name, unit)) = COLUMNS.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) else {
            continue;
        };
        if found.is_some() {
            reader.error(span, "a second column of durations", "keep one of `seconds` and `milliseconds`");
            return None;
        }
        found = Some(DurationColumn { name, unit, index, width });
    }
    if found.is_none() {
        let message = "no column `seconds` or `milliseconds`";
        reader.error(Span::new(from, from + line.len()), message, "the first line is `seconds`, and each job a line");
    }
    found
}

impl DurationColumn {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the range is checked")]
    fn value(&self, line: &str, from: usize, reader: &mut SampleReader) -> Option<Nanos> {
        let count = csv::cells(line, from).count();
        if count != self.width {
            let message = format!("{count} values where the header has {} columns", self.width);
            reader.error(Span::new(from, from + line.len()), message, "write one value for each column");
            return None;
        }
        let (text, span) = csv::cells(line, from).nth(self.index)?;
        let nanos = reader.amount(text, span, self.name)? * self.unit as f64;
        if nanos > LONGEST {
            let message = format!("`{}` {} are more than ten years", short(text), self.name);
            reader.error(span, message, "check the unit of the column");
            return None;
        }
        Some(nanos.round() as Nanos)
    }
}
