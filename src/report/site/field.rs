//! One field of a published schema, as its page shows it. Knows no schema and no page.

use serde_json::Value as Json;

/// One field, or one entry of a map of named things.
#[derive(Debug)]
pub(super) struct FieldPage {
    /// From the top: `services.<name>.replicas.min`.
    pub path: String,
    /// Its last key.
    pub name: String,
    /// Its anchor.
    pub id: String,
    /// Its description.
    pub description: String,
    /// The type of its value.
    pub kind: String,
    /// Its default.
    pub default: Option<Json>,
    /// Its examples.
    pub examples: Vec<Json>,
    /// The allowed words, each with its meaning.
    pub choices: Vec<(String, String)>,
    /// Whether it is required.
    pub required: bool,
    /// Whether it has fields of its own: they follow it in the list, one level deeper.
    pub parent: bool,
    /// Its depth: the number of fields above it.
    pub depth: usize,
}
