//! A request above its limit. Looks at one service at a time; of manifests at every container.

use super::{Context, Group, Meta, Report};
use crate::inputs::kubernetes::ManifestWorkload;
use crate::inputs::{InputFormat, compose};
use crate::model::quantity::Cpu;
use crate::model::{Resources, ServiceField, Val};
use crate::support::diagnostic::Severity;
use crate::support::source::FieldSpan;
use std::fmt::Display;

pub(super) const META: Meta = Meta {
    id: "request-above-limit",
    severity: Severity::Error,
    group: Group::Resources,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    if let Some(set) = context.manifests() {
        // a patch may write other amounts
        let sure = |workload: &&ManifestWorkload| !set.changes_containers(workload, "resources");
        let containers = set.workloads.iter().filter(sure).flat_map(|workload| &workload.pod.containers);
        return containers.for_each(|container| amounts(report, &container.resources, None));
    }
    for service in context.spec.services().filter(|service| !service.broken.has(ServiceField::Resources)) {
        let base = context.base.filter(|base| base.layer.format == InputFormat::COMPOSE);
        let member = base.and_then(|base| base.service(&service.name));
        amounts(report, &service.resources, member.map(|member| &member.facts.older_keys[..]));
    }
}

/// The keys of a service of a compose file that are written in its older form.
type OlderKeys<'a> = &'a [(&'static str, FieldSpan)];

fn amounts(report: &mut Report, resources: &Resources, compose: Option<OlderKeys<'_>>) {
    let (requests, limits) = (&resources.requests, &resources.limits);
    compare(
        report,
        "cpu",
        (requests.cpu, limits.cpu),
        |cpu| cpu.0,
        |request, limit| {
            Some(in_compose(
                compose?,
                [("", "reservations.cpus"), ("cpus", "limits.cpus")],
                [limit, request].map(Cpu::cores),
            ))
        },
    );
    compare(
        report,
        "memory",
        (requests.memory, limits.memory),
        |memory| memory.bytes,
        |request, limit| {
            let keys = [("mem_reservation", "reservations.memory"), ("mem_limit", "limits.memory")];
            Some(in_compose(compose?, keys, [limit, request].map(compose::memory_text)))
        },
    );
    let storage = (requests.ephemeral_storage, limits.ephemeral_storage);
    compare(report, "ephemeral storage", storage, |storage| storage.bytes, |_, _| None);
    compare(report, "gpu", (requests.gpu, limits.gpu), u64::from, |_, _| None);
    compare(report, "pids", (requests.pids, limits.pids), u64::from, |_, _| None);
}

/// What to write in a compose file: the request as low as the limit, or the limit as high as the request. Each key with its
/// older form.
fn in_compose(older: OlderKeys<'_>, keys: [(&'static str, &'static str); 2], amounts: [String; 2]) -> String {
    let key =
        |(old, new): (&'static str, &'static str)| if older.iter().any(|(key, _)| *key == old) { old } else { new };
    let ([request, limit], [low, high]) = (keys.map(key), amounts);
    format!("write `{request}: {low}` or `{limit}: {high}`")
}

fn compare<T: Copy + Display>(
    report: &mut Report,
    what: &str,
    (request, limit): (Option<Val<T>>, Option<Val<T>>),
    amount: impl Fn(T) -> u64,
    in_file: impl Fn(T, T) -> Option<String>,
) {
    let (Some(request), Some(limit)) = (request, limit) else { return };
    let (asked, most) = (amount(request.value), amount(limit.value));
    if asked <= most {
        return;
    }
    let message = format!("{what} request {} is above its limit {}", request.value, limit.value);
    let of_spec = request.is_of_spec() || limit.is_of_spec();
    let help = in_file(request.value, limit.value).filter(|_| !of_spec);
    let help = help
        .unwrap_or_else(|| format!("request at most {}, or set the limit to at least {}", limit.value, request.value));
    // of what a base says and the spec contradicts, the spec is to be changed
    let finding = if limit.is_of_spec() && !request.is_of_spec() {
        let finding = report.at(limit.place(), message).label(request.place(), format!("request {}", request.value));
        finding.fix_like(limit.at, (request.at, request.value))
    } else {
        let finding = report.at(request.place(), message).label(limit.place(), format!("limit {}", limit.value));
        finding.fix_like(request.at, (limit.at, limit.value))
    };
    report.push(finding.help(help).rank(asked - most));
}
