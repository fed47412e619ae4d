//! The one probe that gives a service's health, changed leaf by leaf. Knows no other field of a container.

use super::document::set;
use crate::inputs::kubernetes::written_container;
use crate::plan::{Check, Duration, Health, Val};
use crate::syntax::Node;
use crate::targets::kubernetes::amounts::whole_seconds;
use crate::targets::kubernetes::base_objects::OverBase;
use crate::targets::kubernetes::unit::WorkloadUnit;
use crate::targets::kubernetes::{LoweredPlan, json, probes};
use serde_json::{Map, Value as Json};

/// The actions of a probe, of which it has one.
const HANDLERS: [&str; 4] = ["httpGet", "tcpSocket", "exec", "grpc"];

/// The probes of the base that can give its health, best first.
pub(super) const PROBES: [&str; 2] = ["readinessProbe", "livenessProbe"];

/// Changes of the probes of a container.
pub(super) fn lower(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, container: &mut Json, out: &mut LoweredPlan) {
    let Some(health) = unit.workload.health.as_ref().filter(|health| super::is_of_spec(health.at)) else { return };
    let Some((key, probe)) = own_probe(over) else {
        let own = probes::of(unit, out);
        for (key, probe) in [("startupProbe", own.startup), ("readinessProbe", own.readiness)] {
            if let Some(probe) = probe {
                set(container, &[key], json(&probe));
            }
        }
        return;
    };
    let own = over.member.service.health.as_deref().filter(|_| !over.changed);
    let mut patch = Json::Object(Map::new());
    asked(unit, health, own, probe, &mut patch, out);
    numbers(health, own, probe, &mut patch, out);
    if !patch.as_object().is_none_or(Map::is_empty) {
        set(container, &[key], patch);
    }
    start(over, health, own, container, (key, out));
}

/// The probe of the base that gives its health.
fn own_probe<'o>(over: &'o OverBase<'_>) -> Option<(&'static str, &'o Node)> {
    let written = written_container(over.set, over.workload, over.workload.sure_main()?)?;
    let own = |key: &'static str| Some((key, &*written.get(key).filter(|probe| !probe.node.is_null())?.node));
    PROBES.into_iter().find_map(own)
}

/// The action and the port.
fn asked(
    unit: &WorkloadUnit<'_>,
    health: &Health,
    own: Option<&Health>,
    probe: &Node,
    patch: &mut Json,
    out: &mut LoweredPlan,
) {
    let same = own.is_some_and(|own| own.check.value == health.check.value);
    let key = |check: &Check| match check {
        Check::Http(_) => "httpGet",
        Check::Tcp => "tcpSocket",
        Check::Command(_) => "exec",
    };
    let own_key = own.map(|own| key(&own.check.value));
    if own_key != Some(key(&health.check.value)) {
        let Some(question) = probes::question(unit, ("health", health), out) else { return };
        let handler = HANDLERS.iter().filter(|one| **one != key(&health.check.value));
        if let (Json::Object(fields), Json::Object(question)) = (&mut *patch, json(&question)) {
            fields.extend(question);
            let there = handler.filter(|one| probe.get(one).is_some());
            fields.extend(there.map(|one| ((*one).to_owned(), Json::Null)));
        }
        return;
    }
    let handler = key(&health.check.value);
    if !same {
        match &health.check.value {
            Check::Http(path) => set(patch, &[handler, "path"], Json::from(path.as_str())),
            Check::Command(words) => {
                let words = words.iter().map(|word| crate::targets::render::kubernetes_text::literal(word));
                set(patch, &[handler, "command"], words.collect());
            }
            Check::Tcp => {}
        }
    }
    let port = |health: &Health| health.port.map(|port| port.value);
    if let Some(number) = port(health).filter(|number| own.and_then(port) != Some(*number)) {
        match handler {
            "exec" => out.lost(health.at, format!("port {number} is not asked by a command"), "remove it"),
            _ => set(patch, &[handler, "port"], Json::from(number)),
        }
    }
}

/// Period, timeout, number of failures. A number that the spec removes is removed.
fn numbers(health: &Health, own: Option<&Health>, probe: &Node, patch: &mut Json, out: &mut LoweredPlan) {
    let seconds: [(&str, [Option<Val<Duration>>; 2]); 2] = [
        ("periodSeconds", [health.interval, own.and_then(|own| own.interval)]),
        ("timeoutSeconds", [health.timeout, own.and_then(|own| own.timeout)]),
    ];
    for (key, [wanted, own]) in seconds {
        match wanted {
            Some(wanted) if own.is_none_or(|own| own.value != wanted.value) => {
                set(patch, &[key], Json::from(whole_seconds(wanted, "a probe", out).max(1)));
            }
            None if probe.get(key).is_some() => set(patch, &[key], Json::Null),
            _ => {}
        }
    }
    let retries = own.and_then(|own| own.retries).map(|own| own.value);
    match health.retries {
        Some(wanted) if retries != Some(wanted.value) => {
            set(patch, &["failureThreshold"], Json::from(u64::from(wanted.value).max(1)));
        }
        None if probe.get("failureThreshold").is_some() => set(patch, &["failureThreshold"], Json::Null),
        _ => {}
    }
}

/// The start period, where the base has it: in the startup probe, else as the delay of the probe itself.
fn start(
    over: &OverBase<'_>,
    health: &Health,
    own: Option<&Health>,
    container: &mut Json,
    (key, out): (&str, &mut LoweredPlan),
) {
    let period = |health: &Health| health.start_period.map(|period| period.value);
    if period(health) == own.and_then(period) {
        return;
    }
    let written = over.workload.sure_main().and_then(|main| written_container(over.set, over.workload, main));
    let of = |probe: &str, field: &str| written.and_then(|all| all.get(probe)?.node.get(field)?.node.as_whole());
    let delayed = of(key, "initialDelaySeconds").is_some();
    match health.start_period {
        Some(wanted) if !delayed && of("startupProbe", "failureThreshold").is_some() => {
            let every = of("startupProbe", "periodSeconds").and_then(|every| u64::try_from(every).ok());
            let free = wanted.value.as_seconds().div_ceil(every.unwrap_or(probes::PERIOD).max(1));
            let counted = health.retries.map_or(probes::FAILURES, |retries| u64::from(retries.value));
            set(container, &["startupProbe", "failureThreshold"], Json::from(free.saturating_add(counted)));
        }
        Some(wanted) => {
            let seconds = whole_seconds(wanted, "a probe", out);
            set(container, &[key, "initialDelaySeconds"], Json::from(seconds));
        }
        None if delayed => set(container, &[key, "initialDelaySeconds"], Json::Null),
        None if written.is_some_and(|all| all.get("startupProbe").is_some()) => {
            set(container, &["startupProbe"], Json::Null);
        }
        None => {}
    }
}
