//! `scale`: how many processes and how large, in whole units. Knows one service, not the rack.

use super::generation::Generation;
use super::keda::{keda, one_threshold};
use super::view::{Gpu, Limit, ProcessCount, Scale, Targets};
use crate::plan::{Cpu, Kind, Memory, Plan, Share, Signal, Val, Workload};
use crate::targets::LoweredPlan;

/// Bytes of one MB as convox counts it.
pub(super) const MB: u64 = 1 << 20;

/// The whole `scale` of one service.
pub(super) fn scale(workload: &Workload, plan: &Plan, generation: &Generation, out: &mut LoweredPlan) -> Scale {
    let mut scale = Scale::default();
    size(workload, plan, generation, &mut scale, out);
    count(workload, generation, &mut scale, out);
    for window in &workload.schedule {
        out.lost(
            window.at,
            format!("convox has no windows: {} keeps {} in {}", workload.name, bounds(&scale.count), window.label()),
            "run `convox scale` from a scheduler at both ends of the window",
        );
    }
    if workload.autoscaling.predictive.value {
        out.lost(workload.autoscaling.predictive.at, "convox does not scale ahead of the load", "remove `predictive`");
    }
    scale
}

fn bounds(count: &ProcessCount) -> String {
    match count {
        ProcessCount::Fixed(1) => "1 process".to_owned(),
        ProcessCount::Fixed(number) => format!("{number} processes"),
        ProcessCount::Range(range) => format!("{range} processes"),
    }
}

fn size(workload: &Workload, plan: &Plan, generation: &Generation, scale: &mut Scale, out: &mut LoweredPlan) {
    let (requests, mut limits) = (&workload.resources.requests, workload.resources.limits.clone());
    for pids in [requests.pids, limits.pids].into_iter().flatten() {
        out.lost(
            pids.at,
            format!("convox does not count processes: {} pids are not held", pids.value),
            "remove `pids`",
        );
    }
    if !plan.limit_resources.value {
        limits = crate::plan::Amounts::default();
    }
    gpu(limits.gpu, requests.gpu, generation, scale, out);
    if generation.limits {
        scale.cpu = requests.cpu.map(|cpu| units(cpu, generation, out));
        scale.memory = requests.memory.map(|memory| megabytes(memory, out));
        let limit = Limit {
            cpu: limits.cpu.map(|cpu| units(cpu, generation, out)),
            memory: limits.memory.map(|memory| megabytes(memory, out)),
        };
        scale.limit = (limit.cpu.is_some() || limit.memory.is_some()).then_some(limit);
        return;
    }
    // one number each: for cpu the request, for memory the limit
    scale.cpu = requests.cpu.or(limits.cpu).map(|cpu| units(cpu, generation, out));
    scale.memory = limits.memory.or(requests.memory).map(|memory| megabytes(memory, out));
    if let (Some(cpu), Some(request)) = (limits.cpu, requests.cpu)
        && cpu.value != request.value
    {
        out.lost(
            cpu.at,
            format!(
                "convox {} has one number for cpu: the request {} is written, the limit {} is not",
                generation.word, request.value, cpu.value
            ),
            "remove the limit, or use generation v3",
        );
    }
    if let (Some(memory), Some(limit)) = (requests.memory, limits.memory)
        && memory.value.bytes != limit.value.bytes
    {
        out.lost(
            memory.at,
            format!(
                "convox {} has one number for memory: the limit {} is written and set aside, not {}",
                generation.word, limit.value, memory.value
            ),
            format!("request {} too, or use generation v3", limit.value),
        );
    }
}

fn gpu(
    limit: Option<Val<u32>>,
    request: Option<Val<u32>>,
    generation: &Generation,
    scale: &mut Scale,
    out: &mut LoweredPlan,
) {
    let Some(gpu) = limit.or(request) else { return };
    if let (Some(limit), Some(request)) = (limit, request)
        && limit.value != request.value
    {
        let message = format!(
            "convox has one number of GPUs: the limit {} is written, the request {} is not",
            limit.value, request.value
        );
        out.lost(request.at, message, format!("write `gpu: {}`", limit.value));
    }
    if gpu.value == 0 {
        return;
    }
    if generation.gpu {
        scale.gpu = Some(Gpu { count: gpu.value, vendor: "nvidia" });
    } else {
        let message = format!("convox {} has no GPUs: {} are not set aside", generation.word, gpu.value);
        out.lost(gpu.at, message, "use generation v3");
    }
}

/// Cores in the generation's units, rounded up; 0 would silently become the default.
fn units(cpu: Val<Cpu>, generation: &Generation, out: &mut LoweredPlan) -> u64 {
    let scaled = u128::from(cpu.value.0) * u128::from(generation.core);
    let whole = scaled.div_ceil(u128::from(Cpu::CORE));
    if whole == 0 {
        let message =
            format!("convox takes cpu 0 for unset and sets {} of {} a core", generation.default_cpu, generation.core);
        out.refused(cpu.at, message, "write what the process needs, such as 100m");
    } else if scaled % u128::from(Cpu::CORE) != 0 {
        let message =
            format!("convox counts whole parts, {} to a core: {} is written as {whole}", generation.core, cpu.value);
        out.lost(cpu.at, message, format!("write a number of cores that is a whole number of 1/{}", generation.core));
    }
    u64::try_from(whole).unwrap_or(u64::MAX)
}

/// Memory in MB, rounded up; 0 would silently become the default.
fn megabytes(memory: Val<Memory>, out: &mut LoweredPlan) -> u64 {
    let whole = memory.value.bytes.div_ceil(MB);
    if whole == 0 {
        let message = format!("convox takes memory 0 for unset and sets {} MB", super::generation::DEFAULT_MEMORY);
        out.refused(memory.at, message, "write what the process needs, such as 128Mi");
    } else if !memory.value.bytes.is_multiple_of(MB) {
        let message = format!("convox counts whole MB of 1024 × 1024 bytes: {} is written as {whole}", memory.value);
        out.lost(memory.at, message, format!("write `{whole}Mi`"));
    }
    whole
}

/// The number of processes, and its autoscaler.
fn count(workload: &Workload, generation: &Generation, scale: &mut Scale, out: &mut LoweredPlan) {
    let (min, max) = (workload.replicas.min, workload.replicas.max);
    let auto = &workload.autoscaling;
    let load = auto.signal.value == Signal::Load;
    if !workload.scales {
        scale.count = ProcessCount::Fixed(workload.fixed);
        lost_after_first_deploy(workload, generation, out);
    } else if load && (!generation.keda || auto.prometheus.is_none()) {
        scale.count = ProcessCount::Fixed(workload.fixed);
        lost_load(workload, generation, out);
    } else if load {
        scale.count = ProcessCount::Range(format!("{}-{}", min.value, max.value));
        scale.keda = keda(workload, out);
    } else {
        scale.count = ProcessCount::Range(format!("{}-{}", min.value, max.value));
        scale.targets = Some(utilization(workload, out));
    }
}

/// Reports that the rack reads the count only once.
fn lost_after_first_deploy(workload: &Workload, generation: &Generation, out: &mut LoweredPlan) {
    if !generation.first_deploy_only || !workload.replicas.written || workload.kind.value == Kind::Singleton {
        return;
    }
    let message = format!(
        "the count {} acts on the first deploy only: afterwards the rack keeps the number that runs",
        workload.fixed
    );
    let help = format!("to change it later run `convox scale {} --count {}`", workload.name, workload.fixed);
    out.ignored(workload.replicas.at, message, help);
}

/// Reports a signal that convox cannot follow: a single number is written.
fn lost_load(workload: &Workload, generation: &Generation, out: &mut LoweredPlan) {
    let why = if generation.keda {
        "load needs a metric, and `metrics.prometheus` is not given".to_owned()
    } else {
        format!("convox {} cannot follow load", generation.word)
    };
    out.lost(
        workload.autoscaling.signal.at,
        format!("{why}: {} processes are written", workload.fixed),
        "use `signal: cpu`, or give `metrics.prometheus` (v3)",
    );
    let max = workload.replicas.max;
    out.lost(
        max.at,
        format!("the most {} is not written: nothing scales", max.value),
        "give autoscaling a signal convox can follow",
    );
}

/// Targets of cpu or memory; reports the settings that they cannot hold.
fn utilization(workload: &Workload, out: &mut LoweredPlan) -> Targets {
    let auto = &workload.autoscaling;
    let (signal, min) = (auto.signal.value, workload.replicas.min);
    if min.value == 0 {
        out.refused(
            min.at,
            format!(
                "{} alone never wakes a service from 0: with no process there is nothing to measure",
                signal.word()
            ),
            "write `min: 1`, or `signal: load` with `metrics.prometheus` and `queued` (v3)",
        );
    }
    let percent = percent(auto.up.threshold, out);
    if let Some(prometheus) = &auto.prometheus {
        out.lost(
            prometheus.at,
            format!("the signal is {}, so these queries are not written", signal.word()),
            "write `signal: load`, or remove `metrics`",
        );
    }
    one_threshold(workload, out);
    for (step, what) in [(&auto.up, "scaleUp"), (&auto.down, "scaleDown")] {
        let help = "use `signal: load`, whose steps are written";
        if step.size.written {
            let message = format!("convox's {} target has no steps: {} is not kept", signal.word(), step.size.text());
            out.lost(step.size.at, message, help);
        }
        if let Some(every) = step.every.filter(|every| every.written) {
            let message = format!("convox's {} target has no steps: every {} is not kept", signal.word(), every.value);
            out.lost(every.at, message, help);
        }
        if step.delay.written {
            let message = format!(
                "convox's {} target has no delay: {what} after {} is not kept",
                signal.word(),
                step.delay.value
            );
            out.lost(step.delay.at, message, "use `signal: load`, whose windows are written");
        }
    }
    let target = |signal| auto.watches(signal).then_some(percent);
    Targets { cpu: target(Signal::Cpu), memory: target(Signal::Memory) }
}

/// Percent of the target, whole and from 1 to 100.
fn percent(threshold: Val<Share>, out: &mut LoweredPlan) -> u64 {
    const POINT: u64 = Share::ONE / 100;
    let whole = threshold.value.0.div_ceil(POINT);
    if whole == 0 {
        out.refused(
            threshold.at,
            "convox takes a target of 0 % for none, and Kubernetes then scales at 80 % cpu",
            "write a threshold of at least 0.01",
        );
    } else if !threshold.value.0.is_multiple_of(POINT) {
        let message = format!("convox's targets are whole percent: {} is written as {whole}", threshold.value);
        out.lost(threshold.at, message, "write a threshold with two decimals");
    }
    whole
}
