//! Autoscaling on cpu or memory without the request it is measured against. The one rule that knows what an HPA divides by.

use super::{Context, Group, Meta, Report};
use crate::inputs::kubernetes::{
    AutoscalerObject, ManifestAutoscaler, ManifestSet, ManifestWorkload, PodContainer, ScalingMetric,
};
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
    if let Some(set) = context.manifests() {
        return manifests(set, report);
    }
    if !context.target_facts.measures_requests {
        return;
    }
    // Kubernetes takes a limit for the request if there is none
    let limits_reach = context.spec.limit_resources.value;
    for service in context.spec.services().filter(|service| service.scales()) {
        let broken = [ServiceField::Resources, ServiceField::Replicas, ServiceField::Autoscaling];
        if broken.iter().any(|part| service.broken.has(*part)) {
            continue;
        }
        // a patch without resources keeps those of the workload below it
        if service.image.is_none() && !service.resources.written {
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

/// In manifests: an HPA divides by the requests of all containers of a pod, and gives up if one has none.
fn manifests(set: &ManifestSet, report: &mut Report) {
    for (autoscaler, targets) in set.autoscalers.iter().zip(&set.targets) {
        let metrics = ["spec.metrics", "spec.triggers", "spec.targetCPUUtilizationPercentage", "spec.scaleTargetRef"];
        let patched = set.changes_field(&autoscaler.object, autoscaler.file, &metrics);
        if !autoscaler.is_horizontal() || autoscaler.idle || patched {
            continue;
        }
        for workload in targets.iter().filter_map(|index| set.workloads.get(*index)) {
            for (resource, metric) in measured(autoscaler) {
                let all = workload.pod.running();
                let own = |container: &&PodContainer| {
                    let only = metric.and_then(|metric| metric.container.as_ref());
                    only.is_none_or(|only| only.value == container.name)
                };
                let without = all.filter(own).find(|container| !requests_resource(set, workload, container, resource));
                if let Some(container) = without {
                    report_missing(report, autoscaler, workload, (container, resource, metric));
                }
            }
        }
    }
}

/// The resources that an autoscaler measures by their requests; without any metric an HPA takes the cpu.
fn measured(autoscaler: &ManifestAutoscaler) -> Vec<(&str, Option<&ScalingMetric>)> {
    if autoscaler.metrics.is_empty() && autoscaler.kind == AutoscalerObject::Horizontal {
        return vec![("cpu", None)];
    }
    let own = autoscaler.metrics.iter().filter(|metric| metric.utilization.is_some());
    own.map(|metric| (metric.resource.as_str(), Some(metric))).collect()
}

/// Whether a container requests a resource: a limit counts, and so does what a range of limits gives or a patch may write.
fn requests_resource(set: &ManifestSet, workload: &ManifestWorkload, container: &PodContainer, resource: &str) -> bool {
    let (requests, limits) = (&container.resources.requests, &container.resources.limits);
    let written = match resource {
        "cpu" => requests.cpu.is_some() || limits.cpu.is_some(),
        "memory" => requests.memory.is_some() || limits.memory.is_some(),
        _ => true,
    };
    let given = || {
        set.ranges.iter().any(|range| {
            range.object.namespace == workload.object.namespace
                && range.bounds.iter().any(|(_, key, ..)| key == resource)
        })
    };
    let patched = ["requests", "limits"]
        .map(|amounts| format!("resources.{amounts}.{resource}"))
        .iter()
        .any(|field| set.changes_containers(workload, field));
    written || workload.pod.own_amounts || given() || patched
}

fn report_missing(
    report: &mut Report,
    autoscaler: &ManifestAutoscaler,
    workload: &ManifestWorkload,
    (container, resource, metric): (&PodContainer, &str, Option<&ScalingMetric>),
) {
    let own = &container.resources;
    let place = own.requests.at.or(own.written.then_some(own.at)).unwrap_or(container.at).key();
    let place = if own.written { place } else { container.at.place() };
    let of = format!("`{}/{}`", autoscaler.object.kind, autoscaler.object.name);
    let message = format!(
        "{of} scales `{}` on {resource}, but container `{}` requests no {resource} to measure it by",
        workload.object.name, container.name
    );
    let at = metric.map_or_else(|| autoscaler.target_at.key(), |metric| metric.at.place());
    let finding = report.at(place, message).label(at, format!("scales on {resource}"));
    report.push(finding.help(format!("add `resources.requests.{resource}`")));
}
