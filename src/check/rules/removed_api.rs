//! An API version that the cluster does not serve. Looks at every object, whatever its kind.

use super::{Context, Group, Meta, Report};
use crate::inputs::kubernetes::removed::removed;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "removed-api",
    severity: Severity::Warning,
    group: Group::Shape,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(set) = context.base_manifests() else { return };
    // the newest release counts if none is named
    let release = context.target_facts.cluster.and_then(|cluster| cluster.release);
    for (_, manifest) in set.manifests.iter().enumerate().filter(|(index, _)| !set.unused.contains(index)) {
        let Some(row) = removed(&manifest.group, &manifest.version, &manifest.kind) else { continue };
        let (major, minor) = row.release;
        if release.is_some_and(|(own_major, own_minor, _)| (own_major, own_minor) < row.release) {
            continue;
        }
        let written = format!("{}/{}", row.group, row.version);
        let message = format!("`{written}` of {} is not served since Kubernetes {major}.{minor}", manifest.kind);
        let place = manifest.api_version.as_ref().map_or_else(|| manifest.at.place(), |version| version.at.place());
        let finding = report.at(place, message);
        report.push(match row.instead {
            "" => finding.help("nothing takes its place: remove the object"),
            instead => finding.help(format!("write `{instead}`, whose fields may differ")),
        });
    }
}
