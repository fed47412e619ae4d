//! A shared secret that the base lets be empty. Reads the base's facts, never its text.

use super::{Context, Group, Meta, Report};
use crate::inputs::EnvOrigin;
use crate::support::diagnostic::Severity;
use std::collections::HashMap;

pub(super) const META: Meta = Meta {
    id: "shared-secret-empty-default",
    severity: Severity::Warning,
    group: Group::Secrets,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(base) = context.base else { return };
    for service in context.spec.services() {
        let Some(in_base) = base.service(&service.name) else { continue };
        let empty = in_base.facts.variables.iter().filter(|variable| variable.origin == EnvOrigin::EmptyUnlessSet);
        let empty: HashMap<&str, _> = empty.map(|variable| (variable.name.as_str(), variable.at)).collect();
        for secret in &service.shared_secrets {
            let name = &secret.value;
            let Some(at) = empty.get(name.as_str()) else { continue };
            let message =
                format!("`{name}` is empty in {} while it is not set, and nothing stops the start", base.name);
            let finding = report
                .at(secret.place(), message)
                .label(at.place(), "empty while the variable is not set")
                .help(format!("write `${{{name}:?}}` in {}", base.name));
            report.push(finding);
        }
    }
}
