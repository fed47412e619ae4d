//! Autoscaling on cpu or memory without the request it is measured against. The one rule that knows what an HPA divides by.

use super::{Context, Group, Meta, Report};
use crate::model::{Service, ServiceField, Signal, Val};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "missing-requests",
    severity: Severity::Error,
    group: Group::Resources,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(target) = context.target("kubernetes") else { return };
    let autoscaler = target.text("autoscaler").map_or("hpa", |(autoscaler, _)| autoscaler);
    if !matches!(autoscaler, "hpa" | "keda") {
        return;
    }
    // Kubernetes takes a limit for the request where there is none
    let limits_reach = context.spec.limit_resources.value;
    for service in context.spec.services().filter(|service| service.scales()) {
        let broken = [ServiceField::Resources, ServiceField::Replicas, ServiceField::Autoscaling];
        if broken.iter().any(|part| service.broken.has(*part)) {
            continue;
        }
        // without an image a patch is written, and the workload that it is laid over has requests of its own
        if service.image.is_none() {
            continue;
        }
        let (requests, limits) = (&service.resources.requests, &service.resources.limits);
        for signal in service.autoscaling.signals() {
            let present = match signal.value {
                Signal::Cpu => requests.cpu.is_some() || (limits_reach && limits.cpu.is_some()),
                Signal::Memory => requests.memory.is_some() || (limits_reach && limits.memory.is_some()),
                Signal::Load => true,
            };
            if !present {
                push(report, service, signal);
            }
        }
    }
}

fn push(report: &mut Report, service: &Service, signal: Val<Signal>) {
    let what = signal.value.word();
    let resources = &service.resources;
    let parent = if resources.written { resources.at } else { service.at };
    let place = resources.requests.at.unwrap_or(parent).key();
    let (min, max) = (service.replicas.min.value, service.replicas.max.value);
    let message =
        format!("`{}` scales {min} to {max} on {what}, but requests no {what} to measure it by", service.name);
    let mut finding = report
        .at(place, message)
        .label(service.replicas.at.place(), format!("{min} to {max} replicas"))
        .help(format!("add `resources.requests.{what}`"));
    if signal.written {
        finding = finding.label(signal.place(), format!("scales on {what}"));
    }
    report.push(finding);
}
