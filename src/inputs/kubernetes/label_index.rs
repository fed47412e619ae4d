//! Workloads by the labels of their pods, so that a selector looks at few of them. Knows no link.

use super::selector::LabelSelector;
use super::workload::ManifestWorkload;
use std::collections::HashMap;

/// Workloads by the labels of their pods.
pub(super) struct LabelIndex<'w> {
    all: usize,
    by_label: HashMap<(&'w str, &'w str), Vec<usize>>,
}

impl<'w> LabelIndex<'w> {
    pub(super) fn of(workloads: &'w [ManifestWorkload]) -> LabelIndex<'w> {
        let mut by_label: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (index, workload) in workloads.iter().enumerate() {
            for (key, value) in &workload.pod.labels {
                by_label.entry((key, value)).or_default().push(index);
            }
        }
        LabelIndex { all: workloads.len(), by_label }
    }

    /// The workloads that a selector may take: those with the rarest label that it asks for.
    pub(super) fn candidates(&self, selector: &LabelSelector) -> Vec<usize> {
        let none = Vec::new();
        let sure = selector.required().map(|label| self.by_label.get(&label).unwrap_or(&none));
        match sure.min_by_key(|all| all.len()) {
            Some(all) => all.clone(),
            None => (0..self.all).collect(),
        }
    }
}
