//! `--assert`: conditions on the results, parsed and judged on the worst run.
//!
//! `[service:] name[.statistic] op number[unit]`, for example `wait.p95 < 2s`, `api: saturated <= 1%`, `killed <= 0`.
//! Times have a unit of `ms`, `s`, `m` or `h`, shares have `%`, counts and other numbers have none. Counts of lost jobs
//! are shares of arrivals where `%` is written: `lost <= 0.1%`.
//! There is no and, no or, no arithmetic and no equality: the option is repeated. Values are compared as whole numbers.

use super::results::{NumberKind, NumberName, Results, Statistic, UNIT, name, names};
use std::fmt;

/// One assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// As it was written.
    pub text: String,
    /// The service that it is about; `None`: every service.
    pub service: Option<String>,
    /// What it is about.
    pub name: &'static NumberName,
    /// The statistic of a distribution.
    pub statistic: Option<Statistic>,
    /// How it compares.
    pub op: Op,
    /// The bound, in whole units of the name's kind.
    pub bound: i128,
}

/// How an assertion compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

/// What is wrong with the text of an assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionFault {
    /// What is wrong, with the wrong words.
    pub message: String,
    /// What would be right.
    pub help: String,
    /// The bytes of the text that are wrong.
    pub from: usize,
    /// The first byte after them.
    pub to: usize,
}

/// The outcome of an assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionVerdict {
    /// Ok, failed or undecided.
    pub outcome: AssertionOutcome,
    /// The worst run's value, in whole units of the name's kind.
    pub worst: Option<i128>,
    /// The seed of the worst run.
    pub seed: Option<u64>,
    /// How far inside the bound the worst run is, in thousandths of the bound; below 0 outside. `None` at a bound of 0.
    pub margin: Option<i128>,
}

/// Ok, failed or undecided. Only the first is a success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssertionOutcome {
    /// It holds in every run.
    Ok,
    /// It fails in the worst run.
    Failed,
    /// It is unknown, for this reason.
    Undecided(String),
}

/// Parses one assertion.
///
/// # Errors
///
/// The first thing that is wrong, with its place.
pub fn parse(text: &str) -> Result<Assertion, AssertionFault> {
    let (service, rest_at) = match text.split_once(':') {
        Some((service, _)) => (Some(service.trim()), service.len() + 1),
        None => (None, 0),
    };
    if service == Some("") {
        return Err(fault("no service before the colon", "write `service: name op number`", 0, rest_at));
    }
    let rest = text.get(rest_at..).unwrap_or("");
    let Some(op_at) = rest.find(['<', '>', '=', '!']) else {
        return Err(fault(format!("`{}` compares nothing", text.trim()), OPS, 0, text.len()));
    };
    let (left, right) = rest.split_at(op_at);
    let (name, statistic) = parse_name(left, rest_at)?;
    let (op, number) = parse_op(right, rest_at + op_at)?;
    let name = if number.trim_end().ends_with('%') { share_of(name) } else { name };
    let bound = parse_bound(name, number, text.len() - number.trim_start().len(), text.len())?;
    let service = service.map(str::to_owned);
    Ok(Assertion { text: text.trim().to_owned(), service, name, statistic, op, bound })
}

const OPS: &str = "compare with <, <=, > or >=; repeat the option for more than one";

fn fault(message: impl Into<String>, help: impl Into<String>, from: usize, to: usize) -> AssertionFault {
    AssertionFault { message: message.into(), help: help.into(), from, to }
}

fn parse_name(left: &str, at: usize) -> Result<(&'static NumberName, Option<Statistic>), AssertionFault> {
    let from = at + (left.len() - left.trim_start().len());
    let word = left.trim();
    let to = from + word.len();
    let (base, statistic) = word.split_once('.').map_or((word, None), |(base, rest)| (base, Some(rest)));
    let Some(found) = name(base) else {
        return Err(fault(
            format!("`{base}` is not the name of a result"),
            nearest_name(base),
            from,
            from + base.len(),
        ));
    };
    let words = || {
        found.statistics.iter().map(|statistic| format!("{base}.{}", statistic.word())).collect::<Vec<_>>().join(", ")
    };
    match statistic {
        None if found.statistics.is_empty() => Ok((found, None)),
        None => Err(fault(format!("`{base}` has many values"), format!("write one of {}", words()), from, to)),
        Some(_) if found.statistics.is_empty() => {
            Err(fault(format!("`{base}` is one number"), format!("write `{base}` alone"), from, to))
        }
        Some(word) => match found.statistics.iter().find(|statistic| statistic.word() == word) {
            Some(statistic) => Ok((found, Some(*statistic))),
            None => {
                let message = format!("`{word}` is not a statistic of `{base}`");
                Err(fault(message, format!("write one of {}", words()), from + base.len() + 1, to))
            }
        },
    }
}

/// Counts of jobs are also shares of arrivals: with `%` the share is meant.
fn share_of(count: &'static NumberName) -> &'static NumberName {
    name(&format!("{}_share", count.name)).unwrap_or(count)
}

fn nearest_name(word: &str) -> String {
    let nearest = crate::support::suggest::closest(word, names().map(|name| name.name));
    match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("names are {}", names().map(|name| name.name).collect::<Vec<_>>().join(", ")),
    }
}

fn parse_op(right: &str, at: usize) -> Result<(Op, &str), AssertionFault> {
    let length = right.find(|c| !matches!(c, '<' | '>' | '=' | '!')).unwrap_or(right.len());
    let (word, number) = right.split_at(length);
    let op = match word {
        "<" => Op::Below,
        "<=" => Op::AtMost,
        ">" => Op::Above,
        ">=" => Op::AtLeast,
        _ => return Err(fault(format!("`{word}` is not a comparison"), OPS, at, at + length)),
    };
    Ok((op, number))
}

/// The units of a kind and what one of each is in whole numbers of the kind.
fn units(kind: NumberKind) -> &'static [(&'static str, i128)] {
    match kind {
        NumberKind::Time => &[("ms", 1_000_000), ("s", UNIT), ("m", 60 * UNIT), ("h", 3600 * UNIT)],
        NumberKind::Share => &[("%", UNIT / 100)],
        NumberKind::Count => &[("", 1)],
        NumberKind::Number => &[("", UNIT)],
    }
}

fn parse_bound(name: &NumberName, text: &str, from: usize, to: usize) -> Result<i128, AssertionFault> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let example = || match name.kind {
        NumberKind::Time => format!("write `{number}s`, or ms, m or h"),
        NumberKind::Share => format!("write `{number}%`"),
        NumberKind::Count | NumberKind::Number => format!("write `{number}` without a unit"),
    };
    let Some((_, one)) = units(name.kind).iter().find(|(word, _)| *word == unit.trim()) else {
        let message = match unit.trim() {
            "" if !number.is_empty() => format!("`{number}` has no unit"),
            _ if number.is_empty() => return Err(fault(format!("`{text}` is not a number"), NUMBER, from, to)),
            unit => format!("`{unit}` is not a unit of `{}`", name.name),
        };
        return Err(fault(message, example(), from, to));
    };
    decimal(number, *one).ok_or_else(|| fault(format!("`{number}` is not a number"), NUMBER, from, to))
}

const NUMBER: &str = "write a decimal number such as 2 or 0.5, with at most nine digits after the point";

/// A decimal number times `one`, exactly; `None` if that is not a whole number, or the number is none.
fn decimal(text: &str, one: i128) -> Option<i128> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.len() <= 18 && part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
        return None;
    }
    let scale = 10i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
    let value = mantissa.checked_mul(one)?;
    (value % scale == 0).then(|| sign * value / scale)
}

impl Assertion {
    /// Judges the worst run. `accept_capped` decides in spite of demand that capacity cut (W2).
    #[must_use]
    pub fn judge(&self, results: &Results, accept_capped: bool) -> AssertionVerdict {
        let values: Vec<(u64, Option<i128>)> = results
            .seeds
            .iter()
            .zip(&results.runs)
            .map(|(seed, run)| (*seed, run.get(self.name.name, self.statistic)))
            .collect();
        let worst = values.iter().filter_map(|(seed, value)| Some((*seed, (*value)?)));
        let worst = if self.op.wants_less() {
            worst.max_by_key(|(seed, value)| (*value, std::cmp::Reverse(*seed)))
        } else {
            worst.min_by_key(|(seed, value)| (*value, *seed))
        };
        let outcome = match (self.reason_of_doubt(results, &values, accept_capped), worst) {
            (Some(reason), _) => AssertionOutcome::Undecided(reason),
            (None, Some((_, value))) if self.op.holds(value, self.bound) => AssertionOutcome::Ok,
            _ => AssertionOutcome::Failed,
        };
        let margin = worst.and_then(|(_, value)| {
            let inside = if self.op.wants_less() { self.bound - value } else { value - self.bound };
            inside.saturating_mul(1000).checked_div(self.bound.abs())
        });
        AssertionVerdict { outcome, worst: worst.map(|(_, value)| value), seed: worst.map(|(seed, _)| seed), margin }
    }

    fn reason_of_doubt(
        &self,
        results: &Results,
        values: &[(u64, Option<i128>)],
        accept_capped: bool,
    ) -> Option<String> {
        let cut = matches!(self.name.name, "wait" | "latency" | "saturated" | "queue")
            || self.name.name.starts_with("lost")
            || self.name.name.starts_with("rejected")
            || self.name.name.starts_with("gave_up");
        if cut && !accept_capped && results.capped * 100 > UNIT {
            let percent = super::results::readable(NumberKind::Share, results.capped) * 100.0;
            return Some(format!("{percent:.1} % of the demand was cut by capacity: it is \"at least\", above 1 %"));
        }
        if let Some(why) = self.hidden_by(results.hidden_bursts) {
            return Some(why);
        }
        if values.is_empty() {
            return Some("nothing was run".to_owned());
        }
        let without = values.iter().find(|(_, value)| value.is_none())?;
        Some(format!("seed {} has no `{}`", without.0, self.what()))
    }

    /// Why a wait below a step that hides bursts is not known (W3).
    #[must_use]
    pub fn hidden_by(&self, step: Option<super::Nanos>) -> Option<String> {
        let step = step.filter(|step| self.name.name == "wait" && self.bound < i128::from(*step))?;
        let seconds = step / super::SECOND;
        Some(format!(
            "a step of the recording is {seconds} s and hides the bursts in it, so nothing is known of waits below that; record steps of 60 s or less, or say --arrivals"
        ))
    }

    /// The name with its statistic.
    #[must_use]
    pub fn what(&self) -> String {
        match self.statistic {
            Some(statistic) => format!("{}.{}", self.name.name, statistic.word()),
            None => self.name.name.to_owned(),
        }
    }
}

impl Op {
    fn wants_less(self) -> bool {
        matches!(self, Op::Below | Op::AtMost)
    }

    fn holds(self, value: i128, bound: i128) -> bool {
        match self {
            Op::Below => value < bound,
            Op::AtMost => value <= bound,
            Op::Above => value > bound,
            Op::AtLeast => value >= bound,
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Op::Below => "<",
            Op::AtMost => "<=",
            Op::Above => ">",
            Op::AtLeast => ">=",
        })
    }
}
