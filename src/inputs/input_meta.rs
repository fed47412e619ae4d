//! What a format that is read says of itself: one `META` in its folder. Knows no format.

use super::base::BaseProject;
use super::files::{InputFiles, InputFormat, ReadFiles};
use super::outline::Outline;

/// What a format says of itself.
#[derive(Debug)]
pub struct InputMeta {
    /// Which it is.
    pub format: InputFormat,
    /// What one file of it is called in messages and counts: `compose file`.
    pub noun: &'static str,
    /// The names of its files, each with at most one `*`, which stands for any text.
    pub names: &'static [&'static str],
    /// What tells a file with another name, for messages.
    pub sign: &'static str,
    /// Whether a document is of this format by what is in it.
    pub is_content: fn(&Outline<'_>) -> bool,
    /// Whether a search through a folder looks into files with other names: not where the sign is one that many formats have.
    pub searched: bool,
    /// For a format of which names do not tell alone: whether a file with one of its names is of it, by what is in its folder.
    pub belongs: Option<BelongsFn>,
    /// How files of it are checked without a spec; `None` for specs.
    pub sets: Option<SetReader>,
}

/// Whether a file belongs to a format: given its name and what reads texts by their path from its folder, why it does not, as the end of
/// a sentence that begins with its path.
pub type BelongsFn = fn(&str, &dyn Fn(&str) -> Option<String>) -> Result<(), String>;

/// How files of another tool are read that no spec names.
#[derive(Debug)]
pub struct SetReader {
    /// Which of these files, sorted by path, one use of the tool takes together; each is in one set at least. Paths are as the
    /// command line or a search through a folder gives them.
    pub sets: fn(&[&str]) -> Vec<Vec<usize>>,
    /// Reads a set. Files that it names and that cannot be read are `unread` in the project. The flag says that nothing else is used
    /// with these files.
    pub read: fn(&[String], bool, &dyn ReadFiles, &mut InputFiles) -> BaseProject,
    /// Whether a rollout starts new replicas before it stops old ones.
    pub starts_new_first: bool,
}

impl InputMeta {
    /// Whether a path has one of its names, and these tell; a folder and the case of letters count as written.
    #[must_use]
    pub fn is_told_by(&self, path: &str) -> bool {
        self.belongs.is_none() && self.has_name(path)
    }

    /// Whether a path has one of its names.
    #[must_use]
    pub fn has_name(&self, path: &str) -> bool {
        let name = file_name(path);
        self.names.iter().any(|pattern| match pattern.split_once('*') {
            Some((start, end)) => {
                name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
            }
            None => name == *pattern,
        })
    }

    /// Whether a path has one of its names only by its beginning and its end: a name that files of other tools may have too. What
    /// stands between two dots is how a tool's variants are called: `docker-compose.prod.yml`.
    #[must_use]
    pub fn is_guess(&self, path: &str) -> bool {
        let name = file_name(path);
        let between = |pattern: &&str| {
            let (start, end) = pattern.split_once('*')?;
            name.strip_prefix(start)?.strip_suffix(end)
        };
        let is_own = |between: &str| between.is_empty() || between.starts_with('.');
        !self.names.contains(&name) && !self.names.iter().filter_map(between).any(is_own)
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
