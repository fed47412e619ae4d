//! Numbers with nouns.

use std::fmt::Display;

/// A number with its noun for people: `1 replica`, `2 replicas`. The plural adds an `s`.
#[must_use]
pub fn plural(count: impl Display, word: &str) -> String {
    let count = count.to_string();
    if count == "1" { format!("1 {word}") } else { format!("{count} {word}s") }
}
