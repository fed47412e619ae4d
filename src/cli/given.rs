//! The argument of a command that takes one spec: a spec, a file of another tool, or a folder of either.

use super::import::KUSTOMIZATIONS;
use super::read::{self, Folder, HERE, how_to_import, spec, stdin, text_of};
use super::subjects::{self, CheckSubject};
use super::{Failure, watch};
use scalegen::inputs::recognise;
use scalegen::model::Spec;
use scalegen::report::clean;
use scalegen::{CheckOptions, CheckResult, FileSet};
use std::path::{Path, PathBuf};

/// What to do if there is nothing to read.
const START: &str = "name the spec, or write one with `scalegen init`";
/// The most candidates that are named if a command takes one and a folder holds several.
const MOST_NAMED: usize = 5;

/// One spec that a command is about.
pub struct GivenSpec {
    /// Its path, or `-` for standard input.
    pub path: PathBuf,
    /// What reports call it.
    pub name: String,
    pub bytes: Vec<u8>,
    /// Where the files it names are read.
    pub folder: Folder,
    /// The files of another tool that it stands for, where a folder was named.
    pub set: Option<FileSet>,
}

impl GivenSpec {
    /// Reads the spec that the command line names. Without a name, reads that of this folder, or what else is in it.
    pub fn read(named: Option<&Path>) -> Result<GivenSpec, Failure> {
        GivenSpec::only(GivenSpec::folder_of(named), GivenSpec::read_all(named)?)
    }

    /// The folder to search: the one that the command line names, or this one if it names nothing and no spec of the usual
    /// name is here.
    pub fn folder_of(named: Option<&Path>) -> Option<&Path> {
        if let Some(path) = named {
            return Some(path).filter(|path| path.is_dir());
        }
        // with `--watch` one that is not there yet is waited for
        HERE.into_iter().for_each(|name| watch::note(Path::new(name)));
        let is_here = HERE.into_iter().any(|name| Path::new(name).is_file());
        (!is_here).then_some(Path::new("."))
    }

    /// The only one that the command line can mean: files in the folder itself come before those further
    /// down, and a spec before the files it may be laid over.
    fn only(named: Option<&Path>, mut all: Vec<GivenSpec>) -> Result<GivenSpec, Failure> {
        // `.` and `./k8s` are left out of the paths of what is found there
        let short = |path: &Path| path.strip_prefix(".").unwrap_or(path).to_path_buf();
        let here = |one: &GivenSpec| one.path.parent().map(short) == named.map(short);
        let preferred: [&dyn Fn(&GivenSpec) -> bool; 2] = [&here, &|one| one.set.is_none()];
        for preferred in preferred {
            if all.iter().any(preferred) {
                all.retain(preferred);
            }
        }
        match (all.pop(), all.len()) {
            (Some(one), 0) => Ok(one),
            (last, _) => {
                let names: Vec<String> =
                    all.iter().chain(&last).map(|file| clean(&file.name)).take(MOST_NAMED).collect();
                let folder = named.unwrap_or(Path::new("."));
                let names = names.join(", ");
                Err(Failure(format!("{} holds several that could be meant; name one, as {names}", folder.display())))
            }
        }
    }

    /// Reads what the command line names: in a folder, each spec and each set of files of another tool.
    pub fn read_all(named: Option<&Path>) -> Result<Vec<GivenSpec>, Failure> {
        let Some(folder) = GivenSpec::folder_of(named) else {
            let path = named.map_or_else(GivenSpec::here, |path| Ok(path.to_path_buf()))?;
            return Ok(vec![GivenSpec::of(path)?]);
        };
        HERE.into_iter().for_each(|name| watch::note(&folder.join(name)));
        let (found, why) = subjects::of_folder(folder);
        match why.into_iter().next() {
            Some(_) if named.is_none() && found.is_empty() => return Err(GivenSpec::no_spec_here()),
            Some(why) => return Err(Failure(why)),
            None => {}
        }
        found.iter().map(GivenSpec::of_subject).collect()
    }

    /// The files of a folder that one apply takes: those that its kustomization names, if it has one.
    fn of_subject(subject: &CheckSubject) -> Result<GivenSpec, Failure> {
        let mut set = subject.set();
        let mut path = subject.path.clone();
        if let Some(set) = &mut set
            && let Some(own) = set.paths.iter().find(|path| KUSTOMIZATIONS.contains(&path.as_str())).cloned()
        {
            path = subject.path.with_file_name(&own);
            set.name = subjects::report_path(&path);
            set.paths = vec![own];
        }
        Ok(GivenSpec { set, ..GivenSpec::of(path)? })
    }

    /// Calls `take` for each model: one for each profile of a spec, one for files of another tool.
    pub fn each_model(&self, wanted: &CheckOptions, mut take: impl FnMut(&[Option<String>], Option<String>, Spec)) {
        match &self.set {
            Some(set) => {
                if let Some(spec) = scalegen::model_of_set(set, &self.folder, wanted) {
                    take(&[None], None, spec);
                }
            }
            None => scalegen::each_effective_model(&self.name, &self.bytes, &self.folder, wanted, take),
        }
    }

    /// Checks it.
    ///
    /// # Errors
    /// One of its files cannot be read.
    pub fn lint(&self, wanted: &CheckOptions) -> Result<CheckResult, Failure> {
        match &self.set {
            Some(set) => scalegen::lint_set(set, &self.folder, wanted)
                .map_err(|(path, why)| Failure(format!("cannot read {}: {why}", self.folder.path(&path).display()))),
            None => Ok(scalegen::lint_any(&self.name, &self.bytes, &self.folder, wanted)),
        }
    }

    /// Whether it is files of another tool.
    pub fn is_foreign(&self) -> bool {
        self.set.is_some() || scalegen::foreign_format(&self.name, &self.bytes, &self.folder).is_some()
    }

    fn of(path: PathBuf) -> Result<GivenSpec, Failure> {
        let is_stdin = path.as_os_str() == "-";
        let bytes = if is_stdin { stdin() } else { spec(&path) };
        let bytes = bytes.map_err(|why| Failure(format!("cannot read {}: {why}", path.display())))?;
        let name = if is_stdin { "<stdin>".to_owned() } else { path.to_string_lossy().into_owned() };
        Ok(GivenSpec { folder: Folder::of(&path), path, name, bytes, set: None })
    }

    /// Reads a spec for a command that works on nothing else. A file of another tool is refused in one sentence: as a
    /// spec, all of its words would be faults.
    pub fn read_spec(named: Option<&Path>) -> Result<GivenSpec, Failure> {
        if named.is_none() && GivenSpec::folder_of(named).is_some() {
            return Err(GivenSpec::no_spec_here());
        }
        let mut all = GivenSpec::read_all(named)?;
        if all.iter().any(|file| file.set.is_none()) {
            all.retain(|file| file.set.is_none());
        }
        let spec = GivenSpec::only(GivenSpec::folder_of(named), all)?;
        let beside = |name: &str| text_of(&spec.path.with_file_name(name));
        let format = recognise::recognise(&spec.name, &String::from_utf8_lossy(&spec.bytes), &beside);
        match format.filter(|format| format.sets.is_some()) {
            Some(format) if spec.is_stdin() => Err(Failure(format!("standard input is a {}, no spec", format.noun))),
            Some(format) => {
                let name = clean(&spec.name);
                Err(Failure(format!("{name} is a {}, no spec; {}", format.noun, how_to_import(&name))))
            }
            None => Ok(spec),
        }
    }

    /// Whether it came from standard input.
    pub fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    /// The sentence about this folder, which has no spec of the usual name. A command does not write into a spec that
    /// only a search found.
    fn no_spec_here() -> Failure {
        let (found, _) = subjects::of_folder(Path::new("."));
        let here = |one: &&CheckSubject| one.path.parent() == Some(Path::new(""));
        let is_spec = |one: &&CheckSubject| one.set().is_none();
        let spec = found.iter().filter(here).find(is_spec).or_else(|| found.iter().find(is_spec));
        let other = found.iter().filter(here).find(|file| file.set().is_some());
        let help = match (spec, other) {
            (Some(spec), _) => format!("name the spec, as {}", clean(&spec.path.to_string_lossy())),
            (None, Some(one)) => how_to_import(&clean(&one.path.to_string_lossy())),
            (None, None) => match subjects::unnamed_spec(&read::specs(Path::new("."))) {
                Some(path) => format!("name the spec, as {}", clean(&path.to_string_lossy())),
                None => START.to_owned(),
            },
        };
        Failure(format!("no scalegen.yaml in this folder; {help}"))
    }

    fn here() -> Result<PathBuf, Failure> {
        HERE.into_iter().for_each(|name| watch::note(Path::new(name)));
        let found: Vec<&str> = HERE.into_iter().filter(|name| Path::new(name).is_file()).collect();
        match found.as_slice() {
            [one] => Ok(PathBuf::from(one)),
            [] => Err(GivenSpec::no_spec_here()),
            _ => Err(Failure(format!("{} are in this folder; name one", found.join(" and ")))),
        }
    }
}
