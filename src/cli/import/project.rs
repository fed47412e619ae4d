//! Files of another tool, read from the folder of a spec, and what is printed of them.

use super::super::{Failure, complain, display_path, read};
use super::inputs::{ImportFiles, STREAM};
use super::{beside, names_from_root};
use scalegen::change::import::{ImportOptions, ImportTarget, Imported, import};
use scalegen::inputs::base::BaseProject;
use scalegen::inputs::compose::project::{NamedFile, ProjectRequest};
use scalegen::inputs::{self, InputFiles, InputFormat, Origin, ReadFiles, Unread, kubernetes};
use scalegen::support::diagnostic::{Finding, Severity};
use scalegen::support::source::FileSpan;
use scalegen::targets;
use std::cell::RefCell;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Reads files relative to the folder of a spec, which may not be there yet.
struct BesideSpec {
    folder: PathBuf,
    /// What came by standard input.
    given: Option<Vec<u8>>,
    read: RefCell<Vec<PathBuf>>,
}

impl BesideSpec {
    fn path(&self, path: &str) -> PathBuf {
        let path = self.folder.join(path);
        match self.folder.is_dir() {
            true => path,
            // the way up out of a missing folder leads nowhere
            false => names_from_root(&path).map_or(path, |parts| Path::new("/").join(parts.join("/"))),
        }
    }
}

impl ReadFiles for BesideSpec {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, Unread> {
        if let (STREAM, Some(given)) = (path, &self.given) {
            return Ok(given.clone());
        }
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

/// The file next to the compose file that docker compose reads variables from.
const ENV_FILE: &str = ".env";

/// A project on the disk, read from the folder of the spec.
pub struct ReadProject {
    pub project: BaseProject,
    pub files: InputFiles,
    /// The files that were read.
    pub read: Vec<PathBuf>,
    format: InputFormat,
    /// Its files as the spec names them.
    base: Vec<String>,
    env_file: Option<String>,
    unread_env_file: Option<String>,
    /// Folders with manifests that are not read, relative to the spec.
    passed_over: Vec<String>,
    folder: PathBuf,
}

/// Files of compose as one project.
fn composed(paths: &[String], env_file: Option<&String>, disk: &BesideSpec, files: &mut InputFiles) -> BaseProject {
    let named = |path: &String| NamedFile { path: path.clone(), at: None };
    let request = ProjectRequest {
        files: paths.iter().map(named).collect(),
        env_file: env_file.map(named),
        profiles: Vec::new(),
        origin: Origin::Base(0),
        may_lack_variables: false,
    };
    scalegen::inputs::compose::read_project(&request, disk, files)
}

impl ReadProject {
    /// Reads files of any tool.
    pub fn of(folder: &Path, named: ImportFiles, env_file: Option<String>) -> ReadProject {
        let ImportFiles { format, base, read, given, passed_over } = named;
        let disk = BesideSpec { folder: folder.to_path_buf(), given, read: RefCell::default() };
        let mut files = InputFiles::default();
        let project = match inputs::ALL.iter().find(|meta| meta.format == format).and_then(|meta| meta.sets.as_ref()) {
            Some(reader) if format != InputFormat::COMPOSE => {
                // an import asks for fields of objects that no service has
                (reader.read)(&read, inputs::input_meta::SetPurpose::default(), &disk, &mut files)
            }
            _ => composed(&read, env_file.as_ref(), &disk, &mut files),
        };
        // compose looks for it beside the first file
        let variables =
            read.first().filter(|_| format == InputFormat::COMPOSE).map(|first| match first.rsplit_once('/') {
                Some((folder, _)) => format!("{folder}/{ENV_FILE}"),
                None => ENV_FILE.to_owned(),
            });
        let unread = variables.filter(|path| env_file.is_none() && read::stands(&disk.path(path)));
        let read = disk.read.take();
        ReadProject {
            project,
            files,
            read,
            format,
            base,
            env_file,
            unread_env_file: unread,
            passed_over,
            folder: folder.to_path_buf(),
        }
    }

    /// The spec for it.
    pub fn import(&self, name: &str, file: &str, schema: Option<&str>) -> Imported {
        let containers = self.containers();
        let options = ImportOptions {
            name,
            file,
            schema,
            base: &self.base,
            target: match self.format {
                InputFormat::KUBERNETES => ImportTarget::Kubernetes { containers: &containers },
                InputFormat::HELM_VALUES => ImportTarget::Chart,
                InputFormat::COMPOSE => ImportTarget::Compose {
                    env_file: self.env_file.as_deref(),
                    unread_env_file: self.unread_env_file.as_deref(),
                },
                other => ImportTarget::Whole(targets::get(other.name()).map(|target| target.meta.name)),
            },
        };
        import(&self.project, &self.files, &options)
    }

    /// The main containers whose names differ from those of their services.
    fn containers(&self) -> Vec<(String, String)> {
        let Some(set) = self.project.manifests.as_deref() else { return Vec::new() };
        let main = |(name, _, workload): (String, usize, &kubernetes::ManifestWorkload)| {
            let own = workload.sure_main()?.name.clone();
            (own != name).then_some((name, own))
        };
        kubernetes::named(set).filter_map(main).collect()
    }

    /// The files that it was read from.
    pub fn base(&self) -> &[String] {
        &self.base
    }

    /// Prints what is wrong with the files; returns whether anything is.
    pub fn tell_errors(&self) -> bool {
        for (path, unread) in &self.project.unread {
            let path = beside(Path::new("."), &self.folder.join(path)).unwrap_or_else(|_| path.clone());
            complain(&format!("{} cannot be read: {}", display_path(Path::new(&path)), unread.why));
        }
        let errors = self.project.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let lines: Vec<String> = errors.map(|finding| self.line(finding)).collect();
        lines.iter().for_each(|line| complain(line));
        !lines.is_empty() || !self.project.unread.is_empty()
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

    /// A path of the spec's folder, from here.
    fn shown_path(&self, path: &str) -> String {
        let path = beside(Path::new("."), &self.folder.join(path)).unwrap_or_else(|_| path.to_owned());
        display_path(Path::new(&path)).to_string()
    }

    /// The three lists: what was taken, what stays, what nothing can hold.
    pub fn lists(&self, imported: &Imported, out: &mut dyn Write) -> Result<(), Failure> {
        writeln!(out, "taken: {}", count(imported.taken.len()))?;
        for taken in &imported.taken {
            writeln!(out, "  {}: {}  {}", taken.path, taken.value, self.place(taken.place))?;
        }
        if !imported.stays.is_empty() {
            let base = if self.base.is_empty() { "the stream".to_owned() } else { self.base.join(", ") };
            writeln!(out, "stays in {base}:")?;
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
        if !self.passed_over.is_empty() {
            let folders: Vec<String> = self.passed_over.iter().map(|path| self.shown_path(path)).collect();
            writeln!(out, "not read: {}; each is a set of its own", folders.join(", "))?;
        }
        if let Some(path) = &self.unread_env_file {
            writeln!(
                out,
                "{path} is there: with `envFile: {path}` under targets.compose what depends on its variables is known"
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
