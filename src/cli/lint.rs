//! `scalegen lint`: many specs, one report.

use super::args::{FailLevel, Lint};
use super::check::{CheckOutcome, CheckedFile, SpecCheck, check_all};
use super::reports::ReportOutput;
use super::settings::{Accepted, Governed, SettingsFiles};
use super::subjects::{CheckSubject, Gathered, gather, in_folder, kinds};
use super::watch::{self, Watched};
use super::{Exit, Failure, baseline, complain, fix, known_targets, read, reports, suggestion};
use scalegen::report::{self, Batch, Format, PolicyRule, Reported, TextStyle};
use scalegen::support::diagnostic::Severity;
use scalegen::support::plural::plural;
use scalegen::{CheckOptions, CheckResult};
use std::io::Write;
use std::path::{Path, PathBuf};

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

/// The files that the arguments name and those in named folders. Errors of the search are not reported here.
fn specs_of(paths: &[PathBuf]) -> Vec<PathBuf> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let below = |path: &PathBuf| in_folder(&read::specs(path)).into_iter().map(|(file, _)| file).collect();
    let files_of = |path: &PathBuf| if path.is_dir() { below(path) } else { vec![path.clone()] };
    paths.iter().flat_map(files_of).collect()
}

/// Checks every path and prints one report. A path that cannot be read does not stop the rest.
fn run(args: &Lint, style: TextStyle, out: &mut dyn Write) -> Result<Exit, Failure> {
    known_targets(&args.target)?;
    let outputs = reports::wanted(&args.format)?;
    let wanted = options(args);
    let Gathered { subjects, searched, mut failed } = gather(&args.paths, args.only_known);
    let paths: Vec<PathBuf> = subjects.iter().flat_map(CheckSubject::files).cloned().collect();
    reports::refuse_overwrites(&outputs, &paths)?;
    let mut governing = SettingsFiles::new(&args.config, accepted(args))?;
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
    let inputs = [&paths[..], &governing.files()].concat();
    let mut all = AllChecked { inputs, failed, ..AllChecked::default() };
    subjects.iter().zip(governed).zip(results).for_each(|((subject, by), result)| all.add(subject, by, result));
    all.tell_templates();
    all.failed |= unknown_profiles(&args.profile, &all.checked);
    // before anything is printed or written
    reports::refuse_overwrites(&outputs, &[&all.inputs[..], args.write_baseline.as_slice()].concat())?;
    let asked = args.fail_level.map(FailLevel::severity);
    if args.diff {
        out.write_all(diff.as_bytes())?;
        return only_settings(governing, asked, diff.is_empty(), style).map(|exit| exit.or_failed(all.failed));
    }
    if let Some(file) = &args.write_baseline {
        all.write_baseline(file, &governing)?;
    }
    let AllChecked { mut checked, by, subjects: shown_subjects, failed, .. } = all;
    let pairs: Vec<(Governed, &CheckResult)> = by.into_iter().zip(&checked).collect();
    if !failed && args.profile.is_empty() && args.target.is_empty() {
        governing.judge(&searched, &pairs);
    }
    let reaches = |(by, one): &(Governed, &CheckResult)| one.worst() >= Some(governing.least(asked, by));
    let found = governing.fails(asked) || pairs.iter().any(reaches);
    let mut counts = kinds(&shown_subjects);
    let mut reported = governing.reports();
    if !reported.is_empty() {
        counts.push((reported.len(), "settings file"));
    }
    reported.append(&mut checked);
    once(&mut reported);
    // the fixed spec has standard output to itself
    let aside = args.fix && paths.iter().any(|path| path.as_os_str() == "-");
    let mut stderr = std::io::stderr();
    let shown: &mut dyn Write = if aside { &mut stderr } else { out };
    batch(&reported, &policies, &counts, |batch| {
        let write = |format, style, out: &mut dyn Write| report::write(format, batch, style, out);
        reports::print(&outputs, write, style, shown)
    })?;
    Ok(if found { Exit::Findings } else { Exit::Clean }.or_failed(failed))
}

fn options(args: &Lint) -> CheckOptions {
    CheckOptions {
        profiles: args.profile.iter().cloned().map(Some).collect(),
        targets: args.target.clone(),
        ignore: args.ignore.clone(),
        nothing_else: args.complete,
        ..CheckOptions::default()
    }
}

fn accepted(args: &Lint) -> Accepted<&Path> {
    match (&args.baseline, &args.write_baseline) {
        (_, Some(_)) => Accepted::Nothing,
        (Some(file), None) => Accepted::By(file.as_path()),
        (None, None) => Accepted::BySettings,
    }
}

/// Keeps each finding once over all reports.
fn once(reported: &mut [CheckResult]) {
    reported.iter_mut().for_each(CheckResult::keep_causes);
    CheckResult::leave_out_reported(reported);
}

/// The results of checking, over everything that was to be checked.
#[derive(Default)]
struct AllChecked<'s> {
    checked: Vec<CheckResult>,
    /// For each checked subject, the settings that govern it and its kind.
    by: Vec<Governed>,
    subjects: Vec<&'s CheckSubject>,
    /// All files that were read.
    inputs: Vec<PathBuf>,
    templates: usize,
    failed: bool,
}

impl<'s> AllChecked<'s> {
    fn add(&mut self, subject: &'s CheckSubject, by: Governed, result: CheckOutcome) {
        match result {
            Ok(None) => self.templates += 1,
            Ok(Some(CheckedFile { checked, beside })) => {
                self.inputs.extend(beside);
                self.checked.push(checked);
                self.subjects.push(subject);
                self.by.push(by);
            }
            Err(why) => {
                complain(&why);
                self.failed = true;
            }
        }
    }

    fn write_baseline(&mut self, file: &Path, governing: &SettingsFiles) -> Result<(), Failure> {
        baseline::replaceable(file, &self.inputs, governing.names(file))?;
        let read: Vec<&Path> = self.subjects.iter().map(|subject| subject.path.as_path()).collect();
        let (whole, listed) = governing.listed(file, &read)?;
        if self.failed {
            complain(&format!("{} is not written: not all could be checked", file.display()));
            return Ok(());
        }
        baseline::accept(&whole, file, &listed, &mut self.checked)
    }

    fn tell_templates(&self) {
        if self.templates > 0 {
            let files = plural(self.templates, "template");
            complain(&format!(
                "{files} skipped: with `{{{{` in it a file is YAML only once it is built, as by `helm template . | scalegen lint -`"
            ));
        }
    }
}

/// Reports profiles that no spec has; returns whether there were any.
fn unknown_profiles(wanted: &[String], checked: &[CheckResult]) -> bool {
    let has = |profile: &&String| checked.iter().any(|result| result.profiles.contains(profile));
    let unknown: Vec<&String> = wanted.iter().filter(|profile| !checked.is_empty() && !has(profile)).collect();
    for profile in &unknown {
        let all = checked.iter().flat_map(|result| result.profiles.iter().map(String::as_str));
        complain(&format!("unknown profile `{profile}`; {}", suggestion(profile, all)));
    }
    !unknown.is_empty()
}

/// The end of a run that shows what fixes would change: findings in settings files are reported separately.
fn only_settings(
    governing: SettingsFiles,
    asked: Option<Severity>,
    unchanged: bool,
    style: TextStyle,
) -> Result<Exit, Failure> {
    let faulty = governing.fails(asked);
    let mut reported = governing.reports();
    if !reported.is_empty() {
        print_text(&mut reported, style, &mut std::io::stderr())?;
    }
    Ok(if unchanged && !faulty { Exit::Clean } else { Exit::Findings })
}

/// Refuses unknown rules, and rules that cannot be ignored.
fn ignorable(rules: &[String], policies: &[PolicyRule]) -> Result<(), Failure> {
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

/// Prints reports over all checked specs, each in one write: standard error is not buffered.
pub fn print(
    checked: &mut [CheckResult],
    outputs: &[ReportOutput<Format>],
    style: TextStyle,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    checked.iter_mut().for_each(CheckResult::keep_causes);
    let mut bytes = Vec::new();
    batch(checked, &[], &[], |batch| {
        reports::print(outputs, |format, style, out| report::write(format, batch, style, out), style, &mut bytes)
    })?;
    Ok(out.write_all(&bytes)?)
}

/// Like `report`, but only for people.
pub fn print_text(checked: &mut [CheckResult], style: TextStyle, out: &mut dyn Write) -> Result<(), Failure> {
    print(checked, &reports::wanted(&[])?, style, out)
}

/// All checked specs as reports take them.
fn batch<T>(
    checked: &[CheckResult],
    policies: &[PolicyRule],
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
    let suppressed = checked.iter().map(|result| result.suppressed.len()).sum();
    report(&Batch { files: &files, suppressed, policies, kinds })
}
