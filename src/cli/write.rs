//! Writing: all files or none. Every file is whole, old or new, whatever happens in between.

use super::read::plain;
use scalegen::targets::MARK;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

/// How the temporaries begin: a killed run leaves some, the next one removes them.
const TEMPORARY: &str = ".scalegen-tmp-";

/// One file to write, relative to the output folder.
pub struct Wanted {
    pub path: PathBuf,
    pub text: String,
}

/// Why nothing was written, or what was.
pub type Outcome<T> = Result<T, String>;

/// Joins a path from a view to the output folder, and refuses one that would leave it.
pub fn inside(out: &Path, path: &Path) -> Outcome<PathBuf> {
    let plain_parts = path.components().all(|part| matches!(part, Component::Normal(_)));
    if !plain_parts || path.as_os_str().is_empty() {
        return Err(format!("`{}` would be outside {}", path.display(), out.display()));
    }
    let whole = out.join(path);
    // a folder that is a link could lead anywhere
    if let (Ok(root), Some(Ok(parent))) = (out.canonicalize(), whole.parent().map(Path::canonicalize))
        && !parent.starts_with(&root)
    {
        return Err(format!("{} is outside {}: a link leads there", parent.display(), out.display()));
    }
    if whole.is_dir() {
        return Err(format!("cannot write {}: it is a folder", whole.display()));
    }
    Ok(whole)
}

/// Writes every file to a temporary and syncs it, then renames all. A failure before the first rename changes nothing.
pub fn all(out: &Path, files: &[Wanted]) -> Outcome<()> {
    let mut staged: Vec<(PathBuf, PathBuf)> = Vec::new();
    let mut made: Vec<PathBuf> = Vec::new();
    let outcome = stage(out, files, &mut staged, &mut made);
    if let Err(why) = outcome {
        for (temporary, _) in &staged {
            let _ = fs::remove_file(temporary);
        }
        // folders made for nothing go too, innermost first
        for folder in made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
        return Err(why);
    }
    for (temporary, path) in &staged {
        fs::rename(temporary, path).map_err(|error| {
            let left: Vec<String> = staged.iter().map(|(_, path)| path.display().to_string()).collect();
            format!(
                "cannot write {}: {}; of {} some are new and some old, run again",
                path.display(),
                plain(&error),
                left.join(", ")
            )
        })?;
    }
    for folder in folders(&staged) {
        // the names reach the disk too; where a folder cannot be synced the files are still whole
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
    }
    Ok(())
}

fn folders(staged: &[(PathBuf, PathBuf)]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        staged.iter().filter_map(|(_, path)| path.parent().map(Path::to_path_buf)).collect();
    folders.sort();
    folders.dedup();
    folders
}

fn stage(out: &Path, files: &[Wanted], staged: &mut Vec<(PathBuf, PathBuf)>, made: &mut Vec<PathBuf>) -> Outcome<()> {
    make_folder(out, made)?;
    let mut swept: Vec<PathBuf> = Vec::new();
    for (number, file) in files.iter().enumerate() {
        if let Some(parent) = file.path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            inside(out, &parent.join("x"))?;
            make_folder(&out.join(parent), made)?;
        }
        let path = inside(out, &file.path)?;
        let parent = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        if !swept.contains(&parent) {
            sweep(&parent);
            swept.push(parent.clone());
        }
        let temporary = parent.join(format!("{TEMPORARY}{}-{number}", std::process::id()));
        staged.push((temporary.clone(), path.clone()));
        let written = (|| {
            let mut handle = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
            handle.write_all(file.text.as_bytes())?;
            handle.sync_all()
        })();
        written.map_err(|error| format!("cannot write {}: {}; nothing was changed", path.display(), plain(&error)))?;
    }
    Ok(())
}

fn make_folder(folder: &Path, made: &mut Vec<PathBuf>) -> Outcome<()> {
    let missing: Vec<&Path> =
        folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
    for folder in missing.into_iter().rev() {
        fs::create_dir(folder).map_err(|error| format!("cannot make {}: {}", folder.display(), plain(&error)))?;
        made.push(folder.to_path_buf());
    }
    Ok(())
}

/// Removes what a killed run left. Only files with our prefix whose process is gone.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(TEMPORARY)) else { continue };
        let owner = rest.split('-').next().and_then(|pid| pid.parse::<u32>().ok());
        let alive = owner.is_some_and(|pid| Path::new(&format!("/proc/{pid}")).exists());
        if !alive {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Replaces one file by its new text: whole, old or new. A link stays and its file is replaced; permissions stay.
/// Refused where the file is read-only, or has changed since `old` was read from it.
pub fn replace(path: &Path, old: &[u8], new: &[u8]) -> Outcome<()> {
    let whole = path.canonicalize().map_err(|error| format!("cannot write {}: {}", path.display(), plain(&error)))?;
    let failed = |error: &std::io::Error| format!("cannot write {}: {}; it is as before", path.display(), plain(error));
    let permissions = fs::metadata(&whole).map_err(|error| failed(&error))?.permissions();
    if permissions.readonly() {
        return Err(format!("cannot write {}: it is read-only", path.display()));
    }
    let parent = whole.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    sweep(&parent);
    let temporary = parent.join(format!("{TEMPORARY}{}-0", std::process::id()));
    let staged = (|| {
        let mut handle = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
        handle.write_all(new)?;
        handle.set_permissions(permissions)?;
        handle.sync_all()
    })();
    let outcome = staged.map_err(|error| failed(&error)).and_then(|()| match fs::read(&whole) {
        Ok(now) if now == old => fs::rename(&temporary, &whole).map_err(|error| failed(&error)),
        _ => Err(format!("cannot write {}: it was changed meanwhile; run again", path.display())),
    });
    if outcome.is_err() {
        let _ = fs::remove_file(&temporary);
    } else if let Ok(folder) = File::open(&parent) {
        let _ = folder.sync_all();
    }
    outcome
}

/// Files below the output folder that begin with our header and are not among the wanted; sorted.
pub fn strays(out: &Path, wanted: &[Wanted], folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders {
        let Ok(entries) = fs::read_dir(out.join(folder)) else { continue };
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if is_file && wanted.iter().all(|wanted| wanted.path != path) && is_ours(&entry.path()) {
                found.push(path);
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn is_ours(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MARK.len() as u64).read_to_end(&mut start));
    read.is_ok() && start == MARK.as_bytes()
}

/// Removes one stray.
pub fn remove(path: &Path) -> Outcome<()> {
    fs::remove_file(path).map_err(|error| format!("cannot remove {}: {}", path.display(), plain(&error)))
}
