//! The states of specs that are compared, and which spec here is which one at the commit. Compares lines, no numbers.

use crate::cli::git::{GitTree, Repository};
use crate::cli::{Failure, complain, read};
use scalegen::Files;
use scalegen::change::diff::pairs;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One state of one spec.
pub struct TreeState<'a> {
    pub name: &'a str,
    pub bytes: Vec<u8>,
    pub files: Box<dyn Files + 'a>,
}

/// One spec by its path at the commit, from the top, and its path here.
pub struct Both {
    pub old: Option<String>,
    pub new: Option<PathBuf>,
    /// Whether it stood at another path of the repository at the commit.
    pub renamed: bool,
}

/// The specs to compare: those below the folders, here or at the commit, and the files that were named; and whether a path gave none.
pub fn specs(repository: &Repository, tree: &GitTree<'_>, paths: &[PathBuf]) -> Result<(Vec<Both>, bool), Failure> {
    let mut failed = false;
    let known: BTreeSet<&str> = tree.files().collect();
    // by the path from the top: named twice is compared once
    let mut found: BTreeMap<String, Both> = BTreeMap::new();
    for path in paths {
        let inside = match repository.own(path) {
            Ok(inside) => inside,
            Err(why) => {
                complain(&why);
                failed = true;
                continue;
            }
        };
        let below = if inside.is_empty() { String::new() } else { format!("{inside}/") };
        let folder = path.is_dir() || (!path.exists() && known.iter().any(|file| file.starts_with(&below)));
        let count = found.len();
        if !folder {
            let old = known.contains(inside.as_str()).then(|| inside.clone());
            let new = path.exists().then(|| path.clone());
            if old.is_none() && new.is_none() {
                complain(&format!("cannot read {}: it is neither here nor at {}", path.display(), tree.name));
                failed = true;
                continue;
            }
            found.insert(inside, Both { old, new, renamed: false });
            continue;
        }
        let read::FoundSpecs { specs, shut, .. } =
            if path.is_dir() { read::specs(path) } else { read::FoundSpecs::default() };
        for why in &shut {
            complain(&format!("cannot search {why}"));
            failed = true;
        }
        for spec in specs {
            let Ok(inside) = repository.own(&spec) else { continue };
            let old = known.contains(inside.as_str()).then(|| inside.clone());
            let spec = spec.strip_prefix("./").map(Path::to_path_buf).unwrap_or(spec);
            found.entry(inside).or_insert(Both { old, new: Some(spec), renamed: false });
        }
        for file in known.iter().filter(|file| file.starts_with(&below) && read::is_spec(file)) {
            // what is there all the same is ignored, or in a repository of its own
            if !repository.top.join(file).exists() {
                let old = Some((*file).to_owned());
                found.entry((*file).to_owned()).or_insert(Both { old, new: None, renamed: false });
            }
        }
        if found.len() == count && shut.is_empty() {
            let (path, name) = (path.display(), &tree.name);
            complain(&format!("no scalegen.yaml or *.scalegen.yaml in {path}, here or at {name}"));
            failed = true;
        }
    }
    let gone = known.iter().copied().filter(|file| read::is_spec(file) && !repository.top.join(file).exists());
    let gone: Vec<&str> = gone.collect();
    rename(tree, &gone, &mut found)?;
    Ok((found.into_values().collect(), failed))
}

/// Joins a spec that came with one that is gone where most of their lines are the same.
fn rename(tree: &GitTree<'_>, gone: &[&str], found: &mut BTreeMap<String, Both>) -> Result<(), Failure> {
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
    // one that cannot be read is like no other, and is said so later
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
