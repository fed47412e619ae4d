//! Reads a kustomization: local resources and components, replicas, a namespace, and which objects it changes in ways
//! that are not read. Knows no workload.

use super::access::{count, entry, items, text, word};
use super::changed_objects::{ObjectChange, pattern};
use crate::model::Val;
use crate::support::source::{FieldSpan, FileId, Source};
use crate::syntax::{Node, ParseMode, Value, parse};

/// How deep kustomizations may name each other, and how many files all of them may name together.
pub(super) const MAX_KUSTOMIZE_DEPTH: usize = 16;

/// The file names of a kustomization.
pub(super) const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What one kustomization names and changes; paths as it writes them.
#[derive(Debug, Default)]
pub(super) struct KustomizationFile {
    /// Files and folders with objects.
    pub(super) resources: Vec<NamedResource>,
    /// Files with patches.
    pub(super) patches: Vec<PatchFile>,
    /// Numbers of replicas by name.
    pub(super) replicas: Vec<(String, Val<u32>)>,
    /// The namespace of every object.
    pub(super) namespace: Option<String>,
    /// Prefix and suffix of every object's name.
    pub(super) affixes: (String, String),
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

/// A file with patches.
#[derive(Debug)]
pub(super) struct PatchFile {
    pub(super) path: String,
    /// Where the kustomization names it.
    pub(super) at: FieldSpan,
    /// Kind and name of what it is for, if the kustomization says so; an empty text matches any.
    pub(super) target: Option<(String, String)>,
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
        for (patch, at) in list("patchesStrategicMerge") {
            match patch.contains('\n') {
                true => own.changed.extend(ObjectChange::of_patch(&patch, None)),
                false => own.patches.push(PatchFile { path: patch, at, target: None }),
            }
        }
        for patch in items(root, "patches").chain(items(root, "patchesJson6902")) {
            own.patch(patch);
        }
        own.changed.extend(items(root, "replacements").flat_map(|one| ObjectChange::of_replacement(one)));
        own.affixes = (word(root, "namePrefix").to_owned(), word(root, "nameSuffix").to_owned());
        for replicas in items(root, "replicas") {
            let count = count(entry(replicas, "count"));
            own.replicas.extend(count.map(|count| (word(replicas, "name").to_owned(), count)));
        }
        let opaque = ["transformers", "helmCharts", "helmChartInflationGenerator", "generators"];
        if opaque.iter().any(|key| entry(root, key).is_some()) {
            own.changed.push(ObjectChange::unknown());
        }
        own
    }

    fn patch(&mut self, patch: &Node) {
        let target = entry(patch, "target").map(|target| pattern(&target.node));
        if let Some(path) = text(entry(patch, "path")).filter(|path| !path.value.is_empty()) {
            self.patches.push(PatchFile { path: path.value, at: path.at, target });
        } else {
            self.changed.extend(ObjectChange::of_patch(word(patch, "patch"), target));
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
pub(super) fn root_of(file: FileId, text: &str) -> Option<std::rc::Rc<Node>> {
    let parsed = parse(file, &Source::new("", text), ParseMode::Base);
    parsed.root.filter(|root| matches!(root.value, Value::Map(_)))
}
