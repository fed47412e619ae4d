//! One field of a published schema, as its page shows it. Knows no schema and no page.

use serde_json::Value as Json;

/// One field, or one entry of a map of named things.
#[derive(Debug)]
pub(super) struct FieldPage {
    /// From the top: `services.<name>.replicas.min`.
    pub path: String,
    /// Its own part of the path.
    pub name: String,
    /// Its anchor.
    pub id: String,
    /// What it is for.
    pub description: String,
    /// The form of its value.
    pub kind: String,
    /// The value if none is written.
    pub default: Option<Json>,
    /// Values that the schema shows.
    pub examples: Vec<Json>,
    /// The words it takes, each with what it means.
    pub choices: Vec<(String, String)>,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it has fields of its own: they follow it in the list, one level deeper.
    pub parent: bool,
    /// How many fields it is below.
    pub depth: usize,
}
