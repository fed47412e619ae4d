//! Files as the kustomizations of a build take them: one that two of them take is read once more. Knows no object.

use super::changed_objects::ObjectChange;
use super::documents;
use super::read_set::SetReading;
use crate::inputs::files::{InputFile, InputFormat, MAX_BYTES, Origin, Unread};
use crate::support::source::FileId;

/// The most kustomizations that are followed in one set; from there on each is followed once.
pub(super) const MAX_FOLLOWED: u32 = 2_000;

impl SetReading<'_> {
    /// A file for the kustomization at the end of a way: a copy if another one has taken it.
    pub(super) fn taken_file(&mut self, path: &str, way: impl Iterator<Item = u32>) -> Result<FileId, Unread> {
        let id = self.file(path)?;
        let id = if self.built.contains(&id) { self.copied(id).unwrap_or(id) } else { id };
        self.changes.copies.note_way(id, way);
        Ok(id)
    }

    /// The same file once more; `None` beyond the bounds of a set.
    fn copied(&mut self, id: FileId) -> Option<FileId> {
        let file = self.into.get(id)?;
        if self.is_full() || self.bytes.saturating_add(file.source.text.len()) > MAX_BYTES {
            self.changes.changed.push(ObjectChange::unknown());
            return None;
        }
        self.bytes = self.bytes.saturating_add(file.source.text.len());
        let source = file.source.clone();
        let new = u16::try_from(self.into.all().len()).map(FileId).ok()?;
        let read = documents::read_without_schemas(new, &source);
        let input = InputFile::new(source, InputFormat::KUBERNETES, Origin::Base(0));
        self.into.add(InputFile { documents: read.documents, copy_of: Some(id), ..input });
        self.manifests.extend(read.manifests);
        self.order.push(new);
        if self.changes.named.contains(&id) {
            self.changes.named.insert(new);
        }
        self.changes.copies.note_copy(id, new);
        Some(new)
    }
}
