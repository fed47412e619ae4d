//! `scalegen lint`: many specs, one report.

use super::args::{Level, Lint};
use super::settings::{Accepted, Governed, Governing};
use super::{Exit, Failure, baseline, complain, fix, known_targets, read, reports, suggestion};
use scalegen::report::{self, Batch, Format, Own, Reported, Style};
use scalegen::{Checked, Wanted};
use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Checks every path and prints one report; what cannot be read does not stop the rest.
pub fn run(args: &Lint, style: Style, out: &mut dyn Write) -> Result<Exit, Failure> {
    known_targets(&args.target)?;
    let outputs = reports::wanted(&args.format)?;
    let wanted = Wanted {
        profiles: args.profile.iter().cloned().map(Some).collect(),
        targets: args.target.clone(),
        ignore: args.ignore.clone(),
        ..Wanted::default()
    };
    let Gathered { paths, searched, mut failed } = gather(&args.paths);
    reports::apart(&outputs, &paths)?;
    let accepted = match (&args.baseline, &args.write_baseline) {
        (_, Some(_)) => Accepted::Nothing,
        (Some(file), None) => Accepted::By(file.as_path()),
        (None, None) => Accepted::BySettings,
    };
    let mut governing = Governing::new(&args.config, accepted)?;
    let governed = paths.iter().map(|path| governing.of(path)).collect::<Result<Vec<Governed>, Failure>>()?;
    let policies = governing.policies();
    ignorable(&args.ignore, &policies)?;
    let check = Check { paths: &paths, governed: &governed, governing: &governing, wanted: &wanted };
    let mended = if args.fix || args.diff { Some(fix::all(&check, args, out)?) } else { None };
    let (results, diff) = match mended {
        Some(mended) => {
            failed |= mended.failed;
            (mended.results, mended.diff)
        }
        None => (check_all(&check), String::new()),
    };
    let mut checked = Vec::with_capacity(results.len());
    let (mut by, mut read) = (Vec::with_capacity(results.len()), Vec::new());
    let mut inputs = [&paths[..], &governing.files()].concat();
    for ((path, governed), result) in paths.iter().zip(governed).zip(results) {
        match result {
            Ok(One { checked: one, beside }) => {
                inputs.extend(beside);
                checked.push(one);
                by.push(governed);
                read.push(path.as_path());
            }
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
    // before anything is printed or written
    reports::apart(&outputs, &[&inputs[..], args.write_baseline.as_slice()].concat())?;
    let asked = args.fail_level.map(Level::severity);
    if args.diff {
        out.write_all(diff.as_bytes())?;
        let faulty = governing.fails(asked);
        let mut reported = governing.reports();
        if !reported.is_empty() {
            print(&mut reported, Format::Text, style, &mut std::io::stderr())?;
        }
        let exit = if diff.is_empty() && !faulty { Exit::Clean } else { Exit::Findings };
        return Ok(if failed { Exit::Failed } else { exit });
    }
    if let Some(file) = &args.write_baseline {
        baseline::replaceable(file, &inputs, governing.names(file))?;
        let (whole, listed) = governing.listed(file, &read)?;
        if failed {
            complain(&format!("{} is not written: not all could be checked", file.display()));
        } else {
            baseline::accept(&whole, file, &listed, &mut checked)?;
        }
    }
    let pairs: Vec<(Governed, &Checked)> = by.into_iter().zip(&checked).collect();
    if !failed && args.profile.is_empty() && args.target.is_empty() {
        governing.judge(&searched, &pairs);
    }
    let reaches = |(by, one): &(Governed, &Checked)| one.worst() >= Some(governing.least(asked, by));
    let found = governing.fails(asked) || pairs.iter().any(reaches);
    let mut reported = governing.reports();
    reported.append(&mut checked);
    reported.iter_mut().for_each(Checked::tell_once);
    // the mended spec has standard output to itself
    let aside = args.fix && paths.iter().any(|path| path.as_os_str() == "-");
    let mut stderr = std::io::stderr();
    let shown: &mut dyn Write = if aside { &mut stderr } else { out };
    batch(&reported, &policies, |batch| {
        let write = |format, style, out: &mut dyn Write| report::write(format, batch, style, out);
        reports::print(&outputs, write, style, shown)
    })?;
    Ok(if failed {
        Exit::Failed
    } else if found {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// Refuses rules that nobody has, and those that cannot be ignored.
fn ignorable(rules: &[String], policies: &[Own]) -> Result<(), Failure> {
    for rule in rules {
        match scalegen::check::rules::get(rule) {
            Some(known) if known.is_firm() => {
                return Err(Failure(format!("`{rule}` cannot be ignored: what it finds would not work anywhere")));
            }
            None if policies.iter().all(|own| own.id != *rule) => {
                let built_in = scalegen::check::rules::ALL.iter().map(|rule| rule.meta.id);
                let all = built_in.chain(policies.iter().map(|own| own.id.as_str()));
                return Err(Failure(format!("unknown rule `{rule}`; {}", suggestion(rule, all))));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Prints one report over all checked specs, in one piece: standard error is not buffered.
pub fn print(checked: &mut [Checked], format: Format, style: Style, out: &mut dyn Write) -> Result<(), Failure> {
    checked.iter_mut().for_each(Checked::tell_once);
    let mut bytes = Vec::new();
    batch(checked, &[], |batch| report::write(format, batch, style, &mut bytes))?;
    Ok(out.write_all(&bytes)?)
}

/// All checked specs as reports take them.
fn batch<T>(checked: &[Checked], policies: &[Own], report: impl FnOnce(&Batch<'_>) -> T) -> T {
    let files: Vec<Reported<'_>> = checked
        .iter()
        .map(|one| Reported {
            sources: &one.sources,
            findings: &one.findings,
            paths: &one.paths,
            suppressed: &one.suppressed,
        })
        .collect();
    let suppressed = checked.iter().map(|one| one.suppressed.len()).sum();
    report(&Batch { files: &files, suppressed, policies })
}

/// What the arguments name.
struct Gathered {
    /// The files to check.
    paths: Vec<PathBuf>,
    /// The folders that were searched.
    searched: Vec<PathBuf>,
    /// Whether some path could not be searched.
    failed: bool,
}

fn gather(paths: &[PathBuf]) -> Gathered {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let mut found = Vec::new();
    let mut searched = Vec::new();
    let mut failed = false;
    for path in paths {
        if path.as_os_str() == "-" || !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        searched.push(path.clone());
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
    Gathered { paths: found, searched, failed }
}

/// What a run checks, and by which settings.
pub struct Check<'a> {
    pub paths: &'a [PathBuf],
    /// Who governs each path.
    pub governed: &'a [Governed],
    pub governing: &'a Governing,
    pub wanted: &'a Wanted,
}

impl<'a> Check<'a> {
    /// Each path with what is wanted of it.
    pub fn one(&self, index: usize) -> Option<(&'a Path, Cow<'a, Wanted>)> {
        Some((self.paths.get(index)?, self.governing.wanted(self.wanted, self.governed.get(index)?)))
    }
}

/// One checked file.
pub struct One {
    pub checked: Checked,
    /// The files it names that were read.
    pub beside: Vec<PathBuf>,
}

/// Checks the files on all cores; results stand in the order of the paths.
fn check_all(check: &Check<'_>) -> Vec<Result<One, String>> {
    let paths = check.paths;
    // a thread costs about as much as eight small files, and counting the cores as much as one
    let most = paths.len() / 8 + 1;
    let threads = if most == 1 { 1 } else { std::thread::available_parallelism().map_or(1, usize::from).min(most) };
    let indices: Vec<usize> = (0..paths.len()).collect();
    let done = scalegen::support::threads::each(&indices, threads, |index| {
        check.one(*index).map(|(path, wanted)| check_one(path, &wanted))
    });
    done.into_iter().flatten().collect()
}

fn check_one(path: &Path, wanted: &Wanted) -> Result<One, String> {
    let stdin = path.as_os_str() == "-";
    let bytes = if stdin { read::stdin()? } else { read::spec(path)? };
    let name = if stdin { "<stdin>".to_owned() } else { shown(path) };
    let folder = read::Folder::of(path);
    let checked = scalegen::lint_owned(&name, bytes, &folder, wanted);
    Ok(One { checked, beside: folder.has_read() })
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
