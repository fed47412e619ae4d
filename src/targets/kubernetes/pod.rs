//! The pod of a workload: container, variables, resources, probes, spread. Knows nothing of what starts it.

use super::LoweredPlan;
use super::names::{is_port_name, suggest};
use super::objects::{
    Container, ContainerPort, ContainerResources, Env, Exec, HttpGet, Metadata, PodSpec, Probe, Quantities, SecretKey,
    TcpSocket, Template, TopologySpreadConstraint, ValueFrom, VolumeMount,
};
use super::unit::{self, WorkloadUnit};
use crate::plan::{Amounts, Check, Cpu, Duration, Health, Memory, Spread as Over, Unit as Family, Val};
use crate::support::source::FieldSpan;
use crate::targets::foreign_base;
use crate::targets::render::kubernetes_text::literal;

/// What the API takes where a probe names no period or number of failures.
pub(super) const PERIOD: u64 = 10;
pub(super) const FAILURES: u64 = 3;

/// The pod template.
pub(super) fn template(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> Template {
    let workload = unit.workload;
    // a patch adds the label that our selectors ask for and leaves the base's own alone
    let labels = if unit.patch { unit.selected() } else { unit.labels() };
    Template {
        metadata: Metadata { labels, ..Metadata::default() },
        spec: PodSpec {
            termination_grace_period_seconds: workload
                .stop_grace_period
                .map(|period| whole_seconds(period, "a grace period", out)),
            topology_spread_constraints: spread(unit),
            containers: vec![container(unit, out)],
            ..PodSpec::default()
        },
    }
}

pub(super) fn spread(unit: &WorkloadUnit<'_>) -> Vec<TopologySpreadConstraint> {
    let topology_key = match unit.workload.spread.map(|spread| spread.value) {
        Some(Over::Node) => "kubernetes.io/hostname",
        Some(Over::Zone) => "topology.kubernetes.io/zone",
        Some(Over::None) | None => return Vec::new(),
    };
    vec![TopologySpreadConstraint {
        max_skew: 1,
        topology_key,
        when_unsatisfiable: "ScheduleAnyway",
        label_selector: unit.selector(),
    }]
}

fn container(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> Container {
    let workload = unit.workload;
    let words = |words: &Val<Vec<String>>| words.value.iter().map(|word| literal(word)).collect();
    let (startup_probe, readiness_probe) = probes(unit, out);
    let mut mounts = Vec::new();
    for volume in workload.volumes.iter().filter(|_| !unit.patch) {
        if volume.mount.value.contains(':') {
            let message = format!("`{}` cannot be a mount path: it holds `:`", volume.mount.value.escape_debug());
            out.refused(volume.mount.at, message, "mount it at a path without `:`");
        }
        mounts.push(VolumeMount { name: volume.name.value.clone(), mount_path: volume.mount.value.clone() });
    }
    Container {
        name: unit.container_name(),
        image: workload.image.as_ref().map(|image| image.value.clone()),
        command: workload.command.as_ref().map(words),
        args: workload.args.as_ref().map(words),
        ports: ports(unit, out),
        env: env(unit, out),
        resources: resources(unit, out),
        security_context: None,
        startup_probe,
        readiness_probe,
        volume_mounts: mounts,
    }
}

fn ports(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> Vec<ContainerPort> {
    let ports = &unit.workload.ports;
    for (index, port) in ports.iter().enumerate() {
        let before = ports.get(..index).unwrap_or_default();
        if let Some(name) = &port.name {
            if !is_port_name(&name.value) {
                let message = format!(
                    "`{}` cannot name a port: at most 15 lowercase letters, digits and single `-`",
                    name.value.escape_debug()
                );
                out.refused(name.at, message, format!("name it `{}`", suggest(&name.value, 15)));
            } else if before.iter().any(|old| old.name.as_ref().is_some_and(|old| old.value == name.value)) {
                let message = format!("two ports are called `{}`", name.value);
                out.refused(name.at, message, "give each port its own name");
            }
        }
        let same =
            |old: &&crate::plan::Port| old.port.value == port.port.value && old.protocol.value == port.protocol.value;
        if before.iter().any(|old| same(&old)) {
            let message = format!("port {}/{} stands here twice", port.port.value, port.protocol.value.word());
            out.refused(port.port.at, message, "remove one of the two");
        }
    }
    let written = |port: &crate::plan::Port| ContainerPort {
        name: unit.port_name(port),
        container_port: port.port.value,
        protocol: unit::protocol(port),
    };
    ports.iter().map(written).collect()
}

/// Variables in the order: plain ones, the concurrency limit, required ones from the Secret.
fn env(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> Vec<Env> {
    let workload = unit.workload;
    let mut vars: Vec<(Env, FieldSpan)> = Vec::new();
    for var in &workload.env {
        if foreign_base::is_secret(var) {
            let env = secret(unit, &var.name);
            let message = format!("`{}` may be a secret: it is read from the Secret `{}`", var.name, secret_name(unit));
            out.lost(var.value.at, message, "make that Secret, or write the variable under `env` where it is none");
            set(&mut vars, env, var.value.at, out);
            continue;
        }
        let env = Env { name: var.name.clone(), value: Some(literal(var.value.value.text())), value_from: None };
        set(&mut vars, env, var.value.at, out);
    }
    if let Some(concurrency) = &workload.concurrency
        && let Some(name) = &concurrency.env
    {
        let value = Some(concurrency.limit.value.to_string());
        set(&mut vars, Env { name: name.value.clone(), value, value_from: None }, name.at, out);
    }
    let external = unit.plan.backing.iter().filter(|backing| unit::leans_on(workload, &backing.name));
    let urls = external.filter_map(|backing| backing.external.as_ref().map(|external| &external.url_env));
    for required in workload.shared_secrets.iter().chain(urls) {
        set(&mut vars, secret(unit, &required.value), required.at, out);
    }
    vars.into_iter().map(|(env, _)| env).collect()
}

/// The Secret that variables of a service are read from.
fn secret_name(unit: &WorkloadUnit<'_>) -> String {
    unit.settings.secret_name.clone().unwrap_or_else(|| format!("{}-secrets", unit.workload.name))
}

/// A variable that is read from it.
pub(super) fn secret(unit: &WorkloadUnit<'_>, name: &str) -> Env {
    let secret_key_ref = SecretKey { name: secret_name(unit), key: name.to_owned() };
    Env { name: name.to_owned(), value: None, value_from: Some(ValueFrom { secret_key_ref }) }
}

/// Adds a variable; one that stands already gives way, and that is said where it stands.
fn set(vars: &mut Vec<(Env, FieldSpan)>, env: Env, at: FieldSpan, out: &mut LoweredPlan) {
    match vars.iter_mut().find(|(old, _)| old.name == env.name) {
        Some((old, old_at)) => {
            if old.value.is_some() {
                let winner = if env.value.is_some() { "the concurrency limit" } else { "the Secret" };
                let message = format!("`{}` gives way to {winner}, which sets the same variable", env.name);
                out.lost(*old_at, message, "remove one of the two");
            }
            (*old, *old_at) = (env, at);
        }
        None => vars.push((env, at)),
    }
}

fn resources(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> ContainerResources {
    let given = &unit.workload.resources;
    let mut written = ContainerResources { requests: amounts(&given.requests, out), ..ContainerResources::default() };
    if unit.plan.limit_resources.value {
        written.limits = amounts(&given.limits, out);
    }
    for pids in [given.requests.pids, given.limits.pids].into_iter().flatten() {
        let message = format!("{} processes are not written: a container has no field for them", pids.value);
        out.lost(pids.at, message, "set podPidsLimit on the nodes' kubelets");
    }
    // devices are whole and asked for by their limit: the API refuses a request that differs from it
    let (request, limit) = (given.requests.gpu, given.limits.gpu);
    if let (Some(request), Some(limit)) = (request, limit)
        && request.value != limit.value
    {
        let message =
            format!("requests.gpu {} is not written: limits.gpu {} counts for both", request.value, limit.value);
        out.lost(request.at, message, format!("write {} in both", limit.value));
    }
    if let Some(gpu) = limit.or(request) {
        for side in [&mut written.requests, &mut written.limits] {
            side.insert("nvidia.com/gpu", gpu.value.to_string());
        }
    }
    written
}

pub(super) fn amounts(amounts: &Amounts, out: &mut LoweredPlan) -> Quantities {
    let mut quantities = Quantities::new();
    if let Some(cpu) = amounts.cpu {
        let millis = cpu.value.millis();
        let whole = Cpu(millis.saturating_mul(1_000_000));
        if whole != cpu.value {
            let message = format!("{} is finer than 1m, the least step: {whole} is written", cpu.value);
            out.lost(cpu.at, message, format!("write {whole}"));
        }
        quantities.insert("cpu", whole.to_string());
    }
    if let Some(memory) = amounts.memory {
        quantities.insert("memory", bytes(memory.value));
    }
    quantities
}

/// In the family of units it was written in: `4G` stays `4G`.
pub(super) fn bytes(memory: Memory) -> String {
    let decimal: [(u64, &str); 4] = [(1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")];
    let found = decimal.iter().find(|(size, _)| memory.bytes >= *size && memory.bytes.is_multiple_of(*size));
    match found {
        Some((size, name)) if memory.unit == Family::Decimal => format!("{}{name}", memory.bytes / size),
        _ => memory.to_string(),
    }
}

/// The startup probe, where there is a start period, and the readiness probe.
///
/// Never a liveness probe: a replica that answers badly gets no requests; that it is to be killed, the spec does not say.
pub(super) fn probes(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> (Option<Probe>, Option<Probe>) {
    let Some(health) = &unit.workload.health else { return (None, None) };
    let Some(mut probe) = question(unit, health, out) else { return (None, None) };
    let seconds = |value: Option<Val<Duration>>, out: &mut LoweredPlan| {
        let value = value?;
        if value.value.0 == 0 {
            out.lost(value.at, "0s is less than a probe can wait: 1s is written", "write 1s");
        }
        Some(whole_seconds(value, "a probe", out).max(1))
    };
    probe.period_seconds = seconds(health.interval, out);
    probe.timeout_seconds = seconds(health.timeout, out);
    probe.failure_threshold = health.retries.map(|retries| u64::from(retries.value).max(1));
    let startup = health.start_period.filter(|period| period.value.0 > 0).map(|period| {
        // failures do not count for the start period; after it they count as always
        let free = period.value.as_seconds().div_ceil(probe.period_seconds.unwrap_or(PERIOD));
        let counted = probe.failure_threshold.unwrap_or(FAILURES);
        Probe { failure_threshold: Some(free.saturating_add(counted).min(i32::MAX as u64)), ..probe.clone() }
    });
    (startup, Some(probe))
}

pub(super) fn question(unit: &WorkloadUnit<'_>, health: &Health, out: &mut LoweredPlan) -> Option<Probe> {
    let port = health.port.map(|port| port.value).or_else(|| unit.workload.ports.first().map(|port| port.port.value));
    let mut asked = |what: &str| {
        if port.is_none() {
            out.refused(health.check.at, format!("{what} asks a port, and the service has none"), "add `port`");
        }
        port
    };
    Some(match &health.check.value {
        Check::Http(path) => {
            Probe { http_get: Some(HttpGet { path: path.clone(), port: asked("health.http")? }), ..Probe::default() }
        }
        Check::Tcp => Probe { tcp_socket: Some(TcpSocket { port: asked("health.tcp")? }), ..Probe::default() },
        Check::Command(words) => {
            let command = words.iter().map(|word| literal(word)).collect();
            if let Some(port) = health.port {
                out.lost(port.at, format!("port {} is not asked by a command", port.value), "remove it");
            }
            Probe { exec: Some(Exec { command }), ..Probe::default() }
        }
    })
}

/// Whole seconds, rounded up; that a fraction went is said.
pub(super) fn whole_seconds(duration: Val<Duration>, what: &str, out: &mut LoweredPlan) -> u64 {
    let seconds = duration.value.as_seconds();
    if Duration::seconds(seconds) != duration.value && duration.written {
        let message =
            format!("{} is no whole number of seconds, as {what} needs: {seconds}s is written", duration.value);
        out.lost(duration.at, message, format!("write {seconds}s"));
    }
    seconds
}
