//! The files at one commit, read by their hashes from one git process. Links are followed here, so that git is asked for
//! objects alone, and one that a clone lacks is told apart from a file that is not there.

use super::super::read;
use super::Repository;
use super::patient::Patient;
use super::run::refused;
use scalegen::Files;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};

/// The largest file taken from a commit, as from a disk.
const LARGEST: usize = 1 << 30;
/// So many links are followed, as Linux does.
const LINKS: usize = 40;

/// The files at one commit.
pub struct GitTree<'r> {
    repository: &'r Repository,
    /// What the commit was called.
    pub name: String,
    entries: BTreeMap<String, TreeEntry>,
    asked: RefCell<Option<ObjectReader>>,
    /// Why something of the commit could not be read, where the clone lacks it.
    lacking: RefCell<Option<String>>,
}

/// A file of a commit by the hash of its bytes.
struct TreeEntry {
    kind: ObjectKind,
    hash: String,
}

#[derive(PartialEq)]
enum ObjectKind {
    File,
    Link,
    /// A submodule: its files are another repository's.
    Repository,
}

/// One git process that answers for all files.
struct ObjectReader {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<Patient>,
}

impl Drop for ObjectReader {
    fn drop(&mut self) {
        // it only reads, and it may be in the middle of an answer that nobody wants
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is at a path of a commit.
enum AtPath<'t> {
    File(&'t str),
    Nothing,
    /// A link that leads out of the repository.
    Outside,
}

impl GitTree<'_> {
    /// The files of a tree by its hash; `name` is what the user called the commit.
    ///
    /// # Errors
    /// Why git cannot list them; in a clone without them, what to do.
    pub(super) fn new<'r>(repository: &'r Repository, name: &str, hash: &str) -> Result<GitTree<'r>, String> {
        let listed = repository.git.run(&["ls-tree", "-r", "-z", "--full-tree", hash]);
        repository.git.answers()?;
        // git says which object it could not read; to the user it is the clone that lacks it
        let listed = listed.map_err(|why| format!("{why}; {}", lacks(name)))?;
        let entries = listed.split(|byte| *byte == 0).filter_map(entry).collect();
        let (asked, lacking) = (RefCell::new(None), RefCell::new(None));
        Ok(GitTree { repository, name: name.to_owned(), entries, asked, lacking })
    }

    /// A file by its path from the top; `None` if there is none.
    pub fn read(&self, inside: &str) -> Result<Option<Vec<u8>>, String> {
        match self.find(inside)? {
            AtPath::File(hash) => self.bytes(hash).map(Some),
            AtPath::Nothing => Ok(None),
            // what has no history is as it is now
            AtPath::Outside => read::file(&self.repository.top.join(inside)).map(Some),
        }
    }

    /// The path of every file, from the top.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let files = self.entries.iter().filter(|(_, entry)| entry.kind != ObjectKind::Repository);
        files.map(|(path, _)| path.as_str())
    }

    /// Why a file could not be read that the commit has and this clone lacks: then no comparison is whole.
    pub fn lacking(&self) -> Option<String> {
        self.lacking.borrow().clone()
    }

    /// The files that a spec in this folder of the repository names.
    pub fn files_of(&self, folder: &str) -> AtCommit<'_> {
        AtCommit { tree: self, folder: folder.to_owned() }
    }

    /// Follows the links on the way to a path.
    fn find(&self, inside: &str) -> Result<AtPath<'_>, String> {
        let mut ahead: Vec<String> = inside.rsplit('/').map(str::to_owned).collect();
        let (mut at, mut links) = (String::new(), 0);
        while let Some(part) = ahead.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." if at.is_empty() => return Ok(AtPath::Outside),
                ".." => {
                    at.truncate(at.rfind('/').unwrap_or_default());
                    continue;
                }
                _ => {}
            }
            let next = if at.is_empty() { part } else { format!("{at}/{part}") };
            match self.entries.get(&next) {
                // a folder, or nothing
                None => at = next,
                Some(TreeEntry { kind: ObjectKind::File, hash }) if ahead.is_empty() => return Ok(AtPath::File(hash)),
                Some(TreeEntry { kind: ObjectKind::File | ObjectKind::Repository, .. }) => return Ok(AtPath::Nothing),
                Some(TreeEntry { kind: ObjectKind::Link, hash }) => {
                    links += 1;
                    if links > LINKS {
                        return Err("its links lead in a circle".to_owned());
                    }
                    let target = String::from_utf8_lossy(&self.bytes(hash)?).into_owned();
                    if target.starts_with('/') {
                        return Ok(AtPath::Outside);
                    }
                    ahead.extend(target.rsplit('/').map(str::to_owned));
                }
            }
        }
        let below = format!("{at}/");
        let is_folder = self.entries.range(below.clone()..).next().is_some_and(|(path, _)| path.starts_with(&below));
        if is_folder || at.is_empty() { Err("it is a folder".to_owned()) } else { Ok(AtPath::Nothing) }
    }

    /// The bytes of an object by its hash.
    fn bytes(&self, hash: &str) -> Result<Vec<u8>, String> {
        let mut asked = self.asked.borrow_mut();
        let batch = match &mut *asked {
            Some(batch) => batch,
            none => none.insert(self.start()?),
        };
        let answer = batch.ask(hash);
        let whole = matches!(answer, Ok(ObjectAnswer::Bytes(_) | ObjectAnswer::Lacking));
        if !whole {
            *asked = None;
        }
        match answer {
            Ok(ObjectAnswer::Bytes(bytes)) => Ok(bytes),
            Ok(ObjectAnswer::Large(size)) => Err(format!("it has {size} bytes, more than {LARGEST}")),
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                let why = self.repository.git.hangs();
                *self.lacking.borrow_mut() = Some(why.clone());
                Err(why)
            }
            // an old git ends where it may not fetch
            Ok(ObjectAnswer::Lacking) | Err(_) => {
                let why = lacks(&self.name);
                *self.lacking.borrow_mut() = Some(why.clone());
                Err(why)
            }
        }
    }

    fn start(&self) -> Result<ObjectReader, String> {
        self.repository.git.answers()?;
        let mut command = self.repository.git.command(&["cat-file", "--batch"]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.map_err(|error| refused(&error))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(questions), Some(answers)) => {
                let answers = BufReader::new(Patient::new(answers));
                Ok(ObjectReader { child, questions, answers })
            }
            _ => Err("git cannot be asked".to_owned()),
        }
    }

    /// Whether git is told not to look at a path: then it has no history.
    fn is_ignored(&self, inside: &str) -> bool {
        self.repository.git.run(&["check-ignore", "--quiet", "--", inside]).is_ok()
    }
}

/// What to do where a clone lacks objects. scalegen itself never fetches.
pub(super) fn lacks(name: &str) -> String {
    format!(
        "this clone lacks files of {name}, as one made with --filter does, and scalegen fetches nothing; fetch them first: \
         git fetch --refetch --no-filter"
    )
}

/// One line of `git ls-tree -z`: mode, type and hash, a tab, the path.
fn entry(line: &[u8]) -> Option<(String, TreeEntry)> {
    let line = String::from_utf8_lossy(line);
    let (about, path) = line.split_once('\t')?;
    let mut words = about.split(' ');
    let kind = match words.next()? {
        "120000" => ObjectKind::Link,
        "160000" => ObjectKind::Repository,
        _ => ObjectKind::File,
    };
    Some((path.to_owned(), TreeEntry { kind, hash: words.nth(1)?.to_owned() }))
}

/// What git says of an object.
enum ObjectAnswer {
    Bytes(Vec<u8>),
    /// More bytes than are taken.
    Large(usize),
    Lacking,
}

impl ObjectReader {
    fn ask(&mut self, hash: &str) -> std::io::Result<ObjectAnswer> {
        self.questions.write_all(format!("{hash}\n").as_bytes())?;
        self.questions.flush()?;
        let mut line = Vec::new();
        // a hash, a type and a size
        (&mut self.answers).take(1 << 12).read_until(b'\n', &mut line)?;
        let line = String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned();
        let size = match line.split(' ').collect::<Vec<_>>()[..] {
            [_, "blob", size] => size.parse::<usize>().map_err(|_| std::io::ErrorKind::InvalidData)?,
            [_, "missing"] => return Ok(ObjectAnswer::Lacking),
            _ => return Err(std::io::ErrorKind::InvalidData.into()),
        };
        if size > LARGEST {
            return Ok(ObjectAnswer::Large(size));
        }
        let mut bytes = Vec::new();
        // the line break behind it is no part of it
        (&mut self.answers).take(size as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.pop() != Some(b'\n') || bytes.len() != size {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(ObjectAnswer::Bytes(bytes))
    }
}

/// Files of one commit, by their path from a folder of the repository.
pub struct AtCommit<'t> {
    tree: &'t GitTree<'t>,
    folder: String,
}

impl AtCommit<'_> {
    /// The path from the top; `None` if it leads outside.
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
