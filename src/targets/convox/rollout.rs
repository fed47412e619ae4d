//! `deployment`: how many processes run while a release replaces another, in percent. Knows one service.

use super::generation::Generation;
use super::view::Deployment;
use crate::plan::{Amount, Kind, Strategy, Workload};
use crate::targets::Lowered;

/// What convox takes where nothing is written: percent of the processes, least and most.
const USUAL: (u32, u32) = (50, 200);
/// The same for a singleton.
const SINGLETON: (u32, u32) = (0, 100);

/// The percentages that give the surge and the missing processes of the spec; none where they are convox's own.
pub(super) fn rollout(workload: &Workload, generation: &Generation, out: &mut Lowered) -> Option<Deployment> {
    let update = &workload.update;
    let usual = if workload.kind.value == Kind::Singleton { SINGLETON } else { USUAL };
    let ends = if workload.scales {
        (workload.replicas.min.value.max(1), workload.replicas.max.value)
    } else {
        (workload.fixed.max(1), workload.fixed.max(1))
    };
    let surge = surge(workload, ends, generation, out);
    let recreate = update.strategy.value == Strategy::Recreate;
    let missing = match update.unavailable {
        _ if recreate => Some(100),
        Some(amount) => Some(missing(amount.value, ends, amount.at, out)),
        None => None,
    };
    let least = missing.map(|missing| 100 - missing);
    let most = 100 + surge;
    if most == 100 && least == Some(100) {
        let at = if update.surge.written { update.surge.at } else { update.at };
        out.refused(at, "with no process more and none missing a rollout cannot begin", "write `surge: 1`");
    }
    let deployment =
        Deployment { minimum: least.filter(|least| *least != usual.0), maximum: (most != usual.1).then_some(most) };
    (deployment != Deployment::default()).then_some(deployment)
}

/// Percent above the number wanted, 0 to 100.
fn surge(workload: &Workload, (least, most): (u32, u32), generation: &Generation, out: &mut Lowered) -> u32 {
    let surge = workload.update.surge;
    let up = generation.surge_rounds_up;
    let percent = match surge.value {
        Amount::Percent(percent) if up => u64::from(percent),
        amount => {
            // at the largest number: rounding up can then only give as many or fewer at smaller ones
            let (wanted, most) = (u64::from(amount.up(most)) * 100, u64::from(most));
            if up { (wanted / most).max(u64::from(wanted > 0)) } else { wanted.div_ceil(most) }
        }
    };
    let percent = u32::try_from(percent.min(100)).unwrap_or(100);
    let real = |processes: u32| {
        let amount = Amount::Percent(percent);
        if up { amount.up(processes) } else { amount.down(processes) }
    };
    let other = [most, least].into_iter().find(|n| real(*n) != surge.value.up(*n));
    if let Some(processes) = other.filter(|_| surge.written) {
        let message = format!(
            "convox counts a rollout in percent, 200 at most: surge {} is written as {percent} %, which is {} of {processes}",
            surge.value,
            real(processes)
        );
        out.lost(surge.at, message, "write a percentage of at most 100%");
    }
    percent
}

/// Percent that may be missing, 0 to 100; both generations round what is missing down.
fn missing(amount: Amount, (least, most): (u32, u32), at: crate::support::source::At, out: &mut Lowered) -> u32 {
    let percent = match amount {
        Amount::Percent(percent) => percent.min(100),
        Amount::Count(count) => {
            let percent = (u64::from(count) * 100).div_ceil(u64::from(most)).min(100);
            u32::try_from(percent).unwrap_or(100)
        }
    };
    let real = |processes: u32| Amount::Percent(percent).down(processes);
    if let Some(processes) = [most, least].into_iter().find(|n| real(*n) != amount.down(*n).min(*n)) {
        let message = format!(
            "convox counts a rollout in percent: unavailable {amount} is written as {percent} %, which is {} of {processes}",
            real(processes)
        );
        out.lost(at, message, "write a percentage");
    }
    percent
}
