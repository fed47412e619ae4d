//! Schedules as Kubernetes and KEDA read them. Knows no object.
//!
//! The source is robfig/cron v3, `parser.go` (`ParseStandard`): five fields of comma-separated ranges with steps, names of months and
//! weekdays, and words such as `@daily`, which KEDA's own parser does not take.

struct CronField {
    name: &'static str,
    least: u32,
    most: u32,
    names: &'static [&'static str],
}

const FIELDS: [CronField; 5] = [
    CronField { name: "minute", least: 0, most: 59, names: &[] },
    CronField { name: "hour", least: 0, most: 23, names: &[] },
    CronField { name: "day of the month", least: 1, most: 31, names: &[] },
    CronField {
        name: "month",
        least: 1,
        most: 12,
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    CronField { name: "day of the week", least: 0, most: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

/// Words that stand for a schedule.
const WORDS: [&str; 7] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// What is wrong with a schedule, and what to write instead. `words` says whether `@daily` and `@every 1h` are taken.
pub(super) fn fault(schedule: &str, words: bool) -> Option<(String, String)> {
    const FORM: &str = "write minute, hour, day of the month, month and day of the week, as in `0 6 * * 1-5`";
    let schedule = after_zone(schedule.trim());
    if schedule.starts_with('@') {
        let every = schedule.strip_prefix("@every ").is_some_and(is_go_duration);
        let known = words && (every || WORDS.contains(&schedule));
        return (!known).then(|| (format!("has `{}` for its fields", schedule.escape_debug()), FORM.to_owned()));
    }
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Some((format!("has {} fields, and 5 are read", fields.len()), FORM.to_owned()));
    }
    let ranges = FIELDS.iter().zip(fields).flat_map(|(field, text)| text.split(',').map(move |range| (field, range)));
    ranges.filter(|(_, range)| !range.is_empty()).find_map(|(field, range)| field.fault(range))
}

/// What follows `TZ=Europe/Berlin`; which releases take that is not looked at.
fn after_zone(schedule: &str) -> &str {
    let zoned = schedule.starts_with("TZ=") || schedule.starts_with("CRON_TZ=");
    schedule.split_once(' ').filter(|_| zoned).map_or(schedule, |(_, rest)| rest.trim())
}

/// `time.ParseDuration` of Go: numbers with units, `1h30m`.
fn is_go_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    let mut parts = 0;
    while !rest.is_empty() {
        let number = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let (digits, after) = rest.split_at(number);
        let good = digits.bytes().any(|byte| byte.is_ascii_digit()) && digits.matches('.').count() <= 1;
        let units = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"];
        let Some(unit) = units.iter().find(|unit| after.starts_with(**unit)).filter(|_| good) else { return false };
        rest = after.get(unit.len()..).unwrap_or_default();
        parts += 1;
    }
    parts > 0
}

impl CronField {
    /// The fault of one range: `*`, `5`, `1-5`, `*/15`, `mon-fri`.
    fn fault(&self, range: &str) -> Option<(String, String)> {
        let help = || format!("write a number from {} to {}, `*`, or a range", self.least, self.most);
        let unread = || Some((format!("has `{}` as the {}", range.escape_debug(), self.name), help()));
        let (ends, step) = range.split_once('/').map_or((range, None), |(ends, step)| (ends, Some(step)));
        match step.map(str::parse::<u32>) {
            Some(Err(_)) => return unread(),
            Some(Ok(0)) => {
                return Some((format!("has a step of 0 in the {}", self.name), "write a step of 1 or more".to_owned()));
            }
            _ => {}
        }
        let (first, last) = ends.split_once('-').map_or((ends, None), |(first, last)| (first, Some(last)));
        if matches!(first, "*" | "?") {
            return None;
        }
        let (Some(start), Some(end)) =
            (self.number(first), last.map_or(Some(None), |last| self.number(last).map(Some)))
        else {
            return unread();
        };
        let outside =
            [Some(start), end].into_iter().flatten().find(|number| *number < self.least || *number > self.most);
        if let Some(number) = outside {
            return Some((
                format!("has {number} as the {}, which is from {} to {}", self.name, self.least, self.most),
                help(),
            ));
        }
        let turned = end.filter(|end| start > *end)?;
        let what = format!("has a range from {start} to {turned} in the {}", self.name);
        Some((what, format!("write `{start}-{},{}-{turned}`", self.most, self.least)))
    }

    fn number(&self, text: &str) -> Option<u32> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        match named.and_then(|index| u32::try_from(index).ok()) {
            Some(index) => Some(index + self.least),
            None => text.parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn schedules_are_read_as_by_the_cron_of_kubernetes() {
        for good in [
            "* * * * *",
            "*/5 0-6/2 1,15 JAN-dec MON-Fri",
            "0 0 ? * sun",
            "@daily",
            "@every 1h30m",
            "@every 1.5h",
            "@every 250ms",
            "5/15 * * * *",
            "*/61 * * * *",
            " 0  6 * * 1 ",
            "TZ=Europe/Berlin 0 6 * * *",
            "*-x * * * *",
            "+5 * * * *",
            "1,,2 * * * *",
        ] {
            assert_eq!(fault(good, true), None, "{good}");
        }
        for (bad, why) in [
            ("61 * * * *", "has 61 as the minute, which is from 0 to 59"),
            ("* * * * 7", "has 7 as the day of the week, which is from 0 to 6"),
            ("0 0 0 * *", "has 0 as the day of the month, which is from 1 to 31"),
            ("* * * *", "has 4 fields, and 5 are read"),
            ("0 0 0 * * *", "has 6 fields, and 5 are read"),
            ("", "has 0 fields, and 5 are read"),
            ("@reboot", "has `@reboot` for its fields"),
            ("@every day", "has `@every day` for its fields"),
            ("@every 5", "has `@every 5` for its fields"),
            ("@every 1.2.3h", "has `@every 1.2.3h` for its fields"),
            ("0 22-6 * * *", "has a range from 22 to 6 in the hour"),
            ("*/0 * * * *", "has a step of 0 in the minute"),
            ("*/x * * * *", "has `*/x` as the minute"),
            ("1-2-3 * * * *", "has `1-2-3` as the minute"),
            ("1/2/3 * * * *", "has `1/2/3` as the minute"),
            ("-5 * * * *", "has `-5` as the minute"),
            ("0 6 * * L", "has `L` as the day of the week"),
            ("0 6 * monday *", "has `monday` as the month"),
        ] {
            assert_eq!(fault(bad, true).map(|(why, _)| why).as_deref(), Some(why), "{bad}");
        }
        assert!(fault("@daily", false).is_some() && fault("0 6 * * *", false).is_none());
        let turned = fault("0 22-6 * * *", true).map(|(_, help)| help);
        assert_eq!(turned.as_deref(), Some("write `22-23,0-6`"));
    }
}
