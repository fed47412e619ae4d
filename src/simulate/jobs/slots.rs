//! The slots of ready replicas: which is free, which has the fewest jobs.

/// Ready replicas in the order in which they became ready.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    concurrency: u32,
    /// Whether it is asked who has the fewest jobs.
    ranked: bool,
    /// Replicas by position.
    ready: Vec<u32>,
    /// Running jobs by position.
    running: Vec<u32>,
    /// Running and bound jobs by position; kept only where it is asked who has the fewest.
    jobs: Vec<u32>,
    /// The same as far as a byte holds it, in lines: the fewest of a line are found at once. Positions without a
    /// replica have the most. Empty where nobody asks.
    lines: Vec<[u8; LINE]>,
    /// A bit for each position: a slot is free.
    free: Vec<u64>,
    /// Positions by replica; `NONE` where it is not ready.
    positions: Vec<u32>,
}

const NONE: u32 = u32::MAX;
/// Replicas of a line.
const LINE: usize = 16;

impl Slots {
    pub(super) fn new(concurrency: u32, ranked: bool) -> Self {
        let lists = || Vec::new();
        let (ready, running, jobs, positions) = (lists(), lists(), lists(), lists());
        Slots { concurrency, ranked, ready, running, jobs, lines: Vec::new(), free: Vec::new(), positions }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ready.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.ready.len()
    }

    #[inline]
    pub(super) fn at(&self, position: usize) -> Option<u32> {
        self.ready.get(position).copied()
    }

    /// A replica is ready now.
    pub(super) fn add(&mut self, replica: u32) {
        self.ready.push(replica);
        self.running.push(0);
        self.jobs.push(0);
        self.index(self.ready.len() - 1);
    }

    /// A replica takes no job any more.
    pub(super) fn remove(&mut self, replica: u32) {
        let Some(position) = self.position(replica) else { return };
        self.ready.remove(position);
        self.running.remove(position);
        self.jobs.remove(position);
        if let Some(old) = self.positions.get_mut(replica as usize) {
            *old = NONE;
        }
        self.index(position);
        // the last position is empty now
        self.mark(self.ready.len());
        self.count(self.ready.len());
    }

    /// Notes the positions of replicas: those before this one keep theirs.
    fn index(&mut self, from: usize) {
        self.free.resize(self.ready.len().div_ceil(64), 0);
        if self.ranked {
            self.lines.resize(self.ready.len().div_ceil(LINE), [u8::MAX; LINE]);
        }
        for position in from..self.ready.len() {
            let Some(replica) = self.ready.get(position).copied() else { continue };
            if self.positions.len() <= replica as usize {
                self.positions.resize(replica as usize + 1, NONE);
            }
            if let (Some(slot), Ok(position)) = (self.positions.get_mut(replica as usize), u32::try_from(position)) {
                *slot = position;
            }
            self.mark(position);
            self.count(position);
        }
    }

    #[inline]
    fn position(&self, replica: u32) -> Option<usize> {
        let position = self.positions.get(replica as usize).copied().filter(|position| *position != NONE)?;
        usize::try_from(position).ok()
    }

    fn mark(&mut self, position: usize) {
        let free = self.running.get(position).is_some_and(|running| *running < self.concurrency);
        if let Some(word) = self.free.get_mut(position / 64) {
            let bit = 1 << (position % 64);
            *word = if free { *word | bit } else { *word & !bit };
        }
    }

    #[inline]
    pub(super) fn has_free(&self, replica: u32) -> bool {
        let running = self.position(replica).and_then(|position| self.running.get(position));
        running.is_some_and(|running| *running < self.concurrency)
    }

    /// The replica longest ready that has a free slot.
    #[inline]
    pub(super) fn first_free(&self) -> Option<u32> {
        let (index, word) = self.free.iter().enumerate().find(|(_, word)| **word != 0)?;
        let bit = usize::try_from(word.trailing_zeros()).ok()?;
        self.at(index * 64 + bit)
    }

    /// The replica with the fewest jobs, the longest ready of several.
    pub(super) fn least(&self) -> Option<u32> {
        // an idle one is found without looking at all of them
        if let Some((number, line)) = self.lines.iter().enumerate().find(|(_, line)| first_equal(**line, 0) < LINE) {
            return self.at(number * LINE + first_equal(*line, 0));
        }
        let (mut least, mut found) = (u8::MAX, None);
        for (number, line) in self.lines.iter().enumerate() {
            let fewest = line.iter().copied().fold(u8::MAX, u8::min);
            if fewest < least {
                (least, found) = (fewest, Some((number, line)));
            }
        }
        let Some((number, line)) = found else { return self.least_of_many() };
        self.at(number * LINE + first_equal(*line, least))
    }

    /// The same where all have more jobs than a byte holds.
    fn least_of_many(&self) -> Option<u32> {
        let least = self.jobs.iter().min()?;
        self.at(self.jobs.iter().position(|jobs| jobs == least)?)
    }

    /// Sets the number of jobs at a position.
    fn count(&mut self, position: usize) {
        if !self.ranked {
            return;
        }
        let jobs = self.jobs.get(position).copied().unwrap_or(u32::MAX);
        if let Some(place) = self.lines.get_mut(position / LINE).and_then(|line| line.get_mut(position % LINE)) {
            *place = u8::try_from(jobs).unwrap_or(u8::MAX);
        }
    }

    /// A job starts (1) or ends (-1).
    #[inline]
    pub(super) fn occupy(&mut self, replica: u32, change: i32) {
        let Some(position) = self.position(replica) else { return };
        let Some(running) = self.running.get_mut(position) else { return };
        *running = running.saturating_add_signed(change);
        let free = *running < self.concurrency;
        if let Some(word) = self.free.get_mut(position / 64) {
            let bit = 1 << (position % 64);
            *word = if free { *word | bit } else { *word & !bit };
        }
        if self.ranked {
            self.change_jobs(position, change);
        }
    }

    /// A job is bound (1), or starts after it was (-1).
    pub(super) fn load(&mut self, replica: u32, change: i32) {
        if let Some(position) = self.position(replica).filter(|_| self.ranked) {
            self.change_jobs(position, change);
        }
    }

    fn change_jobs(&mut self, position: usize, change: i32) {
        if let Some(count) = self.jobs.get_mut(position) {
            *count = count.saturating_add_signed(change);
        }
        self.count(position);
    }
}

/// Where a line first has a byte; its length where it has none.
fn first_equal(line: [u8; LINE], byte: u8) -> usize {
    const LOW: u128 = u128::MAX / 255;
    let zeros = u128::from_le_bytes(line) ^ (LOW * u128::from(byte));
    // a bit for each byte that is 0, and perhaps for some above the first of them
    let marks = zeros.wrapping_sub(LOW) & !zeros & (LOW << 7);
    marks.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::{LINE, Slots, first_equal};
    use crate::simulate::random::{Random, Stream};

    #[test]
    fn the_first_byte_of_a_line_is_found() {
        let mut dice = Random::new(1, Stream::Dispatch);
        for turn in 0..50_000 {
            let below = if turn % 2 == 0 { 3 } else { 256 };
            let line: [u8; LINE] = std::array::from_fn(|_| u8::try_from(dice.below(below)).unwrap_or(0));
            for byte in [0, 1, 127, 128, 255] {
                let wanted = line.iter().position(|own| *own == byte).unwrap_or(LINE);
                assert_eq!(first_equal(line, byte), wanted, "{byte} in {line:?}");
            }
        }
    }

    #[test]
    fn who_is_free_and_who_has_the_fewest_is_what_a_look_at_all_gives() {
        let mut dice = Random::new(1, Stream::Dispatch);
        // the replica, its running jobs and all of them
        let (mut slots, mut plain, mut next) = (Slots::new(3, true), Vec::<(u32, u32, u32)>::new(), 0);
        let (mut most, mut many) = (0, 0);
        for turn in 0..100_000u64 {
            let growing = turn < 50_000;
            match dice.below(if growing { 100 } else { 3000 }) {
                0 => {
                    slots.add(next);
                    plain.push((next, 0, 0));
                    next += 1;
                }
                1 | 2 => {
                    let gone = plain.get(usize::try_from(dice.below(60)).unwrap_or(0)).map_or(next, |one| one.0);
                    slots.remove(gone);
                    plain.retain(|one| one.0 != gone);
                }
                3..=40 => {
                    let ended = usize::try_from(dice.below(100)).unwrap_or(0);
                    if let Some(one) = plain.get_mut(ended).filter(|one| one.1 > 0) {
                        (one.1, one.2) = (one.1 - 1, one.2 - 1);
                        slots.occupy(one.0, -1);
                    }
                }
                _ => {
                    let Some(one) = plain.iter_mut().min_by_key(|one| one.2) else { continue };
                    one.2 += 1;
                    many += usize::from(one.2 > 255);
                    if one.1 < 3 {
                        one.1 += 1;
                        slots.occupy(one.0, 1);
                    } else {
                        slots.load(one.0, 1);
                    }
                }
            }
            most = most.max(plain.len());
            assert_eq!(slots.least(), plain.iter().min_by_key(|one| one.2).map(|one| one.0));
            assert_eq!(slots.first_free(), plain.iter().find(|one| one.1 < 3).map(|one| one.0));
            assert!(plain.iter().all(|one| slots.has_free(one.0) == (one.1 < 3)));
        }
        assert!(most > LINE && many > 1000, "{most} replicas, {many} above a byte");
    }
}
