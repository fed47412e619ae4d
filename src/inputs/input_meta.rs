//! What a format says about itself: one `META` in its folder. Knows no format.

use super::base::BaseProject;
use super::files::{InputFiles, InputFormat, ReadFiles};
use super::outline::Outline;

/// The description of a format that is read.
#[derive(Debug)]
pub struct InputMeta {
    /// Which it is.
    pub format: InputFormat,
    /// The word for one file of it in messages and counts: `compose file`.
    pub noun: &'static str,
    /// The names of its files, each with at most one `*`, which stands for any text.
    pub names: &'static [&'static str],
    /// The sign of the format in a file with another name, for messages.
    pub sign: &'static str,
    /// Whether a document is of this format by what is in it.
    pub is_content: fn(&Outline<'_>) -> bool,
    /// Whether a search through a folder looks into files with other names. Not if many formats have this sign.
    pub searched: bool,
    /// For a format whose file names other tools use too: whether a file with one of its names belongs to it, by the files in its folder.
    pub belongs: Option<BelongsFn>,
    /// How files of it are checked without a spec; `None` for specs.
    pub sets: Option<SetReader>,
}

/// Checks whether a file belongs to a format, given its name and a reader of texts by their path from its folder. Returns why it does not, as the end of
/// a sentence that begins with its path.
pub type BelongsFn = fn(&str, &dyn Fn(&str) -> Option<String>) -> Result<(), String>;

/// What a set is read for. By default other files may be used with these, and all that was read is kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct SetPurpose {
    /// Nothing else is used with these files.
    pub complete: bool,
    /// Only rules look at what was read, so the trees of large files may be dropped once services were read from them.
    pub for_rules: bool,
    /// Services have the names that the tool gives them in the end, and not those of the files, which a spec over them uses.
    pub as_built: bool,
}

/// How files of another tool are read if no spec names them.
#[derive(Debug)]
pub struct SetReader {
    /// The sets among these files, sorted by path, that one use of the tool takes together; each file is in at least one. Paths are as the
    /// command line or a search through a folder gives them.
    pub sets: fn(&[&str]) -> Vec<Vec<usize>>,
    /// Reads a set. Files that it names and that cannot be read are `unread` in the project.
    pub read: fn(&[String], SetPurpose, &dyn ReadFiles, &mut InputFiles) -> BaseProject,
    /// Whether a rollout starts new replicas before it stops old ones.
    pub starts_new_first: bool,
}

impl InputMeta {
    /// Whether a path has one of its names, and these are sufficient. Folder and case count as written.
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

    /// Whether a path has one of its names only by its beginning and its end, which files of other tools may have too. The text
    /// between two dots names a variant: `docker-compose.prod.yml`.
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
