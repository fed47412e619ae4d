//! Remembers which files were read through another reader, and their bytes. Reads none itself.

use scalegen::Files;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Reads files and remembers which.
pub struct Recorder<'a> {
    files: &'a dyn Files,
    read: RefCell<BTreeMap<String, Option<Vec<u8>>>>,
}

impl<'a> Recorder<'a> {
    /// Nothing was read yet.
    pub fn new(files: &'a dyn Files) -> Self {
        Recorder { files, read: RefCell::new(BTreeMap::new()) }
    }

    /// What was read, by path; none for what could not be read.
    pub fn into_read(self) -> BTreeMap<String, Option<Vec<u8>>> {
        self.read.into_inner()
    }
}

impl Files for Recorder<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let outcome = self.files.read(path);
        self.read.borrow_mut().insert(path.to_owned(), outcome.as_ref().ok().cloned());
        outcome
    }
}
