//! `deployment`: how many processes run while a release replaces another, in percent. Knows one service.

use super::generation::Generation;
use super::view::{Deployment, ProcessCount};
use crate::plan::{Amount, Kind, Strategy, Val, Workload};
use crate::support::plural::plural;
use crate::support::source::FieldSpan;
use crate::targets::{Input, LoweredPlan};
use std::cmp::Reverse;

/// Convox's defaults: percent of the processes, least and most.
const USUAL: (u32, u32) = (50, 200);
/// Convox's defaults for a singleton.
const SINGLETON: (u32, u32) = (0, 100);

/// The percentages that give the surge and the missing processes of the spec; `None` if they are convox's own. They are percent of
/// `count`, the written number.
pub(super) fn rollout(
    workload: &Workload,
    count: &ProcessCount,
    generation: &Generation,
    out: &mut LoweredPlan,
) -> Option<Deployment> {
    let update = &workload.update();
    let usual = if workload.kind.value == Kind::Singleton { SINGLETON } else { USUAL };
    let ends = match count {
        ProcessCount::Fixed(count) => ((*count).max(1), (*count).max(1)),
        ProcessCount::Range(_) => (workload.replicas.min.value.max(1), workload.replicas.max.value.max(1)),
    };
    let recreate = update.strategy.value == Strategy::Recreate;
    let mut missing_percent = match update.unavailable {
        _ if recreate => Some(100),
        Some(amount) => Some(missing(amount.value, ends)),
        None => None,
    };
    let mut surge_percent = surge(workload, ends, generation);
    // with the fewest processes a small percentage is none at all, and then a rollout cannot begin
    let fewest = ends.0;
    let gone = Amount::Percent(missing_percent.unwrap_or(100 - usual.0)).down(fewest);
    if gone == 0 && extra(surge_percent, fewest, generation) == 0 {
        let one = 100u32.div_ceil(fewest);
        if update.surge.value.up(fewest) > 0 {
            surge_percent = one;
        } else if update.unavailable.is_some_and(|amount| amount.value.up(fewest) > 0) {
            missing_percent = Some(one);
        }
    }
    if update.surge.written {
        report_surge(workload, ends, surge_percent, generation, out);
    }
    if let (Some(amount), Some(percent), false) = (update.unavailable, missing_percent, recreate) {
        report_missing(amount, ends, percent, out);
    }
    let least = missing_percent.map(|missing| 100 - missing);
    let most = 100 + surge_percent;
    if most == 100 && least == Some(100) {
        let at = if update.surge.written { update.surge.at } else { update.at };
        out.refused(at, "with no process more and none missing a rollout cannot begin", "write `surge: 1`");
    }
    let deployment =
        Deployment { minimum: least.filter(|least| *least != usual.0), maximum: (most != usual.1).then_some(most) };
    (deployment != Deployment::default()).then_some(deployment)
}

/// How many processes a percentage adds to the desired number.
fn extra(percent: u32, processes: u32, generation: &Generation) -> u32 {
    let amount = Amount::Percent(percent);
    if generation.surge_rounds_up { amount.up(processes) } else { amount.down(processes) }
}

/// Percent above the desired number, 0 to 100.
fn surge(workload: &Workload, (_, most): (u32, u32), generation: &Generation) -> u32 {
    let up = generation.surge_rounds_up;
    let percent = match workload.update().surge.value {
        Amount::Percent(percent) if up => u64::from(percent),
        amount => {
            // at the largest number: rounding up can then only give as many or fewer at smaller ones
            let (wanted, most) = (u64::from(amount.up(most)) * 100, u64::from(most));
            if up { (wanted / most).max(u64::from(wanted > 0)) } else { wanted.div_ceil(most) }
        }
    };
    u32::try_from(percent.min(100)).unwrap_or(100)
}

fn report_surge(
    workload: &Workload,
    (least, most): (u32, u32),
    percent: u32,
    generation: &Generation,
    out: &mut LoweredPlan,
) {
    let surge = workload.update().surge;
    let real = |processes: u32| extra(percent, processes, generation);
    let Some(processes) = [most, least].into_iter().find(|n| real(*n) != surge.value.up(*n)) else { return };
    let message = format!(
        "convox counts a rollout in percent, 200 at most: surge {} is written as {percent} %, which is {} of {processes}",
        surge.value,
        real(processes)
    );
    out.lost(surge.at, message, "write a percentage of at most 100%");
}

/// Percent that may be missing, 0 to 100; both generations round it down.
fn missing(amount: Amount, (_, most): (u32, u32)) -> u32 {
    match amount {
        Amount::Percent(percent) => percent.min(100),
        Amount::Count(count) => {
            let percent = (u64::from(count) * 100).div_ceil(u64::from(most)).min(100);
            u32::try_from(percent).unwrap_or(100)
        }
    }
}

fn report_missing(amount: Val<Amount>, (least, most): (u32, u32), percent: u32, out: &mut LoweredPlan) {
    let real = |processes: u32| Amount::Percent(percent).down(processes);
    let wanted = |processes: u32| amount.value.down(processes).min(processes);
    if let Some(processes) = [most, least].into_iter().find(|n| real(*n) != wanted(*n)) {
        let message = format!(
            "convox counts a rollout in percent: unavailable {} is written as {percent} %, which is {} of {processes}",
            amount.value,
            real(processes)
        );
        out.lost(amount.at, message, "write a percentage");
    }
}

/// Reports once that convox lets half of the processes be missing by default, for the service that loses the most.
pub(super) fn unavailable_by_default(input: &Input<'_>, out: &mut LoweredPlan) {
    let left = |workload: &&Workload| {
        let update = &workload.update();
        workload.kind.value != Kind::Singleton
            && update.strategy.value == Strategy::Rolling
            && update.unavailable.is_none()
    };
    let missing = |workload: &Workload| Amount::Percent(100 - USUAL.0).down(workload.fixed);
    let services: Vec<&Workload> =
        input.plan.workloads.iter().filter(left).filter(|workload| missing(workload) > 0).collect();
    let Some(worst) = services.iter().max_by_key(|workload| (missing(workload), Reverse(&workload.name))) else {
        return;
    };
    let others = match services.len() - 1 {
        0 => String::new(),
        others => format!(", and so for {}", plural(others, "other service")),
    };
    let message = format!(
        "where `unavailable` is not written convox lets {} % of the processes be missing in a rollout, other targets none: {} of \
         {} of `{}`{others}",
        100 - USUAL.0,
        missing(worst),
        worst.fixed,
        worst.name
    );
    let named = input.options.at != input.plan.at;
    let at = if named { input.options.at } else { input.plan.name.at };
    let at = FieldSpan { value: at.key, ..at };
    out.ignored(at, message, "write `update: { unavailable: 0 }` to keep all of them, or `unavailable: 50%` to say so");
}
