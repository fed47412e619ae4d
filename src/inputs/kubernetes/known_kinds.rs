//! The kinds that Kubernetes itself has, and which of them an unknown kind was meant to be. Knows no field.
//!
//! A CustomResourceDefinition adds kinds in groups of its own, whose names contain a dot. So an unknown kind is reported only if the intended
//! one is clear: a near name in the same group, or the same name in another.

use super::documents::Manifest;
use super::removed::removed;
use crate::support::diagnostic::Finding;
use crate::support::suggest::closest;
use std::sync::LazyLock;

/// The kinds of one group and version.
#[derive(Clone, Debug)]
pub struct ServedKinds {
    /// `apps/v1`.
    pub api_version: &'static str,
    /// Its kinds.
    pub kinds: Vec<&'static str>,
}

impl ServedKinds {
    fn group(&self) -> &'static str {
        self.api_version.rsplit_once('/').map_or("", |(group, _)| group)
    }
}

static KINDS: LazyLock<Vec<ServedKinds>> = LazyLock::new(|| {
    let lines = include_str!("kinds.txt").lines().filter(|line| !line.starts_with('#'));
    let row = |line: &'static str| {
        let (api_version, kinds) = line.split_once(": ")?;
        Some(ServedKinds { api_version, kinds: kinds.split(' ').collect() })
    };
    lines.filter_map(row).collect()
});

/// The kinds by group and version.
#[must_use]
pub fn served_kinds() -> &'static [ServedKinds] {
    &KINDS
}

/// Kinds that OpenShift had in the core group before it had groups of its own, and that `oc process` still reads there: openshift/api,
/// `template/v1/legacy.go`. Its other kinds of that time are near no kind of Kubernetes.
const OPENSHIFT_TEMPLATES: [&str; 3] = ["Template", "TemplateConfig", "ProcessedTemplate"];

/// The fault of an object's kind or version; `None` if it may be right.
pub(super) fn unknown_kind(manifest: &Manifest) -> Option<Finding> {
    let (group, kind) = (manifest.group.as_str(), manifest.kind.as_str());
    let written = manifest.api_version.as_ref()?;
    if KINDS.iter().any(|row| row.group() == group && row.kinds.contains(&kind))
        || removed(group, &manifest.version, kind).is_some()
        || kind.ends_with("List")
        || (group.is_empty() && OPENSHIFT_TEMPLATES.contains(&kind))
    {
        return None;
    }
    let of_group: Vec<&str> =
        KINDS.iter().filter(|row| row.group() == group).flat_map(|row| row.kinds.iter().copied()).collect();
    if let Some(near) = closest(kind, of_group.iter().copied()) {
        let message = format!("`{kind}` is not a kind of {}: the API server refuses it", written.value);
        let finding = Finding::of("refused-by-api", manifest.at.place(), message);
        return Some(finding.help(format!("did you mean `{near}`?")));
    }
    // another project's group may have a kind of the same name
    if group.contains('.') && of_group.is_empty() {
        return None;
    }
    let homes = || KINDS.iter().filter(|row| row.kinds.contains(&kind));
    // kinds of the core group are everyday words, which other tools use in files of their own
    let is_own_group = !of_group.is_empty() || closest(group, homes().map(ServedKinds::group)).is_some();
    let home = homes().rfind(|row| is_own_group && !row.api_version.contains("alpha"))?;
    let message = format!("{} has no `{kind}`: the API server refuses it", written.value);
    let finding = Finding::of("refused-by-api", written.at.place(), message);
    Some(finding.help(format!("write `apiVersion: {}`", home.api_version)))
}
