//! CSV with a header: `time,value[,queued,replicas]`, in any order.

use super::{SampleReader, short, time_help, unix};
use crate::simulate::Nanos;
use crate::simulate::demand::DemandSample;
use crate::support::source::Span;
use crate::support::suggest::closest;
use jiff::Timestamp;

const NAMES: [&str; 4] = ["time", "value", "queued", "replicas"];

/// The format of a file's times: that of its first one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TimeUnit {
    Rfc3339,
    Seconds,
}

/// Reads the lines of a file; `skipped` bytes come before them.
pub(super) fn read(text: &str, skipped: usize, reader: &mut SampleReader) {
    let mut columns: Option<Vec<&'static str>> = None;
    let mut unit = None;
    for (line, from) in lines(text, skipped) {
        match &columns {
            None => match header(line, from, reader) {
                Some(found) => columns = Some(found),
                None => return,
            },
            Some(columns) => row(line, from, columns, &mut unit, reader),
        }
        if reader.is_full() {
            return;
        }
    }
    if columns.is_none() {
        reader.error(Span::new(skipped, skipped), "an empty file", "begin with the header `time,value`");
    }
}

/// The lines that are not blank, each with where it begins; `skipped` bytes come before the text.
pub(super) fn lines(text: &str, skipped: usize) -> impl Iterator<Item = (&str, usize)> {
    let mut at = skipped;
    let placed = text.split_inclusive('\n').map(move |line| {
        let from = at;
        at += line.len();
        (line.trim_end_matches(['\n', '\r']), from)
    });
    placed.filter(|(line, _)| !line.trim().is_empty())
}

/// The cells of a line with where each begins.
pub(super) fn cells(line: &str, from: usize) -> impl Iterator<Item = (&str, Span)> {
    let mut at = from;
    line.split(',').map(move |cell| {
        let begin = at + (cell.len() - cell.trim_start().len());
        at += cell.len() + 1;
        let cell = cell.trim();
        let whole = Span::new(begin, begin + cell.len());
        match cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')) {
            Some(inner) => (inner, whole),
            None => (cell, whole),
        }
    })
}

fn header(line: &str, from: usize, reader: &mut SampleReader) -> Option<Vec<&'static str>> {
    let mut columns = Vec::new();
    for (name, span) in cells(line, from) {
        let known = NAMES.into_iter().find(|known| known.eq_ignore_ascii_case(name));
        match known {
            Some(known) if columns.contains(&known) => {
                reader.error(span, format!("the column `{known}` appears twice"), "keep one of them");
            }
            Some(known) => columns.push(known),
            None => {
                let help = match closest(name, NAMES.into_iter()) {
                    Some(close) => format!("did you mean `{close}`?"),
                    None if line.contains(';') || line.contains('\t') => "put commas between the columns".to_owned(),
                    None => "the first line is `time,value`, or `time,value,queued,replicas`".to_owned(),
                };
                reader.error(span, format!("`{}` is not a column", short(name)), help);
            }
        }
    }
    let line = Span::new(from, from + line.len());
    for wanted in ["time", "value"] {
        if reader.errors == 0 && !columns.contains(&wanted) {
            reader.error(line, format!("no column `{wanted}`"), "the first line is `time,value`");
        }
    }
    (reader.errors == 0).then_some(columns)
}

fn row(line: &str, from: usize, columns: &[&'static str], unit: &mut Option<TimeUnit>, reader: &mut SampleReader) {
    let whole = Span::new(from, from + line.len());
    let count = cells(line, from).count();
    if count != columns.len() {
        let message = format!("{count} values where the header has {} columns", columns.len());
        return reader.error(whole, message, "write one value for each column");
    }
    let mut sample = DemandSample::default();
    let mut sound = true;
    let mut place = whole;
    for ((text, span), column) in cells(line, from).zip(columns) {
        if *column == "time" {
            place = span;
            match time(text, span, unit, reader) {
                Some(at) => sample.at = at,
                None => sound = false,
            }
            continue;
        }
        if text.is_empty() && *column != "value" {
            continue;
        }
        let Some(value) = reader.amount(text, span, column) else {
            sound = false;
            continue;
        };
        match *column {
            "queued" => sample.queued = Some(value),
            "replicas" => sample.replicas = Some(value),
            _ => sample.value = value,
        }
    }
    if sound {
        reader.push(sample, place);
    }
}

fn time(text: &str, span: Span, unit: &mut Option<TimeUnit>, reader: &mut SampleReader) -> Option<Nanos> {
    let number = text.parse::<f64>();
    let this = if number.is_ok() { TimeUnit::Seconds } else { TimeUnit::Rfc3339 };
    let read = match number {
        Ok(seconds) => unix(seconds),
        Err(_) => rfc3339(text),
    };
    match read {
        Ok(_) if unit.is_some_and(|unit| unit != this) => {
            let message = format!("`{}` is another form of time than in the lines above", short(text));
            reader.error(span, message, "write all times as RFC 3339, or all as Unix seconds");
            None
        }
        Ok(at) => {
            *unit = Some(this);
            Some(at)
        }
        Err(why) => {
            reader.error(span, format!("`{}` is {why}", short(text)), time_help(text));
            None
        }
    }
}

fn rfc3339(text: &str) -> Result<Nanos, String> {
    // a blank in place of the T is what databases export
    let form = |_| match format!("{text}Z").parse::<Timestamp>() {
        Ok(_) => "a time without its offset from UTC".to_owned(),
        Err(_) => "no time: RFC 3339 is `2026-11-23T09:00:00Z`".to_owned(),
    };
    let at: Timestamp = text.parse().map_err(form)?;
    i64::try_from(at.as_nanosecond()).ok().filter(|at| *at >= 0).ok_or_else(|| "no time from 1970 to 2261".to_owned())
}
