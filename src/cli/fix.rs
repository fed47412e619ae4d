//! `scalegen lint --fix` and `--diff`: the offered fixes, written or shown. The library decides which fixes are offered.

use super::args::Lint;
use super::check::{CheckOutcome, CheckedFile, SpecCheck, check_one};
use super::subjects::report_path;
use super::subjects::{CheckSubject, SubjectKind};
use super::{Failure, complain, read, write};
use scalegen::support::plural::plural;
use scalegen::support::unified;
use scalegen::{FixedSpec, report};
use std::io::Write;
use std::path::Path;

/// What fixing some paths gave.
pub struct FixOutcome {
    /// What the check says now, in the order of the paths; or why a path cannot be read.
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
        return Err(Failure("`-` with --fix takes standard output for the mended spec: name no other path".to_owned()));
    }
    let mut outcome = FixOutcome { results: Vec::with_capacity(subjects.len()), diff: String::new(), failed: false };
    let (mut findings, mut files) = (0, 0);
    for (subject, wanted) in (0..subjects.len()).filter_map(|index| check.one(index)) {
        if !matches!(subject.kind, SubjectKind::Spec) {
            outcome.results.push(check_one(subject, &wanted));
            continue;
        }
        let path = subject.path.as_path();
        let (bytes, folder) = match open(path) {
            Ok(opened) => opened,
            Err(why) => {
                outcome.results.push(Err(format!("cannot read {}: {why}", path.display())));
                continue;
            }
        };
        let name = if is_stdin(path) { "<stdin>".to_owned() } else { report_path(path) };
        let FixedSpec { text, applied, refused, mut checked } =
            scalegen::fix(&name, &bytes, &folder, &wanted, args.unsafe_fixes);
        if let Some(why) = refused {
            complain(&format!("{name} is left as it was: {why}"));
        }
        let new = text.as_ref().map_or(bytes.as_slice(), |text| text.as_bytes());
        let written = match (&text, is_stdin(path)) {
            (Some(text), _) if args.diff => {
                let label = report::clean(&name);
                let diff = unified::named(&String::from_utf8_lossy(&bytes), text, &label, &label);
                outcome.diff.push_str(&report::clean_lines(&diff));
                Ok(())
            }
            (_, true) if args.fix => Ok(out.write_all(new)?),
            (Some(_), _) => write::replace(path, &bytes, new),
            (None, _) => Ok(()),
        };
        match written {
            Ok(()) => (findings, files) = (findings + applied.len(), files + usize::from(text.is_some())),
            Err(why) => {
                complain(&why);
                outcome.failed = true;
                checked = scalegen::lint(&name, &bytes, &folder, &wanted);
            }
        }
        outcome.results.push(Ok(Some(CheckedFile { checked, beside: folder.has_read() })));
    }
    report_count(args, findings, files)?;
    Ok(outcome)
}

fn report_count(args: &Lint, findings: usize, files: usize) -> Result<(), Failure> {
    let did = if args.diff { "would fix" } else { "fixed" };
    let line = format!("{did} {} in {}\n", plural(findings, "finding"), plural(files, "file"));
    // in one piece: standard error is not buffered
    Ok(std::io::stderr().write_all(line.as_bytes())?)
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn open(path: &Path) -> Result<(Vec<u8>, read::Folder), String> {
    if is_stdin(path) {
        return Ok((read::stdin()?, read::Folder::default()));
    }
    Ok((read::file(path)?, read::Folder::of(path)))
}
