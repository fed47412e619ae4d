//! Resolves a plain scalar: YAML 1.2's core schema, and the different reading of YAML 1.1. Knows no document.

use super::tree::{Node, Style, Value};
use std::borrow::Cow;

/// The value of a plain scalar by the core schema; any other text is a string.
#[must_use]
pub fn resolve(text: &str) -> Value {
    match text.as_bytes().first() {
        None => Value::Null,
        Some(b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F') => word(text),
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number(text).unwrap_or(Value::Str),
        Some(_) => Value::Str,
    }
}

/// The value under a core tag (`str`, `int`, …); `None` if the text cannot be one.
pub(super) fn resolve_as(tag: &str, text: &str) -> Option<Value> {
    let value = resolve(text);
    match (tag, value) {
        ("str", _) => Some(Value::Str),
        ("null", value @ Value::Null) | ("bool", value @ Value::Bool(_)) => Some(value),
        // An integer too large for the machine is a float by value and an integer by form.
        ("int", value @ (Value::Int(_) | Value::Float(_))) if whole(text) => Some(value),
        ("float", value @ Value::Float(_)) => Some(value),
        #[expect(clippy::cast_precision_loss, reason = "a float was asked for")]
        ("float", Value::Int(value)) => Some(Value::Float(value as f64)),
        _ => None,
    }
}

fn word(text: &str) -> Value {
    match text {
        "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => Value::Str,
    }
}

/// Whether the text has the form of an integer.
fn whole(text: &str) -> bool {
    text.starts_with("0o") || text.starts_with("0x") || digits(unsigned(text))
}

fn number(text: &str) -> Option<Value> {
    if let Some(rest) = text.strip_prefix("0o") {
        return radix(rest, 8);
    }
    if let Some(rest) = text.strip_prefix("0x") {
        return radix(rest, 16);
    }
    let bare = unsigned(text);
    if digits(bare) {
        return Some(text.parse().map_or_else(|_| float(text), Value::Int));
    }
    match bare {
        ".inf" | ".Inf" | ".INF" => {
            Some(Value::Float(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }))
        }
        ".nan" | ".NaN" | ".NAN" if bare.len() == text.len() => Some(Value::Float(f64::NAN)),
        _ => is_float(bare).then(|| float(text)),
    }
}

fn float(text: &str) -> Value {
    text.parse().map_or(Value::Str, Value::Float)
}

/// Digits after `0o` or `0x`; too large a number becomes a float.
fn radix(digits: &str, base: u32) -> Option<Value> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    Some(i64::from_str_radix(digits, base).map_or_else(
        |_| {
            let value = digits.chars().filter_map(|digit| digit.to_digit(base));
            Value::Float(value.fold(0.0, |sum, digit| sum * f64::from(base) + f64::from(digit)))
        },
        Value::Int,
    ))
}

/// `( . digits | digits [ . digits? ] ) [ e sign? digits ]`, without a sign in front.
fn is_float(bare: &str) -> bool {
    let (mantissa, exponent) = match bare.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (bare, None),
    };
    let fits = match mantissa.split_once('.') {
        None => digits(mantissa),
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
    };
    fits && exponent.is_none_or(|exponent| digits(unsigned(exponent)))
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

/// The reading of a plain scalar by readers of YAML 1.1 (kubectl, PyYAML, older compose tools), if that differs from
/// the one here: `a boolean`, `the number 511`. `None` for quoted scalars and for all that both read alike.
#[must_use]
pub fn ambiguous(node: &Node) -> Option<Cow<'static, str>> {
    let scalar = node.style == Style::Plain && !matches!(node.value, Value::Seq(_) | Value::Map(_));
    if scalar { ambiguous_text(&node.text) } else { None }
}

/// Like `ambiguous`, for the bare text of a plain scalar, such as a key without quotes.
#[must_use]
pub fn ambiguous_text(text: &str) -> Option<Cow<'static, str>> {
    // Timestamps are the longest ambiguous texts; anything longer is a string to every reader.
    if text.is_empty() || text.len() > 64 || !text.is_ascii() {
        return None;
    }
    let words = ["y", "n", "yes", "no", "on", "off"];
    if words.iter().any(|word| text.eq_ignore_ascii_case(word)) && uniform(text) {
        return Some(Cow::Borrowed("a boolean"));
    }
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        return None;
    }
    if is_date(text) {
        return Some(Cow::Borrowed("a date"));
    }
    match (old_number(text), resolve(text)) {
        (Some(old), Value::Int(new)) if old == i128::from(new) => None,
        // Too large for an integer here: the same number, less exactly.
        (Some(_), Value::Float(_)) if text.starts_with("0x") => None,
        (Some(old), _) => Some(Cow::Owned(format!("the number {old}"))),
        (None, Value::Int(_)) if text.starts_with("0x") || digits(unsigned(text)) && !leading_zero(text) => None,
        // `08`, `0o17`: a number here, no number there.
        (None, Value::Int(_)) => Some(Cow::Borrowed("a string")),
        // YAML 1.1 requires a point in a float and a sign in its exponent.
        (None, Value::Float(_)) if text.contains(['e', 'E']) && !old_exponent(text) => Some(Cow::Borrowed("a string")),
        (None, Value::Str) if old_float(text) => Some(Cow::Borrowed("a number")),
        _ => None,
    }
}

/// `yes`, `Yes` or `YES`, but not `yEs`.
fn uniform(text: &str) -> bool {
    let rest = text.get(1..).unwrap_or_default();
    let lower = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase());
    let upper = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase());
    lower(rest) || upper(text)
}

fn leading_zero(text: &str) -> bool {
    let bare = unsigned(text);
    bare.len() > 1 && bare.starts_with('0')
}

/// A YAML 1.1 integer that is not a plain decimal one: binary, octal by a leading zero, hexadecimal, with underscores, or
/// in base 60.
fn old_number(text: &str) -> Option<i128> {
    let bare = unsigned(text);
    let sign = if text.starts_with('-') { -1 } else { 1 };
    if bare.contains(':') {
        return Some(sign * base_60(bare)?);
    }
    let (base, tail) = match bare.as_bytes() {
        [b'0', b'b' | b'B', ..] => (2, bare.get(2..)?),
        [b'0', b'x' | b'X', ..] => (16, bare.get(2..)?),
        [b'0', _, ..] => (8, bare.get(1..)?),
        _ if bare.contains('_') => (10, bare),
        _ => return None,
    };
    if tail.starts_with(['+', '-']) || (base == 10 && tail.starts_with('_')) {
        return None;
    }
    let tail = tail.replace('_', "");
    Some(sign * i128::from_str_radix(&tail, base).ok()?)
}

/// `12:30`, `12:30:45`.
fn base_60(bare: &str) -> Option<i128> {
    let mut parts = bare.split(':');
    let first = parts.next()?.replace('_', "");
    if first.starts_with('0') || !digits(&first) {
        return None;
    }
    let mut sum: i128 = first.parse().ok()?;
    for part in parts {
        if !digits(part) || part.len() > 2 {
            return None;
        }
        let part: i128 = part.parse().ok().filter(|part| *part < 60)?;
        sum = sum.checked_mul(60)?.checked_add(part)?;
    }
    Some(sum)
}

/// Whether a float with an exponent has the point and the sign that YAML 1.1 requires.
fn old_exponent(text: &str) -> bool {
    text.split_once(['e', 'E'])
        .is_some_and(|(mantissa, exponent)| mantissa.contains('.') && exponent.starts_with(['+', '-']))
}

/// A float which only YAML 1.1 knows: `1_000.5`, `12:30.5`.
fn old_float(text: &str) -> bool {
    let bare = unsigned(text);
    if !bare.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let Some((whole, fraction)) = bare.split_once('.') else { return false };
    let clean = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    if !clean(fraction) {
        return false;
    }
    clean(whole) || (whole.contains(':') && base_60(whole.trim_start_matches('0')).is_some())
}

/// `2001-12-14`, alone or with a time after it.
fn is_date(text: &str) -> bool {
    let (date, time) = match text.find(['T', 't', ' ', '\t']) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default()),
        None => (text, ""),
    };
    let mut parts = date.split('-');
    let mut part = |widths: [usize; 2]| parts.next().is_some_and(|part| digits(part) && widths.contains(&part.len()));
    let shape = part([4, 4]) && part([1, 2]) && part([1, 2]) && parts.next().is_none();
    shape && (time.is_empty() || is_time(time.trim_start()))
}

/// `21:59:43`, with a fraction and a zone or without.
fn is_time(text: &str) -> bool {
    let zone = text.find(['Z', '+', '-', ' ']).unwrap_or(text.len());
    let clock = text.get(..zone).unwrap_or_default();
    let mut parts = clock.split(':');
    let mut part = || parts.next().is_some_and(|part| digits(part) && part.len() <= 2);
    if !(part() && part()) {
        return false;
    }
    let seconds = parts.next().is_some_and(|part| {
        let (whole, fraction) = part.split_once('.').unwrap_or((part, ""));
        digits(whole) && whole.len() <= 2 && (fraction.is_empty() || digits(fraction))
    });
    let zone = text.get(zone..).unwrap_or_default();
    seconds && parts.next().is_none() && zone.bytes().all(|byte| b"Z+-: 0123456789".contains(&byte))
}

/// The quotes of word processors, which are letters of a text.
pub const CURLED: [char; 6] = ['\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{201e}', '\u{201a}'];

/// The text within curled quotes, if it was meant to be in quotes.
#[must_use]
pub fn in_curled_quotes(text: &str) -> Option<&str> {
    let inner = text.strip_prefix(CURLED)?.strip_suffix(CURLED)?;
    (!inner.contains(CURLED)).then_some(inner)
}
