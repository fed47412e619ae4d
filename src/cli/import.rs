//! `scalegen import`: a spec for files that exist. `change::import` chooses what it says; here files are read and written.

use super::args::Import;
use super::{Exit, Failure, complain, display_path, read, write};
use scalegen::CheckOptions;
use scalegen::change::import::{ImportOptions, Imported, import};
use scalegen::change::starter::label;
use scalegen::inputs::base::BaseProject;
use scalegen::inputs::compose::project::{NamedFile, ProjectRequest};
use scalegen::inputs::{InputFiles, Origin, ReadFiles, Unread};
use scalegen::model::is_dns_label;
use scalegen::support::diagnostic::{Finding, Severity};
use scalegen::support::source::FileSpan;
use std::cell::RefCell;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

/// Reads files relative to the folder of a spec, which may not be there yet.
struct BesideSpec {
    folder: PathBuf,
    read: RefCell<Vec<PathBuf>>,
}

impl BesideSpec {
    fn path(&self, path: &str) -> PathBuf {
        let path = self.folder.join(path);
        match self.folder.is_dir() {
            true => path,
            // the way up out of a missing folder leads nowhere
            false => plain(&path).map_or(path, |parts| Path::new("/").join(parts.join("/"))),
        }
    }
}

impl ReadFiles for BesideSpec {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, Unread> {
        let path = self.path(path);
        let bytes = read::file(&path).map_err(|why| Unread { why, missing: !read::stands(&path) })?;
        if bytes.len() > most {
            let why = format!("it has more than the {most} bytes that are left for a project");
            return Err(Unread { why, missing: false });
        }
        self.read.borrow_mut().push(path);
        Ok(bytes)
    }
}

/// What docker compose reads variables from, beside the file.
const ENV_FILE: &str = ".env";

/// A project on the disk, read from the folder of the spec.
pub struct ReadProject {
    pub project: BaseProject,
    pub files: InputFiles,
    /// The files that were read.
    pub read: Vec<PathBuf>,
    /// Its files, relative to the folder of the spec.
    base: Vec<String>,
    env_file: Option<String>,
    unread_env_file: Option<String>,
    folder: PathBuf,
}

/// Writes a spec for files that exist, or prints it.
pub fn run(args: &Import, out: &mut dyn Write) -> Result<Exit, Failure> {
    let printed = args.to.as_os_str() == "-";
    let name = if printed { Some("scalegen.yaml") } else { args.to.file_name().and_then(|name| name.to_str()) };
    let Some(file) = name else { return Err(Failure(format!("{} names no file", args.to.display()))) };
    let folder = folder_of(&args.to, printed);
    let mut base = Vec::new();
    for path in &args.files {
        base.push(beside(&folder, path)?);
    }
    let env_file = args.env_file.as_ref().map(|path| beside(&folder, path)).transpose()?;
    let read = ReadProject::new(&folder, base, env_file);
    let errors = read.tell_errors();
    let deployment = deployment(args.name.as_deref(), &folder)?;
    let imported = read.import(&deployment, file, None);
    if read.project.services.is_empty() {
        let names: Vec<String> = args.files.iter().map(|path| display_path(path)).collect();
        return Err(Failure(format!(
            "{} has no services to import; compose files are read; nothing was written",
            names.join(", ")
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
    let exit = next_step(&folder, file, &imported.text, &read.base, out)?;
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

/// What to do next with a spec that was written over a base: it depends on what lint says of it.
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
            let base = base.join(", ");
            complain(&format!("{base} itself has {what} that lint refuses: scalegen lint {spec} says what"));
            return Ok(Exit::Findings);
        }
    }
    Ok(Exit::Clean)
}

/// A path as the user would write it.
fn below(folder: &Path, file: &Path) -> PathBuf {
    if folder == Path::new(".") { file.to_path_buf() } else { folder.join(file) }
}

impl ReadProject {
    /// Reads files that stand relative to the folder of a spec.
    pub fn new(folder: &Path, base: Vec<String>, env_file: Option<String>) -> ReadProject {
        let named = |path: &String| NamedFile { path: path.clone(), at: None };
        let request = ProjectRequest {
            files: base.iter().map(named).collect(),
            env_file: env_file.as_ref().map(named),
            profiles: Vec::new(),
            origin: Origin::Base(0),
            may_lack_variables: false,
        };
        let disk = BesideSpec { folder: folder.to_path_buf(), read: RefCell::default() };
        let mut files = InputFiles::default();
        let project = scalegen::inputs::compose::read_project(&request, &disk, &mut files);
        // compose looks for it beside the first file
        let variables = base.first().map(|first| match first.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{ENV_FILE}"),
            None => ENV_FILE.to_owned(),
        });
        let unread = variables.filter(|path| env_file.is_none() && read::stands(&disk.path(path)));
        let read = disk.read.take();
        ReadProject { project, files, read, base, env_file, unread_env_file: unread, folder: folder.to_path_buf() }
    }

    /// The spec for it.
    pub fn import(&self, name: &str, file: &str, schema: Option<&str>) -> Imported {
        let options = ImportOptions {
            name,
            file,
            schema,
            base: &self.base,
            env_file: self.env_file.as_deref(),
            unread_env_file: self.unread_env_file.as_deref(),
        };
        import(&self.project, &self.files, &options)
    }

    /// The files that it was read from.
    pub fn base(&self) -> &[String] {
        &self.base
    }

    /// Says what is wrong with the files; whether anything is.
    pub fn tell_errors(&self) -> bool {
        let errors = self.project.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let lines: Vec<String> = errors.map(|finding| self.line(finding)).collect();
        lines.iter().for_each(|line| complain(line));
        !lines.is_empty()
    }

    fn line(&self, finding: &Finding) -> String {
        match self.place(finding.at) {
            place if place.is_empty() => finding.message.clone(),
            place => format!("{place}: {}", finding.message),
        }
    }

    /// `docker-compose.yml:4`.
    fn place(&self, place: FileSpan) -> String {
        let Some(file) = self.files.get(place.file) else { return String::new() };
        let path = self.folder.join(&file.source.name);
        let path = beside(Path::new("."), &path).unwrap_or_else(|_| file.source.name.clone());
        format!("{}:{}", display_path(Path::new(&path)), file.source.numbers(place.span.start).line)
    }

    /// The three lists: what was taken, what stays, what nothing can hold.
    pub fn lists(&self, imported: &Imported, out: &mut dyn Write) -> Result<(), Failure> {
        writeln!(out, "taken: {}", count(imported.taken.len()))?;
        for taken in &imported.taken {
            writeln!(out, "  {}: {}  {}", taken.path, taken.value, self.place(taken.place))?;
        }
        if !imported.stays.is_empty() {
            writeln!(out, "stays in {}:", self.base.join(", "))?;
        }
        for stays in &imported.stays {
            writeln!(out, "  {}: {}", stays.service, stays.keys.join(", "))?;
        }
        if !imported.not_held.is_empty() {
            writeln!(out, "cannot be held by a spec:")?;
        }
        for lost in &imported.not_held {
            writeln!(out, "  {}: {}  {}", lost.service, lost.why, self.place(lost.place))?;
        }
        if let Some(path) = &self.unread_env_file {
            writeln!(
                out,
                "{path} stands there: with `envFile: {path}` under targets.compose what hangs on its variables is known"
            )?;
        }
        Ok(())
    }
}

fn count(number: usize) -> String {
    match number {
        0 => "no value".to_owned(),
        1 => "1 value".to_owned(),
        number => format!("{number} values"),
    }
}

/// A path relative to the folder of the spec.
fn beside(folder: &Path, path: &Path) -> Result<String, Failure> {
    let parts = plain(folder).zip(plain(path)).map(|(from, to)| {
        let same = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
        let up = std::iter::repeat_n("..".to_owned(), from.len() - same);
        up.chain(to.into_iter().skip(same)).collect::<Vec<_>>()
    });
    let found = parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join("/"));
    found.ok_or_else(|| Failure(format!("{} names no file", display_path(path))))
}

/// The names on the way to a path from the root, without steps up.
fn plain(path: &Path) -> Option<Vec<String>> {
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
