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

/// `commonLabels`, an item of `labels`, or a LabelTransformer.
#[derive(Debug)]
struct AddedLabels {
    pairs: Vec<(String, String)>,
    selectors: LabelledKinds,
    templates: LabelledKinds,
    files: KustomizedFiles,
}

/// The kinds that get labels at one of their places.
#[derive(Clone, Debug, PartialEq, Eq)]
enum LabelledKinds {
    /// All of them.
    All,
    /// These; none if it is empty.
    Named(Vec<String>),
}

impl LabelledKinds {
    fn of(all: bool) -> LabelledKinds {
        if all { LabelledKinds::All } else { LabelledKinds::Named(Vec::new()) }
    }

    fn has(&self, kind: &str) -> bool {
        match self {
            LabelledKinds::All => true,
            LabelledKinds::Named(kinds) => kinds.iter().any(|own| own == kind),
        }
    }

    /// Adds a kind, or all where none is named.
    fn add(&mut self, kind: &str) {
        match self {
            LabelledKinds::Named(_) if kind.is_empty() => *self = LabelledKinds::All,
            LabelledKinds::Named(kinds) => kinds.push(kind.to_owned()),
            LabelledKinds::All => {}
        }
    }
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
            let (selectors, templates) = (LabelledKinds::All, LabelledKinds::All);
            self.labels.push(AddedLabels { pairs: common, selectors, templates, files });
        }
        for item in items(root, "labels") {
            let is = |key: &str| flag(entry(item, key)).is_some_and(|flag| flag.value);
            let selectors = is("includeSelectors");
            let templates = LabelledKinds::of(selectors || is("includeTemplates"));
            let (selectors, files) = (LabelledKinds::of(selectors), Rc::clone(files));
            self.labels.push(AddedLabels { pairs: pairs(entry(item, "pairs")), selectors, templates, files });
        }
        items(root, "images").for_each(|item| self.add_image(item, files));
        let affix = (word(root, "namePrefix").to_owned(), word(root, "nameSuffix").to_owned());
        if affix != (String::new(), String::new()) {
            self.affixes.push(affix);
        }
    }

    /// Adds an item of `images`, or the `imageTag` of an ImageTagTransformer.
    fn add_image(&mut self, item: &Node, files: &KustomizedFiles) {
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

    /// Adds a transformer of kustomize that is written as an object of its own.
    pub(super) fn add(&mut self, config: &Node, files: &KustomizedFiles) {
        if let Some(image) = entry(config, "imageTag") {
            self.add_image(&image.node, files);
        }
        let pairs = pairs(entry(config, "labels"));
        if let Some((templates, selectors)) = labelled(config).filter(|_| !pairs.is_empty()) {
            self.labels.push(AddedLabels { pairs, selectors, templates, files: Rc::clone(files) });
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
        for added in &self.labels {
            let takes = |file: FileId| added.files.contains(&file);
            let templates = |workload: &ManifestWorkload| added.templates.has(&workload.object.kind);
            for workload in workloads.iter_mut().filter(|workload| takes(workload.file) && templates(workload)) {
                let keys: HashSet<&String> = added.pairs.iter().map(|(key, _)| key).collect();
                workload.pod.labels.retain(|(key, _)| !keys.contains(key));
                workload.pod.labels.extend(added.pairs.iter().cloned());
            }
            let named = |kind: &str| added.selectors.has(kind);
            let of_workloads = workloads.iter_mut().filter(|workload| named(&workload.object.kind));
            let of_workloads = of_workloads.map(|workload| (workload.file, workload.selector.as_mut()));
            let of_services = services.iter_mut().map(|service| (service.file, service.selector.as_mut()));
            let of_budgets = budgets.iter_mut().map(|budget| (budget.file, budget.selector.as_mut()));
            let of_services = of_services.filter(|_| named("Service"));
            let of_budgets = of_budgets.filter(|_| named("PodDisruptionBudget"));
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

    /// The new image in place of a file's image; `None` if it stays. Each change sees what the ones before it made.
    fn image(&self, reference: &str, file: FileId) -> Option<String> {
        let mut own = reference.to_owned();
        for change in self.images.iter().filter(|change| change.files.contains(&file)) {
            let (name, version) = name_and_version(&own);
            if name == change.name {
                let name = if change.new_name.is_empty() { name } else { &change.new_name };
                let version = if change.version.is_empty() { version } else { &change.version };
                own = format!("{name}{version}");
            }
        }
        (own != reference).then_some(own)
    }
}

/// The kinds whose templates and whose selectors a LabelTransformer sets; `None` if it sets them in ways that are not known.
fn labelled(config: &Node) -> Option<(LabelledKinds, LabelledKinds)> {
    let (mut templates, mut selectors) = (LabelledKinds::of(false), LabelledKinds::of(false));
    for spec in items(config, "fieldSpecs") {
        if ["group", "version"].iter().any(|key| entry(spec, key).is_some()) {
            return None;
        }
        let kind = word(spec, "kind");
        match word(spec, "path") {
            "spec/template/metadata/labels" if kind != "CronJob" => templates.add(kind),
            "spec/jobTemplate/spec/template/metadata/labels" => templates.add("CronJob"),
            "spec/selector/matchLabels" => selectors.add(kind),
            // other kinds have no plain selector
            "spec/selector" if kind == "Service" => selectors.add(kind),
            // an object's own labels choose nothing
            "metadata/labels" | "spec/volumeClaimTemplates[]/metadata/labels" | "spec/jobTemplate/metadata/labels" => {}
            _ => return None,
        }
    }
    Some((templates, selectors))
}

/// Whether a LabelTransformer does only what is known.
pub(super) fn sets_known_labels(config: &Node) -> bool {
    labelled(config).is_some()
}

/// `registry:5000/web` and `:1.0`, or `@sha256:…`.
fn name_and_version(reference: &str) -> (&str, &str) {
    let last = reference.rfind('/').map_or(0, |slash| slash + 1);
    let start = reference.get(last..).and_then(|end| end.find(['@', ':'])).map_or(reference.len(), |at| last + at);
    reference.split_at_checked(start).unwrap_or((reference, ""))
}
