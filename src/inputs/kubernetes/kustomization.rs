//! Reads a kustomization: local resources and components, replicas, a namespace, and which objects it changes in ways
//! that are not read. Knows no workload.

use super::access::{count, entry, items, text, word};
use super::changed_objects::{ObjectChange, pattern};
use super::patch_target::PatchTarget;
use crate::support::source::{FieldSpan, FileId, Source};
use crate::syntax::{Entry, Node, ParseMode, Value, parse};
use std::rc::Rc;

/// How deep kustomizations may name each other, and how many files all of them may name together.
pub(super) const MAX_KUSTOMIZE_DEPTH: usize = 16;

/// The file names of a kustomization.
pub(super) const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What one kustomization names and changes; paths as it writes them.
#[derive(Debug, Default)]
pub(super) struct KustomizationFile {
    /// Files and folders with objects.
    pub(super) resources: Vec<NamedResource>,
    /// Patches, in the order in which they are applied.
    pub(super) patches: Vec<KustomizePatch>,
    /// Numbers of replicas by name.
    pub(super) replicas: Vec<(String, Entry)>,
    /// The namespace of every object.
    pub(super) namespace: Option<String>,
    /// Prefix and suffix of every object's name.
    pub(super) affixes: (String, String),
    /// Values that it copies into other objects, after all else.
    pub(super) replacements: Vec<Rc<Node>>,
    /// Files and texts of transformers, which are applied last.
    pub(super) transformers: Vec<Rc<Node>>,
    /// Files and texts of generators.
    pub(super) generators: Vec<Rc<Node>>,
    /// Transformers of images and labels, which are applied with the fields of that name.
    pub(super) later: Vec<Rc<Node>>,
    /// Whether it adds labels.
    pub(super) adds_labels: bool,
    /// What it changes in objects in ways that are not read.
    pub(super) changed: Vec<ObjectChange>,
}

/// A file or folder that a kustomization takes in.
#[derive(Clone, Debug)]
pub(super) struct NamedResource {
    /// As it writes it.
    pub(super) path: String,
    /// Where it writes it.
    pub(super) at: FieldSpan,
    /// Whether it is a component, which changes what was taken in before it, too.
    pub(super) component: bool,
}

/// A patch of a kustomization.
#[derive(Debug)]
pub(super) struct KustomizePatch {
    /// Where it is written.
    pub(super) source: PatchSource,
    /// What it is for, if the kustomization says so.
    pub(super) target: Option<PatchTarget>,
    /// Kind and name of the same; an empty text matches any.
    pub(super) named: Option<(String, String)>,
    /// Whether kustomize merges it by the schemas of Kubernetes, into objects that keep their name and kind.
    pub(super) plain: bool,
}

/// Where a patch is written.
#[derive(Debug)]
pub(super) enum PatchSource {
    /// In a file of its own.
    File(NamedResource),
    /// In a text of the kustomization.
    Text(Rc<Node>),
}

impl KustomizationFile {
    pub(super) fn read(root: &Node) -> KustomizationFile {
        let list = |key: &str| {
            let all = items(root, key).filter_map(|item| Some((item.as_str()?.to_owned(), item.at())));
            all.collect::<Vec<_>>()
        };
        let mut own = KustomizationFile {
            namespace: text(entry(root, "namespace")).map(|text| text.value),
            ..KustomizationFile::default()
        };
        for key in ["resources", "bases", "components"] {
            let component = key == "components";
            own.resources.extend(list(key).into_iter().map(|(path, at)| NamedResource { path, at, component }));
        }
        let plain = entry(root, "openapi").is_none();
        for patch in items(root, "patchesStrategicMerge") {
            let Some(text) = patch.as_str() else { continue };
            let source = match text.contains('\n') {
                true => PatchSource::Text(Rc::clone(patch)),
                false => PatchSource::File(NamedResource { path: text.to_owned(), at: patch.at(), component: false }),
            };
            own.patches.push(KustomizePatch { source, target: None, named: None, plain });
        }
        let all = items(root, "patches").chain(items(root, "patchesJson6902"));
        own.patches.extend(all.filter_map(|patch| read_patch(patch, plain)));
        own.replacements = items(root, "replacements").cloned().collect();
        own.transformers = items(root, "transformers").cloned().collect();
        own.generators = items(root, "generators").cloned().collect();
        own.adds_labels = ["labels", "commonLabels"].iter().any(|key| entry(root, key).is_some());
        own.affixes = (word(root, "namePrefix").to_owned(), word(root, "nameSuffix").to_owned());
        for replicas in items(root, "replicas") {
            let written = entry(replicas, "count").filter(|written| count(Some(written)).is_some());
            own.replicas.extend(written.map(|written| (word(replicas, "name").to_owned(), written.clone())));
        }
        let opaque = ["helmCharts", "helmChartInflationGenerator"];
        if opaque.iter().any(|key| entry(root, key).is_some()) {
            own.changed.push(ObjectChange::unknown());
        }
        own
    }

    /// What it changes apart from its patches, if nothing of it is applied.
    pub(super) fn unapplied(&self) -> Vec<ObjectChange> {
        let copied = self.replacements.iter().flat_map(|one| ObjectChange::of_replacement(one));
        let others = self.transformers.iter().chain(&self.generators).map(|_| ObjectChange::unknown());
        self.changed.iter().cloned().chain(copied).chain(others).collect()
    }
}

/// An item of `patches`; `None` if it has neither path nor text.
pub(super) fn read_patch(patch: &Node, plain: bool) -> Option<KustomizePatch> {
    let target = entry(patch, "target").map(|target| &*target.node);
    let path = text(entry(patch, "path")).filter(|path| !path.value.is_empty());
    let source = match path {
        Some(path) => PatchSource::File(NamedResource { path: path.value, at: path.at, component: false }),
        None => PatchSource::Text(Rc::clone(&entry(patch, "patch")?.node)),
    };
    let is_true = |entry: &Entry| matches!(entry.node.value, Value::Bool(true));
    // `allowNameChange` and `allowKindChange`
    let options = entry(patch, "options").is_some_and(|options| options.node.entries().iter().any(is_true));
    let (named, target) = (target.map(pattern), target.map(PatchTarget::read));
    Some(KustomizePatch { source, target, named, plain: plain && !options })
}

impl KustomizePatch {
    /// The path of its file.
    pub(super) fn path(&self) -> Option<&str> {
        match &self.source {
            PatchSource::File(file) => Some(&file.path),
            PatchSource::Text(_) => None,
        }
    }
}

/// Whether a resource is on another machine: `https://…`, `github.com/…`, `…?ref=v1`.
pub(super) fn is_remote(resource: &str) -> bool {
    let first = resource.split('/').next().unwrap_or_default();
    resource.contains("://")
        || resource.contains("?ref=")
        || resource.starts_with("git@")
        || (first.contains('.') && resource.contains('/') && !first.starts_with('.'))
}

/// Whether a resource is a file, by its name; all else is a folder with a kustomization.
pub(super) fn is_file(resource: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|ending| resource.ends_with(ending))
}

/// The path of a resource, relative to what its kustomization's folder is relative to.
pub(super) fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let root = if folder.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

/// The document of a kustomization without a `kind`.
pub(super) fn root_of(file: FileId, text: &str) -> Option<Rc<Node>> {
    let parsed = parse(file, &Source::new("", text), ParseMode::Base);
    parsed.root.filter(|root| matches!(root.value, Value::Map(_)))
}
