//! How this program starts other processes: with an environment from an allow list, and never with a program from the tree
//! that it checks. Knows no program.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Takes every variable of the environment from a command but these: a token that a job holds is nobody else's.
pub fn keep_only(command: &mut Command, names: &[&str]) {
    command.env_clear();
    for name in names {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
}

/// Whether a path is the tree or leads into it, with links followed. A path that is relative counts as inside: what it leads
/// to depends on the current folder.
pub fn is_inside(path: &Path, tree: &Path) -> bool {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    !path.is_absolute() || path.starts_with(tree) || real.starts_with(tree)
}

/// The folders of PATH that a program may be taken from: not the current one, and none of the tree.
pub fn search_path(tree: &Path) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).filter(|folder| !is_inside(folder, tree)).collect()
}

/// A program by its name in the first folder that has it. A link that leads into the tree is skipped.
pub fn find(name: &str, folders: &[PathBuf], tree: &Path) -> Option<PathBuf> {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    folders.iter().map(|folder| folder.join(&name)).find(|file| is_program(file) && !is_inside(file, tree))
}

/// Folders as one value of PATH.
pub fn joined(folders: &[PathBuf]) -> OsString {
    std::env::join_paths(folders).unwrap_or_default()
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}
