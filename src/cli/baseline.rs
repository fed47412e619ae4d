//! Baselines on disk: reading them, and `lint --write-baseline`. The library decides what they accept.

use super::{Failure, read, write};
use scalegen::CheckResult;
use scalegen::check::baseline::{self, Baseline, SeenFinding};
use scalegen::support::plural::plural;
use scalegen::support::source::Source;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One baseline that holds in a run.
pub struct BaselineFile {
    /// Where it is written.
    pub file: PathBuf,
    /// The folder it is in, which its paths are relative to.
    pub folder: PathBuf,
    pub baseline: Arc<Baseline>,
    /// What is wrong with the file itself.
    pub checked: CheckResult,
}

/// Reads a baseline that is called `name` in reports.
///
/// # Errors
/// Why it cannot be read.
pub fn load(file: &Path, name: String) -> Result<BaselineFile, String> {
    let bytes = read::file(file)?;
    let mut checked = CheckResult::default();
    let mut known = Baseline::default();
    match scalegen::syntax::decode(bytes) {
        Ok(text) => {
            let source = Source::new(name, text);
            let read = baseline::read(&source);
            (known, checked.findings, checked.paths) = (read.baseline, read.findings, read.paths);
            checked.sources.push(source);
        }
        Err((bytes, why)) => {
            checked.findings.push(baseline::undecodable(why));
            checked.paths.push(String::new());
            checked.sources.push(Source::new(name, String::from_utf8_lossy(&bytes)));
        }
    }
    let folder = file.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    Ok(BaselineFile { file: file.to_path_buf(), folder, baseline: Arc::new(known), checked })
}

/// Refuses to write a baseline over a file that the run reads, or over a file that is not a baseline. `named`: the settings name it as one.
pub fn replaceable(file: &Path, inputs: &[PathBuf], named: bool) -> Result<(), Failure> {
    let option = format!("--write-baseline {}", file.display());
    read::refuse_overwrite(&option, file, inputs).map_err(Failure)?;
    match read::file(file) {
        Ok(old) if !named && !baseline::is_likely(&old) => {
            Err(Failure(format!("{option} would write over a file that is not a baseline; remove it first")))
        }
        // what cannot be read is refused when it is written
        _ => Ok(()),
    }
}

/// Writes the findings of a run into a baseline and removes them from the results. Entries of files that were not
/// checked in this run stay, if the files still exist.
///
/// `specs` are the paths of the results, relative to the baseline's folder.
/// `file` is its path from the root, `name` as it was given.
pub fn accept(file: &Path, name: &Path, specs: &[String], checked: &mut [CheckResult]) -> Result<(), Failure> {
    let mut fresh = Baseline::default();
    let mut refused = 0;
    for (path, one) in specs.iter().zip(checked.iter()) {
        for (finding, place) in one.findings.iter().zip(&one.paths) {
            refused += usize::from(!fresh.add(path, &SeenFinding { sources: &one.sources, finding, path: place }));
        }
    }
    let folder = file.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    if let Ok(old) = load(file, String::new()) {
        let stays = |path: &str| !specs.iter().any(|spec| spec == path) && folder.join(path).is_file();
        fresh.take_over(&old.baseline, stays);
    }
    // the error names the file as the user did
    let written = write::write_file(name, &fresh.text()).map_err(Failure)?;
    for (path, one) in specs.iter().zip(checked.iter_mut()) {
        one.accept(&fresh, path);
    }
    let (findings, files) = fresh.size();
    let outcome = write::outcome(&super::display_path(name), written);
    let mut said = format!("{outcome}: {} in {}", plural(findings, "finding"), plural(files, "file"));
    if refused > 0 {
        let them = if refused == 1 { "it finds" } else { "they find" };
        said.push_str(&format!("; {refused} cannot be in a baseline: what {them} would not work anywhere"));
    }
    said.push('\n');
    // in one write: standard error is not buffered
    std::io::stderr().write_all(said.as_bytes())?;
    Ok(())
}
