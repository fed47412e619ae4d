//! Sums over services at the worst moment, and the words for them. Knows no rule and no target.

mod capacity;
mod connections;
mod labels;
mod placing;

pub use capacity::Demands;
pub use connections::{ConnectionSum, connections};
pub use labels::{group_name, load_text};
pub use placing::PlacingFailure;

/// Parts of a sum that are written out; the rest is one number.
const MAX_PARTS: usize = 6;
/// Services whose places are labelled, largest parts first.
const MAX_LABELS: usize = 20;

/// `a + b + c`, or the largest six and the sum of the rest.
fn joined(parts: &[(u128, String)], rest_text: impl Fn(u128) -> String) -> String {
    let mut largest: Vec<usize> = (0..parts.len()).collect();
    largest.sort_by_key(|index| std::cmp::Reverse(parts.get(*index).map(|(size, _)| *size)));
    let mut kept: Vec<usize> = largest.iter().copied().take(MAX_PARTS).collect();
    kept.sort_unstable();
    let mut texts: Vec<String> =
        kept.into_iter().filter_map(|index| parts.get(index)).map(|(_, text)| text.clone()).collect();
    let rest: Vec<u128> =
        largest.into_iter().skip(MAX_PARTS).filter_map(|index| parts.get(index)).map(|(size, _)| *size).collect();
    if !rest.is_empty() {
        let sum = rest.iter().fold(0u128, |sum, size| sum.saturating_add(*size));
        texts.push(format!("{} others {}", rest.len(), rest_text(sum)));
    }
    texts.join(" + ")
}
