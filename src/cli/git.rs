//! git, asked for files as they were at a commit. No shell, and no command that runs what a repository configures.

use super::read::{self, plain};
use scalegen::Files;
use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The largest file taken from a commit, as from a disk.
const LARGEST: usize = 1 << 30;

/// The working tree of one repository.
pub struct Repository {
    /// Its folder, with links resolved.
    pub top: PathBuf,
}

impl Repository {
    /// The repository that a file or folder is in, which need not be there any more.
    pub fn of(path: &Path) -> Result<Repository, String> {
        let folder = existing(path);
        let top = git(&folder, &["rev-parse", "--show-toplevel"]);
        let top = top.map_err(|why| format!("{}: {why}; without git: scalegen diff OLD NEW", folder.display()))?;
        let top = String::from_utf8(top).map_err(|_| "the repository's path is not UTF-8".to_owned())?;
        let top = PathBuf::from(top.trim_end_matches(['\n', '\r']));
        Ok(Repository { top: top.canonicalize().map_err(|error| format!("{}: {}", top.display(), plain(&error)))? })
    }

    /// A path from the top of the repository, `/` between its parts; none where it is outside.
    pub fn inside(&self, path: &Path) -> Option<String> {
        // links in the folders are followed, the file itself is what it is called
        let (folder, rest) = match path.file_name() {
            Some(name) if !path.is_dir() => (path.parent().unwrap_or(Path::new("")), vec![name]),
            _ => (path, Vec::new()),
        };
        let there = existing(folder);
        let mut whole = there.canonicalize().ok()?;
        let missing = folder.strip_prefix(&there).ok().map(Path::components).into_iter().flatten();
        for part in missing.chain(rest.iter().map(|name| Component::Normal(name))) {
            match part {
                Component::Normal(name) => whole.push(name),
                Component::ParentDir => drop(whole.pop()),
                _ => {}
            }
        }
        let parts = whole.strip_prefix(&self.top).ok()?;
        let parts: Option<Vec<&str>> = parts.components().map(|part| part.as_os_str().to_str()).collect();
        Some(parts?.join("/"))
    }

    /// Whether a file below the top belongs to another repository, such as a submodule.
    pub fn is_foreign(&self, inside: &str) -> bool {
        let folders = Path::new(inside).ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        folders.into_iter().any(|folder| self.top.join(folder).join(".git").exists())
    }

    /// A path from the top as seen from the current folder.
    pub fn seen_from_here(&self, inside: &str) -> String {
        let here = std::env::current_dir().ok().and_then(|here| here.canonicalize().ok());
        let Some(here) = here.as_ref().and_then(|here| here.strip_prefix(&self.top).ok()) else {
            return self.top.join(inside).to_string_lossy().into_owned();
        };
        let (path, mut up) = (Path::new(inside), String::new());
        for folder in here.ancestors() {
            if let Ok(below) = path.strip_prefix(folder) {
                return format!("{up}{}", below.to_string_lossy());
            }
            up.push_str("../");
        }
        inside.to_owned()
    }

    /// The files at a commit; with `...` behind its name, at the last one it has in common with the current branch.
    pub fn at(&self, name: &str) -> Result<Tree<'_>, String> {
        let (commit, common) = match name.strip_suffix("...") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let missing = |name: &str| {
            format!(
                "`{name}` is no commit of the repository {}; a branch or tag that is not here yet has to be fetched first: git fetch origin {}",
                self.top.display(),
                name.strip_prefix("origin/").unwrap_or(name),
            )
        };
        // git would take it for an option, or for something else than a commit
        if commit.is_empty() || commit.starts_with('-') || commit.contains(|c: char| c.is_control() || c == ':') {
            return Err(format!("`{name}` is no name of a commit"));
        }
        let tree = |commit: &str| {
            let tree = git(&self.top, &["rev-parse", "--verify", "--quiet", &format!("{commit}^{{tree}}")]);
            tree.ok().map(|hash| String::from_utf8_lossy(&hash).trim().to_owned()).filter(|hash| !hash.is_empty())
        };
        let mut hash = tree(commit).ok_or_else(|| missing(commit))?;
        if common {
            let base = git(&self.top, &["merge-base", commit, "HEAD"]).map_err(|_| {
                format!("`{commit}` and the current branch have no commit in common here; a shallow clone has to be deepened first: git fetch --unshallow")
            })?;
            let base = String::from_utf8_lossy(&base).trim().to_owned();
            hash = tree(&base).ok_or_else(|| missing(&base))?;
        }
        Ok(Tree { repository: self, name: name.to_owned(), hash, asked: RefCell::new(None) })
    }
}

/// The nearest folder that is there.
fn existing(path: &Path) -> PathBuf {
    let folder = path.ancestors().find(|folder| folder.is_dir());
    folder.filter(|folder| !folder.as_os_str().is_empty()).map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Runs git in a folder; what it prints, or what it complains of.
fn git(folder: &Path, args: &[&str]) -> Result<Vec<u8>, String> {
    let output = command(folder, args).stdin(Stdio::null()).output().map_err(|error| absent(&error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or_default().trim_start_matches("fatal: ").trim();
    Err(if said.is_empty() { format!("git {} failed", args.join(" ")) } else { format!("git: {said}") })
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(args).env("GIT_OPTIONAL_LOCKS", "0");
    command
}

fn absent(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "git is not installed".to_owned(),
        _ => format!("git cannot be run: {}", plain(error)),
    }
}

/// The files at one commit.
pub struct Tree<'r> {
    repository: &'r Repository,
    /// What the commit was called.
    pub name: String,
    hash: String,
    asked: RefCell<Option<Batch>>,
}

/// One git process that answers for all files.
struct Batch {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Drop for Batch {
    fn drop(&mut self) {
        // it ends when nobody can ask any more
        drop(self.questions.take());
        let _ = self.child.wait();
    }
}

/// What stands at a path of a commit.
enum Found {
    File(Vec<u8>),
    Nothing,
    /// A link that leads out of the repository.
    Outside,
}

impl Tree<'_> {
    /// A file by its path from the top; none where there is none.
    pub fn read(&self, inside: &str) -> Result<Option<Vec<u8>>, String> {
        match self.find(inside)? {
            Found::File(bytes) => Ok(Some(bytes)),
            Found::Nothing => Ok(None),
            // what has no history is as it is now
            Found::Outside => read::file(&self.repository.top.join(inside)).map(Some),
        }
    }

    fn find(&self, inside: &str) -> Result<Found, String> {
        if inside.contains(['\n', '\0']) {
            return Err("its name has a line break, which git cannot be asked for".to_owned());
        }
        let mut asked = self.asked.borrow_mut();
        let batch = match &mut *asked {
            Some(batch) => batch,
            none => none.insert(self.start()?),
        };
        let outcome = batch.ask(&format!("{}:{inside}", self.hash));
        if outcome.is_err() {
            *asked = None;
        }
        outcome.map_err(|error| format!("git does not answer: {}", plain(&error)))?
    }

    fn start(&self) -> Result<Batch, String> {
        let args = ["cat-file", "--batch", "--follow-symlinks"];
        let mut child = command(&self.repository.top, &args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| absent(&error))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(questions), Some(answers)) => {
                Ok(Batch { child, questions: Some(questions), answers: BufReader::new(answers) })
            }
            _ => Err("git cannot be asked".to_owned()),
        }
    }

    /// The path of every file, from the top.
    pub fn files(&self) -> Result<Vec<String>, String> {
        let listed = git(&self.repository.top, &["ls-tree", "-r", "-z", "--name-only", "--full-tree", &self.hash])?;
        let names = listed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        Ok(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
    }

    /// Whether git is told not to look at a path: then it has no history.
    fn is_ignored(&self, inside: &str) -> bool {
        git(&self.repository.top, &["check-ignore", "--quiet", "--", inside]).is_ok()
    }

    /// The door for the files that a spec in this folder of the repository names.
    pub fn door(&self, folder: &str) -> AtCommit<'_> {
        AtCommit { tree: self, folder: folder.to_owned() }
    }
}

impl Batch {
    fn ask(&mut self, question: &str) -> std::io::Result<Result<Found, String>> {
        let questions = self.questions.as_mut().ok_or(std::io::ErrorKind::BrokenPipe)?;
        questions.write_all(format!("{question}\n").as_bytes())?;
        questions.flush()?;
        let mut line = Vec::new();
        self.answers.read_until(b'\n', &mut line)?;
        let line = String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned();
        if line.is_empty() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let words: Vec<&str> = line.split(' ').collect();
        let (kind, size) = match words[..] {
            [_, "blob" | "tree" | "commit" | "tag", size] => (words.get(1).copied().unwrap_or_default(), size),
            [kind @ ("symlink" | "dangling" | "loop" | "notdir"), size] => (kind, size),
            _ => return Ok(Ok(Found::Nothing)),
        };
        let size: usize = size.parse().map_err(|_| std::io::ErrorKind::InvalidData)?;
        let mut bytes = Vec::new();
        // the line break behind it is no part of it
        (&mut self.answers).take(size as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.pop() != Some(b'\n') || bytes.len() != size {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(match kind {
            "blob" if size > LARGEST => Err(format!("it has {size} bytes, more than {LARGEST}")),
            "blob" => Ok(Found::File(bytes)),
            "symlink" => Ok(Found::Outside),
            "loop" => Err("its links lead in a circle".to_owned()),
            "dangling" | "notdir" => Ok(Found::Nothing),
            _ => Err("it is a folder".to_owned()),
        })
    }
}

/// Files of one commit, by their path from a folder of the repository.
pub struct AtCommit<'t> {
    tree: &'t Tree<'t>,
    folder: String,
}

impl AtCommit<'_> {
    /// The path from the top; none where it leads outside.
    fn inside(&self, path: &str) -> Option<String> {
        let mut parts: Vec<&str> = self.folder.split('/').filter(|part| !part.is_empty()).collect();
        let absolute = Path::new(path).strip_prefix(&self.tree.repository.top).ok().and_then(Path::to_str);
        let path = match absolute {
            Some(below) => {
                parts.clear();
                below
            }
            None if Path::new(path).is_absolute() => return None,
            None => path,
        };
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()?),
                part => parts.push(part),
            }
        }
        Some(parts.join("/"))
    }
}

impl Files for AtCommit<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        // what is outside the repository, or ignored in it, has no history: it is as it is now
        let now = || read::Folder::at(self.tree.repository.top.join(&self.folder)).read(path);
        let Some(inside) = self.inside(path) else { return now() };
        match self.tree.read(&inside)? {
            Some(bytes) => Ok(bytes),
            None if self.tree.is_ignored(&inside) => now(),
            None => Err(format!("it is not there at {}", self.tree.name)),
        }
    }
}
