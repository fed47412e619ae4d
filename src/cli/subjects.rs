//! What a run is about: the specs and the files of other tools that arguments name, or that are in folders they name.

use super::bounded::start;
use super::{complain, existing, read, unread_values};
use scalegen::FileSet;
use scalegen::inputs::InputFormat;
use scalegen::inputs::input_meta::InputMeta;
use scalegen::inputs::{self, recognise};
use scalegen::report;
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// One subject of a check.
#[derive(Clone, Debug)]
pub struct CheckSubject {
    /// Its file; the first of several.
    pub path: PathBuf,
    /// What it is.
    pub kind: SubjectKind,
}

/// The kinds of subjects.
#[derive(Clone, Debug)]
pub enum SubjectKind {
    /// A spec.
    Spec,
    /// Files of another tool that are taken together.
    Set(&'static InputMeta, Vec<PathBuf>),
    /// A file that was named and has no known format.
    Unknown,
}

impl CheckSubject {
    fn new(path: PathBuf, kind: SubjectKind) -> CheckSubject {
        CheckSubject { path, kind }
    }

    /// Every file of it.
    pub fn files(&self) -> &[PathBuf] {
        match &self.kind {
            SubjectKind::Set(_, files) => files,
            _ => std::slice::from_ref(&self.path),
        }
    }

    /// The files of another tool that it is.
    pub fn set(&self) -> Option<FileSet> {
        let SubjectKind::Set(format, files) = &self.kind else { return None };
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let below = |file: &PathBuf| file.strip_prefix(folder).unwrap_or(file).to_string_lossy().into_owned();
        Some(FileSet { format, paths: files.iter().map(below).collect(), name: report_path(&self.path) })
    }

    /// Whether it is standard input.
    pub fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }
}

/// The name of a spec in reports: relative to the current folder if it is below it, because code hosts know files only by such names.
pub fn report_path(path: &Path) -> String {
    let here = if path.is_absolute() { std::env::current_dir().ok() } else { None };
    let below = here.as_ref().and_then(|here| path.strip_prefix(here).ok());
    let name = below.unwrap_or(path).to_string_lossy();
    match name.strip_prefix("./") {
        Some(short) if !short.is_empty() => short.to_owned(),
        _ => name.into_owned(),
    }
}

/// What the arguments name.
#[derive(Debug, Default)]
pub struct Gathered {
    /// What to check, in the order named.
    pub subjects: Vec<CheckSubject>,
    /// The folders that were searched.
    pub searched: Vec<PathBuf>,
    /// Whether some path could not be searched.
    pub failed: bool,
}

/// A file to check, and its format if it has a known one.
pub type FoundFile = (PathBuf, Option<&'static InputMeta>);

/// Looks at what the arguments name; without arguments at this folder. `only_known`: named files are taken as those of a folder.
pub fn gather(paths: &[PathBuf], only_known: bool) -> Gathered {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let mut found: Vec<FoundFile> = Vec::new();
    let mut gathered = Gathered::default();
    for path in paths {
        if path.as_os_str() == "-" || !path.is_dir() {
            if !only_known || path.as_os_str() == "-" || is_of_folder(path) {
                found.extend(named(path));
            }
            continue;
        }
        gathered.searched.push(path.clone());
        let (own, why, unread) = search(path);
        gathered.failed |= !why.is_empty();
        why.iter().chain(unread.iter().filter(|_| !only_known)).for_each(|why| complain(why));
        found.extend(own);
    }
    let mut known = HashSet::new();
    found.retain(|(path, _)| known.insert(path.clone()));
    gathered.subjects = subjects(found);
    gathered
}

/// The subjects in one folder, and why the search is incomplete, or found nothing.
pub fn of_folder(folder: &Path) -> (Vec<CheckSubject>, Vec<String>) {
    let (found, why, _) = search(folder);
    (subjects(found), why)
}

/// The files to check, why the search is incomplete or found nothing, and what is not read.
fn search(folder: &Path) -> (Vec<FoundFile>, Vec<String>, Option<String>) {
    let all = read::specs(folder);
    let mut why: Vec<String> = all.shut.iter().map(|why| format!("cannot search {why}")).collect();
    let own = in_folder(&all);
    if own.is_empty() && why.is_empty() {
        why.push(nothing_in(folder, &all));
    }
    // `.` is the current folder, which needs no name
    let short = |(file, format): FoundFile| match file.strip_prefix("./") {
        Ok(short) => (short.to_path_buf(), format),
        Err(_) => (file, format),
    };
    (own.into_iter().map(short).collect(), why, unread_values::sentence_about(&all.others))
}

/// The specs that a search found, and the files of other tools that are neither a base of them nor written by us.
pub fn in_folder(all: &read::FoundSpecs) -> Vec<FoundFile> {
    let foreign = foreign_in(all).into_iter().filter(|file| !file.is_ours).map(|file| (file.path, Some(file.format)));
    let own = all.specs.iter().map(|spec| (spec.clone(), recognise::by_name("scalegen.yaml")));
    let wide = all.others.iter().filter(|path| is_wide(path)).map(|path| (path.clone(), None));
    let mut all: Vec<FoundFile> = own.chain(foreign).chain(wide).collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

/// Whether a file would be recognised if it were not in UTF-16. Its check reports that.
fn is_wide(path: &Path) -> bool {
    let bytes = start(path, 2).unwrap_or_default();
    let read: fn([u8; 2]) -> u16 = match bytes.as_slice() {
        [0xFF, 0xFE] => u16::from_le_bytes,
        [0xFE, 0xFF] => u16::from_be_bytes,
        _ => return false,
    };
    let all = read::file(path).unwrap_or_default();
    let units: Vec<u16> =
        all.chunks_exact(2).skip(1).filter_map(|pair| Some(read([*pair.first()?, *pair.get(1)?]))).collect();
    recognise::in_folder(&path.to_string_lossy(), || Some(String::from_utf16_lossy(&units)), &|_| None).is_some()
}

/// The sentence about a folder in which there is nothing to check.
fn nothing_in(folder: &Path, all: &read::FoundSpecs) -> String {
    let other = inputs::ALL.iter().filter(|format| format.sets.is_some());
    let other: Vec<String> = other.map(|format| format!(", and no {}", format.noun)).collect();
    let ours = match foreign_in(all).iter().filter(|file| file.is_ours).count() {
        0 => String::new(),
        1 => " but one that scalegen wrote; name it to check it".to_owned(),
        count => format!(" but {count} files that scalegen wrote; name one to check it"),
    };
    let near = match unnamed_spec(all) {
        Some(path) => format!("; {} reads like a spec: name it", report::clean(&path.to_string_lossy())),
        None => String::new(),
    };
    format!("no scalegen.yaml or *.scalegen.yaml in {}{}{ours}{near}", folder.display(), other.concat())
}

/// A spec whose name does not tell that it is one.
pub fn unnamed_spec(all: &read::FoundSpecs) -> Option<PathBuf> {
    let is_spec = |path: &&PathBuf| {
        let text = start(path, 4096).unwrap_or_default();
        let format = recognise::recognise(&path.to_string_lossy(), &String::from_utf8_lossy(&text), &|_| None);
        format.is_some_and(|format| format.sets.is_none())
    };
    let found = all.others.iter().find(is_spec)?;
    Some(found.strip_prefix("./").unwrap_or(found).to_path_buf())
}

/// A file of another tool that a search came upon.
pub struct FoldersFile {
    /// Where it is written.
    pub path: PathBuf,
    /// What it is written in.
    pub format: &'static InputMeta,
    /// Whether we wrote it.
    pub is_ours: bool,
}

/// The files of other tools that are in one folder, but for those that a spec names as bases.
pub fn beside(folder: &Path) -> Vec<FoldersFile> {
    let mut found = foreign_in(&read::specs_down_to(folder, 1));
    found.retain(|file| specs_over(&file.path).is_empty());
    found
}

/// The files of other tools that a search found and that are no base of the specs it found.
fn foreign_in(all: &read::FoundSpecs) -> Vec<FoldersFile> {
    let read::FoundSpecs { specs, others, .. } = all;
    let mut bases = HashSet::new();
    if !others.is_empty() {
        bases = specs.iter().flat_map(|spec| bases_of(spec)).collect();
    }
    let foreign = others.iter().filter_map(|path| {
        let beside = |name: &str| read::text_of(&path.with_file_name(name));
        let format = recognise::in_folder(&path.to_string_lossy(), || read::text_of(path), &beside)?;
        let is_ours = existing::is_rendered(&start(path, existing::MOST_OF_A_MARK).unwrap_or_default());
        let is_base = path.canonicalize().is_ok_and(|path| is_of(&path, format, &bases));
        (!is_base).then(|| FoldersFile { path: path.clone(), format, is_ours })
    });
    foreign.collect()
}

/// Whether a file is one of these bases, or is in a folder that is one: manifests also further down in it.
fn is_of(path: &Path, format: &InputMeta, bases: &HashSet<PathBuf>) -> bool {
    let deep = format.format == InputFormat::KUBERNETES;
    let above = path.ancestors().take(if deep { usize::MAX } else { 2 });
    above.into_iter().any(|path| bases.contains(path))
}

/// The files that a spec names as bases, from the root of the file system.
fn bases_of(spec: &Path) -> HashSet<PathBuf> {
    let named = read::file(spec).map(|bytes| scalegen::named_bases(&bytes)).unwrap_or_default();
    let folder = spec.parent().unwrap_or(Path::new(""));
    named.iter().filter_map(|file| folder.join(file).canonicalize().ok()).collect()
}

/// What an argument names. A file that the nearest specs above it name as a base stands for those specs.
fn named(path: &Path) -> Vec<FoundFile> {
    let format = format_of(path);
    let specs = if format.is_some_and(|format| format.sets.is_some()) { specs_over(path) } else { Vec::new() };
    if specs.is_empty() {
        return vec![(path.to_path_buf(), format)];
    }
    specs.into_iter().map(|spec| (spec, recognise::by_name("scalegen.yaml"))).collect()
}

/// Whether a search of its folder would give a file, or find that it cannot be read.
fn is_of_folder(path: &Path) -> bool {
    if read::is_spec(&path.file_name().unwrap_or_default().to_string_lossy()) || !path.exists() {
        return true;
    }
    let beside = |name: &str| read::text_of(&path.with_file_name(name));
    let known = recognise::in_folder(&path.to_string_lossy(), || read::text_of(path), &beside).is_some();
    known && !existing::is_rendered(&start(path, existing::MOST_OF_A_MARK).unwrap_or_default()) || is_wide(path)
}

/// How many folders upwards are searched for a spec that names a file.
const MOST_FOLDERS: usize = 32;

/// The nearest specs in the folder of a file, or above it in its repository, that name it as a base: those of one folder.
pub fn specs_over(file: &Path) -> Vec<PathBuf> {
    let Ok(whole) = file.canonicalize() else { return Vec::new() };
    let mut folder = file.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    for above in whole.ancestors().skip(1).take(MOST_FOLDERS) {
        let entries = std::fs::read_dir(above).into_iter().flatten().flatten();
        let mut specs: Vec<_> =
            entries.map(|entry| entry.file_name()).filter(|name| read::is_spec(&name.to_string_lossy())).collect();
        specs.sort();
        let format = format_of(file).filter(|format| format.sets.is_some());
        let names_it =
            |name: &OsString| format.is_some_and(|format| is_of(&whole, format, &bases_of(&above.join(name))));
        let over: Vec<PathBuf> = specs.into_iter().filter(names_it).map(|name| folder.join(name)).collect();
        if !over.is_empty() || above.join(".git").exists() {
            return over;
        }
        folder = if folder.file_name().is_some() && !folder.ends_with("..") {
            folder.parent().map_or_else(PathBuf::new, Path::to_path_buf)
        } else {
            folder.join("..")
        };
    }
    Vec::new()
}

/// The format of a file that an argument names: by its name, else by what is in it. What cannot be read counts as a spec,
/// whose check says why.
fn format_of(path: &Path) -> Option<&'static InputMeta> {
    let beside = |name: &str| read::text_of(&path.with_file_name(name));
    let known = recognise::by_place(&path.to_string_lossy(), &beside);
    if known.is_some() || path.as_os_str() == "-" {
        return known.or_else(|| recognise::by_name("scalegen.yaml"));
    }
    match read::spec(path) {
        Ok(bytes) => recognise::by_content(&String::from_utf8_lossy(&bytes)),
        Err(_) => recognise::by_name("scalegen.yaml"),
    }
}

/// How many files of each kind these subjects have, with what one is called.
pub fn kinds(subjects: &[&CheckSubject]) -> Vec<(usize, &'static str)> {
    let of = |format: &&'static InputMeta| {
        let files = subjects.iter().map(|subject| match &subject.kind {
            SubjectKind::Set(own, files) if own.format == format.format => files.len(),
            SubjectKind::Spec if format.sets.is_none() => 1,
            _ => 0,
        });
        (files.sum::<usize>(), format.noun)
    };
    let unknown = subjects.iter().filter(|subject| matches!(subject.kind, SubjectKind::Unknown)).count();
    let all = inputs::ALL.iter().map(of).chain([(unknown, "other file")]);
    all.filter(|(count, _)| *count > 0).collect()
}

/// Files in the order named. Files that one use of a tool takes together come where the first of them was named.
fn subjects(found: Vec<(PathBuf, Option<&'static InputMeta>)>) -> Vec<CheckSubject> {
    let mut sets: Vec<(usize, CheckSubject)> = Vec::new();
    for format in inputs::ALL {
        let Some(reader) = &format.sets else { continue };
        let is_own = |own: &Option<&'static InputMeta>| own.is_some_and(|own| own.format == format.format);
        let own: Vec<(usize, &PathBuf)> = found
            .iter()
            .enumerate()
            .filter(|(_, (_, own))| is_own(own))
            .map(|(index, (path, _))| (index, path))
            .collect();
        let names: Vec<String> = own.iter().map(|(_, path)| path.to_string_lossy().into_owned()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for set in (reader.sets)(&names) {
            let files: Vec<PathBuf> = set.iter().filter_map(|index| Some(own.get(*index)?.1.clone())).collect();
            let place = set.iter().filter_map(|index| Some(own.get(*index)?.0)).min();
            if let (Some(place), Some(first)) = (place, files.first().cloned()) {
                sets.push((place, CheckSubject::new(first, SubjectKind::Set(format, files))));
            }
        }
    }
    for (index, (path, format)) in found.iter().enumerate() {
        match format.map(|format| format.format) {
            Some(InputFormat::SPEC) => sets.push((index, CheckSubject::new(path.clone(), SubjectKind::Spec))),
            None => sets.push((index, CheckSubject::new(path.clone(), SubjectKind::Unknown))),
            _ => {}
        }
    }
    sets.sort_by_key(|(place, _)| *place);
    sets.into_iter().map(|(_, subject)| subject).collect()
}
