//! Which kinds Kubernetes itself has, and what was meant by one that it has not. Knows no field.
//!
//! A CustomResourceDefinition adds kinds in groups of its own, whose name holds a dot. So an unknown kind is only told where what was
//! meant is plain: a near name in the same group, or the very name in another.

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
    /// What it has.
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

/// What is wrong with the kind or the version of an object; `None` if it may be right.
pub(super) fn unknown_kind(manifest: &Manifest) -> Option<Finding> {
    let (group, kind) = (manifest.group.as_str(), manifest.kind.as_str());
    let written = manifest.api_version.as_ref()?;
    if KINDS.iter().any(|row| row.group() == group && row.kinds.contains(&kind))
        || removed(group, &manifest.version, kind).is_some()
        || kind.ends_with("List")
    {
        return None;
    }
    let of_group: Vec<&str> =
        KINDS.iter().filter(|row| row.group() == group).flat_map(|row| row.kinds.iter().copied()).collect();
    if let Some(near) = closest(kind, of_group.iter().copied()) {
        let message = format!("`{kind}` is no kind of {}: the API server refuses it", written.value);
        let finding = Finding::of("refused-by-api", manifest.at.place(), message);
        return Some(finding.help(format!("did you mean `{near}`?")));
    }
    // a group of somebody else's may have a kind of the same name
    if group.contains('.') && of_group.is_empty() {
        return None;
    }
    let homes = || KINDS.iter().filter(|row| row.kinds.contains(&kind));
    // kinds of the core group are words of everyday, which other tools use for files of their own
    let is_own_group = !of_group.is_empty() || closest(group, homes().map(ServedKinds::group)).is_some();
    let home = homes().rfind(|row| is_own_group && !row.api_version.contains("alpha"))?;
    let message = format!("{} has no `{kind}`: the API server refuses it", written.value);
    let finding = Finding::of("refused-by-api", written.at.place(), message);
    Some(finding.help(format!("write `apiVersion: {}`", home.api_version)))
}
