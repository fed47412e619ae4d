//! A rollout's surge that an autoscaler takes for wanted. Knows how a HorizontalPodAutoscaler counts on an average of its own.

use super::{Context, Group, Meta, Report};
use crate::model::{ClusterAutoscaler, Kind, ServiceField, Signal};
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;

pub(super) const META: Meta = Meta {
    id: "rollout-raises-replicas",
    severity: Severity::Warning,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(cluster) = context.target_facts.cluster.filter(|own| own.autoscaler == ClusterAutoscaler::Hpa) else {
        return;
    };
    for service in context.spec.services().filter(|service| service.autoscaling.written) {
        let broken = [ServiceField::Autoscaling, ServiceField::Replicas, ServiceField::Update];
        let unread = broken.iter().any(|part| service.broken.has(*part));
        // a StatefulSet has no surge
        let stateful = service.kind.value == Kind::Stateful || !service.volumes.is_empty();
        let signal = service.autoscaling.signal;
        if unread || stateful || !service.scales() || signal.value != Signal::Load {
            continue;
        }
        // without a tolerance it asks for what the load needs, whatever there is
        let scaling = &service.autoscaling;
        let exact = scaling.is_load_alone()
            && scaling.down.threshold.value >= scaling.up.threshold.value
            && scaling.up.tolerance.is_none_or(|own| own.value.0 == 0)
            && scaling.down.tolerance.is_none_or(|own| own.value.0 == 0);
        let tolerates = cluster.tolerates();
        if exact && tolerates {
            continue;
        }
        let least = service.replicas.min.value.max(1);
        let surge = service.surge(least);
        if surge == 0 {
            continue;
        }
        let message = format!(
            "while a rollout runs, {least} + {surge} = {} count, and within its tolerance the autoscaler asks for all of them: after {} they stay",
            plural(least.saturating_add(surge), "replica"),
            service.autoscaling.up.delay.value
        );
        let finding = report.at(service.update().surge.place(), message);
        let finding = finding.label(signal.place(), "an average over all replicas, old and new");
        let release = if exact && !tolerates {
            ", or `version: \"1.35\"` where that or a later one runs, with a tolerance of 0"
        } else {
            ""
        };
        report.push(finding.help(format!(
            "write `update: {{ surge: 0, unavailable: 1 }}`, or `autoscaler: keda`, whose votes hold the number{release}"
        )));
    }
}
