//! A rollout: replicas of a new version take the place of the old ones, as a Deployment's controller does it
//! (pkg/controller/deployment/rolling.go and recreate.go of Kubernetes).

use super::state::{Life, Replica};
use super::world::World;
use crate::simulate::workload::RolloutMethod;

/// How many replicas a rollout keeps to.
#[derive(Debug, Clone, Copy)]
struct RolloutLimits {
    wanted: usize,
    /// Existing ones, at the most.
    most: usize,
    /// Ready ones, at the least.
    least: usize,
}

/// Replicas that do not leave, by version and readiness.
#[derive(Debug, Clone, Copy, Default)]
struct VersionCounts {
    old: usize,
    old_ready: usize,
    new: usize,
    new_ready: usize,
}

impl World<'_> {
    /// A new version comes now.
    pub(super) fn begin_rollout(&mut self) {
        self.rollout.version += 1;
        self.rollout.is_on = true;
        self.roll();
    }

    /// Goes on as far as surge and unavailable replicas allow.
    pub(super) fn roll(&mut self) {
        self.rollout.is_due = false;
        if !self.rollout.is_on {
            return;
        }
        let wanted = usize::try_from(self.standing.slow.spec).unwrap_or(0);
        match self.service.workload.replica.rollout {
            RolloutMethod::Recreate => self.recreate(wanted),
            RolloutMethod::Rolling { surge, unavailable } => {
                // both 0 would never begin: the API refuses it, and shares that round to 0 count as one unavailable
                let (surge, unavailable) = match (surge.up(wanted), unavailable.down(wanted)) {
                    (0, 0) => (0, 1),
                    both => both,
                };
                let limits = RolloutLimits { wanted, most: wanted + surge, least: wanted - unavailable.min(wanted) };
                // what leaves at once may make place for a new one
                while self.roll_in_parts(limits) {}
            }
        }
        let version = self.rollout.version;
        self.rollout.is_on = self.replicas.iter().any(|replica| replica.life != Life::Gone && is_old(replica, version))
            && (self.counts().old > 0 || self.alive.len() != wanted);
        if !self.rollout.is_on {
            self.fit(wanted);
        }
        self.recount();
    }

    /// The old ones leave at once; the new ones are made when none of the old is left.
    fn recreate(&mut self, wanted: usize) {
        let version = self.rollout.version;
        while let Some(replica) = self.first_to_leave(|candidate| is_old(candidate, version)) {
            self.leave(replica);
        }
        if self.replicas.iter().all(|replica| replica.life == Life::Gone || !is_old(replica, version)) {
            self.fit(wanted);
        }
    }

    /// One round; says whether anything changed.
    fn roll_in_parts(&mut self, limits: RolloutLimits) -> bool {
        let RolloutLimits { wanted, most, least } = limits;
        let version = self.rollout.version;
        let counts = self.counts();
        let total = counts.old + counts.new;
        let made = most.saturating_sub(total).min(wanted.saturating_sub(counts.new));
        for _ in 0..made {
            self.make();
        }
        let counts = self.counts();
        let total = counts.old + counts.new;
        let mut may_go = total.saturating_sub(least).saturating_sub(counts.new - counts.new_ready);
        let mut gone = 0;
        // old ones that are not ready go first, and cost nothing
        while may_go > 0 {
            let unready = |one: &Replica| is_old(one, version) && one.life != Life::Ready;
            let Some(replica) = self.first_to_leave(unready) else { break };
            self.leave(replica);
            may_go -= 1;
            gone += 1;
        }
        let ready = counts.old_ready + counts.new_ready;
        for _ in 0..may_go.min(ready.saturating_sub(least)) {
            let Some(replica) = self.first_to_leave(|candidate| is_old(candidate, version)) else { break };
            self.leave(replica);
            gone += 1;
        }
        // fewer are asked for than before it began: what is above goes, old ones first
        while self.alive.len() > most {
            let old = self.first_to_leave(|candidate| is_old(candidate, version));
            let Some(replica) = old.or_else(|| self.first_to_leave(|_| true)) else { break };
            self.leave(replica);
            gone += 1;
        }
        made + gone > 0
    }

    fn counts(&self) -> VersionCounts {
        let mut counts = VersionCounts::default();
        for alive in self.alive.iter().filter_map(|replica| self.replicas.get(*replica as usize)) {
            let ready = usize::from(alive.life == Life::Ready);
            let (all, of_them) = if is_old(alive, self.rollout.version) {
                (&mut counts.old, &mut counts.old_ready)
            } else {
                (&mut counts.new, &mut counts.new_ready)
            };
            *all += 1;
            *of_them += ready;
        }
        counts
    }
}

fn is_old(replica: &Replica, version: u32) -> bool {
    replica.version < version
}
