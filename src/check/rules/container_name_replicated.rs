//! A fixed container name under several replicas that no override takes away. Reads the base's facts.

use super::{Context, Group, Meta, Report};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "container-name-replicated",
    severity: Severity::Error,
    group: Group::Network,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for replicated in context.replicated_on_machines() {
        if context.in_swarm(replicated.base) {
            continue;
        }
        let Some(name) = &replicated.member.facts.container_name else { continue };
        let text = name.value.as_deref();
        let elsewhere = text.and_then(|text| replicated.base.named_elsewhere(replicated.member, text));
        if replicated.changed && elsewhere.is_none() {
            continue;
        }
        let (replicas, path) = (replicated.replicas, &replicated.base.name);
        let shown = text.map_or_else(|| "one name".to_owned(), |text| format!("`{}`", text.escape_debug()));
        // of several files the label shows the one
        let place = if replicated.base.layer.files.len() > 1 { String::new() } else { format!(" in {path}") };
        let help = format!("remove `container_name` from `{}`{place}", replicated.member.name);
        let help = match elsewhere {
            Some(_) => format!("{help}, and name the service where the container is named"),
            None => help,
        };
        let finding = report
            .at(replicated.place, format!("{replicas} replicas cannot all be the container {shown}"))
            .label(name.place(), "one name for one container")
            .help(help)
            .rank(replicas);
        let finding = if elsewhere.is_none() { finding.fix_without(name.at) } else { finding };
        let named =
            |at: crate::support::source::FieldSpan| finding.clone().label(at.place(), "another service names it here");
        let finding = elsewhere.map_or_else(|| finding.clone(), named);
        report.push(finding);
    }
}
