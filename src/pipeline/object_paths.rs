//! Paths of places in manifests: an object is identified by its kind and name, never by its number in a stream. Knows no rule.

use crate::inputs::InputFile;
use crate::inputs::kubernetes::{Manifest, manifests_of};
use crate::support::pointer;
use crate::support::source::{FileId, Span};
use crate::syntax::Paths;
use std::sync::Arc;

/// The objects of one file by their bytes.
pub(super) struct ObjectPaths {
    /// Bytes, name and path finder of each object, in the order of the text.
    objects: Vec<(Span, Arc<str>, Paths)>,
}

impl ObjectPaths {
    pub(super) fn of(id: FileId, file: &InputFile) -> ObjectPaths {
        let object_path = |manifest: &Manifest| {
            let object = manifest.object();
            let parts = [&object.kind, &object.namespace, &object.name];
            let parts: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            (manifest.root.span, parts.join("/").into(), Paths::new(std::rc::Rc::clone(&manifest.root)))
        };
        let mut objects: Vec<_> = manifests_of(id, file).iter().map(object_path).collect();
        objects.sort_by_key(|(span, ..)| *span);
        ObjectPaths { objects }
    }

    /// The path of a place: the object as one part, `/Deployment~1shop~1web/spec/replicas`. Empty outside of objects.
    pub(super) fn path(&mut self, span: Span) -> String {
        let Some((_, name, paths)) = self.document_around(span) else { return String::new() };
        format!("/{}{}", pointer::part(name), paths.of(span))
    }

    /// The object that a place is in: `Deployment/shop/web`.
    pub(super) fn object(&mut self, span: Span) -> Option<Arc<str>> {
        self.document_around(span).map(|(_, name, _)| Arc::clone(name))
    }

    fn document_around(&mut self, span: Span) -> Option<&mut (Span, Arc<str>, Paths)> {
        let after = self.objects.partition_point(|(own, ..)| own.start <= span.start);
        let found = after.checked_sub(1).and_then(|index| self.objects.get_mut(index));
        found.filter(|(own, ..)| own.contains(span))
    }
}
