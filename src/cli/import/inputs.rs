//! Which files are imported: the named ones or those of a folder, and the format of each. Reads them only to recognise them.

use super::super::{Failure, display_path, existing, read};
use super::beside;
use scalegen::inputs::compose::project::DEFAULT_FILES;
use scalegen::inputs::helm::{CHART, OWN as VALUES};
use scalegen::inputs::{InputFormat, recognise};
use std::path::{Path, PathBuf};

/// The argument that means standard input.
pub const STREAM: &str = "-";

/// What can be imported, for messages.
pub const WHAT_IS_READ: &str = "compose files, Kubernetes manifests, values of a chart and convox.yml";

/// The names of a kustomization.
pub const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Files of one format.
pub struct ImportFiles {
    pub format: InputFormat,
    /// As the spec names them; none for standard input.
    pub base: Vec<String>,
    /// The files that are read, relative to the folder of the spec.
    pub read: Vec<String>,
    /// What came by standard input.
    pub given: Option<Vec<u8>>,
    /// Folders below a named one that hold manifests too and are not read.
    pub passed_over: Vec<String>,
}

impl ImportFiles {
    /// Files of a compose project.
    pub fn compose(base: Vec<String>) -> ImportFiles {
        ImportFiles { format: InputFormat::COMPOSE, read: base.clone(), base, given: None, passed_over: Vec::new() }
    }

    /// What was named on the command line, for a spec in this folder.
    pub fn of(paths: &[PathBuf], folder: &Path) -> Result<ImportFiles, Failure> {
        if paths.iter().any(|path| path.as_os_str() == STREAM) {
            return stream(paths);
        }
        let mut all: Option<ImportFiles> = None;
        for path in paths {
            let one = if path.is_dir() { in_folder(path, folder)? } else { file(path, folder)? };
            match &mut all {
                None => all = Some(one),
                Some(all) if all.format == one.format => {
                    all.base.extend(one.base);
                    all.read.extend(one.read);
                    all.passed_over.extend(one.passed_over);
                }
                Some(_) => {
                    let shown = display_path(path);
                    return Err(Failure(format!(
                        "{shown} is of another tool than the files before it; import one after the other, each with --to"
                    )));
                }
            }
        }
        all.ok_or_else(|| Failure("no file was named".to_owned()))
    }
}

fn stream(paths: &[PathBuf]) -> Result<ImportFiles, Failure> {
    if paths.len() > 1 {
        return Err(Failure("- is imported alone: other files would be of another set".to_owned()));
    }
    let bytes = read::stdin().map_err(|why| Failure(format!("standard input: {why}")))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let format = recognise::by_content(&text).filter(|format| format.sets.is_some()).map(|format| format.format);
    let Some(format) = format else {
        return Err(Failure(format!(
            "standard input has no services to import; {WHAT_IS_READ} are read; nothing was written"
        )));
    };
    Ok(ImportFiles {
        format,
        base: Vec::new(),
        read: vec![STREAM.to_owned()],
        given: Some(bytes),
        passed_over: Vec::new(),
    })
}

/// The format of a file by its name, else by its content; compose if neither tells.
fn file(path: &Path, folder: &Path) -> Result<ImportFiles, Failure> {
    let shown = display_path(path);
    let text = read::file(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let name = path.to_string_lossy();
    let near = |name: &str| read::text_of(&path.with_file_name(name));
    let format = recognise::by_place(&name, &near).or_else(|| recognise::by_content(&text?));
    if format.is_none()
        && let Some(why) = recognise::why_not(&name, &near)
    {
        return Err(Failure(format!("{shown} {why}; nothing was written")));
    }
    if format.is_some_and(|format| format.format == InputFormat::SPEC) {
        return Err(Failure(format!("{shown} is a spec already; {WHAT_IS_READ} are imported; nothing was written")));
    }
    let base = vec![beside(folder, path)?];
    let format = format.map_or(InputFormat::COMPOSE, |format| format.format);
    Ok(ImportFiles { format, read: base.clone(), base, given: None, passed_over: Vec::new() })
}

/// What is in a folder: a compose project, a kustomization, a convox.yml, a chart, or manifests.
fn in_folder(path: &Path, folder: &Path) -> Result<ImportFiles, Failure> {
    let within = |name: &str| path.join(name);
    let stands = |name: &str| read::stands(&within(name));
    if let Some((name, over)) = DEFAULT_FILES.iter().find(|(name, _)| stands(name)) {
        let theirs = read::file(&within(over)).is_ok_and(|bytes| !existing::is_rendered(&bytes));
        let mut base = vec![beside(folder, &within(name))?];
        if theirs {
            base.push(beside(folder, &within(over))?);
        }
        return Ok(ImportFiles::compose(base));
    }
    if let Some(name) = KUSTOMIZATIONS.iter().find(|name| stands(name)) {
        let read = vec![beside(folder, &within(name))?];
        return Ok(ImportFiles {
            format: InputFormat::KUBERNETES,
            base: vec![beside(folder, path)?],
            read,
            given: None,
            passed_over: Vec::new(),
        });
    }
    for name in ["convox.yml", CHART] {
        if stands(name) {
            return file(&within(if name == CHART { VALUES } else { name }), folder);
        }
    }
    let manifests = manifests(path)?;
    let base = manifests.iter().map(|path| beside(folder, path)).collect::<Result<Vec<String>, Failure>>()?;
    if base.is_empty() {
        let shown = display_path(path);
        return Err(Failure(format!(
            "{shown} holds nothing to import; {WHAT_IS_READ} are read, and no folder below it; nothing was written"
        )));
    }
    let passed_over = folders_with_manifests(path)?;
    let passed_over = passed_over.iter().map(|path| beside(folder, path)).collect::<Result<Vec<String>, Failure>>()?;
    Ok(ImportFiles { format: InputFormat::KUBERNETES, read: base.clone(), base, given: None, passed_over })
}

/// The files and folders of a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let shown = display_path(folder);
    let entries = std::fs::read_dir(folder).map_err(|error| Failure(format!("{shown} cannot be read: {error}")))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    Ok(paths)
}

/// The manifests of a folder that we did not write, by name.
fn manifests(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    Ok(entries(folder)?.into_iter().filter(|path| is_manifest(path)).collect())
}

/// The folders below a folder that hold manifests that we did not write, at any depth.
fn folders_with_manifests(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let hidden = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let is_folder = |path: &PathBuf| path.is_dir() && !path.is_symlink() && !hidden(path);
    let holds = |path: &PathBuf| read::specs(path).others.iter().any(|path| is_manifest(path));
    Ok(entries(folder)?.into_iter().filter(|path| is_folder(path) && holds(path)).collect())
}

fn is_manifest(path: &Path) -> bool {
    let bytes = read::file(path).ok().filter(|bytes| !existing::is_rendered(bytes));
    let text = || bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let name = path.to_string_lossy();
    recognise::is_searched(&name)
        && recognise::in_folder(&name, text, &|name| read::text_of(&path.with_file_name(name)))
            .is_some_and(|format| format.format == InputFormat::KUBERNETES)
}
