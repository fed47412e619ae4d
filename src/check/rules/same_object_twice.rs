//! One object that a file writes twice. Looks at manifests; files of a folder that write one object are a choice.

use super::{Context, Group, Meta, Report};
use crate::inputs::kubernetes::Manifest;
use crate::model::Val;
use crate::support::diagnostic::Severity;
use crate::support::source::FileId;

pub(super) const META: Meta = Meta {
    id: "same-object-twice",
    severity: Severity::Warning,
    group: Group::Shape,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(set) = context.base_manifests() else { return };
    let named = |manifest: &&Manifest| {
        let named = manifest.name.as_ref().is_some_and(|name| !name.value.contains(['$', '{', '<']));
        named && !manifest.live && !manifest.beside_template && !set.is_patch(manifest)
    };
    let mut all: Vec<(usize, &Manifest)> = set.manifests.iter().filter(named).enumerate().collect();
    // equal ones are next to each other, in their order
    all.sort_by(|(_, one), (_, other)| called(one).cmp(&called(other)));
    let same = all.chunk_by(|(_, one), (_, other)| called(one) == called(other));
    let again =
        same.filter_map(<[_]>::split_first).flat_map(|(first, again)| again.iter().map(move |one| (one, first.1)));
    let mut again: Vec<_> = again.collect();
    again.sort_by_key(|((index, _), _)| *index);
    for ((_, manifest), before) in again {
        let object = manifest.object();
        let message = format!(
            "`{}/{}` is written twice in one file: an apply keeps the last, and kustomize refuses both",
            object.kind, object.name
        );
        let finding = report
            .at(manifest.name_at().place(), message)
            .label(before.name_at().place(), "the first")
            .help("take one of them out, or give it another name");
        report.push(finding);
    }
}

/// What tells objects of one file apart. Files with thousands of them are sorted by it: a table of owned names took more than
/// all else that is known of them.
fn called(manifest: &Manifest) -> (FileId, [&str; 4]) {
    let Manifest { file, group, kind, namespace, name, .. } = manifest;
    (*file, [group, kind, text_of(namespace), text_of(name)])
}

fn text_of(text: &Option<Val<String>>) -> &str {
    text.as_ref().map_or("", |text| &text.value)
}
