//! The pod of a workload: container, variables, resources, probes, spread. Knows nothing of what starts it.

use super::amounts::{bytes, whole_seconds};
use super::metadata::Metadata;
use super::names::{is_port_name, suggest};
use super::pod_objects::{
    Container, ContainerPort, ContainerResources, Env, PodSpec, Quantities, SecretKey, Template,
    TopologySpreadConstraint, ValueFrom, VolumeMount,
};
use super::unit::{self, WorkloadUnit};
use super::{LoweredPlan, placing, pod_security, probes};
use crate::plan::{Amounts, Cpu, Spread as Over, Val};
use crate::support::source::FieldSpan;
use crate::targets::foreign_base;
use crate::targets::render::kubernetes_text::literal;

/// The pod template.
pub(super) fn template(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> Template {
    let workload = unit.workload;
    // a patch adds the labels that our selectors require and those of the spec, and keeps the base's own
    let mut labels = if unit.patch { unit.selected() } else { unit.labels() };
    unit.add_own(&mut labels);
    placing::check(unit, out);
    let (pod, container_security) = pod_security::of(unit, out);
    Template {
        metadata: Metadata { labels, annotations: placing::annotations(unit), ..Metadata::default() },
        spec: PodSpec {
            service_account_name: placing::service_account(unit, out),
            security_context: pod,
            node_selector: placing::node_selector(unit),
            tolerations: placing::tolerations(unit.pod().map_or(&[][..], |pod| &pod.tolerations), out),
            termination_grace_period_seconds: workload
                .stop_grace_period
                .map(|period| whole_seconds(period, "a grace period", out)),
            topology_spread_constraints: spread(unit),
            containers: vec![Container { security_context: container_security, ..container(unit, out) }],
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
    let probes = probes::of(unit, out);
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
        image: workload.image.as_ref().map(|image| image.value.to_string()),
        command: workload.command.as_deref().map(words),
        args: workload.args.as_deref().map(words),
        ports: ports(unit, out),
        env: env(unit, out),
        resources: resources(unit, out),
        security_context: None,
        lifecycle: probes::drain(unit, None, out),
        startup_probe: probes.startup,
        readiness_probe: probes.readiness,
        liveness_probe: probes.liveness,
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
            let message = format!("port {}/{} appears here twice", port.port.value, port.protocol.value.word());
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

/// Adds a variable; an earlier one of the same name is dropped and reported.
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
    // devices are whole and requested by their limit: the API refuses a request that differs from it
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
    if let Some(storage) = amounts.ephemeral_storage {
        quantities.insert("ephemeral-storage", bytes(storage.value));
    }
    quantities
}
