//! A service that the base file lacks and that could not be written without it.

use super::{Context, Group, Meta, Report};
use crate::model::ServiceField;
use crate::support::diagnostic::Severity;
use crate::support::suggest::closest;

pub(super) const META: Meta = Meta {
    id: "unknown-service",
    severity: Severity::Error,
    group: Group::Base,
    suppressible: true,
    check: Some(check),
};

/// Findings that search for the name that was meant; each costs as much as the base file has services.
const MAX_GUESSES: usize = 50;
/// Names that a help lists.
const MAX_NAMES: usize = 8;

fn check(context: &Context<'_>, report: &mut Report) {
    // a file with no services has its own finding; one that includes others may have the service there
    let Some(base) = context.base.filter(|base| !base.services.is_empty() && !base.partial()) else { return };
    let mut guesses = 0;
    for service in context.spec.services() {
        let written = service.image.is_some() || service.broken.has(ServiceField::Image);
        if written || base.service(&service.name).is_some() {
            continue;
        }
        guesses += 1;
        let names = || base.services.iter().map(|service| &*service.name);
        let close = if guesses <= MAX_GUESSES { closest(&service.name, names()) } else { None };
        let help = match close {
            Some(close) => format!("did you mean `{close}`?"),
            None => {
                let some: Vec<String> = names().take(MAX_NAMES).map(|name| format!("`{name}`")).collect();
                let more = if base.services.len() > MAX_NAMES { " and more" } else { "" };
                format!("{} has {}{more}; or give the service an `image`", base.name, some.join(", "))
            }
        };
        let message = format!("`{}` is not in {} and has no `image`", service.name, base.name);
        report.push(report.at(service.at.key(), message).help(help));
    }
}
