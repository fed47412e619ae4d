//! Reports what applying the files to be written does to what runs from those of ours that they replace, before they are replaced.

use super::write::FileToWrite;
use super::{existing, read};
use scalegen::change::diff::applied;
use scalegen::targets::{self, OutputFile};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Reports it once for each target whose folder holds files of ours.
///
/// `rendered` are the targets with their files, `wanted` the same files below the output folder, `strays` other files of ours there.
pub fn report_transitions(
    dir: &Path,
    rendered: &[(String, Vec<OutputFile>)],
    wanted: &[FileToWrite],
    strays: &[PathBuf],
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut below = wanted.iter();
    for (target, files) in rendered {
        let paths: Vec<&Path> = below.by_ref().take(files.len()).map(|file| file.path.as_path()).collect();
        let folder = paths.first().and_then(|path| path.parent()).unwrap_or(Path::new(""));
        // no other target compares what it wrote
        if targets::get(target).is_none_or(|target| target.meta.transitions.is_none()) {
            continue;
        }
        let gone = strays.iter().map(PathBuf::as_path).filter(|stray| stray.parent() == Some(folder));
        let old: Vec<OutputFile> = paths.iter().copied().chain(gone).filter_map(|path| old(dir, path)).collect();
        for transition in applied(target, &old, files) {
            writeln!(out, "note: {target}: {}", transition.message)?;
            writeln!(out, "  = help: {}", transition.help)?;
        }
    }
    Ok(())
}

/// A file of ours, if one is there.
fn old(dir: &Path, path: &Path) -> Option<OutputFile> {
    let bytes = read::file(&dir.join(path)).ok()?;
    let text = existing::is_rendered(&bytes).then(|| String::from_utf8_lossy(&bytes).into_owned())?;
    Some(OutputFile { path: path.display().to_string(), text })
}
