//! The two sums of Seldon's operator: replicas by work, multiplier by partitions. Knows no file.

use super::facts::{CONSUMERS, Component, ReplicaBound};
use super::install::Install;
use crate::plan::Workload;
use crate::support::diagnostic::Finding;
use crate::support::plural::plural;
use crate::targets::LoweredPlan;

/// `multiplier-above-partitions`: more shards than partitions, and requests get lost.
pub(super) fn multiplier(install: &Install<'_>, out: &mut LoweredPlan) {
    let (Some((multiplier, at)), Some(partitions)) = (install.written_multiplier, install.partitions()) else { return };
    let count = i64::from(partitions.value);
    if multiplier <= count {
        return;
    }
    let message = format!(
        "maxShardCountMultiplier {multiplier} is above the {} of each topic: requests may be dropped",
        plural(partitions.value, "partition")
    );
    let finding = Finding::of("multiplier-above-partitions", at.place(), message)
        .label(partitions.at.place(), plural(partitions.value, "partition"))
        .help(format!("write at most {count}, or `partitions: {multiplier}`"))
        .rank(multiplier - count);
    out.findings.push(finding);
}

/// `replicas-clamped`: the operator lowers replicas to what the models or pipelines can use.
pub(super) fn clamp(workload: &Workload, component: &Component, install: &Install<'_>, out: &mut LoweredPlan) {
    let Some(bound) = component.bound else { return };
    let Some(consumers) = consumers(workload, bound, out) else { return };
    let (true, Some((work, at))) = (install.clamps, install.work(bound.option)) else { return };
    let used = work.min(consumers);
    let most = if work == 0 { 1 } else { install.multiplier.saturating_mul(used) };
    let asked = i64::from(workload.fixed);
    if asked <= most {
        return;
    }
    let sum = match work {
        0 => format!("no {} = 1", bound.option),
        _ if used < work => {
            format!("multiplier {} × {consumers} consumers (of {work} {}) = {most}", install.multiplier, bound.option)
        }
        _ => format!("multiplier {} × {work} {} = {most}", install.multiplier, bound.option),
    };
    let mut finding = Finding::of(
        "replicas-clamped",
        if workload.replicas.written { workload.replicas.at.place() } else { workload.at.key() },
        format!("{} {asked} replicas will run as {most}: {sum}", workload.name),
    )
    .label(at.place(), format!("{work} {}", bound.option))
    .rank(asked - most);
    if let Some((multiplier, at)) = install.written_multiplier {
        finding = finding.label(at.place(), format!("multiplier {multiplier}"));
    }
    let needed = if used > 0 { (asked + used - 1) / used } else { i64::MAX };
    let within = install.partitions().is_some_and(|partitions| needed <= i64::from(partitions.value));
    out.findings.push(finding.help(if within && install.form == super::InstallForm::Runtime {
        format!("write `replicas: {most}`, or `maxShardCountMultiplier: {needed}`")
    } else {
        format!("write `replicas: {most}`")
    }));
}

/// Consumers at most; none, and a refusal, where the variable is not a number or 0.
fn consumers(workload: &Workload, bound: ReplicaBound, out: &mut LoweredPlan) -> Option<i64> {
    let written = workload.env.iter().find(|variable| Some(variable.name.as_str()) == bound.consumers);
    let Some(variable) = written else { return Some(CONSUMERS) };
    let text = variable.value.value.text();
    match text.parse::<i32>() {
        Ok(number) if number > 0 => Some(i64::from(number)),
        _ => {
            let message = format!(
                "{} is `{}`: the operator stops at anything but a number above 0",
                variable.name,
                text.escape_debug()
            );
            out.refused(variable.value.at, message, format!("write {CONSUMERS}, or remove it"));
            None
        }
    }
}
