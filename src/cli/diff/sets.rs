//! Files of other tools that are compared, here and at a commit: which sets they are, and which is which. Works no difference out.

use crate::cli::git::{GitTree, Repository};
use crate::cli::settings::SettingsFiles;
use crate::cli::subjects::{SubjectKind, gather};
use crate::cli::{Failure, check, read};
use scalegen::change::diff::{Changes, NamedSide, Side, changes};
use scalegen::inputs::InputFormat;
use scalegen::inputs::input_meta::InputMeta;
use scalegen::inputs::recognise;
use scalegen::{CheckOptions, FileSet, Files};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One set by where it stands, before and after: paths from its folder.
#[derive(Default)]
pub struct BothSets {
    /// The format of both.
    format: Option<&'static InputMeta>,
    /// At the commit: the folder from the top, and the files.
    old: Option<(String, Vec<String>)>,
    /// Here: the first file, and all of them.
    new: Option<(PathBuf, Vec<String>)>,
}

/// What tells a set from others: manifests of a folder belong together, of another format the first file does.
fn key(format: &InputMeta, first: &str) -> String {
    match format.format {
        InputFormat::Kubernetes => format!("{}/", first.rsplit_once('/').map_or("", |(folder, _)| folder)),
        _ => first.to_owned(),
    }
}

/// Whether a file is one of another tool, by its name or its text.
pub fn is_foreign(path: &Path) -> bool {
    let name = path.to_string_lossy();
    if path.is_dir() || read::is_spec(&name) || !path.exists() {
        return false;
    }
    let text = || read::file(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    recognise::recognise(&name, &text()).is_some_and(|format| format.sets.is_some())
}

/// The paths that are files of other tools or folders without any spec, here and at the commit; and the other paths. Where a spec
/// stands, it says which files of other tools belong to it.
pub fn foreign(repository: &Repository, tree: &GitTree<'_>, paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let own = |path: &&PathBuf| is_foreign(path) || (path.is_dir() && !has_specs(path, tree, repository));
    paths.iter().cloned().partition(|path| own(&path))
}

/// The path of a file from the folder of the first.
fn below(first: &str, file: &str) -> String {
    let folder = first.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    file.strip_prefix(&folder).unwrap_or(file).to_owned()
}

/// What comparing one set gave.
#[derive(Default)]
pub struct SetOutcome {
    /// What differs; none where nothing does.
    pub changes: Option<Changes>,
    /// Whether a finding is new that counts.
    pub fails: bool,
    /// The file that was read here first.
    pub read: Vec<PathBuf>,
    /// What the files came through here.
    pub folder: Option<read::Folder>,
}

/// The sets below some paths, here and at the commit, by where they stand.
pub fn find(repository: &Repository, tree: &GitTree<'_>, paths: &[PathBuf]) -> Vec<BothSets> {
    let mut found: BTreeMap<String, BothSets> = BTreeMap::new();
    let here: Vec<PathBuf> = paths.iter().filter(|path| path.is_dir() || is_foreign(path)).cloned().collect();
    let subjects = if here.is_empty() { Vec::new() } else { gather(&here).subjects };
    for subject in subjects {
        let SubjectKind::Set(format, files) = &subject.kind else { continue };
        let Ok(inside) = repository.own(&subject.path) else { continue };
        let first = subject.path.to_string_lossy().into_owned();
        let names = files.iter().map(|file| below(&first, &file.to_string_lossy())).collect();
        let set = found.entry(key(format, &inside)).or_default();
        (set.format, set.new) = (Some(*format), Some((subject.path.clone(), names)));
    }
    let roots: Vec<String> = paths.iter().filter_map(|path| repository.own(path).ok()).collect();
    let under =
        |file: &str| roots.iter().any(|root| root.is_empty() || file == root || file.starts_with(&format!("{root}/")));
    let known: BTreeSet<&str> = tree.files().filter(|file| under(file) && recognise::is_searched(file)).collect();
    let mut formats: BTreeMap<&str, (&'static InputMeta, Vec<&str>)> = BTreeMap::new();
    for file in known.into_iter().filter(|file| !read::is_spec(file)) {
        let Ok(Some(bytes)) = tree.read(file) else { continue };
        let format = recognise::recognise(file, &String::from_utf8_lossy(&bytes));
        if let Some(format) = format.filter(|format| format.sets.is_some()) {
            formats.entry(format.noun).or_insert_with(|| (format, Vec::new())).1.push(file);
        }
    }
    for (format, files) in formats.into_values() {
        let Some(reader) = &format.sets else { continue };
        for set in (reader.sets)(&files) {
            let own: Vec<&str> = set.iter().filter_map(|index| files.get(*index).copied()).collect();
            let Some(first) = own.first() else { continue };
            let folder = first.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
            let names = own.iter().map(|file| below(first, file)).collect();
            let set = found.entry(key(format, first)).or_default();
            (set.format, set.old) = (Some(format), Some((folder, names)));
        }
    }
    found.into_values().collect()
}

/// Two sides of one set, and whether a finding of the later one counts that the earlier one does not have.
fn differences(
    (before, after): (Option<NamedSide<'_>>, Option<NamedSide<'_>>),
    governing: &mut SettingsFiles,
    path: &Path,
) -> Result<SetOutcome, Failure> {
    let found = changes(before, after).map_err(|bug| Failure(format!("our bug, please report it: {bug}")))?;
    let governed = governing.of(path)?;
    let fails = found.fails(governing.least(None, &governed)) > 0;
    Ok(SetOutcome { changes: (!found.is_empty()).then_some(found), fails, ..SetOutcome::default() })
}

impl BothSets {
    /// Compares it with how it was.
    pub fn compare(
        &self,
        tree: &GitTree<'_>,
        governing: &mut SettingsFiles,
        options: &CheckOptions,
    ) -> Result<SetOutcome, Failure> {
        let Some(format) = self.format else { return Ok(SetOutcome::default()) };
        let name = match (&self.new, &self.old) {
            (Some((first, _)), _) => check::report_path(first),
            (None, Some((folder, files))) => joined(folder, files.first().map_or("", String::as_str)),
            (None, None) => return Ok(SetOutcome::default()),
        };
        let path = self.new.as_ref().map_or_else(|| PathBuf::from(&name), |(first, _)| first.clone());
        let governed = governing.of(&path)?;
        let wanted = governing.wanted(options, &governed);
        let set = |paths: &Vec<String>| FileSet { format, paths: paths.clone(), name: name.clone() };
        let old = self.old.as_ref().map(|(folder, paths)| (set(paths), tree.files_of(folder)));
        let folder = self.new.as_ref().map(|(first, _)| read::Folder::of(first));
        let new = self.new.as_ref().zip(folder.as_ref()).map(|((_, paths), folder)| (set(paths), folder));
        if let (Some((was, then)), Some((is, now))) = (&old, &new) {
            let same = |path: &String| then.read(path).ok() == now.read(path).ok();
            if was.paths == is.paths && is.paths.iter().all(same) {
                return Ok(SetOutcome::default());
            }
        }
        let before = old.as_ref().map(|(set, files)| Side::of_set(&name, set, files, &wanted));
        let after = new.as_ref().map(|(set, files)| Side::of_set(&name, set, *files, &wanted));
        let named = |side| NamedSide { name: &name, side };
        let mut outcome = differences((before.as_ref().map(named), after.as_ref().map(named)), governing, &path)?;
        outcome.read.extend(self.new.iter().map(|(first, _)| first.clone()));
        drop((before, after));
        outcome.folder = folder.clone();
        Ok(outcome)
    }
}

/// Compares two files of another tool.
pub fn compare_files(
    old: &Path,
    new: &Path,
    governing: &mut SettingsFiles,
    options: &CheckOptions,
) -> Result<SetOutcome, Failure> {
    let set = |path: &Path| {
        let subject = gather(&[path.to_path_buf()]).subjects.into_iter().next();
        let format = subject.and_then(|subject| match subject.kind {
            SubjectKind::Set(format, _) => Some(format),
            _ => None,
        });
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let format = format.ok_or_else(|| Failure(format!("cannot read {}", path.display())))?;
        Ok::<_, Failure>(FileSet { format, paths: vec![file], name: check::report_path(new) })
    };
    let (before, after) = (set(old)?, set(new)?);
    let (from, to) = (check::report_path(old), check::report_path(new));
    let (then, now) = (read::Folder::of(old), read::Folder::of(new));
    let governed = governing.of(new)?;
    let wanted = governing.wanted(options, &governed);
    let one = Side::of_set(&to, &before, &then, &wanted);
    let two = Side::of_set(&to, &after, &now, &wanted);
    let sides = (Some(NamedSide { name: &from, side: &one }), Some(NamedSide { name: &to, side: &two }));
    let mut outcome = differences(sides, governing, new)?;
    outcome.read = vec![old.to_owned(), new.to_owned()];
    Ok(outcome)
}

fn joined(folder: &str, file: &str) -> String {
    if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") }
}

/// Whether a spec stands below a folder, here or at the commit.
fn has_specs(path: &Path, tree: &GitTree<'_>, repository: &Repository) -> bool {
    let inside = repository.own(path).unwrap_or_default();
    let below = if inside.is_empty() { String::new() } else { format!("{inside}/") };
    let here = path.is_dir() && !read::specs(path).specs.is_empty();
    here || tree.files().any(|file| file.starts_with(&below) && read::is_spec(file))
}
