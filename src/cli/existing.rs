//! Files that are already in the output folder: whether they are ours, and which of ours are stray. Writes nothing.

use super::bounded::start;
use super::read::{self, io_error_text};
use super::staged;
use super::write::{FileToWrite, WriteResult, inside_known};
use scalegen::targets::MARK;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Refuses to overwrite a file that is not ours: `ours` looks at its first bytes. An empty file, or one that would not
/// change, loses nothing.
pub fn owned(out: &Path, files: &[FileToWrite], ours: impl Fn(&[u8]) -> bool) -> WriteResult<()> {
    let mut foreign: Vec<String> = Vec::new();
    let mut known: Option<PathBuf> = None;
    for file in files {
        let shown = out.join(&file.path);
        // what cannot be written at all is refused with its reason when it is
        let Some(path) = inside_known(out, &file.path, &mut known).ok().filter(|path| path.is_file()) else { continue };
        let start = start(&path, MOST_OF_A_MARK).map_err(|why| format!("cannot read {}: {why}", shown.display()))?;
        if !start.is_empty() && !ours(&start) && read::file(&path).ok().as_deref() != Some(file.text.as_bytes()) {
            foreign.push(shown.display().to_string());
        }
    }
    let [first, more @ ..] = &foreign[..] else { return Ok(()) };
    let (all, them) = match more {
        [] => (first.clone(), "it"),
        more => (format!("{first}, {}", more.join(", ")), "them"),
    };
    Err(format!("scalegen did not write {all}; --force overwrites {them}; nothing was changed"))
}

/// Whether a file begins with the header of files that `render` writes.
pub fn is_rendered(start: &[u8]) -> bool {
    start.starts_with(MARK.as_bytes())
}

/// How many bytes of a file are searched for its mark.
pub const MOST_OF_A_MARK: usize = 256;

/// What is below the output folder beside the wanted files, sorted.
pub struct Existing {
    /// Files that begin with our header.
    pub strays: Vec<PathBuf>,
    /// Temporaries of runs that were killed.
    pub leftovers: Vec<PathBuf>,
}

/// Looks through folders below the output folder; `counts` looks at the first line of a file of ours.
pub fn below(out: &Path, wanted: &[FileToWrite], folders: &[PathBuf], counts: impl Fn(&str) -> bool) -> Existing {
    let mut found = Existing { strays: Vec::new(), leftovers: Vec::new() };
    let wanted: HashSet<&Path> = wanted.iter().map(|wanted| wanted.path.as_path()).collect();
    for folder in folders {
        let whole = out.join(folder);
        found.leftovers.extend(staged::leftovers(&whole));
        let Ok(entries) = fs::read_dir(whole) else { continue };
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            let temporary = entry.file_name().to_str().is_some_and(staged::is_temporary);
            let ours = || {
                let start = start(&entry.path(), MOST_OF_A_MARK).unwrap_or_default();
                is_rendered(&start) && counts(String::from_utf8_lossy(&start).lines().next().unwrap_or_default())
            };
            if is_file && !temporary && !wanted.contains(path.as_path()) && ours() {
                found.strays.push(path);
            }
        }
    }
    found.strays.sort();
    found.strays.dedup();
    found
}

/// Removes one stray.
pub fn remove(path: &Path) -> WriteResult<()> {
    fs::remove_file(path).map_err(|error| format!("cannot remove {}: {}", path.display(), io_error_text(&error)))
}
