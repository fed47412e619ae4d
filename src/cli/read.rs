//! Reading: files, folders of specs, standard input, and the files that specs name.

use super::bounded::IRREGULAR;
pub use super::bounded::{file, io_error_text, is_missing, stdin};

use scalegen::Files;
use scalegen::inputs::recognise;
use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Whether two paths lead to one file, or would if it existed.
pub fn same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        (Err(_), Err(_)) => {
            std::path::absolute(one).is_ok_and(|one| std::path::absolute(other).is_ok_and(|o| one == o))
        }
        _ => false,
    }
}

/// Refuses to write a file that a run reads; `what` opens the sentence.
pub fn refuse_overwrite(what: &str, file: &Path, inputs: &[PathBuf]) -> Result<(), String> {
    match inputs.iter().any(|input| same_file(input, file)) {
        true => Err(format!("{what} would write over a file that this run reads")),
        false => Ok(()),
    }
}

/// Reads the files that a spec names, relative to the folder the spec is in. Clones share the list of what was read.
#[derive(Clone, Default)]
pub struct Folder {
    root: PathBuf,
    /// The files that were read, so that nothing is written over them.
    read: Rc<RefCell<Vec<PathBuf>>>,
}

impl Folder {
    /// The folder of a spec; for standard input, here.
    pub fn of(spec: &Path) -> Folder {
        let root = if spec.as_os_str() == "-" { None } else { spec.parent() };
        Folder::at(root.map_or_else(PathBuf::new, Path::to_path_buf))
    }

    /// This folder.
    pub fn at(root: PathBuf) -> Folder {
        Folder { root, read: Rc::default() }
    }

    /// The path of a file of it from here.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The files that were read so far.
    pub fn has_read(&self) -> Vec<PathBuf> {
        self.read.borrow().clone()
    }
}

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let path = self.root.join(path);
        let bytes = file(&path)?;
        self.read.borrow_mut().push(path);
        Ok(bytes)
    }

    fn exists(&self, path: &str) -> bool {
        stands(&self.root.join(path))
    }
}

/// Whether something is at a path, readable or not.
pub fn stands(path: &Path) -> bool {
    super::watch::note(path);
    // a link that leads nowhere is there too
    !fs::symlink_metadata(path).is_err_and(|error| is_missing(&error))
}

/// How a file of another tool becomes part of a spec, as the end of a sentence.
pub fn how_to_import(name: &str) -> String {
    format!("`scalegen import {name}` writes a spec over it")
}

/// The text of a file that is there.
pub fn text_of(path: &Path) -> Option<String> {
    file(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads a spec that may as well come from standard input.
pub fn spec(path: &Path) -> Result<Vec<u8>, String> {
    let piped = || format!("{IRREGULAR}; to read a pipe, give it as standard input and name it `-`");
    file(path).map_err(|why| if why == IRREGULAR { piped() } else { why })
}

/// The file names of a spec that the command line may leave out.
pub const HERE: [&str; 2] = ["scalegen.yaml", "scalegen.yml"];

/// Whether a file is taken for a spec when its folder is searched; by the last part of its path.
pub fn is_spec(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    HERE.contains(&name) || name.ends_with(".scalegen.yaml") || name.ends_with(".scalegen.yml")
}

/// The result of a search below a folder.
#[derive(Default)]
pub struct FoundSpecs {
    /// The specs, sorted.
    pub specs: Vec<PathBuf>,
    /// Files that may be of another tool, by their names, sorted.
    pub others: Vec<PathBuf>,
    /// What could not be searched, and why.
    pub shut: Vec<String>,
}

/// The specs below a folder; what `.gitignore` excludes and `.git` itself are skipped. Links to folders are not
/// followed.
pub fn specs(folder: &Path) -> FoundSpecs {
    specs_down_to(folder, usize::MAX)
}

/// Like `below`, down to this many levels; 1 is the folder itself.
pub fn specs_down_to(folder: &Path, depth: usize) -> FoundSpecs {
    let ignores = RefCell::new(Ignores::above(folder));
    let walk = walkdir::WalkDir::new(folder).max_depth(depth).sort_by_file_name().into_iter().filter_entry(|entry| {
        let is_folder = entry.file_type().is_dir();
        let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let mut ignores = ignores.borrow_mut();
        let keep = entry.depth() == 0 || (entry.file_name() != ".git" && !ignores.excludes(below, is_folder));
        if keep && is_folder {
            ignores.enter(below);
        }
        keep
    });
    let mut found = FoundSpecs::default();
    for entry in walk {
        match entry {
            Ok(entry) if is_spec(&entry.file_name().to_string_lossy()) && !entry.file_type().is_dir() => {
                found.specs.push(entry.into_path());
            }
            Ok(entry)
                if !entry.file_type().is_dir() && recognise::is_searched(&entry.file_name().to_string_lossy()) =>
            {
                found.others.push(entry.into_path());
            }
            Ok(_) => {}
            Err(error) => {
                let path = error.path().map(|path| path.display().to_string()).unwrap_or_default();
                let why = error.io_error().map_or_else(|| "a loop of links".to_owned(), io_error_text);
                found.shut.push(format!("{path}: {why}"));
            }
        }
    }
    found
}

/// The `.gitignore` files on the way down, outermost first.
struct Ignores {
    /// The searched folder, with links resolved.
    root: PathBuf,
    rules: Vec<(PathBuf, ignore::gitignore::Gitignore)>,
}

impl Ignores {
    /// Those of the repository's folders above the searched one.
    fn above(folder: &Path) -> Ignores {
        let root = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        let mut ignores = Ignores { root: root.clone(), rules: Vec::new() };
        let Some(top) = root.ancestors().find(|folder| folder.join(".git").exists()) else { return ignores };
        let mut above: Vec<&Path> = root.ancestors().skip(1).take_while(|folder| folder.starts_with(top)).collect();
        above.reverse();
        above.into_iter().for_each(|folder| ignores.take(folder.to_path_buf()));
        ignores
    }

    /// Reads the rules of a folder below the searched one, and forgets those of folders left behind.
    fn enter(&mut self, below: &Path) {
        let whole = self.root.join(below);
        self.rules.retain(|(root, _)| whole.starts_with(root));
        self.take(whole);
    }

    fn take(&mut self, folder: PathBuf) {
        // a file that cannot be read, and a pattern that git cannot read, is skipped, as git does
        let Ok(bytes) = file(&folder.join(".gitignore")) else { return };
        let mut rules = ignore::gitignore::GitignoreBuilder::new(&folder);
        for line in String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').lines() {
            let _ = rules.add_line(None, line);
        }
        if let Ok(rules) = rules.build() {
            self.rules.push((folder, rules));
        }
    }

    fn excludes(&self, below: &Path, folder: bool) -> bool {
        if self.rules.is_empty() {
            return false;
        }
        let whole = self.root.join(below);
        let verdict = self
            .rules
            .iter()
            .rev()
            .filter(|(root, _)| whole.starts_with(root))
            .map(|(_, rules)| rules.matched(&whole, folder))
            .find(|verdict| !verdict.is_none());
        verdict.is_some_and(|verdict| verdict.is_ignore())
    }
}
