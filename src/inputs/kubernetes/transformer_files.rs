//! Transformers that a kustomization takes from files and texts (`transformers:`): those of kustomize itself do what the fields of a
//! kustomization do, after them. What others do is not known. Knows no workload.

use super::access::{entry, flag, items, text, word};
use super::changed_objects::ObjectChange;
use super::kustomization::{KustomizationFile, KustomizePatch, NamedResource, PatchSource, is_file, read_patch};
use super::patch_target::PatchTarget;
use super::read_set::SetReading;
use super::transformers::sets_known_labels;
use crate::syntax::{Node, embedded_documents};
use std::rc::Rc;

impl SetReading<'_> {
    /// Applies the transformers of a kustomization to these objects.
    pub(super) fn transform(&mut self, folder: &str, own: &mut KustomizationFile, objects: &[usize]) {
        for node in std::mem::take(&mut own.transformers) {
            let documents = self.configs(folder, &node);
            if documents.is_empty() {
                self.changes.changed.push(ObjectChange::unknown());
            }
            for document in documents {
                if self.transformer(folder, &document, own, objects).is_none() {
                    self.changes.changed.push(ObjectChange::unknown());
                }
            }
        }
    }

    /// Looks at the generators of a kustomization: what makes a ConfigMap or a Secret changes nothing that scales.
    pub(super) fn generate(&mut self, folder: &str, own: &mut KustomizationFile) {
        for node in std::mem::take(&mut own.generators) {
            let documents = self.configs(folder, &node);
            let known = |config: &Rc<Node>| {
                let kind = word(config, "kind");
                word(config, "apiVersion") == "builtin" && matches!(kind, "ConfigMapGenerator" | "SecretGenerator")
            };
            if documents.is_empty() || !documents.iter().all(known) {
                self.changes.changed.push(ObjectChange::unknown());
            }
        }
    }

    /// The objects of a file or a text that configures transformers or generators.
    fn configs(&mut self, folder: &str, node: &Rc<Node>) -> Vec<Rc<Node>> {
        let written = node.as_str().unwrap_or_default();
        if written.contains('\n') {
            let source = self.into.get(node.file).map(|file| &file.source);
            let all = source.map(|source| embedded_documents(source, node)).unwrap_or_default();
            return all.into_iter().filter_map(|document| document.root).collect();
        }
        if !is_file(written) {
            return Vec::new();
        }
        let resource = NamedResource { path: written.to_owned(), at: node.at(), component: false };
        self.plain_documents(folder, &resource)
    }

    /// Applies one transformer; `None` if it is not known what it does.
    fn transformer(
        &mut self,
        folder: &str,
        config: &Rc<Node>,
        own: &mut KustomizationFile,
        objects: &[usize],
    ) -> Option<()> {
        if word(config, "apiVersion") != "builtin" {
            return None;
        }
        match word(config, "kind") {
            // no annotation is read that scales anything, and references to a name with a hash follow it
            "AnnotationsTransformer" | "HashTransformer" => {}
            // applied with the fields of the kustomization, after them
            "ImageTagTransformer" => own.later.push(Rc::clone(config)),
            "LabelTransformer" if sets_known_labels(config) => own.later.push(Rc::clone(config)),
            "PatchTransformer" => {
                let patch = read_patch(config, true)?;
                self.patch(folder, &patch, &own.affixes, objects);
            }
            "PatchStrategicMergeTransformer" | "PatchJson6902Transformer" => {
                for patch in older_patches(config) {
                    self.patch(folder, &patch, &own.affixes, objects);
                }
            }
            "ReplicaCountTransformer" => {
                let replica = &entry(config, "replica")?.node;
                let count = entry(replica, "count")?.clone();
                let kinds = replicated_kinds(config)?;
                let kind = |index: &usize| self.manifests.get(*index).map(|manifest| manifest.kind.as_str());
                let own_kind = |index: &usize| kind(index).is_some_and(|kind| kinds.iter().any(|own| own == kind));
                let objects: Vec<usize> = objects.iter().copied().filter(own_kind).collect();
                self.replicate(&[(word(replica, "name").to_owned(), count)], &own.affixes, &objects);
            }
            "NamespaceTransformer" => {
                let plain = !flag(entry(config, "unsetOnly")).is_some_and(|only| only.value);
                let metadata = &entry(config, "metadata").filter(|_| plain)?.node;
                own.namespace = Some(text(entry(metadata, "namespace"))?.value);
            }
            "PrefixTransformer" if names_all(config) => own.affixes.0.insert_str(0, word(config, "prefix")),
            "SuffixTransformer" if names_all(config) => own.affixes.1.push_str(word(config, "suffix")),
            "PrefixSuffixTransformer" if names_all(config) => {
                own.affixes.0.insert_str(0, word(config, "prefix"));
                own.affixes.1.push_str(word(config, "suffix"));
            }
            "ReplacementTransformer" => {
                own.replacements = items(config, "replacements").cloned().collect();
                self.replace(folder, own, objects);
            }
            _ => return None,
        }
        Some(())
    }
}

/// The patches of the two transformers that name many files, or one text.
fn older_patches(config: &Node) -> Vec<KustomizePatch> {
    let target = entry(config, "target").map(|target| PatchTarget::read(&target.node));
    let of = |source| KustomizePatch { source, target: target.clone(), named: None, plain: true };
    let file = |node: &Node| {
        let path = node.as_str().filter(|path| !path.is_empty())?.to_owned();
        Some(PatchSource::File(NamedResource { path, at: node.at(), component: false }))
    };
    let files = items(config, "paths").filter_map(|path| file(path));
    let one = entry(config, "path").and_then(|path| file(&path.node));
    let texts = ["patches", "jsonOp"].into_iter().filter_map(|key| entry(config, key));
    let texts = texts.map(|text| PatchSource::Text(Rc::clone(&text.node)));
    files.chain(one).chain(texts).map(of).collect()
}

/// The kinds whose replicas a transformer sets; `None` if it sets something else.
fn replicated_kinds(config: &Node) -> Option<Vec<String>> {
    let kind = |spec: &Rc<Node>| (word(spec, "path") == "spec/replicas").then(|| word(spec, "kind").to_owned());
    let kinds: Vec<String> = items(config, "fieldSpecs").map(kind).collect::<Option<_>>()?;
    (!kinds.iter().any(String::is_empty)).then_some(kinds)
}

/// Whether a transformer changes the name of every object.
fn names_all(config: &Node) -> bool {
    let is_name = |spec: &Rc<Node>| word(spec, "path") == "metadata/name" && entry(spec, "kind").is_none();
    items(config, "fieldSpecs").any(is_name)
}
