//! `scalegen lint`: many specs, one report.

use super::args::{FailLevel, Lint};
use super::check::{CheckedFile, SpecCheck, check_all};
use super::settings::{Accepted, Governed, SettingsFiles};
use super::subjects::{CheckSubject, Gathered, gather, in_folder, kinds};
use super::watch::{self, Watched};
use super::{Exit, Failure, baseline, complain, fix, known_targets, read, reports, suggestion};
use scalegen::report::{self, Batch, Format, Own, Reported, TextStyle};
use scalegen::support::plural::plural;
use scalegen::{CheckOptions, CheckResult};
use std::collections::HashSet;
use std::io::Write;
use std::path::PathBuf;

/// Checks every path and prints one report, with `--watch` again after each change of what is read.
pub fn start(args: &Lint, style: TextStyle, out: &mut dyn Write) -> Result<Exit, Failure> {
    if !args.watch {
        return run(args, style, out);
    }
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(Failure(watch::NO_STDIN.to_owned()));
    }
    let specs = || specs_of(&args.paths);
    watch::watch(&Watched { specs: &specs, but: None }, out, |out| run(args, style, out))
}

/// The files that the arguments name and those in the folders that they name, without a word on what cannot be searched.
fn specs_of(paths: &[PathBuf]) -> Vec<PathBuf> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let below = |path: &PathBuf| in_folder(&read::specs(path)).into_iter().map(|(file, _)| file).collect();
    let one = |path: &PathBuf| if path.is_dir() { below(path) } else { vec![path.clone()] };
    paths.iter().flat_map(one).collect()
}

/// Checks every path and prints one report; what cannot be read does not stop the rest.
fn run(args: &Lint, style: TextStyle, out: &mut dyn Write) -> Result<Exit, Failure> {
    known_targets(&args.target)?;
    let outputs = reports::wanted(&args.format)?;
    let wanted = CheckOptions {
        profiles: args.profile.iter().cloned().map(Some).collect(),
        targets: args.target.clone(),
        ignore: args.ignore.clone(),
        nothing_else: args.complete,
        ..CheckOptions::default()
    };
    let Gathered { subjects, searched, mut failed } = gather(&args.paths);
    let paths: Vec<PathBuf> = subjects.iter().flat_map(CheckSubject::files).cloned().collect();
    reports::apart(&outputs, &paths)?;
    let accepted = match (&args.baseline, &args.write_baseline) {
        (_, Some(_)) => Accepted::Nothing,
        (Some(file), None) => Accepted::By(file.as_path()),
        (None, None) => Accepted::BySettings,
    };
    let mut governing = SettingsFiles::new(&args.config, accepted)?;
    let governed =
        subjects.iter().map(|subject| governing.of(&subject.path)).collect::<Result<Vec<Governed>, Failure>>()?;
    let policies = governing.policies();
    ignorable(&args.ignore, &policies)?;
    let check = SpecCheck { subjects: &subjects, governed: &governed, governing: &governing, wanted: &wanted };
    let fixed = if args.fix || args.diff { Some(fix::all(&check, args, out)?) } else { None };
    let (results, diff) = match fixed {
        Some(outcome) => {
            failed |= outcome.failed;
            (outcome.results, outcome.diff)
        }
        None => (check_all(&check), String::new()),
    };
    let mut checked = Vec::with_capacity(results.len());
    let (mut by, mut read) = (Vec::with_capacity(results.len()), Vec::new());
    let mut inputs = [&paths[..], &governing.files()].concat();
    let (mut templates, mut shown_subjects) = (0, Vec::new());
    for ((subject, governed), result) in subjects.iter().zip(governed).zip(results) {
        match result {
            Ok(None) => templates += 1,
            Ok(Some(CheckedFile { checked: one, beside })) => {
                inputs.extend(beside);
                checked.push(one);
                shown_subjects.push(subject);
                by.push(governed);
                read.push(subject.path.as_path());
            }
            Err(why) => {
                complain(&why);
                failed = true;
            }
        }
    }
    if templates > 0 {
        let files = plural(templates, "template");
        complain(&format!(
            "{files} passed over: with `{{{{` in it a file is YAML only once it is built, as by `helm template . | scalegen lint -`"
        ));
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
    let asked = args.fail_level.map(FailLevel::severity);
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
    let pairs: Vec<(Governed, &CheckResult)> = by.into_iter().zip(&checked).collect();
    if !failed && args.profile.is_empty() && args.target.is_empty() {
        governing.judge(&searched, &pairs);
    }
    let reaches = |(by, one): &(Governed, &CheckResult)| one.worst() >= Some(governing.least(asked, by));
    let found = governing.fails(asked) || pairs.iter().any(reaches);
    let mut reported = governing.reports();
    let mut counts = kinds(&shown_subjects);
    if !reported.is_empty() {
        counts.push((reported.len(), "settings file"));
    }
    reported.append(&mut checked);
    let mut told = HashSet::new();
    reported.iter_mut().for_each(|one| {
        one.tell_once();
        one.leave_out_told(&mut told);
    });
    // the fixed spec has standard output to itself
    let aside = args.fix && paths.iter().any(|path| path.as_os_str() == "-");
    let mut stderr = std::io::stderr();
    let shown: &mut dyn Write = if aside { &mut stderr } else { out };
    batch(&reported, &policies, &counts, |batch| {
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
            Some(known) if !known.meta.suppressible => {
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
pub fn print(
    checked: &mut [CheckResult],
    format: Format,
    style: TextStyle,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    checked.iter_mut().for_each(CheckResult::tell_once);
    let mut bytes = Vec::new();
    batch(checked, &[], &[], |batch| report::write(format, batch, style, &mut bytes))?;
    Ok(out.write_all(&bytes)?)
}

/// All checked specs as reports take them.
fn batch<T>(
    checked: &[CheckResult],
    policies: &[Own],
    kinds: &[(usize, &'static str)],
    report: impl FnOnce(&Batch<'_>) -> T,
) -> T {
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
    report(&Batch { files: &files, suppressed, policies, kinds })
}
