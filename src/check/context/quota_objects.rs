//! What a namespace's quota counts besides pods, in manifests. Knows no rule.

use super::{Context, RunningPods};
use crate::inputs::kubernetes::{CountedKind, Manifest, ManifestSet, Quota, WorkloadKind};
use crate::support::source::FileSpan;
use std::collections::HashSet;

/// Objects that a line of a quota counts, with one amount each.
#[derive(Debug)]
pub struct CountedObjects {
    /// For people: the object, or the claim and the workload that makes it.
    pub name: String,
    /// What to underline.
    pub at: FileSpan,
    /// How many of them there are at most.
    pub most: u32,
    /// The bytes or the number that one of them counts.
    pub each: u128,
}

impl Context<'_> {
    /// What stands in manifests of a quota's namespace and is counted under this key, and whether that is bytes; `None` for a key of
    /// another kind.
    #[must_use]
    pub fn objects_under_quota(
        &self,
        set: &ManifestSet,
        quota: &Quota,
        key: &str,
    ) -> Option<(Vec<CountedObjects>, bool)> {
        let kind = CountedKind::of(key)?;
        let mut known = HashSet::new();
        let own = set.manifests.iter().enumerate().filter(|(index, manifest)| {
            let object = manifest.object();
            !set.unused.contains(index)
                && object.namespace == quota.object.namespace
                && set.together(manifest.file, quota.file)
                && !object.name.is_empty()
                && known.insert((object.group, object.kind, object.name))
        });
        let one = |(_, manifest): (usize, &Manifest)| {
            let (name, at) = (manifest.object().name, manifest.name_at().place());
            Some(CountedObjects { name, at, most: 1, each: kind.amount(manifest)? })
        };
        let mut all: Vec<CountedObjects> = own.filter_map(one).collect();
        self.claims_of_workloads(set, quota, kind, &mut all);
        Some((all, kind.is_storage()))
    }

    /// The claims that StatefulSets make for each replica.
    fn claims_of_workloads(
        &self,
        set: &ManifestSet,
        quota: &Quota,
        kind: CountedKind<'_>,
        all: &mut Vec<CountedObjects>,
    ) {
        let running: RunningPods<'_> = self.running(set);
        for (index, workload) in set.workloads.iter().enumerate() {
            let own = workload.kind == WorkloadKind::StatefulSet && !workload.patch;
            let here = workload.object.namespace == quota.object.namespace && set.together(workload.file, quota.file);
            let manifest = set.manifests.get(workload.manifest).filter(|_| own && here);
            let Some((manifest, (_, most))) = manifest.zip(running.of(index)) else { continue };
            for (claim, at, each) in kind.templates(manifest) {
                let name = format!("{claim} of {}", workload.object.name);
                all.push(CountedObjects { name, at, most: most.value, each });
            }
        }
    }
}
