//! A file whose format is told by its name or its content: a spec goes the way of specs, a file of another tool its own. Knows no
//! format.

use super::foreign::{FileSet, lint_set, model_of_set};
use super::{CheckOptions, CheckResult, Files, effective, lint};
use crate::inputs::input_meta::InputMeta;
use crate::inputs::recognise;
use crate::model::Spec;

/// What another tool's format a file is in; `None` for specs, and for files of no known format, which are read as specs.
#[must_use]
pub fn foreign_format(name: &str, bytes: &[u8], files: &dyn Files) -> Option<&'static InputMeta> {
    let own = name.rsplit('/').next().unwrap_or(name);
    let text = || String::from_utf8_lossy(bytes).into_owned();
    let beside = |path: &str| {
        let read = || Some(String::from_utf8_lossy(&files.read(path).ok()?).into_owned());
        if path == own { Some(text()) } else { read() }
    };
    let format = recognise::by_place(name, &beside).or_else(|| recognise::by_content(&text()));
    format.filter(|format| format.sets.is_some())
}

/// Checks one file, be it a spec or of another tool.
#[must_use]
pub fn lint_any(name: &str, bytes: &[u8], files: &dyn Files, wanted: &CheckOptions) -> CheckResult {
    match foreign_format(name, bytes, files) {
        Some(format) => lint_alone(format, name, bytes, files, wanted),
        None => lint(name, bytes, files, wanted),
    }
}

/// Checks one file of another tool by itself; other files that it names are read beside it.
#[must_use]
pub fn lint_alone(
    format: &'static InputMeta,
    name: &str,
    bytes: &[u8],
    files: &dyn Files,
    wanted: &CheckOptions,
) -> CheckResult {
    let set = set_of(format, name);
    // the one file of the set is given, so that it can be read
    lint_set(&set, &GivenFile { set: &set, bytes, files }, wanted).unwrap_or_default()
}

/// Each effective model of a spec, as [`effective::each_effective_model`]; of a file of another tool the one that it stands for.
pub fn each_effective_model(
    name: &str,
    bytes: &[u8],
    files: &dyn Files,
    wanted: &CheckOptions,
    mut take: impl FnMut(&[Option<String>], Option<String>, Spec),
) {
    let Some(format) = foreign_format(name, bytes, files) else {
        return effective::each_effective_model(name, bytes, files, wanted, take);
    };
    let set = set_of(format, name);
    if let Some(spec) = model_of_set(&set, &GivenFile { set: &set, bytes, files }, wanted) {
        take(&[None], None, spec);
    }
}

fn set_of(format: &'static InputMeta, name: &str) -> FileSet {
    let file = name.rsplit('/').next().unwrap_or(name);
    FileSet { format, paths: vec![file.to_owned()], name: name.to_owned() }
}

/// The bytes of the first file of a set, and the files beside it.
struct GivenFile<'g> {
    set: &'g FileSet,
    bytes: &'g [u8],
    files: &'g dyn Files,
}

impl Files for GivenFile<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let is_own = self.set.paths.first().is_some_and(|own| own == path);
        if is_own { Ok(self.bytes.to_vec()) } else { self.files.read(path) }
    }

    fn exists(&self, path: &str) -> bool {
        self.set.paths.first().is_some_and(|own| own == path) || self.files.exists(path)
    }
}
