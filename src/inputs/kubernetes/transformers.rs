//! Applies what a kustomization does to every object of its set, as far as links and rules see it: labels, images, names. Knows no rule.

use super::access::{entry, flag, items, pairs, word};
use super::bounds::DisruptionBudget;
use super::network::NetworkService;
use super::workload::ManifestWorkload;
use crate::support::source::FileId;
use crate::syntax::Node;
use std::collections::HashSet;
use std::rc::Rc;

/// The transformers of kustomizations.
#[derive(Debug, Default)]
pub(super) struct Transformers {
    labels: Vec<AddedLabels>,
    images: Vec<NewImage>,
    /// Prefix and suffix of the name of each object.
    affixes: Vec<(String, String)>,
}

/// `commonLabels`, or an item of `labels`.
#[derive(Debug)]
struct AddedLabels {
    pairs: Vec<(String, String)>,
    selectors: bool,
    templates: bool,
    files: KustomizedFiles,
}

/// The files that a kustomization includes, those of the kustomizations below it too. Files next to it are not changed.
pub(super) type KustomizedFiles = Rc<HashSet<FileId>>;

/// An item of `images`.
#[derive(Debug)]
struct NewImage {
    name: String,
    new_name: String,
    /// `:tag` or `@digest`; empty if it stays.
    version: String,
    files: KustomizedFiles,
}

impl Transformers {
    /// Adds those of one kustomization after those of the kustomizations below it, whose results it changes.
    pub(super) fn read(&mut self, root: &Node, files: &KustomizedFiles) {
        let common = pairs(entry(root, "commonLabels"));
        if !common.is_empty() {
            let files = Rc::clone(files);
            self.labels.push(AddedLabels { pairs: common, selectors: true, templates: true, files });
        }
        for item in items(root, "labels") {
            let is = |key: &str| flag(entry(item, key)).is_some_and(|flag| flag.value);
            let selectors = is("includeSelectors");
            let templates = selectors || is("includeTemplates");
            let files = Rc::clone(files);
            self.labels.push(AddedLabels { pairs: pairs(entry(item, "pairs")), selectors, templates, files });
        }
        for item in items(root, "images") {
            let version = |key: &str, mark: &str| {
                Some(word(item, key)).filter(|text| !text.is_empty()).map(|text| format!("{mark}{text}"))
            };
            self.images.push(NewImage {
                name: word(item, "name").to_owned(),
                new_name: word(item, "newName").to_owned(),
                version: version("digest", "@").or_else(|| version("newTag", ":")).unwrap_or_default(),
                files: Rc::clone(files),
            });
        }
        let affix = (word(root, "namePrefix").to_owned(), word(root, "nameSuffix").to_owned());
        if affix != (String::new(), String::new()) {
            self.affixes.push(affix);
        }
    }

    /// Whether they add labels.
    pub(super) fn adds_labels(&self) -> bool {
        !self.labels.is_empty()
    }

    /// A name without the prefix and suffix of a kustomization: a reference may use the final name.
    pub(super) fn bare<'n>(&self, name: &'n str) -> Option<&'n str> {
        self.affixes
            .iter()
            .find_map(|(prefix, suffix)| name.strip_prefix(prefix.as_str())?.strip_suffix(suffix.as_str()))
    }

    /// Changes what links and rules look at.
    pub(super) fn apply(
        &self,
        workloads: &mut [ManifestWorkload],
        services: &mut [NetworkService],
        budgets: &mut [DisruptionBudget],
    ) {
        for added in self.labels.iter().filter(|added| added.templates) {
            let takes = |file: FileId| added.files.contains(&file);
            for workload in workloads.iter_mut().filter(|workload| takes(workload.file)) {
                let keys: HashSet<&String> = added.pairs.iter().map(|(key, _)| key).collect();
                workload.pod.labels.retain(|(key, _)| !keys.contains(key));
                workload.pod.labels.extend(added.pairs.iter().cloned());
            }
            if !added.selectors {
                continue;
            }
            let of_workloads = workloads.iter_mut().map(|workload| (workload.file, workload.selector.as_mut()));
            let of_services = services.iter_mut().map(|service| (service.file, service.selector.as_mut()));
            let of_budgets = budgets.iter_mut().map(|budget| (budget.file, budget.selector.as_mut()));
            let all = of_workloads.chain(of_services).chain(of_budgets).filter(|(file, _)| takes(*file));
            for selector in all.filter_map(|(_, selector)| selector) {
                added.pairs.iter().for_each(|(key, value)| selector.set(key, value));
            }
        }
        for workload in workloads {
            for image in workload.pod.containers.iter_mut().filter_map(|container| container.image.as_mut()) {
                if let Some(new) = self.image(&image.value, workload.file) {
                    image.value = new;
                }
            }
        }
    }

    /// The new image in place of a file's image; `None` if it stays. The outermost kustomization wins.
    fn image(&self, reference: &str, file: FileId) -> Option<String> {
        let (name, version) = name_and_version(reference);
        let change = self.images.iter().rev().find(|change| change.name == name && change.files.contains(&file))?;
        let name = if change.new_name.is_empty() { name } else { &change.new_name };
        let version = if change.version.is_empty() { version } else { &change.version };
        Some(format!("{name}{version}"))
    }
}

/// `registry:5000/web` and `:1.0`, or `@sha256:…`.
fn name_and_version(reference: &str) -> (&str, &str) {
    let last = reference.rfind('/').map_or(0, |slash| slash + 1);
    let start = reference.get(last..).and_then(|end| end.find(['@', ':'])).map_or(reference.len(), |at| last + at);
    reference.split_at_checked(start).unwrap_or((reference, ""))
}
