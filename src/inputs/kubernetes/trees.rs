//! Lets the trees of large files go once everything was read from them: they take more than all that they say. Knows no field.

use super::access::entry;
use super::set::ManifestSet;
use crate::inputs::files::{InputFiles, KEPT_TEXT};
use crate::inputs::tree::{map, with_node, with_value};
use crate::support::source::FileId;
use crate::syntax::{Node, Value};
use std::collections::HashSet;
use std::rc::Rc;

/// Files whose trees go: what asks for a path in one reads its text again.
#[derive(Debug, Default)]
pub struct LargeFiles {
    files: HashSet<FileId>,
    /// The placeholder of a tree that was let go, one for all.
    nothing: Option<Rc<Node>>,
}

impl LargeFiles {
    /// The large files of a set, of which only workloads keep their trees until they are read as services. If a namespace of the set
    /// refuses pods by their fields, or has a quota, rules ask for fields of objects, and every tree stays.
    pub(super) fn of(set: &mut ManifestSet, files: &mut InputFiles) -> LargeFiles {
        let mut large = LargeFiles::default();
        if set.refuses_pods() || !set.quotas.is_empty() {
            return large;
        }
        for id in set.manifests.iter().map(|manifest| manifest.file) {
            if let Some(input) = files.get_mut(id).filter(|input| input.source.text.len() > KEPT_TEXT) {
                input.documents = Vec::new();
                large.files.insert(id);
            }
        }
        let workloads: HashSet<usize> = set.workloads.iter().map(|workload| workload.manifest).collect();
        (0..set.manifests.len()).filter(|index| !workloads.contains(index)).for_each(|index| large.let_go(set, index));
        large
    }

    /// Drops the tree of an object. What rules still ask of it stays: whether an object of a kind of its own has a `spec`.
    pub(super) fn let_go(&mut self, set: &mut ManifestSet, index: usize) {
        let Some(manifest) = set.manifests.get_mut(index).filter(|manifest| self.files.contains(&manifest.file)) else {
            return;
        };
        let nothing = self.nothing.get_or_insert_with(|| with_value(&manifest.root, Value::Map(Vec::new())));
        let spec = entry(&manifest.root, "spec").filter(|_| manifest.is_custom());
        let spec = spec.map(|spec| map(&manifest.root, vec![with_node(spec, Rc::clone(nothing))]));
        manifest.root = spec.unwrap_or_else(|| Rc::clone(nothing));
    }
}
