//! What a kustomization says of its set: local resources and components, replicas, a namespace, and which objects it changes in ways
//! that are not read. Knows no workload.

use super::access::{count, entry, items, text, word};
use super::documents::{Manifest, ManifestFile, read_file};
use crate::model::Val;
use crate::support::source::{FileId, Source};
use crate::syntax::{Node, ParseMode, Value, parse};

/// How deep kustomizations may name each other, and how many files all of them may name together.
pub(super) const MAX_KUSTOMIZE_DEPTH: usize = 16;

/// The names under which a folder's kustomization stands.
pub(super) const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What one kustomization names and changes; paths as it writes them.
#[derive(Debug, Default)]
pub(super) struct KustomizationFile {
    /// Files and folders with objects.
    pub(super) resources: Vec<String>,
    /// Files with patches.
    pub(super) patches: Vec<String>,
    /// Numbers of replicas by name.
    pub(super) replicas: Vec<(String, Val<u32>)>,
    /// The namespace of every object.
    pub(super) namespace: Option<String>,
    /// What is before and after the name of every object.
    pub(super) affixes: (String, String),
    /// Objects that it changes in other ways, by kind and name; an empty text is any.
    pub(super) changed: Vec<(String, String)>,
}

impl KustomizationFile {
    pub(super) fn read(root: &Node) -> KustomizationFile {
        let list = |key: &str| items(root, key).filter_map(|item| Some(item.as_str()?.to_owned())).collect::<Vec<_>>();
        let mut own = KustomizationFile {
            namespace: text(entry(root, "namespace")).map(|text| text.value),
            ..KustomizationFile::default()
        };
        for key in ["resources", "bases", "components"] {
            own.resources.extend(list(key));
        }
        own.patches = list("patchesStrategicMerge").into_iter().filter(|patch| !patch.contains('\n')).collect();
        for patch in list("patchesStrategicMerge").iter().filter(|patch| patch.contains('\n')) {
            own.changed.extend(objects_of(patch));
        }
        for patch in items(root, "patches").chain(items(root, "patchesJson6902")) {
            own.patch(patch);
        }
        own.affixes = (word(root, "namePrefix").to_owned(), word(root, "nameSuffix").to_owned());
        for replicas in items(root, "replicas") {
            let count = count(entry(replicas, "count"));
            own.replicas.extend(count.map(|count| (word(replicas, "name").to_owned(), count)));
        }
        let opaque = ["transformers", "helmCharts", "helmChartInflationGenerator", "generators"];
        if opaque.iter().any(|key| entry(root, key).is_some()) {
            own.changed.push((String::new(), String::new()));
        }
        own
    }

    fn patch(&mut self, patch: &Node) {
        let path = word(patch, "path");
        if !path.is_empty() {
            self.patches.push(path.to_owned());
        }
        match entry(patch, "target") {
            // a name of a target is a pattern: only a plain one names one object
            Some(target) => {
                let name = word(&target.node, "name");
                let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
                self.changed.push((word(&target.node, "kind").to_owned(), if plain { name } else { "" }.to_owned()));
            }
            None => self.changed.extend(objects_of(word(patch, "patch"))),
        }
    }
}

/// The objects that an inline patch names.
pub(super) fn objects_of(text: &str) -> Vec<(String, String)> {
    let read: ManifestFile = read_file(FileId::default(), &Source::new("", text));
    read.manifests.iter().map(kind_and_name).collect()
}

pub(super) fn kind_and_name(manifest: &Manifest) -> (String, String) {
    (manifest.kind.clone(), manifest.name.as_ref().map(|name| name.value.clone()).unwrap_or_default())
}

/// Whether a resource stands on another machine: `https://…`, `github.com/…`, `…?ref=v1`.
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

/// The document of a kustomization that says no kind of its own.
pub(super) fn root_of(text: &str) -> Option<std::rc::Rc<Node>> {
    let parsed = parse(FileId::default(), &Source::new("", text), ParseMode::Base);
    parsed.root.filter(|root| matches!(root.value, Value::Map(_)))
}
