//! Amounts of a service outside the engine's bounds. Knows no rule.
//!
//! Source: moby at b985e23, `verifyPlatformContainerResources` and `validateHealthCheck`; runc for limits of processes. Each was also
//! tried with an engine of release 20.10.

use super::showable_text;
use crate::inputs::base::BaseMember;
use crate::inputs::compose::LEAST_MEMORY;
use crate::inputs::compose::keys::amounts::{bytes, decimal, duration};
use crate::inputs::compose::project::view::ServiceView;
use crate::inputs::text::known_text;
use crate::support::diagnostic::Finding;
use crate::syntax::Entry;

/// The least part of a core that a limit can be, in cores: the kernel's least share of a tenth of a second is a millisecond.
const LEAST_CORES: f64 = 0.01;

/// The shortest time of a health check, in nanoseconds.
const SHORTEST_CHECK: u64 = 1_000_000;

/// The names of the limits of processes, as the kernel has them.
const PROCESS_LIMITS: [&str; 16] = [
    "as",
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

/// The faults of amounts that a spec laid over the service may change.
pub(super) fn of_member(member: &BaseMember, view: &ServiceView, found: &mut Vec<Finding>) {
    memory(member, view, found);
    reserved_memory(member, found);
    swap_alone(member, found);
    cores(member, found);
    health(member, found);
}

/// The faults of amounts for which a spec has no field.
pub(in crate::inputs::compose) fn without_field(member: &BaseMember, found: &mut Vec<Finding>) {
    shares_of_time(member, found);
    negative_amounts(member, found);
    listed_cores(member, found);
    process_limits(member, found);
}

fn at_path<'a>(member: &'a BaseMember, path: &[&str]) -> Option<&'a Entry> {
    let (last, above) = path.split_last()?;
    let node =
        above.iter().try_fold(&*member.project.entry.node, |node, key| node.get(key).map(|entry| &*entry.node))?;
    node.get(last)
}

/// Whether the engine refuses so many bytes; 0 is no limit.
fn is_too_little(bytes: &i64) -> bool {
    u64::try_from(*bytes).is_ok_and(|bytes| (1..LEAST_MEMORY).contains(&bytes))
}

/// A limit too low for any container to start.
fn memory(member: &BaseMember, view: &ServiceView, found: &mut Vec<Finding>) {
    let Some(limit) = view.limits.memory.as_ref() else { return };
    let Some(bytes) = limit.value.filter(is_too_little) else { return };
    let node = &member.project.entry.node;
    let bare = |entry: &Entry| known_text(&entry.node).is_some_and(|text| text == bytes.to_string());
    let message = format!("{bytes} bytes of memory are below 6 MiB, the least the Docker engine accepts");
    let finding = Finding::of("refused-by-target", limit.at.place(), message);
    found.push(match node.get("mem_limit").is_some_and(bare) && bytes >= 6 {
        true => finding.help(format!("write the unit: `{bytes}m` for mebibytes")),
        false => finding.help("write at least `6m`"),
    });
}

/// A reservation below the least that the engine takes.
fn reserved_memory(member: &BaseMember, found: &mut Vec<Finding>) {
    let paths: [&[&str]; 2] = [&["mem_reservation"], &["deploy", "resources", "reservations", "memory"]];
    for entry in paths.iter().filter_map(|path| at_path(member, path)) {
        let amount = showable_text(&entry.node).and_then(bytes).filter(is_too_little);
        let Some(amount) = amount else { continue };
        let message = format!("{amount} bytes of reserved memory are below 6 MiB, the least the Docker engine accepts");
        found.push(
            Finding::of("refused-by-target", entry.at().place(), message).help("reserve at least `6m`, or take it out"),
        );
    }
}

/// A limit of memory and swap together without one of memory.
fn swap_alone(member: &BaseMember, found: &mut Vec<Finding>) {
    let Some(swap) = at_path(member, &["memswap_limit"]) else { return };
    let limited = [&["mem_limit"][..], &["deploy", "resources", "limits", "memory"]];
    if limited.iter().any(|path| at_path(member, path).is_some())
        || showable_text(&swap.node).and_then(bytes).is_none_or(|amount| amount <= 0)
    {
        return;
    }
    let message =
        format!("`memswap_limit` of `{}` without a limit of memory: the Docker engine refuses it", member.name);
    let help = "add `mem_limit`, which is a part of it, or take `memswap_limit` out";
    found.push(Finding::of("refused-by-target", swap.at().place(), message).help(help));
}

/// A limit of cores that cannot be enforced.
fn cores(member: &BaseMember, found: &mut Vec<Finding>) {
    let paths: [&[&str]; 2] = [&["cpus"], &["deploy", "resources", "limits", "cpus"]];
    for entry in paths.iter().filter_map(|path| at_path(member, path)) {
        let Some(text) = showable_text(&entry.node) else { continue };
        let Some(cores) = decimal(text).filter(|cores| *cores != 0.0 && *cores < LEAST_CORES) else { continue };
        let message = format!("a limit of {cores} cores is below 0.01, the least the Docker engine can enforce");
        found.push(
            Finding::of("refused-by-target", entry.at().place(), message)
                .help("write at least `0.01`, or 0 for no limit"),
        );
    }
}

/// A quota or a period of processor time outside the kernel's bounds, both in microseconds.
fn shares_of_time(member: &BaseMember, found: &mut Vec<Finding>) {
    let number = |key: &str| {
        let entry = at_path(member, &[key])?;
        Some((entry, showable_text(&entry.node)?.parse::<i64>().ok()?))
    };
    if let Some((entry, quota)) = number("cpu_quota").filter(|(_, quota)| (1..1000).contains(quota)) {
        let message = format!("a quota of {quota} µs is below 1000, the least the Docker engine accepts");
        found.push(Finding::of("refused-by-target", entry.at().place(), message).help("write at least 1000"));
    }
    let outside = |period: i64| period != 0 && !(1000..=1_000_000).contains(&period);
    if let Some((entry, period)) = number("cpu_period").filter(|(_, period)| outside(*period)) {
        let message = format!("a period of {period} µs is outside 1000 to 1000000, which the Docker engine accepts");
        found.push(
            Finding::of("refused-by-target", entry.at().place(), message).help("write 100000, a tenth of a second"),
        );
    }
}

/// Shares of processor time, or an amount of shared memory, below 0.
fn negative_amounts(member: &BaseMember, found: &mut Vec<Finding>) {
    for key in ["cpu_shares", "shm_size"] {
        let Some(entry) = at_path(member, &[key]) else { continue };
        let Some(text) = showable_text(&entry.node).filter(|text| bytes(text).is_some_and(|amount| amount < 0)) else {
            continue;
        };
        let message = format!("`{key}: {text}` is negative: the Docker engine refuses it");
        found.push(
            Finding::of("refused-by-target", entry.at().place(), message)
                .help("write a number above 0, or take it out"),
        );
    }
}

/// A list of cores that the engine cannot read.
fn listed_cores(member: &BaseMember, found: &mut Vec<Finding>) {
    let Some(entry) = at_path(member, &["cpuset"]) else { return };
    let Some(text) = showable_text(&entry.node).filter(|text| !text.is_empty()) else { return };
    let is_range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        matches!((first.trim().parse::<u32>(), last.trim().parse::<u32>()), (Ok(first), Ok(last)) if first <= last)
    };
    if !text.split(',').all(is_range) {
        let message = format!("`{}` is not a list of cores", text.escape_debug());
        let help = "write numbers and ranges such as `0,2-3`";
        found.push(Finding::of("invalid-value", entry.at().place(), message).help(help));
    }
}

/// Times of a health check that are too short.
fn health(member: &BaseMember, found: &mut Vec<Finding>) {
    for key in ["interval", "timeout", "start_period", "start_interval"] {
        let Some(entry) = at_path(member, &["healthcheck", key]) else { continue };
        let Some(text) = showable_text(&entry.node) else { continue };
        if duration(text).is_some_and(|time| (1..SHORTEST_CHECK).contains(&time)) {
            let message = format!(
                "a health check with {key} {} is below 1ms, the least the Docker engine accepts",
                text.escape_debug()
            );
            found.push(
                Finding::of("refused-by-target", entry.at().place(), message)
                    .help("write at least `1ms`; times of a check are seconds as a rule"),
            );
        }
    }
}

/// Limits of processes that the kernel does not have, or of which the lower one is the higher.
fn process_limits(member: &BaseMember, found: &mut Vec<Finding>) {
    let Some(limits) = at_path(member, &["ulimits"]) else { return };
    for entry in limits.node.entries() {
        if !PROCESS_LIMITS.contains(&&*entry.key) {
            let message = format!("the kernel has no limit of processes named `{}`", entry.key.escape_debug());
            let help = format!("write one of {}", PROCESS_LIMITS.join(", "));
            found.push(Finding::of("invalid-value", entry.at().key(), message).help(help));
        }
        let part = |key: &str| {
            let part = entry.node.get(key)?;
            Some((part.at(), showable_text(&part.node)?.parse::<i64>().ok()?))
        };
        let (Some((soft_at, soft)), Some((hard_at, hard))) = (part("soft"), part("hard")) else { continue };
        // -1 is no limit
        if hard >= 0 && (soft < 0 || soft > hard) {
            let name = entry.key.escape_debug();
            let message =
                format!("soft {soft} of `{name}` is above hard {hard}: the Docker engine starts no such container");
            let finding = Finding::of("refused-by-target", soft_at.place(), message).label(hard_at.place(), "the most");
            found.push(finding.help(format!("write at most {hard}, or raise `hard`")));
        }
    }
}
