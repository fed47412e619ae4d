//! The one table of the fields of Kubernetes' objects, for code that reads, checks or patches them. Knows no value.
//!
//! `fields.txt` holds the fields of all releases together: a field of any of them is valid. A type with `!` is one that must be
//! written. The types of other projects are those of their CustomResourceDefinitions, again of several releases together: KEDA 2.12 to
//! 2.20, Argo Rollouts 1.5 to 1.9, Knative Serving 1.16 to 1.23, the VerticalPodAutoscaler 1.0 to 1.7, Gateway API 1.0 to 1.6 (both
//! channels), Seldon Core 1.13 to 1.18; SeldonRuntime is of `seldonruntime_types.go` (Seldon Core 2).

use crate::inputs::field_rows::{FieldRow, field_rows};
use crate::support::suggest::closest;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The fields of each type.
static FIELDS: LazyLock<HashMap<&'static str, Vec<FieldRow>>> =
    LazyLock::new(|| field_rows(include_str!("fields.txt")));

/// The fields of a type of the table; `None` for a type that it does not have.
#[must_use]
pub fn fields(of: &str) -> Option<&'static [FieldRow]> {
    FIELDS.get(of).map(Vec::as_slice)
}

/// The types of the table.
pub fn types() -> impl Iterator<Item = &'static str> {
    FIELDS.keys().copied()
}

/// The types by group and version, kind.
static KINDS: LazyLock<HashMap<(&'static str, &'static str, &'static str), &'static str>> = LazyLock::new(|| {
    let lines = include_str!("typed_kinds.txt").lines().filter(|line| !line.starts_with('#'));
    let rows = lines.filter_map(|line| line.split_once(": "));
    let all = rows.flat_map(|(api_version, kinds)| {
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        kinds.split(' ').map(move |kind| {
            let (kind, of) = kind.split_once('=').unwrap_or((kind, kind));
            ((group, version, kind), of)
        })
    });
    all.collect()
});

/// The type of the objects of a kind, by the versions that Kubernetes serves.
#[must_use]
pub fn type_of(group: &str, version: &str, kind: &str) -> Option<&'static str> {
    KINDS.get(&(group, version, kind)).copied()
}

/// The groups of the kinds that are not Kubernetes' own.
const OTHER_PROJECTS: [&str; 7] = [
    "argoproj.io",
    "autoscaling.k8s.io",
    "gateway.networking.k8s.io",
    "keda.sh",
    "machinelearning.seldon.io",
    "mlops.seldon.io",
    "serving.knative.dev",
];

/// Whether the kinds of a group are defined by another project, in a CustomResourceDefinition.
#[must_use]
pub fn is_custom(group: &str) -> bool {
    OTHER_PROJECTS.contains(&group)
}

/// The kinds whose fields are known: group, version, kind and type.
pub fn typed_kinds() -> impl Iterator<Item = [&'static str; 4]> {
    KINDS.iter().map(|((group, version, kind), of)| [*group, *version, *kind, *of])
}

/// The name under which a quota counts the objects of a kind of Kubernetes: `deployments.apps`, `services`.
#[must_use]
pub fn named_plural(group: &str, kind: &str) -> Option<String> {
    KINDS.keys().find(|(own, _, known)| *own == group && *known == kind)?;
    let word = kind.to_ascii_lowercase();
    let plural = match word.strip_suffix('y') {
        // the plural is the kind's own name
        _ if word == "endpoints" => word,
        Some(stem) => format!("{stem}ies"),
        None if word.ends_with('s') => format!("{word}es"),
        None => format!("{word}s"),
    };
    Some(if group.is_empty() { plural } else { format!("{plural}.{group}") })
}

/// The first path in a value of a type that is not a field of it, and the field that was probably meant.
#[must_use]
pub fn unknown_path(of: &str, value: &Json) -> Option<(String, Option<&'static str>)> {
    let rows = fields(of)?;
    match value {
        Json::Object(entries) => entries.iter().find_map(|(key, value)| {
            let Some(row) = rows.iter().find(|row| row.name == key) else {
                return Some((key.clone(), closest(key, rows.iter().map(|row| row.name))));
            };
            let (path, meant) = unknown_path(row.kind.trim_start_matches("[]"), value)?;
            Some((format!("{key}.{path}"), meant))
        }),
        Json::Array(items) => items.iter().find_map(|item| unknown_path(of, item)),
        _ => None,
    }
}
