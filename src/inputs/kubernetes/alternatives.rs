//! Files of a folder that define one object twice: they are not applied together. Knows objects by their names, and no link.
//!
//! Such a file may be applied with files that define nothing twice. With another such file only where both are beside a third that has
//! objects of both, and so are its parts: which variants of two different objects belong together is not known.

use super::documents::Manifest;
use crate::inputs::facts::ObjectName;
use crate::support::source::{FieldSpan, FileId};
use std::collections::{BTreeSet, HashMap, HashSet};

/// The most files of one object that are remembered as possible wholes of others.
const MOST_WHOLES: usize = 8;

/// Which files of a set are alternatives.
#[derive(Debug, Default)]
pub(super) struct Alternatives {
    /// The objects that several files define, by number, of each such file in order.
    objects: HashMap<FileId, Vec<u32>>,
    /// Of each such file those that define one of its objects and others.
    wholes: HashMap<FileId, BTreeSet<FileId>>,
}

impl Alternatives {
    /// The alternatives among the files of these objects, told apart by their identity; patches define none.
    pub(super) fn of(
        manifests: &[Manifest],
        patches: &HashSet<(FileId, FieldSpan)>,
        identity: &dyn Fn(&Manifest) -> ObjectName,
    ) -> Alternatives {
        let mut files: HashMap<ObjectName, BTreeSet<FileId>> = HashMap::new();
        for manifest in manifests {
            if manifest.name.is_some() && !patches.contains(&(manifest.file, manifest.name_at())) {
                files.entry(identity(manifest)).or_default().insert(manifest.file);
            }
        }
        let several: Vec<&BTreeSet<FileId>> = files.values().filter(|files| files.len() > 1).collect();
        let mut all = Alternatives::default();
        for (number, files) in (0..).zip(&several) {
            for file in *files {
                all.objects.entry(*file).or_default().push(number);
            }
        }
        for files in several {
            let is_whole = |file: &&FileId| all.objects.get(*file).is_some_and(|own| own.len() > 1);
            let wholes: Vec<FileId> = files.iter().filter(is_whole).take(MOST_WHOLES).copied().collect();
            for file in files.iter().filter(|_| !wholes.is_empty()) {
                all.wholes.entry(*file).or_default().extend(&wholes);
            }
        }
        all
    }

    /// Whether two files are not applied together.
    pub(super) fn are(&self, one: FileId, other: FileId) -> bool {
        let (Some(own), Some(others)) = (self.objects.get(&one), self.objects.get(&other)) else { return false };
        let (few, many) = if own.len() < others.len() { (own, others) } else { (others, own) };
        if few.iter().any(|number| many.binary_search(number).is_ok()) {
            return true;
        }
        let (Some(own), Some(others)) = (self.wholes.get(&one), self.wholes.get(&other)) else { return true };
        own.is_disjoint(others)
    }
}
