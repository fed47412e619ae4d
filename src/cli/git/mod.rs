//! git, used only to read files as they were at a commit. No shell, and no command that runs what a repository configures.
//!
//! Which repository: the one that the current folder is in, found here by `.git` on the way up and never by git's own search.
//! A folder of the tree that looks like a repository, a `.git` below its top, a submodule and a link out of it do not count,
//! whatever path is named: somebody else may have written them.

mod patient;
mod run;
mod tree;

use super::read::io_error_text;
use run::Git;
use std::path::{Component, Path, PathBuf};
pub use tree::GitTree;

/// The working tree of one repository.
pub struct Repository {
    /// Its folder, with links resolved.
    pub top: PathBuf,
    git: Git,
}

impl Repository {
    /// The repository that the current folder is in. A path that the user names elsewhere, which need not be there any more,
    /// is looked for in the one repository around it.
    pub fn of(path: &Path) -> Result<Repository, String> {
        let error = |error: std::io::Error| format!("{}: {}", path.display(), io_error_text(&error));
        let here = std::env::current_dir().and_then(|here| here.canonicalize()).map_err(error)?;
        // the path as written: the target of a link does not decide which repository is used
        let written = without_dots(&here.join(path));
        let around = here.ancestors().find(|folder| is_top(folder));
        let within = |top: &&Path| {
            let real = existing(path).canonicalize();
            written.starts_with(top) || real.is_ok_and(|real| real.starts_with(top))
        };
        let top = match around.filter(within) {
            Some(top) => top.to_owned(),
            None => elsewhere(&written)?.canonicalize().map_err(error)?,
        };
        let git = Git::at(&top);
        let git = git.map_err(|why| format!("{}: {why}; without git: scalegen diff OLD NEW", top.display()))?;
        Ok(Repository { top, git })
    }

    /// A path from the top of the repository, `/` between its parts; `None` if it is outside.
    pub fn inside(&self, path: &Path) -> Option<String> {
        // links in the folders are followed, the file itself keeps its name
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

    /// Like `path`, for a file that must belong to this repository, and not to one below its top, such as a
    /// submodule.
    ///
    /// # Errors
    /// Where it leads instead.
    pub fn path_inside(&self, path: &Path) -> Result<String, String> {
        let Some(inside) = self.inside(path) else {
            return Err(format!("{} is outside the repository {}", path.display(), self.top.display()));
        };
        let folders = Path::new(&inside).ancestors().filter(|folder| !folder.as_os_str().is_empty());
        match folders.map(|folder| self.top.join(folder)).find(|folder| is_top(folder)) {
            Some(other) => {
                let (path, other) = (path.display(), other.display());
                Err(format!("{path} belongs to another repository, {other}; run scalegen there"))
            }
            None => Ok(inside),
        }
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
    pub fn at(&self, name: &str) -> Result<GitTree<'_>, String> {
        let (commit, common) = match name.strip_suffix("...") {
            Some(name) => (name, true),
            None => (name, false),
        };
        if commit.contains("..") {
            return Err(format!(
                "`{name}` is a range, not a commit: name one commit, or `main...` for the one where the current branch left main"
            ));
        }
        // git would take it for an option, or for something other than a commit
        if commit.is_empty() || commit.starts_with('-') || commit.contains(|c: char| c.is_control() || c == ':') {
            return Err(format!("`{name}` is not the name of a commit"));
        }
        let mut hash = self.tree(commit)?;
        if common {
            let base = self.git.run(&["merge-base", commit, "HEAD"]);
            self.git.answers()?;
            let base = base.map_err(|_| {
                format!("`{commit}` and the current branch have no commit in common here; a shallow clone has to be deepened first: git fetch --unshallow")
            })?;
            hash = self.tree(String::from_utf8_lossy(&base).trim())?;
        }
        GitTree::new(self, name, &hash)
    }

    /// The hash of a commit's tree.
    fn tree(&self, commit: &str) -> Result<String, String> {
        let parsed = |what: &str| {
            let hash = self.git.run(&["rev-parse", "--verify", "--quiet", &format!("{commit}^{{{what}}}")]);
            hash.ok().map(|hash| String::from_utf8_lossy(&hash).trim().to_owned()).filter(|hash| !hash.is_empty())
        };
        if let Some(hash) = parsed("tree") {
            return Ok(hash);
        }
        self.git.answers()?;
        if parsed("commit").is_some() {
            return Err(tree::lacks(commit));
        }
        self.git.answers()?;
        let top = self.top.display();
        let branch = commit.strip_prefix("origin/").unwrap_or(commit);
        let shallow = self.git.run(&["rev-parse", "--is-shallow-repository"]);
        let (kind, how) = match shallow.is_ok_and(|said| said.starts_with(b"true")) {
            // what is counted from another commit has no name to fetch
            true if commit.contains(['~', '^', '@']) => (", a shallow clone", "git fetch --unshallow".to_owned()),
            true => (", a shallow clone", format!("git fetch --depth=1 origin {branch}, or git fetch --unshallow")),
            false => ("", format!("git fetch origin {branch}")),
        };
        Err(format!(
            "`{commit}` is not a commit of the repository {top}{kind}; a branch or tag that is not here yet has to be fetched first: {how}"
        ))
    }
}

/// Whether a folder is the top of a working tree: its own, a linked one or a submodule's. One that merely looks like a bare
/// repository is not.
fn is_top(folder: &Path) -> bool {
    folder.join(".git").exists()
}

/// The top of the one repository around a path. Refuses several: it is unclear which is meant, and a stranger may have put
/// the inner one there.
fn elsewhere(path: &Path) -> Result<&Path, String> {
    let mut tops = path.ancestors().filter(|folder| is_top(folder));
    match (tops.next(), tops.next()) {
        (Some(top), None) => Ok(top),
        (Some(inner), Some(outer)) => Err(format!(
            "{}: both {} and {} are repositories; run scalegen in the one that is meant",
            path.display(),
            inner.display(),
            outer.display()
        )),
        _ => Err(format!("{}: not a git repository, nor in one; without git: scalegen diff OLD NEW", path.display())),
    }
}

/// A whole path without `.` and `..`, by its words alone.
fn without_dots(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(whole.pop()),
            part => whole.push(part),
        }
    }
    whole
}

/// The nearest folder that is there.
fn existing(path: &Path) -> PathBuf {
    let folder = path.ancestors().find(|folder| folder.is_dir());
    folder.filter(|folder| !folder.as_os_str().is_empty()).map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}
