//! Where values of services come from once all files are merged. Knows no key by name.

use crate::inputs::files::InputFiles;
use crate::support::source::{FileSpan, Span};
use crate::syntax::{Entry, Node};
use std::collections::HashMap;
use std::rc::Rc;

/// The services of a merged project by name.
pub(super) struct MergedServices<'p>(HashMap<&'p str, &'p Node>);

impl<'p> MergedServices<'p> {
    pub(super) fn of(services: impl Iterator<Item = &'p Entry>) -> MergedServices<'p> {
        MergedServices(services.map(|entry| (&*entry.key, &*entry.node)).collect())
    }

    /// Whether a value is gone: its key has values from elsewhere, and not this one any more. Where a form without places took its
    /// place, that is not known, and it counts as there.
    pub(super) fn replaced(&self, files: &InputFiles, at: FileSpan) -> bool {
        let Some(input) = files.get(at.file) else { return false };
        let written = input.documents.iter().find_map(|root| {
            let service = holder(&root.get("services")?.node, at.span)?;
            Some((service, holder(&service.node, at.span)?))
        });
        let Some((service, key)) = written else { return false };
        let Some(merged) = self.0.get(&*service.key).and_then(|service| service.get(&key.key)) else { return false };
        let (mut is_there, mut has_others) = (false, false);
        let mut next = vec![&merged.node];
        while let Some(node) = next.pop() {
            let here = node.file == at.file;
            // a mapping around it may be there still
            let is_leaf = node.entries().is_empty() && node.items().is_empty();
            is_there |= here && (node.span == at.span || is_leaf && meets(node.span, at.span));
            has_others |= !here || !holds(key.node.span, node.span);
            next.extend(node.entries().iter().map(|entry| &entry.node));
            next.extend(node.items());
        }
        has_others && !is_there
    }
}

/// The entry whose value holds a place.
fn holder(node: &Rc<Node>, span: Span) -> Option<&Entry> {
    node.entries().iter().find(|entry| holds(entry.node.span, span))
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn meets(a: Span, b: Span) -> bool {
    a.start < b.end && b.start < a.end
}
