//! The probes of a container and its preStop hook. Knows nothing of its resources.

use super::LoweredPlan;
use super::amounts::whole_seconds;
use super::pod_objects::{Exec, HttpGet, Lifecycle, Probe, Sleep, StopHook, TcpSocket};
use super::unit::WorkloadUnit;
use crate::inputs::kubernetes::DrainHook;
use crate::plan::{Check, Duration, Health, Val};
use crate::targets::render::kubernetes_text::literal;

/// The API's defaults for a probe's period and number of failures.
pub(super) const PERIOD: u64 = 10;
pub(super) const FAILURES: u64 = 3;
/// The first release that lets a hook sleep without a program of the image (KEP-3960: beta, on by default).
const SLEEPS: (u32, u32) = (1, 30);

/// The probes of one container.
#[derive(Default)]
pub(super) struct Probes {
    pub startup: Option<Probe>,
    pub readiness: Option<Probe>,
    pub liveness: Option<Probe>,
}

/// The readiness probe from `health`, with a startup probe if it has a start period, and the other probes if they are written.
///
/// `health` alone never kills: a replica that answers badly gets no requests. Only `liveness` kills it.
pub(super) fn of(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) -> Probes {
    let pod = unit.pod();
    let mut probes = Probes::default();
    if let Some(health) = &unit.workload.health {
        probes.readiness = probe(unit, ("health", health), out);
        probes.startup = start_period(health, probes.readiness.as_ref());
    }
    probes.liveness = pod.and_then(|pod| pod.liveness.as_ref()).and_then(|own| probe(unit, ("liveness", own), out));
    if let Some(own) = pod.and_then(|pod| pod.startup.as_ref()) {
        no_start_period(unit, out);
        probes.startup = probe(unit, ("startup", own), out);
    }
    probes
}

/// Reports a start period beside `startup`.
pub(super) fn no_start_period(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) {
    let period = unit.workload.health.as_ref().and_then(|health| health.start_period);
    if let Some(period) = period {
        let message =
            format!("a start period of {} is not written: `startup` says how long a start may take", period.value);
        out.lost(period.at, message, "remove one of the two");
    }
}

/// The startup probe for a start period.
pub(super) fn start_period(health: &Health, readiness: Option<&Probe>) -> Option<Probe> {
    let period = health.start_period.filter(|period| period.value.0 > 0)?;
    let probe = readiness?;
    // failures do not count during the start period; after it the usual number counts
    let free = period.value.as_seconds().div_ceil(probe.period_seconds.unwrap_or(PERIOD));
    let counted = probe.failure_threshold.unwrap_or(FAILURES);
    Some(Probe { failure_threshold: Some(free.saturating_add(counted).min(i32::MAX as u64)), ..probe.clone() })
}

pub(super) fn probe(unit: &WorkloadUnit<'_>, (field, health): (&str, &Health), out: &mut LoweredPlan) -> Option<Probe> {
    let mut probe = question(unit, (field, health), out)?;
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
    Some(probe)
}

pub(super) fn question(
    unit: &WorkloadUnit<'_>,
    (field, health): (&str, &Health),
    out: &mut LoweredPlan,
) -> Option<Probe> {
    let port = health.port.map(|port| port.value).or_else(|| unit.workload.ports.first().map(|port| port.port.value));
    let mut asked = |what: &str| {
        if port.is_none() {
            out.refused(health.check.at, format!("{field}.{what} asks a port, and the service has none"), "add `port`");
        }
        port
    };
    Some(match &health.check.value {
        Check::Http(path) => {
            Probe { http_get: Some(HttpGet { path: path.clone(), port: asked("http")? }), ..Probe::default() }
        }
        Check::Tcp => Probe { tcp_socket: Some(TcpSocket { port: asked("tcp")? }), ..Probe::default() },
        Check::Command(words) => {
            let command = words.iter().map(|word| literal(word)).collect();
            if let Some(port) = health.port {
                out.lost(port.at, format!("port {} is not asked by a command", port.value), "remove it");
            }
            Probe { exec: Some(Exec { command }), ..Probe::default() }
        }
    })
}

/// The hook that keeps a replica serving until load balancers have removed it. Over a base's hook that sleeps, that hook with another
/// number.
pub(super) fn drain(unit: &WorkloadUnit<'_>, written: Option<&DrainHook>, out: &mut LoweredPlan) -> Option<Lifecycle> {
    let delay = unit.pod()?.drain_delay?;
    let seconds = whole_seconds(delay, "a hook", out);
    if seconds == 0 {
        out.lost(
            delay.at,
            "a drain delay of 0s is not written: without one a replica is told to stop at once",
            "remove it",
        );
        return None;
    }
    let sleeps = || StopHook { sleep: Some(Sleep { seconds }), ..StopHook::default() };
    let runs = |command: Vec<String>| StopHook { exec: Some(Exec { command }), ..StopHook::default() };
    let pre_stop = match written.map(|written| &written.command) {
        Some(None) => sleeps(),
        // word for word: in a hook the kubelet replaces nothing, and `$(…)` is the shell's
        Some(Some(command)) => runs(command.with(seconds)),
        None if unit.settings.has(SLEEPS) => sleeps(),
        None => {
            let message = format!(
                "{} s of drain delay run `sleep` of the image of {}: a hook that needs no program came with Kubernetes {}.{}",
                seconds, unit.workload.name, SLEEPS.0, SLEEPS.1
            );
            let help = "name the `version` that runs, where it is 1.30 or later; else see that the image has `sleep`";
            out.ignored(delay.at, message, help);
            runs(vec!["sleep".to_owned(), seconds.to_string()])
        }
    };
    Some(Lifecycle { pre_stop })
}
