//! What the server needs from the outside: files and the settings of a spec. The command line and tests each provide one.

use crate::inputs::input_meta::InputMeta;
use crate::pipeline::{CheckOptions, CheckResult, Files};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

/// Settings of one spec, as `scalegen lint` finds them.
#[derive(Debug, Default)]
pub struct SpecSettings {
    /// The options of the check: settings, policies, baseline.
    pub wanted: CheckOptions,
    /// Why the settings could not be read at all: lowercase, no full stop.
    pub failure: Option<String>,
}

/// Access to the outside. Paths are absolute.
pub trait Host {
    /// The settings that hold for a spec. A host may cache them until [`Host::forget`] is called.
    fn settings(&mut self, spec: &Path) -> Rc<SpecSettings>;

    /// Findings about the settings file and about the files that it names, one report for each file. What was found in the
    /// spec decides which entries of a baseline are stale.
    fn reports(&mut self, spec: &Path, checked: &CheckResult) -> Rc<Vec<CheckResult>>;

    /// Whether a spec names a file of another tool as what it is laid over: then the file is that spec's affair.
    fn is_base(&self, path: &Path) -> bool;

    /// The files in the folder of a file of another tool that are in the same format and that `lint` of the folder takes. A host may
    /// cache them until [`Host::forget`] is called; one that knows no folders has none.
    fn beside(&mut self, path: &Path, format: &'static InputMeta) -> Vec<PathBuf> {
        let _ = (path, format);
        Vec::new()
    }

    /// Drops all that was cached, because a file has changed.
    fn forget(&mut self);

    /// Reads a file, up to a bound.
    ///
    /// # Errors
    /// Why it cannot be read, for a person.
    fn read(&self, path: &Path) -> Result<Vec<u8>, String>;

    /// Whether something is at the path, readable or not.
    fn exists(&self, path: &Path) -> bool;

    /// The absolute path of a file that a report calls `name`.
    fn absolute(&self, name: &str) -> PathBuf;
}

/// The text of a file by its path from the folder of another, as it was saved.
pub(super) fn beside(host: &dyn Host, path: Option<&Path>, name: &str) -> Option<String> {
    let bytes = host.read(&path?.with_file_name(name)).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The files that one spec names. A file that is open in the editor is read as it is there.
pub(super) struct NamedFiles<'h> {
    pub host: &'h dyn Host,
    pub folder: &'h Path,
    pub open: &'h BTreeMap<PathBuf, String>,
    /// Each path that was asked for.
    pub asked: RefCell<BTreeSet<PathBuf>>,
}

impl NamedFiles<'_> {
    fn path(&self, path: &str) -> PathBuf {
        let path = normal(&self.folder.join(path));
        self.asked.borrow_mut().insert(path.clone());
        path
    }
}

impl Files for NamedFiles<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let path = self.path(path);
        match self.open.get(&path) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => self.host.read(&path),
        }
    }

    fn exists(&self, path: &str) -> bool {
        let path = self.path(path);
        self.open.contains_key(&path) || self.host.exists(&path)
    }
}

/// A path without `.` and without `..` where a name stands before it.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(clean.components().next_back(), Some(Component::Normal(_))) => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}
