//! The texts that are fixed: a spec's, and those of the files that a check reads. Knows no finding.

use super::FixedFile;
use crate::pipeline::{Files, is_ours};
use crate::support::source::{Source, beside, fold};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Texts by name. Reads a changed text from here and any other file from the given files.
pub(super) struct Texts<'f> {
    files: &'f dyn Files,
    /// What the paths of files are relative to.
    name: &'f str,
    /// Whether only the spec may change.
    alone: bool,
    all: RefCell<BTreeMap<String, FixedFile>>,
}

impl<'f> Texts<'f> {
    /// The texts of a set of another tool's files, the first of which has this name.
    pub(super) fn of_set(name: &'f str, files: &'f dyn Files) -> Texts<'f> {
        Texts { files, name, alone: false, all: RefCell::default() }
    }

    /// The text of a spec, and those of the files that it names.
    pub(super) fn of_spec(name: &'f str, text: &str, files: &'f dyn Files) -> Texts<'f> {
        let texts = Texts::of_set(name, files);
        let own = FixedFile { path: None, name: name.to_owned(), old: text.to_owned(), new: text.to_owned() };
        texts.all.borrow_mut().insert(fold(name), own);
        texts
    }

    /// The same texts, of which only the spec may change.
    pub(super) fn alone(self) -> Texts<'f> {
        Texts { alone: true, ..self }
    }

    /// The spec's text as it is now.
    pub(super) fn spec(&self) -> String {
        self.now(&fold(self.name)).unwrap_or_default()
    }

    /// The key of a text that may be changed: it was read, it is written by people, and the files allow it.
    pub(super) fn key(&self, source: &Source) -> Option<String> {
        let key = fold(&source.name);
        let all = self.all.borrow();
        let text = all.get(&key).filter(|text| text.new == source.text && !is_ours(&text.old))?;
        let may_change = |path: &String| !self.alone && self.files.may_change(path);
        text.path.as_ref().is_none_or(may_change).then_some(key)
    }

    /// Whether it is the spec.
    pub(super) fn is_spec(&self, key: &str) -> bool {
        self.all.borrow().get(key).is_some_and(|text| text.path.is_none())
    }

    /// A text as it is now.
    pub(super) fn now(&self, key: &str) -> Option<String> {
        self.all.borrow().get(key).map(|text| text.new.clone())
    }

    /// Sets the current texts, by key.
    pub(super) fn write(&self, next: Vec<(String, String)>) {
        let mut all = self.all.borrow_mut();
        for (key, new) in next {
            if let Some(text) = all.get_mut(&key) {
                text.new = new;
            }
        }
    }

    /// Restores every text.
    pub(super) fn take_back(&self) {
        self.all.borrow_mut().values_mut().for_each(|text| text.new.clone_from(&text.old));
    }

    /// The texts that have changed.
    pub(super) fn changed(&self) -> Vec<FixedFile> {
        self.all.borrow().values().filter(|text| text.new != text.old).cloned().collect()
    }
}

impl Files for Texts<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let name = beside(self.name, path);
        let key = fold(&name);
        if let Some(known) = self.all.borrow().get(&key).filter(|known| known.path.is_some()) {
            return Ok(known.new.clone().into_bytes());
        }
        let bytes = self.files.read(path)?;
        if let Ok(text) = String::from_utf8(bytes.clone()) {
            let file = FixedFile { path: Some(path.to_owned()), name, old: text.clone(), new: text };
            // a spec that another file names is read as it was
            self.all.borrow_mut().entry(key).or_insert(file);
        }
        Ok(bytes)
    }

    fn exists(&self, path: &str) -> bool {
        self.files.exists(path)
    }
}
