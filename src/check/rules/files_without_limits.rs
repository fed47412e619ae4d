//! Services of another tool's file without a memory limit: one note a file, or a compose project. Reports only if no spec is laid over the file.

use super::{Context, Group, Meta, Report};
use crate::inputs::ReplicationMode;
use crate::inputs::base::BaseProject;
use crate::model::{Service, ServiceField};
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;
use crate::support::source::FileId;
use std::collections::BTreeMap;

/// The word for the services of a file: the kind of its workloads, if they have one.
fn noun<'a>(base: &'a BaseProject, services: &[(&Service, bool)]) -> &'a str {
    let kind =
        |(service, _): &(&Service, bool)| Some(base.service(&service.name)?.facts.object.as_ref()?.kind.as_str());
    let mut kinds = services.iter().map(kind);
    match kinds.next().flatten() {
        None => "service",
        Some(first) if kinds.all(|kind| kind == Some(first)) => first,
        Some(_) => "workload",
    }
}

pub(super) const META: Meta = Meta {
    id: "files-without-limits",
    severity: Severity::Note,
    group: Group::Resources,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(base) = context.base.filter(|_| context.foreign) else { return };
    // the files of a compose project run together; a set of manifests may be many things
    let of_file = |file: FileId| base.manifests.is_some().then_some(file);
    let mut files: BTreeMap<Option<FileId>, Vec<(&Service, bool)>> = BTreeMap::new();
    for service in context.spec.services() {
        let Some(member) = base.service(&service.name) else { continue };
        // what runs to its end is not a service
        let ends = |mode: &ReplicationMode| matches!(mode, ReplicationMode::Job | ReplicationMode::GlobalJob);
        if member.facts.mode.as_ref().is_some_and(|mode| ends(&mode.value)) {
            continue;
        }
        // a file that only a kustomization of the set includes is reported in the run that is given it
        if base.manifests.as_ref().is_some_and(|set| !set.is_named(service.at.file)) {
            continue;
        }
        // a workload without an image is a patch: the file below it may set the limit
        let seen = member.facts.runnable && !member.facts.partial;
        let written = service.resources.limits.memory.is_some();
        // a limit that is a variable is one
        let limited = written || service.broken.has(ServiceField::Resources);
        if seen || written {
            files.entry(of_file(service.at.file)).or_default().push((service, limited));
        }
    }
    for services in files.values() {
        let mut without: Vec<&Service> =
            services.iter().filter(|(_, limited)| !limited).map(|(service, _)| *service).collect();
        // the file that was named, then what it includes
        without.sort_by_key(|service| service.at.key());
        let Some((first, rest)) = without.split_first() else { continue };
        let have = if without.len() == 1 { "has" } else { "have" };
        let all = plural(services.len(), noun(base, services));
        let message = format!("{} of {all} {have} no memory limit", without.len());
        let finding = report
            .at(first.at.key(), message)
            .help("limit the memory of each: without a limit one replica can take all memory of its machine");
        let finding = finding.labels(rest.iter().map(|service| service.at.key()), "no memory limit");
        report.push(finding);
    }
}
