//! A shared secret that is also written out in `env`. Never prints it.

use super::{Context, Group, Meta, Report};
use crate::support::diagnostic::Severity;
use std::collections::HashMap;

pub(super) const META: Meta = Meta {
    id: "shared-secret-inline",
    severity: Severity::Error,
    group: Group::Secrets,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services() {
        let shared: HashMap<&str, _> =
            service.shared_secrets.iter().map(|name| (name.value.as_str(), name.place())).collect();
        for variable in service.env.iter().filter(|variable| variable.value.value.is_literal()) {
            let Some(place) = shared.get(variable.name.as_str()) else { continue };
            let name = &variable.name;
            let finding = report
                .at(variable.value.place(), format!("`{name}` is a shared secret, but its value is in `env`"))
                .label(*place, "named as a shared secret")
                .help(format!("remove `{name}` from `env`: targets ask for it where the service runs"))
                .secret(variable.value.at.value);
            report.push(finding);
        }
    }
}
