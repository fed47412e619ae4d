//! Which files of another tool are checked together with an open one: those of its folder that `lint` takes with it, as they stand
//! in the editor where they are open there.

use super::host::Host;
use super::recognize::{FileKind, recognize};
use crate::inputs::input_meta::InputMeta;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The files of the set that a file is in, itself among them, in the order in which they are read.
pub(super) fn set_around(
    format: &'static InputMeta,
    path: &Path,
    host: &mut dyn Host,
    open: &BTreeMap<PathBuf, String>,
) -> Vec<PathBuf> {
    let alone = vec![path.to_path_buf()];
    let Some(reader) = &format.sets else { return alone };
    let is_one = |file: &Path, text: &str| match recognize(&file.to_string_lossy(), "", text, &|_| None) {
        FileKind::Foreign(own) => own.format == format.format,
        _ => false,
    };
    let mut all: BTreeSet<PathBuf> = host.beside(path, format).into_iter().collect();
    all.retain(|file| open.get(file).is_none_or(|text| is_one(file, text)));
    // a file that is still to be saved
    let new = open.iter().filter(|(file, text)| {
        file.parent() == path.parent() && !all.contains(*file) && !host.exists(file) && is_one(file, text)
    });
    let new: Vec<PathBuf> = new.map(|(file, _)| file.clone()).collect();
    all.extend(new);
    all.insert(path.to_path_buf());
    let all: Vec<PathBuf> = all.into_iter().collect();
    let names: Vec<String> = all.iter().map(|file| file.to_string_lossy().into_owned()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let sets = (reader.sets)(&names).into_iter();
    let mut sets = sets.map(|set| set.iter().filter_map(|index| all.get(*index).cloned()).collect::<Vec<PathBuf>>());
    sets.find(|set| set.iter().any(|file| file == path)).unwrap_or(alone)
}
