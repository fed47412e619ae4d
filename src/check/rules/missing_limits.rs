//! No memory limit, in the spec or in the base below it.

use super::{Context, Group, Meta, Report};
use crate::model::ServiceField;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "missing-limits",
    severity: Severity::Warning,
    group: Group::Resources,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    if !context.spec.limit_resources.value {
        return;
    }
    for service in context.spec.services() {
        let not_seen = || {
            let base = context.base.and_then(|base| base.service(&service.name));
            base.is_some_and(|base| base.facts.partial)
        };
        // its targets limit it whatever the spec says
        if context.told.limited.contains(&service.name) {
            continue;
        }
        if service.broken.has(ServiceField::Resources) || service.resources.limits.memory.is_some() || not_seen() {
            continue;
        }
        let help = match service.resources.requests.memory {
            Some(request) => format!("set `resources.limits.memory`, at least the request of {}", request.value),
            None => "set `resources.limits.memory`".to_owned(),
        };
        let message = format!("`{}` has no memory limit: one replica can take all memory of its machine", service.name);
        report.push(report.at(service.at.key(), message).help(help));
    }
}
