//! Settings of the base file's old style that compose refuses beside what an override writes under `deploy`.

use super::{Context, Group, Meta, Report};
use crate::inputs::compose::{BaseService, compose_bytes};
use crate::model::quantity::Cpu;
use crate::model::{Amounts, Backing, Part, Service};
use crate::support::diagnostic::Severity;
use crate::support::source::Place;

pub(super) const META: Meta = Meta {
    id: "conflicts-with-base",
    severity: Severity::Error,
    group: Group::Base,
    suppressible: true,
    check: Some(check),
};

const CPUS: &str = "deploy.resources.limits.cpus";
const MEMORY: &str = "deploy.resources.limits.memory";
const PIDS: &str = "deploy.resources.limits.pids";

/// What the override sets for one old-style key.
struct Ours {
    /// The key under `deploy`.
    key: &'static str,
    /// The value, in the unit it is compared in; `None` if the key is left out of a map that is written.
    value: Option<u64>,
    /// As the spec has it.
    text: String,
    place: Place,
}

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(base) = context.base else { return };
    let limited = context.spec.limit_resources.value;
    for service in context.spec.services() {
        if let Some(in_base) = base.service(&service.name) {
            compare(report, &base.path, in_base, |old| of_service(service, old, limited));
        }
    }
    let here = |backing: &&Backing| limited && !backing.broken && backing.external.is_none();
    for backing in context.spec.backing.iter().filter(here) {
        if let Some(in_base) = base.service(&backing.name) {
            compare(report, &base.path, in_base, |old| of_backing(backing, old));
        }
    }
}

fn compare(report: &mut Report, path: &str, in_base: &BaseService, ours: impl Fn(&str) -> Option<Ours>) {
    for (old, value) in &in_base.old_style {
        // what hangs on the environment is not judged
        let Some(text) = value.value.as_deref() else { continue };
        let (Some(ours), Some(theirs)) = (ours(old), number(old, text)) else { continue };
        if agrees(&ours, theirs, old, in_base) {
            continue;
        }
        let what = match ours.value {
            Some(_) => format!("`{}: {}`", ours.key, ours.text),
            None => format!("`{}` without a value", ours.key),
        };
        let finding = report
            .at(ours.place, format!("compose refuses {what} beside `{old}: {text}` of {path}"))
            .label(value.place(), format!("`{old}` in the base file"))
            .help(format!("remove `{old}` from `{}` in {path}, or write the same amount in the spec", in_base.name));
        report.push(finding);
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

/// What the override sets for a backing service: its memory as a limit.
fn of_backing(backing: &Backing, old: &str) -> Option<Ours> {
    let memory = backing.memory?;
    let (bytes, text, place) = (memory.value.bytes, memory.value.to_string(), memory.place());
    match old {
        "mem_limit" => Some(Ours { key: MEMORY, value: Some(bytes), text, place }),
        "cpus" => Some(Ours { key: CPUS, value: None, text: String::new(), place }),
        "pids_limit" => Some(Ours { key: PIDS, value: None, text: String::new(), place }),
        _ => None,
    }
}

/// What the override sets for a service; `None` if it writes no such map, or the part is broken.
fn of_service(service: &Service, old: &str, limited: bool) -> Option<Ours> {
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
            (CPUS, limits_written, value, map(limits))
        }
        "mem_limit" => {
            let value = limits.memory.map(|memory| (memory.value.bytes, memory.value.to_string(), memory.place()));
            (MEMORY, limits_written, value, map(limits))
        }
        "pids_limit" => {
            let value = limits.pids.map(|pids| (pids.value.into(), pids.value.to_string(), pids.place()));
            (PIDS, limits_written, value, map(limits))
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
