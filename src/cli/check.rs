//! Checking the subjects of one run, each by the settings that govern it. Prints nothing.

use super::progress::Progress;
use super::read;
use super::settings::{Governed, SettingsFiles};
use super::subjects::{CheckSubject, SubjectKind, report_path};
use scalegen::inputs::input_meta::InputMeta;
use scalegen::inputs::recognise;
use scalegen::{CheckOptions, CheckResult};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// What a run checks, and by which settings.
pub struct SpecCheck<'a> {
    pub subjects: &'a [CheckSubject],
    /// The settings of each subject.
    pub governed: &'a [Governed],
    pub governing: &'a SettingsFiles,
    pub wanted: &'a CheckOptions,
}

impl<'a> SpecCheck<'a> {
    /// Each subject with its options.
    pub fn subject(&self, index: usize) -> Option<(&'a CheckSubject, Cow<'a, CheckOptions>)> {
        Some((self.subjects.get(index)?, self.governing.wanted(self.wanted, self.governed.get(index)?)))
    }
}

/// One checked subject.
pub struct CheckedFile {
    pub checked: CheckResult,
    /// The files it names that were read.
    pub beside: Vec<PathBuf>,
}

/// The result of checking one subject: `None` for a template, which is skipped; an error sentence if it could not be checked.
pub type CheckOutcome = Result<Option<CheckedFile>, String>;

/// Checks the subjects on all cores. Results are in the order of the subjects.
pub fn check_all(check: &SpecCheck<'_>) -> Vec<CheckOutcome> {
    let paths = check.subjects;
    // starting a thread costs about as much as eight small files, and so does counting the cores
    let most = paths.len() / 8 + 1;
    let threads = if most == 1 { 1 } else { std::thread::available_parallelism().map_or(1, usize::from).min(most) };
    let indices: Vec<usize> = (0..paths.len()).collect();
    let progress = Progress::start("checking files", paths.len());
    let done = scalegen::support::threads::map(&indices, threads, |index| {
        let one = check.subject(*index).map(|(subject, wanted)| check_one(subject, &wanted));
        progress.step();
        one
    });
    done.into_iter().flatten().collect()
}

/// Checks one subject as it is now.
pub fn check_one(subject: &CheckSubject, wanted: &CheckOptions) -> CheckOutcome {
    let path = subject.path.as_path();
    let cannot = |path: &Path, why: String| format!("cannot read {}: {why}", path.display());
    if subject.is_stdin() {
        return check_stdin(read::stdin().map_err(|why| cannot(path, why))?, wanted);
    }
    let folder = read::Folder::of(path);
    let name = report_path(path);
    let checked = match &subject.kind {
        SubjectKind::Spec => {
            let bytes = read::spec(path).map_err(|why| cannot(path, why))?;
            scalegen::lint_owned(&name, bytes, &folder, wanted)
        }
        SubjectKind::Set(..) => {
            let Some(set) = subject.set() else { return Ok(None) };
            let unread = |(path, why): (String, String)| cannot(&folder.path(&path), why);
            scalegen::lint_set(&set, &folder, wanted).map_err(unread)?
        }
        SubjectKind::Unknown => {
            let bytes = read::spec(path).map_err(|why| cannot(path, why))?;
            let fault = || unread(path);
            scalegen::lint_syntax(&name, &bytes, wanted).ok_or_else(fault)?
        }
    };
    let is_spec = matches!(subject.kind, SubjectKind::Spec);
    let passed_over = !is_spec && checked.is_template();
    Ok((!passed_over).then(|| CheckedFile { checked, beside: folder.has_read() }))
}

/// The sentence about a file that is of no known format, or whose name says one that it is not of.
fn unread(path: &Path) -> String {
    let name = path.to_string_lossy();
    let beside = |name: &str| read::text_of(&path.with_file_name(name));
    recognise::why_not(&name, &beside).map_or_else(|| unknown(&name), |why| format!("{name} {why}"))
}

/// The sentence about a file of no known format.
fn unknown(name: &str) -> String {
    format!("{name} is not a file that is read here: {}", recognise::what_is_read())
}

/// What standard input is called if it has no path.
const STDIN: &str = "<stdin>";

/// Whether what came over standard input is a spec; bytes of no known format are read as one when they are to be fixed.
pub fn is_spec_text(bytes: &[u8]) -> bool {
    let format = recognise::by_content(&String::from_utf8_lossy(bytes));
    format.is_none_or(|format| format.sets.is_none())
}

/// Checks what came over standard input.
pub fn check_stdin(bytes: Vec<u8>, wanted: &CheckOptions) -> CheckOutcome {
    let folder = read::Folder::default();
    let is_bare = |line: &[u8]| line.is_empty() || line.starts_with(b"#") || line == b"---" || line == b"...";
    if bytes.split(|byte| *byte == b'\n').all(|line| is_bare(line.trim_ascii())) {
        return Err("nothing is in standard input: no spec and no object, comments and `---` aside".to_owned());
    }
    let format: Option<&'static InputMeta> = recognise::by_content(&String::from_utf8_lossy(&bytes));
    let checked = match format {
        Some(format) if format.sets.is_some() => scalegen::lint_alone(format, STDIN, &bytes, &folder, wanted),
        Some(_) => scalegen::lint_owned(STDIN, bytes, &folder, wanted),
        None => scalegen::lint_syntax(STDIN, &bytes, wanted).ok_or_else(|| unknown("standard input"))?,
    };
    let passed_over = format.is_none_or(|format| format.sets.is_some()) && checked.is_template();
    Ok((!passed_over).then(|| CheckedFile { checked, beside: folder.has_read() }))
}
