//! Reading the folder with templates of the user's own. The library decides which of them can be used.

use super::{read, sandbox_process};
use scalegen::support::source::{FileSpan, Source};
use scalegen::targets::{self, LoadedTemplates};
use std::fs;
use std::path::{Path, PathBuf};

/// Reads every `.j2` file one folder down. `name` is what the folder is called in reports, `at` is
/// where it is named; `read` takes the paths.
///
/// # Errors
/// Why the folder, or a file in it, cannot be read.
pub fn read(folder: &Path, name: &str, at: FileSpan, read: &mut Vec<PathBuf>) -> Result<LoadedTemplates, String> {
    let mut files = Vec::new();
    let mut take = |below, path: PathBuf| {
        take(below, &path, name, &mut files)?;
        read.extend(path.extension().is_some_and(|end| end == "j2").then_some(path));
        Ok::<_, String>(())
    };
    for (below, path) in entries(folder)? {
        if !path.is_dir() {
            take(below, path)?;
        } else if !below.starts_with('.') {
            for (file, path) in entries(&path)? {
                take(format!("{below}/{file}"), path)?;
            }
        }
    }
    Ok(targets::load(files, at, sandbox_process::run))
}

/// The entries of a folder with their names, sorted.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let entries = fs::read_dir(folder).map_err(|error| read::io_error_text(&error))?;
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| read::io_error_text(&error))?;
        found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    found.sort();
    Ok(found)
}

fn take(below: String, path: &Path, name: &str, files: &mut Vec<(String, Source)>) -> Result<(), String> {
    if !below.ends_with(".j2") {
        return Ok(());
    }
    let bytes = read::file(path).map_err(|why| format!("{below}: {why}"))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{below}: it is not UTF-8 text"))?;
    files.push((below.clone(), Source::new(format!("{name}/{below}"), text)));
    Ok(())
}
