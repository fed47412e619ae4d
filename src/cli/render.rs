//! `scalegen render`: to standard output, to files, or compared with files.

use super::args::Render;
use super::settings::{Governing, One};
use super::{Exit, Failure, known_targets, lint, read, shown, suggestion, write};
use scalegen::report::{self, Format, Style};
use scalegen::support::diagnostic::Severity;
use scalegen::support::unified;
use scalegen::{Rendered, Wanted};
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Renders one spec. Findings go to standard error, so that standard output is only files.
pub fn run(args: &Render, style: Style, out: &mut dyn Write) -> Result<Exit, Failure> {
    known_targets(&args.target)?;
    let stdin = args.spec.as_os_str() == "-";
    let bytes = if stdin { read::stdin() } else { read::file(&args.spec) };
    let bytes = bytes.map_err(|why| Failure(format!("cannot read {}: {why}", args.spec.display())))?;
    let folder = read::Folder::of(&args.spec);
    let name = if stdin { "<stdin>".into() } else { args.spec.to_string_lossy() };
    let wanted = Wanted {
        profiles: vec![args.profile.clone()],
        targets: args.target.clone(),
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        ..Wanted::default()
    };
    let One { wanted, mut reported, files: governing } = Governing::one(&args.config, &args.spec, &wanted)?;
    let Rendered { checked, files } = scalegen::render_wanted(&name, &bytes, &folder, &wanted)
        .map_err(|bug| Failure(format!("our bug, please report it: {bug}; nothing was written")))?;
    let error = Some(Severity::Error);
    let refused = checked.worst() == error || reported.iter().any(|settings| settings.worst() == error);
    if let Some(profile) = &args.profile
        && !checked.profiles.contains(profile)
        && !(refused && checked.profiles.is_empty())
    {
        let all = checked.profiles.iter().map(String::as_str);
        return Err(Failure(format!("unknown profile `{profile}`; {}", suggestion(profile, all))));
    }
    if !checked.findings.is_empty() || !reported.is_empty() {
        reported.push(checked);
        lint::print(&reported, Format::Text, style, &mut std::io::stderr())?;
    }
    if refused {
        return Ok(Exit::Findings);
    }
    if files.is_empty() {
        let all = scalegen::targets::ALL.iter().map(|target| target.meta.name);
        return Err(Failure(format!(
            "the spec names no target; give one with --target ({})",
            all.collect::<Vec<_>>().join(", ")
        )));
    }
    let several = files.len() > 1;
    let wanted: Vec<write::Wanted> = files
        .iter()
        .flat_map(|(target, files)| files.iter().map(move |file| (target, file)))
        .map(|(target, file)| write::Wanted {
            path: if several { Path::new(target).join(&file.path) } else { PathBuf::from(&file.path) },
            text: file.text.clone(),
        })
        .collect();
    let folders: Vec<PathBuf> =
        if several { files.iter().map(|(target, _)| PathBuf::from(target)).collect() } else { vec![PathBuf::new()] };
    if let Some(dir) = &args.out {
        let mut inputs = folder.has_read();
        inputs.push(args.spec.clone());
        inputs.extend(governing);
        // each resolved once: there may be hundreds of files to write
        let inputs: Vec<PathBuf> = inputs.iter().filter_map(|input| input.canonicalize().ok()).collect();
        for path in wanted.iter().map(|file| dir.join(&file.path)) {
            if path.canonicalize().is_ok_and(|path| inputs.contains(&path)) {
                let path = path.display();
                return Err(Failure(format!("cannot write {path}: this render reads it; take another --out")));
            }
        }
    }
    match &args.out {
        None => print(&wanted, out),
        Some(dir) if args.check => check(dir, &wanted, &folders, out),
        Some(dir) => {
            if !args.force {
                write::owned(dir, &wanted, write::is_rendered).map_err(Failure)?;
            }
            save(dir, &wanted, &folders, args.prune, out)
        }
    }
}

/// Says of how many files nothing had to change.
fn as_rendered(files: usize, out: &mut dyn Write) -> std::io::Result<()> {
    write::as_rendered(files).map_or(Ok(()), |said| writeln!(out, "{said}"))
}

/// YAML as a stream with the file's name before each document.
fn print(files: &[write::Wanted], out: &mut dyn Write) -> Result<Exit, Failure> {
    let language = |file: &write::Wanted| file.path.extension().map(|end| end.to_os_string());
    if files.iter().any(|file| language(file) != files.first().and_then(language)) {
        let names: Vec<String> = files.iter().map(|file| file.path.display().to_string()).collect();
        return Err(Failure(format!(
            "files of different languages cannot share standard output: {}; use --out or one --target",
            names.join(", ")
        )));
    }
    let several = files.len() > 1;
    for file in files {
        if several {
            writeln!(out, "---\n# file: {}", file.path.display())?;
        }
        out.write_all(file.text.as_bytes())?;
    }
    Ok(Exit::Clean)
}

fn save(
    dir: &Path,
    files: &[write::Wanted],
    folders: &[PathBuf],
    prune: bool,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let written = write::all(dir, files).map_err(Failure)?;
    for file in &written {
        writeln!(out, "wrote {}", shown(&dir.join(&file.path)))?;
    }
    as_rendered(files.len() - written.len(), out)?;
    for stray in write::beside(dir, files, folders).strays {
        let path = dir.join(&stray);
        if prune {
            write::remove(&path).map_err(Failure)?;
            writeln!(out, "removed {}", shown(&path))?;
        } else {
            writeln!(out, "left {}: not of this render, --prune removes it", shown(&path))?;
        }
    }
    Ok(Exit::Clean)
}

fn check(dir: &Path, files: &[write::Wanted], folders: &[PathBuf], out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut report = String::new();
    for file in files {
        let path = write::inside(dir, &file.path).map_err(Failure)?;
        let old = match read::file(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(_) if !path.exists() => {
                let _ = writeln!(report, "missing {}", shown(&path));
                continue;
            }
            Err(why) => return Err(Failure(format!("cannot read {}: {why}", path.display()))),
        };
        if old != file.text {
            let name = shown(&path);
            let diff = unified::named(&old, &file.text, &name, &format!("{name} (rendered now)"));
            report.push_str(&report::clean_lines(&diff));
        }
    }
    let beside = write::beside(dir, files, folders);
    for stray in beside.strays {
        let _ = writeln!(report, "stray {}: written by scalegen, not of this render", shown(&dir.join(stray)));
    }
    for left in beside.leftovers {
        let _ = writeln!(report, "left over {}: of a run that was killed, the next render removes it", shown(&left));
    }
    out.write_all(report.as_bytes())?;
    if report.is_empty() {
        as_rendered(files.len(), out)?;
        return Ok(Exit::Clean);
    }
    Ok(Exit::Findings)
}
