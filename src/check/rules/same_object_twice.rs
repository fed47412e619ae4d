//! One object that a file writes twice. Looks at manifests; files of a folder that write one object are a choice.

use super::{Context, Group, Meta, Report};
use crate::inputs::ObjectName;
use crate::inputs::kubernetes::Manifest;
use crate::support::diagnostic::Severity;
use crate::support::source::FileId;
use std::collections::HashMap;

pub(super) const META: Meta = Meta {
    id: "same-object-twice",
    severity: Severity::Warning,
    group: Group::Shape,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(set) = context.base_manifests() else { return };
    let mut first: HashMap<(FileId, ObjectName), &Manifest> = HashMap::new();
    for manifest in &set.manifests {
        let named = manifest.name.as_ref().is_some_and(|name| !name.value.contains(['$', '{', '<']));
        if !named || manifest.live || set.is_patch(manifest) {
            continue;
        }
        let object = manifest.object();
        let name = format!("{}/{}", object.kind, object.name);
        let Some(before) = first.get(&(manifest.file, object.clone())) else {
            first.insert((manifest.file, object), manifest);
            continue;
        };
        let message =
            format!("`{name}` is written twice in one file: an apply keeps the last, and kustomize refuses both");
        let finding = report
            .at(manifest.name_at().place(), message)
            .label(before.name_at().place(), "the first")
            .help("take one of them out, or give it another name");
        report.push(finding);
    }
}
