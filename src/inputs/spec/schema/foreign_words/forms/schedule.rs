//! Days and times of a schedule in other forms.

use super::answer::{Form, write};
use crate::support::suggest::time_of_day;
use crate::syntax::Node;

pub(super) fn time(node: &Node) -> Option<Form> {
    write(format!("\"{}\"", time_of_day(&node.text)?))
}

/// One day of a list.
pub(super) fn day(node: &Node) -> Option<Form> {
    let text = node.as_str()?.trim().to_ascii_lowercase();
    let short = DAYS.iter().find(|day| text.starts_with(**day) && text.ends_with("day"))?;
    write((*short).to_owned())
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// `mon-fri`, `weekdays` and single days.
pub(super) fn days(node: &Node) -> Option<Form> {
    let all = DAYS;
    let text = node.as_str()?.trim().to_ascii_lowercase();
    let day = |word: &str| all.iter().position(|day| word.starts_with(day));
    let picked = match text.as_str() {
        "weekdays" | "workdays" => all.get(..5)?,
        "weekend" | "weekends" => all.get(5..)?,
        "daily" | "all" | "*" | "everyday" => &all[..],
        range => {
            let (from, to) = range.split_once('-').unwrap_or((range, range));
            all.get(day(from.trim())?..=day(to.trim())?)?
        }
    };
    write(format!("[{}]", picked.join(", ")))
}
