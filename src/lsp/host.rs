//! The interface to the outside: files and the settings of a spec. The command line and tests each implement it.

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
    /// The settings that apply to a spec. A host may cache them until [`Host::forget`] is called.
    fn settings(&mut self, spec: &Path) -> Rc<SpecSettings>;

    /// Findings about the settings file and about the files that it names, one report for each file. What was found in the
    /// spec decides which entries of a baseline are stale.
    fn reports(&mut self, spec: &Path, checked: &CheckResult) -> Rc<Vec<CheckResult>>;

    /// Whether a spec names this file of another tool as its base. The file is then checked with that spec.
    fn is_base(&self, path: &Path) -> bool;

    /// The files in the folder of a file of another tool that have the same format and that `lint` of the folder takes. A host may
    /// cache them until [`Host::forget`] is called. By default there are none.
    fn beside(&mut self, path: &Path, format: &'static InputMeta) -> Vec<PathBuf> {
        let _ = (path, format);
        Vec::new()
    }

    /// Drops all caches, because a file has changed.
    fn forget(&mut self);

    /// Reads a file of bounded size.
    ///
    /// # Errors
    /// Why it cannot be read, as a message.
    fn read(&self, path: &Path) -> Result<Vec<u8>, String>;

    /// Whether the path exists, readable or not.
    fn exists(&self, path: &Path) -> bool;

    /// The absolute path of a file that a report calls `name`.
    fn absolute(&self, name: &str) -> PathBuf;
}

/// The saved text of a file, by its path from the folder of another.
pub(super) fn beside(host: &dyn Host, path: Option<&Path>, name: &str) -> Option<String> {
    let bytes = host.read(&path?.with_file_name(name)).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads the files that one spec names. A file that is open in the editor is read from there.
pub(super) struct NamedFiles<'h> {
    pub host: &'h dyn Host,
    pub folder: &'h Path,
    pub open: &'h BTreeMap<PathBuf, String>,
    /// Whether fixes may change a file.
    pub may_change: &'h dyn Fn(&Path) -> bool,
    /// Each path that was read.
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

    fn may_change(&self, path: &str) -> bool {
        (self.may_change)(&normal(&self.folder.join(path)))
    }
}

/// The text of a document that is no file yet, by its name.
pub(super) struct OnlyText<'t> {
    pub name: &'t str,
    pub text: &'t str,
}

impl Files for OnlyText<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let is_own = path == self.name;
        is_own.then(|| self.text.as_bytes().to_vec()).ok_or_else(|| "there is no folder to read it from".to_owned())
    }
}

/// A path without `.`, and without `..` after a name.
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
