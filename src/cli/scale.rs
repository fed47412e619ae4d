//! `scalegen scale`: a request for one service, written into the spec. `change::scale` knows the fields,
//! `inputs::spec::edit` the bytes.

use super::args::ScaleArgs;
use super::given::GivenSpec;
use super::settings::{AppliedSettings, SettingsFiles};
use super::{Exit, Failure, complain, plan, suggestion, write};
use scalegen::change::scale::{ScaleRequest, Scaled, Stopped, scale};
use scalegen::inputs::spec::edit::Refusal;
use scalegen::model::quantity::{BadQuantity, Cpu, Memory, Unit};
use scalegen::plan::summary::{SummaryQuestion, formation};
use scalegen::report::{self, TextStyle};
use scalegen::support::diagnostic::Severity;
use scalegen::support::plural::plural;
use scalegen::support::source::{Source, Span};
use scalegen::support::unified;
use scalegen::{CheckOptions, CheckResult, Files};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Changes one spec. The formation goes to standard output, beside a result or a diff to standard error.
pub fn run(args: &ScaleArgs, style: TextStyle, out: &mut dyn Write) -> Result<Exit, Failure> {
    let (spec, service) = spec_and_service(&args.names)?;
    let request = request(args, service)?;
    let spec = GivenSpec::read_spec(spec)?;
    let AppliedSettings { wanted, mut reported, .. } =
        SettingsFiles::for_spec(&args.config, &spec.path, &CheckOptions::default())?;
    let (name, bytes, folder) = (&*spec.name, &*spec.bytes, &spec.folder);
    let Ok(old) = std::str::from_utf8(bytes) else { return unreadable(name, bytes, folder, style) };
    let Scaled { text, notes } = match scale(old, &request) {
        Ok(scaled) => scaled,
        Err(Stopped::Unreadable) => return unreadable(name, bytes, folder, style),
        Err(stopped) => return Err(Failure(why(&stopped, &request, name, old))),
    };
    let of_settings = reported.iter().any(|report| report.worst() == Some(Severity::Error));
    let after = scalegen::lint(name, text.as_bytes(), folder, &wanted);
    // earlier faults are reported, but they do not keep anybody from scaling now
    let older = if after.worst() == Some(Severity::Error) {
        errors_of(&scalegen::lint(name, bytes, folder, &wanted))
    } else {
        Vec::new()
    };
    let errors = errors_of(&after);
    let new = errors.iter().filter(|error| !older.contains(error)).count();
    reported.push(after);
    plan::errors(reported, style)?;
    let shown = report::clean(name);
    let aside = spec.is_stdin() || args.dry_run;
    let mut stderr = std::io::stderr();
    let people: &mut dyn Write = if aside { &mut stderr } else { &mut *out };
    table(old, &text, &request, people)?;
    for note in notes {
        writeln!(people, "note: {}", report::clean(&note))?;
    }
    let had = errors.len() - new;
    if (new > 0 || of_settings) && !args.force {
        let had = if had == 0 { String::new() } else { format!("; {had} of the errors stood in it before") };
        complain(&format!("{name} is left as it was: it would have errors (--force saves it anyway){had}"));
        return Ok(Exit::Findings);
    }
    if had > 0 {
        complain(&format!("{} stood in {name} before this change", plural(had, "error")));
    }
    if args.dry_run {
        write!(out, "{}", report::clean_lines(&unified::named(old, &text, &shown, &shown)))?;
    } else if spec.is_stdin() {
        out.write_all(text.as_bytes())?;
    } else {
        let changes = text != old;
        if changes {
            write::replace(&spec.path, bytes, text.as_bytes()).map_err(Failure)?;
        }
        writeln!(out, "{}", write::outcome(&shown, changes))?;
    }
    Ok(Exit::Clean)
}

/// The spec and the service, in whatever order they are named: only one of the two is there as a file or folder.
fn spec_and_service(names: &[PathBuf]) -> Result<(Option<&Path>, String), Failure> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let is_there = |path: &Path| path.as_os_str() == "-" || path.is_symlink() || path.exists();
    match names {
        [service] => Ok((None, text(service))),
        [spec, service, ..] if is_there(spec) || spec.extension().is_some() => Ok((Some(spec), text(service))),
        [service, spec, ..] if is_there(spec) => Ok((Some(spec), text(service))),
        [first, second, ..] => Err(Failure(format!(
            "neither {} nor {} is a spec or a folder; write SPEC SERVICE, or one service of the spec in this folder",
            first.display(),
            second.display()
        ))),
        [] => Err(Failure("name the service to scale".to_owned())),
    }
}

/// The errors of a check by rule and path, which do not change when numbers do.
fn errors_of(checked: &CheckResult) -> Vec<(String, String)> {
    let all = checked.findings.iter().zip(&checked.paths);
    let errors = all.filter(|(finding, _)| finding.severity == Severity::Error);
    errors.map(|(finding, path)| (finding.rule.to_string(), path.clone())).collect()
}

/// The findings say what is wrong with a text that is not YAML.
fn unreadable(name: &str, bytes: &[u8], folder: &dyn Files, style: TextStyle) -> Result<Exit, Failure> {
    plan::errors(vec![scalegen::lint(name, bytes, folder, &CheckOptions::default())], style)?;
    complain(&format!("{name} cannot be changed before it can be read"));
    Ok(Exit::Findings)
}

fn table(old: &str, new: &str, request: &ScaleRequest, out: &mut dyn Write) -> Result<(), Failure> {
    let of = |text: &str| {
        let models = scalegen::models(text.as_bytes());
        let found = models.into_iter().find(|(profile, _)| *profile == request.profile);
        found.map(|(profile, spec)| {
            formation(&spec, &SummaryQuestion { profile: profile.as_deref(), ..SummaryQuestion::default() })
        })
    };
    if let (Some(before), Some(after)) = (of(old), of(new)) {
        report::before_and_after(&before, &after, out)?;
    }
    Ok(())
}

/// Checks the numbers on the command line, so that a typo there is not written into a file.
fn request(args: &ScaleArgs, service: String) -> Result<ScaleRequest, Failure> {
    let bad = |flag: &str, bad: BadQuantity| {
        let meant = bad.meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
        Failure(format!("--{flag}: {}{meant}", bad.why))
    };
    if let Some(text) = &args.cpu {
        let cpu = Cpu::parse(text).map_err(|why| bad("cpu", why))?;
        if cpu.0 == 0 {
            return Err(Failure(format!("--cpu: `{text}` is no cpu at all")));
        }
    }
    if let Some(text) = &args.memory {
        let memory = Memory::parse(text).map_err(|why| bad("memory", why))?;
        let digits = text.trim_end_matches('m');
        // a bare 512 is 512 bytes, and 512m are thousandths of one
        if memory.unit == Unit::Fraction || (memory.unit == Unit::None && memory.bytes < 1 << 20) {
            let bytes = memory.bytes;
            return Err(Failure(format!("--memory: `{text}` is {bytes} bytes; did you mean `{digits}Mi`?")));
        }
    }
    if args.concurrency == Some(0) {
        return Err(Failure("--concurrency: a replica that does 0 things at once does nothing".to_owned()));
    }
    Ok(ScaleRequest {
        service,
        profile: args.profile.clone(),
        count: args.count,
        min: args.min,
        max: args.max,
        cpu: args.cpu.clone(),
        memory: args.memory.clone(),
        concurrency: args.concurrency,
    })
}

fn why(stopped: &Stopped, request: &ScaleRequest, name: &str, text: &str) -> String {
    let service = &request.service;
    let names = |wrong: &str, all: &[String]| match all {
        [] => "there are none".to_owned(),
        all => suggestion(wrong, all.iter().map(String::as_str)),
    };
    match stopped {
        Stopped::Unreadable => format!("{name} cannot be read"),
        Stopped::UnknownProfile(all) => {
            let profile = request.profile.as_deref().unwrap_or_default();
            let list = if all.is_empty() { String::new() } else { format!(" ({})", all.join(", ")) };
            format!("unknown profile `{profile}`; {}{list}", names(profile, all))
        }
        Stopped::UnknownService(all) => format!("unknown service `{service}`; {}", names(service, all)),
        Stopped::Backing => format!("`{service}` is a backing service: it has no replicas to scale"),
        Stopped::Refused(refusal) => refused(refusal, name, text),
    }
}

/// Why an edit was not made, for people.
pub(super) fn refused(refusal: &Refusal, name: &str, text: &str) -> String {
    let source = Source::new(name, text);
    let place = |span: Span| {
        let at = source.numbers(span.start);
        format!("{name}:{}:{}", at.line, at.column)
    };
    let Refusal { field, why, at, edit_at } = refusal;
    let at = at.map_or_else(String::new, |at| format!(" (at {})", place(at)));
    let help = match edit_at {
        Some(shared) => format!("edit {} for all of them, or write the value out where it is used", place(*shared)),
        None => "edit it by hand".to_owned(),
    };
    format!("cannot set `{field}`: {why}{at}; {help}; nothing was changed")
}
