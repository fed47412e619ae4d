//! A writable volume or folder that several replicas share. Reads the base's facts.

use super::{Context, Group, Meta, Report};
use crate::inputs::base::is_data;
use crate::inputs::images;
use crate::inputs::{Mount, MountKind};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "shared-writable-volume",
    severity: Severity::Note,
    group: Group::Base,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for replicated in context.replicated_together() {
        let image = replicated.service.and_then(|service| images::known_image(&service.image.as_ref()?.value));
        let image = image.or(replicated.member.facts.image);
        let data = |mount: &Mount| image.is_some_and(|image| is_data(image, mount));
        let shared: Vec<&Mount> =
            replicated.member.facts.mounts.iter().filter(|mount| is_shared(mount) && !data(mount)).collect();
        if shared.is_empty() {
            continue;
        }
        let name = |mount: &&Mount| {
            let path = mount.source.as_deref().or(mount.target.as_deref()).unwrap_or("a volume");
            format!("`{}`", path.escape_debug())
        };
        let names: Vec<String> = shared.iter().map(name).collect();
        let (replicas, path) = (replicated.replicas, replicated.base.of_files());
        let message = format!("{replicas} replicas write to {}{path}", names.join(", "));
        let mut finding = report
            .at(replicated.place, message)
            .help(format!(
                "make sure that the program locks what it writes, or mount it with `{}`",
                replicated.base.read_only_words()
            ))
            .rank(replicas);
        for mount in shared {
            finding = finding.label(mount.at.place(), format!("one for all {replicas}"));
        }
        report.push(finding);
    }
}

/// Whether all replicas can write there: a volume with a name, or a folder of the machine. A path whose last part has an ending is
/// taken for a file or a socket.
fn is_shared(mount: &Mount) -> bool {
    let folder = || {
        let last = mount.source.as_deref().and_then(|path| path.trim_end_matches('/').rsplit('/').next());
        last.is_none_or(|last| !last.trim_start_matches('.').contains('.'))
    };
    match mount.kind {
        MountKind::Volume => !mount.read_only,
        MountKind::Bind => !mount.read_only && folder(),
        MountKind::Anonymous | MountKind::Tmpfs | MountKind::Other => false,
    }
}
