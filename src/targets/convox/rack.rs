//! Whether the rack holds the processes. Knows counts and sizes as convox takes them, its defaults included.
//!
//! What does not fit is not an error to convox: the configuration changes and the running set does not.

use super::generation::{DEFAULT_MEMORY, Generation};
use super::scale::MB;
use crate::plan::{Capacity, Cpu, NodeGroup, Plan, Workload, bytes_text, cores_text};
use crate::support::diagnostic::Finding;
use crate::targets::LoweredPlan;

/// Instances beyond which no number is proposed.
const MOST_INSTANCES: u32 = 10_000;

/// Equal processes of one service, or one resource.
struct ServiceDemand<'p> {
    name: &'p str,
    at: crate::support::source::FileSpan,
    count: u64,
    /// Billionths of a core.
    cpu: u64,
    /// Bytes.
    memory: u64,
}

/// Reports processes that convox would not place, with the number of instances that would do.
pub(super) fn rack(plan: &Plan, generation: &Generation, out: &mut LoweredPlan) {
    let Some(capacity) = plan.capacity.as_ref().filter(|capacity| !capacity.broken) else { return };
    let mut parts: Vec<ServiceDemand<'_>> = plan.workloads.iter().map(|workload| part(workload, generation)).collect();
    for backing in &plan.backing {
        if let (None, Some(memory)) = (&backing.external, backing.memory) {
            parts.push(ServiceDemand {
                name: &backing.name,
                at: backing.at.key(),
                count: 1,
                cpu: 0,
                memory: memory.value.bytes,
            });
        }
    }
    let sum = |size: fn(&ServiceDemand<'_>) -> u64| {
        parts.iter().map(|part| u128::from(part.count) * u128::from(size(part))).sum::<u128>()
    };
    let total = |size: fn(&NodeGroup) -> u64| {
        capacity.nodes.iter().map(|node| u128::from(node.count.value) * u128::from(size(node))).sum::<u128>()
    };
    let (memory, all_memory) = (sum(|part| part.memory), total(usable_memory));
    let (cpu, all_cpu) = (sum(|part| part.cpu), total(usable_cpu));
    let size: fn(&ServiceDemand<'_>) -> u64 = if memory > all_memory { |part| part.memory } else { |part| part.cpu };
    let (text, used, there): (fn(u128) -> String, u128, u128) = match memory > all_memory {
        true => (bytes_text, memory, all_memory),
        false if cpu > all_cpu => (cores_text, cpu, all_cpu),
        false => return,
    };
    let what = if memory > all_memory { "" } else { " cores" };
    parts.retain(|part| part.count > 0);
    parts.sort_by_key(|part| std::cmp::Reverse(u128::from(part.count) * u128::from(size(part))));
    let Some(largest) = parts.first() else { return };
    let counted = || parts.iter().filter(|part| size(part) > 0);
    let terms: Vec<String> = counted()
        .map(|part| match part.count {
            1 => format!("{} {}", part.name, text(u128::from(size(part)))),
            count => format!("{} {count} × {}", part.name, text(u128::from(size(part)))),
        })
        .collect();
    let message = format!(
        "{} = {}{what}, above the rack's {}{what}: the configuration changes, the processes that run do not",
        terms.join(" + "),
        text(used),
        text(there)
    );
    let mut finding = Finding::of("processes-not-placed", largest.at, message)
        .label(capacity.at.place(), format!("{}{what} in all", text(there)))
        .help(help(capacity, &parts, generation))
        .rank(i128::try_from(used.saturating_sub(there)).unwrap_or(i128::MAX));
    for part in counted().skip(1) {
        finding = finding.label(part.at, format!("{} takes part", part.name));
    }
    out.findings.push(finding);
}

/// A service's processes at the most convox runs, sized as convox sizes them.
fn part<'p>(workload: &'p Workload, generation: &Generation) -> ServiceDemand<'p> {
    let count = if workload.scales { workload.replicas.max.value } else { workload.fixed };
    let default_cpu = generation.default_cpu * Cpu::CORE / generation.core;
    let gpu = workload.reserved_gpu().is_some_and(|gpu| gpu.value > 0);
    let unset = |default: u64| if gpu { 0 } else { default };
    ServiceDemand {
        name: &workload.name,
        at: if workload.replicas.written { workload.replicas.at.place() } else { workload.at.key() },
        count: u64::from(count),
        cpu: workload.reserved_cpu().map_or(unset(default_cpu), |cpu| cpu.value.0),
        memory: workload.reserved_memory().map_or(unset(DEFAULT_MEMORY * MB), |memory| memory.value.bytes),
    }
}

fn usable_memory(node: &NodeGroup) -> u64 {
    node.memory.value.bytes.saturating_sub(node.reserved_memory.map_or(0, |memory| memory.value.bytes))
}

fn usable_cpu(node: &NodeGroup) -> u64 {
    node.cpu.value.0.saturating_sub(node.reserved_cpu.map_or(0, |cpu| cpu.value.0))
}

/// How many instances would do, if all are equal.
fn help(capacity: &Capacity, parts: &[ServiceDemand<'_>], generation: &Generation) -> String {
    let smaller = "lower `replicas`, or the memory of each";
    let [node] = capacity.nodes.as_slice() else { return format!("add instances, or {smaller}") };
    let name = node.name.as_ref().map_or("instances", |name| name.value.as_str());
    let (all_cpu, all_memory) = (usable_cpu(node), usable_memory(node));
    if let Some(part) = parts.iter().find(|part| part.cpu > all_cpu || part.memory > all_memory) {
        let (needs, has) = if part.memory > all_memory {
            (bytes_text(part.memory.into()), bytes_text(all_memory.into()))
        } else {
            (format!("{} cores", cores_text(part.cpu.into())), cores_text(all_cpu.into()))
        };
        return format!(
            "no number of {name} would do: one {} needs {needs}, an instance has {has}; take larger instances",
            part.name
        );
    }
    match instances(parts, all_cpu, all_memory) {
        Some(count) => {
            let run =
                if generation.word == "v2" { format!(" (`convox rack scale --count {count}`)") } else { String::new() };
            format!("{count} instances of {name} would do{run}, or {smaller}")
        }
        None => smaller.to_owned(),
    }
}

/// Instances that hold every process, largest first, each on the first with space for it: a number that does, not always the least.
fn instances(parts: &[ServiceDemand<'_>], all_cpu: u64, all_memory: u64) -> Option<u32> {
    let mut ordered: Vec<&ServiceDemand<'_>> = parts.iter().collect();
    ordered.sort_by_key(|part| std::cmp::Reverse((part.memory, part.cpu)));
    let mut free: Vec<(u64, u64)> = Vec::new();
    for part in ordered {
        let fit = |cpu: u64, memory: u64| {
            let by = |free: u64, each: u64| free.checked_div(each).unwrap_or(u64::MAX);
            by(cpu, part.cpu).min(by(memory, part.memory))
        };
        let mut left = part.count;
        let mut index = 0;
        while left > 0 {
            if index == free.len() {
                if free.len() >= MOST_INSTANCES as usize {
                    return None;
                }
                free.push((all_cpu, all_memory));
            }
            let slot = free.get_mut(index)?;
            let placed = fit(slot.0, slot.1).min(left);
            slot.0 -= placed * part.cpu;
            slot.1 -= placed * part.memory;
            left -= placed;
            index += 1;
        }
    }
    u32::try_from(free.len()).ok()
}
