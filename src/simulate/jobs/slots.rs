//! The slots of ready replicas: which is free, which has the fewest jobs.

/// Ready replicas in the order in which they became ready.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    concurrency: u32,
    /// Replicas by position.
    ready: Vec<u32>,
    /// Running jobs by position.
    running: Vec<u32>,
    /// Running and bound jobs by position.
    jobs: Vec<u32>,
    /// A bit for each position: a slot is free.
    free: Vec<u64>,
    /// Positions by replica; `NONE` where it is not ready.
    positions: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Slots {
    pub(super) fn new(concurrency: u32) -> Self {
        let lists = || Vec::new();
        Slots { concurrency, ready: lists(), running: lists(), jobs: lists(), free: Vec::new(), positions: lists() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ready.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.ready.len()
    }

    pub(super) fn at(&self, position: usize) -> Option<u32> {
        self.ready.get(position).copied()
    }

    /// A replica is ready now.
    pub(super) fn add(&mut self, replica: u32) {
        self.ready.push(replica);
        self.running.push(0);
        self.jobs.push(0);
        self.index();
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
        self.index();
    }

    fn index(&mut self) {
        self.free = vec![0; self.ready.len().div_ceil(64)];
        for position in 0..self.ready.len() {
            let Some(replica) = self.ready.get(position).copied() else { continue };
            if self.positions.len() <= replica as usize {
                self.positions.resize(replica as usize + 1, NONE);
            }
            if let (Some(slot), Ok(position)) = (self.positions.get_mut(replica as usize), u32::try_from(position)) {
                *slot = position;
            }
            self.mark(position);
        }
    }

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

    pub(super) fn has_free(&self, replica: u32) -> bool {
        let running = self.position(replica).and_then(|position| self.running.get(position));
        running.is_some_and(|running| *running < self.concurrency)
    }

    /// The replica longest ready that has a free slot.
    pub(super) fn first_free(&self) -> Option<u32> {
        let (index, word) = self.free.iter().enumerate().find(|(_, word)| **word != 0)?;
        let bit = usize::try_from(word.trailing_zeros()).ok()?;
        self.at(index * 64 + bit)
    }

    /// The replica with the fewest jobs, the longest ready of several.
    pub(super) fn least(&self) -> Option<u32> {
        // an idle one is found without looking at all of them
        let idle = self.jobs.iter().position(|jobs| *jobs == 0);
        let fewest = || {
            let least = self.jobs.iter().min()?;
            self.jobs.iter().position(|jobs| jobs == least)
        };
        self.at(idle.or_else(fewest)?)
    }

    /// A job starts (1) or ends (-1).
    pub(super) fn occupy(&mut self, replica: u32, change: i32) {
        let Some(position) = self.position(replica) else { return };
        for list in [&mut self.running, &mut self.jobs] {
            if let Some(count) = list.get_mut(position) {
                *count = count.saturating_add_signed(change);
            }
        }
        self.mark(position);
    }

    /// A job is bound (1), or starts after it was (-1).
    pub(super) fn load(&mut self, replica: u32, change: i32) {
        let Some(position) = self.position(replica) else { return };
        if let Some(count) = self.jobs.get_mut(position) {
            *count = count.saturating_add_signed(change);
        }
    }
}
