//! Which files the server has something to say about: specs, and files of other tools that are read.

use crate::inputs::input_meta::InputMeta;
use crate::inputs::recognise::{self, Beside};

/// The kind of an open file.
#[derive(Clone, Copy, Debug)]
pub enum FileKind {
    /// A scaling spec.
    Spec,
    /// A file of another tool, which is checked as it is.
    Foreign(&'static InputMeta),
    /// Anything else: nothing is said about it.
    Other,
}

/// The language that an editor may give a file to say that it is a spec, whatever its name.
pub const LANGUAGE: &str = "scalegen";

/// The kind of a file: by what the editor calls its language, by its name, else by what is in it. `name` may be a path or
/// a URI; `beside` reads a text by its path from the file's folder.
#[must_use]
pub fn recognize(name: &str, language: &str, text: &str, beside: Beside<'_>) -> FileKind {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    if language == LANGUAGE {
        return FileKind::Spec;
    }
    // an unsaved file has a name of its own choosing, and none yet has a text of its own
    let may_be = recognise::is_searched(file) || !file.contains('.');
    let read = |path: &str| if path == file { Some(text.to_owned()) } else { beside(path) };
    let known = recognise::by_place(name, &read)
        .or_else(|| recognise::by_content(text).filter(|_| may_be && !text.trim().is_empty()));
    match known {
        Some(format) if format.sets.is_some() => FileKind::Foreign(format),
        Some(_) => FileKind::Spec,
        None => FileKind::Other,
    }
}

impl FileKind {
    /// Whether it is a spec.
    #[must_use]
    pub fn is_spec(self) -> bool {
        matches!(self, FileKind::Spec)
    }

    /// Whether it is nothing that is checked.
    #[must_use]
    pub fn is_other(self) -> bool {
        matches!(self, FileKind::Other)
    }
}
