//! Files that several kustomizations of one build take in: each has objects of its own, with names and namespaces of their own. Knows no
//! object.

use crate::support::source::FileId;
use std::collections::HashMap;
use std::rc::Rc;

/// Which files are the same text, and the way to each from the first kustomization.
#[derive(Debug, Default)]
pub(super) struct FileCopies {
    /// By the file that was read first: itself and its copies.
    families: HashMap<FileId, Vec<FileId>>,
    originals: HashMap<FileId, FileId>,
    ways: HashMap<FileId, Rc<[u32]>>,
}

impl FileCopies {
    /// Notes by which kustomizations a file is taken, by their numbers.
    pub(super) fn note_way(&mut self, file: FileId, way: impl Iterator<Item = u32>) {
        self.ways.entry(file).or_insert_with(|| way.collect());
    }

    /// Notes that a file is another one once more.
    pub(super) fn note_copy(&mut self, original: FileId, copy: FileId) {
        self.families.entry(original).or_insert_with(|| vec![original]).push(copy);
        self.originals.insert(copy, original);
    }

    /// Whether a file was taken more than once.
    pub(super) fn has(&self, file: FileId) -> bool {
        self.families.contains_key(&self.original(file))
    }

    fn original(&self, file: FileId) -> FileId {
        self.originals.get(&file).copied().unwrap_or(file)
    }

    /// Whether a file is not a copy, or of all copies the one that is taken by the most of those kustomizations that take the owner.
    pub(super) fn is_nearest(&self, owner: FileId, other: FileId) -> bool {
        let Some(family) = self.families.get(&self.original(other)) else { return true };
        let way = |file: FileId| self.ways.get(&file).map_or(&[][..], |way| way);
        let shared = |file: FileId| way(owner).iter().zip(way(file)).take_while(|(one, own)| one == own).count();
        family.iter().all(|file| *file == other || shared(*file) < shared(other))
    }
}
