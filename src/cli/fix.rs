//! `scalegen lint --fix` and `--diff`: the offered fixes, written or shown. Which they are is the library's.

use super::args::Lint;
use super::lint::{Check, One};
use super::{Failure, complain, lint, read, write};
use scalegen::support::unified;
use scalegen::{Fixed, report};
use std::io::Write;
use std::path::Path;

/// What fixing some paths gave.
pub struct Mended {
    /// What the check says now, in the order of the paths; or why a path cannot be read.
    pub results: Vec<Result<One, String>>,
    /// With --diff: what would change.
    pub diff: String,
    /// Whether a file could not be written.
    pub failed: bool,
}

/// Fixes every path. Says on standard error how many findings were fixed, so that standard output is a report.
pub fn all(check: &Check<'_>, args: &Lint, out: &mut dyn Write) -> Result<Mended, Failure> {
    let paths = check.paths;
    if args.fix && paths.len() > 1 && paths.iter().any(|path| is_stdin(path)) {
        return Err(Failure("`-` with --fix takes standard output for the mended spec: name no other path".to_owned()));
    }
    let mut mended = Mended { results: Vec::with_capacity(paths.len()), diff: String::new(), failed: false };
    let (mut findings, mut files) = (0, 0);
    for (path, wanted) in (0..paths.len()).filter_map(|index| check.one(index)) {
        let (bytes, folder) = match open(path) {
            Ok(opened) => opened,
            Err(why) => {
                mended.results.push(Err(why));
                continue;
            }
        };
        let name = if is_stdin(path) { "<stdin>".to_owned() } else { lint::shown(path) };
        let Fixed { text, applied, refused, mut checked } =
            scalegen::fix(&name, &bytes, &folder, &wanted, args.unsafe_fixes);
        if let Some(why) = refused {
            complain(&format!("{name} is left as it was: {why}"));
        }
        let new = text.as_ref().map_or(bytes.as_slice(), |text| text.as_bytes());
        let outcome = match (&text, is_stdin(path)) {
            (Some(text), _) if args.diff => {
                let shown = report::clean(&name);
                let diff = unified::named(&String::from_utf8_lossy(&bytes), text, &shown, &shown);
                mended.diff.push_str(&report::clean_lines(&diff));
                Ok(())
            }
            (_, true) if args.fix => Ok(out.write_all(new)?),
            (Some(_), _) => write::replace(path, &bytes, new),
            (None, _) => Ok(()),
        };
        match outcome {
            Ok(()) => (findings, files) = (findings + applied.len(), files + usize::from(text.is_some())),
            Err(why) => {
                complain(&why);
                mended.failed = true;
                checked = scalegen::lint(&name, &bytes, &folder, &wanted);
            }
        }
        mended.results.push(Ok(One { checked, beside: folder.has_read() }));
    }
    say(args, findings, files)?;
    Ok(mended)
}

fn say(args: &Lint, findings: usize, files: usize) -> Result<(), Failure> {
    let did = if args.diff { "would fix" } else { "fixed" };
    let s = |number: usize| if number == 1 { "" } else { "s" };
    let line = format!("{did} {findings} finding{} in {files} file{}\n", s(findings), s(files));
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
