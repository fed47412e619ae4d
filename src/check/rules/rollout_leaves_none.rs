//! A rollout that may stop every replica of what the world calls. Looks at specs and manifests.

use super::{Context, Group, Meta, Report};
use crate::inputs::kubernetes::{ManifestSet, WorkloadKind, WorkloadLinks};
use crate::model::{Kind, Service, ServiceField, Strategy};
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;
use crate::support::source::FieldSpan;

pub(super) const META: Meta = Meta {
    id: "rollout-leaves-none",
    severity: Severity::Warning,
    group: Group::Disruption,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(set) = context.manifests() else { return specs(context, report) };
    let running = context.running(set);
    for (index, (workload, links)) in set.workloads.iter().zip(&set.links).enumerate() {
        let strategy = &workload.strategy;
        let written = strategy.unavailable.written || strategy.surge.written;
        let patched = set.changes_field(&workload.object, workload.file, &["spec.strategy"]);
        if workload.kind != WorkloadKind::Deployment || workload.patch || !strategy.rolling || !written || patched {
            continue;
        }
        let (Some((least, _)), Some((exposed, how))) = (running.of(index), exposed(set, links)) else { continue };
        let (_, unavailable) = strategy.at_once(least.value);
        if least.value == 0 || unavailable < least.value {
            continue;
        }
        let count = match (least.written, strategy.unavailable.written) {
            (true, _) => plural(least.value, "replica"),
            (false, _) => "1 replica, the default,".to_owned(),
        };
        let amount = strategy.unavailable.value;
        let message = if strategy.unavailable.written {
            format!(
                "maxUnavailable {amount} of {count} = {unavailable}: a rollout may stop all of `{}` at once",
                workload.object.name
            )
        } else {
            format!(
                "with maxSurge 0 one of {count} stops before a new one starts: a rollout leaves none of `{}`",
                workload.object.name
            )
        };
        let place = if strategy.unavailable.written { strategy.unavailable.place() } else { strategy.surge.place() };
        let finding = report
            .at(place, message)
            .label(least.place(), count.trim_end_matches(',').to_owned())
            .label(exposed.place(), how)
            .help("write `maxUnavailable: 0` with `maxSurge: 1`, or run more replicas");
        report.push(finding);
    }
}

/// What leads to a workload from outside.
fn exposed(set: &ManifestSet, links: &WorkloadLinks) -> Option<(FieldSpan, String)> {
    let route = links.routes.iter().find_map(|index| set.routes.get(*index));
    if let Some(route) = route {
        return Some((route.at, format!("{}/{} leads to it", route.object.kind, route.object.name)));
    }
    let mut services = links.services.iter().filter_map(|index| set.services.get(*index));
    let public = services.find(|service| service.is_public())?;
    Some((public.kind_at, format!("Service/{} is a {}", public.object.name, public.kind)))
}

/// Services of a spec. A StatefulSet replaces one after the other, and a singleton without surge says that it stops.
fn specs(context: &Context<'_>, report: &mut Report) {
    let unread = [ServiceField::Expose, ServiceField::Update, ServiceField::Replicas, ServiceField::Kind];
    let read = |service: &&Service| !unread.iter().any(|part| service.broken.has(*part));
    for service in context.spec.services().filter(read) {
        let Some(expose) = service.expose.as_deref() else { continue };
        let (update, least) = (&service.update(), service.replicas.min);
        let rolling = update.strategy.value == Strategy::Rolling && service.kind.value == Kind::Stateless;
        if !rolling || least.value == 0 {
            continue;
        }
        let count = match least.written {
            true => plural(least.value, "replica"),
            false => "1 replica, the default,".to_owned(),
        };
        let (place, message) = match update.unavailable {
            Some(unavailable) if unavailable.value.down(least.value) >= least.value => {
                let gone = unavailable.value.down(least.value);
                let message = format!(
                    "unavailable {} of {count} = {gone}: a rollout may stop all of `{}` at once",
                    unavailable.value, service.name
                );
                (unavailable.place(), message)
            }
            // without surge one must go first, whoever rolls
            None if least.value == 1 && update.surge.written && service.surge(1) == 0 => {
                let message = format!(
                    "with surge 0 one of {count} stops before a new one starts: a rollout leaves none of `{}`",
                    service.name
                );
                (update.surge.place(), message)
            }
            _ => continue,
        };
        let finding = report.at(place, message).label(expose.at.key(), "it is called from outside");
        report.push(finding.help("write `update: { surge: 1, unavailable: 0 }`, or run more replicas"));
    }
}
