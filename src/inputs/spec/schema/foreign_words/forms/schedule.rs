//! Days and times of a schedule in other forms.

use super::super::convert::{DAYS, flow};
use super::answer::{Form, help_only, write};
use crate::support::suggest::time_of_day;
use crate::syntax::{Node, Value};

pub(super) fn time(node: &Node) -> Option<Form> {
    write(format!("\"{}\"", time_of_day(&node.text)?))
}

/// One window where a list of them is expected, or the expression of a cron.
pub(super) fn windows(node: &Node) -> Option<Form> {
    if matches!(node.value, Value::Map(_)) {
        return help_only(format!("write a list: `[{}]`", flow(node).filter(|text| text.len() <= 200)?));
    }
    let fields = node.as_str()?.split_whitespace().count();
    (fields == 5).then(|| {
        help_only(
            "write when the window opens and closes, with its number: `[{ days: [mon, fri], from: \"08:00\", to: \"18:00\", timezone: UTC, replicas: 4 }]`",
        )
    })?
}

/// One day of a list.
pub(super) fn day(node: &Node) -> Option<Form> {
    let text = node.text.trim().to_ascii_lowercase();
    match text.as_str() {
        "weekdays" | "workdays" => return help_only("write `mon`, `tue`, `wed`, `thu`, `fri`"),
        "weekend" | "weekends" => return help_only("write `sat`, `sun`"),
        "daily" | "all" | "*" | "everyday" => {
            return help_only("write all seven: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`");
        }
        _ => {}
    }
    if node.as_whole().is_some() {
        return help_only("write the name of the day, as `mon`: tools disagree on which day is 1");
    }
    if let Some(picked) = span_of_days(&text).filter(|picked| picked.len() > 1) {
        let all: Vec<String> = picked.iter().map(|day| format!("`{day}`")).collect();
        return help_only(format!("write {}", all.join(", ")));
    }
    let short = DAYS.iter().find(|day| text.starts_with(**day) && text.ends_with("day"))?;
    write((*short).to_owned())
}

/// `mon-fri`.
fn span_of_days(text: &str) -> Option<&'static [&'static str]> {
    let day = |word: &str| DAYS.iter().position(|day| word.trim().starts_with(day));
    let (from, to) = text.split_once(['-', '\u{2013}']).unwrap_or((text, text));
    DAYS.get(day(from)?..=day(to)?)
}

/// `mon-fri`, `weekdays` and single days.
pub(super) fn days(node: &Node) -> Option<Form> {
    let text = node.as_str()?.trim().to_ascii_lowercase();
    let picked = match text.as_str() {
        "weekdays" | "workdays" => DAYS.get(..5)?,
        "weekend" | "weekends" => DAYS.get(5..)?,
        "daily" | "all" | "*" | "everyday" => &DAYS[..],
        range => span_of_days(range)?,
    };
    write(format!("[{}]", picked.join(", ")))
}
