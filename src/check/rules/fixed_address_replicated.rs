//! A static address under several replicas that no override takes away. Reads the base's facts.

use super::{Context, Group, Meta, Report};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "fixed-address-replicated",
    severity: Severity::Error,
    group: Group::Network,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for replicated in context.replicated_on_machines() {
        for address in &replicated.member.facts.addresses {
            let text = address.address.as_deref();
            let elsewhere = text.and_then(|text| replicated.base.named_elsewhere(replicated.member, text));
            if replicated.changed && elsewhere.is_none() {
                continue;
            }
            let shown =
                text.map_or_else(|| "one address".to_owned(), |text| format!("the address {}", text.escape_debug()));
            let (replicas, path) = (replicated.replicas, &replicated.base.name);
            let message = format!("{replicas} replicas cannot all have {shown} of {path}");
            let mut finding = report
                .at(replicated.place, message)
                .label(address.at.place(), "an address for one container")
                .help(format!("take the address out of `{}` in {path}, or run one replica", replicated.member.name))
                .rank(replicas);
            if let Some(at) = elsewhere {
                finding = finding.label(at.place(), "another service names it here");
            }
            report.push(finding);
        }
    }
}
