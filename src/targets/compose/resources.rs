//! Limits and reservations of one service, in the style of the base if it has one. Knows no other key.

use super::super::LoweredPlan;
use super::{ComposeAmounts, ComposeContext, DeployResources, Devices, Under, stack, values};
use crate::inputs::base::BaseMember;
use crate::plan::{Amounts, Cpu, Memory, Val, Workload};
use crate::support::diagnostic::{Finding, SPEC};
use serde_json::{Map, Value as Json};

/// Keys of the older style for limits.
const OLDER_LIMITS: [&str; 3] = ["mem_limit", "cpus", "pids_limit"];

/// The output for the amounts of a service.
#[derive(Default)]
pub(super) struct WrittenAmounts {
    pub(super) resources: DeployResources,
    pub(super) older: Map<String, Json>,
    /// Tags: the keys down from the service.
    pub(super) tags: Vec<(Vec<&'static str>, &'static str)>,
}

pub(super) fn lower(
    out: &mut LoweredPlan,
    context: &ComposeContext<'_>,
    workload: &Workload,
    under: Under<'_>,
) -> WrittenAmounts {
    let mut written = WrittenAmounts::default();
    if context.input.plan.limit_resources.value {
        limits(out, context, workload, under, &mut written);
    } else {
        no_limits(out, context, under, &mut written);
    }
    reservations(out, context, workload, under, &mut written);
    if context.stack {
        stack::gpus(out, workload, context.input.plan.limit_resources.value);
    } else {
        gpus(out, context, workload, under, &mut written);
    }
    written
}

fn has_key(base: Option<&BaseMember>, key: &str) -> bool {
    base.is_some_and(|base| base.facts.older_keys.iter().any(|(own, _)| *own == key))
}

/// Whether the base has a value at this path of compose's own keys.
fn there(base: Option<&BaseMember>, path: &[&str]) -> bool {
    let node = base.map(|base| &*base.project.entry.node);
    let end = node.and_then(|node| path.iter().try_fold(node, |node, key| node.get(key).map(|entry| &*entry.node)));
    end.is_some_and(|node| !node.is_null())
}

/// Cpu and memory that must be written: in an override only those that differ from the base's `own`.
fn changed<'a>(
    under: Under<'_>,
    amounts: &'a Amounts,
    own: impl Fn(&BaseMember) -> Amounts,
) -> (Option<&'a Val<Cpu>>, Option<&'a Val<Memory>>) {
    let cpu = under.written(amounts.cpu.as_ref(), |base, cpu| own(base).cpu.is_some_and(|own| own.value.0 == cpu.0));
    let memory = under.written(amounts.memory.as_ref(), |base, memory| {
        own(base).memory.is_some_and(|own| own.value.bytes == memory.bytes)
    });
    (cpu, memory)
}

fn limits(
    out: &mut LoweredPlan,
    context: &ComposeContext<'_>,
    workload: &Workload,
    under: Under<'_>,
    written: &mut WrittenAmounts,
) {
    let limits = &workload.resources.limits;
    let own = |base: &BaseMember| base.service.resources.limits.clone();
    let (cpu, memory) = changed(under, limits, own);
    let pids = under.written(limits.pids.as_ref(), |base, pids| own(base).pids.is_some_and(|own| own.value == *pids));
    write_limits(out, cpu.copied(), memory.copied(), pids.copied(), context.styled(under), written);
}

/// Writes limits under `deploy`, or by the older keys if the base uses one of them; by both if it uses both.
pub(super) fn write_limits(
    out: &mut LoweredPlan,
    cpu: Option<Val<Cpu>>,
    memory: Option<Val<Memory>>,
    pids: Option<Val<u32>>,
    base: Option<&BaseMember>,
    written: &mut WrittenAmounts,
) {
    let amounts = ComposeAmounts {
        cpus: cpu.map(|cpu| values::cpu_limit(out, cpu)),
        memory: memory.map(|memory| values::memory(out, memory)),
        pids: pids.map(|pids| pids.value),
        devices: Vec::new(),
    };
    let older = OLDER_LIMITS.iter().any(|key| has_key(base, key));
    if older {
        written.older.extend(amounts.cpus.as_ref().map(|cpus| ("cpus".to_owned(), Json::from(cpus.as_str()))));
        written.older.extend(amounts.memory.as_ref().map(|bytes| ("mem_limit".to_owned(), Json::from(bytes.as_str()))));
        written.older.extend(amounts.pids.map(|pids| ("pids_limit".to_owned(), Json::from(pids))));
    }
    if !older || there(base, &["deploy", "resources", "limits"]) {
        written.resources.limits = amounts;
    }
}

/// `limitResources: false`: removes the limits of the base, and the keys that need them.
fn no_limits(out: &mut LoweredPlan, context: &ComposeContext<'_>, under: Under<'_>, written: &mut WrittenAmounts) {
    let Some(base) = under.member() else { return };
    let paths: [&[&'static str]; 5] =
        [&["deploy", "resources", "limits"], &["mem_limit"], &["cpus"], &["pids_limit"], &["memswap_limit"]];
    let gone: Vec<&[&'static str]> = paths.into_iter().filter(|path| there(Some(base), path)).collect();
    if gone.is_empty() {
        return;
    }
    let names: Vec<String> = gone.iter().map(|path| format!("`{}`", path.join("."))).collect();
    let message =
        format!("{} of `{}` in {} go: the override resets them", names.join(", "), base.name, context.base_name());
    out.lost(context.input.plan.limit_resources.at, message, "");
    written.tags.extend(gone.into_iter().map(|path| (path.to_vec(), "!reset")));
}

fn reservations(
    out: &mut LoweredPlan,
    context: &ComposeContext<'_>,
    workload: &Workload,
    under: Under<'_>,
    written: &mut WrittenAmounts,
) {
    let requests = &workload.resources.requests;
    let (cpu, memory) = changed(under, requests, |base| base.service.resources.requests.clone());
    let memory = memory.filter(|memory| memory.value.bytes > 0);
    let gpu = if context.stack { None } else { wanted_gpus(workload, under, true) };
    if let Some(cpu) = cpu.filter(|_| !context.stack) {
        let message =
            format!("the cpu request {} is reserved by Swarm alone: `docker compose up` ignores it", cpu.value);
        out.ignored(cpu.at, message, "");
    }
    if let Some(pids) = requests.pids.filter(|pids| under.says(pids.at)) {
        out.lost(pids.at, format!("compose reserves no processes; {} is not written", pids.value), "");
    }
    let base = context.styled(under);
    let reservations = &mut written.resources.reservations;
    reservations.cpus = cpu.map(|cpu| cpu.value.cores());
    if !has_key(base, "mem_reservation") {
        reservations.memory = memory.map(|memory| values::memory(out, *memory));
        return;
    }
    // compose compares the older key with the value under `deploy`
    let only_older = cpu.is_none() && gpu.is_none() && !there(base, &["deploy", "resources", "reservations"]);
    if only_older {
        let text = memory.map(|memory| ("mem_reservation".to_owned(), Json::from(values::memory(out, *memory))));
        written.older.extend(text);
    } else if cpu.is_some() || gpu.is_some() || memory.is_some() {
        reservations.memory = requests.memory.map(|memory| values::memory(out, memory));
        written.tags.push((vec!["mem_reservation"], "!reset"));
    }
}

/// A limit of more cores than any machine has: the Docker engine creates no such container ("Range of CPUs is from 0.01 to 2.00, as
/// there are only 2 CPUs available"; seen with 20.10). Where the request is missing or too large as well, rules tell it by
/// themselves.
pub(super) fn more_cores_than_a_node(out: &mut LoweredPlan, context: &ComposeContext<'_>, workload: &Workload) {
    let plan = context.input.plan;
    let resources = &workload.resources;
    let (Some(limit), Some(request)) = (resources.limits.cpu, resources.requests.cpu) else { return };
    let capacity = plan.capacity.as_ref().filter(|capacity| !capacity.broken);
    let largest =
        capacity.and_then(|capacity| capacity.nodes.iter().map(|node| node.cpu).max_by_key(|cpu| cpu.value.0));
    let Some(largest) = largest.filter(|largest| limit.value.0 > largest.value.0 && request.value.0 <= largest.value.0)
    else {
        return;
    };
    let cores = if largest.value.0 == 1000 { "core" } else { "cores" };
    let message = format!(
        "the Docker engine starts no container with a limit of {} on a machine of {} {cores}",
        limit.value, largest.value
    );
    let finding = Finding::of("refused-by-target", limit.at.place(), message);
    let finding = finding.label(largest.at.place(), "the most that a machine has");
    out.findings.push(finding.help(format!("set the limit to at most {}", largest.value)));
}

/// How many GPUs to write: the request, else the limit.
fn wanted_gpus(workload: &Workload, under: Under<'_>, limited: bool) -> Option<Val<u32>> {
    let (requests, limits) = (&workload.resources.requests, &workload.resources.limits);
    let gpus = requests.gpu.filter(|gpu| under.says(gpu.at)).or(if limited { limits.gpu } else { None })?;
    let same =
        |base: &BaseMember, number: &u32| base.service.resources.requests.gpu.is_some_and(|own| own.value == *number);
    under.written(Some(&gpus), same).copied()
}

fn gpus(
    out: &mut LoweredPlan,
    context: &ComposeContext<'_>,
    workload: &Workload,
    under: Under<'_>,
    written: &mut WrittenAmounts,
) {
    let (requests, limits) = (&workload.resources.requests, &workload.resources.limits);
    let limited = context.input.plan.limit_resources.value;
    let devices = under.member().map_or(&[][..], |base| &base.facts.devices);
    let asked: Vec<_> = devices.iter().filter(|device| device.path.is_none()).collect();
    if let Some(gpu) = wanted_gpus(workload, under, limited) {
        if asked.iter().any(|device| !device.gpu) {
            let message =
                format!("{} asks for other devices too, which an override cannot keep apart", context.base_name());
            out.lost(gpu.at, message, "take them out there");
        } else if gpu.value > 0 || !asked.is_empty() {
            if !asked.is_empty() {
                let take = if gpu.value == 1 { "1 GPU takes".to_owned() } else { format!("{} GPUs take", gpu.value) };
                let message = format!("the devices that {} asks for go: {take} their place", context.base_name());
                out.lost(gpu.at, message, "");
                written.tags.push((vec!["deploy", "resources", "reservations", "devices"], "!override"));
            }
            if there(under.member(), &["gpus"]) {
                written.tags.push((vec!["gpus"], "!reset"));
            }
            let devices = Devices { count: gpu.value, capabilities: ["gpu"] };
            written.resources.reservations.devices.push(devices);
        }
    }
    shared_gpus(out, context, workload, under);
    if let (Some(limit), Some(request)) = (limits.gpu, requests.gpu)
        && limited
        && limit.value != request.value
    {
        let message = format!("compose has one number of GPUs: the request of {} is written", request.value);
        out.lost(limit.at, message, format!("write {} here too", request.value));
    }
}

/// A count means the first GPUs of the machine for every container (moby, `countToDevices`), and ids mean the same GPUs, so the replicas
/// of one service never get a GPU each.
fn shared_gpus(out: &mut LoweredPlan, context: &ComposeContext<'_>, workload: &Workload, under: Under<'_>) {
    let replicas = workload.fixed;
    if replicas < 2 {
        return;
    }
    let limited = context.input.plan.limit_resources.value;
    let written = wanted_gpus(workload, under, limited).map(|gpu| (gpu.value, gpu.place()));
    let devices = under.member().map_or(&[][..], |base| &base.facts.devices);
    let kept = devices.iter().filter(|device| device.gpu && device.path.is_none()).find_map(|device| {
        let ids = u32::try_from(device.ids.len()).ok().filter(|ids| *ids > 0);
        Some((ids.or(device.count)?, device.at.place()))
    });
    let Some((each, place)) = written.or(kept).filter(|(each, _)| *each > 0) else { return };
    let asked = u64::from(replicas) * u64::from(each);
    let nodes =
        context.input.plan.capacity.as_ref().filter(|capacity| !capacity.broken).map(|capacity| &capacity.nodes);
    let one = nodes.and_then(|nodes| match nodes.as_slice() {
        [node] if node.count.value == 1 => node.gpu,
        _ => None,
    });
    let idle = one
        .filter(|gpu| gpu.value > each)
        .map_or_else(String::new, |gpu| format!(", and {} of {} stay idle", gpu.value - each, gpu.value));
    let same = if each == 1 { "GPU".to_owned() } else { format!("{each} GPUs") };
    let message = format!(
        "compose gives each of the {replicas} replicas the same {same} of the machine: {replicas} × {each} = {asked} are meant, \
         {each} work{}{idle}",
        if each == 1 { "s" } else { "" },
    );
    let spec = place.file == SPEC;
    let finding = Finding::of("lost-in-target", if spec { place } else { workload.fixed_place() }, message);
    let finding = finding.label(workload.fixed_place(), format!("{replicas} replicas")).label(place, "asked for here");
    out.findings.push(finding.help(
        "write one replica with all GPUs, or a service for each replica in the base file, each with `device_ids` of its own",
    ));
}
