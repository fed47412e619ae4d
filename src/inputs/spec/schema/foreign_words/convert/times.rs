//! Converts times and triggers of autoscalers: `9am-5pm`, a cron's expression, KEDA's triggers. Knows single values, no place.

use super::super::word_row::WrittenField;
use super::{field, share};
use crate::support::suggest::time_of_day;
use crate::syntax::Node;

pub(in crate::inputs::spec::schema::foreign_words) const DAYS: [&str; 7] =
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// `9am-5pm`: when a window opens and closes.
pub(in crate::inputs::spec::schema::foreign_words) fn hours(node: &Node) -> Option<Vec<WrittenField>> {
    let text = node.as_str()?;
    let (from, to) = ["-", "\u{2013}", " to ", ".."].into_iter().find_map(|mark| text.split_once(mark))?;
    let time = |text: &str| Some(format!("\"{}\"", time_of_day(text)?));
    Some(vec![field("from", time(from)?), field("to", time(to)?)])
}

/// KEDA's triggers, if the only one is of cpu or memory.
pub(in crate::inputs::spec::schema::foreign_words) fn triggers(node: &Node) -> Option<Vec<WrittenField>> {
    let [trigger] = node.items() else { return None };
    let signal = trigger.get("type")?.node.as_str().filter(|kind| matches!(*kind, "cpu" | "memory"))?;
    let metadata = &trigger.get("metadata")?.node;
    // older releases have it in the metadata
    let is_amount = [trigger.get("metricType"), metadata.get("type")].into_iter().flatten();
    if is_amount.map(|kind| &*kind.node.text).any(|kind| kind != "Utilization") {
        return None;
    }
    Some(vec![field("signal", signal), field("scaleUp.threshold", share(&metadata.get("value")?.node)?)])
}

/// Whether the only trigger is a clock.
pub(in crate::inputs::spec::schema::foreign_words) fn is_clock(node: &Node) -> bool {
    node.items().iter().any(|item| item.get("type").is_some_and(|kind| kind.node.as_str() == Some("cron")))
}

/// A time of day, or the minute, the hour and the days of a cron's expression.
pub(in crate::inputs::spec::schema::foreign_words) fn moment(
    text: &str,
) -> Option<(String, Option<Vec<&'static str>>)> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekdays] = fields.as_slice() else { return Some((time_of_day(text)?, None)) };
    let (minute, hour): (u8, u8) = (minute.parse().ok()?, hour.parse().ok()?);
    (minute < 60 && hour < 24 && *day == "*" && *month == "*").then_some(())?;
    Some((format!("{hour:02}:{minute:02}"), Some(cron_days(weekdays)?)))
}

/// The days of a cron's expression: 0 and 7 are Sunday.
fn cron_days(text: &str) -> Option<Vec<&'static str>> {
    let day = |text: &str| match text.parse::<usize>() {
        Ok(number) => (number <= 7).then_some((number + 6) % 7),
        Err(_) => DAYS.iter().position(|day| text.eq_ignore_ascii_case(day)),
    };
    let mut picked = [false; 7];
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = if part == "*" { (0, 6) } else { (day(from)?, day(to)?) };
        (from <= to).then_some(())?;
        picked.iter_mut().take(to + 1).skip(from).for_each(|day| *day = true);
    }
    Some(DAYS.into_iter().zip(picked).filter(|(_, picked)| *picked).map(|(day, _)| day).collect())
}
