//! Slips of writing that make a scalar something else: a comment without its blank, a comma at the end, quotes of a word processor,
//! a variable. Knows single values, no field.

use crate::syntax::{CURLED, Entry, Node, Style, Value};

/// What to write for a scalar that was read as another text than was meant.
pub(super) fn unread(is_spec: bool, node: &Node) -> Option<String> {
    if !matches!(node.value, Value::Str) {
        return None;
    }
    let text = node.text.trim();
    if let Some(number) = grouped(text) {
        return Some(format!("write `{number}`: digits of a number are not grouped"));
    }
    if node.style != Style::Plain {
        return None;
    }
    let shown = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && c != '`');
    let bare = text.trim_matches(CURLED);
    if bare != text && shown(bare) {
        return Some(format!("write `{bare}`: curled quotes are letters of the value, YAML knows `\"` and `'`"));
    }
    if is_spec && text.contains("${") {
        return Some(
            "write the value itself: a spec reads no variables, and what differs from stage to stage stands in `profiles`"
                .to_owned(),
        );
    }
    let is_value = |text: &str| text.parse::<f64>().is_ok() || matches!(text, "true" | "false");
    if let Some((value, _)) = text.split_once('#').filter(|(value, _)| is_value(value)) {
        return Some(format!("write `{value} #`: a comment begins after a blank"));
    }
    let comment = |mark: &str| text.split_once(mark).filter(|(value, _)| is_value(value.trim_end()));
    if let Some((value, rest)) = ["//", "--", "/*"].into_iter().find_map(comment) {
        let rest = rest.trim_end_matches("*/").trim();
        let rest = if shown(&rest.replace(' ', "")) { format!(" {rest}") } else { String::new() };
        return Some(format!("write `{} #{rest}`: a comment begins with `#`", value.trim_end()));
    }
    let value = text.trim_end_matches([',', ';']);
    if value != text && is_value(value) {
        return Some(format!("write `{value}`: nothing ends a value but its line"));
    }
    let digits = text.replace('_', "");
    (digits != text && digits.parse::<u64>().is_ok()).then(|| format!("write `{digits}`"))
}

/// `{ cpu: 0,5 }` has the number 0 and the key `5`: the number that was meant.
pub(super) fn decimal_comma(mapping: &Node, entry: &Entry) -> Option<String> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unit = entry.key.find(|c: char| !c.is_ascii_digit()).unwrap_or(entry.key.len());
    let (digits, unit) = entry.key.split_at_checked(unit)?;
    let entries = mapping.entries();
    let index = entries.iter().position(|other| std::ptr::eq(other, entry))?;
    let before = entries.get(index.checked_sub(1)?)?;
    let touches = before.node.span.end + 1 == entry.key_span.start;
    let is_unit = unit.len() <= 3 && unit.bytes().all(|byte| byte.is_ascii_alphabetic());
    (touches && entry.node.is_null() && is_number(digits) && is_number(&before.node.text) && is_unit)
        .then(|| format!("{}.{digits}{unit}", before.node.text))
}

/// `1,000`, `1'000` and `1 000`: the number without what groups its digits.
fn grouped(text: &str) -> Option<String> {
    let mark =
        text.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, ',' | '\'' | ' ' | '\u{2019}' | '\u{a0}'))?;
    let (first, rest) = text.split_once(mark)?;
    let is_group = |part: &str| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_whole = (1..=3).contains(&first.len()) && !first.starts_with('0') && rest.split(mark).all(is_group);
    is_whole.then(|| text.replace(mark, ""))
}

/// `{ memory:512Mi }` has one key and no value: the two that were meant.
pub(super) fn key_with_value(entry: &Entry) -> Option<(&str, &str)> {
    let (field, value) = entry.key.split_once(':').filter(|_| entry.node.is_null())?;
    let is_plain = |c: char| c.is_ascii_graphic() && c != '`';
    (!value.is_empty() && value.len() <= 40 && value.chars().all(is_plain)).then_some((field, value))
}
