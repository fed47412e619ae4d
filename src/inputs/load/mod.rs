//! Recordings of load: CSV, and Prometheus' answer to `query_range`. Knows neither what the numbers count nor specs.
//!
//! A file whose first character is `{` is read as JSON, any other as CSV. Both give samples in the order of time, and
//! findings with their places. If there is an error among the findings, the samples must not be used.

mod csv;
mod durations;
mod prometheus;

use crate::simulate::Nanos;
use crate::simulate::demand::DemandSample;
use crate::simulate::krr::PodSeries;
use crate::support::diagnostic::{Finding, HelpText, Severity};
use crate::support::source::{FileId, FileSpan, Source, Span};

/// The most errors of one file that are reported: a wrong column is wrong in every line.
const MOST: usize = 20;
/// The unit of every finding about a value.
const RULE: &str = "invalid-value";

/// A recording.
#[derive(Debug, Default)]
pub struct RecordedLoad {
    /// The samples, each later than the one before.
    pub samples: Vec<DemandSample>,
    /// The faults of the file.
    pub findings: Vec<Finding>,
}

impl RecordedLoad {
    /// Whether the samples can be used.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }
}

/// Reads a recording. Takes time and memory in proportion to its length.
#[must_use]
pub fn read(source: &Source) -> RecordedLoad {
    let mut reader = SampleReader { load: RecordedLoad::default(), errors: 0, is_full: false };
    let text = source.text.trim_start_matches('\u{feff}');
    let skipped = source.text.len() - text.len();
    match text.trim_start().starts_with('{') {
        true => prometheus::read(source, text, skipped, &mut reader),
        false => csv::read(text, skipped, &mut reader),
    }
    let load = &mut reader.load;
    if load.findings.is_empty() && load.samples.is_empty() {
        reader.error(Span::new(0, 0), "no sample in this file", "record at least one, better a whole day");
    } else if load.findings.is_empty() && load.samples.iter().all(|sample| sample.value == 0.0) {
        let message = format!("every value of {} samples is 0: nothing arrives", load.samples.len());
        let finding = Finding::new(RULE, Severity::Warning, place(Span::new(0, 0)), message);
        load.findings.push(finding.help("check that the query asks for what arrives"));
    }
    reader.load
}

/// Service times that were measured.
#[derive(Debug, Default)]
pub struct MeasuredDurations {
    /// In nanoseconds, in the order of the file. Must not be used if there is an error among the findings.
    pub times: Vec<Nanos>,
    /// The faults of the file.
    pub findings: Vec<Finding>,
}

/// Reads service times, one a line.
#[must_use]
pub fn read_durations(source: &Source) -> MeasuredDurations {
    let mut reader = SampleReader { load: RecordedLoad::default(), errors: 0, is_full: false };
    let text = source.text.trim_start_matches('\u{feff}');
    let times = durations::read(text, source.text.len() - text.len(), &mut reader);
    MeasuredDurations { times, findings: reader.load.findings }
}

/// What pods used, one series each.
#[derive(Debug, Default)]
pub struct PodMetrics {
    /// The series. Must not be used if there is an error among the findings.
    pub series: Vec<PodSeries>,
    /// The faults of the file.
    pub findings: Vec<Finding>,
}

/// Reads Prometheus' answer to `query_range` with one series for each pod.
#[must_use]
pub fn read_pods(source: &Source) -> PodMetrics {
    let mut reader = SampleReader { load: RecordedLoad::default(), errors: 0, is_full: false };
    let text = source.text.trim_start_matches('\u{feff}');
    let series = prometheus::read_pods(source, text, source.text.len() - text.len(), &mut reader);
    PodMetrics { series, findings: reader.load.findings }
}

fn place(span: Span) -> FileSpan {
    FileSpan { file: FileId(0), span }
}

/// The samples and findings so far.
struct SampleReader {
    load: RecordedLoad,
    errors: usize,
    /// Whether the bound on findings is reached, and that is reported.
    is_full: bool,
}

impl SampleReader {
    fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<HelpText>) {
        self.errors += 1;
        if self.errors <= MOST {
            self.load.findings.push(Finding::new(RULE, Severity::Error, place(span), message.into()).help(help));
        } else if !self.is_full {
            self.is_full = true;
            let message = format!("more than {MOST} values are wrong: the rest is not listed");
            self.load.findings.push(Finding::new(RULE, Severity::Error, place(span), message));
        }
    }

    /// Whether the bound on findings is reached, so that nothing more need be read.
    fn is_full(&self) -> bool {
        self.is_full
    }

    /// Adds a sample, which must be later than the one before.
    fn push(&mut self, sample: DemandSample, span: Span) {
        match self.load.samples.last().map(|last| last.at) {
            Some(last) if sample.at == last => {
                let message = "this time appears twice: one series is wanted";
                self.error(span, message, "sum the series of several pods before, as in `sum(…)`");
            }
            Some(last) if sample.at < last => {
                let message = format!("this time is {} s before the one above it", (last - sample.at) / 1_000_000_000);
                self.error(span, message, "sort the samples by time");
            }
            _ => self.load.samples.push(sample),
        }
    }

    /// A count, rate or amount: a finite number of at least 0.
    fn amount(&mut self, text: &str, span: Span, name: &str) -> Option<f64> {
        let Ok(value) = text.parse::<f64>() else {
            let message = format!("`{}` is not a number for `{name}`", short(text));
            self.error(span, message, number_help(text));
            return None;
        };
        if !value.is_finite() {
            let message = format!("`{}` is not an amount of `{name}`", short(text));
            self.error(span, message, "leave the sample out: a hole is told and not scored");
            return None;
        }
        if value < 0.0 {
            self.error(
                span,
                format!("{text} is below 0 for `{name}`"),
                "nothing can arrive or run less than not at all",
            );
            return None;
        }
        Some(value)
    }
}

/// Seconds since 1970 as nanoseconds; `None` outside the years 1970 to 2261, or if milliseconds were meant.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn unix(seconds: f64) -> Result<Nanos, String> {
    if (1e11..1e16).contains(&seconds.abs()) {
        return Err("too large for seconds since 1970: milliseconds or smaller units are no seconds".to_owned());
    }
    if !(0.0..9.2e9).contains(&seconds) {
        return Err("no time from 1970 to 2261 in seconds".to_owned());
    }
    // Prometheus has milliseconds, and a double holds no more at this size
    Ok(((seconds * 1e6).round() as i64) * 1000)
}

/// The suggestion for a number with text behind it.
fn number_help(text: &str) -> String {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    match (number.parse::<f64>(), unit.trim()) {
        (Ok(number), "m") => format!("write {} if those are thousandths, as Kubernetes writes cores", number / 1000.0),
        (Ok(_), "%") => "a share is of something: write how many jobs or cores that is".to_owned(),
        (Ok(_), unit) if unit.chars().all(char::is_alphabetic) => {
            format!(
                "write every value in one unit, without `{}`: what it counts, the KIND of `--load` says",
                short(unit)
            )
        }
        _ => "write a decimal number such as 3 or 0.25".to_owned(),
    }
}

/// The suggestion for a text that is not a time.
fn time_help(text: &str) -> String {
    let utc = format!("{}Z", text.replacen(' ', "T", 1));
    if utc.parse::<jiff::Timestamp>().is_ok() {
        return format!("write `{utc}` if that is UTC, else with its offset");
    }
    let milliseconds = text.parse::<f64>().ok().filter(|number| (1e11..1e14).contains(number));
    match milliseconds {
        Some(number) => format!("write {} if those are milliseconds", number / 1000.0),
        None => "write RFC 3339 with an offset, or Unix seconds".to_owned(),
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).flat_map(char::escape_debug).collect()
}
