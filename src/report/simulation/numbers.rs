//! The numbers of a report and their labels, and how many jobs a percentile needs.

use super::Trial;
use crate::simulate::assertion::{Assertion, AssertionOutcome, AssertionVerdict};
use crate::simulate::results::{NumberKind, NumberName, Results, Statistic, name, readable};

/// Name, statistic and label of a row.
pub(super) type Row = (&'static str, Option<Statistic>, &'static str);

/// The rows of the table of these trials: without prices there is no cost.
pub(super) fn rows(group: &[Trial]) -> impl Iterator<Item = Row> {
    ROWS.into_iter().filter(|(row, ..)| *row != "cost" || has_cost(group))
}

/// The rows of their differences.
pub(super) fn difference_rows(group: &[Trial]) -> impl Iterator<Item = Row> {
    DIFFERENCES.into_iter().filter(|(row, ..)| *row != "cost" || has_cost(group))
}

fn has_cost(group: &[Trial]) -> bool {
    group.iter().any(|trial| trial.results.across("cost", None).is_some())
}

/// The rows of the table: name, statistic, label, and whether more is better.
const ROWS: [Row; 14] = [
    ("wait", Some(Statistic::P50), "wait p50"),
    ("wait", Some(Statistic::P95), "wait p95"),
    ("wait", Some(Statistic::P99), "wait p99"),
    ("latency", Some(Statistic::P95), "latency p95"),
    ("lost", None, "lost jobs"),
    ("killed", None, "of them killed"),
    ("saturated", None, "time saturated"),
    ("at_max", None, "time at max"),
    ("replica_hours", None, "replica-hours"),
    ("over", None, "× ideal"),
    ("cost", None, "cost"),
    ("steps", None, "steps"),
    ("flap", None, "flaps"),
    ("cold", None, "cold jobs"),
];

/// The rows of the paired differences.
const DIFFERENCES: [Row; 5] = [
    ("wait", Some(Statistic::P95), "wait p95"),
    ("lost", None, "lost jobs"),
    ("killed", None, "of them killed"),
    ("replica_hours", None, "replica-hours"),
    ("cost", None, "cost"),
];

/// Whether each run has jobs enough for a percentile: 100 ÷ (1 − q).
pub(super) fn is_known(results: &Results, name: &str, statistic: Option<Statistic>) -> bool {
    let fewest = results.runs.iter().map(|run| run.waits).min().unwrap_or(0);
    let of_jobs = matches!(name, "wait" | "latency");
    let wanted = match statistic {
        Some(Statistic::P50) => 200,
        Some(Statistic::P90) => 1_000,
        Some(Statistic::P95) => 2_000,
        Some(Statistic::P99) => 10_000,
        _ => 0,
    };
    !of_jobs || fewest >= wanted
}

/// `13.1 s [15.0 s]`: the median of the runs and the worst of them; `–` if there is none.
pub(super) fn cell(trial: &Trial, row: &str, statistic: Option<Statistic>) -> String {
    cell_of(&trial.results, row, statistic)
}

/// Like `cell`, from results alone.
pub(super) fn cell_of(results: &Results, row: &str, statistic: Option<Statistic>) -> String {
    let (Some(of), Some(across)) = (name(row), results.across(row, statistic)) else { return "–".to_owned() };
    if !is_known(results, row, statistic) {
        return "too few jobs".to_owned();
    }
    let (median, worst) = (number_text(of.kind, across.median), number_text(of.kind, across.highest));
    if median == worst { median } else { format!("{median} [{worst}]") }
}

/// The differences of each seed: median, lowest and highest.
pub(super) fn paired(trial: &Trial, other: &Trial, row: &str, statistic: Option<Statistic>) -> Option<[i128; 3]> {
    let known = is_known(&trial.results, row, statistic) && is_known(&other.results, row, statistic);
    let pairs = trial.results.runs.iter().zip(&other.results.runs);
    let differences = pairs.filter_map(|(one, two)| Some(one.get(row, statistic)? - two.get(row, statistic)?));
    let mut all: Vec<i128> = differences.filter(|_| known).collect();
    all.sort_unstable();
    Some([*all.get(all.len().checked_sub(1)? / 2)?, *all.first()?, *all.last()?])
}

/// `−3.2 s [−5.0 s to −1.1 s]`.
pub(super) fn difference(of: &NumberName, [median, lowest, highest]: [i128; 3]) -> String {
    let signed = |value: i128| match value {
        0 => number_text(of.kind, 0),
        value if value < 0 => format!("−{}", number_text(of.kind, -value)),
        value => format!("+{}", number_text(of.kind, value)),
    };
    if lowest == highest {
        signed(median)
    } else {
        format!("{} [{} to {}]", signed(median), signed(lowest), signed(highest))
    }
}

/// A number for people.
pub(super) fn number_text(kind: NumberKind, value: i128) -> String {
    let number = readable(kind, value);
    match kind {
        NumberKind::Count => value.to_string(),
        NumberKind::Number => format!("{number:.2}"),
        NumberKind::Share => format!("{:.2} %", number * 100.0),
        NumberKind::Time => time(number),
    }
}

/// Seconds for people, three digits.
pub(super) fn time(seconds: f64) -> String {
    match seconds.abs() {
        0.0 => "0 s".to_owned(),
        value if value < 0.9995 => format!("{:.0} ms", seconds * 1e3),
        value if value < 99.95 => format!("{seconds:.1} s"),
        value if value < 7200.0 => format!("{:.1} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3600.0),
    }
}

/// The outcome of an assertion: its word, then value, bound and margin.
pub(super) fn verdict(assertion: &Assertion, verdict: &AssertionVerdict) -> (&'static str, String) {
    let kind = assertion.name.kind;
    let value = verdict.worst.map_or_else(|| "no value".to_owned(), |worst| number_text(kind, worst));
    let margin = verdict.margin.map_or_else(String::new, |margin| {
        let sign = if margin < 0 { "−" } else { "" };
        format!(", margin {sign}{}.{} %", margin.abs() / 10, margin.abs() % 10)
    });
    let seed = verdict.seed.map_or_else(String::new, |seed| format!(" in seed {seed}"));
    let numbers = format!("{value}{seed}, bound {}{margin}", number_text(kind, assertion.bound));
    match &verdict.outcome {
        AssertionOutcome::Ok => ("ok", numbers),
        AssertionOutcome::Failed => ("FAIL", numbers),
        AssertionOutcome::Undecided(why) => ("undecided", format!("{why}; {numbers}")),
    }
}
