//! Follows kustomizations to the files that they take in. Knows no object.
//!
//! What `kubectl kustomize` refuses is a finding at the entry: kustomizations in a circle, and what is not there.

use super::changed_objects::ObjectChange;
use super::kustomization::{KustomizationFile, MAX_KUSTOMIZE_DEPTH, NAMES, NamedResource};
use super::kustomization::{is_file, is_remote, joined};
use super::read_set::{SetReading, folder_of};
use super::take_files::MAX_FOLLOWED;
use crate::inputs::files::Unread;
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::{FieldSpan, FileId};
use crate::syntax::Node;
use std::collections::HashSet;
use std::rc::Rc;

/// The most entries of one kustomization that are not there and are told one by one.
const MOST_MISSING: usize = 3;
const REFUSED: &str = "kubectl refuses the kustomization";
const MISSING: &str = " does not exist: kubectl refuses the kustomization";

/// One kustomization on the way to another.
#[derive(Clone, Debug)]
pub(super) struct KustomizeStep {
    folder: String,
    /// Its number among all that are followed.
    number: u32,
    /// The entry that leads to it; none for the first.
    entry: Option<NamedResource>,
}

impl SetReading<'_> {
    /// Reads the files that a kustomization names, adds them to `taken`, and applies its changes to all that is in it. A component is given
    /// what was taken in before. `way` is how the kustomization was reached.
    pub(super) fn follow(
        &mut self,
        path: &str,
        root: &Node,
        way: &mut Vec<KustomizeStep>,
        taken: &mut HashSet<FileId>,
    ) {
        let mut own = KustomizationFile::read(root);
        let folder = folder_of(path).to_owned();
        if way.is_empty() {
            way.push(self.step(joined("", &folder), None));
        }
        self.changes.changed.append(&mut own.changed);
        for resource in own.resources.iter().filter(|resource| !is_remote(&resource.path)) {
            self.resource(&folder, resource, way, taken);
        }
        self.join_missing(root.file);
        let objects = self.objects_of(taken);
        for patch in std::mem::take(&mut own.patches) {
            taken.extend(self.patch(&folder, &patch, &own.affixes, &objects));
        }
        self.replicate(&own.replicas, &own.affixes, &objects);
        self.replace(&folder, &own, &objects);
        self.generate(&folder, &mut own);
        self.transform(&folder, &mut own, &objects);
        self.built.extend(taken.iter());
        if own.affixes != (String::new(), String::new()) {
            for file in taken.iter() {
                let (before, after) = self.changes.affixes.entry(*file).or_default();
                before.insert_str(0, &own.affixes.0);
                after.push_str(&own.affixes.1);
            }
        }
        // the inner kustomizations were applied first: an outer one overrides them
        if let Some(namespace) = own.namespace {
            self.changes.namespaces.extend(taken.iter().map(|file| (*file, namespace.clone())));
        }
        let files = Rc::new(std::mem::take(taken));
        self.changes.transformers.read(root, &files);
        own.later.iter().for_each(|config| self.changes.transformers.add(config, &files));
        *taken = Rc::unwrap_or_clone(files);
    }

    fn resource(
        &mut self,
        folder: &str,
        resource: &NamedResource,
        way: &mut Vec<KustomizeStep>,
        taken: &mut HashSet<FileId>,
    ) {
        let path = joined(folder, &resource.path);
        if is_file(&resource.path) {
            match self.taken_file(&path, numbers(way)) {
                Ok(id) => _ = taken.insert(id),
                Err(unread) => self.unread_resource(resource, &unread),
            }
        } else if !self.is_circle(&path, resource, way) && way.len() <= MAX_KUSTOMIZE_DEPTH {
            way.push(self.step(path.clone(), Some(resource.clone())));
            self.folder(&path, resource, way, taken);
            way.pop();
        }
    }

    fn step(&mut self, folder: String, entry: Option<NamedResource>) -> KustomizeStep {
        self.followed += 1;
        KustomizeStep { folder, number: self.followed, entry }
    }

    /// Reads what a folder's kustomization names. A folder that was taken before has other objects the second time.
    fn folder(
        &mut self,
        folder: &str,
        resource: &NamedResource,
        way: &mut Vec<KustomizeStep>,
        taken: &mut HashSet<FileId>,
    ) {
        let paths = NAMES.map(|name| joined(folder, name));
        let known = paths.iter().any(|path| self.read.contains_key(path));
        if known && self.followed > MAX_FOLLOWED {
            self.changes.changed.push(ObjectChange::unknown());
            return;
        }
        let Some((path, id)) = paths.into_iter().find_map(|path| Some((path.clone(), self.file(&path).ok()?))) else {
            // kustomize takes a file of any name before it looks for a folder
            match self.taken_file(folder, numbers(way)) {
                Ok(id) => _ = taken.insert(id),
                Err(unread) => self.unread_resource(resource, &unread),
            }
            return;
        };
        self.built.insert(id);
        let Some((_, Some(root))) = self.read.get(&path).cloned() else { return };
        let told = self.findings.len();
        if resource.component {
            self.follow(&path, &root, way, taken);
        } else {
            let mut inner = HashSet::new();
            self.follow(&path, &root, way, &mut inner);
            taken.extend(inner);
        }
        // the second time says nothing new
        if known {
            self.findings.truncate(told);
        }
    }

    pub(super) fn unread_resource(&mut self, resource: &NamedResource, unread: &Unread) {
        let open = resource.path.contains("{{") || resource.path.contains("${");
        // a kustomization on standard input has no folder
        let piped = self.into.get(resource.at.file).is_some_and(|file| file.source.name.starts_with(['<', '-']));
        if open || piped {
            return;
        }
        let shown = resource.path.escape_debug();
        let message = match (unread.missing, is_file(&resource.path)) {
            (true, _) => format!("`{shown}`{MISSING}"),
            (false, false) => format!("`{shown}` holds no kustomization: kubectl refuses it"),
            (false, true) => format!("`{shown}` cannot be read: {}", unread.why),
        };
        let help = "correct the path, which is relative to this file, or remove the entry";
        self.refused("unreadable-file", resource.at, message, help);
    }

    /// Many entries of one kustomization that are not there have one cause, and one finding.
    fn join_missing(&mut self, file: FileId) {
        let is_one = |finding: &Finding| finding.at.file == file && finding.message.ends_with(MISSING);
        let mut own: Vec<usize> =
            (0..self.findings.len()).filter(|index| self.findings.get(*index).is_some_and(is_one)).collect();
        if own.len() <= MOST_MISSING {
            return;
        }
        let others = own.split_off(1);
        if let Some(first) = own.first().and_then(|index| self.findings.get_mut(*index)) {
            let path = first.message.trim_end_matches(MISSING).to_owned();
            first.message = format!("{path} and {} more entries do not exist: {REFUSED}", others.len());
        }
        let mut index = 0;
        self.findings.retain(|_| {
            index += 1;
            others.binary_search(&(index - 1)).is_err()
        });
    }

    /// Whether an entry leads back to a kustomization on the way to it, or to a folder around one, with the finding. A circle has one entry that
    /// is told, from whichever of its kustomizations it was entered.
    fn is_circle(&mut self, folder: &str, resource: &NamedResource, way: &[KustomizeStep]) -> bool {
        let here = way.last().is_some_and(|step| holds(folder, &step.folder));
        let start = way.iter().position(|step| step.folder == folder).filter(|_| !here);
        let Some(start) = start else {
            let around = here || way.iter().any(|step| holds(folder, &step.folder));
            if around {
                let shown = resource.path.escape_debug();
                let message =
                    format!("`{shown}` is a folder around this kustomization: kubectl refuses it as a circle");
                let help = "name its files or a folder beside this one";
                self.refused("invalid-value", resource.at, message, help);
            }
            return around;
        };
        let inner = way.iter().skip(start + 1).filter_map(|step| step.entry.as_ref());
        let mut circle: Vec<&NamedResource> = inner.chain([resource]).collect();
        let text = |one: &NamedResource| self.into.get(one.at.file).map(|file| file.source.text.clone());
        let first = (0..circle.len())
            .min_by_key(|index| circle.get(*index).map(|include| (include.path.clone(), text(include))));
        circle.rotate_left(first.unwrap_or_default());
        let Some(start) = circle.first() else { return true };
        let message = match circle.as_slice() {
            [_] => format!("`{}` is this kustomization itself: kubectl refuses the circle", start.path.escape_debug()),
            _ => {
                let names: Vec<String> =
                    circle.iter().map(|include| format!("`{}`", include.path.escape_debug())).collect();
                format!("kustomizations name each other in a circle: {}", names.join(" → "))
            }
        };
        let at = start.at;
        self.refused("invalid-value", at, message, "remove this entry: kubectl refuses the circle");
        true
    }

    fn refused(&mut self, rule: &'static str, at: FieldSpan, message: String, help: &'static str) {
        self.findings.push(Finding::new(rule, Severity::Error, at.place(), message).help(help));
    }
}

/// The numbers of the kustomizations on a way.
fn numbers(way: &[KustomizeStep]) -> impl Iterator<Item = u32> {
    way.iter().map(|step| step.number)
}

/// Whether a folder is around another one. What is above the current folder is known by its steps upwards alone.
fn holds(folder: &str, other: &str) -> bool {
    let ups = |path: &str| path.split('/').take_while(|part| *part == "..").count();
    let bare = |path: &str| path.split('/').all(|part| part == ".." || part.is_empty());
    match bare(folder) && !folder.starts_with('/') {
        true => !other.starts_with('/') && ups(other) <= ups(folder) && folder != other,
        false => other.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
    }
}
