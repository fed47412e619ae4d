//! What the override takes from a base service because several replicas cannot share it. Reads the base's facts.

use super::{Context, Group, Meta, Replicated, Report};
use crate::support::diagnostic::Severity;
use crate::support::source::FileSpan;

pub(super) const META: Meta = Meta {
    id: "fixed-address-reset",
    severity: Severity::Warning,
    group: Group::Network,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for replicated in context
        .replicated_on_machines()
        .iter()
        .filter(|replicated| replicated.changed && !context.in_swarm(replicated.base))
    {
        let gone = removed_values(replicated);
        if gone.is_empty() {
            continue;
        }
        let texts: Vec<&str> = gone.iter().map(|(text, _)| text.as_str()).collect();
        let (replicas, path) = (replicated.replicas, &replicated.base.name);
        let them = if gone.len() == 1 { "it" } else { "them" };
        let message =
            format!("{replicas} replicas cannot share {} of {path}: the override lets {them} go", texts.join(", "));
        let help = format!("name the service `{}` where {them} is used, or run one replica", replicated.member.name);
        let mut finding = report.at(replicated.place, message).help(help.replace("them is", "they are")).rank(replicas);
        for (text, place) in gone {
            finding = finding.label(place, format!("{text} goes"));
        }
        report.push(finding);
    }
}

/// What the override removes, with its place.
fn removed_values(replicated: &Replicated<'_>) -> Vec<(String, FileSpan)> {
    let facts = &replicated.member.facts;
    let named = |text: Option<&str>| {
        text.is_some_and(|text| replicated.base.named_elsewhere(replicated.member, text).is_some())
    };
    let mut gone = Vec::new();
    for (key, value) in [("container_name", &facts.container_name), ("hostname", &facts.hostname)] {
        let Some(value) = value else { continue };
        let text = value.value.as_deref();
        if key == "hostname" || !named(text) {
            let shown = text.map_or_else(|| "${…}".to_owned(), |text| text.escape_debug().to_string());
            gone.push((format!("`{key}: {shown}`"), value.place()));
        }
    }
    for address in facts.addresses.iter().filter(|address| !named(address.address.as_deref())) {
        let shown =
            address.address.as_deref().map_or_else(|| "${…}".to_owned(), |text| text.escape_debug().to_string());
        gone.push((format!("the address {shown}"), address.at.place()));
    }
    gone
}
