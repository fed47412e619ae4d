//! `scalegen lint --fix` and `--diff`: the offered fixes, written or shown. The library decides which fixes are offered.

use super::args::Lint;
use super::check::{CheckOutcome, CheckedFile, SpecCheck, check_one, check_stdin, is_spec_text};
use super::subjects::{CheckSubject, SubjectKind, report_path};
use super::write::{self, FileReplacement};
use super::{Failure, complain, read};
use scalegen::support::plural::plural;
use scalegen::support::unified;
use scalegen::{CheckOptions, Files, FixedFile, FixedFiles, report};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The result of fixing some paths.
pub struct FixOutcome {
    /// The check after the fixes, in the order of the paths; or why a path cannot be read.
    pub results: Vec<CheckOutcome>,
    /// With --diff: what would change.
    pub diff: String,
    /// Whether a file could not be written.
    pub failed: bool,
}

/// Fixes every path. Says on standard error how many findings were fixed, so that standard output is a report.
pub fn all(check: &SpecCheck<'_>, args: &Lint, out: &mut dyn Write) -> Result<FixOutcome, Failure> {
    let subjects = check.subjects;
    if args.fix && subjects.len() > 1 && subjects.iter().any(CheckSubject::is_stdin) {
        return Err(Failure("`-` with --fix writes the fixed spec to standard output: name no other path".to_owned()));
    }
    let mut run = FixRun {
        args,
        roots: roots(&args.paths),
        changed: Vec::new(),
        written: Vec::new(),
        findings: 0,
        left: 0,
        failed: false,
    };
    let mut results: Vec<CheckOutcome> = Vec::with_capacity(subjects.len());
    for (index, (subject, wanted)) in (0..subjects.len()).filter_map(|index| Some((index, check.subject(index)?))) {
        results.push(run.fix(index, subject, &wanted, out)?);
    }
    // a fix for one subject may be in a file that another subject read before
    for (index, result) in results.iter_mut().enumerate() {
        let Ok(Some(CheckedFile { beside, .. })) = &result else { continue };
        let is_old =
            |(by, path): &(usize, PathBuf)| *by > index && beside.iter().any(|file| read::same_file(file, path));
        if let (true, Some((subject, wanted))) = (run.written.iter().any(is_old), check.subject(index)) {
            *result = check_one(subject, &wanted);
        }
    }
    run.report_count()?;
    Ok(FixOutcome { results, diff: run.diff(), failed: run.failed })
}

/// The folders in which files may change. A spec from elsewhere may name any file of this machine as its base.
fn roots(paths: &[PathBuf]) -> Vec<PathBuf> {
    let folder = |path: &PathBuf| {
        let whole = path.canonicalize().ok()?;
        if whole.is_dir() { Some(whole) } else { whole.parent().map(Path::to_path_buf) }
    };
    std::iter::once(&PathBuf::from(".")).chain(paths).filter_map(folder).collect()
}

/// Whether a whole path is in one of these folders.
fn is_below(roots: &[PathBuf], whole: &Path) -> bool {
    roots.iter().any(|root| whole.starts_with(root))
}

/// The check of a spec that is a link to elsewhere, as it is.
fn unfixed(subject: &CheckSubject, wanted: &CheckOptions) -> CheckOutcome {
    let outcome = check_one(subject, wanted);
    if let Ok(Some(file)) = &outcome
        && file.checked.findings.iter().any(|finding| finding.fix.is_some())
    {
        let name = report_path(&subject.path);
        complain(&format!("{name} is left as it was: its link leads out of the current folder and those named"));
    }
    outcome
}

/// A run that fixes: what it did so far.
struct FixRun<'r> {
    args: &'r Lint,
    /// The folders in which files may change, as whole paths: the current one and those of the paths on the command line.
    roots: Vec<PathBuf>,
    /// With --diff: the files that would change, with their whole paths.
    changed: Vec<(PathBuf, FixedFile)>,
    /// The files that were written, each with the subject it was written for.
    written: Vec<(usize, PathBuf)>,
    findings: usize,
    left: usize,
    failed: bool,
}

impl FixRun<'_> {
    fn fix(
        &mut self,
        index: usize,
        subject: &CheckSubject,
        wanted: &CheckOptions,
        out: &mut dyn Write,
    ) -> Result<CheckOutcome, Failure> {
        let path = subject.path.as_path();
        let cannot = |path: &Path, why: &str| Err(format!("cannot read {}: {why}", path.display()));
        if subject.is_stdin() {
            return match read::stdin() {
                Ok(bytes) => self.stdin(bytes, wanted, out),
                Err(why) => Ok(cannot(path, &why)),
            };
        }
        let is_spec = matches!(subject.kind, SubjectKind::Spec);
        if is_spec && path.canonicalize().is_ok_and(|whole| !is_below(&self.roots, &whole)) {
            return Ok(unfixed(subject, wanted));
        }
        let folder = read::Folder::of(path);
        let files = Changed { folder: &folder, changed: &self.changed, roots: &self.roots };
        let fixed = match (&subject.kind, subject.set()) {
            (SubjectKind::Spec, _) => match files.read_at(path) {
                Ok(bytes) => {
                    let name = report_path(path);
                    scalegen::fix_with_files(&name, &bytes, &files, wanted, self.args.unsafe_fixes)
                }
                Err(why) => return Ok(cannot(path, &why)),
            },
            (_, Some(set)) => match scalegen::fix_set(&set, &files, wanted, self.args.unsafe_fixes) {
                Ok(fixed) if fixed.checked.is_template() => return Ok(Ok(None)),
                Ok(fixed) => fixed,
                Err((unread, why)) => return Ok(cannot(&folder.path(&unread), &why)),
            },
            _ => return Ok(check_one(subject, wanted)),
        };
        if let Some(why) = &fixed.refused {
            complain(&format!("{} is left as it was: {why}", report_path(path)));
        }
        let FixedFiles { files, applied, left, checked, .. } = fixed;
        let place = |file: &FixedFile| file.path.as_ref().map_or_else(|| path.to_path_buf(), |path| folder.path(path));
        let places: Vec<PathBuf> = files.iter().map(place).collect();
        if let Err(why) = self.put(index, places, &files) {
            complain(&why);
            self.failed = true;
            return Ok(check_one(subject, wanted));
        }
        self.findings += applied.len();
        self.left += left;
        Ok(Ok(Some(CheckedFile { checked, beside: folder.has_read() })))
    }

    /// Standard input goes to standard output; only specs are fixed on the way.
    fn stdin(&mut self, bytes: Vec<u8>, wanted: &CheckOptions, out: &mut dyn Write) -> Result<CheckOutcome, Failure> {
        if !is_spec_text(&bytes) {
            if self.args.fix {
                out.write_all(&bytes)?;
            }
            return Ok(check_stdin(bytes, wanted));
        }
        let name = "<stdin>";
        let folder = read::Folder::default();
        let fixed = scalegen::fix(name, &bytes, &folder, wanted, self.args.unsafe_fixes);
        if let Some(why) = &fixed.refused {
            complain(&format!("{name} is left as it was: {why}"));
        }
        let new = fixed.text.as_ref().map_or(bytes.as_slice(), |text| text.as_bytes());
        if self.args.fix {
            out.write_all(new)?;
        }
        if let Some(new) = fixed.text {
            let old = String::from_utf8_lossy(&bytes).into_owned();
            self.changed.push((PathBuf::from("-"), FixedFile { path: None, name: name.to_owned(), old, new }));
        }
        self.findings += fixed.applied.len();
        Ok(Ok(Some(CheckedFile { checked: fixed.checked, beside: folder.has_read() })))
    }

    /// Writes files, all or none. With --diff only remembers their new text.
    fn put<'f>(&mut self, index: usize, places: Vec<PathBuf>, files: &'f [FixedFile]) -> write::WriteResult<()> {
        if self.args.fix {
            let replacement = |(path, file): (&PathBuf, &'f FixedFile)| FileReplacement {
                path: path.clone(),
                old: file.old.as_bytes(),
                new: file.new.as_bytes(),
            };
            let all: Vec<FileReplacement<'_>> = places.iter().zip(files).map(replacement).collect();
            write::replace_all(&all)?;
            self.written.extend(places.into_iter().map(|path| (index, path)));
            return Ok(());
        }
        for (path, file) in places.into_iter().zip(files) {
            let whole = path.canonicalize().unwrap_or(path);
            match self.changed.iter_mut().find(|(had, _)| *had == whole) {
                Some((_, had)) => had.new.clone_from(&file.new),
                None => self.changed.push((whole, file.clone())),
            }
        }
        Ok(())
    }

    fn diff(&self) -> String {
        let mut diff = String::new();
        for (_, FixedFile { name, old, new, .. }) in self.changed.iter().filter(|_| self.args.diff) {
            let label = report::clean(name);
            diff.push_str(&report::clean_lines(&unified::named(old, new, &label, &label)));
        }
        diff
    }

    fn report_count(&self) -> Result<(), Failure> {
        let did = if self.args.diff { "would fix" } else { "fixed" };
        let whole = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
        let written: BTreeSet<PathBuf> = self.written.iter().map(|(_, path)| whole(path)).collect();
        let files = self.changed.len() + written.len();
        let mut line = format!("{did} {} in {}", plural(self.findings, "finding"), plural(files, "file"));
        if self.left > 0 {
            line += &format!("; {} more with --unsafe-fixes, changing what runs", self.left);
        }
        line.push('\n');
        // in one write: standard error is not buffered
        Ok(std::io::stderr().write_all(line.as_bytes())?)
    }
}

/// The files of a folder as they would be after the fixes so far.
struct Changed<'c> {
    folder: &'c read::Folder,
    roots: &'c [PathBuf],
    changed: &'c [(PathBuf, FixedFile)],
}

impl Changed<'_> {
    fn new_text(&self, path: &Path) -> Option<Vec<u8>> {
        if self.changed.is_empty() {
            return None;
        }
        let whole = path.canonicalize().ok()?;
        self.changed.iter().find(|(had, _)| *had == whole).map(|(_, file)| file.new.clone().into_bytes())
    }

    /// Reads a file by its path from here.
    fn read_at(&self, path: &Path) -> Result<Vec<u8>, String> {
        self.new_text(path).map_or_else(|| read::spec(path), Ok)
    }
}

impl Files for Changed<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        // also if it has changed: nothing may be written over a file that was read
        let now = self.folder.read(path)?;
        Ok(self.new_text(&self.folder.path(path)).unwrap_or(now))
    }

    fn exists(&self, path: &str) -> bool {
        self.folder.exists(path)
    }

    fn may_change(&self, path: &str) -> bool {
        // a link counts as the file that it leads to
        let whole = self.folder.path(path).canonicalize();
        whole.is_ok_and(|whole| is_below(self.roots, &whole))
    }
}
