//! The text of the files at a place, for the comment behind a value. Knows no field.

use crate::inputs::{InputFiles, InputFormat};
use crate::support::source::FileSpan;

/// The longest text of a file that a comment repeats.
const LONGEST: usize = 60;

/// The files that values come from.
pub(super) struct Origins<'f> {
    files: &'f InputFiles,
    /// Whether a file of variables was read, so that a value that depends on a variable may come from it.
    reads_variables: bool,
}

impl<'f> Origins<'f> {
    pub(super) fn new(files: &'f InputFiles) -> Origins<'f> {
        let reads_variables = files.all().iter().any(|file| file.format == InputFormat::ENVIRONMENT);
        Origins { files, reads_variables }
    }

    /// The text at a place, as it is written.
    pub(super) fn text(&self, place: FileSpan) -> &'f str {
        let source = self.files.get(place.file).map(|file| &file.source);
        source.map_or("", |source| source.slice(place.span))
    }

    /// The name of the file.
    pub(super) fn file(&self, place: FileSpan) -> &'f str {
        self.files.get(place.file).map_or("", |file| file.source.name.as_str())
    }

    /// Whether the value may come from a file of variables, which must not be copied.
    pub(super) fn is_private(&self, place: FileSpan) -> bool {
        self.reads_variables && self.text(place).replace("$$", "").contains('$')
    }

    /// `docker-compose.yml: 512m`; only the file and the line if the text takes several lines or is long.
    pub(super) fn comment(&self, place: FileSpan) -> String {
        let text = self.text(place).trim();
        let file = self.file(place);
        let bare = unquoted(text);
        if bare.is_empty() || bare.len() > LONGEST || bare.contains(char::is_control) || bare.contains(" #") {
            let line = self.files.get(place.file).map_or(0, |file| file.source.numbers(place.span.start).line);
            return format!("{file}, line {line}");
        }
        format!("{file}: {bare}")
    }
}

/// A text without its quotes.
fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}
