//! A fixed container name under several replicas. Reads the base file's facts.

use super::{Context, Group, Meta, Report};
use crate::model::Part;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "container-name-replicated",
    severity: Severity::Error,
    group: Group::Network,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(base) = context.base else { return };
    for service in context.spec.services() {
        let replicas = service.fixed();
        let in_base = base.service(&service.name).filter(|_| replicas > 1 && !service.broken.has(Part::Replicas));
        let Some(name) = in_base.and_then(|service| service.container_name.as_ref()) else { continue };
        let message = format!("{replicas} replicas cannot all be the container `{}`", name.value.escape_debug());
        let finding = report
            .at(service.fixed_place(), message)
            .label(name.place(), "one name for one container")
            .help(format!("remove `container_name` from `{}` in {}", service.name, base.path))
            .rank(replicas);
        report.push(finding);
    }
}
