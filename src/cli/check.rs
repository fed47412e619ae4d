//! Checking the files of one run, each by the settings that govern it. Prints nothing.

use super::progress::Progress;
use super::read;
use super::settings::{Governed, SettingsFiles};
use scalegen::{CheckOptions, CheckResult};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// What a run checks, and by which settings.
pub struct SpecCheck<'a> {
    pub paths: &'a [PathBuf],
    /// Who governs each path.
    pub governed: &'a [Governed],
    pub governing: &'a SettingsFiles,
    pub wanted: &'a CheckOptions,
}

impl<'a> SpecCheck<'a> {
    /// Each path with what is wanted of it.
    pub fn one(&self, index: usize) -> Option<(&'a Path, Cow<'a, CheckOptions>)> {
        Some((self.paths.get(index)?, self.governing.wanted(self.wanted, self.governed.get(index)?)))
    }
}

/// CheckedFile checked file.
pub struct CheckedFile {
    pub checked: CheckResult,
    /// The files it names that were read.
    pub beside: Vec<PathBuf>,
}

/// Checks the files on all cores; results stand in the order of the paths.
pub fn check_all(check: &SpecCheck<'_>) -> Vec<Result<CheckedFile, String>> {
    let paths = check.paths;
    // a thread costs about as much as eight small files, and counting the cores as much as one
    let most = paths.len() / 8 + 1;
    let threads = if most == 1 { 1 } else { std::thread::available_parallelism().map_or(1, usize::from).min(most) };
    let indices: Vec<usize> = (0..paths.len()).collect();
    let progress = Progress::start("checking specs", paths.len());
    let done = scalegen::support::threads::each(&indices, threads, |index| {
        let one = check.one(*index).map(|(path, wanted)| check_one(path, &wanted));
        progress.step();
        one
    });
    done.into_iter().flatten().collect()
}

fn check_one(path: &Path, wanted: &CheckOptions) -> Result<CheckedFile, String> {
    let stdin = path.as_os_str() == "-";
    let bytes = if stdin { read::stdin()? } else { read::spec(path)? };
    let name = if stdin { "<stdin>".to_owned() } else { report_path(path) };
    let folder = read::Folder::of(path);
    let checked = scalegen::lint_owned(&name, bytes, &folder, wanted);
    Ok(CheckedFile { checked, beside: folder.has_read() })
}

/// What a spec is called in reports: from here where it is below here, as code hosts know files only by such names.
pub fn report_path(path: &Path) -> String {
    let here = if path.is_absolute() { std::env::current_dir().ok() } else { None };
    let below = here.as_ref().and_then(|here| path.strip_prefix(here).ok());
    let name = below.unwrap_or(path).to_string_lossy();
    match name.strip_prefix("./") {
        Some(short) if !short.is_empty() => short.to_owned(),
        _ => name.into_owned(),
    }
}
