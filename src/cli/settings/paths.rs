//! Paths as settings name them and as reports show them.

use std::path::{Component, Path, PathBuf};

/// A path from the root of the file system, without `.` and `..`; `here` is where it starts if it is relative.
pub(super) fn whole(here: &Path, path: &Path) -> PathBuf {
    let path: PathBuf = here.join(path).components().collect();
    if !path.components().any(|part| part == Component::ParentDir) {
        return path;
    }
    // where `..` leads is up to the file system
    let name = path.file_name().map(PathBuf::from);
    match (path.parent().map(Path::canonicalize), name) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => path.canonicalize().unwrap_or(path),
    }
}

/// A path as reports and patterns have it.
pub(super) fn slashes(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

/// The way from a folder to a file, both from the root.
pub(super) fn relative(folder: &Path, file: &Path) -> PathBuf {
    let common = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    up.chain(file.components().skip(common)).collect()
}
