//! Settings of the base file's old style that compose refuses beside what an override writes under `deploy`.

use super::{Context, Group, Meta, Report};
use crate::base::{BaseService, compose_bytes};
use crate::diagnostic::Severity;
use crate::model::quantity::Cpu;
use crate::model::{Amounts, Part, Service};
use crate::source::Place;

pub(super) const META: Meta =
    Meta { id: "conflicts-with-base", severity: Severity::Error, group: Group::Base, check: Some(check) };

/// What the override sets for one old-style key.
struct Ours {
    /// The key under `deploy`.
    key: &'static str,
    /// The value, in the unit it is compared in; none where the key is left out of a map that is written.
    value: Option<u64>,
    /// As the spec has it.
    text: String,
    place: Place,
}

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(base) = context.base else { return };
    let limited = context.spec.limit_resources.value;
    for service in context.spec.services() {
        let Some(in_base) = base.service(&service.name) else { continue };
        for (old, value) in &in_base.old_style {
            // what hangs on the environment is not judged
            let Some(text) = value.value.as_deref() else { continue };
            let (Some(ours), Some(theirs)) = (ours(service, old, limited), number(old, text)) else { continue };
            if agrees(&ours, theirs, old, in_base) {
                continue;
            }
            let what = match ours.value {
                Some(_) => format!("`{}: {}`", ours.key, ours.text),
                None => format!("`{}` without a value", ours.key),
            };
            let finding = report
                .at(ours.place, format!("compose refuses {what} beside `{old}: {text}` of {}", base.path))
                .label(value.place(), format!("`{old}` in the base file"))
                .help(format!(
                    "remove `{old}` from `{}` in {}, or write the same amount in the spec",
                    service.name, base.path
                ));
            report.push(finding);
        }
    }
}

/// Compose compares the merged values, also where the map exists without the key.
fn agrees(ours: &Ours, theirs: u64, old: &str, in_base: &BaseService) -> bool {
    match ours.value {
        Some(value) => value == theirs,
        None => {
            let kept = in_base.deploy.iter().find(|(key, _)| key == ours.key.trim_start_matches("deploy.resources."));
            // the key of the base itself stays; where it is not known it is not judged
            kept.is_some_and(|(_, value)| value.value.as_deref().is_none_or(|text| number(old, text) == Some(theirs)))
        }
    }
}

/// The base's value in the unit it is compared in.
fn number(old: &str, text: &str) -> Option<u64> {
    match old {
        "cpus" => Cpu::parse(text).ok().map(|cpu| cpu.0),
        "mem_limit" | "mem_reservation" => compose_bytes(text),
        _ => text.trim().parse().ok(),
    }
    // compose takes 0 for a key that is not set, except for `scale`
    .filter(|number| *number > 0 || old == "scale")
}

/// What the override sets; none where it writes no such map, or the part is broken.
fn ours(service: &Service, old: &str, limited: bool) -> Option<Ours> {
    if old == "scale" {
        let replicas = service.fixed();
        let broken = service.broken.has(Part::Replicas);
        let (key, text) = ("deploy.replicas", replicas.to_string());
        return (!broken).then(|| Ours { key, value: Some(replicas.into()), text, place: service.fixed_place() });
    }
    if service.broken.has(Part::Resources) {
        return None;
    }
    let (requests, limits) = (&service.resources.requests, &service.resources.limits);
    let limits_written = limited && (limits.cpu.is_some() || limits.memory.is_some() || limits.pids.is_some());
    let requests_written = requests.cpu.is_some() || requests.memory.is_some() || requests.gpu.is_some();
    let map = |amounts: &Amounts| amounts.at.unwrap_or(service.resources.at).key();
    let (key, written, value, fallback) = match old {
        "cpus" => {
            let value = limits.cpu.map(|cpu| (cpu.value.0, cpu.value.to_string(), cpu.place()));
            ("deploy.resources.limits.cpus", limits_written, value, map(limits))
        }
        "mem_limit" => {
            let value = limits.memory.map(|memory| (memory.value.bytes, memory.value.to_string(), memory.place()));
            ("deploy.resources.limits.memory", limits_written, value, map(limits))
        }
        "pids_limit" => {
            let value = limits.pids.map(|pids| (pids.value.into(), pids.value.to_string(), pids.place()));
            ("deploy.resources.limits.pids", limits_written, value, map(limits))
        }
        "mem_reservation" => {
            let value = requests.memory.map(|memory| (memory.value.bytes, memory.value.to_string(), memory.place()));
            ("deploy.resources.reservations.memory", requests_written, value, map(requests))
        }
        _ => return None,
    };
    written.then(|| match value {
        Some((value, text, place)) => Ours { key, value: Some(value), text, place },
        None => Ours { key, value: None, text: String::new(), place: fallback },
    })
}
