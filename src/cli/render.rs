//! `scalegen render`: to standard output, to files, or compared with files.

use super::args::RenderArgs;
use super::given::GivenSpec;
use super::settings::{AppliedSettings, SettingsFiles};
use super::watch::{self, Watched};
use super::{Exit, Failure, applied, display_path, existing, known_targets, lint, read, reports, suggestion, write};
use scalegen::report::{self, TextStyle};
use scalegen::support::diagnostic::Severity;
use scalegen::support::unified;
use scalegen::targets::{MARK, OutputFile};
use scalegen::{CheckOptions, Rendered};
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

/// Renders one spec, with `--watch` again after each change of what it reads.
pub fn run(args: &RenderArgs, style: TextStyle, out: &mut dyn Write) -> Result<Exit, Failure> {
    if !args.watch {
        return once(args, style, out);
    }
    if args.spec.as_deref().is_some_and(|spec| spec.as_os_str() == "-") {
        return Err(Failure(watch::NO_STDIN.to_owned()));
    }
    let named = || args.spec.iter().cloned().collect();
    let watched = Watched { specs: &named, but: args.out.as_deref() };
    watch::watch(&watched, out, |out| once(args, style, out))
}

/// Renders one spec. Findings go to standard error, so that standard output is only files.
fn once(args: &RenderArgs, style: TextStyle, out: &mut dyn Write) -> Result<Exit, Failure> {
    known_targets(&args.target)?;
    let outputs = reports::wanted(&args.format)?;
    let GivenSpec { path, name, bytes, folder, .. } = GivenSpec::read_spec(args.spec.as_deref())?;
    let wanted = CheckOptions {
        profiles: vec![args.profile.clone()],
        targets: args.target.clone(),
        command: args.out.as_deref().map(|out| destination(&path, out, args.flat)),
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        ..CheckOptions::default()
    };
    let AppliedSettings { wanted, mut reported, files: governing } =
        SettingsFiles::for_spec(&args.config, &path, &wanted)?;
    let Rendered { checked, files } = scalegen::render_with_options(&name, &bytes, &folder, &wanted)
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
    let inputs = [folder.has_read(), vec![path.clone()], governing].concat();
    reports::refuse_overwrites(&outputs, &inputs)?;
    // a program waits for its report even if there is nothing to report
    if !args.format.is_empty() || !checked.findings.is_empty() || !reported.is_empty() {
        reported.push(checked);
        lint::print(&mut reported, &outputs, style, &mut std::io::stderr())?;
    }
    if refused {
        if args.format.is_empty() && !args.check {
            writeln!(std::io::stderr(), "nothing was written: a spec with errors is not rendered")?;
        }
        return Ok(Exit::Findings);
    }
    if files.is_empty() {
        let all = scalegen::targets::ALL.iter().map(|target| target.meta.name);
        return Err(Failure(format!(
            "the spec names no target; give one with --target ({})",
            all.collect::<Vec<_>>().join(", ")
        )));
    }
    let layout = Layout::new(args, &name, files.iter().map(|(target, _)| target.as_str()).collect())?;
    let wanted: Vec<write::FileToWrite> = files
        .iter()
        .flat_map(|(target, files)| files.iter().map(move |file| (target, file)))
        .map(|(target, file)| write::FileToWrite { path: layout.path(target, &file.path), text: file.text.clone() })
        .collect();
    if let Some(dir) = &args.out {
        refuse_inputs(dir, &wanted, &inputs)?;
    }
    match &args.out {
        None => print(&wanted, out),
        Some(dir) => into(dir, args, &files, &wanted, &layout, out),
    }
}

/// Compares the files below a folder, or writes them there. Reports before writing what applying them does.
fn into(
    dir: &Path,
    args: &RenderArgs,
    files: &[(String, Vec<OutputFile>)],
    wanted: &[write::FileToWrite],
    layout: &Layout<'_>,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    if !args.check && !args.force {
        existing::owned(dir, wanted, existing::is_rendered).map_err(Failure)?;
    }
    let strays = layout.beside(dir, wanted).strays;
    applied::report_transitions(dir, files, wanted, &strays, &mut std::io::stderr())?;
    if args.check {
        return check(dir, wanted, layout, out);
    }
    save(dir, wanted, layout, args.prune, out)
}

/// Refuses to write over what this render reads.
fn refuse_inputs(dir: &Path, files: &[write::FileToWrite], inputs: &[PathBuf]) -> Result<(), Failure> {
    // each resolved once: there may be hundreds of files to write
    let inputs: Vec<PathBuf> = inputs.iter().filter_map(|input| input.canonicalize().ok()).collect();
    let same_place: Vec<_> = inputs.iter().filter_map(|input| place(input)).collect();
    for path in files.iter().map(|file| dir.join(&file.path)) {
        // resolving a path asks for each folder of it, so that it is done only for what may be an input
        let may_be_read = place(&path).is_some_and(|place| same_place.contains(&place));
        if may_be_read && path.canonicalize().is_ok_and(|path| inputs.contains(&path)) {
            let path = path.display();
            return Err(Failure(format!("cannot write {path}: this render reads it; take another --out")));
        }
    }
    Ok(())
}

/// What identifies an existing file beside its path, where the system has such a thing; else the same for all.
#[cfg(unix)]
fn place(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn place(path: &Path) -> Option<(u64, u64)> {
    path.exists().then_some((0, 0))
}

/// Where files are below `--out`: each target has its folder, whatever their number, unless one target is asked to have
/// none.
struct Layout<'t> {
    /// The targets of this render.
    targets: Vec<&'t str>,
    /// Whether these are all targets of the spec: then no other target has files here.
    is_all: bool,
    flat: bool,
    /// How the files of this spec begin.
    mark: String,
}

impl<'t> Layout<'t> {
    fn new(args: &RenderArgs, spec: &str, targets: Vec<&'t str>) -> Result<Layout<'t>, Failure> {
        // standard output shows one target as it is
        let flat = args.flat || (args.out.is_none() && targets.len() == 1);
        if args.flat && targets.len() > 1 {
            return Err(Failure(format!(
                "--flat is for one target, and this render has {}: name one with --target",
                targets.join(", ")
            )));
        }
        let spec = spec.rsplit(['/', '\\']).next().unwrap_or(spec);
        Ok(Layout { targets, is_all: args.target.is_empty(), flat, mark: format!("{MARK}{spec}") })
    }

    fn path(&self, target: &str, file: &str) -> PathBuf {
        if self.flat { PathBuf::from(file) } else { Path::new(target).join(file) }
    }

    /// Files of ours below the output folder that do not belong to this render, in this layout or in the other one.
    fn beside(&self, out: &Path, wanted: &[write::FileToWrite]) -> existing::Existing {
        let every = scalegen::targets::ALL.iter().map(|target| target.meta.name);
        let folders: Vec<PathBuf> =
            every.filter(|name| self.is_all || self.targets.contains(name)).map(PathBuf::from).collect();
        let mut beside = existing::below(out, wanted, &folders, |_| true);
        // a file in the folder itself may be of another spec, or of a target that is not rendered now
        let is_ours = |start: &str| {
            let ours = start.strip_prefix(&self.mark).is_some_and(|rest| rest.starts_with([';', ',']));
            let of = start.split_once(" --target ").and_then(|(_, rest)| rest.split_whitespace().next());
            ours && (self.is_all || of.is_none_or(|of| self.targets.contains(&of)))
        };
        let root = existing::below(out, wanted, &[PathBuf::new()], |start| self.flat || is_ours(start));
        beside.strays.extend(root.strays);
        beside.leftovers.extend(root.leftovers);
        beside.strays.sort();
        beside
    }
}

/// The options that say where files go, relative to the spec's folder, so that they do not depend on where the command is
/// run. An absolute folder is left out.
fn destination(spec: &Path, out: &Path, flat: bool) -> Vec<String> {
    let flat = flat.then(|| "--flat".to_owned());
    let here = spec.parent().filter(|_| spec.is_relative() && out.is_relative() && spec.as_os_str() != "-");
    let relative = here.and_then(|from| relative(from, out));
    relative.into_iter().flat_map(|out| ["--out".to_owned(), out]).chain(flat).collect()
}

/// A path below this folder, relative to another folder below it; `None` for one that leads above this folder.
fn relative(from: &Path, to: &Path) -> Option<String> {
    let parts = |path: &Path| -> Option<Vec<String>> {
        let parts = path.components().filter(|part| !matches!(part, Component::CurDir));
        parts
            .map(|part| if let Component::Normal(name) = part { name.to_str().map(str::to_owned) } else { None })
            .collect()
    };
    let (from, to) = (parts(from)?, parts(to)?);
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = from.iter().skip(shared).map(|_| "..".to_owned());
    let path: Vec<String> = up.chain(to.into_iter().skip(shared)).collect();
    Some(if path.is_empty() { ".".to_owned() } else { path.join("/") })
}

/// Reports how many files were already up to date.
fn as_rendered(files: usize, out: &mut dyn Write) -> std::io::Result<()> {
    write::as_rendered(files).map_or(Ok(()), |said| writeln!(out, "{said}"))
}

/// YAML as a stream with the file's name before each document.
fn print(files: &[write::FileToWrite], out: &mut dyn Write) -> Result<Exit, Failure> {
    let language = |file: &write::FileToWrite| file.path.extension().map(|end| end.to_os_string());
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
    files: &[write::FileToWrite],
    layout: &Layout<'_>,
    prune: bool,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let written = write::all(dir, files).map_err(Failure)?;
    for file in &written {
        writeln!(out, "wrote {}", display_path(&dir.join(&file.path)))?;
    }
    as_rendered(files.len() - written.len(), out)?;
    for stray in layout.beside(dir, files).strays {
        let path = dir.join(&stray);
        if prune {
            existing::remove(&path).map_err(Failure)?;
            writeln!(out, "removed {}", display_path(&path))?;
        } else {
            writeln!(out, "left {}: not of this render, --prune removes it", display_path(&path))?;
        }
    }
    Ok(Exit::Clean)
}

fn check(dir: &Path, files: &[write::FileToWrite], layout: &Layout<'_>, out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut report = String::new();
    for file in files {
        let path = write::inside(dir, &file.path).map_err(Failure)?;
        let old = match read::file(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(_) if !path.exists() => {
                let _ = writeln!(report, "missing {}", display_path(&path));
                continue;
            }
            Err(why) => return Err(Failure(format!("cannot read {}: {why}", path.display()))),
        };
        if !write::is_same(&old, &file.text) {
            let name = display_path(&path);
            let diff = unified::named(&old, &file.text, &name, &format!("{name} (rendered now)"));
            report.push_str(&report::clean_lines(&diff));
        }
    }
    let beside = layout.beside(dir, files);
    for stray in beside.strays {
        let _ = writeln!(report, "stray {}: written by scalegen, not of this render", display_path(&dir.join(stray)));
    }
    for left in beside.leftovers {
        let _ =
            writeln!(report, "left over {}: of a run that was killed, the next render removes it", display_path(&left));
    }
    out.write_all(report.as_bytes())?;
    if report.is_empty() {
        as_rendered(files.len(), out)?;
        return Ok(Exit::Clean);
    }
    Ok(Exit::Findings)
}
