//! A value its field cannot hold. The schema module and the model find most; this file checks what one field forbids another.

use super::{Context, Group, Meta, Report};
use crate::model::{Kind, ServiceField};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "invalid-value",
    severity: Severity::Error,
    group: Group::Shape,
    suppressible: false,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services().filter(|service| service.kind.value == Kind::Stateless) {
        let (Some(first), false) = (service.volumes.first(), service.broken.has(ServiceField::Kind)) else { continue };
        let count = service.volumes.len();
        let volumes = if count == 1 { "a volume".to_owned() } else { format!("{count} volumes") };
        let default = if service.kind.written { "" } else { " (the default kind)" };
        let finding = report
            .at(first.at.place(), format!("{volumes} of its own for a stateless service{default}"))
            .label(service.kind.place(), "stateless: a replica keeps nothing")
            .help("write `kind: stateful` or `kind: singleton`, or remove `volumes`");
        report.push(finding);
    }
}
