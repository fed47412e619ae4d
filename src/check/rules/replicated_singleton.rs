//! More than one replica, or a range, of a service that may run once. Knows bounds, not what a target makes of them.

use super::{Context, Group, Meta, Report};
use crate::inputs::kubernetes::SeldonRuntime;
use crate::model::{Kind, ServiceField};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "replicated-singleton",
    severity: Severity::Error,
    group: Group::Replicas,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for runtime in context.manifests().map_or(&[][..], |set| &set.runtimes) {
        scheduler(runtime, report);
    }
    let singletons = context.spec.services().filter(|service| service.kind.value == Kind::Singleton);
    for service in singletons.filter(|service| !service.broken.has(ServiceField::Kind)) {
        for range in service.ranges() {
            let (min, max) = (range.min, range.max);
            let unread = range.window.is_none() && service.broken.has(ServiceField::Replicas);
            // swapped within 0 and 1 is a fault of its own, with its own rule
            if unread || (max.value <= 1 && min.value >= max.value) {
                continue;
            }
            let field = if range.window.is_none() { service.replicas.at } else { max.at };
            let place = if max.value > 1 { max.place() } else { field.place() };
            let number = match min.value < max.value {
                true => format!("a range of {} to {} replicas", min.value, max.value),
                false => format!("{} replicas", max.value),
            };
            let when = range.window.map_or_else(String::new, |window| format!(" in {}", window.label()));
            // in files of other tools nobody wrote the kind
            let help = match service.kind.is_of_spec() {
                true => "write `replicas: 1`, or another `kind` if several may run side by side",
                false => "write `replicas: 1`",
            };
            let finding = report
                .at(place, format!("a singleton with {number}{when}"))
                .label(service.kind.place(), "a singleton runs at most once")
                .help(help)
                .rank(max.value);
            report.push(finding);
        }
    }
}

/// Seldon's scheduler keeps its state in a database on one volume; neither its CustomResourceDefinition nor its operator bounds it.
fn scheduler(runtime: &SeldonRuntime, report: &mut Report) {
    for (name, replicas) in &runtime.overrides {
        let Some(replicas) = replicas.filter(|replicas| replicas.value > 1 && name.value == "seldon-scheduler") else {
            continue;
        };
        let finding = report
            .at(replicas.place(), format!("a singleton with {} replicas", replicas.value))
            .label(name.place(), "the scheduler keeps its state on one volume")
            .help("write `replicas: 1`")
            .rank(replicas.value);
        report.push(finding);
    }
}
