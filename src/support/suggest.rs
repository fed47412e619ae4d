//! "Did you mean": the closest of some names. Knows no other module.

/// How many characters must be changed, added, left out or swapped to make one name of another.
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
