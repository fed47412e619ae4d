//! Pairs specs that were removed with specs that were added under another name. Knows text only.

use crate::check::fingerprint::fnv1a;
use std::collections::HashMap;

/// From this share of lines in common on, in thousandths, two texts are one that was renamed: as git has it.
const ALIKE: usize = 500;
/// Of more pairs than this only equal texts are paired.
const MOST: usize = 10_000;

/// Pairs of an index into `gone` and one into `came`: first equal texts, then the most alike. None is in two pairs.
#[must_use]
pub fn pairs(gone: &[&[u8]], came: &[&[u8]]) -> Vec<(usize, usize)> {
    let many = gone.len().saturating_mul(came.len()) > MOST;
    let split = |texts: &[&[u8]]| if many { Vec::new() } else { texts.iter().map(|text| hashes(text)).collect() };
    let (old_lines, new_lines) = (split(gone), split(came));
    let mut likeness: Vec<(usize, usize, usize)> = Vec::new();
    for (old, one) in gone.iter().enumerate() {
        for (new, two) in came.iter().enumerate() {
            let share = match (old_lines.get(old), new_lines.get(new)) {
                _ if one == two => 1000,
                (Some(one), Some(two)) => alike(one, two),
                _ => 0,
            };
            likeness.push((share, old, new));
        }
        likeness.retain(|(share, ..)| *share >= ALIKE);
    }
    likeness.sort_by_key(|(share, old, new)| (std::cmp::Reverse(*share), *old, *new));
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (_, old, new) in likeness {
        if pairs.iter().all(|(one, two)| *one != old && *two != new) {
            pairs.push((old, new));
        }
    }
    pairs
}

/// How often each line is in a text, by its hash; empty ones aside.
type LineCounts = HashMap<u64, usize>;

fn hashes(text: &[u8]) -> LineCounts {
    let mut lines = LineCounts::new();
    for line in text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty()) {
        *lines.entry(fnv1a(&[line])).or_default() += 1;
    }
    lines
}

/// The lines that two texts have in common, in thousandths of the lines of the longer one.
fn alike(one: &LineCounts, two: &LineCounts) -> usize {
    let common: usize = one.iter().map(|(line, count)| two.get(line).map_or(0, |other| *count.min(other))).sum();
    let length = |lines: &LineCounts| lines.values().sum::<usize>();
    common * 1000 / length(one).max(length(two)).max(1)
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn equal_texts_first_then_the_most_alike_and_nothing_twice() {
        let (a, b, c): (&[u8], &[u8], &[u8]) = (b"1\n2\n3\n4\n", b"1\n2\n3\nx\n", b"p\nq\nr\ns\n");
        assert_eq!(pairs(&[a, c], &[c, b]), [(1, 0), (0, 1)]);
        assert_eq!(pairs(&[b, a], &[a]), [(1, 0)]);
        // another end of the lines is no other line; one of four is less than half
        assert_eq!(pairs(&[a], &[b"1\r\n2\r\n3\r\n4\r\n"]), [(0, 0)]);
        assert_eq!(pairs(&[a], &[b"1\n9\n8\n7\n"]), []);
        assert_eq!(pairs(&[], &[a]), []);
    }
}
