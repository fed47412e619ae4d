//! The forms of values that docker compose takes, and what a text must parse as. Knows no key.

use super::amounts::duration;
use super::words;
use crate::syntax::{Node, Value};

/// What docker compose reads as a boolean in a text, in any case; a text with a variable stands for one.
const FLAGS: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "y", "n"];

/// When an image may be fetched, but for `every_` and a time.
const PULL_POLICIES: [&str; 8] =
    ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"];

/// One form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inputs::compose) enum ValueForm {
    Text,
    Whole,
    Number,
    List,
    Map,
    Nothing,
    Flag,
}

use ValueForm::{Flag, List, Map, Nothing, Number, Text, Whole};

impl ValueForm {
    pub(in crate::inputs::compose) fn takes(self, node: &Node) -> bool {
        match self {
            // it has a finding already
            _ if node.is_unknown() => true,
            Text => matches!(node.value, Value::Str),
            Whole => node.as_whole().is_some(),
            // compose writes what it read in JSON, which has no `.inf`
            Number => match node.value {
                Value::Int(_) => true,
                Value::Float(number) => number.is_finite(),
                _ => false,
            },
            List => matches!(node.value, Value::Seq(_)),
            Map => matches!(node.value, Value::Map(_)),
            Nothing => node.is_null(),
            Flag => matches!(node.value, Value::Bool(_)),
        }
    }

    pub(in crate::inputs::compose) fn words(self) -> &'static str {
        match self {
            Text => "a string",
            Whole => "a whole number",
            Number => "a number",
            List => "a list",
            Map => "a mapping",
            Nothing => "nothing",
            Flag => "a boolean",
        }
    }
}

/// What a text must parse as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inputs::compose) enum Reads {
    /// Any text will do.
    AsIs,
    /// A whole number that is not negative.
    Count,
    Whole,
    Number,
    /// An amount of memory.
    Size,
    ContainerName,
    /// A length of time with units.
    Duration,
    /// A boolean.
    Flag,
    /// When an image is fetched.
    PullPolicy,
    /// A command in one text.
    Command,
    /// A name and an address.
    Host,
    /// A name and what it stands for.
    Pair,
    /// A variable, with its value or without.
    Variable,
    /// An SSH key: a name and its path, or the agent's.
    SshKey,
    /// A whole number, or `all`.
    AllOrCount,
    /// One of these words.
    Words(&'static [&'static str]),
}

impl Reads {
    pub(in crate::inputs::compose) fn takes(self, text: &str) -> bool {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Reads::AsIs => true,
            Reads::Count => digits(text.strip_prefix('+').unwrap_or(text)),
            Reads::Whole => digits(text.strip_prefix(['+', '-']).unwrap_or(text)),
            Reads::Number => is_number(text),
            Reads::Size => is_size(text),
            Reads::ContainerName => text.as_bytes().windows(2).any(|pair| {
                let next = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
                matches!(pair, [first, second] if first.is_ascii_alphanumeric() && next(second))
            }),
            // of Go, which takes a sign
            Reads::Duration => duration(text.strip_prefix('-').unwrap_or(text)).is_some(),
            Reads::PullPolicy => PULL_POLICIES.contains(&text) || text.starts_with("every_"),
            Reads::Command => words::split(text).is_some(),
            Reads::Flag => FLAGS.contains(&text.to_ascii_lowercase().as_str()),
            Reads::Host => {
                let name = text.split_once('=').or(text.split_once(':')).map_or("", |(name, _)| name);
                !name.is_empty() && !name.contains([':', '='])
            }
            Reads::Pair => text.contains('='),
            Reads::Variable => !text.split('=').next().is_some_and(|name| name.ends_with(char::is_whitespace)),
            Reads::SshKey => text == "default" || text.contains('='),
            Reads::AllOrCount => text == "all" || Reads::Whole.takes(text),
            Reads::Words(words) => words.contains(&text),
        }
    }

    pub(in crate::inputs::compose) fn words(self) -> String {
        let words = match self {
            Reads::AsIs => "any text",
            Reads::Count | Reads::Whole => "a whole number",
            Reads::Number => "a number",
            Reads::Size => "an amount such as `512m`",
            Reads::ContainerName => "two or more letters, digits, `_`, `.` or `-`",
            Reads::Duration => "a time with its unit such as `30s`",
            Reads::Flag => "`true` or `false`",
            Reads::Command => "a command whose quotes and brackets are closed",
            Reads::PullPolicy => return one_of(&PULL_POLICIES),
            Reads::Host => "`name=address`",
            Reads::Pair => "`name=value`",
            Reads::Variable => "`NAME=value` without a blank before the `=`",
            Reads::SshKey => "`default` or `name=path`",
            Reads::AllOrCount => "a whole number or `all`",
            Reads::Words(words) => return one_of(words),
        };
        words.to_owned()
    }
}

/// `` `a`, `b` or `c` ``.
fn one_of(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// Whether text to YAML 1.2 is a number to docker compose's reader: `1_000`, `0b11`.
pub(in crate::inputs::compose) fn is_number_of_go(plain: &str) -> bool {
    let unsigned = plain.trim_start_matches(['+', '-']);
    // nearly every word is none, and this is asked of every key
    if !unsigned.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let text = unsigned.to_ascii_lowercase().replace('_', "");
    let digits = |radix: &str, base: u32| {
        text.strip_prefix(radix).is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_digit(base)))
    };
    let based = digits("0b", 2) || digits("0o", 8) || digits("0x", 16);
    based || plain.contains('_') && text.parse::<f64>().is_ok()
}

/// The whole number that docker compose's reader takes a plain number of YAML 1.2 for, if it is not written in plain digits: `010`
/// is eight.
pub(in crate::inputs::compose) fn whole_of_go(plain: &str) -> Option<i64> {
    let (sign, digits) = match plain.as_bytes().first()? {
        b'-' => (-1, plain.get(1..)?),
        b'+' => (1, plain.get(1..)?),
        b'0' if plain.len() > 1 => (1, plain),
        _ => return None,
    };
    let based = |rest: &str, base: u32| i64::from_str_radix(rest, base).ok();
    let number = if let Some(rest) = digits.strip_prefix("0x") {
        based(rest, 16)
    } else if let Some(rest) = digits.strip_prefix("0o") {
        based(rest, 8)
    } else if digits.starts_with('0') {
        based(digits, 8)
    } else {
        digits.parse().ok()
    };
    number?.checked_mul(sign)
}

/// Whether a plain word is a point in time to docker compose's reader: a date, alone or with a time of day.
pub(in crate::inputs::compose) fn is_time_of_go(plain: &str) -> bool {
    if !plain.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let (date, rest) = plain.split_at(plain.find(['T', 't', ' ']).unwrap_or(plain.len()));
    let parts: Vec<&str> = date.split('-').collect();
    let number = |part: &str, digits: std::ops::RangeInclusive<usize>| {
        digits.contains(&part.len()).then(|| part.parse::<u8>().ok()).flatten()
    };
    let [year, month, day] = parts.as_slice() else { return false };
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    let in_range = number(month, 1..=2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 1..=2).is_some_and(|day| (1..=days_of(year, month)).contains(&day));
    let is_clock = rest.is_empty() || rest.get(1..).is_some_and(|clock| clock.split(':').count() == 3);
    is_year && in_range && is_clock
}

fn days_of(year: &str, month: &str) -> u8 {
    let year: u32 = year.parse().unwrap_or_default();
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month.trim_start_matches('0') {
        "2" => 28 + u8::from(leap),
        "4" | "6" | "9" | "11" => 30,
        _ => 31,
    }
}

/// What Go reads as a finite float; `_` may part digits.
fn is_number(text: &str) -> bool {
    let hex = text.trim_start_matches(['+', '-']);
    let hex = hex.strip_prefix("0x").or(hex.strip_prefix("0X"));
    hex.is_some_and(|hex| hex.contains(['p', 'P'])) || text.replace('_', "").parse::<f64>().is_ok_and(f64::is_finite)
}

/// What docker reads as an amount of memory: a number, at most one blank, a unit.
fn is_size(text: &str) -> bool {
    let Some(last) = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ') else { return false };
    let (number, unit) = text.split_at(last + 1);
    let number = number.strip_suffix(' ').unwrap_or(number);
    let unit = unit.to_ascii_lowercase();
    let known = match unit.strip_suffix("ib").or(unit.strip_suffix('b')).unwrap_or(&unit) {
        "" => unit.len() < 2,
        one => ["k", "m", "g", "t", "p"].contains(&one),
    };
    known && is_number(number)
}
