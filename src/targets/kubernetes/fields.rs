//! Which fields the objects have that are written here, down to the last: the API server prunes or refuses others. Knows no value.
//!
//! `fields.txt` holds a type a line, its fields with the type of what stands below them; `[]` marks a list of it. From the
//! schemas of Kubernetes 1.37, which has every field of the releases before it; of a ScaledObject (KEDA 2.20) the first level;
//! of an HTTPRoute (Gateway API 1.4, both channels) all but filters.

use crate::support::suggest::closest;
use serde_json::Value as Json;

const FIELDS: &str = include_str!("fields.txt");

/// The fields of a type; none where the type is not known, and then nothing below it is judged.
fn fields(kind: &str) -> Option<impl Iterator<Item = (&'static str, Option<&'static str>)> + Clone> {
    let line = FIELDS.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(": "))?;
    Some(line.split(' ').map(|field| match field.split_once('=') {
        Some((name, below)) => (name.trim_end_matches("[]"), Some(below)),
        None => (field, None),
    }))
}

/// The first path in a value of this type that names no field of it, and the field that was probably meant.
pub(super) fn unknown(kind: &str, value: &Json) -> Option<(String, Option<&'static str>)> {
    let known = fields(kind)?;
    match value {
        Json::Object(entries) => entries.iter().find_map(|(key, value)| {
            let Some((_, below)) = known.clone().find(|(name, _)| name == key) else {
                return Some((key.clone(), closest(key, known.clone().map(|(name, _)| name))));
            };
            let (path, meant) = unknown(below?, value)?;
            Some((format!("{key}.{path}"), meant))
        }),
        Json::Array(items) => items.iter().find_map(|item| unknown(kind, item)),
        _ => None,
    }
}
