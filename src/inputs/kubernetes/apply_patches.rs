//! Applies the patches of kustomizations to the objects that they take in, where the result is certain. Knows no workload.

use super::changed_objects::{ObjectChange, operations_of};
use super::documents::object;
use super::json_patch::patched;
use super::kustomization::{KustomizePatch, PatchSource, joined};
use super::patch_target::{KnownAs, is_same_namespace};
use super::read_set::SetReading;
use super::strategic_merge::merged;
use crate::inputs::tree::{map, with_node};
use crate::support::source::FileId;
use crate::syntax::{Entry, Node, Value, embedded_documents};
use std::collections::HashSet;
use std::rc::Rc;

/// How many objects may be compared and values changed in one set; what remains is not known.
const MOST_WORK: u64 = 20_000_000;

/// The kinds whose replicas a kustomization sets by name (`api/internal/konfig/builtinpluginconsts/replicas.go`).
const REPLICATED: [(&str, &str); 4] =
    [("apps", "Deployment"), ("apps", "ReplicaSet"), ("apps", "StatefulSet"), ("", "ReplicationController")];

/// Prefix and suffix of the names of a kustomization.
type Affixes = (String, String);

impl SetReading<'_> {
    /// The objects in these files, by index, that a patch may change.
    pub(super) fn objects_of(&self, files: &HashSet<FileId>) -> Vec<usize> {
        let all = self.manifests.iter().enumerate();
        let own = all.filter(|(_, one)| files.contains(&one.file) && !self.changes.patches.contains(&one.file));
        own.map(|(index, _)| index).collect()
    }

    /// Applies a patch to those of these objects that it is for; returns its file.
    pub(super) fn patch(
        &mut self,
        folder: &str,
        patch: &KustomizePatch,
        affixes: &Affixes,
        objects: &[usize],
    ) -> Option<FileId> {
        let (file, text, documents) = match &patch.source {
            PatchSource::File(named) => {
                let id = match self.file(&joined(folder, &named.path)) {
                    Ok(id) => id,
                    Err(unread) => {
                        self.unread_resource(named, &unread);
                        self.changes.changed.push(ObjectChange::unknown());
                        return None;
                    }
                };
                self.changes.patches.insert(id);
                self.patched.files.insert(id);
                let file = self.into.get(id)?;
                (Some(id), Rc::from(&*file.source.text), file.documents.clone())
            }
            PatchSource::Text(text) => {
                let source = self.into.get(text.file).map(|file| &file.source);
                let documents = source.map(|source| embedded_documents(source, text)).unwrap_or_default();
                let whole = documents.iter().all(|document| document.findings.is_empty());
                let roots = documents.into_iter().filter_map(|document| document.root).filter(|_| whole);
                (None, Rc::clone(&text.text), roots.collect())
            }
        };
        if !self.apply(patch, &documents, affixes, objects) {
            self.changes.changed.extend(ObjectChange::of_patch(&text, patch.named.clone()));
        }
        file
    }

    /// Applies the documents of a patch; whether it is known what they do.
    fn apply(&mut self, patch: &KustomizePatch, documents: &[Rc<Node>], affixes: &Affixes, objects: &[usize]) -> bool {
        if documents.is_empty() || !patch.plain || self.is_too_much() {
            return false;
        }
        self.patched.work += (objects.len() * documents.len()) as u64;
        let Some(target) = &patch.target else {
            for document in documents {
                match self.named_by(document, affixes, objects) {
                    Some(index) => self.change(index, document),
                    None => self.changes.changed.extend(object(document.file, document).as_ref().map(ObjectChange::of)),
                }
            }
            return true;
        };
        let [document] = documents else { return false };
        if target.asks_for_labels() && self.changes.transformers.adds_labels() {
            return false;
        }
        let mut selected = Vec::new();
        for index in objects {
            let Some(known) = self.known_as(*index, affixes) else { continue };
            match self.manifests.get(*index).and_then(|manifest| target.selects(manifest, &known)) {
                Some(true) => selected.push(*index),
                Some(false) => {}
                None => return false,
            }
        }
        selected.iter().for_each(|index| self.change(*index, document));
        !selected.is_empty()
    }

    /// The one object that a patch names itself.
    fn named_by(&self, document: &Rc<Node>, affixes: &Affixes, objects: &[usize]) -> Option<usize> {
        let patch = object(document.file, document)?;
        let (wanted, name) = (patch.object(), &patch.name.as_ref()?.value);
        let is_same = |index: &usize| {
            let (Some(own), Some(known)) = (self.manifests.get(*index), self.known_as(*index, affixes)) else {
                return false;
            };
            (&own.kind, &own.group, &own.version) == (&patch.kind, &patch.group, &patch.version)
                && known.names.contains(name)
                && known.namespaces.iter().any(|namespace| is_same_namespace(namespace, &wanted.namespace))
        };
        let mut all = objects.iter().copied().filter(is_same);
        all.next().filter(|_| all.next().is_none())
    }

    /// The names of an object so far; `None` if it is deleted.
    pub(super) fn known_as(&self, index: usize, (before, after): &Affixes) -> Option<KnownAs> {
        let manifest = self.manifests.get(index).filter(|_| !self.patched.gone.contains(&index))?;
        let own = manifest.object();
        let affixed = match self.changes.affixes.get(&manifest.file) {
            Some((before, after)) => format!("{before}{}{after}", own.name),
            None => own.name.clone(),
        };
        let built = format!("{before}{affixed}{after}");
        let namespace = self.changes.namespaces.get(&manifest.file).cloned();
        let namespaces = vec![own.namespace.clone(), namespace.unwrap_or(own.namespace)];
        Some(KnownAs { names: vec![own.name, affixed, built], namespaces })
    }

    fn change(&mut self, index: usize, patch: &Rc<Node>) {
        let Some(manifest) = self.manifests.get_mut(index) else { return };
        let is_exact = !self.patched.inexact.contains(&index);
        self.patched.work += u64::from(manifest.root.weight.min(100_000));
        let unknown = match &patch.value {
            Value::Seq(operations) => match patched(&manifest.root, operations).filter(|_| is_exact) {
                Some(root) => {
                    manifest.root = root;
                    Vec::new()
                }
                None => operations_of(patch),
            },
            _ => {
                let result = merged(&manifest.root, patch, (&manifest.group, &manifest.version, &manifest.kind));
                match result.root {
                    Some(root) => manifest.root = root,
                    None => _ = self.patched.gone.insert(index),
                }
                result.unknown
            }
        };
        if !unknown.is_empty() {
            let object = manifest.object();
            self.changes.changed.push(ObjectChange { kind: object.kind, name: object.name, fields: unknown });
            self.patched.inexact.insert(index);
        }
    }

    /// Whether what remains of a set is no longer applied.
    pub(super) fn is_too_much(&self) -> bool {
        self.patched.work > MOST_WORK
    }

    /// Sets the replicas that a kustomization gives by name.
    pub(super) fn replicate(&mut self, replicas: &[(String, Entry)], affixes: &Affixes, objects: &[usize]) {
        for (name, count) in replicas {
            self.patched.work += objects.len() as u64;
            if self.is_too_much() {
                self.changes.changed.push(ObjectChange { name: name.clone(), ..ObjectChange::unknown() });
                continue;
            }
            for index in objects {
                let named = self.known_as(*index, affixes).is_some_and(|known| known.names.contains(name));
                let Some(manifest) = self.manifests.get_mut(*index).filter(|_| named) else { continue };
                if REPLICATED.contains(&(&manifest.group, &manifest.kind)) {
                    manifest.root = with_replicas(&manifest.root, count);
                }
            }
        }
    }
}

/// The object with this number of replicas.
fn with_replicas(root: &Rc<Node>, count: &Entry) -> Rc<Node> {
    let replicas = Entry { key: Rc::from("replicas"), ..count.clone() };
    let spec = |entry: &Entry| {
        let others = entry.node.entries().iter().filter(|entry| &*entry.key != "replicas").cloned();
        with_node(entry, map(&entry.node, others.chain([replicas.clone()]).collect()))
    };
    let all = root.entries().iter().map(|entry| if &*entry.key == "spec" { spec(entry) } else { entry.clone() });
    map(root, all.collect())
}
