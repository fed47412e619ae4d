//! Limits that no target gets. Knows no target: `limitResources: false` holds for all of them.

use super::{Context, Group, Meta, Report};
use crate::model::Service;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "limits-not-enforced",
    severity: Severity::Warning,
    group: Group::Resources,
    suppressible: true,
    check: Some(check),
};

/// More labels than a person reads; the message has the number.
const MAX_LABELS: usize = 20;

fn check(context: &Context<'_>, report: &mut Report) {
    let switch = context.spec.limit_resources;
    if switch.value {
        return;
    }
    let written = |service: &&Service| service.resources.limits.at.is_some() && !service.is_base_only();
    let limited: Vec<&Service> = context.spec.services().filter(written).collect();
    let whose = match limited.as_slice() {
        [] => return,
        [one] => format!("the limits of `{}` reach", one.name),
        many => format!("the limits of {} services reach", many.len()),
    };
    let mut finding = report
        .at(switch.place(), format!("limitResources is false: {whose} no target"))
        .help("write `limitResources: true`, or remove the limits")
        .rank(limited.len() as i128);
    for at in limited.iter().take(MAX_LABELS).filter_map(|service| service.resources.limits.at) {
        finding = finding.label(at.key(), "limits that nothing enforces");
    }
    report.push(finding);
}
