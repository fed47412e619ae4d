//! The rendered files of both sides, compared line by line. Knows no target's language.

use super::{Side, Status};
use crate::support::unified::{Unified, unified};
use crate::targets::{MARK, OutputFile};
use std::collections::HashMap;

/// Two files with more lines than this together are not compared line by line.
const LONGEST: usize = 200_000;

/// One file of one target that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedFile {
    /// The profiles in which it differs in the same lines; none stands for the base.
    pub profiles: Vec<Option<String>>,
    /// The target.
    pub target: String,
    /// The path in the target's folder.
    pub path: String,
    /// Whether the file came or went.
    pub status: Status,
    /// How many lines came.
    pub added: usize,
    /// How many lines went.
    pub removed: usize,
    /// The hunks of a unified diff, without its two lines of names; `None` if the files are too long to compare.
    pub diff: Option<String>,
}

/// What could not be compared because a side was not rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The profiles; none stands for the base.
    pub profiles: Vec<Option<String>>,
    /// The target.
    pub target: String,
    /// How many errors stand in the way before.
    pub before: usize,
    /// How many stand in the way after.
    pub after: usize,
}

/// What one side has of one target in one profile.
enum RenderedTarget<'a> {
    Files(&'a [OutputFile]),
    Errors(usize),
}

impl<'a> RenderedTarget<'a> {
    /// A side that is not there, or does not have this profile or target, writes nothing.
    fn of(side: Option<&'a Side>, profile: Option<&str>, target: &str) -> RenderedTarget<'a> {
        let Some(side) = side else { return RenderedTarget::Files(&[]) };
        let here = side.rendered.iter().find(|one| one.profile.as_deref() == profile);
        let targets = here.map_or(&[][..], |one| &one.targets);
        match targets.iter().find(|(name, _)| name == target) {
            Some((_, Ok(files))) => RenderedTarget::Files(files),
            Some((_, Err(errors))) => RenderedTarget::Errors(*errors),
            None if side.unreadable => RenderedTarget::Errors(side.errors()),
            None => RenderedTarget::Files(&[]),
        }
    }

    fn errors(&self) -> usize {
        match self {
            RenderedTarget::Files(_) => 0,
            RenderedTarget::Errors(count) => *count,
        }
    }
}

/// Compares every target of every profile; what differs in the same lines in several profiles is said once.
pub(super) fn compare(old: Option<&Side>, new: Option<&Side>) -> (Vec<RenderedFile>, Vec<Refused>) {
    let (mut rendered, mut refused): (Vec<RenderedFile>, Vec<Refused>) = (Vec::new(), Vec::new());
    let mut index: HashMap<(String, String), Vec<usize>> = HashMap::new();
    let mut seen: Vec<(Option<&str>, &str)> = Vec::new();
    for one in [new, old].into_iter().flatten().flat_map(|side| &side.rendered) {
        for (target, _) in &one.targets {
            let key = (one.profile.as_deref(), target.as_str());
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let (was, is) = (RenderedTarget::of(old, key.0, key.1), RenderedTarget::of(new, key.0, key.1));
            if let (RenderedTarget::Files(was), RenderedTarget::Files(is)) = (&was, &is) {
                for file in files(was, is, &one.profile, target) {
                    let known = index.entry((file.target.clone(), file.path.clone())).or_default();
                    let same = known.iter().find(|at| rendered.get(**at).is_some_and(|other| alike(other, &file)));
                    match same.and_then(|at| rendered.get_mut(*at)) {
                        Some(other) => other.profiles.extend(file.profiles),
                        None => {
                            known.push(rendered.len());
                            rendered.push(file);
                        }
                    }
                }
                continue;
            }
            let (before, after) = (was.errors(), is.errors());
            let known = |other: &&mut Refused| (&other.target, other.before, other.after) == (target, before, after);
            match refused.iter_mut().find(known) {
                Some(other) => other.profiles.push(one.profile.clone()),
                None => {
                    let profiles = vec![one.profile.clone()];
                    refused.push(Refused { profiles, target: target.clone(), before, after });
                }
            }
        }
    }
    (rendered, refused)
}

/// Whether two profiles change a file in the same way; the header line names the profile, so it does not count.
fn alike(one: &RenderedFile, two: &RenderedFile) -> bool {
    fn hunks(file: &RenderedFile) -> impl Iterator<Item = &str> {
        let lines = file.diff.as_deref().unwrap_or_default().lines();
        lines.filter(|line| !line.get(1..).is_some_and(|line| line.starts_with(MARK)))
    }
    let what = |file: &RenderedFile| (file.status, file.added, file.removed, file.diff.is_some());
    what(one) == what(two) && hunks(one).eq(hunks(two))
}

/// The files that differ, in the order of the new ones, then what is gone.
fn files(was: &[OutputFile], is: &[OutputFile], profile: &Option<String>, target: &str) -> Vec<RenderedFile> {
    fn by_path(files: &[OutputFile]) -> HashMap<&str, &str> {
        files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect()
    }
    let (before, after) = (by_path(was), by_path(is));
    let gone = was.iter().filter(|old| !after.contains_key(old.path.as_str()));
    let mut differing = Vec::new();
    for path in is.iter().chain(gone).map(|file| &file.path) {
        let (old, new) = (before.get(path.as_str()), after.get(path.as_str()));
        if old == new {
            continue;
        }
        let status = Status::of(old.is_some(), new.is_some());
        let (added, removed, diff) = hunks(old.unwrap_or(&""), new.unwrap_or(&""));
        let (path, target) = (path.clone(), target.to_owned());
        differing.push(RenderedFile { profiles: vec![profile.clone()], target, path, status, added, removed, diff });
    }
    differing
}

/// Lines that came, lines that went, and the hunks; of texts too long to compare only how many lines they have.
fn hunks(old: &str, new: &str) -> (usize, usize, Option<String>) {
    let (before, after) = (old.lines().count(), new.lines().count());
    if before + after > LONGEST {
        return (after, before, None);
    }
    let Unified { added, removed, hunks } = unified(old, new);
    (added, removed, Some(hunks))
}
