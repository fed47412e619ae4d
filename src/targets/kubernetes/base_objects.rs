//! The objects of a base that services are laid over: their final names, and what acts on them. Writes nothing.

use super::metadata::Labels;
use crate::inputs::base::{BaseMember, BaseProject};
use crate::inputs::kubernetes::{
    DisruptionBudget, Manifest, ManifestAutoscaler, ManifestSet, ManifestWorkload, container_names, named,
};
use crate::plan::Val;
use std::collections::HashMap;

/// The workloads of a base, by their names in its layer.
pub(super) struct BaseObjects<'b> {
    pub(super) project: &'b BaseProject,
    pub(super) set: &'b ManifestSet,
    by_name: HashMap<String, usize>,
}

impl<'b> BaseObjects<'b> {
    /// Those of a base of manifests; empty for another format.
    pub(super) fn of(project: &'b BaseProject) -> Option<BaseObjects<'b>> {
        let set = project.manifests.as_deref()?;
        let by_name = named(set).map(|(name, index, _)| (name, index)).collect();
        Some(BaseObjects { project, set, by_name })
    }

    /// Whether a file of the base could not be read.
    pub(super) fn is_partial(&self) -> bool {
        self.project.partial()
    }

    /// The object that a service is laid over.
    pub(super) fn find(&self, name: &str) -> Option<OverBase<'b>> {
        let (project, set) = (self.project, self.set);
        let index = *self.by_name.get(name)?;
        let workload = set.workloads.get(index)?;
        let links = set.links.get(index)?;
        let kept = links.budgets.iter().filter_map(|budget| set.budgets.get(*budget));
        Some(OverBase {
            project,
            set,
            workload,
            member: project.service(name)?,
            scaler: set.scaled_by(index),
            budget: kept.into_iter().find(|budget| budget.keeps.is_some()),
            changed: set.is_changed(workload),
        })
    }
}

/// One object of the base with what acts on it.
pub(super) struct OverBase<'b> {
    pub(super) project: &'b BaseProject,
    pub(super) set: &'b ManifestSet,
    pub(super) workload: &'b ManifestWorkload,
    pub(super) member: &'b BaseMember,
    pub(super) scaler: Option<&'b ManifestAutoscaler>,
    pub(super) budget: Option<&'b DisruptionBudget>,
    /// Whether a kustomization changes it in ways that are not read, so that its values are unknown.
    pub(super) changed: bool,
}

impl OverBase<'_> {
    /// The version of its API.
    pub(super) fn api_version(&self) -> &str {
        self.manifest().and_then(|manifest| manifest.api_version.as_ref()).map_or("apps/v1", |version| &version.value)
    }

    /// Its name after the base's transformers.
    pub(super) fn name(&self) -> String {
        self.set.built_name(self.workload.file, &self.workload.object.name)
    }

    /// The name of its autoscaler, after the base's transformers.
    pub(super) fn scaler_name(&self) -> Option<String> {
        self.scaler.map(|scaler| self.set.built_name(scaler.file, &scaler.object.name))
    }

    /// Its namespace, after the base's transformers.
    pub(super) fn namespace(&self) -> Option<String> {
        let namespace = &self.workload.object.namespace;
        (!namespace.is_empty()).then(|| namespace.clone())
    }

    /// The labels that select its pods: those of its own selector, else those of its pods.
    pub(super) fn selected(&self) -> Labels {
        let owned = |(key, value): (&str, &str)| (key.to_owned().into(), value.to_owned());
        let selector = self.workload.selector.as_ref().filter(|selector| selector.is_plain() && !selector.is_empty());
        let pods = || self.workload.pod.labels.iter().map(|(key, value)| owned((key, value))).collect();
        selector.map_or_else(pods, |selector| selector.required().map(owned).collect())
    }

    pub(super) fn manifest(&self) -> Option<&Manifest> {
        self.set.manifests.get(self.workload.manifest)
    }

    /// A value that must be written: the spec sets it, and the base has another or none.
    pub(super) fn written<'v, T: Copy>(
        &self,
        value: Option<&'v Val<T>>,
        own: Option<T>,
        same: impl Fn(T, T) -> bool,
    ) -> Option<&'v Val<T>> {
        let is_known = |value: &T| !self.changed && own.is_some_and(|own| same(own, *value));
        value.filter(|value| value.is_of_spec() && !is_known(&value.value))
    }

    /// The names of its containers, in the order written.
    pub(super) fn container_names(&self) -> Vec<String> {
        container_names(self.set, self.workload)
    }

    /// `Deployment web of k8s/web.yaml`, for messages.
    pub(super) fn title(&self) -> String {
        format!("{} {} of {}", self.workload.object.kind, self.workload.object.name, self.project.name)
    }
}
