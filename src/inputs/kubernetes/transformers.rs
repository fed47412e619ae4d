//! What a kustomization does to every object of its set, as far as links and rules see it: labels, images, names. Knows no rule.

use super::access::{entry, flag, items, pairs, word};
use super::bounds::DisruptionBudget;
use super::network::NetworkService;
use super::workload::ManifestWorkload;
use crate::syntax::Node;
use std::collections::HashSet;

/// The transformers of kustomizations.
#[derive(Debug, Default)]
pub(super) struct Transformers {
    labels: Vec<AddedLabels>,
    images: Vec<NewImage>,
    /// What stands before and after the name of each object.
    affixes: Vec<(String, String)>,
}

/// `commonLabels`, or an item of `labels`.
#[derive(Debug)]
struct AddedLabels {
    pairs: Vec<(String, String)>,
    selectors: bool,
    templates: bool,
}

/// An item of `images`.
#[derive(Debug)]
struct NewImage {
    name: String,
    new_name: String,
    /// `:tag` or `@digest`; empty where it stays.
    version: String,
}

impl Transformers {
    /// Adds those of one kustomization.
    pub(super) fn read(&mut self, root: &Node) {
        let common = pairs(entry(root, "commonLabels"));
        if !common.is_empty() {
            self.labels.push(AddedLabels { pairs: common, selectors: true, templates: true });
        }
        for item in items(root, "labels") {
            let is = |key: &str| flag(entry(item, key)).is_some_and(|flag| flag.value);
            let selectors = is("includeSelectors");
            let templates = selectors || is("includeTemplates");
            self.labels.push(AddedLabels { pairs: pairs(entry(item, "pairs")), selectors, templates });
        }
        for item in items(root, "images") {
            let version = |key: &str, mark: &str| {
                Some(word(item, key)).filter(|text| !text.is_empty()).map(|text| format!("{mark}{text}"))
            };
            self.images.push(NewImage {
                name: word(item, "name").to_owned(),
                new_name: word(item, "newName").to_owned(),
                version: version("digest", "@").or_else(|| version("newTag", ":")).unwrap_or_default(),
            });
        }
        let affix = (word(root, "namePrefix").to_owned(), word(root, "nameSuffix").to_owned());
        if affix != (String::new(), String::new()) {
            self.affixes.push(affix);
        }
    }

    /// A name without what a kustomization adds to names: an object may be called as it will be.
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
            for workload in workloads.iter_mut() {
                let keys: HashSet<&String> = added.pairs.iter().map(|(key, _)| key).collect();
                workload.pod.labels.retain(|(key, _)| !keys.contains(key));
                workload.pod.labels.extend(added.pairs.iter().cloned());
            }
            if !added.selectors {
                continue;
            }
            let of_workloads = workloads.iter_mut().filter_map(|workload| workload.selector.as_mut());
            let of_services = services.iter_mut().filter_map(|service| service.selector.as_mut());
            let of_budgets = budgets.iter_mut().filter_map(|budget| budget.selector.as_mut());
            for selector in of_workloads.chain(of_services).chain(of_budgets) {
                added.pairs.iter().for_each(|(key, value)| selector.set(key, value));
            }
        }
        for container in workloads.iter_mut().flat_map(|workload| &mut workload.pod.containers) {
            let changed = container.image.as_ref().and_then(|image| self.image(&image.value));
            if let (Some(image), Some(new)) = (&mut container.image, changed) {
                image.value = new;
            }
        }
    }

    /// What an image becomes; none where it stays.
    fn image(&self, reference: &str) -> Option<String> {
        let (name, version) = name_and_version(reference);
        let change = self.images.iter().find(|change| change.name == name)?;
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
