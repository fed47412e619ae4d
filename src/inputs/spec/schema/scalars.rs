//! Slips of writing that make a scalar something else: a comment without its blank, a comma at the end, quotes of a word processor,
//! a variable. Knows single values, no field.

use crate::syntax::{Entry, Node, Style, Value};

/// The quotes of word processors.
const CURLED: [char; 6] = ['\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{201e}', '\u{201a}'];

/// What to write for a scalar that was read as another text than was meant.
pub(super) fn unread(is_spec: bool, node: &Node) -> Option<String> {
    if !matches!(node.value, Value::Str) || node.style != Style::Plain {
        return None;
    }
    let text = node.text.trim();
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
