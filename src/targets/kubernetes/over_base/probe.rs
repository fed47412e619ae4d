//! The probes that give a service's checks, changed leaf by leaf. Knows no other field of a container.

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

/// The probe that says a check of the spec.
pub(super) fn key_of(check: &str) -> &'static str {
    match check {
        "liveness" => "livenessProbe",
        "startup" => "startupProbe",
        _ => "readinessProbe",
    }
}

/// Changes of the probes of a container.
pub(super) fn lower(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, container: &mut Json, out: &mut LoweredPlan) {
    let health = unit.workload.health.as_ref().map(|health| ("health", &**health));
    let others = unit.pod().into_iter().flat_map(|pod| pod.probes());
    for (field, check) in health.into_iter().chain(others).filter(|(_, check)| super::is_of_spec(check.at)) {
        one_probe(unit, over, (field, check), container, out);
    }
}

fn one_probe(
    unit: &WorkloadUnit<'_>,
    over: &OverBase<'_>,
    (field, check): (&str, &Health),
    container: &mut Json,
    out: &mut LoweredPlan,
) {
    let own = own_check(field, over).filter(|_| !over.changed);
    let Some((key, probe)) = own_probe(field, unit, over) else {
        let Some(probe) = probes::probe(unit, (field, check), out) else { return };
        let start = probes::start_period(check, Some(&probe)).filter(|_| field == "health");
        set(container, &[key_of(field)], json(&probe));
        match start {
            Some(_) if starts(unit).is_some() => probes::no_start_period(unit, out),
            Some(start) => set(container, &["startupProbe"], json(&start)),
            None => {}
        }
        return;
    };
    // where there is only a liveness probe, the spec's `health` is that
    let own = own.or_else(|| own_check("liveness", over).filter(|_| key == "livenessProbe" && !over.changed));
    let mut patch = Json::Object(Map::new());
    action_and_port(unit, (field, check), own, probe, &mut patch, out);
    numbers(check, own, probe, &mut patch, out);
    if !patch.as_object().is_none_or(Map::is_empty) {
        set(container, &[key], patch);
    }
    if field == "health" {
        start((unit, over), check, own, container, (key, out));
    }
}

/// The check of the start that the spec itself writes.
fn starts<'u>(unit: &'u WorkloadUnit<'_>) -> Option<&'u Health> {
    unit.pod()?.startup.as_ref().filter(|startup| super::is_of_spec(startup.at))
}

/// The check as the base says it.
fn own_check<'o>(field: &str, over: &'o OverBase<'_>) -> Option<&'o Health> {
    let service = &over.member.service;
    match field {
        "liveness" => service.pod.as_ref()?.liveness.as_ref(),
        "startup" => service.pod.as_ref()?.startup.as_ref(),
        _ => service.health.as_deref(),
    }
}

/// The probe of the base that gives a check: for health the readiness probe, else the liveness probe if the spec does not write that.
fn own_probe<'o>(field: &str, unit: &WorkloadUnit<'_>, over: &'o OverBase<'_>) -> Option<(&'static str, &'o Node)> {
    let written = written_container(over.set, over.workload, over.workload.sure_main()?)?;
    let own = |key: &'static str| Some((key, &*written.get(key).filter(|probe| !probe.node.is_null())?.node));
    let says_liveness = unit.pod().and_then(|pod| pod.liveness.as_ref()).is_some_and(|own| super::is_of_spec(own.at));
    let other = (field == "health" && !says_liveness).then(|| own("livenessProbe")).flatten();
    own(key_of(field)).or(other)
}

/// The action and the port.
fn action_and_port(
    unit: &WorkloadUnit<'_>,
    (field, health): (&str, &Health),
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
        let Some(question) = probes::question(unit, (field, health), out) else { return };
        let handler = HANDLERS.iter().filter(|handler| **handler != key(&health.check.value));
        if let (Json::Object(fields), Json::Object(question)) = (&mut *patch, json(&question)) {
            fields.extend(question);
            let there = handler.filter(|handler| probe.get(handler).is_some());
            fields.extend(there.map(|handler| ((*handler).to_owned(), Json::Null)));
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
    (unit, over): (&WorkloadUnit<'_>, &OverBase<'_>),
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
        Some(_) if !delayed && starts(unit).is_some() => probes::no_start_period(unit, out),
        Some(wanted) if !delayed && of("startupProbe", "failureThreshold").is_some() => {
            let every = of("startupProbe", "periodSeconds").and_then(|every| u64::try_from(every).ok());
            let free = wanted.value.as_seconds().div_ceil(every.unwrap_or(probes::PERIOD).max(1));
            let counted = health.retries.map_or(probes::FAILURES, |retries| u64::from(retries.value));
            let failures = free.saturating_add(counted);
            if of("startupProbe", "failureThreshold").and_then(|own| u64::try_from(own).ok()) != Some(failures) {
                set(container, &["startupProbe", "failureThreshold"], Json::from(failures));
            }
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
