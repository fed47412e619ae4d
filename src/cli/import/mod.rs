//! `scalegen import`: a spec for files that exist. `change::import` chooses what it says; here files are read and written.

mod inputs;
mod project;

pub use inputs::{ImportFiles, KUSTOMIZATIONS};
pub use project::ReadProject;

use super::args::Import;
use super::{Exit, Failure, complain, display_path, read, write};
use scalegen::CheckOptions;
use scalegen::change::starter::label;
use scalegen::model::is_dns_label;
use scalegen::support::diagnostic::Severity;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

/// Writes a spec for files that exist, or prints it.
pub fn run(args: &Import, out: &mut dyn Write) -> Result<Exit, Failure> {
    let printed = args.to.as_os_str() == "-";
    let name = if printed { Some("scalegen.yaml") } else { args.to.file_name().and_then(|name| name.to_str()) };
    let Some(file) = name else { return Err(Failure(format!("{} names no file", args.to.display()))) };
    let folder = folder_of(&args.to, printed);
    let files = ImportFiles::of(&args.files, &folder)?;
    let env_file = args.env_file.as_ref().map(|path| beside(&folder, path)).transpose()?;
    let read = ReadProject::of(&folder, files, env_file);
    let errors = read.tell_errors();
    let deployment = deployment(args.name.as_deref(), &folder)?;
    let imported = read.import(&deployment, file, None);
    if read.project.services.is_empty() {
        let names: Vec<String> = args.files.iter().map(|path| display_path(path)).collect();
        // it is told already which file that is
        if !read.project.unread.is_empty() {
            return Err(Failure("nothing was written".to_owned()));
        }
        return Err(Failure(format!(
            "{} has no services to import; {} are read; nothing was written",
            names.join(", "),
            inputs::WHAT_IS_READ
        )));
    }
    if printed {
        out.write_all(imported.text.as_bytes())?;
        read.lists(&imported, &mut std::io::stderr())?;
        return Ok(if errors { Exit::Findings } else { Exit::Clean });
    }
    if read::stands(&args.to) {
        let shown = display_path(&args.to);
        return Err(Failure(format!("{shown} is there already; --to names another file; nothing was changed")));
    }
    let wanted = [write::FileToWrite { path: file.into(), text: imported.text.clone() }];
    write::all(&folder, &wanted).map_err(Failure)?;
    let shown = display_path(&args.to);
    writeln!(out, "{}", write::outcome(&shown, true))?;
    read.lists(&imported, out)?;
    let exit = next_step(&folder, file, &imported.text, read.base(), out)?;
    Ok(if errors { Exit::Findings } else { exit })
}

/// The folder of a spec.
pub fn folder_of(spec: &Path, printed: bool) -> PathBuf {
    let folder = spec.parent().filter(|folder| !printed && !folder.as_os_str().is_empty());
    folder.map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// The name given, or one after the folder.
pub fn deployment(name: Option<&str>, folder: &Path) -> Result<String, Failure> {
    let Some(name) = name else {
        let whole = folder.canonicalize().unwrap_or_else(|_| std::path::absolute(folder).unwrap_or_default());
        let last = whole.file_name().and_then(|name| name.to_str()).and_then(label);
        return Ok(last.unwrap_or_else(|| "app".to_owned()));
    };
    if is_dns_label(name) {
        return Ok(name.to_owned());
    }
    let meant = label(name).map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
    Err(Failure(format!(
        "--name: `{name}` is not 1 to 63 lowercase letters, digits and `-`, starting and ending with a letter or digit{meant}"
    )))
}

/// What to do next with a spec that was written over a base. It depends on what lint finds in it.
pub fn next_step(folder: &Path, file: &str, text: &str, base: &[String], out: &mut dyn Write) -> Result<Exit, Failure> {
    let files = read::Folder::of(&folder.join(file));
    let checked = scalegen::lint(file, text.as_bytes(), &files, &CheckOptions::default());
    let count = |severity| checked.findings.iter().filter(|finding| finding.severity == severity).count();
    let spec = display_path(&below(folder, Path::new(file)));
    match (count(Severity::Error), count(Severity::Warning)) {
        (0, 0) => writeln!(out, "next: scalegen render {spec}")?,
        (0, 1) => writeln!(out, "next: scalegen lint {spec}, which has a warning")?,
        (0, warnings) => writeln!(out, "next: scalegen lint {spec}, which has {warnings} warnings")?,
        (errors, _) => {
            let what = if errors == 1 { "something" } else { "things" };
            let base = match base {
                [one] => format!("{one} itself has"),
                _ => "the imported files themselves have".to_owned(),
            };
            complain(&format!("{base} {what} that lint refuses: scalegen lint {spec} says what"));
            return Ok(Exit::Findings);
        }
    }
    Ok(Exit::Clean)
}

/// A path as the user would write it.
fn below(folder: &Path, file: &Path) -> PathBuf {
    if folder == Path::new(".") { file.to_path_buf() } else { folder.join(file) }
}

/// A path relative to the folder of the spec.
fn beside(folder: &Path, path: &Path) -> Result<String, Failure> {
    let parts = names_from_root(folder).zip(names_from_root(path)).map(|(from, to)| {
        let same = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
        let up = std::iter::repeat_n("..".to_owned(), from.len() - same);
        up.chain(to.into_iter().skip(same)).collect::<Vec<_>>()
    });
    let found = parts.map(|parts| if parts.is_empty() { ".".to_owned() } else { parts.join("/") });
    found.ok_or_else(|| Failure(format!("{} names no file", display_path(path))))
}

/// The names on the way to a path from the root, without steps up.
fn names_from_root(path: &Path) -> Option<Vec<String>> {
    let mut parts: Vec<String> = Vec::new();
    for part in std::path::absolute(path).ok()?.components() {
        match part {
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            Component::ParentDir => drop(parts.pop()),
            _ => {}
        }
    }
    Some(parts)
}
