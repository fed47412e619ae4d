//! What a run is about: the specs and the files of other tools that arguments name, or that stand in folders they name.

use super::{complain, read};
use scalegen::inputs::InputFormat;
use scalegen::inputs::input_meta::InputMeta;
use scalegen::inputs::recognise;
use std::path::{Path, PathBuf};

/// One thing to check.
#[derive(Clone, Debug)]
pub struct CheckSubject {
    /// Its file; of several the first.
    pub path: PathBuf,
    /// What it is.
    pub kind: SubjectKind,
}

/// What there is to check.
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

    /// Whether it is standard input.
    pub fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
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

/// Looks at what the arguments name; without arguments at this folder.
pub fn gather(paths: &[PathBuf]) -> Gathered {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let mut found: Vec<(PathBuf, Option<&'static InputMeta>)> = Vec::new();
    let mut gathered = Gathered::default();
    for path in paths {
        if path.as_os_str() == "-" || !path.is_dir() {
            found.push((path.clone(), format_of(path)));
            continue;
        }
        gathered.searched.push(path.clone());
        let read::FoundSpecs { specs, shut } = read::specs(path);
        for why in &shut {
            complain(&format!("cannot search {why}"));
            gathered.failed = true;
        }
        if specs.is_empty() && shut.is_empty() {
            complain(&format!("no scalegen.yaml or *.scalegen.yaml in {}", path.display()));
            gathered.failed = true;
        }
        // `.` is where people are: they know
        found.extend(specs.into_iter().map(|spec| match spec.strip_prefix("./") {
            Ok(short) => (short.to_path_buf(), recognise::by_name("scalegen.yaml")),
            Err(_) => (spec, recognise::by_name("scalegen.yaml")),
        }));
    }
    found.dedup_by(|one, other| one.0 == other.0);
    gathered.subjects = subjects(found);
    gathered
}

/// The format of a file that an argument names: by its name, else by what stands in it. What cannot be read counts as a spec,
/// whose check says why.
fn format_of(path: &Path) -> Option<&'static InputMeta> {
    let known = recognise::by_name(&path.to_string_lossy());
    if known.is_some() || path.as_os_str() == "-" {
        return known.or_else(|| recognise::by_name("scalegen.yaml"));
    }
    match read::spec(path) {
        Ok(bytes) => recognise::by_content(&String::from_utf8_lossy(&bytes)),
        Err(_) => recognise::by_name("scalegen.yaml"),
    }
}

/// Files in the order named; those that one use of a tool takes together stand where the first of them was named.
fn subjects(found: Vec<(PathBuf, Option<&'static InputMeta>)>) -> Vec<CheckSubject> {
    let mut sets: Vec<(usize, CheckSubject)> = Vec::new();
    for format in recognise::ALL {
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
            Some(InputFormat::Spec) => sets.push((index, CheckSubject::new(path.clone(), SubjectKind::Spec))),
            None => sets.push((index, CheckSubject::new(path.clone(), SubjectKind::Unknown))),
            _ => {}
        }
    }
    sets.sort_by_key(|(place, _)| *place);
    sets.into_iter().map(|(_, subject)| subject).collect()
}
