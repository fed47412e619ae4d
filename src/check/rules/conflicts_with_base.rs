//! Settings of a compose file that compose or its engine refuses beside what is laid over them.

use super::{Context, Group, Meta, Report};
use crate::inputs::compose::base::BaseMember;
use crate::inputs::compose::project::amounts;
use crate::inputs::compose::project::view::OLDER;
use crate::inputs::text::known;
use crate::model::quantity::{Memory, Unit};
use crate::model::{Part, Val};
use crate::support::diagnostic::Severity;
use crate::syntax::{Entry, Node};

pub(super) const META: Meta =
    Meta { id: "conflicts-with-base", severity: Severity::Error, group: Group::Base, check: Some(check) };

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(base) = context.base else { return };
    let limited = context.spec.limit_resources.value;
    for service in context.spec.services() {
        let Some(member) = base.service(&service.name) else { continue };
        let limit = service.resources.limits.memory.filter(|_| limited && !service.broken.has(Part::Resources));
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
    let message = format!("memory limit {} is above `memswap_limit` {text} of {path}: the engine refuses it", limit.value);
    let finding = report
        .at(limit.place(), message)
        .label(place, "memory and swap together")
        .help(format!("limit at most {text}, or raise `memswap_limit` of `{}` in {path}", member.name))
        .worst(i128::from(limit.value.bytes - bytes));
    report.push(finding);
}

/// One amount in two styles with two values.
fn styles(report: &mut Report, path: &str, member: &BaseMember) {
    let node = &*member.project.entry.node;
    for (old, path_under_deploy) in OLDER {
        let Some(older) = node.get(old).filter(|entry| !entry.node.is_null()) else { continue };
        let Some((newer, whole)) = under_deploy(node, path_under_deploy) else { continue };
        let (Some(theirs), Some(text)) = (amount(old, &older.node), known(&older.node)) else { continue };
        // compose takes 0 for a key that is not set, except for `scale`
        if theirs == 0.0 && old != "scale" {
            continue;
        }
        let key = format!("deploy.{}", path_under_deploy.join("."));
        let what = match newer {
            Some(newer) => match (amount(old, &newer.node), known(&newer.node)) {
                (Some(amount), Some(text)) if amount.to_bits() != theirs.to_bits() => format!("`{key}: {text}`"),
                _ => continue,
            },
            None if path_under_deploy.len() > 1 => format!("`{key}` without a value"),
            None => continue,
        };
        let finding = report
            .at(older.at().place(), format!("compose refuses `{old}: {text}` beside {what}"))
            .label(newer.map_or_else(|| whole.at().key(), |newer| newer.at().place()), "the same amount again")
            .help(format!("remove one of the two from `{}` in {path}", member.name));
        report.push(finding);
    }
}

/// The value at a path under `deploy`, and the mapping in which it stands or would.
fn under_deploy<'n>(service: &'n Node, path: &[&str]) -> Option<(Option<&'n Entry>, &'n Entry)> {
    let (last, above) = path.split_last()?;
    let deploy = service.get("deploy")?;
    let map = above.iter().try_fold(deploy, |map, key| map.node.get(key))?;
    Some((map.node.get(last).filter(|entry| !entry.node.is_null()), map))
}

/// The amount in the unit it is compared in; none where it hangs on a variable.
#[expect(clippy::cast_precision_loss, reason = "amounts of memory below 2^53")]
fn amount(old: &str, node: &Node) -> Option<f64> {
    let text = known(node)?;
    match old {
        "mem_limit" | "mem_reservation" => amounts::bytes(text).map(|bytes| bytes as f64),
        _ => amounts::decimal(text),
    }
}
