//! Reads the files of one set: the named files, and those that a kustomization among them names. Knows no link.

use super::access::entry;
use super::changed_objects::ObjectChange;
use super::documents::{Manifest, ManifestFile, read_file, read_without_schemas};
use super::kustomization::{self, KustomizationFile, NAMES, PatchSource, is_file, joined};
use super::set::{ManifestSet, SetChanges};
use super::shape::{self, ObjectStanding};
use super::workload::ManifestWorkload;
use crate::inputs::files::{InputFile, InputFiles, InputFormat, MAX_BYTES, Origin, ReadFiles, Unread};
use crate::support::diagnostic::Finding;
use crate::support::source::{FileId, Source};
use crate::syntax::decode;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// How many folders upwards, its own included, are searched for a kustomization that names a file as a patch.
const FOLDERS_UP: usize = 3;

/// The most files of one set.
pub const MAX_MANIFEST_FILES: usize = 20_000;

/// The result of reading the files of a set.
#[derive(Debug)]
pub struct ReadManifests {
    /// Its objects.
    pub set: ManifestSet,
    /// Its files, in the order read.
    pub files: Vec<FileId>,
    /// What is wrong with them.
    pub findings: Vec<Finding>,
    /// Files that were named on the command line and could not be read.
    pub unread: Vec<(String, Unread)>,
}

/// Reads a set of manifests: the files named, in their order, and the local resources of a kustomization among them. `complete` says
/// that nothing else is applied with them.
#[must_use]
pub fn read_manifests(paths: &[String], complete: bool, files: &dyn ReadFiles, into: &mut InputFiles) -> ReadManifests {
    let mut reading = SetReading {
        files,
        into,
        bytes: 0,
        read: BTreeMap::new(),
        manifests: Vec::new(),
        findings: Vec::new(),
        order: Vec::new(),
        unread: Vec::new(),
        changes: SetChanges { complete, ..SetChanges::default() },
        built: HashSet::new(),
        followed: 0,
        unused: HashSet::new(),
        patched: PatchedObjects::default(),
    };
    for path in paths {
        match reading.read_once(path, true) {
            Ok(id) => {
                reading.changes.named.insert(id);
            }
            Err(unread) => reading.unread.push((path.clone(), unread)),
        }
    }
    reading.kustomize(paths);
    if !complete {
        reading.look_around(paths);
    }
    reading.finish()
}

pub(super) struct SetReading<'f> {
    files: &'f dyn ReadFiles,
    pub(super) into: &'f mut InputFiles,
    pub(super) bytes: usize,
    /// By path: the file, and its kustomization's document.
    pub(super) read: BTreeMap<String, (FileId, Option<std::rc::Rc<crate::syntax::Node>>)>,
    pub(super) manifests: Vec<Manifest>,
    pub(super) findings: Vec<Finding>,
    pub(super) order: Vec<FileId>,
    unread: Vec<(String, Unread)>,
    pub(super) changes: SetChanges,
    /// The files that a kustomization of the set includes.
    pub(super) built: HashSet<FileId>,
    /// How many kustomizations were followed.
    pub(super) followed: u32,
    /// The files in the folder of a kustomization that it does not name.
    unused: HashSet<FileId>,
    /// What was patched so far.
    pub(super) patched: PatchedObjects,
}

impl SetReading<'_> {
    /// Reads a file once for a kustomization that names it.
    pub(super) fn file(&mut self, path: &str) -> Result<FileId, Unread> {
        self.read_once(path, false)
    }

    /// Whether the set has as many files as it may have.
    pub(super) fn is_full(&self) -> bool {
        self.order.len() >= MAX_MANIFEST_FILES
    }

    fn read_once(&mut self, path: &str, named: bool) -> Result<FileId, Unread> {
        if let Some((id, _)) = self.read.get(path) {
            return Ok(*id);
        }
        let refused = |why: &str| Unread { why: why.to_owned(), missing: false };
        if self.is_full() {
            return Err(refused("the set has too many files"));
        }
        let bytes = self.files.read(path, MAX_BYTES.saturating_sub(self.bytes))?;
        self.bytes = self.bytes.saturating_add(bytes.len());
        let text = decode(bytes).map_err(|_| refused("it is not UTF-8 text"))?;
        let source = Source::new(path, text);
        let id = u16::try_from(self.into.all().len()).map(FileId).map_err(|_| refused("the run has too many files"))?;
        let ManifestFile { manifests, findings, comments, kustomization, documents, .. } =
            if named { read_file(id, &source) } else { read_without_schemas(id, &source) };
        let bare = NAMES.contains(&path.rsplit('/').next().unwrap_or(path)) && kustomization.is_none();
        let kustomization = if bare { kustomization::root_of(id, &source.text) } else { kustomization };
        self.findings.extend(findings);
        let input = InputFile::new(source, InputFormat::KUBERNETES, Origin::Base(0));
        self.into.add(InputFile { comments, documents, ..input });
        self.manifests.extend(manifests);
        self.order.push(id);
        self.read.insert(path.to_owned(), (id, kustomization));
        Ok(id)
    }

    /// Follows the kustomizations among the files that were named.
    fn kustomize(&mut self, paths: &[String]) {
        for path in paths {
            let Some((id, Some(root))) = self.read.get(path).cloned() else { continue };
            self.built.insert(id);
            self.follow(path, &root, &mut Vec::new(), &mut HashSet::new());
        }
    }

    /// Asks the kustomizations beside and above the named files which of these are patches. Their other files are not read,
    /// because nobody named them.
    fn look_around(&mut self, paths: &[String]) {
        let folders: BTreeSet<String> = paths.iter().map(|path| folder_of(path).to_owned()).collect();
        for folder in folders {
            let above = (0..FOLDERS_UP).map(|up| joined(&folder, &"../".repeat(up)));
            let found = above.flat_map(|above| NAMES.map(|name| joined(&above, name))).find_map(|path| {
                if self.read.contains_key(&path) {
                    return Some(None);
                }
                let text = decode(self.files.read(&path, MAX_BYTES).ok()?).ok()?;
                Some(Some((path, kustomization::root_of(FileId::default(), &text)?)))
            });
            let Some(Some((path, root))) = found else { continue };
            let own = KustomizationFile::read(&root);
            let base = folder_of(&path);
            let named: Vec<FileId> =
                own.patches.iter().filter_map(|patch| self.known_file(&joined(base, patch.path()?))).collect();
            self.changes.patches.extend(named);
            let all = || {
                own.patches
                    .iter()
                    .filter_map(|patch| patch.path())
                    .chain(own.resources.iter().map(|resource| &*resource.path))
            };
            let named = |path: &&String| all().any(|own| joined(base, own) == **path);
            let beside = paths.iter().filter(|path| folder_of(path) == base && !named(path));
            self.unused.extend(beside.filter_map(|path| Some(self.read.get(path)?.0)));
            let taken: Vec<String> = own.resources.iter().map(|resource| joined(base, &resource.path)).collect();
            let takes = |path: &String| {
                let below =
                    |taken: &String| path.strip_prefix(taken.as_str()).is_some_and(|rest| rest.starts_with('/'));
                taken.iter().any(|taken| taken == path || below(taken))
            };
            // a path that goes up leaves the folder that the given paths are relative to, whose name is not known
            let known = |taken: &String| is_file(taken) && self.known_file(taken).is_some();
            if paths.iter().any(takes) || taken.iter().any(known) {
                let changed = own.unapplied();
                // a patch that nobody named still changes what it names
                for patch in own.patches {
                    let text = match &patch.source {
                        PatchSource::File(file) => self
                            .files
                            .read(&joined(base, &file.path), MAX_BYTES)
                            .ok()
                            .and_then(|bytes| decode(bytes).ok()),
                        PatchSource::Text(text) => Some(text.text.to_string()),
                    };
                    let changes = text.map(|text| ObjectChange::of_patch(&text, patch.named));
                    self.changes.changed.extend(changes.into_iter().flatten());
                }
                self.changes.changed.extend(changed);
                self.changes.kustomized = true;
            }
        }
    }

    /// The file that was read under this path, or under its end. A path that goes up and down again names a folder whose name is not
    /// known here, so the texts of both must be equal.
    fn known_file(&self, path: &str) -> Option<FileId> {
        if let Some((id, _)) = self.read.get(path) {
            return Some(*id);
        }
        let down = path.trim_start_matches("../");
        let ups = (path.len() - down.len()) / 3;
        let end = down.splitn(ups + 1, '/').nth(ups).filter(|_| ups > 0)?;
        let (id, _) = self.read.get(end)?;
        let text = decode(self.files.read(path, MAX_BYTES).ok()?).ok()?;
        (self.into.get(*id)?.source.text == text).then_some(*id)
    }

    fn finish(mut self) -> ReadManifests {
        let (patches, known) = (&self.changes.patches, &self.patched.files);
        let is_open = |file: &FileId| patches.contains(file) && !known.contains(file);
        let patched = self.manifests.iter().filter(|manifest| is_open(&manifest.file));
        self.changes.changed.extend(patched.map(ObjectChange::of));
        // a file next to a kustomization that is not one of its resources is applied by itself, if at all
        if !self.built.is_empty() {
            let beside = self.order.iter().filter(|id| !self.built.contains(*id));
            self.changes.apart = beside.copied().collect();
        }
        self.unused.extend(&self.changes.apart);
        let patches = self.changes.patches.clone();
        self.changes.kustomized |= self.read.values().any(|(_, kustomization)| kustomization.is_some());
        let gone = self.patched.gone;
        let manifests = self.manifests.into_iter().enumerate().filter(|(index, _)| !gone.contains(index));
        let mut set = ManifestSet::new(manifests.map(|(_, manifest)| manifest).collect(), self.changes);
        let mut unused = HashSet::new();
        let workloads: HashMap<usize, &ManifestWorkload> =
            set.workloads.iter().map(|workload| (workload.manifest, workload)).collect();
        for (index, manifest) in set.manifests.iter().enumerate() {
            let workload = workloads.get(&index).copied();
            let named = patches.contains(&manifest.file);
            let changed = named || set.changes_object(&manifest.object());
            let whole = !changed && !manifest.marked && is_whole(manifest, workload);
            if self.unused.contains(&manifest.file) && !is_whole(manifest, workload) {
                unused.insert(index);
            }
            let partial = named || workload.is_some_and(|workload| workload.patch && !workload.whole);
            let standing = ObjectStanding { whole, selects: set.complete || !set.kustomized, partial };
            shape::check(manifest, standing, &mut self.findings);
        }
        drop(workloads);
        set.unused = unused;
        ReadManifests { set, files: self.order, findings: self.findings, unread: self.unread }
    }
}

/// What the patches of kustomizations did to the objects of a set.
#[derive(Debug, Default)]
pub(super) struct PatchedObjects {
    /// Files whose patches were applied, or whose changes are known.
    pub(super) files: HashSet<FileId>,
    /// The objects that a patch deletes, by index.
    pub(super) gone: HashSet<usize>,
    /// Objects with a field that is not known, so that the places of their items are not.
    pub(super) inexact: HashSet<usize>,
    /// How much was compared and changed.
    pub(super) work: u64,
}

/// The folder of a path, empty for the current one.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether an object is complete, as far as its shape tells: a patch only names the object that it is laid over
/// and its changes, and lacks fields that every object must have.
fn is_whole(manifest: &Manifest, workload: Option<&ManifestWorkload>) -> bool {
    if manifest.root.entries().iter().any(|entry| entry.key.starts_with('$')) {
        return false;
    }
    let Some(spec) = manifest.spec() else { return true };
    let has = |key: &str| entry(spec, key).is_some();
    match manifest.kind.as_str() {
        "HorizontalPodAutoscaler" | "ScaledObject" => has("scaleTargetRef"),
        "PodDisruptionBudget" => has("selector"),
        "Service" => has("selector") || has("ports"),
        "PersistentVolumeClaim" => has("accessModes"),
        _ => workload.is_none_or(|workload| workload.whole),
    }
}
