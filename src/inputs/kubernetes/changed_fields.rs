//! What of a set's objects its kustomizations may change. Knows the paths of pods, no rule.

use super::changed_objects::is_around;
use super::set::ManifestSet;
use super::workload::{ManifestWorkload, WorkloadKind};
use crate::inputs::facts::ObjectName;
use crate::support::source::FileId;

impl ManifestSet {
    /// Whether something of the set that is not read changes a workload.
    #[must_use]
    pub fn is_changed(&self, workload: &ManifestWorkload) -> bool {
        self.changes_object(&workload.object) && !self.apart.contains(&workload.file)
    }

    /// Whether something of the set changes an object in ways that are not read.
    #[must_use]
    pub fn changes_object(&self, object: &ObjectName) -> bool {
        self.changed.fields(object).next().is_some()
    }

    /// Whether something of the set may change one of these fields of an object: it names the field, what is around it or a part of it.
    #[must_use]
    pub fn changes_field(&self, object: &ObjectName, file: FileId, fields: &[&str]) -> bool {
        let touched = |own: &String| fields.iter().any(|field| is_around(field, own) || is_around(own, field));
        !self.apart.contains(&file) && self.changed.fields(object).any(touched)
    }

    /// Whether something of the set may change a field of the containers of a workload, as `resources.limits.cpu`.
    #[must_use]
    pub fn changes_containers(&self, workload: &ManifestWorkload, field: &str) -> bool {
        let pod = match workload.kind {
            WorkloadKind::Pod => "spec",
            WorkloadKind::CronJob => "spec.jobTemplate.spec.template.spec",
            _ => "spec.template.spec",
        };
        let paths = ["containers", "initContainers"].map(|list| format!("{pod}.{list}.{field}"));
        self.changes_field(&workload.object, workload.file, &paths.each_ref().map(String::as_str))
    }
}
