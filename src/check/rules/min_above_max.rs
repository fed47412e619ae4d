//! `min` above `max`. Knows only the bounds of the base; windows have their own rule.

use super::{Context, Group, Meta, Report};
use crate::model::{ServiceField, Val};
use crate::support::diagnostic::{SPEC, Severity};

pub(super) const META: Meta = Meta {
    id: "min-above-max",
    severity: Severity::Error,
    group: Group::Replicas,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    // an autoscaler of a manifest is at fault whether or not its target is there
    let set = context.base_manifests();
    for (set, autoscaler) in set.into_iter().flat_map(|set| set.autoscalers.iter().map(move |one| (set, one))) {
        if let (Some(min), Some(max)) = (autoscaler.min, autoscaler.max) {
            let paths: [&str; 2] = autoscaler.kind.bound_paths().into();
            if set.changes_field(&autoscaler.object, autoscaler.file, &paths) {
                continue;
            }
            let (least, most) = autoscaler.kind.bound_fields();
            bounds(report, (set.key(least), set.key(most)), min, max);
        }
    }
    for service in context.spec.services() {
        let (min, max) = (service.replicas.min, service.replicas.max);
        if service.broken.has(ServiceField::Replicas) || min.value <= max.value {
            continue;
        }
        // the bounds of a manifest are those of an autoscaler, which was reported above
        if context.base_manifests().is_some() && (context.foreign || min.at.file != SPEC) {
            continue;
        }
        // both are written: unset bounds are 1 and 1, and a single unset one has its own finding
        bounds(report, ("min", "max"), min, max);
    }
}

fn bounds(report: &mut Report, (least, most): (&str, &str), min: Val<u32>, max: Val<u32>) {
    if min.value <= max.value {
        return;
    }
    let finding = report.at(min.at.place(), format!("{least} {} is above {most} {}", min.value, max.value));
    // Convox has both in one text
    if min.at == max.at {
        let help = format!("write the lower number first: `{}-{}`", max.value, min.value);
        report.push(finding.help(help).rank(min.value - max.value));
        return;
    }
    let finding = finding
        .label(max.at.place(), format!("{most} {}", max.value))
        .help(format!("write `{least}: {}` or `{most}: {}`", max.value, min.value))
        .rank(min.value - max.value)
        .swap_values((min.at, min.value), (max.at, max.value));
    report.push(finding);
}
