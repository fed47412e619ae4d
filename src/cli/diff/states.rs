//! The states of specs that are compared, and which spec here is which one at the commit. Compares lines, no numbers.

use crate::cli::git::GitTree;
use crate::cli::{Failure, read};
use scalegen::change::diff::Side;
use scalegen::change::diff::pairs;
use scalegen::inputs::InputFormat;
use scalegen::{CheckOptions, Files, foreign_format};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One state of one spec.
pub struct TreeState<'a> {
    pub name: &'a str,
    pub bytes: Vec<u8>,
    pub files: Box<dyn Files + 'a>,
}

impl TreeState<'_> {
    /// The format of a file of another tool; `None` for a spec.
    pub fn format(&self) -> Option<InputFormat> {
        foreign_format(self.name, &self.bytes, &*self.files).map(|format| format.format)
    }
}

/// One side of a comparison under a name.
pub fn side<'s>(name: &'s str, state: &'s Option<TreeState<'_>>, wanted: &'s CheckOptions) -> Option<Side<'s>> {
    state.as_ref().map(|state| Side::of(name, &state.bytes, &*state.files, wanted))
}

/// One spec by its path at the commit, from the top, and its path here.
pub struct Both {
    pub old: Option<String>,
    pub new: Option<PathBuf>,
    /// Whether it was at another path of the repository at the commit.
    pub renamed: bool,
}

/// Joins a spec that was added with one that was removed if most of their lines are the same.
pub fn rename(tree: &GitTree<'_>, gone: &[&str], found: &mut BTreeMap<String, Both>) -> Result<(), Failure> {
    let came: Vec<(String, PathBuf)> = found
        .iter()
        .filter(|(_, spec)| spec.old.is_none())
        .filter_map(|(inside, spec)| Some((inside.clone(), spec.new.clone()?)))
        .collect();
    if came.is_empty() || gone.is_empty() {
        return Ok(());
    }
    let old: Result<Vec<Vec<u8>>, String> = gone.iter().map(|file| Ok(tree.read(file)?.unwrap_or_default())).collect();
    let old = old.map_err(Failure)?;
    // one that cannot be read matches no other, and is reported later
    let new: Vec<Vec<u8>> = came.iter().map(|(_, path)| read::file(path).unwrap_or_default()).collect();
    let old: Vec<&[u8]> = old.iter().map(Vec::as_slice).collect();
    let new: Vec<&[u8]> = new.iter().map(Vec::as_slice).collect();
    for (from, to) in pairs(&old, &new) {
        let (Some(from), Some((to, _))) = (gone.get(from), came.get(to)) else { continue };
        found.remove(*from);
        if let Some(spec) = found.get_mut(to) {
            (spec.old, spec.renamed) = (Some((*from).to_owned()), true);
        }
    }
    Ok(())
}
