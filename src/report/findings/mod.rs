//! Findings to text, for people and for programs. Prints what it is given: no filter, no exit code, no stdout.

mod excerpt;
mod fingerprint;

use super::words::TextStyle;
use super::words::{clean, is_hostile, json_text, stand_in};
use std::io::{self, Write};

use crate::support::diagnostic::{Finding, Severity, Suppressed};
use crate::support::plural::plural;
use crate::support::source::{FileId, FileSpan, LineColumn, Source};

/// The outcome of one run: every spec that was linted, with and without findings.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The linted specs, in the order to print.
    pub files: &'a [Reported<'a>],
    /// How many files of each kind there are, with the word for one; specs alone are just files.
    pub kinds: &'a [(usize, &'static str)],
    /// How many findings comments, settings and baselines have allowed.
    pub suppressed: usize,
    /// The rules that the settings add to the built-in ones.
    pub policies: &'a [PolicyRule],
}

/// A rule that a team wrote itself.
#[derive(Clone, Debug)]
pub struct PolicyRule {
    /// Its id.
    pub id: String,
    /// How severe its findings are.
    pub severity: Severity,
    /// Its purpose, in one line.
    pub summary: String,
    /// Its page, in Markdown.
    pub page: String,
}

/// One linted spec with its findings and the files they point into.
#[derive(Clone, Copy, Debug)]
pub struct Reported<'a> {
    /// The spec and every file it names; a `FileId` is an index into this list.
    pub sources: &'a [Source],
    /// The findings, in the order to print.
    pub findings: &'a [Finding],
    /// For each finding, in the same order, the RFC 6901 path of its primary place in that place's document.
    pub paths: &'a [String],
    /// Suppressed findings.
    pub suppressed: &'a [Suppressed],
}

/// The list of formats: each is a word for people and a file of this module with a `write` function.
macro_rules! formats {
    ($(#[$format:ident] $(#[$about:meta])* mod $module:ident;)*) => {
        $(mod $module;)*

        /// A form in which findings are printed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Format {
            $($(#[$about])* $format,)*
        }

        impl Format {
            /// Every format, in the order in which help lists them.
            pub const ALL: &'static [Format] = &[$(Format::$format),*];

            /// The word that chooses it on the command line.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Format::$format => stringify!($module),)*
                }
            }
        }

        /// Writes a whole run in one format.
        ///
        /// # Errors
        /// An error of `out`.
        pub fn write(format: Format, batch: &Batch<'_>, style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
            match format {
                $(Format::$format => $module::write(batch, style, out),)*
            }
        }
    };
}

cfg_if! {
    if #[formats] {
        #[Text]
        /// For people: the source with every place underlined.
        mod text;
        #[Concise]
        /// One line for each finding: `file:line:column: error[rule]: message`.
        mod concise;
        #[Json]
        /// For programs: version 1 of the frozen form.
        mod json;
        #[Sarif]
        /// For code scanning: SARIF 2.1.0.
        mod sarif;
        #[Github]
        /// For GitHub Actions: an annotation for each finding.
        mod github;
        #[Gitlab]
        /// For GitLab: a code quality report.
        mod gitlab;
        #[Junit]
        /// For test reports: JUnit XML, one suite for each file.
        mod junit;
        #[Markdown]
        /// For a comment on a pull request.
        mod markdown;
    }
}

impl Format {
    /// The format of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Format> {
        Format::ALL.iter().copied().find(|format| format.name() == name)
    }
}

/// A place in numbers, as every format prints it.
struct Position<'a> {
    file: &'a str,
    start: LineColumn,
    end: LineColumn,
}

impl<'a> Reported<'a> {
    fn source(&self, file: FileId) -> Option<&'a Source> {
        self.sources.get(usize::from(file.0))
    }

    /// A place in a file that is not in the list is shown at the start of a file without a name.
    fn position(&self, place: FileSpan) -> Position<'a> {
        let first = LineColumn { line: 1, column: 1 };
        match self.source(place.file) {
            Some(source) => Position {
                file: &source.name,
                start: source.numbers(place.span.start),
                end: source.numbers(place.span.end),
            },
            None => Position { file: "", start: first, end: first },
        }
    }

    /// A finding whose path is not given has none.
    fn findings(&self) -> impl Iterator<Item = (&'a Finding, &'a str)> {
        self.findings.iter().zip(self.paths.iter().map(String::as_str).chain(std::iter::repeat("")))
    }
}

impl Batch<'_> {
    fn count(&self, severity: Severity) -> usize {
        self.files.iter().flat_map(|file| file.findings).filter(|finding| finding.severity == severity).count()
    }

    /// How many findings of each severity in how many files, in words.
    fn summary(&self) -> String {
        let files = match self.kinds {
            [] | [(_, "spec")] | [(_, "spec"), (_, "settings file")] => plural(self.files.len(), "file"),
            kinds => kinds.iter().map(|(count, noun)| plural(*count, noun)).collect::<Vec<_>>().join(", "),
        };
        let suppressed = match self.suppressed {
            0 => String::new(),
            count => format!(" ({count} suppressed)"),
        };
        if self.files.is_empty() {
            // the summary must not read as if all were well
            return "no file was checked".to_owned();
        }
        if self.files.iter().all(|file| file.findings.is_empty()) {
            return format!("no findings in {files}{suppressed}");
        }
        let counts = [Severity::Error, Severity::Warning, Severity::Note]
            .map(|severity| plural(self.count(severity), severity.word()))
            .join(", ");
        format!("{counts} in {files}{suppressed}")
    }
}

/// The message with the profiles it holds in.
pub(super) fn sentence(finding: &Finding) -> String {
    match profile_words(finding) {
        Some(profiles) => format!("{} ({profiles})", finding.message),
        None => finding.message.clone(),
    }
}

/// The profiles a finding holds in, as words; `None` if it holds in the base.
#[must_use]
pub fn profile_words(finding: &Finding) -> Option<String> {
    let word = match finding.profiles.len() {
        0 => return None,
        1 => "profile",
        _ => "profiles",
    };
    Some(format!("in {word} {}", finding.profiles.join(", ")))
}
