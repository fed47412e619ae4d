//! A `preStop` hook that sleeps, which is the spec's drain delay. Knows no other field of a container.

use crate::inputs::kubernetes::access;
use crate::inputs::leaf;
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node};

const SHELLS: [&str; 5] = ["sh", "bash", "ash", "dash", "zsh"];

/// A hook that sleeps before a replica is told to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrainHook {
    /// The value that says how long.
    pub at: FieldSpan,
    /// How long, as the spec writes it.
    pub delay: String,
    /// The words that surround the number in a command; `None` for the hook's own `sleep`.
    pub command: Option<SleepCommand>,
}

/// A command that sleeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SleepCommand {
    /// The words before the one with the number.
    words: Vec<String>,
    /// What is before the number in its word, and behind it.
    around: (String, String),
}

impl SleepCommand {
    /// The command with another number of seconds.
    #[must_use]
    pub fn with(&self, seconds: u64) -> Vec<String> {
        let (before, behind) = &self.around;
        self.words.iter().cloned().chain([format!("{before}{seconds}{behind}")]).collect()
    }

    /// Whether the hook does more than sleep.
    #[must_use]
    pub fn does_more(&self) -> bool {
        !self.around.1.trim().is_empty()
    }
}

impl DrainHook {
    /// The hook of a container, if all that it does first is to sleep.
    #[must_use]
    pub fn of(container: &Node) -> Option<DrainHook> {
        let hook = access::path(container, &["lifecycle", "preStop"])?;
        if let Some(seconds) = access::path(&hook.node, &["sleep", "seconds"]) {
            let number = access::count(Some(seconds)).filter(|number| number.value > 0)?;
            return Some(DrainHook { at: number.at, delay: format!("{}s", number.value), command: None });
        }
        let command = access::path(&hook.node, &["exec", "command"])?;
        let items = command.node.items();
        let words: Option<Vec<&str>> = items.iter().map(|item| item.as_str()).collect();
        let words = words?;
        let (last, before) = words.split_last()?;
        let program = before.first().map_or("", |program| program.rsplit('/').next().unwrap_or_default());
        let start = match before {
            [_] if program == "sleep" => "",
            [_, "-c"] if SHELLS.contains(&program) => {
                let spaces = last.len() - last.trim_start().len();
                let rest = last.trim_start().strip_prefix("sleep")?;
                let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
                last.get(..spaces + "sleep".len() + gap).filter(|_| gap > 0)?
            }
            _ => return None,
        };
        let (delay, behind) = amount(last.get(start.len()..)?)?;
        let ends = behind.trim().is_empty()
            || ["&&", ";", "\n"].iter().any(|end| behind.trim_start_matches(' ').starts_with(end));
        if !ends || (start.is_empty() && !behind.is_empty()) {
            return None;
        }
        let words = before.iter().map(|word| (*word).to_owned()).collect();
        let command = SleepCommand { words, around: (start.to_owned(), behind.to_owned()) };
        Some(DrainHook { at: items.last()?.at(), delay, command: Some(command) })
    }
}

/// A whole number of seconds, minutes or hours as `sleep` of GNU and BusyBox reads it, and the text behind it.
fn amount(text: &str) -> Option<(String, &str)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, behind) = text.split_at_checked(digits)?;
    let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
    let unit = behind.chars().next().filter(|unit| ['s', 'm', 'h'].contains(unit));
    let behind = unit.map_or(behind, |_| behind.get(1..).unwrap_or_default());
    Some((format!("{number}{}", unit.unwrap_or('s')), behind))
}

/// The drain delay of a container.
pub(super) fn drain_delay(container: &Node) -> Option<Entry> {
    let hook = DrainHook::of(container)?;
    Some(leaf::text("drainDelay", hook.at, &hook.delay))
}
