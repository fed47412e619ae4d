//! "Did you mean": the closest of some names. Knows no other module.

/// The number of characters to change, add, remove or swap to turn one name into another.
#[must_use]
pub fn distance(one: &str, other: &str) -> usize {
    strsim::damerau_levenshtein(one, other)
}

/// The closest name, if one is close enough to be meant.
pub fn closest<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let lower = wrong.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        // names much longer than the word cannot be close, and the distance costs their product
        if name.len().abs_diff(wrong.len()) > 4 {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&lower, &name.to_lowercase());
        let close = distance <= 1 + wrong.chars().count() / 4;
        if close && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Whether a word is another with one letter left out, added, replaced, or two next to each other swapped.
#[must_use]
pub fn is_slip_of(word: &str, meant: &str) -> bool {
    word.len().abs_diff(meant.len()) <= 1 && strsim::damerau_levenshtein(word, meant) == 1
}

/// Whether two words differ only in how their parts are joined: `minReplicas`, `min_replicas` and `min-replicas`.
#[must_use]
pub fn is_same_word(one: &str, other: &str) -> bool {
    let letters = |word: &'_ str| {
        word.chars().filter(|c| !matches!(c, '_' | '-')).map(|c| c.to_ascii_lowercase()).collect::<String>()
    };
    one.len().abs_diff(other.len()) <= 8 && letters(one) == letters(other)
}

/// `8am`, `8`, `8:00`, `8:00:00` and `18h` as a time of day.
#[must_use]
pub fn time_of_day(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let (clock, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        _ => (text.strip_suffix('h').unwrap_or(&text), None),
    };
    // seconds are only said to be none
    let clock = clock.trim();
    let clock = clock.strip_suffix(":00").filter(|clock| clock.contains(':')).unwrap_or(clock);
    let (hour, minute) = clock.split_once([':', '.']).unwrap_or((clock, "0"));
    let (hour, minute): (u8, u8) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    (hour < 24 && minute < 60 || hour == 24 && minute == 0).then(|| format!("{hour:02}:{minute:02}"))
}
