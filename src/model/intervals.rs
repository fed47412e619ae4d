//! Finds which of many intervals overlap. Does not know what the intervals stand for.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// The most pairs that are kept over all intervals, except that each owner keeps at least `FEWEST`: findings take memory.
const PAIRS: usize = 65_536;
/// For each owner at least this many earlier owners are reported, and at most `MOST`.
const FEWEST: usize = 4;
const MOST: usize = 64;

/// One interval of whole numbers of one owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// The first number in it.
    pub start: i64,
    /// The first number after it.
    pub end: i64,
    /// Its owner; owners are reported in the order of these numbers.
    pub owner: usize,
}

/// Two owners with a point in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// The smaller owner.
    pub first: usize,
    /// The larger owner.
    pub second: usize,
    /// The first point that both have.
    pub point: i64,
    /// The one of the two whose interval begins there.
    pub opener: usize,
}

/// How many earlier owners [`meetings`] reports for each owner, given this many intervals: the most, and at least the least.
#[must_use]
pub fn most_meetings(intervals: usize) -> usize {
    (PAIRS / intervals.max(1)).clamp(FEWEST, MOST)
}

/// Every two owners that have a point in common, each pair once, by the larger owner and then the smaller.
///
/// An owner that overlaps more than [`most_meetings`] smaller owners is reported with at least that many of them.
#[must_use]
pub fn meetings(mut intervals: Vec<Interval>) -> Vec<Meeting> {
    let most = most_meetings(intervals.len());
    intervals.retain(|interval| interval.start < interval.end);
    intervals.sort_unstable();
    let mut found: BTreeMap<(usize, usize), (i64, usize)> = BTreeMap::new();
    // the owners that hold the point reached, with the ends of their intervals
    let mut open: BTreeMap<usize, i64> = BTreeMap::new();
    let mut ends: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
    for Interval { start, end, owner } in intervals {
        while let Some(Reverse((closing, old))) = ends.peek().copied().filter(|Reverse((closing, _))| *closing <= start)
        {
            ends.pop();
            if open.get(&old) == Some(&closing) {
                open.remove(&old);
            }
        }
        let smaller: Vec<usize> = open.range(..owner).take(most).map(|(other, _)| *other).collect();
        // all that are open share this point, so a larger owner behind the first `most` already overlaps that many
        let larger = open.range(owner + 1..).take(most - smaller.len()).map(|(other, _)| (owner, *other));
        for pair in smaller.iter().map(|other| (*other, owner)).chain(larger) {
            found.entry(pair).or_insert((start, owner));
        }
        let reach = open.entry(owner).or_insert(end);
        *reach = end.max(*reach);
        ends.push(Reverse((end, owner)));
    }
    let meeting = |((first, second), (point, opener))| Meeting { first, second, point, opener };
    let mut all: Vec<Meeting> = found.into_iter().map(meeting).collect();
    all.sort_by_key(|meeting| (meeting.second, meeting.first));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(intervals: &[(i64, i64)]) -> Vec<(usize, usize, i64)> {
        let all =
            intervals.iter().enumerate().map(|(owner, (start, end))| Interval { start: *start, end: *end, owner });
        meetings(all.collect()).into_iter().map(|met| (met.first, met.second, met.point)).collect()
    }

    #[test]
    fn every_pair_is_told_whatever_begins_first() {
        assert_eq!(pairs(&[(540, 600), (570, 660), (480, 720)]), [(0, 1, 570), (0, 2, 540), (1, 2, 570)]);
        assert_eq!(pairs(&[(0, 10), (10, 20), (5, 5), (20, 30)]), []);
        assert_eq!(pairs(&[(0, 100), (1, 2), (3, 4), (50, 60)]), [(0, 1, 1), (0, 2, 3), (0, 3, 50)]);
    }

    #[test]
    fn intervals_of_one_owner_do_not_meet() {
        let own = |start, end| Interval { start, end, owner: 0 };
        assert_eq!(meetings(vec![own(0, 10), own(5, 7), own(9, 20)]), []);
        let other = Interval { start: 8, end: 9, owner: 1 };
        assert_eq!(meetings(vec![own(0, 10), own(5, 7), other]).len(), 1);
    }

    #[test]
    fn where_thousands_meet_each_is_told_with_some() {
        let all: Vec<Interval> = (0..20_000).map(|owner| Interval { start: 0, end: 9, owner }).collect();
        let met = meetings(all);
        let of = |owner: usize| met.iter().filter(|met| met.second == owner).count();
        assert_eq!([of(0), of(1), of(3), of(4), of(19_999)], [0, 1, 3, FEWEST, FEWEST]);
    }
}
