//! `scalegen lint`: many specs, one report.

use super::args::{Level, Lint};
use super::{Exit, Failure, complain, fix, known_targets, read, reports, suggestion};
use scalegen::diagnostic::Severity;
use scalegen::report::{self, Batch, Format, Reported, Style};
use scalegen::{Checked, Wanted};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Checks every path and prints one report; what cannot be read does not stop the rest.
pub fn run(args: &Lint, style: Style, out: &mut dyn Write) -> Result<Exit, Failure> {
    known_targets(&args.target)?;
    let outputs = reports::wanted(&args.format)?;
    for rule in &args.ignore {
        let Some(known) = scalegen::rules::get(rule) else {
            let all = scalegen::rules::ALL.iter().map(|rule| rule.meta.id);
            return Err(Failure(format!("unknown rule `{rule}`; {}", suggestion(rule, all))));
        };
        if known.is_firm() {
            return Err(Failure(format!("`{rule}` cannot be ignored: what it finds would not work anywhere")));
        }
    }
    let wanted = Wanted {
        profiles: args.profile.iter().cloned().map(Some).collect(),
        targets: args.target.clone(),
        ignore: args.ignore.clone(),
    };
    let (paths, mut failed) = gather(&args.paths);
    reports::apart(&outputs, &paths)?;
    let mended = if args.fix || args.diff { Some(fix::all(&paths, &wanted, args, out)?) } else { None };
    let (results, diff) = match mended {
        Some(mended) => {
            failed |= mended.failed;
            (mended.results, mended.diff)
        }
        None => (check_all(&paths, &wanted), String::new()),
    };
    let mut checked = Vec::with_capacity(results.len());
    for (path, result) in paths.iter().zip(results) {
        match result {
            Ok(one) => checked.push(one),
            Err(why) => {
                complain(&format!("cannot read {}: {why}", path.display()));
                failed = true;
            }
        }
    }
    for profile in &args.profile {
        if !checked.is_empty() && !checked.iter().any(|one| one.profiles.contains(profile)) {
            let all = checked.iter().flat_map(|one| one.profiles.iter().map(String::as_str));
            complain(&format!("unknown profile `{profile}`; {}", suggestion(profile, all)));
            failed = true;
        }
    }
    if args.diff {
        out.write_all(diff.as_bytes())?;
        let exit = if diff.is_empty() { Exit::Clean } else { Exit::Findings };
        return Ok(if failed { Exit::Failed } else { exit });
    }
    // the mended spec has standard output to itself
    let aside = args.fix && paths.iter().any(|path| path.as_os_str() == "-");
    let mut stderr = std::io::stderr();
    let shown: &mut dyn Write = if aside { &mut stderr } else { out };
    batch(&checked, |batch| reports::print(&outputs, batch, style, shown))?;
    let least = match args.fail_level {
        Level::Note => Severity::Note,
        Level::Warning => Severity::Warning,
        Level::Error => Severity::Error,
    };
    let found = checked.iter().filter_map(Checked::worst).max() >= Some(least);
    Ok(if failed {
        Exit::Failed
    } else if found {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// Prints one report over all checked specs, in one piece: standard error is not buffered.
pub fn print(checked: &[Checked], format: Format, style: Style, out: &mut dyn Write) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    batch(checked, |batch| report::write(format, batch, style, &mut bytes))?;
    Ok(out.write_all(&bytes)?)
}

/// All checked specs as reports take them.
fn batch<T>(checked: &[Checked], report: impl FnOnce(&Batch<'_>) -> T) -> T {
    let files: Vec<Reported<'_>> = checked
        .iter()
        .map(|one| Reported {
            sources: &one.sources,
            findings: &one.findings,
            paths: &one.paths,
            suppressed: &one.suppressed,
            suppressed_paths: &one.suppressed_paths,
        })
        .collect();
    let suppressed = checked.iter().map(|one| one.suppressed.len()).sum();
    report(&Batch { files: &files, suppressed })
}

/// The files to check, and whether some path could not be searched.
fn gather(paths: &[PathBuf]) -> (Vec<PathBuf>, bool) {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let mut found = Vec::new();
    let mut failed = false;
    for path in paths {
        if path.as_os_str() == "-" || !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let read::Found { specs, shut } = read::specs(path);
        for why in &shut {
            complain(&format!("cannot search {why}"));
            failed = true;
        }
        if specs.is_empty() && shut.is_empty() {
            complain(&format!("no scalegen.yaml or *.scalegen.yaml in {}", path.display()));
            failed = true;
        }
        // `.` is where people are: they know
        found.extend(specs.into_iter().map(|spec| match spec.strip_prefix("./") {
            Ok(short) => short.to_path_buf(),
            Err(_) => spec,
        }));
    }
    found.dedup();
    (found, failed)
}

/// Checks the files on all cores; results stand in the order of the paths.
fn check_all(paths: &[PathBuf], wanted: &Wanted) -> Vec<Result<Checked, String>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // a thread costs about as much as eight small files
    let threads = cores.min(paths.len() / 8 + 1);
    if threads == 1 {
        return paths.iter().map(|path| check_one(path, wanted)).collect();
    }
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(paths.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut mine = Vec::new();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(path) = paths.get(index) else { break };
                    mine.push((index, check_one(path, wanted)));
                }
                if let Ok(mut done) = done.lock() {
                    done.append(&mut mine);
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

fn check_one(path: &Path, wanted: &Wanted) -> Result<Checked, String> {
    if path.as_os_str() == "-" {
        let bytes = read::stdin()?;
        return Ok(scalegen::lint_owned("<stdin>", bytes, &read::Folder::default(), wanted));
    }
    let bytes = read::file(path)?;
    Ok(scalegen::lint_owned(&shown(path), bytes, &read::Folder::of(path), wanted))
}

/// What a spec is called in reports: from here where it is below here, as code hosts know files only by such names.
pub fn shown(path: &Path) -> String {
    let here = if path.is_absolute() { std::env::current_dir().ok() } else { None };
    let below = here.as_ref().and_then(|here| path.strip_prefix(here).ok());
    let name = below.unwrap_or(path).to_string_lossy();
    match name.strip_prefix("./") {
        Some(short) if !short.is_empty() => short.to_owned(),
        _ => name.into_owned(),
    }
}
