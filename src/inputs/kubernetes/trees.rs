//! Lets the trees of large files go once everything was read from them: they take more than all that they say. Knows no field.

use super::access::entry;
use super::set::ManifestSet;
use crate::inputs::files::{InputFiles, KEPT_TEXT};
use crate::inputs::tree::{map, with_node, with_value};
use crate::syntax::{Node, Value};
use std::rc::Rc;

impl ManifestSet {
    /// Drops the trees of files whose text is read again for paths. What rules still ask of a tree stays: whether an object of a kind
    /// of its own has a `spec`; and everything, where a namespace of the set refuses pods by their fields.
    pub(super) fn let_trees_go(&mut self, files: &mut InputFiles) {
        if self.refuses_pods() {
            return;
        }
        let mut nothing: Option<Rc<Node>> = None;
        for manifest in &mut self.manifests {
            let Some(input) = files.get_mut(manifest.file).filter(|input| input.source.text.len() > KEPT_TEXT) else {
                continue;
            };
            input.documents = Vec::new();
            let nothing = nothing.get_or_insert_with(|| with_value(&manifest.root, Value::Map(Vec::new())));
            let spec = entry(&manifest.root, "spec").filter(|_| manifest.is_custom());
            let spec = spec.map(|spec| map(&manifest.root, vec![with_node(spec, Rc::clone(nothing))]));
            manifest.root = spec.unwrap_or_else(|| Rc::clone(nothing));
        }
    }
}
