//! A set: the objects of one apply, with the links between them. Knows no rule.
//!
//! Files of a folder that define one object twice are alternatives: nobody applies both. Links exist within one file,
//! and between files that are not alternatives.

use super::alternatives::Alternatives;
use super::autoscaler::{self, ManifestAutoscaler};
use super::bounds::{self, DisruptionBudget, Quota, RangeItem, VolumeClaim};
use super::changed_objects::{ChangedObjects, ObjectChange};
use super::documents::Manifest;
use super::file_copies::FileCopies;
use super::label_index::LabelIndex;
use super::network::{self, NetworkService, RoutePath};
use super::seldon::{self, SeldonRuntime};
use super::selector::LabelSelector;
use super::transformers::Transformers;
use super::workload::{self, ManifestWorkload};
use crate::inputs::facts::ObjectName;
use crate::model::Val;
use crate::support::source::FileId;
use std::collections::{HashMap, HashSet};

/// The objects of one apply.
#[derive(Debug, Default)]
pub struct ManifestSet {
    /// Whether nothing else is applied with them: they are a build, a stream, or the caller says so.
    pub complete: bool,
    /// The name of each workload as a service of the layer; none of a patch.
    pub names: Vec<Option<String>>,
    /// Every object, of kinds that are read and of others.
    pub manifests: Vec<Manifest>,
    /// Objects that run pods.
    pub workloads: Vec<ManifestWorkload>,
    /// Autoscalers.
    pub autoscalers: Vec<ManifestAutoscaler>,
    /// Disruption budgets.
    pub budgets: Vec<DisruptionBudget>,
    /// Services.
    pub services: Vec<NetworkService>,
    /// Routes from outside to Services.
    pub routes: Vec<RoutePath>,
    /// Claims.
    pub claims: Vec<VolumeClaim>,
    /// Quotas.
    pub quotas: Vec<Quota>,
    /// Ranges of limits.
    pub ranges: Vec<RangeItem>,
    /// The manifests that are namespaces.
    pub(super) namespaces: Vec<usize>,
    /// Runtimes of Seldon Core 2.
    pub runtimes: Vec<SeldonRuntime>,
    /// The links of each workload.
    pub links: Vec<WorkloadLinks>,
    /// For each autoscaler the workloads that it names.
    pub targets: Vec<Vec<usize>>,
    /// For each budget the workloads that it selects.
    pub kept: Vec<Vec<usize>>,
    /// What the kustomization changes in ways that are not read.
    pub changed: ChangedObjects,
    /// Whether it contains a kustomization, which may add labels to selectors.
    pub kustomized: bool,
    /// Prefix and suffix that kustomizations add to every name of a file.
    affixes: HashMap<FileId, (String, String)>,
    copies: FileCopies,
    /// Whether services of the layer have the names that the kustomizations give them.
    pub(super) names_as_built: bool,
    /// Whether the templates of a chart write its objects: their names and kinds are in no file that was read.
    pub templated: bool,
    /// The names of fields where they are written, if the files are not manifests: field, key.
    pub own_keys: &'static [(&'static str, &'static str)],
    /// Objects that lack what every object has, in a folder whose kustomization does not name their file: nobody applies them.
    pub unused: HashSet<usize>,
    pub(super) apart: HashSet<FileId>,
    patches: HashSet<FileId>,
    named: HashSet<FileId>,
    transformers: Transformers,
    alternatives: Alternatives,
}

/// What is known of a set besides its objects.
#[derive(Debug, Default)]
pub struct SetChanges {
    /// Whether nothing else is applied with them.
    pub complete: bool,
    /// Files that only change other objects.
    pub patches: HashSet<FileId>,
    /// The namespace of every object of a file, if a kustomization sets one.
    pub namespaces: HashMap<FileId, String>,
    /// What is before and after the name of every object of a file.
    pub affixes: HashMap<FileId, (String, String)>,
    /// What is changed in ways that are not read.
    pub changed: Vec<ObjectChange>,
    /// Files that are applied by themselves.
    pub apart: HashSet<FileId>,
    /// Whether there is a kustomization.
    pub kustomized: bool,
    /// Files that were given.
    pub named: HashSet<FileId>,
    /// The transformers of kustomizations, applied to every object.
    pub(super) transformers: Transformers,
    /// Files that several kustomizations take.
    pub(super) copies: FileCopies,
}

/// The objects that act on one workload, by index.
#[derive(Clone, Debug, Default)]
pub struct WorkloadLinks {
    /// Autoscalers.
    pub autoscalers: Vec<usize>,
    /// Budgets.
    pub budgets: Vec<usize>,
    /// Services.
    pub services: Vec<usize>,
    /// Paths that lead to one of these services.
    pub routes: Vec<usize>,
}

impl ManifestSet {
    /// A set of objects.
    #[must_use]
    pub fn new(mut manifests: Vec<Manifest>, changes: SetChanges) -> ManifestSet {
        let SetChanges { complete, patches, namespaces, changed, apart, named, .. } = changes;
        let SetChanges { kustomized, affixes, transformers, copies, .. } = changes;
        let changed = ChangedObjects::new(changed);
        let mut set = ManifestSet { complete, changed, apart, kustomized, named, affixes, ..ManifestSet::default() };
        set.copies = copies;
        for manifest in &mut manifests {
            if let Some(namespace) = namespaces.get(&manifest.file) {
                let named = Some(Val::default_at(namespace.clone(), manifest.name_at()));
                // it names the Namespace itself, too, which people therefore leave as `_`
                let renamed = manifest.is_namespace().then(|| named.clone()).flatten();
                manifest.name = renamed.or_else(|| manifest.name.take());
                manifest.namespace = named;
            }
        }
        for (index, manifest) in manifests.iter().enumerate() {
            set.namespaces.extend(manifest.is_namespace().then_some(index));
            set.workloads.extend(workload::read(manifest, index).map(|mut workload| {
                workload.patch |= patches.contains(&manifest.file);
                workload
            }));
            if patches.contains(&manifest.file) {
                continue;
            }
            set.autoscalers.extend(autoscaler::read(manifest, index));
            set.budgets.extend(bounds::budget(manifest));
            set.services.extend(network::service(manifest));
            set.routes.extend(network::paths(manifest));
            set.claims.extend(bounds::claim(manifest));
            set.quotas.extend(bounds::quota(manifest));
            set.ranges.extend(bounds::ranges(manifest));
            set.runtimes.extend(seldon::read(manifest));
        }
        set.patches = patches;
        let patched = set.workloads.iter().filter(|workload| workload.patch);
        let patched = patched.map(|workload| (workload.file, workload.at)).collect();
        set.alternatives = Alternatives::of(&manifests, &patched, &|manifest| set.identity(manifest));
        set.manifests = manifests;
        transformers.apply(&mut set.workloads, &mut set.services, &mut set.budgets);
        set.transformers = transformers;
        set.link();
        set
    }

    /// Whether objects of two files can be applied together.
    #[must_use]
    pub fn together(&self, one: FileId, other: FileId) -> bool {
        one == other || (self.apart.contains(&one) == self.apart.contains(&other) && !self.alternatives.are(one, other))
    }

    fn link(&mut self) {
        let mut links = vec![WorkloadLinks::default(); self.workloads.len()];
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, workload) in self.workloads.iter().enumerate() {
            by_name.entry(&workload.object.name).or_default().push(index);
        }
        let mut targets = Vec::with_capacity(self.autoscalers.len());
        for (index, autoscaler) in self.autoscalers.iter().enumerate() {
            let of = |name: &str| by_name.get(name);
            let written = autoscaler.target_name.as_ref().map(|name| name.value.as_str());
            let named = written.and_then(|name| of(name).or_else(|| of(self.transformers.bare(name)?)));
            let named = named.into_iter().flatten().copied();
            let own: Vec<usize> = named.filter(|workload| self.scales(autoscaler, *workload)).collect();
            for workload in &own {
                links.get_mut(*workload).into_iter().for_each(|links| links.autoscalers.push(index));
            }
            targets.push(own);
        }
        let pods = LabelIndex::of(&self.workloads);
        let mut kept = Vec::with_capacity(self.budgets.len());
        for (index, budget) in self.budgets.iter().enumerate() {
            let own = self.selected(&pods, budget.selector.as_ref(), &budget.object, budget.file);
            for workload in &own {
                links.get_mut(*workload).into_iter().for_each(|links| links.budgets.push(index));
            }
            kept.push(own);
        }
        let mut behind: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, route) in self.routes.iter().enumerate() {
            for service in &route.services {
                behind.entry(&service.value).or_default().push(index);
            }
        }
        for (index, service) in self.services.iter().enumerate() {
            let routes = behind.get(service.object.name.as_str()).into_iter().flatten().copied();
            let routes: Vec<usize> = routes.filter(|route| self.leads(*route, service)).collect();
            for workload in self.selected(&pods, service.selector.as_ref(), &service.object, service.file) {
                if let Some(links) = links.get_mut(workload) {
                    links.services.push(index);
                    links.routes.extend(&routes);
                }
            }
        }
        (self.links, self.targets, self.kept) = (links, targets, kept);
    }

    /// Whether an autoscaler names this workload. Without a version of the target Kubernetes finds nothing, but the intention is clear.
    fn scales(&self, autoscaler: &ManifestAutoscaler, workload: usize) -> bool {
        let Some(workload) = self.workloads.get(workload) else { return false };
        let same = autoscaler.target_kind.value == workload.object.kind
            && same_namespace(&autoscaler.object.namespace, &workload.object.namespace);
        let group = autoscaler.target_group.as_ref().is_none_or(|group| {
            group.value == workload.object.group || group.value == "extensions" || workload.object.group == "extensions"
        });
        let copy = self.copies.is_nearest(autoscaler.file, workload.file)
            || autoscaler.target_name.as_ref().is_some_and(|name| {
                name.value != workload.object.name
                    && name.value == self.built_name(workload.file, &workload.object.name)
            });
        same && group && copy && !workload.patch && self.together(autoscaler.file, workload.file)
    }

    fn leads(&self, route: usize, service: &NetworkService) -> bool {
        self.routes.get(route).is_some_and(|route| {
            same_namespace(&route.object.namespace, &service.object.namespace)
                && self.together(route.file, service.file)
                && self.copies.is_nearest(route.file, service.file)
        })
    }

    /// The workloads whose pods a selector takes.
    fn selected(
        &self,
        pods: &LabelIndex<'_>,
        selector: Option<&LabelSelector>,
        owner: &ObjectName,
        file: FileId,
    ) -> Vec<usize> {
        let Some(selector) = selector else { return Vec::new() };
        let fits = |index: &usize| {
            self.workloads.get(*index).is_some_and(|workload| {
                selector.matches(&workload.pod.labels)
                    && !workload.patch
                    && !workload.kind.ends()
                    && same_namespace(&owner.namespace, &workload.object.namespace)
                    && self.together(file, workload.file)
            })
        };
        pods.candidates(selector).into_iter().filter(fits).collect()
    }

    /// What tells an object from others of its set: files that are taken twice have one name for two objects.
    fn identity(&self, manifest: &Manifest) -> ObjectName {
        let mut object = manifest.object();
        if self.copies.has(manifest.file) {
            object.name = self.built_name(manifest.file, &object.name);
        }
        object
    }

    /// The name of a workload as a service of the layer.
    pub(super) fn service_name(&self, workload: &ManifestWorkload) -> String {
        match self.names_as_built || self.copies.has(workload.file) {
            true => self.built_name(workload.file, &workload.object.name),
            false => workload.object.name.clone(),
        }
    }

    /// A name in a file as its kustomizations build it.
    #[must_use]
    pub fn built_name(&self, file: FileId, name: &str) -> String {
        let affixes = self.affixes.get(&file);
        affixes.map_or_else(|| name.to_owned(), |(before, after)| format!("{before}{name}{after}"))
    }

    /// Whether a file was given, and is not only what a kustomization of the set takes up.
    #[must_use]
    pub fn is_named(&self, file: FileId) -> bool {
        self.named.contains(&file)
    }

    /// The name of a field in its file.
    #[must_use]
    pub fn key(&self, field: &'static str) -> &'static str {
        self.own_keys.iter().find(|(own, _)| *own == field).map_or(field, |(_, key)| key)
    }

    /// Whether an object only changes another.
    #[must_use]
    pub fn is_patch(&self, manifest: &Manifest) -> bool {
        self.patches.contains(&manifest.file)
    }

    /// The autoscaler that changes the number of replicas of a workload.
    #[must_use]
    pub fn scaled_by(&self, workload: usize) -> Option<&ManifestAutoscaler> {
        let links = self.links.get(workload)?;
        let all = links.autoscalers.iter().filter_map(|index| self.autoscalers.get(*index));
        all.into_iter().find(|autoscaler| autoscaler.is_horizontal())
    }

    /// The namespace that every workload shares; `None` if they differ, or there is none.
    #[must_use]
    pub fn only_namespace(&self) -> Option<&str> {
        let mut spaces = self.workloads.iter().map(|workload| workload.object.namespace.as_str());
        let first = spaces.next()?;
        spaces.all(|other| other == first).then_some(first)
    }

    /// How many pods of a workload run: least and most, with the places that set them; `None` if that is not known.
    #[must_use]
    pub fn running(&self, index: usize) -> Option<(Val<u32>, Val<u32>)> {
        let workload = self.workloads.get(index)?;
        if !workload.kind.has_replicas() || workload.unknown_replicas || workload.patch {
            return None;
        }
        if let Some(autoscaler) = self.scaled_by(index) {
            let (least, most) = autoscaler.kind.bound_paths();
            if self.changes_field(&autoscaler.object, autoscaler.file, &[least, most, "spec.scaleTargetRef"]) {
                return None;
            }
            // a workload that is woken from 0 runs at least once
            let keda = autoscaler.kind == super::AutoscalerObject::ScaledObject;
            let least = Val::default_at(if keda { 0 } else { 1 }, autoscaler.target_at);
            let most = autoscaler.max.or_else(|| keda.then(|| Val::default_at(100, autoscaler.target_at)))?;
            return Some((autoscaler.min.unwrap_or(least), most));
        }
        if self.changes_field(&workload.object, workload.file, &["spec.replicas"]) {
            return None;
        }
        let number = workload.replicas.unwrap_or_else(|| Val::default_at(1, workload.at));
        Some((number, number))
    }
}

/// An absent namespace is that of the apply, so it matches any.
#[must_use]
pub fn same_namespace(one: &str, other: &str) -> bool {
    one == other || one.is_empty() || other.is_empty()
}
