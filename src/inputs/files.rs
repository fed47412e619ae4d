//! The files of a run: how they are read within bounds, and what each is to the run. Knows no format.

use crate::support::source::{FileId, Source, Span};
use crate::syntax::{Comment, Node, decode};
use std::rc::Rc;

/// The most files that one project may read: its own, extended and included ones, and environment files.
pub const MAX_FILES: usize = 256;

/// The most bytes that the files of one project may have together.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The largest text, in bytes, whose tree is kept for the paths of findings; a larger one is read again for them.
pub const KEPT_TEXT: usize = 256 * 1024;

/// Reads files. Paths are relative to the folder that the caller works from, or absolute.
pub trait ReadFiles {
    /// The bytes of a file of at most `most` bytes.
    ///
    /// # Errors
    /// Why the file cannot be read, for a message, and whether it does not exist.
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, Unread>;
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The message: lowercase, no full stop.
    pub why: String,
    /// Whether the file does not exist: some files may be absent, but none may be skipped silently.
    pub missing: bool,
}

/// What a file is written in. Each format has its own constant, in its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputFormat(&'static str);

impl InputFormat {
    /// A settings file of ours, in TOML.
    pub const SETTINGS: InputFormat = InputFormat::named("settings");

    /// A format by its name: that of its folder, and of the target that writes it, if there is one.
    #[must_use]
    pub(super) const fn named(name: &'static str) -> InputFormat {
        InputFormat(name)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }
}

/// What a file is to the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// The spec: its base part and its profiles.
    #[default]
    Spec,
    /// Part of the base with this number, in the order read.
    Base(u16),
}

/// One file.
#[derive(Debug)]
pub struct InputFile {
    /// Its text and the name it is reported under.
    pub source: Source,
    /// What it is written in.
    pub format: InputFormat,
    /// What it is to the run.
    pub origin: Origin,
    /// Its comments, by place; empty for formats whose comments are not used.
    pub comments: Vec<Comment>,
    /// Its documents as they were parsed, kept so that a place's path is found without parsing again; empty if it is not YAML,
    /// could not be read, or is only a spec's text.
    pub documents: Vec<Rc<Node>>,
    /// The file of the run whose text this is once more, because something takes it twice. Findings are reported in that file.
    pub copy_of: Option<FileId>,
}

impl InputFile {
    /// A file of which only the text is known.
    #[must_use]
    pub fn new(source: Source, format: InputFormat, origin: Origin) -> InputFile {
        InputFile { source, format, origin, comments: Vec::new(), documents: Vec::new(), copy_of: None }
    }

    /// The document that holds a place; `None` if it is outside of all that were kept.
    #[must_use]
    pub fn document(&self, span: Span) -> Option<&Rc<Node>> {
        self.documents.iter().find(|root| root.span.contains(span))
    }
}

/// All files of a run. The index of a file is its [`FileId`].
#[derive(Debug, Default)]
pub struct InputFiles {
    all: Vec<InputFile>,
}

impl InputFiles {
    /// Adds a file; `None` if there are more files than ids.
    pub fn add(&mut self, file: InputFile) -> Option<FileId> {
        let id = u16::try_from(self.all.len()).ok().map(FileId)?;
        self.all.push(file);
        Some(id)
    }

    /// The file with this id.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&InputFile> {
        self.all.get(usize::from(id.0))
    }

    /// Like `get`, to be changed.
    pub(super) fn get_mut(&mut self, id: FileId) -> Option<&mut InputFile> {
        self.all.get_mut(usize::from(id.0))
    }

    /// The origin of the file with this id; an unknown id counts as the spec's.
    #[must_use]
    pub fn origin(&self, id: FileId) -> Origin {
        self.get(id).map_or(Origin::Spec, |file| file.origin)
    }

    /// Renames the files from this index on, for reports.
    pub fn rename(&mut self, from: usize, name: impl Fn(&str) -> String) {
        for file in self.all.iter_mut().skip(from) {
            file.source.name = name(&file.source.name);
        }
    }

    /// Sets the origin of the files from this index on.
    pub fn set_origin(&mut self, from: usize, origin: Origin) {
        self.all.iter_mut().skip(from).for_each(|file| file.origin = origin);
    }

    /// The texts of the files in the order of their ids.
    #[must_use]
    pub fn into_sources(self) -> Vec<Source> {
        self.all.into_iter().map(|file| file.source).collect()
    }

    /// The files in the order of their ids.
    #[must_use]
    pub fn all(&self) -> &[InputFile] {
        &self.all
    }
}

/// Reads the files of one project within its bounds.
pub(super) struct ProjectReader<'f> {
    files: &'f dyn ReadFiles,
    read: usize,
    bytes: usize,
}

impl<'f> ProjectReader<'f> {
    pub(super) fn new(files: &'f dyn ReadFiles) -> ProjectReader<'f> {
        ProjectReader { files, read: 0, bytes: 0 }
    }

    /// The text of a file.
    ///
    /// # Errors
    /// Why there is none: it cannot be read, is not UTF-8, or a bound of the project is reached.
    pub(super) fn text(&mut self, path: &str) -> Result<String, Unread> {
        let refused = |why: String| Unread { why, missing: false };
        if self.read >= MAX_FILES {
            return Err(refused(format!("the project reads more than {MAX_FILES} files")));
        }
        let bytes = self.files.read(path, MAX_BYTES.saturating_sub(self.bytes))?;
        self.read += 1;
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > MAX_BYTES {
            return Err(refused(format!("the files of the project have more than {MAX_BYTES} bytes together")));
        }
        decode(bytes).map_err(|_| refused("it is not UTF-8 text".to_owned()))
    }
}
