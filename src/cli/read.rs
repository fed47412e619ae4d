//! Reading: files, folders of specs, standard input, and the files that specs name.

use scalegen::Files;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest file read; places in it are four-byte offsets.
const LARGEST: u64 = 1 << 30;

/// Reads one regular file. A device or a pipe could go on for ever, so it is refused.
pub fn file(path: &Path) -> Result<Vec<u8>, String> {
    let meta = fs::metadata(path).map_err(|error| plain(&error))?;
    if meta.is_dir() {
        return Err("it is a folder".to_owned());
    }
    if !meta.is_file() {
        return Err("it is not a regular file; to read a pipe, give it as standard input and name it `-`".to_owned());
    }
    if meta.len() > LARGEST {
        return Err(format!("it has {} bytes, more than {LARGEST}", meta.len()));
    }
    fs::read(path).map_err(|error| plain(&error))
}

/// Reads standard input to its end, up to the same bound.
pub fn stdin() -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| plain(&error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("it has more than {LARGEST} bytes"));
    }
    Ok(bytes)
}

/// An error without Rust's "(os error 2)".
pub fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// The folder a spec stands in, as the door for the files it names.
pub struct Folder(pub PathBuf);

impl Folder {
    /// The folder of a spec; for standard input, here.
    pub fn of(spec: &Path) -> Folder {
        Folder(spec.parent().map_or_else(PathBuf::new, Path::to_path_buf))
    }
}

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        file(&self.0.join(path))
    }
}

/// Whether a file is taken for a spec when its folder is searched.
fn is_spec(name: &str) -> bool {
    ["scalegen.yaml", "scalegen.yml"].contains(&name)
        || name.ends_with(".scalegen.yaml")
        || name.ends_with(".scalegen.yml")
}

/// The specs below a folder, sorted; what `.gitignore` excludes and `.git` itself are passed over.
pub fn specs(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let ignores = std::cell::RefCell::new(Ignores::above(folder));
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(|entry| {
        let is_folder = entry.file_type().is_dir();
        let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let mut ignores = ignores.borrow_mut();
        let keep = entry.depth() == 0 || (entry.file_name() != ".git" && !ignores.excludes(below, is_folder));
        if keep && is_folder {
            ignores.enter(below);
        }
        keep
    });
    let mut found = Vec::new();
    for entry in walk {
        let entry = entry.map_err(|error| {
            let path = error.path().map(|path| path.display().to_string()).unwrap_or_default();
            let why = error.io_error().map_or_else(|| "a loop of links".to_owned(), plain);
            format!("{path}: {why}")
        })?;
        let named = entry.file_name().to_str().is_some_and(is_spec);
        if named && !entry.file_type().is_dir() {
            found.push(entry.into_path());
        }
    }
    Ok(found)
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
        let file = folder.join(".gitignore");
        if file.is_file() {
            // a pattern git cannot read is passed over, as git does
            let (rules, _) = ignore::gitignore::Gitignore::new(&file);
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
