//! A shared secret that the base file lets be empty. Reads the base file's facts, never its text.

use super::{Context, Group, Meta, Report};
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
        let empty: HashMap<&str, _> = in_base.empty_defaults.iter().map(|(name, at)| (name.as_str(), *at)).collect();
        for secret in &service.shared_secrets {
            let name = &secret.value;
            let Some(at) = empty.get(name.as_str()) else { continue };
            let message =
                format!("`{name}` is empty in {} while it is not set, and nothing stops the start", base.path);
            let finding = report
                .at(secret.place(), message)
                .label(at.place(), "empty while the variable is not set")
                .help(format!("write `${{{name}:?}}` in {}", base.path));
            report.push(finding);
        }
    }
}
