//! Reports every written field of a component for which the values of Polyaxon's chart have no key. Writes no value.

use crate::inputs::helm::polyaxon::{ChartComponent, CountSource, Version};
use crate::plan::{Kind, Workload};
use crate::support::source::FieldSpan;
use crate::targets::LoweredPlan;

const CHARTS_OWN: &str = "remove it: the chart decides this";

/// Whether the chart reads `image` and `imageTag` of this key. Only the block `eventMonitors` has none.
pub(super) fn image_key(component: &ChartComponent) -> Option<()> {
    (component.amounts.is_some() || component.enabled).then_some(())
}

/// Reports every written field of a service that is not written for this component.
pub(super) fn report(workload: &Workload, component: &ChartComponent, chart: Version, lowered: &mut LoweredPlan) {
    bounds(workload, component, lowered);
    let name = &workload.name;
    if workload.kind.value == Kind::Stateful {
        let message = format!("the chart runs {name} without state of its own, as a Deployment");
        lowered.lost(workload.kind.at, message, "remove `kind: stateful`");
    }
    if let (Some(image), None) = (&workload.image, image_key(component)) {
        lowered.lost(image.at, format!("{name} is two containers, each with its own image"), CHARTS_OWN);
    }
    if let Some(concurrency) = &workload.concurrency {
        if !component.concurrency {
            let message = format!("this chart has no concurrency for {name}; {} is dropped", concurrency.limit.value);
            lowered.lost(concurrency.limit.at, message, "remove `concurrency`, or change `replicas`");
        }
        if let Some(env) = &concurrency.env {
            let message = format!("{name} takes its concurrency from the chart's own key, not from {}", env.value);
            lowered.lost(env.at, message, "remove `env`");
        }
    }
    amounts(workload, component, lowered);
    let placed = component.places_pods(chart);
    for (what, at) in
        unsaid(workload).into_iter().filter(|(what, _)| !placed || !matches!(*what, "node selector" | "tolerations"))
    {
        lowered.lost(at, format!("the chart has no key for the {what} of {name}"), CHARTS_OWN);
    }
}

/// Reports numbers of replicas that differ from the written one.
fn bounds(workload: &Workload, component: &ChartComponent, lowered: &mut LoweredPlan) {
    let written = match component.count {
        CountSource::One(_) => 1,
        _ => workload.fixed,
    };
    let help = "write one number, or scale it by hand when the time comes";
    if workload.scales {
        let max = workload.replicas.max;
        let message =
            format!("replicas.max {} has no meaning in this chart: {written} written at all times", max.value);
        lowered.lost(max.at, message, help);
    }
    if workload.autoscaling.written && (workload.scales || !workload.schedule.is_empty()) {
        let message = format!("the chart has no autoscaler that an upgrade does not reset: {written} written");
        lowered.lost(workload.autoscaling.at, message, help);
    }
    for window in &workload.schedule {
        let message = format!(
            "the window {} with {} of {} has no key in the chart: {written} written at all times",
            window.label(),
            window.replicas(),
            workload.name
        );
        lowered.lost(window.at, message, help);
    }
}

/// Reports parts of `resources` that reach no pod.
fn amounts(workload: &Workload, component: &ChartComponent, lowered: &mut LoweredPlan) {
    let resources = &workload.resources;
    if component.amounts.is_none() && resources.written {
        let message = format!("the chart reads no resources of {}", workload.name);
        lowered.lost(resources.at, message, CHARTS_OWN);
        return;
    }
    for amounts in [&resources.requests, &resources.limits] {
        if let Some(gpu) = amounts.gpu {
            lowered.lost(gpu.at, "no component of the chart takes a GPU", "remove `gpu`");
        }
        if let Some(pids) = amounts.pids {
            lowered.lost(pids.at, "Kubernetes has no number of processes for a pod", "remove `pids`");
        }
    }
}

/// Reports settings of the chart's pods that its values cannot change.
fn unsaid(workload: &Workload) -> Vec<(&'static str, FieldSpan)> {
    let service = &workload.service;
    let mut said: Vec<(&'static str, FieldSpan)> = Vec::new();
    said.extend(service.command.iter().map(|command| ("command", command.at)));
    said.extend(service.args.iter().map(|args| ("arguments", args.at)));
    said.extend(service.env.iter().map(|var| ("environment", var.value.at)));
    for port in &service.ports {
        said.push(("ports", port.at));
        // `publish` next to `port` is outside of the port's entry
        let outside = |at: &FieldSpan| !port.at.value.contains(at.value);
        said.extend(port.publish.map(|publish| publish.at).filter(outside).map(|at| ("host port", at)));
    }
    said.extend(service.shared_secrets.iter().map(|secret| ("shared secrets", secret.at)));
    said.extend(service.health.iter().map(|health| ("health check", health.at)));
    said.extend(service.volumes.iter().map(|volume| ("volumes", volume.at)));
    said.extend(service.update().written.then_some(("update strategy", service.update().at)));
    said.extend(service.stop_grace_period.map(|period| ("stop grace period", period.at)));
    said.extend(service.disruption.map(|disruption| ("disruption budget", disruption.at)));
    said.extend(service.spread.map(|spread| ("spread", spread.at)));
    said.extend(service.cluster_fields());
    said
}
