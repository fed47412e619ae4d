//! A request above its limit. Looks at one service at a time; of manifests at every container.

use super::{Context, Group, Meta, Report};
use crate::model::{Resources, ServiceField, Val};
use crate::support::diagnostic::Severity;
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
        let containers = set.workloads.iter().flat_map(|workload| &workload.pod.containers);
        return containers.for_each(|container| amounts(report, &container.resources));
    }
    for service in context.spec.services().filter(|service| !service.broken.has(ServiceField::Resources)) {
        amounts(report, &service.resources);
    }
}

fn amounts(report: &mut Report, resources: &Resources) {
    let (requests, limits) = (&resources.requests, &resources.limits);
    compare(report, "cpu", requests.cpu, limits.cpu, |cpu| cpu.0);
    compare(report, "memory", requests.memory, limits.memory, |memory| memory.bytes);
    compare(report, "ephemeral storage", requests.ephemeral_storage, limits.ephemeral_storage, |storage| storage.bytes);
    compare(report, "gpu", requests.gpu, limits.gpu, u64::from);
    compare(report, "pids", requests.pids, limits.pids, u64::from);
}

fn compare<T: Copy + Display>(
    report: &mut Report,
    what: &str,
    request: Option<Val<T>>,
    limit: Option<Val<T>>,
    amount: impl Fn(T) -> u64,
) {
    let (Some(request), Some(limit)) = (request, limit) else { return };
    let (asked, most) = (amount(request.value), amount(limit.value));
    if asked <= most {
        return;
    }
    let message = format!("{what} request {} is above its limit {}", request.value, limit.value);
    let help = format!("request at most {}, or set the limit to at least {}", limit.value, request.value);
    // of what a base says and the spec contradicts, the spec is to be changed
    let finding = if limit.is_of_spec() && !request.is_of_spec() {
        let finding = report.at(limit.place(), message).label(request.place(), format!("request {}", request.value));
        finding.fix(limit.at.value, request.value.to_string(), false)
    } else {
        let finding = report.at(request.place(), message).label(limit.place(), format!("limit {}", limit.value));
        finding.fix(request.at.value, limit.value.to_string(), false)
    };
    report.push(finding.help(help).rank(asked - most));
}
