//! No memory limit, in the spec or in the base below it.

use super::{Context, Group, Meta, Report};
use crate::model::{Service, ServiceField};
use crate::support::diagnostic::{Finding, Severity};
use std::borrow::Cow;

pub(super) const META: Meta = Meta {
    id: "missing-limits",
    severity: Severity::Warning,
    group: Group::Resources,
    suppressible: true,
    check: Some(check),
};

/// The services of a base that are reported one by one; more are one finding.
const MOST_SINGLE: usize = 3;

fn check(context: &Context<'_>, report: &mut Report) {
    if !context.spec.limit_resources.value {
        return;
    }
    let mut of_base: Vec<&Service> = Vec::new();
    for service in context.spec.services() {
        let base = context.base.and_then(|base| base.service(&service.name));
        // its targets limit it whatever the spec says
        if context.target_facts.limited.contains(&*service.name) {
            continue;
        }
        if service.broken.has(ServiceField::Resources) || service.resources.limits.memory.is_some() {
            continue;
        }
        match base {
            Some(base) if base.facts.partial => {}
            Some(_) if !service.is_base_only() => of_base.push(service),
            _ => report.push(one(service, report)),
        }
    }
    match of_base.split_first() {
        Some((first, rest)) if rest.len() >= MOST_SINGLE => report.push(many(first, rest, report)),
        _ => of_base.iter().for_each(|service| report.push(one(service, report))),
    }
}

fn one(service: &Service, report: &Report) -> Finding {
    let help = match service.resources.requests.memory {
        Some(request) => format!("set `resources.limits.memory`, at least the request of {}", request.value).into(),
        None => Cow::from("set `resources.limits.memory`"),
    };
    let message = format!("`{}` has no memory limit: one replica can take all memory of its machine", service.name);
    report.at(service.at.key(), message).help(help)
}

/// Services of a base without a limit: one finding at the first, because one habit is their cause.
fn many(first: &Service, rest: &[&Service], report: &Report) -> Finding {
    let count = rest.len() + 1;
    let message = format!("{count} services have no memory limit: one replica can take all memory of its machine");
    let finding = report.at(first.at.key(), message).help("set `resources.limits.memory` of each");
    rest.iter().fold(finding, |finding, service| finding.label(service.at.key(), "no memory limit"))
}
