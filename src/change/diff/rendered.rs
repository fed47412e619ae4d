//! The rendered files of both sides, compared line by line. Knows no target's language.

use super::side::{ProfileNumbers, TargetFiles};
use super::{Side, Status};
use crate::support::diagnostic::SPEC;
use crate::support::source::Source;
use crate::support::unified::{Unified, unified};
use crate::syntax::{ParseMode, parse};
use crate::targets::{self, MARK, OutputFile, RenderBug, Transition};
use std::collections::{HashMap, HashSet};

/// Two files with more lines than this together are not compared line by line.
const LONGEST: usize = 200_000;

/// One file of one target that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedFile {
    /// The profiles in which it has the same difference; empty for the base.
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

/// A target that could not be compared because a side was not rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRendered {
    /// The profiles; empty for the base.
    pub profiles: Vec<Option<String>>,
    /// The target.
    pub target: String,
    /// How many errors kept the earlier side from being rendered.
    pub before: usize,
    /// How many errors kept the later side from being rendered.
    pub after: usize,
}

/// What applying the new files does to what runs from the old ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedChange {
    /// The profiles; empty for the base.
    pub profiles: Vec<Option<String>>,
    /// The target.
    pub target: String,
    /// What happens, and the safe way.
    pub transition: Transition,
}

/// What one side has of one target in one profile.
enum RenderedTarget<'a> {
    Files(&'a [OutputFile]),
    Errors(usize),
}

impl<'a> RenderedTarget<'a> {
    /// A side that is not there, or does not have this profile or target, writes nothing.
    fn of(side: Option<&Side<'_>>, rendered: &'a [TargetFiles], target: &str) -> RenderedTarget<'a> {
        match (rendered.iter().find(|(name, _)| name == target), side) {
            (Some((_, Ok(files))), _) => RenderedTarget::Files(files),
            (Some((_, Err(errors))), _) => RenderedTarget::Errors(*errors),
            (None, Some(side)) if side.unreadable => RenderedTarget::Errors(side.errors()),
            (None, _) => RenderedTarget::Files(&[]),
        }
    }

    fn errors(&self) -> usize {
        match self {
            RenderedTarget::Files(_) => 0,
            RenderedTarget::Errors(count) => *count,
        }
    }
}

/// The differences found so far. One difference in several profiles is reported once.
#[derive(Default)]
struct Differing {
    rendered: Vec<RenderedFile>,
    refused: Vec<NotRendered>,
    applied: Vec<AppliedChange>,
    /// The places in `rendered` by target and path.
    index: HashMap<(String, String), Vec<usize>>,
}

impl Differing {
    fn add(&mut self, file: RenderedFile) {
        let known = self.index.entry((file.target.clone(), file.path.clone())).or_default();
        let same = known.iter().find(|at| self.rendered.get(**at).is_some_and(|other| same_change(other, &file)));
        match same.and_then(|at| self.rendered.get_mut(*at)) {
            Some(other) => other.profiles.extend(file.profiles),
            None => {
                known.push(self.rendered.len());
                self.rendered.push(file);
            }
        }
    }

    fn refuse(&mut self, refusal: NotRendered) {
        let known = |other: &&mut NotRendered| {
            (&other.target, other.before, other.after) == (&refusal.target, refusal.before, refusal.after)
        };
        match self.refused.iter_mut().find(known) {
            Some(other) => other.profiles.extend(refusal.profiles),
            None => self.refused.push(refusal),
        }
    }

    fn apply(&mut self, was: &[OutputFile], is: &[OutputFile], profile: &Option<String>, target: &str) {
        for transition in applied(target, was, is) {
            match self.applied.iter_mut().find(|known| known.target == target && known.transition == transition) {
                Some(one) => one.profiles.push(profile.clone()),
                None => {
                    let target = target.to_owned();
                    self.applied.push(AppliedChange { profiles: vec![profile.clone()], target, transition });
                }
            }
        }
    }

    fn compare(&mut self, was: &RenderedTarget<'_>, is: &RenderedTarget<'_>, profile: &Option<String>, target: &str) {
        if let (RenderedTarget::Files(was), RenderedTarget::Files(is)) = (was, is) {
            files(was, is, profile, target).into_iter().for_each(|file| self.add(file));
            self.apply(was, is, profile, target);
            return;
        }
        let (before, after) = (was.errors(), is.errors());
        self.refuse(NotRendered { profiles: vec![profile.clone()], target: target.to_owned(), before, after });
    }
}

/// Compares every target of every profile: those of the later side first, then those that are gone. Renders one profile at a
/// time, because all of them together can take memory quadratic in the size of the spec.
pub(super) fn compare(old: Option<&Side<'_>>, new: Option<&Side<'_>>) -> Result<ComparedFiles, RenderBug> {
    fn all<'s>(side: Option<&'s Side<'_>>) -> &'s [ProfileNumbers] {
        side.map_or(&[], |side| &side.profiles)
    }
    let (mut found, mut late) = (Differing::default(), Differing::default());
    let known: HashSet<Option<&str>> = all(new).iter().map(|rendering| rendering.profile.as_deref()).collect();
    let gone = all(old).iter().filter(|rendering| !known.contains(&rendering.profile.as_deref()));
    for ProfileNumbers { profile, .. } in all(new).iter().chain(gone) {
        let render = |side: Option<&Side<'_>>| side.map_or(Ok(Vec::new()), |side| side.render(profile.as_deref()));
        let (was, is) = (render(old)?, render(new)?);
        let left = was.iter().filter(|(target, _)| !is.iter().any(|(other, _)| other == target));
        let here = is.iter().map(|(target, _)| (target, true)).chain(left.map(|(target, _)| (target, false)));
        for (target, there) in here {
            let (was, is) = (RenderedTarget::of(old, &was, target), RenderedTarget::of(new, &is, target));
            let into = if there { &mut found } else { &mut late };
            into.compare(&was, &is, profile, target);
        }
    }
    late.rendered.into_iter().for_each(|file| found.add(file));
    late.refused.into_iter().for_each(|finding| found.refuse(finding));
    found.applied.extend(late.applied);
    Ok(ComparedFiles { rendered: found.rendered, refused: found.refused, applied: found.applied })
}

/// How the rendered files of both sides differ.
pub(super) struct ComparedFiles {
    pub rendered: Vec<RenderedFile>,
    pub refused: Vec<NotRendered>,
    pub applied: Vec<AppliedChange>,
}

/// What applying the new files of a target does to what runs from the old ones.
#[must_use]
pub fn applied(target: &str, was: &[OutputFile], is: &[OutputFile]) -> Vec<Transition> {
    // the usual case of a render that is repeated: hundreds of files need not be read for it
    if was.iter().map(|file| &file.text).eq(is.iter().map(|file| &file.text)) {
        return Vec::new();
    }
    let judge = targets::get(target).and_then(|target| target.meta.transitions);
    judge.map(|judge| judge(&documents(was), &documents(is))).unwrap_or_default()
}

/// The texts read back; one that is not YAML holds no object.
fn documents(files: &[OutputFile]) -> Vec<serde_json::Value> {
    let read = |file: &OutputFile| {
        parse(SPEC, &Source::new(&file.path, &file.text), ParseMode::Spec).root.map(|root| root.to_json())
    };
    files.iter().filter_map(read).collect()
}

/// Whether two profiles change a file in the same way. The header line names the profile, so it is not compared.
fn same_change(one: &RenderedFile, two: &RenderedFile) -> bool {
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

/// Added lines, removed lines and the hunks. For texts that are too long to compare, only the numbers of lines.
fn hunks(old: &str, new: &str) -> (usize, usize, Option<String>) {
    let (before, after) = (old.lines().count(), new.lines().count());
    if before + after > LONGEST {
        return (after, before, None);
    }
    let Unified { added, removed, hunks } = unified(old, new);
    (added, removed, Some(hunks))
}
