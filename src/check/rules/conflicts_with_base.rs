//! Settings of a compose file that compose or its engine refuses beside what is laid over them.

use super::{Context, Group, Meta, Report};
use crate::inputs::base::BaseMember;
use crate::inputs::compose::memory_text;
use crate::model::quantity::{Memory, Unit};
use crate::model::{ServiceField, Val};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "conflicts-with-base",
    severity: Severity::Error,
    group: Group::Base,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(base) = context.base else { return };
    let limited = context.spec.limit_resources.value;
    for service in context.spec.services() {
        let Some(member) = base.service(&service.name) else { continue };
        let limit = service.resources.limits.memory.filter(|_| limited && !service.broken.has(ServiceField::Resources));
        swap(report, &base.name, member, limit);
        styles(report, &base.name, member);
    }
    for backing in context.spec.backing.iter().filter(|backing| backing.external.is_none()) {
        let Some(member) = base.service(&backing.name) else { continue };
        swap(report, &base.name, member, backing.memory.filter(|_| limited));
        styles(report, &base.name, member);
    }
}

/// Memory and swap together are at least the memory.
fn swap(report: &mut Report, path: &str, member: &BaseMember, limit: Option<Val<Memory>>) {
    let both = member.facts.memory_and_swap.as_ref().and_then(|both| Some((both.value?, both.place())));
    let (Some(limit), Some((bytes, place))) = (limit, both) else { return };
    if limit.value.bytes <= bytes {
        return;
    }
    let text = Memory { bytes, unit: Unit::Binary };
    let message =
        format!("memory limit {} is above `memswap_limit` {text} of {path}: the engine refuses it", limit.value);
    let most = if limit.is_of_spec() { text.to_string() } else { memory_text(text) };
    let raised = memory_text(limit.value);
    let finding = report
        .at(limit.place(), message)
        .label(place, "memory and swap together")
        .help(format!("limit at most {most}, or write `memswap_limit: {raised}` at `{}` in {path}", member.name))
        .rank(i128::from(limit.value.bytes - bytes));
    report.push(finding);
}

/// One amount in both styles, with two values.
fn styles(report: &mut Report, path: &str, member: &BaseMember) {
    for twice in member.amounts_in_two_styles() {
        let key = format!("deploy.{}", twice.key);
        let what = match &twice.newer {
            Some(text) => format!("`{key}: {text}`"),
            None => format!("`{key}` without a value"),
        };
        let (older, amount) = (twice.older_key, &twice.older);
        let (label, help) = match &twice.newer {
            Some(_) => ("the same amount again", format!("remove one of the two from `{}` in {path}", member.name)),
            // the mapping stays because of its other keys
            None => ("this says nothing of it", format!("write `{key}: {amount}` in place of `{older}: {amount}`")),
        };
        let finding = report
            .at(twice.older_at.place(), format!("compose refuses `{older}: {amount}` beside {what}"))
            .label(twice.newer_at.place(), label)
            .help(help);
        report.push(finding);
    }
}
